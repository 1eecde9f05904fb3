//! What a body can hold and call, from what it mentions and the names that it uses.

use std::rc::Rc;

use super::{Node, Survey, is_type, mentions::is_called};
use crate::{
    link::{Def, DefKind, Head, Namespace, Resolution, Target},
    source::FileId,
    syntax::tree::{Body, FnItem, Generics, ItemKind, Name, Path, TypeRef, ident_hash},
};

/// A body that can hold more than this is taken as relevant, and for each name in it so much more.
const MOST: usize = 4_000;
const MOST_PER_NAME: usize = 8;

/// The names that a body uses, those of the macros that it calls included.
pub(super) struct Names<'b> {
    lists: Vec<&'b [u32]>,
}

impl<'b> Names<'b> {
    pub(super) fn new(body: &'b Body, macros: &'b [(FileId, Rc<Body>)]) -> Self {
        let macros = macros.iter().map(|(_, body)| &*body.idents);
        Self { lists: std::iter::once(&*body.idents).chain(macros).collect() }
    }

    /// Whether a word is among them in small letters, in capitals or with one.
    pub(super) fn has_word(&self, word: &str) -> bool {
        let upper = word.to_ascii_uppercase();
        let title =
            upper.get(..1).unwrap_or_default().to_owned() + word.get(1..).unwrap_or_default();
        [word, &upper, &title].iter().any(|word| self.has(ident_hash(word)))
    }

    /// Whether a name is among them, by its hash.
    pub(super) fn has(&self, name: u32) -> bool {
        self.lists.iter().any(|list| list.binary_search(&name).is_ok())
    }
}

/// Where a definition leads.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Whatever the body names.
    always: Vec<Node>,
    /// Where the body names a field.
    named: Vec<(u32, Vec<Node>)>,
    /// Whether it is called or read.
    is_called: bool,
}

