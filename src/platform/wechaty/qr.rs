//! A QR code in letters: half blocks, two rows in a line, with the quiet margin that scanners want. Light
//! on dark and dark on light terminals alike it is drawn dark on light.

use fast_qr::{ECL, QRBuilder};

/// Blank modules around the code.
const MARGIN: usize = 2;

/// The code for `content`, one line of text for two rows; `None` when it is too long for a code.
#[must_use]
pub fn drawn(content: &str) -> Option<String> {
    let code = QRBuilder::new(content).ecl(ECL::L).build().ok()?;
    let size = code.size + 2 * MARGIN;
    let dark = |row: usize, column: usize| {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|&at| at < code.size);
        match (inside(row), inside(column)) {
            (Some(row), Some(column)) => code[row][column].value(),
            _ => false,
        }
    };
    let mut text = String::new();
    for row in (0..size).step_by(2) {
        // The light modules are drawn: most terminals are dark.
        text.extend((0..size).map(|column| match (dark(row, column), dark(row + 1, column)) {
            (false, false) => '█',
            (false, true) => '▀',
            (true, false) => '▄',
            (true, true) => ' ',
        }));
        text.push('\n');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_a_margin_and_three_eyes() {
        let text = drawn("http://weixin.qq.com/x/abc").unwrap();
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let size = lines[0].len();
        assert!(lines.iter().all(|line| line.len() == size));
        assert_eq!(lines.len(), size.div_ceil(2));
        assert!(lines[0].iter().all(|&c| c == '█'), "the margin");
        // The upper edge of the eyes: seven dark modules on the left and on the right.
        assert!(
            lines[1][2..9].starts_with(&[' ']) && lines[1][size - 9..size - 2].ends_with(&[' '])
        );
        assert_eq!(drawn(&"x".repeat(5_000)), None);
    }
}
