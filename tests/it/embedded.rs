//! The embedded server as its owner meets it: starts, stops, quarrels, crashes, left-overs.
//!
//! Every test has a folder of its own. A process that is to be killed is this very binary, told
//! to run nothing but [`owner_process`].

use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sqlx::{ConnectOptions, PgConnection, Row};
use tempfile::TempDir;
use tuan::store::embedded::{Embedded, ServerOptions, StartError};

const OWNER_ROOT: &str = "TUAN_TEST_OWNER_ROOT";
/// What must not get around.
const SECRETS: [(&str, &str); 3] = [
    ("TUAN_DATA_KEY", "a key that nobody may see"),
    ("TELEGRAM_TOKEN", "a token that nobody may see"),
    ("DATABASE_URL", "an address that nobody may see"),
];
const READY: &str = "the owner is ready";

/// Under root the server needs a user of its own, which `deploy/setup.sh` makes where it is missing: `make test`
/// has called it before, and `cargo test` alone has not.
pub(crate) fn with_server_user() {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        let setup = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/setup.sh");
        let made = Command::new(setup).arg("user").status().unwrap();
        assert!(made.success(), "deploy/setup.sh user: {made}");
    });
}

/// How often something is killed: a few times, or as often as `TUAN_KILLS` says.
pub(crate) fn kills(usual: u32) -> u32 {
    env::var("TUAN_KILLS").map_or(usual, |it| it.parse().expect("TUAN_KILLS is a number"))
}

/// An empty folder, open to pass through: under root, another user runs the server.
pub(crate) fn place() -> TempDir {
    with_server_user();
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
    dir
}

pub(crate) fn impatient() -> ServerOptions {
    ServerOptions { patience: Duration::ZERO, ..ServerOptions::default() }
}

#[track_caller]
pub(crate) fn start(root: &Path) -> Embedded {
    Embedded::start(root, impatient()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) async fn owner(server: &Embedded) -> PgConnection {
    server.ensure_database("shop").await.unwrap();
    server.connect_options("shop").connect().await.unwrap()
}

pub(crate) async fn run(connection: &mut PgConnection, statement: &'static str) {
    sqlx::query(statement).execute(connection).await.unwrap();
}

pub(crate) async fn ask(connection: &mut PgConnection, question: &'static str) -> String {
    sqlx::query(question).fetch_one(connection).await.unwrap().get(0)
}

pub(crate) fn cluster(root: &Path) -> PathBuf {
    let is_cluster = |path: &PathBuf| path.join("PG_VERSION").exists();
    fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).find(is_cluster).unwrap()
}

fn postmaster(root: &Path) -> Pid {
    let text = fs::read_to_string(cluster(root).join("postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

#[track_caller]
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// The helper process: owns the folder it is told until it is killed, or for a minute.
#[test]
#[ignore = "the owner that other tests kill"]
fn owner_process() {
    let Some(root) = env::var_os(OWNER_ROOT) else { return };
    let _server = start(Path::new(&root));
    println!("\n{READY}");
    sleep(Duration::from_mins(1));
}

/// A process that is about to own the folder, with secrets in its environment.
fn spawn_starting(root: &Path) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "embedded::owner_process", "--ignored", "--nocapture"]);
    command.envs(SECRETS).env(OWNER_ROOT, root).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

pub(crate) fn spawn_owner(root: &Path) -> Child {
    let mut child = spawn_starting(root);
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|it| it == READY), "the owner started");
    child
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_stop_and_a_second_start() {
    let dir = place();
    let server = start(dir.path());
    let mut shop = owner(&server).await;
    run(&mut shop, "create table note as select '两箱' as body").await;
    assert!(!server.exited());
    let pid = postmaster(dir.path());
    drop((shop, server));
    assert!(test_kill_process(pid).is_err(), "stopped when dropped");

    let begun = Instant::now();
    let server = start(dir.path());
    assert!(begun.elapsed() < Duration::from_secs(5), "took {:?}", begun.elapsed());
    assert_eq!(ask(&mut owner(&server).await, "select body from note").await, "两箱");
}

