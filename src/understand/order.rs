//! Orders, changes and cancellations: what the clauses of a message say together.
//!
//! Precision first. Lines are read only from clauses that are wholly explained; a question or a
//! condition anywhere makes the message a query; a story beside a weak order (goods and number
//! without verb or code) keeps it silent. What seems to order and cannot be read is asked back.

use super::bare::{self, Bare};
use super::clause::{Clause, Flags, ReadableMessage};
use super::goods::{self, Amount, Atom, Mode, SaidClause};
use super::numerals::ONE;
use super::opaque::Opaque;
use super::pairing::{self, Paired, PairedItem};
use super::tokens::Kind;
use super::vocabulary::Cue;
use super::{people, query, question, remark, resolve};
use crate::domain::intent::{self, HeldLine, Intent, Op, Question, Understood, WantedLine, Why};
use crate::domain::orders;
use crate::domain::person::Person;

/// Everything the readers of orders look at.
pub(super) struct OrderMessage<'m, 'a, 't> {
    pub(super) heard: &'m ReadableMessage<'a, 't>,
    pub(super) clauses: &'m [Clause],
    pub(super) mine: &'m [HeldLine],
}

/// A clause with what it says.
struct ReadClause<'t> {
    clause: Clause,
    said: SaidClause<'t>,
}

const VETO: Flags = Flags::QUESTION;

/// Read a message as an order, if it is one.
pub(super) fn order(message: &OrderMessage<'_, '_, '_>) -> Option<Understood> {
    let all = message.clauses.iter().fold(Flags::default(), |all, c| all.union(c.flags));
    if !all.has(Flags::GOODS.union(Flags::NUMBER).union(Flags::LESS).union(Flags::THAT)) {
        return None;
    }
    // What is said in jest is none, wherever that stands.
    if all.has(Flags::CONDITION.union(Flags::JOKE)) {
        return None;
    }
    let mut reads: Vec<ReadClause<'_>> = message
        .clauses
        .iter()
        .map(|clause| ReadClause { clause: *clause, said: goods::read(message.heard, clause) })
        .collect();
    let whole = Whole::of(message, &mut reads, all);
    if whole.ordering.is_empty() {
        return None;
    }
    let intent = whole.intent(message)?;
    if all.has(Flags::COMPLAINT.union(Flags::ARRIVED)) && !plainly_orders(&intent, all) {
        return None;
    }
    let intent = if all.has(VETO) { confirm(intent)? } else { intent };
    let note = intent::remark(&whole.notes);
    let effect = matches!(
        intent,
        Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_)) | Intent::Ask(_)
    );
    Some(Understood {
        intent,
        for_whom: whole
            .for_whom
            .filter(|_| effect)
            .map(|name| Person::Named(name.chars().take(32).collect())),
        note: note.filter(|_| effect),
    })
}

/// Whether an order stands beside a complaint or a receipt in its own right: with verb and amount.
fn plainly_orders(intent: &Intent, all: Flags) -> bool {
    match intent {
        Intent::Orders(orders::Intent::Order(_)) => all.has(Flags::WANT) && all.has(Flags::NUMBER),
        Intent::Orders(orders::Intent::Amend(lines)) => {
            all.has(Flags::CHANGE) && lines.iter().all(|line| line.op == Op::Add)
        }
        Intent::Ask(_) => !all.has(Flags::COMPLAINT),
        _ => false,
    }
}

/// An order beside a question is asked back before it counts.
fn confirm(intent: Intent) -> Option<Intent> {
    match intent {
        Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_)) => {
            Some(Intent::Ask(Question::of(Why::Confirm, vec![intent])))
        }
        Intent::Ask(_) | Intent::Orders(orders::Intent::Cancel(_)) => None,
        other => Some(other),
    }
}

