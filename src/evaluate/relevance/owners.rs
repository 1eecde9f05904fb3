//! Methods by the types and traits that have them.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    super::{future::is_of_futures, roots::body},
    Node, Scopes,
    mentions::is_of_library,
};
use crate::{
    databases,
    discover::TargetKind,
    link::{Def, DefId, DefKind, Head, Namespace, Program, Resolution, Target, Ty},
    source::Span,
    syntax::tree::{Body, ItemKind, Name, TypeRef, ident_hash},
};

/// The traits of `std` by which a value of one type becomes one of another.
const CONVERSIONS: [&str; 4] =
    ["std::convert::From", "std::convert::TryFrom", "std::convert::Into", "std::convert::TryInto"];

/// What a value of a type or trait brings with it.
#[derive(Debug, Default)]
pub(super) struct Owner {
    /// What is called by name, by the hash of it.
    pub(super) named: Vec<(u32, Node)>,
    /// What is called without being named.
    pub(super) called: Vec<Node>,
    /// Conversions into it, by the hash of a name: they are called by what holds the other type too.
    pub(super) converted: Vec<(u32, Node, Node)>,
    /// Types and traits that come with it.
    pub(super) types: Vec<Node>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Owners {
    of: FxHashMap<Node, Owner>,
    /// What every type may have.
    pub(super) of_all: FxHashMap<u32, Vec<Node>>,
    /// The nodes of [`CONVERSIONS`].
    pub(super) conversions: Vec<Node>,
}

impl Owners {
    pub(super) fn new(
        program: &Program,
        defs: &[(DefId, Rc<Def>)],
        scopes: &mut Scopes<'_>,
    ) -> Self {
        let conversions = CONVERSIONS.map(|path| scopes.outside(&path.into())).to_vec();
        let mut all = Self { conversions, ..Self::default() };
        let mut members: FxHashMap<DefId, Vec<(DefId, Rc<Def>)>> = FxHashMap::default();
        for (id, def) in defs {
            if let Some(parent) = def.parent {
                members.entry(parent).or_default().push((*id, Rc::clone(def)));
            }
        }
        let of = |id: DefId| members.get(&id).map_or(&[][..], Vec::as_slice);
        all.add_hidden_in_macros(program, defs);
        for (id, def) in defs {
            if let Some(body) = body(def) {
                all.add_hidden(program, *id, def, body);
            }
            match &def.item.kind {
                ItemKind::Trait { .. } => all.add_trait(program, scopes, *id, &of),
                ItemKind::Impl(_) => all.add_impl(program, scopes, *id, of),
                _ => {}
            }
        }
        all
    }

    pub(super) fn get(&self, node: Node) -> Option<&Owner> {
        self.of.get(&node)
    }

    /// A value of which only the trait is known may be of any type that has it.
    fn add_trait<'m>(
        &mut self,
        program: &Program,
        scopes: &mut Scopes<'_>,
        id: DefId,
        members: &dyn Fn(DefId) -> &'m [(DefId, Rc<Def>)],
    ) {
        let owner = self.of.entry(id.0).or_default();
        let impls = program.impls_of_trait(id);
        for block in std::iter::once(id).chain(impls) {
            for (member, def) in members(block) {
                let name = ident_hash(&def.name);
                if def.kind == DefKind::AssocType && block == id {
                    scopes.comes_by_name(name, member.0);
                }
                owner.named.push((name, member.0));
            }
        }
        for upper in program.supertraits(id) {
            if let Target::Item(upper) = upper {
                owner.types.push(upper.0);
            }
        }
    }

