//! What a run found, as plain data, and the tables of formats that print it.
//!
//! A format writes to whatever it is given and asks the analysis nothing. Everything taken from the scanned tree goes
//! through [`escape`] on its way to people; JSON escapes by itself.

pub mod adoption;
pub mod escape;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod identity;
pub mod json;
pub mod junit;
pub mod listing;
pub mod markdown;
pub mod news;
pub mod place;
pub mod rdjson;
pub mod sarif;
pub mod short;
pub mod summary;
pub mod table;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    contract::{Class, ClassId},
    evaluate::effect::{MarkKind, Registration},
    finding::{Finding, Gap, Where},
    routes::normal,
    rules::{
        Facts, Outcome,
        judgement::{Status, gated},
    },
    source::{Place, Sources},
    word::Word,
};

/// Everything that formats print.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// All texts, for places and excerpts.
    pub sources: Sources,
    /// The contract's path, relative to the scanned root.
    pub contract_path: String,
    /// The contract's text, for excerpts.
    pub contract_text: Arc<str>,
    /// Paths of files that could not be read, by the number in [`crate::finding::Where::Unread`].
    pub unread: Vec<String>,
    /// How many files were checked.
    pub files: usize,
    /// Every write, in order of its place.
    pub writes: Vec<WriteLine>,
    /// Every route, sorted by path and method; one that several servers answer is one line.
    pub routes: Vec<RouteLine>,
    /// Every class of the contract, in its order.
    pub classes: Vec<ClassCount>,
    /// Findings in their order.
    pub findings: Vec<Finding>,
    /// The fingerprint of each finding, in the order of `findings`.
    pub prints: Vec<String>,
    /// What could not be told.
    pub gaps: Vec<Gap>,
    /// Where the scanned root is in its repository, for formats whose paths are relative to that.
    pub home: Home,
    /// What was compared, and what the comparison says beside the findings.
    pub news: news::News,
}

/// Where the scanned root is in its repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Home {
    /// The path of the scanned root in the repository, with a `/` at its end; empty for the repository's root.
    pub prefix: String,
    /// The path of the contract in the repository, when it is outside the scanned root.
    pub contract: Option<String>,
}

impl Report {
    /// The path of a spot in the repository.
    pub fn repository_path(&self, at: Where, spot: &place::Spot) -> String {
        match (&self.home.contract, at) {
            (Some(contract), Where::Contract(_)) => contract.clone(),
            _ => self.in_repository(&spot.path),
        }
    }

    /// A path relative to the scanned root as one in the repository; one that leads out of it stays as it is.
    fn in_repository(&self, path: &str) -> String {
        let (mut prefix, mut rest) = (self.home.prefix.as_str(), path);
        while let (Some(above), Some(inner)) = (prefix.strip_suffix('/'), rest.strip_prefix("../"))
        {
            prefix = above.rfind('/').and_then(|at| above.get(..=at)).unwrap_or("");
            rest = inner;
        }
        if rest.starts_with(['/', '\\']) { path.to_owned() } else { format!("{prefix}{rest}") }
    }

    /// Keeps the findings for which `keep` answers true, by their index.
    pub fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let findings = std::mem::take(&mut self.findings);
        let prints = std::mem::take(&mut self.prints);
        for (at, (finding, print)) in findings.into_iter().zip(prints).enumerate() {
            if keep(at) {
                self.findings.push(finding);
                self.prints.push(print);
            }
        }
    }
}

/// One route as listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RouteLine {
    /// Upper-case method or `ANY`.
    pub method: Option<String>,
    /// Full path.
    pub path: Option<String>,
    /// Its framework.
    pub framework: String,
    /// Its handler's name.
    pub handler: Option<String>,
    /// The classes it is in.
    pub classes: Vec<String>,
    /// The gates it passed through.
    pub gates: Vec<String>,
    /// Everything it passed through that could be a gate, by its path; sorted.
    pub passed: Vec<(MarkKind, String)>,
    /// Its operation.
    pub operation: Option<String>,
    /// Its worst standing.
    pub status: Status,
    /// Its first registration, of those without a gate where it is bare.
    pub at: Place,
}