/// The clauses of a message by what they are good for.
#[expect(clippy::struct_excessive_bools, reason = "independent observations of one message")]
struct Whole<'t> {
    ordering: Vec<SaidClause<'t>>,
    notes: Vec<&'t str>,
    for_whom: Option<&'t str>,
    /// A clause with goods or amounts that cannot be read, although somebody wants something.
    unread: bool,
    corrects: bool,
    muddled: bool,
    /// A clause about collecting or moving what is there already.
    handles: bool,
    all: Flags,
    /// What occurs in clauses that are neither goods nor remarks.
    chat: Flags,
}

impl<'t> Whole<'t> {
    fn of(message: &OrderMessage<'_, '_, 't>, reads: &mut [ReadClause<'t>], all: Flags) -> Self {
        let mut whole = Whole {
            ordering: Vec::new(),
            notes: Vec::new(),
            for_whom: None,
            unread: false,
            corrects: reads.iter().any(|read| read.said.corrects),
            muddled: false,
            handles: false,
            all,
            chat: Flags::default(),
        };
        let says = |clause: &Clause| !message.heard.is_manners(clause);
        let first = message.clauses.iter().position(says).unwrap_or(0);
        let last = message.clauses.iter().rposition(says).unwrap_or(0);
        for (n, read) in reads.iter_mut().enumerate() {
            signature(message.heard, read, n == first, n == last);
        }
        for n in 0..reads.len() {
            let follows = reads[n + 1..].iter().any(|read| read.said.states());
            whole.take(&reads[n], message.heard, follows);
        }
        if whole.handles {
            // Beside an order of its own it is asked which is meant.
            whole.unread |= whole.ordering.iter().any(SaidClause::states);
            whole.ordering.extend(unreadable());
        }
        whole
    }

    fn take(&mut self, read: &ReadClause<'t>, heard: &ReadableMessage<'_, 't>, follows: bool) {
        let (said, flags) = (&read.said, read.clause.flags);
        if remark::is_aside(&read.clause, said) {
            return self.aside(read);
        }
        if said.handles && said.states() {
            self.handles = true;
            return;
        }
        self.for_whom = self.for_whom.or(said.for_whom);
        // 改一下：草莓2，蓝莓3
        self.corrects |= read.clause.goes_on
            && said.atoms.as_slice() == [Atom::Mode(Mode::Set)]
            && said.residue == 0;
        let acts = said.states()
            || said.that
            || said.atoms.iter().any(|atom| matches!(atom, Atom::Mode(m) if *m != Mode::Keep));
        let named = said.residue == 1 && said.residue_at == Some(read.clause.from);
        let speaker = named && follows && read.clause.goes_on && !said.states();
        if speaker && people::is_name(heard.written(read.clause.from, read.clause.to)) {
            // 小美：A1+2 阿强：A2+1 is a list of others' orders.
            (self.unread, self.muddled) = (true, true);
            return;
        }
        self.notes.extend(remark::of(heard, &read.clause, said));
        if said.is_explained() {
            self.muddled |= said.range;
            if acts || (said.wants && said.vague) {
                self.ordering.push(said.clone());
            }
            return;
        }
        if said.claims() {
            let strong = said.wants || flags.has(Flags::SIGN);
            let odd =
                Flags::DECOY.union(Flags::NEGATION).union(Flags::OTHER_COUNT).union(Flags::TOPIC);
            self.unread |= said.has_goods() && said.has_amount() && strong && !flags.has(odd);
            self.unread |= self.ordering.iter().any(|said| said.has_goods() && said.has_amount())
                && !flags.has(odd);
            self.ordering.extend(unreadable());
            return;
        }
        if !flags.has(Flags::NOTE) {
            self.chat.add(flags);
        }
    }

    /// A clause about something else: it orders nothing, and may make what stands beside it doubtful.
    fn aside(&mut self, read: &ReadClause<'t>) {
        let (said, flags) = (&read.said, read.clause.flags);
        self.chat.add(flags);
        if flags.has(Flags::EARLIER) && !said.changes() {
            self.all.add(Flags::STORY);
            return;
        }
        self.unread |= said.states() && flags.has(Flags::WANT) && !flags.has(remark::told(said));
    }

    fn laughs(&self) -> bool {
        self.all.has(Flags::LAUGH)
    }

    fn intent(&self, message: &OrderMessage<'_, '_, '_>) -> Option<Intent> {
        if shows_how(message) {
            return None;
        }
        if self.muddled || self.ordering.iter().any(|said| said.residue > 0) {
            let told = Flags::STORY.union(Flags::ELSEWHERE);
            return ((self.unread && !self.all.has(told)) || self.muddled)
                .then(|| Intent::Ask(question::unclear(Why::Unclear)));
        }
        let lexicon = message.heard.lexicon;
        let price = |goods: &goods::Goods, amount: Amount| is_price(message.heard, goods, amount);
        let refs: Vec<&SaidClause<'_>> = self.ordering.iter().collect();
        let paired = pairing::pair(&refs, &price);
        if paired.items.is_empty() {
            return self.bare(&paired, message);
        }
        // Beside a remark a price may belong to an order: that is asked.
        let priced = self.states_prices(message, &paired);
        if !self.meant(&paired) || (priced && self.notes.is_empty()) {
            return None;
        }
        if paired.muddled {
            return Some(Intent::Ask(question::unclear(Why::Unclear)));
        }
        // A1改到明天发货 changes no quantity.
        let unset = |item: &PairedItem| item.mode == Some(Mode::Set) && item.amount.is_none();
        if paired.items.iter().any(unset) && self.all.has(Flags::NOTE) {
            return None;
        }
        // 换两盒车厘子 does not say what goes.
        if paired.items.iter().all(|item| item.mode == Some(Mode::Swap)) {
            return Some(Intent::Ask(question::unclear(Why::Unclear)));
        }
        let by_money = self.ordering.iter().any(|said| said.money);
        let vague = self.ordering.iter().any(|said| said.vague);
        let outcomes = paired.items.iter().map(|item| {
            if (by_money || vague)
                && item.amount.is_none()
                && item.mode.is_none()
                && paired.items.len() == 1
            {
                let line = WantedLine {
                    offer: first_id(message, item),
                    variant: None,
                    qty: None,
                    op: Op::Add,
                };
                return resolve::ResolvedLine::NoQuantity(Why::Quantity, line);
            }
            let op = resolve::op(item.mode, self.corrects);
            resolve::line(item, lexicon, message.mine, op)
        });
        match resolve::settle(outcomes.collect()) {
            Ok(lines) if priced => confirm(question::intent(lines, paired.again)),
            Ok(lines) => Some(question::intent(lines, paired.again)),
            Err(question) => Some(Intent::Ask(question)),
        }
    }

    /// 红富士45 冰糖心52 and 紅茶一杯25 tell prices: named goods, each with its price, and nothing that asks
    /// for them.
    fn states_prices(&self, message: &OrderMessage<'_, '_, '_>, paired: &Paired) -> bool {
        let asks = self.ordering.iter().any(|said| said.wants)
            || self.corrects
            || self.for_whom.is_some()
            || message.heard.tokens.iter().any(|token| token.cue() == Some(Cue::Polite));
        let tokens = message.heard.tokens.iter();
        let priced = tokens.filter(|it| matches!(it.kind, Kind::Opaque(Opaque::Price(_)))).count();
        let priced = priced + paired.prices;
        let tells = |item: &PairedItem| {
            let Some(amount) = item.amount else { return false };
            let sure =
                amount.milli >= 10 * ONE || amount.milli % ONE != 0 || paired.items.len() > 1;
            let price = sure && is_price(message.heard, &item.goods, amount);
            let one = amount.milli == ONE && amount.measure.is_some() && priced > 0;
            !item.goods.coded && item.mode.is_none() && !amount.signed && (price || one)
        };
        !asks && !paired.again && paired.items.iter().all(tells)
    }

    /// Whether goods are really ordered: by a verb, a code, an amount; not a name in passing.
    fn meant(&self, paired: &Paired) -> bool {
        let wants = self.ordering.iter().any(|said| said.wants) || self.corrects;
        let strong = wants
            || paired.again
            || paired.items.iter().any(|item| item.mode.is_some() || item.goods.coded);
        let known = self.for_whom.is_some() || self.ordering.iter().any(|said| said.people > 1);
        let others = if known { Flags::default() } else { Flags::ELSEWHERE };
        let told = Flags::STORY.union(others).union(Flags::LAUGH);
        if self.all.has(told) && !strong {
            return false;
        }
        let counted = |item: &PairedItem| {
            let varied = item.goods.named && !item.goods.parts.is_empty();
            item.amount.is_some() || item.mode.is_some() || item.goods.coded || varied
        };
        let by_money = self.ordering.iter().any(|said| said.money || said.vague);
        // 雞腿飯+紅茶 and nothing else: names joined by a plus.
        let joined = self.all.only(Flags::GOODS.union(Flags::NAMED).union(Flags::SIGN))
            && paired.items.len() > 1;
        joined || wants || by_money || paired.again || paired.items.iter().all(counted)
    }

    /// Amounts without goods: +1, 我要两份, 改成3份.
    fn bare(&self, paired: &Paired, message: &OrderMessage<'_, '_, '_>) -> Option<Intent> {
        let wants = self.ordering.iter().any(|said| said.wants) || paired.again;
        let chat = Flags::STORY
            .union(Flags::ELSEWHERE)
            .union(Flags::LAUGH)
            .union(Flags::UNKNOWN)
            .union(Flags::DECOY)
            .union(Flags::ARRIVED)
            .union(Flags::PRAISE)
            .union(Flags::COMPLAINT)
            .union(Flags::NEGATION);
        let lexicon = message.heard.lexicon;
        let acts = wants || paired.bare.iter().any(|(_, mode)| *mode == Some(Mode::Less));
        let named = query::offers(message.heard).len() == 1 && acts;
        // 上次的好吃，这次要两板: the one thing there is, praised and wanted.
        let liked = wants && lexicon.offers().len() == 1 && self.chat.has(Flags::PRAISE);
        let doubts = chat.without(Flags::PRAISE.union(Flags::STORY).union(Flags::ARRIVED));
        let chat = if liked { doubts } else { chat };
        if lexicon.offers().is_empty()
            || (self.chat.has(chat) && !self.corrects && !named)
            || self.laughs()
        {
            return None;
        }
        if paired.muddled {
            return Some(Intent::Ask(question::unclear(Why::Unclear)));
        }
        let that = self.ordering.iter().any(|said| said.that);
        let Some(&(amount, mode)) = paired.bare.last() else {
            let vague = self.ordering.iter().any(|said| said.vague);
            let asks = (that && (wants || paired.again))
                || (vague && wants)
                || (that && self.refers(message));
            return asks.then(|| Intent::Ask(question::unclear(Why::WhichOffer)));
        };
        let op = resolve::op(mode, self.corrects);
        // 再给我妈来一盒 need not be what the speaker has.
        let again = paired.again && self.for_whom.is_none();
        let bare = Bare { amount, op, again };
        let several = paired.bare.len() > 1;
        if that && !self.corrects {
            let which = if several {
                question::unclear(Why::WhichOffer)
            } else {
                bare::which(bare, message)
            };
            return wants.then_some(Intent::Ask(which));
        }
        if several && mode != Some(Mode::Set) {
            return wants.then(|| Intent::Ask(question::unclear(Why::Unclear)));
        }
        // 快递单号 SF123，两件
        let parcel = |it: &super::tokens::Token| matches!(it.kind, Kind::Opaque(Opaque::Phone));
        if !wants && message.heard.tokens.iter().any(parcel) {
            return None;
        }
        if let Some(intent) = self.mentioned(amount, op, message, acts) {
            return Some(intent);
        }
        let said = wants || op != Op::Add || amount.signed || amount.measure.is_some();
        bare::line(bare, message, said)
    }

    /// 上次的橙子很甜，再来两箱: the one offer named in passing. Asked back if it was named in a story.
    fn mentioned(
        &self,
        amount: Amount,
        op: Op,
        message: &OrderMessage<'_, '_, '_>,
        wants: bool,
    ) -> Option<Intent> {
        let named = query::offers(message.heard);
        let ([id], true) = (named.as_slice(), wants) else { return None };
        let place = message.heard.lexicon.offers().iter().position(|words| words.id == *id)?;
        let offer = u16::try_from(place).ok()?;
        message.heard.lexicon.offer(offer).filter(|words| words.variants.is_empty())?;
        let qty = resolve::quantity(Some(amount), message.heard.lexicon, offer, op).ok()??;
        let line = WantedLine { offer: *id, variant: None, qty: Some(qty), op };
        let choice = question::intent(vec![line], false);
        let told = Flags::STORY.union(Flags::ELSEWHERE).union(Flags::DECOY).union(Flags::NEGATION);
        // 草莓原来2盒，现在改成5盒 tells what was only to say what changes.
        let before = op == Op::Set && self.all.has(Flags::EARLIER);
        let told = if before { told.without(Flags::STORY) } else { told };
        Some(if self.chat.has(told) {
            Intent::Ask(Question::of(Why::Confirm, vec![choice]))
        } else {
            choice
        })
    }

    /// 跟楼上一样, the usual: refers to somebody's order.
    fn refers(&self, message: &OrderMessage<'_, '_, '_>) -> bool {
        let text: String = message.heard.text.glyphs.iter().map(|g| g.c).take(24).collect();
        ["楼上", "同上", "上次", "老样子", "same as", "same again", "the usual", "ditto"]
            .iter()
            .any(|word| text.contains(word))
            && !self.all.has(Flags::UNKNOWN)
    }
}