    fn add_impl<'m>(
        &mut self,
        program: &Program,
        scopes: &mut Scopes<'_>,
        id: DefId,
        members: impl Fn(DefId) -> &'m [(DefId, Rc<Def>)],
    ) {
        let of_trait = program.trait_of(id);
        let implicit = matches!(&of_trait, Some(Target::External(path))
            if path.starts_with("std::") || is_of_futures(path));
        let is_unnamed = matches!(&of_trait, Some(Target::External(path)) if is_unnamed(path));
        let ty = program.self_type(id);
        let def = program.def(id);
        let unknown = match &def.item.kind {
            ItemKind::Impl(block) if matches!(ty, Some(Ty::Unknown | Ty::AnyOf(..))) => {
                last_name(&block.self_ty)
            }
            _ => None,
        };
        let head = ty.and_then(|ty| ty.head());
        let mut named: Vec<(u32, Node)> = Vec::new();
        let (mut called, mut types) = (Vec::new(), Vec::new());
        let mut parts = Vec::new();
        if implicit && let Some(all) = arguments(program, id) {
            types_of_tree(&all, &mut parts);
        }
        let own: FxHashSet<&str> = members(id).iter().map(|(_, def)| def.name.as_str()).collect();
        let defaults = match &of_trait {
            Some(Target::Item(of_trait)) => members(*of_trait),
            _ => &[],
        };
        // What uses these types spells their names: code of the tree, or calls of the library.
        let spelled = match &of_trait {
            Some(Target::Item(_)) => true,
            Some(Target::External(path)) => is_of_database(path),
            None => false,
        };
        let defaults = defaults.iter().filter(|(_, def)| !own.contains(def.name.as_str()));
        for (member, def) in members(id).iter().chain(defaults) {
            if def.kind == DefKind::AssocType && spelled {
                scopes.comes_by_name(ident_hash(&def.name), member.0);
                named.push((ident_hash(&def.name), member.0));
            } else if def.kind == DefKind::AssocType {
                types.push(member.0);
            } else if implicit {
                if is_unnamed {
                    called.push(member.0);
                }
                // Named, what it gives counts too; what is converted gives all types of the impl.
                for name in [def.name.as_str(), other_name(&def.name)] {
                    named.push((ident_hash(name), member.0));
                    named.extend(parts.iter().map(|ty| (ident_hash(name), *ty)));
                }
            } else {
                named.push((ident_hash(&def.name), member.0));
            }
        }
        // Whoever converts holds what is converted, and so does generic code of which only the target is known; much can
        // be converted into one error.
        let converts = matches!(&of_trait, Some(Target::External(path))
            if matches!(&**path, "std::convert::From" | "std::convert::TryFrom"));
        if implicit
            && let Some(Target::External(path)) = &of_trait
            && !(converts && matches!(head, Some(Head::Item(_))))
        {
            // Generic code knows the trait alone.
            for path in [&**path, other_trait(path)] {
                let of_trait = self.of.entry(scopes.outside(&path.into())).or_default();
                of_trait.named.extend(named.iter().filter(|(_, node)| !parts.contains(node)));
            }
        }
        let mut sources = Vec::new();
        if converts && let Some(given) = given(program, id) {
            types_of_tree(&given, &mut sources);
        }
        let node = match head {
            Some(Head::Item(item)) => {
                if let Some(source) = sources.first() {
                    let converted = named.drain(..).map(|(name, member)| (name, *source, member));
                    self.of.entry(item.0).or_default().converted.extend(converted);
                }
                item.0
            }
            // By the rule of orphans it names a type of the tree, which is as much a part of every call.
            Some(head) if implicit => {
                let Some((node, others)) = parts.split_first() else {
                    return self.add_to_all(program, named, [called, types].concat());
                };
                let outside = match &head {
                    // Of those of `std` the whole tree is full.
                    Head::External(path) if !path.starts_with("std::") => {
                        Some(scopes.outside(path))
                    }
                    _ => None,
                };
                for other in others.iter().copied().chain(outside) {
                    let owner = self.of.entry(other).or_default();
                    owner.named.extend(&named);
                    owner.called.extend(&called);
                    owner.types.extend(&types);
                }
                *node
            }
            // What a function outside the tree gives is of no known type.
            Some(Head::External(path)) => {
                let name = path.rsplit(':').next().unwrap_or(&path);
                self.add_methods(program, scopes, name, &named, &called);
                scopes.outside(&path)
            }
            None if unknown.is_some() => {
                let name = unknown.unwrap_or_default();
                self.add_methods(program, scopes, name, &named, &called);
                scopes.unknown_type(name)
            }
            // A slice, a tuple, a primitive or a parameter: what is one is not followed.
            _ => return self.add_to_all(program, named, [called, types].concat()),
        };
        let owner = self.of.entry(node).or_default();
        owner.named.append(&mut named);
        owner.called.append(&mut called);
        owner.types.append(&mut types);
    }

    /// Methods of impls within a body: a call of one is a call of what the body belongs to.
    fn add_hidden(&mut self, program: &Program, id: DefId, def: &Def, body: &Body) {
        // What a procedural macro quotes is code of where it is called.
        let quotes = program.krate(def.krate).kind == TargetKind::ProcMacro;
        if quotes || !body.flags.items || body.idents.binary_search(&ident_hash("impl")).is_err() {
            return;
        }
        for name in hidden(program, def, body.span) {
            self.of_all.entry(ident_hash(&name)).or_default().push(id.0);
        }
    }

    /// As [`Owners::add_hidden`], of impls that macros put into bodies.
    fn add_hidden_in_macros(&mut self, program: &Program, defs: &[(DefId, Rc<Def>)]) {
        let mut macros: FxHashMap<u32, Vec<Name>> = FxHashMap::default();
        for (_, def) in defs {
            if let ItemKind::MacroRules(rules) = &def.item.kind {
                let methods = hidden(program, def, *rules);
                if !methods.is_empty() {
                    macros.entry(ident_hash(&def.name)).or_default().extend(methods);
                }
            }
        }
        let bodies = defs.iter().filter_map(|(id, def)| Some((id, body(def)?)));
        for (id, body) in bodies {
            for method in body.macros.iter().filter_map(|name| macros.get(name)).flatten() {
                self.of_all.entry(ident_hash(method)).or_default().push(id.0);
            }
        }
    }

    /// Methods may be called on any value that nothing is known of; functions without a receiver are called by paths.
    fn add_methods(
        &mut self,
        program: &Program,
        scopes: &mut Scopes<'_>,
        ty: &str,
        named: &[(u32, Node)],
        called: &[Node],
    ) {
        let takes_self = |(_, node): &&(u32, Node)| match &program.def(DefId(*node)).item.kind {
            ItemKind::Fn(item) => item.receiver.is_some() || called.contains(node),
            _ => true,
        };
        let methods = named.iter().filter(takes_self).copied().collect();
        for (name, node) in named.iter().filter(|one| !takes_self(one)) {
            scopes.detach(ty, *name, *node);
        }
        self.add_to_all(program, methods, called.to_vec());
    }

    fn add_to_all(&mut self, program: &Program, named: Vec<(u32, Node)>, always: Vec<Node>) {
        for (name, member) in named {
            self.of_all.entry(name).or_default().push(member);
        }
        for member in always {
            let def = program.def(DefId(member));
            self.of_all.entry(ident_hash(&def.name)).or_default().push(member);
        }
    }
}

