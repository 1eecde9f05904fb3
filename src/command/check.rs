//! `check`: the gate. The exit status never depends on the format.

use std::{fs, io::Write as _, path::Path};

use super::{analyse, deliver};
use crate::{
    error::RunError,
    report::{CHECK_FORMATS, Home, Look, Report, summary},
    rules,
    settings::Settings,
};

/// Checks the tree; the exit status.
pub(super) fn run(settings: &Settings, deny_warnings: bool) -> Result<u8, RunError> {
    let mut report = analyse(settings, deny_warnings)?.report;
    report.home = home(&settings.scan.root, settings.contract.as_deref());
    deliver(settings, |format, look, out| {
        let format = CHECK_FORMATS.iter().find(|one| one.name == format);
        format.map_or(Ok(()), |format| (format.write)(&report, look, out))
    })?;
    if settings.outputs.iter().any(|output| output.format == "github") {
        summarise(settings, &report)?;
    }
    Ok(rules::exit_status(&report.findings).max(u8::from(report.news.fails())))
}

/// Adds the report to the summary of the step, as GitHub Actions shows it.
fn summarise(settings: &Settings, report: &Report) -> Result<(), RunError> {
    let Some(path) = &settings.step_summary else { return Ok(()) };
    let failed = |source| RunError::Output { to: "the step summary".to_owned(), source };
    let mut text = Vec::new();
    (summary::FORMAT.write)(report, Look::default(), &mut text).map_err(failed)?;
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
