//! Calls of code that is not in the tree: what they are given goes on, and runs.

use std::rc::Rc;

use super::{
    Evaluator,
    router::Op,
    statement::{Given, Running},
    value::{Search, Term, Value},
};
use crate::{
    databases, frameworks,
    link::{Target, types::Ty},
    source::Place,
};

impl Evaluator<'_> {
    /// A call of code that is not in the tree: routers it is given go on, closures it is given run.
    ///
    /// SQL in it is a statement of a library that is not known. One that the contract calls a writer is that for what it
    /// is given.
    pub fn unseen_call(&mut self, term: Option<&Rc<Term>>, args: &[Value], at: Place) -> Value {
        let writer = term.map(|term| Target::External(term.path.clone()));
        if let Some(writer) = writer.filter(|writer| (self.declared.is_writer)(writer)) {
            let callable = self.running_now();
            let body = self.real(at);
            let given = Given::default();
            let running = Running { callable, body, at, writer: Some(writer), given };
            self.running(running, |e| {
                e.note_writer();
                for arg in args {
                    e.escape(arg);
                }
            });
        }
        let outside_std =
            |path: &str| !path.starts_with("std::") || args.first().is_some_and(is_handle);
        if term.is_none_or(|term| outside_std(&term.path)) {
            self.sql_handed_on(args, at);
        }
        for arg in args {
            self.may_change(arg);
        }
        let mut routers = Vec::new();
        for arg in args {
            self.collect_routers(arg, &mut routers);
        }
        if let Some(first) = routers.first().cloned() {
            let name = term.map_or("a function that is not known", |term| &term.path);
            self.gap_at(at, &format!("a router is given to {name}, which is not in the tree"));
            for arg in args {
                if term.is_some_and(|term| is_server(&term.path)) {
                    self.let_serve(arg);
                } else {
                    self.escape(arg);
                }
            }
            if term.is_some_and(|term| !term.path.starts_with("std::")) {
                // What was not yet mounted may be mounted there.
                let parts = routers.iter().filter(|router| frameworks::is_part(router.kind));
                let parts = parts.map(|router| self.escaping(router));
                self.escaped.extend(parts.collect::<Vec<_>>());
            }
            let mut all = first;
            for other in routers.iter().skip(1) {
                all = self.chain(all.kind, Some(&all), Op::Merge(other.node.clone()), at);
            }
            let path = term.map_or_else(|| "?".into(), |term| term.path.clone());
            let through = Op::Through(Target::External(path));
            all = self.chain(all.kind, Some(&all), through, at);
            return Value::Router(all);
        }
        if let Some(term) = term {
            for arg in args {
                match arg.bare() {
                    Value::Closure(closure) if runs_once(&term.path) => {
                        let result = self.call_closure_unseen(&closure);
                        self.escape(&result);
                    }
                    closure @ Value::Closure(_) => self.escape(&closure),
                    _ => {}
                }
            }
            // What ran and stays there would make another value of each that holds it.
            let kept = args.iter().enumerate().map(|(at, arg)| match arg {
                Value::Closure(_) if at > 0 && keeps(&term.path) => Value::unknown(),
                arg => arg.clone(),
            });
            let called = Term { args: Some(kept.collect()), at, ..(**term).clone() };
            Value::Term(Rc::new(called))
        } else {
            for arg in args {
                self.escape(arg);
            }
            Value::unknown()
        }
    }

    /// Values are given to code outside the tree that are no routers, but what it makes a service of: they are served.
    ///
    /// - `whom`: its path, where that is known.
    pub(super) fn hand_out(&mut self, given: &[Value], whom: Option<&str>, at: Place) {
        if whom.is_some_and(|path| path.starts_with("std::")) {
            return;
        }
        for value in given {
            for framework in frameworks::FRAMEWORKS {
                let Some(router) = framework.handed_out(self, value, at) else { continue };
                let name = whom.unwrap_or("a function that is not known");
                let message = format!("an API is given to {name}, which is not in the tree");
                self.gap_at(at, &message);
                self.escape(&Value::Router(router));
            }
        }
    }

    pub(super) fn collect_routers(&mut self, value: &Value, into: &mut Vec<super::router::Handle>) {
        let served = |part: &Value| match part {
            Value::Router(_) | Value::Closure(_) => Search::Found,
            Value::Object(_) | Value::Alt(_) => Search::Past,
            Value::Term(term) if term.is_inert() => Search::Past,
            _ => Search::Within,
        };
        for served in value.all(served) {
            match served {
                Value::Router(handle) => into.push(handle),
                Value::Closure(closure) if closure.expr.params.is_empty() => {
                    // What is handed from call to call is run by the first alone: it would run twice as often with each.
                    if closure.gave.get().is_none() {
                        let handle = match self.call_closure(&closure, Vec::new()) {
                            Value::Router(handle) => Some(handle),
                            _ => None,
                        };
                        let _ = closure.gave.set(handle);
                    }
                    into.extend(closure.gave.get().cloned().flatten());
                }
                _ => {}
            }
        }
    }
}

/// Whether a function outside the tree is a server by its name, as those of `axum_server`, `hyper` and `tonic` are. What
/// `serve_dir` and the like are given goes on.
pub(super) fn is_server(path: &str) -> bool {
    let name = path.rsplit(':').next().unwrap_or(path);
    name == "serve" || name.starts_with("serve_with") || name.starts_with("serve_connection")
}

/// Whether a function outside the tree runs what it is given there and then, in any case: by the crate it comes from, as
/// the path of a method begins with that of what it is called on.
fn runs_once(path: &str) -> bool {
    let Some((krate, rest)) = path.split_once("::") else { return false };
    let name = rest.rsplit(':').next().unwrap_or(rest);
    match krate {
        "std" => matches!(path, "std::panic::catch_unwind" | "std::thread::scope"),
        "tokio" => {
            matches!(name, "block_in_place" | "block_on" | "run_until" | "scope" | "sync_scope")
        }
        "rayon" => matches!(name, "in_place_scope" | "install" | "scope"),
        "tracing" => matches!(name, "in_scope" | "with_default"),
        "actix_rt" | "actix_web" | "async_io" | "async_std" | "futures" | "futures_executor"
        | "futures_lite" | "pollster" | "smol" => name == "block_on",
        _ => false,
    }
}

/// Whether what a call outside the tree is given behind its receiver stays there: no pattern takes it out again, as it
/// does of a constructor's value, and no model does.
fn keeps(path: &str) -> bool {
    let last = path.rsplit(':').next().unwrap_or(path);
    last.starts_with(char::is_lowercase)
        && !path.starts_with("std::")
        && !frameworks::knows(path)
        && !databases::knows(path)
}

/// Whether a value was reached through a lock or cell of `std`, so that its methods need not be those of `std`.
fn is_handle(value: &Value) -> bool {
    let path = match value {
        Value::Term(term) => term.path.clone(),
        Value::Unknown(Ty::External(path, _)) => path.clone(),
        _ => return false,
    };
    ["sync::", "cell::"].iter().any(|module| path.starts_with(&format!("std::{module}")))
}
