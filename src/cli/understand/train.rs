//! `tuan understand train`: learn the weights of the judge from the graded corpora, and grade it on messages it
//! has not learnt.
//!
//! Sittings that are kept are never read. The same corpora give the same file.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::labels::{self, Grade};
use super::learn::{self, Sample, SampleReading, TableSizes, WeightTable};
use super::stamp;
use super::{Situation, answer, lexicons, named, reasons};
use crate::domain::intent::Role;
use crate::understand::judge::{self, Studied, Weighed};
use crate::understand::purposes::{self, Purpose};
use crate::understand::weights::{self, Weights};
use crate::understand::{Lexicon, Scene, rules};

/// Older corpora, all with the same contexts.
const OLDER: [&str; 4] = ["cases", "more", "fresh", "blind"];
/// Sittings are graded in so many parts.
const PARTS: usize = 5;
/// A feature of fewer messages is left out.
const SELDOM: u32 = 6;
/// Weights are stored so many bits coarser than they are learnt.
const COARSER: i32 = 512;

/// Learn the weights of the judge.
#[derive(Debug, clap::Args)]
pub struct Train {
    /// The folder of the graded corpora
    #[arg(long, default_value = "tests/corpus")]
    corpus: PathBuf,
    /// The file to write
    #[arg(long, default_value = "src/understand/weights.bin")]
    out: PathBuf,
    /// Write nothing: grade the sittings in five parts, each by what is learnt from the others
    #[arg(long)]
    cross: bool,
    /// With --cross: tell each message that is not read exactly, as JSON Lines
    #[arg(long, value_name = "FILE", requires = "cross")]
    show: Option<PathBuf>,
}

/// A labelled message.
struct LabeledMessage {
    sitting: String,
    context: usize,
    label: Value,
    scene: Situation,
    sample: Sample,
}

/// Everything that may be learnt from.
struct Corpus {
    contexts: Vec<HashMap<String, Lexicon>>,
    cases: Vec<LabeledMessage>,
}

impl Train {
    /// Learn, and write or grade.
    ///
    /// # Errors
    /// Corpora that cannot be read, a file that cannot be written.
    pub fn run(&self) -> anyhow::Result<()> {
        let corpus = Corpus::read(&self.corpus)?;
        if self.cross {
            let show = self.show.as_ref().map(std::fs::File::create).transpose()?;
            return corpus.cross(show.map(std::io::BufWriter::new));
        }
        let all: Vec<&Sample> = corpus.cases.iter().map(|case| &case.sample).collect();
        let file = learnt(&all, stamp::stamp(&self.corpus)?);
        println!("{} messages, {} bytes", all.len(), file.len());
        std::fs::write(&self.out, file).with_context(|| format!("writing {}", self.out.display()))
    }
}

