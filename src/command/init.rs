//! `init`: a first contract.

use std::{fs, io::Write as _, path::Path};

use super::{analyse, deliver, shown};
use crate::{
    contract::Contract,
    error::RunError,
    init,
    report::{counted, escape},
    rules::RULES,
    settings::Settings,
};

/// Writes a proposal to `file`; the exit status.
pub(super) fn run(settings: &Settings, file: &Path, force: bool) -> Result<u8, RunError> {
    let path = shown(&settings.scan.root, file);
    let failed = |source| RunError::Output { to: format!("`{path}`"), source };
    let run = analyse(settings, false)?;
    let text = init::proposal(&run.report, &run.writers);
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let contract = Contract::parse(&path, &text, &ids)
        .map_err(|mistakes| RunError::Contract(Box::new(mistakes)))?;
    let mut options = fs::OpenOptions::new();
    // Asked of the system in one step, so that a file that appears meanwhile is not lost.
    let options =
        if force { options.create(true).truncate(true) } else { options.create_new(true) };
    let mut out = options.write(true).open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => RunError::Exists { path: path.clone() },
        _ => failed(error),
    })?;
    out.write_all(text.as_bytes()).map_err(failed)?;
    deliver(settings, |_, _, out| {
        writeln!(out, "wrote {}", escape::line(&path))?;
        for class in &contract.classes {
            let mut parts = Vec::new();
            if !class.routes.is_empty() {
                parts.push(counted(class.routes.len(), "pattern"));
            }
            if !class.tables.is_empty() {
                parts.push(counted(class.tables.len(), "table"));
            }
            writeln!(out, "  class {}: {}", class.name, parts.join(", "))?;
        }
        writeln!(out, "read it, strike what is wrong, then run `cargo contract-check`")
    })?;
    Ok(0)
}
