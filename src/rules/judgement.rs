//! Routes held against classes: who is in what, what gates it, what excuses it. Every rule reads these answers, so
//! each question is settled in one way only.

use serde::{Deserialize, Serialize};

use super::{
    Facts, Names,
    coverage::{covers, possible},
    write_judgement::WriteJudgements,
};
use crate::{
    contract::{ANY, Class, ClassId, ExemptionId, ItemName, Subject},
    evaluate::effect::{Mark, MarkKind, Registration},
    routes::{Route, normal},
    source::Place,
};

/// How a route stands, best last. Of several classes the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// In a class and without its gate.
    Bare,
    /// Excused by the contract.
    Exempt,
    /// Through a gate of each class it is in.
    Gated,
    /// A mutation that no class claims.
    Unclassified,
    /// Everything else.
    Read,
}

impl Status {
    /// All, in order.
    pub const ALL: [Self; 5] =
        [Self::Bare, Self::Exempt, Self::Gated, Self::Unclassified, Self::Read];

    /// Its word in the output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Exempt => "exempt",
            Self::Gated => "gated",
            Self::Unclassified => "unclassified",
            Self::Read => "read",
        }
    }
}

/// All routes judged, in the order of the table.
#[derive(Debug, Clone, Default)]
pub struct Judgements {
    /// One for each route of the table.
    pub routes: Vec<Judgement>,
    /// All writes judged, in the order of their table.
    pub writes: WriteJudgements,
    /// Whether each exemption of the contract excuses something.
    pub used: Vec<bool>,
}

/// One route judged.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Its worst standing.
    pub status: Status,
    /// The classes it is in, in the contract's order.
    pub standings: Vec<Standing>,
    /// The classes whose paths it can also answer, when it is in none and through no gate.
    pub overlaps: Vec<Overlap>,
    /// What excuses a mutation that is in no class.
    pub exempt: Option<ExemptionId>,
    /// The registrations that it stands so for, by index: those without a gate, if any lacks one.
    pub decisive: Vec<usize>,
    /// Paths of all gates, of whatever class, that these passed through.
    pub gates: Vec<String>,
    /// The operation that is declared for it, or else the one that its gate names.
    pub operation: Option<String>,
}

/// A class that a route is not in but whose paths it can answer.
#[derive(Debug, Clone, Copy)]
pub struct Overlap {
    /// The class.
    pub class: ClassId,
    /// What excuses the route from it.
    pub exempt: Option<ExemptionId>,
}

/// A route in one class.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The class.
    pub class: ClassId,
    /// Its registrations without a gate of the class; none when it is gated.
    pub bare: Vec<Bare>,
    /// The exemption that excuses it.
    pub exempt: Option<ExemptionId>,
    /// The exemption that excused it until it expired.
    pub expired: Option<ExemptionId>,
    /// The operation declared in this class, or else the one that its gate names.
    pub operation: Option<String>,
}

impl Standing {
    /// How the route stands in this class.
    pub const fn status(&self) -> Status {
        if self.bare.is_empty() {
            Status::Gated
        } else if self.exempt.is_some() {
            Status::Exempt
        } else {
            Status::Bare
        }
    }
}

/// A registration without a gate of the class.
#[derive(Debug, Clone)]
pub struct Bare {
    /// Its index in the route.
    pub registration: usize,
    /// The gate of another class that it passed through: class, path and place of the gate.
    pub other: Option<(ClassId, String, Place)>,
}

/// Judges every route of the facts.
pub fn judgements(facts: &Facts<'_>) -> Judgements {
    let mut used = vec![false; facts.contract.exemptions.len()];
    let routes: Vec<Judgement> =
        facts.table.routes.iter().map(|route| judgement(facts, route)).collect();
    for judgement in &routes {
        let standings = judgement.standings.iter().map(|standing| standing.exempt);
        let overlaps = judgement.overlaps.iter().map(|overlap| overlap.exempt);
        for id in standings.chain(overlaps).chain([judgement.exempt]).flatten() {
            if let Some(used) = used.get_mut(id.0) {
                *used = true;
            }
        }
    }
    let mut writes = WriteJudgements::new(facts);
    let loose = routes
        .iter()
        .enumerate()
        .filter(|(_, one)| one.standings.is_empty() && one.exempt.is_none());
    let loose: Vec<usize> = loose.map(|(at, _)| at).collect();
    writes.note_reaches(facts, &loose);
    for id in writes.used() {
        if let Some(used) = used.get_mut(id.0) {
            *used = true;
        }
    }
    Judgements { routes, writes, used }
}

