//! Canaries: violations made up for a contract, put into a copy of the tree in memory, to see that each is caught.
//!
//! A contract can be valid and protect nothing: a gate that cannot be recognised, a rule set to allow, an exemption
//! that covers everything. Nothing of this shows in a report without findings. So for each class a route is registered
//! without the gate, with a namesake of it, with the gate laid too early, and so on, and a write is made outside the
//! writer; each must be reported, and the same route registered through the gate must not be.

mod framework;
mod gate;
mod write;

pub use gate::{Argument, GateItem, GateKind, gate_items};

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::{
    contract::{ANY, Class, Contract, Pattern, RoutePath, Subject},
    discover::{Package, TargetKind},
    finding::{Finding, Where},
    pipeline::Run,
    report::Report,
    rules::judgement::Status,
    source::Span,
};

/// One canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// The class it is for.
    pub class: String,
    /// What it does: `a route without a gate`.
    pub what: String,
    /// The route or the table.
    pub subject: String,
    /// The items, in a module of their own.
    pub code: String,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of a canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// A finding of one of these rules.
    Caught(&'static [&'static str]),
    /// A gated route; the name of the gate.
    Gated(String),
}

/// Canaries and the file they are put into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The canaries.
    pub canaries: Vec<Canary>,
    /// The file, relative to the scanned root.
    pub file: String,
    /// What could not be tried, and why.
    pub untried: Vec<String>,
}

/// What must come of a route without its gate.
const BARE: Expect = Expect::Caught(&["bare-route", "wrong-gate"]);

/// What came of a canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The canary.
    pub canary: Canary,
    /// Whether it is as expected.
    pub holds: bool,
    /// What was seen: the rule, or the route's standing.
    pub seen: String,
}

/// The crate that canaries live in.
struct Home<'p> {
    package: &'p Package,
    /// Its crate name.
    name: String,
    file: String,
}

impl Plan {
    /// Canaries for every class of `contract`.
    ///
    /// - `gates`: what the names of gates mean in the tree.
    pub fn new(contract: &Contract, packages: &[Package], gates: &[GateItem], today: Date) -> Self {
        let mut plan = Self::default();
        let Some((home, framework)) = home(packages, gates) else {
            plan.untried.push(
                "no package of the tree depends on a framework or a database that canaries know"
                    .to_owned(),
            );
            return plan;
        };
        plan.file.clone_from(&home.file);
        for class in &contract.classes {
            match framework {
                Some(framework) => plan.routes(contract, class, &home, framework, gates, today),
                None if class.routes.is_empty() => {}
                None => plan.untried.push(format!(
                    "class {}: {} uses no framework that canaries know",
                    class.name, home.package.name
                )),
            }
            write::canaries(contract, class, home.package, today, &mut plan);
        }
        plan
    }

    fn routes(
        &mut self,
        contract: &Contract,
        class: &Class,
        home: &Home<'_>,
        framework: &framework::Framework,
        gates: &[GateItem],
        today: Date,
    ) {
        if class.routes.is_empty() && class.operations.is_empty() {
            return;
        }
        let Some((method, path)) = example(contract, class, today) else {
            self.untried.push(format!("class {}: no path of it that is not exempt", class.name));
            return;
        };
        let place = framework::Place { method: &method, path: &path, operation: None };
        // A gate may refuse operations that are not declared, so it is given one that is, with its own route.
        let declared = class.operations.iter().find(|one| one.route.method != ANY);
        let own = declared.map(|one| (one.route.method.clone(), one.route.path.to_string()));
        let through = declared.zip(own.as_ref()).map_or(place, |(operation, (method, path))| {
            framework::Place { method, path, operation: Some(&operation.name.value) }
        });
        let add = |plan: &mut Self, what: &str, expect: Expect, code: String| {
            plan.canaries.push(Canary {
                class: class.name.clone(),
                what: what.to_owned(),
                subject: format!("{method} {path}"),
                code,
                expect,
            });
        };
        add(self, "a route without a gate", BARE, (framework.bare)(place));
        if !framework.is_axum() {
            self.untried
                .push(format!("class {}: namesakes of gates in {}", class.name, framework.krate));
            return;
        }
        add(
            self,
            "a route whose path is not known",
            Expect::Caught(&["unresolved-route"]),
            framework::unknown(place),
        );
        for gate in gates.iter().filter(|gate| gate.class == class.name) {
            for (what, code) in gate.namesakes(place, &home.name) {
                add(self, &what, BARE, code);
            }
            match gate.gated(through, &home.name) {
                Some(code) => {
                    let what = format!("a route through {}", gate.name);
                    add(self, &what, Expect::Gated(gate.name.clone()), code);
                }
                None => self.untried.push(format!("class {}: {}", class.name, gate.why_untried())),
            }
        }
    }

    /// The text that goes behind the file's own, and where each canary is in it, from `start` on.
    pub fn text(&self, start: usize) -> (String, Vec<Span>) {
        let mut text = String::from("\n");
        let mut spans = Vec::new();
        for (number, canary) in self.canaries.iter().enumerate() {
            let from = start + text.len();
            _ = write!(text, "pub mod contract_check_canary_{number} {{\n{}}}\n", canary.code);
            let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
            spans.push(Span::new(at(from), at(start + text.len())));
        }
        (text, spans)
    }

