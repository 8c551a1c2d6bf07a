//! Receiver, phone and address in one free text, as members write it: `上海市天钥桥路 1 号，王芳 13800006789`.
//!
//! Careful rather than clever: what is not plainly a phone number or a name stays in the address, where a
//! person will read it.

use std::sync::LazyLock;

use regex::Regex;

/// Where a parcel goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parcel {
    /// Who takes it.
    pub receiver: Option<String>,
    /// Their phone number, or its last digits.
    pub phone: Option<String>,
    /// All the rest.
    pub address: String,
}

/// Phone numbers, the surest first: Chinese mobiles, Taiwanese ones, with a country code, land lines, eight
/// digits; last the four digits that people give for a pick-up.
static PHONES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}",
        r"09\d{2}[ -]?\d{3}[ -]?\d{3}",
        r"\+\d{1,3}[ -]?\d[\d -]{5,12}\d",
        r"0\d{2,3}-\d{7,8}",
        r"[2-9]\d{3}[ -]?\d{4}",
        r"\d{4}",
    ]
    .iter()
    .map(|pattern| Regex::new(pattern).expect("the patterns are fixed and tested"))
    .collect()
});

/// The last pattern: digits that are a phone's only beside a name.
const TAIL: usize = 5;

/// Labels that people write before what they name.
const LABELS: [&str; 12] = [
    "收件人",
    "收货人",
    "收貨人",
    "姓名",
    "联系人",
    "电话",
    "電話",
    "手机",
    "手機",
    "地址",
    "tel",
    "phone",
];

/// What is in an address and never in a name.
const PLACES: &str =
    "省市区區县縣路街道号號室楼樓栋棟幢座单單元村镇鎮乡鄉弄巷门門店站园園厦廈层層团團";

/// Take a free text apart.
#[must_use]
pub fn parse(text: &str) -> Parcel {
    let whole = || Parcel { address: text.trim().to_owned(), ..Parcel::default() };
    let Some((pattern, phone)) = find_phone(text) else { return whole() };
    let (before, after) = (&text[..phone.start], &text[phone.end..]);
    let receiver = name_before(before).or_else(|| name_after(after));
    if pattern == TAIL && receiver.is_none() {
        return whole();
    }
    let (mut before, mut after) = (before.to_owned(), after.to_owned());
    if let Some(name) = &receiver {
        match before.rfind(name.as_str()).filter(|_| name_before(&before).is_some()) {
            Some(at) => before.replace_range(at..at + name.len(), ""),
            None => after = after.replacen(name.as_str(), "", 1),
        }
    }
    let address = tidy(&format!("{before} {after}"));
    Parcel { receiver, phone: Some(text[phone].replace(' ', "")), address }
}

/// The first number of the surest kind that stands alone among other digits.
fn find_phone(text: &str) -> Option<(usize, std::ops::Range<usize>)> {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    PHONES.iter().enumerate().find_map(|(pattern, phone)| {
        let found = phone.find_iter(text).map(|found| found.range()).find(|range| {
            let alone = !is_digit(text[..range.start].chars().next_back())
                && !is_digit(text[range.end..].chars().next());
            let spaced = |c: Option<char>| c.is_none_or(char::is_whitespace);
            let apart = spaced(text[..range.start].chars().next_back())
                && spaced(text[range.end..].chars().next());
            alone && (pattern != TAIL || apart)
        });
        found.map(|range| (pattern, range))
    })
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ',' | '，' | ';' | '；' | '、' | '|' | '/' | ':' | '：' | '(' | ')' | '（' | '）' | '\n'
    )
}

/// The name that ends a text: `…，王芳 ` or `…, Amy Wong `.
fn name_before(text: &str) -> Option<String> {
    let clean = unlabelled(text);
    let part = clean.trim_end_matches(|c: char| is_separator(c) || c.is_whitespace());
    let part = part.rsplit(is_separator).next()?.trim();
    let last = part.rsplit(char::is_whitespace).next()?;
    [last, part].into_iter().rev().find(|name| is_name(name)).map(str::to_owned)
}

/// The name that begins a text: `13800006789 王芳，…`.
fn name_after(text: &str) -> Option<String> {
    let clean = unlabelled(text);
    let part = clean.trim_start_matches(|c: char| is_separator(c) || c.is_whitespace());
    let part = part.split(is_separator).next()?.trim();
    let first = part.split_whitespace().next()?;
    [part, first].into_iter().find(|name| is_name(name)).map(str::to_owned)
}

fn unlabelled(text: &str) -> String {
    LABELS.iter().fold(text.to_owned(), |text, label| text.replace(label, " "))
}

/// Two to four Chinese characters that are in no address, or one to three words with capitals.
fn is_name(text: &str) -> bool {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    if text.chars().all(|c| is_han(c) && !PLACES.contains(c)) {
        return (2..=4).contains(&text.chars().count());
    }
    let words: Vec<_> = text.split(' ').collect();
    let is_word = |word: &&str| {
        word.chars().next().is_some_and(char::is_uppercase)
            && word
                .chars()
                .all(|c| c.is_alphabetic() && !is_han(c) || matches!(c, '\'' | '.' | '-'))
    };
    (1..=3).contains(&words.len()) && words.iter().all(is_word)
}

fn tidy(text: &str) -> String {
    let clean = unlabelled(text);
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    clean.trim_matches(|c: char| is_separator(c) || c.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, receiver: &str, phone: &str, address: &str) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (receiver, phone) = (some(receiver), some(phone));
        assert_eq!(parse(text), Parcel { receiver, phone, address: address.to_owned() }, "{text}");
    }

    #[test]
    fn receiver_phone_and_address_are_told_apart() {
        let address = "上海市徐汇区天钥桥路 1 号 302";
        check(&format!("{address}，王芳 13800006789"), "王芳", "13800006789", address);
        check(&format!("王芳 138 0000 6789 {address}"), "王芳", "13800006789", address);
        check(&format!("{address} 13800006789 王芳"), "王芳", "13800006789", address);
        let labelled = format!("收件人：王芳，电话：13800006789，地址：{address}");
        check(&labelled, "王芳", "13800006789", address);
        let block = "Blk 12 Bedok North St 1 #03-02";
        check(&format!("{block}, Amy Wong 91236789"), "Amy Wong", "91236789", block);
        let taipei = "台北市大安區和平東路 1 號 3 樓";
        check(&format!("{taipei}，王芳 0912006789"), "王芳", "0912006789", taipei);
    }

    #[test]
    fn a_pick_up_has_a_name_and_the_tail_of_a_phone() {
        check("王芳 6789 南门驿站", "王芳", "6789", "南门驿站");
        check("3号楼大厅", "", "", "3号楼大厅");
    }

    #[test]
    fn what_is_not_plain_stays_in_the_address() {
        check("天钥桥路 1 号 302", "", "", "天钥桥路 1 号 302");
        check("天钥桥路1号，邮编 200030", "", "", "天钥桥路1号，邮编 200030");
        check("天钥桥路2026号 13800006789", "", "13800006789", "天钥桥路2026号");
        check("1380000678900 王芳", "", "", "1380000678900 王芳");
        check("", "", "", "");
    }
}
