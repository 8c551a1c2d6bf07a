//! The page in a real browser: `tests/browser/chat.mjs` against the demo that this build made.
//!
//! Wants what `deploy/setup.sh browser` installs; `TUAN_SKIP_BROWSER=1` leaves it out.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A demo in a folder of its own.
struct Demo {
    process: Child,
    address: String,
    /// Kept open: a demo that cannot print would end.
    _stdout: BufReader<ChildStdout>,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tuan"))
            .args(["demo", "--port", "0", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            let read = stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "the demo ended without an address");
            if let Some(at) = line.find("http://") {
                break line[at..].trim().trim_end_matches('/').to_owned();
            }
        };
        Self { process, address, _stdout: stdout }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.process.id().cast_signed()) {
            let _ = kill_process(pid, Signal::INT);
        }
        let _ = self.process.wait();
    }
}

#[test]
fn members_shop_in_the_browser() {
    if std::env::var_os("TUAN_SKIP_BROWSER").is_some_and(|it| it == "1") {
        return;
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    assert!(
        tests.join("node_modules/playwright-core").is_dir(),
        "the browser test's packages are missing: run deploy/setup.sh browser (or set TUAN_SKIP_BROWSER=1)"
    );
    let folder = crate::embedded::place();
    let demo = Demo::start(&folder.path().join("demo"));
    let told = Command::new("node")
        .arg("chat.mjs")
        .current_dir(&tests)
        .env("BASE_URL", &demo.address)
        .env("OUT_DIR", tests.join("out"))
        .output()
        .expect("node is there: run deploy/setup.sh browser");
    let said = String::from_utf8_lossy(&told.stdout);
    let complained = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{said}\n{complained}");
}

/// The page's script is written with its types in comments: they are checked where the checker was installed.
#[test]
fn the_page_has_sound_types() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let checker = tests.join("node_modules/typescript/bin/tsc");
    if std::env::var_os("TUAN_SKIP_BROWSER").is_some_and(|it| it == "1") || !checker.is_file() {
        eprintln!("types of the page: SKIPPED, run deploy/setup.sh browser for them");
        return;
    }
    let told = Command::new("node")
        .args([checker.as_os_str(), "-p".as_ref(), "tsconfig.json".as_ref()])
        .current_dir(&tests)
        .output()
        .expect("node is there: run deploy/setup.sh browser");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}
