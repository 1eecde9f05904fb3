//! `baseline`: records what is known, or drops what is fixed.

use std::{fs, path::Path};

use super::{Subject, deliver, shown};
use crate::{
    baseline::Baseline,
    error::RunError,
    report::{counted, identity::Identity},
    settings::Settings,
};

/// Reads a baseline.
pub(super) fn read(settings: &Settings, file: &Path) -> Result<Baseline, RunError> {
    let path = shown(&settings.scan.root, file);
    let text = fs::read_to_string(file)
        .map_err(|error| RunError::Baseline { path: path.clone(), why: error.to_string() })?;
    Baseline::parse(&text).map_err(|why| RunError::Baseline { path, why })
}

/// Writes the baseline; the exit status.
pub(super) fn run(settings: &Settings, file: &Path, prune: bool) -> Result<u8, RunError> {
    let known = if prune { Some(read(settings, file)?) } else { None };
    let subject = Subject::of(settings)?;
    let mut report = subject.analyse(settings, false)?.report;
    subject.settle(settings, false, &mut report)?;
    let mut today = Baseline::of(&report);
    // What a part of the tree does not show may well be in the rest of it.
    if prune && let Some(around) = subject.around(settings, false)? {
        today = today.or(&around);
    }
    let path = shown(&settings.scan.root, file);
    let written = known.as_ref().map_or_else(|| today.clone(), |known| known.prune(&today));
    fs::write(file, written.text())
        .map_err(|source| RunError::Output { to: format!("`{path}`"), source })?;
    let violations = counted(written.violations.len(), "violation");
    let gaps = counted(written.gaps.len(), "gap");
    deliver(settings, |_, _, out| {
        if let Some(known) = &known {
            for gone in removed(known, &written) {
                writeln!(out, "removed {}", crate::report::escape::line(&gone))?;
            }
        }
        let word = if prune { "left" } else { "recorded" };
        writeln!(out, "{word} {violations} and {gaps} in {path}")
    })?;
    Ok(0)
}

fn removed(before: &Baseline, after: &Baseline) -> Vec<String> {
    let mut violations = after.violations.clone();
    let mut gone = Vec::new();
    for one in &before.violations {
        match violations.iter().position(|left| left == one) {
            Some(at) => _ = violations.remove(at),
            None => gone.push(Identity::title(one)),
        }
    }
    let mut gaps = after.gaps.clone();
    for one in &before.gaps {
        match gaps.iter().position(|left| left == one) {
            Some(at) => _ = gaps.remove(at),
            None => gone.push(format!("gap: {one}")),
        }
    }
    gone
}
