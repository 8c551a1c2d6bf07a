//! Plays a transcript against a real shop and writes down what really happened, in the same format.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use tuan::domain::event::{Body, Evidence};
use tuan::domain::message::{HeardMessage, Mention, Mentioned};
use tuan::domain::time::{Timestamp, local_instant};
use tuan::platform::simulator::RoomLine;

use super::checks;
use super::script::{Kind, Script, Step};
use crate::stage::{DEMO, Stage, ordered, person};
use crate::{chat, sound};

/// More lines than any step of a transcript says.
const LINES_MAX: i64 = 1_000;

/// What happened in a transcript.
pub(super) struct Played {
    /// The lines as they should be.
    pub(super) lines: Vec<String>,
    /// Facts that nobody foresaw, how often each.
    pub(super) missed: BTreeMap<String, u64>,
}

/// Play it.
pub(super) async fn play(script: &Script) -> Result<Played, String> {
    let (start, zone) = start(&script.start)?;
    let shop = match script.shop.as_deref() {
        None | Some("deploy/demo.toml") => DEMO.to_owned(),
        Some(path) => {
            let path = chat::root().join(path);
            std::fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?
        }
    };
    let stage = Stage::open(&shop, start).await;
    let first = stage.app.policy().await.communities[0].slug.clone();
    let slug = script.community.clone().unwrap_or(first);
    let (heard, gone) = (BTreeMap::new(), BTreeSet::new());
    let lines = script.header.clone();
    let missed = BTreeMap::new();
    let mut player = Player { stage, slug, zone, heard, gone, lines, missed, keys: 0 };
    for step in &script.steps {
        player.step(step).await.map_err(|why| format!("line {}: {why}", step.number))?;
    }
    player.end().await
}

/// `2026-03-01 20:00 Asia/Shanghai`.
fn start(text: &str) -> Result<(Timestamp, Tz), String> {
    let (local, zone) = text.rsplit_once(' ').ok_or("the clock needs a day, a time and a zone")?;
    let zone: Tz = zone.parse().map_err(|_| format!("no zone {zone}"))?;
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M")
        .map_err(|why| format!("{local}: {why}"))?;
    Ok((local_instant(local.date(), local.time(), zone), zone))
}

struct Player {
    stage: Stage,
    slug: String,
    zone: Tz,
    /// The last line heard in each room.
    heard: BTreeMap<String, i64>,
    /// Who left.
    gone: BTreeSet<String>,
    lines: Vec<String>,
    missed: BTreeMap<String, u64>,
    keys: u32,
}

