//! Canaries: violations made up for a contract, put into a copy of the tree in memory, to see that each is caught.
//!
//! A contract can be valid and protect nothing: a gate that cannot be recognised, a rule set to allow, an exemption
//! that covers everything. Nothing of this shows in a report without findings. So for each class a route is registered
//! without the gate, with a namesake of it, with the gate laid too early, and so on, and a write is made outside the
//! writer; each must be reported, and the same route registered through the gate must not be.

mod form;
mod gate;
mod route;
mod write;

pub use gate::{Argument, GateItem, GateKind, Items, WriterItem, items, runners};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::{
    contract::{ANY, Class, Contract, Level, Pattern, RoutePath, Subject},
    discover::{Package, Target, TargetKind},
    finding::{Finding, Where},
    frameworks::{FRAMEWORKS, Framework, sample::Sample},
    pipeline::Run,
    report::Report,
    rules::judgement::Status,
    source::Span,
};
use form::{Fill, Form, Place};
use route::Through;

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
    /// As [`Expect::Gated`], when the gate registers anything: not all that it takes could be made up.
    PerhapsGated(String),
    /// A write inside the writer; the name of the writer.
    Written(String),
}

impl Expect {
    /// The word for what must come of it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Caught(rules) => rules.first().copied().unwrap_or(""),
            Self::Gated(_) | Self::PerhapsGated(_) => Status::Gated.word(),
            Self::Written(_) => INSIDE,
        }
    }

    /// Whether it is about a route.
    fn is_of_route(&self) -> bool {
        matches!(self, Self::Gated(_) | Self::PerhapsGated(_)) || *self == BARE
    }
}

/// What is seen of a write inside its writer.
const INSIDE: &str = "inside the writer";

/// Canaries and the file they are put into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The canaries.
    pub canaries: Vec<Canary>,
    /// The file, relative to the scanned root.
    pub file: String,
    /// Text put behind that of the contract: operations for canaries.
    pub contract: String,
    /// What could not be tried, and why.
    pub untried: Vec<String>,
    /// Nothing could be, because canaries know nothing that the tree is written in.
    pub blind: bool,
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

/// The crate that canaries live in, and the frameworks that it may use.
struct Home<'p> {
    package: &'p Package,
    /// Its crate name.
    name: String,
    file: String,
    forms: Vec<Form<'p>>,
}

impl Home<'_> {
    /// Whether code in it can name items of a crate.
    fn can_name(&self, krate: &str) -> bool {
        let depends = self.package.dependencies.iter().any(|one| one.name == krate);
        let beside = |target: &Target| target.kind == TargetKind::Lib && target.name == krate;
        krate == self.name || depends || self.package.targets.iter().any(beside)
    }
}

impl Plan {
    /// Plans with canaries for every class of `contract`, one for each crate that has to hold some.
    ///
    /// - `items`: what the names of the contract mean in the tree.
    /// - `report`: what there is in the tree.
    pub fn all(
        contract: &Contract,
        packages: &[Package],
        items: &Items,
        report: &Report,
        today: Date,
    ) -> Vec<Self> {
        let used: BTreeSet<&str> =
            report.routes.iter().map(|line| line.framework.as_str()).collect();
        let mut plans: BTreeMap<String, Self> = BTreeMap::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for class in &contract.classes {
            let homes = homes(packages, items, &class.name, &used);
            let stores = homes.iter().position(|home| write::library(home.package).is_some());
            for (at, home) in homes.iter().enumerate() {
                let plan = plans.entry(home.file.clone()).or_default();
                plan.file.clone_from(&home.file);
                for form in &home.forms {
                    known.extend(form.sample.listed_as.or_else(|| framework_of(form.sample)));
                    plan.routes(contract, class, home, *form, &items.gates, today);
                }
                if at == stores.unwrap_or(0) {
                    let writes = write::Writes {
                        contract,
                        class,
                        package: home.package,
                        home: &home.name,
                        form: home.forms.first().copied(),
                        writers: &items.writers,
                        can_name: &|krate| home.can_name(krate),
                        today,
                    };
                    writes.canaries(plan);
                }
            }
        }
        let mut plans: Vec<Self> = plans.into_values().collect();
        let mut untried = Vec::new();
        if plans.is_empty() {
            untried.push(
                "no package of the tree depends on a framework or a database that canaries know"
                    .to_owned(),
            );
        }
        for name in used.iter().filter(|name| !known.contains(*name)) {
            untried.push(format!("routes of {name}: canaries do not know how they look"));
        }
        match plans.first_mut() {
            Some(plan) => plan.untried.extend(untried),
            None => plans.push(Self { untried, blind: true, ..Self::default() }),
        }
        plans
    }

