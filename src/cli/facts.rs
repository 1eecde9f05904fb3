//! What `facts` takes, and what takes facts.

use std::path::PathBuf;

use clap::Args;

/// Examples of `facts`.
pub(super) const EXAMPLES: &str = "\
Examples:
  cargo contract-check facts --package api --output api.facts
  cargo contract-check facts --package billing --output billing.facts
  cargo contract-check check --facts api.facts billing.facts

A facts file holds the sources of its packages: keep it as you keep them, and judge none that
comes from people who may not change the sources. One build of this program writes and judges.";

/// What `facts` takes.
#[derive(Debug, Clone, Default, Args)]
pub struct FactsArgs {
    /// Directory of the whole tree, whose contract judges [default: .]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Write the facts of this package only, by its name or directory; may be given several times
    #[arg(long, value_name = "NAME")]
    pub package: Vec<String>,
    /// Take this file along, which code reads by a path put together at run time
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
}

/// Facts instead of a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct FactsFrom {
    /// Judge the tree whose facts are in these files, without its sources
    #[arg(long = "facts", value_name = "FILE", num_args = 1..)]
    pub files: Vec<PathBuf>,
}
