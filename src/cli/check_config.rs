//! `tuan check-config FILE`: every fault of an operator's file at once, each with its place and a
//! hint, and a summary of what the shop will do when there is no error.
//!
//! It starts nothing and touches no database.

use std::io::Write;
use std::path::Path;

use crate::config;

/// Print the faults of a file and, when it can be used, the report. Says whether it can be.
///
/// # Errors
/// When standard output is closed.
pub fn run(path: &Path) -> anyhow::Result<bool> {
    write_findings(path, &mut std::io::stdout().lock())
}

fn write_findings(path: &Path, out: &mut impl Write) -> anyhow::Result<bool> {
    let (config, faults) = config::check_file(path);
    for fault in &faults {
        writeln!(out, "{}:{fault}", path.display())?;
    }
    let Some(config) = config else {
        let errors = faults.iter().filter(|it| it.severity == config::Severity::Error).count();
        writeln!(out, "{errors} error{}", if errors == 1 { "" } else { "s" })?;
        return Ok(false);
    };
    write!(out, "{}", config::report(&config))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.toml");
        std::fs::write(&path, text).unwrap();
        let mut out = Vec::new();
        let fine = write_findings(&path, &mut out).unwrap();
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
        assert!(!write_findings(Path::new("/nowhere/shop.toml"), &mut out).unwrap());
        assert!(String::from_utf8(out).unwrap().contains("cannot read /nowhere/shop.toml"));
    }
}