#[tokio::test]
async fn the_server_is_durable_private_and_ours_alone() {
    let dir = place();
    let settings = vec![("work_mem".to_owned(), "5MB".to_owned())];
    let server = Embedded::start(dir.path(), ServerOptions { settings, ..impatient() }).unwrap();
    let mut shop = owner(&server).await;
    let durable = "select concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'),
        current_setting('synchronous_commit'), current_setting('listen_addresses'), current_setting('work_mem'))";
    assert_eq!(ask(&mut shop, durable).await, "on on on  5MB");
    let order =
        "select concat_ws(' ', pg_encoding_to_char(encoding), datcollate, pg_get_userbyid(datdba))
        from pg_database where datname = 'shop'";
    assert_eq!(ask(&mut shop, order).await, "UTF8 C tuan_owner");
    let socket = fs::read_dir(server.connect_options("shop").get_socket().unwrap()).unwrap();
    assert!(socket.count() > 0);
    let mode =
        fs::metadata(server.connect_options("shop").get_socket().unwrap()).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o700);
    assert!(server.bin("initdb").unwrap().is_file());
    assert!(server.bin("no-such-program").is_none());
}

#[tokio::test]
async fn the_application_role_may_only_what_it_is_granted() {
    let dir = place();
    let server = start(dir.path());
    let mut shop = owner(&server).await;
    run(&mut shop, "create table journal (id bigint)").await;
    run(&mut shop, "grant select, insert on journal to tuan_app").await;
    let mut app = server.app_options("shop").connect().await.unwrap();
    run(&mut app, "insert into journal values (1)").await;
    for refused in
        ["update journal set id = 2", "delete from journal", "create table more (id int)"]
    {
        let error = sqlx::query(refused).execute(&mut app).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{refused}: {error}");
    }
    for role in [&mut app, &mut shop] {
        assert_eq!(ask(role, "select current_setting('is_superuser')").await, "off");
    }
    for name in ["", "Shop", "a\"b", "x y"] {
        assert!(server.ensure_database(name).await.is_err(), "{name:?}");
    }
}

#[tokio::test]
async fn a_second_owner_hears_who_the_first_is_and_may_join() {
    let dir = place();
    let server = start(dir.path());
    let error = Embedded::start(dir.path(), impatient()).unwrap_err();
    let said = error.to_string();
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
    assert!(matches!(Embedded::wipe(dir.path()), Err(StartError::Held { .. })));

    let guest = Embedded::join_or_start(dir.path(), impatient()).unwrap();
    assert!(guest.is_joined() && !guest.exited());
    assert_eq!(ask(&mut owner(&guest).await, "select current_user::text").await, "tuan_owner");
    drop(guest);
    assert!(!server.exited(), "a guest's leaving stops nothing");
    drop(server);
    assert!(!Embedded::join_or_start(dir.path(), impatient()).unwrap().is_joined());
}

#[tokio::test]
async fn the_server_goes_when_its_owner_is_killed_and_the_next_start_is_clean() {
    let dir = place();
    let mut child = spawn_owner(dir.path());
    let guest = Embedded::join_or_start(dir.path(), impatient()).unwrap();
    let mut shop = owner(&guest).await;
    run(&mut shop, "create table note as select '再来一份' as body").await;
    let pid = postmaster(dir.path());
    child.kill().unwrap();
    child.wait().unwrap();
    // Without waiting: the old server may still be shutting down.
    let begun = Instant::now();
    let server = start(dir.path());
    println!("restart after kill -9 of the owner: {:?}", begun.elapsed());
    assert_ne!(postmaster(dir.path()), pid);
    assert!(test_kill_process(pid).is_err(), "the old server is gone");
    assert_eq!(ask(&mut owner(&server).await, "select body from note").await, "再来一份");
}

