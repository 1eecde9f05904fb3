//! Calls of functions and constructors, by what is called.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Callable, Guards},
    statement::{Given, Running},
    value::{Object, Term, Value, cell},
};
use crate::{
    databases, frameworks,
    link::{DefKind, Namespace, Resolution, types::Ty},
    source::Place,
    syntax::tree::{Expr, ExprKind, Name},
};

/// Ways through calls within one another, each of one function or another, that are told apart. A handler that wraps the
/// one before it, perhaps, twenty times is a million.
pub(super) const MOST_CHOSEN: usize = 256;

impl<'p> Evaluator<'p> {
    pub(super) fn eval_call(&mut self, expr: &Expr, callee: &Expr, args: &[Expr]) -> Eval {
        let is_unawaited = self.is_unawaited();
        if let Some(function) = self.function_made_a_type(callee, args) {
            return Ok(function);
        }
        let callee = self.apart(|e| e.eval(callee))?;
        let at = self.here(expr.span);
        if let Value::Term(term) = callee.deref()
            && starts_alone(&term.path)
        {
            return self.detached_call(&callee, args, at);
        }
        let args = self.apart(|e| e.eval_all(args))?;
        self.set_unawaited(is_unawaited);
        let done = self.call(&callee, args, at);
        self.set_unawaited(false);
        done
    }

    /// Evaluates what is not itself what the context expects a certain type of.
    pub(super) fn apart<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let expected = self.expected.take();
        let value = run(self);
        self.expected = expected;
        value
    }

    /// `tokio::spawn(…)`: what is given runs on its own, whatever runs here.
    fn detached_call(&mut self, callee: &Value, args: &[Expr], at: Place) -> Eval {
        let task = Callable::Closure(at, self.running_now().instance());
        self.note_call(task, at);
        let body = self.real(at);
        self.detached.insert(task);
        if let Some(owner) = self.scope.owner {
            self.within.insert(at, owner);
        }
        self.made.insert(task, None);
        let running = Running { callable: task, body, at, writer: None, given: Given::default() };
        self.running(running, |e| {
            let args = e.eval_all(args)?;
            e.call(callee, args, at)
        })
    }

    /// `handler::<T>::default()`, where an attribute has made a type of the function `handler`: its value is still
    /// the function.
    fn function_made_a_type(&mut self, callee: &Expr, args: &[Expr]) -> Option<Value> {
        let ExprKind::Path(path) = &callee.kind else { return None };
        let (last, before) = path.segments.split_last()?;
        if last.name != "default" || before.is_empty() || !args.is_empty() || path.qself.is_some() {
            return None;
        }
        let function = crate::syntax::tree::Path { segments: before.into(), ..path.clone() };
        let found = self.program.resolve_path(self.scope.module, &function, Namespace::Value);
        let made = |is: &Resolution| {
            matches!(is, Resolution::Def(def) if {
                let def = self.program.def(*def);
                def.kind == DefKind::Fn && !def.item.attrs.is_empty()
            })
        };
        found.iter().any(|(_, is)| made(is)).then(|| self.path_value(&function))
    }

    /// Calls `callee` and awaits what it gives.
    pub fn call_and_await(&mut self, callee: &Value, args: Vec<Value>, at: Place) -> Value {
        let value = self.call(callee, args, at).unwrap_or_else(|_| Value::unknown());
        self.awaited(value)
    }

    /// Calls `callee`.
    pub fn call(&mut self, callee: &Value, args: Vec<Value>, at: Place) -> Eval {
        self.current = at;
        match callee.deref() {
            Value::Fn(function) => {
                self.is_run(&function);
                self.call_function(&function, args, at)
            }
            Value::Closure(closure) => Ok(self.call_closure(&closure, args)),
            Value::Passed(passed) => self.call(&passed.value, args, at),
            Value::Object(object) => Ok(self.construct(&object, args)),
            Value::Term(term) if term.args.is_none() => self.call_outside(&term, args, at),
            Value::Alt(all) => {
                let all = self.of_fitting_parameters(&all, &args);
                let ways = self.chosen_ways.saturating_mul(all.len());
                if ways > MOST_CHOSEN {
                    // Each runs once, wherever it is called from.
                    let given: Vec<Value> = [callee.clone()].into_iter().chain(args).collect();
                    return Ok(self.unseen_call(None, &given, at));
                }
                let outside = std::mem::replace(&mut self.chosen_ways, ways);
                let choices = self.choices_between(&all);
                let arms: Vec<Arm<'_, 'p>> = all
                    .iter()
                    .zip(choices)
                    .map(|((guards, callee), choice)| {
                        let (guards, callee, args) = (guards.clone(), callee.clone(), args.clone());
                        let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                            Box::new(move |e: &mut Self| {
                                let Some(both) = e.guards.and(&guards) else {
                                    return Err(Flow::Return);
                                };
                                e.guards = both;
                                e.call(&callee, args, at)
                            });
                        (choice, run)
                    })
                    .collect();
                let result = self.branch(arms);
                self.chosen_ways = outside;
                result
            }
            Value::Unknown(Ty::Fn(_, ret)) => {
                self.unseen_call(None, &args, at);
                Ok(self.symbolic(&ret))
            }
            _ => Ok(self.unseen_call(None, &args, at)),
        }
    }

    /// `Tuple(a, b)`, `Variant(a, b)`, or `new(a, b)` that is derived, which gives all fields in their order.
    fn construct(&mut self, object: &Rc<Object>, args: Vec<Value>) -> Value {
        let declared = self.fields(object.def).filter(|_| object.variant.is_none());
        let name_of = |at: usize| {
            let declared = declared.as_ref().and_then(|fields| fields.get(at));
            declared.map_or_else(|| Name::from(at.to_string()), |(name, _)| name.clone())
        };
        let fields = args.into_iter().enumerate().map(|(at, value)| (name_of(at), cell(value)));
        let fields: Vec<_> = fields.collect();
        self.type_fields(object.def, object.variant, &fields);
        for (name, held) in &fields {
            let value = held.borrow().clone();
            self.store(object.def, name, &value);
        }
        let made = Value::Object(Rc::new(Object { fields, ..(**object).clone() }));
        self.note_made(&made);
        made
    }

    fn call_outside(&mut self, term: &Rc<Term>, args: Vec<Value>, at: Place) -> Eval {
        if let (Some((ty, "from" | "try_from")), [given]) = (term.path.rsplit_once("::"), &*args)
            && let Some(function) =
                self.conversion(&self.type_of(given), &Ty::External(ty.into(), Vec::new()))
        {
            return self.call_function(&function, args, at);
        }
        let args = self.texts_behind(args);
        let again = term.clone();
        let each = self.for_each_reading(&args, move |e, args| e.call_outside(&again, args, at));
        if let Some(done) = each {
            return done;
        }
        if let Some(value) = self.external_gate(&term.path, &args, at) {
            return Ok(value);
        }
        if let Some(value) = self.library_call(term, &args, at)? {
            return Ok(value);
        }
        if let Some((which, all)) = several(&args).filter(|_| frameworks::knows(&term.path)) {
            return self.for_each(&all, |e, one| {
                let mut args = args.clone();
                if let Some(arg) = args.get_mut(which) {
                    *arg = one;
                }
                e.call_outside(term, args, at)
            });
        }
        if let Some(value) = frameworks::call(self, term, &args, at) {
            return Ok(value);
        }
        if let Some(value) = databases::call(self, term, &args, at) {
            return Ok(value);
        }
        self.hand_out(&args, Some(&term.path), at);
        Ok(self.unseen_call(Some(term), &args, at))
    }

    /// Runs `run` with each alternative of a value, under its choices.
    pub(super) fn for_each(
        &mut self,
        all: &[(Guards, Value)],
        run: impl Fn(&mut Self, Value) -> Eval,
    ) -> Eval {
        let choices = self.choices_between(all);
        let run = &run;
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(choices)
            .map(|((guards, value), choice)| {
                let (guards, value) = (guards.clone(), value.clone());
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    run(e, value)
                });
                (choice, run)
            })
            .collect();
        self.branch(arms)
    }
}

