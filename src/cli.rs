//! The command line as typed. Nothing is judged here: [`crate::settings`] says what it means and what is wrong with it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod facts;

pub use facts::{FactsArgs, FactsFrom};

const EXAMPLES: &str = "\
Examples:
  cargo contract-check                               check the current directory
  cargo contract-check crates/api crates/billing     check two crates as one tree
  cargo contract-check check . --format json         the same for scripts
  cargo contract-check routes --status bare          list the routes without a gate
  cargo contract-check routes 'POST /api/payments'   say which route answers a request
  cargo contract-check explain bare-route            say what a rule means and how to fix it
  cargo contract-check init                          propose a contract for a tree without one
  cargo contract-check baseline                      accept today's violations, and no new ones
  cargo contract-check --since origin/main           report what a branch brings about
  cargo contract-check --facts *.facts               judge what `facts` wrote, without the sources

Exit status:
  0  checked everything, nothing denied
  1  at least one violation of severity deny
  2  could not check: bad usage, unreadable contract, no Rust files, I/O failure

A directory called like a command is given as ./routes.";

const ROUTE_EXAMPLES: &str = "\
Examples:
  cargo contract-check routes --method post,put --class financial
  cargo contract-check routes --status bare --format json crates/api
  cargo contract-check routes 'POST /api/payments'
  cargo contract-check routes --answers /api/payments/17";

/// Proves every mutation a Rust service serves, and every table it writes, against a declared contract.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "cargo-contract-check",
    bin_name = "cargo contract-check",
    version,
    after_help = EXAMPLES,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
    /// What `check` takes, for when the command is left out.
    #[command(flatten)]
    pub check: CheckArgs,
    /// What to do; `check` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Contract to check against [default: contract.toml, at or above the scanned path]
    #[arg(long, value_name = "FILE", global = true)]
    pub contract: Option<PathBuf>,
    /// How to print results; an unknown format is answered with the list of the command's formats
    #[arg(long, value_name = "FORMAT", global = true)]
    pub format: Option<String>,
    /// Write results to a file instead of stdout; FORMAT:FILE writes one more copy in another format
    #[arg(long, value_name = "FILE", global = true)]
    pub output: Vec<PathBuf>,
    /// Number of threads [default: one for each processor]
    #[arg(long, short = 'j', value_name = "N", global = true)]
    pub jobs: Option<String>,
    /// Neither read nor write the cache
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// When to use colour: auto, always or never [default: auto]
    #[arg(long, value_name = "WHEN", global = true)]
    pub color: Option<String>,
    /// Print results only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Also print what could not be understood; twice for the time of each stage
    #[arg(long, short, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Known violations and gaps [default: contract-baseline.toml beside the contract, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    pub baseline: Option<PathBuf>,
}

/// What `check` takes.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct CheckArgs {
    /// Directories or .rs files to scan [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Facts instead of paths.
    #[command(flatten)]
    pub facts: FactsFrom,
    /// Treat every warning as a denial
    #[arg(long)]
    pub deny_warnings: bool,
    /// Report known violations too
    #[arg(long)]
    pub no_baseline: bool,
    /// Fail while the baseline holds entries that no longer occur
    #[arg(long)]
    pub strict_baseline: bool,
    /// Report only what the changes since a revision touch or bring about
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Check the index instead of the files, and report only what the staged changes touch or bring about
    #[arg(long)]
    pub staged: bool,
    /// List where the contract asks for less than at a revision
    #[arg(long, value_name = "REV")]
    pub against: Option<String>,
    /// Prove that violations made up for each class of the contract would be caught
    #[arg(long)]
    pub self_test: bool,
}

/// What commands take that only list.
#[derive(Debug, Clone, Default, Args)]
pub struct ListArgs {
    /// Directories or .rs files to scan [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Facts instead of paths.
    #[command(flatten)]
    pub facts: FactsFrom,
}

/// What `baseline` takes.
#[derive(Debug, Clone, Default, Args)]
pub struct BaselineArgs {
    /// Directories or .rs files to scan [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Facts instead of paths.
    #[command(flatten)]
    pub facts: FactsFrom,
    /// Only remove entries that no longer occur; nothing is added
    #[arg(long)]
    pub prune: bool,
}

/// What `init` takes.
#[derive(Debug, Clone, Default, Args)]
pub struct InitArgs {
    /// Directory to scan and to put contract.toml in [default: .]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Replace an existing contract.toml
    #[arg(long)]
    pub force: bool,
}

