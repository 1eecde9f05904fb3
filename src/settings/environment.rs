//! What the process is told by its surroundings.

use std::path::PathBuf;

/// What the surroundings say about output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five independent facts about the process")]
pub struct Environment {
    /// `GITHUB_STEP_SUMMARY`, if set and not empty.
    pub step_summary: Option<PathBuf>,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set, not empty and not 0.
    pub force_color: bool,
    /// `TERM` is `dumb`.
    pub is_dumb: bool,
    /// `CI` is set and not empty.
    pub is_ci: bool,
    /// Stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// `CONTRACT_CHECK_CACHE_DIR`, or else where the system has its users' caches.
    pub cache_dir: Option<PathBuf>,
}

impl Environment {
    /// Asks the process.
    pub fn read() -> Self {
        use std::io::IsTerminal as _;
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            step_summary: std::env::var_os("GITHUB_STEP_SUMMARY")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            no_color: is_set("NO_COLOR"),
            force_color: std::env::var_os("CLICOLOR_FORCE")
                .is_some_and(|value| !value.is_empty() && value != "0"),
            is_dumb: std::env::var_os("TERM").is_some_and(|value| value == "dumb"),
            is_ci: is_set("CI"),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            cache_dir: std::env::var_os("CONTRACT_CHECK_CACHE_DIR")
                .filter(|value| !value.is_empty())
                .map_or_else(dirs::cache_dir, |dir| Some(PathBuf::from(dir))),
        }
    }

    /// Whether a stream is coloured when nothing is said: `NO_COLOR` comes before `CLICOLOR_FORCE`.
    pub(super) const fn wants_color(&self, is_terminal: bool) -> bool {
        !self.no_color && (self.force_color || (is_terminal && !self.is_dumb))
    }
}
