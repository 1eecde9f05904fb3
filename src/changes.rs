//! What changed, asked of `git`: lines since a revision or in the index, and files as a revision or the index has them.
//!
//! The only module that runs another program. `git` is told not to run any in turn (no external diff, no text
//! conversion, no file system monitor), and what the user configured about diffs does not count.

mod diff;
mod snapshot;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

pub use snapshot::{Snapshot, Tree};

/// Why changes cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// `git` cannot be run.
    #[error("cannot run `git`: {source}")]
    NoGit {
        /// What the system says.
        source: std::io::Error,
    },
    /// The scanned root is in no repository.
    #[error("`{}` is not in a git repository", root.display())]
    NoRepository {
        /// The scanned root.
        root: PathBuf,
    },
    /// The revision is not there.
    #[error(
        "there is no revision `{revision}` here; in a shallow clone, fetch it first (`fetch-depth: 0` in GitHub Actions, `GIT_DEPTH: 0` in GitLab CI)"
    )]
    NoRevision {
        /// As typed.
        revision: String,
    },
    /// `git` failed.
    #[error("`git {command}` failed: {message}")]
    Git {
        /// Its first arguments.
        command: String,
        /// What it printed.
        message: String,
    },
    /// The index has conflicts, so it is no one tree.
    #[error(
        "the index has conflicts, in `{path}` for one: resolve them, stage what came of it, and check again"
    )]
    Unmerged {
        /// A file that has some.
        path: String,
    },
    /// A copy of a tree cannot be made.
    #[error("cannot write a copy of the tree: {source}")]
    Copy {
        /// What the system says.
        source: std::io::Error,
    },
}

/// The lines of a file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// All: the file is new.
    All,
    /// Ranges of 1-based lines, both ends included.
    Some(Vec<(u32, u32)>),
}

/// Changed files, by their path in the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(pub BTreeMap<String, Lines>);

impl Changes {
    /// Whether any of the lines `from..=to` of a file changed.
    pub fn touch(&self, path: &str, from: u32, to: u32) -> bool {
        match self.0.get(path) {
            None => false,
            Some(Lines::All) => true,
            Some(Lines::Some(ranges)) => {
                ranges.iter().any(|(start, end)| *start <= to && from <= *end)
            }
        }
    }

    /// Whether a file changed, in lines or otherwise.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

/// A work tree of git.
#[derive(Debug, Clone)]
pub struct Repository {
    top: PathBuf,
    /// A submodule: what the environment says about the repository is about the one around it.
    inner: bool,
}

impl Repository {
    /// The one that `root`, a directory or a file, is in.
    ///
    /// # Errors
    /// When there is none, or no `git`.
    pub fn of(root: &Path) -> Result<Self, ChangesError> {
        let full = root.canonicalize().map_err(|source| ChangesError::Copy { source })?;
        let dir = if full.is_file() { full.parent().unwrap_or(&full) } else { &full };
        let shown =
            Self { top: dir.to_owned(), inner: false }.git(["rev-parse", "--show-toplevel"]);
        let none = || ChangesError::NoRepository { root: root.to_owned() };
        let top = match shown {
            Ok(top) => top,
            Err(ChangesError::NoGit { source }) => return Err(ChangesError::NoGit { source }),
            Err(_) => return Err(none()),
        };
        let top = String::from_utf8(top).map_err(|_| none())?;
        let top = top.strip_suffix('\n').unwrap_or(&top);
        let top = Path::new(top).canonicalize().map_err(|_| none())?;
        Ok(Self { top, inner: false })
    }

    /// The submodule at `path`, if it is checked out and has `commit`.
    fn submodule(&self, path: &str, commit: &str) -> Option<Self> {
        let top = self.top.join(path).canonicalize().ok()?;
        // Without a repository of its own, git would answer for the one around it.
        if !top.starts_with(&self.top) || !top.join(".git").exists() {
            return None;
        }
        let inner = Self { top, inner: true };
        inner.commit(commit).map(|_| inner)
    }

    /// Its top directory.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The directory of its hooks, wherever that is configured to be.
    ///
    /// # Errors
    /// When git fails.
    pub fn hooks(&self) -> Result<PathBuf, ChangesError> {
        let shown = self.git(["rev-parse", "--git-path", "hooks"])?;
        let shown = String::from_utf8_lossy(&shown);
        Ok(self.top.join(shown.strip_suffix('\n').unwrap_or(&shown)))
    }