impl Player {
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        if step.kind == Kind::Bot {
            return Ok(());
        }
        if let Kind::Check { what, words } = &step.kind {
            let line = checks::answer(&self.stage.pool, &self.slug, *what, words).await?;
            self.lines.push(line);
            return Ok(());
        }
        self.lines.extend(step.raw.iter().cloned());
        self.act(&step.kind).await?;
        let said = self.listen().await;
        let is_told = |line: &&RoomLine| match step.kind {
            Kind::Seed => false,
            Kind::Clock { hushed: true, .. } => line.to.is_some(),
            _ => true,
        };
        self.lines.extend(said.iter().filter(is_told).flat_map(shown));
        Ok(())
    }

    async fn act(&mut self, kind: &Kind) -> Result<(), String> {
        match kind {
            Kind::Note | Kind::Bot | Kind::Check { .. } => return Ok(()),
            Kind::Clock { to, .. } => {
                let by = self.until(to)?;
                self.stage.advance(by).await;
            }
            Kind::Away(by) => {
                let by = self.until(by)?;
                self.note_missed();
                self.stage.hold_for(by).await;
                self.stage.start().await;
            }
            Kind::Seed => self.stage.seed(&self.slug).await,
            Kind::In(slug) => self.slug.clone_from(slug),
            Kind::Says { from, key, replies, text } => {
                let room = self.stage.room(&self.slug).await;
                let residents = room.simulator().residents(room.chat()).await;
                let names = residents.map_err(|why| why.to_string())?;
                let names: Vec<_> = names.into_iter().map(|it| it.name).collect();
                let reply_to = replies.as_ref().map(|key| format!("{}:said:{key}", room.chat()));
                let message = HeardMessage { reply_to, ..mentioning(text, &names) };
                let said = room.say(from, message, key.clone()).await;
                said.map_err(|why| why.to_string())?;
            }
            Kind::Posts { from, key, chain } => {
                let room = self.stage.room(&self.slug).await;
                let posted = room.post_chain(from, chain, key.clone()).await;
                posted.map_err(|why| why.to_string())?;
            }
            // The simulated room keeps whoever left; the shop is told as a platform would tell it.
            Kind::Joins { who, by } if self.gone.remove(who) => {
                let (members, inviter) = (vec![person(who)], by.as_deref().map(person));
                let evidence = Evidence::JoinEvent;
                self.hand_in(Body::Joined { members, inviter, evidence }).await;
            }
            Kind::Joins { who, by } => {
                let room = self.stage.room(&self.slug).await;
                let joined = room.join(who, by.as_deref()).await;
                joined.map_err(|why| why.to_string())?;
            }
            Kind::Leaves(who) => {
                self.gone.insert(who.clone());
                self.hand_in(Body::Left { member: person(who) }).await;
            }
            Kind::Recalls { who, key } => {
                let room = self.stage.room(&self.slug).await;
                let key = format!("{}:said:{key}", room.chat());
                self.hand_in(Body::Recalled { from: person(who), key }).await;
            }
            Kind::Operator(json) => {
                let intent =
                    serde_json::from_str(json).map_err(|why| format!("no intent: {why}"))?;
                self.hand_in(ordered(intent)).await;
            }
        }
        self.stage.settle().await;
        Ok(())
    }

    async fn hand_in(&mut self, body: Body) {
        self.keys += 1;
        let cause = self.stage.cause(&self.slug, &format!("script:{}", self.keys), body);
        self.stage.hand_in(vec![cause]).await;
    }

    /// `+3h`, `+90m`, `+2d`, `+1d 20:00`, `20:00` (today), or a whole day and time.
    fn until(&self, to: &str) -> Result<Duration, String> {
        let now = self.stage.now();
        let today = now.with_timezone(&self.zone).date_naive();
        let mut words = to.split_whitespace();
        let first = words.next().ok_or("the clock is not told where to go")?;
        let target = match (first.strip_prefix('+'), words.next()) {
            (Some(by), None) => return span(by),
            (Some(by), Some(time)) => self.at(today + span(by)?, time)?,
            (None, None) => self.at(today, first)?,
            (None, Some(time)) => {
                let day: NaiveDate = first.parse().map_err(|why| format!("{first}: {why}"))?;
                self.at(day, time)?
            }
        };
        if target < now {
            return Err(format!("{to} is past: it is {}", now.with_timezone(&self.zone)));
        }
        Ok(target - now)
    }

    fn at(&self, day: NaiveDate, time: &str) -> Result<DateTime<chrono::Utc>, String> {
        let time =
            NaiveTime::parse_from_str(time, "%H:%M").map_err(|why| format!("{time}: {why}"))?;
        Ok(local_instant(day, time, self.zone))
    }

    /// What the bot said in this room since the last look.
    async fn listen(&mut self) -> Vec<RoomLine> {
        let room = self.stage.room(&self.slug).await;
        let after = self.heard.get(&self.slug).copied().unwrap_or(0);
        let lines = room.simulator().lines(room.chat(), after, LINES_MAX).await.unwrap();
        if let Some(last) = lines.last() {
            self.heard.insert(self.slug.clone(), last.n);
        }
        lines.into_iter().filter(|line| line.bot).collect()
    }

    /// Facts that this process found missing.
    fn note_missed(&mut self) {
        for (fact, count) in self.stage.app.engine.stats.missed.lock().unwrap().iter() {
            *self.missed.entry(fact.clone()).or_default() += count;
        }
    }

    async fn end(mut self) -> Result<Played, String> {
        self.note_missed();
        let faults = sound::faults(&self.stage.pool).await;
        let (lines, missed) = (self.lines, self.missed);
        self.stage.close().await;
        if faults.is_empty() {
            Ok(Played { lines, missed })
        } else {
            Err(format!("at the end:\n  {}", faults.join("\n  ")))
        }
    }
}

/// What somebody types in a transcript: where `@` stands before the name of somebody in the room, they chose
/// them from the list that chat programs show.
fn mentioning(text: &str, names: &[String]) -> HeardMessage {
    let mut mentions = Vec::new();
    for (at, _) in text.match_indices('@') {
        let begins = |name: &&String| text[at + 1..].starts_with(name.as_str());
        if let Some(name) = names.iter().filter(begins).max_by_key(|name| name.len()) {
            let place = at..at + 1 + name.len();
            mentions.push(Mention::at(place, Mentioned::Person(person(name))));
        }
    }
    HeardMessage::with_mentions(text.to_owned(), mentions)
}

/// A line of the bot, as a transcript shows it.
fn shown(line: &RoomLine) -> Vec<String> {
    let head = match (&line.to, line.private) {
        (Some(to), true) => format!("bot>{to} "),
        // Where nothing better is known, the words themselves begin with the mention.
        (Some(to), false) if !line.text.starts_with(&format!("@{to}")) => format!("bot    @{to} "),
        (Some(_), false) | (None, _) => "bot    ".to_owned(),
    };
    let mut texts = line.text.lines();
    let first = format!("{head}{}", texts.next().unwrap_or_default());
    // What is in a picture that the shop draws is tested where it is drawn.
    let named = |image: &str| image.split(";base64,").next().unwrap_or_default().to_owned();
    let image = line.image.iter().map(|image| format!("     | [{}]", named(image)));
    let rest = texts.map(|text| format!("     | {text}").trim_end().to_owned());
    let file = line.file.iter().map(|file| format!("     | [{}]", file.name));
    std::iter::once(first).chain(rest).chain(image).chain(file).collect()
}

fn span(text: &str) -> Result<Duration, String> {
    let bad = || format!("`{text}` is no span of time: 90m, 3h, 2d");
    let unit = text.chars().last().ok_or_else(bad)?;
    let count: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| bad())?;
    match unit {
        's' => Ok(Duration::seconds(count)),
        'm' => Ok(Duration::minutes(count)),
        'h' => Ok(Duration::hours(count)),
        'd' => Ok(Duration::days(count)),
        _ => Err(bad()),
    }
}
