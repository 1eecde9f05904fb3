//! `expired-exemption`: an exemption past its date.

use super::{Facts, Rule, finding, judgement::Judgements};
use crate::{
    contract::{DeclaredRoute, Exemption},
    finding::{Finding, Severity, Where},
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "expired-exemption",
    level: Severity::Deny,
    summary: "an exemption past its date",
    page: include_str!("../../rules/expired-exemption.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, _: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    for exemption in facts.contract.exemptions.iter().filter(|one| one.expired(facts.today)) {
        let until =
            exemption.expires.as_ref().map(|date| date.value.to_string()).unwrap_or_default();
        let message = format!("the exemption of {} expired on {until}", subject(exemption));
        let mut finding = finding(&RULE, Where::Contract(exemption.span), message);
        describe(&mut finding, exemption);
        finding.label = "this exemption".into();
        finding.help = "mend what it excuses, or decide again and set a later date".into();
        all.push(finding);
    }
    all
}

/// What an exemption is about, in the contract's words.
pub(super) fn subject(exemption: &Exemption) -> String {
    let route = exemption.route.as_ref().map(DeclaredRoute::text);
    let table = exemption.table.as_ref().map(|table| format!("table {}", table.value));
    let function = exemption.function.as_ref().map(|function| function.path.clone());
    [route, table, function].into_iter().flatten().collect::<Vec<_>>().join(" in ")
}

/// Fills in what `finding` is about.
pub(super) fn describe(finding: &mut Finding, exemption: &Exemption) {
    finding.class = exemption.class.as_ref().map(|class| class.value.clone());
    finding.method = exemption.route.as_ref().map(|route| route.method.clone());
    finding.path = exemption.route.as_ref().map(|route| route.path.to_string());
    finding.table = exemption.table.as_ref().map(|table| table.value.to_string());
    finding.function = exemption.function.as_ref().map(|function| function.path.clone());
}
