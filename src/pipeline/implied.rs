//! Calls that are written nowhere: a method of an impl of a trait from outside the tree is called by an operator, a
//! derive or a library as well as by its name, so that a call by name does not tell where else it runs.
//!
//! `a == b`, `write!(out, …)`, `rows.sum()` and `serde_json::to_string(&receipt)` run code of the tree with no call of it
//! in sight, and a list of what may run what would never be whole. One thing holds for all of them: it takes a value of
//! the type that the impl is for (or its type, for what has no receiver), and safe code comes by one only where the type
//! is named, in what it runs, in what called it or in what that runs. So whoever names the type, or what holds it, may run
//! all such methods of it: a closure that a writer is given and that makes the value runs them inside, a handler that
//! names it runs them outside. These calls count for one question only, what runs outside a writer; what a handler reaches
//! would be too much by far, since every handler names the state of its application.
//!
//! What is called by nobody stays a way in, except where a value cannot leave the writer that it was made in (it borrows
//! from the transaction, or there is none since the method has no receiver): then those that name it are its callers.
//! Not seen is a value that borrows nothing, is named inside a writer alone, is called by name there and is used by an
//! operator after it came back from the writer.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use rustc_hash::{FxHashMap, FxHashSet};

use super::attributes;
use crate::{
    calls::{CallGraph, ImpliedCall, Leading},
    evaluate::effect::{Callable, Saying, Statement},
    link::{DefId, DefKind, FunctionPlaces, Program, Target, types::Ty},
    source::{FileId, Place, Span},
    syntax::{
        names::{Named, Words, named},
        tree::{ItemKind, Name},
    },
};

/// Names by which one type may be meant; with more than these its methods are ways in.
const MOST_NAMES: usize = 256;

/// What is implied.
#[derive(Debug, Default)]
pub(super) struct Implied {
    /// The calls.
    pub(super) calls: Vec<ImpliedCall>,
    /// What may be called from anywhere.
    pub(super) starts: Vec<Callable>,
}

impl Implied {
    /// What is implied by something else too.
    fn extend(&mut self, more: Self) {
        self.calls.extend(more.calls);
        self.starts.extend(more.starts);
    }
}

/// Methods that are run with values of one type.
#[derive(Debug, Default)]
struct Methods {
    /// Each with whether those that name the type are all that call it.
    all: Vec<(DefId, bool)>,
}

/// The calls of what leads to a statement that nothing writes down.
///
/// - `entered`: what was evaluated.
pub(super) fn implied(
    program: &Program,
    graph: &CallGraph,
    entered: &[Callable],
    statements: &[Statement],
) -> Implied {
    let leading = graph.leading(statements.iter().flat_map(run_by));
    let mut implied = of_methods(program, graph, entered, &leading);
    implied.extend(attributes::implied(program, graph, &leading));
    implied
}

/// The calls that the methods of outside traits are implied to get, of those that lead to a statement.
///
/// - `entered`: what was evaluated.
/// - `leading`: what leads to a statement.
fn of_methods(
    program: &Program,
    graph: &CallGraph,
    entered: &[Callable],
    leading: &Leading,
) -> Implied {
    let mut implied = Implied::default();
    let functions = entered.iter().filter_map(|callable| match callable {
        Callable::Fn(id, _) => Some(*id),
        Callable::Closure(..) => None,
    });
    let methods: BTreeSet<DefId> =
        functions.filter(|id| block_of_outside_trait(program, *id).is_some()).collect();
    if methods.is_empty() {
        return implied;
    }
    let mut types: BTreeMap<Vec<DefId>, Methods> = BTreeMap::new();
    for id in methods.into_iter().filter(|id| graph.leads(Callable::function(*id), leading)) {
        let Some(block) = block_of_outside_trait(program, id) else { continue };
        let of = types_of(program, block);
        let stays = !takes_value(program, id) || of.iter().any(|of| borrows(program, *of));
        types.entry(of).or_default().all.push((id, stays));
    }
    if types.is_empty() {
        return implied;
    }
    let mut text = Texts::new(program, entered, graph);
    for (of, methods) in types {
        let mut wide = of.is_empty();
        let callers = if wide { BTreeMap::new() } else { text.callers(&of, &mut wide) };
        for (to, stays) in methods.all {
            let to = Callable::function(to);
            if wide {
                implied.starts.push(to);
                continue;
            }
            let calls = callers.iter().filter(|(from, _)| **from != to);
            let calls = calls.map(|(from, at)| ImpliedCall { from: *from, to, at: *at, stays });
            implied.calls.extend(calls);
        }
    }
    implied
}

/// What runs a statement, or gave it its text.
fn run_by(statement: &Statement) -> Vec<Callable> {
    let mut all = vec![statement.origin.by];
    if let Saying::Sql { pieces, .. } = &statement.saying {
        all.extend(pieces.iter().map(|(_, origin)| origin.by));
    }
    all
}

