//! Why facts cannot be written or judged: which file, what was expected, and what to do.

/// What is wrong with facts.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// The file cannot be read.
    #[error("cannot read the facts `{file}`: {source}")]
    Read {
        /// The file, as it is to be shown.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is another kind of file.
    #[error(
        "`{file}` is not a facts file; write one with `cargo contract-check facts --output FILE`"
    )]
    Foreign {
        /// The file, as it is to be shown.
        file: String,
    },
    /// The file is of another version of the program.
    #[error(
        "the facts `{file}` were written by another build of cargo-contract-check; write them anew with the build that judges them"
    )]
    OtherBuild {
        /// The file, as it is to be shown.
        file: String,
    },
    /// The file is incomplete or was changed.
    #[error("the facts `{file}` are damaged: {why}; write or fetch them anew")]
    Damaged {
        /// The file, as it is to be shown.
        file: String,
        /// What does not fit.
        why: &'static str,
    },
    /// The facts are too large for one file.
    #[error(
        "the facts are larger than {most} bytes; write them of fewer packages at a time, with `--package NAME`"
    )]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// No package is called so.
    #[error("no package `{given}` in the tree{}", hint(.suggestion.as_deref()))]
    Unknown {
        /// The name, as typed.
        given: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// A file to attach is none of the tree.
    #[error("cannot attach `{path}`: {why}")]
    Attach {
        /// The path, as typed.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two files are of different trees.
    #[error(
        "the facts `{one}` and `{other}` are of different trees: {what}; write both of one state of the tree, from the same directory and with all its manifests there"
    )]
    Apart {
        /// One file.
        one: String,
        /// Another.
        other: String,
        /// Where they differ.
        what: String,
    },
    /// A package is in no file.
    #[error(
        "no facts of the package {what}; add them: `cargo contract-check facts --package {package} --output FILE`"
    )]
    Missing {
        /// The package, and what depends on it.
        what: String,
        /// By what name it is asked for.
        package: String,
    },
    /// A package that another one needs was not there.
    #[error(
        "`{package}` depends on the package in `{dir}`, whose Cargo.toml was not there when the facts `{file}` were written; write them with the manifests of the whole tree, or name `{dir}` in `scan.exclude`"
    )]
    Lacking {
        /// The package that needs it.
        package: String,
        /// Where it is.
        dir: String,
        /// The file, as it is to be shown.
        file: String,
    },
    /// The contract leaves out something else.
    #[error(
        "the facts `{file}` were written with `scan.exclude` = {had}, and the contract has {has}; write them anew with this contract (`--contract FILE`)"
    )]
    Exclude {
        /// The file, as it is to be shown.
        file: String,
        /// What the facts were written with.
        had: String,
        /// What the contract says.
        has: String,
    },
    /// The code names a file that the facts do not hold.
    #[error(
        "the code names `{path}`, which was in the tree and is in no facts file, because its path is put together; write the facts with `--attach {path}`"
    )]
    Attachment {
        /// The file, relative to the root.
        path: String,
    },
    /// The contract is for more than the facts can be of.
    #[error(
        "the contract is for all of `{dir}`, and facts of a part of it cannot be judged; write them with `facts {dir} --package NAME`, and judge them in that directory"
    )]
    Part {
        /// The directory of the contract.
        dir: String,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}
