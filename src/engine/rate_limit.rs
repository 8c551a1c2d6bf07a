//! Pace: how fast an account may speak, to each chat and in all. A chat with tokens is answered at once;
//! one without waits and is then given a digest. Everything that is said takes a token: each part of a long
//! text, each change of a post, each word to a stranger.
//!
//! What a platform allows is kept in *every* span of that length, not on average: a bucket holds a quarter of
//! it and is filled with the rest, so a burst and what follows it stay within the limit together. What was
//! said before this process began is not known, so buckets begin with one token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::ids::AccountId;
use crate::platform::Capabilities;

/// The part of what is allowed that may be said at once: one in so many.
const BURST: u32 = 4;

/// The paces of the accounts of one process; whoever speaks for an account shares its pace.
#[derive(Debug, Default)]
pub struct Paces(Mutex<HashMap<AccountId, Shared>>);

/// A pace that several share.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<RateLimiter>>);

/// Buckets of one account. Full buckets are forgotten, so their number is bounded by the rate.
#[derive(Debug)]
pub struct RateLimiter {
    rate: Option<TokenRate>,
    chats: HashMap<String, Bucket>,
    /// What the whole account may still send.
    account: Option<(TokenRate, Bucket)>,
    /// When it was made.
    begun: Instant,
}

/// Tokens that a bucket holds, and how long each takes to come.
#[derive(Clone, Copy, Debug)]
struct TokenRate {
    burst: u32,
    each: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Below zero after a crash: what may have been said twice is made up for.
    tokens: i64,
    /// When the tokens were counted; the next ones come from here.
    since: Instant,
    /// The platform asked to be left alone until then.
    paused: Option<Instant>,
    /// We leave it alone until then of ourselves, because nothing got through.
    rests: Option<Instant>,
}

/// The chat that a limit is for: a part of one, such as a topic, is `chat/part`.
#[must_use]
pub fn whole(chat: &str) -> &str {
    chat.split_once('/').map_or(chat, |(chat, _)| chat)
}

impl Paces {
    /// The pace of an account that can do this.
    pub fn of(&self, account: AccountId, able: &Capabilities) -> Shared {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = || RateLimiter::new(able.rate_per_chat, able.rate_per_account);
        all.entry(account).or_insert_with(|| Shared(Arc::new(Mutex::new(pace())))).clone()
    }
}

impl Shared {
    /// The pace, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, RateLimiter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenRate {
    /// The fastest that never exceeds so many in any span of so long.
    fn within(most: u32, every: Duration) -> Self {
        let burst = (most / BURST).max(1);
        // Where there is no burst, an even distance is all that is needed.
        let rest = if burst == 1 { most } else { most - burst };
        Self { burst, each: every / rest.max(1) }
    }
}

impl RateLimiter {
    /// A pace of so many messages in so long, for each chat and for all of them together.
    #[must_use]
    pub fn new(rate: Option<(u32, Duration)>, account: Option<(u32, Duration)>) -> Self {
        let begun = Instant::now();
        let account =
            account.map(|(most, every)| (TokenRate::within(most, every), Bucket::new(begun)));
        Self {
            rate: rate.map(|(most, every)| TokenRate::within(most, every)),
            chats: HashMap::new(),
            account,
            begun,
        }
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
        let (rate, begun) = (self.rate, self.begun);
        let Some(bucket) = self.chats.get_mut(chat) else {
            let Some(rate) = rate else { return usize::MAX };
            let mut bucket = Bucket::new(begun);
            bucket.fill(rate, now);
            return usize::try_from(bucket.tokens).unwrap_or(0);
        };
        if bucket.is_left_alone(now) {
            return 0;
        }
        (bucket.paused, bucket.rests) = (None, None);
        let Some(rate) = rate else { return usize::MAX };
        bucket.fill(rate, now);
        usize::try_from(bucket.tokens).unwrap_or(0)
    }

    /// Take so many of the tokens that [`Self::available`] counted, or more: then the chat is in debt.
    pub fn take(&mut self, chat: &str, count: usize, now: Instant) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if let Some((_, bucket)) = &mut self.account {
            bucket.tokens = bucket.tokens.saturating_sub(count);
        }
        let Some(rate) = self.rate else { return };
        let bucket = self.bucket(chat);
        bucket.fill(rate, now);
        bucket.tokens = bucket.tokens.saturating_sub(count);
    }

    /// Take a token that nobody of the shop will miss: the chat has one, and the account more than half of its
    /// own. Strangers get no others.
    pub fn take_spare(&mut self, chat: &str, now: Instant) -> bool {
        if self.available(chat, now) == 0 {
            return false;
        }
        let is_spare =
            |(rate, bucket): &(TokenRate, Bucket)| bucket.tokens * 2 > i64::from(rate.burst);
        if !self.account.as_ref().is_none_or(is_spare) {
            return false;
        }
        self.take(chat, 1, now);
        true
    }

    /// Leave a chat alone for as long as the platform asks.
    pub fn pause(&mut self, chat: &str, until: Instant) {
        self.bucket(chat).paused = Some(until);
    }

    /// Leave a chat alone for a while because nothing got through, or until [`Self::resume`].
    pub fn rest(&mut self, chat: &str, until: Instant) {
        self.bucket(chat).rests = Some(until);
    }

    /// Things get through again: nobody rests any longer.
    pub fn resume(&mut self) {
        self.chats.values_mut().for_each(|bucket| bucket.rests = None);
    }

    fn bucket(&mut self, chat: &str) -> &mut Bucket {
        self.chats.entry(chat.to_owned()).or_insert(Bucket::new(self.begun))
    }

    /// Forget chats that may speak as if they never had.
    pub fn forget_idle(&mut self, now: Instant) {
        let rate = self.rate;
        self.chats.retain(|_, bucket| {
            let Some(rate) = rate else { return bucket.is_left_alone(now) };
            bucket.fill(rate, now);
            bucket.tokens < i64::from(rate.burst) || bucket.is_left_alone(now)
        });
    }
}

