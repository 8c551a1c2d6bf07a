//! WeChat's native chain (接龙): an application message of type 53. Its title is the whole chain as people
//! see it; beside it stand the ranges of the title, of the example and of each line in that text, counted
//! in UTF-16 code units, each line with its author. Pure.
//!
//! Which puppets hand the raw message on and which only its text is their own business; the text alone is
//! what people paste, and read as such further in.

use crate::platform::heard::ChainLine;

/// The most lines of a chain that are believed; WeChat's rooms have at most 500 members.
const LINES_MAX: usize = 1_000;

/// The longest name of an entity, in bytes: `#x10ffff`.
const ENTITY_MAX: usize = 12;

/// A range in UTF-16 code units: from, and how many.
type Range = (usize, usize);

/// A text with its [`places`].
type Measured<'t, 'p> = (&'t str, &'p [Option<usize>]);

/// A chain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Solitaire {
    /// Its title.
    pub(super) title: String,
    /// Its lines; none when the message says who wrote what no closer than its text does.
    pub(super) lines: Vec<ChainLine>,
    /// All of it, as people see it.
    pub(super) text: String,
}

/// The chain in a raw application message, if it is one.
pub(super) fn read(raw: &str) -> Option<Solitaire> {
    let message = element(raw, "appmsg")?;
    // Other application messages may quote a chain: only the message's own type counts.
    let own = message.split("<refermsg>").next().unwrap_or(message);
    if element(own, "type").map(str::trim) != Some("53") {
        return None;
    }
    let text = plain(element(own, "title")?);
    let info = element(own, "solitaire_info").map(plain).unwrap_or_default();
    // A chain is a full snapshot: one that lacks a line would say that somebody took theirs back.
    let places = places(&text);
    let lines = element(&info, "content").and_then(|content| {
        let parts = content.split("<i>").skip(1).take(LINES_MAX + 1);
        let lines: Option<Vec<_>> = parts.map(|part| line(part, (&text, &places))).collect();
        lines.filter(|lines| lines.len() <= LINES_MAX && length(lines) <= text.len())
    });
    let title = element(&info, "tt").and_then(range).and_then(|at| cut((&text, &places), at));
    let title = title.map(heading).unwrap_or_default();
    let lines = lines.unwrap_or_default();
    let lines = lines.into_iter().map(|(author, line)| ChainLine { author, text: line.to_owned() });
    Some(Solitaire { title, lines: lines.collect(), text })
}

/// How long all lines are: ranges that overlap could make much of little.
fn length(lines: &[(Option<String>, &str)]) -> usize {
    lines.iter().map(|(_, line)| line.len()).sum()
}

/// One line: `<u>author</u>…<r>from-length</r>`.
fn line<'t>(part: &str, text: Measured<'t, '_>) -> Option<(Option<String>, &'t str)> {
    let part = part.split("</i>").next().unwrap_or(part);
    let author = element(part, "u").map(plain).filter(|id| !id.is_empty());
    Some((author, cut(text, range(element(part, "r")?)?)?))
}

/// What stands in the first element of this name, as it is written.
fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let open = format!("<{name}");
    let mut rest = xml;
    loop {
        let (_, after) = rest.split_once(open.as_str())?;
        // `<title` is not the beginning of `<titles`.
        if after.starts_with(['>', ' ', '\t', '\n', '\r']) {
            let (head, body) = after.split_once('>')?;
            if head.ends_with('/') {
                return Some("");
            }
            return Some(body.split_once(format!("</{name}>").as_str())?.0);
        }
        rest = after;
    }
}

/// Text without the marks of XML: a CDATA section as it is, entities resolved elsewhere.
fn plain(xml: &str) -> String {
    let trimmed = xml.trim();
    if let Some(inner) = trimmed.strip_prefix("<![CDATA[").and_then(|it| it.strip_suffix("]]>")) {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let end = after.bytes().take(ENTITY_MAX).position(|byte| byte == b';');
        let named = end.and_then(|end| Some((entity(&after[..end])?, &after[end + 1..])));
        // What is no entity is a mere `&`.
        let (c, tail) = named.unwrap_or(('&', after));
        text.push(c);
        rest = tail;
    }
    text.push_str(rest);
    text
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// `from-length`.
fn range(written: &str) -> Option<Range> {
    let (from, length) = written.trim().split_once('-')?;
    Some((from.parse().ok()?, length.parse().ok()?))
}

/// The byte at which each code unit of a text begins; `None` for the second half of a character.
fn places(text: &str) -> Vec<Option<usize>> {
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        places.push(Some(at));
        places.extend((c.len_utf16() == 2).then_some(None));
    }
    places.push(Some(text.len()));
    places
}

/// A range of a text; nothing where it ends elsewhere or parts a character.
fn cut<'t>((text, places): Measured<'t, '_>, (from, length): Range) -> Option<&'t str> {
    let at = |unit: usize| places.get(unit).copied().flatten();
    text.get(at(from)?..at(from.checked_add(length)?)?)
}

