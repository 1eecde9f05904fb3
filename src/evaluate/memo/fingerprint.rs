//! A number for plain values, by which calls are told apart.

use std::{
    hash::{BuildHasher as _, Hash as _, Hasher as _},
    rc::Rc,
};

use rustc_hash::FxHashMap;

use crate::{
    evaluate::{
        Evaluator,
        types::pointee,
        value::{Cell, Object, SeededHasher, Value},
    },
    link::types::Ty,
    syntax::tree::Name,
};

/// Values within values that are looked at.
const DEPTH: u32 = 48;
/// Values in all that a call is given.
const MOST: u32 = 4_000;

impl Evaluator<'_> {
    /// A number for plain values; `None` when one of them is not plain.
    pub(in crate::evaluate) fn fingerprint(&self, values: &[Value]) -> Option<u64> {
        let mut hasher = self.seed.build_hasher();
        let mut looked = Looked { left: MOST, known: FxHashMap::default() };
        let mut values = values.iter();
        values.all(|value| self.hash(value, &mut hasher, &mut looked, 0)).then(|| hasher.finish())
    }

    /// Adds what a place holds to a hash, as [`Self::hash_at`] does.
    fn hash_place(
        &self,
        place: &Cell,
        into: &mut SeededHasher,
        looked: &mut Looked,
        depth: u32,
    ) -> bool {
        self.hash_at(shared(place), &place.borrow(), into, looked, depth)
    }

    fn hash(
        &self,
        value: &Value,
        into: &mut SeededHasher,
        looked: &mut Looked,
        depth: u32,
    ) -> bool {
        self.hash_at(None, value, into, looked, depth)
    }

    /// Adds a value to a hash, as one number if it has parts, so that what is shared is looked at once. Whether it is
    /// plain.
    ///
    /// - `place`: the place that holds it, where that is shared.
    fn hash_at(
        &self,
        place: Option<*const ()>,
        value: &Value,
        into: &mut SeededHasher,
        looked: &mut Looked,
        depth: u32,
    ) -> bool {
        if depth > DEPTH || looked.left == 0 {
            return false;
        }
        looked.left -= 1;
        if let Value::Term(term) = value
            && term.is_inert()
        {
            let known = term.digest.call.get_or_init(|| {
                let mut own = self.seed.build_hasher();
                let mut looked = Looked { left: MOST, known: FxHashMap::default() };
                self.hash_parts(value, &mut own, &mut looked, 0).then(|| own.finish())
            });
            known.hash(into);
            return known.is_some();
        }
        let address = match value {
            // A struct of which nothing is known, whether it was looked into or not.
            Value::Object(object) if self.is_symbolic(object, 0) => {
                std::mem::discriminant(&Value::Unknown(Ty::Unknown)).hash(into);
                Ty::Def(object.def, object.generics.clone()).hash(into);
                return true;
            }
            Value::Tuple(parts) => shared(parts),
            Value::List(list) => shared(list),
            Value::Object(object) => shared(object),
            Value::Term(term) => shared(term),
            Value::Ref(_) => None,
            Value::Alt(all) => shared(all),
            Value::Closure(closure) => shared(closure),
            leaf => return self.hash_parts(leaf, into, looked, depth),
        };
        let address = address.or(place);
        let known = address.and_then(|address| looked.known.get(&address)).copied();
        let hash = known.or_else(|| {
            let mut own = self.seed.build_hasher();
            self.hash_parts(value, &mut own, looked, depth).then(|| own.finish())
        });
        let Some(hash) = hash else { return false };
        if let Some(address) = address {
            looked.known.insert(address, hash);
        }
        hash.hash(into);
        true
    }

    fn hash_parts(
        &self,
        value: &Value,
        into: &mut SeededHasher,
        looked: &mut Looked,
        depth: u32,
    ) -> bool {
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
                let mut parts = parts.iter();
                return parts.all(|part| self.hash_place(part, into, looked, depth + 1));
            }
            Value::List(list) => {
                (list.items.len(), list.open, list.unsure).hash(into);
                (list.shuffled, list.is_view, list.kind, list.is_array).hash(into);
                if list.awaits > 0 {
                    return false;
                }
                return list.items.iter().all(|item| self.hash(item, into, looked, depth + 1));
            }
            Value::Object(object) => {
                (object.def, object.variant, &object.generics, object.fields.len()).hash(into);
                return object.fields.iter().all(|(name, held)| {
                    name.hash(into);
                    self.hash_place(held, into, looked, depth + 1)
                });
            }
            Value::Term(term) => {
                (&term.path, &term.generics, term.at, term.args.is_some()).hash(into);
                return term
                    .args
                    .iter()
                    .flatten()
                    .all(|arg| self.hash(arg, into, looked, depth + 1));
            }
            Value::Fn(function) => {
                (function.def, &function.self_ty, &function.generics).hash(into);
            }
            Value::Ref(target) => return self.hash_place(target, into, looked, depth + 1),
            Value::Alt(all) => {
                all.len().hash(into);
                return all.iter().all(|(guards, value)| {
                    guards.hash(into);
                    self.hash(value, into, looked, depth + 1)
                });
            }
            Value::Closure(closure) => {
                (closure.at, closure.made_by, closure.owner, &closure.self_ty).hash(into);
                (&closure.generics, closure.nested).hash(into);
                return closure.captured.iter().all(|(name, held)| {
                    name.hash(into);
                    self.hash_place(held, into, looked, depth + 1)
                });
            }
            Value::Router(_) | Value::Query(_) | Value::Passed(_) => {
                return false;
            }
        }
        true
    }

    /// Whether a struct is one of which only the type is known, with its fields laid out.
    fn is_symbolic(&self, object: &Object, depth: u32) -> bool {
        let fields = self.fields_given(object.def, &object.generics);
        let Some(fields) = fields.filter(|_| object.variant.is_none()) else {
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

/// What is looked at for one number: how many values more, and the hashes of parts that stand in several places.
struct Looked {
    left: u32,
    known: FxHashMap<*const (), u64>,
}

/// The address of what stands in several places.
fn shared<T: ?Sized>(held: &Rc<T>) -> Option<*const ()> {
    (Rc::strong_count(held) > 1).then(|| Rc::as_ptr(held).cast())
}
