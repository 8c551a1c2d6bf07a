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

use super::clause::{Clause, ReadableMessage};
use super::goods::Amount;
use super::items::{self, AmountSide, JoinWay, SaidItem, SaidList};
use super::lexicon::Lexicon;
use super::lines::{self, ItemOperation, ListPattern};
use super::purposes::{Act, Purpose};
use super::roll::Roll;
use super::spans::{How, Span, SpanKind};
use super::units::{self, Measure};
use super::{Scene, Voice, people, question};
use crate::domain::intent::{HeldLine, Intent, Op, Question, Role, Understood, WantedLine, Why};
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
    pub(super) way: Option<JoinWay>,
    pub(super) pattern: Option<ListPattern>,
    pub(super) items: Vec<SaidItem>,
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
    /// Something that is named comes for what the speaker has.
    Instead,
    /// Twice or half of what the speaker has, or every variant of something.
    Multiple,
    /// Lines of several people.
    Roll,
}

/// A message ready for proposals.
pub(super) struct Ground<'g, 'a, 't> {
    pub(super) heard: &'g ReadableMessage<'a, 't>,
    pub(super) spans: &'g [Span],
    pub(super) clauses: &'g [Clause],
    pub(super) scene: &'g Scene<'g>,
    /// What the strict grammar makes of it.
    pub(super) rules: &'g Understood,
    /// What was said lately, newest first.
    pub(super) recent: &'g [(Voice, SaidList)],
}

