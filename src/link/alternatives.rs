//! Names that mean one thing or another by a `cfg`: `#[cfg(a)] type Store = A; #[cfg(not(a))] type Store = B;`.
//!
//! What is asked for a type is told one of them. Which others there are is noted, and whoever asks again may say of an
//! option whether it holds.

use std::cell::RefCell;

use super::{
    DefId, ModuleId, Program, Resolution,
    names::Found,
    types::{Ty, TypeEnv},
};
use crate::syntax::tree::{Cfg, TypeRef};

/// What was noted, and what is taken to hold.
#[derive(Debug, Default)]
pub(crate) struct Undecided {
    noted: RefCell<Option<Cfg>>,
    taken: RefCell<Vec<(Cfg, bool)>>,
}

/// Whether `cfg` holds, as far as what is `taken` to hold says so.
fn holds(cfg: &Cfg, taken: &[(Cfg, bool)]) -> Option<bool> {
    if let Some((_, holds)) = taken.iter().find(|(known, _)| known == cfg) {
        return Some(*holds);
    }
    let each = |parts: &[Cfg], wanted: bool| {
        let all: Vec<Option<bool>> = parts.iter().map(|part| holds(part, taken)).collect();
        if all.contains(&Some(!wanted)) {
            Some(!wanted)
        } else {
            all.iter().all(Option::is_some).then_some(wanted)
        }
    };
    match cfg {
        Cfg::Not(inner) => holds(inner, taken).map(|holds| !holds),
        Cfg::All(parts) => each(parts, true),
        Cfg::Any(parts) => each(parts, false),
        Cfg::Test | Cfg::Option(_) => None,
    }
}

/// Notes what follows from it that `cfg` holds, or does not.
fn take(cfg: &Cfg, holds: bool, taken: &mut Vec<(Cfg, bool)>) {
    match (cfg, holds) {
        (Cfg::Not(inner), _) => take(inner, !holds, taken),
        (Cfg::All(parts), true) | (Cfg::Any(parts), false) => {
            for part in parts {
                take(part, holds, taken);
            }
        }
        _ => taken.push((cfg.clone(), holds)),
    }
}

impl Program {
    /// The `cfg` on which rested what the types asked for since the last call mean.
    pub fn take_undecided(&self) -> Option<Cfg> {
        self.undecided.noted.borrow_mut().take()
    }

    /// Runs `run` with `cfg` taken to hold, or not to.
    pub fn deciding<T>(&self, cfg: &Cfg, holds: bool, run: impl FnOnce() -> T) -> T {
        self.undecided.taken.borrow_mut().push((cfg.clone(), holds));
        let result = run();
        self.undecided.taken.borrow_mut().pop();
        result
    }

    /// Whether something is taken to hold.
    pub fn is_deciding(&self) -> bool {
        !self.undecided.taken.borrow().is_empty()
    }

    /// Runs `run` with all that follows from `cfg` taken to hold.
    pub(super) fn under_cfg<T>(&self, cfg: Option<&Cfg>, run: impl FnOnce() -> T) -> T {
        let known = self.undecided.taken.borrow().len();
        if let Some(cfg) = cfg {
            take(cfg, true, &mut self.undecided.taken.borrow_mut());
        }
        let result = run();
        self.undecided.taken.borrow_mut().truncate(known);
        result
    }

    /// Whether what `one` rests on says that `other` is not there.
    pub fn are_apart(&self, one: DefId, other: DefId) -> bool {
        let (one, other) = (self.def(one), self.def(other));
        let (Some(one), Some(other)) = (&one.cfg, &other.cfg) else { return false };
        let holds = || holds(other, &self.undecided.taken.borrow());
        self.under_cfg(Some(one), holds) == Some(false)
    }

    /// Whether one of `conditions` holds wherever `around` does.
    pub(super) fn is_any_there(&self, around: Option<&Cfg>, conditions: &[Option<Cfg>]) -> bool {
        self.under_cfg(around, || {
            let known = self.undecided.taken.borrow().len();
            let mut taken = self.undecided.taken.borrow_mut();
            let is_there = conditions.iter().any(|cfg| {
                let Some(cfg) = cfg else { return true };
                let is_there = holds(cfg, &taken) == Some(true);
                // The others are asked for where this one does not hold.
                take(cfg, false, &mut taken);
                is_there
            });
            taken.truncate(known);
            is_there
        })
    }

    /// What `run` makes of types in each way that is left open, each once.
    pub(super) fn each_meaning<T: PartialEq>(&self, run: &dyn Fn() -> T) -> Vec<T> {
        self.take_undecided();
        let one = run();
        let Some(cfg) = self.take_undecided() else { return vec![one] };
        let mut all = Vec::new();
        for holds in [true, false] {
            for other in self.deciding(&cfg, holds, || self.each_meaning(run)) {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
        }
        all
    }

    /// The types that what is written may mean.
    pub fn types_meant(&self, module: ModuleId, written: &TypeRef, env: &TypeEnv) -> Vec<Ty> {
        self.each_meaning(&|| self.resolve_type(module, written, env))
    }

    /// Of what a name may mean what is there as far as is known.
    pub(super) fn compatible(&self, mut found: Found) -> Found {
        if found.len() > 1 {
            let taken = self.undecided.taken.borrow();
            found.retain(|(cfg, _)| {
                cfg.as_ref().is_none_or(|cfg| holds(cfg, &taken) != Some(false))
            });
        }
        found
    }

    /// Of what a name may mean what is taken first, and a note of the others.
    pub(super) fn first_of(&self, found: Found) -> Option<Resolution> {
        let found = self.compatible(found);
        let of_tree = found.iter().any(|(_, is)| matches!(is, Resolution::Def(_)));
        if found.len() > 1 && of_tree {
            self.note(found.first().and_then(|(cfg, _)| cfg.as_ref()));
        }
        found.into_iter().next().map(|(_, is)| is)
    }

    /// As [`Program::first_of`], of the definitions of one name in several impls.
    pub(super) fn first_def_of(&self, mut found: Vec<DefId>) -> Option<DefId> {
        if found.len() > 1 {
            let taken = self.undecided.taken.borrow();
            found.retain(|id| {
                self.def(*id).cfg.as_ref().is_none_or(|cfg| holds(cfg, &taken) != Some(false))
            });
        }
        let first = *found.first()?;
        if found.len() > 1 {
            self.note(self.def(first).cfg.as_ref());
        }
        Some(first)
    }

    fn note(&self, cfg: Option<&Cfg>) {
        let taken = self.undecided.taken.borrow();
        if let Some(cfg) = cfg.filter(|cfg| holds(cfg, &taken).is_none()) {
            self.undecided.noted.borrow_mut().get_or_insert_with(|| cfg.clone());
        }
    }
}
