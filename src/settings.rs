//! From what was typed to what will be done: everything that can be wrong with a command line is said here.
//!
//! The only module that reads the environment ([`Environment::read`]) and the current directory.
//!
//! Paths in results are relative to one root. For one directory that is the root; for one file, its directory; for
//! several paths, the nearest directory that holds them all, of which only those paths are scanned.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::cli::{CheckArgs, Cli, Command, Common, HookAction};
use crate::discover::Scan;

mod compare;
mod environment;
mod facts;
mod mistake;
mod output;
mod request;

pub use compare::{Change, Check};
pub use environment::Environment;
pub use mistake::SettingsError;
use mistake::did_you_mean;
pub use output::Output;
pub use request::{METHODS, Request, RouteFilter, STATUSES};
use request::{nearest, route_filter};

/// Formats of `check`, the default first.
pub const CHECK_FORMATS: &[&str] =
    &["human", "short", "json", "sarif", "github", "gitlab", "junit", "markdown", "rdjson"];
/// Formats of `check --self-test`, the default first: it has no findings, which the others are for.
pub const SELF_TEST_FORMATS: &[&str] = &["human", "json"];
/// Formats of `routes`, `writes` and `adoption`, the default first.
pub const TABLE_FORMATS: &[&str] = &["table", "json", "markdown"];
/// Name of a contract that is looked for.
pub const CONTRACT: &str = "contract.toml";

const COMMANDS: &[&str] = &[
    "check",
    "routes",
    "writes",
    "adoption",
    "baseline",
    "facts",
    "init",
    "hook",
    "completions",
    "man",
    "schema",
    "explain",
];
const COLORS: &[&str] = &["auto", "always", "never"];
const MOST_JOBS: usize = 512;

/// What the program is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices of the user")]
pub struct Settings {
    /// What to do.
    pub task: Task,
    /// What to scan, without the contract's excludes; empty for [`Task::Explain`].
    pub scan: Scan,
    /// Facts files to judge instead of what is there to scan; [`Settings::scan`] is then where they are judged.
    pub facts: Vec<PathBuf>,
    /// The contract. Always there for [`Task::Check`] and [`Task::Adoption`]; lists can do without.
    pub contract: Option<PathBuf>,
    /// How results are printed and where they go, in the order of writing; never empty.
    pub outputs: Vec<Output>,
    /// The file that GitHub Actions shows as the summary of a step.
    pub step_summary: Option<PathBuf>,
    /// Number of threads.
    pub jobs: NonZeroUsize,
    /// What earlier runs found.
    pub cache: Option<Cache>,
    /// Whether results on stdout are coloured.
    pub color_results: bool,
    /// Whether results in files are: nobody forces colour on a terminal to have it in files.
    pub color_files: bool,
    /// Whether messages on stderr are coloured.
    pub color_messages: bool,
    /// Whether a line on stderr tells what a long run is at.
    pub shows_progress: bool,
    /// How much to say beside results.
    pub verbosity: Verbosity,
}

/// The day of the run, by the system's clock in UTC: the only clock that is read.
pub fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Check against the contract.
    Check(Check),
    /// Propose a contract.
    Init {
        /// The file.
        file: PathBuf,
        /// Whether an existing file is replaced.
        force: bool,
    },
    /// Install or remove the git hook.
    Hook {
        /// What the hook checks.
        root: PathBuf,
        /// Whether to install it.
        install: bool,
        /// Whether a hook that is not ours is replaced.
        force: bool,
    },
    /// Print completions.
    Completions(clap_complete::Shell),
    /// Print the manual, or write its pages to a directory.
    Man(Option<PathBuf>),
    /// Print the schema of contracts.
    Schema,
    /// Record what is known.
    Baseline {
        /// The file.
        file: PathBuf,
        /// Whether it only loses entries.
        prune: bool,
    },
    /// Write facts.
    Facts {
        /// Packages, as typed; all if empty.
        packages: Vec<String>,
        /// More files that the code names.
        attach: Vec<PathBuf>,
        /// Where to.
        file: PathBuf,
    },
    /// List routes.
    Routes(RouteFilter),
    /// List writes.
    Writes,
    /// Count what is gated.
    Adoption,
    /// Explain a rule, which may not exist.
    Explain {
        /// The rule's id, as typed.
        rule: String,
    },
}

