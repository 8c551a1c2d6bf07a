//! Ways to pay (付款方式): what the file says of them, and a bank's code for what the speaker owes.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::intent::Role;
use crate::domain::money::{Currency, Money};
use crate::domain::payments;
use crate::domain::payments::paynow::{Bill, Proxy, code};
use crate::domain::policy::{PayMethod, PayShows};
use crate::domain::reply::Reply;

use crate::decide::views;

/// 怎么付款: the ways to pay in words; below them a picture or a code of each that has one.
///
/// # Errors
/// Missing facts; nobody speaks.
pub fn how(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    let unpaid = ctx.shop.orders.of(member).filter(|order| order.is_unpaid());
    let due: Vec<_> = unpaid.map(views::due).collect();
    let total: Money = due.iter().map(|it| it.due).sum();
    let reference = due.iter().map(|it| it.order.to_string()).collect::<Vec<_>>().join("-");
    let (community, currency) = (&ctx.shop.community, ctx.shop.community.currency);
    let methods: Vec<PayMethod> =
        ctx.shop.policy.payment.methods_of(&community.slug).cloned().collect();
    let leaders = ctx.shop.members.values().filter(|it| it.role == Role::Leader && it.present);
    let leaders = leaders.map(|it| it.name.clone()).collect();
    let ways = methods.iter().map(|method| method.text.clone()).collect();
    let cash = methods.iter().any(|method| method.shows == PayShows::Cash);
    let reply = payments::Reply::WaysToPay { ways, due, total, leaders, cash };
    ctx.say(Reply::Payments(reply));
    for method in methods {
        if let Some(reply) = picture(method, total, currency, &reference) {
            ctx.say(Reply::Payments(reply));
        }
    }
    Ok(())
}

fn picture(
    method: PayMethod,
    due: Money,
    currency: Currency,
    reference: &str,
) -> Option<payments::Reply> {
    let (picture, code) = match method.shows {
        PayShows::Nothing | PayShows::Cash => return None,
        PayShows::Picture(path) => (Some(path), None),
        PayShows::PayNow { to, name } => {
            let amount = (due > Money::ZERO).then_some(due);
            let bill = Bill { to: Proxy::read(&to)?, name: &name, amount, currency, reference };
            (None, Some(code(&bill)))
        }
    };
    let reference = reference.to_owned();
    Some(payments::Reply::PayPicture { text: method.text, picture, code, due, reference })
}
