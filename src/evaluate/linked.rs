//! Lists that the linker puts together (`linkme`, `inventory`): what every module hands in.
//!
//! Crates outside the tree may hand in more. What they serve is theirs, as it is of a router of theirs that is merged: it
//! is a gap, said once for each list, and no element that is made up stands for it. How many there are is never known.
//! Where the tree itself shows that elements are missing (it has none, or hands one to a list that is not found), the
//! list is open as any other of which a part is not known.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    effect::Guards,
    elements::there_under,
    value::{FnValue, List, Value},
};
use crate::{
    link::{Def, DefId, DefKind, Namespace, Resolution, types::Ty},
    source::Place,
    syntax::tree::{Attr, Cfg},
};

/// The attribute of `linkme`, on a list and on what is in it.
const SLICE: &str = "distributed_slice";

/// What is known of such lists.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// Those that were asked for, by their static or by the type of their elements.
    lists: FxHashMap<DefId, Value>,
    /// What attributes hand in, read once.
    handed: Option<Rc<Handed>>,
    /// What `inventory::submit!` hands in, evaluated once.
    submitted: Option<Rc<Vec<(Guards, Value)>>>,
}

/// What attributes hand in.
#[derive(Debug, Default)]
struct Handed {
    /// By the list that they name.
    to: FxHashMap<DefId, Vec<(DefId, Guards)>>,
    /// Whether one names a list that is not found.
    lost: bool,
}

impl Evaluator<'_> {
    /// `#[distributed_slice] static NAME: [T];`: the statics and functions whose attribute names it.
    pub(super) fn linked_slice(&mut self, id: DefId, def: &Def) -> Option<Value> {
        if !def.item.attrs.iter().any(|attr| attr.args.is_empty() && self.is_slice(id, attr)) {
            return None;
        }
        if let Some(known) = self.linked.lists.get(&id) {
            return Some(known.copied());
        }
        self.linked.lists.insert(id, Value::unknown());
        let handed = self.handed();
        let mut items = Vec::new();
        for (element, guards) in handed.to.get(&id).into_iter().flatten() {
            let value = match self.program.def(*element).kind {
                DefKind::Fn => {
                    let (self_ty, generics) = (None, Vec::new());
                    Value::Fn(Rc::new(FnValue { def: *element, self_ty, generics }))
                }
                _ => self.constant(*element),
            };
            items.push(there_under(guards, value));
        }
        Some(self.linked_list(id, items, handed.lost))
    }

    /// What attributes hand to which list.
    fn handed(&mut self) -> Rc<Handed> {
        if let Some(known) = &self.linked.handed {
            return Rc::clone(known);
        }
        let mut all = Handed::default();
        for id in self.attributed(SLICE) {
            let def = self.program.def(id);
            if !matches!(def.kind, DefKind::Fn | DefKind::Const) {
                continue;
            }
            for attr in &def.item.attrs {
                if attr.args.is_empty() || !self.is_slice(id, attr) {
                    continue;
                }
                let own = [def.cfg.as_ref(), attr.cfg.as_deref()];
                let Some(guards) = self.where_compiled(own.into_iter().flatten()) else { continue };
                let lists = self.lists_named(&def, attr);
                if lists.is_empty() {
                    all.lost = true;
                    let at = Place { file: def.file, span: attr.span };
                    self.gap_at(at, "the list that this is handed to is not found");
                }
                for list in lists.into_iter().flatten() {
                    all.to.entry(list).or_default().push((id, guards.clone()));
                }
            }
        }
        let all = Rc::new(all);
        self.linked.handed = Some(Rc::clone(&all));
        all
    }

    fn is_slice(&self, id: DefId, attr: &Attr) -> bool {
        attr.path.segments.last().is_some_and(|last| last.name == SLICE)
            && self.attribute_path(self.program.def(id).module, attr) == "linkme::distributed_slice"
    }

    /// The lists that `#[distributed_slice(PATH)]` or `#[distributed_slice(PATH, 1)]` may name; `None` stands for one
    /// outside the tree.
    fn lists_named(&self, def: &Def, attr: &Attr) -> Vec<Option<DefId>> {
        let text = self.program.text(def.file);
        let named = attr.args.of(&text).split(',').next().unwrap_or_default();
        let global = named.trim_start().starts_with("::");
        let path: Vec<&str> =
            named.trim().trim_start_matches("::").split("::").map(str::trim).collect();
        let found = self.program.resolve(def.module, &path, global, Namespace::Value);
        let lists = found.into_iter().filter_map(|(_, is)| match is {
            Resolution::Def(list) => Some(Some(list)),
            Resolution::External(_) => Some(None),
            _ => None,
        });
        lists.collect()
    }

    /// The choices under which all of `conditions` hold; `None` when they never do.
    ///
    /// Whatever is chosen where a list is first asked for: it is kept for all who ask.
    fn where_compiled<'c>(&mut self, conditions: impl Iterator<Item = &'c Cfg>) -> Option<Guards> {
        let mut all = Guards::default();
        for condition in conditions {
            all = all.and(&self.cfg_guards(condition, true)?)?;
        }
        Some(all)
    }

    /// `inventory::iter::<T>`: what every `inventory::submit!` of the tree gives of that type.
    pub(super) fn submitted(&mut self, path: &str, generics: &[Ty]) -> Option<Value> {
        let ("inventory::iter", [Ty::Def(of, _)]) = (path, generics) else { return None };
        if let Some(known) = self.linked.lists.get(of) {
            return Some(known.copied());
        }
        self.linked.lists.insert(*of, Value::unknown());
        let mut items = Vec::new();
        for (guards, value) in self.submissions().iter() {
            match self.type_of(value) {
                Ty::Def(def, _) if def != *of => {}
                _ => items.push(there_under(guards, value.clone())),
            }
        }
        Some(self.linked_list(*of, items, false))
    }

    /// What is given to every `inventory::submit!` of the tree, and when.
    fn submissions(&mut self) -> Rc<Vec<(Guards, Value)>> {
        if let Some(known) = &self.linked.submitted {
            return Rc::clone(known);
        }
        self.linked.submitted = Some(Rc::default());
        let mut all = Vec::new();
        for one in self.program.notes().item_macros.clone() {
            let Some(guards) = self.where_compiled(one.cfg.iter()) else { continue };
            let outside = std::mem::replace(&mut self.guards, guards.clone());
            let value = self.in_scope(one.module, one.file, None, None, Vec::new(), |e| {
                if e.macro_path(&one.call).as_deref() != Some("inventory::submit") {
                    return Ok(Value::Unit);
                }
                let text = e.program.text(e.scope.file);
                let code = e.macro_text(&one.call);
                match code.args(&text, one.call.args) {
                    Some([only]) => e.eval(only),
                    _ => Ok(Value::unknown()),
                }
            });
            self.guards = outside;
            if !matches!(value, Value::Unit) {
                all.push((guards, value));
            }
        }
        let all = Rc::new(all);
        self.linked.submitted = Some(Rc::clone(&all));
        all
    }

    /// The list of what the tree hands in.
    ///
    /// - `lost`: whether some of it may have been handed to this one or another.
    fn linked_list(&mut self, id: DefId, items: Vec<Value>, lost: bool) -> Value {
        let at = self.program.def(id).place();
        self.gap_at(at, "crates outside the tree may add to this list, which the linker makes");
        let open = lost || items.is_empty();
        let list = Value::List(Rc::new(List { items, open, unsure: true, ..List::default() }));
        self.linked.lists.insert(id, list.clone());
        list.copied()
    }
}
