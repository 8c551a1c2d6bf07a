//! Restraint (限量): stock cannot be held hostage by who does not pay. What a member may hold unpaid of one
//! offer, how often they may change their mind, and how soon a newcomer may order have bounds in the
//! operator's file. Beyond them nothing is refused: a leader is asked, with one tap.
//!
//! Free of it are leaders, members with three paid orders, and groups whose leader is not there to be asked.
//! A request waits on its member's row until a leader answers, the member asks for something else, or its offers
//! close: silence lapses it. A yes places it as the member said it, if the stock is still there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Shop};
use crate::domain::catalog::Offer;
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::{Intent, Question, Role, Understood, WantedLine, Why};
use crate::domain::orders;
use crate::domain::orders::{Order, OrderState};
use crate::domain::people::{Member, Pending, Request};
use crate::domain::refusal::Refusal;
use crate::domain::reply::{Excess, Reply};

use crate::decide::ask;
use crate::decide::orders::order;
use crate::decide::orders::order::plan::Change;
use crate::decide::views;

/// So many paid orders, and a member is trusted.
pub const TRUSTED_ORDERS: usize = 3;

/// Leaders are not asked again about the same within so long.
const ASK_AGAIN_MINUTES: i64 = 1;

/// Within that time a member may change what is asked for so often: leaders hear of each change.
const MOST_CHANGES: u8 = 3;

/// Why these changes are for a leader to decide; `None`: they are not. Nothing was changed.
///
/// # Errors
/// [`Missing`]: what the member has paid, only where it matters.
pub fn excess(ctx: &Ctx<'_>, member: MemberId, changes: &[Change]) -> Decided<Option<Excess>> {
    let row = ctx.member_row(member)?;
    if changes.iter().all(|change| change.by <= 0) {
        return Ok(None);
    }
    let found = if holds_many(ctx, member, changes) {
        Excess::Many
    } else if changes_often(ctx, member) {
        Excess::Often
    } else if is_new(ctx, row) {
        Excess::New
    } else {
        return Ok(None);
    };
    // Seldom reached, so what takes a look at everybody is asked last.
    let is_free = ctx.role >= Role::Leader || row.role >= Role::Leader || !has_leader(ctx.shop);
    Ok(if is_free || is_trusted(ctx, member)? { None } else { Some(found) })
}

fn has_leader(shop: &Shop) -> bool {
    shop.members.values().any(|member| member.role >= Role::Leader && member.present)
}

/// Whether the member would hold more of some offer without having paid than the file lets them.
fn holds_many(ctx: &Ctx<'_>, member: MemberId, changes: &[Change]) -> bool {
    let mut held: BTreeMap<OfferId, i64> = BTreeMap::new();
    for change in changes {
        *held.entry(change.offer).or_default() += change.by;
    }
    held.retain(|_, by| *by > 0);
    let unpaid = ctx.shop.orders.of(member).filter(|order| order.is_unpaid());
    for line in unpaid.flat_map(|order| &order.lines) {
        if let Some(held) = held.get_mut(&line.offer) {
            *held += i64::from(line.qty);
        }
    }
    held.iter().any(|(id, held)| {
        let most = ctx.shop.offers.get(*id).and_then(|offer| allowance(ctx, offer));
        most.is_some_and(|most| *held > most)
    })
}

/// What one member may hold unpaid of an offer; `None` where there is no end of it.
fn allowance(ctx: &Ctx<'_>, offer: &Offer) -> Option<i64> {
    let policy = &ctx.shop.policy.orders;
    let stock: i64 = offer.stock.iter().map(|stock| stock.initial).sum();
    let share = stock.saturating_mul(i64::from(policy.unpaid_share.bps)) / 10_000;
    (!offer.stock.is_empty()).then(|| share.max(i64::from(policy.unpaid_least)))
}

