//! Answers from facts: what the operator's file says, in its own words or as a sentence made of its figures. What it does
//! not say is left to a person.

use crate::book::ctx::Ctx;
use crate::domain::groups;
use crate::domain::policy::ShopTopic;
use crate::domain::reply::Reply;

/// Answer a question that every shop is asked.
pub fn ask(ctx: &mut Ctx<'_>, topic: ShopTopic) {
    let (policy, community) = (&ctx.shop.policy, &ctx.shop.community);
    let own = policy.fact_about(topic, &community.slug, community.locale);
    let reply = match (own, topic) {
        (Some(text), _) => groups::Reply::ShopTold { text: text.to_owned() },
        (None, ShopTopic::Points) => points(ctx),
        (None, ShopTopic::Commission | ShopTopic::Payday | ShopTopic::Inviting) => {
            earning(ctx, topic)
        }
        // The catalogue's.
        (None, ShopTopic::Delivery | ShopTopic::Fee | ShopTopic::Hours) => return,
    };
    ctx.record("ask_shop", None, None);
    ctx.say(Reply::Groups(reply));
}

/// Answer one of the shop's own questions: its place in the file.
pub fn tell(ctx: &mut Ctx<'_>, place: usize) {
    let community = &ctx.shop.community;
    let fact = ctx.shop.policy.facts.get(place).filter(|fact| fact.is_in(&community.slug));
    let answer = fact.and_then(|fact| fact.answer_in(community.locale));
    let Some(text) = answer.map(str::to_owned) else { return };
    ctx.record("ask_shop", None, None);
    ctx.say(Reply::Groups(groups::Reply::ShopTold { text }));
}

fn points(ctx: &Ctx<'_>) -> groups::Reply {
    let policy = &ctx.shop.policy.points;
    groups::Reply::PointsRules {
        check_in: policy.check_in,
        per_amount: policy.per_amount,
        share: policy.share,
        spend_rate: policy.spend_rate,
        unit: ctx.shop.community.currency.one(),
        spend_cap: policy.spend_cap,
        expire_days: policy.expire_after_days,
    }
}

fn earning(ctx: &Ctx<'_>, about: ShopTopic) -> groups::Reply {
    let policy = &ctx.shop.policy;
    groups::Reply::EarningRules {
        about,
        level1: policy.commission.level1,
        level2: policy.commission.level2,
        varies: policy.items.iter().any(|item| item.commission.is_some()),
        days: policy.commission.return_window_days,
        minimum: policy.withdrawal.minimum,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::decide::testing::{Stage, XIAOMEI};
    use crate::domain::intent::Intent;
    use crate::domain::money::{Money, Rate};
    use crate::domain::policy::{Locale, ShopFact};

    fn said(stage: &mut Stage, intent: groups::Intent) -> Vec<Reply> {
        stage.does(XIAOMEI, Intent::Groups(intent))
    }

    fn fact(about: Option<ShopTopic>, communities: &[&str], answer: &str) -> ShopFact {
        ShopFact {
            communities: communities.iter().map(|slug| (*slug).to_owned()).collect(),
            about,
            asks: Vec::new(),
            answer: vec![(Locale::ZhHans, answer.to_owned())],
        }
    }

    #[test]
    fn what_the_shop_says_itself_comes_before_what_follows_from_its_figures() {
        let mut stage = Stage::new();
        let ask = groups::Intent::AskShop(ShopTopic::Points);
        let made = said(&mut stage, ask.clone());
        assert!(matches!(made[..], [Reply::Groups(groups::Reply::PointsRules { .. })]), "{made:?}");
        Arc::make_mut(&mut stage.shop.policy).facts = vec![
            fact(Some(ShopTopic::Points), &["elsewhere"], "not here"),
            fact(Some(ShopTopic::Points), &[], "见群公告"),
        ];
        let own = Reply::Groups(groups::Reply::ShopTold { text: "见群公告".to_owned() });
        assert_eq!(said(&mut stage, ask), std::slice::from_ref(&own));
        assert_eq!(said(&mut stage, groups::Intent::AskFact(1)), [own]);
        assert!(said(&mut stage, groups::Intent::AskFact(0)).is_empty(), "of another community");
        assert!(said(&mut stage, groups::Intent::AskFact(2)).is_empty(), "gone from the file");
    }

    #[test]
    fn earnings_are_told_as_the_policy_has_them() {
        let mut stage = Stage::new();
        let policy = Arc::make_mut(&mut stage.shop.policy);
        policy.commission.level1 = Rate { bps: 450 };
        policy.withdrawal.minimum = Money::from_minor(2_000);
        let [Reply::Groups(groups::Reply::EarningRules { level1, days, minimum, .. })] =
            &said(&mut stage, groups::Intent::AskShop(ShopTopic::Payday))[..]
        else {
            panic!("no rules");
        };
        assert_eq!((level1.bps, *days, minimum.minor), (450, 7, 2_000));
    }
}
