//! How grave each finding is: the rule's own level, the contract's, the class's, and `--deny-warnings`, in that order.

use super::{Facts, rule};
use crate::{
    contract::Level,
    finding::{Finding, Severity},
};

/// Findings with their final severity, without those of rules that are allowed.
///
/// A rule may raise or lower a single finding against its own level: a raised one stays as it is, since what it says
/// must not be lost by silencing the rest; a lowered one never becomes graver than the contract asks.
pub fn levelled(facts: &Facts<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter_map(|finding| one(facts, finding)).collect()
}

fn one(facts: &Facts<'_>, mut finding: Finding) -> Option<Finding> {
    let own = rule(finding.rule).map_or(Severity::Deny, |rule| rule.level);
    if finding.severity <= own {
        let severity = match level(facts, finding.rule) {
            Some(Level::Allow) => return None,
            Some(Level::Warn) => Severity::Warn,
            Some(Level::Deny) => Severity::Deny,
            None => own,
        };
        finding.severity =
            if finding.severity == own { severity } else { severity.min(finding.severity) };
    }
    let class =
        facts.contract.classes.iter().find(|class| Some(&class.name) == finding.class.as_ref());
    if let Some(class) = class {
        finding.severity = finding.severity.min(class.severity);
    }
    if facts.deny_warnings {
        finding.severity = Severity::Deny;
    }
    Some(finding)
}

/// The level that the contract gives a rule: under `[rules]`, or else under `[scan]` for the two named there.
fn level(facts: &Facts<'_>, id: &str) -> Option<Level> {
    facts.contract.level(id).or(match id {
        "unclassified-mutation" => Some(facts.contract.scan.unclassified),
        "unresolved-route" | "unresolved-write" => Some(facts.contract.scan.unresolved),
        _ => None,
    })
}