/// One write as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteLine {
    /// `insert`, `update`, …
    #[serde(with = "crate::word")]
    pub operation: Word,
    /// The table, where its name is known.
    pub table: Option<String>,
    /// The library.
    #[serde(with = "crate::word")]
    pub library: Word,
    /// The classes that protect the table.
    pub classes: Vec<String>,
    /// The writer it is inside of.
    pub writer: Option<String>,
    /// The function it stands in.
    pub function: Option<String>,
    /// The SQL text, where there is one.
    pub statement: Option<String>,
    /// What it is done through, where the text does not say so.
    pub through: Option<String>,
    /// Where.
    pub at: Place,
}

/// How far a class is adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// The class.
    pub class: String,
    /// Its gated routes.
    pub gated: usize,
    /// Its gated routes and what stands against it: routes without its gate, writes outside its writer.
    pub total: usize,
    /// Its findings, of every rule.
    pub violations: usize,
    /// What may be its own and could not be read: routes of unknown method or path, writes to unknown tables. Not in
    /// the total.
    pub undecided: usize,
}

impl ClassCount {
    /// Gated of total in percent, to the nearest whole number; a class of nothing is whole.
    pub const fn percent(&self) -> usize {
        if self.total == 0 { 100 } else { (self.gated * 200 + self.total) / (self.total * 2) }
    }
}

/// The rules whose findings count towards a class's total.
const COUNTED: [&str; 4] = ["bare-route", "wrong-gate", "direct-write", "bypassed-writer"];

impl Report {
    /// Gathers what the stages found.
    ///
    /// - `files`: how many files were checked.
    pub fn new(facts: &Facts<'_>, outcome: Outcome, files: usize, gaps: Vec<Gap>) -> Self {
        let classes = facts.contract.classes.iter().enumerate().map(|(at, class)| {
            let of_class =
                || outcome.findings.iter().filter(|one| one.class.as_ref() == Some(&class.name));
            let gated = gated(facts, &outcome.judgements, ClassId(at));
            let counted = of_class().filter(|one| COUNTED.contains(&one.rule)).count();
            ClassCount {
                class: class.name.clone(),
                gated,
                total: gated + counted,
                violations: of_class().count(),
                undecided: undecided(facts, &outcome, ClassId(at), class),
            }
        });
        Self {
            classes: classes.collect(),
            routes: route_lines(facts, &outcome),
            sources: facts.sources.clone(),
            contract_path: facts.contract.path.clone(),
            contract_text: Arc::clone(&facts.contract.text),
            unread: facts.unread.to_vec(),
            files,
            writes: write_lines(facts, &outcome),
            prints: identity::fingerprints(&outcome.findings),
            findings: outcome.findings,
            gaps,
            home: Home::default(),
            news: news::News::default(),
        }
    }
}

/// How many routes and writes may be in `class` for all that could be read of them.
fn undecided(facts: &Facts<'_>, outcome: &Outcome, id: ClassId, class: &Class) -> usize {
    let routes = facts.table.routes.iter().zip(&outcome.judgements.routes);
    let routes = routes.filter(|(route, judgement)| {
        let is_judged = judgement.standings.iter().any(|standing| standing.class == id);
        let claimed = route.method.is_none_or(|method| class.claims_method(method));
        let within = route
            .path
            .as_ref()
            .is_none_or(|path| class.routes.iter().any(|pattern| pattern.overlaps(path)));
        let open = !class.routes.is_empty() && !route.is_resolved() && !is_judged;
        open && judgement.status != Status::Exempt && claimed && within
    });
    let writes = facts.writes.writes.iter().zip(&outcome.judgements.writes.writes);
    let writes = writes.filter(|(write, judgement)| {
        let inside = class.writers.iter().any(|one| Some(&one.path) == judgement.writer.as_ref());
        !class.tables.is_empty() && write.table.is_none() && !inside
    });
    routes.count() + writes.count()
}

