//! `tuan understand --contexts FILE`: JSON Lines of messages in, JSON Lines of readings out.
//!
//! The contract is that of the graded corpus: a context lists the offers open at one moment, a
//! message names its context. Acts that only exist inside the shop are given by their nearest
//! public one; a leader's commands are silent, because nobody leads here.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, Op, Role, Understood, WantedLine};
use crate::domain::money::{Currency, Money};
use crate::understand::{Lexicon, OfferWords, Scene, understand};

#[derive(Deserialize)]
struct Context {
    #[serde(default)]
    currency: Currency,
    offers: Vec<Offer>,
}

#[derive(Deserialize)]
struct Offer {
    code: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    unit: String,
    /// Whole or fractional factors, kept as written so that no float is needed.
    #[serde(default)]
    other_units: BTreeMap<String, serde_json::Number>,
    #[serde(default)]
    variants: Vec<String>,
    #[serde(default)]
    price_minor: i64,
}

#[derive(Deserialize)]
struct Message {
    id: Value,
    context: String,
    text: String,
}

/// Read messages from `input` and write one reading each to `out`.
///
/// # Errors
/// An unreadable contexts file, a line that is no message, an unknown context, a broken pipe.
pub fn run(contexts: &Path, input: impl BufRead, mut out: impl Write) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(contexts)
        .with_context(|| format!("reading the contexts in {}", contexts.display()))?;
    let lexicons = lexicons(&text).with_context(|| format!("in {}", contexts.display()))?;
    for (n, line) in input.lines().enumerate() {
        let line = line.context("reading messages")?;
        if line.trim().is_empty() {
            continue;
        }
        let message: Message =
            serde_json::from_str(&line).with_context(|| format!("message line {}", n + 1))?;
        let lexicon = lexicons
            .get(&message.context)
            .with_context(|| format!("line {}: no context {:?}", n + 1, message.context))?;
        let scene = Scene { lexicon, question: None, mine: &[], mentions: &[], role: Role::Member };
        let answer = answer(&message.id, &understand(&message.text, &scene), lexicon);
        writeln!(out, "{answer}")?;
    }
    out.flush()?;
    Ok(())
}

/// The lexicon of every context in a contexts file. Offers are numbered from 1 in their order.
///
/// # Errors
/// Malformed JSON, or a factor that is no positive decimal number.
pub fn lexicons(text: &str) -> anyhow::Result<HashMap<String, Lexicon>> {
    let contexts: HashMap<String, Context> = serde_json::from_str(text)?;
    contexts
        .into_iter()
        .map(|(name, context)| {
            let words = (1..).zip(context.offers).map(|(n, offer)| words(n, offer));
            let words = words.collect::<anyhow::Result<Vec<_>>>()?;
            Ok((name, Lexicon::new(words, context.currency)))
        })
        .collect()
}

fn words(n: i64, offer: Offer) -> anyhow::Result<OfferWords> {
    let units = offer.other_units.into_iter().map(|(unit, factor)| {
        let (numerator, denominator) =
            ratio(&factor.to_string()).with_context(|| format!("unit {unit} of {}", offer.code))?;
        Ok((unit, numerator, denominator))
    });
    Ok(OfferWords {
        id: OfferId(n),
        other_units: units.collect::<anyhow::Result<Vec<_>>>()?,
        code: offer.code,
        name: offer.name,
        aliases: offer.aliases,
        unit: offer.unit,
        variants: offer.variants,
        price: Money::from_minor(offer.price_minor),
    })
}

/// A decimal such as `0.5` as a ratio.
fn ratio(factor: &str) -> anyhow::Result<(u32, u32)> {
    let (whole, decimals) = factor.split_once('.').unwrap_or((factor, ""));
    let decimals = decimals.trim_end_matches('0');
    let places = u32::try_from(decimals.len())?;
    let denominator = 10_u32.checked_pow(places).context("too many decimals")?;
    let numerator: u32 = format!("{whole}{decimals}").parse()?;
    anyhow::ensure!(numerator > 0, "a factor is above zero");
    Ok((numerator, denominator))
}

fn answer(id: &Value, understood: &Understood, lexicon: &Lexicon) -> Value {
    let mut answer = json!({
        "id": id,
        "act": act(&understood.intent),
        "for": understood.for_whom,
        "note": understood.note,
    });
    match &understood.intent {
        Intent::JoinList(entries) => {
            let entries: Vec<Value> = entries
                .iter()
                .map(|entry| {
                    let lines = lines(&entry.lines, lexicon);
                    json!({"who": entry.who, "lines": lines, "note": entry.note})
                })
                .collect();
            answer["entries"] = entries.into();
        }
        Intent::Order(wanted) | Intent::Amend(wanted) | Intent::Cancel(wanted) => {
            answer["lines"] = lines(wanted, lexicon).into();
        }
        _ => answer["lines"] = json!([]),
    }
    answer
}

fn lines(wanted: &[WantedLine], lexicon: &Lexicon) -> Vec<Value> {
    let line = |line: &WantedLine| {
        let offer = lexicon.offers().iter().find(|offer| offer.id == line.offer)?;
        let variant = line.variant.and_then(|n| offer.variants.get(usize::from(n)));
        let op = match line.op {
            Op::Add => "add",
            Op::Set => "set",
            Op::Remove => "remove",
        };
        Some(json!({"code": offer.code, "variant": variant, "qty": line.qty, "op": op}))
    };
    wanted.iter().filter_map(line).collect()
}

/// The public name of an act.
fn act(intent: &Intent) -> &'static str {
    match intent {
        Intent::Order(_) => "order",
        Intent::Amend(_) => "amend",
        Intent::Cancel(_) | Intent::CancelOrders(_) | Intent::Undo(_) => "cancel",
        Intent::JoinList(_) => "join_list",
        Intent::Ask(_) | Intent::Unread(_) => "ask",
        Intent::CheckIn => "check_in",
        Intent::Balance | Intent::Statement => "balance",
        Intent::MyOrders => "my_orders",
        Intent::Invite
        | Intent::UseInvite { .. }
        | Intent::ClaimInviter { .. }
        | Intent::AnswerClaim { .. } => "invite",
        Intent::Points | Intent::SpendPoints { .. } => "points",
        Intent::Menu => "menu",
        Intent::Help => "help",
        Intent::Share => "share",
        Intent::Feedback => "feedback",
        Intent::Withdraw { .. } | Intent::SetPayee(_) | Intent::AgreePayee(_) => "withdraw",
        Intent::Query(_) => "query",
        Intent::Silent
        | Intent::SetAddress(_)
        | Intent::SetPickup(_)
        | Intent::Received(_)
        | Intent::Lead(_)
        | Intent::Operate(_)
        | Intent::Link { .. } => "silent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_exact_ratios() {
        assert_eq!(ratio("12").unwrap(), (12, 1));
        assert_eq!(ratio("0.5").unwrap(), (5, 10));
        assert_eq!(ratio("2.50").unwrap(), (25, 10));
        assert!(ratio("0").is_err());
        assert!(ratio("-1").is_err());
    }

    #[test]
    fn each_message_gets_one_answer() {
        let contexts =
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/contexts.json"));
        let input = r#"{"id":"x","context":"fruit","text":"草莓2盒"}"#;
        let mut out = Vec::new();
        run(contexts, input.as_bytes(), &mut out).unwrap();
        let answer: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(answer["act"], "order");
        assert_eq!(answer["lines"][0], json!({"code":"B1","variant":null,"qty":2,"op":"add"}));
    }
}
