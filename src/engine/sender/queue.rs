//! What waits for one chat, and what of it goes next: what came of somebody's doing before notices, notices
//! before answers to questions. Where it cannot be said message by message, a digest has something for everybody
//! before it has more for one, so who writes a hundred times holds up nobody but themselves.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::reply::{Merging, Urgency};
use crate::domain::time::Timestamp;
use crate::store::outbox::{MessagePlace, UnfinishedMessage};

/// The most rows that one digest shows.
const SHOWN_MAX: usize = 100;

/// The most lines of one digest about one person; there are so many more, it then says.
const LINES_MAX: usize = 3;

/// How long a chat waits behind those where more people wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// What waits for one chat.
#[derive(Debug)]
pub(super) struct ChatQueue {
    /// The chat as the platform limits it.
    pub(super) target: String,
    /// Since when it has waited to be served.
    pub(super) since: Instant,
    /// Whether the chat may have to wait: only then does anything overtake what came before it.
    is_paced: bool,
    /// A message of which some parts were delivered.
    begun: Option<Load>,
    /// Receipts that were gathered, to be one message.
    gathered: VecDeque<UnfinishedMessage>,
    outcomes: VecDeque<UnfinishedMessage>,
    notices: VecDeque<UnfinishedMessage>,
    reads: VecDeque<UnfinishedMessage>,
}

/// The rows of one message.
#[derive(Clone, Debug)]
pub(super) struct Load(Vec<ShownRow>);

/// A row that is put into words, and those of the same person that are only counted.
#[derive(Clone, Debug)]
struct ShownRow {
    nth: usize,
    row: UnfinishedMessage,
    folded: Vec<(usize, UnfinishedMessage)>,
}

impl Load {
    /// One message of these rows.
    pub(super) fn of(rows: Vec<UnfinishedMessage>) -> Self {
        let shown = rows.into_iter().enumerate();
        Self(shown.map(|(nth, row)| ShownRow { nth, row, folded: Vec::new() }).collect())
    }

    /// What is put into words, and for how many more each stands.
    pub(super) fn lines(&self) -> Vec<(&UnfinishedMessage, usize)> {
        self.0.iter().map(|shown| (&shown.row, shown.folded.len())).collect()
    }

    /// The same after one more try.
    pub(super) fn tried(mut self) -> Self {
        for shown in &mut self.0 {
            shown.row.tries += 1;
            shown.folded.iter_mut().for_each(|(_, row)| row.tries += 1);
        }
        self
    }

    /// All rows that it carries.
    pub(super) fn rows(&self) -> impl Iterator<Item = &UnfinishedMessage> {
        self.0.iter().flat_map(|shown| {
            std::iter::once(&shown.row).chain(shown.folded.iter().map(|(_, row)| row))
        })
    }