/// The methods of impls within the text of a definition that code outside of it may call.
fn hidden(program: &Program, def: &Def, text: Span) -> Vec<Name> {
    let is_outside = |path: &[&str]| {
        let found = program.resolve(def.module, path, false, Namespace::Type);
        let outside =
            |is: &Resolution| matches!(is, Resolution::External(path) if !is_of_library(path));
        !found.is_empty() && found.iter().all(|(_, is)| outside(is))
    };
    super::hidden::methods(&program.text(def.file), text, is_outside)
}

/// Whether evaluation follows the methods of a trait of `std` where nothing names them: in format strings
/// (`Evaluator::displayed`), at operators (`Evaluator::operator_of_tree`) and at `.await` (`Evaluator::awaited`).
fn is_unnamed(path: &str) -> bool {
    let operator = path.strip_prefix("std::ops::").map(|name| name.trim_end_matches("Assign"));
    path == "std::fmt::Display"
        || is_of_futures(path)
        || operator.is_some_and(|name| {
            ["Add", "Sub", "Mul", "Div", "Rem", "BitAnd", "BitOr", "BitXor", "Shl", "Shr"]
                .contains(&name)
        })
}

/// Whether a path is of a database library's crate.
fn is_of_database(path: &str) -> bool {
    databases::is_database(path.split(':').next().unwrap_or(path))
}

/// The last name of a type as written.
fn last_name(ty: &TypeRef) -> Option<&str> {
    match ty {
        TypeRef::Path(path) => path.segments.last().map(|last| last.name.as_str()),
        TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) => last_name(inner),
        _ => None,
    }
}

/// The type of an impl and the arguments of its trait, as one.
fn arguments(program: &Program, block: DefId) -> Option<Ty> {
    let Ty::Tuple(mut all) = given(program, block)? else { return None };
    all.extend(program.self_type(block));
    Some(Ty::Tuple(all))
}

/// The arguments of an impl's trait, as one.
fn given(program: &Program, block: DefId) -> Option<Ty> {
    let def = program.def(block);
    let ItemKind::Impl(item) = &def.item.kind else { return None };
    let env = program.type_env(block);
    let last = item.of_trait.as_ref()?.segments.last()?;
    let all = last.args.iter().map(|arg| program.resolve_type(def.module, arg, &env));
    Some(Ty::Tuple(all.collect()))
}

/// What a method of `std` is also called by.
fn other_name(name: &str) -> &str {
    match name {
        "from" => "into",
        "try_from" => "try_into",
        "from_str" => "parse",
        "from_iter" => "collect",
        other => other,
    }
}

/// The trait of `std` that says the same from the other side.
fn other_trait(path: &str) -> &str {
    match path {
        "std::convert::From" => "std::convert::Into",
        "std::convert::TryFrom" => "std::convert::TryInto",
        other => other,
    }
}

/// The types of the tree in a type.
fn types_of_tree(ty: &Ty, into: &mut Vec<Node>) {
    match ty {
        Ty::Def(def, args) => {
            into.push(def.0);
            for ty in args {
                types_of_tree(ty, into);
            }
        }
        Ty::External(_, parts) | Ty::AnyOf(_, parts) | Ty::Tuple(parts) => {
            for ty in parts {
                types_of_tree(ty, into);
            }
        }
        Ty::Slice(inner) => types_of_tree(inner, into),
        Ty::Fn(params, ret) => {
            for ty in params.iter().chain([&**ret]) {
                types_of_tree(ty, into);
            }
        }
        Ty::Dyn(bounds) | Ty::Impl(bounds) => {
            for bound in bounds {
                if let Target::Item(def) = &bound.of {
                    into.push(def.0);
                }
                for ty in &bound.args {
                    types_of_tree(ty, into);
                }
            }
        }
        _ => {}
    }
}
