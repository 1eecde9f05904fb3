//! Places within values: what `&mut v[0]`, `v.iter_mut()`, `if let Some(x) = &mut option` and the like lead to.
//!
//! The elements of a list and what is inside `Some` are values, not places, until something is about to write to them:
//! each then becomes a place of its own, which the whole refers to.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Eval,
    effect::Guard,
    keys::{equal, known_key},
    method::Method,
    option::{option, perhaps},
    target_of,
    value::{Cell, Kind, List, Term, Value, cell},
};
use crate::{
    source::Place,
    syntax::tree::{Expr, ExprKind, Name, Pat, UnaryOp},
};

/// Elements of a list, any of which may be meant.
const MOST_ANY: usize = 24;

/// A value that refers to a place which holds it; one that is there under a choice only still is.
fn lent(value: &Value) -> Value {
    match value {
        Value::Ref(_) => value.clone(),
        Value::Alt(all) if all.len() == 1 => Value::Alt(Rc::new(
            all.iter().map(|(guards, one)| (guards.clone(), lent(one))).collect(),
        )),
        value => Value::Ref(cell(value.clone())),
    }
}

/// The place of the value of a pair of a map.
pub(super) fn value_place(pair: &Value) -> Option<Value> {
    match pair.bare() {
        Value::Tuple(parts) => parts.get(1).map(|part| Value::Ref(target_of(part))),
        _ => None,
    }
}

fn is_lent(value: &Value) -> bool {
    match value {
        Value::Ref(_) => true,
        Value::Alt(all) => all.len() == 1 && all.iter().all(|(_, one)| is_lent(one)),
        _ => false,
    }
}

/// The same value, its parts places that it refers to; `None` when they are already, or it has none.
fn with_places(value: &Value) -> Option<Value> {
    match value {
        Value::Term(term) if term.path.starts_with("std::") => {
            let args = term.args.as_ref().filter(|args| !args.iter().all(is_lent))?;
            let args = Some(args.iter().map(lent).collect());
            Some(Value::Term(Rc::new(Term { args, ..(**term).clone() })))
        }
        Value::List(list) if !list.items.iter().all(is_lent) => {
            let items = list.items.iter().map(lent).collect();
            Some(Value::List(Rc::new(List { items, ..(**list).clone() })))
        }
        Value::Alt(all) => {
            let mut changed = false;
            let all = all.iter().map(|(guards, one)| {
                let places = with_places(one);
                changed |= places.is_some();
                (guards.clone(), places.unwrap_or_else(|| one.clone()))
            });
            let all = all.collect();
            changed.then(|| Value::Alt(Rc::new(all)))
        }
        _ => None,
    }
}