fn changes_often(ctx: &Ctx<'_>, member: MemberId) -> bool {
    let since = ctx.at - Duration::minutes(1);
    let recent = ctx.shop.orders.of(member).filter_map(|order| order.changed);
    let recent = recent.filter(|(from, _)| *from > since);
    let count: u32 = recent.map(|(_, count)| u32::from(count.unsigned_abs())).sum();
    count >= ctx.shop.policy.orders.changes_per_minute
}

/// An order is changed: count it, by the minute.
pub fn note_change(ctx: &mut Ctx<'_>, order: OrderId) {
    let at = ctx.at;
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.changed = match row.changed {
            Some((from, count)) if from > at - Duration::minutes(1) => {
                Some((from, count.saturating_add(1)))
            }
            _ => Some((at, 1)),
        };
    }
}

fn is_new(ctx: &Ctx<'_>, row: &Member) -> bool {
    let wait = i64::from(ctx.shop.policy.orders.newcomer_minutes);
    wait > 0 && !row.founding && ctx.at < row.joined_at + Duration::minutes(wait)
}

fn is_trusted(ctx: &Ctx<'_>, member: MemberId) -> Decided<bool> {
    let paid = ctx.shop.known.reports.orders.paid.get(&member);
    let paid = paid.ok_or(Missing(Need::Report(Report::Orders(orders::Need::Paid(member)))))?;
    let mut orders: BTreeSet<OrderId> = paid.clone();
    // What was decided since is in the book.
    for order in ctx.shop.orders.of(member) {
        if is_paid(order) {
            orders.insert(order.id);
        } else {
            orders.remove(&order.id);
        }
    }
    Ok(orders.len() >= TRUSTED_ORDERS)
}

fn is_paid(order: &Order) -> bool {
    order.paid_at.is_some() && order.state != OrderState::Refunded
}

/// Ask the leaders whether this may be placed, and tell the buyer so. Asked again at once for the same, leaders
/// are not told again. Other goods or another quantity take the place of what waits, and leaders hear of it, since
/// their yes is for what they were told; after a few such changes what they were told last still waits. A bare
/// quantity (x2) that follows is for what waits.
///
/// # Errors
/// Nobody to ask for.
pub fn ask_leader(ctx: &mut Ctx<'_>, said: &Understood, why: Excess) -> Decided {
    let member = ctx.member()?;
    let row = ctx.member_row(member)?;
    let name = row.name.clone();
    let open = row.request.as_ref().filter(|request| ctx.at < request.until);
    let recent = open.filter(|open| ctx.at < open.at + Duration::minutes(ASK_AGAIN_MINUTES));
    let lines = lines_of(&said.intent);
    if let Some(open) = recent
        && (lines_of(&open.said.intent) == lines || open.changed >= MOST_CHANGES)
    {
        let lines = wanted(ctx.shop, &open.said);
        ctx.record("ask_leader_again", None, None);
        ctx.say(Reply::Orders(orders::Reply::LeaderAsked { lines, why }));
        return Ok(());
    }
    let changed = recent.map_or(0, |open| open.changed + 1);
    let offers = lines.iter().filter_map(|line| ctx.shop.offers.get(line.offer));
    let until = offers.map(|offer| offer.closes_at).min().unwrap_or(ctx.at);
    let quantity = how_many(ctx, &lines, said);
    let lines = wanted(ctx.shop, said);
    if let Some(row) = ctx.shop.members.edit(member) {
        row.request = Some(Request { said: said.clone(), at: ctx.at, until, changed });
        row.question = quantity;
    }
    ctx.record("ask_leader", None, None);
    ctx.say(Reply::Orders(orders::Reply::LeaderAsked { lines: lines.clone(), why }));
    ctx.tell_leaders(&Reply::Orders(orders::Reply::RequestWaiting { member, name, lines, why }));
    Ok(())
}

/// Where one line waits, a bare quantity is for it.
fn how_many(ctx: &Ctx<'_>, lines: &[WantedLine], said: &Understood) -> Option<Pending> {
    let [line] = lines else { return None };
    let partial = Some(WantedLine { qty: None, ..line.clone() });
    let question = Question { partial, ..Question::of(Why::Quantity, Vec::new()) };
    Some(ask::waiting(ctx, &question, said.for_whom.clone(), said.note.clone()))
}