impl Task {
    /// Whether it looks at a tree.
    const fn scans(&self) -> bool {
        match self {
            Self::Explain { .. }
            | Self::Hook { .. }
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Schema => false,
            Self::Check(_)
            | Self::Baseline { .. }
            | Self::Init { .. }
            | Self::Facts { .. }
            | Self::Routes(_)
            | Self::Writes
            | Self::Adoption => true,
        }
    }

    /// Makes what was typed relative to the directory it was typed in.
    fn place(&mut self, cwd: &Path) {
        match self {
            Self::Init { file: path, .. } | Self::Hook { root: path, .. } => {
                *path = cwd.join(&*path);
            }
            Self::Man(Some(dir)) => *dir = cwd.join(&*dir),
            _ => {}
        }
    }
}

/// How much to say beside results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Nothing.
    Quiet,
    /// What matters.
    Normal,
    /// Gaps too.
    Verbose,
    /// The program's own doings too.
    Debug,
}

impl Task {
    /// Whether it asks for items of the tree, which are not kept: `init`, `check --self-test`.
    pub const fn needs_program(&self) -> bool {
        match self {
            Self::Check(check) => check.self_test,
            Self::Init { .. } => true,
            _ => false,
        }
    }
}

impl Settings {
    /// Reads settings out of a command line given in directory `cwd`.
    ///
    /// # Errors
    /// The first mistake, as a [`SettingsError`].
    pub fn new(cli: Cli, cwd: &Path, environment: Environment) -> Result<Self, SettingsError> {
        let Cli { common, check, command } = cli;
        let facts = facts::files(&check, command.as_ref(), cwd)?;
        let (mut task, paths) = match command {
            Some(Command::Facts(args)) if check.paths.is_empty() => {
                facts::task(args, &common.output, cwd)?
            }
            command => task(check, command)?,
        };
        let format = format(&task, &common)?;
        let scan = if task.scans() { scan_of(&task, &paths, cwd)? } else { Scan::default() };
        let contract = if task.scans() && !matches!(task, Task::Init { .. }) {
            contract(&task, &common, &scan, cwd)?
        } else {
            None
        };
        task.place(cwd);
        compare::place_baseline(&mut task, common.baseline.as_deref(), contract.as_deref(), cwd)?;
        if common.quiet && common.verbose > 0 {
            return Err(SettingsError::Conflict { option: "`--quiet`", with: "`--verbose`" });
        }
        let outputs = output::outputs(format, formats_of(&task), &common.output, cwd)?;
        let color = common.color.as_deref().unwrap_or("auto");
        let color = known("colour choice", color, COLORS)?;
        let colored = |is_terminal| match color {
            "always" => true,
            "never" => false,
            _ => environment.wants_color(is_terminal),
        };
        let cached = !common.no_cache && facts.is_empty();
        let cache_dir = environment.cache_dir.as_ref().filter(|_| cached);
        let cache = cache_dir.and_then(|dir| Cache::outside(&scan.root, &cwd.join(dir)));
        Ok(Self {
            task,
            scan,
            facts,
            contract,
            color_results: colored(environment.stdout_is_terminal),
            color_files: color == "always",
            color_messages: colored(environment.stderr_is_terminal),
            outputs,
            step_summary: environment.step_summary,
            jobs: jobs(common.jobs.as_deref())?,
            cache,
            shows_progress: environment.stderr_is_terminal
                && !environment.is_dumb
                && !environment.is_ci
                && !common.quiet,
            verbosity: match (common.quiet, common.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, 0) => Verbosity::Normal,
                (_, 1) => Verbosity::Verbose,
                _ => Verbosity::Debug,
            },
        })
    }
}

