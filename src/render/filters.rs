//! What a template can do with a value, and how a value becomes text.
//!
//! | filter | gives |
//! |---|---|
//! | `money` | minor units in the community's currency |
//! | `whole` | so many whole units of it, for examples: `S$5` |
//! | `when` | an instant, as said in the community's zone |
//! | `day` | the same without the time: an instant at the beginning of a day |
//! | `qty("箱")` | a count with its unit: `3箱`, `3 box` |
//! | `count("order", "orders")` | a count with its English noun |
//! | `hundredths` | a number of hundredths, without needless zeros: `1.5` |
//! | `name` | a person's or a thing's name, at most 32 characters |
//! | `paragraph` | several lines of an operator's text |
//! | `as("line")` | the value said by the section `part/line`, where it is also called `it` |
//! | `each("line")` | the same for a list, a line each; `sep=` between them, at most `chars=` of them |
//!
//! Text that reached a template from outside is made harmless when it is put out, filter or not; see
//! [`clean`]. Anything that is neither text nor a number is an error there.

use std::sync::Arc;

use minijinja::value::{Kwargs, Object, Value};
use minijinja::{Environment, Error, ErrorKind, Output, State};

use super::clean::{self, NAME_CHARS, TEXT_CHARS};
use super::when::Calendar;
use crate::domain::money::{Currency, Money};
use crate::domain::time::Timestamp;

/// The most characters of a list that are shown unless a template says otherwise.
const LIST_CHARS: usize = 1_400;
/// The most characters of an operator's text.
const PARAGRAPH_CHARS: usize = 400;
/// The name of the reader's circumstances in a template; only filters use it.
const READER: &str = "reader";

/// For whom a text is made: what the filters need to know.
#[derive(Debug)]
pub(super) struct TextReader {
    /// The words for days.
    pub(super) calendar: Arc<Calendar>,
    /// The community's zone.
    pub(super) zone: chrono_tz::Tz,
    /// The community's currency.
    pub(super) currency: Currency,
    /// The instant of speaking.
    pub(super) now: Timestamp,
}

impl Object for TextReader {}

/// What a section sees: the fields of a value, the value itself as `it`, and the reader.
#[derive(Debug)]
pub(super) struct Frame {
    /// The value.
    pub(super) it: Value,
    /// A [`TextReader`].
    pub(super) reader: Value,
}

impl Object for Frame {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            READER => Some(self.reader.clone()),
            "it" => Some(self.it.clone()),
            _ => self.it.get_attr(key).ok().filter(|value| !value.is_undefined()),
        }
    }
}

/// Teach an environment all of the above.
pub(super) fn add_to(env: &mut Environment<'_>) {
    env.set_formatter(put_out);
    env.add_filter("money", money);
    env.add_filter("whole", whole);
    env.add_filter("when", when);
    env.add_filter("day", day);
    env.add_filter("qty", qty);
    env.add_filter("count", count);
    env.add_filter("hundredths", hundredths);
    env.add_filter("name", name);
    env.add_filter("paragraph", paragraph);
    env.add_filter("as", say_as);
    env.add_filter("each", each);
    env.add_filter("title", title);
    env.add_filter("how", how);
}

/// Write a value where a template puts one.
fn put_out(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let written = match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text),
        Some(text) => out.write_str(&clean::one_line(text, TEXT_CHARS)),
        None if value.is_number() => write!(out, "{value}"),
        None => {
            let what = format!("{} puts out a value of kind {}", state.name(), value.kind());
            return Err(Error::new(ErrorKind::InvalidOperation, what));
        }
    };
    written.map_err(|_| Error::new(ErrorKind::WriteFailure, "a string takes all that is written"))
}

fn money(state: &State, minor: i64) -> Result<Value, Error> {
    let reader = reader(state)?;
    Ok(Value::from_safe_string(of(&reader)?.currency.show(Money::from_minor(minor))))
}

