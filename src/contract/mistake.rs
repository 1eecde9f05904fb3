//! What is wrong with a contract: every mistake of the file with its place, gathered before anything is refused.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// Why a contract cannot be used: all its mistakes, in the order of the file.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("`{path}` has {}", count(.mistakes.len()))]
#[diagnostic(code(contract::unusable))]
pub struct ContractErrors {
    /// The contract's path, as given.
    pub path: String,
    /// The mistakes; never empty.
    #[related]
    pub mistakes: Vec<Mistake>,
}

/// One mistake in a contract.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What the marked place is.
    pub label: String,
    /// One imperative that mends it.
    #[help]
    pub help: String,
    /// The whole contract, for the excerpt.
    #[source_code]
    pub text: NamedSource<Arc<str>>,
    /// The marked place.
    #[label("{label}")]
    pub at: SourceSpan,
}

/// Mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    found: Vec<Raw>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Raw {
    span: Span,
    message: String,
    label: String,
    help: String,
}

impl Mistakes {
    /// Adds one.
    pub(super) fn add(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found.push(Raw {
            span,
            message: message.into(),
            label: label.into(),
            help: help.into(),
        });
    }

    /// Adds a name that is none of `known`, with the nearest of them.
    pub(super) fn add_unknown(&mut self, span: Span, what: &str, name: &str, known: &[&str]) {
        let help = match nearest(name, known) {
            Some(near) => format!("write `{near}`"),
            None => format!("use one of {}", listed(known)),
        };
        self.add(span, format!("unknown {what} `{name}`"), format!("no such {what}"), help);
    }

    /// The errors of the file, or nothing if there is none.
    pub(super) fn into_errors(mut self, path: &str, text: &Arc<str>) -> Option<ContractErrors> {
        self.found.sort();
        self.found.dedup();
        let source = NamedSource::new(path, Arc::clone(text)).with_language("TOML");
        let mistakes = self.found.into_iter().map(|raw| Mistake {
            message: raw.message,
            label: raw.label,
            help: raw.help,
            text: source.clone(),
            at: (raw.span.start as usize..raw.span.end as usize).into(),
        });
        let mistakes: Vec<Mistake> = mistakes.collect();
        (!mistakes.is_empty()).then(|| ContractErrors { path: path.to_owned(), mistakes })
    }
}

/// The known name most like `name`, if any is like it.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let folded = name.trim().to_lowercase().replace('_', "-");
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&folded, &known.to_lowercase()), *known));
    let (distance, best) = near.min()?;
    (distance <= (folded.chars().count() / 3).max(1)).then_some(best)
}

/// `a`, `b` or `c`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "none".to_owned(),
    }
}

fn count(mistakes: usize) -> String {
    if mistakes == 1 { "a mistake".to_owned() } else { format!("{mistakes} mistakes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("route", &["routes", "tables"]), Some("routes"));
        assert_eq!(nearest("include_tests", &["include-tests"]), Some("include-tests"));
        assert_eq!(nearest("post", &["POST", "PUT"]), Some("POST"));
        assert_eq!(nearest("colour", &["routes", "tables"]), None);
        assert_eq!(nearest("x", &[]), None);
    }
}