/// A backend deep in work, which notices late that its server is gone.
async fn keep_busy(server: &Embedded) -> tokio::task::JoinHandle<()> {
    let mut busy = server.connect_options("shop").connect().await.unwrap();
    let work = tokio::spawn(async move {
        let count = "select count(*) from generate_series(1, 4000000)";
        let _ = sqlx::query(count).execute(&mut busy).await;
    });
    let mut watcher = owner(server).await;
    let active = "select count(*)::text from pg_stat_activity
        where state = 'active' and query like '%generate_series(1, 4000000)' and pid <> pg_backend_pid()";
    let deadline = Instant::now() + Duration::from_secs(20);
    while ask(&mut watcher, active).await != "1" {
        assert!(Instant::now() < deadline, "the work began");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    work
}

/// The shell between us and the server.
fn lifeline(root: &Path) -> Pid {
    let status = fs::read_to_string(format!("/proc/{}/status", postmaster(root))).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap();
    Pid::from_raw(parent.trim().parse().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_a_restart_brings_the_server_back() {
    if !Path::new("/proc/self/status").exists() {
        return; // no way to find the shell's process id
    }
    let dir = place();
    let server = start(dir.path());
    run(&mut owner(&server).await, "create table note as select '三斤' as body").await;
    for (shell_dies, server_dies) in [(false, true), (true, false), (true, true)] {
        let work = keep_busy(&server).await;
        let (shell, postmaster) = (lifeline(dir.path()), postmaster(dir.path()));
        for (victim, _) in [(shell, shell_dies), (postmaster, server_dies)].iter().filter(|it| it.1)
        {
            kill_process(*victim, Signal::KILL).unwrap();
        }
        wait_until("the owner notices", || server.exited());
        let begun = Instant::now();
        server.restart().unwrap_or_else(|error| panic!("{shell_dies} {server_dies}: {error}"));
        println!(
            "restart, shell killed: {shell_dies}, server killed: {server_dies}: {:?}",
            begun.elapsed()
        );
        assert!(!server.exited());
        assert_eq!(ask(&mut owner(&server).await, "select body from note").await, "三斤");
        work.await.unwrap();
    }
}

#[test]
fn a_pid_file_that_names_a_stranger_is_no_obstacle() {
    let dir = place();
    drop(start(dir.path()));
    let pid_file = cluster(dir.path()).join("postmaster.pid");
    // Ourselves: alive, and no Postgres.
    for text in [format!("{}\nrest\n", std::process::id()), "-7\n".to_owned(), String::new()] {
        fs::write(&pid_file, text).unwrap();
        drop(start(dir.path()));
    }
}

#[tokio::test]
async fn a_first_start_that_was_cut_short_is_begun_again() {
    let dir = place();
    Embedded::claim(dir.path()).unwrap();
    drop(start(dir.path()));
    let made = cluster(dir.path());
    // As this version and as an earlier one would have called it.
    for name in ["new-0123456789abcdef", "new"] {
        let draft = made.with_extension(name);
        fs::rename(&made, &draft).unwrap();
        fs::remove_file(draft.join("PG_VERSION")).unwrap();
        let server = start(dir.path());
        let asked = ask(&mut owner(&server).await, "select current_user::text").await;
        assert_eq!(asked, "tuan_owner");
        assert!(!draft.exists());
    }
}

/// Everything that was started to work in the folder and lives: process id and what it was told.
pub(crate) fn at_work(root: &Path) -> Vec<(u32, String)> {
    let root = root.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok());
    let told = pids.filter_map(|pid| {
        let told = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&told).replace('\0', " ")))
    });
    told.filter(|(pid, told)| told.contains(root) && *pid != std::process::id()).collect()
}

#[tokio::test]
async fn a_start_that_is_killed_anywhere_is_made_good_by_the_next_at_once() {
    let calm = Instant::now();
    drop(start(place().path()));
    let calm = calm.elapsed();
    let rounds = kills(4);
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let dir = place();
        let mut child = spawn_starting(dir.path());
        sleep(calm * (2 * round + 1) / (2 * rounds));
        child.kill().unwrap();
        child.wait().unwrap();
        let begun = Instant::now();
        let server = start(dir.path());
        slowest = slowest.max(begun.elapsed());
        let asked = ask(&mut owner(&server).await, "select current_user::text").await;
        assert_eq!(asked, "tuan_owner");
        let names = fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name());
        let drafts: Vec<_> = names.filter(|it| it.to_str().unwrap().contains(".new")).collect();
        assert!(drafts.is_empty(), "killed after {round}/{rounds}: {drafts:?}");
        drop(server);
        if Path::new("/proc/self/cmdline").exists() {
            wait_until("all that was started has ended", || at_work(dir.path()).is_empty());
        }
    }
    println!("{rounds} first starts killed; the next took {slowest:?} at most, calm {calm:?}");
    // A server that somebody has to be waited for takes seconds; the rest is the machine's load.
    assert!(slowest < calm * 3 + Duration::from_secs(10), "{slowest:?}, where {calm:?} is usual");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works_all_the_same() {
    let dir = place();
    let root = dir.path().join("长".repeat(30)).join("it's, \"here\"");
    fs::create_dir(root.parent().unwrap()).unwrap();
    let server = start(&root);
    let socket = server.connect_options("shop").get_socket().unwrap().clone();
    assert!(socket.as_os_str().len() < 90 && !socket.starts_with(dir.path()));
    assert_eq!(ask(&mut owner(&server).await, "select current_user::text").await, "tuan_owner");
    drop(server);
    fs::remove_dir_all(socket).unwrap();
}