fn whole(state: &State, units: i64) -> Result<Value, Error> {
    let reader = reader(state)?;
    let currency = of(&reader)?.currency;
    let shown = currency.show(Money::from_minor(units.saturating_mul(currency.one().minor)));
    Ok(Value::from_safe_string(shown.split('.').next().unwrap_or_default().to_owned()))
}

fn when(state: &State, at: &str) -> Result<Value, Error> {
    let at: Timestamp = at
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("{at} is no instant")))?;
    let reader = reader(state)?;
    let reader = of(&reader)?;
    Ok(Value::from_safe_string(reader.calendar.say(at, reader.now, reader.zone)))
}

fn day(state: &State, at: &str) -> Result<Value, Error> {
    let at: Timestamp = at
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("{at} is no instant")))?;
    let reader = reader(state)?;
    let reader = of(&reader)?;
    Ok(Value::from_safe_string(reader.calendar.say_day(at, reader.now, reader.zone)))
}

fn qty(count: i64, unit: &str) -> Value {
    let unit = clean::one_line(unit, NAME_CHARS);
    let gap = if unit.starts_with(|c: char| c.is_ascii_alphanumeric()) { " " } else { "" };
    Value::from_safe_string(format!("{count}{gap}{unit}"))
}

fn count(count: i64, one: &str, many: &str) -> Value {
    let noun = if count == 1 { one } else { many };
    Value::from_safe_string(format!("{count} {noun}"))
}

