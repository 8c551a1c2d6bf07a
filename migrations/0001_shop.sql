-- The shop's books. Every key begins with the lane and, for facts of a shop, the community: every
-- statement of a batch names its lane, no constraint spans communities, ids are made by the program,
-- and there are no triggers, sequences or deferred constraints. So the same schema can be distributed.

-- Reference: small, shop-wide.

create table setting (
    key text not null,
    value jsonb not null,
    constraint setting_key primary key (key)
);
comment on table setting is 'Facts fixed when the database was made (number of lanes) and the demo''s clock.';

create table policy (
    version integer not null,
    body jsonb not null,
    fingerprint text not null,
    loaded_at timestamptz not null,
    constraint policy_key primary key (version)
);
comment on table policy is 'Numbered versions of the operator''s checked configuration file.';

create table account (
    account_id integer not null,
    key text not null,
    platform text not null,
    lag_ms integer not null default 0,
    constraint account_id_key primary key (account_id),
    constraint account_name_once unique (key)
);
comment on table account is 'The bot''s login on one platform; 0 is the shop itself.';
comment on column account.lag_ms is 'How long after its time a message may still arrive there.';

create table lease (
    what text not null,
    owner text not null,
    epoch bigint not null,
    until timestamptz not null,
    constraint lease_key primary key (what)
);
comment on table lease is 'Which process holds an account. Lanes carry their own lease.';

-- Transport: by lane and platform account.

create table lane (
    lane smallint not null,
    owner text,
    epoch bigint not null default 0,
    leased_until timestamptz,
    done_seq bigint not null default 0,
    constraint lane_key primary key (lane)
) with (fillfactor = 50);
comment on table lane is 'One row a lane: who works on it, under which epoch, and how far it is done. Each batch locks it first.';

create table lane_intake (
    lane smallint not null,
    last_seq bigint not null default 0,
    constraint lane_intake_key primary key (lane)
) with (fillfactor = 50);
comment on table lane_intake is 'The last place given out in each lane: the order of storing is the order of handling.';

create table chat (
    lane smallint not null,
    account_id integer not null,
    chat_key text not null,
    community_id bigint not null,
    closed_at timestamptz,
    closed_because text,
    constraint chat_pk primary key (lane, account_id, chat_key)
);
create index chat_by_key on chat (account_id, chat_key);
comment on column chat.closed_at is 'The platform refuses what is sent there since then; cleared when something is heard from it.';
comment on table chat is 'Group chats and the communities they are linked to. A chat''s lane never changes.';

create table link_code (
    code_hash text not null,
    lane smallint not null,
    community_id bigint not null,
    expires_at timestamptz not null,
    constraint link_code_key primary key (code_hash)
);
comment on table link_code is 'One-time codes that link a group chat to a community; only their hashes. Deleted when used or too old.';

create table link_attempt (
    account_id integer not null,
    who text not null,
    wrong integer not null,
    last_at timestamptz not null,
    constraint link_attempt_key primary key (account_id, who)
);
comment on table link_attempt is 'Wrong codes by chat and by user: after five, linking is closed to them for an hour.';

create table greeting (
    account_id integer not null,
    chat_key text not null,
    key text not null,
    constraint greeting_key primary key (account_id, chat_key)
);
comment on table greeting is 'Groups that the bot was added to before they are linked, and the update it greeted them for last.';

create table invite_link (
    lane smallint not null,
    account_id integer not null,
    chat_key text not null,
    label text not null,
    link text not null,
    constraint invite_link_key primary key (lane, account_id, chat_key, label)
);
comment on table invite_link is 'Invite links that the platform made for members, by their invite codes.';

create table inbox (
    lane smallint not null,
    account_id integer not null,
    key text not null,
    seq bigint not null,
    community_id bigint not null,
    at timestamptz not null,
    stored_at timestamptz not null,
    body bytea,
    constraint inbox_once primary key (lane, account_id, key),
    constraint inbox_seq_once unique (lane, seq)
);
comment on table inbox is 'Every cause: message, join, timer, notice, command. Unique by key, so it counts once. Handled when seq <= lane.done_seq.';
comment on column inbox.body is 'Sealed; blanked after inbox_days.';
comment on column inbox.at is 'When it happened, fixed at storing; the only time that deciding knows.';

create table parked (
    lane smallint not null,
    seq bigint not null,
    community_id bigint not null,
    error text not null,
    parked_at timestamptz not null,
    retried boolean not null default false,
    constraint parked_key primary key (lane, seq)
);
comment on table parked is 'Events that failed alone, twice. An operator looks and may have them tried again.';

