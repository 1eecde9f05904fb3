//! The partial evaluator. Knows no framework and no database; emits effects.
//!
//! Functions of the tree are evaluated with their arguments; what is known selects, what is not keeps alternatives.
//! Evaluation starts at the functions that nobody else calls and goes on until every function that can have an effect
//! (`relevance`) was entered, so that a router built in a function that is called in no way that was seen is still
//! found. It always ends: steps, call depth and alternatives have budgets, and a spent budget is a gap.

mod ahead;
mod alternatives;
mod arranged;
pub mod attribute;
mod base;
mod beside;
mod bind_each;
mod block_items;
mod branch;
mod call;
mod captured;
mod character;
mod closure;
mod compiled;
mod construct;
mod control;
mod conversion;
mod crowded;
mod cut;
pub mod data;
mod default;
mod dereference;
mod digest;
mod drawn;
mod dropped;
mod duplicate;
mod early;
pub mod effect;
mod elements;
mod endless;
mod enter;
mod entry;
mod escape;
mod expr;
mod external_gate;
mod extracted;
mod failing;
mod fields;
mod flatten;
mod folded;
mod format;
mod future;
mod gathered;
mod given_away;
pub mod guards;
mod impls;
mod indoc;
mod iterator;
mod join;
mod keyed;
mod keys;
mod lazy;
mod leave;
mod lend;
mod library;
mod linked;
mod lock;
mod locked;
mod loops;
mod loose;
mod lost_text;
mod macro_text;
mod many;
mod marks;
mod meanings;
mod memo;
mod memory;
pub mod method;
mod number;
mod of_type;
mod operator;
mod option;
mod outside;
mod outside_held;
mod parse;
mod parts;
mod passed;
mod path;
mod pattern;
mod place;
mod recent;
mod recursion;
mod relevance;
mod roots;
pub mod router;
mod running;
mod scope;
mod shared;
mod slices;
mod spec;
mod statement;
mod statics;
mod steps;
pub mod suppose;
mod tasks;
pub mod text;
mod text_changed;
mod text_parts;
mod text_search;
mod type_env;
mod types;
mod unknown_macro;
mod unseen;
pub mod value;
mod value_only;
mod views;
mod widen;
mod wrapped;

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use self::relevance::sql_words;
pub use self::{
    branch::{Eval, Flow},
    relevance::quiet::Quiet,
    types::gives_itself,
    value::target_of,
};
use self::{
    effect::{Call, Callable, Choices, Effects, Guards},
    router::{Frame, RouterKind},
    scope::Scope,
    statement::{Emitted, Running},
    value::{Cell, Closure, Value},
};
use crate::{
    link::{DefId, Program, Target, TypeEnv, types::Ty},
    source::{FileId, Place, Span},
    syntax::tree::{Block, Name},
};

/// Evaluation steps for one function that nobody calls, with all that it calls.
const STEPS_PER_ROOT: u64 = 4_000_000;
/// Steps for all of them; past that each gets just enough for its own body and what it calls directly.
const STEPS_IN_ALL: u64 = 24_000_000;
/// Steps for a function after that.
const STEPS_WHEN_SPENT: u64 = 20_000;

/// Bytes of bodies whose trees are kept, half of them at least.
const BODIES: usize = 1 << 19;

