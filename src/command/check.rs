//! `check`: the gate. The exit status never depends on the format.

use std::{fs, io::Write as _, path::Path};

use super::{Subject, baseline, change::Narrowed, deliver, shown};
use crate::{
    baseline::Baseline,
    changes::Repository,
    contract::Contract,
    discover::DiscoverError,
    error::RunError,
    report::{CHECK_FORMATS, Home, Report, summary},
    rules::{self, RULES},
    settings::{Check, Settings},
};

/// Checks the tree; the exit status.
pub(super) fn run(settings: &Settings, task: &Check) -> Result<u8, RunError> {
    let narrowed = Narrowed::of(settings, task)?;
    let checked = narrowed.as_ref().map_or_else(|| settings.clone(), |one| one.settings(settings));
    let subject = Subject::of(&checked)?.named(settings);
    let run = subject.analyse(&checked, task.deny_warnings);
    let mut report = run.map_err(|error| named(error, settings))?.report;
    subject.settle(&checked, task.deny_warnings, &mut report)?;
    report.news.deny_warnings = task.deny_warnings;
    report.home = home(&settings.scan.root, settings.contract.as_deref());
    let contract = contract(&subject)?;
    if let Some(path) = &task.baseline {
        let file = narrowed.as_ref().map_or_else(|| path.clone(), |one| one.baseline(path));
        let known = baseline::read(&checked, &file)?;
        let gaps = contract.scan.unresolved.into();
        let shown = shown(&settings.scan.root, path);
        known.apply(&mut report, &shown, task.strict_baseline, gaps);
        // What a part of the tree does not show may well be in the rest of it.
        if let Some(ratchet) = &mut report.news.ratchet
            && (!ratchet.fixed.is_empty() || !ratchet.closed_gaps.is_empty())
            && let Some(around) = subject.around(&checked, task.deny_warnings)?
        {
            known.confirm(ratchet, &around);
        }
    }
    if let Some(revision) = &task.against {
        report.news.loosened = loosened(settings, task, revision, &contract)?;
    }
    if let Some(narrowed) = &narrowed {
        narrowed.narrow(settings, &subject, task.deny_warnings, &mut report)?;
    }
    deliver(settings, |format, look, out| {
        let format = CHECK_FORMATS.iter().find(|one| one.name == format);
        format.map_or(Ok(()), |format| (format.write)(&report, look, out))
    })?;
    if settings.outputs.iter().any(|output| output.format == "github") {
        summarise(settings, &report)?;
    }
    Ok(rules::exit_status(&report.findings).max(u8::from(report.news.fails())))
}

/// An error about a copy of the tree as one about the tree.
fn named(error: RunError, settings: &Settings) -> RunError {
    let root = settings.scan.root.clone();
    match error {
        RunError::Discover(DiscoverError::Empty { .. }) => {
            RunError::Discover(DiscoverError::Empty { root })
        }
        RunError::Discover(DiscoverError::Unreadable { why, .. }) => {
            RunError::Discover(DiscoverError::Unreadable { path: root, why })
        }
        error => error,
    }
}

pub(super) fn contract(subject: &Subject) -> Result<Contract, RunError> {
    let (path, text) = subject.contract.clone().unwrap_or_default();
    parsed(&path, &text)
}

fn parsed(path: &str, text: &str) -> Result<Contract, RunError> {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    Contract::parse(path, text, &ids).map_err(|mistakes| RunError::Contract(Box::new(mistakes)))
}

/// Where the contract and the baseline allow more than they did where the branch left `revision`.
fn loosened(
    settings: &Settings,
    task: &Check,
    revision: &str,
    now: &Contract,
) -> Result<Vec<String>, RunError> {
    let repository = Repository::of(&settings.scan.root)?;
    let Some(base) = repository.base(revision)? else { return Ok(Vec::new()) };
    let at_base = |path: Option<&Path>| {
        let path = path.and_then(|path| repository.path_of(path))?;
        repository.file_at(&base, &path)
    };
    let mut all = Vec::new();
    // A contract that came with the branch asks for more, and one this program cannot read is no measure.
    if let Some(text) = at_base(settings.contract.as_deref())
        && let Ok(before) = parsed("", &text)
    {
        all = rules::loosened::loosened(&before, now);
    }
    if let Some(path) = &task.baseline {
        let today = baseline::read(settings, path)?;
        let before = at_base(Some(path)).and_then(|text| Baseline::parse(&text).ok());
        let added = before.map_or(0, |before| today.added_since(&before));
        if added > 0 {
            all.push(format!("the baseline has {added} more entries"));
        }
    }
    Ok(all)
}

/// Adds the report to the summary of the step, as GitHub Actions shows it.
fn summarise(settings: &Settings, report: &Report) -> Result<(), RunError> {
    let Some(path) = &settings.step_summary else { return Ok(()) };
    let failed = |source| RunError::Output { to: "the step summary".to_owned(), source };
    let mut text = Vec::new();
    summary::print(report, summary::STEP_ROWS, &mut text).map_err(failed)?;
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
    file.write_all(&text).map_err(failed)
}

/// Where `root` is in its repository: below the nearest directory with a `.git`.
fn home(root: &Path, contract: Option<&Path>) -> Home {
    let Ok(root) = root.canonicalize() else { return Home::default() };
    let root = if root.is_file() { root.parent().unwrap_or(&root).to_owned() } else { root };
    let Some(top) = root.ancestors().find(|dir| dir.join(".git").exists()) else {
        return Home::default();
    };
    let inside = |path: &Path| {
        let parts = path.strip_prefix(top).ok()?.components();
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        Some(parts.join("/"))
    };
    let prefix = inside(&root).filter(|prefix| !prefix.is_empty());
    let contract = contract.and_then(|path| path.canonicalize().ok());
    let contract = contract.filter(|path| !path.starts_with(&root));
    Home {
        prefix: prefix.map(|prefix| format!("{prefix}/")).unwrap_or_default(),
        contract: contract.and_then(|path| inside(&path)),
    }
}
