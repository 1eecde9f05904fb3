//! `check --self-test`: proves that the contract catches what it is there for.

use std::{io, path::Path};

use serde::Serialize;

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
    // A class that nothing was tried for is not shown to protect anything, unless its gate is seen to gate.
    let blind = plans.iter().any(|plan| plan.blind);
    let gates = |name: &str| {
        let mut routes = before.report.routes.iter();
        blind
            && routes.any(|line| {
                line.status == Status::Gated && line.classes.iter().any(|class| class == name)
            })
    };
    let untried = contract
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .filter(|name| outcomes.iter().all(|outcome| outcome.canary.class != *name) && !gates(name))
        .map(|class| Unproven { class, reason: "nothing shows that it protects anything" });
    let ungated = proven.iter().filter(|(_, proven)| !**proven).map(|(class, _)| Unproven {
        class,
        reason: "no route, of the tree or made up, passes its gate",
    });
    let unproven: Vec<Unproven<'_>> = untried.chain(ungated).collect();
    let passed = unproven.is_empty() && outcomes.iter().all(|outcome| outcome.holds);
    let canaries = outcomes.iter().map(|outcome| Tried {
        class: &outcome.canary.class,
        canary: &outcome.canary.what,
        subject: &outcome.canary.subject,
        expected: outcome.canary.expect.word(),
        seen: &outcome.seen,
        holds: outcome.holds,
    });
    let document =
        Document { version: 1, passed, canaries: canaries.collect(), untried: untold, unproven };
    deliver(settings, |format, _, out| match format {
        "json" => escape::json(&document, out),
        _ => document.print(out),
    })?;
    Ok(u8::from(!passed))
}

/// All that a self-test says, as `json` has it.
#[derive(Serialize)]
struct Document<'o> {
    version: u32,
    passed: bool,
    canaries: Vec<Tried<'o>>,
    /// What could not be tried, and why.
    untried: Vec<String>,
    unproven: Vec<Unproven<'o>>,
}

#[derive(Serialize)]
struct Tried<'o> {
    class: &'o str,
    canary: &'o str,
    subject: &'o str,
    expected: &'o str,
    seen: &'o str,
    holds: bool,
}

/// A class that is not shown to protect anything.
#[derive(Serialize)]
struct Unproven<'o> {
    class: &'o str,
    reason: &'static str,
}

impl Document<'_> {
    fn print(&self, out: &mut dyn io::Write) -> io::Result<()> {
        for one in &self.canaries {
            let word = if one.holds { "ok" } else { "FAILED" };
            let instead =
                if one.holds { String::new() } else { format!(" instead of {}", one.expected) };
            let line = format!(
                "{word:6}  {}: {}, {}: {}{instead}",
                one.class, one.canary, one.subject, one.seen
            );
            writeln!(out, "{}", escape::line(&line))?;
        }
        for untried in &self.untried {
            writeln!(out, "not tried  {}", escape::line(untried))?;
        }
        for Unproven { class, reason } in &self.unproven {
            writeln!(out, "FAILED  {}: {reason}", escape::line(class))?;
        }
        let held = self.canaries.iter().filter(|one| one.holds).count();
        writeln!(out, "{held} of {} canaries behave as they must", self.canaries.len())
    }
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