    fn routes(
        &mut self,
        contract: &Contract,
        class: &Class,
        home: &Home<'_>,
        form: Form<'_>,
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
        let place = Place { method: &method, path: &path, operation: None };
        // A gate may refuse operations that are not declared, so it is given one that is, with its own route.
        let declared = class.operations.iter().find(|one| one.route.method != ANY);
        let own = declared.map(|one| (one.route.method.clone(), one.route.path.to_string()));
        let through = declared.zip(own.as_ref()).map_or(place, |(operation, (method, path))| {
            Place { method, path, operation: Some(&operation.name.value) }
        });
        let framework = framework_of(form.sample).unwrap_or_default();
        let add = |plan: &mut Self, what: &str, expect: Expect, code: String| {
            plan.canaries.push(Canary {
                class: class.name.clone(),
                what: what.to_owned(),
                subject: format!("{method} {path} ({framework})"),
                code,
                expect,
            });
        };
        add(self, "a route without a gate", BARE, form.code(place, Fill::default()));
        if contract.scan.unresolved != Level::Allow
            && let Some(code) = form.unknown(place)
        {
            let expect = Expect::Caught(&["unresolved-route"]);
            add(self, "a route whose path is not known", expect, code);
        }
        for gate in gates.iter().filter(|gate| gate.class == class.name) {
            if gate.kind != GateKind::Nothing && !home.can_name(gate.krate()) {
                self.untried.push(format!(
                    "class {}, in {framework}: {} is no dependency of {}, so {} cannot be tried there",
                    class.name,
                    gate.krate(),
                    home.package.name,
                    gate.name
                ));
                continue;
            }
            for (what, code) in route::namesakes(gate, form, place, &home.name) {
                add(self, &what, BARE, code);
            }
            let what = format!("a route through {}", gate.name);
            match route::gated(gate, form, through, &home.name) {
                Ok(Through { code, sure: true }) => {
                    add(self, &what, Expect::Gated(gate.name.clone()), code);
                }
                Ok(Through { code, sure: false }) => {
                    add(self, &what, Expect::PerhapsGated(gate.name.clone()), code);
                }
                Err(why) => {
                    self.untried.push(format!("class {}, in {framework}: {why}", class.name));
                }
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
                    let through_all =
                        caught.is_none() && passes_what_mounts_all(run, &|at| inside(at, *span));
                    let seen = if through_all { MOUNTED } else { "nothing" };
                    let seen = caught.map_or(seen, |finding| finding.rule).to_owned();
                    (caught.is_some() || through_all, seen)
                }
                Expect::Gated(_) | Expect::PerhapsGated(_) => {
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
                        (false, _) => NOTHING,
                        (true, true) => Status::Bare.word(),
                        (true, false) => Status::Gated.word(),
                    };
                    (registered && !bare, seen.to_owned())
                }
                Expect::Written(_) => {
                    let written =
                        report.writes.iter().any(|write| inside(Where::Source(write.at), *span));
                    let outside = found.iter().find(|finding| finding.rule == "direct-write");
                    let seen = match (written, outside) {
                        (false, _) => "no write",
                        (true, Some(finding)) => finding.rule,
                        (true, None) => INSIDE,
                    };
                    (written && outside.is_none(), seen.to_owned())
                }
            };
            Outcome { canary: canary.clone(), holds, seen }
        };
        self.canaries.iter().zip(spans).map(outcome).collect()
    }
}

/// Whether the route of a canary is gated where its framework mounts all that an attribute makes routes: none of them can
/// go past a gate that is there.
fn passes_what_mounts_all(run: &Run, inside: &dyn Fn(Where) -> bool) -> bool {
    let mounted = |framework: &str| {
        let of = |one: &&&'static dyn Framework| one.name() == framework;
        FRAMEWORKS
            .iter()
            .find(of)
            .and_then(|one| one.sample())
            .is_some_and(|one| one.route.is_empty())
    };
    let made = run.table.routes.iter().flat_map(|route| &route.registrations);
    let mut made = made.filter(|one| inside(Where::Source(one.at)));
    made.any(|one| !one.marks.is_empty() && mounted(one.framework))
}

