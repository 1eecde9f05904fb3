//! What each command does with a run: the task, its format, its output and its exit status.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

mod baseline;
mod change;
mod check;
mod facts;
mod hook;
mod init;
mod progress;
mod selftest;
mod text;

use crate::{
    baseline::Baseline,
    discover::Scan,
    error::RunError,
    facts::FactsError,
    finding::Finding,
    pipeline::{self, Appended, Request, Run},
    report::{LIST_FORMATS, Look, Report, escape, identity::Identity, listing},
    rules,
    settings::{self, Settings, Task, Verbosity},
};

/// Carries out `settings`; the exit status.
///
/// # Errors
/// When the task cannot be carried out.
pub fn run(settings: Settings) -> Result<u8, RunError> {
    match &settings.task {
        Task::Explain { rule } => {
            let page = rules::page::explain(rule).map_err(RunError::Rule)?;
            deliver(&settings, |_, _, out| out.write_all(page.as_bytes()))?;
            Ok(0)
        }
        Task::Writes => {
            let run = analyse(&settings, false)?;
            deliver(&settings, |format, look, out| {
                let format = LIST_FORMATS.iter().find(|one| one.name == format);
                format.map_or(Ok(()), |format| (format.writes)(&run.report, look, out))
            })?;
            Ok(0)
        }
        Task::Check(task) if task.self_test => selftest::run(&settings),
        Task::Check(task) => check::run(&settings, task),
        Task::Init { file, force } => init::run(&settings, file, *force),
        Task::Hook { root, install, force } => hook::run(&settings, root, *install, *force),
        Task::Completions(shell) => {
            deliver(&settings, |_, _, out| text::completions(*shell, out))?;
            Ok(0)
        }
        Task::Man(None) => {
            deliver(&settings, |_, _, out| text::manual(out))?;
            Ok(0)
        }
        Task::Man(Some(dir)) => text::manuals(dir).map(|()| 0),
        Task::Schema => {
            deliver(&settings, |_, _, out| out.write_all(text::SCHEMA.as_bytes()))?;
            Ok(0)
        }
        Task::Baseline { file, prune } => baseline::run(&settings, file, *prune),
        Task::Facts { packages, attach, file } => facts::run(&settings, packages, attach, file),
        Task::Routes(filter) => {
            let run = analyse(&settings, false)?;
            deliver(&settings, |format, look, out| list_routes(format, look, filter, &run, out))?;
            Ok(0)
        }
        Task::Adoption => {
            let run = analyse(&settings, false)?;
            deliver(&settings, |format, look, out| {
                let format = LIST_FORMATS.iter().find(|one| one.name == format);
                format.map_or(Ok(()), |format| (format.adoption)(&run.report, look, out))
            })?;
            Ok(0)
        }
    }
}

fn list_routes(
    format: &str,
    look: Look,
    filter: &crate::settings::RouteFilter,
    run: &Run,
    output: &mut dyn io::Write,
) -> io::Result<()> {
    if let Some(request) = &filter.request {
        let method = request.method.unwrap_or("ANY");
        return listing::answers(&run.report, &run.table, method, &request.path, output);
    }
    let shown = listing::Filter {
        classes: filter.classes.clone(),
        statuses: filter
            .statuses
            .iter()
            .filter_map(|name| {
                rules::judgement::Status::ALL.into_iter().find(|status| status.word() == *name)
            })
            .collect(),
        methods: filter.methods.iter().map(|method| (*method).to_owned()).collect(),
    };
    let lines = shown.lines(&run.report);
    let format = LIST_FORMATS.iter().find(|one| one.name == format);
    format.map_or(Ok(()), |format| (format.routes)(&run.report, &lines, look, output))
}

/// Rules that say what is nowhere in the tree.
const ABSENCES: [&str; 3] = ["missing-route", "unmatched-entry", "unused-exemption"];

