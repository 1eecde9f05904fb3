//! What is made of all elements of a list together: `collect`, `zip`, `join`.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Eval,
    elements::{found, there, there_under},
    iterator::{extend, with},
    method::Method,
    option::{Unwrapped, is_perhaps, perhaps, unwrap},
    text::Text,
    value::{FnValue, List, Value},
};
use crate::link::{Target, types::Ty};

impl Evaluator<'_> {
    /// `collect()`, `sum()` or `product()` where a type of the tree is asked for that says what those make of it.
    pub(super) fn gathered_in_tree(
        &mut self,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Option<Eval> {
        let (of_trait, name) = match method.name {
            "collect" => ("std::iter::FromIterator", "from_iter"),
            "sum" => ("std::iter::Sum", "sum"),
            "product" => ("std::iter::Product", "product"),
            _ => return None,
        };
        let ty = method.generics.first().or(self.expected.as_ref()).cloned();
        let ty = ty.filter(|ty| matches!(ty, Ty::Def(..)))?;
        let program = self.program;
        let mut blocks = program.impls_for(&ty.head()?);
        blocks.retain(|block| {
            matches!(program.trait_of(*block), Some(Target::External(path)) if &*path == of_trait)
        });
        let members = program.assoc_of_impls(&blocks, name);
        // Of several it is told by the elements which is meant.
        let [def] = *members.as_slice() else { return None };
        let made = FnValue { def, self_ty: Some(ty), generics: Vec::new() };
        let given = vec![Value::List(Rc::clone(list))];
        Some(self.call(&Value::Fn(Rc::new(made)), given, method.at))
    }

    /// `collect()`, by the type that is asked for.
    pub(super) fn collected(&mut self, list: &Rc<List>, method: &Method<'_>) -> Value {
        let ty = method.generics.first().cloned().or_else(|| self.expected.clone());
        let Some(Ty::External(path, args)) = ty else { return Value::List(list.clone()) };
        let last = path.rsplit(':').next().unwrap_or(&path);
        match last {
            "String" if &*path == "std::string::String" => joined(list, None),
            "Result" => self.collected_into("std::result::Result::Ok", list, args.first(), method),
            "Option" => {
                self.collected_into("std::option::Option::Some", list, args.first(), method)
            }
            _ => self.of_collection(Value::List(list.clone()), &path),
        }
    }

    /// A list of successes in one, which is a failure where one of them is.
    pub(super) fn collected_into(
        &mut self,
        success: &str,
        list: &Rc<List>,
        into: Option<&Ty>,
        method: &Method<'_>,
    ) -> Value {
        let mut items = Vec::new();
        let mut unsure = list.open;
        for whole in &list.items {
            let (guards, one) =
                there(whole).map_or((None, whole), |(guards, one)| (Some(guards), one));
            let inner = match unwrap(one) {
                Unwrapped::Inside(inner) => {
                    unsure |= is_perhaps(one);
                    inner
                }
                Unwrapped::Nothing if guards.is_none() && !list.unsure => return one.clone(),
                Unwrapped::Nothing => {
                    unsure = true;
                    continue;
                }
                Unwrapped::Other => {
                    unsure |= self.may_fail(one);
                    match one.bare() {
                        Value::Unknown(ty) => self.symbolic(&super::types::success_type(&ty)),
                        _ => self.perhaps_inside(one.clone()),
                    }
                }
            };
            items.push(guards.map_or(inner.clone(), |guards| there_under(guards, inner)));
        }
        let mut made = Value::List(Rc::new(List { items, ..**list }));
        if let Some(Ty::External(path, _)) = into {
            made = self.of_collection(made, path);
        }
        let made = Value::term(success, Some(vec![made]), method.at);
        if unsure { perhaps(made) } else { made }
    }

    /// Whether an element that a failure may come of is not known to be a success.
    fn may_fail(&self, value: &Value) -> bool {
        match value.bare() {
            Value::Alt(all) => all.iter().any(|(_, one)| match unwrap(one) {
                Unwrapped::Inside(_) => is_perhaps(one),
                Unwrapped::Nothing => true,
                Unwrapped::Other => self.may_fail(one),
            }),
            // A router stands for what came of making it.
            Value::Router(_) => false,
            _ => true,
        }
    }

    /// The pairs of two lists. Where one may have more elements than are known, there are as many as the other has.
    pub(super) fn zipped(&mut self, one: &List, two: &List) -> Value {
        let ends = |a: &List, b: &List| !a.open && a.items.len() <= b.items.len();
        let open = !(ends(one, two) || ends(two, one));
        let count = one.items.len().min(two.items.len());
        let mut pairs = Vec::with_capacity(count);
        for at in 0..count {
            let of = |e: &mut Self, list: &List| {
                if list.is_loose() {
                    e.element_at(list, at)
                } else {
                    list.items.get(at).cloned().unwrap_or_else(Value::unknown)
                }
            };
            let sides = if one.is_loose() && !two.is_loose() {
                // Each of them is in a pair, wherever it stands.
                let (guards, held) =
                    one.items.get(at).map_or((None, Value::unknown()), |item| match there(item) {
                        Some((guards, held)) => (Some(guards.clone()), held.clone()),
                        None => (None, item.clone()),
                    });
                let rest = two.items.get(..=at).unwrap_or_default();
                let other = if one.shuffled { self.any_element(two) } else { self.one_of(rest) };
                let pair = Value::tuple(vec![held, other]);
                pairs.push(guards.map_or(pair.clone(), |guards| there_under(&guards, pair)));
                continue;
            } else {
                vec![of(self, one), of(self, two)]
            };
            let pair = Value::tuple(sides);
            let is_there = !one.unsure && !two.unsure;
            pairs.push(if is_there { pair } else { self.perhaps_element(&pair) });
        }
        // Those of which the other is not known.
        let (more, is_first) = if one.items.len() > two.items.len() && two.open {
            (one, true)
        } else if two.items.len() > one.items.len() && one.open {
            (two, false)
        } else {
            return found(pairs, open);
        };
        for item in more.items.iter().skip(count) {
            let held = there(item).map_or_else(|| item.clone(), |(_, held)| held.clone());
            let other = Value::unknown();
            let pair = if is_first { vec![held, other] } else { vec![other, held] };
            let pair = self.perhaps_element(&Value::tuple(pair));
            pairs.push(pair);
        }
        found(pairs, one.open && two.open)
    }

    /// The pairs of a list and of what is not known to be one.
    pub(super) fn zipped_with_unknown(&mut self, list: &List, given: &Value) -> Value {
        self.escape(given);
        let of = super::wrapped::element_of(&self.type_of(given));
        let mut pairs = Vec::with_capacity(list.items.len());
        for item in &list.items {
            let held = there(item).map_or_else(|| item.clone(), |(_, held)| held.clone());
            let pair = Value::tuple(vec![held, self.symbolic(&of)]);
            pairs.push(self.perhaps_element(&pair));
        }
        found(pairs, list.open)
    }
}

