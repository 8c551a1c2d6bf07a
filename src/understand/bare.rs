//! An amount without goods: +1, 我要两份, 再来一盒.
//!
//! It is for the one offer there is, the one line that is changed, the one thing sold by that unit, or
//! for more of the one thing the speaker has by it. Otherwise it is asked which: a unit that some goods
//! are not sold by leaves those out of the question.

use super::goods::Amount;
use super::order::OrderMessage;
use super::tokens::Token;
use super::units::{self, Measure};
use super::vocabulary::Cue;
use super::{question, resolve};
use crate::domain::intent::{Intent, Op, Question, WantedLine, Why};

/// An amount, and what is to be done with it.
#[derive(Clone, Copy)]
pub(super) struct Bare {
    pub(super) amount: Amount,
    pub(super) op: Op,
    /// 再, another: of what the speaker has already, if that is sold by this unit.
    pub(super) again: bool,
}

/// A line for it, or a question. `said`: there is more to it than a number.
pub(super) fn line(bare: Bare, message: &OrderMessage<'_, '_, '_>, said: bool) -> Option<Intent> {
    let Bare { amount, op, .. } = bare;
    let lexicon = message.heard.lexicon;
    let polite = message.heard.tokens.len() > 1;
    if !said && !polite {
        return None;
    }
    if amount.minus {
        return None;
    }
    let only = match (lexicon.offers(), message.mine) {
        ([one], _) if one.variants.is_empty() => Some((0, None)),
        (_, [held]) if op != Op::Add => {
            let place = lexicon.offers().iter().position(|words| words.id == held.offer)?;
            Some((u16::try_from(place).ok()?, held.variant))
        }
        _ => None,
    };
    if only.is_none()
        && let Some(offer) = only_by_unit(amount, message)
    {
        return by_unit(amount, offer, op, message);
    }
    let Some((offer, variant)) = only else {
        let more = more(bare, message).map(|line| question::intent(vec![line], true));
        return Some(more.unwrap_or_else(|| Intent::Ask(which(bare, message))));
    };
    let id = lexicon.offer(offer)?.id;
    match resolve::quantity(Some(amount), lexicon, offer, op) {
        Ok(qty) => Some(question::intent(vec![WantedLine { offer: id, variant, qty, op }], false)),
        Err(why) => {
            let line = WantedLine { offer: id, variant, qty: None, op };
            Some(Intent::Ask(question::quantity(why, &[], line)))
        }
    }
}

/// An amount whose unit says what is meant: taken as read beside a verb or a please, else asked back.
fn by_unit(
    amount: Amount,
    offer: u16,
    op: Op,
    message: &OrderMessage<'_, '_, '_>,
) -> Option<Intent> {
    let lexicon = message.heard.lexicon;
    let id = lexicon.offer(offer)?.id;
    let qty = match resolve::quantity(Some(amount), lexicon, offer, op) {
        Ok(qty) => qty,
        Err(why) => {
            let line = WantedLine { offer: id, variant: None, qty: None, op };
            return Some(Intent::Ask(question::quantity(why, &[], line)));
        }
    };
    let line = WantedLine { offer: id, variant: None, qty, op };
    let said = |token: &Token| {
        matches!(token.cue(), Some(Cue::Want | Cue::Again | Cue::Help | Cue::Polite))
    };
    let choice = question::intent(vec![line], false);
    if op != Op::Add || message.heard.tokens.iter().any(said) {
        return Some(choice);
    }
    Some(Intent::Ask(Question::of(Why::Confirm, vec![choice])))
}

/// "Two loaves" where one thing only comes in loaves.
fn only_by_unit(amount: Amount, message: &OrderMessage<'_, '_, '_>) -> Option<u16> {
    let lexicon = message.heard.lexicon;
    let counts = |measure: &Measure| units::is_generic(*measure) || units::is_dozen(*measure);
    let measure = amount.measure.filter(|measure| !counts(measure))?;
    let sold = |n: &u16| {
        lexicon.compiled(*n).is_some_and(|it| units::factor(&it.units, Some(measure)).is_some())
    };
    let mut fitting = (0..u16::try_from(lexicon.offers().len()).ok()?).filter(sold);
    let only = fitting.next().filter(|_| fitting.next().is_none())?;
    lexicon.offer(only).filter(|words| words.variants.is_empty()).map(|_| only)
}

