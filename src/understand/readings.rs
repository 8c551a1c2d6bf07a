//! Readings (读法): whole meanings that a message may have, proposed generously from its spans.
//!
//! ```text
//! reading := what the words say, put together in each way, with each pattern of change
//!          | the same with goods or amounts understood: what the speaker has, what was said lately
//!          | a list of several people
//!          | a purpose that needs no goods
//! ```
//!
//! Nothing vetoes here: unknown words, questions and stories are for the judge. At most [`MOST`].

use super::clause::{Clause, Heard};
use super::goods::Amount;
use super::items::{self, Item, Listed, Order, Way};
use super::lexicon::Lexicon;
use super::lines::{self, Done, Pattern};
use super::purposes::{Act, Purpose};
use super::spans::{How, Span, What};
use super::vocabulary::Cue;
use super::{Scene, Voice, people, question, roll};
use crate::domain::intent::{Intent, Op, Question, Role, Understood, WantedLine, Why};
use crate::domain::orders;
use crate::domain::person::Person;

/// More readings are not weighed.
pub(super) const MOST: usize = 64;

/// A meaning that a message may have.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) purpose: Purpose,
    pub(super) understood: Understood,
    pub(super) made: Made,
}

/// How a reading was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    pub(super) source: Source,
    pub(super) way: Option<Way>,
    pub(super) pattern: Option<Pattern>,
    pub(super) items: Vec<Item>,
    /// A unit that cannot be converted is taken for the own one.
    pub(super) loose: bool,
    /// Amounts that it does not use.
    pub(super) bare: usize,
    /// Goods surely named that it does not use.
    pub(super) left: usize,
}

/// Where the goods and amounts of a reading come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    /// No goods.
    #[default]
    Plain,
    /// The strict grammar read it so.
    Rules,
    /// The words of the message.
    Words,
    /// Amounts of the message, goods that the speaker has.
    Held,
    /// Amounts of the message, goods that were spoken of.
    Lately,
    /// Goods of the message, amounts that were spoken of.
    Asked,
    /// What was said before, once more.
    Echo,
    /// Another name for what the speaker has goes.
    Instead,
    /// Lines of several people.
    Roll,
}

/// A message ready for proposals.
pub(super) struct Ground<'g, 'a, 't> {
    pub(super) heard: &'g Heard<'a, 't>,
    pub(super) spans: &'g [Span],
    pub(super) clauses: &'g [Clause],
    pub(super) scene: &'g Scene<'g>,
    /// What the strict grammar makes of it.
    pub(super) rules: &'g Understood,
    /// What was said lately, newest first.
    pub(super) recent: &'g [(Voice, Listed)],
}

/// The readings of a message.
pub(super) fn readings(ground: &Ground<'_, '_, '_>) -> Vec<Reading> {
    let mut all = Proposals { ground, all: Vec::with_capacity(24) };
    let lists = ways(ground.spans, ground.heard.lexicon);
    for (way, listed) in &lists {
        all.words(*way, listed);
    }
    if let Some((_, listed)) = lists.first() {
        all.understood(listed);
    }
    all.echoes();
    all.whole_lines();
    all.rolls();
    all.rules();
    all.fall_back();
    all.for_others();
    all.all.truncate(MOST);
    all.all
}

/// The different lists that the spans make.
fn ways(spans: &[Span], lexicon: &Lexicon) -> Vec<(Way, Listed)> {
    let any = |test: &dyn Fn(&What) -> bool| spans.iter().any(|span| test(&span.what));
    let halves = any(&|what| matches!(what, What::Named(named) if named.how.is_weak()));
    let sizes = any(
        &|what| matches!(what, What::Amount(one) if !one.sizes.is_empty() || one.code.is_some()),
    );
    let mut all: Vec<(Way, Listed)> = Vec::new();
    for halves in [true, false].into_iter().filter(|&with| with == halves || !with) {
        for sizes in [true, false].into_iter().filter(|&with| with == sizes || !with) {
            for order in [Order::After, Order::Near, Order::Before] {
                let way = Way { order, halves, sizes };
                let listed = items::list(spans, lexicon, way);
                if !all.iter().any(|(_, other)| *other == listed) {
                    all.push((way, listed));
                }
            }
        }
    }
    all
}

struct Proposals<'p, 'g, 'a, 't> {
    ground: &'p Ground<'g, 'a, 't>,
    all: Vec<Reading>,
}