/// What `hook` does.
#[derive(Debug, Clone, Subcommand)]
pub enum HookAction {
    /// Write the pre-commit hook
    Install {
        /// Directory that the hook checks [default: .]
        #[arg(value_name = "PATH")]
        path: Option<PathBuf>,
        /// Replace a hook that is not ours
        #[arg(long)]
        force: bool,
    },
    /// Remove the pre-commit hook, if it is ours
    Uninstall,
}

/// What `routes` takes.
#[derive(Debug, Clone, Default, Args)]
pub struct RouteArgs {
    /// Directories or .rs files to scan [default: .]; 'METHOD /path' stands for --answers
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Facts instead of paths.
    #[command(flatten)]
    pub facts: FactsFrom,
    /// List only routes of these classes
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub class: Vec<String>,
    /// List only routes of these statuses: gated, bare, exempt, unclassified, read
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub status: Vec<String>,
    /// List only routes of these methods
    #[arg(long, value_name = "METHOD", value_delimiter = ',')]
    pub method: Vec<String>,
    /// Say which route answers a request, and why: 'POST /api/payments', or '/api/payments' for any method
    #[arg(long, value_name = "REQUEST")]
    pub answers: Option<String>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Check the tree against its contract (the default)
    Check(CheckArgs),
    /// List every route: method, path, class, gate, handler, place
    #[command(after_help = ROUTE_EXAMPLES)]
    Routes(RouteArgs),
    /// List every table write: operation, table, writer, place
    Writes(ListArgs),
    /// Show how much of each class is gated
    Adoption(ListArgs),
    /// Record today's violations and gaps; later checks fail on new ones only
    Baseline(BaselineArgs),
    /// Write the facts of packages to a file, to be judged elsewhere with `--facts`
    #[command(after_help = facts::EXAMPLES)]
    Facts(FactsArgs),
    /// Propose a contract.toml from what the tree holds; an existing one is left alone
    Init(InitArgs),
    /// Install or remove a git hook that checks what is staged before each commit
    Hook {
        /// What to do with the hook
        #[command(subcommand)]
        action: HookAction,
    },
    /// Print completions for a shell
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write a page for each command
    Man {
        /// Directory to write one page for each command to
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Print the JSON schema of contract.toml, for editors
    Schema,
    /// Say what a rule means, with a bad and a good example and how to fix it
    Explain {
        /// The rule, such as bare-route
        rule: String,
    },
}

/// Reads the arguments of the process, its name first.
///
/// Cargo runs `cargo-contract-check contract-check …` for `cargo contract-check …`; the repeated word is dropped.
///
/// # Errors
/// What clap says of arguments that it cannot read, and of `--help` and `--version`: print it with
/// [`clap::Error::print`] and exit with [`clap::Error::exit_code`], which is 2 for mistakes and 0 else.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "contract-check") {
        arguments.remove(1);
    }
    Cli::try_parse_from(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cli(line: &str) -> Result<Cli, clap::Error> {
        parse(
            std::iter::once("cargo-contract-check")
                .chain(line.split_whitespace())
                .map(OsString::from),
        )
    }

    #[test]
    fn definition_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn check_is_the_default() {
        let bare = cli("contract-check src --deny-warnings").unwrap();
        assert!(bare.command.is_none());
        assert_eq!(bare.check.paths, [PathBuf::from("src")]);
        assert!(bare.check.deny_warnings);
        let Some(Command::Check(named)) = cli("check src").unwrap().command else {
            panic!("not a check")
        };
        assert_eq!(named.paths, [PathBuf::from("src")]);
    }

    #[test]
    fn common_options_stand_anywhere() {
        for line in [
            "--format json -vv routes x",
            "routes --format json x -vv",
            "contract-check routes x -v --format json -v",
        ] {
            let cli = cli(line).unwrap();
            assert_eq!(
                (cli.common.format.as_deref(), cli.common.verbose),
                (Some("json"), 2),
                "{line}"
            );
            assert!(matches!(cli.command, Some(Command::Routes(_))), "{line}");
        }
    }

    #[test]
    fn filters_are_lists() {
        let Some(Command::Routes(routes)) =
            cli("routes --method post,put --method GET").unwrap().command
        else {
            panic!("not routes")
        };
        assert_eq!(routes.method, ["post", "put", "GET"]);
    }

    #[test]
    fn mistakes_exit_with_2_and_help_with_0() {
        for (line, code) in [
            ("--frobnicate", 2),
            ("explain", 2),
            ("--help", 0),
            ("routes --help", 0),
            ("--version", 0),
        ] {
            assert_eq!(cli(line).unwrap_err().exit_code(), code, "{line}");
        }
    }
}
