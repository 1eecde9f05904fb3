//! What an iterator gives that goes on or not by its next element, and what is left of one of which a part was gone over.

use std::rc::Rc;

use crate::evaluate::{
    Evaluator,
    branch::Flow,
    drawn::{is_of_iterators, takes_some},
    elements::there,
    keys::compared,
    method::Method,
    option::{option, perhaps},
    value::{Cell, Kind, List, Value},
};
use crate::source::Place;

impl Evaluator<'_> {
    /// `next_if`, `peek_mut` and their like; `None` for any other, and where the next element is not known.
    pub(in crate::evaluate) fn list_peeked(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        if let ("nth" | "nth_back", [Value::Int(n)]) = (method.name, method.args.as_slice()) {
            return Ok(self.nth(target, list, (usize::try_from(*n).ok(), method.name), at));
        }
        let is_of = matches!(method.name, "next_if" | "next_if_eq" | "peek_mut");
        if !is_of || list.is_loose() {
            return Ok(None);
        }
        let Some(first) = list.items.first().cloned() else {
            return Ok((!list.open).then(|| option(None, at)));
        };
        let is_next = match (method.name, method.args.as_slice()) {
            ("next_if", [test]) => self.call(test, vec![first.clone()], at)?.bare(),
            ("next_if_eq", [other]) => compared("==", &first, other).unwrap_or_else(Value::unknown),
            ("peek_mut", []) => {
                let place = self.lent_element(target, 0);
                return Ok(place.map(|place| option(Some(Value::Ref(place)), at)));
            }
            _ => return Ok(None),
        };
        let mut items = list.items.clone();
        let (unsure, given) = match is_next {
            Value::Bool(false) => return Ok(Some(option(None, at))),
            Value::Bool(true) => {
                items.remove(0);
                self.taken += 1;
                (list.unsure, option(Some(first), at))
            }
            _ => {
                let left = self.perhaps_element(&first);
                items.splice(..1, [left]);
                (true, perhaps(option(Some(first), at)))
            }
        };
        self.write(target, Value::List(Rc::new(List { items, unsure, ..**list })));
        Ok(Some(given))
    }

    /// An element by its position from either end: what is before it there is gone as well.
    fn nth(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        (n, name): (Option<usize>, &str),
        at: Place,
    ) -> Option<Value> {
        let (len, is_back) = (list.items.len(), name == "nth_back");
        let n = n.unwrap_or(len);
        if list.open && (is_back || n >= len) || is_back && list.is_loose() {
            return None;
        }
        let from_front = if is_back { len.checked_sub(n.saturating_add(1)) } else { Some(n) };
        let found = from_front.and_then(|at| list.items.get(at)).cloned();
        self.left_of_search(target, list, (Some(len.min(n.saturating_add(1))), is_back));
        Some(option(found, at))
    }

    /// What a search leaves of the iterator that it went over.
    ///
    /// - `taken`: how many elements it took, if that is known.
    pub(in crate::evaluate) fn left_of_search(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        (taken, is_back): (Option<usize>, bool),
    ) {
        if list.kind != Kind::Sequence {
            return;
        }
        let len = list.items.len();
        let taken = taken.filter(|_| !list.is_loose());
        let left = match taken {
            Some(taken) if is_back => list.items.get(..len.saturating_sub(taken)),
            Some(taken) => list.items.get(taken..),
            None => return self.left_perhaps(target, list),
        };
        let items = left.unwrap_or_default().to_vec();
        self.write(target, list.holding(items));
    }

    /// Any of the elements may have been taken.
    pub(in crate::evaluate) fn left_perhaps(&mut self, target: &Cell, list: &List) {
        let (items, unsure) = (list.items.clone(), !list.items.is_empty());
        self.write(target, Value::List(Rc::new(List { items, unsure, shuffled: true, ..*list })));
    }

    /// A method that takes an iterator by value was called on `&mut` to one: what it took is gone from there.
    pub(in crate::evaluate) fn gone_over(&mut self, target: &Cell, method: &Method<'_>) {
        let takes =
            is_of_iterators(method.name) && !takes_some(method.name) && method.name != "into_iter";
        let Value::List(list) = target.borrow().bare() else { return };
        if takes
            && list.kind == Kind::Sequence
            && list.items.iter().all(|item| there(item).is_none())
        {
            self.left_perhaps(target, &list);
        }
    }
}
