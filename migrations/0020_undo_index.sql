-- Whoever takes back looks through the lane's last decisions by key: an index for that alone cost every order.

drop index decision_undoable;
