//! Making a cluster, and the settings a server is started with.
//!
//! A cluster appears under its name only when it is complete, roles included, so a first start
//! that was cut short leaves nothing behind that a second could take for a cluster. The files
//! that Postgres itself would read its settings from are not used: ours are written at each start.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ServerOptions;
use super::error::{Doing, StartError};
use super::folder::Folder;
use super::install::Install;
use super::user::{self, ServerUser};
use super::{adopt, lifeline};

/// The cluster's superuser. The shop itself never needs it.
const SUPERUSER: &str = "postgres";
/// One statement a line, as single-user mode wants them. The owner migrates and makes databases;
/// what the application may do is for the migrations to say.
const ROLES: &str = "\
create role tuan_owner login createdb createrole\n\
create role tuan_app login\n\
grant pg_monitor, pg_checkpoint to tuan_owner\n";
/// Nobody is let in but our own user, by the kernel's word, and only as one of the two roles: not as the
/// superuser, and not the other processes of the server's user.
const HBA: &str = "local all tuan_owner,tuan_app peer map=tuan\n";
/// Lines of a program's words that an error repeats.
const TAIL_LINES: usize = 12;

/// Settings that hold for every server; later ones win.
const SETTINGS: [(&str, &str); 21] = [
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("cluster_name", "tuan"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("max_connections", "50"),
    ("shared_buffers", "64MB"),
    ("dynamic_shared_memory_type", "posix"),
    // Containers give little shared memory, and the shop's queries are small.
    ("max_parallel_workers_per_gather", "0"),
    ("jit", "off"),
    ("random_page_cost", "1.1"),
    ("max_wal_size", "1GB"),
    ("min_wal_size", "256MB"),
    ("wal_buffers", "16MB"),
    ("checkpoint_timeout", "15min"),
    ("log_checkpoints", "off"),
    // The server's log must not repeat what members wrote: no statements, no offending values.
    // `log` is what the server says of itself; errors of statements are told to us anyway.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_error_verbosity", "terse"),
    ("log_parameter_max_length_on_error", "0"),
];
/// For tests alone: a crash of the machine may cost all the data.
const NOT_DURABLE: [(&str, &str); 3] =
    [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")];

/// The cluster's folder; made first if there is none.
pub(super) fn prepare(
    folder: &Folder,
    install: &Install,
    user: &ServerUser,
    durable: bool,
) -> Result<PathBuf, StartError> {
    folder.clear_drafts();
    let cluster = folder.cluster(install.major);
    if !cluster.exists() {
        let draft = folder.draft(install.major);
        make(&draft, install, user, durable)?;
        fs::rename(&draft, &cluster)
            .and_then(|()| File::open(&folder.root)?.sync_all())
            .doing(|| format!("move the new database to {}", cluster.display()))?;
    }
    adopt::take_over(folder, &cluster, user)?;
    Ok(cluster)
}

fn make(
    draft: &Path,
    install: &Install,
    user: &ServerUser,
    durable: bool,
) -> Result<(), StartError> {
    fs::DirBuilder::new()
        .mode(0o700)
        .create(draft)
        .and_then(|()| user.give(draft))
        .doing(|| format!("create {}", draft.display()))?;

    let mut initdb = user.command(install.core_program("initdb"));
    initdb.args(["--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C"]);
    // Whoever starts the server without our files is let in nowhere.
    initdb.args(["--auth", "reject", "--pgdata"]).arg(draft);
    if !durable {
        initdb.arg("--no-sync");
    }
    run(user, &initdb, "")?;

    let mut single = user.command(install.core_program("postgres"));
    single.args(["--single", "-c", "exit_on_error=on", "-D"]).arg(draft).arg("postgres");
    run(user, &single, ROLES)
}

/// The command that starts the server in `cluster`; writes the files it reads first.
pub(super) fn command(
    folder: &Folder,
    install: &Install,
    socket_dir: &Path,
    options: &ServerOptions,
) -> Result<Vec<OsString>, StartError> {
    let cluster = folder.cluster(install.major);
    let files = [
        ("config_file", "postgresql.conf", settings(socket_dir, options)),
        ("hba_file", "pg_hba.conf", HBA.to_owned()),
        ("ident_file", "pg_ident.conf", ident(&user::own_name()?)),
    ];
    let mut command = vec![install.core_program("postgres").into(), "-D".into(), cluster.into()];
    for (setting, name, text) in files {
        let path = folder.root.join(name);
        write_readable(&path, &text).doing(|| format!("write {}", path.display()))?;
        let mut argument = OsString::from(format!("{setting}="));
        argument.push(path);
        command.extend(["-c".into(), argument]);
    }
    Ok(command)
}

/// Whether this build of Postgres can compress its log by lz4: a third less to write, at once
/// after a checkpoint, for no measurable time.
pub(super) fn has_lz4(install: &Install, user: &ServerUser, cluster: &Path) -> bool {
    let mut ask = user.command(install.core_program("postgres"));
    ask.args(["-C", "wal_compression", "-c", "wal_compression=lz4", "-D"]).arg(cluster);
    ask.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success())
}

/// Readable by the server's user, whatever the caller's mask.
fn write_readable(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

fn settings(socket_dir: &Path, options: &ServerOptions) -> String {
    let mut text = String::from("# Written by tuan at each start; changes here are lost.\n");
    let mut set = |name: &str, value: &str| {
        let value = value.replace('\'', "''").replace('\\', "\\\\");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name} = '{value}'");
    };
    // In double quotes: blanks at the ends of the path count.
    set("unix_socket_directories", &format!("\"{}\"", socket_dir.display()));
    for (name, value) in SETTINGS {
        set(name, value);
    }
    if !options.durable {
        for (name, value) in NOT_DURABLE {
            set(name, value);
        }
    }
    for (name, value) in &options.settings {
        set(name, value);
    }
    text
}

/// Which user of the machine may be which role.
fn ident(name: &str) -> String {
    let name = name.replace('"', "\"\"");
    format!("tuan \"{name}\" tuan_owner\ntuan \"{name}\" tuan_app\n")
}

fn run(user: &ServerUser, command: &Command, input: &str) -> Result<(), StartError> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = lifeline::run(user, command, input).doing(|| format!("run {program}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(StartError::Failed { program, said: tail(&String::from_utf8_lossy(&said)) })
}

/// The last lines of what a program said.
pub(super) fn tail(said: &str) -> String {
    let lines: Vec<_> = said.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_settings_come_last_and_are_quoted() {
        let given = vec![("jit".to_owned(), "it's \\ on".to_owned())];
        let options = ServerOptions { durable: false, settings: given, ..ServerOptions::default() };
        let text = settings(Path::new("/srv/a b"), &options);
        assert!(text.contains("unix_socket_directories = '\"/srv/a b\"'\n"), "{text}");
        assert!(text.contains("\nfsync = 'off'\n"), "{text}");
        assert!(text.ends_with("\njit = 'it''s \\\\ on'\n"), "{text}");
        assert!(!settings(Path::new("/srv"), &ServerOptions::default()).contains("fsync"));
    }

    #[test]
    fn one_user_of_the_machine_may_be_the_two_roles_whatever_it_is_called() {
        assert_eq!(ident("amy"), "tuan \"amy\" tuan_owner\ntuan \"amy\" tuan_app\n");
        assert!(ident("HALL\\amy \"a\"").starts_with("tuan \"HALL\\amy \"\"a\"\"\" tuan_owner\n"));
    }

    #[test]
    fn an_error_repeats_only_the_last_lines() {
        let said = (1..=40).map(|it| it.to_string()).collect::<Vec<_>>().join("\n");
        assert!(tail(&said).starts_with("29\n") && tail(&said).ends_with("\n40"));
        assert_eq!(tail(""), "");
    }
}
