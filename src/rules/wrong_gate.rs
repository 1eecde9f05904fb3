//! `wrong-gate`: a mutation in a class, gated only by another class's gate.

use super::{Facts, Rule, bare_route::each_bare, judgement::Judgements};
use crate::finding::{Finding, Label, Severity, Where};

/// The rule.
pub const RULE: Rule = Rule {
    id: "wrong-gate",
    level: Severity::Deny,
    summary: "a mutation in a class, gated only by another class's gate",
    page: include_str!("../../rules/wrong-gate.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    for ungated in each_bare(facts, judgements) {
        let Some((other, gate, at)) = &ungated.bare.other else { continue };
        let other = facts.contract.class(*other).map_or("", |class| class.name.as_str());
        let message = format!(
            "{} is {} but passes only through the {other} gate",
            ungated.route.title(),
            ungated.class.name
        );
        let mut finding = ungated.finding(facts, &RULE, message);
        finding
            .related
            .push(Label { at: Where::Source(*at), message: format!("passes through {gate} here") });
        all.push(finding);
    }
    all
}