/// The impl around a method, where that is of a trait that is not of the tree.
fn block_of_outside_trait(program: &Program, id: DefId) -> Option<DefId> {
    let block = program.def(id).parent?;
    let def = program.def(block);
    let ItemKind::Impl(item) = &def.item.kind else { return None };
    item.of_trait.as_ref()?;
    (!matches!(program.trait_of(block), Some(Target::Item(_)))).then_some(block)
}

/// The types of the tree that an impl is for, or else those that its trait is given.
fn types_of(program: &Program, block: DefId) -> Vec<DefId> {
    let mut found = BTreeSet::new();
    if let Some(of) = program.self_type(block) {
        collect(&of, &mut found);
    }
    for of in program.other_types(block) {
        collect(&of, &mut found);
    }
    if found.is_empty()
        && let ItemKind::Impl(item) = &program.def(block).item.kind
    {
        let module = program.def(block).module;
        let env = program.type_env(block);
        let given = item.of_trait.iter().flat_map(|path| &path.segments);
        for ty in given.flat_map(|segment| &segment.args) {
            collect(&program.resolve_type(module, ty, &env), &mut found);
        }
    }
    found.into_iter().collect()
}

fn collect(ty: &Ty, into: &mut BTreeSet<DefId>) {
    match ty {
        Ty::Def(id, args) => {
            into.insert(*id);
            for arg in args {
                collect(arg, into);
            }
        }
        Ty::External(_, args) | Ty::AnyOf(_, args) | Ty::Tuple(args) => {
            for arg in args {
                collect(arg, into);
            }
        }
        Ty::Slice(of) => collect(of, into),
        Ty::Dyn(bounds) | Ty::Impl(bounds) => {
            for bound in bounds {
                if let Target::Item(id) = &bound.of {
                    into.insert(*id);
                }
            }
        }
        _ => {}
    }
}

fn takes_value(program: &Program, method: DefId) -> bool {
    matches!(&program.def(method).item.kind, ItemKind::Fn(item) if item.receiver.is_some())
}

/// Whether a type has a lifetime, so that its values hold what they borrow.
fn borrows(program: &Program, id: DefId) -> bool {
    let def = program.def(id);
    let text = program.text(def.file);
    let after = text.get(def.item.name_span.end as usize..).unwrap_or_default().trim_start();
    after.strip_prefix('<').is_some_and(|params| params.trim_start().starts_with('\''))
}

/// The names that stand in a text by their words, each in order.
fn by_word(text: &str) -> FxHashMap<Name, Vec<Named>> {
    let mut all: FxHashMap<Name, Vec<Named>> = FxHashMap::default();
    for one in named(text) {
        let word = one.span.of(text);
        all.entry(word.strip_prefix("r#").unwrap_or(word).into()).or_default().push(one);
    }
    all
}

/// Where a name stands, each with what it is renamed to there.
type Mentions = Rc<[(Place, Option<Name>)]>;

/// The texts of a program, asked for names.
struct Texts<'p> {
    program: &'p Program,
    functions: FunctionPlaces,
    /// What was evaluated.
    entered: FxHashSet<Callable>,
    /// The closures that were, by their place on disk.
    closures: FxHashMap<FileId, Vec<(Span, Callable)>>,
    /// Items that are no functions, by their place on disk.
    items: FxHashMap<FileId, Vec<(Span, DefId)>>,
    /// The arguments of macros among items of which nothing is known.
    unknown: Vec<Place>,
    files: Vec<(FileId, Words)>,
    /// The names that stand in a file, by their words, without the `r#` of a raw one.
    named: FxHashMap<FileId, FxHashMap<Name, Vec<Named>>>,
    /// What was asked for already: where a name stands, and what it is renamed to there.
    found: FxHashMap<Name, Mentions>,
}

/// The names by which one type may be meant.
#[derive(Default)]
struct Names {
    known: BTreeSet<Name>,
    open: Vec<Name>,
}

impl Names {
    fn add(&mut self, name: &str) {
        if !name.is_empty() && name != "_" && self.known.insert(name.into()) {
            self.open.push(name.into());
        }
    }

    /// The name of an item, and those by which its variants may be imported.
    fn add_item(&mut self, program: &Program, id: DefId) {
        let def = program.def(id);
        self.add(&def.name);
        if let ItemKind::Enum { variants, .. } = &def.item.kind {
            for variant in variants {
                self.add(&variant.name);
            }
        }
    }
}

