//! The shop's policy: what the operator's config file means, once it has been checked.
//!
//! Loading a changed file makes a new numbered version of it. A decision reads the version its
//! community is on; facts that must outlive it (rates, prices, words of an offer) are copied onto
//! the order or the offer when they are made.

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::money::Currency;
use super::money::{Money, Rate};
use super::time::{Timestamp, local_instant};

/// One checked version of the operator's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The shop's name, shown in greetings.
    pub shop_name: String,
    /// The communities it sells in, in the order of the file.
    pub communities: Vec<CommunityPolicy>,
    /// The catalogue, in the order of the file.
    pub items: Vec<Item>,
    /// The scheduled drops (上新), in the order of the file.
    pub drops: Vec<Drop>,
    /// Who earns what.
    pub commission: CommissionPolicy,
    /// Who may be bound to whom.
    pub attribution: AttributionPolicy,
    /// Points and check-in.
    pub points: PointsPolicy,
    /// How long things last.
    pub orders: OrderPolicy,
    /// Paying out.
    pub withdrawal: WithdrawalPolicy,
    /// Paying for orders.
    #[serde(default)]
    pub payment: PaymentPolicy,
    /// What it answers in its own words, in the order of the file.
    #[serde(default)]
    pub facts: Vec<ShopFact>,
}

/// One community (社群) of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommunityPolicy {
    /// Stable key in addresses and commands: lower-case letters, digits and dashes.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// The language of the bot's words here.
    pub locale: Locale,
    /// Whose calendar days count.
    pub time_zone: Tz,
    /// What it trades in.
    pub currency: Currency,
    /// Names of the leaders (团长): of use in the simulator only, elsewhere leaders are linked.
    pub leaders: Vec<String>,
    /// Members of the demo's first day, in order; empty elsewhere.
    pub seed: Vec<SeedMember>,
    /// Pick-up points (自提点), as members see them.
    pub pickup_points: Vec<String>,
    /// How receipts are given; `None`: by the size of the group.
    #[serde(default)]
    pub receipts: Option<ReceiptPace>,
    /// Notices that nobody asked for wait while these hours last.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// When leaders read what is to do today.
    #[serde(default)]
    pub morning_brief: Option<NaiveTime>,
    /// When leaders read how the day went.
    #[serde(default)]
    pub evening_summary: Option<NaiveTime>,
}

/// How the receipts of orders and money are given in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptPace {
    /// Each as a message of its own, at once.
    Each,
    /// Those of a minute in one message.
    Minute,
    /// To each buyer alone, where the platform can.
    Private,
}

/// Hours of the night, local.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// They begin.
    pub from: NaiveTime,
    /// They are over: on the next day where that is not later.
    pub to: NaiveTime,
}

/// A member present when the demo starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedMember {
    /// Display name.
    pub name: String,
    /// Who brought them.
    pub invited_by: Option<String>,
}

/// A language the bot speaks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Locale {
    /// 简体中文.
    #[default]
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// 繁體中文.
    #[serde(rename = "zh-Hant")]
    ZhHant,
    /// English.
    #[serde(rename = "en")]
    En,
}

/// One item (商品) of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Stable key in the file.
    pub key: String,
    /// The item's name.
    pub name: String,
    /// Other names members use.
    pub aliases: Vec<String>,
    /// The unit it is sold by: 箱, 盒, 斤, box.
    pub unit: String,
    /// Other units, each as a ratio to the own one.
    pub other_units: Vec<UnitRatio>,
    /// Flavours, sizes, colours: `黑色/M`. Empty when there is nothing to choose.
    pub variants: Vec<VariantSpec>,
    /// Price of one own unit, where neither drop nor community says otherwise.
    pub price: Money,
    /// Address of a picture below the file's folder, or an `https://` one.
    pub image: Option<String>,
    /// A sentence about it, for the post and for questions.
    pub about: Option<String>,
    /// Instead of the policy's rates.
    pub commission: Option<ItemCommission>,
    /// The most one member may have of it in one drop.
    pub limit_per_member: Option<u32>,
}

/// One variant (规格) of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantSpec {
    /// As shown and as written in orders.
    pub name: String,
    /// Its own stock per community and drop; where any variant has one, all have.
    pub stock_each: Option<u32>,
}

/// One of `unit` is `numerator / denominator` own units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRatio {
    /// 打, 公斤, case.
    pub unit: String,
    /// Own units …
    pub numerator: u32,
    /// … per so many of `unit`.
    pub denominator: u32,
}

