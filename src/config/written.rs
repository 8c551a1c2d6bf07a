//! The operator's file as it is written: every section and key, declared once.
//!
//! From these declarations come the reading, the JSON Schema that editors use
//! (`deploy/shop.schema.json`) and the table of keys (`deploy/CONFIG.md`), defaults included: the
//! doc comment of a key is what an operator reads about it. What is written here may still make
//! no sense; [`meant`](super::meant) and [`checks`](super::checks) see to that.

use std::net::SocketAddr;

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use ipnet::IpNet;
use toml::de::DeValue;

use super::reader::{DocumentReader, Entries, SpannedList, SpannedValue, Written, section};
use super::scalar::amounts::{Multiplier, Ratio, WrittenCommission, WrittenDecimal};
use super::scalar::names::{Address, Code, PersonName, PicturePath, Prose, Slug, Title};
use super::scalar::times::Minutes;
use super::scalar::{Count, Scalar};
use super::shape::ValueShape;
use super::{PlatformKind, PublicUrl};
use crate::domain::money::Currency;
use crate::domain::money::Rate;
use crate::domain::policy::{Arrives, Locale, QuietHours, ReceiptPace, SelfPurchase, ShopTopic};

/// A number of things to sell.
pub(crate) type Pieces = Count<1, { crate::domain::catalog::MAX_STOCK }>;
/// A number of days.
pub(crate) type DayCount = Count<1, 3_650>;
/// A number of points.
pub(crate) type Points = Count<0, 1_000_000>;
/// A day of the month.
pub(crate) type MonthDay = Count<1, 31>;

section! {
    /// A shop's file.
    Root {
        /// The shop as a whole.
        shop: Shop => required;
        /// Where the shop listens and speaks. A simulator stands alone: never beside a platform
        /// with real people.
        accounts: SpannedList<Account> => required;
        /// The operator's console.
        web: Web => default({});
        /// How the machine works. The defaults are good.
        engine: Engine => default({});
        /// The communities (社群) that the shop sells in. All of them trade in currencies with the
        /// same number of decimals.
        communities: SpannedList<Community> => required;
        /// The catalogue (商品).
        items: SpannedList<Item> => default([]);
        /// The scheduled posts (上新) that open offers.
        drops: SpannedList<Drop> => default([]);
        /// Who earns commission (佣金).
        commission: Commission => default({});
        /// Who may be bound to an inviter (归属).
        attribution: Attribution => default({});
        /// Points (积分) and check-in (签到).
        points: PointsRules => default({});
        /// How long orders wait.
        orders: Orders => default({});
        /// Paying commission out (提现).
        withdrawal: Withdrawal => default({});
        /// How orders are paid for (收款).
        payment: Payment => default({});
        /// Questions that the shop answers in its own words.
        facts: SpannedList<Fact> => default([]);
    }
}

section! {
    /// The shop as a whole.
    Shop {
        /// The shop's name, shown in greetings.
        name: Title => required;
    }
}

section! {
    /// One account on a chat platform.
    Account {
        /// Stable key of the account; its messages are stored under it, so it never changes.
        key: Slug => required;
        /// The platform.
        platform: PlatformKind => required;
        /// What members see as the bot's name.
        bot_name: PersonName => default("团团");
        /// The most the bot sends to one chat in a span of time; what exceeds it is merged into
        /// digests. No limit when absent.
        rate_per_chat: RatePerChat => optional;
        /// The environment variable that holds the account's secret: the bot's token, the access token of
        /// OneBot, or the secret (`AppSecret`) of a QQ bot. Secrets never stand in this file. Tokens that people
        /// choose need 16 characters, 8 different ones among them.
        token_env: Title => optional;
        /// QQ: the bot's app id (`AppID`).
        app_id: Title => optional;
        /// Where the platform's interface is, if not at its usual address.
        api_url: Address => optional;
        /// Where the gateway is that holds the account: address and port, with http:// in front, or https:// where
        /// the gateway shows a certificate for that name.
        endpoint: Address => optional;
        /// The address under which the platform reaches this shop from outside, with https. When it is
        /// absent the shop asks for news, which needs no address. For QQ, give its console this address with
        /// `/hooks/qq/` and this account's key.
        webhook_url: Address => optional;
        /// OneBot, forward: the address of the implementation, `ws://` or `wss://`. When it is absent
        /// the implementation connects to the console's address, at `/onebot/` and this account's key.
        ws_url: Address => optional;
        /// OneBot, reverse: an address and port of its own, instead of the console's.
        listen: SocketAddr => optional;
    }
}

