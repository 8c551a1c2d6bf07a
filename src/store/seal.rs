//! Sealing (加密) of personal data at rest: AES-256-GCM with a fresh nonce, `nonce ‖ ciphertext ‖ tag`.
//!
//! The key is `TUAN_DATA_KEY`, 64 hexadecimal digits; `demo` keeps one of its own beside its data.
//! Whoever loses the key loses texts, names of receivers and addresses, but not the books.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// Seals and opens.
pub struct Seal {
    key: LessSafeKey,
    random: SystemRandom,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

/// The key is not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("the data key must be 64 hexadecimal digits (for example from `openssl rand -hex 32`)")]
pub struct BadKey;

impl Seal {
    /// A seal with this key, in hexadecimal digits.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn new(hex: &str) -> Result<Self, BadKey> {
        let bytes = from_hex(hex.trim()).ok_or(BadKey)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| BadKey)?;
        Ok(Self { key: LessSafeKey::new(key), random: SystemRandom::new() })
    }

    /// A fresh key, in hexadecimal digits.
    #[must_use]
    pub fn fresh_key() -> String {
        random_hex(32)
    }

    /// Seal a value.
    ///
    /// # Panics
    /// When the system has no randomness, or the value is no JSON: neither can be mended here.
    #[must_use]
    pub fn close<T: Serialize + ?Sized>(&self, value: &T) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).expect("the system gives randomness");
        let mut sealed = nonce.to_vec();
        serde_json::to_writer(&mut sealed, value).expect("domain values are plain JSON");
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::empty(), &mut sealed[NONCE_LEN..])
            .expect("a message is far below the cipher's limit");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Open what [`Self::close`] sealed.
    ///
    /// # Errors
    /// [`StoreError::Poison`] when it was sealed with another key, or altered.
    pub fn open<T: DeserializeOwned>(&self, sealed: &[u8]) -> Result<T, StoreError> {
        let wrong = || StoreError::inconsistent("a sealed value does not open with this data key");
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut plain = rest.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::empty(), &mut plain).map_err(|_| wrong())?;
        serde_json::from_slice(plain).map_err(|_| wrong())
    }
}

/// So many random bytes, as hexadecimal digits.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn random_hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random).expect("the system gives randomness");
    to_hex(&random)
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    Some(digits.chunks(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_only() {
        let key = Seal::fresh_key();
        let sealed = Seal::new(&key).unwrap().close("中山路 1 号");
        assert!(!sealed.windows(3).any(|window| window == "中".as_bytes()));
        assert_eq!(Seal::new(&key).unwrap().open::<String>(&sealed).unwrap(), "中山路 1 号");
        let other = Seal::new(&Seal::fresh_key()).unwrap();
        assert!(other.open::<String>(&sealed).is_err());
        assert!(other.open::<String>(&[1, 2, 3]).is_err());
    }

    #[test]
    fn a_key_is_64_digits() {
        assert!(Seal::new("abc").is_err());
        assert!(Seal::new(&"g".repeat(64)).is_err());
    }
}