impl Proposals<'_, '_, '_, '_> {
    fn push(&mut self, purpose: Purpose, understood: Understood, made: Made) {
        if self.all.len() < MOST
            && !self.all.iter().any(|one| one.purpose == purpose && one.understood == understood)
        {
            self.all.push(Reading { purpose, understood, made });
        }
    }

    fn plain(&mut self, purpose: Purpose, intent: Intent, made: Made) {
        self.push(purpose, Understood { intent, for_whom: None, note: None }, made);
    }

    /// What the strict grammar reads, if it records or asks something.
    fn rules(&mut self) {
        let rules = self.ground.rules;
        let purpose = match &rules.intent {
            Intent::Orders(orders::Intent::Order(_)) => Purpose::PLACE,
            Intent::Orders(orders::Intent::Amend(_)) => Purpose::CHANGE,
            Intent::Orders(orders::Intent::Cancel(_)) => Purpose::CANCEL,
            Intent::Orders(orders::Intent::JoinList(_)) => Purpose::CHAIN,
            Intent::Ask(_) => Purpose::ASK,
            _ => return,
        };
        let mut rules = rules.clone();
        rules.note = None;
        self.push(purpose, rules, Made { source: Source::Rules, ..Made::default() });
    }

    /// What the words say in one way, with each pattern.
    fn words(&mut self, way: Way, listed: &Listed) {
        if listed.items.is_empty() {
            return;
        }
        for pattern in Pattern::ALL {
            self.listed(way, listed, pattern);
        }
        let counted: Vec<Item> =
            listed.items.iter().filter(|item| item.amount.is_some()).cloned().collect();
        if !counted.is_empty() && counted.len() < listed.items.len() {
            let listed = Listed { items: counted, ..listed.clone() };
            for pattern in [Pattern::Add, Pattern::Lead, Pattern::Set] {
                self.listed(way, &listed, pattern);
            }
        }
        if let [item] = listed.items.as_slice() {
            // 不是五斤是十五斤: each amount may be the one that holds.
            for &(amount, at) in listed.bare.iter().rev().take(3) {
                let item = Item { amount: Some(amount), amount_at: Some(at), ..item.clone() };
                let listed = Listed { items: vec![item], ..listed.clone() };
                for pattern in [Pattern::Set, Pattern::Add, Pattern::Take] {
                    self.listed(way, &listed, pattern);
                }
            }
        }
        self.instead(way, listed);
    }

    fn listed(&mut self, way: Way, listed: &Listed, pattern: Pattern) {
        let swaps = matches!(pattern, Pattern::Swap | Pattern::Back);
        if swaps && !(2..=4).contains(&listed.items.len()) {
            return;
        }
        let done = lines::done(pattern, &listed.items);
        let made = Made {
            source: Source::Words,
            way: Some(way),
            pattern: Some(pattern),
            items: listed.items.clone(),
            bare: listed.bare.len(),
            left: self.left(&listed.items),
            loose: false,
        };
        self.settled(&listed.items, &done, made);
    }

    /// How many goods are surely named and not among these items.
    fn left(&self, items: &[Item]) -> usize {
        let used = |n: usize| {
            items.iter().any(|item| item.at.is_some_and(|at| (at..=item.to).contains(&n)))
        };
        let named = |(n, span): (usize, &Span)| match &span.what {
            What::Named(named) => !named.how.is_weak() && !used(n),
            _ => false,
        };
        self.ground.spans.iter().enumerate().filter(|&it| named(it)).count()
    }

    /// The lines that items and what is done with them come to, or the question about them.
    fn settled(&mut self, items: &[Item], done: &[Done], made: Made) {
        let (lexicon, mine) = (self.ground.heard.lexicon, self.ground.scene.mine);
        let found =
            items.iter().zip(done).map(|(item, done)| lines::line(item, *done, lexicon, mine));
        match lines::settle(found.collect()) {
            Ok(wanted) => {
                if let Some(even) = lines::even(&wanted, items, mine) {
                    self.lines(even, made.clone());
                }
                self.lines(wanted, made);
            }
            Err(question) => {
                self.loosely(items, done, &made, question.why);
                self.had(items, done, &made);
                if made.pattern.is_none_or(|pattern| pattern == Pattern::Add) {
                    self.plain(Purpose::ASK, Intent::Ask(question), made);
                }
            }
        }
    }

