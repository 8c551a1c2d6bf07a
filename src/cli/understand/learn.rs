//! Learning (学): weights from messages whose right readings are known.
//!
//! A log-linear model over the readings of each message: the right ones together are to be likely. A wrong
//! reading that would change orders counts as likelier than it is, where nothing may be recorded by more, so
//! that costly mistakes keep a distance. Steps shrink weight by weight with what was learnt there (`AdaGrad`). A
//! fixed order and plain arithmetic: the same samples give the same weights.

/// A message with its readings and which of them are right.
#[derive(Default)]
pub(super) struct Sample {
    /// Features of its words.
    pub(super) words: Vec<u32>,
    /// Its readings.
    pub(super) readings: Vec<SampleReading>,
    /// Nothing may be recorded.
    pub(super) idle: bool,
}

/// A reading of a sample.
#[expect(clippy::struct_excessive_bools, reason = "independent observations of one reading")]
pub(super) struct SampleReading {
    /// The place of its purpose.
    pub(super) purpose: usize,
    /// Features of its structure.
    pub(super) structure: Vec<u32>,
    /// It would do.
    pub(super) right: bool,
    /// It is what the label names.
    pub(super) meant: bool,
    /// It would change orders.
    pub(super) records: bool,
    /// It would ask back.
    pub(super) asks: bool,
}

/// Sizes of the tables.
#[derive(Clone, Copy)]
pub(super) struct TableSizes {
    /// Rows of words.
    pub(super) words: usize,
    /// Purposes, each a column of the words.
    pub(super) purposes: usize,
    /// Weights of structure.
    pub(super) structure: usize,
}

/// Weights as they are learnt.
pub(super) struct WeightTable {
    shape: TableSizes,
    /// Words by purposes, then structure.
    weights: Vec<f32>,
    /// Squared steps so far, weight by weight.
    steps: Vec<f32>,
}

/// So many weights make one point of score in [`WeightTable::weights`].
const UNIT: f32 = 65_536.0;
const ROUNDS: usize = 10;
const RATE: f32 = 0.05;
/// What a first step is divided by, squared.
const CALM: f32 = 0.01;
/// Below this share a reading teaches nothing.
const LITTLE: f32 = 0.000_1;
/// A right reading that is not what the label names counts for so much.
const BESIDE: f32 = 0.15;
/// How much likelier a wrong reading counts that changes orders: where nothing may be recorded, and elsewhere.
const COST: [f32; 2] = [1.5, 0.7];

impl WeightTable {
    fn new(shape: TableSizes) -> Self {
        let size = shape.words * shape.purposes + shape.structure;
        Self { shape, weights: vec![0.0; size], steps: vec![CALM; size] }
    }

    fn step(&mut self, place: usize, slope: f32) {
        let steps = &mut self.steps[place];
        *steps += slope * slope;
        self.weights[place] -= RATE * slope / steps.sqrt();
    }

    /// The scores of all readings of a message.
    fn scores(&self, sample: &Sample) -> Vec<f32> {
        let mut purposes = vec![0.0; self.shape.purposes];
        for &word in &sample.words {
            let from = place(word) * self.shape.purposes;
            let row = &self.weights[from..from + self.shape.purposes];
            purposes.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight);
        }
        let base = self.shape.words * self.shape.purposes;
        let structure = |choice: &SampleReading| -> f32 {
            choice.structure.iter().map(|&feature| self.weights[base + place(feature)]).sum()
        };
        sample.readings.iter().map(|choice| purposes[choice.purpose] + structure(choice)).collect()
    }

    /// Move what a message teaches.
    fn correct(&mut self, sample: &Sample) {
        let Some(slopes) = slopes(sample, self.scores(sample)) else { return };
        let base = self.shape.words * self.shape.purposes;
        let mut purposes = vec![0.0; self.shape.purposes];
        for (choice, slope) in sample.readings.iter().zip(slopes) {
            if slope.abs() < LITTLE {
                continue;
            }
            purposes[choice.purpose] += slope;
            for &feature in &choice.structure {
                self.step(base + place(feature), slope);
            }
        }
        for (purpose, slope) in purposes.into_iter().enumerate() {
            if slope.abs() < LITTLE {
                continue;
            }
            for &word in &sample.words {
                self.step(place(word) * self.shape.purposes + purpose, slope);
            }
        }
    }

    /// All weights in whole numbers: words by purposes, then structure.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a weight is a few points; `as` saturates")]
    pub(super) fn weights(&self) -> Vec<i32> {
        self.weights.iter().map(|weight| (weight * UNIT).round() as i32).collect()
    }
}

