//! Entries of maps that are kept, or taken apart by their variants: `match map.entry(key) { Entry::Vacant(none) => … }`.
//!
//! One is the variant around the map's place and the key. Nothing else reaches the map while it is there.

use super::{DEFAULT, Slot};
use crate::{
    evaluate::{
        Evaluator,
        branch::{Eval, Flow},
        method::Method,
        option::{Unwrapped, unwrap},
        value::{Cell, Order, Term, Value},
    },
    source::Place,
};

/// Whether a key is there, under the variant that says so and the type that is in that.
const VARIANTS: [(&str, &str, bool); 2] =
    [("Entry::Occupied", "OccupiedEntry", true), ("Entry::Vacant", "VacantEntry", false)];

/// The entry of a key of which it is known whether it is there; `None` of a map of another crate.
pub(in crate::evaluate) fn entry_at(
    map: &Cell,
    order: Order,
    key: &Value,
    is_there: bool,
    at: Place,
) -> Option<Value> {
    let module = match order {
        Order::Any => "std::collections::hash_map",
        Order::Sorted => "std::collections::btree_map",
        Order::Inserted => return None,
    };
    let (variant, held, _) = VARIANTS.iter().find(|(.., known)| *known == is_there)?;
    let args = vec![Value::Ref(map.clone()), key.clone()];
    let inner = Value::term(&format!("{module}::{held}"), Some(args), at);
    Some(Value::term(&format!("{module}::{variant}"), Some(vec![inner]), at))
}

/// An entry taken apart.
struct Kept {
    map: Cell,
    key: Value,
    is_there: bool,
    /// Whether it is the enum, not what one of its variants holds.
    is_enum: bool,
}

fn kept(term: &Term) -> Option<Kept> {
    let find = |of: fn(&(&'static str, &'static str, bool)) -> &'static str| {
        VARIANTS.iter().find_map(|known| {
            let module = term.path.strip_suffix(of(known))?;
            module.starts_with("std::collections::").then_some(known.2)
        })
    };
    let args = term.args.as_deref()?;
    if let (Some(_), [Value::Term(inner)]) = (find(|known| known.0), args) {
        return Some(Kept { is_enum: true, ..kept(inner)? });
    }
    let is_there = find(|known| known.1)?;
    let [Value::Ref(map), key] = args else { return None };
    Some(Kept { map: map.clone(), key: key.clone(), is_there, is_enum: false })
}

impl Evaluator<'_> {
    /// A method of such an entry; `None` for any other.
    pub(in crate::evaluate) fn entry_method(
        &mut self,
        term: &Term,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let Some(entry) = kept(term) else { return Ok(None) };
        let place = match self.entry_of(&entry.map, Some(&entry.key), true) {
            Slot::Held(held) if entry.is_there => Some(held),
            Slot::Vacant if !entry.is_there => None,
            _ => return Ok(None),
        };
        let (key, at) = (entry.key.clone(), method.at);
        let value = match (method.name, method.args.as_slice(), entry.is_enum) {
            ("key", [], _) => return Ok(Some(key)),
            ("into_key", [], false) if place.is_none() => return Ok(Some(key)),
            ("and_modify", [run], true) => {
                if let Some(held) = place {
                    self.call(run, vec![Value::Ref(held)], at)?;
                }
                return Ok(Some(Value::Term(std::rc::Rc::new(term.clone()))));
            }
            ("insert", [value], false) => value.clone(),
            ("or_insert", [value], true) => value.clone(),
            ("or_insert_with", [make], true) if place.is_none() => {
                self.call(make, Vec::new(), at)?
            }
            ("or_insert_with_key", [make], true) if place.is_none() => {
                self.call(make, vec![key.clone()], at)?
            }
            ("or_insert_with" | "or_insert_with_key", [_], true) => Value::unknown(),
            ("or_default", [], true) => Value::term(DEFAULT, Some(Vec::new()), at),
            ("get", [], false) => return Ok(place.map(|held| held.borrow().clone())),
            ("get_mut" | "into_mut", [], false) => return Ok(place.map(Value::Ref)),
            ("remove" | "remove_entry", [], false) if place.is_some() => {
                return self.removed(&entry, method).map(Some);
            }
            _ => return Ok(None),
        };
        let Some(held) = place else {
            return self.put_pair(&entry.map, key, value, at).map(|held| Some(Value::Ref(held)));
        };
        if method.name != "insert" {
            return Ok(Some(Value::Ref(held)));
        }
        let before = held.borrow().clone();
        self.write(&held, value);
        Ok(Some(before))
    }

    /// What is taken out of the map with its key.
    fn removed(&mut self, entry: &Kept, method: &Method<'_>) -> Eval {
        let method = Method { args: vec![entry.key.clone()], ..method.clone() };
        let gone = self.method(&entry.map, method)?;
        Ok(match unwrap(&gone) {
            Unwrapped::Inside(gone) => gone,
            _ => Value::unknown(),
        })
    }
}
