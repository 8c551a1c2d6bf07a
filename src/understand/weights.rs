//! The weights of the judge: one binary file, learnt by `tuan understand train` and compiled in.
//!
//! ```text
//! file := "TUANREAD" stamp:u64 words:u32 structure:u32 row* (feature:u32 i16)*
//! row  := word:u32 count:u8 (purpose:u8 i8) × count
//! ```
//!
//! Little endian; words and features ascend. The stamp tells which features and which sittings it was learnt
//! from: a test compares it. All weights are in units of [`FINENESS`].

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

use super::purposes::COUNT;
use super::trie::Mix;

const MAGIC: &[u8] = b"TUANREAD";
/// The weights as learnt.
const FILE: &[u8] = include_bytes!("weights.bin");
/// How many units of a stored weight make one point of score.
pub const FINENESS: i64 = 128;

type FeaturePlaces = HashMap<u32, u32, BuildHasherDefault<Mix>>;

/// Weights ready for use.
#[derive(Debug, Default)]
pub struct Weights {
    /// Which features and sittings they were learnt from.
    stamp: u64,
    rows: FeaturePlaces,
    words: Vec<[i8; COUNT]>,
    structure: HashMap<u32, i16, BuildHasherDefault<Mix>>,
}

/// The weights that are compiled in.
pub static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::read(FILE).unwrap_or_default());

/// What the weights were learnt from.
#[must_use]
pub fn stamp() -> u64 {
    WEIGHTS.stamp
}

impl Weights {
    /// Read a file of weights; `None` if it is none.
    #[must_use]
    pub fn read(file: &[u8]) -> Option<Self> {
        let mut rest = Rest(file.strip_prefix(MAGIC)?);
        let stamp = u64::from_le_bytes(rest.take()?);
        let (words, features) = (rest.number()?, rest.number()?);
        let mut all = Self { stamp, ..Self::default() };
        for n in 0..words {
            all.rows.insert(rest.number()?, n);
            all.words.push(rest.row()?);
        }
        for _ in 0..features {
            let feature = rest.number()?;
            all.structure.insert(feature, i16::from_le_bytes(rest.take()?));
        }
        rest.0.is_empty().then_some(all)
    }

    /// What the words of a message say for each purpose.
    pub(super) fn of_words(&self, words: &[u32]) -> [i64; COUNT] {
        let mut sums = [0_i32; COUNT];
        for word in words {
            let Some(row) = self.rows.get(word) else { continue };
            let Some(row) = usize::try_from(*row).ok().and_then(|n| self.words.get(n)) else {
                continue;
            };
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += i32::from(*weight);
            }
        }
        sums.map(i64::from)
    }

    /// What the structure of a reading says for it.
    pub(super) fn of_structure(&self, structure: &[u32]) -> i64 {
        structure.iter().filter_map(|f| self.structure.get(f)).map(|&w| i64::from(w)).sum()
    }
}

/// What is left of a file.
struct Rest<'f>(&'f [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn row(&mut self) -> Option<[i8; COUNT]> {
        let mut row = [0; COUNT];
        let [count] = self.take()?;
        for _ in 0..count {
            let [purpose, weight] = self.take()?;
            *row.get_mut(usize::from(purpose))? = weight.cast_signed();
        }
        Some(row)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

/// A file of these weights, for [`Weights::read`].
#[must_use]
pub fn write(stamp: u64, words: &[(u32, [i8; COUNT])], structure: &[(u32, i16)]) -> Vec<u8> {
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    let mut file = MAGIC.to_vec();
    file.extend(stamp.to_le_bytes());
    file.extend(count(words.len()));
    file.extend(count(structure.len()));
    for (word, row) in words {
        file.extend(word.to_le_bytes());
        let told = (0_u8..).zip(row).filter(|(_, weight)| **weight != 0);
        file.push(u8::try_from(told.clone().count()).unwrap_or(u8::MAX));
        told.for_each(|(purpose, weight)| file.extend([purpose, weight.cast_unsigned()]));
    }
    for (feature, weight) in structure {
        file.extend(feature.to_le_bytes());
        file.extend(weight.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let mut row = [0; COUNT];
        (row[0], row[3]) = (-5, 7);
        let file = write(9, &[(4, row), (8, [1; COUNT])], &[(2, -300)]);
        let weights = Weights::read(&file).unwrap();
        assert_eq!(weights.stamp, 9);
        let sums = weights.of_words(&[4, 8, 9]);
        assert_eq!((sums[0], sums[1], sums[3]), (-4, 1, 8));
        assert_eq!(weights.of_structure(&[2, 3]), -300);
        assert!(Weights::read(&file[1..]).is_none() && Weights::read(&file[..30]).is_none());
    }
}
