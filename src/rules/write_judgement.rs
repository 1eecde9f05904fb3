//! Writes held against classes: which class protects the table, whether the write is inside its writer, what excuses it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, judgement::gate_entries};
use crate::{
    calls::{Reach, Way},
    contract::{Class, ClassId, ExemptionId, RoutePath, Subject, Tables},
    evaluate::effect::{Beside, Callable, Registration},
    link::Target,
    routes::Route,
    writes::{Run, Write},
};

/// All writes judged, in the order of the table.
#[derive(Debug, Clone, Default)]
pub struct WriteJudgements {
    /// One for each write of the table.
    pub writes: Vec<WriteJudgement>,
    /// Routes in no class that reach a protected write.
    pub reaches: Vec<Reaches>,
    /// What is reached outside the writers of each class.
    outside: Vec<Reach>,
}

/// One write judged.
#[derive(Debug, Clone, Default)]
pub struct WriteJudgement {
    /// The classes that protect it, in the contract's order.
    pub standings: Vec<WriteStanding>,
    /// The function it stands in.
    pub function: Option<String>,
    /// The writer it is inside of, in every way in which it is run.
    pub writer: Option<String>,
    /// What excuses a write that cannot be read.
    pub exempt: Option<ExemptionId>,
}

/// A route in no class that reaches a write to a table that a class protects.
#[derive(Debug, Clone)]
pub struct Reaches {
    /// The route, by its index in the table.
    pub route: usize,
    /// The registration whose handler it is, by its index in the route.
    pub registration: usize,
    /// The class.
    pub class: ClassId,
    /// The write, by its index in the table.
    pub write: usize,
    /// What runs the write.
    pub by: Callable,
    /// What runs with the route and is not its handler, where the way starts there.
    pub beside: Option<Beside>,
    /// The calls from the handler to that.
    pub way: Vec<Way>,
    /// What excuses it.
    pub exempt: Option<ExemptionId>,
}

/// What a handler reaches of protected writes.
struct Reached {
    reach: Reach,
    /// Of each class the writes, by their index in the table.
    writes: Vec<BTreeSet<usize>>,
}

impl Reached {
    /// - `run_by`: of each class the writes that a callable runs.
    fn new(facts: &Facts<'_>, reach: Reach, run_by: &[BTreeMap<Callable, Vec<usize>>]) -> Self {
        let callables = facts.graph.reached(&reach);
        let of_class = |run_by: &BTreeMap<Callable, Vec<usize>>| {
            callables
                .iter()
                .filter_map(|callable| run_by.get(callable))
                .flatten()
                .copied()
                .collect()
        };
        let writes = run_by.iter().map(of_class).collect();
        Self { reach, writes }
    }
}

/// A write in one class.
#[derive(Debug, Clone)]
pub struct WriteStanding {
    /// The class.
    pub class: ClassId,
    /// The first way in which it is run outside the class's writers, by its index.
    pub outside: Option<usize>,
    /// The operation whose storage function it stands in.
    pub stored_by: Option<String>,
    /// The exemption that excuses it.
    pub exempt: Option<ExemptionId>,
    /// The exemption that excused it until it expired.
    pub expired: Option<ExemptionId>,
}

impl WriteJudgements {
    /// Judges every write of the facts.
    pub fn new(facts: &Facts<'_>) -> Self {
        let classes = &facts.contract.classes;
        let outside: Vec<Reach> = classes
            .iter()
            .map(|class| facts.graph.outside(&|target| is_writer(facts, class, target)))
            .collect();
        let mut all = Self { outside, ..Self::default() };
        let tables = Tables::new(facts.contract);
        all.writes =
            facts.writes.writes.iter().map(|write| all.judged(facts, &tables, write)).collect();
        all
    }

