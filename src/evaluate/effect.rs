//! What evaluation found out: the only thing later stages read.

use std::{collections::BTreeSet, fmt, rc::Rc};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

pub use super::guards::{Guard, Guards};
use super::relevance::quiet::Quiet;
use crate::{
    link::{DefId, Target},
    source::Place,
    sql::{Dialect, Operation, Receiver},
    word::Word,
};

/// How a route passed through something that may be a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Argument {
    /// Parameter or field name.
    pub name: String,
    /// Last name of its declared type.
    pub ty: String,
    /// Value.
    pub value: String,
}

/// One step from the registration to the server, innermost first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Step {
    /// `nested under /api here`, `handler`, …
    pub message: String,
    /// Where.
    pub at: Place,
}

/// One route of one server in one set of configurations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Registration {
    /// The root that serves it; routes of different servers are no duplicates of each other.
    pub server: u32,
    /// Upper-case method, `ANY`, or unknown.
    #[serde(with = "crate::word::optional")]
    pub method: Option<Word>,
    /// Full path, `{name}` and `{*name}`, `{?}` for an unknown segment; unknown when nothing of it is known.
    pub path: Option<String>,
    /// `axum`, `actix-web`, …
    #[serde(with = "crate::word")]
    pub framework: Word,
    /// The function that answers.
    pub handler: Option<Target>,
    /// What runs when a request comes.
    pub runs: Option<Callable>,
    /// What else runs then: its layers, what makes the parameters of its handler.
    pub beside: Vec<Beside>,
    /// Its name for people; `closure` for a closure.
    pub handler_name: Option<String>,
    /// A fallback or default service. An opaque nested service is a route like any other.
    pub catch_all: bool,
    /// It answers in place of an error: no route unless it reaches a write.
    pub catches: bool,
    /// In which configurations.
    pub guards: Guards,
    /// What it passed through.
    pub marks: Vec<Mark>,
    /// The marked place.
    pub at: Place,
    /// How it came together.
    pub trail: Vec<Step>,
    /// Why method or path is not fully known.
    pub unresolved: Option<Unresolved>,
}

/// What is not known of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unresolved {
    /// Its method.
    Method,
    /// Its path, or a part of it.
    Path,
    /// Nothing but the base that its server is mounted under.
    Base,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "its method is not known",
            Self::Path => "part of its path is not known",
            Self::Base => "the base that its server is mounted under is not known",
        })
    }
}

/// Something that runs code of the tree: what the call graph is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Callable {
    /// A function or method.
    Fn(DefId, Instance),
    /// A closure or `async` block, by its place.
    Closure(Place, Instance),
}

impl Callable {
    /// A function or method, with whatever types it runs.
    pub const fn function(def: DefId) -> Self {
        Self::Fn(def, Instance::ANY)
    }

    /// A closure or `async` block, with whatever types it runs.
    pub const fn closure(at: Place) -> Self {
        Self::Closure(at, Instance::ANY)
    }

    /// The types that it runs with.
    pub const fn instance(self) -> Instance {
        match self {
            Self::Fn(_, instance) | Self::Closure(_, instance) => instance,
        }
    }

    /// The same code, with whatever types it runs.
    #[must_use]
    pub const fn of_any(self) -> Self {
        match self {
            Self::Fn(def, _) => Self::function(def),
            Self::Closure(at, _) => Self::closure(at),
        }
    }
}

/// The types that generic code runs with, by number: `store::<Note>` calls and writes what `store::<Payment>` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instance(u32);

impl Instance {
    /// Those of code that is not generic, and any types of code that is.
    pub const ANY: Self = Self(u32::MAX);

    /// The instance with a number of its own. What is known of those comes before what is said of any.
    pub(super) const fn new(number: u32) -> Self {
        Self(number)
    }
}

/// What runs with a route and is not its handler.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Beside {
    /// It.
    pub runs: Callable,
    /// What it belongs to, as a contract would name that: a layer, the type of a parameter, a function.
    pub of: Option<Target>,
    /// What puts it there.
    pub at: Place,
}