/// The state of one run.
pub struct Evaluator<'p> {
    pub(crate) program: &'p Program,
    pub(crate) include_tests: bool,
    packages: &'p [crate::discover::Package],
    declared: Declared<'p>,
    writers: FxHashMap<DefId, Option<crate::link::Target>>,
    pub(crate) scope: Scope,
    pub(crate) frame: Option<Rc<Frame>>,
    pub(crate) guards: Guards,
    pub(crate) expected: Option<Ty>,
    pub(crate) current: Place,
    /// What the last method was called on, where it is known not to be one that can be changed.
    fixed: Option<Cell>,
    branches: u32,
    lazy: lazy::Lazy,
    drops: dropped::Drops,
    log: Vec<(Cell, Value)>,
    left: leave::WaysOut,
    /// How often something was written to a place, or taken back.
    writes: u64,
    conditions: u32,
    /// How many arms each condition has.
    arms: std::collections::BTreeMap<u32, u16>,
    options: FxHashMap<String, u32>,
    /// The ways of the choices that frameworks make.
    ways: FxHashMap<u32, Vec<String>>,
    /// What the branches being evaluated suppose of watched values.
    supposed: Vec<Vec<suppose::Reading>>,
    /// What branches came to, for each service that is being evaluated.
    collected: Vec<suppose::Collected>,
    /// How often something was supposed.
    suppositions: u32,
    /// How many branches came to something.
    answers: u32,
    /// How many answers there were when something began to hold for the rest of the function.
    held: u32,
    /// The first function that the innermost branch calls, and whether it is given what is watched.
    first_call: Option<suppose::Called>,
    /// What frameworks keep in mind of definitions.
    noted: std::collections::BTreeMap<&'static str, BTreeSet<DefId>>,
    /// What frameworks read of the tree once.
    remembered: FxHashMap<&'static str, Rc<dyn std::any::Any>>,
    /// What has an attribute, by the attribute's last name.
    attributed: Option<Rc<FxHashMap<Name, Vec<DefId>>>>,
    steps: u64,
    /// What functions did by whether they failed.
    unsettled: failing::Unsettled,
    /// The oldest condition that was settled in the call under way which is to be remembered.
    settled: u32,
    /// Choices that were made by what is known.
    decided: u64,
    /// Elements that were taken out of known lists.
    taken: u64,
    /// Steps of the functions that were evaluated before.
    steps_before: u64,
    /// Steps spent in the calls of each function that came to nothing but a value.
    spent: FxHashMap<DefId, u64>,
    /// Functions in whose calls a writer ran, writers included.
    around_writers: FxHashSet<DefId>,
    /// The names in closures, by where these stand.
    named_in: FxHashMap<Place, captured::Named>,
    read_types: types::ReadTypes,
    budget: u64,
    value_only: value_only::ValueOnly,
    operations: u64,
    escaped: Vec<escape::Escaped>,
    /// Where what escapes goes to.
    destination: escape::Destination,
    /// What was made by frameworks whose routers are listed even if nothing of them is served.
    dropped: Vec<escape::Escaped>,
    /// The frameworks of which a server is started.
    served: BTreeSet<&'static str>,
    root: Option<DefId>,
    early: early::Early,
    entered: FxHashSet<DefId>,
    /// As [`Evaluator::look_into`] notes them.
    looked_into: RefCell<FxHashSet<DefId>>,
    active: Vec<DefId>,
    recursion: recursion::Recursion,
    /// How many ways there are down to the code being evaluated, through calls of which only the method's name is known.
    unsure_ways: usize,
    /// Ways through the calls within one another of one function or another, as choices decide.
    chosen_ways: usize,
    /// The functions and closures that are running, outermost first.
    running: Vec<Running>,
    /// The closures among them.
    rounds: Vec<Rc<Closure>>,
    calls: FxHashSet<Call>,
    choices: Choices,
    detached: BTreeSet<Callable>,
    /// Closures that were made, in order, until they are run.
    idle: std::collections::BTreeMap<u32, Rc<Closure>>,
    /// The number of each closure that was made; those that ran have none.
    made: FxHashMap<Callable, Option<u32>>,
    within: std::collections::BTreeMap<Place, DefId>,
    /// What made each closure that ran.
    makers: FxHashMap<Callable, Callable>,
    instances: RefCell<running::Instances>,
    queries: u32,
    /// Statements that are put together and not yet run, by number.
    drafts: std::collections::BTreeMap<u32, Emitted>,
    /// Statements, each once for each root.
    statements: Vec<Emitted>,
    met: statement::Met,
    memo: memo::Memo,
    seed: value::Seeded,
    /// SQL that was put into fields of structs of the tree.
    stored: FxHashMap<(DefId, Name), Vec<Value>>,
    gaps: BTreeSet<(Place, String)>,
    bodies: recent::Recent<(FileId, Span), Option<Rc<Block>>>,
    block_modules: block_items::BlockModules,
    /// Whether there is a second thread to parse bodies, and what it does.
    has_threads: bool,
    /// Whether what is evaluated next is a macro that stands as a statement.
    is_statement: bool,
    ahead: Option<ahead::Ahead>,
    macro_texts: macro_text::MacroTexts,
    constants: FxHashMap<DefId, Option<Value>>,
    statics: statics::Statics,
    of_types: of_type::OfTypes,
    linked: linked::Linked,
    /// Names and types of the fields of structs.
    fields: RefCell<FxHashMap<DefId, fields::Fields>>,
    /// The type parameters in scope in functions.
    envs: RefCell<FxHashMap<DefId, Rc<TypeEnv>>>,
}

