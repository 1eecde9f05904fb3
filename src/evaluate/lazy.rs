//! Iterators that are gone through later, in part or never.
//!
//! What `map(|x| …)` is given runs here as soon as it is named, since what it makes of each element is what matters most.
//! What it does to places that others see may not have happened, though: after it such a place holds whatever it may hold
//! after some of the elements, and what it does after all of them only once something went through the whole iterator.

mod later;

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    branch::Flow,
    effect::Guard,
    join::same,
    method::Method,
    option::{Unwrapped, is_perhaps, unwrap},
    value::{Cell, Kind, List, Search, Spot, Value},
};

/// Elements after which a place is told apart: as many from the first on, and as many up to the last.
const MOST_TOLD: usize = 4;
/// Values that one which stands for those between is made of.
const MOST_PARTS: u32 = 1_000;

/// A place that an iterator writes to while it is gone through.
#[derive(Debug, Clone)]
struct Awaited {
    place: Cell,
    /// What it holds until then: what it may hold after some of the elements.
    seen: Value,
    /// What it holds after all of them.
    last: Value,
    /// Whether it is in an element: whoever has that sees it as it was left.
    is_own: bool,
}

/// Closures that run for one element after the other.
#[derive(Debug)]
struct Rounds {
    /// How many calls were under way when they began: what those within go through are not theirs.
    depth: usize,
    /// How many writes were logged then.
    start: usize,
    /// How many were after each element.
    marks: Vec<usize>,
    /// The elements after which there may have been no other.
    sure: Option<usize>,
    /// The writes, oldest first: each place with what it held before.
    written: Vec<(Cell, Value)>,
}

/// What iterators do when they are gone through.
#[derive(Debug, Default)]
pub(super) struct Lazy {
    rounds: Option<Rounds>,
    /// The places that await it, by the number of what the iterator has yet to do.
    awaited: Vec<Vec<Awaited>>,
    /// Whether what is called next gives a future that nothing awaits there.
    unawaited: bool,
    /// What was called last and runs when it is asked for, by number.
    made: u32,
    /// The variables that hold such.
    held: Vec<(Cell, u32)>,
}

/// How a method goes through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It makes another iterator.
    Later,
    /// It stops where it found what it looks for.
    Search,
    /// To the end.
    Whole,
    /// Not, or as far as nobody knows.
    Other,
}

