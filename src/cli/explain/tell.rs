//! A story as lines of text: one paragraph an event.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use chrono_tz::Tz;

use crate::domain::event::{Body, Contact};
use crate::domain::ids::MemberId;
use crate::domain::ledger::{AccountNo, Owner};
use crate::domain::money::Money;
use crate::domain::money::currency::plain;
use crate::domain::operate::OperatorEffect;
use crate::domain::time::Timestamp;
use crate::store::reports::story::{BondTold, Booked, Chapter, DecisionTold, MOST_EVENTS};

/// The most numbers and reasons of one command that are told.
const SHOWN: usize = 20;

/// How a story is told.
pub(super) struct Telling {
    /// The community's time zone.
    pub(super) zone: Tz,
    /// Names of those in it.
    pub(super) names: BTreeMap<MemberId, String>,
    /// Whether there is no key to open what was said.
    pub(super) sealed: bool,
}

/// Everybody whom a story names.
pub(super) fn people(chapters: &[Chapter]) -> BTreeSet<MemberId> {
    let legs = chapters.iter().flat_map(|it| &it.entries).flat_map(|entry| &entry.legs);
    let owners = legs.filter_map(|(account, _)| account.member());
    let bonds = chapters.iter().flat_map(|it| &it.bonds);
    owners.chain(bonds.flat_map(|bond| bond.inviter.into_iter().chain([bond.member]))).collect()
}

impl Telling {
    /// Write it down.
    pub(super) fn write(&self, chapters: &[Chapter], out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "history")?;
        if chapters.len() >= MOST_EVENTS {
            writeln!(out, "  (the latest {MOST_EVENTS} events)")?;
        }
        for chapter in chapters {
            let at = when(chapter.at, self.zone);
            writeln!(out, "  {at}  event {}: {}", chapter.seq, self.cause(chapter))?;
            for line in self.lines(chapter) {
                writeln!(out, "                       {line}")?;
            }
        }
        Ok(())
    }

    fn cause(&self, chapter: &Chapter) -> String {
        match &chapter.body {
            Some(body) => body_text(body),
            None if self.sealed => "(sealed)".to_owned(),
            None => "(no longer kept)".to_owned(),
        }
    }

    fn lines(&self, chapter: &Chapter) -> Vec<String> {
        let mut lines = Vec::new();
        chapter.decisions.iter().for_each(|decision| decided(decision, &mut lines));
        lines.extend(chapter.bonds.iter().map(|bond| self.bond(bond)));
        lines.extend(chapter.entries.iter().map(|entry| self.entry(entry)));
        if !chapter.messages.is_empty() {
            let states = chapter.messages.iter().map(|(state, count)| format!("{count} {state}"));
            lines.push(format!("messages: {}", states.collect::<Vec<_>>().join(", ")));
        }
        lines
    }

    fn bond(&self, bond: &BondTold) -> String {
        let inviter = bond.inviter.map_or_else(|| "nobody".to_owned(), |it| self.name(it));
        let (member, evidence) = (self.name(bond.member), &bond.evidence);
        match &bond.refused {
            None => format!("bond: {member} was brought by {inviter} ({evidence})"),
            Some(why) => format!("bond refused: {member} to {inviter} ({evidence}): {why}"),
        }
    }

    fn entry(&self, entry: &Booked) -> String {
        let leg = |&(account, value): &(AccountNo, i64)| {
            format!("{} {}", self.account(account), signed(value, &entry.currency))
        };
        let legs: Vec<_> = entry.legs.iter().map(leg).collect();
        format!("booked {}: {}", entry.kind, legs.join(", "))
    }

    fn account(&self, account: AccountNo) -> String {
        let name = account.name().replace('_', " ");
        match account.owner() {
            Owner::Shop => name,
            Owner::Member(member) => format!("{name} of {}", self.name(member)),
            Owner::Party(party) => format!("{name} of party #{party}"),
        }
    }

    fn name(&self, member: MemberId) -> String {
        match self.names.get(&member) {
            Some(name) => format!("{name} (#{member})"),
            None => format!("member #{member}"),
        }
    }
}

/// What was understood, by whose order, and what came of it.
fn decided(decision: &DecisionTold, lines: &mut Vec<String>) {
    let DecisionTold { what, refused, operator, outcome } = decision;
    let by = operator.as_ref().map(|operator| format!(" by {operator}")).unwrap_or_default();
    let why = refused.as_ref().map(|why| format!(", refused: {why}")).unwrap_or_default();
    lines.push(format!("{what}{by}{why}"));
    let Some(outcome) = outcome else { return };
    let mut done = BTreeMap::<OperatorEffect, Vec<String>>::new();
    for it in &outcome.done {
        done.entry(it.effect).or_default().push(format!("#{}", it.id));
    }
    let done = done.into_iter().map(|(effect, ids)| (effect.word().to_owned(), ids));
    let objected = outcome.objections.iter().map(|it| (it.why.to_string(), Vec::new()));
    for (word, ids) in done.chain(objected).take(SHOWN) {
        let more = ids.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let told = [word].into_iter().chain(ids.into_iter().take(SHOWN)).collect::<Vec<_>>();
        lines.push(format!("  {}{more}", told.join(" ")));
    }
}

