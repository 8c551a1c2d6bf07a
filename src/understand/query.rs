//! What members say that orders nothing: questions, complaints, praise, goods shown.
//!
//! A question counts when it names goods or a topic of the shop; a complaint when it is about goods
//! or delivery; praise when goods have arrived or are named. Everything about other shops, other
//! people and former purchases is small talk.

use super::clause::{Clause, Flags, ReadableMessage};
use super::tokens::Kind;
use super::vocabulary::Cue;
use crate::domain::ids::OfferId;
use crate::domain::intent::{About, Intent, Query};
use crate::domain::{catalog, loyalty, service};

/// Whether every token of a clause is known and harmless beside a command.
pub(super) fn explained(heard: &ReadableMessage<'_, '_>, clause: &Clause) -> bool {
    heard.tokens[clause.from..clause.to].iter().all(|token| match token.kind {
        Kind::Word | Kind::Opaque(_) | Kind::Entry(_) | Kind::Code(_) => false,
        Kind::Cue(cue) => !matches!(
            cue,
            Cue::Story
                | Cue::Joke
                | Cue::Example
                | Cue::Elsewhere
                | Cue::Decoy
                | Cue::Complaint
                | Cue::Negation
                | Cue::Not
                | Cue::If
        ),
        _ => true,
    })
}

/// Read a message that is no order.
pub(super) fn remark(heard: &ReadableMessage<'_, '_>, clauses: &[Clause]) -> Intent {
    let all = clauses.iter().fold(Flags::default(), |all, clause| all.union(clause.flags));
    if shares(heard, all) {
        return Intent::Loyalty(loyalty::Intent::Share);
    }
    let doubts =
        clauses.iter().any(|c| c.flags.has(Flags::COMPLAINT) && c.flags.has(Flags::QUESTION));
    let doubts = doubts && !all.has(Flags::ARRIVED) && asks(heard, clauses, all);
    let complains = complains(heard, all) && !doubts;
    if complains {
        return Intent::Service(service::Intent::Complain(service::ComplaintKind::Plain));
    }
    if praises(all, clauses) || finds(heard, all) {
        return Intent::Service(service::Intent::Feedback);
    }
    if asks(heard, clauses, all) {
        return Intent::Catalog(catalog::Intent::Query(Query {
            about: about(heard),
            offers: offers(heard),
        }));
    }
    Intent::Silent
}

fn shares(heard: &ReadableMessage<'_, '_>, all: Flags) -> bool {
    let shown =
        all.has(Flags::PHOTO) && all.has(Flags::PRAISE.union(Flags::ARRIVED).union(Flags::NAMED));
    let asked = all.has(Flags::QUESTION.union(Flags::CONDITION).union(Flags::ELSEWHERE));
    let _ = heard;
    (all.has(Flags::SHARE) || shown) && !asked && !all.has(Flags::COMPLAINT)
}

fn complains(heard: &ReadableMessage<'_, '_>, all: Flags) -> bool {
    let about = Flags::NAMED
        .union(Flags::ARRIVED)
        .union(Flags::TOPIC)
        .union(Flags::COMMAND)
        .union(Flags::SHARE);
    // A code may be a platform, a seat or a gate: 车停B2了，电梯坏了.
    let coded = all.has(Flags::GOODS) && !all.has(Flags::UNKNOWN.union(Flags::DECOY));
    let short = all.has(Flags::ARRIVED) && all.has(Flags::LESS) && all.has(Flags::NUMBER);
    let about = coded || all.has(about) || (all.has(Flags::COMPLAINT) && names_goods(heard));
    (all.has(Flags::COMPLAINT) || short) && about && !all.has(Flags::ELSEWHERE)
}

/// 盒子都压扁了: goods by a general name, or what they come in.
fn names_goods(heard: &ReadableMessage<'_, '_>) -> bool {
    let text: String = heard.text.glyphs.iter().map(|g| g.c).take(200).collect();
    ["盒子", "箱子", "袋子", "包装", "水果", "果子", "餸", "个饭", "啲饭", "the box", "packaging"]
        .iter()
        .any(|word| text.contains(word))
}