/// A commission that replaces the policy's rates for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemCommission {
    /// Shares of the line's base by level.
    Rates(Rate, Rate),
    /// Fixed amounts per own unit by level.
    Fixed(Money, Money),
}

/// A scheduled post that opens offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drop {
    /// Stable key in the file.
    pub key: String,
    /// What the group calls it: 早市.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Local time of the post.
    pub at: NaiveTime,
    /// The days it happens on.
    pub days: DropDays,
    /// Local closing time: on the same day, or on the next when not later than `at`.
    pub closes: NaiveTime,
    /// Slugs of the communities it is posted in; empty means all.
    pub communities: Vec<String>,
    /// What the post says above the list, by locale; the first serves where one is missing.
    pub greeting: Vec<(Locale, String)>,
    /// Picture of the post.
    pub image: Option<String>,
    /// What is offered, in order.
    pub offers: Vec<DropOffer>,
    /// A late drop (after an outage) is still posted within so many minutes, else skipped.
    pub grace_minutes: u32,
}

/// The days of a drop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropDays {
    /// Every day.
    Daily,
    /// On these days of the week.
    Weekdays(Vec<Weekday>),
    /// On these days of the month: 18 is member day.
    MonthDays(Vec<u8>),
}

/// One line of a drop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropOffer {
    /// Key of the item.
    pub item: String,
    /// Its code in the post, unique among open offers: `A1`.
    pub code: String,
    /// Price where it differs from the item's.
    pub price: Option<Money>,
    /// Stock in each community; unlimited when neither this nor `stock` says.
    pub stock_each: Option<u32>,
    /// Stock by slug of community, instead of `stock_each`.
    pub stock: Vec<(String, u32)>,
    /// Instead of the item's.
    pub limit_per_member: Option<u32>,
    /// 成团: below this many sold at closing, all of its orders are released.
    pub minimum: Option<u32>,
    /// Unpaid orders of a flash offer are released after so many minutes, not after closing.
    pub hold_minutes: Option<u32>,
    /// When its goods are expected.
    #[serde(default)]
    pub arrives: Option<Arrives>,
}

/// When goods are expected: so many days after the day of closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrives {
    /// So many days.
    pub days: u32,
    /// Local time; some time on that day when absent.
    pub at: Option<NaiveTime>,
}

/// Who earns commission, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommissionPolicy {
    /// The inviter's share of the line's paid amount.
    pub level1: Rate,
    /// The inviter's inviter's share; zero unless the risk was accepted in the file.
    pub level2: Rate,
    /// The most that both levels may take of a line.
    pub cap: Rate,
    /// Full days from the day after receipt until commission is available; 7 or more.
    pub return_window_days: u32,
    /// What a promoter earns on their own purchase.
    pub self_purchase: SelfPurchase,
    /// Whether leaders earn as promoters.
    pub leaders_earn: bool,
}

/// What a promoter's own purchase earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfPurchase {
    /// Their inviter earns level 1 as on any purchase; they earn nothing.
    None,
    /// The buyer takes level 1, the inviter level 2.
    Shift,
}

/// Who may be bound to an inviter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributionPolicy {
    /// A binding ends after so many days; permanent when absent.
    pub expires_after_days: Option<u32>,
    /// Only members who never paid an order may be bound.
    pub new_buyers_only: bool,
    /// Whether members present at linking may be bound later.
    pub founding_bindable: bool,
}

/// Points (积分) and check-in (签到).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsPolicy {
    /// For each day's check-in.
    pub check_in: u32,
    /// Extra on the day a streak reaches a length: (days, points), ascending.
    pub streaks: Vec<(u32, u32)>,
    /// One point for each so much of a paid order, rounded down; none when absent.
    pub per_amount: Option<Money>,
    /// For a share (晒单) that a leader approves.
    pub share: u32,
    /// Points worth one whole major unit when spent; spending is off when absent.
    pub spend_rate: Option<u32>,
    /// The most of an order that points may pay.
    pub spend_cap: Rate,
    /// Points lapse so many days after the grant; never when absent.
    pub expire_after_days: Option<u32>,
    /// Earning multipliers on days of the month: (day, times hundred): `(18, 200)` doubles.
    pub month_days: Vec<(u8, u32)>,
    /// The most that leaders of a community give as presents in a month.
    #[serde(default = "gift_month")]
    pub gift_month: u32,
    /// Tiers (等级), ascending by what has to be paid for them.
    pub tiers: Vec<Tier>,
    /// What was paid counts towards them for so many days.
    pub tier_days: u32,
}

