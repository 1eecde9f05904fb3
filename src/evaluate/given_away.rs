//! What code that is not seen may have changed: of that only the types are known from there on.
//!
//! Routers, statements and closures stay, since they are there or in what comes of them: what is lost is only that they are
//! the ones, as everything else that a value was.

use std::rc::Rc;

use super::{
    Evaluator,
    effect::Guards,
    option::{Unwrapped, perhaps, unwrap},
    target_of,
    text::Text,
    value::{Cell, List, Object, Term, Value},
};
use crate::{
    link::types::Ty,
    sql,
    syntax::tree::{Expr, ExprKind, UnaryOp},
};

/// Values within values of which each may be changed by who is given the whole.
pub(super) const DEEPEST: u32 = 4;

impl Evaluator<'_> {
    /// A value is given away: what it refers to by `&mut` is known by its type from here on.
    pub(super) fn may_change(&mut self, given: &Value) {
        self.may_change_in(given, DEEPEST);
    }

    fn may_change_in(&mut self, given: &Value, depth: u32) {
        let Some(less) = depth.checked_sub(1) else { return };
        match given {
            Value::Ref(place) => self.may_be_other(&target_of(place), DEEPEST),
            Value::Tuple(parts) => {
                for part in parts.iter() {
                    let held = part.borrow().clone();
                    self.may_change_in(&held, less);
                }
            }
            Value::Term(term) if term.path.starts_with("std::") => {
                term.args.iter().flatten().for_each(|arg| self.may_change_in(arg, less));
            }
            Value::Alt(all) => all.iter().for_each(|(_, one)| self.may_change_in(one, less)),
            _ => {}
        }
    }

    /// A method that is not seen is called on a place: if it may take `&mut self`, what is there is known by its type from
    /// here on.
    pub(super) fn may_change_itself(&mut self, receiver: &Cell, method: &str) {
        let place = target_of(receiver);
        let is_fixed = self.fixed.as_ref().is_some_and(|fixed| Rc::ptr_eq(fixed, receiver));
        if reads(method) || is_fixed && !is_of_cells(method) {
            return;
        }
        let held = place.borrow().clone();
        match &held {
            Value::Bool(_) | Value::Int(_) | Value::Char(_) if !is_of_cells(method) => {}
            Value::List(list) if rearranges(method) => {
                let items = list.items.iter().map(|item| self.not_known(item)).collect();
                let unsure = list.unsure || !list.items.is_empty();
                self.write(&place, Value::List(Rc::new(List { items, unsure, ..**list })));
            }
            _ => self.may_be_other(&place, DEEPEST),
        }
    }

    /// Whether what an expression names is part of a local that no method can change: it is neither declared `mut`, nor is
    /// a reference in it that could lead to what is.
    pub(super) fn is_fixed(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Field(inner, _) | ExprKind::Index(inner, _) => self.is_fixed(inner),
            ExprKind::Unary(UnaryOp::Deref, inner) => self.is_fixed(inner),
            ExprKind::Path(path) if path.segments.len() == 1 => {
                let Some(name) = path.segments.first().map(|segment| &segment.name) else {
                    return false;
                };
                let held = self.local(name);
                held.is_some_and(|held| {
                    !self.scope.mutable.contains(name) && !held.borrow().lends()
                })
            }
            _ => false,
        }
    }

    /// What is at a place may have become any other of its type.
    pub(super) fn may_be_other(&mut self, place: &Cell, depth: u32) {
        let held = place.borrow().clone();
        if let Some(after) = self.other(&held, depth) {
            self.write(place, after);
        }
    }

    /// What a value is after it may have become any other of its type; `None` where that is the same as before.
    fn other(&mut self, held: &Value, depth: u32) -> Option<Value> {
        let less = depth.saturating_sub(1);
        // What is so deep is not told apart: lists of lists of lists … may share theirs any number of times.
        if depth == 0 && matches!(held, Value::List(_) | Value::Term(_) | Value::Alt(_)) {
            return (!held.holds_code()).then(|| Value::Unknown(self.type_of(held)));
        }
        match held {
            Value::Bool(_) | Value::Int(_) | Value::Char(_) => Some(self.not_known(held)),
            Value::Str(text) if sql::looks_like_write(&text.shown("")) => {
                Some(Value::Str(text.then(&Text::hole())))
            }
            Value::Str(_) => Some(Value::Str(Text::hole())),
            Value::List(list) => {
                let items = list.items.iter().map(|item| self.other_or_same(item, less));
                let items: Vec<Value> = items.collect();
                let unsure = list.unsure || !items.is_empty();
                Some(Value::List(Rc::new(List { items, open: true, unsure, ..**list })))
            }
            Value::Term(term) => self.other_term(held, term, less),
            Value::Tuple(parts) => {
                for part in parts.iter().filter(|_| depth > 0) {
                    self.may_be_other(&target_of(part), less);
                }
                None
            }
            Value::Object(object) => self.other_object(held, object, depth),
            Value::Alt(all) => {
                let each: Vec<(Guards, Value)> = all
                    .iter()
                    .map(|(guards, one)| (guards.clone(), self.other_or_same(one, less)))
                    .collect();
                let first = each.first().map(|(_, one)| self.type_of(one));
                let unknown = |(_, one): &(Guards, Value)| matches!(one, Value::Unknown(_));
                match first {
                    Some(ty) if each.iter().all(unknown) => {
                        let same = each.iter().all(|(_, one)| self.type_of(one) == ty);
                        Some(Value::Unknown(if same { ty } else { Ty::Unknown }))
                    }
                    _ => Some(Value::Alt(Rc::new(each))),
                }
            }
            Value::Ref(place) => {
                if depth > 0 {
                    self.may_be_other(&target_of(place), less);
                }
                None
            }
            Value::Unknown(_)
            | Value::Unit
            | Value::Fn(_)
            | Value::Closure(_)
            | Value::Router(_)
            | Value::Query(_)
            | Value::Passed(_) => None,
        }
    }

    fn other_or_same(&mut self, held: &Value, depth: u32) -> Value {
        self.other(held, depth).unwrap_or_else(|| held.clone())
    }

    /// `Some` may be `None` and the other way round; so may one constant of a type be another.
    fn other_term(&mut self, held: &Value, term: &Term, depth: u32) -> Option<Value> {
        let owner = |path: &str| path.rsplit_once("::").map_or("", |(owner, _)| owner).to_owned();
        match unwrap(held) {
            Unwrapped::Inside(inner) if held.holds_code() || inner.lends() => {
                let inner = self.other_or_same(&inner, depth);
                let args = Some(vec![inner]);
                Some(perhaps(Value::Term(Rc::new(Term { args, ..term.clone() }))))
            }
            Unwrapped::Inside(inner) => {
                let inner = self.type_of(&inner);
                Some(Value::Unknown(Ty::External(owner(&term.path).into(), vec![inner])))
            }
            Unwrapped::Nothing => {
                Some(Value::Unknown(Ty::External(owner(&term.path).into(), vec![Ty::Unknown])))
            }
            Unwrapped::Other => {
                let last = term.path.rsplit(':').next().unwrap_or("");
                let is_constant = term.args.is_none() && last.starts_with(char::is_uppercase);
                is_constant
                    .then(|| Value::Unknown(Ty::External(owner(&term.path).into(), Vec::new())))
            }
        }
    }

    fn other_object(&mut self, held: &Value, object: &Object, depth: u32) -> Option<Value> {
        let any = || Value::Unknown(Ty::Def(object.def, object.generics.clone()));
        let has_code = held.holds_code();
        if object.variant.is_some() || depth == 0 {
            return match (has_code, depth) {
                (false, _) => Some(any()),
                (true, 0) => None,
                (true, _) => Some(self.either(held.clone(), any())),
            };
        }
        for (_, field) in &object.fields {
            self.may_be_other(&target_of(field), depth - 1);
        }
        None
    }

    /// A value as it is put behind a lock: who takes that expects others to change it meanwhile, by clones of what holds
    /// the lock that go to tasks, threads and callbacks. What decides which way to go is known by its type from there on;
    /// text and lists are kept, and what is served or run.
    pub(super) fn shared(&mut self, held: Value, depth: u32) -> Value {
        let Some(less) = depth.checked_sub(1) else { return held };
        match &held {
            Value::Bool(_) | Value::Int(_) | Value::Char(_) => self.not_known(&held),
            Value::Term(term)
                if !held.holds_code() && !matches!(unwrap(&held), Unwrapped::Other) =>
            {
                self.other_term(&held, term, less).unwrap_or(held)
            }
            Value::Object(object) if object.variant.is_some() && !held.holds_code() => {
                Value::Unknown(Ty::Def(object.def, object.generics.clone()))
            }
            Value::Object(object) if object.variant.is_none() => {
                for (_, field) in &object.fields {
                    let inside = field.borrow().clone();
                    let after = self.shared(inside, less);
                    self.write(field, after);
                }
                held
            }
            _ => held,
        }
    }

    /// A number, character or boolean of which only the type is known; anything else as it is.
    pub(super) fn not_known(&self, value: &Value) -> Value {
        match value {
            Value::Bool(_) | Value::Int(_) | Value::Char(_) => Value::Unknown(self.type_of(value)),
            value => value.clone(),
        }
    }
}

