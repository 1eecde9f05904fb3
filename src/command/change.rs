//! A check narrowed to a change: what the changed lines touch, and what was not there before the change.
//!
//! The whole tree is analysed. A finding belongs to the change when its place or a step of its trail is on a changed
//! line, or when there are more findings of its identity than before: a line that was removed, a constant or the body
//! of a gate is on nobody's trail, and what it brings about must not slip through.

use std::{collections::BTreeMap, path::Path};

use super::Subject;
use crate::{
    changes::{Changes, Repository, Snapshot, Tree},
    discover::{DiscoverError, Scan},
    error::RunError,
    finding::Where,
    report::{Report, identity::Identity, news::Scope, place::Spots},
    settings::{Change, Check, Settings},
};

/// A change, and what it is held against.
pub(super) struct Narrowed {
    repository: Repository,
    changes: Changes,
    /// The commit before the change; nothing when there was none.
    base: Option<String>,
    words: String,
    /// The contract or the baseline is part of the change, so everything is reported.
    everything: bool,
    /// What is checked instead of the files; kept until the end of the run.
    pub(super) snapshot: Option<Snapshot>,
}

impl Narrowed {
    /// The change that `task` asks for, if it does.
    pub(super) fn of(settings: &Settings, task: &Check) -> Result<Option<Self>, RunError> {
        let Some(change) = &task.change else { return Ok(None) };
        let repository = Repository::of(&settings.scan.root)?;
        let (changes, base, words, snapshot) = match change {
            Change::Since(revision) => {
                let base = repository.base(revision)?;
                let changes = match &base {
                    Some(commit) => repository.since(commit)?,
                    None => Changes::default(),
                };
                (changes, base, format!("changes since {revision}"), None)
            }
            Change::Staged => {
                let snapshot = repository.snapshot(&Tree::Index)?;
                (
                    repository.staged()?,
                    repository.head(),
                    "staged changes".to_owned(),
                    Some(snapshot),
                )
            }
        };
        let given = [settings.contract.as_deref(), task.baseline.as_deref()];
        let mut given = given.into_iter().flatten().filter_map(|path| repository.path_of(path));
        let everything = base.is_none() || given.any(|path| changes.has(&path));
        Ok(Some(Self { repository, changes, base, words, everything, snapshot }))
    }

    /// The same place in a copy of the repository.
    fn moved(&self, snapshot: &Snapshot, path: &Path) -> std::path::PathBuf {
        match self.repository.path_of(path) {
            Some(inside) => snapshot.top().join(inside),
            None => path.to_owned(),
        }
    }

    fn scan_in(&self, snapshot: &Snapshot, scan: &Scan) -> Scan {
        Scan {
            root: self.moved(snapshot, &scan.root),
            only: scan.only.iter().map(|path| self.moved(snapshot, path)).collect(),
            exclude: scan.exclude.clone(),
            exclude_base: scan.exclude_base.as_ref().map(|path| self.moved(snapshot, path)),
        }
    }

    /// Settings about the index where they are about files; a contract or baseline that the index does not have stays.
    pub(super) fn settings(&self, settings: &Settings) -> Settings {
        let Some(snapshot) = &self.snapshot else { return settings.clone() };
        let mut moved = settings.clone();
        moved.scan = self.scan_in(snapshot, &settings.scan);
        moved.contract = moved.contract.map(|path| self.indexed(snapshot, &path));
        moved
    }

    /// A file as the index has it, if it does.
    fn indexed(&self, snapshot: &Snapshot, path: &Path) -> std::path::PathBuf {
        Some(self.moved(snapshot, path)).filter(|moved| moved.is_file()).unwrap_or(path.to_owned())
    }

    /// The baseline as the index has it.
    pub(super) fn baseline(&self, path: &Path) -> std::path::PathBuf {
        self.snapshot.as_ref().map_or(path.to_owned(), |snapshot| self.indexed(snapshot, path))
    }

    /// Drops the findings of `report` that are not of the change.
    pub(super) fn narrow(
        &self,
        settings: &Settings,
        subject: &Subject,
        deny_warnings: bool,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let all = report.findings.len();
        let base = self.base.as_ref().filter(|_| !self.everything);
        if let Some(commit) = base {
            let before = self.before(settings, subject, deny_warnings, commit)?;
            let mut grown: BTreeMap<Identity, i64> = BTreeMap::new();
            for finding in &report.findings {
                *grown.entry(Identity::of(finding)).or_default() += 1;
            }
            for identity in before {
                *grown.entry(identity).or_default() -= 1;
            }
            let kept = touched(report, &self.changes);
            let kept: Vec<bool> = report
                .findings
                .iter()
                .zip(kept)
                .map(|(finding, touched)| {
                    touched || grown.get(&Identity::of(finding)).is_some_and(|more| *more > 0)
                })
                .collect();
            report.retain(|at| kept.get(at) == Some(&true));
        }
        let words = if base.is_some() {
            self.words.clone()
        } else {
            format!("{}, which concern everything", self.words)
        };
        report.news.scope = Some(Scope { words, outside: all - report.findings.len() });
        Ok(())
    }

    /// What a check of the tree before the change finds under today's contract.
    fn before(
        &self,
        settings: &Settings,
        subject: &Subject,
        deny_warnings: bool,
        commit: &str,
    ) -> Result<Vec<Identity>, RunError> {
        let snapshot = self.repository.snapshot(&Tree::Commit(commit.to_owned()))?;
        let mut scan = self.scan_in(&snapshot, &settings.scan);
        // Paths that came with the change have nothing before it.
        scan.only.retain(|path| path.exists());
        if !scan.root.exists() || (scan.only.is_empty() && !settings.scan.only.is_empty()) {
            return Ok(Vec::new());
        }
        let earlier = Subject { scan, ..subject.clone() };
        match earlier.analyse(settings, deny_warnings) {
            Ok(run) => Ok(run.report.findings.iter().map(Identity::of).collect()),
            Err(RunError::Discover(DiscoverError::Empty { .. })) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// For each finding, whether its place or a step of its trail is on a changed line.
fn touched(report: &Report, changes: &Changes) -> Vec<bool> {
    let mut spots = Spots::new(report);
    let mut is_touched = |at: Where| {
        let spot = spots.spot(at);
        let path = report.repository_path(at, &spot);
        match spot.lines {
            Some((start, end)) => changes.touch(&path, start.line, end.line),
            None => changes.has(&path),
        }
    };
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            is_touched(finding.at) || finding.related.iter().any(|label| is_touched(label.at))
        })
        .collect()
}
