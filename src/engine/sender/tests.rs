//! What is said when, over a platform that takes everything, in simulated time.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::book::Manner;
use crate::domain::ids::{CommunityId, EventId, OrderId};
use crate::domain::intent::About;
use crate::domain::money::Money;
use crate::domain::orders::OrderState;
use crate::domain::policy::Locale;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{LineView, News, Noted, OrderView, Waiting};
use crate::domain::{catalog, groups, loyalty, orders, payouts, shipping};
use crate::platform::heard::Obstacle;

/// The message of one event, to be said in a group.
pub(super) fn message(seq: i64, reply: Reply) -> UnfinishedMessage {
    let manner = Manner {
        locale: Locale::ZhHans,
        time_zone: chrono_tz::Asia::Shanghai,
        currency: crate::domain::money::Currency::CNY,
    };
    UnfinishedMessage {
        place: MessagePlace { event: EventId { lane: Lane(0), seq }, ordinal: 1 },
        community: CommunityId(1),
        chat: "group".to_owned(),
        to: Some((format!("key-{seq}"), format!("name{seq}"))),
        private: false,
        before_others: false,
        receipt: false,
        manner,
        reply,
        at: "2026-03-04T16:00:00Z".parse().unwrap(),
        due: None,
        tries: 0,
    }
}

/// A platform of these abilities, where nothing can be said before a person acts if it is shut.
struct Deaf(Capabilities, AtomicBool);

impl Platform for Deaf {
    fn capabilities(&self) -> Capabilities {
        self.0.clone()
    }

    async fn send(&self, messages: &[Outgoing]) -> Vec<Result<Option<String>, SendError>> {
        messages.iter().map(|_| Ok(None)).collect()
    }

    fn may_speak(&self, _chat: &str) -> bool {
        !self.1.load(Ordering::Relaxed)
    }

    async fn obstacles(&self, _chat: &str) -> Vec<Obstacle> {
        if self.1.load(Ordering::Relaxed) { vec![Obstacle::RepliesOnly] } else { Vec::new() }
    }
}

/// About OneBot: twenty in twenty seconds.
fn able() -> Capabilities {
    let rate_per_chat = Some((20, Duration::from_secs(20)));
    let rate_per_account = Some((30, Duration::from_secs(30)));
    Capabilities { private: true, rate_per_chat, rate_per_account, ..Capabilities::default() }
}

struct SenderScene {
    sender: Sender<Deaf>,
    words: Words,
    start: Instant,
    /// When what was sent: the chat, and the messages it carries.
    sent: Vec<(Instant, String, Vec<i64>, String)>,
    said: i64,
}

impl SenderScene {
    fn of(able: Capabilities) -> Self {
        let platform = Arc::new(Deaf(able, AtomicBool::default()));
        let pace = crate::engine::rate_limit::Paces::default().of(AccountId(1), &platform.0);
        let sender = Sender::idle(AccountId(1), platform, pace);
        let start = Instant::now() + Duration::from_secs(90);
        Self { sender, words: Words::new(), start, sent: Vec::new(), said: 0 }
    }

    /// A member is told something; its number.
    fn told(&mut self, who: &str, private: bool, reply: Reply, now: Instant) -> i64 {
        self.said += 1;
        let to = Some((who.to_owned(), who.to_owned()));
        let message = UnfinishedMessage { to, private, ..message(self.said, reply) };
        self.sender.wait(message, now);
        self.said
    }

    /// Everything that may go now goes.
    fn send(&mut self, now: Instant) {
        for draft in self.sender.drafts(&self.words, now, long_ago()) {
            let numbers = |load: &Load| load.rows().map(|row| row.place.event.seq).collect();
            let carried: Vec<i64> = if draft.is_last { numbers(&draft.load) } else { Vec::new() };
            for part in &draft.parts {
                let chat = if part.private { part.to.clone().unwrap() } else { part.chat.clone() };
                self.sent.push((now, chat, Vec::new(), part.text.clone()));
            }
            self.sent.last_mut().unwrap().2 = carried;
            let places = draft.send.places.clone();
            let results = draft.parts.iter().map(|_| Ok(None)).collect::<Vec<_>>();
            let result = self.sender.begun.fold(&places, draft.is_last, results.into_iter());
            if draft.is_last {
                self.sender.settle(&draft.load, result.is_ok(), now);
            } else {
                self.sender.begin(draft.load);
            }
        }
    }