section! {
    /// A limit on sending.
    RatePerChat {
        /// So many messages …
        messages: Count<1, 1_000> => required;
        /// … in so many seconds.
        seconds: Count<1, 3_600> => required;
    }
}

section! {
    /// The operator's console.
    Web {
        /// Address and port to listen on. Keep it on loopback, with a proxy with TLS in front where
        /// others are to reach it.
        bind: SocketAddr => default("127.0.0.1:8080");
        /// What people write to reach it, through the proxy. With https, browsers are told to come
        /// by TLS alone.
        public_url: PublicUrl => optional;
        /// The proxies in front: addresses or networks. Only these are believed when they say for whom they
        /// ask (`X-Forwarded-For`, read from the right, and `X-Forwarded-Proto`).
        trusted_proxies: SpannedList<IpNet> => default([]);
    }
}

section! {
    /// How the machine works.
    Engine {
        /// Lanes that work in parallel: two for each process that is to share the work, since more
        /// make smaller batches. Written into the database when it is created; changing it later
        /// has no effect.
        lanes: Count<1, 64> => default(2);
        /// The most events that one batch takes. A lane keeps 240 rows in memory for each of them.
        batch_max: Count<1, 4_096> => default(256);
        /// Messages are blanked in the database after so many days.
        inbox_days: Count<1, 400> => default(30);
    }
}

section! {
    /// One community (社群): a group chat and everything in it.
    Community {
        /// Stable key in addresses and commands: lower-case letters, digits and dashes.
        slug: Slug => required;
        /// What people call it.
        name: Title => required;
        /// The language of the bot's words: `zh-Hans`, `zh-Hant` or `en`.
        locale: Locale => required;
        /// Whose calendar days and clock count.
        time_zone: Tz => required;
        /// ISO 4217 code of what it trades in.
        currency: Currency => required;
        /// Names of the leaders (团长). Of use in the simulator only: elsewhere `tuan link` makes
        /// leaders.
        leaders: SpannedList<PersonName> => default([]);
        /// Members that `tuan demo` begins with, in order of joining.
        seed: SpannedList<Seed> => default([]);
        /// Pick-up points (自提点) as members see them.
        pickup_points: SpannedList<Title> => default([]);
        /// How receipts are given in the group: `each` at once, those of a `minute` in one message, or `private`, to
        /// each buyer alone where the platform can. When absent: `minute` in groups of more than 50 members, else
        /// `each`.
        receipts: ReceiptPace => optional;
        /// Hours of the night in which reminders and other notices that nobody asked for wait: `"22:00-07:30"`.
        /// Answers, receipts and refunds never wait. No such hours when absent.
        quiet: QuietHours => optional;
        /// When each leader reads alone what is to do today: money, arrivals, collecting, cases, posts. Never when
        /// absent.
        morning_brief: NaiveTime => optional;
        /// When each leader reads alone how the day went: orders, money, new members. Never when absent.
        evening_summary: NaiveTime => optional;
    }
}

section! {
    /// A member that the simulator begins with.
    Seed {
        /// Display name.
        name: PersonName => required;
        /// Who brought them: somebody further up the list.
        invited_by: PersonName => optional;
    }
}

section! {
    /// One item (商品) of the catalogue.
    Item {
        /// Stable key, used by `drops`.
        key: Slug => required;
        /// The item's name, as in the post.
        name: Title => required;
        /// Other names that members use.
        aliases: SpannedList<Title> => default([]);
        /// The unit it is sold by: 箱, 盒, 斤, box.
        unit: Title => required;
        /// Other units that members order in, each in own units: `{ "打" = 12, kg = 2, "斤" = "1/2" }`.
        other_units: Entries<Title, Ratio> => default({});
        /// Flavours, sizes, colours (规格), as shown and ordered: `"黑色/M"`, or a table with a stock
        /// of its own.
        variants: SpannedList<WrittenVariant> => default([]);
        /// Price of one own unit, where a drop does not say otherwise.
        price: WrittenDecimal => required;
        /// A path below this file's folder, or an `https://` address.
        image: PicturePath => optional;
        /// A sentence or two about it, for the post and for questions.
        about: Prose<500> => optional;
        /// Commission instead of the shop's rates.
        commission: ItemCut => optional;
        /// The most that one member may have of it in one drop.
        limit_per_member: Pieces => optional;
    }
}

