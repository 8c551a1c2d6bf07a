//! A small shop for the tests of decisions, and a stage to try them on.
//!
//! 阿明 leads; 小美 was brought by 阿明; 老王 came on his own. On sale until 22:00 local time: A1 grapes
//! (stock 50, at most 5 each, ¥39.90), A2 cherries (stock 2), S1 dumplings in two flavours with
//! stock of their own. It is ten in the morning. What a decision finds missing is marked as known,
//! as the engine would after loading nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Duration;

use crate::book::due::changed;
use crate::book::need::Report;
use crate::book::{Ctx, Due, Missing, Need, Shop};
use crate::domain::catalog::{Arrival, Offer, OfferDetail, OfferState, Stock};
use crate::domain::event::{Body, Contact, Event, Evidence, Timer};
use crate::domain::groups::Community;
use crate::domain::ids::{
    AccountId, CaseId, CommunityId, EventId, Lane, MemberId, OfferId, OrderId, WithdrawalId,
};
use crate::domain::intent::{Intent, Op, Role, Understood, WantedLine};
use crate::domain::ledger::AccountNo;
use crate::domain::message::HeardMessage;
use crate::domain::money::{Money, Rate};
use crate::domain::name::name_key;
use crate::domain::operate::{OperatorIntent, Outcome};
use crate::domain::orders::Order;
use crate::domain::people::{Bond, Member, Private, invite_code};
use crate::domain::policy::{
    AttributionPolicy, CommissionPolicy, CommunityPolicy, Locale, OrderPolicy, PaymentPolicy,
    PointsPolicy, Policy, SelfPurchase, WithdrawalPolicy,
};
use crate::domain::refusal::Refusal;
use crate::domain::reply::{Figures, Reply};
use crate::domain::time::Timestamp;
use crate::domain::{loyalty, orders, payouts, referral, reports, service};

pub(crate) const AMING: MemberId = MemberId(1);
pub(crate) const XIAOMEI: MemberId = MemberId(2);
pub(crate) const LAOWANG: MemberId = MemberId(3);
pub(crate) const A1: OfferId = OfferId(1);
pub(crate) const A2: OfferId = OfferId(2);
pub(crate) const S1: OfferId = OfferId(3);
pub(crate) const ACCOUNT: AccountId = AccountId(1);

/// A shop and the people before it.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) shop: Shop,
    pub(crate) at: Timestamp,
    seq: i64,
    outbox_seen: usize,
}

/// One message as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SentMessage {
    pub(crate) to: Option<String>,
    pub(crate) private: bool,
    pub(crate) reply: Reply,
}

/// 10:00 in Shanghai.
pub(crate) fn morning() -> Timestamp {
    "2026-03-04T02:00:00Z".parse().unwrap()
}

/// 22:00 in Shanghai.
pub(crate) fn evening() -> Timestamp {
    "2026-03-04T14:00:00Z".parse().unwrap()
}

/// The shop as described at the top.
pub(crate) fn shop() -> Shop {
    let mut shop = Shop::new(community(), Arc::new(policy()));
    for (id, name, role) in [
        (AMING, "阿明", Role::Leader),
        (XIAOMEI, "小美", Role::Member),
        (LAOWANG, "老王", Role::Member),
    ] {
        load_member(&mut shop, id, name, role);
    }
    shop.members.edit(XIAOMEI).unwrap().bond =
        Some(Bond { inviter: AMING, evidence: Evidence::JoinEvent, since: morning() });
    shop.offers.load(A1, offer(A1, "A1", "阳光玫瑰", 3_990, &[50]));
    shop.offers.edit(A1).unwrap().detail.limit_per_member = Some(5);
    shop.offers.load(A2, offer(A2, "A2", "车厘子", 8_800, &[2]));
    let mut dumplings = offer(S1, "S1", "饺子", 2_500, &[10, 3]);
    dumplings.detail.variants = vec!["猪肉白菜".into(), "韭菜鸡蛋".into()];
    shop.offers.load(S1, dumplings);
    shop.known.leaders = true;
    shop.members.saved();
    shop.offers.saved();
    shop
}

