//! `tuan understand --contexts FILE`: JSON Lines of messages in, JSON Lines of readings out.
//!
//! The contract is that of the graded corpus: a context lists the offers open at one moment, a
//! message names its context. Acts that only exist inside the shop are given by their nearest
//! public one; a leader's commands are silent, because nobody leads here.

#[cfg(feature = "train")]
mod labels;
#[cfg(feature = "train")]
mod learn;
mod led;
mod named;
#[cfg(any(test, feature = "train"))]
mod stamp;
#[cfg(feature = "train")]
pub mod train;

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::ids::OfferId;
use crate::domain::intent::{HeldLine, Intent, Op, Role, Understood, WantedLine};
use crate::domain::money::{Currency, Money};
use crate::domain::orders;
use crate::understand::weights::{WEIGHTS, Weights};
use crate::understand::{Lately, Lexicon, OfferWords, Scene, Voice, act, judge, rules};

/// Say what messages mean.
#[derive(Debug, clap::Args)]
#[cfg_attr(feature = "train", command(args_conflicts_with_subcommands = true))]
pub struct UnderstandArgs {
    /// The offers open in each context, as JSON
    #[arg(long, value_name = "FILE", required = true)]
    contexts: Option<PathBuf>,
    /// Tell the pieces of each message and its best readings, too
    #[arg(long)]
    why: bool,
    #[cfg(feature = "train")]
    #[command(subcommand)]
    task: Option<Task>,
}

/// What else can be done.
#[cfg(feature = "train")]
#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Learn how people speak from the graded corpora
    Train(train::Train),
}

impl UnderstandArgs {
    /// Read messages, or learn.
    ///
    /// # Errors
    /// What could not be read, written or understood.
    pub fn run(&self) -> anyhow::Result<()> {
        #[cfg(feature = "train")]
        if let Some(Task::Train(train)) = &self.task {
            return train.run();
        }
        let contexts = self.contexts.as_deref().context("which contexts?")?;
        let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
        run(contexts, self.why, input, std::io::BufWriter::new(output))
    }
}

#[derive(Deserialize)]
struct MessageContext {
    #[serde(default)]
    currency: Currency,
    offers: Vec<ContextOffer>,
}

#[derive(Deserialize)]
struct ContextOffer {
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
struct SaidMessage {
    id: Value,
    context: String,
    text: String,
    #[serde(default)]
    scene: Situation,
}

/// What surrounds a message: `scene` of the contract, as far as a member's message is read by it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Situation {
    me: Option<i64>,
    role: Role,
    names: Vec<named::NamedMember>,
    open: Vec<HeldOrder>,
    last: Vec<SaidBefore>,
}

/// An order that is open in the community.
#[derive(Deserialize)]
struct HeldOrder {
    who: Who,
    #[serde(default)]
    state: String,
    #[serde(default)]
    lines: Vec<SaidLine>,
}

/// Whose it is: an id, or `"me"`.
#[derive(Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Who {
    Id(i64),
    Word(String),
}

#[derive(Deserialize)]
struct SaidLine {
    code: String,
    #[serde(default)]
    variant: Option<String>,
    #[serde(default)]
    qty: Option<u32>,
}

/// What was said a moment ago.
#[derive(Deserialize)]
struct SaidBefore {
    from: String,
    text: String,
}

impl Situation {
    /// What the speaker has and can still change.
    fn mine(&self, lexicon: &Lexicon) -> Vec<HeldLine> {
        let is_mine = |order: &&HeldOrder| match &order.who {
            Who::Id(id) => self.me == Some(*id),
            Who::Word(word) => word == "me",
        };
        let settled = ["paid", "shipped", "delivered", "arrived", "closed", "cancelled"];
        let unpaid = |order: &&HeldOrder| !settled.contains(&order.state.as_str());
        let open = self.open.iter().filter(is_mine).filter(unpaid);
        open.flat_map(|order| &order.lines).filter_map(|line| held(line, lexicon)).collect()
    }

    fn lately(&self) -> Vec<Lately> {
        let voice = |from: &str| match from {
            "me" => Voice::Me,
            "bot" => Voice::Bot,
            _ => Voice::Other,
        };
        let heard = |said: &SaidBefore| Lately { from: voice(&said.from), text: said.text.clone() };
        self.last.iter().map(heard).collect()
    }
}

