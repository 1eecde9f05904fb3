//! Facts: what to write, and what is judged instead of a tree.

use std::path::{Path, PathBuf};

use super::{SettingsError, Task, request::is_request};
use crate::cli::{CheckArgs, Command, FactsArgs, FactsFrom, ListArgs};

/// The facts files that a command line names; none where a tree is read.
pub(super) fn files(
    bare: &CheckArgs,
    command: Option<&Command>,
    cwd: &Path,
) -> Result<Vec<PathBuf>, SettingsError> {
    let conflict = |with| Err(SettingsError::Conflict { option: "`--facts`", with });
    let (named, paths): (&FactsFrom, &[PathBuf]) = match command {
        None => (&bare.facts, &bare.paths),
        Some(Command::Check(args)) => (&args.facts, &args.paths),
        Some(Command::Baseline(args)) => (&args.facts, &args.paths),
        Some(Command::Routes(args)) => (&args.facts, &args.paths),
        Some(
            Command::Writes(ListArgs { facts, paths })
            | Command::Adoption(ListArgs { facts, paths }),
        ) => (facts, paths),
        Some(_) => return Ok(Vec::new()),
    };
    let before = command.map(|_| &bare.facts).into_iter().flat_map(|facts| &facts.files);
    let files: Vec<PathBuf> = before.chain(&named.files).map(|file| cwd.join(file)).collect();
    if files.is_empty() {
        return Ok(files);
    }
    if paths.iter().any(|path| !is_request(&path.to_string_lossy())) {
        return conflict("paths: a tree is read or its facts are");
    }
    let check = match command {
        Some(Command::Check(args)) => args,
        _ => bare,
    };
    let asks = |asks: fn(&CheckArgs) -> bool| asks(bare) || asks(check);
    if asks(|args| args.since.is_some()) {
        return conflict("`--since`, which reads sources");
    }
    if asks(|args| args.staged) {
        return conflict("`--staged`, which reads sources");
    }
    if asks(|args| args.self_test) {
        return conflict("`--self-test`, which adds to sources");
    }
    Ok(files)
}

/// The task of `facts` and the path it is about.
pub(super) fn task(
    args: FactsArgs,
    output: &[PathBuf],
    cwd: &Path,
) -> Result<(Task, Vec<PathBuf>), SettingsError> {
    let [file] = output else { return Err(SettingsError::FactsOutput) };
    if file == Path::new("-") {
        return Err(SettingsError::FactsOutput);
    }
    let attach = args.attach.iter().map(|path| cwd.join(path)).collect();
    let task = Task::Facts { packages: args.package, attach, file: cwd.join(file) };
    Ok((task, args.path.into_iter().collect()))
}
