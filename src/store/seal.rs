//! Sealing (加密) of personal data at rest: AES-256-GCM with a fresh nonce, bound to the place where it stands.
//!
//! A sealed value is `1 ‖ key's id ‖ nonce ‖ ciphertext ‖ tag`. The newest data key seals, all that are given
//! open. Before there were ids, a value was `nonce ‖ ciphertext ‖ tag`, bound to nothing: such values open only
//! until `tuan rekey` has been through all of them. Which keys a database is sealed with is written down in it
//! (`store::data_key`). Whoever loses the key loses texts, names of receivers and addresses, but not the books.

pub(crate) mod cell;
mod nonces;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::StoreError;

use nonces::NonceStock;

pub use cell::{COLUMNS, SealedCell, SealedColumn};

/// How a value begins that bears a key's id.
const FORMAT: u8 = 1;

/// Format, and the key's id.
const PREFIX_LEN: usize = 1 + 4;

/// Prefix and nonce.
const HEAD_LEN: usize = PREFIX_LEN + NONCE_LEN;

/// A key drawn by lot has about thirty different bytes of its 32; fewer than these were typed by somebody.
const DIFFERENT_BYTES_MIN: usize = 12;

/// Names a data key and tells nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    fn of(key: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"tuan data key\0");
        context.update(key);
        let digest = context.finish();
        let mut id = [0; 4];
        id.copy_from_slice(&digest.as_ref()[..4]);
        Self(id)
    }

    /// As it is stored.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        u32::try_from(number).ok().map(|number| Self(number.to_be_bytes()))
    }

    /// As it is stored.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from_be_bytes(self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Seals with the newest key, and opens with all.
pub struct Seal {
    /// The newest first.
    keys: Vec<SealingKey>,
    opens_old: AtomicBool,
    nonces: NonceStock,
}

struct SealingKey {
    id: KeyId,
    key: LessSafeKey,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(…)")
    }
}

/// What is wrong with a data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It is not 64 hexadecimal digits.
    #[error("the data key must be 64 hexadecimal digits (make one with `openssl rand -hex 32`)")]
    NotDigits,
    /// It was not drawn by lot.
    #[error(
        "the data key repeats itself and can be guessed: make one with `openssl rand -hex 32`. If values are \
         sealed with this one, put the new key first, this one into TUAN_DATA_KEYS_OLD, and run `tuan rekey`"
    )]
    Weak,
}

