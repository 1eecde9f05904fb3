//! Values that meet: one that stands for all that a place may hold, each under its choices.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{
    Evaluator, alternatives,
    crowded::is_telling,
    effect::{Guard, Guards},
    router::{self, Handle, Site},
    value::{List, Object, Term, Value, cell},
};

/// More values than this in one place are one unknown value.
const MOST_ALTERNATIVES: usize = 24;

/// Parts of two values that are compared.
const MOST_COMPARED: u32 = 10_000;
/// Parts that are compared where values meet, with all that is in them.
const MOST_COMPARED_IN_ALL: u32 = 200_000;

/// Numbers, or lists of what is not known, that are told apart.
const MOST_OUTLINES: usize = 6;

/// Ways of one router that exclude those before it.
const MOST_WAYS: usize = 32;

/// Choices that are looked at in the time of one step.
const CHOICES_PER_STEP: u64 = 4;

impl Evaluator<'_> {
    /// One value that stands for all of `values`, where the choices hold that are made now.
    pub fn join(&mut self, values: Vec<(Guards, Value)>) -> Value {
        let mut left = MOST_COMPARED_IN_ALL;
        self.join_within(values, &mut left)
    }

    /// - `left`: how many more parts are compared; past them what meets stays apart.
    fn join_within(&mut self, values: Vec<(Guards, Value)>, left: &mut u32) -> Value {
        let mut all: Vec<(Guards, Value)> = Vec::new();
        let mut work = 0;
        for (ways, value) in self.each_once(values) {
            match value {
                Value::Alt(inner) => {
                    let common = common(&ways);
                    for (inside, value) in inner.iter() {
                        // Those in which it cannot be do not count for it.
                        let can = |way: &&Guards| !way.excludes(inside);
                        let guards = if ways.iter().all(|way| can(&way)) {
                            common.clone()
                        } else {
                            let ways: Vec<Guards> = ways.iter().filter(can).cloned().collect();
                            self::common(&ways)
                        };
                        let both = guards.and_then(|it| it.and_counting(inside, &mut work));
                        if let Some(both) = both {
                            push_distinct(&mut all, both, value.clone(), left);
                        }
                    }
                }
                value => ways
                    .into_iter()
                    .for_each(|guards| push_distinct(&mut all, guards, value.clone(), left)),
            }
        }
        // Where many choices were made, to join is what takes the time.
        self.steps += work / CHOICES_PER_STEP;
        if all.len() > MOST_OUTLINES
            && let Some(one) = self.outlined(&all)
        {
            return one;
        }
        if all.len() > MOST_ALTERNATIVES
            && let Some(one) = alternatives::merged(&all)
        {
            return one;
        }
        if all.len() > MOST_ALTERNATIVES
            && let Some(one) = self.one_list(&all)
        {
            return one;
        }
        let routers = all.iter().all(|(_, value)| matches!(value, Value::Router(_)));
        if all.len() > MOST_ALTERNATIVES && !routers {
            self.by_type(&mut all);
        }
        if all.len() > MOST_ALTERNATIVES && !routers {
            for (_, value) in &all {
                self.escape(value);
            }
            self.gap_here("more alternatives than are followed");
            return Value::unknown();
        }
        if all.len() > 1 && self.thin_out(&mut all) {
            for (guards, value) in std::mem::take(&mut all) {
                push_distinct(&mut all, guards, value, left);
            }
        }
        if all.len() <= 1 {
            return all.pop().map_or(Value::Unit, |(_, value)| value);
        }
        self.join_alike(&all, left).unwrap_or_else(|| Value::Alt(Rc::new(all)))
    }

    /// The values of which one is taken, each alternative once, with the ways to it: the choices beyond those that hold
    /// now. What holds wherever a value is used is left out, so that lists of choices do not grow with every early return.
    fn each_once(&self, values: Vec<(Guards, Value)>) -> Vec<(Vec<Guards>, Value)> {
        let mut known: FxHashMap<_, usize> = FxHashMap::default();
        let mut all: Vec<(Vec<Guards>, Value)> = Vec::with_capacity(values.len());
        for (guards, value) in values {
            let guards = guards.beyond(&self.guards);
            if let Value::Alt(inner) = &value {
                let at = *known.entry(Rc::as_ptr(inner)).or_insert(all.len());
                if let Some((ways, _)) = all.get_mut(at) {
                    ways.push(guards);
                    continue;
                }
            }
            all.push((vec![guards], value));
        }
        all
    }

    /// Lets values that neither run nor are served nor write be any of their types, of which there are fewer.
    fn by_type(&mut self, all: &mut Vec<(Guards, Value)>) {
        let mut left = MOST_COMPARED_IN_ALL;
        for (guards, value) in std::mem::take(all) {
            let one = if is_telling(&value) {
                value
            } else {
                self.escape(&value);
                Value::Unknown(self.type_of(&value))
            };
            push_distinct(all, guards, one, &mut left);
        }
    }

    /// Joins values of one shape into one of that shape.
    #[expect(clippy::too_many_lines, reason = "one arm for each shape")]
    fn join_alike(&mut self, all: &[(Guards, Value)], left: &mut u32) -> Option<Value> {
        let routers: Vec<(Guards, Handle)> = all
            .iter()
            .map_while(|(guards, value)| match value {
                Value::Router(handle) => Some((guards.clone(), handle.clone())),
                _ => None,
            })
            .collect();
        let (_, first) = all.first()?;
        if routers.len() == all.len() {
            let site = Site { at: routers.first()?.1.node.site.at, frame: self.frame.clone() };
            return router::fork(&self.exclusive(routers), site).map(Value::Router);
        }
        if *left == 0 {
            return None;
        }
        match first {
            Value::Object(object) => {
                let objects: Vec<&Rc<Object>> = all
                    .iter()
                    .filter_map(|(_, value)| match value {
                        Value::Object(o)
                            if o.def == object.def
                                && o.variant == object.variant
                                && o.generics == object.generics =>
                        {
                            Some(o)
                        }
                        _ => None,
                    })
                    .collect();
                if objects.len() != all.len() {
                    return None;
                }
                let fields = object.fields.iter().map(|(name, _)| {
                    let each = all.iter().zip(&objects).map(|((guards, _), o)| {
                        let held = o.fields.iter().find(|(n, _)| n == name);
                        (
                            guards.clone(),
                            held.map_or_else(Value::unknown, |(_, c)| c.borrow().clone()),
                        )
                    });
                    let each: Vec<_> = each.collect();
                    (name.clone(), cell(self.join_within(each, left)))
                });
                let fields = fields.collect();
                Some(Value::Object(Rc::new(Object { fields, ..(**object).clone() })))
            }
            Value::Tuple(parts) => {
                let same = all
                    .iter()
                    .all(|(_, v)| matches!(v, Value::Tuple(other) if other.len() == parts.len()));
                same.then(|| {
                    let joined = (0..parts.len()).map(|at| {
                        let each = all.iter().map(|(guards, value)| match value {
                            Value::Tuple(other) => (
                                guards.clone(),
                                other.get(at).map_or_else(Value::unknown, |c| c.borrow().clone()),
                            ),
                            _ => (guards.clone(), Value::unknown()),
                        });
                        let each: Vec<_> = each.collect();
                        cell(self.join_within(each, left))
                    });
                    let joined = joined.collect();
                    Value::Tuple(Rc::new(joined))
                })
            }
            // `Ok` of one router or `Ok` of another.
            Value::Term(term) if first.holds_routers() => {
                let mut each = Vec::new();
                for (guards, value) in all {
                    let Value::Term(other) = value else { return None };
                    let Some([only]) = other.args.as_deref() else { return None };
                    if other.path != term.path {
                        return None;
                    }
                    each.push((guards.clone(), only.clone()));
                }
                let args = Some(vec![self.join_within(each, left)]);
                Some(Value::Term(Rc::new(Term { args, ..(**term).clone() })))
            }
            Value::List(_) => {
                // Lists that grew in some arms: what was added is there in those.
                let mut longest: Rc<List> = Rc::default();
                let mut lengths: Vec<usize> = Vec::new();
                let (mut open, mut unsure, mut shuffled) = (false, false, false);
                for (_, value) in all {
                    if let Value::List(list) = value {
                        lengths.push(list.items.len());
                        open |= list.open;
                        unsure |= list.unsure;
                        shuffled |= list.shuffled;
                    }
                    match value {
                        Value::List(list) if list.items.len() >= longest.items.len() => {
                            longest = list.clone();
                        }
                        Value::List(_) => {}
                        _ => return None,
                    }
                }
                let is_kind =
                    |value: &Value| matches!(value, Value::List(list) if list.kind == longest.kind);
                if !all.iter().all(|(_, value)| is_kind(value)) {
                    return None;
                }
                let holds_all = all.iter().all(|(_, value)| {
                    matches!(value, Value::List(list)
                        if list.items.iter().zip(&longest.items).all(|(a, b)| same(a, b)))
                });
                let differ = lengths.iter().any(|len| Some(len) != lengths.first());
                if !holds_all {
                    return None;
                }
                let mut items = longest.items.clone();
                let shortest = lengths.iter().copied().min().unwrap_or(0);
                for (at, item) in items.iter_mut().enumerate().skip(shortest) {
                    let mut there = all.iter().zip(&lengths).filter(|(_, len)| **len > at);
                    *item = match (there.next(), there.next()) {
                        (Some(((guards, _), _)), None) => self.element_under(guards, item),
                        _ => self.perhaps_element(item),
                    };
                }
                let unsure = unsure || differ;
                Some(Value::List(Rc::new(List {
                    items,
                    open,
                    unsure,
                    shuffled,
                    awaits: 0,
                    ..*longest
                })))
            }
            _ => None,
        }
    }
}