create table decision (
    lane smallint not null,
    seq bigint not null,
    ordinal smallint not null,
    community_id bigint not null,
    member_id bigint,
    order_id bigint,
    what text not null,
    refused text,
    outcome jsonb,
    at timestamptz not null,
    constraint decision_key primary key (lane, seq, ordinal)
);
comment on table decision is 'What was understood from an event and what came of it; no free text. Kept when bodies are blanked.';
comment on column decision.outcome is 'What came of an operator''s command, row by row: numbers and reasons, nobody''s words.';

create table timer (
    lane smallint not null,
    account_id integer not null default 0,
    due_at timestamptz not null,
    community_id bigint not null,
    key text not null,
    body jsonb not null,
    constraint timer_key primary key (lane, account_id, due_at, community_id, key)
);
comment on table timer is 'What is to happen when. Falling due, a timer becomes an event of the inbox; the batch that handles it deletes it.';

create table outbox (
    lane smallint not null,
    account_id integer not null,
    seq bigint not null,
    ordinal smallint not null,
    community_id bigint not null,
    chat_key text not null,
    to_key text,
    private boolean not null,
    receipt boolean not null,
    body bytea not null,
    at timestamptz not null,
    state text,
    send_id text,
    message_id text,
    tries smallint not null default 0,
    constraint outbox_key primary key (lane, account_id, seq, ordinal),
    constraint outbox_state_known check (state in ('waiting', 'sent', 'unknown', 'dead'))
);
create index outbox_late on outbox (lane, account_id, seq, ordinal) where state = 'waiting';
comment on table outbox is 'Every message to send, keyed by its cause. Merged messages share a send_id.';
comment on column outbox.state is 'Null: sent when outbox_mark has passed it, else waiting. Written only where that is not the whole truth.';

create table outbox_mark (
    lane smallint not null,
    account_id integer not null,
    seq bigint not null default 0,
    ordinal smallint not null default 0,
    sending bytea,
    constraint outbox_mark_key primary key (lane, account_id)
) with (fillfactor = 10);
comment on table outbox_mark is 'Everything up to here is sent, but for what says otherwise: one mark for each turn of the sender instead of a change of every message.';
comment on column outbox_mark.sending is 'The sends under way, committed before the platform is called: ids, fixed texts and the messages they carry; sealed.';

create view message_state as
    select o.lane, o.account_id, o.seq, o.ordinal, o.community_id,
           coalesce(o.state, case when (o.seq, o.ordinal) <= (m.seq, m.ordinal) then 'sent' else 'waiting' end) as state
    from outbox o left join outbox_mark m using (lane, account_id);
comment on view message_state is 'What became of every message.';

-- Facts of the shops: by lane and community.

create table community (
    lane smallint not null,
    community_id bigint not null,
    slug text not null,
    name text not null,
    locale text not null,
    time_zone text not null,
    currency text not null,
    policy_version integer not null,
    account_id integer not null,
    chat_key text,
    constraint community_key primary key (lane, community_id)
) with (fillfactor = 50);
comment on table community is 'One community (社群). It numbers its members, offers, orders and withdrawals from 1; the last of each is the last number given.';

create table member (
    lane smallint not null,
    community_id bigint not null,
    member_id bigint not null,
    account_id integer not null,
    user_key text not null,
    name text not null,
    role text not null,
    present boolean not null,
    founding boolean not null,
    promoter boolean not null,
    joined_at timestamptz not null,
    inviter_id bigint,
    evidence text,
    bound_at timestamptz,
    claim_id bigint,
    asked_by_id bigint,
    code text not null,
    first_paid_at timestamptz,
    streak_from date,
    streak_to date,
    question bytea,
    shares_waiting smallint not null,
    private bytea,
    constraint member_key primary key (lane, community_id, member_id),
    constraint member_once unique (lane, community_id, account_id, user_key),
    constraint member_code_once unique (lane, community_id, code),
    constraint member_not_own_inviter check (inviter_id <> member_id),
    constraint member_bond_whole check (num_nulls(inviter_id, evidence, bound_at) in (0, 3)),
    constraint member_role_known check (role in ('member', 'leader', 'operator'))
) with (fillfactor = 80);
create index member_by_name on member (lane, community_id, name);
create index member_by_inviter on member (lane, community_id, inviter_id) where inviter_id is not null;
create index member_leaders on member (lane, community_id) where role <> 'member';
comment on table member is 'One person (会员) in one community, and who brought them.';
comment on column member.question is 'The question not answered yet; sealed.';
comment on column member.private is 'Address, pick-up, payee; sealed.';