impl Seal {
    /// A seal with this key alone, in hexadecimal digits.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn new(key: &str) -> Result<Self, BadKey> {
        Self::of(key, &[])
    }

    /// A seal with this key, which also opens what was sealed with older ones, given from the newest to the
    /// oldest. Only what is to seal must be hard to guess.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn of(newest: &str, older: &[&str]) -> Result<Self, BadKey> {
        let bytes = key_bytes(newest.trim()).ok_or(BadKey::NotDigits)?;
        if is_weak(&bytes) {
            return Err(BadKey::Weak);
        }
        let mut keys = vec![SealingKey::of(&bytes)?];
        for older in older {
            let key = SealingKey::of(&key_bytes(older.trim()).ok_or(BadKey::NotDigits)?)?;
            if keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        Ok(Self { keys, opens_old: AtomicBool::new(false), nonces: NonceStock::new() })
    }

    /// A fresh key, in hexadecimal digits.
    #[must_use]
    pub fn fresh_key() -> String {
        random_hex(32)
    }

    /// The key that seals.
    #[must_use]
    pub fn newest(&self) -> KeyId {
        self.keys[0].id
    }

    /// All keys, the newest first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(|key| key.id)
    }

    /// Whether values without a key's id open, too.
    #[must_use]
    pub fn opens_old(&self) -> bool {
        self.opens_old.load(Ordering::Relaxed)
    }

    /// Open values without a key's id, or do not: the database says whether any are left.
    pub(crate) fn set_opens_old(&self, opens_old: bool) {
        self.opens_old.store(opens_old, Ordering::Relaxed);
    }

    /// How every value begins that the newest key sealed.
    pub(crate) fn prefix(&self) -> [u8; PREFIX_LEN] {
        prefix(self.newest())
    }

    /// Seal a value for its place.
    ///
    /// # Panics
    /// When the system has no randomness, or the value is no JSON: neither can be mended here.
    #[must_use]
    pub fn close<T: Serialize + ?Sized>(&self, cell: &SealedCell<'_>, value: &T) -> Vec<u8> {
        self.close_with(&self.keys[0], cell, |sealed| {
            serde_json::to_writer(sealed, value).expect("domain values are plain JSON");
        })
    }

    fn close_with(
        &self,
        key: &SealingKey,
        cell: &SealedCell<'_>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Vec<u8> {
        let nonce = self.nonces.take();
        let mut sealed = Vec::with_capacity(256);
        sealed.extend_from_slice(&prefix(key.id));
        sealed.extend_from_slice(&nonce);
        write(&mut sealed);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(cell.bound()), &mut sealed[HEAD_LEN..])
            .expect("a message is far below the cipher's limit");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Open what [`Self::close`] sealed for this place.
    ///
    /// # Errors
    /// [`StoreError::Poison`] when it was sealed with another key or for another place, or altered.
    pub fn open<T: DeserializeOwned>(
        &self,
        cell: &SealedCell<'_>,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        let plain = self.open_bytes(cell, sealed).ok_or_else(|| self.why_not(sealed))?;
        serde_json::from_slice(&plain)
            .map_err(|_| StoreError::inconsistent("a sealed value is not what its column holds"))
    }

    /// The same value as the newest key seals it, and whether that is what it is already; `None` if it does not
    /// open.
    pub(crate) fn renew(&self, cell: &SealedCell<'_>, sealed: &[u8]) -> Option<Renewed> {
        if sealed.starts_with(&self.prefix()) && self.keys[0].open(cell, sealed).is_some() {
            return Some(Renewed::AsItIs);
        }
        let plain = self.open_bytes(cell, sealed)?;
        let write = |sealed: &mut Vec<u8>| sealed.extend_from_slice(&plain);
        Some(Renewed::Anew(self.close_with(&self.keys[0], cell, write)))
    }

    /// A check value, sealed with one of our keys.
    pub(crate) fn close_check<T: Serialize>(&self, id: KeyId, value: &T) -> Option<Vec<u8>> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        Some(self.close_with(key, &SealedCell::check(id), |sealed| {
            serde_json::to_writer(sealed, value).expect("a check value is plain JSON");
        }))
    }

    /// Whether a value opens, and how.
    pub(crate) fn opened(&self, cell: &SealedCell<'_>, sealed: &[u8]) -> Option<Opened> {
        if self.open_bound(cell, sealed).is_some() {
            return Some(Opened::Bound);
        }
        self.open_old(sealed).map(|_| Opened::Old)
    }

    fn open_bytes(&self, cell: &SealedCell<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        // A nonce may begin as a key's id does.
        self.open_bound(cell, sealed).or_else(|| self.open_old(sealed))
    }

    fn open_bound(&self, cell: &SealedCell<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        let bearing = self.keys.iter().find(|key| sealed.starts_with(&prefix(key.id)));
        bearing?.open(cell, sealed)
    }

    fn open_old(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let opens_old = self.opens_old();
        self.keys.iter().filter(|_| opens_old).find_map(|key| key.open_old(sealed))
    }

    fn why_not(&self, sealed: &[u8]) -> StoreError {
        let id = match sealed {
            [FORMAT, a, b, c, d, ..] => KeyId([*a, *b, *c, *d]),
            _ if self.opens_old() => {
                return StoreError::inconsistent(
                    "a sealed value does not open with these data keys",
                );
            }
            _ => {
                return StoreError::inconsistent(
                    "a sealed value bears no key's id; such values open no more since `tuan rekey`",
                );
            }
        };
        StoreError::inconsistent(if self.ids().any(|known| known == id) {
            "a sealed value was altered, or belongs elsewhere".to_owned()
        } else {
            format!("a sealed value needs the data key {id}, which was not given")
        })
    }
}