pub(crate) fn load_member(shop: &mut Shop, id: MemberId, name: &str, role: Role) {
    let member = Member {
        id,
        account: ACCOUNT,
        key: format!("key-{name}"),
        name: name.to_owned(),
        role,
        present: true,
        founding: false,
        promoter: true,
        joined_at: morning(),
        bond: None,
        claim: None,
        asked_by: None,
        code: invite_code(shop.community.id.0, id),
        first_paid_at: None,
        streak: None,
        question: None,
        request: None,
        blocked_at: None,
        shares_waiting: 0,
        private: Private::default(),
    };
    shop.known.keys.insert((ACCOUNT, member.key.clone()), Some(id));
    shop.known.names.entry(name_key(&member.name)).or_default().insert(id);
    shop.known.codes.insert(member.code.clone(), Some(id));
    shop.members.load(id, member);
    shop.community.last_member = shop.community.last_member.max(id);
}

/// An offer on sale from morning to evening, in 箱; no stock means unlimited.
pub(crate) fn offer(id: OfferId, code: &str, name: &str, price: i64, stock: &[i64]) -> Offer {
    Offer {
        id,
        code: code.to_owned(),
        state: OfferState::Open,
        price: Money::from_minor(price),
        opens_at: morning(),
        closes_at: evening(),
        drop: None,
        detail: OfferDetail {
            name: name.to_owned(),
            unit: "箱".to_owned(),
            ..OfferDetail::default()
        },
        stock: stock.iter().map(|&left| Stock { initial: left, left }).collect(),
        sold: 0,
        sold_out_said: false,
        arrival: Arrival::default(),
    }
}

fn community() -> Community {
    Community {
        id: CommunityId::of("sunshine"),
        slug: "sunshine".to_owned(),
        name: "阳光小区".to_owned(),
        locale: Locale::ZhHans,
        time_zone: chrono_tz::Asia::Shanghai,
        currency: crate::domain::money::Currency::CNY,
        policy_version: 1,
        account: ACCOUNT,
        chat: Some("group".to_owned()),
        last_member: MemberId(0),
        last_offer: S1,
        last_order: OrderId(0),
        last_withdrawal: WithdrawalId(0),
        last_case: CaseId(0),
        last_batch: 0,
    }
}

/// 6 % to the inviter, nothing beyond; the defaults everywhere else.
pub(crate) fn policy() -> Policy {
    Policy {
        payment: PaymentPolicy::default(),
        facts: Vec::new(),
        shop_name: "团团".to_owned(),
        communities: vec![CommunityPolicy {
            receipts: None,
            quiet: None,
            morning_brief: None,
            evening_summary: None,
            slug: "sunshine".to_owned(),
            name: "阳光小区".to_owned(),
            locale: Locale::ZhHans,
            time_zone: chrono_tz::Asia::Shanghai,
            currency: crate::domain::money::Currency::CNY,
            leaders: vec!["key-阿明".to_owned()],
            seed: Vec::new(),
            pickup_points: vec!["东门快递柜".to_owned()],
        }],
        items: Vec::new(),
        drops: Vec::new(),
        commission: CommissionPolicy {
            level1: Rate { bps: 600 },
            level2: Rate { bps: 0 },
            cap: Rate { bps: 2_000 },
            return_window_days: 7,
            self_purchase: SelfPurchase::None,
            leaders_earn: true,
        },
        attribution: AttributionPolicy {
            expires_after_days: None,
            new_buyers_only: true,
            founding_bindable: false,
        },
        points: PointsPolicy {
            check_in: 2,
            streaks: vec![(7, 10)],
            per_amount: Some(Money::from_minor(1_000)),
            share: 5,
            spend_rate: Some(100),
            spend_cap: Rate { bps: 5_000 },
            expire_after_days: None,
            month_days: Vec::new(),
            gift_month: 1_000,
            tiers: Vec::new(),
            tier_days: 90,
        },
        orders: OrderPolicy {
            hold_minutes: 24 * 60,
            warn_minutes: 120,
            receive_after_days: 7,
            repeat_minutes: 10,
            question_minutes: 30,
            unpaid_share: Rate { bps: 5_000 },
            unpaid_least: 5,
            changes_per_minute: 10,
            newcomer_minutes: 0,
        },
        withdrawal: WithdrawalPolicy {
            minimum: Money::from_minor(1_000),
            withholding: Rate { bps: 0 },
        },
    }
}

