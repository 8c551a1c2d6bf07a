//! Pictures and files: uploaded to where they are shown, and called by a name for a while.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Qq;
use super::client::CallError;
use super::send::Destination;
use crate::platform::deliver;
use crate::platform::heard::AttachmentKind;
use crate::platform::{Outgoing, locked};

/// Pictures whose uploads are remembered; beyond it they are uploaded anew.
const PICTURES_MAX: usize = 500;

/// What a picture or a file is called by once it was uploaded.
#[derive(Deserialize)]
struct Uploaded {
    file_info: String,
    /// Seconds it can be sent; 0: for good.
    #[serde(default)]
    ttl: u64,
}

/// A picture that was uploaded to a chat.
pub(super) struct Upload {
    /// What it is called by.
    info: String,
    /// Until when it can be sent; nothing: for good.
    until: Option<Instant>,
}

/// Upload what goes above the text. A post without its picture is better than no post.
pub(super) async fn media(
    qq: &Qq,
    message: &Outgoing,
    place: &Destination,
) -> Result<Option<String>, CallError> {
    if let Some(file) = &message.attachment {
        let kind = match file.kind {
            AttachmentKind::Picture => 1,
            AttachmentKind::Video => 2,
            // Voices want a form of their own.
            AttachmentKind::Voice | AttachmentKind::File => 4,
        };
        let data = STANDARD.encode(&file.bytes);
        let body = json!({
            "file_type": kind, "file_data": data, "file_name": file.name, "srv_send_msg": false,
        });
        return upload(qq, place, &body).await.map(|it| Some(it.file_info));
    }
    let Some(image) = &message.image else { return Ok(None) };
    let known = (place.path.clone(), image.clone());
    if let Some(upload) = locked(&qq.pictures).get(&known)
        && upload.until.is_none_or(|until| Instant::now() < until)
    {
        return Ok(Some(upload.info.clone()));
    }
    let body = if image.starts_with("https://") {
        json!({ "file_type": 1, "url": image, "srv_send_msg": false })
    } else {
        let Some(bytes) = deliver::picture(&qq.media, image).await else { return Ok(None) };
        json!({ "file_type": 1, "file_data": STANDARD.encode(bytes), "srv_send_msg": false })
    };
    match upload(qq, place, &body).await {
        Ok(Uploaded { file_info, ttl }) => {
            // Sent a little before its end.
            let until = (ttl > 0).then(|| Instant::now() + Duration::from_secs(ttl / 2));
            let mut pictures = locked(&qq.pictures);
            if pictures.len() >= PICTURES_MAX {
                pictures.clear();
            }
            pictures.insert(known, Upload { info: file_info.clone(), until });
            Ok(Some(file_info))
        }
        Err(CallError::Refused { code, words }) => {
            tracing::error!(code, words, "a picture cannot be sent");
            Ok(None)
        }
        // Uploading shows nothing to anybody.
        Err(CallError::Unknown { reason }) => {
            Err(CallError::Later { after: Duration::from_secs(3), reason })
        }
        Err(error) => Err(error),
    }
}

async fn upload(qq: &Qq, place: &Destination, body: &Value) -> Result<Uploaded, CallError> {
    qq.client.call(Method::POST, &format!("{}/files", place.path), Some(body)).await
}