fn place(feature: u32) -> usize {
    usize::try_from(feature).unwrap_or(usize::MAX)
}

/// How far each reading is likelier than it should be; `None` where there is nothing to learn.
fn slopes(sample: &Sample, mut scores: Vec<f32>) -> Option<Vec<f32>> {
    let known = sample.readings.iter().any(|choice| choice.right);
    let meant = sample.readings.iter().any(|choice| choice.meant);
    let worth = |choice: &SampleReading| match (known, choice.right, choice.asks) {
        // What cannot be read is asked at best.
        (false, _, true) => 1.0,
        (true, true, _) if choice.meant || !meant => 1.0,
        (true, true, _) => BESIDE,
        _ => 0.0,
    };
    for (choice, score) in sample.readings.iter().zip(&mut scores) {
        if choice.records && worth(choice) <= 0.0 {
            *score += COST[usize::from(!sample.idle)];
        }
    }
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let likely: Vec<f32> = scores.iter().map(|score| exp(score - top)).collect();
    let all: f32 = likely.iter().sum();
    let good = || sample.readings.iter().zip(&likely).map(|(it, share)| worth(it) * share);
    let right: f32 = good().sum();
    (right > 0.0).then(|| likely.iter().zip(good()).map(|(l, g)| l / all - g / right).collect())
}

/// e to the power of `x`, at most 1: by plain arithmetic, the same on every machine.
fn exp(x: f32) -> f32 {
    const TERMS: [f32; 6] = [1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0];
    if x < -40.0 {
        return 0.0;
    }
    // (e^(x/64))^64
    let small = x / 64.0;
    let mut all = TERMS.iter().rev().fold(0.0, |sum, term| sum * small + term);
    for _ in 0..6 {
        all *= all;
    }
    all
}

/// Learn from these samples.
#[must_use]
pub(super) fn learn(samples: &[&Sample], shape: TableSizes) -> WeightTable {
    let mut table = WeightTable::new(shape);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..ROUNDS {
        for n in (1..order.len()).rev() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let below = u64::try_from(n).unwrap_or(0) + 1;
            order.swap(n, usize::try_from(seed % below).unwrap_or(0));
        }
        for &n in &order {
            table.correct(samples[n]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_e() {
        for x in [-0.0_f32, -0.5, -1.0, -5.0, -20.0] {
            assert!((exp(x) / x.exp() - 1.0).abs() < 0.001, "{x}");
        }
        assert!(exp(-50.0) <= 0.0);
    }

    #[test]
    fn what_tells_right_from_wrong_is_learnt() {
        let choice = |purpose: usize, right: bool| SampleReading {
            purpose,
            structure: vec![u32::try_from(purpose).unwrap()],
            right,
            meant: right,
            records: purpose == 1,
            asks: false,
        };
        let sample = |word: u32, order: bool| Sample {
            words: vec![word],
            readings: vec![choice(0, !order), choice(1, order)],
            idle: !order,
        };
        let samples = [sample(0, true), sample(1, false), sample(0, true), sample(1, false)];
        let shape = TableSizes { words: 2, purposes: 2, structure: 2 };
        let table = learn(&samples.iter().collect::<Vec<_>>(), shape);
        let ahead = |n: usize| {
            let s = table.scores(&samples[n]);
            s[1] > s[0]
        };
        assert!(ahead(0) && !ahead(1));
        assert_eq!(table.weights(), learn(&samples.iter().collect::<Vec<_>>(), shape).weights());
    }
}
