//! Outcomes of operators' commands, printed for people.

use std::collections::BTreeMap;
use std::io::Write;

use crate::domain::operate::{OperatorEffect, Outcome};
use crate::sheets::RowFault;

/// The most rows that are printed.
const SHOWN: usize = 100;

/// Print what was (or would be) done, or why not; says whether all is fine.
pub(super) fn print(
    out: &mut impl Write,
    what: &str,
    outcome: &Outcome,
    is_done: bool,
) -> std::io::Result<bool> {
    for objected in outcome.objections.iter().take(SHOWN) {
        let place = match (objected.row, objected.id) {
            (0, 0) => String::new(),
            (0, id) => format!("{what} {id}: "),
            (row, _) => format!("row {row}: "),
        };
        writeln!(out, "{place}{}", objected.why)?;
    }
    more(out, outcome.objections.len())?;
    if !outcome.is_fine() {
        writeln!(out, "nothing was done")?;
        return Ok(false);
    }
    for done in outcome.done.iter().filter(|it| it.effect != OperatorEffect::Same).take(SHOWN) {
        let row = if done.row == 0 { String::new() } else { format!("row {}: ", done.row) };
        writeln!(out, "{row}{what} {} {}", done.id, done.effect.word())?;
    }
    more(out, outcome.done.iter().filter(|it| it.effect != OperatorEffect::Same).count())?;
    let mut counts = BTreeMap::<OperatorEffect, usize>::new();
    outcome.done.iter().for_each(|done| *counts.entry(done.effect).or_default() += 1);
    let counts: Vec<_> =
        counts.iter().map(|(effect, count)| format!("{count} {}", effect.word())).collect();
    let counts = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
    writeln!(out, "{}{counts}", if is_done { "done: " } else { "would be: " })?;
    Ok(true)
}

/// Print the rows that cannot be read.
pub(super) fn print_faults(out: &mut impl Write, faults: &[RowFault]) -> std::io::Result<()> {
    for fault in faults.iter().take(SHOWN) {
        writeln!(out, "row {}: {}", fault.row, fault.what)?;
    }
    more(out, faults.len())?;
    writeln!(out, "nothing was done")
}

fn more(out: &mut impl Write, rows: usize) -> std::io::Result<()> {
    if rows > SHOWN { writeln!(out, "… and {} more", rows - SHOWN) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::domain::operate::{DoneItem, Objected, Objection};

    fn printed(outcome: &Outcome) -> (bool, String) {
        let mut out = Vec::new();
        let fine = print(&mut out, "order", outcome, true).unwrap();
        (fine, String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_was_done_is_told_by_row_and_counted() {
        let done = |row, effect| DoneItem { row, id: 7, effect };
        let done = vec![
            done(2, OperatorEffect::Paid),
            done(3, OperatorEffect::Same),
            done(4, OperatorEffect::Shipped),
        ];
        let (fine, text) = printed(&Outcome { done, ..Outcome::default() });
        assert!(fine);
        let expected =
            "row 2: order 7 paid\nrow 4: order 7 shipped\ndone: 1 unchanged, 1 paid, 1 shipped\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn objections_name_their_rows() {
        let why = Objection::NoOrder(OrderId(9));
        let (fine, text) = printed(&Outcome::objected(vec![Objected { row: 3, id: 9, why }]));
        assert!(!fine);
        assert_eq!(text, "row 3: there is no order #9\nnothing was done\n");
    }
}
