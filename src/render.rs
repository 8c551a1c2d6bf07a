//! Words: [`Reply`] and circumstances to text, for ordinary people in a group chat.
//!
//! The words live in `prompts/replies/<locale>/`, one section for each variant of `Reply` and
//! `Refusal`, found by its serde name: a new variant needs a section in each locale and a sample,
//! nothing here. Sections named `digest/…` say a reply on one line among others, `public/…` say a private
//! reply before the group, `part/…` are pieces of others, `when/…` are the words for days.
//!
//! Nothing here decides anything, and no text from outside reaches a chat unless made harmless. A
//! member never sees an error: whether all sections can be said is proved by tests.

mod clean;
mod filters;

mod sections;
mod split;
mod when;

#[cfg(test)]
mod approved;
#[cfg(test)]
mod samples;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, UndefinedBehavior, context};

use self::clean::NAME_CHARS;
use self::filters::{Frame, TextReader};
use self::when::Calendar;
use crate::domain::money::Currency;
use crate::domain::policy::Locale;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

pub use self::split::{MAX_PARTS, TextUnit, split};

/// The longest text that [`Words::say`] makes, in characters; a digest has it for each reply.
pub const MAX_CHARS: usize = 2_000;

/// For whom something is said, and when.
#[derive(Clone, Copy, Debug)]
pub struct Addressing<'a> {
    /// The community's language.
    pub locale: Locale,
    /// The community's zone.
    pub time_zone: Tz,
    /// The community's currency.
    pub currency: Currency,
    /// The name of the member who is addressed; nobody in a private chat or a post to all.
    pub to: Option<&'a str>,
    /// The instant of speaking.
    pub now: Timestamp,
}

/// One reply of a digest.
#[derive(Clone, Copy, Debug)]
pub struct SaidReply<'a> {
    /// The name of the member who is addressed.
    pub to: Option<&'a str>,
    /// What is said.
    pub reply: &'a Reply,
    /// It was meant for that member alone and is said to the group.
    pub before_others: bool,
    /// So many more like it, of the same member, are only counted.
    pub more: usize,
}

/// The words of all locales, compiled. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Words {
    tongues: Arc<BTreeMap<Locale, LocaleWords>>,
}

/// The words of one locale.
#[derive(Debug)]
struct LocaleWords {
    env: Environment<'static>,
    calendar: Arc<Calendar>,
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}

impl Words {
    /// Compile the words that this program was built with.
    ///
    /// # Panics
    /// Never in a program whose tests passed: they compile the same words.
    #[must_use]
    pub fn new() -> Self {
        let tongues = Locale::ALL.map(|locale| {
            let tongue = LocaleWords::new(locale).expect("the tests compile every section");
            (locale, tongue)
        });
        Self { tongues: Arc::new(BTreeMap::from(tongues)) }
    }

    /// The text of one reply, at most [`MAX_CHARS`] characters.
    #[must_use]
    pub fn say(&self, reply: &Reply, voice: &Addressing<'_>) -> String {
        let text = self.said(reply, voice);
        address(voice.to, &text)
    }

    /// One line for the group in place of a reply that is meant for one member alone, without what
    /// is nobody else's business: for platforms where the bot cannot speak to a member privately.
    /// `None` when there is nothing to hide and [`Words::say`] will do.
    #[must_use]
    pub fn say_before_others(&self, reply: &Reply, voice: &Addressing<'_>) -> Option<String> {
        let (name, fields) = named(reply);
        let text = self.tongue(voice).short("public", &name, fields, voice)?;
        Some(address(voice.to, &text))
    }

