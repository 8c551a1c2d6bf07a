//! Orders as a file in the chat (导出): which ones is decided here; the file is made when it is sent, and for the
//! leader's eyes only.

use chrono::{Days, NaiveTime};

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog;
use crate::domain::ids::OfferId;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::reports::{self, DayRange, DaySpan};
use crate::domain::time::{local_day, local_instant};

use crate::decide::views;

/// Orders of some days, or those that have something of an offer. Without either, today's.
///
/// # Errors
/// `NothingOpen`, where there is no such offer.
pub fn export(ctx: &mut Ctx<'_>, span: Option<DaySpan>, offer: Option<OfferId>) -> Decided {
    let zone = ctx.shop.community.time_zone;
    let today = local_day(ctx.at, zone);
    let row = offer.map(|offer| {
        let row = ctx.shop.offers.get(offer);
        row.ok_or(Refusal::Catalog(catalog::Refusal::NothingOpen))
    });
    let row = row.transpose()?;
    let DayRange { since: first, until: last } = match (span, row) {
        (None, Some(row)) => DayRange { since: local_day(row.opens_at, zone), until: today },
        (span, _) => span.unwrap_or(DaySpan::day(0)).days(today),
    };
    let after = last.checked_add_days(Days::new(1)).unwrap_or(last);
    let goods = row.map(|row| views::full_name(row, None));
    let reply = reports::Reply::OrdersFile {
        since: local_instant(first, NaiveTime::MIN, zone),
        before: local_instant(after, NaiveTime::MIN, zone),
        offer,
        goods,
        first,
        last,
        orders: 0,
        cannot: false,
    };
    ctx.record("export", None, None);
    ctx.say(Reply::Reports(reply));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, Stage, XIAOMEI};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::reports::Lead;

    fn leads(stage: &mut Stage, span: Option<DaySpan>, offer: Option<OfferId>) -> Vec<Reply> {
        let lead = Lead::Export { span, offer };
        stage.does(AMING, Intent::Lead(LeaderIntent::Reports(lead)))
    }

    #[test]
    fn orders_of_a_day_or_of_an_offer_go_to_the_leader_alone() {
        let mut stage = Stage::new();
        stage.heard();
        let said = leads(&mut stage, Some(DaySpan::day(1)), None);
        let [Reply::Reports(reports::Reply::OrdersFile { since, before, offer, first, .. })] =
            &said[..]
        else {
            panic!("{said:?}")
        };
        assert_eq!((*before - *since, *offer), (chrono::Duration::days(1), None));
        let zone = stage.shop.community.time_zone;
        assert_eq!(local_day(*since, zone), *first);
        leads(&mut stage, None, Some(A1));
        assert!(stage.heard().iter().all(|it| it.private));
    }

    #[test]
    fn an_offer_that_is_not_there_is_none_and_members_get_nothing() {
        let mut stage = Stage::new();
        let said = leads(&mut stage, None, Some(OfferId(99)));
        assert_eq!(Stage::refusal(&said), Refusal::Catalog(catalog::Refusal::NothingOpen));
        let lead = Lead::Export { span: None, offer: None };
        assert_eq!(stage.does(XIAOMEI, Intent::Lead(LeaderIntent::Reports(lead))), []);
    }
}
