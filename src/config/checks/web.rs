//! The console's doors: where it listens, what it is called outside, and whose word is taken. All of it may be
//! meant, so nothing is refused.

use std::net::SocketAddr;

use crate::config::fault::{Faults, FilePlace};
use crate::config::reader::At;
use crate::config::written::Root;

use super::way::is_open;

pub(super) fn check(root: &Root, faults: &mut Faults<'_>) {
    let web = &root.web.value;
    check_listening(&web.bind, faults);
    let Some(url) = &web.public_url else { return };
    if is_open(&url.value.origin()) {
        let message = "the way to the console is not sealed: passwords and cookies can be read";
        let hint = "put a proxy with TLS in front, and write https://";
        faults.warn(&url.place, message, hint);
    }
    if url.value.is_https && web.trusted_proxies.value.is_empty() {
        let message = "no proxy is named in `trusted_proxies`: all who come through it count as one, and one \
                       who guesses slows all the others";
        let hint = "trusted_proxies = [\"127.0.0.1\"], if the proxy is on this machine";
        faults.warn(&url.place, message, hint);
    }
}

/// Whether everybody who reaches the machine reaches this.
pub(super) fn check_listening(listen: &At<SocketAddr>, faults: &mut Faults<'_>) {
    if listen.value.ip().to_canonical().is_unspecified() {
        warn_of_all(&listen.place, faults);
    }
}

fn warn_of_all(place: &FilePlace, faults: &mut Faults<'_>) {
    let message = "this listens on all addresses of the machine, without TLS";
    let hint = "listen on 127.0.0.1 behind a proxy with TLS; in a container whose port is published on loopback \
                alone it is right";
    faults.warn(place, message, hint);
}
