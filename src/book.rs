//! The book (账簿): the part of a lane's shops that a batch touches, in memory.
//!
//! `store` fills it, `decide` reads and changes it, `store` writes the changes. Because a lane has one
//! writer at a time, rows stay in the book from batch to batch; after a failed batch, or when the lease
//! is lost, the whole book is dropped. What has been loaded is remembered, the absence of a row
//! included: a fact that is neither here nor known to be absent is [`Missing`], never guessed.

pub mod ctx;
pub mod due;
pub mod fresh;
pub mod need;
mod pace;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::catalog::{Offer, OfferState, OfferTerms};
use crate::domain::event::Timer;
use crate::domain::groups::Community;
use crate::domain::ids::{
    AccountId, CaseId, CommunityId, MemberId, OfferId, OrderId, WithdrawalId,
};
use crate::domain::intent::{HeldLine, Role};
use crate::domain::ledger::Balances;
use crate::domain::money::Currency;
use crate::domain::money::Money;
use crate::domain::orders::{DueMark, Order};
use crate::domain::payouts::Withdrawal;
use crate::domain::people::Member;
use crate::domain::policy::Policy;
use crate::domain::reports::DayTotals;
use crate::domain::service::ServiceCase;
use crate::domain::time::Timestamp;
use crate::domain::{loyalty, orders, payments, payouts, people, referral, reports, service};
use crate::understand::{FactWords, Lexicon, OfferWords};

pub use ctx::Ctx;
pub use due::{Due, DueShare};
pub use fresh::{
    Addressee, BondRecord, CheckIn, Decision, Effected, Erasure, Fresh, Manner, Outbound, Posted,
    ReviewLine, Settlement,
};
pub use need::{Missing, Need, Needs};
pub use table::{Table, TableRow};

/// All that is in memory of one lane.
#[derive(Debug, Default)]
pub struct Book {
    /// Communities by id.
    pub shops: BTreeMap<CommunityId, Shop>,
    /// Policy versions in use.
    pub policies: BTreeMap<i32, Arc<Policy>>,
    /// Shops at which something was decided since the last save: a batch looks at no others.
    touched: BTreeSet<CommunityId>,
    /// Rows of all shops, as of the last save.
    rows: usize,
}

/// All that is in memory of one community.
#[derive(Debug)]
pub struct Shop {
    /// Its own row.
    pub community: Community,
    /// Whether that row changed.
    pub community_changed: bool,
    /// Whether its chat is another one now.
    pub chat_changed: bool,
    /// The policy its decisions use.
    pub policy: Arc<Policy>,
    /// Members.
    pub members: Table<MemberId, Member>,
    /// All open offers, and those that orders in memory refer to.
    pub offers: Table<OfferId, Offer>,
    /// Orders.
    pub orders: Table<OrderId, Order>,
    /// Withdrawals.
    pub withdrawals: Table<WithdrawalId, Withdrawal>,
    /// After-sales cases.
    pub cases: Table<CaseId, ServiceCase>,
    /// Balances of the members in [`Known::balances_of`].
    pub balances: Balances,
    /// What the bot is called where the community is, as far as that is known.
    pub bot_name: Option<String>,
    /// Orders up to here are closed, and their commission is available.
    pub settled: Option<DueMark>,
    /// What has been loaded.
    pub known: Known,
    /// What has been written down since the last save.
    pub fresh: Fresh,
    /// Lines of chains that wait for the leader's word.
    pub review: Table<(i64, i16), ReviewLine>,
    facts: CompiledFacts,
    open_words: CompiledWords,
    closed_words: CompiledWords,
    old_words: CompiledWords,
    /// Its rows that [`Book::rows`] counts.
    counted: usize,
}

/// The compiled words of some offers, and what they were compiled from.
#[derive(Debug, Default)]
struct CompiledWords {
    of: Vec<(OfferId, Money)>,
    lexicon: Arc<Lexicon>,
}

/// The shop's own questions and drops, and the policy they were compiled from.
#[derive(Debug, Default)]
struct CompiledFacts {
    of: Option<Arc<Policy>>,
    words: Arc<FactWords>,
}

/// A community's last so many offers can be named after they closed …
pub const REMEMBERED_OFFERS: i64 = 40;

/// … for so long.
const REMEMBERED_FOR: chrono::Duration = chrono::Duration::days(3);

/// … and for so long by a leader who refunds a line of an order.
const REFUNDED_FOR: chrono::Duration = chrono::Duration::days(60);