/// What the contract says about names, as far as it matters to evaluation.
#[derive(Clone, Copy)]
pub struct Declared<'p> {
    /// The gate functions; the place of a route is sought outside them.
    pub gates: &'p [Gate],
    /// The writers as the contract names them.
    pub writers: &'p [String],
    /// Tells the writers; what runs inside one is noted.
    pub is_writer: &'p dyn Fn(&Target) -> bool,
    /// Constants to read as data: the registries.
    pub constants: &'p [DefId],
    /// What macros that register routes mean.
    pub route_macros: &'p [crate::contract::route_macro::RouteMacro],
}

/// A gate function as the contract names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// Where it takes its arguments, for one whose source is not in the tree.
    pub positions: Positions,
}

/// Where a function takes what it registers: 0-based arguments, the receiver of a method is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Positions {
    /// The HTTP method.
    pub method: Option<usize>,
    /// The path.
    pub route: Option<usize>,
    /// The handler.
    pub handler: Option<usize>,
    /// The operation's name.
    pub operation: Option<usize>,
}

/// Evaluates the whole program.
///
/// - `threads`: how many may run; what comes of it does not depend on that.
/// - `with_quiet`: whether it is asked which functions nothing came of.
pub fn evaluate<'p>(
    program: &'p Program,
    packages: &'p [crate::discover::Package],
    include_tests: bool,
    declared: Declared<'p>,
    threads: usize,
    with_quiet: bool,
) -> Effects {
    let nowhere = Place { file: FileId(0), span: Span::default() };
    let mut evaluator = Evaluator {
        program,
        include_tests,
        packages,
        declared,
        writers: FxHashMap::default(),
        scope: Scope::outermost(),
        frame: None,
        guards: Guards::default(),
        expected: None,
        current: nowhere,
        fixed: None,
        branches: 0,
        lazy: lazy::Lazy::default(),
        drops: dropped::Drops::default(),
        log: Vec::new(),
        left: leave::WaysOut::default(),
        writes: 0,
        conditions: 0,
        arms: std::collections::BTreeMap::new(),
        options: FxHashMap::default(),
        ways: FxHashMap::default(),
        supposed: Vec::new(),
        collected: Vec::new(),
        suppositions: 0,
        answers: 0,
        held: 0,
        first_call: None,
        noted: std::collections::BTreeMap::new(),
        remembered: FxHashMap::default(),
        attributed: None,
        steps: 0,
        unsettled: failing::Unsettled::default(),
        settled: u32::MAX,
        decided: 0,
        taken: 0,
        steps_before: 0,
        spent: FxHashMap::default(),
        around_writers: FxHashSet::default(),
        named_in: FxHashMap::default(),
        read_types: types::ReadTypes::default(),
        budget: STEPS_PER_ROOT,
        value_only: value_only::ValueOnly::default(),
        operations: 0,
        escaped: Vec::new(),
        destination: escape::Destination::default(),
        dropped: Vec::new(),
        served: BTreeSet::new(),
        root: None,
        early: early::Early::default(),
        entered: FxHashSet::default(),
        looked_into: RefCell::default(),
        active: Vec::new(),
        recursion: recursion::Recursion::default(),
        unsure_ways: 1,
        chosen_ways: 1,
        running: Vec::new(),
        rounds: Vec::new(),
        calls: FxHashSet::default(),
        choices: Choices::default(),
        detached: BTreeSet::new(),
        idle: std::collections::BTreeMap::new(),
        made: FxHashMap::default(),
        within: std::collections::BTreeMap::new(),
        makers: FxHashMap::default(),
        instances: RefCell::default(),
        queries: 0,
        drafts: std::collections::BTreeMap::new(),
        statements: Vec::new(),
        met: statement::Met::default(),
        memo: memo::Memo::default(),
        seed: value::Seeded::default(),
        stored: FxHashMap::default(),
        gaps: BTreeSet::new(),
        bodies: recent::Recent::new(BODIES),
        block_modules: block_items::BlockModules::default(),
        has_threads: threads > 1,
        is_statement: false,
        ahead: None,
        macro_texts: macro_text::MacroTexts::new(BODIES / 4),
        constants: FxHashMap::default(),
        statics: statics::Statics::default(),
        of_types: of_type::OfTypes::default(),
        linked: linked::Linked::default(),
        fields: RefCell::default(),
        envs: RefCell::default(),
    };
    let relevance = evaluator.run_roots(with_quiet);
    let constants = declared.constants.iter().map(|id| (*id, evaluator.constant_data(*id)));
    let constants = constants.collect();
    evaluator.root = None;
    for framework in crate::frameworks::FRAMEWORKS {
        framework.served(&mut evaluator);
    }
    let (registrations, servers) = evaluator.registrations();

    evaluator.run_what_is_left();
    let statements = evaluator.all_statements();
    let named = evaluator.writers.iter();
    let named = named.filter_map(|(def, named)| Some((Target::Item(*def), named.clone()?)));
    let mut writers: Vec<(Target, Target)> = named.collect();
    writers.sort();
    let read =
        |id: &DefId| evaluator.entered.contains(id) || evaluator.looked_into.borrow().contains(id);
    let quiet = with_quiet.then(|| Quiet::new(program, &relevance, read));
    Effects {
        quiet,
        writers,
        constants,
        servers,
        statements,
        entered: evaluator.entered_code(),
        detached: evaluator.detached.into_iter().collect(),
        within: evaluator.within,
        arms: std::mem::take(&mut evaluator.arms),
        registrations,
        calls: effect::in_order(evaluator.calls),
        choices: evaluator.choices,
        gaps: evaluator.gaps.into_iter().collect(),
    }
}

impl<'p> Evaluator<'p> {
    /// What the contract says of macros that register routes.
    pub fn route_macros(&self) -> &'p [crate::contract::route_macro::RouteMacro] {
        self.declared.route_macros
    }
}

impl Evaluator<'_> {
    /// Notes that something at `at` was not understood.
    pub fn gap_at(&mut self, at: Place, reason: &str) {
        let at = self.program.sources().real(at);
        self.gaps.insert((at, reason.to_owned()));
    }

    /// Notes that the expression being evaluated was not understood.
    pub fn gap_here(&mut self, reason: &str) {
        self.gap_at(self.current, reason);
    }

    /// The text that is being evaluated.
    pub fn file(&self) -> FileId {
        self.scope.file
    }

    /// A server of `framework` is started with what is in `value`.
    pub fn serve(&mut self, framework: &'static str, value: &Value) {
        self.served.insert(framework);
        self.let_serve(value);
    }
}
