//! One message as several, where the platform's limits ask for it: a picture whose text is too long to
//! stand below it or whose buttons may not, a text longer than a message. Parts that were delivered are not sent again when a
//! later part has to wait.

use crate::platform::{Capabilities, Outgoing, SendError, Unit};
use crate::render::{TextUnit, split};
use crate::store::outbox::MessagePlace;

/// The most sends of which it is remembered that some parts were delivered.
const BEGUN_MAX: usize = 256;

/// A message in the parts that the platform takes, in order.
pub(super) fn of(whole: Outgoing, able: &Capabilities) -> Vec<Outgoing> {
    let unit = unit(able);
    let length = unit.length(&whole.text);
    let has_place = whole.buttons.is_empty() || able.media_buttons;
    let fits_below = whole.has_media() && has_place && length <= able.caption_limit;
    if fits_below || !whole.has_media() && length <= able.text_limit {
        return vec![whole];
    }
    let mut parts = Vec::new();
    if whole.has_media() {
        let (text, buttons) = (String::new(), Vec::new());
        parts.push(Outgoing { text, buttons, mentions: Vec::new(), ..whole.clone() });
    }
    let texts = split(&whole.text, able.text_limit, unit);
    let last = texts.len().saturating_sub(1);
    for (nth, text) in texts.into_iter().enumerate() {
        let buttons = if nth == last { whole.buttons.clone() } else { Vec::new() };
        let id = format!("{}.{nth}", whole.id);
        parts.push(Outgoing { id, text, image: None, attachment: None, buttons, ..whole.clone() });
    }
    parts
}

fn unit(able: &Capabilities) -> TextUnit {
    match able.text_unit {
        Unit::Utf16 => TextUnit::Utf16,
        Unit::Chars => TextUnit::Chars,
        Unit::Bytes => TextUnit::Bytes,
    }
}

/// Whether a text is one message.
pub(super) fn fits(text: &str, able: &Capabilities) -> bool {
    unit(able).length(text) <= able.text_limit
}

/// Which part of its message this is; 0: all of it, or its picture.
pub(super) fn number(part: &Outgoing) -> u32 {
    let nth = part.id.rsplit_once('.').and_then(|(_, nth)| nth.parse::<u32>().ok());
    nth.map_or(0, |nth| nth.saturating_add(1))
}

/// Sends of several parts of which the first so many were delivered. Bounded: what is forgotten is sent
/// again whole, which is what happens after a restart, too.
#[derive(Debug, Default)]
pub(super) struct Begun(Vec<(Vec<MessagePlace>, usize)>);

impl Begun {
    /// Whether some parts of a send were delivered.
    pub(super) fn has(&self, send: &[MessagePlace]) -> bool {
        self.0.iter().any(|(begun, _)| begun == send)
    }

    /// The parts of a send that were not delivered yet.
    pub(super) fn rest(&self, send: &[MessagePlace], parts: Vec<Outgoing>) -> Vec<Outgoing> {
        let done = self.0.iter().find(|(begun, _)| begun == send).map_or(0, |(_, done)| *done);
        parts.into_iter().skip(done).collect()
    }

    /// What became of a send, by what became of those of its parts that were tried: the first failure counts.
    /// Unless these were the last, the others are still to come.
    pub(super) fn fold(
        &mut self,
        send: &[MessagePlace],
        is_last: bool,
        parts: impl Iterator<Item = Result<Option<String>, SendError>>,
    ) -> Result<Option<String>, SendError> {
        let before = self.0.iter().position(|(begun, _)| begun == send);
        let mut done = before.map_or(0, |at| self.0.swap_remove(at).1);
        let (mut last, mut failed) = (None, None);
        for part in parts {
            match part {
                Ok(id) if failed.is_none() => (last, done) = (id, done + 1),
                Ok(_) => {}
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        if done > 0 && (failed.is_some() || !is_last) {
            self.0.truncate(BEGUN_MAX - 1);
            self.0.push((send.to_vec(), done));
        }
        failed.map_or(Ok(last), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{EventId, Lane};
    use crate::platform::Button;
    use std::time::Duration;

    fn able() -> Capabilities {
        Capabilities { text_limit: 20, caption_limit: 10, ..Capabilities::default() }
    }

    fn message(text: &str, image: Option<&str>) -> Outgoing {
        let image = image.map(str::to_owned);
        Outgoing { id: "1".into(), text: text.into(), image, ..Outgoing::default() }
    }

    #[track_caller]
    fn check(whole: Outgoing, expected: &[(&str, bool)]) {
        let parts = of(whole, &able());
        let got: Vec<_> = parts.iter().map(|it| (it.text.as_str(), it.image.is_some())).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn a_message_is_as_few_parts_as_the_platform_allows() {
        check(message("short", None), &[("short", false)]);
        check(message("short", Some("a.png")), &[("short", true)]);
        check(message("longer than ten", Some("a.png")), &[("", true), ("longer than ten", false)]);
        check(
            message("a first line\na second line", None),
            &[("a first line", false), ("a second line", false)],
        );
    }

    #[test]
    fn buttons_stand_below_a_text_where_they_may_not_stand_below_a_picture() {
        let button = Button { label: "A1".into(), data: "o:1:A1".into() };
        let post = Outgoing { buttons: vec![vec![button]], ..message("short", Some("a.png")) };
        let counts = |able: &Capabilities| {
            let parts = of(post.clone(), able);
            parts.iter().map(|it| (it.has_media(), it.buttons.len())).collect::<Vec<_>>()
        };
        assert_eq!(counts(&able()), [(true, 0), (false, 1)]);
        assert_eq!(counts(&Capabilities { media_buttons: true, ..able() }), [(true, 1)]);
    }

    #[test]
    fn parts_that_were_delivered_are_not_sent_again() {
        let send = [MessagePlace { event: EventId { lane: Lane(0), seq: 1 }, ordinal: 1 }];
        let parts = || of(message("longer than ten", Some("a.png")), &able());
        let mut begun = Begun::default();
        let later = SendError::Later { after: Duration::ZERO, source: None };
        let outcome = begun.fold(&send, true, [Ok(Some("7".into())), Err(later)].into_iter());
        assert!(matches!(outcome, Err(SendError::Later { .. })));
        assert_eq!(begun.rest(&send, parts()).len(), 1);
        let outcome = begun.fold(&send, true, [Ok(Some("8".into()))].into_iter());
        assert_eq!(outcome.unwrap().as_deref(), Some("8"));
        assert_eq!(begun.rest(&send, parts()).len(), 2);
    }
}
