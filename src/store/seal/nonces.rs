//! Nonces in stock: the system is asked for many at a time, for asking takes longer than sealing.

use std::sync::{Mutex, PoisonError};

use ring::aead::NONCE_LEN;
use ring::rand::{SecureRandom, SystemRandom};

/// So many at a time.
const MANY: usize = 256;

/// Random nonces, each given once.
#[derive(Debug)]
pub(super) struct NonceStock {
    random: SystemRandom,
    left: Mutex<Vec<[u8; NONCE_LEN]>>,
}

impl NonceStock {
    pub(super) fn new() -> Self {
        Self { random: SystemRandom::new(), left: Mutex::new(Vec::new()) }
    }

    /// One that nobody had.
    ///
    /// # Panics
    /// When the system has no randomness.
    pub(super) fn take(&self) -> [u8; NONCE_LEN] {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nonce) = left.pop() {
            return nonce;
        }
        let mut drawn = [0; MANY * NONCE_LEN];
        self.random.fill(&mut drawn).expect("the system gives randomness");
        let (nonces, _) = drawn.as_chunks::<NONCE_LEN>();
        left.extend_from_slice(&nonces[1..]);
        nonces[0]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_nonce_is_given_twice() {
        let stock = NonceStock::new();
        let given: HashSet<_> = (0..4 * MANY).map(|_| stock.take()).collect();
        assert_eq!(given.len(), 4 * MANY);
    }
}