    fn sent_at(&self, number: i64) -> Option<Instant> {
        self.sent.iter().find(|(_, _, rows, _)| rows.contains(&number)).map(|(at, ..)| *at)
    }

    /// No span of time has more messages than the platform takes, in a chat and in all.
    fn keeps_limits(&self) {
        let check = |times: &[Instant], (most, every): (u32, Duration)| {
            for (nth, from) in times.iter().enumerate() {
                let within = times[nth..].iter().take_while(|at| **at < *from + every).count();
                assert!(within <= most as usize, "{within} messages in {every:?}");
            }
        };
        let all: Vec<_> = self.sent.iter().map(|(at, ..)| *at).collect();
        check(&all, self.sender.able.rate_per_account.unwrap());
        for (_, chat, ..) in &self.sent {
            let of_chat = self.sent.iter().filter(|(_, other, ..)| other == chat);
            let times: Vec<_> = of_chat.map(|(at, ..)| *at).collect();
            check(&times, self.sender.able.rate_per_chat.unwrap());
        }
    }
}

/// Before everything that is said here.
fn long_ago() -> Timestamp {
    "2026-03-04T00:00:00Z".parse().unwrap()
}

fn refused(sender: &mut Sender<Deaf>, drafts: Vec<Draft>) -> Vec<i16> {
    let reason = "nobody may speak unasked".to_owned();
    let refusal = Err(SendError::AwaitsPerson { reason });
    let sends: Vec<_> = drafts.iter().map(|draft| draft.send.clone()).collect();
    let pairs = sends.iter().zip(drafts);
    pairs.map(|(send, draft)| sender.conclude(send, draft, &refusal).tries).collect()
}

#[test]
fn what_waits_for_a_person_is_not_tried_in_vain_and_then_said_in_sum() {
    let mut scene = SenderScene::of(able());
    let shut = |scene: &SenderScene, is_shut| {
        scene.sender.platform.1.store(is_shut, Ordering::Relaxed);
    };
    let now = scene.start;
    shut(&scene, true);
    for who in ["a", "b", "c"] {
        scene.told(who, false, basket(1, 1), now);
    }
    let drafts = scene.sender.drafts(&scene.words, now, long_ago());
    assert_eq!(drafts.len(), 3);
    assert_eq!(refused(&mut scene.sender, drafts), [0, 0, 0], "these are no tries");
    scene.sender.count_waiting();
    assert!(scene.sender.drafts(&scene.words, now, long_ago()).is_empty(), "nothing is tried");
    shut(&scene, false);
    let drafts = scene.sender.drafts(&scene.words, now, long_ago());
    assert_eq!(drafts.len(), 1, "all of it in one");
    assert_eq!(drafts[0].load.rows().count(), 3);
    shut(&scene, true);
    refused(&mut scene.sender, drafts);
    scene.sender.count_waiting();
    assert!(scene.sender.drafts(&scene.words, now, long_ago()).is_empty());
    // Somebody wrote: their answer may take along all that waited.
    scene.told("d", false, basket(2, 1), now);
    let drafts = scene.sender.drafts(&scene.words, now, long_ago());
    assert_eq!((drafts.len(), drafts[0].load.rows().count()), (1, 4));
}

/// All that may go now is refused like this.
fn refuse(scene: &mut SenderScene, error: fn() -> SendError) -> usize {
    let drafts = scene.sender.drafts(&scene.words, scene.start, long_ago());
    let count = drafts.len();
    for draft in drafts {
        let send = draft.send.clone();
        scene.sender.conclude(&send, draft, &Err(error()));
    }
    scene.sender.count_waiting();
    count
}

fn news(kind: News, count: u32) -> Vec<Waiting> {
    vec![Waiting { kind, count }]
}

#[test]
fn what_can_be_said_neither_alone_nor_in_the_group_waits_for_whichever_opens_first() {
    let mut scene = SenderScene::of(able());
    scene.sender.platform.1.store(true, Ordering::Relaxed);
    let now = scene.start;
    scene.told("a", true, Reply::Loyalty(loyalty::Reply::ShareSeen), now);
    scene.told("a", true, Reply::Orders(orders::Reply::MyOrders { orders: Vec::new() }), now);
    assert_eq!(refuse(&mut scene, || SendError::NeedsFirstContact), 2);
    let waiting: Vec<_> = scene.sender.waiting.values().flat_map(ChatQueue::rows).collect();
    assert_eq!(waiting.len(), 1, "no group is told what was asked in confidence");
    assert!(waiting[0].private && waiting[0].tries == 0);
    assert_eq!(refuse(&mut scene, || SendError::NeedsFirstContact), 0, "nothing is tried in vain");
    scene.sender.platform.1.store(false, Ordering::Relaxed);
    assert_eq!(refuse(&mut scene, || SendError::NeedsFirstContact), 1);
    let drafts = scene.sender.drafts(&scene.words, now, long_ago());
    assert!(!drafts[0].parts[0].private, "the group is open: it is said there");
}