fn unreadable<'t>() -> std::iter::Once<SaidClause<'t>> {
    std::iter::once(SaidClause { residue: 1, ..SaidClause::default() })
}

fn first_id(message: &OrderMessage<'_, '_, '_>, item: &PairedItem) -> crate::domain::ids::OfferId {
    let first = item.goods.offers.first().and_then(|&offer| message.heard.lexicon.offer(offer));
    first.map_or(crate::domain::ids::OfferId(0), |words| words.id)
}

/// 阿芬｜A1+2 and A1+2 小美: a name alone at either end says who it is for.
fn signature<'t>(
    heard: &ReadableMessage<'_, 't>,
    read: &mut ReadClause<'t>,
    first: bool,
    last: bool,
) {
    let said = &mut read.said;
    let Some(at) = said.residue_at.filter(|_| said.residue == 1) else { return };
    let name = heard.written(at, at + 1);
    if heard.tokens[at].kind != Kind::Word || !people::is_name(name) {
        return;
    }
    let goods = said.has_goods() || said.has_amount();
    // （小雨的）
    let owned = read.clause.to == read.clause.from + 2
        && heard.tokens[read.clause.to - 1].cue() == Some(Cue::Particle);
    let alone = read.clause.to == read.clause.from + 1 || owned;
    // 5栋李姐草莓2盒: the name stands between a house and the goods.
    let housed = at == read.clause.from + 1
        && matches!(heard.tokens[read.clause.from].kind, Kind::Opaque(Opaque::Address))
        && people::is_kin(name);
    let titled = said.has_amount() && people::is_titled(name);
    let leads = first
        && (at == read.clause.from || housed)
        && if goods {
            heard.tokens.get(at + 1).is_some_and(|next| {
                next.gap
                    || (matches!(next.kind, Kind::Plus | Kind::Times) && people::is_nickname(name))
                    || ((housed || titled) && matches!(next.kind, Kind::Entry(_) | Kind::Code(_)))
            })
        } else {
            alone && read.clause.goes_on
        };
    let trailing = heard.tokens[at + 1..read.clause.to]
        .iter()
        .all(|t| !matches!(t.kind, Kind::Entry(_) | Kind::Code(_) | Kind::Number(_)));
    let trails = last && trailing && ((goods && heard.tokens[at].gap) || (alone && !first));
    if (leads || trails) && said.for_whom.is_none() {
        (said.for_whom, said.residue) = (Some(name), 0);
    }
}