impl<'p> Texts<'p> {
    fn new(program: &'p Program, entered: &[Callable], graph: &CallGraph) -> Self {
        let sources = program.sources();
        let mut closures: FxHashMap<FileId, Vec<(Span, Callable)>> = FxHashMap::default();
        for callable in entered {
            if let Callable::Closure(at, _) = callable
                && graph.function(*callable).is_some()
            {
                let Place { file, span } = sources.real(*at);
                closures.entry(file).or_default().push((span, *callable));
            }
        }
        let mut items: FxHashMap<FileId, Vec<(Span, DefId)>> = FxHashMap::default();
        for id in program.defs() {
            let def = program.def(id);
            if !matches!(def.kind, DefKind::Fn | DefKind::Method) {
                let Place { file, span } =
                    sources.real(Place { file: def.file, span: def.item.span });
                items.entry(file).or_default().push((span, id));
            }
        }
        let notes = program.notes();
        let unknown =
            notes.item_macros.iter().map(|one| Place { file: one.file, span: one.call.args });
        Self {
            program,
            functions: FunctionPlaces::new(program),
            entered: entered.iter().copied().collect(),
            closures,
            items,
            unknown: unknown.map(|at| sources.real(at)).collect(),
            files: program
                .reached_files()
                .into_iter()
                .map(|(_, file)| (file, Words::of(&program.text(file))))
                .collect(),
            named: FxHashMap::default(),
            found: FxHashMap::default(),
        }
    }

    /// What names one of some types, each with the first place where it does.
    ///
    /// - `wide`: set where that cannot be told.
    fn callers(&mut self, of: &[DefId], wide: &mut bool) -> BTreeMap<Callable, Place> {
        let mut names = Names::default();
        for id in of {
            names.add_item(self.program, *id);
        }
        let mut callers = BTreeMap::new();
        while let Some(name) = names.open.pop() {
            if names.known.len() > MOST_NAMES {
                *wide = true;
                break;
            }
            for (at, renamed) in self.places(&name).iter() {
                names.add(renamed.as_deref().unwrap_or_default());
                *wide |= self
                    .unknown
                    .iter()
                    .any(|one| one.file == at.file && one.span.contains(at.span));
                self.meet(of, *at, &mut names, &mut callers);
            }
        }
        callers
    }

    /// Where a name stands, and what it is renamed to there.
    fn places(&mut self, name: &Name) -> Mentions {
        if let Some(found) = self.found.get(name) {
            return found.clone();
        }
        let mut found = Vec::new();
        for (file, words) in &self.files {
            if !words.may_hold(name) {
                continue;
            }
            let text = self.program.text(*file);
            let all = self.named.entry(*file).or_insert_with(|| by_word(&text));
            for one in all.get(name).into_iter().flatten() {
                let renamed = one.renamed.map(|renamed| Name::from(renamed.of(&text)));
                found.push((Place { file: *file, span: one.span }, renamed));
            }
        }
        let found = Mentions::from(found);
        self.found.insert(name.clone(), found.clone());
        found
    }

    /// A name of a type stands at `at`: in what runs, or in an item that holds it.
    fn meet(
        &self,
        of: &[DefId],
        at: Place,
        names: &mut Names,
        callers: &mut BTreeMap<Callable, Place>,
    ) {
        let function = self.functions.at(at);
        let items = self.items.get(&at.file).into_iter().flatten();
        let around = items.filter(|(span, _)| span.contains(at.span));
        if let Some((span, item)) = around.min_by_key(|(span, _)| span.len()) {
            let inner = function.is_none_or(|function| self.span(function).contains(*span));
            if inner {
                self.meet_item(*item, names);
            }
        }
        let Some(function) = function else { return };
        let program = self.program;
        let block = program.def(function).parent;
        let self_types = block.map(|block| types_of(program, block)).unwrap_or_default();
        if takes_value(program, function) && self_types.iter().any(|one| of.contains(one)) {
            // Who runs it has the value already.
            return;
        }
        if self.entered.contains(&Callable::function(function)) {
            let closures = self.closures.get(&at.file).into_iter().flatten();
            let within = self.span(function);
            let closures = closures
                .filter(|(span, _)| span.contains(at.span) && within.contains(*span))
                .min_by_key(|(span, _)| span.len());
            let caller = closures.map_or(Callable::function(function), |(_, closure)| *closure);
            callers.entry(caller).or_insert(at);
        } else if self_types.is_empty() {
            names.add(&program.def(function).name);
        } else {
            // What was not evaluated may give such a value to whoever calls it, and that one names its type.
            for one in self_types {
                names.add_item(program, one);
            }
        }
    }

    fn meet_item(&self, item: DefId, names: &mut Names) {
        let def = self.program.def(item);
        let block = match def.kind {
            DefKind::Impl => Some(item),
            DefKind::AssocType | DefKind::AssocConst => def.parent,
            _ => None,
        };
        match block {
            Some(block) => {
                let of = self.program.self_type(block);
                let mut types = BTreeSet::new();
                if let Some(of) = &of {
                    collect(of, &mut types);
                }
                for one in types {
                    names.add_item(self.program, one);
                }
            }
            None => names.add_item(self.program, item),
        }
    }

    /// Where a function is on disk.
    fn span(&self, function: DefId) -> Span {
        let def = self.program.def(function);
        self.program.sources().real(Place { file: def.file, span: def.item.span }).span
    }
}