    /// Several replies to one chat as one message: a heading, a line for each confirmation, then all else in
    /// full, once where several are told alike; in the order given. `voice.to` does not count.
    #[must_use]
    pub fn digest(&self, replies: &[SaidReply<'_>], voice: &Addressing<'_>) -> String {
        if let [one] = replies
            && one.more == 0
        {
            return self.whole(one, voice);
        }
        let tongue = self.tongue(voice);
        let (mut lines, mut count) = (Vec::new(), 0);
        let mut alike: Vec<(String, Vec<&str>)> = Vec::new();
        for said in replies {
            let (name, fields) = named(said.reply);
            let family = if said.before_others { "public" } else { "digest" };
            match tongue.short(family, &name, fields, voice) {
                Some(text) if said.before_others => tell_alike(&mut alike, text, said.to),
                Some(line) => {
                    count += 1 + said.more;
                    lines.push(address(said.to, &line) + &self.more(said.more, voice));
                }
                None => {
                    let text = self.said(said.reply, voice) + &self.more(said.more, voice);
                    tell_alike(&mut alike, text, said.to);
                }
            }
        }
        let mut blocks = Vec::new();
        if !lines.is_empty() {
            let count = context! { count };
            let heading = tongue.short("digest", "heading", count, voice).unwrap_or_default();
            blocks.push(format!("{heading}\n{}", lines.join("\n")));
        }
        let alike = alike.into_iter().map(|(text, to)| {
            to.into_iter().rev().fold(text, |text, name| address(Some(name), &text))
        });
        blocks.extend(alike);
        blocks.join("\n\n")
    }

    /// What a command does, as menus say it: the section `about/…`. `None` for a command that is in no menu.
    #[must_use]
    pub fn about(&self, command: &str, locale: Locale) -> Option<String> {
        let section =
            self.tongues.get(&locale)?.env.get_template(&format!("about/{command}")).ok()?;
        section.render(()).ok().map(|text| text.trim().to_owned())
    }

    /// That there are so many more.
    fn more(&self, count: usize, voice: &Addressing<'_>) -> String {
        if count == 0 {
            return String::new();
        }
        let more = self.tongue(voice).short("digest", "more", context! { count }, voice);
        format!(" {}", more.unwrap_or_default())
    }

    /// One reply by itself.
    fn whole(&self, said: &SaidReply<'_>, voice: &Addressing<'_>) -> String {
        let voice = Addressing { to: said.to, ..*voice };
        let public = said.before_others.then(|| self.say_before_others(said.reply, &voice));
        public.flatten().unwrap_or_else(|| self.say(said.reply, &voice))
    }

    /// A message that may have arrived before, marked as a repeat.
    #[must_use]
    pub fn repeat(&self, text: &str, voice: &Addressing<'_>) -> String {
        let mark = self.tongue(voice).short("digest", "repeat", Value::UNDEFINED, voice);
        format!("{}\n{text}", mark.unwrap_or_default())
    }

    /// A reply without the name of who is addressed.
    fn said(&self, reply: &Reply, voice: &Addressing<'_>) -> String {
        let tongue = self.tongue(voice);
        let (name, fields) = named(reply);
        tongue.render(&name, fields, voice).unwrap_or_else(|error| {
            // A section that the tests could not have seen. The member hears that a person will
            // look, and the log says at what.
            tracing::error!(reply = name, %error, "a reply could not be put into words");
            tongue.render("parked", Value::UNDEFINED, voice).unwrap_or_default()
        })
    }

    fn tongue(&self, voice: &Addressing<'_>) -> &LocaleWords {
        self.tongues.get(&voice.locale).expect("`new` made one for each locale")
    }
}

impl LocaleWords {
    fn new(locale: Locale) -> Result<Self, Error> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        filters::add_to(&mut env);
        let sections: BTreeMap<_, _> = sections::of(locale).into_iter().collect();
        for (name, text) in &sections {
            env.add_template_owned(*name, text.clone())?;
        }
        let calendar = Calendar::new(|name| sections.get(name).cloned())
            .map_err(|name| Error::new(minijinja::ErrorKind::TemplateNotFound, name))?;
        Ok(Self { env, calendar: Arc::new(calendar) })
    }

    /// The text of the section `name`.
    fn render(&self, name: &str, it: Value, voice: &Addressing<'_>) -> Result<String, Error> {
        let reader = TextReader {
            calendar: Arc::clone(&self.calendar),
            zone: voice.time_zone,
            currency: voice.currency,
            now: voice.now,
        };
        let frame = Frame { it, reader: Value::from_object(reader) };
        let mut text = self.env.get_template(name)?.render(Value::from_object(frame))?;
        text.truncate(text.trim_end().len());
        // A greeting may be empty.
        let blank = text.len() - text.trim_start_matches('\n').len();
        text.drain(..blank);
        Ok(text)
    }

    /// The text of the section `name` of a family that has sections for some replies only.
    fn short(&self, family: &str, name: &str, it: Value, voice: &Addressing<'_>) -> Option<String> {
        let name = format!("{family}/{name}");
        self.env.get_template(&name).ok()?;
        let said = self.render(&name, it, voice);
        said.inspect_err(|error| tracing::error!(reply = name, %error, "not put into words")).ok()
    }
}

