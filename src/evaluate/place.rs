//! Places: what an expression names that can be written to, and what is written there.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Eval, Flow},
    effect::Guard,
    method::Method,
    text::Text,
    value::{Cell, Kind, List, Value, cell, target_of, up_to_lock},
};
use crate::{
    link::{Head, Target},
    source::Span,
    syntax::tree::{Expr, ExprKind, Name, UnaryOp},
};

/// Elements of which each may become another value.
const MOST_CHANGED: usize = 24;

impl Evaluator<'_> {
    /// Puts a value where `target` says.
    pub(super) fn assign(&mut self, target: &Expr, value: Value) -> Eval {
        match &target.kind {
            ExprKind::Tuple(parts) | ExprKind::Array(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    let piece =
                        super::pattern::element(&value.bare(), at).unwrap_or_else(Value::unknown);
                    self.assign(part, piece)?;
                }
            }
            ExprKind::Path(path)
                if path.segments.len() == 1
                    && path.segments.first().is_some_and(|s| s.name == "_") => {}
            ExprKind::Path(path) if path.segments.len() == 1 => {
                // `x = …` puts the value into the variable itself, even when that holds a reference.
                let name = path.segments.first().map_or("", |segment| segment.name.as_str());
                match self.local(name) {
                    Some(place) => self.write(&place, value),
                    None => self.escape(&value),
                }
            }
            ExprKind::Struct(_, fields, _) => {
                for (name, part) in fields {
                    let piece = self.field_of(&value, name);
                    self.assign(part, piece)?;
                }
            }
            _ => {
                let (place, known) = match &target.kind {
                    ExprKind::Field(base, name) => {
                        let (owner, known) = self.place_known(base)?;
                        let held = owner.borrow().bare();
                        if let Some(now) = crate::frameworks::with_field(self, &held, name, &value)
                        {
                            if !known {
                                return self.assign(base, now);
                            }
                            self.write(&owner, now);
                            return Ok(Value::Unit);
                        }
                        let (place, known) = self.field_place(&owner, name, known);
                        (target_of(&place), known)
                    }
                    // `*shared = App::new()`, where `shared` is a reference to one.
                    ExprKind::Unary(UnaryOp::Deref, inner) => {
                        self.place_behind(inner, &|e, held| {
                            let (held, given) = (e.type_of(held), e.type_of(&value));
                            held.head().is_some() && held.head() == given.head()
                        })?
                    }
                    _ => self.place_known(target)?,
                };
                if !known {
                    self.escape(&value);
                }
                if let (ExprKind::Index(base, _), false) = (&target.kind, known) {
                    self.put_somewhere(base, &value)?;
                }
                self.write(&place, value);
            }
        }
        Ok(Value::Unit)
    }

    /// An element of a list becomes `value`; which one is not known.
    pub(super) fn put_somewhere(&mut self, list: &Expr, value: &Value) -> Result<(), Flow> {
        let place = self.place(list)?;
        let held = place.borrow().clone();
        if let Value::Str(_) = held {
            self.write(&place, Value::Str(Text::hole()));
        }
        if let Value::List(list) = held {
            let mut items = list.items.clone();
            if items.len() > MOST_CHANGED {
                items.push(value.clone());
            } else {
                for item in &mut items {
                    let now = self.either(value.clone(), item.bare());
                    *item = now;
                }
            }
            let is_one_of_many = items.len() > MOST_CHANGED;
            let unsure = list.unsure || is_one_of_many;
            let shuffled = list.shuffled || is_one_of_many;
            self.write(&place, Value::List(Rc::new(List { items, unsure, shuffled, ..*list })));
        }
        Ok(())
    }

    /// The cell that `expr` names; a new one holding its value when it names none.
    pub fn place(&mut self, expr: &Expr) -> Result<Cell, Flow> {
        Ok(self.place_known(expr)?.0)
    }

    /// As [`Self::place`], but the lock where `expr` names one: what is called or referred to is that.
    pub(super) fn whole_place(&mut self, expr: &Expr) -> Result<Cell, Flow> {
        Ok(self.place_or_lock(expr)?.0)
    }

    /// The cell that `expr` names, and whether it is one that others can see.
    pub(super) fn place_known(&mut self, expr: &Expr) -> Result<(Cell, bool), Flow> {
        let (place, known) = self.place_or_lock(expr)?;
        Ok((target_of(&place), known))
    }

    /// As [`Self::place_known`], but the lock where `expr` names one, rather than what is behind it.
    fn place_or_lock(&mut self, expr: &Expr) -> Result<(Cell, bool), Flow> {
        match &expr.kind {
            ExprKind::Path(path) if path.segments.len() == 1 && path.qself.is_none() => {
                let name = path.segments.first().map_or("", |segment| segment.name.as_str());
                if let Some(found) = self.local(name) {
                    return Ok((up_to_lock(&found), true));
                }
            }
            ExprKind::Field(base, name) => {
                let (place, known) = self.named_field(base, name)?;
                return Ok((up_to_lock(&place), known));
            }
            ExprKind::Unary(UnaryOp::Deref, inner) => {
                return self.place_behind(inner, &|_, _| false);
            }
            ExprKind::Index(base, index) => {
                let (mut base, known) = self.place_known(base)?;
                if let Some(behind) = self.indexed_behind(&base) {
                    base = behind;
                }
                let index = self.eval(index)?.bare();
                if let Some(found) = self.index_of_tree(&base, &index, expr.span)? {
                    return Ok((found, known));
                }
                let placed = matches!(&*target_of(&base).borrow(), Value::List(list)
                    if list.kind == Kind::Sequence && !list.is_loose());
                if let (Value::Int(at), true) = (&index, placed)
                    && let Ok(at) = usize::try_from(*at)
                    && let Some(found) = self.lent_element(&base, at)
                {
                    return Ok((found, known));
                }
                let parts = |value: &Value| {
                    !matches!(
                        value,
                        Value::Str(_) | Value::Int(_) | Value::Bool(_) | Value::Char(_)
                    )
                };
                if matches!((&*base.borrow(), &index), (Value::List(list), Value::Unknown(_)) if list.items.iter().all(parts))
                {
                    // Any of them is the place.
                    self.lend_inside(&base);
                }
                let held = base.borrow().bare();
                let element = self.index(&held, &index);
                return Ok((cell(element), false));
            }
            _ => {}
        }
        let value = self.eval(expr)?;
        Ok(match value {
            Value::Ref(target) => (up_to_lock(&target), true),
            value => (cell(value), false),
        })
    }

    /// `base[index]` of a type of the tree, whose own `Index` says what that is.
    fn index_of_tree(
        &mut self,
        base: &Cell,
        index: &Value,
        at: Span,
    ) -> Result<Option<Cell>, Flow> {
        let base = target_of(base);
        let held = base.borrow().clone();
        let Some(head) = self.type_of(&held).head() else { return Ok(None) };
        let by = self.type_of(index);
        let is_of = |name: &str, of_trait: &str| {
            self.program.assoc_of(&head, name).into_iter().any(|id| {
                let of =
                    self.program.def(id).parent.and_then(|parent| self.program.trait_of(parent));
                matches!(of, Some(Target::External(path)) if &*path == of_trait)
                    && (matches!(head, Head::Item(_)) || self.takes_first(id, &by))
            })
        };
        let name = if is_of("index_mut", "std::ops::IndexMut") {
            "index_mut"
        } else if is_of("index", "std::ops::Index") {
            "index"
        } else {
            return Ok(None);
        };
        let (args, at) = (vec![index.clone()], self.here(at));
        let method = Method { name, generics: Vec::new(), args, at };
        let found = self.method_in_tree(&base, &held, method)?;
        Ok(Some(match found {
            Value::Ref(place) => target_of(&place),
            value => cell(value),
        }))
    }

    /// `base.name` as a value: a reference or lock that the field holds is given on as that.
    pub(super) fn field_value(&mut self, base: &Expr, name: &Name) -> Eval {
        let (place, _) = self.named_field(base, name)?;
        let value = place.borrow().clone();
        Ok(value)
    }

    /// The place of the field itself, whatever it refers to, and whether others can see it.
    fn named_field(&mut self, base: &Expr, name: &Name) -> Result<(Cell, bool), Flow> {
        let (base, known) = match &base.kind {
            ExprKind::Unary(UnaryOp::Deref, inner) => {
                self.place_behind(inner, &|e, value| e.has_field(value, name))?
            }
            _ => self.place_known(base)?,
        };
        Ok(self.field_place(&base, name, known))
    }

    fn field_place(&mut self, base: &Cell, name: &Name, known: bool) -> (Cell, bool) {
        let (place, known) = self.place_of_field(base, name, known);
        self.share_part(base, &place);
        (place, known)
    }

    fn place_of_field(&mut self, base: &Cell, name: &Name, known: bool) -> (Cell, bool) {
        if let Some(owner) = self.owner_behind(base, name) {
            return self.field_place(&owner, name, true);
        }
        let value = base.borrow().bare();
        match &value {
            Value::Router(router) => {
                if let Some(Value::Tuple(parts)) = crate::frameworks::taken_apart(self, router)
                    && let Some(found) = name.parse::<usize>().ok().and_then(|at| parts.get(at))
                {
                    return (found.clone(), false);
                }
            }
            Value::Term(term) => {
                if let Some(held) = crate::frameworks::field(term, name) {
                    return (cell(held), false);
                }
            }
            Value::Object(object) => {
                if let Some((_, found)) = object.fields.iter().find(|(field, _)| field == name) {
                    return (found.clone(), true);
                }
            }
            Value::Tuple(parts) => {
                if let Some(found) = name.parse::<usize>().ok().and_then(|at| parts.get(at)) {
                    return (found.clone(), true);
                }
            }
            Value::Unknown(ty) => {
                // A struct whose value is not known: from here on its fields are, so that writes to them are seen.
                if let Some(object) = self.symbolic_object(ty) {
                    let found = object
                        .fields
                        .iter()
                        .find(|(field, _)| field == name)
                        .map(|(_, c)| c.clone());
                    // No branch has to take this back: it says no more than the type did.
                    target_of(base).replace(Value::Object(Rc::new(object)));
                    if let Some(found) = found {
                        return (found, known);
                    }
                }
            }
            Value::Alt(all) => {
                let all: Vec<_> = self.possible(all).cloned().collect();
                let each = all.iter().map(|(guards, value)| {
                    let (place, _) = self.field_place(&cell(value.clone()), name, false);
                    let value = place.borrow().clone();
                    (guards.clone(), value)
                });
                let each: Vec<_> = each.collect();
                return (cell(self.join(each)), false);
            }
            _ => {}
        }
        let ty = self.field_type(&value, name);
        (cell(self.symbolic(&ty)), false)
    }

    fn index(&mut self, base: &Value, index: &Value) -> Value {
        if let Some(range) = super::endless::open_range(index) {
            return self.index(base, &Value::List(Rc::new(range)));
        }
        match (base, index) {
            (Value::Alt(all), index) => {
                let all: Vec<_> = self.possible(all).cloned().collect();
                let each = all
                    .iter()
                    .map(|(guards, base)| (guards.clone(), self.index(&base.bare(), index)));
                let each: Vec<_> = each.collect();
                self.join(each)
            }
            (base, Value::Alt(all)) => {
                let all: Vec<_> = self.possible(all).cloned().collect();
                let each = all
                    .iter()
                    .map(|(guards, index)| (guards.clone(), self.index(base, &index.bare())));
                let each: Vec<_> = each.collect();
                self.join(each)
            }
            (Value::List(list), key) if list.kind != Kind::Sequence => {
                match (self.looked_up_by(list, key), self.values_at(list, key)) {
                    (Some(found), _) => found,
                    (None, may_be) if may_be.is_empty() => Value::unknown(),
                    (None, items) => self.any_element(&List { items, ..**list }),
                }
            }
            (Value::List(list), Value::Int(n)) if list.is_loose() => {
                self.element_at(list, usize::try_from(*n).unwrap_or(usize::MAX))
            }
            (Value::List(list), Value::List(_)) if list.is_loose() => self.some_of(list),
            (Value::List(list), Value::Int(n)) => usize::try_from(*n)
                .ok()
                .and_then(|n| list.items.get(n))
                .cloned()
                .unwrap_or_else(Value::unknown),
            (Value::List(list), Value::List(range)) => {
                let first = range.items.first().map_or(Some(0), int);
                let end = match range.items.last().map(int) {
                    _ if range.open => Some(list.items.len()),
                    Some(last) => last.map(|last| last + 1),
                    None => first,
                };
                let part = first.zip(end).and_then(|(first, end)| list.items.get(first..end));
                part.map_or_else(Value::unknown, |part| list.holding(part.to_vec()))
            }
            (Value::List(list), Value::Unknown(_)) => {
                let condition = self.fresh_condition();
                let each = list.items.iter().zip(0u16..).map(|(item, arm)| {
                    (self.guards.with(Guard { condition, arm }).unwrap_or_default(), item.clone())
                });
                let each: Vec<_> = each.collect();
                if each.is_empty() { Value::unknown() } else { self.join(each) }
            }
            (Value::Str(text), Value::List(range)) => {
                // A slice of a known string: the range is the list of its numbers.
                let bound = |at: usize| range.items.get(at).and_then(int);
                let whole = text.exact();
                match (whole, bound(0), range.items.len()) {
                    (Some(whole), Some(first), n) if n > 0 => {
                        let last = bound(n - 1).filter(|_| !range.open);
                        let last = last.map_or(whole.len(), |last| last + 1);
                        whole
                            .get(first..last)
                            .map_or_else(Value::unknown, |part| Value::Str(Text::known(part)))
                    }
                    _ => Value::Str(Text::hole()),
                }
            }
            // One of the bytes of a text.
            (Value::Str(text), Value::Int(at)) => {
                let byte = usize::try_from(*at).ok().zip(text.exact());
                let byte = byte.and_then(|(at, text)| text.as_bytes().get(at).copied());
                byte.map_or_else(Value::unknown, |byte| Value::Int(byte.into()))
            }
            (Value::Term(term), _) => {
                crate::frameworks::field(term, "[]").unwrap_or_else(Value::unknown)
            }
            (Value::Unknown(ty), index) => self.indexed_unknown(ty, index),
            _ => Value::unknown(),
        }
    }
}

fn int(value: &Value) -> Option<usize> {
    if let Value::Int(n) = value { usize::try_from(*n).ok() } else { None }
}