/// The readings of a message.
pub(super) fn readings(ground: &Ground<'_, '_, '_>) -> Vec<Reading> {
    let mut all = Proposals { ground, all: Vec::with_capacity(24) };
    let lists = ways(ground.spans, ground.heard.lexicon);
    for (n, (way, listed)) in lists.iter().enumerate() {
        all.words(*way, listed);
        if n == 0 {
            all.understood(listed);
            all.resized(listed);
            all.multiples(listed);
            all.every_variant(*way, listed);
        }
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
fn ways(spans: &[Span], lexicon: &Lexicon) -> Vec<(JoinWay, SaidList)> {
    let any = |test: &dyn Fn(&SpanKind) -> bool| spans.iter().any(|span| test(&span.what));
    let halves = any(&|what| matches!(what, SpanKind::Named(named) if named.how.is_weak()));
    let sizes = any(
        &|what| matches!(what, SpanKind::Amount(one) if !one.sizes.is_empty() || one.code.is_some()),
    );
    let mut all: Vec<(JoinWay, SaidList)> = Vec::new();
    for halves in [true, false].into_iter().filter(|&with| with == halves || !with) {
        for sizes in [true, false].into_iter().filter(|&with| with == sizes || !with) {
            for order in [AmountSide::After, AmountSide::Near, AmountSide::Before] {
                let way = JoinWay { order, halves, sizes };
                let listed = items::list(spans, lexicon, way);
                if !all.iter().any(|(_, other)| *other == listed) {
                    all.push((way, listed));
                }
            }
        }
    }
    all
}

/// The readings of a message as they are proposed, each once.
pub(super) struct Proposals<'p, 'g, 'a, 't> {
    pub(super) ground: &'p Ground<'g, 'a, 't>,
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

    pub(super) fn plain(&mut self, purpose: Purpose, intent: Intent, made: Made) {
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
    fn words(&mut self, way: JoinWay, listed: &SaidList) {
        if listed.items.is_empty() {
            return;
        }
        for pattern in ListPattern::ALL {
            self.listed(way, listed, pattern);
        }
        let counted: Vec<SaidItem> =
            listed.items.iter().filter(|item| item.amount.is_some()).cloned().collect();
        if !counted.is_empty() && counted.len() < listed.items.len() {
            let listed = SaidList { items: counted, ..listed.clone() };
            for pattern in [ListPattern::Add, ListPattern::Lead, ListPattern::Set] {
                self.listed(way, &listed, pattern);
            }
        }
        if let [item] = listed.items.as_slice() {
            // 不是五斤是十五斤: each amount may be the one that holds.
            for &(amount, at) in listed.bare.iter().rev().take(3) {
                let item = SaidItem { amount: Some(amount), amount_at: Some(at), ..item.clone() };
                let listed = SaidList { items: vec![item], ..listed.clone() };
                for pattern in [ListPattern::Set, ListPattern::Add, ListPattern::Take] {
                    self.listed(way, &listed, pattern);
                }
            }
        }
        self.alike(way, listed);
        self.parts_of_a_sum(way, listed);
        self.instead(way, listed);
    }

    /// 高麗菜跟韭菜的都給我三包: the one amount, said last, is of each.
    fn alike(&mut self, way: JoinWay, listed: &SaidList) {
        let [before @ .., last] = listed.items.as_slice() else { return };
        let uncounted = before.iter().all(|item| item.amount.is_none());
        if before.is_empty() || !uncounted || last.amount.is_none() {
            return;
        }
        let given = |item: &SaidItem| SaidItem { amount: last.amount, ..item.clone() };
        let listed = SaidList { items: listed.items.iter().map(given).collect(), ..listed.clone() };
        for pattern in [ListPattern::Add, ListPattern::Set] {
            self.listed(way, &listed, pattern);
        }
    }

    /// 4 ang ku (2 peanut, 2 green bean): what is named first is the sum of the rest.
    fn parts_of_a_sum(&mut self, way: JoinWay, listed: &SaidList) {
        let [first, rest @ ..] = listed.items.as_slice() else { return };
        let milli = |item: &SaidItem| item.amount.map(|amount| amount.milli);
        let of_it = |item: &SaidItem| item.offers.iter().all(|offer| first.offers.contains(offer));
        let sum: Option<i64> = rest.iter().map(milli).sum();
        if rest.len() < 2 || milli(first) != sum || !rest.iter().all(of_it) {
            return;
        }
        let listed = SaidList { items: rest.to_vec(), ..listed.clone() };
        for pattern in [ListPattern::Add, ListPattern::Set] {
            self.listed(way, &listed, pattern);
        }
    }

    /// 三个味各一, one of each: every variant of what is named, or was spoken of.
    fn every_variant(&mut self, way: JoinWay, listed: &SaidList) {
        let says = |word: &str| self.ground.heard.text.source.to_lowercase().contains(word);
        if !["各", "每", "都", "each", "both", "every"].into_iter().any(says) {
            return;
        }
        let named = listed.items.first().cloned();
        let Some(item) = named.or_else(|| self.spoken_of().into_iter().next()) else { return };
        let lexicon = self.ground.heard.lexicon;
        let bare = listed.bare.last().map(|(amount, _)| *amount);
        for &offer in item.offers.iter().take(2) {
            let count = lexicon.offer(offer).map_or(0, |words| words.variants.len());
            if !(2..=6).contains(&count) || !item.variants.is_empty() {
                continue;
            }
            for amount in [item.amount, bare, None] {
                let one = |variant: u16| SaidItem {
                    offers: vec![offer],
                    variants: vec![(offer, variant)],
                    amount,
                    ..item.clone()
                };
                let items: Vec<SaidItem> =
                    (0..u16::try_from(count).unwrap_or(0)).map(one).collect();
                let done = lines::done(ListPattern::Add, &items);
                let made = Made {
                    source: Source::Multiple,
                    way: Some(way),
                    pattern: Some(ListPattern::Add),
                    items: items.clone(),
                    bare: listed.bare.len(),
                    ..Made::default()
                };
                self.settled(&items, &done, made);
            }
        }
    }

    pub(super) fn listed(&mut self, way: JoinWay, listed: &SaidList, pattern: ListPattern) {
        let swaps = matches!(pattern, ListPattern::Swap | ListPattern::Back);
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
    fn left(&self, items: &[SaidItem]) -> usize {
        let used = |n: usize| {
            items.iter().any(|item| item.at.is_some_and(|at| (at..=item.to).contains(&n)))
        };
        let named = |(n, span): (usize, &Span)| match &span.what {
            SpanKind::Named(named) => !named.how.is_weak() && !used(n),
            _ => false,
        };
        self.ground.spans.iter().enumerate().filter(|&it| named(it)).count()
    }

    /// The lines that items and what is done with them come to, or the question about them.
    pub(super) fn settled(&mut self, items: &[SaidItem], done: &[ItemOperation], made: Made) {
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
                self.more(items, done, &made);
                self.had(items, done, &made);
                if made.pattern.is_none_or(|pattern| pattern == ListPattern::Add) {
                    self.plain(Purpose::ASK, Intent::Ask(question), made);
                }
            }
        }
    }

    /// 两只 of what is sold by the 支: a unit that cannot be converted may be a slip for the own one.
    fn loosely(&mut self, items: &[SaidItem], done: &[ItemOperation], made: &Made, why: Why) {
        if why != Why::Unit || made.loose {
            return;
        }
        let lexicon = self.ground.heard.lexicon;
        let own = |item: &SaidItem| {
            let unit =
                item.offers.first().and_then(|&offer| lexicon.compiled(offer)?.units.first());
            let unit = unit.map(|it| Measure { word: Some(it.word), kinds: it.kinds });
            // a dozen of what is sold by the scone
            let times = |it: &Amount| it.measure.and_then(units::many).unwrap_or(1);
            let amount = item.amount.map(|it| Amount {
                measure: unit,
                milli: it.milli.saturating_mul(times(&it)),
                ..it
            });
            SaidItem { amount, ..item.clone() }
        };
        let mine = self.ground.scene.mine;
        let converts = |(item, done): (&SaidItem, &ItemOperation)| {
            !matches!(lines::line(item, *done, lexicon, mine), lines::FoundLine::No(Why::Unit, _))
        };
        let all = items.iter().zip(done);
        let items: Vec<SaidItem> =
            all.map(|it| if converts(it) { it.0.clone() } else { own(it.0) }).collect();
        let made = Made { loose: true, items: items.clone(), ..made.clone() };
        self.settled(&items, done, made);
    }

    /// 水餃再多兩包: of what may be several things it is the one that the speaker has.
    fn more(&mut self, items: &[SaidItem], done: &[ItemOperation], made: &Made) {
        let scene = self.ground.scene;
        let narrow = |item: &SaidItem| {
            let fits = |held: &&HeldLine| self.may_be(item, held);
            let mut held = scene.mine.iter().filter(fits);
            let (one, other) = (held.next(), held.next());
            let known =
                one.filter(|_| other.is_none()).and_then(|it| self.held_item(it.offer, it.variant));
            known.map_or_else(
                || item.clone(),
                |known| SaidItem { offers: known.offers, variants: known.variants, ..item.clone() },
            )
        };
        let narrowed: Vec<SaidItem> = items.iter().map(narrow).collect();
        if narrowed != items {
            self.settled(&narrowed, done, made.clone());
        }
    }

    /// Whether what is named may be this line of the speaker's.
    fn may_be(&self, item: &SaidItem, held: &HeldLine) -> bool {
        let lexicon = self.ground.heard.lexicon;
        let offer = item
            .offers
            .iter()
            .find(|&&it| lexicon.offer(it).is_some_and(|words| words.id == held.offer));
        offer.is_some_and(|offer| {
            let all = &item.variants;
            all.is_empty() || held.variant.is_none_or(|held| all.contains(&(*offer, held)))
        })
    }

    /// What can be had of a list that cannot be had whole.
    fn had(&mut self, items: &[SaidItem], done: &[ItemOperation], made: &Made) {
        let (lexicon, mine) = (self.ground.heard.lexicon, self.ground.scene.mine);
        let settled = items.iter().zip(done).filter_map(|(item, done)| {
            match lines::line(item, *done, lexicon, mine) {
                lines::FoundLine::Line(line) => Some((item.clone(), line)),
                _ => None,
            }
        });
        let (kept, wanted): (Vec<SaidItem>, Vec<WantedLine>) = settled.unzip();
        let left = items.len() - kept.len();
        let made = Made { items: kept, left: made.left + left, ..made.clone() };
        self.lines(question::tidy(wanted), made);
    }

    pub(super) fn lines(&mut self, wanted: Vec<WantedLine>, made: Made) {
        if wanted.is_empty() {
            return;
        }
        let mine = self.ground.scene.mine;
        // 水壺綠的兩個，粉的不要: what nobody has cannot go.
        let stands = |line: &WantedLine| {
            line.op != Op::Remove || lines::holds(mine, line.offer, line.variant)
        };
        let kept: Vec<WantedLine> = wanted.iter().filter(|line| stands(line)).cloned().collect();
        if !kept.is_empty() && kept.len() < wanted.len() {
            self.lines(kept, made.clone());
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

    pub(super) fn held_item(
        &self,
        offer: crate::domain::ids::OfferId,
        variant: Option<u16>,
    ) -> Option<SaidItem> {
        let offers = self.ground.heard.lexicon.offers();
        let place = offers.iter().position(|words| words.id == offer)?;
        let offer = u16::try_from(place).ok()?;
        let variants = variant.map(|variant| (offer, variant)).into_iter().collect();
        Some(SaidItem {
            offers: vec![offer],
            variants,
            how: How::Understood,
            ..SaidItem::default()
        })
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
        let (text, lexicon) = (self.ground.heard.text, self.ground.heard.lexicon);
        let roll = Roll { text, spans: self.ground.spans, lexicon };
        for (entries, left) in roll.read() {
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

/// The purposes that are read from words alone, as far as somebody of this role can have them.
pub(super) fn plain_purposes(role: Role) -> impl Iterator<Item = Purpose> {
    let own = move |it: &Purpose| role >= Role::Leader || !it.is_leaders();
    Purpose::all().filter(|it| !it.act().records() && it.act() != Act::Ask).filter(own)
}