impl Evaluator<'_> {
    /// A method of a list; `None` when it is none that is known here.
    pub(super) fn list_method(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let turn = turn_of(list, method);
        let runs = matches!(turn, Turn::Later | Turn::Search)
            && method.args.iter().any(|arg| {
                arg.is_callable() || method.name == "zip" && matches!(arg.bare(), Value::Term(_))
            });
        let given: Vec<u32> = method.args.iter().filter_map(awaits).collect();
        if !runs && list.awaits == 0 && given.is_empty() {
            return self.list_method_now(target, list, method);
        }
        let mut all = given;
        all.extend((list.awaits > 0).then_some(list.awaits));
        let all = self.all_awaited(&all);
        if !runs {
            let made = self.list_method_now(target, list, method)?;
            let whole = turn == Turn::Whole && !list.open && !stops_at_failures(list, method)
                || method.name == "next" && list.items.is_empty() && !list.open;
            if whole {
                self.went_through(&all);
            }
            let later = turn == Turn::Later;
            return Ok(made.map(|made| {
                let kept = if later { self.left_of(method, list, all, &made) } else { Vec::new() };
                self.awaiting(made, kept)
            }));
        }
        self.own_places(&all, true);
        let (made, rounds) = self.in_rounds(|e| e.list_method_now(target, list, method));
        self.own_places(&all, false);
        let from = if turn == Turn::Later { Some(0) } else { rounds.sure };
        let is_whole = rounds.sure.is_none() && rounds.marks.len() == list.items.len();
        let is_known = rounds.sure.is_none() && !list.open;
        let new = from.map(|from| self.perhaps_after(&rounds, from, list)).unwrap_or_default();
        let made = made?;
        if turn == Turn::Search && is_whole && !list.open {
            self.went_through(&all);
        }
        Ok(made.map(|made| {
            if turn != Turn::Later {
                return self.awaiting(made, Vec::new());
            }
            let mut kept = self.left_of(method, list, all, &made);
            kept.extend(new.into_iter().filter(|_| is_known));
            self.awaiting(made, kept)
        }))
    }

    /// What goes on to be awaited of what makes another iterator.
    fn left_of(
        &mut self,
        method: &Method<'_>,
        list: &List,
        all: Vec<Awaited>,
        made: &Value,
    ) -> Vec<Awaited> {
        let Value::List(made) = made else { return Vec::new() };
        match method.name {
            // From the last to the first: what it leaves is what the first does.
            "rev" => {
                for one in all {
                    if same(&one.place.borrow(), &one.seen) {
                        let any = self.anything_like(&one.last, true, &mut { MOST_PARTS });
                        let any = self.either(any, one.seen);
                        self.write(&one.place, any);
                    }
                }
                Vec::new()
            }
            "take" | "take_while" | "map_while" | "scan" | "zip"
                if made.items.len() != list.items.len()
                    || method.args.iter().any(|arg| match arg.bare() {
                        Value::List(given) => {
                            awaits(arg).is_some() && given.items.len() != made.items.len()
                        }
                        _ => false,
                    }) =>
            {
                Vec::new()
            }
            _ => all,
        }
    }

    fn all_awaited(&self, numbers: &[u32]) -> Vec<Awaited> {
        let of = |number: &u32| {
            let at = usize::try_from(*number).ok()?.checked_sub(1)?;
            self.lazy.awaited.get(at)
        };
        numbers.iter().filter_map(of).flatten().cloned().collect()
    }

    /// A list with what it has yet to do.
    fn awaiting(&mut self, made: Value, all: Vec<Awaited>) -> Value {
        let Value::List(list) = &made else { return made };
        if all.is_empty() && list.awaits == 0 {
            return made;
        }
        let mut awaits = 0;
        if !all.is_empty() {
            self.lazy.awaited.push(all);
            awaits = u32::try_from(self.lazy.awaited.len()).unwrap_or(0);
        }
        Value::List(Rc::new(List { awaits, ..(**list).clone() }))
    }

    /// A list was gone through to its end.
    pub(super) fn went_through_all(&mut self, list: &List) {
        if list.awaits > 0 {
            let all = self.all_awaited(&[list.awaits]);
            self.went_through(&all);
        }
    }

    /// The places in the elements of a list are seen as they were left.
    pub(super) fn goes_through(&mut self, list: &List) {
        if list.awaits > 0 {
            let all = self.all_awaited(&[list.awaits]);
            self.own_places(&all, true);
        }
    }

    fn went_through(&mut self, all: &[Awaited]) {
        for one in all {
            let is_seen = same(&one.place.borrow(), &one.seen);
            if is_seen {
                self.write(&one.place, one.last.clone());
            }
        }
    }

    /// Puts into the places of elements what was left there, or what is there until then.
    fn own_places(&mut self, all: &[Awaited], are_left: bool) {
        for one in all.iter().filter(|one| one.is_own) {
            let (from, to) = if are_left { (&one.seen, &one.last) } else { (&one.last, &one.seen) };
            let is_there = same(&one.place.borrow(), from);
            if is_there {
                self.write(&one.place, to.clone());
            }
        }
    }

    /// Runs what runs closures for one element after the other.
    fn in_rounds<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, Rounds) {
        let start = self.log.len();
        let (depth, marks, written) = (self.active.len(), Vec::new(), Vec::new());
        let rounds = Rounds { depth, start, marks, sure: None, written };
        let outside = self.lazy.rounds.replace(rounds);
        self.branches += 1;
        let made = run(self);
        self.branches -= 1;
        let rounds = std::mem::replace(&mut self.lazy.rounds, outside);
        let mut rounds = rounds.unwrap_or(Rounds {
            depth,
            start,
            marks: Vec::new(),
            sure: None,
            written: Vec::new(),
        });
        rounds.written = self.seen_after(start);
        if !self.is_logged() {
            self.log.clear();
        }
        (made, rounds)
    }

    /// What was written since `start` to places that are still seen; what is not was a local. Others are told by position.
    fn seen_after(&self, start: usize) -> Vec<(Cell, Value)> {
        let logged = self.log.get(start..).unwrap_or_default();
        let mut times: FxHashMap<*const Spot, usize> = FxHashMap::default();
        for (place, _) in logged {
            *times.entry(Rc::as_ptr(place)).or_default() += 1;
        }
        let is_seen = |place: &Cell| {
            times.get(&Rc::as_ptr(place)).is_none_or(|n| Rc::strong_count(place) > *n)
        };
        if logged.iter().any(|(place, _)| is_seen(place)) { logged.to_vec() } else { Vec::new() }
    }

    /// A closure has run for an element.
    pub(super) fn element_ran(&mut self) {
        let (logged, depth) = (self.log.len(), self.active.len());
        if let Some(rounds) = &mut self.lazy.rounds
            && rounds.depth == depth
        {
            rounds.marks.push(logged);
        }
    }

    /// After the element for which a closure ran last there may be no other.
    pub(super) fn may_stop_here(&mut self) {
        let depth = self.active.len();
        if let Some(rounds) = &mut self.lazy.rounds
            && rounds.depth == depth
        {
            rounds.sure.get_or_insert(rounds.marks.len());
        }
    }

    /// Each place that was written to holds what it does after some of the elements, as many as `from` at least.
    fn perhaps_after(&mut self, rounds: &Rounds, from: usize, list: &List) -> Vec<Awaited> {
        if rounds.written.is_empty() {
            return Vec::new();
        }
        let mut by_place: FxHashMap<*const Spot, Vec<(usize, &Value)>> = FxHashMap::default();
        let mut places: Vec<Cell> = Vec::new();
        for (at, (place, old)) in rounds.written.iter().enumerate() {
            let writes = by_place.entry(Rc::as_ptr(place)).or_default();
            if writes.is_empty() {
                places.push(place.clone());
            }
            writes.push((at, old));
        }
        let own = places_in(&list.items);
        let counts = told(from, rounds.marks.len());
        let condition = self.fresh_condition();
        self.arms.insert(condition, u16::try_from(counts.len() + 1).unwrap_or(u16::MAX));
        let mut awaited = Vec::new();
        for place in places {
            let writes = by_place.remove(&Rc::as_ptr(&place)).unwrap_or_default();
            let last = place.borrow().clone();
            let after = |count: Option<usize>| {
                let mark = match count.map(|count| count.checked_sub(1)) {
                    None => return None,
                    Some(None) => 0,
                    Some(Some(at)) => rounds
                        .marks
                        .get(at)
                        .copied()
                        .unwrap_or(usize::MAX)
                        .saturating_sub(rounds.start),
                };
                let next = writes.iter().find(|(at, _)| *at >= mark);
                Some(next.map_or_else(|| last.clone(), |(_, old)| (*old).clone()))
            };
            let each: Vec<Option<Value>> = counts.iter().map(|count| after(*count)).collect();
            if each.iter().flatten().all(|one| same(one, &last)) {
                continue;
            }
            let mut ways = Vec::new();
            for (arm, one) in (0u16..).zip(each) {
                let Some(guards) = self.guards.with(Guard { condition, arm }) else { continue };
                let one =
                    one.unwrap_or_else(|| self.anything_like(&last, true, &mut { MOST_PARTS }));
                ways.push((guards, one));
            }
            ways.extend(self.arm_after(condition, counts.len()).map(|way| (way, last.clone())));
            if list.open {
                // Nor is it known how many others there are.
                ways.extend(self.any_count(&last).map(|any| (self.guards.clone(), any)));
            }
            let joined = self.join(ways);
            self.write(&place, joined);
            let seen = place.borrow().clone();
            let is_own = own.contains(&Rc::as_ptr(&place));
            awaited.push(Awaited { place, seen, last, is_own });
        }
        awaited
    }

    /// The choice after so many others.
    fn arm_after(&self, condition: u32, arms: usize) -> Option<super::effect::Guards> {
        self.guards.with(Guard { condition, arm: u16::try_from(arms).ok()? })
    }

    /// Any number, where a value is one.
    fn any_count(&self, value: &Value) -> Option<Value> {
        matches!(value, Value::Int(_)).then(|| self.not_known(value))
    }
}

