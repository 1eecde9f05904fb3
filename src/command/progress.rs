//! What people are told on stderr while and after a run: the stage under way where one waits for it, and at `-v` what
//! each stage took.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    settings::{Settings, Verbosity},
    stage::{Clock, Stage},
};

/// A run that is over before that shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// A clock for one run whose stages are shown on a terminal, once there is something to wait for.
pub(super) fn clock(settings: &Settings) -> Clock {
    if !settings.shows_progress {
        return Clock::new(|_| {});
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    bar.set_style(
        ProgressStyle::with_template("{msg} …")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    let (running, ended) = mpsc::channel::<()>();
    let shown = bar.clone();
    std::thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            shown.set_draw_target(ProgressDrawTarget::stderr());
            shown.tick();
            let _ = ended.recv();
        }
        shown.finish_and_clear();
    });
    // The clock goes with the run, and the line with the clock.
    let last = Last { bar, _running: running };
    Clock::new(move |stage| last.bar.set_message(stage))
}

/// The line, until it is dropped.
struct Last {
    bar: ProgressBar,
    _running: mpsc::Sender<()>,
}

impl Drop for Last {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Prints what each stage took, at `-v`.
pub(super) fn report(settings: &Settings, stages: &[Stage]) {
    if settings.verbosity < Verbosity::Verbose {
        return;
    }
    let mut text = String::new();
    for stage in stages {
        let milliseconds = stage.time.as_secs_f64() * 1e3;
        let (count, of) = stage.count;
        let _ = write!(text, "{:10} {milliseconds:9.1} ms  {count:8} {of:11}", stage.name);
        let of = |bytes: f64, what: &str| format!("  {:8.1} MB {what}", bytes / 1e6);
        #[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
        {
            text += &stage.bytes.map_or_else(|| " ".repeat(18), |bytes| of(bytes as f64, "read  "));
            text += &stage.memory.map_or_else(String::new, |bytes| of(bytes as f64, "in memory"));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
