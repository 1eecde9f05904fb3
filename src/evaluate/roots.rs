//! Where evaluation starts.

use std::{collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashMap;

use super::{
    Evaluator, STEPS_IN_ALL, STEPS_PER_ROOT, STEPS_WHEN_SPENT,
    ahead::Ahead,
    effect::Callable,
    relevance::Relevance,
    value::{FnValue, Value},
};
use crate::{
    databases,
    discover::{Package, TargetKind},
    frameworks,
    link::{Crate, Def, DefId, DefKind},
    source::{Place, Span},
    syntax::tree::{Attr, Body, FnItem, ItemKind, Name, ident_hash},
};

/// Whether a crate outside the tree is a framework's or a database library's.
fn is_of_interest(package: &str) -> bool {
    let name = package.replace('-', "_");
    frameworks::is_framework(&name) || databases::is_database(&name)
}

/// The function behind a definition.
pub(super) fn function(def: &Def) -> Option<&FnItem> {
    match &def.item.kind {
        ItemKind::Fn(item) => Some(item),
        _ => None,
    }
}

/// When evaluation starts at a function that nothing entered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It is the `main` of a crate, or no other body mentions its name.
    First,
    /// It looks like the start of a program, but what mentions it may call it.
    Entry,
    /// Something mentions it.
    Mentioned,
}

/// Whether a function looks like the start of a program: `main`, and what an attribute makes one (`#[launch]`).
fn is_entry(def: &Def) -> bool {
    let starts = |attr: &Attr| {
        attr.path.segments.last().is_some_and(|last| matches!(&*last.name, "main" | "launch"))
    };
    def.kind == DefKind::Fn && (def.name == "main" || def.item.attrs.iter().any(starts))
}

/// The body of a function, or the value of a constant.
pub(super) fn body(def: &Def) -> Option<&Body> {
    match &def.item.kind {
        ItemKind::Fn(item) => item.body.as_ref(),
        ItemKind::Const { value, .. } => value.as_deref(),
        _ => None,
    }
}