section! {
    /// Commission on one item: both as rates, or both as amounts per own unit.
    ItemCut {
        /// The inviter's.
        level1: WrittenCommission => required;
        /// The inviter's inviter's; nothing when absent.
        level2: WrittenCommission => optional;
    }
}

section! {
    /// A variant with a stock of its own.
    VariantTable {
        /// As shown and ordered.
        name: Title => required;
        /// Its stock in each community and drop; where one variant has it, all have.
        stock_each: Pieces => required;
    }
}

section! {
    /// A scheduled post (上新) that opens offers.
    Drop {
        /// Stable key: a drop is posted once per key and day.
        key: Slug => required;
        /// What the group calls it, for leaders who ask what it sold: `早市`, `Saturday market`. They may say the key, too.
        name: Title => optional;
        /// Local time of the post.
        at: NaiveTime => required;
        /// The days it happens on: `"daily"`, days of the week as `["mon", "thu"]`, or days of the
        /// month as `{ month_days = [18] }`.
        days: DaysWritten => default("daily");
        /// Local time at which its offers close: on the same day, or on the next when not later
        /// than `at`.
        closes: NaiveTime => required;
        /// When its goods are expected: so many days after the day of closing, perhaps with a local
        /// time. Members who ask are told.
        arrives: Arrives => optional;
        /// Slugs of the communities it is posted in; all when absent.
        communities: SpannedList<Slug> => optional;
        /// What the post says above the list: a text, or a table of texts by language.
        greeting: LocalText => optional;
        /// Picture of the post.
        image: PicturePath => optional;
        /// A late post, after an outage, is still made within this time; else it is skipped.
        grace: Minutes => default("30m");
        /// What is offered, in the order of the post.
        offers: SpannedList<Offer> => required;
    }
}

section! {
    /// One line of a drop.
    Offer {
        /// Key of the item.
        item: Slug => required;
        /// Its code in the post, such as `A1`: unique among the offers that are open at a time.
        code: Code => required;
        /// Price of one own unit, where it differs from the item's.
        price: WrittenDecimal => optional;
        /// Stock in each community; unlimited when neither this nor `stock` says.
        stock_each: Pieces => optional;
        /// Stock by slug of community, instead of `stock_each`.
        stock: Entries<Slug, Pieces> => default({});
        /// The most that one member may have, instead of the item's limit.
        limit_per_member: Pieces => optional;
        /// 成团: if fewer are sold at closing, all its orders are released.
        minimum: Pieces => optional;
        /// Flash sale: an unpaid order is released this long after it was placed, not after
        /// closing.
        hold: Minutes => optional;
        /// When its goods are expected, instead of the drop's `arrives`.
        arrives: Arrives => optional;
    }
}

section! {
    /// Who earns commission, and when.
    Commission {
        /// The inviter's share of what a buyer paid for a line.
        level1: Rate => default("0%");
        /// The inviter's inviter's share. Needs `accept_two_level_risk`.
        level2: Rate => default("0%");
        /// Accept that authorities may take two levels for a pyramid scheme.
        accept_two_level_risk: bool => default(false);
        /// The most that both levels may take of a line.
        cap: Rate => default("30%");
        /// Full days from the day after receipt until commission is available: 7 or more.
        return_window_days: Count<0, 365> => default(7);
        /// A promoter's own purchase: `"none"` (the inviter earns as always, the buyer nothing) or
        /// `"shift"` (the buyer takes level 1, the inviter level 2).
        self_purchase: SelfPurchase => default("none");
        /// Whether leaders earn as promoters.
        leaders_earn: bool => default(false);
    }
}

