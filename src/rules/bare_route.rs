//! `bare-route`: a mutation in a class, registered without a gate of that class.

use super::{
    Facts, Rule,
    judgement::{Bare, Judgements, Standing, gate_entries},
    route_finding, with_article,
};
use crate::{
    contract::Class,
    evaluate::effect::{MarkKind, Registration},
    finding::{Finding, Label, Severity, Where},
    routes::Route,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "bare-route",
    level: Severity::Deny,
    summary: "a mutation in a class, registered without a gate of that class",
    page: include_str!("../../rules/bare-route.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    each_bare(facts, judgements)
        .filter(|bare| bare.bare.other.is_none())
        .map(|bare| {
            let message = format!(
                "{} is registered without {} gate",
                bare.route.title(),
                with_article(&bare.class.name)
            );
            bare.finding(facts, &RULE, message)
        })
        .collect()
}

/// A registration that lacks its class's gate and is not excused.
pub(super) struct Ungated<'f> {
    pub(super) route: &'f Route,
    pub(super) registration: &'f Registration,
    pub(super) class: &'f Class,
    pub(super) standing: &'f Standing,
    pub(super) bare: &'f Bare,
}

/// Every registration that lacks a gate of a class it is in.
pub(super) fn each_bare<'f>(
    facts: &Facts<'f>,
    judgements: &'f Judgements,
) -> impl Iterator<Item = Ungated<'f>> {
    let (routes, contract) = (&facts.table.routes, facts.contract);
    routes.iter().zip(&judgements.routes).flat_map(move |(route, judgement)| {
        let standings = judgement.standings.iter().filter(|standing| standing.exempt.is_none());
        standings.flat_map(move |standing| {
            standing.bare.iter().filter_map(move |bare| {
                let registration = route.registrations.get(bare.registration)?;
                Some(Ungated {
                    route,
                    registration,
                    class: contract.class(standing.class)?,
                    standing,
                    bare,
                })
            })
        })
    })
}

impl Ungated<'_> {
    /// The finding that `rule` makes of it.
    pub(super) fn finding(&self, facts: &Facts<'_>, rule: &Rule, message: String) -> Finding {
        let mut finding = route_finding(rule, self.route, self.registration, message);
        finding.class = Some(self.class.name.clone());
        finding.operation.clone_from(&self.standing.operation);
        finding.help = gate_help(self.class);
        if let Some(exemption) = self.standing.expired.and_then(|id| facts.contract.exemption(id)) {
            let until = exemption
                .expires
                .as_ref()
                .map(|date| format!(" on {}", date.value))
                .unwrap_or_default();
            let message = format!("the exemption for it expired{until}");
            finding.related.push(Label { at: Where::Contract(exemption.span), message });
        }
        finding
    }
}

/// How to give a route the class's first gate.
pub(super) fn gate_help(class: &Class) -> String {
    match gate_entries(class).next().map(|(kind, gate)| (kind, &gate.path)) {
        Some((MarkKind::Function, gate)) => format!("register it through {gate}"),
        Some((MarkKind::Layer, gate)) => format!("put the layer {gate} around it"),
        Some((MarkKind::Extractor, gate)) => format!("give its handler a parameter of type {gate}"),
        Some((MarkKind::Attribute, gate)) => format!("mark its handler with #[{gate}]"),
        None => format!("declare a gate for class {}", class.name),
    }
}
