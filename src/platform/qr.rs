//! A QR code, with the quiet margin that scanners want: in letters for a terminal, half blocks, two rows in a
//! line; or as a picture for a page. Light on dark and dark on light terminals alike it is drawn dark on light.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

/// Blank modules around the code.
const MARGIN: usize = 2;

/// Which modules are dark, row by row, all rows as long as there are rows; `None` when the content is too
/// long for a code.
fn modules(content: &str) -> Option<Vec<Vec<bool>>> {
    let code = QRBuilder::new(content).ecl(ECL::L).build().ok()?;
    let inside = |at: usize| at.checked_sub(MARGIN).filter(|&at| at < code.size);
    let dark = |row: usize, column: usize| match (inside(row), inside(column)) {
        (Some(row), Some(column)) => code[row][column].value(),
        _ => false,
    };
    let all = 0..code.size + 2 * MARGIN;
    Some(all.clone().map(|row| all.clone().map(|column| dark(row, column)).collect()).collect())
}

/// The code for `content`, one line of text for two rows; `None` when it is too long for a code.
#[must_use]
pub fn drawn(content: &str) -> Option<String> {
    let rows = modules(content)?;
    let light = vec![false; rows.len()];
    let mut text = String::new();
    for pair in rows.chunks(2) {
        let lower = pair.get(1).unwrap_or(&light);
        // The light modules are drawn: most terminals are dark.
        text.extend(pair[0].iter().zip(lower).map(|two| match two {
            (false, false) => '█',
            (false, true) => '▀',
            (true, false) => '▄',
            (true, true) => ' ',
        }));
        text.push('\n');
    }
    Some(text)
}

/// The code for `content` as an SVG element; `None` when it is too long for a code.
#[must_use]
pub fn picture(content: &str) -> Option<String> {
    let rows = modules(content)?;
    let size = rows.len();
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        for x in (0..size).filter(|&x| row[x]) {
            // Writing into a string does not fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\" \
         role=\"img\" aria-label=\"QR\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// Pixels of one module: large enough for a phone that scans another's screen.
const MODULE_PIXELS: usize = 8;

/// The code for `content` as a PNG of one bit a pixel; `None` when it is too long for a code.
#[must_use]
pub fn png(content: &str) -> Option<Vec<u8>> {
    let rows = modules(content)?;
    let side = rows.len() * MODULE_PIXELS;
    let mut pixels = Vec::with_capacity(side * side.div_ceil(8));
    for row in &rows {
        // Eight pixels a module are a byte: black is zero.
        let line: Vec<u8> = row.iter().map(|&dark| if dark { 0 } else { u8::MAX }).collect();
        (0..MODULE_PIXELS).for_each(|_| pixels.extend_from_slice(&line));
    }
    let mut file = Vec::new();
    let side = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(file)
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

    #[test]
    fn the_picture_has_the_same_dark_modules() {
        let content = "http://weixin.qq.com/x/abc";
        let dark: usize =
            modules(content).unwrap().iter().flatten().filter(|&&is_dark| is_dark).count();
        let picture = picture(content).unwrap();
        assert!(dark > 100);
        assert_eq!(picture.matches("h1v1h-1z").count(), dark);
        assert!(picture.contains("M2 2h1v1"), "the corner of the first eye");
    }

    #[test]
    fn another_program_reads_what_is_drawn() {
        let content =
            "00020101021226380009SG.PAYNOW010100211+6591234567030105204000053037025405 38.40";
        let file = png(content).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut packed = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut packed).unwrap();
        let (side, row_bytes) = (info.width as usize, info.line_size);
        let pixel = |x: usize, y: usize| {
            let byte = packed[y * row_bytes + x / 8];
            if byte & (0x80 >> (x % 8)) == 0 { 0 } else { u8::MAX }
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
        let found = image.detect_grids();
        let (_, read) = found.first().expect("a code is found").decode().unwrap();
        assert_eq!(read, content);
    }
}
