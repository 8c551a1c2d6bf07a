//! Talk about goods that are there already: who collects them and where they go.
//!
//! ```text
//! handling := (我|明天|…)* (去取|来拿|放|collect|…) (amount | goods)     我去取2箱葡萄
//!           | (把|将) … goods …                   without a verb of ordering or change
//! ```
//!
//! The goods are the object of such a verb, so nothing is ordered with them. Beside an order the same
//! words are a remark (葡萄2箱 我自己去取), and before a blank they may be one (明天来取 鸡蛋2盒).

use super::goods::ClauseReader;
use super::tokens::Kind;
use super::vocabulary::Cue;

/// Verbs of collecting and putting, folded, by how the word ends.
const ENDS: &[&str] = &[
    "取",
    "拿",
    "攞",
    "领",
    "去提",
    "来提",
    "自己提",
    "代收",
    "放",
    "放在",
    "pick up",
    "picking up",
];
/// Whole words that do the same.
const FETCHES: &[&str] = &["去自提", "collecting", "collect", "will collect", "i'll collect"];
/// How goods are handed over, said like a label: 自提2箱葡萄 is an order.
const LABELS: &[&str] = &["自取", "自提"];
/// Verbs that want goods elsewhere, but move them after 把: 把2盒鸡蛋带给我.
const MOVES: &str = "带捎收来留拿打整搞选挑接叫捡";

impl ClauseReader<'_, '_, '_> {
    /// The words of token `n`, folded.
    fn folded(&self, n: usize) -> String {
        let token = &self.heard.tokens[n];
        self.heard.text.glyphs[token.from..token.to].iter().map(|glyph| glyph.c).collect()
    }

    /// Whether the remark that begins here is a verb with goods or an amount for its object.
    pub(super) fn fetches_goods(&self) -> bool {
        let leads = |n: &usize| {
            matches!(
                self.kind(*n),
                Some(
                    Kind::Cue(Cue::NoteLead | Cue::Delivery | Cue::Particle | Cue::Me)
                        | Kind::Opaque(_)
                )
            )
        };
        let Some(verb) = (self.at..self.clause.to).take_while(leads).last() else { return false };
        let object = matches!(
            self.kind(verb + 1),
            Some(Kind::Number(_) | Kind::Unit(_) | Kind::Entry(_) | Kind::Code(_))
        );
        object && self.fetches(verb) && (!self.heard.tokens[verb + 1].gap || self.says_only(verb))
    }

    fn fetches(&self, verb: usize) -> bool {
        let word = self.folded(verb);
        let verbs = matches!(self.cue(verb), Some(Cue::NoteLead | Cue::Delivery));
        verbs
            && !LABELS.contains(&word.as_str())
            && (FETCHES.contains(&word.as_str()) || ENDS.iter().any(|end| word.ends_with(end)))
    }

    /// Whether, in spite of a blank, the verb at `n` has what follows for its object: 我去取 2箱葡萄. A
    /// time before it makes it a remark, and so does 自己.
    fn says_only(&self, n: usize) -> bool {
        let first = self.heard.text.at(self.heard.tokens[n].from);
        let glue = |n: usize| {
            matches!(
                self.cue(n),
                Some(
                    Cue::Me | Cue::Particle | Cue::Polite | Cue::Title | Cue::Greeting | Cue::Want
                )
            )
        };
        (matches!(first, '去' | '来' | '过' | '我') || first.is_ascii())
            && (self.clause.from..n).all(glue)
    }

    /// 把 or 将 with goods behind it, and no verb that orders or changes them.
    pub(super) fn moves_goods(&self) -> bool {
        let orders = |n: usize| match self.cue(n) {
            Some(Cue::Want) => !MOVES.contains(self.heard.text.at(self.heard.tokens[n].from)),
            Some(
                Cue::Again
                | Cue::Set
                | Cue::Only
                | Cue::Less
                | Cue::Drop
                | Cue::Swap
                | Cue::InsteadOf
                | Cue::Instead
                | Cue::Keep
                | Cue::And,
            ) => true,
            _ => false,
        };
        let goods = |n: usize| matches!(self.kind(n), Some(Kind::Entry(_) | Kind::Code(_)));
        matches!(self.folded(self.at).as_str(), "把" | "将")
            && (self.at..self.clause.to).any(goods)
            && !(self.at..self.clause.to).any(orders)
    }
}