    /// The same, in the order in which they came.
    pub(super) fn into_rows(self) -> Vec<UnfinishedMessage> {
        let mut rows: Vec<_> = self.0.into_iter().flat_map(ShownRow::into_rows).collect();
        rows.sort_by_key(|(nth, _)| *nth);
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

impl ShownRow {
    fn into_rows(self) -> impl Iterator<Item = (usize, UnfinishedMessage)> {
        std::iter::once((self.nth, self.row)).chain(self.folded)
    }
}

/// Rows in the order in which a digest shows them: something for everybody before more for one, the urgent
/// first. Of one person's lines the last few are shown, which tell how things are now.
fn fold(rows: Vec<UnfinishedMessage>) -> Vec<ShownRow> {
    let mut lines: HashMap<String, usize> = HashMap::new();
    for row in &rows {
        *lines.entry(line_of(row)).or_default() += usize::from(is_line(row));
    }
    let mut waiting: HashMap<String, Vec<(usize, UnfinishedMessage)>> = HashMap::new();
    let mut turns: HashMap<String, usize> = HashMap::new();
    let mut shown: Vec<((Urgency, usize, usize), ShownRow)> = Vec::with_capacity(rows.len());
    for (nth, row) in rows.into_iter().enumerate() {
        let person = line_of(&row);
        if is_line(&row) {
            let left = lines.entry(person.clone()).or_default();
            *left -= 1;
            if *left >= LINES_MAX {
                waiting.entry(person).or_default().push((nth, row));
                continue;
            }
        }
        let turn = turns.entry(person.clone()).or_default();
        let folded =
            if is_line(&row) { waiting.remove(&person).unwrap_or_default() } else { Vec::new() };
        shown.push(((row.reply.delivery().urgency, *turn, nth), ShownRow { nth, row, folded }));
        *turn += 1;
    }
    shown.sort_by_key(|(place, _)| *place);
    shown.into_iter().map(|(_, shown)| shown).collect()
}

fn is_line(row: &UnfinishedMessage) -> bool {
    row.reply.delivery().merges == Merging::Line
}

/// Whom a row is for; what is for all stands alone.
fn line_of(row: &UnfinishedMessage) -> String {
    row.to.as_ref().map_or_else(|| format!("\u{1}{:?}", row.place), |(key, _)| key.clone())
}

impl ChatQueue {
    /// An empty queue for this chat.
    pub(super) fn new(target: &str, since: Instant, is_paced: bool) -> Self {
        Self {
            is_paced,
            target: target.to_owned(),
            since,
            begun: None,
            gathered: VecDeque::new(),
            outcomes: VecDeque::new(),
            notices: VecDeque::new(),
            reads: VecDeque::new(),
        }
    }

    /// Where a message waits.
    fn place_of(&mut self, row: &UnfinishedMessage) -> &mut VecDeque<UnfinishedMessage> {
        if row.is_gathered() {
            return &mut self.gathered;
        }
        self.of(self.urgency_of(row))
    }

    fn urgency_of(&self, row: &UnfinishedMessage) -> Urgency {
        if self.is_paced { row.reply.delivery().urgency } else { Urgency::Outcome }
    }

    fn of(&mut self, urgency: Urgency) -> &mut VecDeque<UnfinishedMessage> {
        match urgency {
            Urgency::Outcome => &mut self.outcomes,
            Urgency::Notice => &mut self.notices,
            Urgency::Read => &mut self.reads,
        }
    }

    /// What is served first, where not all can be: the most urgent, what has waited too long, where most people
    /// wait. A member's own chat counts as one, whatever it was filled with.
    pub(super) fn rank(&self, now: Instant) -> (Option<Urgency>, bool, Reverse<usize>) {
        let rows = match self.urgency() {
            Some(Urgency::Outcome) => &self.outcomes,
            Some(Urgency::Notice) => &self.notices,
            Some(Urgency::Read) | None => &self.reads,
        };
        let is_own = rows.front().is_some_and(|row| row.private);
        let people = if is_own { 1 } else { rows.len() + self.gathered.len() };
        (self.urgency(), now < self.since + PATIENCE, Reverse(people))
    }

    /// One more waits.
    pub(super) fn push(&mut self, row: UnfinishedMessage) {
        self.place_of(&row).push_back(row);
    }

    /// One waits again, before the others.
    pub(super) fn push_front(&mut self, row: UnfinishedMessage) {
        self.place_of(&row).push_front(row);
    }

    /// The rest of a message goes before anything else.
    pub(super) fn begin(&mut self, load: Load) {
        self.begun = Some(load);
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        let begun = self.begun.as_ref().map_or(0, |load| load.rows().count());
        begun + self.gathered.len() + self.outcomes.len() + self.notices.len() + self.reads.len()
    }

    /// All that waits; what was begun first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &UnfinishedMessage> {
        let begun = self.begun.iter().flat_map(Load::rows);
        begun.chain(&self.gathered).chain(&self.outcomes).chain(&self.notices).chain(&self.reads)
    }

    /// All that waits and was not begun.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut UnfinishedMessage> {
        let gathered = self.gathered.iter_mut();
        gathered.chain(&mut self.outcomes).chain(&mut self.notices).chain(&mut self.reads)
    }