/// A standing (等级) that multiplies what orders earn in points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// As members see it: 银卡.
    pub name: String,
    /// What a member has to have paid.
    pub spend: Money,
    /// Times hundred: 150 is one and a half.
    pub times: u32,
}

/// How long orders wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPolicy {
    /// Unpaid orders live until closing plus so many minutes (default 24 h).
    pub hold_minutes: u32,
    /// The buyer is warned so many minutes before.
    pub warn_minutes: u32,
    /// A shipped order counts as received after so many days.
    pub receive_after_days: u32,
    /// The same text again within so many minutes is asked back.
    pub repeat_minutes: u32,
    /// A question to a member stays open for so many minutes.
    pub question_minutes: u32,
    /// What one member may hold unpaid of an offer without a leader's word: this share of its stock …
    #[serde(default = "unpaid_share")]
    pub unpaid_share: Rate,
    /// … or so many, whichever is more.
    #[serde(default = "unpaid_least")]
    pub unpaid_least: u32,
    /// Baskets may be changed so often within a minute without a leader's word.
    #[serde(default = "changes_per_minute")]
    pub changes_per_minute: u32,
    /// For so many minutes after joining an order needs a leader's word; none by default.
    #[serde(default)]
    pub newcomer_minutes: u32,
}

// What policies were stored without: the defaults of the file.

/// What files from before it mean.
const fn gift_month() -> u32 {
    1_000
}

const fn unpaid_share() -> Rate {
    Rate { bps: 5_000 }
}

const fn unpaid_least() -> u32 {
    5
}

const fn changes_per_minute() -> u32 {
    10
}

/// How orders are paid for (收款).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPolicy {
    /// The ways to pay, in the order in which members read them.
    pub methods: Vec<PayMethod>,
    /// Whoever says to have paid is held for so many minutes, until a leader answers.
    pub claim_minutes: u32,
    /// The same of orders that are held for minutes.
    pub flash_claim_minutes: u32,
    /// Nobody is asked for money again within so many minutes.
    pub chase_minutes: u32,
    /// Whoever has not paid is asked alone, not before the group.
    pub chases_alone: bool,
    /// Buyers are reminded when these shares of the time to pay have passed, ascending.
    pub remind: Vec<Rate>,
}

/// One way to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayMethod {
    /// Slugs of the communities that have it; empty means all.
    pub communities: Vec<String>,
    /// In words.
    pub text: String,
    /// What is shown beside them.
    pub shows: PayShows,
}

/// What is shown of a way to pay beside its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayShows {
    /// Nothing.
    Nothing,
    /// That it is paid in cash, when goods are collected.
    Cash,
    /// A picture (收款码): a path below the file's folder, or an `https://` address.
    Picture(String),
    /// A code that the bank's app reads, with amount and reference.
    PayNow {
        /// A phone number, as `+6591234567`, or a UEN.
        to: String,
        /// The name that the app shows.
        name: String,
    },
}

impl Default for PaymentPolicy {
    /// The defaults of the file: what policies were stored without.
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            claim_minutes: 24 * 60,
            flash_claim_minutes: 30,
            chase_minutes: 3 * 60,
            chases_alone: false,
            remind: Vec::new(),
        }
    }
}

impl PaymentPolicy {
    /// The ways to pay in a community.
    pub fn methods_of<'p>(&'p self, slug: &'p str) -> impl Iterator<Item = &'p PayMethod> {
        let here = move |method: &&PayMethod| {
            method.communities.is_empty() || method.communities.iter().any(|it| it == slug)
        };
        self.methods.iter().filter(here)
    }
}

/// A question that the shop answers in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopFact {
    /// Slugs of the communities that it is true in; empty means all.
    pub communities: Vec<String>,
    /// What it is about, where members ask that in many ways.
    pub about: Option<ShopTopic>,
    /// How else it is asked.
    pub asks: Vec<String>,
    /// The answer, by locale; the first serves where one is missing.
    pub answer: Vec<(Locale, String)>,
}

