//! Sentences about shortages, and about the plans for them, as leaders say them.

use super::*;
use crate::domain::ids::OrderId;
use crate::understand::fixture;

/// What is read, in short.
fn read_as(text: &str) -> String {
    let lexicon = fixture::lexicon("fruit");
    let code = |goods: &LackedGoods| {
        let words = lexicon.offers().iter().find(|words| words.id == goods.offer);
        words.map(|words| words.code.clone()).unwrap_or_default()
    };
    let whose = |whose: &Whose| match whose {
        Whose::Numbered(OrderId(id)) => format!("#{id}"),
        Whose::Of(person) => person.name().to_owned(),
    };
    let spare = |spared: &[Whose]| spared.iter().map(whose).collect::<Vec<_>>().join("+");
    match told(text, &lexicon) {
        Some(LeaderIntent::Service(Lead::Shortage(it))) => {
            let goods = it.goods.iter().map(code).collect::<Vec<_>>().join("/");
            let goods = if goods.is_empty() { format!("?{}", it.said) } else { goods };
            let lack = match it.lack {
                Lack::Came(count) => format!("={count}"),
                Lack::Short(count) => format!("-{count}"),
                Lack::All => "all".to_owned(),
                Lack::Odd => "odd".to_owned(),
            };
            let mut said = format!("{goods} {lack}");
            if it.sharing == LackSharing::Alike {
                said += " alike";
            }
            if !it.spared.is_empty() {
                said = format!("{said} not {}", spare(&it.spared));
            }
            it.instead.map_or(said.clone(), |words| format!("{said} [{words}]"))
        }
        Some(LeaderIntent::Service(Lead::ChangeShortage(change))) => match change {
            LackChange::Spare(spared) => format!("not {}", spare(&spared)),
            LackChange::Share(LackSharing::Alike) => "alike".to_owned(),
            LackChange::Share(LackSharing::LastFirst) => "last".to_owned(),
            LackChange::Instead(words) => format!("[{words}]"),
        },
        Some(other) => panic!("{text}: {other:?}"),
        None => String::new(),
    }
}

#[track_caller]
fn check(texts: &[&str], expected: &str) {
    let wrong: Vec<_> =
        texts.iter().map(|text| (text, read_as(text))).filter(|(_, is)| is != expected).collect();
    assert!(wrong.is_empty(), "not {expected:?}: {wrong:?}");
}

#[test]
fn so_many_came() {
    check(
        &[
            "葡萄只到45箱",
            "葡萄只到了45箱",
            "A1只到45箱",
            "A1 只到 45",
            "Ａ１只到４５箱",
            "葡萄就到45箱",
            "葡萄今天只到了四十五箱",
            "葡萄只來了45箱",
            "葡萄实到45箱",
            "葡萄只收到45箱",
            "葡萄淨係到咗45箱",
            "只到45箱葡萄",
            "供应商只送来45箱葡萄",
            "昨天的葡萄只到45箱",
            "only 45 boxes of A1 came",
            "only 45 A1 arrived",
            "A1: only 45 came",
            "A1 only 45 boxes arrived",
            "we only got 45 boxes of A1",
            "just 45 A1 were delivered lah",
        ],
        "A1 =45",
    );
}

#[test]
fn so_many_did_not() {
    check(
        &[
            "葡萄少发3箱",
            "葡萄少发了3箱",
            "葡萄少送三箱",
            "葡萄少來3箱",
            "A1缺3箱",
            "A1 缺货3箱",
            "A1少了3箱",
            "A1差3箱",
            "少发3箱葡萄",
            "供应商少发了3箱葡萄",
            "A1 is 3 short",
            "A1 is short by 3",
            "A1 short 3",
            "A1 3 boxes short",
            "we're 3 boxes short of A1",
            "we are 3 short on A1",
            "short 3 boxes of A1",
            "3 boxes of A1 are missing",
            "3 boxes of A1 didn't come",
            "A1 short 3 lah",
        ],
        "A1 -3",
    );
}

#[test]
fn nothing_of_it_comes() {
    check(
        &[
            "A1 全部退款",
            "A1全部退款",
            "A1全退",
            "葡萄全部退掉",
            "葡萄全員退款",
            "葡萄没到货，全部退款",
            "A1没来，给大家退款",
            "把A1全部退了吧",
            "A1给大家退款",
            "A1 统一退款",
            "全部退款 A1",
            "refund everyone for A1",
            "refund all of A1",
            "refund A1 for everyone",
            "A1 didn't come, refund everyone",
            "A1 - refund everyone please",
            "none of A1 came",
        ],
        "A1 all",
    );
}

#[test]
fn changes_may_stand_behind_commas() {
    check(&["葡萄只到45箱，平均减", "A1 only 45 came, share it"], "A1 =45 alike");
    check(&["葡萄只到45箱，老王不减"], "A1 =45 not 老王");
    check(&["葡萄少发3箱，平均减，明天补"], "A1 -3 alike [明天补]");
}

#[test]
fn a_plan_is_changed_in_words() {
    check(&["老王不减", "老王不用减", "别减老王", "老王别减了"], "not 老王");
    check(&["not Will", "skip Will", "keep Will whole", "leave Will out"], "not Will");
    check(&["老王、小美不减", "老王和小美不减"], "not 老王+小美");
    check(&["#12不减", "#12 别减"], "not #12");
    check(
        &[
            "平均减",
            "平均分",
            "大家平均减",
            "平均減",
            "还是平均减吧",
            "按比例减",
            "share it",
            "split it evenly",
            "evenly",
        ],
        "alike",
    );
    check(&["从后面减", "後下單的先減", "last orders first"], "last");
    check(&["明天补"], "[明天补]");
    check(&["下周一补发"], "[下周一补发]");
    check(&["用A1补"], "[用A1补]");
    check(&["A1 instead"], "[A1 instead]");
    check(&["rest comes tomorrow"], "[rest comes tomorrow]");
}

#[test]
fn what_cannot_be_counted_or_is_not_sold_is_answered() {
    check(&["葡萄只到45.5箱", "A1少发半箱"], "A1 odd");
    check(&["Z9只到45箱", "Z9 少发3箱"], "?Z9 odd");
    check(&["荔枝只到45箱"], "?荔枝 odd");
    check(&["Z9 全部退款"], "?z9 all");
}

#[test]
fn talk_takes_nothing_off() {
    check(
        &[
            "葡萄只到45箱吗",
            "葡萄会不会只到45箱",
            "葡萄到45箱",
            "葡萄只有45箱",
            "葡萄只剩45箱",
            "A1少3箱",
            "A1只要3箱",
            "今天只到了3个人",
            "他们只来了两个人",
            "快递只到3箱",
            "我只到3点",
            "A1退款",
            "全部退款",
            "#12 全部退款",
            "老王全部退款",
            "short of money",
            "I am 3 minutes late",
            "we only got 3 days left",
            "only 3 days to go",
            "3 people are missing",
            "the film is short",
            "refund policy for all",
            "not now",
            "not today",
            "补货",
            "明天到",
            "share",
            "keep calm",
            "大家平均多大",
            "A1缺货",
            "葡萄没到",
            "葡萄没到货",
        ],
        "",
    );
}
