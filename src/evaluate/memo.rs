//! Functions evaluated once for each way in which they are called.
//!
//! A call is remembered when all that it was given and gave back is plain data: no router, closure or half-built
//! statement, whose meaning depends on where the call stands, and nothing that the call changed.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    rc::Rc,
};

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    statement::{Emitted, has_holes},
    value::{FnValue, Value},
};
use crate::link::{DefId, types::Ty};

/// Values within values that are looked at.
const DEPTH: u32 = 12;
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
    /// Statements in it that are not known in full: they count only if the root they belong to is not called.
    open: Rc<Vec<Emitted>>,
}

/// The state before a call, to see what it did.
pub(super) struct Before {
    key: Key,
    operations: u64,
    escaped: usize,
    statements: usize,
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
        let Some(args) = fingerprint(args) else { return Err(None) };
        let key = Key {
            def: called.def,
            self_ty: called.self_ty.clone(),
            generics: called.generics.clone(),
            args,
            depth,
        };
        if let Some(known) = self.memo.known.get(&key).cloned() {
            let root = self.root;
            self.statements.extend(known.open.iter().map(|one| Emitted { root, ..one.clone() }));
            return Ok(known.value.copied());
        }
        Err(Some(Before {
            key,
            operations: self.operations,
            escaped: self.escaped.len(),
            statements: self.statements.len(),
        }))
    }

    /// Remembers what a call came to, unless it did more than to compute a plain value.
    pub(super) fn remember(&mut self, before: Before, args: &[Value], value: &Value) {
        let did_more = self.operations != before.operations || self.escaped.len() != before.escaped;
        if did_more
            || fingerprint(std::slice::from_ref(value)).is_none()
            || fingerprint(args) != Some(before.key.args)
        {
            return;
        }
        let since = self.statements.get(before.statements..).unwrap_or_default();
        // What another caller does is that caller's: it has to be seen again for each.
        if since.iter().any(|one| one.depth.is_some_and(|depth| depth < self.running.len())) {
            return;
        }
        let open = since.iter().filter(|one| has_holes(&one.statement)).cloned().collect();
        self.memo.known.insert(before.key, Known { value: value.copied(), open: Rc::new(open) });
    }
}

/// A number for plain values; `None` when one of them is not plain.
fn fingerprint(values: &[Value]) -> Option<u64> {
    let mut hasher = Hasher { hash: DefaultHasher::new(), left: MOST };
    values.iter().all(|value| hash(value, &mut hasher, 0)).then(|| hasher.hash.finish())
}

/// A hash in the making, and how many more values may go into it: parts of a value may be shared many times over.
struct Hasher {
    hash: DefaultHasher,
    left: u32,
}

fn hash(value: &Value, state: &mut Hasher, depth: u32) -> bool {
    if depth > DEPTH || state.left == 0 {
        return false;
    }
    state.left -= 1;
    let into = &mut state.hash;
    std::mem::discriminant(value).hash(into);
    match value {
        Value::Unknown(ty) => ty.hash(into),
        Value::Unit => {}
        Value::Bool(b) => b.hash(into),
        Value::Int(n) => n.hash(into),
        Value::Char(c) => c.hash(into),
        Value::Str(text) => text.hash(into),
        Value::Tuple(parts) => {
            parts.len().hash(into);
            return parts.iter().all(|part| hash(&part.borrow(), state, depth + 1));
        }
        Value::List(list) => {
            (list.items.len(), list.open, list.unsure).hash(into);
            return list.items.iter().all(|item| hash(item, state, depth + 1));
        }
        Value::Object(object) => {
            (object.def, object.variant, &object.generics, object.fields.len()).hash(into);
            return object.fields.iter().all(|(name, held)| {
                name.hash(&mut state.hash);
                hash(&held.borrow(), state, depth + 1)
            });
        }
        Value::Term(term) => {
            (&term.path, &term.generics, term.at, term.args.is_some()).hash(into);
            return term.args.iter().flatten().all(|arg| hash(arg, state, depth + 1));
        }
        Value::Fn(function) => {
            (function.def, &function.self_ty, &function.generics).hash(into);
        }
        Value::Ref(target) => return hash(&target.borrow(), state, depth + 1),
        Value::Alt(all) => {
            all.len().hash(into);
            return all.iter().all(|(guards, value)| {
                guards.hash(&mut state.hash);
                hash(value, state, depth + 1)
            });
        }
        Value::Closure(_) | Value::Router(_) | Value::Query(_) | Value::Passed(_) => return false,
    }
    true
}
