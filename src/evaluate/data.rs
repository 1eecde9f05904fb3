//! Constants as plain data, for the parts of a contract that are written in Rust.

use super::{Evaluator, value::Value};
use crate::{link::DefId, syntax::tree::ItemKind};

/// A constant as far as its value is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A string.
    Text(String),
    /// An array, a slice or a list.
    List(Vec<Data>),
    /// A struct, a tuple (fields `0`, `1`, …) or a variant with fields.
    Record(Vec<(String, Data)>),
    /// A function, a unit struct, a variant or a constant outside the tree, by its path.
    Named(String),
    /// Not known.
    Unknown,
}

impl Evaluator<'_> {
    /// The value of a constant or static as data.
    pub(super) fn constant_data(&mut self, id: DefId) -> Data {
        let value = self.constant(id);
        self.data(&value)
    }

    fn data(&self, value: &Value) -> Data {
        match value.bare() {
            Value::Str(text) => text.exact().map_or(Data::Unknown, Data::Text),
            Value::List(list) => {
                let more = list.open.then_some(Data::Unknown);
                Data::List(list.items.iter().map(|item| self.data(item)).chain(more).collect())
            }
            Value::Tuple(parts) => {
                let fields = parts.iter().enumerate();
                Data::Record(
                    fields.map(|(at, part)| (at.to_string(), self.data(&part.borrow()))).collect(),
                )
            }
            Value::Object(object) if object.fields.is_empty() => {
                let def = self.program.def(object.def);
                let variant = match (&def.item.kind, object.variant) {
                    (ItemKind::Enum { variants, .. }, Some(at)) => variants.get(at as usize),
                    _ => None,
                };
                Data::Named(variant.map_or_else(
                    || def.path.to_string(),
                    |variant| format!("{}::{}", def.path, variant.name),
                ))
            }
            Value::Object(object) => {
                let fields = object.fields.iter();
                Data::Record(
                    fields
                        .map(|(name, held)| (name.to_string(), self.data(&held.borrow())))
                        .collect(),
                )
            }
            Value::Fn(function) => Data::Named(self.program.def(function.def).path.to_string()),
            Value::Term(term) => match (&*term.path, term.args.as_deref()) {
                (path, None) => Data::Named(path.to_owned()),
                ("std::option::Option::Some" | "std::result::Result::Ok", Some([only])) => {
                    self.data(only)
                }
                _ => Data::Unknown,
            },
            _ => Data::Unknown,
        }
    }
}
