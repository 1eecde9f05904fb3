//! Lists that the linker puts together (`linkme`, `inventory`): what every module hands in.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    value::{FnValue, Value},
};
use crate::{
    link::{Def, DefId, DefKind, Namespace, Resolution, types::Ty},
    syntax::tree::Attr,
};

/// The lists that were asked for, by their static or by the type of their elements.
#[derive(Debug, Default)]
pub(super) struct Linked {
    lists: FxHashMap<DefId, Value>,
}

impl Evaluator<'_> {
    /// `#[distributed_slice] static NAME: [T];`: the statics and functions whose attribute names it.
    pub(super) fn linked_slice(&mut self, id: DefId, def: &Def) -> Option<Value> {
        if !def.item.attrs.iter().any(|attr| self.is_slice(def, attr)) {
            return None;
        }
        if let Some(known) = self.linked.lists.get(&id) {
            return Some(known.copied());
        }
        self.linked.lists.insert(id, Value::unknown());
        let mut items = Vec::new();
        for other in self.program.defs() {
            let element = self.program.def(other);
            let is_element = matches!(element.kind, DefKind::Fn | DefKind::Const)
                && other != id
                && element.item.attrs.iter().any(|attr| self.names_slice(&element, attr, id));
            if is_element {
                items.push(match element.kind {
                    DefKind::Fn => Value::Fn(Rc::new(FnValue {
                        def: other,
                        self_ty: None,
                        generics: Vec::new(),
                    })),
                    _ => self.constant(other),
                });
            }
        }
        let slice = Value::list(items);
        self.linked.lists.insert(id, slice.clone());
        Some(slice.copied())
    }

    fn is_slice(&self, def: &Def, attr: &Attr) -> bool {
        attr.path.segments.last().is_some_and(|last| last.name == "distributed_slice")
            && self.program.resolve_path(def.module, &attr.path, Namespace::Macro).iter().any(
                |(_, is)| matches!(is, Resolution::External(path) if path.starts_with("linkme::")),
            )
    }

    /// `#[distributed_slice(PATH)]` and `#[distributed_slice(PATH, 1)]`.
    fn names_slice(&self, def: &Def, attr: &Attr, slice: DefId) -> bool {
        if !self.is_slice(def, attr) {
            return false;
        }
        let text = self.program.text(def.file);
        let named = attr.args.of(&text).split(',').next().unwrap_or_default();
        let global = named.trim_start().starts_with("::");
        let path: Vec<&str> =
            named.trim().trim_start_matches("::").split("::").map(str::trim).collect();
        let found = self.program.resolve(def.module, &path, global, Namespace::Value);
        found.into_iter().any(|(_, is)| matches!(is, Resolution::Def(def) if def == slice))
    }

    /// `inventory::iter::<T>`: what every `inventory::submit!` of the tree gives of that type.
    pub(super) fn submitted(&mut self, path: &str, generics: &[Ty]) -> Option<Value> {
        let ("inventory::iter", [Ty::Def(of, _)]) = (path, generics) else { return None };
        if let Some(known) = self.linked.lists.get(of) {
            return Some(known.copied());
        }
        self.linked.lists.insert(*of, Value::unknown());
        let calls = self.program.notes().item_macros.clone();
        let mut items = Vec::new();
        for one in calls {
            let found = self.program.resolve_path(one.module, &one.call.path, Namespace::Macro);
            let submits = |(_, is): &_| matches!(is, Resolution::External(path) if &**path == "inventory::submit");
            if !found.iter().any(submits) {
                continue;
            }
            let Some(guards) = self.under(one.cfg.as_ref()) else { continue };
            let outside = std::mem::replace(&mut self.guards, guards);
            let value = self.in_scope(one.module, one.file, None, None, Vec::new(), |e| {
                let text = e.program.text(e.scope.file);
                let code = e.macro_text(&one.call);
                match code.args(&text, one.call.args) {
                    Some([only]) => e.eval(only),
                    _ => Ok(Value::unknown()),
                }
            });
            self.guards = outside;
            match self.type_of(&value) {
                Ty::Def(def, _) if def != *of => {}
                _ => items.push(value),
            }
        }
        let all = Value::list(items);
        self.linked.lists.insert(*of, all.clone());
        Some(all.copied())
    }
}