create view alarm as
    select t.lane, t.community_id, t.due_at, t.key, t.body, a.account_id as waits_for,
           t.due_at + coalesce(a.lag_ms, 0) * interval '1 millisecond' as fires_at
    from timer t
    left join community c on t.key = 'close' and c.lane = t.lane and c.community_id = t.community_id
    left join account a on a.account_id = c.account_id and a.lag_ms > 0
    where t.account_id = 0;
comment on view alarm is 'When timers fire. Offers close when what was said before has arrived: waits_for is the account it comes from.';

create table bond (
    lane smallint not null,
    community_id bigint not null,
    seq bigint not null,
    ordinal smallint not null,
    member_id bigint not null,
    inviter_id bigint,
    evidence text not null,
    refused text,
    reason text,
    at timestamptz not null,
    constraint bond_key primary key (lane, community_id, seq, ordinal)
);
comment on table bond is 'Every attempt to bind a member to an inviter (归属), with its evidence and, if refused, why.';
comment on column bond.reason is 'An operator''s reason for binding anew.';

create table offer (
    lane smallint not null,
    community_id bigint not null,
    offer_id bigint not null,
    code text not null,
    state text not null,
    price_minor bigint not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    drop_key text,
    detail jsonb not null,
    constraint offer_key primary key (lane, community_id, offer_id),
    constraint offer_state_known check (state in ('open', 'closed')),
    constraint offer_price_positive check (price_minor > 0)
);
create unique index offer_code_once on offer (lane, community_id, code) where state = 'open';
comment on table offer is 'An item on sale in a community for a window (开团); words and terms are copies.';

create table offer_count (
    lane smallint not null,
    community_id bigint not null,
    offer_id bigint not null,
    initial bigint[] not null,
    units_left bigint[] not null,
    sold bigint not null,
    sold_out_said boolean not null,
    constraint offer_count_key primary key (lane, community_id, offer_id),
    constraint offer_count_not_oversold check (0 <= all (units_left)),
    constraint offer_count_sold_not_negative check (sold >= 0)
) with (fillfactor = 30);
comment on table offer_count is 'Stock and sales of an offer: one element for all variants together, or one each; no element: unlimited.';

create table orders (
    lane smallint not null,
    community_id bigint not null,
    order_id bigint not null,
    member_id bigint not null,
    state text not null,
    closes_at timestamptz not null,
    hold_until timestamptz not null,
    warned boolean not null default false,
    prolonged smallint not null default 0,
    placed_at timestamptz not null,
    paid_at timestamptz,
    received_minor bigint not null default 0,
    points_worth_minor bigint not null default 0,
    points_spent bigint not null default 0,
    points_per_minor bigint,
    points_times integer,
    points_granted bigint not null default 0,
    shipped_at timestamptz,
    received_at timestamptz,
    due_at timestamptz,
    said_print bigint,
    said_at timestamptz,
    private bytea,
    constraint orders_points_terms check (
        num_nulls(points_per_minor, points_times) in (0, 2)
        and points_per_minor > 0 and points_times between 10000 and 100000000),
    constraint orders_key primary key (lane, community_id, order_id),
    constraint orders_state_known check (state in ('placed', 'paid', 'shipped', 'received', 'cancelled', 'refunded')),
    constraint orders_due_after_receipt check (due_at is null or due_at >= received_at + interval '7 days')
) with (fillfactor = 80);
create index orders_by_member on orders (lane, community_id, member_id, order_id);
create index orders_unpaid on orders (lane, community_id, order_id) where state = 'placed';
create index orders_to_ship on orders (lane, community_id, order_id) where state = 'paid';
create index orders_shipped on orders (lane, community_id, order_id) where state = 'shipped';
create index orders_due on orders (lane, community_id, due_at, order_id) where due_at is not null;
comment on table orders is 'A basket (订单) that one member pays together.';
comment on column orders.state is 'A received order is closed when a settlement has passed it: see the view orders_now.';
comment on column orders.due_at is 'When its return window ends; null before receipt, and when all was refunded before that end.';
comment on column orders.private is 'Beneficiary, remarks, delivery, tracking; sealed.';
comment on column orders.prolonged is 'How often it was held on because a part of it was paid; beyond a bound the leader has been told, and nobody is reminded.';
comment on column orders.points_times is 'What it earns is one point for each points_per_minor, times so many ten-thousandths: the day''s multiplier by the tier''s when it was placed.';

