//! Values of types that are `Copy`: each time that one is read it is another value.
//!
//! Structs and tuples hold their parts in places, which a value shares with whatever it was read from. That is right
//! for what is moved, since nobody looks at the old one again; where both go on, what is written to one must not be
//! seen in the other.

use super::{
    Evaluator,
    value::{Cell, Value, cell},
};
use crate::{
    link::{Def, DefId, Head, Target},
    syntax::tree::{Attr, Name},
};

/// The trait.
const COPY: &str = "Copy";
/// Elements of an array that is copied. Longer lists are vectors as a rule, which are moved.
const MOST_ELEMENTS: usize = 64;
/// How deep values are looked into.
const DEPTH: u32 = 8;

impl Evaluator<'_> {
    /// A value as it is read where it goes on to be used: a copy where its type says so.
    pub(super) fn read(&mut self, value: Value) -> Value {
        if holds_places(&value) && self.is_duplicated(&value, 0) { value.own() } else { value }
    }

    /// The locals that a `move` closure takes: what it writes to them stays with it.
    pub(super) fn taken(&mut self, locals: Vec<(Name, Cell)>) -> Vec<(Name, Cell)> {
        let take = |(name, held): (Name, Cell)| {
            let value = held.borrow().clone();
            (name, cell(self.read(value)))
        };
        locals.into_iter().map(take).collect()
    }

    /// Whether what holds parts in places is of a type that is copied. What has none is the same either way.
    fn is_duplicated(&mut self, value: &Value, depth: u32) -> bool {
        if depth > DEPTH {
            return false;
        }
        match value {
            Value::Object(object) => self.is_copy_type(object.def),
            Value::Tuple(parts) => {
                parts.iter().all(|part| self.is_duplicated(&part.borrow(), depth + 1))
            }
            Value::List(list) => {
                list.items.len() <= MOST_ELEMENTS
                    && list.items.iter().all(|item| self.is_duplicated(item, depth + 1))
            }
            Value::Term(term) if !term.is_inert() => {
                term.args.iter().flatten().all(|arg| self.is_duplicated(arg, depth + 1))
            }
            _ => true,
        }
    }

    /// Whether a type of the tree is `Copy`: by a derive, or by an impl.
    fn is_copy_type(&mut self, id: DefId) -> bool {
        if let Some(known) = self.copy_types.get(&id) {
            return *known;
        }
        let def = self.program.def(id);
        let derives = def.item.attrs.iter().any(|attr| self.derives_copy(&def, attr));
        let is_copy = derives
            || self.program.impls_for(&Head::Item(id)).into_iter().any(|block| {
                matches!(self.program.trait_of(block), Some(Target::External(path))
                    if path.rsplit(':').next() == Some(COPY))
            });
        self.copy_types.insert(id, is_copy);
        is_copy
    }

    fn derives_copy(&self, def: &Def, attr: &Attr) -> bool {
        let last = attr.path.segments.last().map_or("", |last| last.name.as_str());
        let text = self.program.text(def.file);
        let mut words = attr.args.of(&text).split(|c: char| !c.is_alphanumeric() && c != '_');
        last.starts_with("derive") && words.any(|word| word == COPY)
    }
}

/// Whether a value has parts that stand in places of their own.
fn holds_places(value: &Value) -> bool {
    match value {
        Value::Object(object) => !object.fields.is_empty(),
        Value::Tuple(_) => true,
        Value::List(list) => {
            list.items.len() <= MOST_ELEMENTS && list.items.iter().any(holds_places)
        }
        Value::Term(term) => !term.is_inert() && term.args.iter().flatten().any(holds_places),
        _ => false,
    }
}
