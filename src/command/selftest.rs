//! `check --self-test`: proves that the contract catches what it is there for.

use std::path::Path;

use super::{Subject, deliver};
use crate::{
    error::RunError,
    pipeline::Appended,
    report::escape,
    selftest::{Expect, Plan, proven},
    settings::{self, Settings},
};

/// Tries the canaries; the exit status.
pub(super) fn run(settings: &Settings) -> Result<u8, RunError> {
    let subject = Subject::of(settings)?;
    let contract = super::check::contract(&subject)?;
    let before = subject.analyse(settings, false)?;
    let plan = Plan::new(&contract, &before.packages, &before.gates, settings::today());
    let root = &settings.scan.root;
    let root = if root.is_file() { root.parent().unwrap_or(root) } else { root };
    let length = text_length(&root.join(&plan.file));
    let (text, spans) = plan.text(length);
    let appended = Appended { file: plan.file.clone(), text };
    let run = subject.analyse_with(settings, false, Some(appended))?;
    let outcomes = plan.outcomes(&run, &spans);
    let proven = proven(&outcomes, &before.report);
    let missed = outcomes.iter().filter(|outcome| !outcome.holds).count();
    let unproven: Vec<&str> =
        proven.iter().filter(|(_, proven)| !**proven).map(|(class, _)| *class).collect();
    // A class that nothing was tried for is not shown to protect anything.
    let untried: Vec<&str> = contract
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .filter(|name| outcomes.iter().all(|outcome| outcome.canary.class != *name))
        .collect();
    let failed = missed > 0 || !untried.is_empty();
    deliver(settings, |_, _, out| {
        for outcome in &outcomes {
            let canary = &outcome.canary;
            let word = if outcome.holds { "ok" } else { "FAILED" };
            let wanted = match &canary.expect {
                Expect::Caught(rules) => rules.first().copied().unwrap_or("").to_owned(),
                Expect::Gated(_) => "gated".to_owned(),
            };
            let line = format!(
                "{word:6}  {}: {}, {}: {}{}",
                canary.class,
                canary.what,
                canary.subject,
                outcome.seen,
                if outcome.holds { String::new() } else { format!(" instead of {wanted}") }
            );
            writeln!(out, "{}", escape::line(&line))?;
        }
        for untried in &plan.untried {
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
                "unproven  {}: no route, of the tree or made up, passes its gate",
                escape::line(class)
            )?;
        }
        let held = outcomes.len() - missed;
        writeln!(out, "{held} of {} canaries behave as they must", outcomes.len())
    })?;
    Ok(u8::from(failed))
}

/// The length of a file in bytes, as it is read.
fn text_length(file: &Path) -> usize {
    std::fs::metadata(file).map_or(0, |data| usize::try_from(data.len()).unwrap_or(0))
}
