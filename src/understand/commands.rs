//! The table of commands: who may say each, in which words, with what behind them. Each room has its rows.
//!
//! ```text
//! command  := words                     glue may stand around them (Words)
//!           | words argument*           the words begin the message (Lead)
//!           | a sentence of its own     (Sentence)
//! argument := '#' number | '@' name | 全部 | amount | goods | …      one reader each: args, amount, Said
//! ```
//!
//! The table feeds the grammar, what is half said, slash commands, menus of platforms and help. Leaders chat too:
//! a command with an argument that cannot be read, or with words left over, is no command, unless it is plainly
//! half of one (`Half`).

mod announcing;
mod arriving;
mod blocking;
mod catalog;
mod cutting;
mod expecting;
mod giving;
mod groups;
mod half;
mod handing;
mod lacking;
mod listing;
mod listing_terms;
mod lookups;
mod loyalty;
mod orders;
mod paying;
mod payments;
mod payouts;
mod people;
mod referral;
mod refunding;
mod relisting;
mod reports;
mod said;
mod sales;
mod selling;
mod service;
mod serving;
mod shipping;
mod slash;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::clause::ReadableMessage;
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::vocabulary::Cue;
use crate::domain::command::CommandId;
use crate::domain::groups::HelpRoom;
use crate::domain::intent::{Intent, LeaderIntent, Role};

pub(super) use half::Half;
pub(super) use said::Said;
pub(super) use slash::rewrite;

/// One row.
#[derive(Debug)]
pub struct Command {
    /// Its name: the room and what is done there. Purposes and words are found by it. Rows of one name are one
    /// command, said otherwise.
    pub id: &'static str,
    /// Who may say it.
    pub who: Role,
    /// Its names behind a stroke, the one for menus first.
    pub slash: &'static [&'static str],
    /// The words it is said in, between bars; a slash command stands for the first.
    pub(super) words: &'static str,
    /// What goes with them.
    pub(super) takes: Takes,
}

/// What goes with the words of a command.
#[derive(Debug)]
pub(super) enum Takes {
    /// Nothing: they are the whole message, with glue around.
    Words(Spoken),
    /// Nothing, and nothing is done: a leader is shown how things stand.
    Shows(LeaderIntent),
    /// Arguments behind them.
    Lead {
        /// Reads them.
        read: ArgumentReader,
        /// When it is plainly meant and cannot be read.
        half: Half,
        /// Reads what may be about somebody named in plain words, where it is nothing else.
        by_name: Option<ArgumentReader>,
        /// The words may stand behind the codes they are about, too: A1 延到9点.
        turns: bool,
    },
    /// The message is a sentence of its own, whatever it begins with.
    Sentence(fn(&str, &Lexicon) -> Option<Intent>),
    /// The same of a leader.
    Told(fn(&str, &Lexicon) -> Option<LeaderIntent>),
    /// The same, which does nothing but tell: it may be a question.
    Asked(fn(&str, &Lexicon) -> Option<LeaderIntent>),
    /// Whatever the grammars of orders and of talk make of it.
    Free,
}

/// Reads the arguments of a leader's command.
pub(super) type ArgumentReader = fn(&Said<'_>) -> Option<LeaderIntent>;

/// How a command that is a whole message is said.
#[derive(Debug)]
pub(super) struct Spoken {
    /// What it means.
    pub(super) make: fn(&ReadableMessage<'_, '_>) -> Intent,
    /// Of two in one message the higher is meant: 佣金余额, 用积分.
    pub(super) rank: u8,
    /// What else may stand beside it without making it something else.
    pub(super) beside: &'static [Cue],
    /// Which numbers may.
    pub(super) numbers: Numbers,
    /// With a word of asking it is a question about it, not a request for it.
    pub(super) is_asked: bool,
}

/// Which numbers may stand beside a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// None.
    Never,
    /// Any without a currency.
    Counts,
    /// Days and times as well: 打卡 第12天.
    Days,
    /// Amounts of money as well.
    Money,
}

impl Takes {
    const fn lead(read: ArgumentReader, half: Half) -> Self {
        Self::Lead { read, half, by_name: None, turns: false }
    }

    const fn by_name(read: ArgumentReader, half: Half, by_name: ArgumentReader) -> Self {
        Self::Lead { read, half, by_name: Some(by_name), turns: false }
    }

    const fn turning(read: ArgumentReader, half: Half) -> Self {
        Self::Lead { read, half, by_name: None, turns: true }
    }
}

