//! Children that never outlive us.
//!
//! Between us and a program stands a small shell. It holds the reading end of a pipe whose writing
//! end only we have; when we end in any way, `kill -9` included, the kernel closes ours, and the
//! shell sees to it that the program ends. Shell and program are a process group of their own, so
//! that Ctrl-C in the terminal is for us to handle.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};

use super::user::ServerUser;

/// Asks for a clean, fast stop until the server is gone: one that has only begun is still deaf. The
/// watcher is killed as soon as the server has ended, so it does not signal a stranger that was given
/// the server's process id.
const SERVER: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ read -r _ <&3; while kill -INT "$server"; do sleep 0.1 || sleep 1; done; } 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill "$watcher"
exit "$status"
"#;
/// What it leaves is a draft that nobody uses: killed at once, with its own children.
const TOOL: &str = r#"
exec 3<&0 </dev/null
input=$1
shift
printf '%s' "$input" | "$@" 3<&- &
tool=$!
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$tool"
status=$?
kill "$watcher"
exit "$status"
"#;

/// A server's command. Its end of the lifeline is the child's standard input.
pub(super) fn server(user: &ServerUser, command: impl IntoIterator<Item: AsRef<OsStr>>) -> Command {
    let mut shell = shell(user, SERVER);
    shell.args(command);
    shell
}

/// Run a program of Postgres that is told `input` and ends by itself.
pub(super) fn run(user: &ServerUser, tool: &Command, input: &str) -> io::Result<Output> {
    let mut shell = shell(user, TOOL);
    shell.arg(input).arg(tool.get_program()).args(tool.get_args());
    let mut child: Child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Waiting for output would let go of it.
    let lifeline = child.stdin.take();
    let output = child.wait_with_output();
    drop(lifeline);
    output
}

fn shell(user: &ServerUser, script: &str) -> Command {
    let mut shell = user.command("/bin/sh");
    shell.args(["-c", script, "tuan-lifeline"]).stdin(Stdio::piped()).process_group(0);
    shell
}