    /// What came of each canary.
    ///
    /// - `spans`: where each is in its file.
    pub fn outcomes(&self, run: &Run, spans: &[Span]) -> Vec<Outcome> {
        let report = &run.report;
        let inside = |at: Where, span: Span| {
            let (path, _, found) = crate::report::place::place_text(report, at);
            matches!(at, Where::Source(_)) && path == self.file && span.contains(found)
        };
        let outcome = |(canary, span): (&Canary, &Span)| {
            let found: Vec<&Finding> =
                report.findings.iter().filter(|finding| inside(finding.at, *span)).collect();
            let (holds, seen) = match &canary.expect {
                Expect::Caught(rules) => {
                    let of_class = |finding: &&&Finding| {
                        finding.class.as_ref().is_none_or(|class| *class == canary.class)
                    };
                    let caught =
                        found.iter().filter(of_class).find(|one| rules.contains(&one.rule));
                    (caught.is_some(), caught.map_or("nothing", |finding| finding.rule).to_owned())
                }
                Expect::Gated(_) => {
                    let registered = run.table.routes.iter().any(|route| {
                        let mut places =
                            route.registrations.iter().map(|one| Where::Source(one.at));
                        places.any(|at| inside(at, *span))
                    });
                    let bare = found.iter().any(|finding| {
                        finding.class.as_ref() == Some(&canary.class)
                            && matches!(finding.rule, "bare-route" | "wrong-gate")
                    });
                    let seen = match (registered, bare) {
                        (false, _) => "no route",
                        (true, true) => Status::Bare.word(),
                        (true, false) => Status::Gated.word(),
                    };
                    let gated = registered && !bare;
                    (gated, seen.to_owned())
                }
            };
            Outcome { canary: canary.clone(), holds, seen }
        };
        self.canaries.iter().zip(spans).map(outcome).collect()
    }
}

/// The crate where the gates are named as `crate::…`, if it has a framework; else the first that has one; else the
/// first that has a database, for contracts about tables alone.
fn home<'p>(
    packages: &'p [Package],
    gates: &[GateItem],
) -> Option<(Home<'p>, Option<&'static framework::Framework>)> {
    let mut homes = Vec::new();
    for package in packages {
        let uses = |krate: &str| {
            package.dependencies.iter().any(|one| one.package == krate && one.name == krate)
        };
        let framework = framework::FRAMEWORKS.iter().find(|one| uses(one.krate));
        if framework.is_none() && write::library(package).is_none() {
            continue;
        }
        for kind in [TargetKind::Lib, TargetKind::Bin] {
            for target in package.targets.iter().filter(|target| target.kind == kind) {
                let named = gates.iter().filter(|gate| gate.is_of(&target.name)).count();
                let home = Home { package, name: target.name.clone(), file: target.root.clone() };
                let rank = (framework.is_none(), std::cmp::Reverse(named));
                homes.push((rank, home, framework));
            }
        }
    }
    homes.sort_by_key(|(rank, _, _)| *rank);
    homes.into_iter().next().map(|(_, home, framework)| (home, framework))
}

/// A method and path of the class that no exemption covers.
fn example(contract: &Contract, class: &Class, today: Date) -> Option<(String, String)> {
    let method = class.methods.iter().find(|method| method.value != ANY)?.value.clone();
    let patterns =
        class.routes.iter().map(Pattern::path).map(|path| (method.clone(), concrete(path)));
    let operations =
        class.operations.iter().map(|one| (one.route.method.clone(), concrete(&one.route.path)));
    patterns.chain(operations).find(|(method, path)| {
        let path = RoutePath::parse(path);
        let subject = Subject {
            route: Some((method, &path)),
            class: Some(&class.name),
            ..Subject::default()
        };
        let exempt = contract.exemptions_of(&subject);
        !exempt.iter().any(|id| contract.exemption(*id).is_some_and(|one| !one.expired(today)))
    })
}

/// One path of those that a pattern stands for.
fn concrete(path: &RoutePath) -> String {
    let segments = path.as_str().split('/').map(|segment| match segment {
        _ if segment.starts_with('{') => "contract-check-canary",
        "*" | "**" => "contract-check-canary",
        literal => literal,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// For each class with canaries that are routes, whether any route, of the tree or made up, passes its gate.
pub fn proven<'o>(outcomes: &'o [Outcome], report: &Report) -> BTreeMap<&'o str, bool> {
    let mut proven: BTreeMap<&str, bool> = BTreeMap::new();
    let routes = outcomes.iter().filter(|outcome| outcome.canary.expect != write::WRITTEN);
    for outcome in routes {
        let class = outcome.canary.class.as_str();
        let gated = matches!(outcome.canary.expect, Expect::Gated(_)) && outcome.holds;
        let in_tree = report.routes.iter().any(|line| {
            line.status == Status::Gated && line.classes.iter().any(|one| one == class)
        });
        *proven.entry(class).or_default() |= gated || in_tree;
    }
    proven
}
