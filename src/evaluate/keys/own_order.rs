//! Comparisons of values of types of the tree: by what they implement, or else by what they derive.

use std::{cmp::Ordering, rc::Rc};

use super::ordering::ordering_of;
use crate::{
    evaluate::{
        Evaluator,
        option::{Unwrapped, unwrap},
        value::{FnValue, Object, Value},
    },
    link::{DefId, Head, Target, types::Ty},
    syntax::{
        discriminants::discriminants,
        tree::{ItemKind, TypeRef},
    },
};

impl Evaluator<'_> {
    /// `a op b` of two values of one type of the tree; `None` where neither an impl nor a derive says what that is.
    pub(in crate::evaluate) fn compared_in_tree(
        &mut self,
        op: &str,
        a: &Value,
        b: &Value,
    ) -> Option<Value> {
        let (Value::Object(one), Value::Object(other)) = (a, b) else { return None };
        if one.def != other.def || !matches!(op, "==" | "!=" | "<" | ">" | "<=" | ">=") {
            return None;
        }
        if matches!(op, "==" | "!=") {
            let eq = self.own_comparison(one.def, "PartialEq", "eq")?;
            return Some(match self.ask(&eq, a, b) {
                Value::Bool(is_equal) => Value::Bool(is_equal == (op == "==")),
                _ => Value::unknown(),
            });
        }
        let order = match self.own_comparison(one.def, "PartialOrd", "partial_cmp") {
            Some(own) => match unwrap(&self.ask(&own, a, b)) {
                Unwrapped::Inside(order) => ordering_of(&order),
                _ => None,
            },
            None => self.derived_order(one, other),
        };
        Some(order.map_or_else(Value::unknown, |order| {
            Value::Bool(match op {
                "<" => order.is_lt(),
                ">" => order.is_gt(),
                "<=" => order.is_le(),
                _ => order.is_ge(),
            })
        }))
    }

    fn ask(&mut self, method: &FnValue, a: &Value, b: &Value) -> Value {
        let method = Value::Fn(Rc::new(method.clone()));
        let said = self.call(&method, vec![a.clone(), b.clone()], self.current);
        said.map_or_else(|_| Value::unknown(), |said| said.bare())
    }

    /// The method by which a type of the tree compares itself to its like.
    fn own_comparison(&self, def: DefId, of_trait: &str, name: &str) -> Option<FnValue> {
        let program = self.program;
        let blocks = program.impls_for(&Head::Item(def)).into_iter().filter(|block| {
            let ItemKind::Impl(item) = &program.def(*block).item.kind else { return false };
            let given = item.of_trait.iter().flat_map(|path| &path.segments);
            // `PartialEq<str>` compares to something else.
            let to_itself = given.flat_map(|segment| &segment.args).all(|arg| {
                matches!(arg, TypeRef::Path(path) if path.segments.last().is_some_and(
                    |last| last.name == "Self" || last.name == program.def(def).name))
            });
            let is_of = matches!(program.trait_of(*block), Some(Target::External(path))
                if path.rsplit(':').next() == Some(of_trait));
            to_itself && is_of
        });
        let members = blocks.flat_map(|block| program.members(block));
        let method = members.into_iter().find(|id| program.def(*id).name == name)?;
        let self_ty = Some(Ty::Def(def, Vec::new()));
        Some(FnValue { def: method, self_ty, generics: Vec::new() })
    }

    /// The order of two values whose type derives it: that of their variants' numbers.
    fn derived_order(&mut self, one: &Object, other: &Object) -> Option<Ordering> {
        let derives = self.derives(&Value::Unknown(Ty::Def(one.def, Vec::new())), "PartialOrd");
        if !derives {
            return None;
        }
        let (Some(a), Some(b)) = (one.variant, other.variant) else { return None };
        if a == b {
            return (one.fields.is_empty() && other.fields.is_empty()).then_some(Ordering::Equal);
        }
        let numbers = self.variant_numbers(one.def)?;
        Some(numbers.get(a as usize)?.cmp(numbers.get(b as usize)?))
    }

    /// The number of a variant that holds nothing: what it is as an integer.
    pub(in crate::evaluate) fn number_of_variant(&mut self, value: &Value) -> Option<i128> {
        let Value::Object(object) = value.bare() else { return None };
        let variant = object.variant.filter(|_| object.fields.is_empty())?;
        self.variant_numbers(object.def)?.get(variant as usize).copied()
    }

    /// The numbers of an enum's variants; nothing if one of them is not known.
    fn variant_numbers(&mut self, id: DefId) -> Option<Rc<[i128]>> {
        if let Some(known) = self.read_types.numbers.get(&id) {
            return known.clone();
        }
        // One that is made of itself is not known.
        self.read_types.numbers.insert(id, None);
        let numbers = self.for_all(|e| e.numbered_variants(id)).map(Rc::from);
        self.read_types.numbers.insert(id, numbers.clone());
        if self.steps > self.budget {
            // What was cut short for want of steps is not cut short wherever it is asked.
            self.read_types.numbers.remove(&id);
        }
        numbers
    }

    fn numbered_variants(&mut self, id: DefId) -> Option<Vec<i128>> {
        let def = self.program.def(id);
        let ItemKind::Enum { variants, .. } = &def.item.kind else { return None };
        let text = self.program.text(def.file);
        let given = discriminants(&text, def.item.span)?;
        if given.len() != variants.len() {
            return None;
        }
        let mut numbers = Vec::with_capacity(given.len());
        let mut next = 0;
        for given in given {
            if let Some(expr) = given {
                let ty = Some(Ty::Def(id, Vec::new()));
                let value =
                    self.in_scope(def.module, def.file, None, ty, Vec::new(), |e| e.eval(&expr));
                let Value::Int(number) = value.bare() else { return None };
                next = number;
            }
            numbers.push(next);
            next = next.checked_add(1)?;
        }
        Some(numbers)
    }
}
