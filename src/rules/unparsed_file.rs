//! `unparsed-file`: a file that could not be read or parsed, so that nothing in it was checked.

use super::{Facts, Rule, finding, judgement::Judgements};
use crate::finding::{Finding, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unparsed-file",
    level: Severity::Deny,
    summary: "a file that could not be read or parsed: nothing in it was checked",
    page: include_str!("../../rules/unparsed-file.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, _: &Judgements) -> Vec<Finding> {
    facts
        .unparsed
        .iter()
        .map(|unparsed| {
            if unparsed.outside {
                let message = format!("`{}` was read alone: {}", unparsed.path, unparsed.reason);
                let mut finding = finding(&RULE, unparsed.at, message);
                // Who scans a part of a tree knows that there is more of it.
                finding.severity = Severity::Warn;
                finding.label = "not read".into();
                finding.help = "scan a directory that holds both".into();
                return finding;
            }
            let what = if unparsed.partial { "an item of `" } else { "`" };
            let message =
                format!("{what}{}` could not be read: {}", unparsed.path, unparsed.reason);
            let mut finding = finding(&RULE, unparsed.at, message);
            finding.label = "reading stopped here".into();
            finding.help = "make it parse, or list it under `scan.exclude`".into();
            finding
        })
        .collect()
}