/// The rooms' rows, in the order in which help names them.
static ROOMS: [&[Command]; 11] = [
    orders::COMMANDS,
    catalog::COMMANDS,
    payments::COMMANDS,
    shipping::COMMANDS,
    referral::COMMANDS,
    payouts::COMMANDS,
    loyalty::COMMANDS,
    service::COMMANDS,
    reports::COMMANDS,
    people::COMMANDS,
    groups::COMMANDS,
];

/// All commands.
pub fn all() -> impl Iterator<Item = &'static Command> {
    ROOMS.iter().flat_map(|rows| rows.iter())
}

/// The command of a name.
#[must_use]
pub fn named(id: &str) -> Option<&'static Command> {
    all().find(|command| command.id == id)
}

impl Command {
    /// Its name, to be kept.
    #[must_use]
    pub const fn name(&self) -> CommandId {
        CommandId::of(self.id)
    }

    /// The room it stands in.
    #[must_use]
    pub fn room(&self) -> &'static str {
        self.id.split('.').next().unwrap_or_default()
    }

    /// The words it is said in.
    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.words.split('|').map(str::trim).filter(|word| !word.is_empty())
    }
}

/// What everybody may say, by room, for help.
#[must_use]
pub fn help() -> Vec<HelpRoom> {
    rooms_of(|command| command.who == Role::Member)
}

/// What somebody of this role may say beside it.
#[must_use]
pub fn more_help(role: Role) -> Vec<HelpRoom> {
    rooms_of(|command| command.who > Role::Member && command.who <= role)
}

fn rooms_of(fits: impl Fn(&Command) -> bool) -> Vec<HelpRoom> {
    let mut rooms: Vec<HelpRoom> = Vec::new();
    for command in all().filter(|command| fits(command)) {
        let at = rooms.iter().position(|room| room.room == command.room());
        let at = at.unwrap_or_else(|| {
            rooms.push(HelpRoom { room: command.room().to_owned(), commands: Vec::new() });
            rooms.len() - 1
        });
        if !rooms[at].commands.contains(&command.name()) {
            rooms[at].commands.push(command.name());
        }
    }
    rooms
}

/// A command that is said in fixed words: its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpokenId(u8);

impl SpokenId {
    /// Its place.
    pub(crate) const fn place(self) -> u64 {
        self.0 as u64
    }

    /// Whether it is the command of this name.
    pub(super) fn is(self, name: &str) -> bool {
        self.row().is_some_and(|(row, _)| row.id == name)
    }

    /// Its row, and how it is said.
    pub(super) fn row(self) -> Option<(&'static Command, &'static Spoken)> {
        spoken().find(|(id, ..)| *id == self).map(|(_, row, spoken)| (row, spoken))
    }
}

/// The commands that are said in fixed words.
pub(super) fn spoken() -> impl Iterator<Item = (SpokenId, &'static Command, &'static Spoken)> {
    (0..).zip(all()).filter_map(|(place, command)| match &command.takes {
        Takes::Words(spoken) => Some((SpokenId(place), command, spoken)),
        _ => None,
    })
}

