//! `direct-write`: a write to a protected table outside its class's writer.

use super::{
    Facts, Rule, finding,
    judgement::Judgements,
    with_article,
    write_judgement::{WriteJudgement, WriteStanding, function_of},
};
use crate::{
    contract::{Class, ClassId},
    finding::{Finding, Label, Severity, Where},
    writes::Write,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "direct-write",
    level: Severity::Deny,
    summary: "a write to a protected table outside its class's writer",
    page: include_str!("../../rules/direct-write.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    each_outside(facts, judgements)
        .filter(|one| one.standing.stored_by.is_none())
        .map(|one| {
            let message = format!(
                "{} {} `{}` outside {} writer{}",
                one.write.operation.word(),
                one.write.operation.preposition(),
                one.write.table.as_ref().map(ToString::to_string).unwrap_or_default(),
                with_article(&one.class.name),
                one.write.said_through(),
            );
            one.finding(facts, judgements, &RULE, message)
        })
        .collect()
}

/// A write outside a writer that nothing excuses.
pub(super) struct Outside<'f> {
    pub(super) write: &'f Write,
    pub(super) judgement: &'f WriteJudgement,
    pub(super) standing: &'f WriteStanding,
    pub(super) class: &'f Class,
}

/// Every write outside a writer of a class that protects it.
pub(super) fn each_outside<'f>(
    facts: &Facts<'f>,
    judgements: &'f Judgements,
) -> impl Iterator<Item = Outside<'f>> {
    let (writes, contract) = (&facts.writes.writes, facts.contract);
    writes.iter().zip(&judgements.writes.writes).flat_map(move |(write, judgement)| {
        judgement.standings.iter().filter_map(move |standing| {
            let denied = standing.outside.is_some() && standing.exempt.is_none();
            let class = contract.class(standing.class).filter(|_| denied)?;
            Some(Outside { write, judgement, standing, class })
        })
    })
}

impl Outside<'_> {
    /// The finding that `rule` makes of it: the way in that avoids the writer is shown.
    pub(super) fn finding(
        &self,
        facts: &Facts<'_>,
        judgements: &Judgements,
        rule: &Rule,
        message: String,
    ) -> Finding {
        let mut finding = finding(rule, Where::Source(self.write.at), message);
        finding.class = Some(self.class.name.clone());
        finding.table = self.write.table.as_ref().map(ToString::to_string);
        finding.function.clone_from(&self.judgement.function);
        finding.operation.clone_from(&self.standing.stored_by);
        finding.label = "written here".into();
        finding.related = self.trail(facts, judgements, self.standing.class);
        finding.help = writer_help(self.class);
        if let Some(exemption) = self.standing.expired.and_then(|id| facts.contract.exemption(id)) {
            let message = "the exemption for it expired".to_owned();
            finding.related.push(Label { at: Where::Contract(exemption.span), message });
        }
        finding
    }

    fn trail(&self, facts: &Facts<'_>, judgements: &Judgements, class: ClassId) -> Vec<Label> {
        let run = self.standing.outside.and_then(|at| self.write.runs.get(at));
        let Some(run) = run else { return Vec::new() };
        let (start, way) = judgements.writes.way_in(facts, class, run);
        let name =
            |callable| function_of(facts, callable).unwrap_or_else(|| "a closure".to_owned());
        let mut from = start.map(name);
        way.into_iter()
            .map(|step| {
                let to = name(step.to);
                let perhaps = match (step.sure, step.implied) {
                    (true, _) => "calls",
                    (false, true) => "may run, by a value of its type,",
                    (false, false) => "may call, by its name,",
                };
                let message = match from.replace(to.clone()) {
                    Some(from) if from == to => format!("runs in {to}"),
                    Some(from) => format!("{from} {perhaps} {to} here"),
                    None => format!("{to} is called here"),
                };
                Label { at: Where::Source(step.at), message }
            })
            .collect()
    }
}

/// Where a class's tables may be written.
pub(super) fn writer_help(class: &Class) -> String {
    class.writers.first().map_or_else(
        || format!("declare a writer for class {}", class.name),
        |writer| format!("write it inside {}", writer.path),
    )
}
