//! The page of the simulated chat, built into the program, and the pictures of the shop: those of its
//! own folder, or the demo's, which are built in as well.
//!
//! Everything carries an `ETag` and is asked for again each time, so a new version shows at once.

use std::path::{Path, PathBuf};

use axum::Extension;
use axum::extract::{Path as Named, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::problem::{Answer, Problem};
use super::{Site, guard};
use crate::gate::Caller;

/// The largest picture that is served.
const PICTURE_MAX: u64 = 10 * 1024 * 1024;

/// A picture may not do anything, not even when it is opened by itself: SVG can hold scripts.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Pictures by the ending of their names.
const PICTURES: [(&str, &str); 7] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
];

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!($folder, $name)).as_slice())),*]
    };
}

/// The page's files.
const PAGE: &[(&str, &[u8])] = files!("page/":
    "index.html", "accounts.css", "chat.css", "icon.svg", "login.html", "api.js", "app.js", "avatars.js", "clock.js",
    "composer.js", "dom.js", "invite.js", "live.js", "loading.js", "members.js", "message.js",
    "outbox.js", "panels.js", "room.js", "rooms.js", "shop.js", "strings.js", "text.js", "time.js",
    "timeline.js", "types.js",
);

/// The demo's pictures.
const DEMO_PICTURES: &[(&str, &[u8])] = files!("../../deploy/media/":
    "cherries.svg", "dumplings.svg", "eggs.svg", "grapes.svg", "strawberries.svg", "tshirt.svg",
);

/// `GET /`: the chat, or the sign-in where one is needed first. A shop on real platforms has no chat to
/// show, and shows its accounts.
pub(super) async fn index(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer<Response> {
    if !site.app.is_demo && !is_known(&site, &caller, &headers).await? {
        return Ok(Redirect::to("/login").into_response());
    }
    Ok(match &site.app.simulator {
        None => Redirect::to("/accounts").into_response(),
        Some(_) => page(&headers, "index.html"),
    })
}

/// Whether somebody may see the operator's pages; who may not is shown the sign-in.
pub(super) async fn is_known(site: &Site, caller: &Caller, headers: &HeaderMap) -> Answer<bool> {
    match guard::admit(site, caller, headers).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.is_unauthorized() => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// A plain page with this in its head and in its middle.
pub(super) fn framed(head: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"zh-Hans\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">{head}\
         <title>团 Tuan</title><link rel=\"icon\" type=\"image/svg+xml\" href=\"/page/icon.svg\">\
         <link rel=\"stylesheet\" href=\"/page/accounts.css\"></head>\
         <body><main class=\"accounts\">{main}</main></body></html>"
    )
}

/// What came from outside, as text of a page.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `GET /page/{file}`.
pub(super) async fn file(Named(name): Named<String>, headers: HeaderMap) -> Answer<Response> {
    let is_known = PAGE.iter().any(|(known, _)| *known == name);
    if is_known { Ok(page(&headers, &name)) } else { Err(Problem::missing("such file")) }
}

/// One of the page's files.
pub(super) fn page(headers: &HeaderMap, name: &str) -> Response {
    let bytes = PAGE.iter().find(|(known, _)| *known == name).map_or(&b""[..], |(_, bytes)| bytes);
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    asset(headers, kind, bytes.to_vec())
}

/// `GET /media/{path}`.
pub(super) async fn picture(
    State(site): State<Site>,
    Named(path): Named<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let missing = || Problem::missing("such picture");
    let kind = kind_of(&path).ok_or_else(missing)?;
    let bytes = if let Some(folder) = &site.app.media {
        read(folder.join("media"), path).await
    } else {
        let known = DEMO_PICTURES.iter().find(|(name, _)| *name == path);
        known.map(|(_, bytes)| bytes.to_vec())
    };
    let mut answer = asset(&headers, kind, bytes.ok_or_else(missing)?);
    let policy = HeaderValue::from_static(PICTURE_POLICY);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

fn kind_of(path: &str) -> Option<&'static str> {
    let (_, ending) = path.rsplit_once('.')?;
    let known = PICTURES.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending));
    known.map(|(_, kind)| *kind)
}

/// A file below a folder, links followed; `None` for whatever is not a picture there.
async fn read(folder: PathBuf, path: String) -> Option<Vec<u8>> {
    let reading = move || {
        let found = below(&folder, &path)?;
        let about = found.metadata().ok()?;
        let is_served = about.is_file() && about.len() <= PICTURE_MAX;
        is_served.then(|| std::fs::read(found).ok()).flatten()
    };
    tokio::task::spawn_blocking(reading).await.ok().flatten()
}

/// The real place of a path, if that is below the folder's.
fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let found = folder.join(path).canonicalize().ok()?;
    found.starts_with(&folder).then_some(found)
}

fn asset(headers: &HeaderMap, kind: &'static str, bytes: Vec<u8>) -> Response {
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let tag = format!("\"{}\"", hex::encode(&digest.as_ref()[..16]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|it| it.trim() == tag));
    let described = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, described).into_response();
    }
    (described, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn names_of(table: &[(&str, &[u8])]) -> Vec<String> {
        let mut names: Vec<_> = table.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_page_and_of_the_demo_is_built_in() {
        assert_eq!(names_of(PAGE), names_in("src/web/page"));
        assert_eq!(names_of(DEMO_PICTURES), names_in("deploy/media"));
    }

    #[test]
    fn only_what_lies_below_the_folder_is_served() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("media");
        std::fs::create_dir_all(folder.join("fruit")).unwrap();
        for file in ["secret.svg", "media/a.svg", "media/fruit/b.svg"] {
            std::fs::write(outer.path().join(file), file).unwrap();
        }
        std::os::unix::fs::symlink(outer.path().join("secret.svg"), folder.join("link.svg"))
            .unwrap();
        let absolute = outer.path().join("secret.svg");
        let table = [
            ("a.svg", true),
            ("fruit/b.svg", true),
            ("fruit/../a.svg", true),
            ("../secret.svg", false),
            ("fruit/../../secret.svg", false),
            ("link.svg", false),
            ("none.svg", false),
            (absolute.to_str().unwrap(), false),
        ];
        for (path, expected) in table {
            assert_eq!(below(&folder, path).is_some(), expected, "{path}");
        }
    }

    #[test]
    fn only_pictures_are_pictures() {
        let table =
            [("a.svg", true), ("a.PNG", true), ("a.toml", false), ("svg", false), ("", false)];
        for (path, expected) in table {
            assert_eq!(kind_of(path).is_some(), expected, "{path}");
        }
    }
}
