//! Commands about where goods go, and that they arrived.

use std::sync::LazyLock;

use regex::Regex;

use super::super::amount;
use super::super::args::{self, Args};
use super::super::buildings;
use super::super::lexicon::Lexicon;
use super::orders::numbered;
use super::said::selection;
use super::{Command, Half, Numbers, Said, Spoken, Takes, arriving, expecting, handing, listing};
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::shipping::{Intent as Wish, Lead};

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "shipping.collected",
        who: Role::Member,
        slash: &["received"],
        words: "收货 | 确认收货 | 已收货 | 确认收到货 | 我已收货 | 收货了 | 已签收 | 签收 | confirm receipt | \
            confirm received | order received | goods received | i received my order | \
            received my order  | 收到货 | 收到货了 | received",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Shipping(Wish::Received(Vec::new())),
            rank: 3,
            beside: &[],
            numbers: Numbers::Never,
            is_asked: true,
        }),
    },
    Command {
        id: "shipping.collected",
        who: Role::Member,
        slash: &[],
        words: "",
        takes: Takes::Sentence(received),
    },
    Command {
        id: "shipping.collected",
        who: Role::Member,
        slash: &[],
        words: "",
        takes: Takes::Sentence(handing::got_it),
    },
    Command {
        id: "shipping.address",
        who: Role::Member,
        slash: &["address"],
        words: "地址",
        takes: Takes::Sentence(address),
    },
    Command {
        id: "shipping.pickup",
        who: Role::Member,
        slash: &["pickup"],
        words: "自提",
        takes: Takes::Sentence(pickup),
    },
    Command {
        id: "shipping.shipped",
        who: Role::Leader,
        slash: &["ship"],
        words: "已发货 | 发货 | 已出货 | 出货 | 寄出 | 已寄出 | 发出 | shipped | ship",
        takes: Takes::lead(ship, Half::Order),
    },
    Command {
        id: "shipping.delivered",
        who: Role::Leader,
        slash: &[],
        words: "已签收 | 已送达 | 签收 | 送达 | delivered",
        takes: Takes::lead(delivered, Half::Order),
    },
    Command {
        id: "shipping.arrived",
        who: Role::Leader,
        slash: &["arrived"],
        words: "到货",
        takes: Takes::lead(arriving::arrived_of, Half::Never),
    },
    Command {
        id: "shipping.arrived",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(arriving::arrived),
    },
    Command {
        id: "shipping.expected",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(expecting::expected),
    },
    Command {
        id: "shipping.not_collected",
        who: Role::Helper,
        slash: &["uncollected"],
        words: "未取 | 未取货 | 未自提 | 没取的 | 还没取的 | 谁没取 | 谁还没取 | 谁还没取货 | 谁没取货 | 谁没拿 | \
            谁还没拿 | 谁还没来取 | 待取 | 待取货 | 未领 | not collected | uncollected | \
            who hasn't collected | who has not collected | who hasn't picked up",
        takes: Takes::Shows(LeaderIntent::Shipping(Lead::NotCollected)),
    },
    Command {
        id: "shipping.not_collected",
        who: Role::Helper,
        slash: &[],
        words: "",
        takes: Takes::Told(listing::uncollected),
    },
    Command {
        id: "shipping.round",
        who: Role::Helper,
        slash: &["deliveries"],
        words: "送货单 | 配送单 | 派送单 | 送货名单 | 送货表 | delivery list | delivery round | deliveries",
        takes: Takes::Shows(LeaderIntent::Shipping(Lead::Round)),
    },
    Command {
        id: "shipping.delivered_to",
        who: Role::Helper,
        slash: &[],
        words: "送到了 | 送完了 | 已送到 | 已送完 | delivered to",
        takes: Takes::lead(delivered_to, Half::Never),
    },
    Command {
        id: "shipping.check_off",
        who: Role::Helper,
        slash: &["collected"],
        words: "核销",
        takes: Takes::lead(|said| handing::check_off(said, true), Half::Order),
    },
    Command {
        id: "shipping.check_off",
        who: Role::Helper,
        slash: &[],
        words: "已取货 | 已取走 | 已自提 | 已提货 | 已领取 | 已取 | check off | collected | picked up",
        takes: Takes::lead(|said| handing::check_off(said, false), Half::Never),
    },
    Command {
        id: "shipping.check_off",
        who: Role::Helper,
        slash: &[],
        words: "",
        takes: Takes::Told(handing::handed),
    },
];

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:我的)?(?:地址|收货地址|收貨地址|送货地址|送貨地址|(?:my )?address)(?:是|is)?[\s:：]+(\S.{3,200})$").ok()
});

static PICKUP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:自提|自取|自提人|提货人|提貨人|pick-?up)[\s:：]+(\S.{1,60})$").ok()
});

/// 地址 ….
fn address(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
    let found = ADDRESS.as_ref()?.captures(text)?;
    Some(Intent::Shipping(Wish::SetAddress(args::line(found.get(1)?.as_str()))))
}

/// 自提 王芳 6789.
fn pickup(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
    let found = PICKUP.as_ref()?.captures(text)?;
    Some(Intent::Shipping(Wish::SetPickup(args::line(found.get(1)?.as_str()))))
}

/// 收货 #1024 #1025.
fn received(text: &str, lexicon: &Lexicon) -> Option<Intent> {
    let words = [
        "收货",
        "收貨",
        "收到货了",
        "收到貨了",
        "收到货",
        "收到貨",
        "确认收货",
        "確認收貨",
        "已收货",
        "已收貨",
        "已收到货",
        "received",
        "confirmreceipt",
        "confirmreceived",
        "gotit",
    ];
    numbered(text, lexicon, &words).map(|orders| Intent::Shipping(Wish::Received(orders)))
}

/// 已签收 #1024.
fn delivered(said: &Said<'_>) -> Option<LeaderIntent> {
    let of = said.selection().map(|of| LeaderIntent::Shipping(Lead::Delivered(of)));
    of.or_else(|| delivered_to(said))
}

/// 送到了 5栋.
fn delivered_to(said: &Said<'_>) -> Option<LeaderIntent> {
    let rest = said.rest.trim();
    let is_short = (1..=24).contains(&rest.chars().count());
    let building = buildings::door(rest).filter(|_| is_short).map(|_| args::line(rest))?;
    Some(LeaderIntent::Shipping(Lead::DeliveredTo(building)))
}

/// 发货 #1024 顺丰 SF123456. A tracking number may be of digits only, a carrier's name is not.
fn ship(said: &Said<'_>) -> Option<LeaderIntent> {
    let args = Args::read_orders(said.rest);
    let of = selection(&args)?;
    let tracked = |word: &str| word.chars().filter(char::is_ascii_digit).count() >= 3;
    let own = |word: &str| Some(word.to_owned());
    let (carrier, tracking) = match args.rest.as_slice() {
        [] => (None, None),
        [word] if tracked(word) || amount::is_figure(word) => (None, own(word)),
        [word] => (own(word), None),
        [carrier, tracking] if tracked(tracking) || amount::is_figure(tracking) => {
            (own(carrier), own(tracking))
        }
        _ => return None,
    };
    Some(LeaderIntent::Shipping(Lead::Ship { of, carrier, tracking }))
}
