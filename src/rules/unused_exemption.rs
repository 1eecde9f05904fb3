//! `unused-exemption`: an exemption that excuses nothing, or a suppression comment that cannot suppress.
//!
//! Comments that could suppress but had nothing to are found by [`super::suppression`], after all rules have run.

use super::{
    Facts, Rule,
    expired_exemption::{describe, subject},
    finding,
    judgement::Judgements,
    suppression,
};
use crate::finding::{Finding, Severity, Where};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unused-exemption",
    level: Severity::Warn,
    summary: "an exemption or suppression comment that suppresses nothing, lacks a reason or names no rule",
    page: include_str!("../../rules/unused-exemption.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = suppression::malformed(facts);
    for (exemption, used) in facts.contract.exemptions.iter().zip(&judgements.used) {
        // One past its date is reported for that.
        if *used || exemption.expired(facts.today) {
            continue;
        }
        let message = format!("the exemption of {} excuses nothing", subject(exemption));
        let mut finding = finding(&RULE, Where::Contract(exemption.span), message);
        describe(&mut finding, exemption);
        finding.label = "this exemption".into();
        finding.help = "remove it, or correct what it is about".into();
        all.push(finding);
    }
    all
}
