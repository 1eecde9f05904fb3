//! Parts of lists through which the whole is changed: `&mut list[1..]`, `list.chunks_mut(2)`.
//!
//! A part is a list of the places of the whole.

use std::rc::Rc;

use super::{
    Evaluator,
    arranged::changes,
    branch::Flow,
    method::Method,
    option::option,
    value::{Cell, Kind, List, Value, cell},
};
use crate::syntax::tree::{Expr, ExprKind};

/// The elements of which a part of a list consists; `None` where that is not known.
pub(super) fn range_of(range: &Value, len: usize) -> Option<(usize, usize)> {
    let number = |value: &Value| match value {
        Value::Int(n) => usize::try_from(*n).ok(),
        _ => None,
    };
    let range = range.bare();
    if let Some(open) = super::endless::open_range(&range) {
        return Some((open.items.first().and_then(number)?, len));
    }
    let Value::List(list) = range else { return None };
    let (first, last) = (list.items.first().and_then(number)?, list.items.last().and_then(number)?);
    (!list.open && !list.is_loose() && last < len).then_some((first, last + 1))
}

impl Evaluator<'_> {
    /// Parts of the list at `target` through which its elements can be changed; `None` where they are not known.
    pub(super) fn parts_lent(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Option<Value> {
        if list.is_loose() || list.open || list.kind != Kind::Sequence {
            return None;
        }
        let number = match method.args.first().map(Value::bare) {
            Some(Value::Int(n)) => usize::try_from(n).ok(),
            _ => None,
        };
        let is_part = matches!(
            (method.name, number),
            ("split_first_mut" | "split_last_mut", _)
                | ("chunks_mut" | "chunks_exact_mut" | "rchunks_mut" | "split_at_mut", Some(_))
        );
        if !is_part {
            return None;
        }
        self.lend_inside(target);
        let Value::List(list) = target.borrow().bare() else { return None };
        let items = &list.items;
        let all = |parts: Vec<&[Value]>| Value::list(parts.into_iter().map(view).collect());
        Some(match (method.name, number) {
            ("chunks_mut", Some(n)) if n > 0 => all(items.chunks(n).collect()),
            ("chunks_exact_mut", Some(n)) if n > 0 => all(items.chunks_exact(n).collect()),
            ("rchunks_mut", Some(n)) if n > 0 => all(items.rchunks(n).collect()),
            ("split_at_mut", Some(n)) => {
                let (one, two) = items.split_at_checked(n)?;
                Value::tuple(vec![view(one), view(two)])
            }
            ("split_first_mut", _) => {
                let parts = items.split_first();
                let pair = parts.map(|(one, rest)| Value::tuple(vec![one.clone(), view(rest)]));
                option(pair, method.at)
            }
            ("split_last_mut", _) => {
                let parts = items.split_last();
                let pair = parts.map(|(one, rest)| Value::tuple(vec![one.clone(), view(rest)]));
                option(pair, method.at)
            }
            _ => return None,
        })
    }

    /// The place that `expr` names, of which a part may be changed by what is done to it: `list[1..].reverse()`.
    ///
    /// - `method`: what is called on it; `None` for `&mut expr`.
    pub(super) fn changed_place(
        &mut self,
        expr: &Expr,
        method: Option<&str>,
    ) -> Result<Cell, Flow> {
        let ExprKind::Index(base, index) = &expr.kind else { return self.whole_place(expr) };
        let ExprKind::Range(from, to, _) = &index.kind else { return self.whole_place(expr) };
        if method.is_some_and(|method| !changes(method) && !is_lending(method)) {
            return self.whole_place(expr);
        }
        let whole = self.place(base)?;
        if from.is_none() && to.is_none() {
            return Ok(whole);
        }
        let range = self.eval(index)?;
        if let Some(part) = self.part_lent(&whole, &range) {
            return Ok(part);
        }
        let part = self.place(expr)?;
        self.changed_unseen(&whole);
        Ok(part)
    }

    /// `&mut list[range]`; `None` where that is no part that is known.
    pub(super) fn part_lent(&mut self, base: &Cell, range: &Value) -> Option<Cell> {
        let base = super::target_of(base);
        let Value::List(list) = base.borrow().bare() else { return None };
        if list.is_loose() || list.open || list.kind != Kind::Sequence {
            return None;
        }
        let (from, end) = range_of(range, list.items.len())?;
        list.items.get(from..end)?;
        self.lend_inside(&base);
        let Value::List(list) = base.borrow().bare() else { return None };
        Some(cell(view_list(list.items.get(from..end)?)))
    }
}

/// A part of a list, whose elements are places.
pub(super) fn view(items: &[Value]) -> Value {
    Value::Ref(cell(view_list(items)))
}

fn view_list(items: &[Value]) -> Value {
    Value::List(Rc::new(List { items: items.to_vec(), is_view: true, ..List::default() }))
}

/// Whether a method gives `&mut` to elements.
fn is_lending(method: &str) -> bool {
    matches!(method, "as_mut" | "as_mut_slice" | "get_mut" | "iter_mut" | "make_contiguous")
}