/// The values that one may be.
type Alternatives = Rc<Vec<(Guards, Value)>>;

/// The first argument that is one of several plain values, and which those are.
///
/// Alternatives that are called or mounted are told apart where that is done.
pub(super) fn several(args: &[Value]) -> Option<(usize, Alternatives)> {
    args.iter().enumerate().find_map(|(at, arg)| match arg.bare() {
        Value::Alt(all) => {
            let plain = |value: &Value| {
                matches!(
                    value.bare(),
                    Value::Str(_) | Value::Term(_) | Value::Unknown(_) | Value::Object(_)
                )
            };
            all.iter().all(|(_, value)| plain(value)).then_some((at, all))
        }
        _ => None,
    })
}

/// As [`several`], of what a router is given: a router of which it is not known whether it is that or something from outside
/// the tree is mounted where it is one, and the other is what it is elsewhere.
pub(super) fn mounted(args: &[Value]) -> Option<(usize, Alternatives)> {
    let mixed = |arg: &Value| {
        let Value::Alt(all) = arg.bare() else { return None };
        let router = |value: &Value| matches!(value.bare(), Value::Router(_));
        let outside = |value: &Value| matches!(value.bare(), Value::Term(_) | Value::Unknown(_));
        let both =
            all.iter().any(|(_, one)| router(one)) && all.iter().any(|(_, one)| outside(one));
        both.then_some(all)
    };
    let first = args.iter().enumerate().find_map(|(at, arg)| Some((at, mixed(arg)?)));
    several(args).or(first)
}

/// Whether a function outside the tree runs what it is given as a task or thread of its own.
fn starts_alone(path: &str) -> bool {
    let Some((krate, rest)) = path.split_once("::") else { return false };
    let last = rest.rsplit(':').next().unwrap_or(rest);
    match krate {
        "tokio"
        | "tokio_util"
        | "async_std"
        | "smol"
        | "actix_rt"
        | "actix_web"
        | "ntex"
        | "rocket"
        | "monoio"
        | "glommio"
        | "compio"
        | "async_global_executor" => {
            matches!(last, "spawn" | "spawn_local" | "spawn_on" | "spawn_pinned")
        }
        "std" => path == "std::thread::spawn",
        "rayon" => rest == "spawn",
        _ => false,
    }
}