fn body_text(body: &Body) -> String {
    let names = |people: &[Contact]| {
        people.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match body {
        Body::Said { from, message, .. } => format!("{}: {:?}", from.name, message.text),
        Body::Chain { from, title, lines } => {
            format!("{} posted the chain {title:?} of {} lines", from.name, lines.len())
        }
        Body::Recalled { from, .. } => format!("{} took back a message", from.name),
        Body::Joined { members, inviter: Some(inviter), .. } => {
            format!("{} joined, brought by {}", names(members), inviter.name)
        }
        Body::Joined { members, inviter: None, .. } => format!("{} joined", names(members)),
        Body::JoinedByLink { members, code } => {
            format!("{} joined by the link with code {code}", names(members))
        }
        Body::Tapped { from, text, .. } => format!("{} pressed {text:?}", from.name),
        Body::Linked { by, members, .. } => {
            format!("linked to a chat by {}, {} others there", by.name, members.len())
        }
        Body::Unlinked { operator } => format!("unlinked by {operator}"),
        Body::Moved { .. } => "the chat goes on under another id".to_owned(),
        Body::Missed { since } => format!("nothing was heard since {since}"),
        Body::Unsaid { .. } => "what was to be said waits for a person".to_owned(),
        Body::Left { member } => format!("{} left", member.name),
        Body::Due(timer) => format!("timer {}", timer.key()),
        Body::Ordered { operator, .. } => format!("command of {operator}"),
        Body::PolicyLoaded { version } => format!("policy {version} came into force"),
        Body::Retried { body, operator } => {
            format!("tried again by {operator}: {}", body_text(body))
        }
    }
}

/// An instant on the community's own clock.
pub(super) fn when(at: Timestamp, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// An amount with its currency.
pub(super) fn amount(minor: i64, currency: &str) -> String {
    format!("{currency} {}", number(minor, currency))
}

fn signed(minor: i64, currency: &str) -> String {
    let sign = if minor < 0 { "" } else { "+" };
    format!("{sign}{} {currency}", number(minor, currency))
}

fn number(minor: i64, currency: &str) -> String {
    plain(Money::from_minor(minor), currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operate::{DoneItem, Objection, Outcome};

    fn telling() -> Telling {
        let names = [(MemberId(2), "小美".to_owned()), (MemberId(3), "阿强".to_owned())];
        Telling { zone: chrono_tz::Asia::Shanghai, names: names.into(), sealed: true }
    }

    #[test]
    fn amounts_are_written_with_their_decimals() {
        assert_eq!(amount(3990, "CNY"), "CNY 39.90");
        assert_eq!(amount(-5, "CNY"), "CNY -0.05");
        assert_eq!(amount(1200, "JPY"), "JPY 1200");
        assert_eq!(signed(7, crate::domain::ledger::POINTS), "+7 PTS");
    }

    #[test]
    fn a_paragraph_says_what_was_decided_booked_and_answered() {
        let chapter = Chapter {
            seq: 41,
            at: "2026-03-02T02:00:05Z".parse().unwrap(),
            body: None,
            decisions: vec![DecisionTold {
                what: "use_invite".to_owned(),
                refused: Some("self_invite".to_owned()),
                ..DecisionTold::default()
            }],
            entries: vec![Booked {
                kind: "earned".to_owned(),
                currency: "CNY".to_owned(),
                legs: vec![(AccountNo::stored(3), 239), (AccountNo::stored(33), -239)],
            }],
            bonds: vec![BondTold {
                member: MemberId(3),
                inviter: Some(MemberId(9)),
                evidence: "claim".to_owned(),
                refused: Some("denied".to_owned()),
            }],
            messages: [("sent".to_owned(), 2)].into(),
        };
        assert_eq!(people(std::slice::from_ref(&chapter)), [2, 3, 9].map(MemberId).into());
        let mut out = Vec::new();
        telling().write(&[chapter], &mut out).unwrap();
        let indent = " ".repeat(23);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!(
                "history\n  2026-03-02 10:00:05  event 41: (sealed)\n\
                 {indent}use_invite, refused: self_invite\n\
                 {indent}bond refused: 阿强 (#3) to member #9 (claim): denied\n\
                 {indent}booked earned: commission cost +2.39 CNY, frozen of 小美 (#2) -2.39 CNY\n\
                 {indent}messages: 2 sent\n"
            )
        );
    }
    #[test]
    fn a_command_is_told_with_who_ordered_it_and_what_came_of_it() {
        let done = |id, effect| DoneItem { row: 0, id, effect };
        let told = |outcome| {
            let (what, operator) = ("import_orders".to_owned(), Some("lin".to_owned()));
            let decision = DecisionTold { what, operator, outcome: Some(outcome), refused: None };
            let mut lines = Vec::new();
            decided(&decision, &mut lines);
            lines
        };
        let mut outcome = Outcome::one(7, OperatorEffect::Shipped);
        outcome.done.extend((1..=22).map(|id| done(id, OperatorEffect::Paid)));
        let paid: Vec<_> = (1..=20).map(|id| format!("#{id}")).collect();
        let paid = format!("  paid {} and 2 more", paid.join(" "));
        let expected = ["import_orders by lin", &paid, "  shipped #7"];
        assert_eq!(told(outcome), expected);
        let refused = told(Outcome::refused(Objection::BadAmount));
        assert_eq!(refused, ["import_orders by lin", "  the amount makes no sense"]);
    }
}
