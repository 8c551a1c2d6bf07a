//! A long run, by hand and now and then: `make fuzz`. Messages of the corpora are cut, joined, repeated and
//! sprinkled with odd characters; whatever comes of it must be read in time and without a panic, and what
//! is read must be within bounds. Beside it: what changes nothing for a person changes no order.
//!
//! `FUZZ_SECONDS` says how long, `FUZZ_SEED` where to begin: the seed of a failure is in its message.

use serde::Deserialize;

use super::{Lexicon, Scene, amount, fixture, may_concern, understand};
use crate::domain::intent::{
    HeldLine, Intent, MAX_CHOICES, MAX_QTY, MAX_UNLISTED, Question, Role, Understood, WantedLine,
};
use crate::domain::money::Currency;
use crate::domain::orders;
use crate::fuzzing::{Dice, few, in_time, long};

const CORPORA: [&str; 4] = [
    include_str!("../../tests/corpus/cases.jsonl"),
    include_str!("../../tests/corpus/more.jsonl"),
    include_str!("../../tests/corpus/blind.jsonl"),
    include_str!("../../tests/corpus/fresh.jsonl"),
];

const CONTEXTS: [&str; 8] =
    ["single", "fruit", "bento", "dumpling", "numbered", "clothes", "grocery", "weigh"];

/// Amounts as people write them, to be cut and joined.
const AMOUNTS: [&str; 16] = [
    "1,250",
    "1250元",
    "¥12.5",
    "S$6.80",
    "6.80元/盒",
    "NT$280",
    "十块五",
    "两千",
    "１，２５０",
    "12,5",
    "三块二毛五",
    "1.2万",
    "US$ 5",
    "0.5",
    "50 cents",
    "1.000.000",
];

#[derive(Deserialize)]
struct FuzzCase {
    context: String,
    text: String,
    accept: Vec<String>,
}

struct Fuzz {
    cases: Vec<FuzzCase>,
    lexicons: Vec<Lexicon>,
    /// Of each context: a question asked back lately, and lines somebody holds.
    question: Vec<Option<Question>>,
    mine: Vec<Vec<HeldLine>>,
}

impl Fuzz {
    fn one(&mut self, dice: &mut Dice) {
        an_amount(dice);
        let texts: Vec<&str> = self.cases.iter().map(|case| case.text.as_str()).collect();
        let text = dice.text(&texts);
        let place = dice.below(self.lexicons.len());
        let lexicon = &self.lexicons[place];
        let role = if dice.once_in(4) { Role::Leader } else { Role::Member };
        let question = self.question[place].as_ref().filter(|_| dice.once_in(3));
        let scene =
            Scene { lexicon, question, mine: &self.mine[place], mentions: &[], lately: &[], role };
        let read = in_time(text.len(), || understand(&text, &scene));
        bounded(&read, lexicon).unwrap_or_else(|why| panic!("{why}: {text:?} as {read:?}"));
        // With a question open everything is read.
        let concerns = read.intent == Intent::Silent
            || question.is_some()
            || may_concern(&text, lexicon, role);
        assert!(concerns, "overlooked {text:?} as {read:?}");
        match read.intent {
            Intent::Ask(asked) => self.question[place] = Some(asked),
            Intent::Orders(orders::Intent::Order(lines)) => {
                let held = |line: &WantedLine| HeldLine {
                    offer: line.offer,
                    variant: line.variant,
                    qty: line.qty.unwrap_or(1),
                };
                self.mine[place] = lines.iter().map(held).collect();
            }
            _ => {}
        }
    }

    /// Blanks, width, politeness: a person reads the same order.
    fn same_order(&self, case: &FuzzCase) -> Result<(), String> {
        let lexicon = &self.lexicons[place(&case.context)];
        let read = |text: &str| {
            understand(
                text,
                &Scene {
                    lexicon,
                    question: None,
                    mine: &[],
                    mentions: &[],
                    lately: &[],
                    role: Role::Member,
                },
            )
            .intent
        };
        let plain = read(&case.text);
        if !records(&plain)
            || matches!(plain, Intent::Orders(orders::Intent::JoinList(_)))
            || case.text.contains('\n')
        {
            return Ok(());
        }
        let text = &case.text;
        for (what, variant) in [
            ("blanks around", format!("  {text} ")),
            ("more blanks", text.replace(' ', "  ")),
            ("zero width", text.chars().flat_map(|c| [c, '\u{200b}']).collect()),
            ("thanks", format!("{text}，谢谢")),
            ("sorry to trouble you", format!("麻烦了，{text}")),
            ("a smile", format!("{text}😊")),
            ("wide digits", wide(text)),
        ] {
            let got = read(&variant);
            if got != plain {
                return Err(format!("{what} changes {text:?} from {plain:?} to {got:?}"));
            }
        }
        Ok(())
    }
}

