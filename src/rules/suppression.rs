//! Suppression comments: `// contract-check: allow(rule, rule) -- reason`.
//!
//! A comment covers one line of code and the rules it names. Without a reason, or with a name that is no rule, it
//! suppresses nothing and is reported itself; so is one that had nothing to suppress.

use std::collections::BTreeSet;

use super::{Facts, finding, nearest_rule, position, rule, unused_exemption::RULE};
use crate::{
    contract::is_reason,
    finding::{Finding, Where},
    source::{FileId, Place},
    syntax::tree::Suppression,
};

/// What a comment asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The rules it names.
    pub rules: Vec<&'static str>,
    /// Why.
    pub reason: String,
}

/// Why a comment cannot suppress anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not `allow(…)`.
    #[error("a comment for contract-check does not say `allow(rule) -- reason`")]
    Form,
    /// No name between the parentheses.
    #[error("a suppression names no rule")]
    NoRule,
    /// A name that is no rule.
    #[error("a suppression names `{0}`, which is no rule")]
    UnknownRule(String),
    /// Nothing after `--`.
    #[error("a suppression gives no reason")]
    NoReason,
}

impl Malformed {
    fn help(&self) -> String {
        match self {
            Self::Form | Self::NoRule => {
                "write `// contract-check: allow(bare-route) -- reason`".to_owned()
            }
            Self::UnknownRule(name) => nearest_rule(name).map_or_else(
                || "use the id of a rule that `explain` knows".to_owned(),
                |near| format!("write `{near}`"),
            ),
            Self::NoReason => "add ` -- ` and why this is safe".to_owned(),
        }
    }
}

/// Reads what follows `contract-check:`.
pub fn allowance(text: &str) -> Result<Allowance, Malformed> {
    let rest = text.trim().trim_end_matches("*/").trim_end();
    let list =
        rest.strip_prefix("allow").map(str::trim_start).and_then(|rest| rest.strip_prefix('('));
    let (names, reason) = list.and_then(|list| list.split_once(')')).ok_or(Malformed::Form)?;
    let names: Vec<&str> =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(Malformed::NoRule);
    }
    let known = |name: &&str| {
        rule(name).map(|rule| rule.id).ok_or_else(|| Malformed::UnknownRule((*name).to_owned()))
    };
    let rules = names.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let reason = reason.trim_start().strip_prefix("--").map_or("", str::trim);
    if !is_reason(reason) {
        return Err(Malformed::NoReason);
    }
    Ok(Allowance { rules, reason: reason.to_owned() })
}

/// Comments that cannot suppress anything.
pub(super) fn malformed(facts: &Facts<'_>) -> Vec<Finding> {
    let all = facts.suppressions.iter();
    all.filter_map(|(file, comment)| {
        let wrong = allowance(&comment.text).err()?;
        Some(about(*file, comment, wrong.to_string(), wrong.help()))
    })
    .collect()
}

/// A comment that can suppress.
struct Comment<'f> {
    path: &'f str,
    file: FileId,
    written: &'f Suppression,
    /// Each rule it names, and whether a finding of it was covered.
    rules: Vec<(&'static str, bool)>,
}

/// The findings that no comment covers, and one finding for each rule of a comment that covered none.
pub(super) fn suppressed(
    facts: &Facts<'_>,
    findings: Vec<Finding>,
) -> (Vec<Finding>, Vec<Finding>) {
    let mut comments: Vec<Comment<'_>> = comments(facts);
    let mut kept = Vec::with_capacity(findings.len());
    for finding in findings {
        let mut is_covered = false;
        if let (Where::Source(_), (path, start)) = (finding.at, position(facts, finding.at)) {
            for comment in comments.iter_mut().filter(|comment| comment.covers(path, start)) {
                // What is wrong with comments cannot be suppressed by one.
                let named = |rule: &str| rule == finding.rule && rule != RULE.id;
                for (_, used) in comment.rules.iter_mut().filter(|(rule, _)| named(rule)) {
                    (*used, is_covered) = (true, true);
                }
            }
        }
        if !is_covered {
            kept.push(finding);
        }
    }
    let mut unused = Vec::new();
    for comment in &comments {
        for (rule, _) in comment.rules.iter().filter(|(_, used)| !used) {
            let message = format!("the suppression of {rule} suppresses nothing");
            unused.push(about(
                comment.file,
                comment.written,
                message,
                format!("remove `{rule}` from it"),
            ));
        }
    }
    (kept, unused)
}

/// Well-formed comments, each place once: a file that two crates include is two texts.
fn comments<'f>(facts: &Facts<'f>) -> Vec<Comment<'f>> {
    let mut seen = BTreeSet::new();
    let all = facts.suppressions.iter().filter_map(|(file, comment)| {
        let path = facts.sources.path(*file);
        let rules = allowance(&comment.text).ok()?.rules;
        seen.insert((path, comment.span)).then(|| Comment {
            path,
            file: *file,
            written: comment,
            rules: rules.into_iter().map(|rule| (rule, false)).collect(),
        })
    });
    all.collect()
}

impl Comment<'_> {
    /// Whether the line it covers is the one where byte `start` of `path` stands.
    fn covers(&self, path: &str, start: u32) -> bool {
        self.path == path
            && self.written.covers.is_some_and(|line| line.start <= start && start <= line.end)
    }
}

fn about(file: FileId, comment: &Suppression, message: String, help: String) -> Finding {
    let at = Where::Source(Place { file, span: comment.span });
    Finding { label: "this comment".to_owned(), help, ..finding(&RULE, at, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppression_names_rules_and_a_reason() {
        let both = allowance("allow(bare-route, wrong-gate) -- the provider signs it").unwrap();
        assert_eq!(both.rules, ["bare-route", "wrong-gate"]);
        assert_eq!(both.reason, "the provider signs it");
        assert_eq!(allowance("allow (bare-route)--x").unwrap().reason, "x");
        assert_eq!(allowance("allow(bare-route)"), Err(Malformed::NoReason));
        assert_eq!(allowance("allow(bare-route) -- "), Err(Malformed::NoReason));
        assert_eq!(allowance("allow(bare-route) because"), Err(Malformed::NoReason));
        assert_eq!(allowance("allow(bare-route) -- \u{200b}\u{3164}"), Err(Malformed::NoReason));
        assert_eq!(allowance("allow() -- x"), Err(Malformed::NoRule));
        assert_eq!(allowance("deny(bare-route) -- x"), Err(Malformed::Form));
        let wrong = allowance("allow(bare-routes) -- x").unwrap_err();
        assert_eq!(wrong.help(), "write `bare-route`");
    }
}
