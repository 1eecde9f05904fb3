//! The baseline: violations and gaps that are known, so that a run fails on new ones only.
//!
//! A sorted list with one entry a line, an entry for each time it occurs, without files, lines and dates: code can
//! move, and branches that each mend something merge without conflict. Entries only ever leave it by
//! [`Baseline::prune`], since one that no longer occurs would excuse the same mistake made again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::{
    finding::{Finding, Gap, Label},
    report::{
        Report,
        identity::Identity,
        news::{Ratchet, Weight},
    },
};

/// Name of a baseline that is looked for beside the contract.
pub const BASELINE: &str = "contract-baseline.toml";

/// The version of baselines this program reads and writes.
const VERSION: i64 = 1;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Known violations, sorted; one that occurs twice is there twice.
    pub violations: Vec<Identity>,
    /// Reasons of known gaps, sorted; one that occurs twice is there twice.
    pub gaps: Vec<String>,
}

/// The file as TOML holds it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: i64,
    #[serde(default)]
    violations: Vec<Identity>,
    #[serde(default)]
    gaps: Vec<String>,
}

impl Baseline {
    /// Everything that `report` says.
    pub fn of(report: &Report) -> Self {
        let mut baseline = Self {
            violations: report.findings.iter().map(Identity::of).collect(),
            gaps: report.gaps.iter().map(|gap| gap.reason.clone()).collect(),
        };
        baseline.violations.sort();
        baseline.gaps.sort();
        baseline
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// What is wrong with the text, in one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File =
            toml::from_str(text).map_err(|error| error.to_string().trim().replace('\n', " "))?;
        if file.version != VERSION {
            return Err(format!("this program reads baselines of version {VERSION}"));
        }
        let mut baseline = Self { violations: file.violations, gaps: file.gaps };
        baseline.violations.sort();
        baseline.gaps.sort();
        Ok(baseline)
    }

    /// The text of the file: the same for the same entries.
    pub fn text(&self) -> String {
        let mut text = format!(
            "# What `cargo contract-check` found when this was recorded: known, and not to grow.\n\
             # Written by `cargo contract-check baseline`; `baseline --prune` removes what is fixed.\n\
             version = {VERSION}\n"
        );
        let mut list = |name: &str, entries: Vec<String>| {
            _ = write!(text, "{name} = [");
            for entry in &entries {
                _ = write!(text, "\n    {entry},");
            }
            text.push_str(if entries.is_empty() { "]\n" } else { "\n]\n" });
        };
        let entry = |identity: &Identity| {
            let parts = identity.parts();
            let parts = parts.iter().filter_map(|(name, part)| Some((name, (*part)?)));
            let parts: Vec<String> =
                parts.map(|(name, part)| format!("{name} = {}", quoted(part))).collect();
            format!("{{ {} }}", parts.join(", "))
        };
        list("violations", self.violations.iter().map(entry).collect());
        list("gaps", self.gaps.iter().map(|gap| quoted(gap)).collect());
        text
    }

    /// What is left of it when `today` is what there is: never more.
    #[must_use]
    pub fn prune(&self, today: &Self) -> Self {
        let mut there = counts(&today.violations);
        let mut gaps = counts(&today.gaps);
        Self {
            violations: self
                .violations
                .iter()
                .filter(|one| take(&mut there, one))
                .cloned()
                .collect(),
            gaps: self.gaps.iter().filter(|one| take(&mut gaps, one)).cloned().collect(),
        }
    }

    /// What is in either, as often as it is in the one that has more of it.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            violations: more(&self.violations, &other.violations),
            gaps: more(&self.gaps, &other.gaps),
        }
    }

    /// Takes out of what is said to be fixed whatever is there in `whole`, the tree around what was scanned.
    pub fn confirm(&self, ratchet: &mut Ratchet, whole: &Self) {
        let still = self.prune(whole);
        let before = ratchet.fixed.len() + ratchet.closed_gaps.len();
        let gone = minus(&self.violations, &still.violations);
        ratchet.fixed = common(&ratchet.fixed, &gone);
        let gone = minus(&self.gaps, &still.gaps);
        ratchet.closed_gaps = common(&ratchet.closed_gaps, &gone);
        ratchet.elsewhere = before - ratchet.fixed.len() - ratchet.closed_gaps.len();
    }

    /// How many entries of `self` are not in `before`.
    pub fn added_since(&self, before: &Self) -> usize {
        let mut violations = counts(&before.violations);
        let mut gaps = counts(&before.gaps);
        self.violations.iter().filter(|one| !take(&mut violations, one)).count()
            + self.gaps.iter().filter(|one| !take(&mut gaps, one)).count()
    }

    /// Takes what is known out of `report`, and notes there what is fixed.
    ///
    /// Of equal violations that are more than the baseline knows, the last in the order of the report stand for the
    /// new ones, and name the others.
    pub fn apply(&self, report: &mut Report, path: &str, strict: bool, gaps: Weight) {
        let mut known = counts(&self.violations);
        let identities: Vec<Identity> = report.findings.iter().map(Identity::of).collect();
        let is_known: Vec<bool> = identities.iter().map(|one| take(&mut known, one)).collect();
        let mut likes: BTreeMap<&Identity, Vec<Label>> = BTreeMap::new();
        for ((finding, identity), known) in report.findings.iter().zip(&identities).zip(&is_known) {
            if *known {
                likes.entry(identity).or_default().push(like(finding));
            }
        }
        for (finding, identity) in report.findings.iter_mut().zip(&identities) {
            if let Some(likes) = likes.get(identity) {
                finding.related.extend(likes.iter().cloned());
            }
        }
        report.retain(|at| is_known.get(at) == Some(&false));
        let mut known_gaps = counts(&self.gaps);
        let new_gaps: Vec<Gap> =
            report.gaps.iter().filter(|gap| !take(&mut known_gaps, &gap.reason)).cloned().collect();
        report.news.ratchet = Some(Ratchet {
            path: path.to_owned(),
            known: is_known.iter().filter(|known| **known).count(),
            elsewhere: 0,
            fixed: left(&known),
            new_gaps,
            closed_gaps: left(&known_gaps),
            strict,
            gaps,
        });
    }
}