#[test]
fn only_a_folder_that_bears_our_marker_is_started_in_or_emptied() {
    let dir = place();
    let precious = dir.path().join("precious.txt");
    fs::write(&precious, "mine").unwrap();
    for refusal in [
        Embedded::wipe(dir.path()).unwrap_err(),
        Embedded::claim(dir.path()).unwrap_err(),
        Embedded::start(dir.path(), impatient()).unwrap_err(),
        Embedded::wipe(&precious).unwrap_err(),
    ] {
        assert!(matches!(refusal, StartError::Refused { .. }), "{refusal}");
    }
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was added");

    fs::remove_file(&precious).unwrap();
    Embedded::wipe(dir.path()).unwrap();
    Embedded::wipe(&dir.path().join("absent")).unwrap();
    Embedded::claim(dir.path()).unwrap();
    fs::write(&precious, "tuan's").unwrap();
    drop(start(dir.path()));
    Embedded::wipe(dir.path()).unwrap();
    assert!(!precious.exists() && !dir.path().join("run").exists());
    drop(start(dir.path()));
}

#[test]
fn as_root_no_link_is_followed_and_no_strangers_folder_taken() {
    if !is_root() {
        return;
    }
    let dir = place();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    for root in [link.clone(), link.join("below")] {
        let said = Embedded::start(&root, impatient()).unwrap_err().to_string();
        assert!(said.contains("no link is followed"), "{said}");
    }
    std::os::unix::fs::chown(&real, Some(65534), None).unwrap();
    let said = Embedded::start(&real, impatient()).unwrap_err().to_string();
    assert!(said.contains("belongs to the user with id 65534"), "{said}");

    let private = dir.path().join("private");
    fs::create_dir(&private).unwrap();
    fs::set_permissions(&private, Permissions::from_mode(0o700)).unwrap();
    let said = Embedded::start(&private.join("data"), impatient()).unwrap_err().to_string();
    assert!(said.contains("cannot reach this folder"), "{said}");
}

#[test]
fn those_who_name_no_folder_get_the_systems_or_their_own() {
    let root = tuan::store::embedded::default_root().unwrap();
    assert!(root.is_absolute() && root.ends_with("tuan"), "{}", root.display());
    assert_eq!(root == Path::new("/var/lib/tuan"), is_root());
}

#[tokio::test]
async fn the_servers_log_repeats_nothing_that_was_said() {
    let dir = place();
    let server = start(dir.path());
    let mut shop = owner(&server).await;
    for said in ["select '小美的地址'::bigint", "select 1 from \"小美的地址\""] {
        assert!(sqlx::query(said).execute(&mut shop).await.is_err());
    }
    drop((shop, server));
    let log = fs::read_to_string(dir.path().join("postgres.log")).unwrap();
    assert!(log.contains("ready to accept connections") && !log.contains("小美"), "{log}");
}

#[test]
fn a_machine_without_postgres_is_told_what_to_install_and_left_as_it_was() {
    let dir = place();
    let root = dir.path().join("data");
    let options = ServerOptions { programs: Some(dir.path().to_owned()), ..impatient() };
    let said = Embedded::start(&root, options.clone()).unwrap_err().to_string();
    assert!(said.contains("apt-get install postgresql"), "{said}");
    assert!(!root.exists());
    Embedded::claim(&root).unwrap();
    fs::create_dir(root.join("pg99")).unwrap();
    let said = Embedded::start(&root, options).unwrap_err().to_string();
    assert!(said.contains("made with PostgreSQL 99"), "{said}");
}