impl Survey<'_> {
    /// What a body can call that starts from these nodes; `None` if it can hold something of interest.
    pub(super) fn closure(
        &mut self,
        start: &[Node],
        names: &Names<'_>,
        own: Option<Node>,
    ) -> Option<Vec<Node>> {
        self.round += 1;
        let mut called = Vec::new();
        let mut open: Vec<Node> = start.to_vec();
        if let Some(own) = own {
            open.push(own);
            open.extend(self.around(own));
        }
        for list in &names.lists {
            for name in *list {
                open.extend(self.owners.of_all.get(name).into_iter().flatten());
            }
        }
        let mut waiting: Vec<(Node, Node)> = Vec::new();
        let most = MOST + MOST_PER_NAME * names.lists.iter().map(|list| list.len()).sum::<usize>();
        let mut count = 0;
        loop {
            if open.is_empty() {
                self.convert(&mut waiting, &mut open);
            }
            let Some(node) = open.pop() else { break };
            if self.met.len() <= node as usize {
                self.met.resize(self.scopes.count().max(node as usize + 1), 0);
            }
            let Some(met) = self.met.get_mut(node as usize) else { continue };
            if std::mem::replace(met, self.round) == self.round {
                continue;
            }
            if self.scopes.is_interesting(node)
                || self.scopes.beginning(node).iter().any(|method| names.has(*method))
            {
                return None;
            }
            count += 1;
            if count > most {
                return None;
            }
            let links = self.links(node);
            if let Some(links) = &links {
                if links.is_called && Some(node) != own {
                    called.push(node);
                }
                open.extend(&links.always);
                for (name, to) in &links.named {
                    if names.has(*name) {
                        open.extend(to);
                    }
                }
            }
            if let Some(owner) = self.owners.get(node) {
                called.extend(&owner.called);
                open.extend(&owner.types);
                open.extend(owner.named.iter().filter(|(name, _)| names.has(*name)).map(|of| of.1));
                for (name, source, member) in &owner.converted {
                    if names.has(*name) {
                        waiting.push((*source, *member));
                    }
                }
            }
        }
        self.is_crowded = count > MOST;
        Some(called)
    }

    /// Opens the conversions of which the source was met by now.
    fn convert(&self, waiting: &mut Vec<(Node, Node)>, open: &mut Vec<Node>) {
        let is_met = |node: &Node| self.met.get(*node as usize) == Some(&self.round);
        // A type that only a bound tells of may be any.
        let converts = self.owners.conversions.iter().any(is_met);
        waiting.retain(|(source, member)| {
            let is_met = converts || is_met(source);
            if is_met {
                open.push(*member);
            }
            !is_met
        });
    }

    /// What `Self` is in a method.
    fn around(&mut self, node: Node) -> Vec<Node> {
        let Some(parent) = self.def(node).and_then(|def| def.parent) else { return Vec::new() };
        let mut nodes = Vec::new();
        let def = self.program.def(parent);
        match &def.item.kind {
            ItemKind::Impl(block) => {
                self.types(&def, &block.self_ty, &mut nodes);
                self.generics(&def, &block.generics, &mut nodes);
                if let Some(path) = &block.of_trait {
                    for arg in path.segments.last().iter().flat_map(|last| &last.args) {
                        self.types(&def, arg, &mut nodes);
                    }
                }
                let members = self.program.members(parent).into_iter().map(|id| id.0);
                let types = members.filter(|id| self.def(*id).is_some_and(|def| is_type(def.kind)));
                nodes.extend(types.collect::<Vec<_>>());
            }
            ItemKind::Trait { .. } => nodes.push(parent.0),
            _ => {}
        }
        nodes
    }

    fn def(&self, node: Node) -> Option<Rc<Def>> {
        self.defs.get(node as usize).map(|(_, def)| Rc::clone(def))
    }

    fn links(&mut self, node: Node) -> Option<Rc<Links>> {
        let slot = self.links.get(node as usize)?;
        if let Some(known) = slot {
            return Some(Rc::clone(known));
        }
        let links = Rc::new(match self.def(node) {
            Some(def) => self.links_of(&def),
            None => Links { is_called: true, ..Links::default() },
        });
        if let Some(slot) = self.links.get_mut(node as usize) {
            *slot = Some(Rc::clone(&links));
        }
        Some(links)
    }

    fn links_of(&mut self, def: &Def) -> Links {
        let mut links = Links { is_called: is_called(def.kind), ..Links::default() };
        let into = &mut links.always;
        match &def.item.kind {
            ItemKind::Fn(item) => self.signature(def, item, into),
            ItemKind::Const { ty, .. } => self.types(def, ty, into),
            ItemKind::TypeAlias { ty, generics } => {
                if let Some(ty) = ty {
                    self.types(def, ty, into);
                }
                self.generics(def, generics, into);
            }
            ItemKind::Struct { generics, fields, is_tuple } => {
                self.generics(def, generics, into);
                for field in fields {
                    let mut to = Vec::new();
                    self.types(def, &field.ty, &mut to);
                    if *is_tuple {
                        into.append(&mut to);
                    } else if !to.is_empty() {
                        links.named.push((ident_hash(&field.name), to));
                    }
                }
            }
            ItemKind::Enum { generics, variants } => {
                self.generics(def, generics, into);
                for variant in variants {
                    let mut to = Vec::new();
                    for field in &variant.fields {
                        self.types(def, &field.ty, &mut to);
                    }
                    if !to.is_empty() {
                        links.named.push((ident_hash(&variant.name), to));
                    }
                }
            }
            ItemKind::Trait { generics, .. } => self.generics(def, generics, into),
            _ => {}
        }
        links
    }

    fn signature(&mut self, def: &Def, item: &FnItem, into: &mut Vec<Node>) {
        self.generics(def, &item.generics, into);
        for ty in item.params.iter().filter_map(|param| param.ty.as_ref()).chain(&item.ret) {
            self.types(def, ty, into);
        }
        if let Some(ty) = item.receiver.as_ref().and_then(|receiver| receiver.ty.as_ref()) {
            self.types(def, ty, into);
        }
    }

    fn generics(&mut self, def: &Def, generics: &Generics, into: &mut Vec<Node>) {
        for param in &generics.params {
            for ty in param.bounds.iter().chain(&param.default) {
                self.types(def, ty, into);
            }
        }
        for (ty, bounds) in &generics.wheres {
            self.types(def, ty, into);
            for bound in bounds {
                self.types(def, bound, into);
            }
        }
    }

    /// The paths in a type.
    fn types(&mut self, def: &Def, ty: &TypeRef, into: &mut Vec<Node>) {
        match ty {
            TypeRef::Path(path) => {
                if let Some((base, of_trait)) = path.qself.as_deref() {
                    self.types(def, base, into);
                    self.projected(def, path, base, *of_trait, into);
                } else {
                    let params = self.params(def);
                    self.scopes.type_path(def.module, &params, path, into);
                }
                for segment in &path.segments {
                    for arg in segment.args.iter().chain(segment.bindings.iter().map(|b| &b.1)) {
                        self.types(def, arg, into);
                    }
                }
            }
            TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) | TypeRef::Slice(inner) => {
                self.types(def, inner, into);
            }
            TypeRef::Tuple(parts) | TypeRef::Dyn(parts) | TypeRef::Impl(parts) => {
                for part in parts {
                    self.types(def, part, into);
                }
            }
            TypeRef::Fn(params, ret) => {
                for part in params.iter().chain(ret.as_deref()) {
                    self.types(def, part, into);
                }
            }
            TypeRef::Const(_) | TypeRef::Never | TypeRef::Infer | TypeRef::Unknown => {}
        }
    }

    /// `<Base as Trait>::Name`: the types that impls of the trait give under that name for what the base may be.
    fn projected(
        &mut self,
        def: &Def,
        path: &Path,
        base: &TypeRef,
        of_trait: usize,
        into: &mut Vec<Node>,
    ) {
        let Some(last) = path.segments.last() else { return };
        let segments = path.segments.get(..of_trait).unwrap_or_default();
        let names: Vec<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
        let found = self.program.resolve(def.module, &names, path.global, Namespace::Type);
        let traits: Vec<Target> = found
            .into_iter()
            .filter_map(|(_, is)| match is {
                Resolution::Def(def) => Some(Target::Item(def)),
                Resolution::External(path) => Some(Target::External(path)),
                _ => None,
            })
            .collect();
        // Of a base that is known the impls for that type count, and those for every type.
        let heads = self.heads(def, base);
        let named = self.scopes.by_name.get(&ident_hash(&last.name)).into_iter().flatten();
        let fits = |node: &&Node| {
            let Some(def) = self.def(**node).filter(|def| def.kind == DefKind::AssocType) else {
                return false;
            };
            let Some(block) = def.parent else { return true };
            let of = self.program.trait_of(block);
            if !traits.is_empty() && of.is_some_and(|of| !traits.iter().any(|one| may_be(one, &of)))
            {
                return false;
            }
            match self.program.self_type(block).and_then(|ty| ty.head()) {
                Some(head @ Head::Item(_)) => heads.as_ref().is_none_or(|all| all.contains(&head)),
                _ => true,
            }
        };
        into.extend(named.filter(fits));
    }

    /// The types that a base is one of, where it is known: no parameter, alias or `Self`.
    fn heads(&self, def: &Def, base: &TypeRef) -> Option<Vec<Head>> {
        let TypeRef::Path(path) = base else { return None };
        let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
        let is_own = self.params(def).iter().any(|name| Some(&name.as_str()) == names.first());
        if path.qself.is_some() || is_own || names.first() == Some(&"Self") {
            return None;
        }
        let found = self.program.resolve(def.module, &names, path.global, Namespace::Type);
        let heads: Option<Vec<Head>> = found
            .into_iter()
            .map(|(_, is)| match is {
                Resolution::Def(id) => {
                    let kind = self.program.def(id).kind;
                    matches!(kind, DefKind::Struct | DefKind::Enum).then_some(Head::Item(id))
                }
                Resolution::External(path) => Some(Head::External(path)),
                Resolution::Primitive(name) => Some(Head::Primitive(name)),
                _ => None,
            })
            .collect();
        heads.filter(|heads| !heads.is_empty())
    }

    /// The type parameters in scope of a definition.
    fn params(&self, def: &Def) -> Vec<Name> {
        let mut params = Vec::new();
        let mut add = |def: &Def| {
            let generics = generics_of(def).into_iter();
            params.extend(generics.flat_map(|all| &all.params).map(|param| param.name.clone()));
        };
        add(def);
        let mut at = def.parent;
        while let Some(parent) = at {
            let def = self.program.def(parent);
            add(&def);
            at = def.parent;
        }
        params
    }
}

/// Whether two traits may be one: outside the tree a trait has several paths.
fn may_be(one: &Target, other: &Target) -> bool {
    match (one, other) {
        (Target::External(one), Target::External(other)) => {
            one.rsplit(':').next() == other.rsplit(':').next()
        }
        _ => one == other,
    }
}

fn generics_of(def: &Def) -> Option<&Generics> {
    match &def.item.kind {
        ItemKind::Fn(item) => Some(&item.generics),
        ItemKind::Impl(item) => Some(&item.generics),
        ItemKind::TypeAlias { generics, .. }
        | ItemKind::Struct { generics, .. }
        | ItemKind::Enum { generics, .. }
        | ItemKind::Trait { generics, .. } => Some(generics),
        _ => None,
    }
}