/// One callable may run another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// Caller. For a closure that was handed on it is the callable that made it, so that a function which runs what it
    /// is given does not tie its callers together.
    pub from: Callable,
    /// Callee.
    pub to: Callable,
    /// Where.
    pub at: Place,
    /// Functions that the contract names as writers and that ran between `from` and `to`.
    pub through: Vec<Target>,
    /// Whether the callee is known, and not just one of the methods of that name.
    pub sure: bool,
}

/// The calls that were met, in order.
pub(super) fn in_order(calls: FxHashSet<Call>) -> Vec<Call> {
    let mut calls: Vec<Call> = calls.into_iter().collect();
    calls.sort_unstable();
    calls
}

/// Calls of which only a set of callees is known. Callers are many and so are the callees: each set is kept once.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The sets of callees, each in order and none empty.
    pub sets: Vec<Rc<[Callable]>>,
    /// The calls, in order.
    pub calls: BTreeSet<Choice>,
    numbers: FxHashMap<Rc<[Callable]>, usize>,
}

/// One callable may run any of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// Caller.
    pub from: Callable,
    /// Where.
    pub at: Place,
    /// The set, by number.
    pub set: usize,
    /// As in [`Call`].
    pub sure: bool,
}

impl Choices {
    /// Notes that `from` runs any of `to`.
    pub fn add(&mut self, from: Callable, mut to: Vec<Callable>, at: Place, sure: bool) {
        to.sort_unstable();
        to.dedup();
        if to.is_empty() {
            return;
        }
        let to: Rc<[Callable]> = to.into();
        let set = *self.numbers.entry(to).or_insert_with_key(|to| {
            self.sets.push(Rc::clone(to));
            self.sets.len() - 1
        });
        self.calls.insert(Choice { from, at, set, sure });
    }
}

/// Where a statement, or a piece of its text, comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// What runs it, or gave the text.
    pub by: Callable,
    /// The call there.
    pub at: Place,
    /// Writers that ran between it and the statement.
    pub through: Vec<Target>,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Saying {
    /// SQL text in pieces; an unknown piece has no text.
    Sql {
        /// The pieces, in order.
        pieces: Vec<(Option<String>, Origin)>,
        /// The dialect of the database, where the library tells.
        dialect: Option<Dialect>,
        /// Whether it was given to a call that is known to take SQL.
        receiver: Receiver,
    },
    /// A write that a library puts together.
    Table {
        /// What it does.
        operation: Operation,
        /// The table's name as SQL writes it; unknown when it is built at run time.
        table: Option<String>,
    },
}

/// On what a statement runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunsOn {
    /// A pool: each statement on a connection of its own.
    Pool,
    /// A connection or transaction that was opened there.
    Opened(Place),
    /// Something that was handed in, or that is not known.
    Other,
}

/// One statement that a database is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Statement {
    /// `sqlx`, `diesel`, …; `unknown` for a function of which nothing is known.
    pub library: &'static str,
    /// What it says.
    pub saying: Saying,
    /// Where it runs.
    pub origin: Origin,
    /// On what.
    pub on: RunsOn,
}

/// All that evaluation found out.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// Every route of every server.
    pub registrations: Vec<Registration>,
    /// The function that each server was found from, by its number.
    pub servers: Vec<Option<DefId>>,
    /// How many arms each condition has.
    pub arms: std::collections::BTreeMap<u32, u16>,
    /// Who calls whom.
    pub calls: Vec<Call>,
    /// Who calls one of several.
    pub choices: Choices,
    /// Callables that start on their own: detached tasks.
    pub detached: Vec<Callable>,
    /// Every function and closure that was entered.
    pub entered: Vec<Callable>,
    /// Functions of which nothing came, where that was asked.
    pub quiet: Option<Quiet>,
    /// The function that each closure stands in.
    pub within: std::collections::BTreeMap<Place, DefId>,
    /// The functions of the tree that are writers, with the target that the contract names.
    pub writers: Vec<(Target, Target)>,
    /// Every statement that a database is given.
    pub statements: Vec<Statement>,
    /// The constants that were asked for, as data.
    pub constants: std::collections::BTreeMap<DefId, super::data::Data>,
    /// What was not understood, by place.
    pub gaps: Vec<(Place, String)>,
}
