//! Methods by the types and traits that have them.

use std::rc::Rc;

use ra_ap_rustc_lexer::TokenKind;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{super::roots::body, Node, Scopes};
use crate::{
    link::{Def, DefId, DefKind, Head, Program, Target, Ty},
    syntax::{
        token::{TextStart, Token, Tokens},
        tree::{Body, ItemKind, TypeRef, ident_hash},
    },
};

/// What a value of a type or trait brings with it.
#[derive(Debug, Default)]
pub(super) struct Owner {
    /// What is called by name, by the hash of it.
    pub(super) named: Vec<(u32, Node)>,
    /// What is called without being named.
    pub(super) called: Vec<Node>,
    /// Types and traits that come with it.
    pub(super) types: Vec<Node>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Owners {
    of: FxHashMap<Node, Owner>,
    /// What every type may have.
    pub(super) of_all: FxHashMap<u32, Vec<Node>>,
}

impl Owners {
    pub(super) fn new(
        program: &Program,
        defs: &[(DefId, Rc<Def>)],
        scopes: &mut Scopes<'_>,
    ) -> Self {
        let mut all = Self::default();
        let mut members: FxHashMap<DefId, Vec<(DefId, Rc<Def>)>> = FxHashMap::default();
        for (id, def) in defs {
            if let Some(parent) = def.parent {
                members.entry(parent).or_default().push((*id, Rc::clone(def)));
            }
        }
        let of = |id: DefId| members.get(&id).map_or(&[][..], Vec::as_slice);
        for (id, def) in defs {
            if let Some(body) = body(def) {
                all.add_hidden(program, *id, def, body);
            }
            match &def.item.kind {
                ItemKind::Trait { .. } => all.add_trait(program, *id, &of),
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
        id: DefId,
        members: &dyn Fn(DefId) -> &'m [(DefId, Rc<Def>)],
    ) {
        let owner = self.of.entry(id.0).or_default();
        let impls = program.impls_of_trait(id);
        for block in std::iter::once(id).chain(impls) {
            for (member, def) in members(block) {
                if def.kind == DefKind::AssocType {
                    owner.types.push(member.0);
                } else {
                    owner.named.push((ident_hash(&def.name), member.0));
                }
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
        let implicit =
            matches!(&of_trait, Some(Target::External(path)) if path.starts_with("std::"));
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
        let defaults = defaults.iter().filter(|(_, def)| !own.contains(def.name.as_str()));
        for (member, def) in members(id).iter().chain(defaults) {
            if def.kind == DefKind::AssocType {
                types.push(member.0);
            } else if implicit {
                called.push(member.0);
                // Named, what it gives counts too; what is converted gives all types of the impl.
                for name in [def.name.as_str(), other_name(&def.name)] {
                    named.push((ident_hash(name), member.0));
                    named.extend(parts.iter().map(|ty| (ident_hash(name), *ty)));
                }
            } else {
                named.push((ident_hash(&def.name), member.0));
            }
        }
        let node = match head {
            Some(Head::Item(item)) => item.0,
            // By the rule of orphans it names a type of the tree, which is as much a part of every call.
            Some(_) if implicit => {
                self.add_to_all(program, named.clone(), called.clone());
                let Some(node) = parts.first().copied() else {
                    return self.add_to_all(program, named, [called, types].concat());
                };
                node
            }
            // What a function outside the tree gives is of no known type.
            Some(Head::External(path)) => {
                self.add_to_all(program, named.clone(), called.clone());
                scopes.outside(&path)
            }
            None if unknown.is_some() => {
                self.add_to_all(program, named.clone(), called.clone());
                scopes.unknown_type(unknown.unwrap_or_default())
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
        let has_impl = ["impl", "trait"]
            .iter()
            .any(|word| body.idents.binary_search(&ident_hash(word)).is_ok());
        if !body.flags.items || !has_impl {
            return;
        }
        let text = program.text(def.file);
        let mut after_fn = false;
        for token in Tokens::new(&text, body.span, TextStart::Piece).filter(Token::is_code) {
            let name = token.span.of(&text);
            if after_fn && matches!(token.kind, TokenKind::Ident | TokenKind::RawIdent) {
                let name = name.strip_prefix("r#").unwrap_or(name);
                self.of_all.entry(ident_hash(name)).or_default().push(id.0);
            }
            after_fn = name == "fn";
        }
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
    let def = program.def(block);
    let ItemKind::Impl(item) = &def.item.kind else { return None };
    let env = program.type_env(block);
    let last = item.of_trait.as_ref()?.segments.last()?;
    let mut all: Vec<Ty> =
        last.args.iter().map(|arg| program.resolve_type(def.module, arg, &env)).collect();
    all.extend(program.self_type(block));
    Some(Ty::Tuple(all))
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