section! {
    /// Who may be bound to an inviter.
    Attribution {
        /// A binding ends after so many days; it is permanent when absent.
        expires_after_days: DayCount => optional;
        /// Only members who never paid an order may be bound.
        new_buyers_only: bool => default(true);
        /// Whether members who were there before the bot may be bound later.
        founding_bindable: bool => default(false);
    }
}

section! {
    /// Points (积分) and check-in (签到).
    PointsRules {
        /// Points for each day's check-in.
        check_in: Points => default(0);
        /// Extra points on the day a streak reaches so many days: `{ 7 = 20 }`.
        streaks: Entries<DayCount, Points> => default({});
        /// One point for each so much of a paid order, rounded down; none when absent.
        per_amount: WrittenDecimal => optional;
        /// Points for a share (晒单) that a leader approves.
        share: Points => default(0);
        /// Points that are worth one whole unit of money when spent; they cannot be spent when
        /// absent.
        spend_rate: Count<1, 1_000_000> => optional;
        /// The most of an order that points may pay.
        spend_cap: Rate => default("30%");
        /// Points lapse so many days after they were granted; never when absent.
        expire_after_days: DayCount => optional;
        /// Points earned are multiplied on days of the month: `{ 18 = 2 }` doubles on member day.
        month_days: Entries<MonthDay, Multiplier> => default({});
        /// The most points that leaders of a community may give to members as presents in a
        /// calendar month, all together; 0: none.
        gift_month: Points => default(1_000);
        /// Tiers (等级), ascending by what has to be paid for them: a member's multiplies what
        /// their orders earn, on top of the day's.
        tiers: SpannedList<Tier> => default([]);
        /// What was paid, less refunds, counts towards a tier for so many days.
        tier_days: DayCount => default(90);
    }
}

section! {
    /// A tier (等级): a standing by what a member paid lately. The one a member has when they place
    /// an order decides.
    Tier {
        /// What members call it.
        name: Title => required;
        /// What a member has to have paid in the last `tier_days` days.
        spend: WrittenDecimal => required;
        /// Points of their orders are multiplied.
        times: Multiplier => required;
    }
}

section! {
    /// How long orders wait.
    Orders {
        /// Unpaid orders live so long after their offers close. Those paid in part are held for so
        /// long three times; then the leader decides.
        hold: Minutes => default("24h");
        /// The buyer is warned so long before.
        warn: Minutes => default("2h");
        /// A shipped order counts as received after so many days.
        receive_after_days: Count<1, 90> => default(10);
        /// The same text again within this time is asked back.
        repeat: Minutes => default("10m");
        /// A question to a member stays open for so long.
        question: Minutes => default("10m");
        /// What one member may hold unpaid of an offer: this share of its stock, or `unpaid_least`, whichever
        /// is more. Beyond it a leader is asked, with one tap.
        unpaid_share: Rate => default("50%");
        /// See `unpaid_share`.
        unpaid_least: Pieces => default(5);
        /// How often a member may change their baskets within a minute before a leader is asked.
        changes_per_minute: Count<1, 1_000> => default(10);
        /// For so long after joining a leader is asked about a newcomer's orders.
        newcomers_wait: Minutes => optional;
    }
}

section! {
    /// How orders are paid for (收款).
    Payment {
        /// The ways to pay, in the order in which members read them.
        methods: SpannedList<Method> => default([]);
        /// The goods of a member who says to have paid are held for so long, until a leader answers.
        claim_hold: Minutes => default("24h");
        /// The same for orders of a flash sale.
        claim_hold_flash: Minutes => default("30m");
        /// Nobody is asked for money again within this time.
        chase_again: Minutes => default("3h");
        /// Whoever has not paid is asked alone, not before the group.
        chase_alone: bool => default(false);
        /// Buyers are reminded when these shares of their time to pay have passed, beside the warning before the
        /// end (`orders.warn`): `["50%"]`.
        remind: SpannedList<Rate> => default([]);
    }
}

section! {
    /// One way to pay.
    Method {
        /// In words, as members read it: an account, cash at pick-up, what to write beside it.
        text: Prose<300> => required;
        /// Slugs of the communities that have it; all when absent.
        communities: SpannedList<Slug> => optional;
        /// A picture of a payment code (收款码).
        picture: PicturePath => optional;
        /// PayNow (Singapore): the phone number, as `+6591234567`, or the UEN that is paid. The shop draws the bank's
        /// code, with amount and order number.
        paynow: Title => optional;
        /// PayNow: the name that the bank's app shows.
        paynow_name: Title => optional;
        /// Cash at pick-up: members read that it is paid then, and the leader notes it (`#12 现金收了`). `现金` and `cash` as
        /// the whole text mean that, too.
        cash: bool => default(false);
    }
}