/// A line to add.
pub(crate) fn want(offer: OfferId, qty: u32) -> WantedLine {
    WantedLine { offer, variant: None, qty: Some(qty), op: Op::Add }
}

/// A line to set.
pub(crate) fn set(offer: OfferId, qty: u32) -> WantedLine {
    WantedLine { op: Op::Set, ..want(offer, qty) }
}

/// A line to take off, whole.
pub(crate) fn without(offer: OfferId) -> WantedLine {
    WantedLine { offer, variant: None, qty: None, op: Op::Remove }
}

/// The same of a variant.
pub(crate) fn of_variant(line: WantedLine, variant: u16) -> WantedLine {
    WantedLine { variant: Some(variant), ..line }
}

/// A message that means just this.
pub(crate) fn meaning(intent: Intent) -> Understood {
    Understood::bare(intent)
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { shop: shop(), at: morning(), seq: 0, outbox_seen: 0 }
    }

    /// Change the policy before it starts.
    pub(crate) fn with_policy(change: impl FnOnce(&mut Policy)) -> Self {
        let mut stage = Self::new();
        change(Arc::make_mut(&mut stage.shop.policy));
        stage
    }

    /// Time passes.
    pub(crate) fn later(&mut self, minutes: i64) -> &mut Self {
        self.at += Duration::minutes(minutes);
        self
    }

    /// A member means something, in words that nobody else uses.
    pub(crate) fn does(&mut self, who: MemberId, intent: Intent) -> Vec<Reply> {
        let text = format!("message {}", self.seq);
        self.writes(who, &text, meaning(intent))
    }

    /// A member writes this, and means that.
    pub(crate) fn writes(&mut self, who: MemberId, text: &str, said: Understood) -> Vec<Reply> {
        let row = self.shop.members.get(who).expect("a member of the cast");
        let from = Contact { key: row.key.clone(), name: row.name.clone() };
        let body = Body::Said { from, message: HeardMessage::of(text), private: false };
        let event = self.event(body);
        let start = self.shop.fresh.outbox.len();
        self.until_known(|shop| {
            let role = shop.members.get(who).expect("a member of the cast").role;
            let mut ctx = Ctx::new(shop, &event);
            ctx.speaker = Some(who);
            ctx.role = role;
            let decided = super::intend(&mut ctx, &said, &event.body);
            super::conclude(&mut ctx, "said", decided)
        });
        self.heard_since(start)
    }

    /// Something happens.
    pub(crate) fn happens(&mut self, body: Body) -> Vec<Reply> {
        let event = self.event(body);
        let start = self.shop.fresh.outbox.len();
        self.until_known(|shop| super::decide(shop, &event, None));
        self.heard_since(start)
    }

    /// An operator orders this, and that comes of it.
    pub(crate) fn orders(&mut self, intent: OperatorIntent) -> Outcome {
        let operator = "运营".to_owned();
        self.happens(Body::Ordered { operator, intent: Intent::Operate(intent) });
        let decision = self.shop.fresh.decisions.last().expect("a decision was recorded");
        decision.outcome.clone().expect("it has an outcome")
    }

    /// A timer falls due at its instant.
    pub(crate) fn due(&mut self, at: Timestamp, timer: Timer) -> Vec<Reply> {
        self.at = at;
        self.happens(Body::Due(timer))
    }

    /// All that went out since the last look, with its addressees.
    pub(crate) fn heard(&mut self) -> Vec<SentMessage> {
        let new = &self.shop.fresh.outbox[self.outbox_seen..];
        let heard = new
            .iter()
            .map(|out| SentMessage {
                to: out.to.as_ref().map(|to| to.name.clone()),
                private: out.to.as_ref().is_some_and(|to| to.private),
                reply: out.reply.clone(),
            })
            .collect();
        self.outbox_seen = self.shop.fresh.outbox.len();
        heard
    }

    pub(crate) fn order(&self, id: i64) -> &Order {
        self.shop.orders.get(OrderId(id)).expect("the order is there")
    }

    /// (left of the first row of stock, sold).
    pub(crate) fn stock(&self, id: OfferId) -> (i64, i64) {
        let offer = self.shop.offers.get(id).expect("the offer is there");
        (offer.stock[0].left, offer.sold)
    }

    /// The sum of all legs on one account.
    pub(crate) fn posted(&self, account: AccountNo, currency: &str) -> i64 {
        let legs = self.shop.fresh.journal.iter().filter(|row| row.entry.currency == currency);
        legs.flat_map(|row| &row.entry.legs).filter(|leg| leg.0 == account).map(|leg| leg.1).sum()
    }

    /// The refusal among these replies.
    #[track_caller]
    pub(crate) fn refusal(replies: &[Reply]) -> Refusal {
        match replies {
            [Reply::Refused { refusal }] => refusal.clone(),
            other => panic!("not a refusal: {other:?}"),
        }
    }

    /// For every offer: what left the stock is sold, and what is sold is in orders that live.
    #[track_caller]
    pub(crate) fn assert_stock_is_conserved(&self) {
        for offer in self.shop.offers.values() {
            let lines = self.shop.orders.values().filter(|order| {
                !matches!(order.state, crate::domain::orders::OrderState::Cancelled)
            });
            let lines = lines.flat_map(|order| &order.lines).filter(|line| line.offer == offer.id);
            let in_orders: i64 = lines.map(|line| i64::from(line.qty - line.restocked)).sum();
            assert_eq!(offer.sold, in_orders, "sold of {}", offer.code);
            if !offer.stock.is_empty() {
                let taken: i64 = offer.stock.iter().map(|row| row.initial - row.left).sum();
                assert_eq!(taken, in_orders, "stock of {}", offer.code);
            }
            assert!(offer.stock.iter().all(|row| row.left >= 0), "{} oversold", offer.code);
        }
    }

    pub(crate) fn event(&mut self, body: Body) -> Event {
        self.seq += 1;
        Event {
            id: EventId { lane: Lane(0), seq: self.seq },
            community: self.shop.community.id,
            account: ACCOUNT,
            key: self.last_key(),
            at: self.at,
            body,
        }
    }

    /// The key of the last message.
    pub(crate) fn last_key(&self) -> String {
        format!("message-{}", self.seq)
    }

    fn heard_since(&self, start: usize) -> Vec<Reply> {
        self.shop.fresh.outbox[start..].iter().map(|out| out.reply.clone()).collect()
    }

    pub(crate) fn until_known(
        &mut self,
        mut attempt: impl FnMut(&mut Shop) -> Result<(), Missing>,
    ) {
        for _ in 0..100 {
            let before = self.traces();
            match attempt(&mut self.shop) {
                Ok(()) => return,
                Err(Missing(need)) => {
                    assert_eq!(before, self.traces(), "changed before it asked for {need:?}");
                    self.know(need);
                }
            }
        }
        panic!("asks for facts without end");
    }

    /// What a decision that lacks a fact must not have changed.
    fn traces(&self) -> (usize, usize, usize, OrderId, usize) {
        let fresh = &self.shop.fresh;
        let last = self.shop.community.last_order;
        let timers = fresh.timers.len();
        (fresh.outbox.len(), fresh.journal.len(), fresh.decisions.len(), last, timers)
    }

    /// All there is to know is in the shop already.
    fn know(&mut self, need: Need) {
        let known = &mut self.shop.known;
        match need {
            Need::Person(account, key) => drop(known.keys.entry((account, key)).or_insert(None)),
            Need::Member(id) => panic!("no member {id}"),
            Need::Name(key) => drop(known.names.entry(key).or_default()),
            Need::Code(code) => drop(known.codes.entry(code).or_insert(None)),
            Need::Leaders => known.leaders = true,
            Need::OrdersOf(id) => drop(known.orders_of.insert(id)),
            Need::Order(id) => drop(known.absent_orders.insert(id)),
            Need::Balances(id) => drop(known.balances_of.insert(id)),
            Need::Spend(ids, since) => {
                let nothing = |id| (id, crate::book::Spend { since, ..Default::default() });
                known.spend.extend(ids.into_iter().map(nothing));
            }
            Need::Unpaid => known.unpaid = true,
            Need::Closing(at) => drop(known.closing.insert(at)),
            Need::ToShip => known.to_ship = true,
            Need::Shipped => known.shipped = true,
            Need::Due(at) => self.due_by(at),
            Need::Withdrawal(id) => panic!("no withdrawal {id}"),
            Need::Withdrawals => known.withdrawals = true,
            Need::Review => known.review = true,
            Need::Case(id) => panic!("no case {id}"),
            Need::Cases => known.cases = true,
            Need::Report(report) => self.report(report),
        }
    }

    /// Every order is in the book.
    fn due_by(&mut self, at: Timestamp) {
        let marks = self.shop.orders.values().filter_map(Order::due);
        let due = Due {
            after: self.shop.settled,
            until: marks.filter(|mark| mark.at <= at && Some(*mark) > self.shop.settled).max(),
            changed: changed(&self.shop),
            ..Due::default()
        };
        self.shop.known.reports.due.insert(at, due);
    }

    fn report(&mut self, report: Report) {
        let orders = &self.shop.orders;
        let reports = &mut self.shop.known.reports;
        match report {
            Report::Reports(reports::Need::Figures { .. }) => {
                reports.reports.figures = Some(Figures::default());
            }
            Report::Reports(reports::Need::Days(range)) => {
                reports.reports.days.insert(range, Vec::new());
            }
            Report::Reports(reports::Need::Goods(goods)) => {
                reports.reports.goods.insert(goods, crate::domain::reports::DayTotals::default());
            }
            Report::Referral(referral::Need::Promoters) => {
                reports.referral.promoters = Some(Vec::new());
            }
            Report::Referral(referral::Need::Unattributed) => {
                reports.referral.unattributed = Some((Vec::new(), 0));
            }
            Report::Payments(crate::domain::payments::Need::Prints(prints)) => {
                reports.payments.prints.extend(prints.into_iter().map(|print| (print, false)));
            }
            Report::Payouts(payouts::Need::Accounts(_)) => {
                reports.payouts.accounts = Some(crate::domain::reply::AccountsView::default());
            }
            Report::Payouts(payouts::Need::Statement(id)) => {
                reports.payouts.statements.insert(id, Vec::new());
            }
            Report::Orders(orders::Need::Recent(id)) => {
                let recent = orders.of(id).rev().take(10).map(|order| order.id).collect();
                reports.orders.recent.insert(id, recent);
            }
            Report::Orders(orders::Need::Paid(id)) => {
                reports.orders.paid.insert(id, std::collections::BTreeSet::new());
            }
            Report::Service(service::Need::Rates(since)) => {
                reports.service.rates.insert(since, Vec::new());
            }
            Report::Effects(id) => {
                reports.effects.insert(id, Vec::new());
            }
            Report::Referral(referral::Need::Brought(id)) => {
                reports.referral.brought.insert(id, 0);
            }
            Report::Loyalty(loyalty::Need::Points(since)) => {
                reports.loyalty.points.insert(since, BTreeMap::default());
            }
            Report::Loyalty(loyalty::Need::Given(since)) => {
                reports.loyalty.given.insert(since, 0);
            }
            // What no test of a decision asks for is missing.
            _ => {}
        }
    }
}