/// What has been loaded, absences included.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, not a state")]
pub struct Known {
    /// Platform ids asked for; `None`: no such member.
    pub keys: BTreeMap<(AccountId, String), Option<MemberId>>,
    /// Keys of names asked for, with the members whose names have them.
    pub names: BTreeMap<String, BTreeSet<MemberId>>,
    /// Invite codes asked for; `None`: nobody's.
    pub codes: BTreeMap<String, Option<MemberId>>,
    /// Order numbers that do not exist.
    pub absent_orders: BTreeSet<OrderId>,
    /// Members whose live orders are all here.
    pub orders_of: BTreeSet<MemberId>,
    /// Members whose balances are here.
    pub balances_of: BTreeSet<MemberId>,
    /// What members had paid, for their tiers.
    pub spend: BTreeMap<MemberId, Spend>,
    /// Timers that were set and not handled yet, as far as is known.
    pub timers: BTreeSet<(Timestamp, Timer)>,
    /// Terms of offers that this book has written: see [`Offer::terms`].
    pub terms: BTreeMap<OfferId, OfferTerms>,
    /// All leaders are here.
    pub leaders: bool,
    /// All unpaid orders are here.
    pub unpaid: bool,
    /// All orders whose offers close at these instants are here.
    pub closing: BTreeSet<Timestamp>,
    /// All orders that are paid and not shipped are here.
    pub to_ship: bool,
    /// All orders that are shipped are here.
    pub shipped: bool,
    /// All withdrawals that are not over are here.
    pub withdrawals: bool,
    /// All after-sales cases that are open are here.
    pub cases: bool,
    /// Lines waiting for review are here.
    pub review: bool,
    /// Aggregates, true as of the last save; dropped after each batch.
    pub reports: Reports,
}

/// What one member had paid when it was read. Orders that are in the book tell it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// Orders paid before are left out.
    pub since: Timestamp,
    /// By order: when it was paid, and what of that was not refunded.
    pub orders: BTreeMap<OrderId, (Timestamp, Money)>,
}

/// Aggregates, read for one batch.
#[derive(Debug, Default)]
pub struct Reports {
    /// About orders.
    pub orders: orders::Facts,
    /// About people.
    pub people: people::Facts,
    /// About who brought whom.
    pub referral: referral::Facts,
    /// About money that came.
    pub payments: payments::Facts,
    /// About what members earned.
    pub payouts: payouts::Facts,
    /// About points.
    pub loyalty: loyalty::Facts,
    /// About after-sales cases.
    pub service: service::Facts,
    /// Figures for leaders.
    pub reports: reports::Facts,
    /// What each member did last, the last first, as far as it can be taken back or stands before what can.
    pub effects: BTreeMap<MemberId, Vec<Effected>>,
    /// Orders whose commission is due by an instant, as far as they are not in the book.
    pub due: BTreeMap<Timestamp, Due>,
}

impl TableRow for Member {
    type Mark = ();

    fn mark(&self) {}
}
impl TableRow for Offer {
    type Mark = ();

    fn mark(&self) {}
}
impl TableRow for ReviewLine {
    type Mark = ();

    fn mark(&self) {}
}
impl TableRow for Withdrawal {
    type Mark = ();

    fn mark(&self) {}

    fn owner(&self) -> Option<MemberId> {
        Some(self.member)
    }
}
impl TableRow for ServiceCase {
    type Mark = ();

    fn mark(&self) {}

    fn owner(&self) -> Option<MemberId> {
        Some(self.member)
    }
}
impl TableRow for Order {
    type Mark = DayTotals;

    fn mark(&self) -> DayTotals {
        DayTotals::of(self)
    }

    fn owner(&self) -> Option<MemberId> {
        Some(self.member)
    }
}

impl Book {
    /// A shop to decide at: what comes of it will be saved.
    pub fn touch(&mut self, id: CommunityId) -> Option<&mut Shop> {
        let shop = self.shops.get_mut(&id)?;
        self.touched.insert(id);
        Some(shop)
    }

    /// Shops at which something was decided since the last save, in order of their ids.
    pub fn touched(&self) -> impl Iterator<Item = &Shop> {
        self.touched.iter().filter_map(|id| self.shops.get(id))
    }

