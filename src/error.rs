//! Why the program cannot check: one error over those of the stages.

use crate::discover::DiscoverError;
use crate::settings::SettingsError;

/// What ends a run before it has an answer. What the program finds is no error, and neither is what it cannot tell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The command line asks for what cannot be done.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The tree cannot be scanned.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The contract cannot be used.
    #[error(transparent)]
    Contract(Box<crate::contract::ContractErrors>),
    /// The contract cannot be read.
    #[error("cannot read the contract `{path}`: {source}")]
    ContractFile {
        /// Its path, as it is to be shown.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Facts cannot be written or judged.
    #[error(transparent)]
    Facts(#[from] crate::facts::FactsError),
    /// What changed cannot be told.
    #[error(transparent)]
    Changes(#[from] crate::changes::ChangesError),
    /// The baseline cannot be used.
    #[error("cannot use the baseline `{path}`: {why}")]
    Baseline {
        /// Its path, as it is to be shown.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is a contract already.
    #[error("there is a contract already, `{path}`; `--force` replaces it")]
    Exists {
        /// Its path, as it is to be shown.
        path: String,
    },
    /// There is another hook.
    #[error("there is another hook already, `{path}`; `hook install --force` replaces it")]
    ForeignHook {
        /// Its path, as it is to be shown.
        path: String,
    },
    /// There is no such rule.
    #[error("{0}")]
    Rule(String),
    /// No thread can be started.
    #[error("cannot start a thread: {source}")]
    Thread {
        /// What the system says.
        source: std::io::Error,
    },
    /// A stage stopped half-way: a fault of this program.
    #[error(
        "a stage of the analysis stopped before its end; this is a fault of cargo-contract-check, please report it"
    )]
    Stopped,
    /// Results cannot be written.
    #[error("cannot write {to}: {source}")]
    Output {
        /// `` `report.json` `` or `stdout`, as it is to be shown.
        to: String,
        /// What the system says.
        source: std::io::Error,
    },
}

impl RunError {
    /// The exit status: 2, whatever went wrong, because 1 says that the tree was checked.
    pub const fn exit_code(&self) -> u8 {
        2
    }
}
