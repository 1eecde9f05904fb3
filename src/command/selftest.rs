//! `check --self-test`: proves that the contract catches what it is there for.

use std::path::Path;

use super::{Subject, deliver};
use crate::{
    error::RunError,
    pipeline::Appended,
    report::escape,
    rules::judgement::Status,
    selftest::{Outcome, Plan, in_vain, proven},
    settings::{self, Settings},
};

/// Tries the canaries; the exit status.
pub(super) fn run(settings: &Settings) -> Result<u8, RunError> {
    let subject = Subject::of(settings)?;
    let contract = super::check::contract(&subject)?;
    let before = subject.analyse(settings, false)?;
    let today = settings::today();
    let plans = Plan::all(&contract, &before.packages, &before.items, &before.report, today);
    let mut outcomes = Vec::new();
    for plan in &plans {
        outcomes.extend(tried(settings, &subject, plan)?);
    }
    let mut untold: Vec<String> = plans.iter().flat_map(|plan| plan.untried.clone()).collect();
    untold.extend(in_vain(&mut outcomes));
    let proven = proven(&outcomes, &before.report);
    let missed = outcomes.iter().filter(|outcome| !outcome.holds).count();
    let unproven: Vec<&str> =
        proven.iter().filter(|(_, proven)| !**proven).map(|(class, _)| *class).collect();
    // A class that nothing was tried for is not shown to protect anything, unless its gate is seen to gate.
    let blind = plans.iter().any(|plan| plan.blind);
    let gates = |name: &str| {
        let mut routes = before.report.routes.iter();
        blind
            && routes.any(|line| {
                line.status == Status::Gated && line.classes.iter().any(|class| class == name)
            })
    };
    let untried: Vec<&str> = contract
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .filter(|name| outcomes.iter().all(|outcome| outcome.canary.class != *name) && !gates(name))
        .collect();
    let failed = missed > 0 || !untried.is_empty() || !unproven.is_empty();
    deliver(settings, |_, _, out| {
        for outcome in &outcomes {
            let canary = &outcome.canary;
            let word = if outcome.holds { "ok" } else { "FAILED" };
            let line = format!(
                "{word:6}  {}: {}, {}: {}{}",
                canary.class,
                canary.what,
                canary.subject,
                outcome.seen,
                if outcome.holds {
                    String::new()
                } else {
                    format!(" instead of {}", canary.expect.word())
                }
            );
            writeln!(out, "{}", escape::line(&line))?;
        }
        for untried in &untold {
            writeln!(out, "not tried  {}", escape::line(untried))?;
        }
        for class in &untried {
            writeln!(
                out,
                "FAILED  {}: nothing shows that it protects anything",
                escape::line(class)
            )?;
        }
        for class in &unproven {
            writeln!(
                out,
                "FAILED  {}: no route, of the tree or made up, passes its gate",
                escape::line(class)
            )?;
        }
        let held = outcomes.len() - missed;
        writeln!(out, "{held} of {} canaries behave as they must", outcomes.len())
    })?;
    Ok(u8::from(failed))
}

/// What comes of the canaries of one plan.
fn tried(settings: &Settings, subject: &Subject, plan: &Plan) -> Result<Vec<Outcome>, RunError> {
    if plan.canaries.is_empty() {
        return Ok(Vec::new());
    }
    let root = &settings.scan.root;
    let root = if root.is_file() { root.parent().unwrap_or(root) } else { root };
    let (text, spans) = plan.text(text_length(&root.join(&plan.file)));
    let appended = Appended { file: plan.file.clone(), text };
    let mut subject = subject.clone();
    if let Some((_, contract)) = &mut subject.contract {
        contract.push_str(&plan.contract);
    }
    let run = subject.analyse_with(settings, false, Some(appended))?;
    Ok(plan.outcomes(&run, &spans))
}

/// The length of a file in bytes, as it is read.
fn text_length(file: &Path) -> usize {
    std::fs::metadata(file).map_or(0, |data| usize::try_from(data.len()).unwrap_or(0))
}