impl Corpus {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut corpus = Self { contexts: Vec::new(), cases: Vec::new() };
        for name in OLDER {
            corpus.add(
                name,
                &folder.join(format!("{name}.jsonl")),
                &folder.join("contexts.json"),
            )?;
        }
        for name in stamp::sittings(&folder.join("sittings"))? {
            let file = folder.join("sittings").join(format!("{name}.jsonl"));
            corpus.add(&name, &file, &file.with_extension("contexts.json"))?;
        }
        Ok(corpus)
    }

    fn add(&mut self, sitting: &str, cases: &Path, contexts: &Path) -> anyhow::Result<()> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
        };
        self.contexts.push(lexicons(&read(contexts)?)?);
        let context = self.contexts.len() - 1;
        for line in read(cases)?.lines().filter(|line| !line.trim().is_empty()) {
            let label: Value = serde_json::from_str(line)?;
            let scene = match &label["scene"] {
                Value::Null => Situation::default(),
                scene => serde_json::from_value(scene.clone())?,
            };
            let mut case = LabeledMessage {
                sitting: sitting.to_owned(),
                context,
                label,
                scene,
                sample: Sample::default(),
            };
            case.sample = self.sample(&case)?;
            self.cases.push(case);
        }
        Ok(())
    }

    fn sittings(&self) -> Vec<String> {
        let mut all: Vec<String> = self.cases.iter().map(|case| case.sitting.clone()).collect();
        all.dedup();
        all
    }

    fn lexicon(&self, case: &LabeledMessage) -> anyhow::Result<&Lexicon> {
        let name = case.label["context"].as_str().unwrap_or("");
        self.contexts[case.context].get(name).with_context(|| format!("no context {name:?}"))
    }

    /// The readings of a message, each with what it is worth by the label.
    fn sample(&self, case: &LabeledMessage) -> anyhow::Result<Sample> {
        let lexicon = self.lexicon(case)?;
        let text = case.label["text"].as_str().unwrap_or("");
        let studied = case.scene.seen(lexicon, |scene| {
            let (text, mentions) = match scene.role {
                Role::Leader => named::with_names(text, lexicon, &case.scene.names),
                _ => (text.to_owned(), Vec::new()),
            };
            let scene = Scene { mentions: &mentions, ..*scene };
            judge::study(&text, &scene, &rules(&text, &scene))
        });
        let Some(studied) = studied else { return Ok(Sample::default()) };
        let choice = |reading: &Weighed| choice(case, reading, &studied, lexicon);
        Ok(Sample {
            readings: studied.weighed.iter().map(choice).collect(),
            words: studied.words.clone(),
            idle: !labels::may_record(&case.label),
        })
    }

    /// All sittings in a few parts, each graded by what is learnt from the others.
    fn cross(&self, mut show: Option<impl Write>) -> anyhow::Result<()> {
        let sittings = self.sittings();
        let part = |case: &LabeledMessage| {
            let place = sittings.iter().position(|name| *name == case.sitting).unwrap_or(0);
            place.checked_sub(OLDER.len()).map(|n| n % PARTS)
        };
        let mut tallies: BTreeMap<&str, SittingTally> = BTreeMap::new();
        for now in 0..PARTS {
            let (own, others): (Vec<&LabeledMessage>, Vec<&LabeledMessage>) =
                self.cases.iter().partition(|case| part(case) == Some(now));
            let others: Vec<&Sample> = others.iter().map(|case| &case.sample).collect();
            let weights = Weights::read(&learnt(&others, 0)).unwrap_or_default();
            for case in own {
                let (grade, read) = self.grade(case, &weights)?;
                tallies.entry(&case.sitting).or_default().add(case, grade);
                if let Some(out) = show.as_mut().filter(|_| grade != Grade::Exact) {
                    writeln!(out, "{}", self.told(case, &weights, grade, &read)?)?;
                }
            }
        }
        let mut all = SittingTally::default();
        for (sitting, tally) in &tallies {
            println!("{sitting}: {tally}");
            all.join(tally);
        }
        println!("all: {all}");
        Ok(())
    }

    fn grade(&self, case: &LabeledMessage, weights: &Weights) -> anyhow::Result<(Grade, Value)> {
        let lexicon = self.lexicon(case)?;
        let text = case.label["text"].as_str().unwrap_or("");
        let names = case.scene.names.as_slice();
        let read = case.scene.seen(lexicon, |scene| named::read(text, scene, names, weights));
        let answer = answer(&Value::Null, &read.understood, lexicon);
        Ok((labels::grade(&case.label, &answer), answer))
    }

    /// What was meant, what was read, and what the judge made of it.
    fn told(
        &self,
        case: &LabeledMessage,
        weights: &Weights,
        grade: Grade,
        read: &Value,
    ) -> anyhow::Result<Value> {
        let lexicon = self.lexicon(case)?;
        let text = case.label["text"].as_str().unwrap_or("");
        let why = case.scene.seen(lexicon, |scene| reasons(text, scene, weights));
        Ok(json!({
            "sitting": case.sitting,
            "grade": format!("{grade:?}"),
            "recall": case.sample.readings.iter().any(|choice| choice.right),
            "meant": case.label,
            "read": read,
            "why": why,
        }))
    }
}

/// What came of the messages of a sitting.
#[derive(Default)]
struct SittingTally {
    grades: BTreeMap<Grade, usize>,
    orders: usize,
    exact: usize,
    idle: usize,
    /// Messages whose right reading is among those proposed.
    proposed: usize,
}

impl SittingTally {
    fn add(&mut self, case: &LabeledMessage, grade: Grade) {
        *self.grades.entry(grade).or_default() += 1;
        self.proposed += usize::from(case.sample.readings.iter().any(|choice| choice.right));
        self.idle += usize::from(case.sample.idle);
        if labels::records(case.label["act"].as_str().unwrap_or("")) {
            self.orders += 1;
            self.exact += usize::from(grade == Grade::Exact);
        }
    }

    fn join(&mut self, other: &Self) {
        for (grade, count) in &other.grades {
            *self.grades.entry(*grade).or_default() += count;
        }
        self.orders += other.orders;
        self.exact += other.exact;
        self.idle += other.idle;
        self.proposed += other.proposed;
    }
}

impl std::fmt::Display for SittingTally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all: usize = self.grades.values().sum();
        let (orders, exact, idle) = (self.orders, self.exact, self.idle);
        let grades = &self.grades;
        write!(
            f,
            "{all}, {grades:?}, orders {exact} of {orders}, idle {idle}, proposed {}",
            self.proposed
        )
    }
}

