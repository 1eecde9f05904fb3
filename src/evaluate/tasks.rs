//! Tasks, threads and futures that run beside one another: what each gives is what its code comes to.
//!
//! A task that ends in a panic gives an error, so what is waited for is there perhaps.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Eval, Flow},
    elements::{found, there, there_under},
    method::Method,
    option::{OK, Unwrapped, is_perhaps, ok, perhaps, unwrap},
    value::{Cell, List, Value, cell},
};
use crate::{
    link::types::Ty,
    source::Place,
    syntax::tree::{Expr, MacroCall},
};

/// What the closure of `std::thread::scope` is given.
const SCOPE: &str = "std::thread::Scope";

/// What is made of futures that run beside one another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// What each gives.
    All,
    /// The same in one success, where none of them fails.
    Tried,
}

/// Whether a crate is one of those that `futures` is made of.
fn is_of_futures(krate: &str) -> bool {
    matches!(krate, "futures" | "futures_util")
}

/// What a macro makes of the futures it is given; `None` where it is another one.
fn joining(path: &str) -> Option<Beside> {
    let (before, name) = path.rsplit_once("::")?;
    let krate = before.rsplit(':').next()?;
    match name {
        _ if krate != "tokio" && !is_of_futures(krate) => None,
        "join" => Some(Beside::All),
        "try_join" => Some(Beside::Tried),
        _ => None,
    }
}

/// Whether a path is that of the function which makes an empty set of tasks or futures.
fn makes_set(path: &str) -> bool {
    let Some((owner, "new")) = path.rsplit_once("::") else { return false };
    let krate = path.split("::").next().unwrap_or("");
    match owner.rsplit(':').next() {
        Some("JoinSet") => krate == "tokio",
        Some("FuturesUnordered" | "FuturesOrdered") => is_of_futures(krate),
        _ => false,
    }
}

/// Whether a value is an `async` block that has yet to run.
pub(super) fn is_block(value: &Value) -> bool {
    matches!(value.bare(), Value::Closure(closure)
        if closure.expr.is_async && closure.expr.params.is_empty())
}