impl Evaluator<'_> {
    /// Ways of which the first that can be taken is: each is put under choices that exclude those before it.
    ///
    /// `if a { if b { return router; } }` leaves the choices as they were, so that what follows would seem to be done to
    /// the router that was returned as well.
    fn exclusive<T: Clone>(&mut self, ways: Vec<(Guards, T)>) -> Vec<(Guards, T)> {
        let mut before: Vec<&Guards> = Vec::new();
        let mut all: Vec<(Guards, T)> = Vec::new();
        for (guards, value) in &ways {
            let mut left = vec![guards.clone()];
            for earlier in &before {
                left = left.iter().flat_map(|one| self.without(one, earlier)).collect();
                // One of several elements, for example: which of them is not known.
                if left.is_empty() || left.len() > MOST_WAYS {
                    let condition = self.fresh_condition();
                    let told = ways.iter().zip(0u16..).filter_map(|((guards, value), arm)| {
                        Some((guards.with(Guard { condition, arm })?, value.clone()))
                    });
                    return told.collect();
                }
            }
            all.extend(left.into_iter().map(|guards| (guards, value.clone())));
            before.push(guards);
        }
        all
    }

    /// The choices of `one` where those of `other` are not made.
    fn without(&self, one: &Guards, other: &Guards) -> Vec<Guards> {
        if one.excludes(other) {
            return vec![one.clone()];
        }
        let (mut same, mut all) = (one.clone(), Vec::new());
        for guard in other.beyond(one).iter() {
            let known = self.arms.get(&guard.condition).copied().unwrap_or(0);
            let others =
                (0..known.max(guard.arm.saturating_add(1)).max(2)).filter(|arm| *arm != guard.arm);
            all.extend(others.filter_map(|arm| same.with(Guard { arm, ..*guard })));
            let Some(both) = same.with(*guard) else { break };
            same = both;
        }
        all
    }
}