    /// What is to be sent, which is written down already.
    pub fn take_outbox(&mut self) -> Vec<(CommunityId, Outbound)> {
        let mut taken = Vec::new();
        for id in &self.touched {
            let outbox = self.shops.get_mut(id).map(|shop| std::mem::take(&mut shop.fresh.outbox));
            taken.extend(outbox.into_iter().flatten().map(|outbound| (*id, outbound)));
        }
        taken
    }

    /// Everything is in the database now, or on its way: forget what was new.
    pub fn saved(&mut self) {
        for id in std::mem::take(&mut self.touched) {
            let Some(shop) = self.shops.get_mut(&id) else { continue };
            shop.saved();
            let rows = shop.rows();
            self.rows = self.rows + rows - shop.counted;
            shop.counted = rows;
        }
    }

    /// Rows in memory as of the last save, absences included, to bound the book by.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Let go of rows that can be read again.
    pub fn shed(&mut self) {
        for shop in self.shops.values_mut() {
            shop.shed();
            shop.counted = shop.rows();
        }
        self.rows = self.shops.values().map(|shop| shop.counted).sum();
    }
}

impl Shop {
    /// An empty shop around a community's row.
    #[must_use]
    pub fn new(community: Community, policy: Arc<Policy>) -> Self {
        Self {
            community,
            community_changed: false,
            chat_changed: false,
            policy,
            members: Table::default(),
            offers: Table::default(),
            orders: Table::default(),
            withdrawals: Table::default(),
            cases: Table::default(),
            balances: Balances::default(),
            bot_name: None,
            settled: None,
            known: Known::default(),
            fresh: Fresh::default(),
            review: Table::default(),
            facts: CompiledFacts::default(),
            open_words: CompiledWords::default(),
            closed_words: CompiledWords::default(),
            old_words: CompiledWords::default(),
            counted: 0,
        }
    }

    /// Offers that take orders at `at`, in order of opening.
    pub fn open_offers(&self, at: Timestamp) -> impl Iterator<Item = &Offer> {
        self.offers.values().filter(move |offer| offer.takes_orders(at))
    }

    /// The words of the open offers. Compiled when offers change, not for each message.
    pub fn lexicon(&mut self) -> Arc<Lexicon> {
        let currency = self.community.currency;
        self.facts.renew(&self.policy, &self.community.slug);
        let is_new = !self.open_words.lexicon.has_facts(&self.facts.words);
        if is_new || self.offers.was_edited() || currency != self.open_words.lexicon.currency() {
            let open = self.offers.values().filter(|offer| offer.state == OfferState::Open);
            self.open_words.renew(&open.collect::<Vec<_>>(), currency, &self.facts.words);
            self.offers.forget_edits();
        }
        Arc::clone(&self.open_words.lexicon)
    }

    /// The words of offers that closed lately and whose codes are free: what the leader refunds, and what
    /// a latecomer still asks for.
    pub fn closed_lexicon(&mut self, at: Timestamp) -> Arc<Lexicon> {
        let mut words = std::mem::take(&mut self.closed_words);
        words.renew(
            &self.closed_since(at - REMEMBERED_FOR),
            self.community.currency,
            &Arc::default(),
        );
        self.closed_words = words;
        Arc::clone(&self.closed_words.lexicon)
    }

    /// The words of offers that closed some weeks ago at most: a leader refunds their lines.
    pub fn old_lexicon(&mut self, at: Timestamp) -> Arc<Lexicon> {
        let mut words = std::mem::take(&mut self.old_words);
        words.renew(
            &self.closed_since(at - REFUNDED_FOR),
            self.community.currency,
            &Arc::default(),
        );
        self.old_words = words;
        Arc::clone(&self.old_words.lexicon)
    }

    /// Offers closed since an instant whose codes are free; of two that had the same code, the later one.
    fn closed_since(&self, since: Timestamp) -> Vec<&Offer> {
        let oldest = OfferId(self.community.last_offer.0 - REMEMBERED_OFFERS);
        let lately = |offer: &&Offer| {
            offer.state == OfferState::Closed && offer.id > oldest && offer.closes_at > since
        };
        let open = self.offers.values().filter(|offer| offer.state == OfferState::Open);
        let mut codes: BTreeSet<&str> = open.map(|offer| offer.code.as_str()).collect();
        let closed = self.offers.values().rev().filter(lately);
        closed.filter(|offer| codes.insert(&offer.code)).collect()
    }

