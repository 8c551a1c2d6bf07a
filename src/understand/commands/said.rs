//! A command as it was said: its words, and readers of what stands behind them.

use super::super::args::{self, Args};
use super::super::clause::ReadableMessage;
use super::super::goods::{self, Atom, Goods};
use super::super::lexicon::Lexicon;
use super::super::normalize::Folded;
use super::super::variants;
use crate::domain::ids::OfferId;
use crate::domain::intent::{LeaderIntent, Selection};
use crate::domain::money::Currency;
use crate::domain::person::Person;
use crate::domain::shipping::NamedGoods;

/// A message that begins with the words of a command.
#[derive(Clone, Copy, Debug)]
pub(in crate::understand) struct Said<'t> {
    /// All of it.
    pub(in crate::understand) text: &'t str,
    /// The words.
    pub(in crate::understand) verb: &'t str,
    /// What stands behind them.
    pub(in crate::understand) rest: &'t str,
    /// What can be named.
    pub(in crate::understand) lexicon: &'t Lexicon,
}

impl<'t> Said<'t> {
    /// The community's currency.
    pub(super) fn currency(&self) -> Currency {
        self.lexicon.currency()
    }

    /// Whether nothing stands behind the words.
    pub(super) fn is_alone(&self) -> bool {
        self.rest.chars().all(|c| !c.is_alphanumeric())
    }

    /// `intent`, where nothing stands behind the words.
    pub(super) fn alone(&self, intent: LeaderIntent) -> Option<LeaderIntent> {
        self.is_alone().then_some(intent)
    }

    /// Orders and people, names with all words that may belong to them.
    pub(super) fn args(&self) -> Args<'t> {
        Args::read_names(self.rest)
    }

    /// Orders, people or all, and nothing else.
    pub(super) fn selection(&self) -> Option<Selection> {
        let args = self.args();
        if args.rest.is_empty() { selection(&args) } else { None }
    }

    /// One person: mentioned, called with `@`, or by a name alone. Whoever it is, is told from whole names.
    pub(super) fn person(&self) -> Option<Person> {
        let args = self.args();
        let is_talk = self.verb.trim().eq_ignore_ascii_case("leader");
        let may_be_bare = args.orders.is_empty() && !is_talk;
        match (args.people.as_slice(), args.rest.as_slice()) {
            ([name], []) => Some(name.clone()),
            ([], words @ ([_] | [_, _] | [_, _, _])) if may_be_bare => {
                args::person(&words.join(" "))
            }
            _ => None,
        }
    }

    /// The same as [`offer_of`].
    pub(super) fn offer(&self, text: &str) -> Option<(OfferId, Option<u16>)> {
        offer_of(text, self.lexicon)
    }
}

/// What a text names, where it is goods and nothing else.
fn goods_alone(text: &str, lexicon: &Lexicon) -> Option<Goods> {
    let folded = Folded::new(text.trim());
    let heard = ReadableMessage::new(&folded, lexicon);
    let [clause] = heard.clauses()[..] else { return None };
    let goods::SaidClause { mut atoms, residue: 0, .. } = goods::read(&heard, &clause) else {
        return None;
    };
    match (atoms.pop()?, atoms.is_empty()) {
        (Atom::Goods(goods), true) => Some(goods),
        _ => None,
    }
}

/// The one offer, and perhaps variant, that a text names and nothing else.
pub(super) fn offer_of(text: &str, lexicon: &Lexicon) -> Option<(OfferId, Option<u16>)> {
    let goods = goods_alone(text, lexicon)?;
    let &[offer] = goods.offers.as_slice() else { return None };
    let variant = if goods.parts.is_empty() {
        None
    } else {
        Some(*variants::matching(lexicon, offer, &goods.parts).first()?)
    };
    Some((lexicon.offer(offer)?.id, variant))
}

/// The one offer that a text names and nothing else, and whether by its code.
pub(super) fn offer_in(text: &str, lexicon: &Lexicon) -> Option<NamedGoods> {
    let goods = goods_alone(text, lexicon)?;
    let &[offer] = goods.offers.as_slice() else { return None };
    let is_said = goods.coded || goods.named;
    let by_code = goods.coded && !goods.named;
    let offer = lexicon.offer(offer).filter(|_| is_said)?.id;
    Some(NamedGoods { offer, by_code })
}

/// Which orders are meant.
pub(super) fn selection(args: &Args<'_>) -> Option<Selection> {
    match (args.orders.is_empty(), args.people.is_empty(), args.all) {
        (false, true, false) => Some(Selection::Orders(args.orders.clone())),
        (true, false, false) => Some(Selection::Members(args.people.clone())),
        (true, true, true) => Some(Selection::All),
        _ => None,
    }
}

/// What a reader makes of what stands behind the words of its command, in a shop of this currency without goods.
#[cfg(test)]
pub(super) fn read_behind<T>(rest: &str, code: &str, read: fn(&Said<'_>) -> T) -> T {
    let currency = Currency::of(code).expect("a currency");
    let lexicon = Lexicon::new(Vec::new(), currency);
    read(&Said { text: rest, verb: "", rest, lexicon: &lexicon })
}
