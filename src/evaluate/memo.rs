//! Functions evaluated once for each way in which they are called.
//!
//! A call is remembered when all that it was given and gave back is plain data: no router, closure or half-built
//! statement, whose meaning depends on where the call stands, and nothing that the call changed.

use std::{
    hash::{BuildHasher as _, Hash as _, Hasher as _},
    rc::Rc,
};

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    statement::Open,
    types::pointee,
    value::{Cell, FnValue, Object, SeededHasher, Value},
};
use crate::{
    databases, frameworks,
    link::{DefId, types::Ty},
    syntax::tree::Name,
};

/// Values within values that are looked at.
const DEPTH: u32 = 48;
/// Values in all that a call is given.
const MOST: u32 = 4_000;

/// Calls by function, type arguments and what was given.
#[derive(Debug, Default)]
pub(super) struct Memo {
    known: FxHashMap<Key, Known>,
}

/// A call as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    def: DefId,
    self_ty: Option<Ty>,
    generics: Vec<Ty>,
    args: u64,
    /// How deep the function already is on the way: past a limit it is not entered again.
    depth: usize,
}

/// What a call came to.
#[derive(Debug, Clone)]
struct Known {
    value: Value,
    /// Statements in it that are not known in full.
    open: Rc<Open>,
}

/// The state before a call, to see what it did.
pub(super) struct Before {
    key: Key,
    operations: u64,
    escaped: usize,
}

impl Evaluator<'_> {
    /// What a call came to before; or the state now, if it can be remembered.
    pub(super) fn remembered(
        &mut self,
        called: &FnValue,
        args: &[Value],
        depth: usize,
    ) -> Result<Value, Option<Before>> {
        // What a branch comes to rests on the branches around it too.
        if !self.collected.is_empty() {
            return Err(None);
        }
        let Some(args) = self.fingerprint(args) else { return Err(None) };
        let key = Key {
            def: called.def,
            self_ty: called.self_ty.clone(),
            generics: called.generics.clone(),
            args,
            depth,
        };
        if let Some(known) = self.memo.known.get(&key).cloned() {
            self.say_again(&known.open);
            return Ok(known.value.copied());
        }
        self.met.begin();
        Err(Some(Before { key, operations: self.operations, escaped: self.escaped.len() }))
    }

    /// Remembers what a call came to, unless it did more than to compute a plain value.
    pub(super) fn remember(&mut self, before: Before, args: &[Value], value: &Value) {
        let Some(said) = self.met.end() else { return };
        let did_more = self.operations != before.operations || self.escaped.len() != before.escaped;
        if did_more
            || self.fingerprint(std::slice::from_ref(value)).is_none()
            || self.fingerprint(args) != Some(before.key.args)
        {
            return;
        }
        // What another caller does is that caller's: it has to be seen again for each.
        if said.outermost < self.running.len() {
            return;
        }
        self.memo
            .known
            .insert(before.key, Known { value: value.copied(), open: Rc::new(said.open) });
    }

    /// A number for plain values; `None` when one of them is not plain.
    fn fingerprint(&self, values: &[Value]) -> Option<u64> {
        let mut hasher = Hasher { hash: self.seed.build_hasher(), left: MOST };
        values.iter().all(|value| self.hash(value, &mut hasher, 0)).then(|| hasher.hash.finish())
    }

    fn hash(&self, value: &Value, state: &mut Hasher, depth: u32) -> bool {
        if depth > DEPTH || state.left == 0 {
            return false;
        }
        state.left -= 1;
        let into = &mut state.hash;
        if let Value::Object(object) = value
            && self.is_symbolic(object, 0)
        {
            // A struct of which nothing is known, whether it was looked into or not.
            std::mem::discriminant(&Value::Unknown(Ty::Unknown)).hash(into);
            Ty::Def(object.def, object.generics.clone()).hash(into);
            return true;
        }
        std::mem::discriminant(value).hash(into);
        match value {
            Value::Unknown(ty) => {
                let inside = pointee(ty);
                if matches!(inside, Ty::Def(..)) { inside } else { ty }.hash(into);
            }
            Value::Unit => {}
            Value::Bool(b) => b.hash(into),
            Value::Int(n) => n.hash(into),
            Value::Char(c) => c.hash(into),
            Value::Str(text) => text.hash(into),
            Value::Tuple(parts) => {
                parts.len().hash(into);
                return parts.iter().all(|part| self.hash(&part.borrow(), state, depth + 1));
            }
            Value::List(list) => {
                (list.items.len(), list.open, list.unsure).hash(into);
                return list.items.iter().all(|item| self.hash(item, state, depth + 1));
            }
            Value::Object(object) => {
                (object.def, object.variant, &object.generics, object.fields.len()).hash(into);
                return object.fields.iter().all(|(name, held)| {
                    name.hash(&mut state.hash);
                    self.hash(&held.borrow(), state, depth + 1)
                });
            }
            Value::Term(term) => {
                (&term.path, &term.generics, term.at, term.args.is_some()).hash(into);
                return term.args.iter().flatten().enumerate().all(|(at, arg)| match arg {
                    // It ran when it was handed out of sight, and runs no more.
                    Value::Closure(closure) if at > 0 && keeps(&term.path) => {
                        (closure.at, closure.made_by).hash(&mut state.hash);
                        true
                    }
                    arg => self.hash(arg, state, depth + 1),
                });
            }
            Value::Fn(function) => {
                (function.def, &function.self_ty, &function.generics).hash(into);
            }
            Value::Ref(target) => return self.hash(&target.borrow(), state, depth + 1),
            Value::Alt(all) => {
                all.len().hash(into);
                return all.iter().all(|(guards, value)| {
                    guards.hash(&mut state.hash);
                    self.hash(value, state, depth + 1)
                });
            }
            Value::Closure(_) | Value::Router(_) | Value::Query(_) | Value::Passed(_) => {
                return false;
            }
        }
        true
    }

    /// Whether a struct is one of which only the type is known, with its fields laid out.
    fn is_symbolic(&self, object: &Object, depth: u32) -> bool {
        let Some(fields) = self.fields(object.def).filter(|_| object.variant.is_none()) else {
            return false;
        };
        let same = |((name, held), (field, ty)): (&(Name, Cell), &(Name, Ty))| {
            name == field
                && match &*held.borrow() {
                    Value::Unknown(held) => held == ty,
                    Value::Object(held) => match pointee(ty) {
                        Ty::Def(def, generics) => {
                            held.def == *def
                                && held.generics == *generics
                                && depth < DEPTH
                                && self.is_symbolic(held, depth + 1)
                        }
                        _ => false,
                    },
                    _ => false,
                }
        };
        object.fields.len() == fields.len()
            && !fields.is_empty()
            && object.fields.iter().zip(fields.iter()).all(same)
    }
}

/// Whether what a call outside the tree is given behind its receiver stays there: no pattern takes it out again, as it
/// does of a constructor's value, and no model does.
fn keeps(path: &str) -> bool {
    let last = path.rsplit(':').next().unwrap_or(path);
    last.starts_with(char::is_lowercase)
        && !path.starts_with("std::")
        && !frameworks::knows(path)
        && !databases::knows(path)
}

/// A hash in the making, and how many more values may go into it: parts of a value may be shared many times over.
struct Hasher {
    hash: SeededHasher,
    left: u32,
}
