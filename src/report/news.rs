//! What a comparison says beside the findings: with a baseline, with another revision's contract, with a revision.

use super::identity::Identity;
use crate::finding::Gap;

/// What is new, and what is no longer so. Empty when nothing was compared.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// The baseline's part.
    pub ratchet: Option<Ratchet>,
    /// How the contract asks for less than at the revision it was compared with, each in one sentence.
    pub loosened: Vec<String>,
    /// What the findings were narrowed to, in words; nothing when all are reported.
    pub scope: Option<Scope>,
}

/// Findings narrowed to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `changes since main`.
    pub words: String,
    /// How many findings are outside of it.
    pub outside: usize,
}

/// A report held against a baseline.
#[derive(Debug, Clone, Default)]
pub struct Ratchet {
    /// The baseline's path, as shown.
    pub path: String,
    /// How many violations it knows, which are therefore not among the findings.
    pub known: usize,
    /// How many entries are about what was not scanned.
    pub elsewhere: usize,
    /// Entries that no longer occur, each once for each time.
    pub fixed: Vec<Identity>,
    /// Gaps that the baseline does not know.
    pub new_gaps: Vec<Gap>,
    /// Gaps of the baseline that no longer occur, by their reason.
    pub closed_gaps: Vec<String>,
    /// Entries that no longer occur fail the run.
    pub strict: bool,
    /// Gaps that the baseline does not know fail the run.
    pub gaps_deny: bool,
}

impl Ratchet {
    /// Whether the comparison alone fails the run.
    pub fn fails(&self) -> bool {
        let stale = !self.fixed.is_empty() || !self.closed_gaps.is_empty();
        (self.strict && stale) || (self.gaps_deny && !self.new_gaps.is_empty())
    }
}

impl News {
    /// Whether what was compared fails the run, whatever the findings are.
    pub fn fails(&self) -> bool {
        self.ratchet.as_ref().is_some_and(Ratchet::fails)
    }

    /// Each thing to say in one line, the gravest first; may hold text of the scanned tree.
    pub fn lines(&self) -> Vec<(Weight, String)> {
        let mut lines = Vec::new();
        if let Some(ratchet) = &self.ratchet {
            let stale = if ratchet.strict { Weight::Deny } else { Weight::Note };
            let gaps = if ratchet.gaps_deny { Weight::Deny } else { Weight::Warn };
            for gap in &ratchet.new_gaps {
                lines.push((
                    gaps,
                    format!("a gap that {} does not know: {}", ratchet.path, gap.reason),
                ));
            }
            for identity in &ratchet.fixed {
                lines.push((
                    stale,
                    format!("fixed, and still in {}: {}", ratchet.path, identity.title()),
                ));
            }
            for reason in &ratchet.closed_gaps {
                lines
                    .push((stale, format!("closed, and still in {}: gap: {reason}", ratchet.path)));
            }
        }
        for loosened in &self.loosened {
            lines.push((Weight::Warn, format!("the contract asks for less: {loosened}")));
        }
        lines.sort_by_key(|(weight, _)| *weight);
        lines
    }

    /// What the reader should know of the figures, in one line each.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(scope) = &self.scope {
            remarks.push(format!("only {}: {} outside not shown", scope.words, scope.outside));
        }
        if let Some(ratchet) = &self.ratchet {
            remarks.push(format!("{} known in {}", ratchet.known, ratchet.path));
            if ratchet.elsewhere > 0 {
                remarks.push(format!("{} more known in what was not scanned", ratchet.elsewhere));
            }
            if !ratchet.fixed.is_empty() || !ratchet.closed_gaps.is_empty() {
                remarks
                    .push("entries that are fixed: remove them with `baseline --prune`".to_owned());
            }
        }
        remarks
    }
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It fails the run.
    Deny,
    /// It wants a look.
    Warn,
    /// It is good to know.
    Note,
}

impl Weight {
    /// The word before the line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Note => "note",
        }
    }
}