    /// Notes which of the routes that are in no class reach a protected write.
    ///
    /// - `loose`: the indices of those routes.
    pub fn note_reaches(&mut self, facts: &Facts<'_>, loose: &[usize]) {
        let classes = facts.contract.classes.len();
        let mut run_by: Vec<BTreeMap<Callable, Vec<usize>>> = vec![BTreeMap::new(); classes];
        for (at, (write, judgement)) in facts.writes.writes.iter().zip(&self.writes).enumerate() {
            for standing in &judgement.standings {
                let Some(run_by) = run_by.get_mut(standing.class.0) else { continue };
                for run in &write.runs {
                    run_by.entry(run.by).or_default().push(at);
                }
            }
        }
        let ends = run_by.iter().flat_map(BTreeMap::keys).copied();
        let leading = facts.graph.leading(ends);
        let mut reached: BTreeMap<Callable, Reached> = BTreeMap::new();
        for at in loose {
            let Some(route) = facts.table.routes.get(*at) else { continue };
            for class in (0..classes).map(ClassId) {
                let runs = route.registrations.iter().enumerate();
                let mut runs = runs.flat_map(|(number, one)| {
                    running(one).map(move |(runs, beside)| (number, runs, beside))
                });
                let found = runs.find_map(|(registration, runs, beside)| {
                    if !facts.graph.leads(runs, &leading)
                        || beside.is_some_and(|one| is_gate(facts, class, one))
                    {
                        return None;
                    }
                    let reached = reached.entry(runs).or_insert_with(|| {
                        Reached::new(facts, facts.graph.from_to(runs, &leading), &run_by)
                    });
                    let (write, by, exempt) = self.first_reached(facts, class, route, reached)?;
                    let way = facts.graph.way(&reached.reach, by);
                    let beside = beside.cloned();
                    Some(Reaches {
                        route: *at,
                        registration,
                        class,
                        write,
                        by,
                        beside,
                        way,
                        exempt,
                    })
                });
                self.reaches.extend(found);
            }
        }
    }

    /// The first write that `class` protects among what is reached, rather one that nothing excuses.
    fn first_reached(
        &self,
        facts: &Facts<'_>,
        id: ClassId,
        route: &Route,
        reached: &Reached,
    ) -> Option<(usize, Callable, Option<ExemptionId>)> {
        let class = facts.contract.class(id)?;
        let asked = route.path.as_ref().map(|path| (route.method.unwrap_or(""), path));
        let mut excused = None;
        for at in reached.writes.get(id.0)? {
            let (write, judgement) = (facts.writes.writes.get(*at)?, self.writes.get(*at)?);
            let held = |run: &&Run| facts.graph.holds(&reached.reach, run.by);
            let Some(run) = write.runs.iter().find(held) else { continue };
            let function = judgement.function.as_deref();
            match reach_excuse(facts, class, asked, write, function) {
                None => return Some((*at, run.by, None)),
                Some(exempt) if excused.is_none() => excused = Some((*at, run.by, Some(exempt))),
                Some(_) => {}
            }
        }
        excused
    }

    /// Every exemption that excuses something.
    pub fn used(&self) -> impl Iterator<Item = ExemptionId> {
        let writes = self
            .writes
            .iter()
            .flat_map(|write| write.standings.iter().map(|one| one.exempt).chain([write.exempt]));
        writes.chain(self.reaches.iter().map(|one| one.exempt)).flatten()
    }

    fn judged(&self, facts: &Facts<'_>, tables: &Tables<'_>, write: &Write) -> WriteJudgement {
        let function = write.runs.iter().find_map(|run| function_of(facts, run.by));
        let ids = match &write.table {
            Some(table) => tables.classes_of(table, &write.kinds),
            None => Vec::new(),
        };
        let standings =
            ids.into_iter().filter_map(|id| self.standing(facts, id, write, function.as_deref()));
        let standings: Vec<WriteStanding> = standings.collect();
        let exempt = write.unread.as_ref().and_then(|_| {
            let about = Subject { function: function.as_deref(), ..Subject::default() };
            let ids = facts.contract.exemptions_of(&about);
            ids.into_iter().find(|id| {
                facts.contract.exemption(*id).is_some_and(|one| !one.expired(facts.today))
            })
        });
        let writer = self.writer(facts, write, &standings);
        WriteJudgement { standings, function, writer, exempt }
    }

    fn standing(
        &self,
        facts: &Facts<'_>,
        id: ClassId,
        write: &Write,
        function: Option<&str>,
    ) -> Option<WriteStanding> {
        let class = facts.contract.class(id)?;
        let outside = write.runs.iter().position(|run| self.is_outside(facts, id, run));
        let ids = facts.contract.exemptions_of(&Subject {
            route: None,
            table: write.table.as_ref(),
            function,
            class: Some(&class.name),
        });
        let excuse = |expired: bool| {
            ids.iter().copied().filter(|_| outside.is_some()).find(|id| {
                facts.contract.exemption(*id).is_some_and(|one| one.expired(facts.today) == expired)
            })
        };
        let exempt = excuse(false);
        let expired = if exempt.is_none() { excuse(true) } else { None };
        let run = outside.and_then(|at| write.runs.get(at));
        let stored_by = run.and_then(|run| stored_by(facts, class, run.by));
        Some(WriteStanding { class: id, outside, stored_by, exempt, expired })
    }