/// The counts of elements after which places are told apart; `None` stands for those between.
fn told(from: usize, all: usize) -> Vec<Option<usize>> {
    let all = all.max(from);
    if all - from < 2 * MOST_TOLD {
        return (from..=all).map(Some).collect();
    }
    let first = (from..from + MOST_TOLD).map(Some);
    first.chain([None]).chain((all + 1 - MOST_TOLD..=all).map(Some)).collect()
}

/// What a list has yet to do, by number.
fn awaits(value: &Value) -> Option<u32> {
    match value {
        Value::List(list) => (list.awaits > 0).then_some(list.awaits),
        Value::Ref(place) => awaits(&place.borrow()),
        Value::Passed(passed) => awaits(&passed.value),
        _ => None,
    }
}

/// The places in values.
fn places_in(values: &[Value]) -> FxHashSet<*const Spot> {
    let mut found = FxHashSet::default();
    for value in values {
        value.any(&mut |part| {
            match part {
                Value::Tuple(parts) => found.extend(parts.iter().map(Rc::as_ptr)),
                Value::Object(object) => {
                    found.extend(object.fields.iter().map(|(_, held)| Rc::as_ptr(held)));
                }
                Value::Ref(place) => {
                    found.insert(Rc::as_ptr(place));
                }
                _ => {}
            }
            Search::Within
        });
    }
    found
}