/// How goods were found: "the bread was rock hard", 草莓有点蔫, 车厘子有股怪味.
fn finds(heard: &ReadableMessage<'_, '_>, all: Flags) -> bool {
    let other = Flags::QUESTION
        .union(Flags::CONDITION)
        .union(Flags::ELSEWHERE)
        .union(Flags::STORY)
        .union(Flags::WANT)
        .union(Flags::NUMBER)
        .union(Flags::CHANGE)
        .union(Flags::NEGATION)
        .union(Flags::LAUGH);
    if !all.has(Flags::NAMED) || all.has(other) {
        return false;
    }
    let tokens = &heard.tokens;
    let Some(named) = tokens.iter().position(|t| matches!(t.kind, Kind::Entry(_))) else {
        return false;
    };
    tokens.iter().enumerate().skip(named + 1).any(|(n, token)| {
        let word = heard.written(n, n + 1);
        let verdict = matches!(word, "was" | "were" | "有点" | "有点儿" | "有股" | "一股" | "有點");
        let after = tokens.get(n + 1).filter(|next| verdict && next.kind == Kind::Word);
        let place =
            ["on", "in", "at", "for", "from", "here", "there", "going", "not", "left", "just"];
        after.is_some() && token.to > token.from && !place.contains(&heard.written(n + 1, n + 2))
    })
}

fn praises(all: Flags, clauses: &[Clause]) -> bool {
    let asked = all
        .has(Flags::QUESTION.union(Flags::CONDITION).union(Flags::ELSEWHERE).union(Flags::STORY));
    let about = Flags::NAMED.union(Flags::ARRIVED);
    let _ = clauses;
    all.has(Flags::PRAISE) && all.has(about) && !asked
}

fn asks(heard: &ReadableMessage<'_, '_>, clauses: &[Clause], all: Flags) -> bool {
    if !all.has(Flags::QUESTION.union(Flags::CONDITION)) {
        return false;
    }
    let asking = clauses.iter().filter(|c| c.flags.has(Flags::QUESTION.union(Flags::CONDITION)));
    let asked = asking.fold(Flags::default(), |all, clause| all.union(clause.flags));
    if asked.has(Flags::DECOY) && !all.has(Flags::NAMED) {
        return false;
    }
    // 我在拼多多买了两箱橙子，看看哪家好 asks nothing of this shop.
    let told = Flags::STORY.union(Flags::ELSEWHERE);
    if all.has(Flags::STORY)
        && all.has(Flags::ELSEWHERE)
        && !asked.has(Flags::GOODS.union(Flags::TOPIC))
        && !asked.has(told)
    {
        return false;
    }
    let unknown = clauses.iter().any(|c| c.flags.has(Flags::UNKNOWN));
    let topic = asked.has(Flags::TOPIC) || (asked.has(Flags::COMMAND));
    let named = all.has(Flags::NAMED);
    let coded = all.has(Flags::GOODS) && !unknown;
    let acts = Flags::WANT.union(Flags::LESS).union(Flags::CHANGE);
    let wants = all.has(acts) && !unknown && !asked.has(Flags::OTHER_COUNT);
    let _ = heard;
    let amount = heard.tokens.iter().any(|t| matches!(t.kind, Kind::Unit(_)))
        && !unknown
        && heard.lexicon.offers().len() == 1;
    (named || coded || topic || wants || amount) && (named || !asked.has(Flags::ELSEWHERE))
}

/// What a question is about, as far as its words say.
pub(super) fn about(heard: &ReadableMessage<'_, '_>) -> About {
    let cue = |wanted: Cue| heard.tokens.iter().any(|token| token.cue() == Some(wanted));
    let folded: String = heard.text.glyphs.iter().take(400).map(|g| g.c).collect();
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    if cue(Cue::Price)
        || says(&[
            "多少钱",
            "几钱",
            "几多钱",
            "价",
            "块钱",
            "贵",
            "how much is",
            "how much are",
            "cost",
        ])
    {
        About::Price
    } else if cue(Cue::Stock) || says(&["还有", "有货", "仲有", "剩", "有没有", "有冇", "left"])
    {
        About::Stock
    } else if cue(Cue::Variants) {
        About::Variants
    } else if cue(Cue::Closing) {
        About::Closing
    } else if cue(Cue::Delivery) || says(&["几时", "什么时候", "几点", "哪里取", "when", "where"])
    {
        About::Delivery
    } else {
        About::Other
    }
}

/// The offers named, each once, in order of mention.
pub(super) fn offers(heard: &ReadableMessage<'_, '_>) -> Vec<OfferId> {
    let mut all = Vec::new();
    for token in &heard.tokens {
        let named: &[u16] = match token.kind {
            Kind::Code(ref offer) => std::slice::from_ref(offer),
            Kind::Entry(_) => heard.entry(token).map_or(&[], |e| match &e.code {
                Some(code) => std::slice::from_ref(code),
                None if e.items.is_empty() => &e.of,
                None => &e.items,
            }),
            _ => &[],
        };
        for offer in named {
            if let Some(words) = heard.lexicon.offer(*offer)
                && !all.contains(&words.id)
                && all.len() < 9
            {
                all.push(words.id);
            }
        }
    }
    all
}