/// What every shop is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShopTopic {
    /// 送货吗: whether goods are brought, and where to.
    Delivery,
    /// 运费多少, 包邮吗: what that costs.
    Fee,
    /// 几点送, 几点能取: when goods are brought or given out.
    Hours,
    /// 积分怎么用: what points are for, and where they come from.
    Points,
    /// 佣金多少: what a promoter earns.
    Commission,
    /// 佣金什么时候到账: when that can be withdrawn.
    Payday,
    /// 邀请有什么好处: what it brings to invite somebody.
    Inviting,
}

/// Paying commission out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawalPolicy {
    /// The least that can be withdrawn.
    pub minimum: Money,
    /// Withheld for tax when sent.
    pub withholding: Rate,
}

impl QuietHours {
    /// When the hours that an instant falls in are over; `None`: it falls in none.
    #[must_use]
    pub fn end(self, at: Timestamp, zone: Tz) -> Option<Timestamp> {
        let local = at.with_timezone(&zone);
        let (day, time) = (local.date_naive(), local.time());
        let is_night = if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            time >= self.from || time < self.to
        };
        let last = if time < self.to { day } else { day.succ_opt()? };
        is_night.then(|| local_instant(last, self.to, zone)).filter(|end| *end > at)
    }
}

impl Policy {
    /// The community with this slug.
    #[must_use]
    pub fn community(&self, slug: &str) -> Option<&CommunityPolicy> {
        self.communities.iter().find(|community| community.slug == slug)
    }

    /// The item with this key.
    #[must_use]
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }
}

impl Drop {
    /// What it is called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.name.as_deref().into_iter().chain([self.key.as_str()])
    }
}

impl ShopTopic {
    /// All of them, with their names in the file.
    pub const ALL: [(&'static str, Self); 7] = [
        ("delivery", Self::Delivery),
        ("fee", Self::Fee),
        ("hours", Self::Hours),
        ("points", Self::Points),
        ("commission", Self::Commission),
        ("payday", Self::Payday),
        ("inviting", Self::Inviting),
    ];
}

impl ShopFact {
    /// Whether it is true in a community.
    #[must_use]
    pub fn is_in(&self, slug: &str) -> bool {
        self.communities.is_empty() || self.communities.iter().any(|it| it == slug)
    }

    /// The answer in a language, or in the one there is.
    #[must_use]
    pub fn answer_in(&self, locale: Locale) -> Option<&str> {
        let own = self.answer.iter().find(|(of, _)| *of == locale);
        own.or(self.answer.first()).map(|(_, text)| text.as_str())
    }
}

impl Policy {
    /// What the shop says of a topic in its own words.
    #[must_use]
    pub fn fact_about(&self, topic: ShopTopic, slug: &str, locale: Locale) -> Option<&str> {
        let fact = self.facts.iter().find(|it| it.about == Some(topic) && it.is_in(slug))?;
        fact.answer_in(locale)
    }
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ZhHans, Self::ZhHant, Self::En];

    /// The tag used in files and folders.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        let time = |text| NaiveTime::parse_from_str(text, "%H:%M").expect("a time");
        QuietHours { from: time(from), to: time(to) }
    }

    #[test]
    fn a_night_is_over_on_its_own_day_or_the_next() {
        let zone = chrono_tz::Asia::Shanghai;
        let at = |text: &str| -> Timestamp { format!("2026-03-{text}:00+08:00").parse().unwrap() };
        for (from, to, now, end) in [
            ("22:00", "07:30", "01T21:59", None),
            ("22:00", "07:30", "01T22:00", Some("02T07:30")),
            ("22:00", "07:30", "02T00:00", Some("02T07:30")),
            ("22:00", "07:30", "02T07:29", Some("02T07:30")),
            ("22:00", "07:30", "02T07:30", None),
            ("00:00", "06:00", "02T03:00", Some("02T06:00")),
            ("13:00", "14:00", "02T13:30", Some("02T14:00")),
            ("13:00", "14:00", "02T12:30", None),
        ] {
            assert_eq!(hours(from, to).end(at(now), zone), end.map(at), "{from}-{to} {now}");
        }
    }

    #[test]
    fn a_night_of_changed_clocks_is_over_in_the_morning() {
        let zone = chrono_tz::America::New_York; // the clock goes from 2 to 3 on 8 March
        let at: Timestamp = "2026-03-08T06:30:00Z".parse().unwrap();
        let end: Timestamp = "2026-03-08T07:00:00Z".parse().unwrap();
        assert_eq!(hours("22:00", "02:30").end(at, zone), Some(end));
    }
}