/// A verb: its words, folded as messages are, and its row.
type Verb = (Vec<char>, &'static Command);

/// All verbs, by their first character.
static VERBS: LazyLock<HashMap<char, Vec<Verb>>> = LazyLock::new(|| {
    let mut verbs: HashMap<char, Vec<Verb>> = HashMap::new();
    for row in all().filter(|row| matches!(row.takes, Takes::Shows(_) | Takes::Lead { .. })) {
        for word in row.words() {
            let word: Vec<char> = Folded::new(word).line().chars().collect();
            let Some(&first) = word.first() else { continue };
            verbs.entry(first).or_default().push((word, row));
        }
    }
    verbs
});

/// The longest verb that begins a message, and where it ends, of those that somebody of this role has.
fn verb(folded: &Folded<'_>, role: Role) -> Option<(&'static Command, usize)> {
    let mut best: Option<(&'static Command, usize)> = None;
    let near = VERBS.get(&folded.at(0))?;
    for (word, command) in near.iter().filter(|(_, command)| command.who <= role) {
        let long = word.len();
        let begins = word.iter().enumerate().all(|(n, &c)| folded.at(n) == c);
        let whole = !word.iter().all(char::is_ascii) || !folded.at(long).is_ascii_alphabetic();
        if begins && whole && best.is_none_or(|(_, old)| long > old) {
            best = Some((command, long));
        }
    }
    best
}

/// Longer messages are no command.
const LONGEST: usize = 200;

/// So many characters of codes may stand before a verb.
const MOST_CODES: usize = 40;

/// Whether a message begins like a command of somebody of this role; some verbs are words that nobody else is heard
/// for.
pub(super) fn begins(text: &Folded<'_>, role: Role) -> bool {
    text.len() <= LONGEST && begun(text, role).is_some()
}

/// The command whose words begin a message.
pub(super) fn begun(text: &Folded<'_>, role: Role) -> Option<&'static str> {
    verb(text, role).map(|(command, _)| command.id)
}

/// A message that begins with a verb, cut behind it.
fn said<'t>(
    text: &'t str,
    lexicon: &'t Lexicon,
    role: Role,
) -> Option<(&'static Command, Said<'t>)> {
    let text = text.trim();
    if text.contains(['\n', '?', '？']) {
        return None;
    }
    let folded = Folded::new(text);
    let (command, end) = verb(&folded, role)?;
    let (verb, rest) = text.split_at_checked(folded.byte(end))?;
    Some((command, Said { text, verb, rest, lexicon }))
}

/// Read a message as a command of somebody of this role. Only asked for messages of helpers, leaders and operators.
pub(super) fn lead(text: &str, lexicon: &Lexicon, role: Role) -> Option<LeaderIntent> {
    read(text, lexicon, role).or_else(|| read(&turned(text, role)?, lexicon, role))
}

/// A1 延到9点 with its verb in front: 延到 A1 9点.
fn turned(text: &str, role: Role) -> Option<String> {
    let text = text.trim();
    let places = text.char_indices().skip(1).take(MOST_CODES).map(|(at, _)| at);
    places.filter(|at| half::are_codes(&text[..*at])).find_map(|at| {
        let (codes, behind) = text.split_at(at);
        let folded = Folded::new(behind.trim_start());
        let (command, end) = verb(&folded, role)?;
        let turns = matches!(command.takes, Takes::Lead { turns: true, .. });
        let (verb, rest) = folded.source.split_at_checked(folded.byte(end)).filter(|_| turns)?;
        Some(format!("{verb} {codes} {rest}"))
    })
}

fn read(text: &str, lexicon: &Lexicon, role: Role) -> Option<LeaderIntent> {
    let (command, said) = said(text, lexicon, role)?;
    match &command.takes {
        Takes::Shows(intent) => said.is_alone().then(|| intent.clone()),
        Takes::Lead { read, half, .. } => read(&said)
            .or_else(|| half.is_said(&said).then(|| LeaderIntent::HalfSaid(command.name()))),
        Takes::Words(_) | Takes::Sentence(_) | Takes::Told(_) | Takes::Asked(_) | Takes::Free => {
            None
        }
    }
}

/// Read a leader's or helper's message as a sentence of a command, in their own words: A1到货, 小美取了.
pub(super) fn told(text: &str, lexicon: &Lexicon, role: Role) -> Option<LeaderIntent> {
    let text = text.trim();
    if text.len() > LONGEST_SENTENCE {
        return None;
    }
    let is_asked = text.contains(['?', '？']);
    all().filter(|command| command.who <= role).find_map(|command| match command.takes {
        Takes::Told(read) if !is_asked => read(text, lexicon),
        Takes::Asked(read) => read(text, lexicon),
        _ => None,
    })
}

/// The offers that a text names and nothing else.
pub(super) use relisting::offers as goods_said;

/// A leader's announcement, which may be long and hold anything.
pub(super) use announcing::told as announced;

/// Whether a message orders something late for somebody, which only leaders do.
pub(super) use serving::orders_for;

/// Whether a member's message may tell that they have their goods.
pub(super) use handing::may_tell;

/// 收到 李姐 39.9, 取消 老赵: what is nothing else may be about somebody by name.
pub(super) fn by_name(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let (command, said) = said(text, lexicon, Role::Leader)?;
    let Takes::Lead { by_name: Some(read), .. } = &command.takes else { return None };
    read(&said)
}

/// Longer messages are no sentence of a command.
const LONGEST_SENTENCE: usize = 400;

/// Read a message as a command that is a sentence of its own.
pub(super) fn sentence(text: &str, lexicon: &Lexicon) -> Option<Intent> {
    let text = text.trim();
    if text.len() > LONGEST_SENTENCE || text.contains(['?', '？']) {
        return None;
    }
    all().find_map(|command| match command.takes {
        Takes::Sentence(read) => read(text, lexicon),
        _ => None,
    })
}

/// What a leader's sentence of this purpose comes to where nothing else is known of it: what is only shown is
/// shown; of what does anything they are told how it is said.
pub(super) fn about(id: &str) -> Option<LeaderIntent> {
    let command = named(id)?;
    match &command.takes {
        Takes::Shows(intent) => Some(intent.clone()),
        Takes::Lead { .. } => Some(LeaderIntent::HalfSaid(command.name())),
        Takes::Words(_) | Takes::Sentence(_) | Takes::Told(_) | Takes::Asked(_) | Takes::Free => {
            None
        }
    }
}