/// A title without the mark that says that it is one.
fn heading(title: &str) -> String {
    let title = title.trim();
    let marks = ["#接龙", "#接龍", "#Group Note"];
    let bare = marks.iter().find_map(|mark| title.strip_prefix(mark)).unwrap_or(title);
    bare.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As WeChat writes them; emoji count twice.
    const RAW: &str = r#"wxid_b:
<?xml version="1.0"?>
<msg>
	<appmsg appid="" sdkver="0">
		<title>#接龙

A1 阳光玫瑰💪🏻 &lt;39.90&gt;

1. 小美 A1 x1 &amp; 谢谢
2. 🍇阿强 2箱
明天取</title>
		<des />
		<type>53</type>
		<extinfo>
			<solitaire_info><![CDATA[<solitaire><tt>0-24</tt><s>.</s><au>wxid_a</au><hrt>1</hrt><loss>0</loss><content><s>2</s><i><u>wxid_a</u><h>0</h><s>.</s><t>1687786648</t><r>29-13</r></i><i><u>wxid_b</u><h>0</h><s>.</s><t>1687787631</t><r>46-11</r></i></content></solitaire>]]></solitaire_info>
		</extinfo>
	</appmsg>
	<fromusername>wxid_b</fromusername>
</msg>
"#;

    fn line(author: &str, text: &str) -> ChainLine {
        ChainLine { author: Some(author.to_owned()), text: text.to_owned() }
    }

    #[test]
    fn lines_are_told_with_their_authors() {
        let read = read(RAW).unwrap();
        assert_eq!(read.title, "A1 阳光玫瑰💪🏻 <39.90>");
        assert_eq!(
            read.lines,
            [line("wxid_a", "小美 A1 x1 & 谢谢"), line("wxid_b", "🍇阿强 2箱\n明天取")]
        );
        assert!(read.text.starts_with("#接龙\n\nA1") && read.text.ends_with("明天取"));
    }

    #[test]
    fn without_ranges_the_text_is_all_there_is() {
        let bare = RAW.replace("<solitaire>", "<other>");
        let bare = bare.replace("<content>", "<c>");
        let read = read(&bare).unwrap();
        assert!(read.lines.is_empty() && read.text.contains("1. 小美"), "{read:?}");
    }

    #[test]
    fn a_chain_with_a_damaged_range_is_its_text() {
        // The last one has all of the text as its line, beside the other.
        for wrong in ["29-99", "18446744073709551615-1", "x", "29", "47-1", "0-57"] {
            let damaged = RAW.replace("<r>29-13</r>", &format!("<r>{wrong}</r>"));
            let read = read(&damaged).unwrap();
            assert!(read.lines.is_empty() && read.text.contains("小美 A1 x1 & 谢谢"), "{wrong}");
        }
    }

    #[test]
    fn lines_do_not_say_the_same_twice() {
        let twice = RAW.replace("<r>46-11</r>", "<r>29-13</r>");
        assert_eq!(read(&twice).unwrap().lines.len(), 2, "shorter than the text");
        let line = "<i><u>wxid_a</u><r>0-57</r></i>";
        let all = RAW.replace("<content>", &format!("<content>{}", line.repeat(500)));
        assert_eq!(read(&all).unwrap().lines, []);
    }

    #[test]
    fn what_is_long_is_read_in_time() {
        let most = std::time::Duration::from_millis(500);
        let chain = |title: &str, lines: &str| {
            format!(
                "<appmsg><title>{title}</title><type>53</type><solitaire_info><![CDATA[<content>\
                 {lines}</content>]]></solitaire_info></appmsg>"
            )
        };
        let ampersands = chain(&"&".repeat(256 * 1024), "");
        let read_one = |raw: &str| crate::fuzzing::within(most, || read(raw).unwrap());
        assert_eq!(read_one(&ampersands).text.len(), 256 * 1024);
        let lines = (0..1_000).map(|nth| format!("<i><u>a</u><r>{nth}-1</r></i>"));
        let many = chain(&"x".repeat(256 * 1024), &lines.collect::<String>());
        assert_eq!(read_one(&many).lines.len(), 1_000);
        let too_many = chain("x", &"<i><r>0-1</r></i>".repeat(50_000));
        assert_eq!(read_one(&too_many).lines, []);
    }

    #[test]
    fn other_messages_are_no_chains() {
        assert_eq!(read("A1 x2"), None);
        assert_eq!(read(&RAW.replace("<type>53<", "<type>57<")), None);
        assert_eq!(read("<msg><appmsg><title>x</title><type>5</type></appmsg></msg>"), None);
        let quoting = "<msg><appmsg><title>x</title><type>57</type><refermsg><type>53</type></refermsg></appmsg></msg>";
        assert_eq!(read(quoting), None);
        assert_eq!(read("<appmsg"), None);
    }
}