#[tokio::test]
async fn what_leaders_hear_of_what_waits_is_true_when_it_is_said() {
    let mut scene = SenderScene::of(able());
    scene.sender.platform.1.store(true, Ordering::Relaxed);
    let now = scene.start;
    let shut = || SendError::AwaitsPerson { reason: "not allowed".to_owned() };
    scene.told("b", false, Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 5 }), now);
    scene.told(
        "b",
        false,
        Reply::Groups(groups::Reply::Help { rooms: Vec::new(), leaders: Vec::new() }),
        now,
    );
    assert_eq!(refuse(&mut scene, shut), 2);
    let found = scene.sender.what_waits();
    assert_eq!(found["group"].news(), news(News::Notice, 1), "who asks can ask again");
    scene.told(
        "leader",
        true,
        Reply::Groups(groups::Reply::Unsaid { news: found["group"].news() }),
        now,
    );
    refuse(&mut scene, || SendError::NeedsFirstContact);
    scene.told("b", false, Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 7 }), now);
    refuse(&mut scene, shut);
    scene.sender.true_up().await;
    let said = |scene: &SenderScene| {
        let rows = scene.sender.waiting.values().flat_map(ChatQueue::rows);
        let said = rows.filter_map(|row| match &row.reply {
            Reply::Groups(groups::Reply::Unsaid { news }) => Some(news.clone()),
            _ => None,
        });
        said.collect::<Vec<_>>()
    };
    assert_eq!(said(&scene), [news(News::Notice, 2)], "it does not count itself");
    let count = scene.sender.count;
    scene.sender.platform.1.store(false, Ordering::Relaxed);
    scene.sender.true_up().await;
    assert!(said(&scene).is_empty(), "the switch is on: there is nothing to tell");
    assert_eq!(scene.sender.count, count - 1);
    assert!(scene.sender.what_waits().contains_key("group"), "and what waited goes");
}

#[test]
fn of_what_waits_leaders_hear_once() {
    let mut scene = SenderScene::of(able());
    let now = scene.start;
    let shut = || SendError::AwaitsPerson { reason: "not allowed".to_owned() };
    scene.sender.platform.1.store(true, Ordering::Relaxed);
    let new = |scene: &mut SenderScene, is_told_soon: bool| {
        scene.told("b", false, Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 5 }), now);
        refuse(scene, shut);
        let mut found = scene.sender.what_waits();
        let found = found.remove("group").unwrap();
        let first = scene.sender.unsaid.is_new("group", &found, is_told_soon);
        assert_eq!(scene.sender.unsaid.is_new("group", &found, false), None, "not again");
        first.map(|place| place.event.seq)
    };
    assert_eq!(new(&mut scene, false), Some(1));
    assert_eq!(
        new(&mut scene, false),
        None,
        "what tells of the first is on its way, and will tell it"
    );
    let notice = scene.told(
        "leader",
        true,
        Reply::Groups(groups::Reply::Unsaid { news: news(News::Notice, 1) }),
        now,
    );
    assert_eq!(notice, 3);
    assert_eq!(new(&mut scene, true), None, "it waits itself, and will tell it");
    assert_eq!(new(&mut scene, false), Some(5), "it was said: this is new");
}

#[test]
fn what_is_too_old_after_an_outage_is_said_in_sum() {
    let mut scene = SenderScene::of(able());
    let now = scene.start;
    for who in ["a", "b", "c"] {
        scene.told(who, false, basket(1, 1), now);
    }
    let later: Timestamp = "2026-03-04T16:10:01Z".parse().unwrap();
    let drafts = scene.sender.drafts(&scene.words, now, later);
    assert_eq!((drafts.len(), drafts[0].load.rows().count()), (1, 3));
}