impl Situation {
    /// What `see` makes of the scene.
    fn seen<T>(&self, lexicon: &Lexicon, see: impl FnOnce(&Scene<'_>) -> T) -> T {
        let (mine, lately) = (self.mine(lexicon), self.lately());
        see(&Scene {
            lexicon,
            question: None,
            mine: &mine,
            mentions: &[],
            lately: &lately,
            role: self.role,
        })
    }
}

/// A reading, by the label of its message.
fn choice(
    case: &LabeledMessage,
    reading: &Weighed,
    studied: &Studied,
    lexicon: &Lexicon,
) -> SampleReading {
    let mut told = answer(&Value::Null, &reading.understood, lexicon);
    told["act"] = reading.purpose.act().name().into();
    let named = case.label["intent"].as_str().unwrap_or("");
    // What a leader does for a member is theirs to name, whatever it comes to.
    let leads = reading.purpose.is_leaders() && reading.purpose.name() == named;
    let right = leads || labels::grade(&case.label, &told) == Grade::Exact;
    let meant = if Purpose::all().any(|purpose| purpose.name() == named) {
        reading.purpose.name() == named
    } else if !named.is_empty() && case.scene.role >= Role::Leader {
        reading.purpose.name() == "lead.other"
    } else {
        !reading.purpose.is_leaders()
    };
    let place = reading.place.and_then(|n| studied.places.get(n)).into_iter().flatten();
    SampleReading {
        purpose: reading.purpose.place(),
        structure: reading.structure.iter().chain(place).copied().collect(),
        right,
        meant: right && meant,
        records: reading.purpose.act().records(),
        asks: reading.purpose == Purpose::ASK,
    }
}

/// Places for features that are not seldom.
struct KnownFeatures(Vec<u32>);

impl KnownFeatures {
    fn new<'f>(messages: impl Iterator<Item = Vec<&'f u32>>, least: u32) -> Self {
        let mut count: HashMap<u32, u32> = HashMap::new();
        for mut features in messages {
            features.sort_unstable();
            features.dedup();
            for feature in features {
                *count.entry(*feature).or_default() += 1;
            }
        }
        let often = count.into_iter().filter(|(_, count)| *count >= least);
        let mut all: Vec<u32> = often.map(|(feature, _)| feature).collect();
        all.sort_unstable();
        Self(all)
    }

    fn places(&self, features: &[u32]) -> Vec<u32> {
        let place =
            |feature| self.0.binary_search(feature).ok().and_then(|n| u32::try_from(n).ok());
        features.iter().filter_map(place).collect()
    }
}

/// The file of weights that these samples teach.
fn learnt(samples: &[&Sample], stamp: u64) -> Vec<u8> {
    let words = KnownFeatures::new(samples.iter().map(|it| it.words.iter().collect()), SELDOM);
    let structure = samples
        .iter()
        .map(|sample| sample.readings.iter().flat_map(|reading| &reading.structure).collect());
    let structure = KnownFeatures::new(structure, SELDOM - 1);
    let dense: Vec<Sample> = samples
        .iter()
        .map(|sample| Sample {
            words: words.places(&sample.words),
            readings: sample
                .readings
                .iter()
                .map(|it| SampleReading { structure: structure.places(&it.structure), ..*it })
                .collect(),
            idle: sample.idle,
        })
        .collect();
    let shape = TableSizes {
        words: words.0.len(),
        purposes: purposes::COUNT,
        structure: structure.0.len(),
    };
    let table = learn::learn(&dense.iter().collect::<Vec<_>>(), shape);
    stored(&table, &words, &structure, stamp)
}

fn stored(
    table: &WeightTable,
    words: &KnownFeatures,
    structure: &KnownFeatures,
    stamp: u64,
) -> Vec<u8> {
    let coarse = |weight: &i32| (weight + COARSER / 2).div_euclid(COARSER);
    let weights = table.weights();
    let (rows, rest) = weights.split_at(words.0.len() * purposes::COUNT);
    let rows = words.0.iter().zip(rows.chunks_exact(purposes::COUNT)).filter_map(|(word, row)| {
        let mut stored = [0_i8; purposes::COUNT];
        for (to, from) in stored.iter_mut().zip(row) {
            let weight = i8::try_from(coarse(from).clamp(-127, 127)).unwrap_or(0);
            *to = if weight.unsigned_abs() > 1 { weight } else { 0 };
        }
        stored.iter().any(|weight| *weight != 0).then_some((*word, stored))
    });
    let rest = structure.0.iter().zip(rest).filter_map(|(feature, weight)| {
        let weight = i16::try_from(coarse(weight).clamp(-32_000, 32_000)).unwrap_or(0);
        (weight.unsigned_abs() > 1).then_some((*feature, weight))
    });
    weights::write(stamp, &rows.collect::<Vec<_>>(), &rest.collect::<Vec<_>>())
}