section! {
    /// A question that the shop answers in its own words: with `about`, with `asks`, or with both.
    Fact {
        /// What it is about: `delivery`, `fee` (what delivery costs), `hours` (when goods are brought or given out),
        /// `points`, `commission`, `payday` (when commission can be withdrawn) or `inviting`. The bot knows how members
        /// ask that. What it says of the last four comes from this file, unless it is said here.
        about: ShopTopic => optional;
        /// How members ask it: short questions, in any language. Other ways of asking the same are recognized where
        /// they use the same words.
        asks: SpannedList<Title> => default([]);
        /// The answer: a text, or texts by language.
        answer: LocalText => required;
        /// Slugs of the communities in which it is true; all when absent.
        communities: SpannedList<Slug> => optional;
    }
}

section! {
    /// Paying commission out.
    Withdrawal {
        /// The least that can be withdrawn.
        minimum: WrittenDecimal => default("10");
        /// Withheld for tax when money is sent.
        withholding: Rate => default("0%");
    }
}

/// A variant: its name, or a table.
#[derive(Clone, Debug)]
pub(crate) enum WrittenVariant {
    /// Without a stock of its own.
    Name(Title),
    /// With one.
    Table(VariantTable),
}

impl Written for WrittenVariant {
    fn shape() -> ValueShape {
        ValueShape::Either(vec![Title::shape(), VariantTable::shape()])
    }

    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(_) => VariantTable::read(value, reader).map(Self::Table),
            _ => Title::read(value, reader).map(Self::Name),
        }
    }
}

/// What members read: the words above a list, an answer.
#[derive(Clone, Debug)]
pub(crate) enum LocalText {
    /// The same for all.
    One(Prose<1_000>),
    /// By language.
    ByLocale(Entries<Locale, Prose<1_000>>),
}

impl Written for LocalText {
    fn shape() -> ValueShape {
        ValueShape::Either(vec![Prose::<1_000>::shape(), Entries::<Locale, Prose<1_000>>::shape()])
    }

    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(_) => Entries::read(value, reader).map(Self::ByLocale),
            _ => Prose::read(value, reader).map(Self::One),
        }
    }
}

/// The days of a drop.
#[derive(Clone, Debug)]
pub(crate) enum DaysWritten {
    /// `"daily"`.
    Daily,
    /// `["mon", "thu"]`.
    Weekdays(SpannedList<Weekday>),
    /// `{ month_days = [18] }`.
    MonthDays(MonthDaysTable),
}

section! {
    /// Days of the month.
    MonthDaysTable {
        /// The days: 1 to 31. A month that is shorter has none.
        month_days: SpannedList<MonthDay> => required;
    }
}

/// The one word that stands for every day.
#[derive(Clone, Debug)]
struct Daily;

impl Scalar for Daily {
    const NAME: &'static str = "\"daily\"";
    const EXAMPLE: &'static str = "\"daily\"";

    fn schema() -> serde_json::Value {
        serde_json::json!({ "const": "daily" })
    }

    fn parse(raw: &super::scalar::Raw<'_>) -> Result<Self, super::scalar::Complaint> {
        if raw.text() == Some("daily") {
            return Ok(Self);
        }
        let hint = "\"daily\", [\"mon\", \"thu\"], or { month_days = [18] }";
        Err(super::scalar::Complaint::with_hint("these are no days", hint))
    }
}

impl Written for DaysWritten {
    fn shape() -> ValueShape {
        let ways = vec![Daily::shape(), SpannedList::<Weekday>::shape(), MonthDaysTable::shape()];
        ValueShape::Either(ways)
    }

    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Array(_) => SpannedList::read(value, reader).map(Self::Weekdays),
            DeValue::Table(_) => MonthDaysTable::read(value, reader).map(Self::MonthDays),
            _ => Daily::read(value, reader).map(|_| Self::Daily),
        }
    }
}
