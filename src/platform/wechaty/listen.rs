//! Listening: one stream of events, as long as it holds; after each beginning the member lists are
//! compared, because what happened meanwhile is not told again.
//!
//! What an event needs to be asked about is asked for several events at once; they are handed in in the
//! order in which they came.

use std::io::IsTerminal;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::client::{ASK_MAX, CallError, told};
use super::wire::{Empty, EventResponse, Start};
use super::{Wechaty, events};
use crate::platform::heard::{Closing, HeardKind, Listener};
use crate::platform::qr;

/// Events about which is asked at the same time.
const AT_ONCE: usize = 32;

/// How long a gateway may take to answer for the stream before its puppet is started all the same.
const OPENS_WITHIN: Duration = Duration::from_secs(5);

/// The longest wait after failures in a row.
const AWAY_MAX: Duration = Duration::from_mins(1);

/// A connection that held so long was a good one: the next failure is the first.
const GOOD: Duration = Duration::from_secs(30);

impl Wechaty {
    /// Listen until told to stop.
    pub async fn listen(self, ear: Listener, stop: CancellationToken) {
        self.keep_listening(&ear, &stop).await;
        self.set_cut_off(false);
    }

    async fn keep_listening(&self, ear: &Listener, stop: &CancellationToken) {
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            let since = Instant::now();
            let listened = tokio::select! {
                listened = self.listen_once(ear) => listened,
                () = stop.cancelled() => return,
            };
            let (reason, at_least) = match listened {
                Ok(Closing) => return,
                Err(error) => (error.to_string(), wait_for(&error)),
            };
            self.set_me(None);
            self.set_cut_off(true);
            tracing::warn!(reason, "the gateway is away");
            if ear.report(HeardKind::Away { reason }).await.is_err() {
                return;
            }
            failures = if since.elapsed() > GOOD { 0 } else { failures };
            let pause = Duration::from_secs(1 << failures.min(6)).clamp(at_least, AWAY_MAX);
            failures += 1;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Until the stream ends, or the shop closes.
    async fn listen_once(&self, ear: &Listener) -> Result<Closing, CallError> {
        let opened = Notify::new();
        let hear = async {
            // Not every gateway answers before it has something to tell: only the line is watched.
            let stream = self.client.events().await?;
            self.set_cut_off(false);
            self.names.forget_all();
            let reason = "connected; WeChat is not logged in yet".to_owned();
            if ear.report(HeardKind::Away { reason }).await.is_err() {
                return Ok(Closing);
            }
            opened.notify_one();
            self.hear_all(stream, ear).await
        };
        let begin = async {
            let _ = tokio::time::timeout(OPENS_WITHIN, opened.notified()).await;
            match self.client.call::<Start>(Empty {}, ASK_MAX).await {
                // A puppet that needs long says so by its events.
                Err(CallError::Refused { reason }) => {
                    tracing::warn!(reason, "the puppet did not start at once");
                    Ok(())
                }
                other => other.map(|_| ()),
            }
        };
        // The stream is read while the puppet starts: its first events may be what it waits for.
        let mut hear = std::pin::pin!(hear);
        tokio::select! {
            heard = &mut hear => return heard,
            started = begin => started?,
        }
        hear.await
    }

    async fn hear_all(
        &self,
        stream: tonic::Streaming<EventResponse>,
        ear: &Listener,
    ) -> Result<Closing, CallError> {
        let asked = stream.map(|event| {
            let news = event.map(|event| {
                let news = events::read(event.r#type, &event.payload);
                self.note(&news);
                news
            });
            async move {
                match news {
                    Ok(news) => Ok(self.items(news).await),
                    Err(status) => Err(told(&status)),
                }
            }
        });
        let mut asked = std::pin::pin!(asked.buffered(AT_ONCE));
        while let Some(items) = asked.next().await {
            for item in items? {
                // Whether it is stored need not be known: the gateway asks for no receipt.
                if ear.hear(item).await.is_err() {
                    return Ok(Closing);
                }
            }
        }
        Err(CallError::Later {
            after: Duration::ZERO,
            reason: "the gateway ended the stream".to_owned(),
        })
    }

    /// What has to be known before the next event is looked at.
    fn note(&self, news: &events::PuppetNews) {
        match news {
            events::PuppetNews::Login { me } => self.set_me(Some(me.clone())),
            events::PuppetNews::Logout => self.set_me(None),
            events::PuppetNews::Dirty { id } => self.names.forget(id),
            events::PuppetNews::Trouble { text } => {
                tracing::warn!(text, "the puppet has a problem");
            }
            events::PuppetNews::Scan { qr } => show(qr),
            _ => {}
        }
    }
}

/// How long a gateway is left alone at least.
fn wait_for(error: &CallError) -> Duration {
    match error {
        CallError::Later { after, .. } => *after,
        _ => Duration::ZERO,
    }
}

/// Show a code where somebody may be looking.
fn show(content: &str) {
    tracing::warn!(
        "WeChat waits for its QR code to be scanned; the console shows it at /accounts, too"
    );
    if std::io::stderr().is_terminal()
        && let Some(code) = qr::drawn(content)
    {
        eprintln!("{code}");
    }
}
