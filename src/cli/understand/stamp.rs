//! What the weights were learnt from: which sittings, and which features their messages had.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use super::lexicons;
use crate::domain::intent::Role;
use crate::understand::{Scene, judge, rules};

/// Sittings by whose first sight the reader is measured: never learnt from.
const KEPT: [&str; 8] = [
    "en-west",
    "hk-mo",
    "talk-cn",
    "leaders-tw",
    "elderly-voice",
    "tw-plain",
    "cn-mixed",
    "en-mixed",
];
/// The features of so many messages are looked at.
const MESSAGES: usize = 200;

/// The sittings in a folder that may be learnt from, in order.
///
/// # Errors
/// A folder that cannot be read.
pub(super) fn sittings(folder: &Path) -> anyhow::Result<Vec<String>> {
    let read = std::fs::read_dir(folder).with_context(|| format!("in {}", folder.display()))?;
    let mut names = Vec::new();
    for file in read {
        let name = file?.file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".jsonl") else { continue };
        let kept = KEPT.iter().any(|kept| name.ends_with(kept));
        if !kept && !name.ends_with(".disputes") {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// One number for the sittings in a folder of corpora and the features of its first messages.
///
/// # Errors
/// Corpora that cannot be read.
pub(super) fn stamp(corpus: &Path) -> anyhow::Result<u64> {
    let mut all: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |value: u64| all = (all ^ value).wrapping_mul(0x0000_0100_0000_01b3);
    for name in sittings(&corpus.join("sittings"))? {
        name.bytes().for_each(|byte| add(byte.into()));
    }
    let lexicons = lexicons(&std::fs::read_to_string(corpus.join("contexts.json"))?)?;
    let cases = std::fs::read_to_string(corpus.join("cases.jsonl"))?;
    for line in cases.lines().take(MESSAGES) {
        let case: Value = serde_json::from_str(line)?;
        let word = |name: &str| case[name].as_str().unwrap_or("").to_owned();
        let lexicon = lexicons.get(&word("context")).context("no such context")?;
        let (mine, role) = (Vec::new(), Role::Member);
        let scene =
            Scene { lexicon, question: None, mine: &mine, mentions: &[], lately: &[], role };
        let Some(studied) = judge::study(&word("text"), &scene, &rules(&word("text"), &scene))
        else {
            continue;
        };
        studied.words.iter().for_each(|&word| add(word.into()));
        studied.places.iter().flatten().for_each(|&feature| add(feature.into()));
        for reading in &studied.weighed {
            add(u64::try_from(reading.purpose.place())?);
            reading.structure.iter().for_each(|&feature| add(feature.into()));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever changes what the judge looks at, or adds a sitting, learns anew.
    #[test]
    fn the_weights_are_fresh() {
        let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"));
        let now = stamp(corpus).unwrap();
        let then = crate::understand::weights::stamp();
        assert_eq!(then, now, "run: cargo run --release --features train -- understand train");
    }
}