impl Evaluator<'_> {
    /// `&inner` or `&mut inner`.
    pub(super) fn eval_reference(&mut self, mutable: bool, inner: &Expr) -> Eval {
        if !mutable {
            return self.without_naming(inner, |e| e.eval(inner));
        }
        if let ExprKind::Index(whole, _) = &inner.kind
            && names_a_place(whole)
        {
            let whole = self.place(whole)?;
            if matches!(&*whole.borrow(), Value::Str(_)) {
                // A part of a text is no place: what is done to it is done to the whole.
                return Ok(Value::Ref(whole));
            }
            self.lend_inside(&whole);
        }
        let place = self.changed_place(inner, None)?;
        if matches!(inner.kind, ExprKind::Field(..)) && Rc::strong_count(&place) == 1 {
            // A field of what is not known: what is put there is seen by whoever has the whole.
            self.share(&place);
        }
        Ok(Value::Ref(place))
    }

    /// Makes a place of each part of what stands at `place`. No branch has to take that back: the value is the same.
    pub(super) fn lend_inside(&mut self, place: &Cell) {
        let place = target_of(place);
        let places = with_places(&place.borrow());
        if let Some(places) = places {
            place.replace(places);
            self.writes += 1;
        }
    }

    /// The list at a place; its elements are places where `lends`.
    pub(super) fn lent_list(&mut self, place: &Cell, list: &Rc<List>, lends: bool) -> Rc<List> {
        if lends {
            self.lend_inside(place);
        }
        match target_of(place).borrow().bare() {
            Value::List(lent) if lends => lent,
            _ => list.clone(),
        }
    }

    /// The place of element `at` of the list at `place`; `None` when it is none that is known.
    pub(super) fn lent_element(&mut self, place: &Cell, at: usize) -> Option<Cell> {
        let place = target_of(place);
        let mut held = place.borrow_mut();
        let Value::List(list) = &mut *held else { return None };
        let item = list.items.get(at)?;
        if !is_lent(item) {
            let item = lent(item);
            if let Some(slot) = Rc::make_mut(list).items.get_mut(at) {
                *slot = item;
            }
            self.writes += 1;
        }
        match list.items.get(at)? {
            Value::Ref(inner) => Some(target_of(inner)),
            _ => None,
        }
    }

    /// Methods that give `&mut` to elements of the list at `target`; `None` for any other, and where no element is known.
    pub(super) fn lent_by(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Option<Value> {
        if let Some(parts) = self.parts_lent(target, list, method) {
            return Some(parts);
        }
        let at = match (method.name, method.args.as_slice()) {
            ("iter_mut" | "each_mut", []) => {
                self.lend_inside(target);
                return match target.borrow().bare() {
                    Value::List(list) => Some(Value::List(Rc::new(list.elements()))),
                    held => Some(held),
                };
            }
            ("as_mut_slice" | "as_mut" | "make_contiguous" | "deref_mut", []) => {
                return Some(Value::Ref(target.clone()));
            }
            ("values_mut", []) => {
                let all = list.elements();
                let parts = all.items.iter().map(value_place);
                let items = parts.collect::<Option<Vec<Value>>>()?;
                return Some(all.holding(items));
            }
            ("first_mut" | "front_mut" | "last_mut" | "back_mut" | "get_mut", _)
                if list.is_loose()
                    && list.kind == Kind::Sequence
                    && list.items.len() <= MOST_ANY =>
            {
                self.lend_inside(target);
                return Some(self.any_of(target, method.at));
            }
            ("first_mut" | "front_mut", []) => 0,
            ("last_mut" | "back_mut", []) if !list.open => list.items.len().checked_sub(1)?,
            ("get_mut", [key]) => match key.bare() {
                Value::Int(at) if list.kind == Kind::Sequence => usize::try_from(at).ok()?,
                key => {
                    let known = |pair: &&Value| known_key(pair).is_some_and(|k| equal(&k, &key));
                    let found = value_place(list.items.iter().find(known)?)?;
                    return Some(option(Some(found), method.at));
                }
            },
            _ => return None,
        };
        let found = self.lent_element(target, at)?;
        Some(option(Some(Value::Ref(found)), method.at))
    }

    /// `Some` of one element or another, or nothing.
    fn any_of(&mut self, target: &Cell, at: Place) -> Value {
        let Value::List(list) = target.borrow().bare() else { return Value::unknown() };
        let condition = self.fresh_condition();
        let each = list.items.iter().zip(0u16..).filter_map(|(item, arm)| {
            Some((self.guards.with(Guard { condition, arm })?, item.clone()))
        });
        let each: Vec<_> = each.collect();
        if each.is_empty() {
            return Value::unknown();
        }
        perhaps(option(Some(self.join(each)), at))
    }

    /// What a part of a pattern stands for where the whole is `&mut place`; `None` when it is not, or has no such place.
    pub(super) fn lent_part(&mut self, whole: &Value, part: Part<'_>) -> Option<Value> {
        let Value::Ref(place) = whole else { return None };
        let place = target_of(place);
        if let Part::Element(at) = part
            && let Some(found) = self.lent_element(&place, at)
        {
            return Some(Value::Ref(found));
        }
        self.lend_inside(&place);
        let held = place.borrow();
        match (&*held, part) {
            (Value::Tuple(parts), Part::Element(at)) => {
                parts.get(at).map(|part| Value::Ref(target_of(part)))
            }
            (Value::Object(object), Part::Field(name)) => {
                let found = object.fields.iter().find(|(known, _)| known == name);
                found.map(|(_, part)| Value::Ref(target_of(part)))
            }
            (Value::Term(term), Part::Field(name)) => {
                let at = name.parse::<usize>().ok()?;
                term.args.as_ref()?.get(at).filter(|part| is_lent(part)).cloned()
            }
            _ => None,
        }
    }
}

/// A part of a value, as a pattern names it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// Of a tuple, list or slice.
    Element(usize),
    /// Of a struct or variant, by name or position.
    Field(&'a Name),
}

/// Whether an expression is the name of a local or of a part of it: to evaluate it does nothing.
pub(super) fn names_a_place(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Path(path) => path.segments.len() == 1,
        ExprKind::Field(inner, _) | ExprKind::Unary(UnaryOp::Deref, inner) => names_a_place(inner),
        _ => false,
    }
}

/// Whether a pattern binds a name by `ref mut`.
pub(super) fn binds_mutably(pat: &Pat) -> bool {
    match pat {
        Pat::Bind { by_mut, sub, .. } => *by_mut || sub.as_deref().is_some_and(binds_mutably),
        Pat::TupleStruct(_, parts, _)
        | Pat::Tuple(parts, _)
        | Pat::Slice(parts, _)
        | Pat::Or(parts) => parts.iter().any(binds_mutably),
        Pat::Struct(_, fields) => fields.iter().any(|(_, part)| binds_mutably(part)),
        Pat::Ref(inner) | Pat::Typed(inner, _) => binds_mutably(inner),
        Pat::Wild | Pat::Path(_) | Pat::Lit(_) | Pat::Range(..) | Pat::Unread | Pat::Macro(_) => {
            false
        }
    }
}
