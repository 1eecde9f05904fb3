//! What a comparison says beside the findings: with a baseline, with another revision's contract, with a revision.

use super::identity::Identity;
use crate::{
    contract::Level,
    finding::{Gap, Where},
    source::Span,
};

/// What is new, and what is no longer so. Empty when nothing was compared.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// The baseline's part.
    pub ratchet: Option<Ratchet>,
    /// How the contract asks for less than at the revision it was compared with, each in one sentence.
    pub loosened: Vec<String>,
    /// What the findings were narrowed to, in words; nothing when all are reported.
    pub scope: Option<Scope>,
    /// A line that warns fails the run.
    pub deny_warnings: bool,
}

/// Something to say beside the findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub weight: Weight,
    /// What it comes of, as formats with a rule for each of their lines call it: `baseline`, `against`.
    pub kind: &'static str,
    /// One sentence; may hold text of the scanned tree.
    pub text: String,
    /// Where.
    pub at: About,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A place in the tree.
    Place(Where),
    /// The contract as a whole.
    Contract,
    /// The baseline as a whole.
    Baseline,
}

impl About {
    /// A place of the tree or the contract; the baseline has none.
    pub const fn place(self) -> Option<Where> {
        match self {
            Self::Place(at) => Some(at),
            Self::Contract => Some(Where::Contract(Span::new(0, 0))),
            Self::Baseline => None,
        }
    }
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
    /// What gaps that the baseline does not know come to.
    pub gaps: Weight,
}

impl News {
    /// Whether what was compared fails the run, whatever the findings are.
    pub fn fails(&self) -> bool {
        self.lines().iter().any(|line| line.weight == Weight::Deny)
    }

    /// What a warning comes to.
    const fn warning(&self) -> Weight {
        if self.deny_warnings { Weight::Deny } else { Weight::Warn }
    }

    /// What gaps that a baseline does not know come to.
    pub const fn new_gaps(&self, ratchet: &Ratchet) -> Weight {
        match ratchet.gaps {
            Weight::Warn => self.warning(),
            weight => weight,
        }
    }

    /// Each thing to say, the gravest first.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut say = |weight, kind, at, text| lines.push(Line { weight, kind, text, at });
        if let Some(ratchet) = &self.ratchet {
            let stale = if ratchet.strict { Weight::Deny } else { Weight::Note };
            let path = &ratchet.path;
            for gap in &ratchet.new_gaps {
                let text = format!("a gap that {path} does not know: {}", gap.reason);
                say(self.new_gaps(ratchet), "baseline", About::Place(gap.at), text);
            }
            for identity in &ratchet.fixed {
                let text = format!("fixed, and still in {path}: {}", identity.title());
                say(stale, "baseline", About::Baseline, text);
            }
            for reason in &ratchet.closed_gaps {
                let text = format!("closed, and still in {path}: gap: {reason}");
                say(stale, "baseline", About::Baseline, text);
            }
        }
        for loosened in &self.loosened {
            let text = format!("the contract asks for less: {loosened}");
            say(self.warning(), "against", About::Contract, text);
        }
        lines.sort_by_key(|line| line.weight);
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It fails the run.
    Deny,
    /// It wants a look.
    Warn,
    /// It is good to know.
    #[default]
    Note,
}

impl From<Level> for Weight {
    fn from(level: Level) -> Self {
        match level {
            Level::Deny => Self::Deny,
            Level::Warn => Self::Warn,
            Level::Allow => Self::Note,
        }
    }
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