    /// Whether a way of running a write avoids the writers of a class.
    pub fn is_outside(&self, facts: &Facts<'_>, id: ClassId, run: &Run) -> bool {
        let (Some(class), Some(reach)) = (facts.contract.class(id), self.outside.get(id.0)) else {
            return true;
        };
        !run.through.iter().any(|target| is_writer(facts, class, target))
            && facts.graph.holds_any(reach, run.by)
    }

    /// The way in that avoids the writers of a class: where it starts, and its calls.
    pub fn way_in(
        &self,
        facts: &Facts<'_>,
        id: ClassId,
        run: &Run,
    ) -> (Option<Callable>, Vec<Way>) {
        match self.outside.get(id.0) {
            Some(reach) => (facts.graph.start(reach, run.by), facts.graph.way(reach, run.by)),
            None => (None, Vec::new()),
        }
    }

    /// The writer that a write is inside of, of the classes that protect it or else of any.
    fn writer(
        &self,
        facts: &Facts<'_>,
        write: &Write,
        standings: &[WriteStanding],
    ) -> Option<String> {
        let mut ids: Vec<ClassId> = standings.iter().map(|one| one.class).collect();
        if ids.is_empty() {
            ids = (0..facts.contract.classes.len()).map(ClassId).collect();
        }
        let inside = ids.into_iter().find(|id| {
            facts.contract.class(*id).is_some_and(|class| !class.writers.is_empty())
                && write.runs.iter().any(|run| facts.graph.is_run(run.by))
                && write.runs.iter().all(|run| !self.is_outside(facts, *id, run))
        })?;
        let class = facts.contract.class(inside)?;
        let through = write.runs.iter().flat_map(|run| &run.through);
        let seen = through.into_iter().find(|target| is_writer(facts, class, target));
        match seen {
            Some(target) => Some(facts.names.path(target)),
            None => class.writers.first().map(|writer| writer.path.clone()),
        }
    }

    /// Whether a write whose table is not known can only hit tables from inside their writers.
    pub fn is_harmless(&self, facts: &Facts<'_>, write: &Write) -> bool {
        facts.contract.classes.iter().enumerate().all(|(at, class)| {
            class.tables.is_empty()
                || !class.guards(&write.kinds)
                || write.runs.iter().all(|run| !self.is_outside(facts, ClassId(at), run))
        })
    }
}

/// Whether `class` names `target` as a writer: itself, or the trait method that it implements.
pub fn is_writer(facts: &Facts<'_>, class: &Class, target: &Target) -> bool {
    let known = facts.writers.iter().find(|(one, _)| one == target).map(|(_, named)| named);
    let target = known.unwrap_or(target);
    class.writers.iter().any(|writer| facts.names.matches(&writer.path, target))
}

/// What runs when a registration is asked for: its handler, and what else does.
fn running(one: &Registration) -> impl Iterator<Item = (Callable, Option<&Beside>)> {
    let beside = one.beside.iter().map(|beside| (beside.runs, Some(beside)));
    one.runs.map(|runs| (runs, None)).into_iter().chain(beside)
}

/// Whether something belongs to a gate of `class`. What a gate writes to do its work no route in front of it answers for:
/// it would be charged to all of them.
fn is_gate(facts: &Facts<'_>, id: ClassId, beside: &Beside) -> bool {
    let Some(class) = facts.contract.class(id) else { return false };
    beside
        .of
        .iter()
        .any(|target| gate_entries(class).any(|(_, name)| facts.names.matches(&name.path, target)))
}

/// The path of the function that a callable is or stands in.
pub fn function_of(facts: &Facts<'_>, callable: Callable) -> Option<String> {
    facts.graph.function(callable).map(|def| facts.names.path(&Target::Item(def)))
}

fn stored_by(facts: &Facts<'_>, class: &Class, by: Callable) -> Option<String> {
    let function = Target::Item(facts.graph.function(by)?);
    let operation = class.operations.iter().find(|operation| {
        operation.function.as_ref().is_some_and(|named| facts.names.matches(&named.path, &function))
    })?;
    Some(operation.name.value.clone())
}

/// The exemptions that excuse a route from reaching a write.
fn reach_excuse(
    facts: &Facts<'_>,
    class: &Class,
    route: Option<(&str, &RoutePath)>,
    write: &Write,
    function: Option<&str>,
) -> Option<ExemptionId> {
    let subject =
        Subject { route, table: write.table.as_ref(), function, class: Some(&class.name) };
    facts
        .contract
        .exemptions_of(&subject)
        .into_iter()
        .find(|id| facts.contract.exemption(*id).is_some_and(|one| !one.expired(facts.today)))
}
