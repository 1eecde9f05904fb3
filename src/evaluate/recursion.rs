//! Recursion over what is known: how far a call within itself is followed, and what stands for the rest of it.
//!
//! A call that is given the same as one of its kind that runs already adds nothing: what it does is what that one does. One
//! that is given something else is followed while it comes closer to an end (less is left) or to another state (another
//! number, variant or text), up to a number of rounds and of calls in all, so that nothing doubles. Where that ends, it is
//! entered once more with what changes from call to call not known: each of its branches is walked, so that nothing that it
//! may do is left out.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    option::{Unwrapped, unwrap},
    value::{Seeded, SeededHasher, Value},
};
use crate::{
    link::DefId,
    source::Place,
    syntax::tree::{FnItem, TypeRef},
};

/// What calls itself is followed at most this often on one way down, if it is given something else each time.
const MOST_ROUNDS: usize = 64;
/// Calls with less left that are followed within one call from outside.
const MOST_SHORTER: u32 = 512;
/// Other calls that are.
const MOST_OTHER: u32 = 32;
/// Other calls that are, in all.
const MOST_OTHER_IN_ALL: u32 = 256;
/// Steps of one call from outside, with all that it calls, after which no more of either is followed: functions that call
/// one another in turn have as many ways down as all of them together.
const MOST_STEPS: u64 = 50_000;
/// Calls with what is not known within one call from outside.
const MOST_WIDE: u32 = 8;
/// Calls with what is not known on one way down.
const MOST_WIDE_ROUNDS: usize = 2;
/// Values within an argument that are looked at.
const MOST_LOOKED: u32 = 1_000;

/// Values of which an argument may be made that stands for any of its type.
pub(super) const MOST_PARTS: u32 = 1_000;

/// What calls itself: a function, or the closure or `async` block that stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Site {
    Fn(DefId),
    Closure(Place),
}

/// The calls within themselves that run, and what was spent on such.
#[derive(Debug, Default)]
pub(super) struct Recursion {
    rounds: Vec<(Site, Round)>,
    spent: FxHashMap<Site, Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    /// The steps before the call from outside, or its first within itself.
    before: u64,
    shorter: u32,
    other: u32,
    other_in_all: u32,
    wide: u32,
    /// The calls with what is not known: what they were given, and whether a writer ran.
    walked: FxHashSet<(u64, bool)>,
}

/// A call, by what is known of what it was given.
#[derive(Debug)]
struct Round {
    known: Vec<Known>,
    /// Of one with what is not known: a number for what is.
    kept: Option<u64>,
}

/// What is known of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    /// A number for all of it.
    all: u64,
    /// A number for it but for its lists, which may only grow.
    state: u64,
    values: u32,
    letters: usize,
}

impl Known {
    fn of(value: &Value, seed: &Seeded) -> Self {
        let mut looking = Looking {
            all: seed.build_hasher(),
            state: seed.build_hasher(),
            lists: 0,
            values: 0,
            letters: 0,
        };
        looking.at(value);
        Self {
            all: looking.all.finish(),
            state: looking.state.finish(),
            values: looking.values,
            letters: looking.letters,
        }
    }

    fn is_shorter_than(&self, other: &Self) -> bool {
        (self.values, self.letters) < (other.values, other.letters)
    }
}

struct Looking {
    all: SeededHasher,
    state: SeededHasher,
    /// How many lists it is looking within.
    lists: u32,
    values: u32,
    letters: usize,
}

impl Looking {
    fn note(&mut self, what: &impl std::hash::Hash) {
        what.hash(&mut self.all);
        if self.lists == 0 {
            what.hash(&mut self.state);
        }
    }

    fn at(&mut self, value: &Value) {
        if self.values >= MOST_LOOKED {
            return;
        }
        self.values += 1;
        if !matches!(value, Value::Ref(_) | Value::Passed(_)) {
            self.note(&std::mem::discriminant(value));
        }
        match value {
            Value::Ref(held) => self.at(&held.borrow()),
            Value::Passed(passed) => self.at(&passed.value),
            Value::Bool(known) => self.note(known),
            Value::Int(known) => self.note(known),
            Value::Char(known) => self.note(known),
            Value::Fn(function) => self.note(&function.def),
            Value::Closure(closure) => self.note(&closure.at),
            Value::Str(text) => {
                let text = text.exact();
                self.letters += text.as_ref().map_or(0, String::len);
                self.note(&text);
            }
            Value::Tuple(parts) => parts.iter().for_each(|part| self.at(&part.borrow())),
            Value::Object(object) => {
                self.note(&(object.def, object.variant));
                object.fields.iter().for_each(|(_, held)| self.at(&held.borrow()));
            }
            Value::List(list) => {
                self.lists += 1;
                self.note(&(list.items.len(), list.open));
                list.items.iter().for_each(|item| self.at(item));
                self.lists -= 1;
            }
            Value::Alt(all) => all.iter().for_each(|(_, one)| self.at(one)),
            Value::Term(term) => {
                if !matches!(unwrap(value), Unwrapped::Other) {
                    self.note(&term.path);
                    term.args.iter().flatten().for_each(|arg| self.at(arg));
                }
            }
            Value::Unknown(_) | Value::Unit | Value::Router(_) | Value::Query(_) => {}
        }
    }
}

