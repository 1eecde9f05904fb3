//! `unresolved-write`: SQL that writes to a table which cannot be read statically.

use super::{Facts, Rule, finding, judgement::Judgements};
use crate::finding::{Finding, Severity, Where};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unresolved-write",
    level: Severity::Deny,
    summary: "SQL that writes to a table which cannot be read statically",
    page: include_str!("../../rules/unresolved-write.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    if facts.contract.classes.iter().all(|class| class.tables.is_empty()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (write, judgement) in facts.writes.writes.iter().zip(&judgements.writes.writes) {
        let Some(reason) = &write.unread else { continue };
        if judgement.exempt.is_some() || judgements.writes.is_harmless(facts, write) {
            continue;
        }
        let message = format!("a write may happen here that cannot be read: {reason}");
        let mut finding = finding(&RULE, Where::Source(write.at), message);
        finding.function.clone_from(&judgement.function);
        finding.label = "this statement".into();
        finding.help =
            "write the table's name where the statement is put together, or do it inside a writer"
                .into();
        all.push(finding);
    }
    all
}