/// Whether a method that goes to the end of a list may stop at an element that is a failure.
fn stops_at_failures(list: &List, method: &Method<'_>) -> bool {
    let fails = |item: &Value| match unwrap(item) {
        Unwrapped::Inside(_) => is_perhaps(item),
        Unwrapped::Nothing => true,
        Unwrapped::Other => matches!(item.bare(), Value::Unknown(_) | Value::Alt(_)),
    };
    matches!(method.name, "collect" | "collect_vec" | "product" | "sum" | "try_collect")
        && list.items.iter().any(|item| {
            super::elements::there(item).map_or_else(|| fails(item), |(_, item)| fails(item))
        })
}

fn turn_of(list: &List, method: &Method<'_>) -> Turn {
    if list.kind != Kind::Sequence {
        return match method.name {
            "append" | "extend" => Turn::Whole,
            _ => Turn::Other,
        };
    }
    match method.name {
        // Of an array, which has no iterator.
        "map" if list.is_array => Turn::Whole,
        "by_ref" | "chain" | "cloned" | "copied" | "enumerate" | "filter" | "filter_map"
        | "flat_map" | "flatten" | "fuse" | "inspect" | "into_iter" | "iter" | "map"
        | "map_while" | "peekable" | "rev" | "scan" | "skip" | "skip_while" | "step_by"
        | "take" | "take_while" | "zip" => Turn::Later,
        "all" | "any" | "find" | "find_map" | "position" | "rfind" | "rposition" | "try_fold"
        | "try_for_each" | "try_rfold" => Turn::Search,
        "append" | "collect" | "collect_vec" | "count" | "extend" | "extend_from_slice"
        | "fold" | "for_each" | "join" | "last" | "max" | "max_by" | "max_by_key" | "min"
        | "min_by" | "min_by_key" | "partition" | "product" | "reduce" | "rfold" | "sorted"
        | "sorted_by" | "sorted_by_key" | "sum" | "unzip" => Turn::Whole,
        _ => Turn::Other,
    }
}
