//! What the crates we build on are held to: each is used, licences that suit ours, and no crate twice without a
//! reason. Read from `cargo metadata`, so that nothing has to be installed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tidy::{has_word, none, rust};

/// Licences that ask for no more than to be named. One of those that a crate offers has to be among them, and each
/// of those that it demands together.
const LICENSES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    // Data: the roots of trust of the web.
    "CDLA-Permissive-2.0",
];

/// Crates that are there in several versions, and for whose sake. Whoever makes one of them single takes it out.
const SEVERAL: &[(&str, &str)] = &[
    ("base64", "sqlx is ahead of the others"),
    ("block-buffer", "as digest"),
    ("cpufeatures", "as sha2"),
    ("crypto-common", "as digest"),
    ("digest", "tungstenite is behind sqlx"),
    ("getrandom", "ring, proptest and sqlx each have another rand"),
    ("hashbrown", "as indexmap; sqlx is behind"),
    ("indexmap", "serde_with knows an old one, which is never built"),
    ("miniz_oxide", "png is behind zip"),
    ("r-efi", "as getrandom, on machines that we do not build for"),
    ("rand", "proptest is behind sqlx"),
    ("rand_core", "as rand"),
    ("schemars", "serde_with knows two, which are never built"),
    ("sha1", "tungstenite is behind sqlx"),
    ("sha2", "as digest"),
    ("syn", "derives are on their way to the third"),
    ("webpki-roots", "the old one is the new one by another name"),
    ("windows-sys", "on machines that we do not build for"),
];

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> &[Value] {
    metadata["packages"].as_array().unwrap()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

/// Whether a licence as crates write it can be had on our terms: `A AND (B OR C)`, in old crates `A/B`.
fn suits(license: &str) -> bool {
    let license = license.replace('/', " OR ");
    let all = license.split(" AND ").map(|part| part.trim().trim_matches(['(', ')']));
    !license.trim().is_empty()
        && all.into_iter().all(|part| part.split(" OR ").any(|one| LICENSES.contains(&one.trim())))
}

#[test]
fn a_license_is_read_as_it_is_written() {
    for fine in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR X) AND Unicode-3.0",
        "Apache-2.0 / MIT",
    ] {
        assert!(suits(fine), "{fine}");
    }
    for other in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR X) AND MIT"] {
        assert!(!suits(other), "{other}");
    }
}

#[test]
fn licenses_suit_ours() {
    let metadata = metadata();
    let unfit = packages(&metadata).iter().filter(|it| !suits(word(it, "license")));
    let faults: Vec<String> =
        unfit.map(|it| format!("{}: {:?}", word(it, "name"), word(it, "license"))).collect();
    none("a crate's licence is not among those that suit ours", &faults);
}

#[test]
fn no_crate_is_there_twice_without_a_reason() {
    let metadata = metadata();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages(&metadata) {
        versions.entry(word(package, "name")).or_default().insert(word(package, "version"));
    }
    let several: BTreeSet<&str> =
        versions.iter().filter(|(_, of)| of.len() > 1).map(|(name, _)| *name).collect();
    let excused: BTreeSet<&str> = SEVERAL.iter().map(|(name, _)| *name).collect();
    let faults =
        |of: BTreeSet<&str>| of.difference(&excused).map(ToString::to_string).collect::<Vec<_>>();
    none("these crates are there in several versions", &faults(several.clone()));
    let single: Vec<String> = excused.difference(&several).map(ToString::to_string).collect();
    none("these are single now: take them out of SEVERAL", &single);
}

#[test]
fn every_dependency_is_used() {
    let metadata = metadata();
    let ours = packages(&metadata).iter().find(|it| word(it, "name") == env!("CARGO_PKG_NAME"));
    let sources = rust();
    let mut unused = Vec::new();
    for dependency in ours.unwrap()["dependencies"].as_array().unwrap() {
        let name = word(dependency, "name").replace('-', "_");
        let is_dev = word(dependency, "kind") == "dev";
        let is_used = sources
            .iter()
            .filter(|file| is_dev || file.path.starts_with("src/"))
            .any(|file| file.text.lines().any(|line| has_word(line, &name)));
        if !is_used {
            unused.push(name);
        }
    }
    none("no code of ours names these dependencies", &unused);
}
