//! Withdrawals against the ledger: what is asked for or under way is locked, what was sent is paid out or
//! withheld for tax, and nothing else is.

use std::borrow::Cow;

use crate::domain::ledger::{House, Purse};
use crate::store::chart;

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] =
    &[Check { name: "withdrawals", sql: withdrawals }, Check { name: "tax withheld", sql: tax }];

fn withdrawals() -> Cow<'static, str> {
    let member = chart::member("account_no");
    let [locked, paid_out] =
        [Purse::Locked, Purse::PaidOut].map(|purse| chart::is("account_no", purse));
    format!(
        "
    with wanted as (
        select community_id, member_id, currency,
               coalesce(sum(amount_minor) filter (where state in ('asked', 'approved')), 0) as locked,
               coalesce(sum(amount_minor - withheld_minor) filter (where state = 'sent'), 0) as paid_out
        from withdrawal where lane = $1 and community_id = any($2) group by 1, 2, 3
    ), kept as (
        select community_id, {member} as member_id, currency,
               coalesce(-sum(amount) filter (where {locked}), 0) as locked,
               coalesce(-sum(amount) filter (where {paid_out}), 0) as paid_out
        from balance
        where lane = $1 and community_id = any($2) and ({locked} or {paid_out})
        group by 1, 2, 3
    )
    select community_id, 'withdrawal' as kind, null::bigint as order_id, member_id, null::bigint as offer_id,
           null::smallint as line, null::bigint as seq, bad.what || ' ' || currency as what,
           bad.expected::text, bad.found::text
    from wanted full join kept using (community_id, member_id, currency)
    cross join lateral (values
        ('locked', coalesce(wanted.locked, 0), coalesce(kept.locked, 0)),
        ('paid out', coalesce(wanted.paid_out, 0), coalesce(kept.paid_out, 0))
    ) as bad (what, expected, found)
    where bad.expected <> bad.found"
    )
    .into()
}

fn tax() -> Cow<'static, str> {
    let withheld = chart::house(House::TaxWithheld);
    format!(
        "
    with wanted as (
        select community_id, currency, sum(withheld_minor) as amount from withdrawal
        where lane = $1 and community_id = any($2) and state = 'sent' group by 1, 2
    ), kept as (
        select community_id, currency, -amount as amount from balance
        where lane = $1 and community_id = any($2) and account_no = {withheld}
    )
    select community_id, 'withdrawal' as kind, null::bigint as order_id, null::bigint as member_id,
           null::bigint as offer_id, null::smallint as line, null::bigint as seq,
           'withheld ' || currency as what, coalesce(wanted.amount, 0)::text as expected,
           coalesce(kept.amount, 0)::text as found
    from wanted full join kept using (community_id, currency)
    where coalesce(wanted.amount, 0) <> coalesce(kept.amount, 0)"
    )
    .into()
}
