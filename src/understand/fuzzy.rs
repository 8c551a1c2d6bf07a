//! Small typing errors: 草梅 for 草莓, 车里子 for 车厘子, strawbery.
//!
//! A word that nobody knows, with an amount beside it, is compared with the names on offer. One
//! character typed as another of the same sound is a typo and read as the name; any other single
//! difference (土鸭蛋 for 土鸡蛋) may be different goods and is asked back. Nothing is corrected that
//! fits two offers.

use super::lexicon::Lexicon;
use super::normalize::{Folded, is_han};

/// How a word resembles a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Like {
    /// A slip: same sound, or one Latin letter off.
    Slip(u32),
    /// One character off; may be something else.
    Maybe(u32),
}

/// Characters that sound or look alike and are typed one for the other, in names of goods.
const SOUNDS: &[&str] = &[
    "莓梅霉每媒枚玫",
    "厘里离梨李丽荔利力",
    "子籽紫仔",
    "苹平萍凭瓶",
    "果裹过国",
    "葡蒲朴菩",
    "萄桃陶淘逃",
    "橙成澄程呈诚",
    "脐齐其奇期棋",
    "樱英婴鹰缨",
    "蓝兰篮拦",
    "芒忙盲茫",
    "榴留刘柳流",
    "莲连联怜",
    "瓜刮",
    "蕉焦交椒胶",
    "香乡箱湘",
    "蛋但旦淡",
    "鸡机基几",
    "鸭压",
    "鹅额",
    "饺脚角交",
    "馄混昏",
    "饨吨屯炖",
    "馒慢曼",
    "头投",
    "虾瞎侠",
    "鱼于余",
    "排牌派",
    "骨古股谷",
    "菜才采",
    "豆都斗",
    "腐付府夫富",
    "奶耐",
    "牛妞",
    "羊洋",
    "猪珠朱",
    "肉柔",
    "糕高羔",
    "饼并冰兵",
    "面棉绵",
    "包苞宝",
    "玫眉",
    "瑰桂贵鬼归",
    "阳洋杨扬",
    "光广",
    "富付福",
    "士土事是",
    "麒奇骑琪",
    "麟林鳞临",
    "丹单",
    "东冬懂",
    "冰兵",
    "糖唐塘",
    "心新辛",
    "散伞",
    "养样",
    "筋金",
    "条调",
    "袜沫",
    "裤库",
    "鞋谢协",
    "棉绵",
    "腿退",
    "茶查察",
    "汤烫",
    "红洪虹宏",
    "萝罗箩落",
    "卜补",
    "韭久九",
    "荠芥荠齐",
    "仁人任",
    "鲜先仙",
    "味未位",
    "酱将",
    "酥苏",
    "粽棕宗",
    "蟹谢解",
    "笋损",
    "菇姑估",
    "参身深",
    "柠宁凝",
    "檬蒙",
    "柚油又",
    "柿是市",
    "枣早",
    "薯书鼠",
    "玉遇",
    "米迷",
    "粉份",
    "玫玟",
    "栗粟",
    "柚抽",
    "桃挑",
    "梨犁",
    "蓝篮兰",
    "末未",
    "油由",
];

/// Find the one name that `word` is a slip of.
pub(super) fn like(word: &[char], lexicon: &Lexicon) -> Option<Like> {
    let latin = word.iter().all(char::is_ascii_alphabetic);
    if word.len() < if latin { 5 } else { 2 } || word.len() > 24 {
        return None;
    }
    let mut best: Option<Like> = None;
    for (name, entry) in &lexicon.names {
        let found = if latin { latin_slip(word, name) } else { han_slip(word, name) };
        let Some(slip) = found else { continue };
        let like = if slip { Like::Slip(*entry) } else { Like::Maybe(*entry) };
        best = match best {
            None => Some(like),
            Some(Like::Maybe(_)) if slip => Some(like),
            Some(Like::Slip(_)) if !slip => best,
            Some(Like::Slip(old) | Like::Maybe(old)) if old == *entry => best,
            Some(_) => return None,
        };
    }
    best
}

/// Of so many names at most each place of a message is compared with all.
const MOST_NAMES: usize = 400;

/// The one name of Han characters that begins at glyph `at` with one character wrong: where it ends, and its entry.
pub(super) fn han_at(text: &Folded<'_>, at: usize, lexicon: &Lexicon) -> Option<(usize, u32)> {
    let mut best: Option<(usize, u32)> = None;
    for (name, entry) in lexicon.names.iter().take(MOST_NAMES) {
        let ends = (text.at(at), text.at(at + name.len() - 1));
        if ends.0 != name[0] && ends.1 != name[name.len() - 1] {
            continue;
        }
        let word: Vec<char> = (at..at + name.len()).map(|i| text.at(i)).collect();
        let like = word.iter().all(|&c| is_han(c)) && han_slip(&word, name).is_some();
        if !like {
            continue;
        }
        match best {
            Some((end, old)) if old != *entry && end == at + name.len() => return None,
            Some((end, _)) if end > at + name.len() => {}
            _ => best = Some((at + name.len(), *entry)),
        }
    }
    best
}

/// One character of the same length differs: `Some(true)` if the two sound alike.
fn han_slip(word: &[char], name: &[char]) -> Option<bool> {
    if word.len() != name.len() || name.iter().any(char::is_ascii) {
        return None;
    }
    let mut differing = word.iter().zip(name).filter(|(a, b)| a != b);
    let (&typed, &meant) = differing.next()?;
    if differing.next().is_some() {
        return None;
    }
    let sounds = SOUNDS.iter().any(|group| group.contains(typed) && group.contains(meant));
    // Of two characters one is too little to go by, unless it sounds the same.
    (sounds || word.len() >= 3).then_some(sounds)
}

/// One letter added, left out, changed, or two swapped.
fn latin_slip(word: &[char], name: &[char]) -> Option<bool> {
    if word.first() != name.first() || word.len().abs_diff(name.len()) > 1 || name.len() < 5 {
        return None;
    }
    let start = word.iter().zip(name).take_while(|(a, b)| a == b).count();
    let end = word.iter().rev().zip(name.iter().rev()).take_while(|(a, b)| a == b).count();
    let (long, short) = (word.len().max(name.len()), word.len().min(name.len()));
    let one = start + end + 1 >= long || (long > short && start + end >= short);
    let swapped = long == short
        && start + end + 2 == long
        && word[start] == name[start + 1]
        && word[start + 1] == name[start];
    (one || swapped).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn check(word: &str, slip: Option<bool>) {
        let word: Vec<char> = word.chars().collect();
        let got = like(&word, &fixture::lexicon("fruit")).map(|like| matches!(like, Like::Slip(_)));
        assert_eq!(got, slip, "{word:?}");
    }

    #[test]
    fn same_sounds_are_slips_and_other_differences_are_doubtful() {
        check("草梅", Some(true));
        check("车里子", Some(true));
        check("阳光玫鬼", Some(true));
        check("阳光玫红", Some(false));
        check("草鱼", None);
        check("香蕉", None);
    }

    #[test]
    fn latin_slips() {
        check("strawbery", Some(true));
        check("bluebrery", Some(true));
        check("cherri", Some(true));
        check("chess", None);
    }
}
