//! Pictures: every one that is named and not remote is a file below the shop's folder.
//!
//! The only check that looks at the disk. What the file contains is not looked at.

use std::path::Path;

use crate::config::fault::Faults;
use crate::config::nearest::nearest;
use crate::config::reader::At;
use crate::config::scalar::names::PicturePath;
use crate::config::written::Root;

pub(super) fn check(root: &Root, folder: &Path, faults: &mut Faults<'_>) {
    let of_items = root.items.value.iter().filter_map(|it| it.value.image.as_ref());
    let of_drops = root.drops.value.iter().filter_map(|it| it.value.image.as_ref());
    let of_payment =
        root.payment.value.methods.value.iter().filter_map(|it| it.value.picture.as_ref());
    for picture in
        of_items.chain(of_drops).chain(of_payment).filter(|picture| !picture.value.is_remote())
    {
        check_picture(picture, folder, faults);
    }
}

fn check_picture(picture: &At<PicturePath>, folder: &Path, faults: &mut Faults<'_>) {
    let path = folder.join(&picture.value.0);
    if path.is_file() {
        return;
    }
    let beside = names_in(path.parent().unwrap_or(folder));
    let name = Path::new(&picture.value.0).file_name().unwrap_or_default().to_string_lossy();
    let hint = nearest(&name, beside.iter().map(String::as_str)).map_or_else(
        || "paths start at the folder of this file".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    faults.error(&picture.place, format!("there is no picture {}", path.display()), hint);
}

/// The names in a folder, sorted; none when there is no such folder.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