/// Methods that put the elements of a list into another order, or take some of them away.
fn rearranges(method: &str) -> bool {
    [
        "dedup",
        "drain",
        "par_sort",
        "partial_shuffle",
        "pop",
        "remove",
        "retain",
        "reverse",
        "rotate",
        "shuffle",
        "sort",
        "swap",
        "take",
        "truncate",
    ]
    .iter()
    .any(|start| method.starts_with(start))
}

/// Methods of cells and locks that change what is in them through a shared reference.
fn is_of_cells(method: &str) -> bool {
    method.starts_with("fetch_")
        || method.starts_with("compare_")
        || matches!(
            method,
            "get_or_init"
                | "get_or_try_init"
                | "rcu"
                | "replace"
                | "replace_with"
                | "send_modify"
                | "send_replace"
                | "set"
                | "store"
                | "swap"
                | "take"
                | "update"
        )
}

/// Whether a method is known by its name to take `self` or `&self`, whatever it is called on: those of `std` that look at
/// text, lists, numbers, options and pairs, and names that are used for nothing else.
fn reads(method: &str) -> bool {
    const STARTS: [&str; 35] = [
        "as_",
        "binary_search",
        "char",
        "chars",
        "checked_",
        "cloned",
        "cmp",
        "contains",
        "copied",
        "count",
        "ends_with",
        "escape_",
        "find",
        "has_",
        "into_",
        "is_",
        "iter",
        "join",
        "len",
        "map_",
        "match",
        "matches",
        "max",
        "min",
        "overflowing_",
        "par_iter",
        "partial_cmp",
        "rfind",
        "saturating_",
        "starts_with",
        "strip_",
        "to_",
        "trim",
        "unwrap",
        "wrapping_",
    ];
    if method.ends_with("_mut") || method.starts_with("as_mut") {
        return false;
    }
    // `charge` is no `char`, nor `mint` a `min`.
    let is_whole =
        |start: &str, rest: &str| rest.is_empty() || rest.starts_with('_') || start.ends_with('_');
    let starts =
        |start: &&str| method.strip_prefix(*start).is_some_and(|rest| is_whole(start, rest));
    // `find_or_insert` finds, and changes.
    let changes = method.split('_').any(|word| {
        matches!(
            word,
            "insert" | "create" | "remove" | "update" | "push" | "pop" | "replace" | "clear"
        )
    });
    !changes && STARTS.iter().any(starts) || READS.binary_search(&method).is_ok()
}