/// Texts or lists in one.
pub(super) fn joined(list: &List, between: Option<&Value>) -> Value {
    if list.items.iter().any(|item| matches!(item.bare(), Value::List(_))) {
        let mut items = Vec::new();
        let mut open = list.open;
        for (item, at) in list.items.iter().zip(0..) {
            if let (Some(between), 1..) = (between, at) {
                // A list is put there element by element, anything else as one.
                match between.bare() {
                    Value::List(between) => open |= !extend(&mut items, &between.items),
                    between => items.push(between),
                }
            }
            if let Value::List(inner) = item.bare() {
                open |= inner.open;
                open |= !extend(&mut items, &inner.items);
            } else {
                open = true;
            }
        }
        return with(items, open);
    }
    let is_marked = list.items.iter().any(|item| there(item).is_some());
    if list.shuffled && list.is_loose() || list.unsure && !is_marked {
        return Value::Str(Text::hole());
    }
    let between = between.and_then(Value::text).unwrap_or_default();
    let (mut parts, mut is_after) = (Vec::with_capacity(2 * list.items.len()), false);
    for item in &list.items {
        if there(item).is_some() {
            // It is there with what stands between it and the next, or neither is.
            parts.push(Text::hole());
            is_after = false;
            continue;
        }
        if is_after {
            parts.push(between.clone());
        }
        parts.push(item.text().unwrap_or_else(Text::hole));
        is_after = true;
    }
    parts.extend(list.open.then(Text::hole));
    let parts: Vec<&Text> = parts.iter().collect();
    Value::Str(Text::joined(&parts))
}
