//! `hook`: a pre-commit hook for git without a hook manager.

use std::{fs, path::Path};

use super::deliver;
use crate::{changes::Repository, error::RunError, report::escape, settings::Settings};

/// The line by which a hook is known as ours.
const MARK: &str = "# Installed by `cargo contract-check hook install`.";

/// Installs or removes the hook of the repository around `root`; the exit status.
pub(super) fn run(
    settings: &Settings,
    root: &Path,
    install: bool,
    force: bool,
) -> Result<u8, RunError> {
    let repository = Repository::of(root)?;
    let file = repository.hooks()?.join("pre-commit");
    let shown = escape::line(&file.display().to_string()).into_owned();
    let failed = |source| RunError::Output { to: format!("`{shown}`"), source };
    let there = fs::read_to_string(&file).ok();
    let foreign = file.exists() && !there.as_deref().unwrap_or("").contains(MARK);
    if foreign && !(install && force) {
        return Err(RunError::ForeignHook { path: shown });
    }
    if install {
        if let Some(dir) = file.parent() {
            fs::create_dir_all(dir).map_err(failed)?;
        }
        let inside = repository.path_of(root).unwrap_or_default();
        let inside = if inside.is_empty() { ".".to_owned() } else { format!("./{inside}") };
        fs::write(&file, script(&inside)).map_err(failed)?;
        executable(&file).map_err(failed)?;
    } else if file.exists() {
        fs::remove_file(&file).map_err(failed)?;
    }
    let word = if install { "wrote" } else { "removed" };
    deliver(settings, |_, _, out| writeln!(out, "{word} {shown}"))?;
    Ok(0)
}

fn script(path: &str) -> String {
    let path = path.replace('\'', "'\\''");
    format!(
        "#!/bin/sh\n{MARK}\n\
         # It checks what is staged, and reports what the commit touches or brings about.\n\
         if ! command -v cargo-contract-check >/dev/null 2>&1; then\n\
         \x20   echo 'cargo-contract-check is not installed: nothing was checked (git commit --no-verify skips this)' >&2\n\
         \x20   exit 1\n\
         fi\n\
         exec cargo-contract-check check --staged --format short '{path}'\n"
    )
}

#[cfg(unix)]
fn executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