impl Bucket {
    fn new(since: Instant) -> Self {
        Self { tokens: 1, since, paused: None, rests: None }
    }

    fn is_left_alone(&self, now: Instant) -> bool {
        self.paused.max(self.rests).is_some_and(|until| now < until)
    }

    /// Tokens come evenly.
    fn fill(&mut self, rate: TokenRate, now: Instant) {
        let most = i64::from(rate.burst);
        let mut passed = now.saturating_duration_since(self.since);
        while self.tokens < most && passed >= rate.each {
            self.tokens += 1;
            self.since += rate.each;
            passed = passed.saturating_sub(rate.each);
        }
        if self.tokens >= most {
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three at once, and nine more in the rest of twelve seconds; the first burst has come together.
    fn pace() -> (RateLimiter, Instant) {
        let pace = RateLimiter::new(Some((12, Duration::from_secs(12))), None);
        let now = pace.begun + Duration::from_mins(1);
        (pace, now)
    }

    #[track_caller]
    fn check(pace: &mut RateLimiter, chat: &str, at: Instant, expected: usize) {
        assert_eq!(pace.available(chat, at), expected);
        pace.take(chat, expected, at);
    }

    #[test]
    fn a_chat_speaks_at_once_until_its_tokens_are_gone_and_then_evenly() {
        let (mut pace, start) = pace();
        check(&mut pace, "a", start, 3);
        check(&mut pace, "a", start, 0);
        check(&mut pace, "b", start, 3); // one chat never stops another
        check(&mut pace, "a", start + Duration::from_millis(1_333), 0);
        check(&mut pace, "a", start + Duration::from_millis(1_334), 1);
        check(&mut pace, "a", start + Duration::from_secs(9), 3);
    }

    #[test]
    fn no_span_of_time_sees_more_than_the_platform_allows() {
        for (most, seconds) in [(1, 1), (2, 2), (3, 7), (5, 1), (20, 20), (20, 60), (30, 1)] {
            let every = Duration::from_secs(seconds);
            let mut pace = RateLimiter::new(Some((most, every)), None);
            let mut said: Vec<Instant> = Vec::new();
            for tick in 0..6_000_u32 {
                let now = pace.begun + Duration::from_millis(20) * tick;
                // Now and then it has nothing to say, so that bursts come at any time.
                if tick / 700 % 2 == 0 {
                    let count = pace.available("a", now);
                    pace.take("a", count, now);
                    said.extend(std::iter::repeat_n(now, count));
                }
            }
            assert!(said.len() > 20);
            for (nth, from) in said.iter().enumerate() {
                let within = said[nth..].iter().take_while(|at| **at < *from + every).count();
                assert!(within <= most as usize, "{within} of {most} in {seconds} s");
            }
        }
    }

    #[test]
    fn who_began_just_now_does_not_know_what_was_said_before() {
        let mut pace = RateLimiter::new(
            Some((20, Duration::from_secs(20))),
            Some((30, Duration::from_secs(30))),
        );
        let start = pace.begun;
        check(&mut pace, "a", start, 1);
        check(&mut pace, "a", start + Duration::from_millis(1_300), 0);
        check(&mut pace, "b", start + Duration::from_millis(1_350), 1);
    }

    #[test]
    fn a_debt_is_paid_before_anything_is_said() {
        let (mut pace, start) = pace();
        pace.take("a", 5, start);
        check(&mut pace, "a", start + Duration::from_secs(3), 0);
        check(&mut pace, "a", start + Duration::from_secs(4), 1);
    }

    #[test]
    fn strangers_get_what_the_shop_does_not_need() {
        let account = Some((16, Duration::from_secs(16)));
        let mut pace = RateLimiter::new(Some((8, Duration::from_secs(8))), account);
        let now = pace.begun + Duration::from_mins(1);
        let got = ["a", "b", "c", "d"].map(|chat| pace.take_spare(chat, now));
        assert_eq!(got, [true, true, false, false]);
        assert_eq!(pace.available("shop", now), 2);
    }

    #[test]
    fn a_paused_chat_waits_though_it_has_tokens() {
        let (mut pace, start) = pace();
        pace.pause("a", start + Duration::from_secs(5));
        check(&mut pace, "a", start + Duration::from_secs(4), 0);
        check(&mut pace, "a", start + Duration::from_secs(5), 3);
    }

    #[test]
    fn who_rests_speaks_when_things_get_through_again_and_who_is_paused_does_not() {
        let (mut pace, start) = pace();
        pace.rest("a", start + Duration::from_secs(5));
        pace.pause("b", start + Duration::from_secs(5));
        pace.rest("b", start + Duration::from_secs(9));
        check(&mut pace, "a", start + Duration::from_secs(4), 0);
        pace.resume();
        check(&mut pace, "a", start + Duration::from_secs(4), 3);
        check(&mut pace, "b", start + Duration::from_secs(4), 0);
        check(&mut pace, "b", start + Duration::from_secs(5), 3);
    }

    #[test]
    fn all_chats_together_keep_the_accounts_rate() {
        let each = Some((12, Duration::from_secs(12)));
        let mut pace = RateLimiter::new(each, Some((16, Duration::from_secs(12))));
        let start = pace.begun + Duration::from_mins(1);
        check(&mut pace, "a", start, 3);
        check(&mut pace, "b", start, 1);
        check(&mut pace, "c", start, 0);
        check(&mut pace, "c", start + Duration::from_millis(1_100), 1);
    }
}