/// Methods that only read, in order.
const READS: [&str; 124] = [
    "abs",
    "all",
    "and",
    "and_then",
    "any",
    "await",
    "borrow",
    "boxed",
    "bytes",
    "capacity",
    "ceil",
    "chain",
    "char_indices",
    "chunk_by",
    "chunks",
    "chunks_exact",
    "clone",
    "cmp",
    "collect",
    "concat",
    "context",
    "cycle",
    "deref",
    "difference",
    "enumerate",
    "eq",
    "eq_by",
    "eq_ignore_ascii_case",
    "err",
    "exists",
    "expect",
    "expect_err",
    "filter",
    "filter_map",
    "first",
    "first_key_value",
    "flat_map",
    "flatten",
    "floor",
    "fmt",
    "fold",
    "for_each",
    "ge",
    "get",
    "get_key_value",
    "gt",
    "hash",
    "ilog2",
    "inspect",
    "intersection",
    "intersects",
    "into",
    "isqrt",
    "keys",
    "last",
    "last_key_value",
    "le",
    "lines",
    "lock",
    "log",
    "lt",
    "lt_by",
    "map",
    "ne",
    "neg",
    "not",
    "nth",
    "ok",
    "ok_or",
    "ok_or_else",
    "or",
    "or_else",
    "parse",
    "partition",
    "peekable",
    "position",
    "pow",
    "product",
    "range",
    "rchunks",
    "rem_euclid",
    "repeat",
    "rev",
    "round",
    "rposition",
    "rsplit",
    "rsplit_once",
    "rsplitn",
    "skip",
    "skip_while",
    "slice",
    "split",
    "split_ascii_whitespace",
    "split_at",
    "split_first",
    "split_inclusive",
    "split_last",
    "split_once",
    "split_terminator",
    "split_whitespace",
    "splitn",
    "sqrt",
    "step_by",
    "subset",
    "subslice",
    "substr",
    "sum",
    "symmetric_difference",
    "take_while",
    "then",
    "then_some",
    "transpose",
    "try_for_each",
    "try_from",
    "try_into",
    "try_lock",
    "try_read",
    "type_id",
    "union",
    "unzip",
    "values",
    "windows",
    "with_context",
    "zip",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_read_by_whole_words() {
        assert!(READS.is_sorted());
        for name in ["char_indices", "chars", "min_by_key", "find_map", "is_empty", "to_vec"] {
            assert!(reads(name), "{name}");
        }
        for name in ["charge", "mint", "find_or_insert", "lend", "joined_at", "merge", "iter_mut"] {
            assert!(!reads(name), "{name}");
        }
    }
}