    /// 两只 of what is sold by the 支: a unit that cannot be converted may be a slip for the own one.
    fn loosely(&mut self, items: &[Item], done: &[Done], made: &Made, why: Why) {
        if why != Why::Unit || made.loose {
            return;
        }
        let own = |item: &Item| {
            let amount = item.amount.map(|amount| Amount { measure: None, ..amount });
            Item { amount, ..item.clone() }
        };
        let (lexicon, mine) = (self.ground.heard.lexicon, self.ground.scene.mine);
        let converts = |(item, done): (&Item, &Done)| {
            !matches!(lines::line(item, *done, lexicon, mine), lines::Found::No(Why::Unit, _))
        };
        let all = items.iter().zip(done);
        let items: Vec<Item> =
            all.map(|it| if converts(it) { it.0.clone() } else { own(it.0) }).collect();
        let made = Made { loose: true, items: items.clone(), ..made.clone() };
        self.settled(&items, done, made);
    }

    /// What can be had of a list that cannot be had whole.
    fn had(&mut self, items: &[Item], done: &[Done], made: &Made) {
        let (lexicon, mine) = (self.ground.heard.lexicon, self.ground.scene.mine);
        let settled = items.iter().zip(done).filter_map(|(item, done)| {
            match lines::line(item, *done, lexicon, mine) {
                lines::Found::Line(line) => Some((item.clone(), line)),
                _ => None,
            }
        });
        let (kept, wanted): (Vec<Item>, Vec<WantedLine>) = settled.unzip();
        let left = items.len() - kept.len();
        let made = Made { items: kept, left: made.left + left, ..made.clone() };
        self.lines(question::tidy(wanted), made);
    }

    fn lines(&mut self, wanted: Vec<WantedLine>, made: Made) {
        if wanted.is_empty() {
            return;
        }
        let intent = question::intent(wanted.clone(), false);
        let purpose = match &intent {
            Intent::Orders(orders::Intent::Cancel(_)) => Purpose::CANCEL,
            Intent::Orders(orders::Intent::Amend(_)) => Purpose::CHANGE,
            _ => Purpose::PLACE,
        };
        let adds = purpose == Purpose::PLACE && !self.ground.scene.mine.is_empty();
        self.plain(purpose, intent, made.clone());
        if adds {
            self.plain(Purpose::CHANGE, Intent::Orders(orders::Intent::Amend(wanted)), made);
        }
    }

    /// 换成韭菜的: what the speaker has goes, what is named comes, as many as there were unless it is said.
    fn instead(&mut self, way: Way, listed: &Listed) {
        let scene = self.ground.scene;
        let [item] = listed.items.as_slice() else { return };
        let swaps = |span: &Span| {
            use Cue::{Correct, Drop, Instead, InsteadOf, Not, Set, Swap};
            let cue = matches!(
                span.what,
                What::Cue(Swap | InsteadOf | Instead | Set | Drop | Not | Correct)
            );
            cue || matches!(&span.what, What::Named(named) if !named.variants.is_empty())
        };
        if !self.ground.spans.iter().any(swaps) {
            return;
        }
        for held in scene.mine.iter().take(4) {
            let Some(old) = self.held_item(held.offer, held.variant) else { continue };
            let kept = |amount: Option<Amount>| amount.unwrap_or_else(|| whole(held.qty));
            let new = Item { amount: Some(kept(item.amount)), ..item.clone() };
            let made = |items: Vec<Item>| Made {
                source: Source::Instead,
                way: Some(way),
                pattern: Some(Pattern::Swap),
                items,
                bare: listed.bare.len(),
                left: 0,
                loose: false,
            };
            let all = [Item { amount: None, ..old.clone() }, new.clone()];
            let done = lines::done(Pattern::Swap, &all);
            self.settled(&all, &done, made(all.to_vec()));
            if item.amount.is_some() {
                let all = [Item { amount: item.amount, ..old }, new];
                let done = lines::done(Pattern::Swap, &all);
                self.settled(&all, &done, made(all.to_vec()));
            }
        }
    }

    fn held_item(&self, offer: crate::domain::ids::OfferId, variant: Option<u16>) -> Option<Item> {
        let offers = self.ground.heard.lexicon.offers();
        let place = offers.iter().position(|words| words.id == offer)?;
        let offer = u16::try_from(place).ok()?;
        let variants = variant.map(|variant| (offer, variant)).into_iter().collect();
        Some(Item { offers: vec![offer], variants, how: How::Understood, ..Item::default() })
    }