/// How a call within itself goes on.
pub(super) enum Next {
    /// As it is.
    AsItIs,
    /// With some of its arguments not known.
    AnyOf(Changing),
    /// It is not followed.
    Cut,
}

/// What changes from call to call.
pub(super) struct Changing {
    /// Positions of arguments.
    pub args: Vec<usize>,
    /// A number for the others.
    pub kept: u64,
}

impl Evaluator<'_> {
    fn known(&self, args: &[Value]) -> Vec<Known> {
        args.iter().map(|arg| Known::of(arg, &self.seed)).collect()
    }

    /// Notes a call from within itself while it runs.
    pub(super) fn begin_round(&mut self, site: Site, args: &[Value], kept: Option<u64>) {
        let known = self.known(args);
        self.recursion.rounds.push((site, Round { known, kept }));
    }

    pub(super) fn end_round(&mut self) {
        self.recursion.rounds.pop();
    }

    /// Notes a call from outside.
    pub(super) fn begin_recursion(&mut self, site: Site) {
        let before = self.steps;
        if let Some(spent) = self.recursion.spent.get_mut(&site) {
            *spent = Spent { before, other_in_all: spent.other_in_all, ..Spent::default() };
        }
    }

    /// How a call goes on that is made within itself.
    ///
    /// - `depth`: how many of its kind run.
    pub(super) fn next_round(&mut self, site: Site, args: &[Value], depth: usize) -> Next {
        let now = self.known(args);
        let steps = self.steps;
        let Recursion { rounds, spent } = &mut self.recursion;
        let rounds = || rounds.iter().filter(|(of, _)| *of == site).map(|(_, round)| round);
        let same = |round: &Round, of: fn(&Known) -> u64| {
            round.known.iter().map(of).eq(now.iter().map(of))
        };
        let Some(last) = rounds().next_back() else { return Next::Cut };
        if rounds().any(|round| same(round, |known| known.all)) {
            return Next::Cut;
        }
        let begun = || Spent { before: steps, ..Spent::default() };
        let spent = spent.entry(site).or_insert_with(begun);
        let is_long = steps.saturating_sub(spent.before) > MOST_STEPS;
        if depth < MOST_ROUNDS && !is_long && rounds().all(|round| round.kept.is_none()) {
            let is_shorter =
                now.iter().zip(&last.known).any(|(now, before)| now.is_shorter_than(before));
            let is_other = || !rounds().any(|round| same(round, |known| known.state));
            if is_shorter && spent.shorter < MOST_SHORTER {
                spent.shorter += 1;
                return Next::AsItIs;
            }
            if is_other() && spent.other < MOST_OTHER && spent.other_in_all < MOST_OTHER_IN_ALL {
                spent.other += 1;
                spent.other_in_all += 1;
                return Next::AsItIs;
            }
        }
        let changes = |at: &usize| {
            let all = |known: &[Known]| known.get(*at).map(|known| known.all);
            rounds().any(|round| all(&round.known) != all(&now))
        };
        let (changing, kept): (Vec<usize>, Vec<usize>) = (0..now.len()).partition(changes);
        let mut number = self.seed.build_hasher();
        for at in kept {
            (at, now.get(at).map(|known| known.all)).hash(&mut number);
        }
        let kept = number.finish();
        let wide: Vec<u64> = rounds().filter_map(|round| round.kept).collect();
        if wide.contains(&kept) || wide.len() >= MOST_WIDE_ROUNDS || spent.wide >= MOST_WIDE {
            return Next::Cut;
        }
        let in_writer = self.running.iter().any(|running| running.writer.is_some());
        if !args.iter().any(Value::holds_code) && !spent.walked.insert((kept, in_writer)) {
            return Next::Cut;
        }
        spent.wide += 1;
        Next::AnyOf(Changing { args: changing, kept })
    }

    /// The arguments of a call that stands for all within it: of what changes from one to the next, any.
    pub(super) fn any_of_these(
        &mut self,
        item: &FnItem,
        args: Vec<Value>,
        changing: &Changing,
    ) -> Vec<Value> {
        let skip = usize::from(item.receiver.is_some());
        let is_shared = |at: usize| match (at.checked_sub(skip), &item.receiver) {
            (None, Some(receiver)) => receiver.reference && !receiver.mutable,
            (at, _) => {
                let param = at.and_then(|at| item.params.get(at));
                matches!(param.and_then(|param| param.ty.as_ref()), Some(TypeRef::Ref(_, false)))
            }
        };
        let any = |(at, arg): (usize, Value)| {
            let changes = changing.args.contains(&at);
            if changes { self.anything_like(&arg, is_shared(at), &mut { MOST_PARTS }) } else { arg }
        };
        args.into_iter().enumerate().map(any).collect()
    }
}