    /// Take out what need not be said any more; returns its places.
    pub(super) fn take_out(
        &mut self,
        is_void: impl Fn(&UnfinishedMessage) -> bool,
    ) -> Vec<MessagePlace> {
        let mut places = Vec::new();
        for rows in [&mut self.gathered, &mut self.outcomes, &mut self.notices, &mut self.reads] {
            places.extend(rows.iter().filter(|row| is_void(row)).map(|row| row.place));
            rows.retain(|row| !is_void(row));
        }
        places
    }

    /// Whether what has waited longest was decided before then.
    pub(super) fn is_older_than(&self, at: Timestamp) -> bool {
        let first = [&self.gathered, &self.outcomes, &self.notices, &self.reads];
        first.into_iter().filter_map(VecDeque::front).any(|row| row.at < at)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.urgency().is_none()
    }

    /// How urgent the most urgent is.
    pub(super) fn urgency(&self) -> Option<Urgency> {
        if self.begun.is_some() || !self.gathered.is_empty() || !self.outcomes.is_empty() {
            Some(Urgency::Outcome)
        } else if !self.notices.is_empty() {
            Some(Urgency::Notice)
        } else {
            (!self.reads.is_empty()).then_some(Urgency::Read)
        }
    }

    /// The next message; `None` when nothing waits. With `merge`, whatever may stand in it and `fits`.
    pub(super) fn next(&mut self, merge: bool, fits: impl Fn(&Load) -> bool) -> Option<Load> {
        if let Some(load) = self.begun.take() {
            return Some(load);
        }
        if !self.gathered.is_empty() {
            let rows = self.gathered.drain(..).collect();
            return Some(self.as_many_as_fit(rows, fits));
        }
        let urgency = self.urgency()?;
        let first = self.of(urgency).front()?;
        if !merge || first.reply.delivery().merges == Merging::Whole {
            return self.of(urgency).pop_front().map(|row| Load::of(vec![row]));
        }
        let rows = self.take_mergeable();
        Some(self.as_many_as_fit(rows, fits))
    }

    /// One message of these rows; what does not fit waits again.
    fn as_many_as_fit(
        &mut self,
        rows: Vec<UnfinishedMessage>,
        fits: impl Fn(&Load) -> bool,
    ) -> Load {
        let mut load = Load(fold(rows));
        let mut rest = load.0.split_off(load.0.len().min(SHOWN_MAX));
        while load.0.len() > 1 && !fits(&load) {
            rest.extend(load.0.split_off((load.0.len() * 9 / 10).max(1)));
        }
        for row in Load(rest).into_rows().into_iter().rev() {
            self.push_front(row);
        }
        load
    }

