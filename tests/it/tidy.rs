//! What the project asks of its own text, as tests: who may use whom, no floats near money, no clock but
//! one, headers, sizes, named constraints.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tuan::domain::money::Currency;

/// The most lines of a file, without its tests.
const MOST_LINES: usize = 600;

/// Files that may be longer, each with how long and why.
const LONGER: &[(&str, usize)] = &[];

/// The most lines of a function.
const MOST_FUNCTION_LINES: usize = 70;

/// Files with a function that may be longer, each with how long and why.
const LONGER_FUNCTIONS: &[(&str, usize)] = &[];

/// Which of our modules each may use, beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("understand", &["domain"]),
    ("book", &["domain", "understand"]),
    ("decide", &["domain", "understand", "book"]),
    ("render", &["domain"]),
    ("store", &["domain", "book"]),
    ("gate", &[]),
    ("platform", &["domain", "gate"]),
    ("config", &["domain"]),
    ("sheets", &["domain", "understand", "book", "store"]),
    (
        "engine",
        &["domain", "understand", "book", "decide", "render", "store", "platform", "sheets"],
    ),
    (
        "app",
        &[
            "domain",
            "understand",
            "book",
            "render",
            "store",
            "gate",
            "platform",
            "config",
            "engine",
        ],
    ),
    ("web", &["domain", "render", "store", "gate", "platform", "config", "engine", "app"]),
];

/// Modules without async, SQL, network, clock and randomness.
const PURE: [&str; 5] = ["domain", "understand", "book", "decide", "render"];

/// Arrows that point the wrong way today, each with its reason. Nothing may be added lightly.
const EXCEPTIONS: &[(&str, &str)] = &[];

pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    /// Declared under `cfg(test)`.
    is_test: bool,
}

impl Source {
    /// The module of `src` it belongs to: `decide` for `src/decide/orders/order.rs` and `src/decide.rs`.
    fn module(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or("");
        path.split(['/', '.']).next().unwrap_or("")
    }

    pub(crate) fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or("");
        self.path.starts_with("tests/")
            || name == "tests.rs"
            || name.starts_with("testing")
            || self.path.contains("/tests/")
            || self.is_test
    }

    /// Its lines before the tests at its end, with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let until = self.text.lines().position(|line| line.starts_with("#[cfg(test)]"));
        // A `mod tests;` in the middle is followed by more of the file.
        let until =
            until.filter(|&at| self.text.lines().nth(at + 1).is_some_and(|it| it.ends_with('{')));
        self.text.lines().enumerate().take(until.unwrap_or(usize::MAX)).map(|(at, it)| (at + 1, it))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder and all below it whose names end so.
pub(crate) fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, ending, found);
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
}

pub(crate) fn files(folder: &str, ending: &str) -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root().join(folder), ending, &mut found);
    found.sort();
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(),
        is_test: false,
    };
    let mut files: Vec<Source> = found.into_iter().map(source).collect();
    let for_tests: Vec<String> = files.iter().flat_map(modules_for_tests).collect();
    for file in &mut files {
        file.is_test = for_tests.iter().any(|path| {
            file.path == format!("{path}.rs") || file.path.starts_with(&format!("{path}/"))
        });
    }
    files
}

/// The modules that a file declares for tests alone, as paths without ending.
fn modules_for_tests(file: &Source) -> Vec<String> {
    let folder = file.path.trim_end_matches(".rs").trim_end_matches("/lib").to_owned();
    let lines: Vec<&str> = file.text.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].starts_with("#[cfg(test)]"));
    let name = |pair: &[&str]| Some(pair[1].strip_suffix(';')?.rsplit_once("mod ")?.1.to_owned());
    pairs.filter_map(name).map(|name| format!("{folder}/{name}")).collect()
}

/// All Rust files of the program, then those of its tests.
pub(crate) fn rust() -> Vec<Source> {
    files("src", "rs").into_iter().chain(files("tests", "rs")).collect()
}