/// What to analyse: where to look, and the contract, its path as shown and its text.
#[derive(Debug, Clone)]
struct Subject {
    scan: Scan,
    /// Facts files that are judged instead.
    facts: Vec<PathBuf>,
    contract: Option<(String, String)>,
}

impl Subject {
    /// What `settings` ask for, as the files are now.
    fn of(settings: &Settings) -> Result<Self, RunError> {
        let contract = settings.contract.as_deref();
        let contract = contract.map(|path| {
            let shown = shown(&settings.scan.root, path);
            let text = fs::read_to_string(path)
                .map_err(|source| RunError::ContractFile { path: shown.clone(), source })?;
            Ok::<_, RunError>((shown, text))
        });
        let mut scan = settings.scan.clone();
        // What the contract excludes it names from where it is, whatever part of the tree is scanned.
        let dir = settings.contract.as_deref().and_then(|path| path.canonicalize().ok());
        let dir = dir.as_deref().and_then(Path::parent);
        let root = scan.root.canonicalize().ok();
        if let (Some(dir), Some(root)) = (dir, root)
            && scan.exclude_base.is_none()
            && root.starts_with(dir)
        {
            scan.exclude_base = Some(dir.to_owned());
        }
        Ok(Self { scan, facts: settings.facts.clone(), contract: contract.transpose()? })
    }

    /// The same, the contract named as seen from the root of `settings`: a copy of the tree is no place to tell of.
    fn named(mut self, settings: &Settings) -> Self {
        if let (Some((name, _)), Some(path)) = (&mut self.contract, &settings.contract) {
            *name = shown(&settings.scan.root, path);
        }
        self
    }

    /// The tree that the contract is for, when only a part of it is scanned.
    ///
    /// - `contract`: where the contract is.
    fn whole(&self, contract: Option<&Path>) -> Option<Self> {
        let dir = contract?.canonicalize().ok()?.parent()?.to_owned();
        let root = self.scan.root.canonicalize().ok()?;
        let is_part = root.starts_with(&dir) && (root != dir || !self.scan.only.is_empty());
        let scan = Scan { root: dir, only: Vec::new(), ..self.scan.clone() };
        is_part.then(|| Self { scan, ..self.clone() })
    }

    /// Refuses facts of a part of the tree that the contract is for: what the part lacks, the rest may have.
    fn is_whole(&self, settings: &Settings) -> Result<(), FactsError> {
        let Some(whole) = self.whole(settings.contract.as_deref()) else { return Ok(()) };
        let dir = escape::line(&whole.scan.root.display().to_string()).into_owned();
        Err(FactsError::Part { dir })
    }

    /// What the whole tree shows, for a report about a part of it: nothing when it is no part.
    fn around(
        &self,
        settings: &Settings,
        deny_warnings: bool,
    ) -> Result<Option<Baseline>, RunError> {
        let Some(whole) = self.whole(settings.contract.as_deref()) else { return Ok(None) };
        Ok(Some(Baseline::of(&whole.analyse(settings, deny_warnings)?.report)))
    }

    /// Drops what a part of the tree was found to lack and the whole has.
    fn settle(
        &self,
        settings: &Settings,
        deny_warnings: bool,
        report: &mut Report,
    ) -> Result<(), RunError> {
        if report.findings.iter().all(|finding| !ABSENCES.contains(&finding.rule)) {
            return Ok(());
        }
        let Some(around) = self.around(settings, deny_warnings)? else { return Ok(()) };
        let kept: Vec<bool> = report
            .findings
            .iter()
            .map(|finding| {
                !ABSENCES.contains(&finding.rule)
                    || around.violations.binary_search(&Identity::of(finding)).is_ok()
            })
            .collect();
        report.retain(|at| kept.get(at) == Some(&true));
        for class in &mut report.classes {
            let of_class = |finding: &&Finding| finding.class.as_ref() == Some(&class.class);
            class.violations = report.findings.iter().filter(of_class).count();
        }
        Ok(())
    }

    fn analyse(&self, settings: &Settings, deny_warnings: bool) -> Result<Run, RunError> {
        self.analyse_with(settings, deny_warnings, None)
    }

