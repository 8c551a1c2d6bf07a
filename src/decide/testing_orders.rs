//! Orders for the tests of money: placed without a word, as an order from the chat would be.

use chrono::Duration;

use crate::book::Ctx;
use crate::domain::event::{Body, Event, Timer};
use crate::domain::ids::{AccountId, EventId, Lane, MemberId, OfferId, OrderId};
use crate::domain::ledger::{AccountNo, House, POINTS, Purse};
use crate::domain::money::{Currency, Money};
use crate::domain::orders::{Line, Order, OrderPrivate, OrderState, PointsTerms};

use crate::decide::loyalty::tiers;
use crate::decide::referral::commission;
use crate::decide::testing::{Stage, evening};

/// A member places an order of these offers, variants and quantities.
pub(crate) fn placed(
    stage: &mut Stage,
    member: MemberId,
    wanted: &[(OfferId, Option<u16>, u32)],
) -> OrderId {
    let lines = wanted
        .iter()
        .map(|&(offer, variant, qty)| new_line(stage, member, offer, variant, qty))
        .collect();
    let id = stage.shop.community.next_order();
    let order = Order {
        id,
        member,
        state: OrderState::Placed,
        closes_at: evening(),
        hold_until: evening() + Duration::hours(24),
        warned: false,
        prolonged: 0,
        lapsed_at: None,
        placed_at: stage.at,
        paid_at: None,
        received: Money::ZERO,
        points_worth: Money::ZERO,
        points_spent: 0,
        points_terms: stage
            .shop
            .policy
            .points
            .per_amount
            .map(|per| PointsTerms { per, times: 100 * tiers::of_day(&stage.shop, stage.at) }),
        points_granted: 0,
        shipped_at: None,
        received_at: None,
        due_at: None,
        said: None,
        changed: None,
        lines,
        private: OrderPrivate::default(),
    };
    stage.shop.orders.add(id, order);
    id
}

fn new_line(
    stage: &mut Stage,
    member: MemberId,
    offer: OfferId,
    variant: Option<u16>,
    qty: u32,
) -> Line {
    let event = Event {
        id: EventId { lane: Lane(0), seq: 0 },
        community: stage.shop.community.id,
        account: AccountId::SYSTEM,
        key: String::new(),
        at: stage.at,
        body: Body::Due(Timer::Warn),
    };
    let ctx = Ctx::new(&mut stage.shop, &event);
    let row = ctx.offer(offer).unwrap().clone();
    let earners = commission::snapshot(&ctx, member, &row).unwrap();
    let row = stage.shop.offers.edit(offer).unwrap();
    row.sold += i64::from(qty);
    if let Some(stock) = row.stock_of_mut(variant) {
        stock.left -= i64::from(qty);
    }
    let mut line = Line {
        offer,
        variant,
        qty,
        price: row.price,
        cuts: Vec::new(),
        discount: Money::ZERO,
        refunded_qty: 0,
        restocked: 0,
        refunded: Money::ZERO,
        refunded_amount: Money::ZERO,
        shares: commission::shares(earners),
        message: None,
        collected_at: None,
    };
    crate::decide::pricing::rounding::reprice(std::slice::from_mut(&mut line), Currency::CNY);
    line
}

/// What a member is owed on one of their accounts, from the journal alone.
pub(crate) fn owed(stage: &Stage, member: MemberId, purse: Purse) -> i64 {
    let currency = if purse == Purse::Wallet { POINTS } else { "CNY" };
    -stage.posted(AccountNo::of(member, purse), currency)
}

/// What stands on one of the shop's accounts, from the journal alone.
pub(crate) fn house(stage: &Stage, account: House) -> i64 {
    let currency = if account == House::Issued { POINTS } else { "CNY" };
    stage.posted(AccountNo::house(account), currency)
}

/// Every fact balances, and balances and postings are the sums of the journal.
#[track_caller]
pub(crate) fn assert_books_agree(stage: &Stage) {
    let mut sums = std::collections::BTreeMap::new();
    for posted in &stage.shop.fresh.journal {
        assert!(posted.entry.balances(), "{posted:?}");
        for &(account, amount) in &posted.entry.legs {
            assert_ne!(amount, 0, "an empty leg in {posted:?}");
            *sums.entry((account, posted.entry.currency.clone())).or_insert(0) += amount;
        }
    }
    assert_eq!(sums, stage.shop.fresh.postings);
    for member in stage.shop.members.values() {
        for purse in [Purse::Frozen, Purse::Available, Purse::Locked, Purse::PaidOut, Purse::Wallet]
        {
            let currency = if purse == Purse::Wallet { POINTS } else { "CNY" };
            let balance = stage.shop.balances.owed(member.id, purse, currency).minor;
            assert_eq!(balance, owed(stage, member.id, purse), "{purse:?} of {}", member.name);
        }
    }
}