    /// What `member` holds in unpaid orders, for understanding.
    #[must_use]
    pub fn held(&self, member: MemberId) -> Vec<HeldLine> {
        self.orders
            .of(member)
            .filter(|order| order.is_unpaid())
            .flat_map(|order| &order.lines)
            .filter(|line| line.qty > 0)
            .map(|line| HeldLine { offer: line.offer, variant: line.variant, qty: line.qty })
            .collect()
    }

    /// The member with this platform id.
    ///
    /// # Errors
    /// [`Missing`] if the book was never asked about them.
    pub fn member_by_key(
        &self,
        account: AccountId,
        key: &str,
    ) -> Result<Option<MemberId>, Missing> {
        self.known
            .keys
            .get(&(account, key.to_owned()))
            .copied()
            .ok_or_else(|| Missing(Need::Person(account, key.to_owned())))
    }

    /// Let go of most rows, all of which are in the database: people and orders. What stays is asked for
    /// all the time: offers, leaders, and whoever others were brought by.
    fn shed(&mut self) {
        let above: BTreeSet<_> =
            self.members.values().filter_map(|member| Some(member.bond?.inviter)).collect();
        self.members.retain(|id, member| member.role > Role::Member || above.contains(id));
        let (members, known) = (&self.members, &mut self.known);
        known.keys.retain(|_, id| id.is_some_and(|id| members.contains(id)));
        let (keys, leaders) = (std::mem::take(&mut known.keys), known.leaders);
        *known = Known { keys, leaders, ..Known::default() };
        self.orders = Table::default();
        self.withdrawals = Table::default();
        self.cases = Table::default();
        self.review = Table::default();
        self.balances = Balances::default();
    }

    /// What was decided is in the database now, or on its way.
    fn saved(&mut self) {
        self.community_changed = false;
        self.chat_changed = false;
        self.members.saved();
        let offers = self.offers.added().chain(self.offers.changed());
        self.known.terms.extend(offers.map(|(id, offer)| (id, offer.terms())));
        self.offers.saved();
        self.orders.saved();
        self.withdrawals.saved();
        self.cases.saved();
        self.review.saved();
        self.fresh = Fresh::default();
        self.known.reports = Reports::default();
    }

    /// Rows in memory, absences included.
    fn rows(&self) -> usize {
        let known = &self.known;
        let absences = known.names.len() + known.codes.len() + known.absent_orders.len();
        let spend: usize = self.known.spend.values().map(|spend| 1 + spend.orders.len()).sum();
        1 + spend
            + self.members.len()
            + self.known.keys.len()
            + self.known.timers.len()
            + self.offers.len()
            + self.orders.len()
            + self.withdrawals.len()
            + self.cases.len()
            + self.balances.len()
            + absences
    }
}

impl CompiledWords {
    /// Compile again, if anything changed that words depend on.
    fn renew(&mut self, offers: &[&Offer], currency: Currency, facts: &Arc<FactWords>) {
        let of: Vec<_> = offers.iter().map(|offer| (offer.id, offer.price)).collect();
        let is_same = of == self.of && currency == self.lexicon.currency();
        if !is_same || !self.lexicon.has_facts(facts) {
            let words = offers.iter().map(|offer| offer_words(offer)).collect();
            let lexicon = Lexicon::new(words, currency).with_facts(Arc::clone(facts));
            *self = Self { of, lexicon: Arc::new(lexicon) };
        }
    }
}

impl CompiledFacts {
    /// Compile again, if another policy is in force.
    fn renew(&mut self, policy: &Arc<Policy>, slug: &str) {
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, policy)) {
            return;
        }
        let facts = (0..).zip(&policy.facts).filter(|(_, fact)| fact.is_in(slug));
        let names = (0..)
            .zip(&policy.drops)
            .flat_map(|(place, drop)| drop.names().map(move |name| (name, place)));
        let words = FactWords::new(facts.map(|(place, fact)| (place, fact.asks.as_slice())));
        let words = words.with_drops(names);
        self.of = Some(Arc::clone(policy));
        if words != *self.words {
            self.words = Arc::new(words);
        }
    }
}

fn offer_words(offer: &Offer) -> OfferWords {
    let detail = &offer.detail;
    OfferWords {
        id: offer.id,
        code: offer.code.clone(),
        name: detail.name.clone(),
        aliases: detail.aliases.clone(),
        unit: detail.unit.clone(),
        other_units: detail
            .other_units
            .iter()
            .map(|other| (other.unit.clone(), other.numerator, other.denominator))
            .collect(),
        variants: detail.variants.clone(),
        price: offer.price,
    }
}
