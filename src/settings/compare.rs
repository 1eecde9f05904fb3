//! What a check is compared with: a baseline, a revision, the index.

use std::path::{Path, PathBuf};

use super::{SettingsError, Task};
use crate::{baseline::BASELINE, cli::CheckArgs};

/// How to check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices of the user")]
pub struct Check {
    /// Whether warnings deny.
    pub deny_warnings: bool,
    /// The baseline.
    pub baseline: Option<PathBuf>,
    /// Whether no baseline is looked for.
    pub no_baseline: bool,
    /// Whether entries that no longer occur fail the run.
    pub strict_baseline: bool,
    /// The change that the report is narrowed to.
    pub change: Option<Change>,
    /// The revision whose contract is compared.
    pub against: Option<String>,
    /// Whether the contract is tried instead of the tree.
    pub self_test: bool,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Everything since a revision, as typed.
    Since(String),
    /// What is in the index.
    Staged,
}

/// The first option of `check` that is given.
pub(super) fn first_option(args: &CheckArgs) -> Option<&'static str> {
    let given = [
        (!args.facts.files.is_empty(), "`--facts` before the command"),
        (args.deny_warnings, "`--deny-warnings`"),
        (args.no_baseline, "`--no-baseline`"),
        (args.strict_baseline, "`--strict-baseline`"),
        (args.since.is_some(), "`--since`"),
        (args.staged, "`--staged`"),
        (args.against.is_some(), "`--against`"),
        (args.self_test, "`--self-test`"),
    ];
    given.into_iter().find(|(given, _)| *given).map(|(_, option)| option)
}

/// Options before and after the word `check`, as one.
pub(super) fn check(bare: CheckArgs, named: CheckArgs) -> Result<Check, SettingsError> {
    let conflict = |option, with| Err(SettingsError::Conflict { option, with });
    let since = named.since.or(bare.since);
    let staged = bare.staged || named.staged;
    let no_baseline = bare.no_baseline || named.no_baseline;
    let strict_baseline = bare.strict_baseline || named.strict_baseline;
    let change = match (since, staged) {
        (Some(_), true) => return conflict("`--since`", "`--staged`"),
        (Some(revision), false) => Some(Change::Since(revision)),
        (None, true) => Some(Change::Staged),
        (None, false) => None,
    };
    let self_test = bare.self_test || named.self_test;
    let against = named.against.or(bare.against);
    if self_test && (change.is_some() || against.is_some()) {
        return conflict("`--self-test`", "`--since`, `--staged` or `--against`");
    }
    if no_baseline && strict_baseline {
        return conflict("`--no-baseline`", "`--strict-baseline`");
    }
    Ok(Check {
        deny_warnings: bare.deny_warnings || named.deny_warnings,
        baseline: None,
        no_baseline,
        strict_baseline,
        change,
        against,
        self_test,
    })
}

/// Gives the task its baseline: the named one, or the one beside the contract.
pub(super) fn place_baseline(
    task: &mut Task,
    named: Option<&Path>,
    contract: Option<&Path>,
    cwd: &Path,
) -> Result<(), SettingsError> {
    let beside = contract.and_then(Path::parent).map(|dir| dir.join(BASELINE));
    match (task, named) {
        (Task::Check(check), Some(_)) if check.no_baseline => {
            Err(SettingsError::Conflict { option: "`--no-baseline`", with: "`--baseline`" })
        }
        (Task::Check(check), Some(path)) => {
            let full = cwd.join(path);
            if !full.is_file() {
                return Err(SettingsError::BaselineFile { path: path.to_owned() });
            }
            check.baseline = Some(full);
            Ok(())
        }
        (Task::Check(check), None) => {
            check.baseline = beside.filter(|path| !check.no_baseline && path.is_file());
            // Strict about nothing would pass for the wrong reason.
            if check.strict_baseline && check.baseline.is_none() {
                return Err(SettingsError::BaselineFile { path: PathBuf::from(BASELINE) });
            }
            Ok(())
        }
        (Task::Baseline { file, .. }, named) => {
            let path = named.map(|path| cwd.join(path)).or(beside);
            *file = path.unwrap_or_else(|| cwd.join(BASELINE));
            Ok(())
        }
        (_, Some(_)) => Err(SettingsError::Conflict {
            option: "`--baseline`",
            with: "a command other than `check` and `baseline`",
        }),
        (_, None) => Ok(()),
    }
}