impl Evaluator<'_> {
    /// Evaluates every function that can have an effect: first those whose name no other body mentions, then what those did
    /// not reach. Returns which can.
    ///
    /// - `with_names`: as [`Relevance::new`] takes it.
    pub(super) fn run_roots(&mut self, with_names: bool) -> Rc<Relevance> {
        self.find_drops();
        let defs: Vec<(DefId, Rc<Def>)> =
            self.program.defs().into_iter().map(|id| (id, self.program.def(id))).collect();
        let functions: Vec<(DefId, Rc<Def>)> = defs
            .iter()
            .filter(|(_, def)| function(def).is_some_and(|f| f.body.is_some()))
            .filter(|(_, def)| !self.is_copy(&self.program.krate(def.krate)))
            .cloned()
            .collect();
        self.note_copies();
        let mut stored: BTreeSet<(DefId, Name)> = BTreeSet::new();
        let relevance = loop {
            let relevance =
                Relevance::new(self.program, &self.declared, &defs, &stored, with_names);
            // It asks about every path of the tree, of which evaluation will ask about few again.
            self.program.forget_paths();
            let relevance = Rc::new(relevance);
            self.value_only.relevance = Some(Rc::clone(&relevance));
            let roots = functions.iter().filter(|(id, _)| relevance.of(*id)).cloned();
            let roots: Vec<(DefId, Rc<Def>)> = roots.collect();
            self.run_relevant(&roots, &defs);
            self.ahead = None;
            // Text that writes was put where others may take it from.
            let new: Vec<(DefId, Name)> =
                self.stored.keys().filter(|field| !stored.contains(*field)).cloned().collect();
            let fields: Vec<u32> = new.iter().map(|(_, field)| ident_hash(field)).collect();
            let tuples = new.iter().any(|(_, field)| field.starts_with(char::is_numeric));
            stored.extend(new);
            let names =
                |body: &Body| fields.iter().any(|field| body.idents.binary_search(field).is_ok());
            let takes = |def: &Def| match &def.item.kind {
                ItemKind::MacroRules(rules) => {
                    names(&Body::read(&self.program.text(def.file), *rules))
                }
                _ => body(def).is_some_and(names),
            };
            let others = defs.iter().filter(|(id, _)| !relevance.of(*id));
            if fields.is_empty() || !tuples && !others.into_iter().any(|(_, def)| takes(def)) {
                break relevance;
            }
        };
        self.run_item_macros();
        self.let_statics_escape();
        self.run_what_is_idle();
        relevance
    }

    /// Evaluates functions that were not entered yet: first those whose name no other body mentions.
    fn run_relevant(&mut self, roots: &[(DefId, Rc<Def>)], defs: &[(DefId, Rc<Def>)]) {
        let mut mentions: FxHashMap<u32, u32> =
            roots.iter().map(|(_, def)| (ident_hash(&def.name), 0)).collect();
        for (_, def) in defs {
            for ident in body(def).iter().flat_map(|body| body.idents.iter()) {
                if let Some(count) = mentions.get_mut(ident) {
                    *count += 1;
                }
            }
        }
        let own = |def: &Def| {
            let hash = ident_hash(&def.name);
            u32::from(body(def).is_some_and(|body| body.idents.binary_search(&hash).is_ok()))
        };
        let unmentioned =
            |def: &Def| mentions.get(&ident_hash(&def.name)).copied().unwrap_or(0) <= own(def);
        let turn = |def: &Def| {
            let of_crate = def.name == "main" && def.module == self.program.krate(def.krate).root;
            if of_crate || unmentioned(def) {
                Turn::First
            } else if is_entry(def) {
                Turn::Entry
            } else {
                Turn::Mentioned
            }
        };
        let new = roots.iter().filter(|(id, _)| !self.entered.contains(id));
        let new: Vec<(DefId, Rc<Def>, Turn)> =
            new.map(|(id, def)| (*id, Rc::clone(def), turn(def))).collect();
        if self.has_threads {
            let of_turn = |(id, def, turn): &(DefId, Rc<Def>, Turn)| {
                (*id, Rc::clone(def), *turn != Turn::Mentioned)
            };
            let new: Vec<_> = new.iter().map(of_turn).collect();
            self.ahead = Ahead::new(self.program, &new);
        }
        for (id, ..) in new.iter().filter(|(.., turn)| *turn == Turn::First) {
            self.run_root(*id);
        }
        for (id, ..) in new.iter().filter(|(.., turn)| *turn == Turn::Entry) {
            if !self.entered.contains(id) {
                self.run_root(*id);
            }
        }
        // What is mentioned but was not reached. One that is called by a later one ran too early: what it let escape
        // then does not count.
        for (id, _) in roots {
            if !self.entered.contains(id) {
                self.run_root(*id);
            }
        }
    }

    /// Whether a crate is a copy of a library: what it means is what the model of that says.
    fn is_copy(&self, krate: &Crate) -> bool {
        matches!(krate.kind, TargetKind::Lib | TargetKind::ProcMacro)
            && self.packages.get(krate.package).is_some_and(|package| package.copy_of.is_some())
    }

    /// Says which crates of the tree are read as libraries.
    fn note_copies(&mut self) {
        if self.packages.iter().all(|package| package.copy_of.is_none()) {
            return;
        }
        for (path, file) in self.program.reached_files() {
            let roots = |package: &&Package| {
                package.targets.iter().any(|target| {
                    matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro)
                        && target.root == path
                })
            };
            let copy = self.packages.iter().find(roots).and_then(|package| package.copy_of.clone());
            if let Some(known) = copy {
                let reason =
                    format!("this is taken for the library `{known}`: its code is not followed");
                self.gap_at(Place { file, span: Span::default() }, &reason);
            }
        }
    }

    /// Macro calls between items: what they are given runs, as far as it is code.
    fn run_item_macros(&mut self) {
        let calls = self.program.notes().item_macros.clone();
        for call in calls {
            let krate = self.program.crate_of(call.module);
            let is_copy = self.is_copy(&self.program.krate(krate));
            let Some(guards) = self.under(call.cfg.as_ref()) else { continue };
            if is_copy {
                continue;
            }
            self.root = None;
            self.steps = 0;
            let outside = std::mem::replace(&mut self.guards, guards);
            let value = self.in_scope(call.module, call.file, None, None, Vec::new(), |e| {
                // A library whose macros declare things reads them itself.
                let known = e.macro_path(&call.call);
                if known.is_some_and(|path| is_of_interest(path.split(':').next().unwrap_or(""))) {
                    return Ok(Value::Unit);
                }
                e.eval_macro(&call.call)
            });
            self.escape(&value);
            self.guards = outside;
        }
    }

    fn run_root(&mut self, id: DefId) {
        self.root = Some(id);
        if let Some(ahead) = &self.ahead {
            ahead.start(&self.program.def(id));
        }
        self.steps_before += self.steps;
        self.steps = 0;
        self.forget_reads();
        self.early.begin();
        self.forget_drops();
        self.forget_times();
        let spent = self.steps_before > STEPS_IN_ALL;
        self.budget = if spent { STEPS_WHEN_SPENT } else { STEPS_PER_ROOT };
        let parent = self.program.def(id).parent;
        let self_ty = parent.and_then(|parent| self.program.self_type(parent));
        let any = FnValue { def: id, self_ty, generics: Vec::new() };
        let result = self.call_symbolic(&any, Callable::function(id));
        self.log.clear();
        if let Some((result, args)) = result {
            self.scope.owner = Some(id);
            self.scope.env = std::cell::OnceCell::new();
            self.let_serve(&result);
            for arg in args {
                if !matches!(arg, Value::Unknown(_)) {
                    self.escape(&arg);
                }
            }
        }
    }
}
