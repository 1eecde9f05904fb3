//! What each stage of a run took: shown at `-v`, and the name of the stage under way for people who wait.

use std::time::{Duration, Instant};

/// One stage that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name: `parse`.
    pub name: &'static str,
    /// How long it took.
    pub time: Duration,
    /// Files, routes or findings it dealt with, with the word for them.
    pub count: (usize, &'static str),
    /// Bytes of text it dealt with, where it reads text.
    pub bytes: Option<usize>,
    /// The memory that the process holds after it, in bytes, where the system tells.
    pub memory: Option<u64>,
}

/// Measures stages, one after the other.
pub struct Clock {
    last: Instant,
    stages: Vec<Stage>,
    announce: Box<dyn FnMut(&'static str) + Send>,
}

impl Clock {
    /// A clock that starts now.
    ///
    /// - `announce`: is told the name of each stage as it begins.
    pub fn new(announce: impl FnMut(&'static str) + Send + 'static) -> Self {
        Self { last: Instant::now(), stages: Vec::new(), announce: Box::new(announce) }
    }

    /// The next stage begins.
    pub fn begin(&mut self, name: &'static str) {
        (self.announce)(name);
        self.last = Instant::now();
        let stage = Stage { name, time: Duration::ZERO, count: (0, ""), bytes: None, memory: None };
        self.stages.push(stage);
    }

    /// The stage that began last is done.
    pub fn end(&mut self, count: usize, of: &'static str, bytes: Option<usize>) {
        if let Some(stage) = self.stages.last_mut() {
            stage.time = self.last.elapsed();
            stage.count = (count, of);
            stage.bytes = bytes;
            stage.memory = memory();
        }
    }

    /// The stages so far.
    pub fn into_stages(self) -> Vec<Stage> {
        self.stages
    }
}

/// The resident memory of this process in bytes, on Linux (`man 5 proc_pid_status`).
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
