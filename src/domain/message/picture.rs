//! Pictures that people sent, said again: of an offer, the picture beside the words that list it.

use super::{Attachment, AttachmentKind};

/// Before the platform's id of a picture that people sent, where it is said again as that.
pub const SENT_BEFORE: &str = "file-id:";

impl Attachment {
    /// How it is said again, if it is a picture: by its address, or by the platform's id of it.
    #[must_use]
    pub fn picture(&self) -> Option<String> {
        let is_address = self.id.starts_with("https://");
        let name =
            || if is_address { self.id.clone() } else { format!("{SENT_BEFORE}{}", self.id) };
        (self.kind == AttachmentKind::Picture).then(name)
    }
}
