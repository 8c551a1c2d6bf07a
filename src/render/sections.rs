//! The words as files: `prompts/replies/<locale>/<room>.txt`, compiled into the program.
//!
//! ```text
//! {# A remark for the next writer. #}
//! === order_taken
//! 下单成功 ✅ 订单 #{{ order.order }}
//!
//! === refused/sold_out
//! {{ name }} 已经卖完啦
//! ```
//!
//! A section's name is the serde name of the reply or refusal it says; `part/…`, `when/…`, `digest/…`
//! and `public/…` are explained in `render`. A section stands in the file of the room whose reply or refusal it
//! says; pieces, days and what is of no room stand in `parts.txt`. Blank lines around a section do not count.

use crate::domain::policy::Locale;

/// What begins a section.
const MARK: &str = "=== ";

/// The files of one locale, each with its room.
macro_rules! files {
    ($locale:literal, $($room:literal)*) => {
        [$(($room, include_str!(concat!("../../prompts/replies/", $locale, "/", $room, ".txt")))),*]
    };
    ($locale:literal) => {
        files!(
            $locale,
            "groups" "people" "catalog" "orders" "payments" "shipping"
            "referral" "payouts" "loyalty" "service" "reports" "parts"
        )
    };
}

/// The files of `locale`: each one's room, or `parts`, and what stands in it.
fn files(locale: Locale) -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = match locale {
        Locale::ZhHans => files!("zh-Hans"),
        Locale::ZhHant => files!("zh-Hant"),
        Locale::En => files!("en"),
    };
    files.into_iter()
}

/// All sections of `locale`: name and text.
pub(super) fn of(locale: Locale) -> Vec<(&'static str, String)> {
    let sections = files(locale).flat_map(|(_, file)| parse(file));
    sections.map(|(name, text)| (name, without_tag_lines(text))).collect()
}

/// The names of the sections in one file.
#[cfg(test)]
pub(super) fn names_in(locale: Locale, room: &str) -> Vec<&'static str> {
    let file = files(locale).filter(|(name, _)| *name == room);
    file.flat_map(|(_, file)| parse(file)).map(|(name, _)| name).collect()
}

/// The sections of one file. What stands above the first is a remark.
fn parse(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let starts = file.match_indices(MARK).map(|(at, _)| at);
    let starts: Vec<_> = starts.filter(|&at| at == 0 || file.as_bytes()[at - 1] == b'\n').collect();
    let ends = starts.iter().skip(1).copied().chain([file.len()]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| {
        let section = &file[start + MARK.len()..end];
        let (name, text) = section.split_once('\n').unwrap_or((section, ""));
        (name.trim(), text.trim_matches('\n').trim_end())
    })
}

/// The text with each tag that stands alone on a line joined to the next line.
fn without_tag_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let alone = bare.starts_with("{%") && bare.find("%}") == bare.len().checked_sub(2);
        joined.push_str(if alone { bare } else { line });
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_section_by_section() {
        let file = "remark\n=== a\n\none\n\n two === three\n\n=== b/c\n{{ x }}\n=== d\n";
        let sections: Vec<_> = parse(file).collect();
        assert_eq!(sections, [("a", "one\n\n two === three"), ("b/c", "{{ x }}"), ("d", "")]);
        assert_eq!(parse("").count(), 0);
    }

    #[test]
    fn a_tag_alone_on_its_line_leaves_no_line() {
        let text = "a\n  {% if x %}\nb {% if y %}c{% endif %}\n{% endif %}\nd";
        assert_eq!(without_tag_lines(text), "a\n{% if x %}b {% if y %}c{% endif %}\n{% endif %}d");
        assert_eq!(without_tag_lines("{% if x %}y{% endif %}\nz"), "{% if x %}y{% endif %}\nz");
    }
}