    /// What is not said is understood: goods for amounts alone, amounts for goods alone.
    fn understood(&mut self, listed: &Listed) {
        if listed.items.is_empty() && !self.names_other_code() {
            for &(amount, at) in listed.bare.iter().rev().take(2) {
                self.bare(amount, at, listed);
            }
        } else if listed.items.iter().all(|item| item.amount.is_none()) {
            self.amounts(listed);
        }
    }

    /// A1 x2 where no A1 is on offer is about no other goods.
    fn names_other_code(&self) -> bool {
        let text = self.ground.heard.text;
        let is_code = |span: &Span| {
            let letters = (span.from..text.len()).take_while(|&i| text.at(i).is_ascii_alphabetic());
            let letters = letters.count();
            let begins = span.from == 0 || !text.at(span.from - 1).is_ascii_alphanumeric();
            !matches!(span.what, What::Named(_))
                && begins
                && (1..=2).contains(&letters)
                && text.at(span.from + letters).is_ascii_digit()
                && !matches!((letters, text.at(span.from)), (1, 'x'))
        };
        self.ground.spans.iter().any(is_code)
    }

    fn bare(&mut self, amount: Amount, at: usize, listed: &Listed) {
        let scene = self.ground.scene;
        let given =
            |item: &Item| Item { amount: Some(amount), amount_at: Some(at), ..item.clone() };
        let made = |item: &Item, source, pattern| Made {
            source,
            way: None,
            pattern: Some(pattern),
            items: vec![item.clone()],
            bare: listed.bare.len().saturating_sub(1),
            left: 0,
            loose: false,
        };
        let mut asked = Vec::new();
        for held in scene.mine.iter().take(6) {
            let Some(item) = self.held_item(held.offer, held.variant) else { continue };
            let item = given(&item);
            for pattern in [Pattern::Set, Pattern::Add, Pattern::Take] {
                let done = lines::done(pattern, std::slice::from_ref(&item));
                self.settled(
                    std::slice::from_ref(&item),
                    &done,
                    made(&item, Source::Held, pattern),
                );
            }
            asked.push(item);
        }
        for item in self.spoken_of().iter().take(4) {
            let item = given(item);
            for pattern in [Pattern::Add, Pattern::Set] {
                let done = lines::done(pattern, std::slice::from_ref(&item));
                self.settled(
                    std::slice::from_ref(&item),
                    &done,
                    made(&item, Source::Lately, pattern),
                );
            }
        }
        if let [offer] = self.sold_by(amount).as_slice() {
            let item = Item { offers: vec![*offer], how: How::Understood, ..Item::default() };
            let item = given(&item);
            let done = lines::done(Pattern::Add, std::slice::from_ref(&item));
            self.settled(
                std::slice::from_ref(&item),
                &done,
                made(&item, Source::Words, Pattern::Add),
            );
        }
    }

    /// The offers that an amount alone may be for.
    fn sold_by(&self, amount: Amount) -> Vec<u16> {
        let lexicon = self.ground.heard.lexicon;
        let all = (0..u16::try_from(lexicon.offers().len()).unwrap_or(0)).take(300);
        let telling = amount.measure.is_some_and(|measure| !super::units::is_generic(measure));
        let sold = |offer: &u16| {
            let units = lexicon.compiled(*offer).map(|it| &it.units);
            units.is_some_and(|units| super::units::factor(units, amount.measure).is_some())
        };
        if telling || lexicon.offers().len() == 1 { all.filter(sold).collect() } else { Vec::new() }
    }

    /// Goods that were spoken of lately, newest first, each once.
    fn spoken_of(&self) -> Vec<Item> {
        let mut all: Vec<Item> = Vec::new();
        for (_, listed) in self.ground.recent.iter().filter(|(voice, _)| *voice != Voice::Other) {
            for item in &listed.items {
                let same =
                    |other: &Item| other.offers == item.offers && other.variants == item.variants;
                if !all.iter().any(same) {
                    all.push(Item { how: How::Understood, ..item.recalled() });
                }
            }
        }
        all
    }

    /// XL: the two pairs that were asked for a moment ago.
    fn amounts(&mut self, listed: &Listed) {
        for said in self.spoken_of().iter().filter(|said| said.amount.is_some()).take(3) {
            let common = |item: &Item| item.offers.iter().any(|offer| said.offers.contains(offer));
            if !listed.items.iter().all(common) {
                continue;
            }
            let given = |item: &Item| {
                let mut item = Item { amount: said.amount, ..item.clone() };
                item.offers.retain(|offer| said.offers.contains(offer));
                item.variants.retain(|(offer, _)| said.offers.contains(offer));
                item
            };
            let items: Vec<Item> = listed.items.iter().map(given).collect();
            for pattern in [Pattern::Add, Pattern::Set] {
                let done = lines::done(pattern, &items);
                let made = Made {
                    source: Source::Asked,
                    pattern: Some(pattern),
                    items: items.clone(),
                    ..Made::default()
                };
                self.settled(&items, &done, made);
            }
        }
    }