/// 59的车厘子: a bare number that is the price of what it stands beside.
fn is_price(heard: &ReadableMessage<'_, '_>, goods: &goods::Goods, amount: Amount) -> bool {
    amount.measure.is_none()
        && !amount.signed
        && goods.offers.iter().any(|&offer| {
            let words = heard.lexicon.offer(offer);
            words.is_some_and(|words| heard.lexicon.is_price(words, amount.milli))
        })
}

/// Whether it shows others how to order: 按这个格式写：A1 2份.
fn shows_how(message: &OrderMessage<'_, '_, '_>) -> bool {
    message.clauses.iter().filter(|clause| clause.goes_on).any(|clause| {
        let tokens = &message.heard.tokens[clause.from..clause.to];
        tokens.iter().any(|token| token.cue() == Some(Cue::Example))
    })
}

/// Whether the first clause speaks of the speaker's order as a whole: 我的订单.
fn names_own_order(message: &OrderMessage<'_, '_, '_>, first: &Clause) -> bool {
    let tokens = &message.heard.tokens[first.from..first.to];
    tokens.iter().any(|token| matches!(token.cue(), Some(Cue::Command(id)) if id.is("orders.mine")))
}

/// 取消, 不要了, cancel my order: everything of the speaker's.
pub(super) fn cancels_all(message: &OrderMessage<'_, '_, '_>) -> Option<Intent> {
    let mut dropped = false;
    let says = |clause: &Clause| !message.heard.is_manners(clause);
    let clauses = &message.clauses[message.clauses.iter().position(says).unwrap_or(0)..];
    let mut reasons = clauses.len() > 1 && names_own_order(message, &clauses[0]);
    for (n, clause) in clauses.iter().enumerate() {
        // 我的订单都取消吧，临时出差: why does not matter.
        reasons &= n == 0
            || clause.flags.without(Flags::UNKNOWN.union(Flags::DECOY)).only(Flags::default());
        if n > 0 && dropped && reasons {
            continue;
        }
        let bad = Flags::GOODS
            .union(Flags::NUMBER)
            .union(Flags::UNKNOWN)
            .union(Flags::QUESTION)
            .union(Flags::STORY)
            .union(Flags::ELSEWHERE)
            .union(Flags::CONDITION)
            .union(Flags::NEGATION)
            .union(Flags::DECOY)
            .union(Flags::NOTE)
            .union(Flags::THAT)
            .union(Flags::COMPLAINT);
        if clause.flags.has(bad) || !query::explained(message.heard, clause) {
            return None;
        }
        dropped |= clause.flags.has(Flags::LESS);
    }
    if !dropped {
        return None;
    }
    let bare = message.heard.tokens.len() == 1 && {
        let token = &message.heard.tokens[0];
        matches!(
            message.heard.text.written(token.from, token.to),
            "不要" | "唔要" | "退" | "减" | "少" | "less" | "drop" | "minus" | "remove"
        )
    };
    Some(if bare {
        Intent::Ask(Question::of(
            Why::Cancel,
            vec![Intent::Orders(orders::Intent::Cancel(Vec::new()))],
        ))
    } else {
        Intent::Orders(orders::Intent::Cancel(Vec::new()))
    })
}
