//! A program by others in a process of its own, and the lines of JSON that it has written.

use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::ground::PATIENCE;

/// A counterpart. Ended when dropped.
pub(crate) struct Counterpart {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Counterpart {
    pub(crate) const fn new(child: Child, lines: Arc<Mutex<Vec<Value>>>) -> Self {
        Self { child, lines }
    }

    /// Everything it has written.
    pub(crate) fn all(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }

    /// Wait for a line that has this key.
    pub(crate) async fn told(&self, key: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let lines = self.all();
            if let Some(line) = lines.iter().find_map(|line| line.get(key)) {
                return line.clone();
            }
            assert!(Instant::now() < until, "no {key:?} in {lines:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}