impl Evaluator<'_> {
    /// `join!(…)` and `try_join!(…)`; `None` for another macro.
    ///
    /// - `path`: its path, where the crate it comes from is known.
    pub(super) fn joined_in_macro(
        &mut self,
        path: Option<&str>,
        call: &MacroCall,
        args: &[Expr],
        at: Place,
    ) -> Option<Eval> {
        let written = || {
            let names = call.path.segments.iter().map(|segment| segment.name.as_str());
            names.collect::<Vec<_>>().join("::")
        };
        let beside = match path {
            Some(path) => joining(path),
            None => joining(&written()),
        };
        let beside = beside.filter(|_| !args.is_empty())?;
        let mut given = Vec::with_capacity(args.len());
        for arg in args {
            match self.eval(arg) {
                Ok(value) => given.push(self.awaited(value)),
                Err(flow) => return Some(Err(flow)),
            }
        }
        Some(Ok(self.together(given, beside, at)))
    }

    fn together(&mut self, given: Vec<Value>, beside: Beside, at: Place) -> Value {
        if beside == Beside::All {
            return Value::tuple(given);
        }
        let made = self.tried(&Rc::new(List { items: given, ..List::default() }), at);
        let Unwrapped::Inside(Value::List(list)) = unwrap(&made) else { return made };
        let whole = ok(Value::tuple(list.items.clone()), at);
        if is_perhaps(&made) { perhaps(whole) } else { whole }
    }

    fn tried(&mut self, list: &Rc<List>, at: Place) -> Value {
        let method = Method { name: "collect", generics: Vec::new(), args: Vec::new(), at };
        self.collected_into(OK, list, None, &method)
    }

    /// A call outside the tree that runs what it is given beside what runs here; `None` for another one.
    pub(super) fn task_call(
        &mut self,
        path: &str,
        args: &[Value],
        at: Place,
    ) -> Result<Option<Value>, Flow> {
        let Some((krate, rest)) = path.split_once("::") else { return Ok(None) };
        let name = rest.rsplit(':').next().unwrap_or(rest);
        let of_futures = is_of_futures(krate) && rest.starts_with("future::");
        Ok(Some(match (name, args) {
            ("join" | "join3" | "join4" | "join5", _) if of_futures => {
                let given = args.iter().map(|arg| self.awaited(arg.clone())).collect();
                self.together(given, Beside::All, at)
            }
            ("try_join" | "try_join3" | "try_join4" | "try_join5", _) if of_futures => {
                let given = args.iter().map(|arg| self.awaited(arg.clone())).collect();
                self.together(given, Beside::Tried, at)
            }
            ("join_all" | "try_join_all", [all]) if of_futures => {
                let Some(list) = self.iterated(all) else { return Ok(None) };
                let list = self.each_awaited(&list)?;
                if name == "join_all" { Value::List(list) } else { self.tried(&list, at) }
            }
            ("join", [one, other]) if path == "rayon::join" => {
                let made = vec![self.call(one, Vec::new(), at)?, self.call(other, Vec::new(), at)?];
                Value::tuple(made)
            }
            ("spawn_blocking", [run]) if krate != "std" && run.is_callable() => {
                self.waited_for(run, at)?
            }
            ("spawn", [run]) if path == "std::thread::spawn" && run.is_callable() => {
                self.waited_for(run, at)?
            }
            ("spawn", [run]) if krate == "tokio" && is_block(run) => {
                let made = self.awaited(run.clone());
                task_of(made, path, at)
            }
            ("block_in_place", [run]) if krate == "tokio" && run.is_callable() => {
                self.call(run, Vec::new(), at)?
            }
            ("scope", [run]) if path == "std::thread::scope" && run.is_callable() => {
                let scope = Value::Unknown(Ty::External(SCOPE.into(), Vec::new()));
                self.call(run, vec![scope], at)?
            }
            ("new", []) if makes_set(path) => Value::list(Vec::new()),
            _ => return Ok(None),
        }))
    }

    /// What waiting for a thread that runs `run` gives.
    fn waited_for(&mut self, run: &Value, at: Place) -> Eval {
        let made = self.call(run, Vec::new(), at)?;
        Ok(perhaps(ok(made, at)))
    }

    /// Each element awaited, where it is there.
    fn each_awaited(&mut self, list: &Rc<List>) -> Result<Rc<List>, Flow> {
        let mut items = Vec::with_capacity(list.items.len());
        for item in &list.items {
            items.push(match there(item) {
                Some((guards, held)) => {
                    let (guards, held) = (guards.clone(), held.clone());
                    let made = self.narrowed(&guards, |e| Ok(e.awaited(held)))?;
                    there_under(&guards, made)
                }
                None => self.awaited(item.clone()),
            });
        }
        Ok(Rc::new(List { items, ..(**list).clone() }))
    }

    /// A method of a set of tasks, of a scope of threads or of what waits for one; `None` for another one.
    ///
    /// A set of tasks is the list of what they give, and what waits for one is that itself.
    pub(super) fn task_method(
        &mut self,
        target: &Cell,
        bare: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        match (bare, method.name, method.args.as_slice()) {
            (Value::Term(_), "join", []) if is_perhaps(bare) => Ok(Some(bare.clone())),
            // What is made of a future once it is ready.
            (block, "map" | "then", [run]) if is_block(block) && run.is_callable() => {
                let given = self.awaited(block.clone());
                let made = self.call(run, vec![given], at)?;
                Ok(Some(if method.name == "then" { self.awaited(made) } else { made }))
            }
            (block, "map_ok", [_]) if is_block(block) => {
                let given = self.awaited(block.clone());
                let map = Method { name: "map", ..method.clone() };
                self.method(&cell(given), map).map(Some)
            }
            (Value::Unknown(Ty::External(path, _)), "spawn", [run])
                if &**path == SCOPE && run.is_callable() =>
            {
                self.waited_for(run, at).map(Some)
            }
            (Value::List(_), "spawn" | "spawn_local", [task]) => {
                let made = self.awaited(task.clone());
                self.put_task(target, perhaps(ok(made, at)), at)
            }
            (Value::List(_), "spawn_blocking", [run]) if run.is_callable() => {
                let made = self.waited_for(run, at)?;
                self.put_task(target, made, at)
            }
            (Value::List(_), "join_next" | "try_join_next", []) => {
                let next = Method { name: "next", ..method.clone() };
                self.method(target, next).map(Some)
            }
            (Value::List(list), "join_all", []) => {
                let all = list.items.iter().map(Self::given_by_task).collect();
                Ok(Some(found(all, list.open)))
            }
            _ => Ok(None),
        }
    }

    /// What a task of a set gave, where it is there.
    fn given_by_task(item: &Value) -> Value {
        let own = there(item);
        let held = own.map_or(item, |(_, held)| held);
        let inner = match unwrap(held) {
            Unwrapped::Inside(inner) => inner,
            _ => held.clone(),
        };
        own.map_or(inner.clone(), |(guards, _)| there_under(guards, inner))
    }

    fn put_task(&mut self, target: &Cell, made: Value, at: Place) -> Result<Option<Value>, Flow> {
        let push = Method { name: "push", generics: Vec::new(), args: vec![made], at };
        self.method(target, push)?;
        Ok(Some(Value::unknown()))
    }
}

/// The handle of a task that came to `made`: of one of which nothing is known, no more than where it was started.
fn task_of(made: Value, path: &str, at: Place) -> Value {
    match made.bare() {
        Value::Unknown(_) | Value::Unit => Value::term(path, Some(Vec::new()), at),
        _ => perhaps(ok(made, at)),
    }
}
