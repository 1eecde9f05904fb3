//! What evaluation found out: the only thing later stages read.

use crate::{
    link::{DefId, Target},
    source::Place,
};

/// One choice: condition number and the arm that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guard {
    /// The condition.
    pub condition: u32,
    /// Its arm.
    pub arm: u16,
}

/// A conjunction of choices, sorted by condition; empty is always.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guards(Vec<Guard>);

impl Guards {
    /// This and one more choice; `None` when it contradicts one already made.
    pub fn with(&self, guard: Guard) -> Option<Self> {
        match self.0.binary_search_by_key(&guard.condition, |g| g.condition) {
            Ok(at) => (self.0.get(at) == Some(&guard)).then(|| self.clone()),
            Err(at) => {
                let mut all = self.0.clone();
                all.insert(at, guard);
                Some(Self(all))
            }
        }
    }

    /// Both; `None` when they exclude each other.
    pub fn and(&self, other: &Self) -> Option<Self> {
        other.0.iter().try_fold(self.clone(), |all, guard| all.with(*guard))
    }

    /// Whether no configuration satisfies both.
    pub fn excludes(&self, other: &Self) -> bool {
        self.and(other).is_none()
    }

    /// The choices that both make: what is left when either is enough.
    #[must_use]
    pub fn shared(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|guard| other.0.contains(guard)).copied().collect())
    }

    /// The choices.
    pub fn iter(&self) -> impl Iterator<Item = &Guard> {
        self.0.iter()
    }

    /// Whether it always holds.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How a route passed through something that may be a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// It was registered inside that function, or what it is made of was given to it and came back.
    Function,
    /// That layer, or function given to the layer, wraps it.
    Layer,
    /// Its handler takes a parameter of that type.
    Extractor,
    /// Its handler has that attribute.
    Attribute,
}

/// One thing that a registration passed through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// How.
    pub kind: MarkKind,
    /// Through what.
    pub target: Target,
    /// When: in addition to the registration's own guards.
    pub guards: Guards,
    /// Known string arguments of the call by parameter name (or the name of a field of a struct argument), with the
    /// parameter's type name: `("operation", "OperationName", "createPayment")`.
    pub arguments: Vec<Argument>,
    /// The call, layer or attribute.
    pub at: Place,
}

/// A known string that a call was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Argument {
    /// Parameter or field name.
    pub name: String,
    /// Last name of its declared type.
    pub ty: String,
    /// Value.
    pub value: String,
}

/// One step from the registration to the server, innermost first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// `nested under /api here`, `handler`, …
    pub message: String,
    /// Where.
    pub at: Place,
}

/// One route of one server in one set of configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The root that serves it; routes of different servers are no duplicates of each other.
    pub server: u32,
    /// Upper-case method, `ANY`, or unknown.
    pub method: Option<&'static str>,
    /// Full path, `{name}` and `{*name}`, `{?}` for an unknown segment; unknown when nothing of it is known.
    pub path: Option<String>,
    /// `axum`, `actix-web`, …
    pub framework: &'static str,
    /// The function that answers.
    pub handler: Option<Target>,
    /// Its name for people; `closure` for a closure.
    pub handler_name: Option<String>,
    /// A fallback, default service or opaque nested service.
    pub catch_all: bool,
    /// In which configurations.
    pub guards: Guards,
    /// What it passed through.
    pub marks: Vec<Mark>,
    /// The marked place.
    pub at: Place,
    /// How it came together.
    pub trail: Vec<Step>,
    /// Why method or path is not fully known.
    pub unresolved: Option<String>,
}

/// A call of one function of the tree by another (or a mention that lets it escape).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Caller.
    pub from: DefId,
    /// Callee.
    pub to: DefId,
    /// Where.
    pub at: Place,
}

/// All that evaluation found out.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// Every route of every server.
    pub registrations: Vec<Registration>,
    /// How many arms each condition has.
    pub arms: std::collections::BTreeMap<u32, u16>,
    /// Who calls whom.
    pub calls: Vec<Call>,
    /// What was not understood, by place.
    pub gaps: Vec<(Place, String)>,
}