fn held(line: &SaidLine, lexicon: &Lexicon) -> Option<HeldLine> {
    let offer = lexicon.offers().iter().find(|offer| offer.code == line.code)?;
    let place = |variant: &String| offer.variants.iter().position(|one| one == variant);
    let variant = line.variant.as_ref().and_then(place).and_then(|n| u16::try_from(n).ok());
    Some(HeldLine { offer: offer.id, variant, qty: line.qty.unwrap_or(1) })
}

/// Read messages from `input` and write one reading each to `out`.
///
/// # Errors
/// An unreadable contexts file, a line that is no message, an unknown context, a broken pipe.
pub fn run(
    contexts: &Path,
    why: bool,
    input: impl BufRead,
    mut out: impl Write,
) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(contexts)
        .with_context(|| format!("reading the contexts in {}", contexts.display()))?;
    let lexicons = lexicons(&text).with_context(|| format!("in {}", contexts.display()))?;
    for (n, line) in input.lines().enumerate() {
        let line = line.context("reading messages")?;
        if line.trim().is_empty() {
            continue;
        }
        let message: SaidMessage =
            serde_json::from_str(&line).with_context(|| format!("message line {}", n + 1))?;
        let lexicon = lexicons
            .get(&message.context)
            .with_context(|| format!("line {}: no context {:?}", n + 1, message.context))?;
        let (mine, lately) = (message.scene.mine(lexicon), message.scene.lately());
        let scene = Scene {
            lexicon,
            question: None,
            mine: &mine,
            mentions: &[],
            lately: &lately,
            role: message.scene.role,
        };
        let names = message.scene.names.as_slice();
        let read = named::read(&message.text, &scene, names, &WEIGHTS);
        let mut answer = answer(&message.id, &read.understood, lexicon);
        let scene = Scene { mentions: &read.mentions, ..scene };
        named::NamedScene { text: &read.text, scene: &scene, names, weights: &WEIGHTS }
            .name(&read.understood, &mut answer);
        if why {
            answer["why"] = reasons(&read.text, &scene, &WEIGHTS);
        }
        writeln!(out, "{answer}")?;
    }
    out.flush()?;
    Ok(())
}

/// So many readings are told with their reasons.
const SHOWN: usize = 8;

/// The pieces of a message and its best readings, each with its score.
fn reasons(text: &str, scene: &Scene<'_>, weights: &Weights) -> Value {
    let pieces = judge::pieces(text, scene.lexicon).into_iter();
    let pieces: Vec<Value> = pieces.map(|(text, what)| json!([text, what])).collect();
    let studied = judge::study(text, scene, &rules(text, scene));
    let weighed = studied.iter().flat_map(|studied| judge::weighings(studied, weights));
    let readings: Vec<Value> = weighed
        .take(SHOWN)
        .map(|(score, reading)| {
            let mut told = answer(&score.into(), &reading.understood, scene.lexicon);
            told["purpose"] = reading.purpose.name().into();
            told["grade"] = reading.grade.into();
            told
        })
        .collect();
    json!({"pieces": pieces, "readings": readings})
}

/// The lexicon of every context in a contexts file. Offers are numbered from 1 in their order.
///
/// # Errors
/// Malformed JSON, or a factor that is no positive decimal number.
pub fn lexicons(text: &str) -> anyhow::Result<HashMap<String, Lexicon>> {
    let contexts: HashMap<String, MessageContext> = serde_json::from_str(text)?;
    contexts
        .into_iter()
        .map(|(name, context)| {
            let words = (1..).zip(context.offers).map(|(n, offer)| words(n, offer));
            let words = words.collect::<anyhow::Result<Vec<_>>>()?;
            Ok((name, Lexicon::new(words, context.currency)))
        })
        .collect()
}

fn words(n: i64, offer: ContextOffer) -> anyhow::Result<OfferWords> {
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
        "act": act(&understood.intent).name(),
        "for": understood.for_whom,
        "note": understood.note,
    });
    match &understood.intent {
        Intent::Orders(orders::Intent::JoinList(entries)) => {
            let entries: Vec<Value> = entries
                .iter()
                .map(|entry| {
                    let lines = lines(&entry.lines, lexicon);
                    json!({"who": entry.who, "lines": lines, "note": entry.note})
                })
                .collect();
            answer["entries"] = entries.into();
        }
        Intent::Orders(
            orders::Intent::Order(wanted)
            | orders::Intent::Amend(wanted)
            | orders::Intent::Cancel(wanted),
        ) => {
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
        run(contexts, false, input.as_bytes(), &mut out).unwrap();
        let answer: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(answer["act"], "order");
        assert_eq!(answer["lines"][0], json!({"code":"B1","variant":null,"qty":2,"op":"add"}));
    }
}