/// The task and the paths it is about.
fn task(
    mut bare: CheckArgs,
    command: Option<Command>,
) -> Result<(Task, Vec<PathBuf>), SettingsError> {
    let is_check = matches!(command, None | Some(Command::Check(_)));
    if let Some(option) = compare::first_option(&bare).filter(|_| !is_check) {
        return Err(SettingsError::Conflict { option, with: "a command other than `check`" });
    }
    if command.is_some() && !bare.paths.is_empty() {
        return Err(SettingsError::Conflict {
            option: "a path before the command",
            with: "a command",
        });
    }
    match command {
        None => {
            let paths = std::mem::take(&mut bare.paths);
            Ok((Task::Check(compare::check(bare, CheckArgs::default())?), paths))
        }
        Some(Command::Check(mut named)) => {
            let paths = std::mem::take(&mut named.paths);
            Ok((Task::Check(compare::check(bare, named)?), paths))
        }
        Some(Command::Baseline(named)) => {
            Ok((Task::Baseline { file: PathBuf::new(), prune: named.prune }, named.paths))
        }
        Some(Command::Routes(named)) => {
            let (filter, paths) = route_filter(named)?;
            Ok((Task::Routes(filter), paths))
        }
        Some(Command::Writes(named)) => Ok((Task::Writes, named.paths)),
        Some(Command::Adoption(named)) => Ok((Task::Adoption, named.paths)),
        // With a path before it; without one it is read where its output is known.
        Some(Command::Facts(_)) => Err(SettingsError::FactsOutput),
        Some(Command::Explain { rule }) => Ok((Task::Explain { rule }, Vec::new())),
        Some(Command::Init(named)) => {
            let dir = named.path.unwrap_or_else(|| PathBuf::from("."));
            let file = dir.join(CONTRACT);
            Ok((Task::Init { file, force: named.force }, vec![dir]))
        }
        Some(Command::Hook { action }) => {
            let (root, install, force) = match action {
                HookAction::Install { path, force } => (path, true, force),
                HookAction::Uninstall => (None, false, false),
            };
            let root = root.unwrap_or_else(|| PathBuf::from("."));
            Ok((Task::Hook { root, install, force }, Vec::new()))
        }
        Some(Command::Completions { shell }) => Ok((Task::Completions(shell), Vec::new())),
        Some(Command::Man { dir }) => Ok((Task::Man(dir), Vec::new())),
        Some(Command::Schema) => Ok((Task::Schema, Vec::new())),
    }
}

/// `given` as one of `expected`.
fn known(
    what: &str,
    given: &str,
    expected: &'static [&'static str],
) -> Result<&'static str, SettingsError> {
    expected.iter().copied().find(|name| *name == given).ok_or_else(|| SettingsError::Unknown {
        what: what.to_owned(),
        given: given.to_owned(),
        expected: expected.iter().map(|name| (*name).to_owned()).collect(),
        suggestion: nearest(given, expected),
    })
}

fn format(task: &Task, common: &Common) -> Result<&'static str, SettingsError> {
    let (command, formats) = formats_of(task);
    match &common.format {
        Some(_) if formats.is_empty() => {
            Err(SettingsError::Conflict { option: "`--format`", with: command })
        }
        Some(given) => known(&format!("format of `{command}`"), given, formats),
        None => Ok(formats.first().copied().unwrap_or("human")),
    }
}

