//! `bypassed-writer`: an operation's storage function that writes without its class's writer.
//!
//! It stands for all direct writes of that function: one cause, one finding.

use std::collections::BTreeMap;

use super::{
    Facts, Rule,
    direct_write::{Outside, each_outside},
    judgement::Judgements,
};
use crate::finding::{Finding, Label, Severity, Where};

/// The rule.
pub const RULE: Rule = Rule {
    id: "bypassed-writer",
    level: Severity::Deny,
    summary: "an operation's storage function that writes without its class's writer",
    page: include_str!("../../rules/bypassed-writer.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut functions: BTreeMap<_, Vec<Outside<'_>>> = BTreeMap::new();
    for one in each_outside(facts, judgements) {
        if let Some(operation) = &one.standing.stored_by {
            let key = (one.standing.class, one.judgement.function.clone(), operation.clone());
            functions.entry(key).or_default().push(one);
        }
    }
    let all = functions.into_iter().filter_map(|((_, function, operation), writes)| {
        let (first, more) = writes.split_first()?;
        let message = format!(
            "{}, which stores {operation}, writes {} without its writer",
            function.unwrap_or_else(|| "a function".to_owned()),
            tables(&writes),
        );
        let mut finding = first.finding(facts, judgements, &RULE, message);
        finding.label.push_str(&first.write.said_through());
        finding.related.extend(more.iter().map(|one| Label {
            at: Where::Source(one.write.at),
            message: format!("and here{}", one.write.said_through()),
        }));
        Some(finding)
    });
    all.collect()
}

fn tables(writes: &[Outside<'_>]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in writes.iter().filter_map(|one| one.write.table.as_ref()).map(|t| format!("`{t}`")) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" and ")
}
