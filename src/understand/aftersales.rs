//! After-sales in words of their own: 我要退货, 只收到一盒, 坏了两个, can I return this, 2 are rotten; and that somebody lets
//! it go: 算了 不退了.
//!
//! Complaints that name goods are read with everything else about goods (`query`). Here is what needs no goods: a wish
//! to give something back, and words of what is wrong that others say of much else, which count for who has goods of
//! the shop. What asks about policies, or tells of others and other shops, is none of it.

use std::sync::LazyLock;

use regex::Regex;

use super::normalize::Folded;
use super::patterns::{Hints, pattern};
use crate::domain::intent::Intent;
use crate::domain::service::{self, ComplaintKind};

/// Longer messages are read as a whole.
const LONGEST: usize = 120;

type ServicePattern = LazyLock<Option<Regex>>;

/// One of these is in whatever is read here.
static HINTS: Hints = Hints::of(
    "退|换|补|处理|赔|追究|投诉|售后|收到|拿到|取到|领到|给了|给我|发了|送了|少|漏|缺|错|成|坏|烂|碎|破|裂|霉|臭|馊|瘪|蔫|不新鲜|压|磕|斤两|短斤|不对板|不一样|质量|refund|money back|return|send back|exchange|replacement|complaint|case|keep|only|missing|short|rotten|mold|mould|broken|crushed|bruised|spoil|leak|damaged|cracked|bad|smashed|squashed|expired|off|wrong|open|empty",
);

/// Wishes to give back, or to have others.
static RETURN: ServicePattern = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?:我|想|要|申请|要求|需要|可以|可不可以|可唔可以|能不能|能否|可否|能|帮我|麻烦|给我|得退|请)[^。?？!！\n]{0,12}?(?:退货|退款|退钱|退换|换货|换新的|换一?个好的|换[大小]一?[点号码个])
        | ^(?:我的?|这个?|都|全部|团长|老板|你好|您好|请问|请|[\s,，])*(?:退货|退款|退钱|申请退款|申请退货|退货退款|换货)(?:吧|啊|呀|哦|谢谢|团长|老板|处理一下|一下|[\s,，!！。])*$
        | \b(?:i|we|can|could|may|want|wanna|need|like|please|pls|how\ do\ i|how\ to|get|give\ me|for)\b[^.?!\n]{0,30}\b(?:refund|money\ back)\b
        | \brefund\b[^.?!\n]{0,12}\b(?:please|pls|me|thanks)\b
        | \b(?:i|we|can|could|may|want|wanna|need|like|how\ do\ i|how\ to)\b[^.?!\n]{0,16}(?:\b(?:return|send\ back)\b[^.?!\n]{0,12}\b(?:it|this|these|them|those|the|my|one|order|item|box)\b|\bexchange\s(?:it|this|them|mine|for\sa)\b)
        ",
    )
});

/// What is wrong, whatever it is about.
static WRONG: ServicePattern = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?:只|就|才)(?:收到|拿到|取到|领到|给了我?|给我|发了|送了)[^。?？!！\n]{0,4}(?:\d+|[一二两三四五六七八九十半])
        | (?:少|漏|缺)(?:发|给|送|装|拿)?(?:了|咗)(?:我)?(?:\d+|[一二两三四五六七八九十半])(?:个|颗|只|盒|箱|包|袋|瓶|斤|串|粒|条|枚|件|份)
        | (?:发|送|装)错(?:货|了货|东西|颜色|尺码|码)|(?:发|送)成(?:了)?[^。\n]{1,8}了
        | (?:\d+|[一二两三四五六七八九十几好半]+)(?:个|颗|只|盒|箱|包|袋|瓶|斤|串|粒|条|枚)(?:都|是|全|也|已经|有点|里面|打开)?(?:坏|烂|碎|破|裂|发霉|霉|臭|馊|瘪|漏|蔫|不新鲜|压)
        | (?:坏|烂|碎|破|裂|压坏|磕坏|压烂|发霉|漏)(?:了|咗|的)?(?:有)?(?:\d+|[一二两三四五六七八九十几半]|好几|好多|一半|大半)(?:个|颗|只|盒|箱|包|袋|瓶|斤|串|粒|条|枚)?
        | 缺斤少两|短斤少两|斤两不(?:够|足)|货不对板|跟(?:图片|图|照片)不一样|质量(?:太差|有问题|不行)
        | \bonly\s+(?:got|received|came\ with)\s+(?:\d+|one|two|three|half)\b
        | \b(?:missing|short|short\ of)\s+(?:of\s+)?(?:\d+|one|two|three|an?)\s?(?:box|boxes|pack|packs|bag|bags|bottle|bottles|piece|pieces|pcs|pc|punnet|punnets|tray|trays|tub|tubs)?\b|\b(?:\d+|one|two|three)\s(?:box|boxes|pack|packs|bag|bags|bottle|bottles|pieces?|pcs?|punnets?|trays?|tubs?)\s(?:missing|short)\b
        | \b(?:\d+|one|two|three|four|half|some|most|all|both|few)\s(?:of\s(?:them|it|mine|the\s\w+)\s)?(?:are|is|was|were|all|already|came|arrived|got)\s(?:\w+\s)?(?:rotten|mou?ldy|broken|crushed|bruised|spoil(?:t|ed)|leaking|damaged|cracked|bad|smashed|squashed|expired|off)\b
        | \b(?:got|received|sent|gave)\s(?:me\s)?(?:the\s|a\s)?wrong\s(?:item|order|size|colou?r|flavou?r|one|thing|goods)\b|\bwrong\s(?:item|size|colou?r)\s(?:sent|received|came)\b
        | \b(?:box|bag|bottle|pack|mine)\s(?:was|is|came|arrived)\s(?:\w+\s)?(?:rotten|mou?ldy|broken|crushed|bruised|spoil(?:t|ed)|leaking|damaged|cracked|open|empty)\b
        ",
    )
});

