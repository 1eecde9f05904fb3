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
/// Parts of a value that is copied: options are small, and pairs of pairs of pairs … would no longer share theirs.
const MOST_PARTS: u32 = 128;

impl Evaluator<'_> {
    /// A value as it is read where it goes on to be used: a copy where its type says so.
    pub(super) fn read(&mut self, value: Value) -> Value {
        match self.copied_parts(&value, &mut { MOST_PARTS }) {
            Some(true) => value.own(),
            _ => value,
        }
    }

    /// The locals that a `move` closure takes: what it writes to them stays with it.
    pub(super) fn taken(&mut self, locals: Vec<(Name, Cell)>) -> Vec<(Name, Cell)> {
        let take = |(name, held): (Name, Cell)| {
            let value = held.borrow().clone();
            (name, cell(self.read(value)))
        };
        locals.into_iter().map(take).collect()
    }

    /// Whether a value of a type that is copied holds parts in places; `None` for one of another type. What has no parts is
    /// the same either way.
    ///
    /// - `left`: how many more parts it may have.
    fn copied_parts(&mut self, value: &Value, left: &mut u32) -> Option<bool> {
        *left = left.checked_sub(1)?;
        let mut any = |e: &mut Self, parts: &mut dyn Iterator<Item = Value>| {
            let mut found = false;
            for part in parts {
                found |= e.copied_parts(&part, left)?;
            }
            Some(found)
        };
        match value {
            Value::Object(object) => {
                self.is_copy_type(object.def).then_some(!object.fields.is_empty())
            }
            Value::Tuple(parts) => {
                any(self, &mut parts.iter().map(|part| part.borrow().clone())).map(|_| true)
            }
            Value::List(list) if list.items.len() <= MOST_ELEMENTS => {
                any(self, &mut list.items.iter().cloned())
            }
            Value::List(_) => None,
            Value::Term(term) if !term.is_inert() => {
                any(self, &mut term.args.iter().flatten().cloned())
            }
            _ => Some(false),
        }
    }

    /// Whether a type of the tree is `Copy`: by a derive, or by an impl.
    fn is_copy_type(&mut self, id: DefId) -> bool {
        if let Some(known) = self.read_types.are_copy.get(&id) {
            return *known;
        }
        let def = self.program.def(id);
        let derives = def.item.attrs.iter().any(|attr| self.derives_copy(&def, attr));
        let is_copy = derives
            || self.program.impls_for(&Head::Item(id)).into_iter().any(|block| {
                matches!(self.program.trait_of(block), Some(Target::External(path))
                    if path.rsplit(':').next() == Some(COPY))
            });
        self.read_types.are_copy.insert(id, is_copy);
        is_copy
    }

    fn derives_copy(&self, def: &Def, attr: &Attr) -> bool {
        let last = attr.path.segments.last().map_or("", |last| last.name.as_str());
        let text = self.program.text(def.file);
        let mut words = attr.args.of(&text).split(|c: char| !c.is_alphanumeric() && c != '_');
        last.starts_with("derive") && words.any(|word| word == COPY)
    }
}