/// One line for each method, path and place that registers them; what several servers share stands as its worst.
fn route_lines(facts: &Facts<'_>, outcome: &Outcome) -> Vec<RouteLine> {
    let mut lines: BTreeMap<_, RouteLine> = BTreeMap::new();
    for (at, (route, judgement)) in
        facts.table.routes.iter().zip(&outcome.judgements.routes).enumerate()
    {
        let decisive = judgement.decisive.iter().filter_map(|at| route.registrations.get(*at));
        let Some(first) = decisive.clone().next() else { continue };
        let handler = decisive.clone().find_map(|one| one.handler_name.clone());
        let path = route.path.as_ref().map(ToString::to_string);
        let alone = if route.is_resolved() { 0 } else { at + 1 };
        let names = judgement.standings.iter().filter_map(|one| facts.contract.class(one.class));
        let line = RouteLine {
            method: route.method.map(str::to_owned),
            framework: route.framework.to_owned(),
            handler: handler.or_else(|| route.handler.clone()),
            classes: names.map(|class| class.name.clone()).collect(),
            gates: judgement.gates.clone(),
            passed: passed(facts, &route.registrations),
            operation: judgement.operation.clone(),
            status: judgement.status,
            at: first.at,
            path,
        };
        let place = (facts.sources.path(first.at.file).to_owned(), first.at.span);
        let key = (line.path.as_deref().map(normal), line.method.clone(), alone, place);
        match lines.get_mut(&key) {
            Some(known) => known.merge(line),
            None => _ = lines.insert(key, line),
        }
    }
    lines.into_values().collect()
}

fn passed(facts: &Facts<'_>, registrations: &[Registration]) -> Vec<(MarkKind, String)> {
    let marks = registrations.iter().flat_map(|registration| &registration.marks);
    let mut all: Vec<_> = marks.map(|mark| (mark.kind, facts.names.path(&mark.target))).collect();
    all.sort();
    all.dedup();
    all
}

/// One line for each write, in order of its place.
fn write_lines(facts: &Facts<'_>, outcome: &Outcome) -> Vec<WriteLine> {
    let judged = facts.writes.writes.iter().zip(&outcome.judgements.writes.writes);
    let mut lines: Vec<WriteLine> = judged
        .map(|(write, judgement)| WriteLine {
            operation: write.operation.word(),
            table: write.table.as_ref().map(ToString::to_string),
            library: write.library,
            classes: judgement
                .standings
                .iter()
                .filter_map(|one| facts.contract.class(one.class))
                .map(|class| class.name.clone())
                .collect(),
            writer: judgement.writer.clone(),
            function: judgement.function.clone(),
            statement: write.statement.clone(),
            through: write.through.clone(),
            at: write.at,
        })
        .collect();
    let place = |line: &WriteLine| (facts.sources.path(line.at.file).to_owned(), line.at.span);
    lines.sort_by_cached_key(|line| {
        (place(line), line.operation, line.table.clone(), line.statement.clone())
    });
    lines.dedup();
    lines
}

impl RouteLine {
    fn merge(&mut self, other: Self) {
        if other.status < self.status {
            self.at = other.at;
            self.handler = other.handler.or_else(|| self.handler.take());
        }
        self.status = self.status.min(other.status);
        for gate in other.gates {
            if !self.gates.contains(&gate) {
                self.gates.push(gate);
            }
        }
        self.passed.extend(other.passed);
        self.passed.sort();
        self.passed.dedup();
        self.operation = self.operation.take().or(other.operation);
    }
}

/// `1 route`, `2 routes`.
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// How output looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Use colour.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Show gaps one by one.
    pub verbose: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { color: false, width: 100, verbose: false }
    }
}

/// How `check` prints.
#[derive(Debug, Clone, Copy)]
pub struct CheckFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// Prints a report.
    pub write: fn(&Report, Look, &mut dyn Write) -> io::Result<()>,
}

/// The formats of `check`; the first is the default.
pub const CHECK_FORMATS: &[CheckFormat] = &[
    human::FORMAT,
    short::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    github::FORMAT,
    gitlab::FORMAT,
    junit::FORMAT,
    summary::FORMAT,
    rdjson::FORMAT,
];

/// How `routes`, `writes` and `adoption` print.
#[derive(Debug, Clone, Copy)]
pub struct ListFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// Prints routes.
    pub routes: fn(&Report, &[&RouteLine], Look, &mut dyn Write) -> io::Result<()>,
    /// Prints writes.
    pub writes: fn(&Report, Look, &mut dyn Write) -> io::Result<()>,
    /// Prints how far each class is adopted.
    pub adoption: fn(&Report, Look, &mut dyn Write) -> io::Result<()>,
}

/// The formats of lists; the first is the default.
pub const LIST_FORMATS: &[ListFormat] = &[table::FORMAT, json::LIST, markdown::FORMAT];

#[cfg(test)]
mod tests;
