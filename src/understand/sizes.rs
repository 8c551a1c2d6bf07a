//! Words for sizes in one's own words (大小): 大的, 最小的, the big one, of goods whose variants can be put in order.
//!
//! ```text
//! variant := (number unit? | xs … 4xl | 小 中 大 …) ('/' anything)*
//! ```

use std::sync::LazyLock;

use super::normalize;
use super::trie::Trie;

/// The smallest, the middle, the largest.
const SMALL: &[&str] = &[
    "小的",
    "小号",
    "小号的",
    "小包装",
    "小包",
    "小份",
    "小码",
    "小款",
    "小件",
    "小只",
    "小个",
    "最小",
    "最小的",
    "最小号",
    "细的",
    "细只",
    "短的",
    "薄的",
    "轻的",
    "small",
    "the small one",
    "small one",
    "small ones",
    "smaller",
    "smallest",
    "little",
    "little one",
    "little ones",
    "short",
    "kecil",
    "regular",
];
const MIDDLE: &[&str] = &[
    "中间",
    "中间的",
    "中间那个",
    "中间号",
    "中的",
    "中号",
    "中码",
    "中份",
    "中等",
    "middle",
    "medium",
    "the middle one",
    "middle one",
    "medium one",
];
const LARGE: &[&str] = &[
    "大的",
    "大号",
    "大号的",
    "大包装",
    "大包",
    "大份",
    "大码",
    "大款",
    "大件",
    "大只",
    "大个",
    "最大",
    "最大的",
    "最大号",
    "加大",
    "加大的",
    "长的",
    "厚的",
    "重的",
    "big",
    "big one",
    "big ones",
    "bigger",
    "biggest",
    "large",
    "large one",
    "large ones",
    "larger",
    "largest",
    "besar",
    "long",
];

/// Each word with the place of its size: smallest, middle, largest.
pub(super) static WORDS: LazyLock<Trie<u8>> = LazyLock::new(|| {
    let mut trie = Trie::default();
    for (place, words) in (0_u8..).zip([SMALL, MIDDLE, LARGE]) {
        for word in words {
            trie.entry(word, || place);
        }
    }
    trie
});

/// Sizes of clothes and of everything else, in order.
const NAMED: &[&[&str]] = &[
    &["xxs"],
    &["xs", "特小", "迷你", "mini"],
    &["s", "小", "小号", "小份", "小杯", "小码", "small"],
    &["m", "中", "中号", "中份", "中杯", "中码", "medium"],
    &["l", "大", "大号", "大份", "大杯", "大码", "large"],
    &["xl", "加大", "特大", "加大号", "特大号", "extra large", "xlarge"],
    &["xxl", "2xl", "超大", "超大号"],
    &["xxxl", "3xl"],
    &["xxxxl", "4xl"],
];
/// Units behind the number of a size, each with what one of them is worth.
const UNITS: &[(&str, u64)] = &[
    ("kg", 1_000),
    ("公斤", 1_000),
    ("千克", 1_000),
    ("斤", 500),
    ("g", 1),
    ("克", 1),
    ("l", 1_000),
    ("升", 1_000),
    ("ml", 1),
    ("毫升", 1),
    ("m", 100),
    ("米", 100),
    ("cm", 1),
    ("厘米", 1),
];

/// Of which kind a variant is beside its size, and how large among those; `None` if it is called by no size.
pub(super) fn size(variant: &str) -> Option<(String, u64)> {
    let folded = normalize::folded(variant);
    let parts: Vec<&str> = folded.split('/').map(str::trim).collect();
    let sized = |part: &&str| {
        let named = NAMED.iter().position(|names| names.contains(part));
        named.and_then(|place| u64::try_from(place).ok()).or_else(|| numbered(part))
    };
    let (place, size) = parts.iter().enumerate().find_map(|(n, part)| Some((n, sized(part)?)))?;
    let kind = parts.iter().enumerate().filter(|(n, _)| *n != place).map(|(_, part)| *part);
    Some((kind.collect::<Vec<_>>().join("/"), size))
}

/// The next larger or smaller variant of the same kind.
pub(super) fn next(variants: &[String], from: u16, upward: bool) -> Option<u16> {
    let (kind, own) = size(variants.get(usize::from(from))?)?;
    let all = (0_u16..).zip(variants).filter_map(|(n, variant)| Some((n, size(variant)?)));
    let alike = all.filter(|(_, (other, _))| *other == kind);
    let sizes = alike.map(|(n, (_, size))| (size, n));
    let next = if upward {
        sizes.filter(|(size, _)| *size > own).min()
    } else {
        sizes.filter(|(size, _)| *size < own).max()
    };
    next.map(|(_, variant)| variant)
}

/// 500g, 1.2米, 38, XL is none: in thousandths of the smallest unit.
fn numbered(part: &str) -> Option<u64> {
    let end = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
    let (whole, decimals) = part[..end].split_once('.').unwrap_or((&part[..end], "0"));
    let scale = 10_u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let decimals: u64 = decimals.parse::<u64>().ok()?.checked_mul(1_000)? / scale;
    let value = whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(decimals)?;
    let unit = part[end..].trim();
    let worth =
        UNITS.iter().find(|(name, _)| unit.starts_with(name)).map_or(1, |(_, worth)| *worth);
    value.checked_mul(worth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variants: &[&str]) {
        let sizes: Vec<u64> = variants.iter().map(|it| size(it).unwrap().1).collect();
        assert!(sizes.is_sorted(), "{variants:?}: {sizes:?}");
    }

    #[test]
    fn variants_stand_in_order() {
        check(&["36", "38", "42"]);
        check(&["500g", "1kg", "2.5kg", "5公斤"]);
        check(&["白/M", "黑/M", "白/L", "XXL"]);
        check(&["小号", "中", "大杯", "特大"]);
        check(&["80cm", "1.2米"]);
        assert_eq!(size("原味"), None);
    }
}
