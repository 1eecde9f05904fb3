//! What a branch supposes of values that a framework watches: that a request's path is `/x` while this arm runs.
//!
//! A comparison of such a value is kept as a value itself, so that it may be stored, negated or combined before it is
//! asked; the arm it leads to then knows what it rests on.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Eval,
    effect::Guards,
    router::Handle,
    value::{FnValue, List, Search, Term, Value},
};
use crate::{
    frameworks,
    source::Place,
    syntax::tree::{self, Lit, Pat},
};

/// A watched value and what it is in a branch; not known when it is something else than the branches beside.
#[derive(Debug, Clone)]
pub struct Supposed {
    /// The watched value.
    pub of: Rc<Term>,
    /// What it is.
    pub is: Value,
}

/// A function of the tree that a branch calls.
#[derive(Debug, Clone)]
pub struct Called {
    /// The function.
    pub function: Rc<FnValue>,
    /// What it is given.
    pub args: Rc<[Value]>,
    /// Whether something watched is among that.
    pub given: bool,
}

/// What a service came to while it was evaluated.
#[derive(Debug, Default)]
pub struct Collected {
    /// What its branches came to.
    pub routes: Vec<Handle>,
    /// The functions that were given something watched.
    pub given: Vec<Called>,
}

/// What holds together.
pub type Reading = Vec<Supposed>;

/// Readings of one branch.
const MOST: usize = 64;
const AND: &str = "bool::and";
const OR: &str = "bool::or";
const NOT: &str = "bool::not";
const EQ: &str = "bool::eq";
const NE: &str = "bool::ne";

/// Each of `a` with each of `b`.
pub fn product(a: &[Reading], b: &[Reading]) -> Vec<Reading> {
    let each = a.iter().flat_map(|a| b.iter().map(move |b| [a.as_slice(), b].concat()));
    each.take(MOST).collect()
}

fn nothing() -> Vec<Reading> {
    vec![Vec::new()]
}

fn watched(value: &Value) -> Option<Rc<Term>> {
    match value.bare() {
        Value::Term(term) if frameworks::watches(&term.path) => Some(term),
        _ => None,
    }
}

/// Whether a watched value, or what comes of one, is in another.
pub(super) fn holds_watched(value: &Value) -> bool {
    value.any(&mut |part| match part {
        Value::Term(term) if frameworks::watches(&term.path) || frameworks::derives(&term.path) => {
            Search::Found
        }
        _ => Search::Within,
    })
}

/// What comes of a watched value in a way that is not read.
fn derived(value: &Value) -> Option<Rc<Term>> {
    match value.bare() {
        Value::Term(term) if frameworks::derives(&term.path) => Some(term),
        _ => None,
    }
}

/// Whether readings say nothing but that something not read is decided by.
fn is_unread(readings: &[Reading]) -> bool {
    readings.iter().flatten().all(|one| frameworks::derives(&one.of.path))
}

/// What holds where a value is not what is asked for, or where what is asked is not read.
fn another(of: Rc<Term>) -> Vec<Reading> {
    vec![vec![Supposed { of, is: Value::unknown() }]]
}

/// Whether a reading says of no value what it is.
fn is_open(reading: &Reading) -> bool {
    reading.iter().all(|one| matches!(one.is, Value::Unknown(_)))
}

/// What holds by one or the other. All that is said of nothing is one reading: each further condition would double them.
fn either(a: Vec<Reading>, b: Vec<Reading>) -> Vec<Reading> {
    let (open, mut all): (Vec<Reading>, Vec<Reading>) = a.into_iter().chain(b).partition(is_open);
    if !open.is_empty() {
        let mut one = Reading::new();
        for supposed in open.into_iter().flatten() {
            if !one.iter().any(|known: &Supposed| known.of.path == supposed.of.path) {
                one.push(supposed);
            }
        }
        all.push(one);
    }
    all
}

/// Whether a value says something about a watched one.
fn is_told(value: &Value) -> bool {
    match value {
        Value::Term(term) => {
            matches!(&*term.path, AND | OR | NOT | EQ | NE)
                || frameworks::watches(&term.path)
                || frameworks::derives(&term.path)
        }
        _ => false,
    }
}