/// A leader answers: yes places it as it was said, no tells the buyer.
///
/// # Errors
/// Missing facts; [`Refusal::QuestionOver`] when nothing waits any more; after a yes the refusals of the order, and
/// the request goes on waiting.
pub fn answer(ctx: &mut Ctx<'_>, member: MemberId, accept: bool) -> Decided {
    if member.0 < 1 || member > ctx.shop.community.last_member {
        return Err(Refusal::QuestionOver.into());
    }
    let row = ctx.member_row(member)?;
    let name = row.name.clone();
    let open = row.request.clone().filter(|request| ctx.at < request.until);
    let Request { said, .. } = open.ok_or(Refusal::QuestionOver)?;
    if accept {
        place(ctx, member, &said)?;
    } else {
        ctx.call(
            member,
            Reply::Orders(orders::Reply::RequestDeclined { lines: wanted(ctx.shop, &said) }),
        );
    }
    if let Some(row) = ctx.shop.members.edit(member) {
        row.request = None;
    }
    ctx.record(if accept { "allow_request" } else { "decline_request" }, None, None);
    ctx.say(Reply::Orders(orders::Reply::RequestAnswered { name, accepted: accept }));
    Ok(())
}

/// Place it in the buyer's name; what comes of it is told to them in the group.
fn place(ctx: &mut Ctx<'_>, member: MemberId, said: &Understood) -> Decided {
    let (leader, private) = (ctx.speaker.replace(member), ctx.private);
    ctx.private = false;
    let placed = match &said.intent {
        Intent::Orders(orders::Intent::Amend(lines)) => order::amend_allowed(ctx, lines, said),
        intent => order::place_allowed(ctx, &lines_of(intent), said, ""),
    };
    (ctx.speaker, ctx.private) = (leader, private);
    placed
}

fn lines_of(intent: &Intent) -> Vec<WantedLine> {
    match intent {
        Intent::Orders(orders::Intent::Order(lines) | orders::Intent::Amend(lines)) => {
            lines.clone()
        }
        _ => Vec::new(),
    }
}

