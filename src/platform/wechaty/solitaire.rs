//! WeChat's native chain (接龙): an application message of type 53. Its title is the whole chain as people
//! see it; beside it stand the ranges of the title, of the example and of each line in that text, counted
//! in UTF-16 code units, each line with its author. Pure.
//!
//! Which puppets hand the raw message on and which only its text is their own business; the text alone is
//! what people paste, and read as such further in.

use crate::platform::heard::ChainLine;

/// The most lines of a chain that are believed; WeChat's rooms have at most 500 members.
const LINES_MAX: usize = 1_000;

/// A range in UTF-16 code units: from, and how many.
type Range = (usize, usize);

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
    let lines = element(&info, "content").and_then(|content| {
        let lines: Option<Vec<_>> =
            content.split("<i>").skip(1).map(|part| line(part, &text)).collect();
        lines.filter(|lines| lines.len() <= LINES_MAX)
    });
    let title = element(&info, "tt").and_then(range).and_then(|at| cut(&text, at));
    let title = title.map(heading).unwrap_or_default();
    Some(Solitaire { title, lines: lines.unwrap_or_default(), text })
}

/// One line: `<u>author</u>…<r>from-length</r>`.
fn line(part: &str, text: &str) -> Option<ChainLine> {
    let part = part.split("</i>").next().unwrap_or(part);
    let author = element(part, "u").map(plain).filter(|id| !id.is_empty());
    let written = cut(text, range(element(part, "r")?)?)?;
    Some(ChainLine { author, text: written.to_owned() })
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
        let named = after.split_once(';').and_then(|(name, tail)| Some((entity(name)?, tail)));
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

/// A range of a text; nothing where it ends elsewhere or parts a character.
fn cut(text: &str, (from, length): Range) -> Option<&str> {
    let until = from.checked_add(length)?;
    let (mut units, mut begins, mut ends) = (0, None, None);
    let places = text.char_indices().map(|(at, c)| (at, c.len_utf16()));
    for (at, width) in places.chain([(text.len(), 0)]) {
        if units == from {
            begins = begins.or(Some(at));
        }
        if units == until {
            ends = ends.or(Some(at));
        }
        units += width;
    }
    text.get(begins?..ends?)
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
        for wrong in ["29-99", "18446744073709551615-1", "x", "29", "47-1"] {
            let damaged = RAW.replace("<r>29-13</r>", &format!("<r>{wrong}</r>"));
            let read = read(&damaged).unwrap();
            assert!(read.lines.is_empty() && read.text.contains("小美 A1 x1 & 谢谢"), "{wrong}");
        }
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