/// What a condition says when it is `truth`.
fn holds(value: &Value, truth: bool) -> Vec<Reading> {
    if let Value::Alt(all) = value {
        let told = all.iter().filter(|(_, value)| is_told(value));
        let all: Vec<Reading> = told.flat_map(|(_, value)| holds(value, truth)).collect();
        return if all.is_empty() { nothing() } else { all };
    }
    let Value::Term(term) = value else { return nothing() };
    let args = term.args.as_deref().unwrap_or_default();
    match (&*term.path, args, truth) {
        (EQ, [a, b], true) | (NE, [a, b], false) => match (watched(a), watched(b)) {
            (Some(of), _) => vec![vec![Supposed { of, is: b.bare() }]],
            (None, Some(of)) => vec![vec![Supposed { of, is: a.bare() }]],
            _ => nothing(),
        },
        (EQ | NE, [a, b], _) => match watched(a).or_else(|| watched(b)) {
            Some(of) => another(of),
            None => nothing(),
        },
        (AND, [a, b], true) | (OR, [a, b], false) => product(&holds(a, truth), &holds(b, truth)),
        (OR, [a, b], true) | (AND, [a, b], false) => either(holds(a, truth), holds(b, truth)),
        (NOT, [a], _) => holds(a, !truth),
        (_, _, true) if frameworks::watches(&term.path) => {
            vec![vec![Supposed { of: Rc::clone(term), is: Value::Bool(true) }]]
        }
        _ if frameworks::watches(&term.path) || frameworks::derives(&term.path) => {
            another(Rc::clone(term))
        }
        _ => nothing(),
    }
}

/// `a op b` where one of them is watched or says something of what is.
pub(super) fn compared(op: &str, a: &Value, b: &Value, at: Place) -> Option<Value> {
    let path = match op {
        "==" if watched(a).is_some() || watched(b).is_some() => EQ,
        "!=" if watched(a).is_some() || watched(b).is_some() => NE,
        "&&" if is_told(a) || is_told(b) => AND,
        "||" if is_told(a) && is_told(b) => OR,
        _ => return derived(a).or_else(|| derived(b)).map(Value::Term),
    };
    Some(Value::term(path, Some(vec![a.clone(), b.clone()]), at))
}

/// `!a`, likewise.
pub(super) fn negated(a: &Value, at: Place) -> Option<Value> {
    is_told(a).then(|| Value::term(NOT, Some(vec![a.clone()]), at))
}

/// Whether what stands left of `&&` or `||` says something.
pub(super) fn says(a: &Value) -> bool {
    is_told(a)
}

