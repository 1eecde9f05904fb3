//! One run of a program, measured in a process of its own.
//!
//! The system keeps one peak of memory for all children that a process has waited for, so each run gets a process that
//! has no other child: the measuring program itself, started again with [`FLAG`].

use std::{
    error::Error,
    ffi::OsString,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::resource::{UsageWho, getrusage};

/// What a run took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// From start to end.
    pub wall: Duration,
    /// On all processors together.
    pub cpu: Duration,
    /// Peak of resident memory, in bytes.
    pub peak: u64,
}

/// First argument of the process that measures.
pub const FLAG: &str = "--measure-one-run";

/// Highest exit status of a program that did its work: 1 says that it found something.
const FOUND: i32 = 1;

/// What `command` costs; its output is dropped.
///
/// # Errors
/// When it cannot be started, or ends with a status above 1.
pub fn run(command: &Command) -> Result<Cost, Box<dyn Error>> {
    let mut outer = Command::new(std::env::current_exe()?);
    outer.arg(FLAG).arg(command.get_program()).args(command.get_args());
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let done = outer.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(done.stdout)?;
    let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
    let [wall, cpu, peak] = numbers?[..] else { return Err(format!("{command:?} failed").into()) };
    Ok(Cost { wall: Duration::from_nanos(wall), cpu: Duration::from_nanos(cpu), peak })
}

/// The work of the process that measures; whether this is one.
///
/// # Errors
/// When the program to measure cannot be started, or fails.
pub fn served() -> Result<bool, Box<dyn Error>> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [flag, program, rest @ ..] = &arguments[..] else { return Ok(false) };
    if flag != FLAG {
        return Ok(false);
    }
    let started = Instant::now();
    let status =
        Command::new(program).args(rest).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let wall = started.elapsed();
    if status.code().is_none_or(|code| code > FOUND) {
        return Err(format!("{} ended with {status}", program.display()).into());
    }
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = [used.user_time(), used.system_time()]
        .map(|time| u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap_or_default());
    let cpu = Duration::from_micros(micros.iter().sum());
    let kilobytes = u64::try_from(used.max_rss())?;
    println!("{} {} {}", wall.as_nanos(), cpu.as_nanos(), kilobytes * 1024);
    Ok(true)
}

/// The middle one of some numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