#[track_caller]
pub(crate) fn none(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

/// The modules of ours that a line of code names.
fn used(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or("");
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        // `use crate::{book, decide::orders::order}` names several.
        let list = rest.strip_prefix('{').map_or(rest, |list| list.split('}').next().unwrap_or(""));
        let parts: Vec<_> =
            if rest.starts_with('{') { list.split(',').collect() } else { vec![rest] };
        for part in parts {
            let name = part.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next();
            names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    names
}

#[test]
fn modules_use_only_what_is_below_them() {
    let allowed: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut faults = Vec::new();
    for file in files("src", "rs").iter().filter(|file| !file.is_test()) {
        let Some(may_use) = allowed.get(file.module()) else { continue };
        for (number, line) in file.lines() {
            for name in used(line) {
                let known = allowed.contains_key(name.as_str()) || name == "cli";
                let fine = name == file.module() || may_use.contains(&name.as_str());
                let excused = EXCEPTIONS.contains(&(file.path.as_str(), name.as_str()));
                if known && !fine && !excused {
                    faults.push(format!("{}:{number}: {} uses {name}", file.path, file.module()));
                }
            }
        }
    }
    none("an arrow points the wrong way", &faults);
}

#[test]
fn the_list_of_modules_is_complete() {
    let listed = |name: &str| MAY_USE.iter().any(|(module, _)| *module == name);
    let free = ["cli", "main", "lib", "bench", "assistant", "telemetry"];
    let sources = files("src", "rs");
    let sources = sources.iter().filter(|it| !it.is_test());
    let mut missing: Vec<String> = sources.map(|it| it.module().to_owned()).collect();
    missing.sort();
    missing.dedup();
    missing.retain(|module| !listed(module) && !free.contains(&module.as_str()));
    none("say in MAY_USE what these may use", &missing);
}

/// Whether `word` stands alone in a line of code.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or("");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(is_name) && !code[at + word.len()..].starts_with(is_name)
    })
}

