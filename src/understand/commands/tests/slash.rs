//! Slash commands.

use crate::understand::commands::rewrite;

#[track_caller]
fn check(text: &str, expected: Option<&str>) {
    assert_eq!(rewrite(text).as_deref(), expected, "{text}");
}

#[test]
fn commands_become_words() {
    check("/order A1 2", Some("要 A1 2"));
    check("/checkin@TuanBot", Some("签到"));
    check("/WITHDRAW 50", Some("提现 50"));
    check("/签到", Some("签到"));
    check("/whatever", Some(""));
    check("A1/B1", None);
}
