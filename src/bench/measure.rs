//! What is read off: medians, percentiles, this process's memory, the server's log of changes.

use std::time::Duration;

use sqlx::PgPool;

/// The middle of some figures; zero of none.
#[must_use]
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    f64::midpoint(sorted[last / 2], sorted[sorted.len() / 2])
}

/// The time that so many of a hundred stayed below, in milliseconds. `times` are sorted.
#[must_use]
pub fn percentile(times: &[Duration], hundredth: usize) -> f64 {
    let at = (times.len() * hundredth / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| milliseconds(*time))
}

/// The mean, in milliseconds.
#[must_use]
pub fn mean(times: &[Duration]) -> f64 {
    let sum: Duration = times.iter().sum();
    if times.is_empty() { 0.0 } else { milliseconds(sum) / count(times.len()) }
}

/// A time in milliseconds.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "no count of the bench comes near 2^52")]
#[must_use]
pub fn count(n: usize) -> f64 {
    n as f64
}

/// The same of a counter.
#[expect(clippy::cast_precision_loss, reason = "no counter of the bench comes near 2^52")]
#[must_use]
pub fn figure(n: i64) -> f64 {
    n as f64
}

/// A figure as people read it: three decimals.
#[must_use]
pub fn round(figure: f64) -> f64 {
    (figure * 1_000.0).round() / 1_000.0
}

/// This process's memory in megabytes, where the system says.
#[must_use]
pub fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1_024.0)
}

/// Processor time so far, where the system says: it tells more than the clock on a machine that others use.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    /// This process's.
    own: Option<Duration>,
    /// That of the server's processes that are alive, where it is on this machine.
    server: Option<Duration>,
}

impl Cpu {
    /// As of now.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn now(db: &PgPool) -> Result<Self, sqlx::Error> {
        let pids: Vec<i32> =
            sqlx::query_scalar("select pid from pg_stat_activity").fetch_all(db).await?;
        let times: Vec<_> = pids.iter().filter_map(|pid| processor_of(&pid.to_string())).collect();
        let server = (!times.is_empty()).then(|| times.iter().sum());
        Ok(Self { own: processor_of("self"), server })
    }

    /// Our own microseconds since `before`, for each of so many.
    #[must_use]
    pub fn own_each(&self, before: &Self, count: f64) -> Option<f64> {
        each(before.own, self.own, count)
    }

    /// The server's.
    #[must_use]
    pub fn server_each(&self, before: &Self, count: f64) -> Option<f64> {
        each(before.server, self.server, count)
    }
}

fn each(before: Option<Duration>, after: Option<Duration>, count: f64) -> Option<f64> {
    Some(after?.saturating_sub(before?).as_secs_f64() * 1e6 / count)
}

fn processor_of(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let ticks = rest.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    // A tick is a hundredth of a second on every Linux.
    Some(Duration::from_millis(ticks.sum::<u64>() * 10))
}

/// How many bytes of changes the server has logged so far.
///
/// # Errors
/// Whatever the server says.
pub async fn wal_bytes(db: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
        .fetch_one(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn the_middle_of_figures() {
        for (figures, expected) in
            [(&[][..], 0.0), (&[3.0], 3.0), (&[9.0, 1.0, 5.0], 5.0), (&[4.0, 1.0, 2.0, 9.0], 3.0)]
        {
            assert_eq!(median(figures), expected, "{figures:?}");
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn percentiles_never_leave_the_list() {
        let times: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), 51.0);
        assert_eq!(percentile(&times, 99), 100.0);
        assert_eq!(percentile(&times, 100), 100.0);
        assert_eq!(percentile(&[], 99), 0.0);
        assert_eq!(mean(&times), 50.5);
    }
}