#[track_caller]
fn forbid(words: &[&str], why: &str, applies: impl Fn(&Source) -> bool) {
    let mut faults = Vec::new();
    for file in files("src", "rs").iter().filter(|file| applies(file) && !file.is_test()) {
        for (number, line) in file.lines() {
            for word in words.iter().filter(|word| has_word(line, word)) {
                faults.push(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    none(why, &faults);
}

#[test]
fn there_are_no_floats_near_money() {
    let places = ["domain", "understand", "decide", "book", "store", "render"];
    forbid(&["f32", "f64"], "floats are forbidden here", |it| places.contains(&it.module()));
}

#[test]
fn pure_modules_know_no_world() {
    let words =
        ["async", "sqlx", "tokio", "axum", "std::fs", "std::net", "std::env", "SystemRandom"];
    forbid(&words, "pure modules have no async, SQL, network or randomness", |it| {
        PURE.contains(&it.module())
    });
}

#[test]
fn only_one_place_asks_for_the_time() {
    let words = ["Utc::now", "Local::now", "SystemTime::now", "SystemTime"];
    forbid(&words, "time is passed in: ask the clock", |it| it.path != "src/engine/clock.rs");
}

#[test]
fn only_one_place_starts_programs() {
    let words = ["Command::new"];
    let child = "src/store/child.rs";
    forbid(&words, "a child inherits our secrets: use store::child", |it| it.path != child);
}

#[test]
fn every_file_says_what_it_is_for() {
    let faults: Vec<_> =
        rust().iter().filter(|it| !it.text.starts_with("//!")).map(|it| it.path.clone()).collect();
    none("these files lack a header", &faults);
}

#[test]
fn files_are_small() {
    let size = |file: &Source| (file.path.clone(), file.lines().count());
    let faults: Vec<_> = rust()
        .iter()
        .map(size)
        .filter(|(path, lines)| {
            let longer = LONGER.iter().find(|(file, _)| file == path);
            *lines > longer.map_or(MOST_LINES, |(_, most)| *most)
        })
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    none("these files are too long", &faults);
}

/// The functions of a file: first line and length, by indentation, as rustfmt leaves them.
fn functions(file: &Source) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in file.text.lines().enumerate() {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        if let Some((begun, close)) = &open {
            if line == close {
                found.push((begun + 1, at + 1 - begun));
                open = None;
            }
        } else if has_word(line, "fn")
            && !line.trim_start().starts_with('"')
            && !line.ends_with(';')
        {
            let whole = line.ends_with('}');
            open = (!whole).then(|| (at, format!("{indent}}}")));
        }
    }
    found
}

#[test]
fn functions_fit_on_a_screen() {
    let mut faults = Vec::new();
    for file in rust() {
        let longer = LONGER_FUNCTIONS.iter().find(|(path, _)| *path == file.path);
        let most = longer.map_or(MOST_FUNCTION_LINES, |(_, most)| *most);
        for (line, length) in functions(&file).into_iter().filter(|it| it.1 > most) {
            faults.push(format!("{}:{line}: {length} lines", file.path));
        }
    }
    none("these functions are too long", &faults);
}

#[test]
fn nothing_is_left_to_be_done_later() {
    // Written in two parts, so that this file does not name them.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("unimpl", "emented!"),
    ];
    let mut faults = Vec::new();
    for file in rust() {
        for (number, line) in file.text.lines().enumerate() {
            let marked = marks.iter().any(|mark| {
                line.match_indices(mark).any(|(at, _)| {
                    !line[..at].ends_with(char::is_alphanumeric)
                        && !line[at + mark.len()..].starts_with(char::is_alphanumeric)
                })
            });
            if marked {
                faults.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    none("finish it or leave it out", &faults);
}

#[test]
fn no_text_names_somebodys_machine() {
    let homes = ["/home/", "/root/", "/Users/"];
    let mut faults = Vec::new();
    let kinds = [
        ("src", "rs"),
        ("tests", "rs"),
        ("migrations", "sql"),
        ("deploy", "toml"),
        ("prompts", "md"),
    ];
    for file in kinds.iter().flat_map(|(folder, ending)| files(folder, ending)) {
        if file.path == "tests/it/tidy.rs" {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            // Where one package manager always installs.
            let line_without = line.replace("/home/linuxbrew/", "");
            if homes.iter().any(|home| line_without.contains(home)) {
                faults.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    none("a path of one machine", &faults);
}

/// What a migration says, without comments.
fn statements(text: &str) -> Vec<String> {
    let code = |line: &str| line.split("--").next().unwrap_or("").trim().to_lowercase();
    let text: Vec<_> = text.lines().map(code).collect();
    text.join("\n").split(';').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

#[test]
fn every_constraint_has_a_name_and_every_table_a_comment() {
    let mut faults = Vec::new();
    let migrations = files("migrations", "sql");
    assert!(!migrations.is_empty(), "the migrations are found");
    let all: Vec<_> = migrations.iter().flat_map(|it| statements(&it.text)).collect();
    for statement in &all {
        let Some(rest) = statement.strip_prefix("create table ") else { continue };
        let table = rest.split([' ', '(']).next().unwrap_or("");
        let comment = format!("comment on table {table} is");
        if !all.iter().any(|it| it.starts_with(&comment)) {
            faults.push(format!("table {table} has no comment"));
        }
        for line in rest.lines() {
            let line = line.trim();
            let named = line.starts_with("constraint ");
            let rule = ["primary key", "unique", "check (", "references "];
            let starts = rule.iter().any(|rule| line.starts_with(rule));
            let inline = !named
                && !starts
                && ["primary key", " unique", " references "].iter().any(|it| line.contains(it));
            if starts || inline {
                faults.push(format!("table {table}: {line}"));
            }
        }
    }
    none("constraints have names, tables have comments", &faults);
}

/// Where accounts are numbered: for the program, and for SQL.
const CHART: [&str; 2] = ["src/domain/ledger/chart.rs", "src/store/chart.rs"];

/// Whether a line does what only the chart may do: counts with the numbers of accounts.
fn is_account_arithmetic(line: &str) -> bool {
    let steps = ["* 16", "/ 16", "% 16", "<< 4", ">> 4", "& 15", "& 0xf", "_euclid(16"];
    let ends = |at: usize| !line[at..].starts_with(|c: char| c.is_alphanumeric());
    steps.iter().any(|step| line.match_indices(step).any(|(at, _)| ends(at + step.len())))
}

/// Whether a line of SQL names an account by its number.
fn is_account_by_number(line: &str) -> bool {
    let operators = ["=", "<", ">", "<=", ">=", "<>", "in", "between", "%", "/", "&"];
    line.match_indices("account_no").any(|(at, name)| {
        let mut words = line[at + name.len()..].split([' ', '(']).filter(|word| !word.is_empty());
        let is_compared = words.next().is_some_and(|word| operators.contains(&word));
        is_compared
            && words.next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[test]
fn accounts_are_numbered_in_the_chart_alone() {
    let sql = files("migrations", "sql").into_iter().chain(files("tests", "sql"));
    let sql: Vec<Source> = sql.chain(files("src", "sql")).collect();
    // The first migration tells in a comment how accounts were numbered when it was written.
    let is_told = |line: &str| line.trim_start().starts_with("comment on column journal.accounts");
    let mut faults = Vec::new();
    for file in rust().iter().chain(&sql).filter(|file| !CHART.contains(&file.path.as_str())) {
        if file.path == "tests/it/tidy.rs" {
            continue;
        }
        for (number, line) in file.text.lines().enumerate().filter(|(_, line)| !is_told(line)) {
            let by_number = !file.path.starts_with("tests/") && is_account_by_number(line);
            if is_account_arithmetic(line) || by_number {
                faults.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    none("whose an account is and what for, the chart says", &faults);
}

#[test]
fn the_schema_could_be_distributed() {
    let forbidden = [
        "create trigger",
        "create sequence",
        "nextval(",
        "serial",
        "deferrable",
        "generated always as identity",
    ];
    let mut faults = Vec::new();
    for file in files("migrations", "sql") {
        for statement in statements(&file.text) {
            for word in forbidden.iter().filter(|word| statement.contains(**word)) {
                faults.push(format!("{}: {word}", file.path));
            }
        }
    }
    none("no triggers, sequences or deferred constraints", &faults);
}

/// The tests that a document names, as `file.rs::name`: file and name.
fn tests_named(text: &str) -> Vec<(String, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    let named = quoted.filter_map(|it| it.split_once(".rs::"));
    named.map(|(file, name)| (format!("{file}.rs"), name)).collect()
}

/// Whether a file has a test of this name.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    let is_head = |line: &str| line.strip_prefix("async ").unwrap_or(line).starts_with(&head);
    let is_marked = |at: usize| {
        let above = lines[..at].iter().rev().take_while(|line| **line != "}").take(8);
        above.into_iter().any(|it| it.starts_with("#[test]") || it.starts_with("#[tokio::test"))
    };
    lines.iter().enumerate().any(|(at, line)| is_head(line) && is_marked(at))
}

#[test]
fn every_threat_names_tests_that_there_are() {
    let text = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| may |"));
    let mut faults: Vec<String> = rows
        .filter(|row| tests_named(row).is_empty())
        .map(|row| format!("no test: {row}"))
        .collect();
    let named = tests_named(&text);
    assert!(!named.is_empty(), "the document is read");
    for (file, name) in named {
        let is_there =
            fs::read_to_string(root().join(&file)).is_ok_and(|text| has_test(&text, name));
        faults.extend((!is_there).then(|| format!("no such test: {file}::{name}")));
    }
    none("docs/threat-model.md", &faults);
}

/// Lines that name a currency outside its table, each with its reason.
const NAMES_OF_CURRENCIES: &[(&str, &str)] = &[
    ("src/config/scalar/names.rs", "how people miswrite them in the file"),
    ("src/bench/", "a shop to measure with"),
    ("src/cli/check_config.rs", "an example"),
    ("src/config/checks/payment.rs", "the one that PayNow moves"),
];

/// What a line does that only `domain/money` may: know a currency, its decimals or signs, or put a point into
/// an amount.
fn knows_money(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or("");
    let named = Currency::all().any(|it| code.contains(&format!("\"{it}\"")));
    let signed = ["\"NT$", "\"HK$", "\"S$", "\"RM", "\"¥"].iter().any(|sign| code.contains(sign));
    let counted = [" / ", " % ", " * "].iter().any(|by| {
        code.split(by).collect::<Vec<_>>().windows(2).any(|pair| {
            pair[0].ends_with("minor") && pair[1].starts_with("10") && !pair[1].starts_with("10000")
                || pair[0].ends_with("ONE") && pair[1].starts_with("100")
        })
    });
    named || signed || counted
}

#[test]
fn one_place_knows_currencies() {
    let mut faults = Vec::new();
    for file in files("src", "rs").iter().filter(|file| !file.is_test()) {
        let is_excused = NAMES_OF_CURRENCIES.iter().any(|(path, _)| file.path.starts_with(path));
        if file.path.starts_with("src/domain/money") || is_excused {
            continue;
        }
        for (number, line) in file.lines() {
            // The file's decimals are compared when it is read.
            let decimals = line.contains(".decimals()") && !file.path.starts_with("src/config/");
            if knows_money(line) || decimals {
                faults.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    none("what only domain/money may know", &faults);
}

#[test]
fn counts_never_go_around_the_end_of_their_range() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let ours = manifest.split("[profile.release.package.tuan]\n").nth(1).unwrap_or("");
    let first = ours.lines().next().unwrap_or("");
    assert_eq!(first, "overflow-checks = true", "a release counts as tests do");
}

#[test]
fn the_readers_of_this_file_read_right() {
    for line in
        ["minor / 100", "let x = money.minor % 100;", "ONE / 100", "\"JPY\" => 0", "\"NT$\""]
    {
        assert!(knows_money(line), "{line}");
    }
    assert!(!knows_money("rate.bps / 100") && !knows_money("\"JPYX\""));
    assert_eq!(tests_named("a `b` `src/it.rs::holds`"), [("src/it.rs".to_owned(), "holds")]);
    let text = "#[tokio::test]\nasync fn holds() {\n}\n\nfn helps() {\n}\n";
    assert!(has_test(text, "holds") && !has_test(text, "helps") && !has_test(text, "hold"));
    assert_eq!(used("use crate::domain::ids::OrderId;"), ["domain"]);
    assert_eq!(used("use crate::{book, decide::orders::order};"), ["book", "decide"]);
    assert_eq!(used("let it = crate::store::seal::Seal; // crate::web"), ["store"]);
    assert!(is_account_arithmetic("b.account_no / 16 = $3") && !is_account_arithmetic("x * 160"));
    assert!(
        is_account_by_number("where account_no = 4")
            && is_account_by_number("account_no in (1, 2)")
    );
    assert!(!is_account_by_number("where account_no = $4"));
    assert!(has_word("let x: f64 = 0.0;", "f64") && !has_word("af64b", "f64"));
    let text = "fn one() {\n    two();\n}\n\nimpl It {\n    fn three(\n        a: u8,\n    ) {\n        four();\n    }\n}\n";
    let file = Source { path: "src/it.rs".to_owned(), text: text.to_owned(), is_test: false };
    assert_eq!(functions(&file), [(1, 3), (6, 5)]);
}