/// Whether its unit tells goods apart: 份 and a bare number count whatever there is.
fn narrows(amount: Amount) -> bool {
    amount.measure.is_some_and(|measure| !units::is_generic(measure))
}

/// 再来一盒 from whoever has one thing by the 盒: more of that. What would have to be converted first
/// (a 箱 of the eggs they have by the 盒) is asked, for it may as well be something new.
fn more(bare: Bare, message: &OrderMessage<'_, '_, '_>) -> Option<WantedLine> {
    let [line] = <[WantedLine; 1]>::try_from(held(bare, message)).ok()?;
    let lexicon = message.heard.lexicon;
    let place = lexicon.offers().iter().position(|words| words.id == line.offer)?;
    let own = lexicon.compiled(u16::try_from(place).ok()?)?;
    (units::factor(&own.units, bare.amount.measure) == Some((1, 1))).then_some(line)
}

/// The lines the speaker has of what is sold by the unit, each with the quantity that is asked for.
fn held(bare: Bare, message: &OrderMessage<'_, '_, '_>) -> Vec<WantedLine> {
    let mut lines: Vec<WantedLine> = Vec::new();
    if !bare.again || bare.op != Op::Add || !narrows(bare.amount) {
        return lines;
    }
    for fitting in fitting(bare, message) {
        for held in message.mine.iter().filter(|held| held.offer == fitting.offer) {
            let line = WantedLine { variant: held.variant, ..fitting.clone() };
            // The same thing in two baskets is one thing.
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// Every offer that the amount is a quantity of.
fn fitting(bare: Bare, message: &OrderMessage<'_, '_, '_>) -> Vec<WantedLine> {
    let lexicon = message.heard.lexicon;
    let line = |(n, words): (u16, &super::OfferWords)| {
        let qty = resolve::quantity(Some(bare.amount), lexicon, n, bare.op).ok()??;
        Some(WantedLine { offer: words.id, variant: None, qty: Some(qty), op: bare.op })
    };
    (0..).zip(lexicon.offers()).filter_map(line).collect()
}

/// Which goods it is for: of those the speaker has, where more of them is asked for and several fit;
/// else of all that fit.
pub(super) fn which(bare: Bare, message: &OrderMessage<'_, '_, '_>) -> Question {
    let lexicon = message.heard.lexicon;
    let held = held(bare, message);
    if held.len() > 1 {
        return question::which(lexicon, held, true, true);
    }
    let fitting = fitting(bare, message);
    // Where a plain number fits only some, the others may still be meant: 五花肉 beside 鸡蛋.
    let whole = narrows(bare.amount) || fitting.len() == lexicon.offers().len();
    question::which(lexicon, fitting, false, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use crate::domain::intent::{HeldLine, Role};
    use crate::domain::orders;
    use crate::understand::lexicon::Lexicon;
    use crate::understand::{OfferWords, Scene, fixture, understand};

    fn read(lexicon: &Lexicon, mine: &[i64], said: &str) -> Intent {
        let held = |&offer| HeldLine { offer: OfferId(offer), variant: None, qty: 1 };
        let mine: Vec<HeldLine> = mine.iter().map(held).collect();
        let scene = Scene {
            lexicon,
            question: None,
            mine: &mine,
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        understand(said, &scene).intent
    }

    fn lines(intent: &Intent) -> &[WantedLine] {
        match intent {
            Intent::Orders(orders::Intent::Order(lines) | orders::Intent::Amend(lines)) => lines,
            other => panic!("no lines in {other:?}"),
        }
    }

    fn ask(lexicon: &Lexicon, mine: &[i64], said: &str) -> Question {
        match read(lexicon, mine, said) {
            Intent::Ask(question) => question,
            other => panic!("{said} should be asked back, not {other:?}"),
        }
    }

    /// What is listed: offers with their quantities.
    #[track_caller]
    fn lists(context: &str, mine: &[i64], said: &str, expected: &[(i64, u32)]) {
        let question = ask(&fixture::lexicon(context), mine, said);
        let listed: Vec<(i64, u32)> = question
            .choices
            .iter()
            .flat_map(lines)
            .map(|line| (line.offer.0, line.qty.unwrap()))
            .collect();
        assert_eq!((listed.as_slice(), question.unlisted.len()), (expected, 0), "{said}");
    }

    #[test]
    fn a_unit_lists_what_is_sold_by_it() {
        lists("fruit", &[], "我要2盒", &[(1, 2), (2, 2), (5, 2), (6, 2)]);
        lists("fruit", &[], "3箱", &[(1, 3), (3, 3), (4, 3), (6, 36), (8, 3)]);
        lists("fruit", &[], "那个来2盒", &[(1, 2), (2, 2), (5, 2), (6, 2)]);
        lists("grocery", &[], "2 packs please", &[(4, 2), (5, 2)]);
        lists("weigh", &[], "来两斤", &[(1, 2), (2, 2), (3, 2), (4, 2)]);
        // What comes in variants is asked about once more.
        lists("dumpling", &[], "来两袋", &[(1, 2), (2, 2), (3, 2), (4, 2)]);
        // Nothing is sold by it.
        lists("fruit", &[], "来两瓶", &[]);
    }

    /// A number or 份 tells nothing apart: where not everything is counted, nothing is numbered.
    #[test]
    fn what_tells_nothing_apart_lists_all_or_nothing() {
        lists("fruit", &[], "+2", &[1, 2, 3, 4, 5, 6, 7, 8].map(|offer| (offer, 2)));
        let question = ask(&fixture::lexicon("weigh"), &[], "我要两份");
        assert_eq!((question.choices.len(), question.unlisted.len()), (0, 2));
    }

    #[test]
    fn more_is_of_what_one_has_by_the_unit() {
        let fruit = fixture::lexicon("fruit");
        for (mine, said, expected) in [
            (&[5][..], "再来一盒", (5, 1)),
            (&[5], "再要2盒", (5, 2)),
            (&[3, 5], "再来一箱", (3, 1)),
            (&[5, 5], "再来一盒吧谢谢", (5, 1)),
        ] {
            let intent = read(&fruit, mine, said);
            let (offer, qty) = expected;
            let (offer, qty) = (OfferId(offer), Some(qty));
            let line = WantedLine { offer, variant: None, qty, op: Op::Add };
            assert_eq!(
                intent,
                Intent::Orders(orders::Intent::Amend(vec![line])),
                "{mine:?} {said}"
            );
        }
        lists("fruit", &[2, 5, 7], "再来一盒", &[(2, 1), (5, 1)]);
        // Nothing of that unit yet, or only by conversion; or not of what one has.
        let boxes = [(1, 1), (2, 1), (5, 1), (6, 1)];
        lists("fruit", &[7], "再来一盒", &boxes);
        lists("fruit", &[6], "再来一箱", &[(1, 1), (3, 1), (4, 1), (6, 12), (8, 1)]);
        lists("fruit", &[5], "来一盒", &boxes);
    }

    #[test]
    fn more_some_other_day_orders_nothing() {
        let fruit = fixture::lexicon("fruit");
        for said in ["下次再来一盒", "要是好吃再来一盒", "再来一盒多少钱", "改天再来两盒"]
        {
            let intent = read(&fruit, &[5], said);
            let orders = matches!(
                intent,
                Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_))
            );
            assert!(!orders, "{said}: {intent:?}");
        }
    }

    #[test]
    fn too_many_to_number_are_kept_for_a_name() {
        let words = |n: i64| OfferWords {
            id: OfferId(n),
            code: format!("A{n}"),
            name: format!(
                "{}茶",
                ["红", "绿", "白", "黑", "花", "奶", "麦", "岩", "青", "黄"]
                    [usize::try_from(n).unwrap() - 1]
            ),
            aliases: Vec::new(),
            unit: "盒".to_owned(),
            other_units: Vec::new(),
            variants: Vec::new(),
            price: crate::domain::money::Money::from_minor(1_000),
        };
        let lexicon =
            Lexicon::new((1..=10).map(words).collect(), crate::domain::money::Currency::CNY);
        let question = ask(&lexicon, &[], "我要2盒");
        assert_eq!((question.choices.len(), question.unlisted.len()), (0, 10));
        let scene = Scene {
            lexicon: &lexicon,
            question: Some(&question),
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        for reply in ["A10", "黄茶", "黄茶吧"] {
            let intent = understand(reply, &scene).intent;
            let (offer, qty) = (OfferId(10), Some(2));
            let line = WantedLine { offer, variant: None, qty, op: Op::Add };
            assert_eq!(intent, Intent::Orders(orders::Intent::Order(vec![line])), "{reply}");
        }
        assert_eq!(understand("3", &scene).intent, Intent::Silent);
    }
}
