//! Where results go: stdout, files, and each in which format.

use std::path::{Path, PathBuf};

use super::{SettingsError, known};

/// One place results go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// One of the formats of the task.
    pub format: &'static str,
    /// The file; stdout when `None`.
    pub file: Option<PathBuf>,
}

/// Reads `--output`: `FILE` takes what stdout would get, `FORMAT:FILE` is one more; `-` is stdout itself, as everywhere.
///
/// - `format`: of stdout.
/// - `formats`: the command and the formats it knows.
pub(super) fn outputs(
    format: &'static str,
    (command, formats): (&str, &'static [&'static str]),
    given: &[PathBuf],
    cwd: &Path,
) -> Result<Vec<Output>, SettingsError> {
    let mut outputs: Vec<Output> = Vec::new();
    let mut taken = false;
    for path in given {
        let (format, path) = if let Some((name, rest)) = split(path) {
            (known(&format!("format of `{command}`"), name, formats)?, rest)
        } else {
            taken = true;
            (format, path.as_path())
        };
        let file = if path == Path::new("-") { None } else { Some(checked(path, cwd)?) };
        taken |= file.is_none();
        if outputs.iter().any(|other| other.file == file) {
            return Err(SettingsError::SameOutput { path: path.to_owned() });
        }
        outputs.push(Output { format, file });
    }
    if !taken {
        outputs.insert(0, Output { format, file: None });
    }
    Ok(outputs)
}

/// `sarif:out.sarif` as format and file. A drive letter is no format; `./sarif:x` is a file.
fn split(path: &Path) -> Option<(&str, &Path)> {
    let (name, rest) = path.to_str()?.split_once(':')?;
    let is_name = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_name && !rest.is_empty()).then(|| (name, Path::new(rest)))
}

fn checked(path: &Path, cwd: &Path) -> Result<PathBuf, SettingsError> {
    let full = cwd.join(path);
    let refused = |why| SettingsError::Output { path: path.to_owned(), why };
    if full.is_dir() {
        return Err(refused("it is a directory"));
    }
    if !full.parent().is_some_and(Path::is_dir) {
        return Err(refused("its directory does not exist"));
    }
    Ok(full)
}
