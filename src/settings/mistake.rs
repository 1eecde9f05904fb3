//! What can be wrong with a command line.

use std::path::PathBuf;

use super::{CONTRACT, MOST_JOBS};

/// What is wrong with a command line, and how to put it right.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A path to scan does not exist.
    #[error("cannot scan `{}`: {why}{hint}", path.display())]
    Path {
        /// The path, as typed.
        path: PathBuf,
        /// What the system says.
        why: String,
        /// What may have been meant; begins with a separator, may be empty.
        hint: String,
    },
    /// Paths have no directory in common, as on two drives.
    #[error("the paths have no directory in common; run the check once for each")]
    Apart,
    /// No contract is at or above the scanned paths.
    #[error("no {CONTRACT} in `{}` or above it; write one, or name one with `--contract FILE`", from.display())]
    NoContract {
        /// Where the search began.
        from: PathBuf,
    },
    /// The scanned paths have contracts of their own.
    #[error("the paths have different contracts, `{}` and `{}`; check them one by one, or name one with `--contract FILE`", one.display(), other.display())]
    SeveralContracts {
        /// One of them.
        one: PathBuf,
        /// Another.
        other: PathBuf,
    },
    /// `--contract` names no file.
    #[error("`--contract {}` is not a file", path.display())]
    ContractFile {
        /// The path, as typed.
        path: PathBuf,
    },
    /// A value that is none of those expected.
    #[error("`{given}` is not a {what}; expected one of {}{}", expected.join(", "), did_you_mean(suggestion.as_deref()))]
    Unknown {
        /// What the value should be: `format of check`.
        what: String,
        /// The value, as typed.
        given: String,
        /// All values that are understood.
        expected: Vec<String>,
        /// The nearest of them, if any is near.
        suggestion: Option<String>,
    },
    /// `--jobs` is no number of threads.
    #[error("`--jobs {given}` is not a number from 1 to {MOST_JOBS}")]
    Jobs {
        /// The value, as typed.
        given: String,
    },
    /// `--output` names a place where no file can be.
    #[error("cannot write `{}`: {why}", path.display())]
    Output {
        /// The path, as typed.
        path: PathBuf,
        /// Why not.
        why: &'static str,
    },
    /// The same file is named twice.
    #[error("two outputs go to `{}`; give each its own file", path.display())]
    SameOutput {
        /// The path, as typed.
        path: PathBuf,
    },
    /// Two options contradict each other, or an option does not go with the command.
    #[error("{option} cannot be used with {with}")]
    Conflict {
        /// The option.
        option: &'static str,
        /// What it does not go with.
        with: &'static str,
    },
    /// A request that is not one.
    #[error(
        "`{given}` is not a request; write it as 'POST /api/payments', or '/api/payments' for any method"
    )]
    Request {
        /// The request, as typed.
        given: String,
    },
    /// More than one request.
    #[error("ask for one request at a time; `{second}` is the second")]
    SeveralRequests {
        /// The second one.
        second: String,
    },
    /// `facts` has nowhere to write to, or too many places.
    #[error("facts go to one file, for another run to read; name it with `--output FILE`")]
    FactsOutput,
    /// `--baseline` names no file.
    #[error("`--baseline {}` is not a file; record one with `cargo contract-check baseline`", path.display())]
    BaselineFile {
        /// The path, as typed.
        path: PathBuf,
    },
}

pub(super) fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}