create table order_line (
    lane smallint not null,
    community_id bigint not null,
    order_id bigint not null,
    line smallint not null,
    offer_id bigint not null,
    variant smallint,
    qty integer not null,
    price_minor bigint not null,
    discount_minor bigint not null default 0,
    refunded_qty integer not null default 0,
    restocked integer not null default 0,
    refunded_minor bigint not null default 0,
    message_print bigint,
    promoter1_id bigint,
    rate1_bps smallint,
    fixed1_minor bigint,
    earned1_minor bigint,
    reversed1_minor bigint,
    promoter2_id bigint,
    rate2_bps smallint,
    fixed2_minor bigint,
    earned2_minor bigint,
    reversed2_minor bigint,
    constraint order_line_key primary key (lane, community_id, order_id, line),
    constraint order_line_qty check (qty between 0 and 999999 and refunded_qty between 0 and qty and restocked between 0 and refunded_qty),
    constraint order_line_refund check (refunded_minor between 0 and price_minor * qty - discount_minor),
    constraint order_line_share1 check (
        promoter1_id is null or (
            num_nonnulls(rate1_bps, fixed1_minor) = 1 and earned1_minor >= 0
            and reversed1_minor between 0 and earned1_minor)),
    constraint order_line_share2 check (
        promoter2_id is null or (
            num_nonnulls(rate2_bps, fixed2_minor) = 1 and earned2_minor >= 0
            and reversed2_minor between 0 and earned2_minor)),
    constraint order_line_shares_within_base check (
        coalesce(earned1_minor, 0) + coalesce(earned2_minor, 0) <= price_minor * qty - discount_minor)
) with (fillfactor = 90);
comment on table order_line is 'One offer, variant and quantity of an order (明细), with who earns what on it; a third level cannot be written down.';

create table settlement (
    lane smallint not null,
    community_id bigint not null,
    due_at timestamptz not null,
    order_id bigint not null,
    seq bigint not null,
    at timestamptz not null,
    constraint settlement_key primary key (lane, community_id, due_at, order_id),
    constraint settlement_when_due check (due_at <= at)
);
comment on table settlement is 'Commission made available (结算): by this event, of all orders up to this one in the order of their due_at that no earlier one took. Thousands close by one row, and none of theirs is written.';

create view orders_now as
    select o.lane, o.community_id, o.order_id, o.member_id,
           case when o.state = 'received' and s.seq is not null then 'closed' else o.state end as state,
           o.closes_at, o.hold_until, o.warned, o.prolonged, o.placed_at, o.paid_at, o.received_minor,
           o.points_worth_minor, o.points_spent, o.points_per_minor, o.points_times, o.points_granted,
           o.shipped_at, o.received_at, o.due_at, s.seq as settled_seq,
           o.said_print, o.said_at, o.private
    from orders o left join lateral (
        select seq from settlement s
        where o.due_at is not null and s.lane = o.lane and s.community_id = o.community_id
          and (s.due_at, s.order_id) >= (o.due_at, o.order_id)
        order by s.due_at, s.order_id limit 1) s on true;
comment on view orders_now is 'Orders as they stand, and the event that made their commission available.';

create table check_in (
    lane smallint not null,
    community_id bigint not null,
    member_id bigint not null,
    day date not null,
    seq bigint not null,
    points bigint not null,
    constraint check_in_once_a_day primary key (lane, community_id, member_id, day)
);
comment on table check_in is 'Check-ins (签到) by calendar day of the community''s zone.';

create table review (
    lane smallint not null,
    community_id bigint not null,
    seq bigint not null,
    ordinal smallint not null,
    poster_id bigint not null,
    body bytea not null,
    settled boolean,
    until timestamptz not null,
    constraint review_key primary key (lane, community_id, seq, ordinal)
);
create index review_until on review (lane, community_id, until);
comment on table review is 'Lines of chains (接龙) as last seen: taken from their poster, or under other names and waiting for the leader.';