    /// What may stand in one message: each kind up to its first post.
    fn take_mergeable(&mut self) -> Vec<UnfinishedMessage> {
        let mut rows = Vec::new();
        for urgency in [Urgency::Outcome, Urgency::Notice, Urgency::Read] {
            let queue = self.of(urgency);
            let is_whole = |row: &UnfinishedMessage| row.reply.delivery().merges == Merging::Whole;
            let count = queue.iter().position(is_whole).unwrap_or(queue.len());
            rows.extend(queue.drain(..count));
            if !queue.is_empty() {
                break;
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;
    use crate::domain::reply::Reply;
    use crate::domain::{groups, loyalty, orders, referral, reports};
    use crate::engine::sender::compose;
    use crate::engine::sender::tests::message as any_message;
    use crate::render::Words;

    fn message(seq: i64, reply: Reply) -> UnfinishedMessage {
        UnfinishedMessage { private: true, ..any_message(seq, reply) }
    }

    fn queue(rows: impl IntoIterator<Item = UnfinishedMessage>) -> ChatQueue {
        let mut queue = ChatQueue::new("group", Instant::now(), true);
        rows.into_iter().for_each(|row| queue.push(row));
        queue
    }

    /// So many are told at midnight that commission came due, where nobody can be told alone.
    fn midnight(count: i64) -> ChatQueue {
        queue((1..=count).map(|seq| {
            let amount = Money::from_minor(239);
            let mut row = message(
                seq,
                Reply::Referral(referral::Reply::CommissionAvailable { amount, orders: 1 }),
            );
            assert!(row.say_before_others());
            row
        }))
    }

    fn places(load: &Load) -> Vec<i64> {
        load.rows().map(|row| row.place.event.seq).collect()
    }

    fn next(queue: &mut ChatQueue, merge: bool) -> Vec<i64> {
        queue.next(merge, |_| true).map(|load| places(&load)).unwrap_or_default()
    }

    #[test]
    fn what_was_done_goes_before_notices_and_these_before_questions() {
        let mut queue = midnight(300);
        queue.push(message(
            301,
            Reply::Groups(groups::Reply::Help { rooms: Vec::new(), leaders: Vec::new() }),
        ));
        queue.push(message(302, Reply::Loyalty(loyalty::Reply::ShareSeen)));
        queue.push(message(303, Reply::Loyalty(loyalty::Reply::ShareSeen)));
        assert_eq!(next(&mut queue, false), [302]);
        assert_eq!(next(&mut queue, true)[..3], [303, 1, 2]);
        assert_eq!(queue.urgency(), Some(Urgency::Notice));
        assert_eq!(next(&mut queue, false), [100]);
    }

    #[test]
    fn hundreds_of_notices_are_a_few_messages() {
        let (words, mut queue) = (Words::new(), midnight(300));
        let mut sends = 0;
        while let Some(load) = queue.next(true, |_| true) {
            let said = compose::text(&words, &load);
            assert!(said.ends_with("有佣金可以提现了，发「提现」即可 💰"), "{said}");
            assert_eq!(said.matches("有佣金").count(), 1, "said once to all of them");
            sends += 1;
        }
        assert_eq!(sends, 3);
    }

    #[test]
    fn what_does_not_fit_waits_in_the_order_in_which_it_came() {
        let mut queue =
            queue((1..=50).map(|seq| message(seq, Reply::Loyalty(loyalty::Reply::ShareSeen))));
        let mut seen = Vec::new();
        while let Some(load) = queue.next(true, |load| load.rows().count() <= 7) {
            assert!(load.rows().count() <= 7);
            seen.extend(places(&load));
        }
        assert_eq!(seen, (1..=50).collect::<Vec<_>>());
    }

    #[test]
    fn a_digest_has_something_for_everybody_before_more_for_one_and_counts_the_rest() {
        let words = Words::new();
        let of = |seq, who: &str| {
            let mut row = message(seq, Reply::Loyalty(loyalty::Reply::ShareSeen));
            (row.to, row.private) = (Some((who.to_owned(), who.to_owned())), false);
            row
        };
        let mut rows: Vec<_> = (1..=200).map(|seq| of(seq, "小美")).collect();
        rows.push(of(201, "阿强"));
        let load = queue(rows).next(true, |_| true).unwrap();
        let shown: Vec<_> = load.lines().iter().map(|it| it.0.place.event.seq).collect();
        assert_eq!(shown, [198, 201, 199, 200]);
        let mut all = places(&load);
        all.sort_unstable();
        assert_eq!(all, (1..=201).collect::<Vec<_>>(), "all are carried");
        let text = compose::text(&words, &load);
        assert!(text.starts_with("已处理 201 条") && text.contains("另有 197 条"), "{text}");
    }

    #[test]
    fn what_was_asked_in_confidence_is_told_to_no_group() {
        let mut asked = message(1, Reply::Orders(orders::Reply::MyOrders { orders: Vec::new() }));
        assert!(!asked.say_before_others() && asked.private && !asked.before_others);
        let mut answered = UnfinishedMessage { private: false, ..asked };
        assert!(answered.say_before_others(), "asked in the group, it is answered there");
    }

    #[test]
    fn a_post_is_a_message_of_its_own() {
        let closed = Reply::Reports(reports::Reply::PickList {
            items: Vec::new(),
            members: Vec::new(),
            beyond: 0,
            from: 0,
            paged: false,
        });
        let rows = [
            message(1, Reply::Loyalty(loyalty::Reply::ShareSeen)),
            message(2, closed),
            message(3, Reply::Loyalty(loyalty::Reply::ShareSeen)),
        ];
        let mut queue = queue(rows);
        let sends: Vec<_> = (0..3).map(|_| next(&mut queue, true)).collect();
        assert_eq!(sends, [[1], [2], [3]]);
    }
}
