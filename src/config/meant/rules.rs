//! The shop's rules as meant: commission, attribution, points, waiting times, withdrawals.
//! Defaults were filled in when the file was read. Whether the law allows what they say is checked
//! in `checks::compliance`.

use super::Meaning;
use crate::config::written;
use crate::domain::policy::{
    AttributionPolicy, CommissionPolicy, OrderPolicy, PayMethod, PayShows, PaymentPolicy,
    PointsPolicy, Tier, WithdrawalPolicy,
};

impl Meaning<'_, '_> {
    pub(super) fn points(&mut self, written: &written::PointsRules) -> PointsPolicy {
        let streaks = written.streaks.value.0.iter();
        let mut streaks: Vec<_> =
            streaks.map(|(days, points)| (days.value.0, points.value.0)).collect();
        streaks.sort_unstable();
        let month_days = written.month_days.value.0.iter();
        PointsPolicy {
            check_in: written.check_in.value.0,
            streaks,
            per_amount: written.per_amount.as_ref().map(|amount| self.money(amount)),
            share: written.share.value.0,
            spend_rate: written.spend_rate.as_ref().map(|rate| rate.value.0),
            spend_cap: written.spend_cap.value,
            expire_after_days: written.expire_after_days.as_ref().map(|days| days.value.0),
            month_days: month_days
                .filter_map(|(day, times)| Some((u8::try_from(day.value.0).ok()?, times.value.0)))
                .collect(),
            gift_month: written.gift_month.value.0,
            tiers: written.tiers.value.iter().filter_map(|tier| self.tier(&tier.value)).collect(),
            tier_days: written.tier_days.value.0,
        }
    }

    fn tier(&mut self, written: &written::Tier) -> Option<Tier> {
        Some(Tier {
            name: written.name.as_ref()?.value.0.clone(),
            spend: self.money(written.spend.as_ref()?),
            times: written.times.as_ref()?.value.0,
        })
    }

    pub(super) fn withdrawal(&mut self, written: &written::Withdrawal) -> WithdrawalPolicy {
        WithdrawalPolicy {
            minimum: self.money(&written.minimum),
            withholding: written.withholding.value,
        }
    }
}

pub(super) const fn commission(written: &written::Commission) -> CommissionPolicy {
    CommissionPolicy {
        level1: written.level1.value,
        level2: written.level2.value,
        cap: written.cap.value,
        return_window_days: written.return_window_days.value.0,
        self_purchase: written.self_purchase.value,
        leaders_earn: written.leaders_earn.value,
    }
}

pub(super) fn attribution(written: &written::Attribution) -> AttributionPolicy {
    AttributionPolicy {
        expires_after_days: written.expires_after_days.as_ref().map(|days| days.value.0),
        new_buyers_only: written.new_buyers_only.value,
        founding_bindable: written.founding_bindable.value,
    }
}

pub(super) fn payment(written: &written::Payment) -> PaymentPolicy {
    let mut remind: Vec<_> = written.remind.value.iter().map(|share| share.value).collect();
    remind.sort_unstable();
    PaymentPolicy {
        methods: written.methods.value.iter().filter_map(|it| method(&it.value)).collect(),
        claim_minutes: written.claim_hold.value.0,
        flash_claim_minutes: written.claim_hold_flash.value.0,
        chase_minutes: written.chase_again.value.0,
        chases_alone: written.chase_alone.value,
        remind,
    }
}

/// `text = "现金"` says it all.
fn is_cash(written: &written::Method) -> bool {
    let words = [
        "现金",
        "現金",
        "货到付款",
        "貨到付款",
        "cash",
        "cash at pick-up",
        "cash on pickup",
        "cash on collection",
    ];
    written
        .text
        .as_ref()
        .is_some_and(|it| words.contains(&it.value.0.trim().to_lowercase().as_str()))
}

fn method(written: &written::Method) -> Option<PayMethod> {
    let slugs = written.communities.iter().flat_map(|list| &list.value);
    let shows = match (&written.picture, &written.paynow) {
        (Some(picture), _) => PayShows::Picture(picture.value.0.clone()),
        (None, Some(to)) => PayShows::PayNow {
            to: to.value.0.clone(),
            name: written.paynow_name.as_ref().map(|it| it.value.0.clone()).unwrap_or_default(),
        },
        (None, None) if written.cash.value || is_cash(written) => PayShows::Cash,
        (None, None) => PayShows::Nothing,
    };
    Some(PayMethod {
        communities: slugs.map(|slug| slug.value.0.clone()).collect(),
        text: written.text.as_ref()?.value.0.clone(),
        shows,
    })
}

pub(super) const fn orders(written: &written::Orders) -> OrderPolicy {
    OrderPolicy {
        hold_minutes: written.hold.value.0,
        warn_minutes: written.warn.value.0,
        receive_after_days: written.receive_after_days.value.0,
        repeat_minutes: written.repeat.value.0,
        question_minutes: written.question.value.0,
        unpaid_share: written.unpaid_share.value,
        unpaid_least: written.unpaid_least.value.0,
        changes_per_minute: written.changes_per_minute.value.0,
        newcomer_minutes: match &written.newcomers_wait {
            Some(wait) => wait.value.0,
            None => 0,
        },
    }
}