/// What is seen of a route that the gate around all of its kind gates.
const MOUNTED: &str = "gated where all of its kind are mounted";
/// What is seen where a gate registers nothing.
const NOTHING: &str = "no route";

/// The name of the framework of a sample.
fn framework_of(sample: &Sample) -> Option<&'static str> {
    let of = |framework: &&&'static dyn Framework| {
        framework.sample().is_some_and(|own| own.krate == sample.krate)
    };
    FRAMEWORKS.iter().find(of).map(|framework| framework.name())
}

/// For each framework that has routes in the tree, the crate where the canaries of a class live: one that can name most
/// of its gates and writers, rather one of which they are.
///
/// In a tree without such routes, the first framework that a package depends on; for contracts about tables alone, the
/// first package with a database.
fn homes<'p>(
    packages: &'p [Package],
    items: &Items,
    class: &str,
    used: &BTreeSet<&str>,
) -> Vec<Home<'p>> {
    let mut targets: Vec<((usize, usize), Home<'p>)> = Vec::new();
    let crates: Vec<&str> = items.crates_of(class).collect();
    for package in packages {
        let known = FRAMEWORKS.iter().filter_map(|framework| framework.sample());
        let forms = known.filter_map(|sample| {
            let used = package.dependencies.iter().find(|one| one.package == sample.krate)?;
            Some(Form { sample, krate: &used.name })
        });
        let forms: Vec<Form<'p>> = forms.collect();
        if forms.is_empty() && write::library(package).is_none() {
            continue;
        }
        for kind in [TargetKind::Lib, TargetKind::Bin] {
            for target in package.targets.iter().filter(|target| target.kind == kind) {
                let (name, file) = (target.name.clone(), target.root.clone());
                let home = Home { package, name, file, forms: forms.clone() };
                let named = crates.iter().filter(|one| home.can_name(one)).count();
                let own = crates.iter().filter(|one| **one == home.name).count();
                targets.push(((named, own), home));
            }
        }
    }
    targets.sort_by_key(|(named, home)| (home.forms.is_empty(), std::cmp::Reverse(*named)));
    let mut homes: Vec<Home<'p>> = Vec::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let is_used = |form: &Form<'_>| {
        let name = form.sample.listed_as.or_else(|| framework_of(form.sample));
        name.is_some_and(|name| used.contains(name))
    };
    let any = targets.iter().flat_map(|(_, home)| &home.forms).any(is_used);
    for (_, mut home) in targets {
        home.forms.retain(|form| {
            framework_of(form.sample).is_some_and(|name| {
                (is_used(form) || (!any && taken.is_empty())) && taken.insert(name)
            })
        });
        let stores = write::library(home.package).is_some();
        if !home.forms.is_empty() || stores {
            homes.push(home);
        }
    }
    // Beside crates with routes, one with a database is enough.
    let mut stored =
        homes.iter().any(|home| !home.forms.is_empty() && write::library(home.package).is_some());
    homes.retain(|home| !home.forms.is_empty() || !std::mem::replace(&mut stored, true));
    homes
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
    let routes = outcomes.iter().filter(|outcome| outcome.canary.expect.is_of_route());
    for outcome in routes {
        let class = outcome.canary.class.as_str();
        let gated = outcome.canary.expect != BARE && outcome.holds;
        let in_tree = report.routes.iter().any(|line| {
            line.status == Status::Gated && line.classes.iter().any(|one| one == class)
        });
        *proven.entry(class).or_default() |= gated || in_tree;
    }
    proven
}

/// Takes what was tried in vain out of `outcomes`: a gate of which not all arguments could be made up, and which
/// registered nothing; each as it is told.
pub fn in_vain(outcomes: &mut Vec<Outcome>) -> Vec<String> {
    let vain = |outcome: &Outcome| {
        matches!(outcome.canary.expect, Expect::PerhapsGated(_)) && outcome.seen == NOTHING
    };
    let told = outcomes.iter().filter(|one| vain(one)).map(|one| {
        format!(
            "class {}: {}: not all that it takes can be made up",
            one.canary.class, one.canary.what
        )
    });
    let told = told.collect();
    outcomes.retain(|outcome| !vain(outcome));
    told
}
