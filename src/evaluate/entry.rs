//! `map.entry(key).or_default()` and its like: the place of a key's value in a map that is known.
//!
//! Read as one expression. An entry that is kept, or taken apart by its variants, is a value of its own where it is known
//! whether the key is there, else a change that is not followed: the map is open from there on.

mod kept;

pub(super) use self::kept::entry_at;
use super::{
    Evaluator,
    branch::{Eval, Flow},
    keys::{equal, known_key, settled_key},
    method::Method,
    target_of,
    value::{Cell, Kind, List, Order, Value, cell},
};
use crate::{
    source::{Place, Span},
    syntax::tree::{Expr, ExprKind, MethodCall},
};

/// The default of a type that is not known yet: what is done with it tells.
pub(super) const DEFAULT: &str = "std::default::Default::default";

/// Keys that are looked at in the time of one step.
const KEYS_PER_STEP: u64 = 16;

/// What a map holds for a key.
enum Slot {
    /// The value that is here.
    Held(Cell),
    /// None, or none that is known.
    Vacant,
    /// What cannot be told apart.
    Unread,
}

/// A call and the expression that it is.
type Called<'e> = (&'e Expr, &'e MethodCall);

impl Evaluator<'_> {
    /// `receiver.entry(key)`, perhaps with `and_modify`, and what puts in a value where there is none; `None` for any
    /// other call.
    pub(super) fn eval_entry(&mut self, expr: &Expr, last: &MethodCall) -> Option<Eval> {
        if !matches!(
            &*last.name,
            "or_insert" | "or_insert_with" | "or_insert_with_key" | "or_default"
        ) {
            return None;
        }
        let mut changes = Vec::new();
        let mut inner = &last.receiver;
        loop {
            let ExprKind::MethodCall(call) = &inner.kind else { return None };
            match &*call.name {
                "and_modify" => changes.push((inner, &**call)),
                "entry" | "entry_ref" if call.args.len() == 1 => {
                    changes.reverse();
                    return Some(self.entry((inner, call), &changes, (expr, last)));
                }
                _ => return None,
            }
            inner = &call.receiver;
        }
    }

    fn entry(&mut self, entry: Called<'_>, changes: &[Called<'_>], last: Called<'_>) -> Eval {
        let map = self.apart(|e| e.place(&entry.1.receiver))?;
        let key = self.apart(|e| e.eval_all(&entry.1.args))?;
        let known = self.entry_of(&map, key.first(), !changes.is_empty());
        if let Slot::Unread = known {
            // As any other calls.
            let mut value = self.called(&map, entry, key)?;
            for call in changes.iter().chain([&last]) {
                let args = self.apart(|e| e.eval_all(&call.1.args))?;
                value = self.called(&cell(value), *call, args)?;
            }
            return Ok(value);
        }
        for (expr, call) in changes {
            let change = self.apart(|e| e.eval_all(&call.args))?;
            if let (Slot::Held(held), Some(change)) = (&known, change.first()) {
                let at = self.here(Span::new(call.name_span.start, expr.span.end));
                self.call(change, vec![Value::Ref(held.clone())], at)?;
            }
        }
        let args = self.apart(|e| e.eval_all(&last.1.args))?;
        if let Slot::Held(held) = known {
            return Ok(Value::Ref(held));
        }
        let at = self.here(Span::new(last.1.name_span.start, last.0.span.end));
        let key = key.first().map_or_else(Value::unknown, Value::bare);
        let value = match (&*last.1.name, args.first()) {
            ("or_insert", Some(value)) => value.clone(),
            ("or_insert_with", Some(make)) => self.call(make, Vec::new(), at)?,
            ("or_insert_with_key", Some(make)) => self.call(make, vec![key.clone()], at)?,
            _ => Value::term(DEFAULT, Some(Vec::new()), at),
        };
        self.put_pair(&map, key, value, at).map(Value::Ref)
    }

    /// Puts a pair into a map that has none with its key; the place of the value.
    fn put_pair(&mut self, map: &Cell, key: Value, value: Value, at: Place) -> Result<Cell, Flow> {
        let held = cell(value);
        let pair = Value::Tuple(std::rc::Rc::new(vec![cell(key), held.clone()]));
        self.method(map, Method { name: "push", generics: Vec::new(), args: vec![pair], at })?;
        Ok(held)
    }

    fn called(&mut self, receiver: &Cell, (expr, call): Called<'_>, args: Vec<Value>) -> Eval {
        let at = self.here(Span::new(call.name_span.start, expr.span.end));
        self.current = at;
        self.method(receiver, Method { name: &call.name, generics: Vec::new(), args, at })
    }

    /// What a known map holds for a key. A key that may or may not be there is another one, so that nothing of either
    /// value is lost.
    ///
    /// - `changes`: whether it matters that it is there.
    fn entry_of(&mut self, map: &Cell, key: Option<&Value>, changes: bool) -> Slot {
        let (Value::List(list), Some(key)) = (target_of(map).borrow().bare(), key) else {
            return Slot::Unread;
        };
        let key = key.bare();
        self.steps += list.items.len() as u64 / KEYS_PER_STEP;
        let found = list.items.iter().find(|pair| known_key(pair).is_some_and(|k| equal(&k, &key)));
        if let Some(Value::Tuple(parts)) = found.map(Value::bare) {
            return parts.get(1).map_or(Slot::Unread, |held| Slot::Held(held.clone()));
        }
        if !changes || settled_key(&list, &key) { Slot::Vacant } else { Slot::Unread }
    }

    /// A default of which the type was not known is what is done with it: a list where something is put into it.
    pub(super) fn settle_default(&mut self, receiver: &Cell, method: &str) {
        let target = target_of(receiver);
        let is_default = matches!(&*target.borrow(), Value::Term(term) if &*term.path == DEFAULT && term.args.is_some());
        if is_default {
            let is_list = matches!(
                method,
                "push" | "push_back" | "push_front" | "insert" | "extend" | "append" | "entry"
            );
            // A text, unless the tree has a type with such a method.
            let is_text =
                method == "push_str" && self.program.methods_taking(method, 1, false).is_empty();
            let value = if is_text {
                Value::Str(super::text::Text::known(""))
            } else if is_list {
                let kind = match method {
                    "insert" | "entry" => Kind::Map(Order::Any),
                    _ => Kind::Sequence,
                };
                Value::List(std::rc::Rc::new(List { kind, ..List::default() }))
            } else {
                Value::unknown()
            };
            self.write(&target, value);
        }
    }
}