/// The choices that all ways make; `None` where there is no way.
fn common(ways: &[Guards]) -> Option<Guards> {
    let (first, rest) = ways.split_first()?;
    Some(rest.iter().fold(first.clone(), |common, way| common.shared(way)))
}

/// Adds a value unless it is there already; one that holds more often takes the place of the other.
///
/// - `left`: how many more parts are compared; past them it is another one.
fn push_distinct(all: &mut Vec<(Guards, Value)>, guards: Guards, value: Value, left: &mut u32) {
    for (known_guards, known) in all.iter_mut() {
        let most = MOST_COMPARED.min(*left);
        let mut own = most;
        let is_same = same_within(known, &value, &mut own);
        *left -= most - own;
        if is_same && !matches!(value, Value::Router(_)) {
            *known_guards = known_guards.shared(&guards);
            return;
        }
    }
    all.push((guards, value));
}

/// Whether two values are known to be the same.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    same_within(a, b, &mut { MOST_COMPARED })
}

/// - `left`: how many more parts are compared. A pair of pairs of pairs … has any number of them.
fn same_within(a: &Value, b: &Value, left: &mut u32) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match (a, b) {
        (Value::Unknown(a), Value::Unknown(b)) => a == b,
        (Value::Unit, Value::Unit) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Char(a), Value::Char(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b && a.exact().is_some(),
        (Value::Tuple(a), Value::Tuple(b)) => {
            Rc::ptr_eq(a, b)
                || a.len() == b.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|(a, b)| same_within(&a.borrow(), &b.borrow(), left))
        }
        (Value::List(a), Value::List(b)) => Rc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
        (Value::Term(a), Value::Term(b)) => {
            Rc::ptr_eq(a, b)
                // `Default::default` of one type is not that of another, nor what `from_extractor` makes of it.
                || a.path == b.path
                    && a.generics == b.generics
                    && match (&a.args, &b.args) {
                        (None, None) => true,
                        (Some(a), Some(b)) => {
                            a.len() == b.len()
                                && a.iter().zip(b).all(|(a, b)| same_within(a, b, left))
                        }
                        _ => false,
                    }
        }
        (Value::Fn(a), Value::Fn(b)) => a == b,
        (Value::Closure(a), Value::Closure(b)) => Rc::ptr_eq(a, b),
        (Value::Ref(a), Value::Ref(b)) => Rc::ptr_eq(a, b),
        (Value::Router(a), Value::Router(b)) => Rc::ptr_eq(&a.node, &b.node),
        (Value::Passed(a), Value::Passed(b)) => Rc::ptr_eq(a, b),
        (Value::Query(a), Value::Query(b)) => Rc::ptr_eq(a, b),
        (Value::Alt(a), Value::Alt(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}
