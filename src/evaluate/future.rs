//! What is awaited: an `async` block, or a value whose type is of the tree and says itself what that does.
//!
//! A library's server is often a value that serves when it is awaited (`impl IntoFuture`), or one that is asked again
//! and again (`impl Future`). It is asked once here: a future that may have to be asked again keeps what it holds in
//! use, since what it does then is not followed.

use std::rc::Rc;

use super::{
    Evaluator,
    method::Method,
    tasks::is_block,
    value::{Passed, Term, Value, cell},
};
use crate::{
    link::{Target, types::Ty},
    source::Place,
};

/// What an answer is wrapped in that is there.
const READY: &str = "std::task::Poll::Ready";
const PENDING: &str = "std::task::Poll::Pending";
/// <https://doc.rust-lang.org/std/future/struct.Pending.html>
const NEVER_READY: &str = "std::future::Pending";

/// Futures that are made of one another before one is asked: what `rustc` follows has an end, what is written need not.
const MOST: usize = 8;

/// Whether a trait outside the tree has a method that `.await` calls.
pub(super) fn is_of_futures(path: &str) -> bool {
    awaiting(path).is_some()
}

/// The method of a trait outside the tree that `.await` calls.
fn awaiting(path: &str) -> Option<&'static str> {
    let (krate, rest) = path.split_once("::")?;
    if !matches!(krate, "std" | "core" | "futures" | "futures_core" | "futures_util") {
        return None;
    }
    match rest {
        "future::IntoFuture" => Some("into_future"),
        "future::Future" | "Future" => Some("poll"),
        _ => None,
    }
}

/// A future that is never ready: what follows where it is awaited does not run.
pub(super) fn never_ready() -> Value {
    Value::Unknown(Ty::External(NEVER_READY.into(), vec![Ty::Never]))
}

/// Whether a value is a future that is never ready.
pub(super) fn is_never_ready(value: &Value) -> bool {
    matches!(value.bare(), Value::Unknown(Ty::External(path, _)) if &*path == NEVER_READY)
}

/// What an `async` block came to, as what came back from the function that the block did: one that gives a boxed future is
/// an `async fn` in all but its signature.
fn came_back_like(block: &Value, made: Value) -> Value {
    match (block.deref(), &made) {
        (
            Value::Passed(passed),
            Value::Closure(_)
            | Value::Fn(_)
            | Value::Term(_)
            | Value::Unknown(_)
            | Value::Passed(_),
        ) if !made.holds_routers() => {
            Value::Passed(Rc::new(Passed { value: made, ..(*passed).clone() }))
        }
        _ => made,
    }
}

impl Evaluator<'_> {
    /// What awaiting a value gives: an `async` block runs, and so does what a type of the tree says of itself; anything
    /// else is taken for what it becomes.
    pub fn awaited(&mut self, value: Value) -> Value {
        let mut value = value;
        for _ in 0..MOST {
            let bare = value.bare();
            if let Value::Closure(closure) = &bare
                && is_block(&bare)
            {
                let made = self.call_closure(closure, Vec::new());
                return came_back_like(&value, made);
            }
            let runs = |one: &Value| is_block(one) || self.awaited_by(one).is_some();
            if let Value::Alt(all) = &bare
                && all.iter().any(|(_, one)| runs(&one.bare()))
            {
                let made = self.for_each(all, |e, one| Ok(e.awaited(one)));
                return made.unwrap_or_else(|_| Value::unknown());
            }
            match self.awaited_by(&value.bare()) {
                Some("poll") => return self.asked(&value),
                Some(name) => value = self.method_of_future(&value, name, Vec::new()),
                None => break,
            }
        }
        match value.deref() {
            // The next of several futures, of which the first that is ready gives what it comes to.
            Value::Term(term) if &*term.path == super::option::SOME => {
                let inner = term.args.as_deref().and_then(<[Value]>::first);
                let Some(block) = inner.filter(|inner| is_block(inner)) else {
                    return value;
                };
                let given = self.awaited(block.clone());
                Value::Term(Rc::new(Term { args: Some(vec![given]), ..(*term).clone() }))
            }
            Value::Unknown(ty) => match super::types::output_type(&ty) {
                Some(output) => self.symbolic(&output),
                None => value,
            },
            _ => value,
        }
    }

    /// `value.poll(…)` and `Future::poll(value, …)` of what is no type of the tree but known: its answer, as one that is
    /// there.
    pub(super) fn polled(&mut self, value: &Value, at: Place) -> Option<Value> {
        let bare = value.bare();
        if !is_block(&bare) && self.awaited_by(&bare).is_none() {
            return None;
        }
        let answer = self.awaited(value.clone());
        Some(Value::term(READY, Some(vec![answer]), at))
    }

    /// The method that `.await` calls on a value of a type of the tree.
    fn awaited_by(&self, value: &Value) -> Option<&'static str> {
        let head = match value {
            Value::Object(object) => Ty::Def(object.def, Vec::new()).head()?,
            Value::Unknown(ty) => match super::types::pointee(ty) {
                ty @ Ty::Def(..) => ty.head()?,
                _ => return None,
            },
            _ => return None,
        };
        self.program.impls_for(&head).into_iter().find_map(|block| {
            match self.program.trait_of(block)? {
                Target::External(path) => awaiting(&path),
                Target::Item(_) => None,
            }
        })
    }

    fn method_of_future(&mut self, value: &Value, name: &str, args: Vec<Value>) -> Value {
        let at = self.current;
        let method = Method { name, generics: Vec::new(), args, at };
        let made = self.method_in_tree(&cell(value.clone()), value, method);
        self.current = at;
        made.unwrap_or_else(|_| Value::unknown())
    }

    /// The answer of a future of the tree.
    fn asked(&mut self, future: &Value) -> Value {
        let answer = self.method_of_future(future, "poll", vec![Value::unknown()]);
        let mut ready = Vec::new();
        let mut is_there = true;
        let all = match answer.bare() {
            Value::Alt(all) => all.to_vec(),
            answer => vec![(self.guards.clone(), answer)],
        };
        for (guards, one) in all {
            match one.bare() {
                Value::Term(term) if &*term.path == READY => {
                    let inside = term.args.as_ref().and_then(|args| args.first());
                    ready.push((guards, inside.cloned().unwrap_or_else(Value::unknown)));
                }
                Value::Term(term) if &*term.path == PENDING => is_there = false,
                _ => {
                    is_there = false;
                    ready.push((guards, Value::unknown()));
                }
            }
        }
        if !is_there {
            self.escape(future);
        }
        if ready.is_empty() { Value::unknown() } else { self.join(ready) }
    }
}