/// What is read as an amount can be paid, and is read again as it is shown.
fn an_amount(dice: &mut Dice) {
    let text = dice.text(&AMOUNTS);
    let currencies: Vec<Currency> = Currency::all().collect();
    let currency = currencies[dice.below(currencies.len())];
    if let Ok(read) = in_time(text.len(), || amount::price(&text, currency)) {
        assert_eq!(currency.in_cash(read.money), read.money, "{text:?} in {currency}");
        let shown = currency.show(read.money);
        assert_eq!(amount::amount(&shown, currency), Ok(read.money), "{text:?} in {currency}");
    }
}

fn place(context: &str) -> usize {
    CONTEXTS.iter().position(|it| *it == context).unwrap_or(0)
}

/// Digits and signs of arithmetic in full width.
fn wide(text: &str) -> String {
    let wide = |c: char| match c {
        '0'..='9' | '+' | '*' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(wide).collect()
}

fn records(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Orders(
            orders::Intent::Order(_)
                | orders::Intent::Amend(_)
                | orders::Intent::Cancel(_)
                | orders::Intent::JoinList(_)
        )
    )
}

/// Whether what was read is something the shop can carry out.
fn bounded(read: &Understood, lexicon: &Lexicon) -> Result<(), String> {
    let long = |text: &Option<String>, most: usize| {
        text.as_ref().is_some_and(|text| text.chars().count() > most)
    };
    let whom = read.for_whom.as_ref().map(|person| person.name().to_owned());
    if long(&read.note, 200) || long(&whom, 32) {
        return Err("a remark or name is too long".to_owned());
    }
    sound(&read.intent, lexicon)
}

fn too_many(question: &Question) -> bool {
    question.choices.len() > MAX_CHOICES || question.unlisted.len() > MAX_UNLISTED
}

fn sound(intent: &Intent, lexicon: &Lexicon) -> Result<(), String> {
    let offered = |line: &WantedLine| {
        let words = lexicon.offers().iter().find(|words| words.id == line.offer);
        let Some(words) = words else { return Err(format!("no such offer: {line:?}")) };
        let varied = line.variant.is_none_or(|v| usize::from(v) < words.variants.len());
        let counted = line.qty.is_none_or(|qty| (1..=MAX_QTY).contains(&qty));
        if varied && counted { Ok(()) } else { Err(format!("no such line: {line:?}")) }
    };
    match intent {
        Intent::Orders(orders::Intent::Order(lines)) => {
            let empty = lines.is_empty() || lines.iter().any(|line| line.qty.is_none());
            if empty {
                Err("an order of nothing".to_owned())
            } else {
                lines.iter().try_for_each(offered)
            }
        }
        Intent::Orders(orders::Intent::Amend(lines) | orders::Intent::Cancel(lines)) => {
            lines.iter().try_for_each(offered)
        }
        Intent::Orders(orders::Intent::JoinList(entries)) => {
            entries.iter().flat_map(|it| &it.lines).try_for_each(offered)
        }
        Intent::Ask(question) if too_many(question) => Err("too many choices".to_owned()),
        Intent::Ask(question) => {
            question.options().try_for_each(|option| sound(option, lexicon))?;
            question.partial.iter().try_for_each(offered)
        }
        _ => Ok(()),
    }
}

fn cases() -> Vec<FuzzCase> {
    let lines = CORPORA.iter().flat_map(|corpus| corpus.lines());
    lines.filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fuzz() -> Fuzz {
    let lexicons: Vec<_> = CONTEXTS.iter().map(|context| fixture::lexicon(context)).collect();
    let (question, mine) = (vec![None; CONTEXTS.len()], vec![Vec::new(); CONTEXTS.len()]);
    Fuzz { cases: cases(), lexicons, question, mine }
}

#[test]
fn two_thousand_mutated_messages() {
    let mut fuzz = fuzz();
    few(2_000, 2, |dice| fuzz.one(dice));
}

#[test]
fn what_changes_nothing_for_a_person_changes_no_order() {
    let fuzz = fuzz();
    let wrong: Vec<_> = fuzz.cases.iter().filter_map(|case| fuzz.same_order(case).err()).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is said after a chain or a quotation would belong to it.
fn is_talk(case: &FuzzCase) -> bool {
    case.accept == ["silent"] && !case.text.contains('\n')
}

/// Idle talk of the corpora, two at a time: nothing is ever recorded.
#[test]
fn talk_joined_to_talk_orders_nothing() {
    let (fuzz, mut dice) = (fuzz(), Dice::new(7));
    let quiet: Vec<&FuzzCase> = fuzz.cases.iter().filter(|case| is_talk(case)).collect();
    for _ in 0..4_000 {
        let one = dice.pick(&quiet);
        let same = |case: &&&FuzzCase| case.context == one.context;
        let others: Vec<&FuzzCase> = quiet.iter().filter(same).copied().collect();
        let two = dice.pick(&others);
        let joint = dice.pick(&["，", "。", "\n", "！"]);
        let text = format!("{}{joint}{}", one.text, two.text);
        let lexicon = &fuzz.lexicons[place(&one.context)];
        let scene = Scene {
            lexicon,
            question: None,
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        let read = understand(&text, &scene);
        assert!(!records(&read.intent), "{text:?} orders {read:?}");
    }
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let mut fuzz = fuzz();
    long("messages", |dice| fuzz.one(dice));
}
