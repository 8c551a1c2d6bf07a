//! A WeChat account of the config, behind a Wechaty gateway.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::engine::Engine;
use crate::platform::wechaty::{Options, Wechaty};
use crate::store::seal::random_hex;

use super::{Account, PlatformDoor};

pub(super) fn open(
    account: &Account,
    engine: &Arc<Engine>,
    media: &Path,
) -> anyhow::Result<Option<PlatformDoor>> {
    let endpoint = account.config.endpoint.clone();
    let wechaty = Wechaty::new(Options {
        endpoint: endpoint.context("a wechaty account has no `endpoint`")?,
        token: account.secret.clone(),
        media: media.to_owned(),
        rate_per_chat: account.rate_per_chat(),
        run: random_hex(8),
    })?;
    let ear = account.attach(engine, &wechaty);
    account.listen(engine, move |stop| wechaty.clone().listen(ear.clone(), stop));
    Ok(None)
}