fn judgement(facts: &Facts<'_>, route: &Route) -> Judgement {
    let standings: Vec<Standing> =
        classes_of(facts, route).into_iter().filter_map(|id| standing(facts, id, route)).collect();
    let loose = standings.is_empty() && route.is_mutation();
    let exempt = if loose { exemption(facts, route, None, false) } else { None };
    let overlaps = if loose && exempt.is_none() && !through_any_gate(facts, route) {
        overlaps(facts, route)
    } else {
        Vec::new()
    };
    let excused = !overlaps.is_empty() && overlaps.iter().all(|overlap| overlap.exempt.is_some());
    let status = match standings.iter().map(Standing::status).min() {
        Some(worst) => worst,
        None if exempt.is_some() || excused => Status::Exempt,
        None if loose => Status::Unclassified,
        None => Status::Read,
    };
    let mut operations = standings.iter().filter_map(|one| one.operation.clone());
    let operation = operations.next().or_else(|| {
        facts.contract.classes.iter().find_map(|class| named_operation(facts, class, route))
    });
    let decisive = decisive(route, &standings, status);
    let gates = gates(facts, decisive.iter().filter_map(|at| route.registrations.get(*at)));
    Judgement { status, standings, overlaps, exempt, decisive, gates, operation }
}

/// A gate that one registration passed through says nothing of another one that answers the same requests.
fn decisive(route: &Route, standings: &[Standing], status: Status) -> Vec<usize> {
    let worst = standings.iter().find(|one| one.status() == status && !one.bare.is_empty());
    worst.map_or_else(
        || (0..route.registrations.len()).collect(),
        |one| one.bare.iter().map(|bare| bare.registration).collect(),
    )
}

/// The classes that `route` is in. An unknown method is taken for any, an unknown path is in no class.
fn classes_of(facts: &Facts<'_>, route: &Route) -> Vec<ClassId> {
    let path = route.path.as_ref();
    path.map(|path| facts.contract.classes_of(route.method.unwrap_or(ANY), path))
        .unwrap_or_default()
}

/// The classes some of whose paths `route` can answer.
fn overlaps(facts: &Facts<'_>, route: &Route) -> Vec<Overlap> {
    let Some(path) = &route.path else { return Vec::new() };
    let ids = facts.contract.overlapping(route.method.unwrap_or(ANY), path).into_iter();
    let overlap = |class: ClassId| {
        Some(Overlap {
            class,
            exempt: exemption(facts, route, Some(facts.contract.class(class)?), false),
        })
    };
    ids.filter_map(overlap).collect()
}

fn gates<'r>(
    facts: &Facts<'_>,
    registrations: impl Iterator<Item = &'r Registration>,
) -> Vec<String> {
    let mut paths = Vec::new();
    for registration in registrations {
        for class in &facts.contract.classes {
            for mark in possible(registration, &gate_marks(facts.names, class, registration)) {
                let path = facts.names.path(&mark.target);
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
    }
    paths
}

fn standing(facts: &Facts<'_>, id: ClassId, route: &Route) -> Option<Standing> {
    let class = facts.contract.class(id)?;
    let mut bare = Vec::new();
    for (index, registration) in route.registrations.iter().enumerate() {
        let marks = gate_marks(facts.names, class, registration);
        if !covers(registration, &marks, &facts.table.arms) {
            bare.push(Bare { registration: index, other: other_gate(facts, id, registration) });
        }
    }
    let find = |expired: bool| {
        if bare.is_empty() { None } else { exemption(facts, route, Some(class), expired) }
    };
    let exempt = find(false);
    let expired = if exempt.is_none() { find(true) } else { None };
    let declared = match (route.method, &route.path) {
        (Some(method), Some(path)) => class.operation_for(method, path),
        _ => None,
    };
    let operation = declared
        .map(|declared| declared.name.value.clone())
        .or_else(|| named_operation(facts, class, route));
    Some(Standing { class: id, bare, exempt, expired, operation })
}

/// The marks of `registration` that are a gate of `class`.
pub fn gate_marks<'r>(
    names: &dyn Names,
    class: &Class,
    registration: &'r Registration,
) -> Vec<&'r Mark> {
    let is_gate = |mark: &&Mark| {
        gate_entries(class)
            .any(|(kind, name)| kind == mark.kind && names.matches(&name.path, &mark.target))
    };
    registration.marks.iter().filter(is_gate).collect()
}