    /// The path of a file in the repository, with `/`; nothing if it is elsewhere.
    pub fn path_of(&self, file: &Path) -> Option<String> {
        let full = file.canonicalize().ok()?;
        let parts = full.strip_prefix(&self.top).ok()?.components();
        let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }

    /// The commit that changes since `revision` are counted from: where the current branch left it.
    ///
    /// Nothing while there is no commit at all. In a clone too shallow to know where the branch left, the revision
    /// itself.
    ///
    /// # Errors
    /// When there is no such revision.
    pub fn base(&self, revision: &str) -> Result<Option<String>, ChangesError> {
        let Some(commit) = self.commit(revision) else {
            if self.commit("HEAD").is_none() {
                return Ok(None);
            }
            return Err(ChangesError::NoRevision { revision: revision.to_owned() });
        };
        let base = self.git(["merge-base", commit.as_str(), "HEAD"]).ok();
        Ok(base.and_then(one_line).or(Some(commit)))
    }

    /// The commit at the tip of the current branch; nothing while there is none.
    pub fn head(&self) -> Option<String> {
        self.commit("HEAD")
    }

    fn commit(&self, revision: &str) -> Option<String> {
        // A revision never begins with a dash; an option would.
        if revision.starts_with('-') || revision.is_empty() {
            return None;
        }
        let asked = format!("{revision}^{{commit}}");
        self.git(["rev-parse", "--verify", "--quiet", asked.as_str()]).ok().and_then(one_line)
    }

    /// The text of a file in a commit; nothing if it is not there.
    pub fn file_at(&self, commit: &str, path: &str) -> Option<String> {
        let object = format!("{commit}:{path}");
        String::from_utf8(self.git(["cat-file", "blob", object.as_str()]).ok()?).ok()
    }

    /// What changed in the work tree since `commit`, files that git does not know yet included.
    ///
    /// # Errors
    /// When git fails.
    pub fn since(&self, commit: &str) -> Result<Changes, ChangesError> {
        let mut changes = self.diff(&[commit])?;
        let new = self.git(["ls-files", "--others", "--exclude-standard", "-z"])?;
        for path in new.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
            changes.0.insert(String::from_utf8_lossy(path).into_owned(), Lines::All);
        }
        Ok(changes)
    }

    /// What changed in the index since the last commit.
    ///
    /// # Errors
    /// When git fails.
    pub fn staged(&self) -> Result<Changes, ChangesError> {
        self.diff(&["--cached"])
    }

    fn diff(&self, what: &[&str]) -> Result<Changes, ChangesError> {
        // Everything that configuration could change about the form of the answer is said.
        let fixed = [
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-relative",
            "--text",
            "--unified=0",
            "--inter-hunk-context=0",
            "--find-renames",
            "--ignore-submodules=all",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        ];
        let out = self.git(fixed.iter().chain(what).chain(&["--"]))?;
        Ok(diff::changes(&out))
    }

    fn git(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Vec<u8>, ChangesError> {
        self.git_with(arguments, &[], &[])
    }

    /// Runs git in the top directory; what it printed.
    ///
    /// - `variables`: set for it; `input`: what it reads.
    fn git_with(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        variables: &[(&str, &OsStr)],
        input: &[u8],
    ) -> Result<Vec<u8>, ChangesError> {
        use std::{io::Write as _, process::Stdio};
        let arguments: Vec<_> = arguments.into_iter().collect();
        let mut command = Command::new("git");
        command.args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=true"]);
        command.args(&arguments).current_dir(&self.top).env("GIT_OPTIONAL_LOCKS", "0");
        if self.inner {
            for about_outer in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
                command.env_remove(about_outer);
            }
        }
        command.env("LC_ALL", "C").envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|source| ChangesError::NoGit { source })?;
        let pipe = child.stdin.take();
        // Written beside reading, or both sides could wait for each other.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input)));
            child.wait_with_output()
        });
        let output = output.map_err(|source| ChangesError::NoGit { source })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let words = arguments.iter().take(2).map(|one| one.as_ref().to_string_lossy().into_owned());
        let message = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        Err(ChangesError::Git { command: words.collect::<Vec<_>>().join(" "), message })
    }
}

fn one_line(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    text.lines().next().filter(|line| !line.is_empty()).map(str::to_owned)
}