/// The command of a task and its formats; for one that prints text, what it is and no formats.
const fn formats_of(task: &Task) -> (&'static str, &'static [&'static str]) {
    match task {
        Task::Check(check) if check.self_test => ("check --self-test", SELF_TEST_FORMATS),
        Task::Check(_) => ("check", CHECK_FORMATS),
        Task::Routes(_) => ("routes", TABLE_FORMATS),
        Task::Writes => ("writes", TABLE_FORMATS),
        Task::Adoption => ("adoption", TABLE_FORMATS),
        Task::Baseline { .. } => ("`baseline`, which writes a baseline", &[]),
        Task::Facts { .. } => ("`facts`, which writes facts", &[]),
        Task::Init { .. } => ("`init`, which writes a contract", &[]),
        Task::Hook { .. } => ("`hook`, which writes a hook", &[]),
        Task::Explain { .. } => ("`explain`, which prints text", &[]),
        Task::Completions(_) | Task::Man(_) => ("a command that prints text", &[]),
        Task::Schema => ("`schema`, which prints JSON", &[]),
    }
}

fn jobs(given: Option<&str>) -> Result<NonZeroUsize, SettingsError> {
    let Some(given) = given else {
        return Ok(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    };
    let number =
        given.trim().parse::<NonZeroUsize>().ok().filter(|number| number.get() <= MOST_JOBS);
    number.ok_or_else(|| SettingsError::Jobs { given: given.to_owned() })
}

/// The root of some paths, and which of them to scan.
fn scan_of(task: &Task, paths: &[PathBuf], cwd: &Path) -> Result<Scan, SettingsError> {
    let mut full = Vec::new();
    for path in paths {
        let known = cwd.join(path).canonicalize().map_err(|error| no_path(task, path, &error))?;
        full.push(known);
    }
    match full.as_slice() {
        [] => Ok(Scan { root: cwd.to_owned(), ..Scan::default() }),
        [one] => Ok(Scan { root: one.clone(), ..Scan::default() }),
        [first, rest @ ..] => {
            let dir = |path: &Path| {
                if path.is_dir() {
                    Some(path.to_owned())
                } else {
                    path.parent().map(Path::to_owned)
                }
            };
            let mut root = dir(first).ok_or(SettingsError::Apart)?;
            while !rest.iter().all(|path| path.starts_with(&root)) {
                if !root.pop() {
                    return Err(SettingsError::Apart);
                }
            }
            Ok(Scan { root, only: full, ..Scan::default() })
        }
    }
}

fn no_path(task: &Task, path: &Path, error: &std::io::Error) -> SettingsError {
    let typed = path.to_string_lossy();
    let commands = COMMANDS;
    let hint = if matches!(&*typed, "help") {
        format!("; there is no command `{typed}` in this version (try --help)")
    } else if request::is_request(&typed)
        || (matches!(task, Task::Routes(_)) && typed.starts_with('/'))
    {
        "; to ask for a request, use `routes --answers 'POST /path'`".to_owned()
    } else if commands.contains(&&*typed) {
        format!("; the command `{typed}` comes before its paths")
    } else {
        did_you_mean(nearest(&typed, commands).as_deref())
    };
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        _ => error.to_string(),
    };
    SettingsError::Path { path: path.to_owned(), why, hint }
}

/// The contract to check against: the named one, or the nearest one above what is scanned.
fn contract(
    task: &Task,
    common: &Common,
    scan: &Scan,
    cwd: &Path,
) -> Result<Option<PathBuf>, SettingsError> {
    if let Some(path) = &common.contract {
        let full = cwd.join(path);
        return if full.is_file() {
            Ok(Some(full))
        } else {
            Err(SettingsError::ContractFile { path: path.clone() })
        };
    }
    let above = |start: &Path| {
        let start = start.canonicalize().unwrap_or_else(|_| start.to_owned());
        start.ancestors().map(|dir| dir.join(CONTRACT)).find(|file| file.is_file())
    };
    let starts = if scan.only.is_empty() { std::slice::from_ref(&scan.root) } else { &scan.only };
    let mut found: Vec<PathBuf> = starts.iter().filter_map(|start| above(start)).collect();
    found.sort();
    found.dedup();
    match found.as_slice() {
        [] if matches!(task, Task::Check(_) | Task::Adoption | Task::Baseline { .. }) => {
            Err(SettingsError::NoContract { from: scan.root.clone() })
        }
        [one, other, ..] => {
            Err(SettingsError::SeveralContracts { one: one.clone(), other: other.clone() })
        }
        found => Ok(found.first().cloned()),
    }
}

#[cfg(test)]
mod tests;