/// How a value opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// In its place, by the key whose id it bears.
    Bound,
    /// It bears no key's id.
    Old,
}

/// A value beside what the newest key makes of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Renewed {
    /// The newest key sealed it.
    AsItIs,
    /// Sealed by the newest key.
    Anew(Vec<u8>),
}

impl SealingKey {
    fn of(bytes: &[u8]) -> Result<Self, BadKey> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| BadKey::NotDigits)?;
        Ok(Self { id: KeyId::of(bytes), key: LessSafeKey::new(key) })
    }

    fn open(&self, cell: &SealedCell<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        self.decrypt(Aad::from(&cell.bound()), sealed.get(PREFIX_LEN..)?)
    }

    fn open_old(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        self.decrypt(Aad::from(&Vec::new()), sealed)
    }

    fn decrypt(&self, bound: Aad<&Vec<u8>>, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = rest.to_vec();
        let length = self.key.open_in_place(nonce, bound, &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

fn prefix(id: KeyId) -> [u8; PREFIX_LEN] {
    let [a, b, c, d] = id.0;
    [FORMAT, a, b, c, d]
}

/// Zeros, a byte repeated, a pattern.
fn is_weak(key: &[u8]) -> bool {
    let mut bytes = key.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len() < DIFFERENT_BYTES_MIN
}

/// So many random bytes, as hexadecimal digits.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn random_hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random).expect("the system gives randomness");
    hex::encode(random)
}

/// The bytes of a key that is written as 64 hexadecimal digits.
fn key_bytes(digits: &str) -> Option<Vec<u8>> {
    hex::decode(digits).ok().filter(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AccountId, CommunityId, MemberId, OrderId};

    const PLACE: (CommunityId, MemberId) = (CommunityId(7), MemberId(3));

    fn cell() -> SealedCell<'static> {
        SealedCell::member_private(PLACE.0, PLACE.1)
    }

    /// A value as it was sealed before values bore a key's id.
    fn close_as_before(key: &str, nonce: [u8; NONCE_LEN], value: &str) -> Vec<u8> {
        let key = SealingKey::of(&key_bytes(key).unwrap()).unwrap().key;
        let mut sealed = nonce.to_vec();
        sealed.extend(serde_json::to_vec(value).unwrap());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut sealed[NONCE_LEN..]);
        sealed.extend_from_slice(tag.unwrap().as_ref());
        sealed
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_only() {
        let key = Seal::fresh_key();
        let sealed = Seal::new(&key).unwrap().close(&cell(), "中山路 1 号");
        assert!(!sealed.windows(3).any(|window| window == "中".as_bytes()));
        assert_eq!(
            Seal::new(&key).unwrap().open::<String>(&cell(), &sealed).unwrap(),
            "中山路 1 号"
        );
        let other = Seal::new(&Seal::fresh_key()).unwrap();
        let why = other.open::<String>(&cell(), &sealed).unwrap_err().to_string();
        assert!(why.contains(&Seal::new(&key).unwrap().newest().to_string()), "{why}");
        assert!(other.open::<String>(&cell(), &[1, 2, 3]).is_err());
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let seal = Seal::new(&Seal::fresh_key()).unwrap();
        let sealed = seal.close(&cell(), "中山路 1 号");
        let elsewhere = [
            SealedCell::question(PLACE.0, PLACE.1),
            SealedCell::erased_person(PLACE.0, PLACE.1),
            SealedCell::member_private(CommunityId(8), PLACE.1),
            SealedCell::member_private(PLACE.0, MemberId(4)),
            SealedCell::order_private(PLACE.0, OrderId(3)),
        ];
        for place in elsewhere {
            assert!(seal.open::<String>(&place, &sealed).is_err(), "{place:?}");
        }
        let inbox = |account, key| SealedCell::inbox_body(PLACE.0, AccountId(account), key);
        let sealed = seal.close(&inbox(1, "m:12"), "hello");
        assert!(seal.open::<String>(&inbox(1, "m:12"), &sealed).is_ok());
        for place in [inbox(1, "m:1"), inbox(1, "m:123"), inbox(2, "m:12"), inbox(1, "")] {
            assert!(seal.open::<String>(&place, &sealed).is_err(), "{place:?}");
        }
    }

    #[test]
    fn the_newest_key_seals_and_all_open() {
        let (old, new) = (Seal::fresh_key(), Seal::fresh_key());
        let before = Seal::new(&old).unwrap().close(&cell(), "x");
        let both = Seal::of(&new, &[&old]).unwrap();
        assert_eq!(both.open::<String>(&cell(), &before).unwrap(), "x");
        let Some(Renewed::Anew(after)) = both.renew(&cell(), &before) else {
            panic!("an older key's value is sealed anew")
        };
        assert_eq!(Seal::new(&new).unwrap().open::<String>(&cell(), &after).unwrap(), "x");
        assert_eq!(both.renew(&cell(), &after), Some(Renewed::AsItIs));
        assert_eq!(both.renew(&SealedCell::question(PLACE.0, PLACE.1), &before), None);
        assert_eq!(both.renew(&SealedCell::question(PLACE.0, PLACE.1), &after), None);
    }

    #[test]
    fn values_without_a_keys_id_open_as_long_as_the_database_says_so() {
        let (old, new) = (Seal::fresh_key(), Seal::fresh_key());
        let before = close_as_before(&old, [7; NONCE_LEN], "x");
        let seal = Seal::of(&new, &[&old]).unwrap();
        assert!(seal.open::<String>(&cell(), &before).is_err());
        seal.set_opens_old(true);
        assert_eq!(seal.open::<String>(&cell(), &before).unwrap(), "x");
        assert!(matches!(seal.renew(&cell(), &before), Some(Renewed::Anew(_))));
        seal.set_opens_old(false);
        let why = seal.open::<String>(&cell(), &before).unwrap_err().to_string();
        assert!(why.contains("rekey"), "{why}");
    }

    #[test]
    fn a_value_whose_nonce_begins_as_a_keys_id_opens_as_well() {
        let key = Seal::fresh_key();
        let seal = Seal::new(&key).unwrap();
        seal.set_opens_old(true);
        let mut nonce = [7; NONCE_LEN];
        nonce[..PREFIX_LEN].copy_from_slice(&seal.prefix());
        let sealed = close_as_before(&key, nonce, "x");
        assert_eq!(seal.open::<String>(&cell(), &sealed).unwrap(), "x");
        assert!(matches!(seal.renew(&cell(), &sealed), Some(Renewed::Anew(_))));
    }

    #[test]
    fn a_key_is_64_digits_drawn_by_lot() {
        let no = |key: &str| Seal::new(key).map(|_| ()).unwrap_err();
        assert_eq!(no("abc"), BadKey::NotDigits);
        assert_eq!(no(&"g".repeat(64)), BadKey::NotDigits);
        assert_eq!(no(&Seal::fresh_key()[..62]), BadKey::NotDigits);
        for weak in ["00", "ff", "5a", "0123456789abcdef", "deadbeef"] {
            assert_eq!(no(&weak.repeat(64 / weak.len())), BadKey::Weak, "{weak}");
        }
        // What was sealed with such a key is still to be moved.
        assert!(Seal::of(&Seal::fresh_key(), &[&"00".repeat(32)]).is_ok());
        for _ in 0..1_000 {
            assert!(Seal::new(&Seal::fresh_key()).is_ok());
        }
    }

    #[test]
    fn a_keys_id_is_stored_as_a_number() {
        let id = Seal::new(&Seal::fresh_key()).unwrap().newest();
        assert_eq!(KeyId::from_number(i64::from(id.number())), Some(id));
        assert_eq!(KeyId::from_number(-1), None);
    }
}