    /// 我也要, 对的: what was said before, by the speaker, the shop or others.
    fn echoes(&mut self) {
        for (voice, listed) in self.ground.recent.iter().take(4) {
            let mut items: Vec<Item> = listed.items.iter().map(Item::recalled).collect();
            for item in &mut items {
                if *voice == Voice::Me {
                    self.advised(item);
                }
            }
            if items.is_empty() {
                continue;
            }
            let done = lines::done(Pattern::Add, &items);
            let made = Made {
                source: Source::Echo,
                pattern: Some(Pattern::Add),
                items: items.clone(),
                left: usize::from(*voice == Voice::Other),
                ..Made::default()
            };
            self.settled(&items, &done, made);
        }
    }

    /// The variant that the shop named last for goods that were asked for without one.
    fn advised(&self, item: &mut Item) {
        if !item.variants.is_empty() {
            return;
        }
        let bot = self.ground.recent.iter().filter(|(voice, _)| *voice == Voice::Bot);
        let named = bot.flat_map(|(_, listed)| listed.items.iter().rev());
        let fits = |other: &&Item| {
            !other.variants.is_empty() && other.offers.iter().all(|o| item.offers.contains(o))
        };
        if let Some(other) = named.clone().find(fits) {
            item.variants.clone_from(&other.variants);
        }
    }

    /// Everything of the speaker's goes, or one line of it.
    fn whole_lines(&mut self) {
        let made = || Made { source: Source::Held, ..Made::default() };
        self.plain(Purpose::CANCEL, Intent::Orders(orders::Intent::Cancel(Vec::new())), made());
        for held in self.ground.scene.mine.iter().take(6) {
            let (offer, variant) = (held.offer, held.variant);
            let line = WantedLine { offer, variant, qty: None, op: Op::Remove };
            self.plain(Purpose::CANCEL, Intent::Orders(orders::Intent::Cancel(vec![line])), made());
        }
    }

    fn rolls(&mut self) {
        for (entries, left) in roll::read(self.ground.heard.text.source, self.ground.heard.lexicon)
        {
            let made = Made { source: Source::Roll, left, ..Made::default() };
            self.plain(Purpose::CHAIN, Intent::Orders(orders::Intent::JoinList(entries)), made);
        }
    }

    /// Readings that need no goods, one a purpose; and a question that says no more than that it is unclear.
    fn fall_back(&mut self) {
        self.all.truncate(MOST - 1);
        if !self.all.iter().any(|one| one.purpose == Purpose::ASK) {
            let unclear = Question::of(Why::Unclear, Vec::new());
            self.plain(Purpose::ASK, Intent::Ask(unclear), Made::default());
        }
    }

    /// The same readings for somebody who is named.
    fn for_others(&mut self) {
        let names = people::named_for(self.ground.heard, self.ground.spans);
        let own: Vec<Reading> =
            self.all.iter().filter(|one| one.purpose.act().records()).cloned().collect();
        for name in names.into_iter().take(3) {
            for reading in own
                .iter()
                .filter(|one| {
                    !matches!(
                        one.understood.intent,
                        Intent::Orders(orders::Intent::Cancel(_) | orders::Intent::JoinList(_))
                    )
                })
                .take(12)
            {
                let mut understood = reading.understood.clone();
                understood.for_whom = Some(Person::Named(name.clone()));
                self.push(reading.purpose, understood, reading.made.clone());
            }
        }
    }
}

fn whole(qty: u32) -> Amount {
    let milli = i64::from(qty) * super::numerals::ONE;
    Amount { milli, measure: None, signed: true, minus: false, vague: false }
}

/// The purposes that are read from words alone, as far as somebody of this role can have them.
pub(super) fn plain_purposes(role: Role) -> impl Iterator<Item = Purpose> {
    let own = move |it: &Purpose| role >= Role::Leader || !it.is_leaders();
    Purpose::all().filter(|it| !it.act().records() && it.act() != Act::Ask).filter(own)
}
