//! What a gate of the contract is in the tree.

use crate::{
    contract::Contract,
    evaluate::effect::MarkKind,
    link::{
        Def, DefId, DefKind, Program, Target,
        types::{Bound, Ty},
    },
    rules::judgement::gate_entries,
    syntax::tree::{FnItem, ItemKind, Pat},
};

/// What kind of item a gate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateKind {
    /// Nothing in the tree, and no path into a crate outside of it.
    Nothing,
    /// An item of a crate that is not in the tree.
    Outside,
    /// A function or a function of a trait, with its parameters.
    Function(Vec<Argument>),
    /// A method or associated function of a type.
    Method,
    /// A struct with fields.
    Type,
    /// Any other type, trait or macro.
    Item,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name; empty for a pattern, `self` for a receiver.
    pub name: String,
    /// The last name of its type or, for one that is generic, of its first bound; empty for a type without one.
    pub ty: String,
    /// The crate of that type, unless it is of the tree or built in.
    pub krate: Option<String>,
    /// Whether it is to be called.
    pub is_callable: bool,
}

/// An entry of a class's gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateItem {
    /// The class.
    pub class: String,
    /// How it gates.
    pub mark: MarkKind,
    /// As the contract names it.
    pub name: String,
    /// Its full path.
    pub path: String,
    /// What it is.
    pub kind: GateKind,
}

/// A writer of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterItem {
    /// The class.
    pub class: String,
    /// As the contract names it.
    pub name: String,
    /// Its full path.
    pub path: String,
    /// What it is.
    pub kind: GateKind,
}

/// What the names of a contract are in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items {
    /// Its gates.
    pub gates: Vec<GateItem>,
    /// Its writers.
    pub writers: Vec<WriterItem>,
}

/// What the gates and writers of a contract are in the tree.
pub fn items(contract: &Contract, program: &Program) -> Items {
    let mut items = Items::default();
    for class in &contract.classes {
        for (mark, name) in gate_entries(class) {
            let (path, kind) = meaning(program, &name.path);
            let (class, name) = (class.name.clone(), name.path.clone());
            items.gates.push(GateItem { class, mark, name, path, kind });
        }
        for name in &class.writers {
            let (path, kind) = meaning(program, &name.path);
            let (class, name) = (class.name.clone(), name.path.clone());
            items.writers.push(WriterItem { class, name, path, kind });
        }
    }
    items
}

/// The functions of the tree that are given something to call, of those whose name is `wanted`, by their paths.
pub fn runners(program: &Program, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let runs = |id: DefId| {
        let def = program.def(id);
        let ItemKind::Fn(function) = &def.item.kind else { return None };
        let called = wanted(&def.name)
            && arguments(program, id, &def, function).iter().any(|one| one.is_callable);
        called.then(|| def.path.to_string())
    };
    program.defs().into_iter().filter_map(runs).collect()
}

fn meaning(program: &Program, name: &str) -> (String, GateKind) {
    match program.contract_name(name).first() {
        None => (name.to_owned(), GateKind::Nothing),
        Some(Target::External(path)) => (path.to_string(), GateKind::Outside),
        Some(Target::Item(id)) => {
            let def = program.def(*id);
            let parent = def.parent.map(|parent| program.def(parent).kind);
            let kind = match (&def.item.kind, def.kind) {
                (ItemKind::Fn(function), DefKind::Fn) => {
                    GateKind::Function(arguments(program, *id, &def, function))
                }
                (ItemKind::Fn(function), DefKind::Method) if parent == Some(DefKind::Trait) => {
                    GateKind::Function(arguments(program, *id, &def, function))
                }
                (_, DefKind::Method) => GateKind::Method,
                (ItemKind::Struct { fields, .. }, _) if !fields.is_empty() => GateKind::Type,
                _ => GateKind::Item,
            };
            (def.path.to_string(), kind)
        }
    }
}

fn arguments(program: &Program, id: DefId, def: &Def, function: &FnItem) -> Vec<Argument> {
    let env = program.type_env(id);
    let receiver = function.receiver.as_ref().map(|_| Argument {
        name: "self".to_owned(),
        ty: "Self".to_owned(),
        krate: None,
        is_callable: false,
    });
    let params = function.params.iter().map(|param| {
        let name = match &param.pat {
            Pat::Bind { name, .. } => name.to_string(),
            _ => String::new(),
        };
        let ty = param.ty.as_ref().map(|ty| program.resolve_type(def.module, ty, &env));
        let (path, is_callable) = ty.map(|ty| named(program, id, &ty)).unwrap_or_default();
        let krate = path.split_once("::").map(|(krate, _)| krate.to_owned());
        let ty = path.rsplit(':').next().unwrap_or_default().to_owned();
        Argument { name, ty, krate, is_callable }
    });
    receiver.into_iter().chain(params).collect()
}

/// The path of a type, of what is told of one by its first bound, and whether that can be called.
fn named(program: &Program, id: DefId, ty: &Ty) -> (String, bool) {
    let bounded = |bounds: &[Bound]| {
        let path = |bound: &Bound| match &bound.of {
            Target::External(path) => path.to_string(),
            Target::Item(def) => program.def(*def).path.to_string(),
        };
        let all: Vec<String> = bounds.iter().map(path).collect();
        let is_callable = all.iter().any(|path| {
            matches!(
                path.rsplit(':').next(),
                Some(
                    "Fn" | "FnMut" | "FnOnce" | "AsyncFn" | "AsyncFnMut" | "AsyncFnOnce" | "Future"
                )
            )
        });
        (all.into_iter().next().unwrap_or_default(), is_callable)
    };
    match ty {
        Ty::External(path, args) => match (path.rsplit(':').next(), args.first()) {
            (Some("Box" | "Arc" | "Rc" | "Pin"), Some(inner)) => named(program, id, inner),
            _ => (path.to_string(), false),
        },
        Ty::Def(def, _) => (program.def(*def).path.to_string(), false),
        Ty::Primitive(name) => (name.to_string(), false),
        Ty::Fn(..) => (String::new(), true),
        Ty::Dyn(bounds) | Ty::Impl(bounds) => bounded(bounds),
        Ty::Param(param) => bounded(&program.bounds(id, param)),
        _ => (String::new(), false),
    }
}

impl GateItem {
    /// The crate it is of.
    pub(super) fn krate(&self) -> &str {
        krate(&self.path)
    }

    /// Its last name.
    pub(super) fn last(&self) -> &str {
        self.path.rsplit(':').next().unwrap_or(&self.path)
    }

    /// Its path as the crate `home` writes it.
    pub(super) fn path_in(&self, home: &str) -> String {
        path_in(&self.path, home)
    }
}

impl Items {
    /// The crates of the gates and writers of a class, one for each.
    pub(super) fn crates_of(&self, class: &str) -> impl Iterator<Item = &str> {
        let gates = self.gates.iter().filter(move |gate| gate.class == class);
        let writers = self.writers.iter().filter(move |writer| writer.class == class);
        gates.map(GateItem::krate).chain(writers.map(|writer| krate(&writer.path)))
    }
}

fn krate(path: &str) -> &str {
    path.split(':').next().unwrap_or(path)
}

/// A path as the crate `home` writes it.
pub(super) fn path_in(path: &str, home: &str) -> String {
    match path.split_once("::") {
        Some((first, rest)) if first == home => format!("crate::{rest}"),
        _ => path.to_owned(),
    }
}