/// Asked of rules, told of others, or of what is no goods.
static ELSE: ServicePattern = LazyLock::new(|| {
    pattern(
        r"什么时候|几时|多久|几天|到账|到了没|退了没|政策|规则|规定|怎么算|运费谁|如果|要是|的话|万一|假如|不用退|不要退|不退|别退|不用换|已经退|退款了|退了款|收到退款|退到|退休|退群|退烧|退房|退票|退税|退押金|退团|朋友|别人|隔壁|人家|淘宝|拼多多|京东|超市|手机|电脑|空调|冰箱|电梯|车|灯|碗|杯子|when|how long|policy|polic|if |in case|don't|do not|no need|already refunded|got (?:my|the|a) refund|received (?:my|the|a) refund|friend|amazon|shopee|lazada|taobao|phone|laptop|tax|ticket|call",
    )
});

/// Said of an order that was not paid, or of an earlier message.
static OTHERWISE: ServicePattern =
    LazyLock::new(|| pattern(r"改成|改为|换成|下单|再来|加一|instead|order more|another"));

/// It is let go.
static LET_GO: ServicePattern = LazyLock::new(|| {
    pattern(
        r"(?x)^(?:(?:那|那就|算了吧?|没事|没关系|不好意思|团长|老板|好的|好吧|行|ok|okay|ah|lah|sorry|actually|never\ ?mind|nvm|it's\ ok(?:ay)?|its\ ok(?:ay)?|all\ good|don't\ worry|[\s,，。.!！~])*)
        (?:(?:我|就|先)*(?:不退(?:货|款|钱)?了|不用退(?:货|款|钱)?(?:了)?|不换(?:货)?了|不用换(?:货)?(?:了)?|不用补(?:发)?(?:了)?|不用处理(?:了)?|不用赔(?:了)?|不追究了|不投诉了|唔退(?:喇|了)|唔使退(?:喇|了)?|撤销售后|取消售后|取消退款|取消退货)
          |(?:no\ need|don't\ need|dont\ need|no\ longer\ need|forget|cancel|drop|leave)(?:\ about)?(?:\ to)?(?:\ (?:a|the|my|any|it))?\ ?(?:refund|return|exchange|replacement|complaint|case)(?:\ (?:it|them|anymore|any\ more))*
          |i(?:'ll|\ will)?\ (?:just\ )?keep\ (?:it|them|the\ goods))
        (?:吧|啦|喇|谢谢|哈|了|thanks|thank\ you|lah|[\s,，。.!！~])*$",
    )
});

/// Read a message as one about after-sales. Whoever names goods of the shop complains of these.
pub(super) fn read(folded: &Folded<'_>, is_named: bool) -> Option<Intent> {
    let text = folded.line();
    if folded.len() > LONGEST || !HINTS.is_in(text) {
        return None;
    }
    if is(&LET_GO, text) {
        return Some(Intent::Service(service::Intent::DropCase { case: None }));
    }
    if is(&ELSE, text) {
        return None;
    }
    let how = if is(&RETURN, text) && !is(&OTHERWISE, text) && !is_for_others(text) {
        ComplaintKind::Return
    } else if is(&WRONG, text) {
        if is_named { ComplaintKind::Plain } else { ComplaintKind::Vague }
    } else {
        return None;
    };
    Some(Intent::Service(service::Intent::Complain(how)))
}

/// 给阿强退款: not the speaker's own.
fn is_for_others(text: &str) -> bool {
    let mut behind = text.match_indices('给').map(|(at, word)| &text[at + word.len()..]);
    behind.any(|rest| !rest.starts_with(['我', '退', '换', '个', '一']))
}

/// Whether a message may be one.
pub(super) fn begins(folded: &Folded<'_>) -> bool {
    read(folded, false).is_some()
}

/// Stems of words of complaint, in any language.
static STEMS: ServicePattern = LazyLock::new(|| {
    pattern(
        r"坏|烂|霉|馊|臭|酸|漏|碎|破|蔫|瘪|少|缺|错|退|换|虫|过期|新鲜|难吃|不好吃|不甜|没熟|质量|失望|投诉|压|rott|mou?ld|bad\b|brok|crush|bruis|spoil|leak|damag|crack|smash|squash|expired|stale|wrong|missing|short|refund|return|exchange|disappoint|awful|terrible|disgust|not fresh|sour\b",
    )
});

/// Whether a text has a word of complaint: a coarse superset, for what is looked at twice.
#[must_use]
pub fn may_complain(text: &str) -> bool {
    let folded = Folded::new(text);
    folded.len() <= 4 * LONGEST && is(&STEMS, folded.line())
}

fn is(pattern: &ServicePattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `return`, `vague`, `drop`, or nothing.
    fn said(text: &str) -> &'static str {
        match read(&Folded::new(text), false) {
            Some(Intent::Service(service::Intent::Complain(ComplaintKind::Return))) => "return",
            Some(Intent::Service(service::Intent::Complain(_))) => "vague",
            Some(Intent::Service(service::Intent::DropCase { .. })) => "drop",
            Some(other) => panic!("{text}: {other:?}"),
            None => "",
        }
    }

    #[track_caller]
    fn check(texts: &[&str], expected: &str) {
        let wrong: Vec<_> = texts.iter().filter(|text| said(text) != expected).collect();
        assert!(wrong.is_empty(), "not {expected:?}: {wrong:?}");
    }

    #[test]
    fn wishes_to_return_are_heard() {
        check(
            &[
                "我要退货",
                "我要退货！",
                "我想退款",
                "申请退款",
                "能不能退款",
                "可以退货吗",
                "要求退款",
                "退货",
                "退款",
                "团长 退款谢谢",
                "我要換貨",
                "想换个好的",
                "大了，能换小一号吗",
                "可唔可以退錢",
                "I want a refund",
                "can I get a refund",
                "refund please",
                "can i get my money back lah",
                "I'd like to return this",
                "can I return the box",
                "how do i return it",
                "can I exchange it for a bigger size",
            ],
            "return",
        );
    }

    #[test]
    fn what_is_wrong_is_heard() {
        check(
            &[
                "我订了两盒只拿到一盒",
                "只收到一箱",
                "就给了1盒",
                "少了一盒",
                "漏发了两瓶",
                "少咗一盒",
                "送错货了",
                "发错颜色了",
                "坏了三个",
                "烂了好几个",
                "碎咗兩個",
                "有两颗烂的",
                "三个发霉了",
                "缺斤少两",
                "货不对板啊",
                "跟图片不一样",
                "only got 1 box",
                "only received one",
                "missing one box",
                "2 boxes short",
                "2 are rotten",
                "half of them are mouldy",
                "some of it is spoilt lah",
                "got the wrong size",
                "wrong item sent",
                "mine came crushed",
            ],
            "vague",
        );
    }

    #[test]
    fn who_lets_it_go_is_heard() {
        check(
            &[
                "算了 不退了",
                "算了不退了",
                "不退了",
                "那就不用退了",
                "没事，不用换了",
                "不用补发了 谢谢",
                "我不退货了",
                "唔使退喇",
                "取消退款",
                "no need to refund",
                "never mind, no need refund",
                "forget about the refund",
                "cancel my return",
                "i'll keep it",
            ],
            "drop",
        );
    }

    #[test]
    fn what_is_asked_or_told_otherwise_is_not() {
        check(
            &[
                "退款什么时候到账",
                "退款到了没",
                "收到退款了",
                "如果坏了可以退款吗",
                "退货政策是什么",
                "退群",
                "我要退休了",
                "我朋友要退货",
                "手机坏了两个月",
                "淘宝买的要退货",
                "葡萄很甜",
                "拿到了，很甜",
                "只要一盒",
                "我要一箱",
                "only one please",
                "just one box thanks",
                "I return home at 5",
                "can you return my call",
                "many happy returns",
                "refund policy?",
                "when will I get my refund",
                "I got my refund thanks",
                "如果不甜能退吗",
                "换成两箱",
                "算了 不要了",
                "请给阿强退款 #1",
                "只有一盒了吗",
                "葡萄只有2箱了",
                "just got 2 boxes, so sweet",
                "裤子退了吧",
                "草莓退掉，改要蓝莓一盒",
                "能换一盒蓝莓吗",
                "can I swap the eggs for milk",
                "exchange the strawberries for blueberries",
            ],
            "",
        );
    }
}
