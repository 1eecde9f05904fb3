//! Commands that print what is known without a tree: completions, the manual, the schema of contracts.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use clap::CommandFactory as _;

use crate::{cli::Cli, error::RunError};

/// The JSON schema of contract.toml.
pub(super) const SCHEMA: &str = include_str!("../../rules/contract.schema.json");

/// Completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cargo-contract-check", &mut text);
    out.write_all(&text)
}

/// The page of the whole program.
pub(super) fn manual(out: &mut dyn Write) -> io::Result<()> {
    clap_mangen::Man::new(named()).render(&mut &mut *out)
}

/// A page for the program and one for each command.
pub(super) fn manuals(dir: &Path) -> Result<(), RunError> {
    let to = || format!("`{}`", crate::report::escape::line(&dir.display().to_string()));
    let failed = |source| RunError::Output { to: to(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(named(), dir).map_err(failed)
}

/// The command line as pages name it.
fn named() -> clap::Command {
    Cli::command().name("cargo-contract-check").bin_name("cargo-contract-check")
}
