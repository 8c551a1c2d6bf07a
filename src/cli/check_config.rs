//! `tuan check-config FILE`: every fault of an operator's file at once, each with its place and a
//! hint, and a summary of what the shop will do when there is no error.
//!
//! Secrets that are in the environment already are judged as well; those that are not are no news. It starts
//! nothing and touches no database.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use super::serve::OPERATOR_TOKEN;
use crate::config::{self, Config};
use crate::gate;

/// Print the faults of a file and, when it can be used, the report. Says whether it can be.
///
/// # Errors
/// When standard output is closed.
pub fn run(path: &Path) -> anyhow::Result<bool> {
    let secret_of = |name: &str| std::env::var(name).ok();
    write_findings(path, &secret_of, &mut std::io::stdout().lock())
}

fn write_findings(
    path: &Path,
    secret_of: &dyn Fn(&str) -> Option<String>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let (config, faults) = config::check_file(path);
    for fault in &faults {
        writeln!(out, "{}:{fault}", path.display())?;
    }
    let Some(config) = config else {
        let errors = faults.iter().filter(|it| it.severity == config::Severity::Error).count();
        writeln!(out, "{errors} error{}", if errors == 1 { "" } else { "s" })?;
        return Ok(false);
    };
    let weak = weak_secrets(&config, secret_of);
    for (name, weakness) in &weak {
        writeln!(out, "{name} {weakness}\n    hint: {}", gate::REMEDY)?;
    }
    write!(out, "{}", config::report(&config))?;
    Ok(weak.is_empty())
}

/// The variables whose secrets are easy to guess, each with why.
fn weak_secrets(
    config: &Config,
    secret_of: &dyn Fn(&str) -> Option<String>,
) -> Vec<(String, String)> {
    let chosen = config.accounts.iter().filter(|account| account.platform.is_secret_chosen());
    let names = chosen.filter_map(|account| account.token_env.as_deref());
    let names: BTreeSet<_> = names.chain([OPERATOR_TOKEN]).collect();
    let weak = names.into_iter().filter_map(|name| {
        let secret = secret_of(name).filter(|secret| !secret.is_empty())?;
        Some((name.to_owned(), gate::weakness(secret.trim())?))
    });
    weak.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> (bool, String) {
        findings_with(text, &|_| None)
    }

    fn findings_with(text: &str, secret_of: &dyn Fn(&str) -> Option<String>) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.toml");
        std::fs::write(&path, text).unwrap();
        let mut out = Vec::new();
        let fine = write_findings(&path, secret_of, &mut out).unwrap();
        let folder = format!("{}/", folder.path().display());
        (fine, String::from_utf8(out).unwrap().replace(&folder, ""))
    }

    const FINE: &str = r#"
shop = { name = "团团优选" }
accounts = [{ key = "sim", platform = "simulator" }]

[[communities]]
slug = "sunshine"
name = "阳光花园"
locale = "zh-Hans"
time_zone = "Asia/Shanghai"
currency = "CNY"

[[items]]
key = "grapes"
name = "阳光玫瑰"
unit = "箱"
price = "39.90"

[[drops]]
key = "morning"
at = "10:00"
closes = "22:00"
offers = [{ item = "grapes", code = "A1", stock_each = 50 }]
"#;

    #[test]
    fn a_file_that_is_fine_is_summed_up() {
        let (fine, out) = findings(FINE);
        assert!(fine, "{out}");
        for line in [
            "团团优选",
            "  sunshine  阳光花园  zh-Hans  Asia/Shanghai  CNY  no leader named",
            "  morning  daily  10:00–22:00  sunshine  A1",
            "  grapes  阳光玫瑰  39.90/箱  50",
        ] {
            assert!(out.lines().any(|it| it == line), "{line}\nin\n{out}");
        }
    }

    #[test]
    fn faults_carry_file_line_column_and_hint() {
        let (fine, out) = findings(&FINE.replace("unit = ", "units = "));
        assert!(!fine);
        assert_eq!(
            out,
            "shop.toml:12:1: items[0]: `unit` is missing\n    hint: write `unit = \"…\"`\n\
             shop.toml:15:1: items[0].units: unknown key `units`\n    hint: did you mean `unit`?\n\
             2 errors\n",
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_a_fault() {
        let mut out = Vec::new();
        assert!(!write_findings(Path::new("/nowhere/shop.toml"), &|_| None, &mut out).unwrap());
        assert!(String::from_utf8(out).unwrap().contains("cannot read /nowhere/shop.toml"));
    }

    #[test]
    fn a_secret_that_is_easy_to_guess_is_told_without_telling_it() {
        let text = FINE.replace(
            "key = \"sim\", platform = \"simulator\"",
            "key = \"qq\", platform = \"onebot\", token_env = \"ONEBOT_TOKEN\"",
        );
        let with = |onebot: &'static str, operator: &'static str| {
            findings_with(&text, &move |name: &str| match name {
                "ONEBOT_TOKEN" => Some(onebot.to_owned()),
                "TUAN_OPERATOR_TOKEN" => Some(operator.to_owned()),
                _ => None,
            })
        };
        let (fine, out) = with("napcat1", "aaaaaaaaaaaaaaaaaaaaaaaa");
        assert!(!fine && !out.contains("napcat1") && !out.contains("aaaa"), "{out}");
        assert!(out.contains("ONEBOT_TOKEN has 7 characters"), "{out}");
        assert!(out.contains("TUAN_OPERATOR_TOKEN has only 1 different"), "{out}");
        assert!(out.contains("hint: make one with `openssl rand -hex 24`"), "{out}");
        assert!(with("S3CRET-of-onebot", "").0, "what is not set is no news");
    }
}
