//! Questions with a free middle that are commands all the same: 我都订了些什么, 今天有啥好吃的.
//!
//! Only for short messages that ask; each pattern has to match the whole message.

use std::sync::LazyLock;

use regex::Regex;

use super::clause::ReadableMessage;
use crate::domain::intent::Intent;
use crate::domain::{catalog, orders};

/// Longer messages are no command.
const LONGEST: usize = 24;

static MINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "^(团长|老板|请问|那|查下|看下|看看|帮我看看|帮我看下|帮我查下|帮我查查)*我(们)?(都|一共|总共|今天|这次|目前|现在|到底|刚才|刚刚)*\
         (订|定|点|买|下|跟|团|要|叫|落|拍|预订|下单|接龙|订购|下单)(了|咗|过|的是|的)?(些|啲|的)?(单)?\
         (什么|啥|哪些|哪几|几|多少|咩|乜)(东西|单|个|份|样|盒|嘢|菜|水果)?(呀|啊|呢|来着|了|吗|嘅|的)*[?~!。]*$",
    )
    .ok()
});

static MENU: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "^(团长|老板|请问|今天|今日|今晚|明天|现在|最近|群里|这周|本周|都|还|到底|你们|我们|你哋)*\
         (有|卖|团|开|上|系)(的)?(些|团|啲)?(什么|啥|咩|乜|哪些|边啲)\
         (好吃|好东西|好货|水果|团|卖|买|食|推荐|新品|菜|商品|东西|新|货|团购|可以买|可以团|可以订|可以点|可以吃|好买|优惠|新的|吃|嘢)*(的|呀|啊|呢|嘛|没|吗|㗎|嘅)*[?~!。]*$",
    )
    .ok()
});

/// Read a message that asks for the speaker's orders or the menu in free words.
pub(super) fn asked(heard: &ReadableMessage<'_, '_>) -> Option<Intent> {
    if heard.text.len() > LONGEST || heard.text.len() < 3 {
        return None;
    }
    let asks = heard
        .text
        .glyphs
        .iter()
        .any(|g| matches!(g.c, '么' | '啥' | '哪' | '几' | '少' | '咩' | '乜' | '边'));
    if !asks {
        return None;
    }
    let folded: String = heard.text.glyphs.iter().map(|g| g.c).filter(|c| *c != ' ').collect();
    if MINE.as_ref().is_some_and(|pattern| pattern.is_match(&folded)) {
        return Some(Intent::Orders(orders::Intent::MyOrders));
    }
    MENU.as_ref()
        .is_some_and(|pattern| pattern.is_match(&folded))
        .then_some(Intent::Catalog(catalog::Intent::Menu))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;
    use crate::understand::normalize::Folded;

    #[track_caller]
    fn check(said: &str, expected: impl Into<Option<Intent>>) {
        let expected: Option<Intent> = expected.into();
        let (text, lexicon) = (Folded::new(said), fixture::lexicon("fruit"));
        assert_eq!(asked(&ReadableMessage::new(&text, &lexicon)), expected, "{said}");
    }

    #[test]
    fn free_words_for_my_orders() {
        for said in ["我都订了些什么", "我點了什麼呀", "我一共买了几样？", "我叫咗啲咩"]
        {
            check(said, Some(Intent::Orders(orders::Intent::MyOrders)));
        }
        check("我买了什么车好呢想听听大家意见", None);
        check("他订了什么", None);
    }

    #[test]
    fn free_words_for_the_menu() {
        for said in ["今天有啥好吃的", "團長今天團什麼", "今日有咩食", "还有什么水果"]
        {
            check(said, Some(Intent::Catalog(catalog::Intent::Menu)));
        }
        check("你今天有什么事", None);
        check("草莓有什么好", None);
    }
}