create table withdrawal (
    lane smallint not null,
    community_id bigint not null,
    withdrawal_id bigint not null,
    member_id bigint not null,
    state text not null,
    currency text not null,
    amount_minor bigint not null,
    withheld_minor bigint not null default 0,
    asked_at timestamptz not null,
    decided_at timestamptz,
    ended_at timestamptz,
    payout_no text,
    batch bigint,
    private bytea,
    constraint withdrawal_key primary key (lane, community_id, withdrawal_id),
    constraint withdrawal_payout_once unique (lane, community_id, payout_no),
    constraint withdrawal_state_known check (state in ('asked', 'approved', 'sent', 'refused', 'failed')),
    constraint withdrawal_amount_positive check (amount_minor > 0),
    constraint withdrawal_withheld_within check (withheld_minor between 0 and amount_minor),
    constraint withdrawal_decided check ((state = 'asked') = (decided_at is null)),
    constraint withdrawal_ended check ((state in ('asked', 'approved')) = (ended_at is null)),
    constraint withdrawal_numbered check (payout_no is not null or (state in ('asked', 'refused') and batch is null)),
    constraint withdrawal_batched check (batch is not null or state in ('asked', 'approved', 'refused'))
) with (fillfactor = 80);
create unique index withdrawal_one_open on withdrawal (lane, community_id, member_id) where state in ('asked', 'approved');
comment on table withdrawal is 'Commission asked for (提现): asked, approved, then sent, refused or failed. Its amount is locked until the end.';
comment on column withdrawal.payout_no is 'Its number at the bank, given once: what may have been sent is never sent under another one.';
comment on column withdrawal.private is 'Payee and reason; sealed.';

create table erasure (
    lane smallint not null,
    community_id bigint not null,
    member_id bigint not null,
    seq bigint not null,
    person bytea,
    at timestamptz not null,
    constraint erasure_key primary key (lane, community_id, member_id)
);
create index erasure_waiting on erasure (lane) where person is not null;
comment on table erasure is 'Members whose personal data were erased (注销).';
comment on column erasure.person is 'Platform id and name, sealed, while stored texts are still to be searched for them; then null.';

-- The ledger.

create function sums_to_zero(amounts bigint[]) returns boolean
    language sql immutable strict parallel safe
    return (select coalesce(sum(amount), 0) = 0 from unnest(amounts) as leg (amount));

create table journal (
    lane smallint not null,
    community_id bigint not null,
    seq bigint not null,
    ordinal smallint not null,
    kind text not null,
    currency text not null,
    order_id bigint,
    accounts bigint[] not null,
    amounts bigint[] not null,
    at timestamptz not null,
    constraint journal_key primary key (lane, community_id, seq, ordinal),
    constraint journal_legs_match check (cardinality(accounts) = cardinality(amounts) and cardinality(accounts) >= 2),
    constraint journal_balances check (sums_to_zero(amounts))
);
comment on table journal is 'The ledger: one row a fact, with its legs. Debits positive. Never changed, never deleted; the application''s role cannot.';
comment on column journal.accounts is 'member * 16 + kind: 1 frozen, 2 available, 3 locked, 4 paid out, 5 points; member 0 is the shop: 1 received, 2 sales, 3 commission cost, 4 tax withheld, 5 points issued, 6 deposits.';

create table balance (
    lane smallint not null,
    community_id bigint not null,
    account_no bigint not null,
    currency text not null,
    amount bigint not null,
    constraint balance_key primary key (lane, community_id, account_no, currency)
) with (fillfactor = 60);
comment on table balance is 'The sum of the journal''s legs for each account, kept in the same transaction.';

-- The simulated chat is a platform like any other: its own messages, in its own schema.

create schema simulator;

create table simulator.room (
    account_id integer not null,
    chat_key text not null,
    last_n bigint not null default 0,
    constraint room_key primary key (account_id, chat_key)
);
comment on table simulator.room is 'A simulated group chat.';

create table simulator.person (
    account_id integer not null,
    chat_key text not null,
    name text not null,
    invited_by text,
    constraint person_key primary key (account_id, chat_key, name)
);
comment on table simulator.person is 'Who is in it. A simulated person is known by name.';

create table simulator.message (
    account_id integer not null,
    chat_key text not null,
    n bigint not null,
    client_key text not null,
    body jsonb not null,
    constraint message_key primary key (account_id, chat_key, n),
    constraint message_once unique (account_id, chat_key, client_key)
);
comment on table simulator.message is 'What was said in it, by people and by the bot.';

-- The application may not touch what is written for good.

grant usage on schema public, simulator to tuan_app;
grant select, insert, update, delete on all tables in schema public, simulator to tuan_app;
revoke update, delete on journal, settlement, bond, check_in, decision, policy from tuan_app;