    fn analyse_with(
        &self,
        settings: &Settings,
        deny_warnings: bool,
        appended: Option<Appended>,
    ) -> Result<Run, RunError> {
        let request = self.request(settings, deny_warnings);
        let clock = progress::clock(settings);
        let run = if self.facts.is_empty() {
            pipeline::run_with(request, appended, clock)?
        } else {
            self.is_whole(settings)?;
            let named = |path: &PathBuf| (shown(&self.scan.root, path), path.clone());
            pipeline::judge(request, self.facts.iter().map(named).collect(), clock)?
        };
        progress::report(settings, &run.stages);
        Ok(run)
    }

    fn request(&self, settings: &Settings, deny_warnings: bool) -> Request {
        Request {
            scan: self.scan.clone(),
            contract: self.contract.clone(),
            jobs: settings.jobs.get(),
            deny_warnings,
            today: settings::today(),
            // A proposal and canaries are made from the tree as it was linked.
            cache: settings.cache.clone().filter(|_| !settings.task.needs_program()),
            with_table: matches!(&settings.task, Task::Routes(filter) if filter.request.is_some()),
        }
    }
}

/// How findings name a file: relative to the scanned root, so that two checkouts say the same.
fn shown(root: &Path, path: &Path) -> String {
    let shown = relative(root, path).unwrap_or_else(|| path.to_owned()).display().to_string();
    escape::line(&shown.replace(std::path::MAIN_SEPARATOR, "/")).into_owned()
}

/// The way from `root`, a directory or a file, to a file; nothing where they have no directory in common but the top of
/// all: such a file is where the system has it, and not in a checkout.
fn relative(root: &Path, path: &Path) -> Option<PathBuf> {
    if let Ok(inside) = path.strip_prefix(root) {
        return Some(inside.to_owned());
    }
    let root = root.canonicalize().ok()?;
    let root = if root.is_file() { root.parent()? } else { &root };
    let dir = path.parent()?.canonicalize().ok()?;
    let (mut above, mut up) = (root, PathBuf::new());
    while !dir.starts_with(above) {
        above = above.parent()?;
        up.push("..");
    }
    above.parent()?;
    Some(up.join(dir.strip_prefix(above).ok()?).join(path.file_name()?))
}

fn analyse(settings: &Settings, deny_warnings: bool) -> Result<Run, RunError> {
    Subject::of(settings)?.analyse(settings, deny_warnings)
}

/// Writes results to each of their places; a reader that went away is no error.
///
/// - `print`: writes in a format, with a look, to what it is given.
fn deliver(
    settings: &Settings,
    print: impl Fn(&str, Look, &mut dyn io::Write) -> io::Result<()>,
) -> Result<(), RunError> {
    for output in &settings.outputs {
        let to = output.file.as_ref().map_or_else(
            || "stdout".to_owned(),
            |path| format!("`{}`", escape::line(&path.display().to_string())),
        );
        let failed = |source| RunError::Output { to: to.clone(), source };
        let look = Look {
            color: if output.file.is_some() {
                settings.color_files
            } else {
                settings.color_results
            },
            verbose: settings.verbosity >= Verbosity::Verbose,
            ..Look::default()
        };
        let mut text = Vec::new();
        print(output.format, look, &mut text).map_err(failed)?;
        if let Some(path) = &output.file {
            fs::write(path, text).map_err(failed)?;
            continue;
        }
        let mut out = io::stdout().lock();
        match out.write_all(&text).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            done => done.map_err(failed)?,
        }
    }
    Ok(())
}

/// An error as people read it: mistakes of a contract with their places.
pub fn message(error: &RunError) -> String {
    match error {
        RunError::Contract(mistakes) => {
            let mut text = String::new();
            let handler = miette::NarratableReportHandler::new();
            if handler.render_report(&mut text, mistakes.as_ref()).is_err() {
                text = error.to_string();
            }
            text
        }
        error => format!("error: {error}"),
    }
}
