//! Runs the linter, the floor and ripgrep on a directory in turn, and prints medians and ratios.
//!
//! Started by `tests/bench/compare`, which builds what it compares.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ignore::WalkBuilder;
use trees::measure::{self, Cost, median};

/// What ripgrep looks for: what a person would who looks for routes and writes.
const PATTERN: &str = r"INSERT INTO|\.route\(";

/// What is compared.
const NAMES: [&str; 6] = ["a cold", "b warm", "b2 comment", "b3 code", "c floor", "d rg"];

/// Which is held against which.
const RATIOS: [(&str, usize, usize); 5] =
    [("a/c", 0, 4), ("b/d", 1, 5), ("b2/d", 2, 5), ("b3/d", 3, 5), ("b3/c", 3, 4)];

struct Arguments {
    dir: PathBuf,
    ours: PathBuf,
    floor: PathBuf,
    ripgrep: PathBuf,
    scratch: PathBuf,
    jobs: Vec<String>,
    rounds: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    if measure::served()? {
        return Ok(());
    }
    let arguments = arguments()?;
    let tree = arguments.scratch.join("tree");
    copy(&arguments.dir, &tree)?;
    let contract = arguments.scratch.join("contract.toml");
    fs::write(&contract, "version = 1\n")?;
    let files = editable(&tree)?;
    for jobs in &arguments.jobs {
        let commands = commands(&arguments, &tree, &contract, jobs);
        let costs = rounds(&arguments, &commands, &files)?;
        print(&arguments, jobs, &costs);
    }
    Ok(())
}

/// The arguments as `tests/bench/compare` gives them: DIR, our program, floor, ripgrep, a directory to work in, options.
fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let mut path = || given.next().map(PathBuf::from).ok_or("start tests/bench/compare instead");
    let (dir, ours, floor, ripgrep, scratch) = (path()?, path()?, path()?, path()?, path()?);
    let (mut jobs, mut rounds) = (Vec::new(), 7);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--jobs" => jobs.push(value),
            "--rounds" => rounds = value.parse()?,
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    if jobs.is_empty() {
        jobs = vec!["1".to_owned(), "2".to_owned()];
    }
    Ok(Arguments { dir, ours, floor, ripgrep, scratch, jobs, rounds })
}

/// What runs in a round, in the order of [`NAMES`].
fn commands(arguments: &Arguments, tree: &Path, contract: &Path, jobs: &str) -> [Command; 6] {
    let ours = |cached: bool| {
        let mut command = Command::new(&arguments.ours);
        command.arg("check").arg(tree).arg("--contract").arg(contract).args(["--jobs", jobs]);
        command.env("CONTRACT_CHECK_CACHE_DIR", arguments.scratch.join(format!("cache-{jobs}")));
        if !cached {
            command.arg("--no-cache");
        }
        command
    };
    let mut floor = Command::new(&arguments.floor);
    floor.arg(tree).arg(jobs);
    let mut ripgrep = Command::new(&arguments.ripgrep);
    ripgrep
        .args(["--no-config", "--no-heading", "-c", PATTERN, "-t", "rust", "-j", jobs])
        .arg(tree);
    [ours(false), ours(true), ours(true), ours(true), floor, ripgrep]
}

/// The costs of each command in each round, after one round that fills caches and is not counted.
fn rounds(
    arguments: &Arguments,
    commands: &[Command; 6],
    files: &[PathBuf],
) -> Result<Vec<[Cost; 6]>, Box<dyn Error>> {
    let [cold, warm, comment, code, floor, ripgrep] = commands;
    let mut costs = Vec::new();
    for round in 0..=arguments.rounds {
        let (a, b) = (measure::run(cold)?, measure::run(warm)?);
        // Files of all sizes take their turn.
        let file = files.get(files.len() * round / (arguments.rounds + 1)).ok_or("no function")?;
        let text = fs::read_to_string(file)?;
        let edited = |line: &str, command: &Command| -> Result<Cost, Box<dyn Error>> {
            fs::write(file, with_line(&text, line).ok_or("no function")?)?;
            let cost = measure::run(command);
            fs::write(file, &text)?;
            Ok(cost?)
        };
        let b2 = edited(&format!("// edited, {round}"), comment)?;
        let b3 = edited(&format!("let _ = {round};"), code)?;
        measure::run(warm)?;
        let (c, d) = (measure::run(floor)?, measure::run(ripgrep)?);
        if round > 0 {
            costs.push([a, b, b2, b3, c, d]);
        }
    }
    Ok(costs)
}

fn print(arguments: &Arguments, jobs: &str, costs: &[[Cost; 6]]) {
    println!("\n{} --jobs {jobs}, median of {} rounds", arguments.dir.display(), costs.len());
    println!("| | wall ms | cpu ms | peak MB |\n|---|---|---|---|");
    for (name, at) in NAMES.iter().zip(0..) {
        let of = |number: &dyn Fn(&Cost) -> f64| {
            median(costs.iter().map(|round| number(&round[at])).collect())
        };
        let wall = of(&|cost| cost.wall.as_secs_f64() * 1e3);
        let cpu = of(&|cost| cost.cpu.as_secs_f64() * 1e3);
        let peak = of(&|cost| cost.peak as f64 / 1e6);
        println!("| {name} | {wall:.1} | {cpu:.1} | {peak:.1} |");
    }
    println!("| ratio, median of the rounds' own | wall | cpu | |\n|---|---|---|---|");
    for (name, ours, theirs) in RATIOS {
        let of = |number: &dyn Fn(&Cost) -> f64| {
            median(
                costs.iter().map(|round| number(&round[ours]) / number(&round[theirs])).collect(),
            )
        };
        let wall = of(&|cost| cost.wall.as_secs_f64());
        let cpu = of(&|cost| cost.cpu.as_secs_f64());
        println!("| {name} | {wall:.2} | {cpu:.2} | |");
    }
}

/// Files of the tree that hold a function to put a line into, smallest first.
fn editable(tree: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in WalkBuilder::new(tree).require_git(false).build() {
        let path = entry?.into_path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if with_line(&text, "").is_some() {
            files.push((text.len(), path));
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// `text` with a line at the start of its first function.
fn with_line(text: &str, added: &str) -> Option<String> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let is_function = ["fn ", "pub fn ", "async fn ", "pub async fn "]
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        if is_function && line.trim_end().ends_with('{') {
            let (before, after) = text.split_at(at);
            return Some(format!("{before}    {added}\n{after}"));
        }
    }
    None
}

/// Copies a directory, links as links; what Cargo and git wrote there stays behind.
fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, path, copied) = (entry.file_type()?, entry.path(), to.join(entry.file_name()));
        let is_left = entry.file_name() == ".git" || path.join("CACHEDIR.TAG").is_file();
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path)?, &copied)?;
        } else if kind.is_dir() && !is_left {
            copy(&path, &copied)?;
        } else if kind.is_file() {
            fs::copy(&path, &copied)?;
        }
    }
    Ok(())
}
