//! A session of the gateway, and how far all that came over it is stored.

use std::collections::VecDeque;

use tokio::sync::oneshot;

/// A session that may go on over another connection.
#[derive(Debug, Default)]
pub(super) struct QqSession {
    pub(super) id: String,
    /// The last event up to which all is stored.
    pub(super) stored: u64,
    /// The bot's name, once told.
    pub(super) name: String,
}

/// Events that were handed in and are not known to be stored, in order.
#[derive(Default)]
pub(super) struct PendingEvents(VecDeque<(u64, Option<oneshot::Receiver<()>>)>);

impl PendingEvents {
    pub(super) fn push(
        &mut self,
        seq: Option<u64>,
        heard: Option<oneshot::Receiver<()>>,
        session: &mut QqSession,
    ) {
        let Some(seq) = seq else { return };
        if heard.is_none() && self.0.is_empty() {
            session.stored = session.stored.max(seq);
            return;
        }
        self.0.push_back((seq, heard));
    }

    pub(super) fn waits(&self) -> bool {
        !self.0.is_empty()
    }

    /// Wait until it is known what became of the first; `true`: it is stored.
    pub(super) async fn first_stored(&mut self) -> bool {
        match self.0.front_mut() {
            Some((_, Some(told))) => told.await.is_ok(),
            _ => true,
        }
    }

    /// `false`: it was not stored, and nothing after it counts.
    pub(super) fn take_first(&mut self, is_stored: bool, session: &mut QqSession) -> bool {
        if let Some((seq, _)) = self.0.pop_front().filter(|_| is_stored) {
            session.stored = session.stored.max(seq);
        }
        is_stored
    }

    /// Take note of all that is known to be stored by now; `false`: something was not.
    pub(super) fn drain(&mut self, session: &mut QqSession) -> bool {
        while let Some((_, told)) = self.0.front_mut() {
            let is_stored = match told.as_mut().map(oneshot::Receiver::try_recv) {
                None | Some(Ok(())) => true,
                Some(Err(oneshot::error::TryRecvError::Empty)) => return true,
                Some(Err(oneshot::error::TryRecvError::Closed)) => false,
            };
            if !self.take_first(is_stored, session) {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_stored_is_not_asked_for_again() {
        let (mut session, mut pending) = (QqSession::default(), PendingEvents::default());
        let (first, told_first) = oneshot::channel();
        let (second, told_second) = oneshot::channel();
        pending.push(Some(1), None, &mut session);
        pending.push(Some(2), Some(told_first), &mut session);
        pending.push(Some(3), Some(told_second), &mut session);
        pending.push(Some(4), None, &mut session);
        second.send(()).unwrap();
        assert!(pending.drain(&mut session));
        assert_eq!(session.stored, 1, "what is before it may still be lost");
        first.send(()).unwrap();
        assert!(pending.drain(&mut session));
        assert_eq!(session.stored, 4);
        let (third, told_third) = oneshot::channel::<()>();
        pending.push(Some(5), Some(told_third), &mut session);
        drop(third);
        assert!(!pending.drain(&mut session), "it must come again");
        assert_eq!(session.stored, 4);
    }
}