impl Evaluator<'_> {
    /// Runs code whose branches are answers; returns those.
    pub fn collect(&mut self, run: impl FnOnce(&mut Self) -> Eval) -> Collected {
        let supposed = std::mem::take(&mut self.supposed);
        let first_call = self.first_call.take();
        self.collected.push(Collected::default());
        let result = run(self);
        match result.map(|value| value.bare()) {
            // What is given back is to be run: a boxed future.
            Ok(Value::Closure(closure)) => {
                let value = self.call_closure(&closure, Vec::new());
                self.escape(&value);
            }
            Ok(value) => self.escape(&value),
            Err(_) => {}
        }
        self.supposed = supposed;
        self.first_call = first_call;
        self.collected.pop().unwrap_or_default()
    }

    /// Whether branches are told apart by what they suppose of watched values.
    pub fn is_watching(&self) -> bool {
        !self.collected.is_empty()
    }

    /// Adds what a branch came to.
    pub fn answered(&mut self, made: Handle) {
        self.answers += 1;
        if let Some(all) = self.collected.last_mut() {
            all.routes.push(made);
        }
    }

    /// Adds what a branch perhaps came to: it counts for nothing to those around it.
    pub fn perhaps_answered(&mut self, made: Handle) {
        if let Some(all) = self.collected.last_mut() {
            all.routes.push(made);
        }
    }

    /// What is known of watched values when `value` fits `pat`.
    pub(super) fn told(&mut self, pat: &Pat, value: &Value) -> Vec<Reading> {
        let value = &value.bare();
        match pat {
            Pat::Ref(inner) | Pat::Typed(inner, _) => self.told(inner, value),
            Pat::Bind { sub: Some(sub), .. } => self.told(sub, value),
            Pat::Or(parts) => parts.iter().flat_map(|part| self.told(part, value)).collect(),
            Pat::Macro(call) => {
                self.in_macro_pattern(call, |e, pat| e.told(pat, value)).unwrap_or_else(nothing)
            }
            Pat::Tuple(parts, None) => {
                let mut all = nothing();
                for (at, part) in parts.iter().enumerate() {
                    if let Some(element) = super::pattern::element(value, at) {
                        let more = self.told(part, &element);
                        all = product(&all, &more);
                    }
                }
                all
            }
            // Whatever it is, all of it is left to this branch.
            Pat::Wild | Pat::Bind { .. } if matches!(value, Value::Tuple(_)) => {
                let mut all = nothing();
                let mut at = 0;
                while let Some(element) = super::pattern::element(value, at) {
                    all = product(&all, &self.told(&Pat::Wild, &element));
                    at += 1;
                }
                all
            }
            _ => {
                let Some(of) = watched(value) else {
                    return derived(value).map_or_else(nothing, another);
                };
                let is = match pat {
                    Pat::Lit(Lit::Str(text)) => Value::Str(super::text::Text::known(text)),
                    Pat::TupleStruct(_, parts, None) => {
                        let inner = of.args.as_ref().and_then(|args| args.first().cloned());
                        let own = vec![vec![Supposed { of, is: Value::Bool(true) }]];
                        return match (parts.as_slice(), inner) {
                            ([only], Some(inner)) => product(&own, &self.told(only, &inner)),
                            _ => own,
                        };
                    }
                    Pat::Slice(parts, rest) => {
                        let piece = |part: &Pat| match part {
                            Pat::Lit(Lit::Str(text)) => Value::Str(super::text::Text::known(text)),
                            _ => Value::unknown(),
                        };
                        let known = parts.get(..rest.unwrap_or(parts.len())).unwrap_or_default();
                        let items = known.iter().map(piece).collect();
                        Value::List(Rc::new(List {
                            items,
                            open: rest.is_some(),
                            ..List::default()
                        }))
                    }
                    Pat::Wild | Pat::Bind { .. } => {
                        self.value_of_pattern(pat).unwrap_or_else(Value::unknown)
                    }
                    Pat::Path(path) => {
                        let known = self.value_of_pattern(pat);
                        known.or_else(|| self.brought_by_glob(path)).unwrap_or_else(Value::unknown)
                    }
                    _ => return nothing(),
                };
                vec![vec![Supposed { of, is }]]
            }
        }
    }

    /// What a path of a pattern means that is found in no module, where a glob of a framework may bring it
    /// (`use hyper::*`).
    fn brought_by_glob(&self, path: &tree::Path) -> Option<Value> {
        let names: Vec<&str> = path.segments.iter().map(|segment| &*segment.name).collect();
        let candidates = self.program.glob_candidates(self.scope.module, &names);
        let of_framework = |path: &&std::sync::Arc<str>| {
            path.split(':')
                .next()
                .is_some_and(|krate| krate == "http" || frameworks::is_framework(krate))
        };
        let path = candidates.iter().find(of_framework)?;
        Some(Value::term(path, None, self.current))
    }

    /// Runs a branch of a condition that is `truth` there.
    pub(super) fn under_condition(
        &mut self,
        condition: &Value,
        truth: bool,
        at: Place,
        run: impl FnOnce(&mut Self) -> Eval,
    ) -> Eval {
        let readings = holds(condition, truth);
        self.supposing(readings, at, run)
    }

    /// From here to the end of the function a condition is `truth`: the other way returned.
    pub(super) fn hold_from_here(&mut self, condition: &Value, truth: bool) {
        let readings = holds(condition, truth);
        self.suppose_from_here(readings);
    }

    /// From here to the end of the function one of `readings` holds.
    pub(super) fn suppose_from_here(&mut self, readings: Vec<Reading>) {
        if self.collected.is_empty() || is_unread(&readings) {
            return;
        }
        self.supposed.push(readings);
        self.suppositions += 1;
        self.held = self.answers;
        self.first_call = None;
    }

    /// `matches!(subject, pattern)` as a condition, where it says something of what is watched.
    pub(super) fn matched(&mut self, pat: &Pat, subject: &Value, at: Place) -> Option<Value> {
        let readings = self.told(pat, subject);
        let both = |path: &str, a: Value, b: Value| Value::term(path, Some(vec![a, b]), at);
        let one = |Supposed { of, is }: &Supposed| match is {
            Value::Bool(true) => Value::Term(Rc::clone(of)),
            is => both(EQ, Value::Term(Rc::clone(of)), is.clone()),
        };
        let each = readings
            .iter()
            .map(|reading| reading.iter().map(one).reduce(|all, more| both(AND, all, more)));
        let each: Option<Vec<Value>> = each.collect();
        each?.into_iter().reduce(|all, more| both(OR, all, more))
    }

    /// What the guards of earlier arms leave to each of `arms`: `_ if method != Method::GET => …` leaves GET to those
    /// behind it.
    pub(super) fn refused_before(
        &mut self,
        arms: &[(&tree::Arm, Guards)],
        subject: &Value,
    ) -> Vec<Vec<Reading>> {
        let mut left = nothing();
        let each = arms.iter().map(|(arm, _)| {
            let before = left.clone();
            if let (Some(guard), Pat::Wild | Pat::Bind { sub: None, .. }, None, false) =
                (&arm.guard, &arm.pat, &arm.cfg, self.collected.is_empty())
                && let Some(said) = self.guard_said(arm, guard, subject)
            {
                let more = holds(&said, false);
                // What it may be is told; that it is something else is not.
                let is_told = |one: &Supposed| !matches!(one.is, Value::Unknown(_));
                if more.iter().all(|reading| !reading.is_empty() && reading.iter().all(is_told)) {
                    left = product(&left, &more);
                }
            }
            before
        });
        each.collect()
    }

    /// Runs an arm to which earlier ones leave this much.
    pub(super) fn leaving(
        &mut self,
        left: Vec<Reading>,
        run: impl FnOnce(&mut Self) -> Eval,
    ) -> Eval {
        if left.iter().all(Vec::is_empty) {
            return run(self);
        }
        let depth = self.supposed.len();
        self.supposed.push(left);
        let result = run(self);
        self.supposed.truncate(depth);
        result
    }

    /// Runs a branch that rests on `readings`; a framework then learns what they came to, unless a branch within did.
    pub(super) fn supposing(
        &mut self,
        readings: Vec<Reading>,
        at: Place,
        run: impl FnOnce(&mut Self) -> Eval,
    ) -> Eval {
        if self.collected.is_empty() || readings.iter().all(Vec::is_empty) {
            return run(self);
        }
        if is_unread(&readings) {
            return self.passing_by(at, run);
        }
        let depth = self.supposed.len();
        self.supposed.push(readings);
        self.suppositions += 1;
        let (outer, before) = (self.first_call.take(), self.answers);
        let returned = self.scope.returns.len();
        let result = run(self);
        let called = self.first_call.take();
        if before == self.answers {
            let given_back = self.scope.returns.get(returned..).and_then(<[_]>::last);
            let given_back = given_back.map(|(_, value)| value.clone());
            let value = result.as_ref().ok().or(given_back.as_ref());
            self.conclude(value, called.as_ref(), at);
        }
        self.first_call = outer.or(called);
        self.supposed.truncate(depth);
        result
    }

    /// Runs a branch that rests on nothing that is read; a framework then learns what it called.
    fn passing_by(&mut self, at: Place, run: impl FnOnce(&mut Self) -> Eval) -> Eval {
        self.suppositions += 1;
        let (outer, before) = (self.first_call.take(), self.answers);
        let result = run(self);
        let called = self.first_call.take();
        let noted = |e: &Self| e.collected.last().map_or(0, |all| all.routes.len());
        let known = noted(self);
        if before == self.answers
            && let Some(called) = &called
        {
            let readings = self.all_supposed();
            for framework in frameworks::FRAMEWORKS {
                framework.passed_by(self, &readings, &called.function, at);
            }
        }
        // What was told of by itself is not what the rest of the branch around it calls.
        self.first_call = if noted(self) > known { outer } else { outer.or(called) };
        result
    }

    fn all_supposed(&self) -> Vec<Reading> {
        self.supposed.iter().fold(nothing(), |all, more| product(&all, more))
    }

    /// Tells the frameworks what the branch that ends here supposed.
    pub(super) fn conclude(&mut self, value: Option<&Value>, called: Option<&Called>, at: Place) {
        let readings = self.all_supposed();
        for framework in frameworks::FRAMEWORKS {
            framework.concluded(self, &readings, value, called, at);
        }
    }

    /// Notes a function that is given what is watched, and the first function of the tree that a branch calls.
    pub(super) fn note_first_call(&mut self, function: &Rc<FnValue>, args: &[Value]) {
        let Some(all) = self.collected.last_mut() else { return };
        let given = args.iter().any(|arg| watched(arg).is_some());
        if !given && self.first_call.is_some() {
            return;
        }
        let called = Called { function: Rc::clone(function), args: args.into(), given };
        if given {
            all.given.push(called.clone());
        }
        if self.first_call.as_ref().is_none_or(|first| !first.given) {
            self.first_call = Some(called);
        }
    }
}
