//! Learning (学): weights from messages whose right readings are known.
//!
//! An averaged passive-aggressive perceptron over the readings of each message: whenever a wrong reading
//! comes within a margin of the best right one, weights move just so far that it does not any more. The
//! margin is wider the more a mistake would cost. Whole numbers throughout, a fixed order: the same samples
//! give the same weights, on every machine.

/// A message with its readings and which of them are right.
#[derive(Default)]
pub struct Sample {
    /// Features of its words.
    pub words: Vec<u32>,
    /// Its readings.
    pub readings: Vec<Choice>,
    /// Nothing may be recorded.
    pub idle: bool,
}

/// A reading of a sample.
#[expect(clippy::struct_excessive_bools, reason = "independent observations of one reading")]
pub struct Choice {
    /// The place of its purpose.
    pub purpose: usize,
    /// Features of its structure.
    pub structure: Vec<u32>,
    /// It would do.
    pub right: bool,
    /// It is what the label names.
    pub meant: bool,
    /// It would change orders.
    pub records: bool,
    /// It would ask back.
    pub asks: bool,
}

/// Sizes of the tables.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Rows of words.
    pub words: usize,
    /// Purposes, each a column of the words.
    pub purposes: usize,
    /// Weights of structure.
    pub structure: usize,
}

/// Weights as they are learnt.
pub struct Table {
    shape: Shape,
    /// Words by purposes, then structure.
    now: Vec<i32>,
    sum: Vec<i64>,
    step: i64,
}

/// One unit of score.
pub const UNIT: i64 = 1 << 16;
/// The furthest that one mistake moves a weight.
const CAP: i64 = UNIT / 200;
const ROUNDS: usize = 12;

impl Table {
    fn new(shape: Shape) -> Self {
        let size = shape.words * shape.purposes + shape.structure;
        Self { shape, now: vec![0; size], sum: vec![0; size], step: 1 }
    }

    fn add(&mut self, place: usize, by: i64) {
        self.now[place] = self.now[place].saturating_add(i32::try_from(by).unwrap_or(0));
        self.sum[place] += by * self.step;
    }

    fn shift(&mut self, sample: &Sample, choice: &Choice, by: i64) {
        for &word in &sample.words {
            self.add(place(word) * self.shape.purposes + choice.purpose, by);
        }
        let base = self.shape.words * self.shape.purposes;
        for &feature in &choice.structure {
            self.add(base + place(feature), by);
        }
    }

    /// The scores of all readings of a message.
    #[must_use]
    pub fn scores(&self, sample: &Sample) -> Vec<i64> {
        let mut acts = vec![0_i64; self.shape.purposes];
        for &word in &sample.words {
            let from = place(word) * self.shape.purposes;
            for (act, weight) in acts.iter_mut().zip(&self.now[from..from + self.shape.purposes]) {
                *act += i64::from(*weight);
            }
        }
        let base = self.shape.words * self.shape.purposes;
        let structure = |choice: &Choice| -> i64 {
            choice.structure.iter().map(|&f| i64::from(self.now[base + place(f)])).sum()
        };
        sample.readings.iter().map(|choice| acts[choice.purpose] + structure(choice)).collect()
    }

    /// The averages of all weights along the way.
    fn averaged(mut self) -> Self {
        for (now, sum) in self.now.iter_mut().zip(&self.sum) {
            *now = i32::try_from(i64::from(*now) - sum / self.step).unwrap_or(0);
        }
        self
    }

    /// All weights: words by purposes, then structure.
    #[must_use]
    pub fn weights(&self) -> &[i32] {
        &self.now
    }
}

fn place(feature: u32) -> usize {
    usize::try_from(feature).unwrap_or(usize::MAX)
}

/// What a wrong reading may not come near by, in units of score.
fn margin(sample: &Sample, choice: &Choice) -> i64 {
    match (choice.records, sample.idle, choice.asks) {
        (true, true, _) => 2 * UNIT,
        (true, false, _) => UNIT,
        (_, true, true) => UNIT,
        _ => UNIT,
    }
}

fn correct(table: &mut Table, sample: &Sample) {
    let scores = table.scores(sample);
    let right = |choice: &Choice| choice.right;
    let known = sample.readings.iter().any(right);
    // What cannot be read is asked at best.
    let good = |choice: &Choice| if known { choice.right } else { choice.asks };
    let any_meant = sample.readings.iter().any(|choice| choice.meant);
    let best = |test: &dyn Fn(&Choice) -> bool| {
        let fit = sample.readings.iter().zip(&scores).enumerate().filter(|(_, (c, _))| test(c));
        fit.max_by_key(|(n, (_, score))| (**score, usize::MAX - n)).map(|(n, _)| n)
    };
    let Some(top) = best(&good) else { return };
    let Some(target) = (if any_meant { best(&|c: &Choice| c.meant) } else { Some(top) }) else {
        return;
    };
    let wrong = sample.readings.iter().zip(&scores).enumerate().filter(|(_, (c, _))| !good(c));
    let near = |(choice, score): (&Choice, i64)| score + margin(sample, choice);
    let Some((rival, (choice, score))) =
        wrong.max_by_key(|(n, (c, s))| (near((c, **s)), usize::MAX - n))
    else {
        return;
    };
    let loss = near((choice, *score)) - scores[top];
    if loss <= 0 {
        return;
    }
    let (target, rival) = (&sample.readings[target], &sample.readings[rival]);
    let words = if target.purpose == rival.purpose { 0 } else { 2 * sample.words.len() };
    let norm = (words + target.structure.len() + rival.structure.len()).max(1);
    let by = (loss / i64::try_from(norm).unwrap_or(i64::MAX)).clamp(1, CAP);
    table.shift(sample, target, by);
    table.shift(sample, rival, -by);
}

/// Learn from these samples.
#[must_use]
pub fn learn(samples: &[&Sample], shape: Shape) -> Table {
    let mut table = Table::new(shape);
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
            correct(&mut table, samples[n]);
            table.step += 1;
        }
    }
    table.averaged()
}
