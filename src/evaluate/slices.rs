//! Elements of lists that an index or the pattern of a slice takes, of each list that a value may be.

use std::rc::Rc;

use super::{
    Evaluator,
    effect::Guards,
    value::{List, Value},
};
use crate::syntax::tree::Pat;

impl<'p> Evaluator<'p> {
    /// Of the values that one may be those that the choices made leave possible.
    pub(super) fn possible<'a>(
        &self,
        all: &'a [(Guards, Value)],
    ) -> impl Iterator<Item = &'a (Guards, Value)> + use<'a, 'p> {
        let here = self.guards.clone();
        all.iter().filter(move |(guards, _)| here.and(guards).is_some())
    }

    /// Gives the names of a slice's pattern their elements.
    pub(super) fn bind_slice(&mut self, parts: &[Pat], rest: Option<usize>, value: &Value) {
        for (at, part) in parts.iter().enumerate() {
            let place = Place { at, parts: parts.len(), rest };
            let keeps = !matches!(part, Pat::Wild);
            let piece = match value {
                Value::List(list) if keeps && rest != Some(at) && list.is_loose() => {
                    self.any_element(list)
                }
                Value::Alt(all) if keeps => {
                    let each = self
                        .possible(all)
                        .map(|(guards, one)| (guards.clone(), place.in_value(one)));
                    let each: Vec<_> = each.collect();
                    self.join(each)
                }
                Value::Unknown(ty) if keeps => {
                    let of = super::wrapped::element_of(ty);
                    let is_rest = rest == Some(at);
                    self.symbolic(&if is_rest { super::wrapped::many(of) } else { of })
                }
                value => place.in_value(value),
            };
            self.bind(part, piece);
        }
    }
}

/// A part of a slice's pattern.
struct Place {
    at: usize,
    /// How many parts there are.
    parts: usize,
    /// Which one is `..`.
    rest: Option<usize>,
}

impl Place {
    /// What stands there in a list.
    fn in_value(&self, value: &Value) -> Value {
        let Value::List(list) = value.bare() else { return Value::unknown() };
        let after = self.parts - self.at - 1;
        match self.rest {
            Some(rest) if rest == self.at => {
                let end = list.items.len().saturating_sub(after);
                let items = list.items.get(self.at..end).unwrap_or_default().to_vec();
                Value::List(Rc::new(List { items, ..*list }))
            }
            Some(rest) if self.at > rest => {
                let at = list.items.len().checked_sub(after + 1);
                at.and_then(|at| list.items.get(at)).cloned().unwrap_or_else(Value::unknown)
            }
            _ => list.items.get(self.at).cloned().unwrap_or_else(Value::unknown),
        }
    }
}