/// Every gate that `class` names, in the order in which help mentions them.
pub fn gate_entries(class: &Class) -> impl Iterator<Item = (MarkKind, &ItemName)> {
    let gate = &class.gate;
    let functions = gate.functions.iter().map(|one| (MarkKind::Function, &one.name));
    let layers = gate.layers.iter().map(|one| (MarkKind::Layer, one));
    let extractors = gate.extractors.iter().map(|one| (MarkKind::Extractor, one));
    let attributes = gate.attributes.iter().map(|one| (MarkKind::Attribute, one));
    functions.chain(layers).chain(extractors).chain(attributes)
}

fn other_gate(
    facts: &Facts<'_>,
    id: ClassId,
    registration: &Registration,
) -> Option<(ClassId, String, Place)> {
    facts.contract.classes.iter().enumerate().filter(|(other, _)| *other != id.0).find_map(
        |(other, class)| {
            let marks = gate_marks(facts.names, class, registration);
            if !covers(registration, &marks, &facts.table.arms) {
                return None;
            }
            let mark = marks.first()?;
            Some((ClassId(other), facts.names.path(&mark.target), mark.at))
        },
    )
}

/// Whether every registration of `route` passed through a gate of some class.
fn through_any_gate(facts: &Facts<'_>, route: &Route) -> bool {
    route.registrations.iter().all(|registration| {
        facts.contract.classes.iter().any(|class| {
            covers(registration, &gate_marks(facts.names, class, registration), &facts.table.arms)
        })
    })
}

/// An operation as a gate call names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The gate call.
    pub at: Place,
}

fn named_operation(facts: &Facts<'_>, class: &Class, route: &Route) -> Option<String> {
    let mut named = route.registrations.iter().flat_map(|one| named_operations(facts, class, one));
    named.next().map(|named| named.name)
}

/// The operations that gates of `class` are told about `registration`.
pub fn named_operations(
    facts: &Facts<'_>,
    class: &Class,
    registration: &Registration,
) -> Vec<Named> {
    let declared = class.gate.operation.as_ref().map(|entry| entry.value.as_str());
    let mut all = Vec::new();
    for mark in gate_marks(facts.names, class, registration) {
        let fits = |name: &str, ty: &str| match declared {
            Some(declared) => name == declared,
            None => matches!(name, "operation" | "operation_name" | "op") || ty == "Operation",
        };
        for argument in mark.arguments.iter().filter(|one| fits(&one.name, &one.ty)) {
            let named = Named { name: argument.value.clone(), at: mark.at };
            if !all.contains(&named) {
                all.push(named);
            }
        }
    }
    all
}

/// The exemption that covers `route` in `class`, or in no class.
///
/// - `expired`: look among those past their date instead of those in force.
pub fn exemption(
    facts: &Facts<'_>,
    route: &Route,
    class: Option<&Class>,
    expired: bool,
) -> Option<ExemptionId> {
    if facts.contract.exemptions.is_empty() {
        return None;
    }
    let path = route.path.as_ref();
    // Only an exemption of every method covers a method that is not known.
    let method = route.method.unwrap_or("");
    let mut common: Option<Vec<ExemptionId>> = None;
    for registration in &route.registrations {
        let handler = registration.handler.as_ref().map(|handler| facts.names.path(handler));
        let ids = facts.contract.exemptions_of(&Subject {
            route: path.map(|path| (method, path)),
            table: None,
            function: handler.as_deref(),
            class: class.map(|class| class.name.as_str()),
        });
        common = Some(common.map_or(ids.clone(), |common| {
            common.into_iter().filter(|id| ids.contains(id)).collect()
        }));
    }
    common?.into_iter().find(|id| {
        facts.contract.exemption(*id).is_some_and(|one| {
            // One about a function alone is for its writes, unless there is no path to go by.
            (one.route.is_some() || path.is_none()) && one.expired(facts.today) == expired
        })
    })
}

/// How many routes of `class` are gated; a route of several servers is one, and gated if it is in each.
pub fn gated(facts: &Facts<'_>, judgements: &Judgements, class: ClassId) -> usize {
    let mut standing = std::collections::BTreeMap::new();
    for (route, judgement) in facts.table.routes.iter().zip(&judgements.routes) {
        for one in judgement.standings.iter().filter(|one| one.class == class) {
            let path = route.path.as_ref().map(|path| normal(path.as_str()));
            let worst = standing.entry((path, route.method)).or_insert(Status::Gated);
            *worst = (*worst).min(one.status());
        }
    }
    standing.values().filter(|status| **status == Status::Gated).count()
}
