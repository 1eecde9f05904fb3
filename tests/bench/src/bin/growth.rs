//! How time and memory of a cold run grow with the code.
//!
//! `growth PROGRAM [--rounds N] [--times N] [NAME]...` runs the linter on each tree at a tenth of its size and at its
//! size, and prints the exponent of growth, log(t2/t1) / log(bytes2/bytes1), of the least processor time of some
//! rounds: 1 is linear. What a run on one empty file takes is taken off first, or small trees would look better than
//! they are. The peak of memory is held against the bytes of Rust source in the same way. The exit status says whether
//! all stay within [`EXPONENT`].

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use trees::{
    FAMILIES, family,
    measure::{self, Cost},
    tree::Tree,
};

/// What the exponent may be.
const EXPONENT: f64 = 1.05;

/// A run of a small tree that takes less than this above the empty one says nothing about growth.
const LEAST: Duration = Duration::from_millis(2);

/// Formats of `check`, each of which prints all findings of the families that have many.
const FORMATS: [&str; 8] =
    ["human", "short", "json", "sarif", "github", "gitlab", "junit", "markdown"];

#[derive(Clone)]
struct Arguments {
    program: PathBuf,
    rounds: usize,
    times: usize,
    names: Vec<String>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if measure::served()? {
        return Ok(ExitCode::SUCCESS);
    }
    let arguments = arguments()?;
    let scratch = std::env::temp_dir().join(format!("growth-{}", std::process::id()));
    let grown = grown(&arguments, &scratch);
    std::fs::remove_dir_all(&scratch)?;
    Ok(if grown? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let program = given.next().ok_or("usage: growth PROGRAM [--rounds N] [--times N] [NAME]...")?;
    let mut arguments =
        Arguments { program: program.into(), rounds: 5, times: 10, names: Vec::new() };
    while let Some(word) = given.next() {
        let mut number =
            || given.next().ok_or("a number is missing")?.parse().map_err(Box::<dyn Error>::from);
        match word.as_str() {
            "--rounds" => arguments.rounds = number()?,
            "--times" => arguments.times = number()?,
            _ => arguments.names.push(family(&word)?.name.to_owned()),
        }
    }
    Ok(arguments)
}

/// Measures and prints each family; whether all of them grow as they may.
fn grown(arguments: &Arguments, scratch: &Path) -> Result<bool, Box<dyn Error>> {
    let empty = scratch.join("empty");
    Tree::package()
        .with("src/main.rs", "fn main() {}\n")
        .with("contract.toml", "version = 1\n")
        .write_to(&empty)?;
    // It is taken off from everything, so it must be no accident of one busy moment.
    let patient = Arguments { rounds: arguments.rounds * 5, ..arguments.clone() };
    let nothing = least(&patient, &empty, "human")?;
    println!(
        "| tree | size | KB of Rust | ms | MB | exponent of time | of memory | memory / bytes |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    print_row("empty", 0, 0, nothing, "", "", "");
    let mut all = true;
    for family in FAMILIES {
        if !arguments.names.is_empty() && !arguments.names.iter().any(|name| name == family.name) {
            continue;
        }
        let sizes = [family.size / arguments.times, family.size];
        let dirs = sizes.map(|size| scratch.join(format!("{}-{size}", family.name)));
        let mut bytes = [0, 0];
        for ((size, dir), bytes) in sizes.into_iter().zip(&dirs).zip(&mut bytes) {
            let tree = (family.tree)(size);
            *bytes = tree.bytes();
            tree.write_to(dir)?;
        }
        // What is measured of formats is what printing adds to a tree with many findings.
        let formats =
            if matches!(family.name, "routes" | "writes") { &FORMATS[..] } else { &FORMATS[..1] };
        for format in formats {
            let [small, large] = [&dirs[0], &dirs[1]].map(|dir| least(arguments, dir, format));
            let (small, large) = (small?, large?);
            let name = if formats.len() > 1 {
                format!("{}, {format}", family.name)
            } else {
                family.name.to_owned()
            };
            let grew = bytes[1] as f64 / bytes[0] as f64;
            let [before, after] =
                [small, large].map(|cost| cost.cpu.saturating_sub(nothing.cpu).max(LEAST));
            let time = (after.as_secs_f64() / before.as_secs_f64()).ln() / grew.ln();
            let [before, after] =
                [small, large].map(|cost| cost.peak.saturating_sub(nothing.peak).max(1) as f64);
            let memory = (after / before).ln() / grew.ln();
            let ratio =
                |cost: Cost, bytes: usize| format!("{:.1}", cost.peak as f64 / bytes as f64);
            print_row(&name, sizes[0], bytes[0], small, "", "", &ratio(small, bytes[0]));
            let exponents = [time, memory].map(|exponent| format!("{exponent:.2}"));
            print_row(
                &name,
                sizes[1],
                bytes[1],
                large,
                &exponents[0],
                &exponents[1],
                &ratio(large, bytes[1]),
            );
            all &= time <= EXPONENT && memory <= EXPONENT;
        }
        for dir in dirs {
            std::fs::remove_dir_all(dir)?;
        }
    }
    Ok(all)
}

fn print_row(
    name: &str,
    size: usize,
    bytes: usize,
    cost: Cost,
    time: &str,
    memory: &str,
    ratio: &str,
) {
    let (ms, peak) = (cost.cpu.as_secs_f64() * 1e3, cost.peak as f64 / 1e6);
    println!(
        "| {name} | {size} | {} | {ms:.1} | {peak:.1} | {time} | {memory} | {ratio} |",
        bytes / 1000
    );
}

/// The least that a cold run on `dir` costs, of some rounds.
fn least(arguments: &Arguments, dir: &Path, format: &str) -> Result<Cost, Box<dyn Error>> {
    let mut command = Command::new(&arguments.program);
    command.arg("check").arg(dir).args(["--no-cache", "--jobs", "1", "--format", format]);
    let mut least = Cost { wall: Duration::MAX, cpu: Duration::MAX, peak: u64::MAX };
    for _ in 0..arguments.rounds {
        let cost = measure::run(&command)?;
        least.wall = least.wall.min(cost.wall);
        least.cpu = least.cpu.min(cost.cpu);
        least.peak = least.peak.min(cost.peak);
    }
    Ok(least)
}
