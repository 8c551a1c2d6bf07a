//! A long run, by hand and now and then: `make fuzz`. Sheets that were written here, with bytes changed, and
//! workbooks with the words inside changed: each is read within bounds, or refused with words.

use crate::domain::money::Currency;
use std::path::Path;

use super::table::{self, Cell, SheetTable};
use super::{RowFault, orders, payouts};
use crate::domain::money::Money;
use crate::domain::policy::Locale;
use crate::fuzzing::{Dice, few, in_time, long};

/// The bytes of an orders' sheet as it is written.
fn sample(folder: &Path, name: &str) -> Vec<u8> {
    let head = orders::head(Locale::ZhHans);
    let cell = |nth: i64, heading: &str| match heading {
        "订单号" => Cell::Whole(nth),
        "下单人" => Cell::text(Some("=小美, \"x\"\n")),
        "金额" => Cell::Money(Money::from_minor(nth * 3_990), Currency::CNY),
        "邀请人" => Cell::text(Some("K7M2QX")),
        "快递公司" => Cell::text(Some("顺丰")),
        "快递单号" => Cell::text(Some("SF1234567890")),
        "本次收款" => Cell::text(Some("39.90")),
        _ => Cell::text(None),
    };
    let row = |nth| head.iter().map(|heading| cell(nth, heading)).collect();
    let rows: Vec<Vec<Cell>> = (1..6).map(row).collect();
    let path = folder.join(name);
    table::write(&path, head, &rows).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    bytes
}

struct Sheets {
    folder: tempfile::TempDir,
    csv: Vec<u8>,
    #[cfg(feature = "xlsx")]
    xlsx: Vec<u8>,
}

fn sheets() -> Sheets {
    let folder = tempfile::tempdir().unwrap();
    Sheets {
        csv: sample(folder.path(), "a.csv"),
        #[cfg(feature = "xlsx")]
        xlsx: sample(folder.path(), "a.xlsx"),
        folder,
    }
}

impl Sheets {
    fn one(&self, dice: &mut Dice) {
        let text = String::from_utf8(self.csv.clone()).unwrap();
        let csv = if dice.once_in(2) {
            dice.text(&[&text, ",", "\"", "\r\n", ";", "\t", "'=1"]).into_bytes()
        } else {
            dice.bytes(&self.csv)
        };
        self.read("a.csv", &csv);
        #[cfg(feature = "xlsx")]
        {
            let is_inside = !dice.once_in(3);
            let xlsx =
                if is_inside { inside::changed(&self.xlsx, dice) } else { dice.bytes(&self.xlsx) };
            self.read("a.xlsx", &xlsx);
        }
    }

    fn read(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        // A file that unpacks to more than it is may take as long as what it holds.
        match in_time(bytes.len() + 64 * 1024, || table::read(&path)) {
            Ok((table, same)) => {
                assert_eq!(same, bytes);
                check(&table);
            }
            Err(refused) => {
                let words = refused.to_string();
                assert!((1..500).contains(&words.chars().count()), "{words}");
            }
        }
    }
}

fn check(table: &SheetTable) {
    let rows = || std::iter::once(&table.head).chain(table.rows.iter().map(|(_, row)| row));
    assert!(table.rows.len() <= table::MAX_ROWS, "{} rows", table.rows.len());
    let wide = rows().map(Vec::len).max().unwrap_or_default();
    assert!(wide <= table::MAX_COLUMNS, "{wide} columns");
    let bytes: usize = rows().flatten().map(String::len).sum();
    assert!(bytes <= table::MAX_UNPACKED, "{bytes} bytes");
    let currency = |slug: &str| (slug == "sun").then_some(Currency::CNY);
    let faults = orders::read(table, Some("sun"), currency).err();
    is_said(table, faults.as_deref());
    is_said(table, payouts::read(table).err().as_deref());
}

/// A refusal names at least one row, and each is one of the sheet.
fn is_said(table: &SheetTable, faults: Option<&[RowFault]>) {
    let is_row = |row: u32| row == 1 || table.rows.iter().any(|(number, _)| *number == row);
    let Some(faults) = faults else { return };
    assert!(!faults.is_empty(), "refused without a reason");
    assert!(faults.iter().all(|fault| is_row(fault.row) && !fault.what.is_empty()), "{faults:?}");
}

/// A workbook is a folder, packed: what changes its bytes is mostly refused when it is unpacked.
#[cfg(feature = "xlsx")]
mod inside {
    use std::io::{Cursor, Read as _, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipArchive, ZipWriter};

    use crate::fuzzing::Dice;

    /// What may stand in a part of a workbook, and mostly elsewhere.
    const WORDS: &[&str] = &[
        "<c r=\"XFD1048576\"><v>1</v></c>",
        "<c r=\"ZZZZZZZ99999999999\"><v>1</v></c>",
        "<c t=\"s\"><v>4000000000</v></c>",
        "<c t=\"e\"><v>#N/A</v></c>",
        "<c t=\"b\"><v>1</v></c>",
        "<c r=\"B2\" t=\"inlineStr\"><is><t>=1</t></is></c>",
        "<row r=\"1048576\">",
        "<row>",
        "</sheetData>",
        "<dimension ref=\"A1:XFD1048576\"/>",
        " uniqueCount=\"4000000000\"",
        "<v>1e999</v>",
        "<v>-7531234567890123</v>",
        "&#0;",
        "&lol;",
        "<!DOCTYPE a [<!ENTITY lol \"lol\">]>",
        "<![CDATA[",
        "\"",
        ">",
    ];

    /// The same workbook with one or two parts changed.
    pub(super) fn changed(workbook: &[u8], dice: &mut Dice) -> Vec<u8> {
        let mut parts = ZipArchive::new(Cursor::new(workbook)).unwrap();
        let chosen = [dice.below(parts.len()), dice.below(parts.len())];
        let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for nth in 0..parts.len() {
            let mut part = parts.by_index(nth).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            let is_sheet = name.ends_with("sheet1.xml") || name.ends_with("sharedStrings.xml");
            if chosen.contains(&nth) || (is_sheet && dice.once_in(2)) {
                let text = String::from_utf8(bytes).unwrap();
                let word = dice.pick(WORDS);
                let mut words = vec![text.as_str(); 8];
                words.push(word);
                bytes = with_word(&dice.text(&words), word, dice).into_bytes();
            }
            if !dice.once_in(100) {
                packed.start_file(name, options).unwrap();
                packed.write_all(&bytes).unwrap();
            }
        }
        packed.finish().unwrap().into_inner()
    }

    /// A word between two tags.
    fn with_word(text: &str, word: &str, dice: &mut Dice) -> String {
        let ends: Vec<usize> = text.match_indices('>').map(|(at, _)| at + 1).collect();
        if ends.is_empty() || dice.once_in(3) {
            return text.to_owned();
        }
        let at = ends[dice.below(ends.len())];
        format!("{}{word}{}", &text[..at], &text[at..])
    }
}

#[test]
fn changed_sheets() {
    let sheets = sheets();
    sheets.read("a.csv", &sheets.csv);
    few(100, 1, |dice| sheets.one(dice));
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let sheets = sheets();
    long("sheets", |dice| sheets.one(dice));
}