#[test]
fn a_digest_answers_what_was_heard_last_and_a_post_answers_nothing() {
    let mut scene = SenderScene::of(able());
    let now = scene.start;
    scene.told("a", false, basket(1, 1), now);
    scene.told("b", false, basket(1, 1), now);
    let later: Timestamp = "2026-03-04T16:10:01Z".parse().unwrap();
    let drafts = scene.sender.drafts(&scene.words, now, later);
    let event = |seq| EventId { lane: Lane(0), seq };
    let at = |seconds| later - chrono::Duration::seconds(seconds);
    let heard: BTreeMap<_, _> =
        [(event(1), ("g:a".to_owned(), at(90))), (event(2), ("g:b".to_owned(), at(30)))].into();
    let answers = |heard| compose::answers(drafts[0].load.rows(), heard, later);
    let found = answers(&heard).unwrap();
    assert_eq!((found.key.as_str(), found.age.as_secs(), found.nth), ("g:b", 30, 8));
    assert_eq!(answers(&BTreeMap::new()), None);
}

fn basket(number: i64, qty: u32) -> Reply {
    let line = LineView {
        code: "A1".to_owned(),
        name: "阳光玫瑰".to_owned(),
        variant: None,
        qty,
        unit: "箱".to_owned(),
        price: Money::from_minor(3_990),
        amount: Money::from_minor(3_990 * i64::from(qty)),
    };
    let order = OrderView {
        order: OrderId(number),
        member: "小美".to_owned(),
        for_whom: None,
        state: OrderState::Placed,
        lines: vec![line.clone()],
        total: line.amount,
        received: Money::ZERO,
        refunded: Money::ZERO,
        cut: Money::ZERO,
        points_worth: Money::ZERO,
        notes: Vec::new(),
        closes_at: "2026-03-05T14:00:00Z".parse().unwrap(),
        hold_until: "2026-03-06T14:00:00Z".parse().unwrap(),
        has_ways: false,
        waits: None,
    };
    Reply::Orders(orders::Reply::OrderTaken {
        added: vec![line],
        order,
        needs_delivery: false,
        by_leader: false,
    })
}

/// What one who floods is answered: questions, refusals, orders, and what is told to them alone.
fn of_flood(nth: i64) -> (bool, Reply) {
    let qty = u32::try_from(nth % 9 + 1).unwrap();
    match nth % 8 {
        0 => (false, Reply::Catalog(catalog::Reply::Menu { offers: Vec::new() })),
        1 => (false, Reply::Groups(groups::Reply::Help { rooms: Vec::new(), leaders: Vec::new() })),
        2 => (false, Refusal::Orders(orders::Refusal::NoSuchOrder { order: OrderId(nth) }).into()),
        3 => (false, basket(7, qty)),
        4 => (
            true,
            Reply::Shipping(shipping::Reply::Noted {
                what: Noted::Address,
                text: format!("幸福路 {nth} 号"),
            }),
        ),
        5 => (
            false,
            Reply::Orders(orders::Reply::OrdersCancelled {
                orders: vec![OrderId(nth)],
                by_leader: false,
            }),
        ),
        6 => (
            true,
            Reply::Payouts(payouts::Reply::Statement {
                entries: Vec::new(),
                withdrawals: Vec::new(),
            }),
        ),
        _ => {
            let (offers, pickup_points) = (Vec::new(), vec![format!("{nth} 号楼")]);
            (
                false,
                Reply::Catalog(catalog::Reply::Answer {
                    about: About::Delivery,
                    offers,
                    pickup_points,
                    arrivals: Vec::new(),
                    told: None,
                }),
            )
        }
    }
}

/// The flood: 10,000 messages by one member in 100 s, beside 100 orders by others; the orders come evenly, or
/// all of them at one instant. Returns how long orders waited, longest last.
fn flood(at_once: bool) -> (SenderScene, Vec<Duration>, Vec<i64>) {
    let mut scene = SenderScene::of(able());
    let (mut orders, mut receipts) = (Vec::new(), Vec::new());
    for tick in 0..12_000_u32 {
        let now = scene.start + Duration::from_millis(10) * tick;
        if tick < 10_000 {
            let (private, reply) = of_flood(i64::from(tick));
            let is_receipt = !is_sparable(&reply);
            let number = scene.told("flooder", private, reply, now);
            receipts.extend(is_receipt.then_some(number));
        }
        let count = match tick {
            5_000 if at_once => 100,
            _ => usize::from(!at_once && tick < 10_000 && tick % 100 == 50),
        };
        for _ in 0..count {
            let nth = i64::try_from(orders.len()).unwrap();
            orders.push((
                now,
                scene.told(&format!("buyer{nth}"), false, basket(1_000 + nth, 2), now),
            ));
        }
        scene.send(now);
    }
    let wait = |(at, number): &(Instant, i64)| scene.sent_at(*number).unwrap().duration_since(*at);
    let mut waits: Vec<_> = orders.iter().map(wait).collect();
    waits.sort();
    assert_eq!(waits.len(), 100);
    (scene, waits, receipts)
}

