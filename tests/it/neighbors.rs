//! What the embedded server's neighbours on the machine get to see of it, and whose it is: environments of
//! children, other users at its socket, folders of earlier versions.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use tuan::store::embedded::Embedded;

use crate::embedded::{
    ask, at_work, cluster, impatient, is_root, owner, place, run, spawn_owner, start,
};

/// The server's user under root.
const SERVER_USER: &str = "tuan-db";
/// Whom earlier versions ran it as; everybody's user.
const NOBODY: u32 = 65534;

#[test]
fn a_child_has_no_secret_in_its_environment() {
    if !Path::new("/proc/self/environ").exists() {
        return; // no way to look at it
    }
    let dir = place();
    let mut child = spawn_owner(dir.path());
    let kept = ["PATH", "LD_LIBRARY_PATH", "HOME", "TZ", "LANG", "PWD", "OLDPWD", "SHLVL", "_"];
    // The server and the shell beside it; the owner itself was told where to work another way.
    let found = at_work(dir.path());
    assert!(found.len() >= 2, "{found:?}");
    for (pid, told) in found {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
        let environment = String::from_utf8_lossy(&environment);
        assert!(!environment.contains("nobody may see"), "{told}: {environment}");
        for line in environment.split('\0').filter(|it| !it.is_empty()) {
            let name = line.split('=').next().unwrap();
            // What Postgres sets for its own children.
            let is_its_own = name.starts_with("PG");
            assert!(kept.contains(&name) || name.starts_with("LC_") || is_its_own, "{line}");
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What `psql` says when this user asks as this role.
fn psql(server: &Embedded, uid: Option<(u32, u32)>, role: &str) -> (bool, String) {
    let options = server.connect_options("postgres");
    let mut psql = Command::new(server.bin("psql").expect("psql comes with the server"));
    psql.env_clear().env("LC_ALL", "C").current_dir("/");
    psql.args(["-w", "-X", "-c", "select 'let in'", "-U", role, "-d", "postgres", "-h"]);
    psql.arg(options.get_socket().unwrap());
    if let Some((uid, gid)) = uid {
        psql.uid(uid).gid(gid);
    }
    let said = psql.output().unwrap();
    let text = [said.stdout, said.stderr].concat();
    (said.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// The ids of a user of this machine.
fn ids(name: &str) -> (u32, u32) {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let line = passwd.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
    let mut numbers = line.split(':').skip(2).map(|it| it.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn another_user_of_the_machine_is_not_let_in_and_nobody_as_superuser() {
    let dir = place();
    let server = start(dir.path());
    for role in ["tuan_owner", "tuan_app"] {
        let (is_in, said) = psql(&server, None, role);
        assert!(is_in, "{role}: {said}");
    }
    let (is_in, said) = psql(&server, None, "postgres");
    assert!(!is_in && said.contains("no pg_hba.conf entry"), "{said}");
    if !is_root() {
        return; // we cannot become another user
    }
    // Not even with the door open, or as the server's own user, who holds the key to it.
    let options = server.connect_options("postgres");
    let socket = options.get_socket().unwrap();
    let strangers = [ids("nobody"), ids("daemon"), ids(SERVER_USER)];
    for (door, mode) in [(socket.clone(), 0o755), (socket.join(".s.PGSQL.5432"), 0o777)] {
        fs::set_permissions(door, Permissions::from_mode(mode)).unwrap();
    }
    for stranger in strangers {
        for role in ["tuan_owner", "tuan_app", "postgres"] {
            let (is_in, said) = psql(&server, Some(stranger), role);
            let is_refused = said.contains("Peer authentication failed")
                || said.contains("no pg_hba.conf entry");
            assert!(!is_in && is_refused, "{stranger:?} as {role}: {said}");
        }
    }
}

#[tokio::test]
async fn data_of_an_earlier_version_goes_on_under_the_servers_own_user() {
    let dir = place();
    let server = start(dir.path());
    run(&mut owner(&server).await, "create table note as select '两箱' as body").await;
    let server_uid = fs::metadata(cluster(dir.path())).unwrap().uid();
    drop(server);
    // As it trusted everybody, and as the superuser could be asked for.
    fs::write(dir.path().join("pg_hba.conf"), "local all all trust\n").unwrap();
    fs::write(dir.path().join("pg_ident.conf"), "").unwrap();
    let cluster = cluster(dir.path());
    let earlier = if is_root() { vec![ids("postgres").0, NOBODY] } else { Vec::new() };
    for uid in earlier {
        chown(&cluster, uid);
        // Cut short: the folder is ours, and part of what is in it is theirs.
        std::os::unix::fs::lchown(&cluster, Some(0), None).unwrap();
        drop(start(dir.path()));
        chown(&cluster, uid);
        drop(start(dir.path()));
        let mut owners = Vec::new();
        owners_of(&cluster, &mut owners);
        assert!(owners.len() > 100 && owners.iter().all(|it| *it == server_uid));
        assert_ne!(server_uid, uid);
    }
    let server = start(dir.path());
    assert_eq!(ask(&mut owner(&server).await, "select body from note").await, "两箱");
    assert!(!psql(&server, None, "postgres").0, "nobody is the superuser");
}

#[test]
fn what_is_no_earlier_servers_is_not_taken_over() {
    if !is_root() {
        return;
    }
    let dir = place();
    drop(start(dir.path()));
    let cluster = cluster(dir.path());
    chown(&cluster, ids("daemon").0);
    let said = Embedded::start(dir.path(), impatient()).unwrap_err().to_string();
    assert!(said.contains("belongs to the user with id 1"), "{said}");
    // A link in it may lead anywhere.
    let outside = dir.path().join("outside");
    fs::write(&outside, "root's").unwrap();
    chown(&cluster, NOBODY);
    std::os::unix::fs::symlink(&outside, cluster.join("link")).unwrap();
    assert!(Embedded::start(dir.path(), impatient()).is_err());
    fs::remove_file(cluster.join("link")).unwrap();
    fs::hard_link(&outside, cluster.join("link")).unwrap();
    assert!(Embedded::start(dir.path(), impatient()).is_err());
    assert_eq!(fs::metadata(&outside).unwrap().uid(), 0);
    fs::remove_file(cluster.join("link")).unwrap();
    drop(start(dir.path()));
}

fn chown(path: &Path, uid: u32) {
    std::os::unix::fs::lchown(path, Some(uid), None).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            chown(&entry.unwrap().path(), uid);
        }
    }
}

fn owners_of(path: &Path, owners: &mut Vec<u32>) {
    owners.push(fs::symlink_metadata(path).unwrap().uid());
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            owners_of(&entry.unwrap().path(), owners);
        }
    }
}

#[test]
fn nobody_does_not_run_a_server() {
    if !is_root() {
        return; // we cannot become another user
    }
    let dir = place();
    // Where it is built, others may not pass.
    let program = dir.path().join("tuan");
    fs::copy(env!("CARGO_BIN_EXE_tuan"), &program).unwrap();
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(NOBODY), None).unwrap();
    let mut command = Command::new(&program);
    command.args(["migrate", "--data"]).arg(home.join("data")).env_remove("DATABASE_URL");
    let said = command.uid(NOBODY).gid(NOBODY).current_dir("/").output().unwrap();
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && text.contains("not run as `nobody`"), "{text}");
    assert!(!home.join("data").exists());
}