fn wanted(shop: &Shop, said: &Understood) -> Vec<crate::domain::reply::LineView> {
    lines_of(&said.intent).iter().map(|line| views::wanted(shop, line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening, set, want};
    use crate::domain::event::{Body, Contact, TapAbout};
    use crate::domain::intent::{LeaderIntent, Selection};
    use crate::domain::money::Rate;
    use crate::domain::{catalog, payments};

    /// The leader may be asked about A1 from the 26th on, without a limit of its own.
    fn stage() -> Stage {
        let mut stage = Stage::new();
        stage.shop.offers.edit(A1).unwrap().detail.limit_per_member = None;
        stage
    }

    fn orders(stage: &mut Stage, member: MemberId, qty: u32) -> Vec<Reply> {
        stage.does(member, Intent::Orders(orders::Intent::Order(vec![want(A1, qty)])))
    }

    fn says(stage: &mut Stage, accept: bool) -> Vec<Reply> {
        stage.does(
            AMING,
            Intent::Lead(LeaderIntent::Orders(orders::Lead::Request { member: XIAOMEI, accept })),
        )
    }

    #[track_caller]
    fn assert_asked(said: &[Reply], why: Excess) {
        let asked = matches!(said, [Reply::Orders(orders::Reply::LeaderAsked { why: one, .. }), Reply::Orders(orders::Reply::RequestWaiting { .. })] if *one == why);
        assert!(asked, "{said:?}");
    }

    #[track_caller]
    fn assert_taken(said: &[Reply]) {
        assert!(matches!(said, [Reply::Orders(orders::Reply::OrderTaken { .. }), ..]), "{said:?}");
    }

    #[test]
    fn half_of_the_stock_is_taken_at_once_and_more_is_asked() {
        let mut stage = stage();
        assert_taken(&orders(&mut stage, XIAOMEI, 25));
        assert_asked(&orders(&mut stage, XIAOMEI, 1), Excess::Many);
        assert_eq!(stage.stock(A1), (25, 25), "nothing is held by asking");
        assert_taken(&orders(&mut stage, LAOWANG, 25));
    }

    #[test]
    fn five_of_a_small_offer_are_no_hostage() {
        let mut stage = Stage::new();
        stage.shop.offers.edit(A2).unwrap().stock[0].initial = 6;
        stage.shop.offers.edit(A2).unwrap().stock[0].left = 6;
        assert_taken(
            &stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A2, 5)]))),
        );
        let said = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(A2, 6)])));
        assert_asked(&said, Excess::Many);
        let said = says(&mut stage, true);
        assert!(
            matches!(said[..], [Reply::Orders(orders::Reply::OrderChanged { .. }), ..]),
            "{said:?}"
        );
        assert_eq!(stage.stock(A2), (0, 6));
    }

    #[test]
    fn variants_count_together() {
        let mut stage = Stage::new();
        let flavour = |variant, qty| WantedLine { variant: Some(variant), ..want(S1, qty) };
        assert_taken(&stage.does(
            XIAOMEI,
            Intent::Orders(orders::Intent::Order(vec![flavour(0, 4), flavour(1, 2)])),
        ));
        let said = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![flavour(0, 1)])));
        assert_asked(&said, Excess::Many);
    }

    #[test]
    fn a_leaders_yes_places_it_if_it_is_still_there() {
        let mut stage = stage();
        assert_asked(&orders(&mut stage, XIAOMEI, 40), Excess::Many);
        assert_taken(&orders(&mut stage, LAOWANG, 20));
        let refused = Stage::refusal(&says(&mut stage, true));
        assert!(
            matches!(refused, Refusal::Catalog(catalog::Refusal::NotEnoughLeft { left: 30, .. })),
            "{refused:?}"
        );
        stage.does(
            AMING,
            Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Stock {
                offer: A1,
                variant: None,
                by: 10,
            })),
        );
        let said = says(&mut stage, true);
        assert!(
            matches!(
                &said[..],
                [
                    Reply::Orders(orders::Reply::OrderTaken { .. }),
                    ..,
                    Reply::Orders(orders::Reply::RequestAnswered { accepted: true, .. })
                ]
            ),
            "{said:?}"
        );
        assert_eq!(stage.order(2).member, XIAOMEI);
        assert_eq!(stage.stock(A1), (0, 60));
        assert_eq!(Stage::refusal(&says(&mut stage, true)), Refusal::QuestionOver, "once");
    }

    #[test]
    fn a_leaders_no_and_silence_place_nothing() {
        let mut stage = stage();
        assert_asked(&orders(&mut stage, XIAOMEI, 40), Excess::Many);
        let said = says(&mut stage, false);
        assert!(
            matches!(
                &said[..],
                [
                    Reply::Orders(orders::Reply::RequestDeclined { .. }),
                    Reply::Orders(orders::Reply::RequestAnswered { accepted: false, .. })
                ]
            ),
            "{said:?}"
        );
        assert_asked(&orders(&mut stage, XIAOMEI, 41), Excess::Many);
        stage.at = evening();
        assert_eq!(Stage::refusal(&says(&mut stage, true)), Refusal::QuestionOver);
        assert_eq!((stage.stock(A1), stage.shop.orders.len()), ((50, 0), 0));
    }

    #[test]
    fn only_leaders_answer() {
        let mut stage = stage();
        assert_asked(&orders(&mut stage, XIAOMEI, 40), Excess::Many);
        let yes = LeaderIntent::Orders(orders::Lead::Request { member: XIAOMEI, accept: true });
        assert_eq!(stage.does(XIAOMEI, Intent::Lead(yes)), []);
        assert_eq!(stage.shop.orders.len(), 0);
    }

    #[test]
    fn leaders_are_not_flooded() {
        let mut stage = stage();
        assert_asked(&orders(&mut stage, XIAOMEI, 40), Excess::Many);
        let said = orders(&mut stage, XIAOMEI, 40);
        assert!(
            matches!(&said[..], [Reply::Orders(orders::Reply::LeaderAsked { .. })]),
            "the same again: {said:?}"
        );
        for qty in [45, 44, 43] {
            assert_asked(&orders(&mut stage, XIAOMEI, qty), Excess::Many);
        }
        let said = orders(&mut stage, XIAOMEI, 42);
        let [Reply::Orders(orders::Reply::LeaderAsked { lines, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!(lines[0].qty, 43, "what waits is what they were asked about");
        stage.at += Duration::minutes(1);
        assert_asked(&orders(&mut stage, XIAOMEI, 45), Excess::Many);
    }

    #[test]
    fn an_older_button_answers_no_newer_request() {
        let mut stage = stage();
        let asked_at = stage.at;
        orders(&mut stage, XIAOMEI, 40);
        stage.at += Duration::minutes(1);
        orders(&mut stage, XIAOMEI, 45);
        let tap = |stage: &mut Stage, asked_at| {
            let from = Contact { key: "key-阿明".to_owned(), name: "阿明".to_owned() };
            let about = TapAbout::Request { member: XIAOMEI, asked_at };
            stage.happens(Body::Tapped { from, text: "同意 R2".to_owned(), about, private: true })
        };
        assert_eq!(Stage::refusal(&tap(&mut stage, asked_at)), Refusal::QuestionOver);
        let at = stage.at;
        let said = tap(&mut stage, at);
        assert!(
            matches!(said[..], [Reply::Orders(orders::Reply::OrderTaken { .. }), ..]),
            "{said:?}"
        );
    }

    #[test]
    fn who_has_paid_three_orders_is_trusted_and_so_are_leaders() {
        let mut stage = stage();
        for nth in 1..=3 {
            assert_asked(&orders(&mut stage, XIAOMEI, 26), Excess::Many);
            says(&mut stage, false);
            orders(&mut stage, XIAOMEI, 1);
            let of = Selection::Orders(vec![OrderId(nth)]);
            stage.does(
                AMING,
                Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount: None })),
            );
            stage.at += Duration::minutes(11);
        }
        assert_taken(&orders(&mut stage, XIAOMEI, 30));
        assert_taken(&orders(&mut stage, AMING, 17));
    }

    #[test]
    fn who_changes_their_mind_all_the_time_is_asked_about() {
        let mut stage = stage();
        for n in 1..=10 {
            let said = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(A1, n)])));
            assert!(
                !matches!(said[..], [Reply::Orders(orders::Reply::LeaderAsked { .. }), ..]),
                "{n}: {said:?}"
            );
        }
        let said = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(A1, 11)])));
        assert_asked(&said, Excess::Often);
        let said = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(A1, 3)])));
        assert!(
            matches!(said[..], [Reply::Orders(orders::Reply::OrderChanged { .. })]),
            "less is nobody's harm: {said:?}"
        );
        stage.at += Duration::minutes(1);
        let said = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(A1, 4)])));
        assert!(
            matches!(said[..], [Reply::Orders(orders::Reply::OrderChanged { .. })]),
            "{said:?}"
        );
    }

    #[test]
    fn ordering_and_cancelling_in_turns_is_changing_too() {
        let mut stage = stage();
        for _ in 0..10 {
            assert_taken(&orders(&mut stage, XIAOMEI, 1));
            stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
        }
        assert_asked(&orders(&mut stage, XIAOMEI, 1), Excess::Often);
    }

    #[test]
    fn newcomers_wait_only_where_the_file_says_so() {
        let mut stage = stage();
        assert_taken(&orders(&mut stage, XIAOMEI, 1));
        let policy = std::sync::Arc::make_mut(&mut stage.shop.policy);
        policy.orders.newcomer_minutes = 60;
        policy.orders.unpaid_share = Rate { bps: 10_000 };
        assert_asked(&orders(&mut stage, LAOWANG, 1), Excess::New);
        stage.at += Duration::minutes(60);
        assert_taken(&orders(&mut stage, LAOWANG, 1));
    }
}