#[test]
fn whoever_floods_holds_up_nobodys_order() {
    let each = Duration::from_secs(20) / 15; // a token of a chat that may say twenty in twenty seconds
    let (scene, waits, receipts) = flood(false);
    scene.keeps_limits();
    assert!(waits[99] <= 2 * each, "an order waited {:?}", waits[99]);
    let hushed = scene.sent.iter().filter(|(.., text)| text.contains("稍等")).count();
    assert!((1..=4).contains(&hushed), "{hushed} in two minutes, in the group and alone");
    // Receipts of the one who floods were given as well, in messages that count them.
    assert!(scene.sent.iter().any(|(.., text)| text.contains("另有")));
    let carried: BTreeSet<_> = scene.sent.iter().flat_map(|(_, _, rows, _)| rows).collect();
    assert!(receipts.iter().all(|number| carried.contains(number)));
    assert!(scene.sender.waiting.values().all(ChatQueue::is_empty));
}

#[test]
fn a_hundred_orders_at_one_instant_are_answered_within_two_tokens() {
    let each = Duration::from_secs(20) / 15;
    let (scene, waits, _) = flood(true);
    scene.keeps_limits();
    assert!(waits[99] <= 2 * each, "an order waited {:?}", waits[99]);
}

#[test]
fn a_thousand_menus_are_answered_once() {
    let mut scene = SenderScene::of(able());
    for nth in 0..1_000_u32 {
        let now = scene.start + Duration::from_millis(24) * nth;
        scene.told(
            "flooder",
            false,
            Reply::Catalog(catalog::Reply::Menu { offers: Vec::new() }),
            now,
        );
        scene.send(now);
    }
    assert_eq!(scene.sent.len(), 1);
    let open = |scene: &SenderScene| scene.sender.open.len() + scene.sender.late.len();
    assert_eq!((open(&scene), scene.sender.count), (0, 0), "nothing of it is kept");
}

#[test]
fn parts_of_a_long_text_take_a_token_each() {
    let able = Capabilities { text_limit: 100, ..able() };
    let mut scene = SenderScene::of(able);
    let start = scene.start;
    let lines: Vec<_> = (0..60).map(|nth| format!("第 {nth} 行，够长的一行")).collect();
    let long =
        scene.told("leader", false, Reply::Orders(orders::Reply::ChainLinesGone { lines }), start);
    let short = scene.told("buyer", false, basket(1, 1), start);
    for tick in 0..2_000_u32 {
        scene.send(start + Duration::from_millis(10) * tick);
    }
    scene.keeps_limits();
    let parts: Vec<_> = scene.sent.iter().filter(|(.., text)| text.contains("够长")).collect();
    assert!(parts.len() > 5, "{} parts", parts.len());
    let texts: BTreeSet<_> = parts.iter().map(|(.., text)| text).collect();
    assert_eq!(texts.len(), parts.len(), "no part is said twice");
    assert!(scene.sent_at(short).unwrap() < scene.sent_at(long).unwrap());
}

#[test]
fn what_is_for_one_member_alone_goes_to_them_when_it_is_merged() {
    let mut scene = SenderScene::of(able());
    let now = scene.start;
    for nth in 0..20 {
        let what = Noted::Address;
        scene.told(
            "buyer",
            true,
            Reply::Shipping(shipping::Reply::Noted { what, text: format!("幸福路 {nth} 号") }),
            now,
        );
    }
    scene.send(now);
    let last = scene.sent.last().unwrap();
    assert!(last.2.len() > 1, "a digest");
    assert!(scene.sent.iter().all(|(_, chat, ..)| chat == "buyer"));
}

#[test]
fn a_topic_shares_the_limit_of_its_group_and_a_member_has_one_chat() {
    let mut scene = SenderScene::of(able());
    let start = scene.start;
    for nth in 0..40 {
        scene.told("buyer", false, basket(nth, 1), start);
        let last = scene.sender.waiting.get_mut("group").unwrap();
        assert_eq!(last.target, "group");
    }
    let row = scene.sender.waiting.get_mut("group").unwrap().next(false, |_| true).unwrap();
    let mut row = row.into_rows().remove(0);
    row.chat = "group/7".to_owned();
    assert_eq!(compose::target(&row), "group");
    row.private = true;
    assert_eq!(compose::target(&row), "buyer");
}