fn like(finding: &Finding) -> Label {
    Label { at: finding.at, message: "known, and the same as this".to_owned() }
}

fn counts<T: Ord>(all: &[T]) -> BTreeMap<&T, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_insert(0) += 1;
    }
    counts
}

/// Takes one of `what` out of `counts`, if there is any.
fn take<T: Ord>(counts: &mut BTreeMap<&T, usize>, what: &T) -> bool {
    counts.get_mut(what).is_some_and(|count| {
        let any = *count > 0;
        *count = count.saturating_sub(1);
        any
    })
}

/// What is in `all` and, each time it is, not in `other`.
fn minus<T: Ord + Clone>(all: &[T], other: &[T]) -> Vec<T> {
    let mut counts = counts(other);
    all.iter().filter(|one| !take(&mut counts, one)).cloned().collect()
}

/// What is in both, as often as it is in the one that has less of it.
fn common<T: Ord + Clone>(all: &[T], other: &[T]) -> Vec<T> {
    let mut counts = counts(other);
    all.iter().filter(|one| take(&mut counts, one)).cloned().collect()
}

/// What is in either, as often as it is in the one that has more of it; sorted.
fn more<T: Ord + Clone>(one: &[T], other: &[T]) -> Vec<T> {
    let mut all = one.to_vec();
    all.extend(minus(other, one));
    all.sort();
    all
}

/// What is left in `counts`, each as often as it is left.
fn left<T: Ord + Clone>(counts: &BTreeMap<&T, usize>) -> Vec<T> {
    counts.iter().flat_map(|(one, count)| std::iter::repeat_n((*one).clone(), *count)).collect()
}

/// `text` as a basic string of TOML; what would not show is written out.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            _ if crate::report::escape::line(c.encode_utf8(&mut [0; 4])) != c.to_string() => {
                _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(path: &str) -> Identity {
        Identity {
            rule: "bare-route".to_owned(),
            class: Some("financial".to_owned()),
            method: Some("POST".to_owned()),
            path: Some(path.to_owned()),
            ..Identity::default()
        }
    }

    fn baseline(paths: &[&str]) -> Baseline {
        let violations = paths.iter().map(|path| identity(path)).collect();
        Baseline { violations, gaps: vec!["odd".to_owned()] }
    }

    #[test]
    fn text_reads_back() {
        let odd = baseline(&["/a", "/a", "/b\"\\\n\u{202e}\u{1b}'''"]);
        assert_eq!(Baseline::parse(&odd.text()), Ok(odd.clone()));
        assert!(!odd.text().contains('\u{202e}'));
        assert_eq!(Baseline::parse(&Baseline::default().text()), Ok(Baseline::default()));
        assert_eq!(
            odd.text().lines().nth(4),
            Some(
                "    { rule = \"bare-route\", class = \"financial\", method = \"POST\", path = \"/a\" },"
            )
        );
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        assert!(Baseline::parse("violations = []").is_err());
        assert!(Baseline::parse("version = 2").unwrap_err().contains("version 1"));
        assert!(Baseline::parse("version = 1\nviolation = []").is_err());
        assert!(Baseline::parse("version = 1\nviolations = [{ rule = \"x\", line = 3 }]").is_err());
    }

    #[test]
    fn pruning_never_adds() {
        let before = baseline(&["/a", "/a", "/b"]);
        let today = baseline(&["/a", "/c"]);
        assert_eq!(before.prune(&today), baseline(&["/a"]));
        assert_eq!(before.added_since(&today), 2);
        assert_eq!(today.added_since(&before), 1);
    }
}