/// The name of a reply's section and the fields it may show. A refusal is told by its own name.
fn named(reply: &Reply) -> (String, Value) {
    let (name, fields) = variant(&Value::from(Serde(reply)));
    match fields.get_attr("refusal") {
        Ok(refusal) if name == "refused" => {
            let (why, facts) = variant(&refusal);
            (format!("refused/{why}"), facts)
        }
        _ => (name, fields),
    }
}

/// The name and the fields of an enum's value: it is either its name, or a map from it to them.
fn variant(value: &Value) -> (String, Value) {
    if let Some(name) = value.as_str() {
        return (name.to_owned(), Value::UNDEFINED);
    }
    let name = value.try_iter().ok().and_then(|mut keys| keys.next()).unwrap_or_default();
    let fields = value.get_item(&name).unwrap_or_default();
    (name.to_string(), fields)
}

/// `text`, beginning with the name of the member it is for.
fn address(to: Option<&str>, text: &str) -> String {
    let Some(name) = to.map(|name| clean::one_line(name, NAME_CHARS)) else {
        return text.to_owned();
    };
    if name.is_empty() { text.to_owned() } else { format!("@{name} {text}") }
}

/// The same words to one more member.
fn tell_alike<'a>(alike: &mut Vec<(String, Vec<&'a str>)>, text: String, to: Option<&'a str>) {
    match alike.iter_mut().find(|(told, _)| *told == text) {
        Some((_, names)) => names.extend(to),
        None => alike.push((text, to.into_iter().collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{now, replies};
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::domain::money::Money;
    use crate::domain::refusal::Refusal;
    use crate::domain::reply::{Audience, Degrade, Edit, Merging};
    use crate::domain::{catalog, loyalty, orders, payouts, referral};

    fn voice(to: Option<&str>) -> Addressing<'_> {
        let time_zone = chrono_tz::Asia::Shanghai;
        Addressing { locale: Locale::ZhHans, time_zone, currency: Currency::CNY, to, now: now() }
    }

    fn sold_out(name: &str) -> Reply {
        Refusal::Catalog(catalog::Refusal::SoldOut { name: name.to_owned() }).into()
    }

    #[test]
    fn who_is_addressed_comes_first() {
        let words = Words::new();
        let said = |to| words.say(&sold_out("草莓"), &voice(to));
        assert_eq!(said(Some("小美")), "@小美 草莓 已经卖完啦，发「菜单」看看别的？");
        assert_eq!(said(None), "草莓 已经卖完啦，发「菜单」看看别的？");
        assert_eq!(said(Some("\u{200b}")), said(None));
    }

    #[test]
    fn names_and_goods_forge_neither_lines_nor_mentions() {
        let words = Words::new();
        let said = words.say(&sold_out("莓\n@所有人 {{ 7 * 7 }}"), &voice(Some("美\r\n@all")));
        assert_eq!(said, "@美 ＠all 莓 ＠所有人 {{ 7 * 7 }} 已经卖完啦，发「菜单」看看别的？");
    }

    #[test]
    fn a_digest_has_a_line_for_each_confirmation_and_all_else_in_full() {
        let words = Words::new();
        let replies = replies();
        let taken = replies
            .iter()
            .find(|reply| matches!(reply, Reply::Orders(orders::Reply::OrderTaken { .. })))
            .unwrap();
        let checked_in =
            Reply::Loyalty(loyalty::Reply::CheckedIn { points: 5, bonus: 0, days: 2, total: 10 });
        let sold_out = sold_out("草莓");
        let said = |to, reply| SaidReply { to, reply, before_others: false, more: 0 };
        let all =
            [said(Some("小美"), taken), said(Some("阿强"), &sold_out), said(None, &checked_in)];
        assert_eq!(
            words.digest(&all, &voice(Some("nobody"))),
            "已处理 2 条 ✅（自己的明细和付款时间发「我的订单」看）\n\
             @小美 #1024 阳光玫瑰×2 ¥79.80\n\
             签到 +5（连续 2 天）\n\n\
             @阿强 草莓 已经卖完啦，发「菜单」看看别的？"
        );
        assert_eq!(words.digest(&all[..1], &voice(None)), words.say(taken, &voice(Some("小美"))));
        assert_eq!(words.digest(&[], &voice(None)), "");
    }

    #[test]
    fn what_several_are_told_alike_is_said_once_and_without_amounts() {
        let words = Words::new();
        let amount = Money::from_minor(399);
        let due = Reply::Referral(referral::Reply::CommissionAvailable { amount, orders: 1 });
        let lapsed = Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 5 });
        let said = |to, reply| SaidReply { to: Some(to), reply, before_others: true, more: 0 };
        let all = [said("小美", &due), said("老王", &lapsed), said("阿强", &due)];
        assert_eq!(
            words.digest(&all, &voice(None)),
            "@小美 @阿强 有佣金可以提现了，发「提现」即可 💰\n\n\
             @老王 有 5 积分到期清零了。每天「签到」可以再攒～"
        );
    }

    #[test]
    fn what_is_a_line_of_a_digest_has_words_for_one_and_nothing_else_has() {
        let words = Words::new();
        for reply in replies() {
            let (name, fields) = named(&reply);
            for locale in Locale::ALL {
                let voice = Addressing { locale, ..voice(None) };
                let line = words.tongue(&voice).short("digest", &name, fields.clone(), &voice);
                let is_line = reply.delivery().merges == Merging::Line;
                assert_eq!(line.is_some(), is_line, "{reply:?}");
            }
        }
    }

    #[test]
    fn what_travels_short_has_a_form_for_the_group_and_nothing_else_has() {
        let words = Words::new();
        for reply in replies() {
            let is_short = reply.delivery().degrade == Degrade::Short;
            for locale in Locale::ALL {
                let said = words.say_before_others(&reply, &Addressing { locale, ..voice(None) });
                assert_eq!(said.is_some(), is_short, "{reply:?}");
            }
        }
    }

    #[test]
    fn what_others_earn_owe_or_complain_of_is_never_said_before_the_group() {
        let words = Words::new();
        let of_one = |reply: &Reply| match reply.delivery().audience {
            Audience::Alone => !matches!(
                reply,
                Reply::Refused { .. } | Reply::Payouts(payouts::Reply::Balance { .. })
            ),
            Audience::Leaders => reply.delivery().degrade == Degrade::Short,
            Audience::Group | Audience::Member | Audience::Outsider => false,
        };
        for reply in replies().iter().filter(|reply| of_one(reply)) {
            for locale in Locale::ALL {
                let said = words.say_before_others(reply, &Addressing { locale, ..voice(None) });
                let said = said.expect("a form for the group");
                assert!(!said.contains(['¥', '$']) && !said.contains("小美"), "{said}");
            }
        }
    }

    #[test]
    fn posts_are_what_delivery_calls_posts() {
        for mut reply in replies() {
            let is_post = matches!(reply.delivery().edits, Edit::Post(_));
            assert_eq!(reply.offers_of_post().is_some(), is_post, "{reply:?}");
        }
    }

    #[test]
    fn what_concerns_one_member_alone_has_a_form_for_the_group() {
        let words = Words::new();
        let (order, amount) = (OrderId(1024), Money::from_minor(399));
        let noted = Reply::Referral(referral::Reply::CommissionFrozen {
            order,
            buyer: "阿强".to_owned(),
            amount,
        });
        let said = words.say_before_others(&noted, &voice(Some("小美"))).unwrap();
        assert_eq!(said, "@小美 有一笔佣金记上了，发「余额」看 💰");
        assert_eq!(
            words.say_before_others(&Reply::Loyalty(loyalty::Reply::ShareSeen), &voice(None)),
            None
        );
        let refused = Reply::from(Refusal::Payouts(payouts::Refusal::BelowMinimum {
            minimum: amount,
            available: amount,
        }));
        assert!(words.say_before_others(&refused, &voice(None)).is_some());
    }

    #[test]
    fn a_reply_without_words_is_never_an_error_to_a_member() {
        let mut words = Words::new();
        let tongues = Arc::get_mut(&mut words.tongues).unwrap();
        tongues.get_mut(&Locale::ZhHans).unwrap().env.remove_template("refused/sold_out");
        let said = words.say(&sold_out("草莓"), &voice(Some("小美")));
        assert_eq!(said, "@小美 收到了，这条我一时处理不了，会有人来看，请稍等。");
    }
}