fn hundredths(number: u32) -> Value {
    let exact = format!("{}.{:02}", number / 100, number % 100);
    Value::from_safe_string(exact.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// A name that nothing is left of is said as the section `part/nameless`.
fn name(state: &State, raw: &str) -> Result<Value, Error> {
    let clean = clean::one_line(raw, NAME_CHARS);
    if clean.is_empty() {
        return say_as(state, Value::from(raw), "nameless");
    }
    Ok(Value::from_safe_string(clean.into_owned()))
}

fn paragraph(text: &str) -> Value {
    Value::from_safe_string(clean::lines(text, PARAGRAPH_CHARS))
}

fn say_as(state: &State, it: Value, part: &str) -> Result<Value, Error> {
    let frame = Frame { it, reader: reader(state)? };
    let part = state.get_template(&format!("part/{part}"))?;
    let mut said = part.render(Value::from_object(frame))?;
    said.truncate(said.trim_end().len());
    Ok(Value::from_safe_string(said))
}

/// The title of a room: `room/…` for members, `lead/…` for leaders.
fn title(state: &State, room: &str, family: &str) -> Result<Value, Error> {
    let section = state.get_template(&format!("{family}/{room}"))?;
    Ok(Value::from_safe_string(section.render(())?.trim_end().to_owned()))
}

/// How a command is said, or several; those that have no words for it are left out.
fn how(state: &State, commands: Value, sep: Option<&str>) -> Result<Value, Error> {
    let names: Vec<Value> = match commands.as_str() {
        Some(_) => vec![commands],
        None => commands.try_iter()?.collect(),
    };
    let mut said = Vec::new();
    for name in names.iter().filter_map(Value::as_str) {
        if let Ok(section) = state.get_template(&format!("command/{name}")) {
            let frame = Frame { it: Value::from(()), reader: reader(state)? };
            said.push(section.render(Value::from_object(frame))?.trim_end().to_owned());
        }
    }
    Ok(Value::from_safe_string(said.join(sep.unwrap_or(" "))))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
fn each(state: &State, list: Value, part: &str, options: Kwargs) -> Result<Value, Error> {
    let sep: &str = options.get::<Option<&str>>("sep")?.unwrap_or("\n");
    let most: usize = options.get::<Option<usize>>("chars")?.unwrap_or(LIST_CHARS);
    // What there is beyond the list.
    let beyond: usize = options.get::<Option<usize>>("beyond")?.unwrap_or(0);
    options.assert_all_used()?;
    let total = list.len().unwrap_or(0);
    let mut left = beyond;
    let mut text = String::new();
    let mut chars = 0;
    for (n, it) in list.try_iter()?.enumerate() {
        let said = say_as(state, it, part)?;
        let said = said.as_str().unwrap_or_default();
        chars += said.chars().count() + 1;
        if n > 0 {
            text.push_str(sep);
        }
        if chars > most {
            left += total - n;
            break;
        }
        text.push_str(said);
    }
    if left > 0 {
        if !text.is_empty() && !text.ends_with(sep) {
            text.push_str(sep);
        }
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        text.push_str(say_as(state, Value::from(left), "more")?.as_str().unwrap_or_default());
    }
    Ok(Value::from_safe_string(text))
}

/// The reader of this text, as a value to hand on.
fn reader(state: &State) -> Result<Value, Error> {
    state.lookup(READER).ok_or_else(|| Error::new(ErrorKind::UndefinedError, READER))
}

fn of(reader: &Value) -> Result<&TextReader, Error> {
    reader
        .downcast_object_ref()
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the reader is somebody else"))
}

#[cfg(test)]
mod tests {
    use minijinja::{UndefinedBehavior, context};

    use super::*;

    /// Render `source` at 10:00 in Shanghai, with a few values and parts.
    fn render(source: &str) -> Result<String, Error> {
        let calendar = Calendar::new(|name| Some(format!("{name} %H:%M"))).unwrap();
        let reader = TextReader {
            calendar: Arc::new(calendar),
            zone: chrono_tz::Asia::Shanghai,
            currency: Currency::CNY,
            now: "2026-03-05T02:00:00Z".parse().unwrap(),
        };
        let it = context! {
            price => 3_990,
            at => "2026-03-05T14:00:00Z",
            name => " 小\n美@ ",
            list => ["a", "bb", "ccc"],
            nothing => None::<String>,
        };
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        add_to(&mut env);
        env.add_template("part/item", "<{{ it }}>").unwrap();
        env.add_template("part/more", "+{{ it }}").unwrap();
        env.add_template("part/nameless", "somebody").unwrap();
        let frame = Frame { it, reader: Value::from_object(reader) };
        env.render_str(source, Value::from_object(frame))
    }

    #[track_caller]
    fn check(source: &str, expected: &str) {
        assert_eq!(render(source).unwrap(), expected, "{source}");
    }

    #[test]
    fn values_become_text() {
        check("{{ price | money }}", "¥39.90");
        check("{{ (0 - price) | money }}", "-¥39.90");
        check(
            "{{ 200 | hundredths }} {{ 150 | hundredths }} {{ 1005 | hundredths }}",
            "2 1.5 10.05",
        );
        check("{{ 5 | whole }}", "¥5");
        check("{{ at | when }}", "when/tonight 22:00");
        check("{{ at | day }}", "day/today 22:00");
        check("{{ 3 | qty('箱') }} {{ 3 | qty('box') }}", "3箱 3 box");
        check(
            "{{ 1 | count('order', 'orders') }} {{ 0 | count('order', 'orders') }}",
            "1 order 0 orders",
        );
    }

    #[test]
    fn text_from_outside_is_harmless_with_and_without_a_filter() {
        check("{{ name }}|{{ name | name }}|{{ '\u{200b}' | name }}", "小 美＠|小 美＠|somebody");
        check("{{ name | paragraph }}", "小\n美＠");
    }

    #[test]
    fn a_list_is_cut_between_its_items() {
        check("{{ list | each('item') }}", "<a>\n<bb>\n<ccc>");
        check("{{ list | each('item', sep='、') }}", "<a>、<bb>、<ccc>");
        check("{{ list | each('item', chars=9) }}", "<a>\n<bb>\n+1");
        check("{{ [] | each('item') }}", "");
    }

    #[test]
    fn a_template_cannot_put_out_what_is_not_text() {
        for source in
            ["{{ nothing }}", "{{ list }}", "{{ missing }}", "{{ list | each('item', x=1) }}"]
        {
            assert!(render(source).is_err(), "{source}");
        }
    }
}
