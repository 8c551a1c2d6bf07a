//! Pace: how fast a chat may be spoken to. A bucket of tokens for each chat, by the platform's declared
//! rate; a chat with tokens is answered at once, one without waits and is then given a digest.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Buckets of one account. Full buckets are forgotten, so their number is bounded by the rate.
#[derive(Debug)]
pub struct Pace {
    rate: Option<(u32, Duration)>,
    chats: HashMap<String, Bucket>,
    /// What the whole account may still send.
    account: Option<((u32, Duration), Bucket)>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: u32,
    /// When the tokens were counted; the next ones come from here.
    since: Instant,
    /// The platform asked to be left alone until then.
    paused: Option<Instant>,
    /// We leave it alone until then of ourselves, because nothing got through.
    rests: Option<Instant>,
}

impl Pace {
    /// A pace of so many messages in so long, for each chat and for all of them together.
    #[must_use]
    pub fn new(rate: Option<(u32, Duration)>, account: Option<(u32, Duration)>) -> Self {
        let full = |rate: (u32, Duration)| Bucket::full(rate.0, Instant::now());
        Self { rate, chats: HashMap::new(), account: account.map(|rate| (rate, full(rate))) }
    }

    /// How many messages the chat may be sent now.
    pub fn available(&mut self, chat: &str, now: Instant) -> usize {
        let of_account = self.account.as_mut().map_or(usize::MAX, |(rate, bucket)| {
            bucket.fill(*rate, now);
            usize::try_from(bucket.tokens).unwrap_or(0)
        });
        self.of_chat(chat, now).min(of_account)
    }

    fn of_chat(&mut self, chat: &str, now: Instant) -> usize {
        let Some(bucket) = self.chats.get_mut(chat) else {
            return self.rate.map_or(usize::MAX, |(most, _)| usize::try_from(most).unwrap_or(1));
        };
        if bucket.is_left_alone(now) {
            return 0;
        }
        (bucket.paused, bucket.rests) = (None, None);
        let Some(rate) = self.rate else { return usize::MAX };
        bucket.fill(rate, now);
        usize::try_from(bucket.tokens).unwrap_or(0)
    }

    /// Take one of the tokens that [`Self::available`] counted.
    pub fn take(&mut self, chat: &str, now: Instant) {
        if let Some((_, bucket)) = &mut self.account {
            bucket.tokens = bucket.tokens.saturating_sub(1);
        }
        let Some((most, _)) = self.rate else { return };
        let bucket = self.chats.entry(chat.to_owned()).or_insert(Bucket::full(most, now));
        bucket.tokens = bucket.tokens.saturating_sub(1);
    }

    /// Leave a chat alone for as long as the platform asks.
    pub fn pause(&mut self, chat: &str, until: Instant) {
        self.bucket(chat, until).paused = Some(until);
    }

    /// Leave a chat alone for a while because nothing got through, or until [`Self::resume`].
    pub fn rest(&mut self, chat: &str, until: Instant) {
        self.bucket(chat, until).rests = Some(until);
    }

    /// Things get through again: nobody rests any longer.
    pub fn resume(&mut self) {
        self.chats.values_mut().for_each(|bucket| bucket.rests = None);
    }

    fn bucket(&mut self, chat: &str, since: Instant) -> &mut Bucket {
        let most = self.rate.map_or(0, |(most, _)| most);
        self.chats.entry(chat.to_owned()).or_insert(Bucket::full(most, since))
    }

    /// Forget chats that may speak as if they never had.
    pub fn forget_idle(&mut self, now: Instant) {
        let rate = self.rate;
        self.chats.retain(|_, bucket| {
            let Some((most, every)) = rate else { return bucket.is_left_alone(now) };
            bucket.fill((most, every), now);
            bucket.tokens < most || bucket.is_left_alone(now)
        });
    }
}

impl Bucket {
    fn full(tokens: u32, since: Instant) -> Self {
        Self { tokens, since, paused: None, rests: None }
    }

    fn is_left_alone(&self, now: Instant) -> bool {
        self.paused.max(self.rests).is_some_and(|until| now < until)
    }

    /// Tokens come evenly: one each `every / most`.
    fn fill(&mut self, (most, every): (u32, Duration), now: Instant) {
        let each = every / most.max(1);
        let mut passed = now.saturating_duration_since(self.since);
        while self.tokens < most && passed >= each {
            self.tokens += 1;
            self.since += each;
            passed = passed.saturating_sub(each);
        }
        if self.tokens >= most {
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pace: &mut Pace, chat: &str, at: Instant, expected: usize) {
        assert_eq!(pace.available(chat, at), expected);
        for _ in 0..expected {
            pace.take(chat, at);
        }
    }

    #[test]
    fn a_chat_speaks_at_once_until_its_tokens_are_gone_and_then_evenly() {
        let start = Instant::now();
        let mut pace = Pace::new(Some((2, Duration::from_secs(2))), None);
        check(&mut pace, "a", start, 2);
        check(&mut pace, "a", start, 0);
        check(&mut pace, "b", start, 2); // one chat never stops another
        check(&mut pace, "a", start + Duration::from_millis(999), 0);
        check(&mut pace, "a", start + Duration::from_secs(1), 1);
        check(&mut pace, "a", start + Duration::from_secs(9), 2);
    }

    #[test]
    fn a_paused_chat_waits_though_it_has_tokens() {
        let start = Instant::now();
        let mut pace = Pace::new(Some((2, Duration::from_secs(2))), None);
        pace.pause("a", start + Duration::from_secs(5));
        check(&mut pace, "a", start + Duration::from_secs(4), 0);
        check(&mut pace, "a", start + Duration::from_secs(5), 2);
    }

    #[test]
    fn who_rests_speaks_when_things_get_through_again_and_who_is_paused_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(Some((2, Duration::from_secs(2))), None);
        pace.rest("a", start + Duration::from_secs(5));
        pace.pause("b", start + Duration::from_secs(5));
        pace.rest("b", start + Duration::from_secs(9));
        check(&mut pace, "a", start + Duration::from_secs(4), 0);
        pace.resume();
        check(&mut pace, "a", start + Duration::from_secs(4), 2);
        check(&mut pace, "b", start + Duration::from_secs(4), 0);
        check(&mut pace, "b", start + Duration::from_secs(5), 2);
    }

    #[test]
    fn all_chats_together_keep_the_accounts_rate() {
        let start = Instant::now();
        let each = Some((2, Duration::from_secs(2)));
        let mut pace = Pace::new(each, Some((3, Duration::from_secs(3))));
        check(&mut pace, "a", start, 2);
        check(&mut pace, "b", start, 1);
        check(&mut pace, "c", start, 0);
        check(&mut pace, "c", start + Duration::from_millis(1_100), 1);
    }
}
