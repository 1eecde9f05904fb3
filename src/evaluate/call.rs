//! Calls of functions, closures and constructors.

use std::{cell::Cell as StdCell, rc::Rc};

use super::{
    Evaluator, Scope,
    branch::{Arm, Eval, Flow},
    effect::{Argument, Callable, Guard, Guards},
    method::Method,
    recursion::known_size,
    roots::function,
    router::{Frame, Op},
    statement::{Given, Running},
    value::{Closure, FnValue, Object, Term, Value, cell},
};
use crate::{
    databases, frameworks,
    link::{Def, DefId, DefKind, ModuleId, Namespace, Resolution, Target, types::Ty},
    source::{FileId, Place},
    syntax::tree::{Block, Body, Expr, ExprKind, FnItem, Name, Pat, TypeRef},
};

/// A function is entered at most this often on one way down, unless it is given other known values each time.
const RECURSION: usize = 2;
/// A function that is given other known values each time is entered at most this often on one way down.
const MOST_ROUNDS: usize = 64;
/// Stands for a closure among the functions that are being evaluated; no name of a contract is like it.
const CLOSURE: &str = "{closure}";
/// Calls around one another.
const DEPTH: usize = 1_200;

impl<'p> Evaluator<'p> {
    pub(super) fn eval_call(&mut self, expr: &Expr, callee: &Expr, args: &[Expr]) -> Eval {
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
        self.call(&callee, args, at)
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
        let task = Callable::Closure(at);
        self.note_call(task, at);
        let body = self.real(at);
        self.detached.insert(task);
        if let Some(owner) = self.scope.owner {
            self.within.insert(at, owner);
        }
        self.made.insert(at, None);
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
        let function = crate::syntax::tree::Path { segments: before.to_vec(), ..path.clone() };
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
            Value::Fn(function) => self.call_function(&function, args, at),
            Value::Closure(closure) => Ok(self.call_closure(&closure, args)),
            Value::Passed(passed) => self.call(&passed.value, args, at),
            Value::Object(object) => Ok(self.construct(&object, args)),
            Value::Term(term) if term.args.is_none() => self.call_outside(&term, args, at),
            Value::Alt(all) => {
                let condition = self.fresh_condition();
                let arms: Vec<Arm<'_, 'p>> = all
                    .iter()
                    .zip(0u16..)
                    .map(|((guards, callee), arm)| {
                        let (guards, callee, args) = (guards.clone(), callee.clone(), args.clone());
                        let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                            Box::new(move |e: &mut Self| {
                                let Some(both) = e.guards.and(&guards) else {
                                    return Err(Flow::Return);
                                };
                                e.guards = both;
                                e.call(&callee, args, at)
                            });
                        (Guard { condition, arm }, run)
                    })
                    .collect();
                self.branch(arms)
            }
            Value::Unknown(Ty::Fn(_, ret)) => {
                self.unseen_call(None, &args, at);
                Ok(self.symbolic(&ret))
            }
            _ => Ok(self.unseen_call(None, &args, at)),
        }
    }

    /// `Tuple(a, b)` or `Variant(a, b)`.
    fn construct(&mut self, object: &Rc<Object>, args: Vec<Value>) -> Value {
        let fields = args
            .into_iter()
            .enumerate()
            .map(|(at, value)| (Name::from(at.to_string()), cell(value)));
        let fields: Vec<_> = fields.collect();
        for (name, held) in &fields {
            let value = held.borrow().clone();
            self.store(object.def, name, &value);
        }
        Value::Object(Rc::new(Object { fields, ..(**object).clone() }))
    }

    fn call_outside(&mut self, term: &Rc<Term>, args: Vec<Value>, at: Place) -> Eval {
        if let (Some((ty, "from" | "try_from")), [given]) = (term.path.rsplit_once("::"), &*args)
            && let Some(function) =
                self.conversion(&self.type_of(given), &Ty::External(ty.into(), Vec::new()))
        {
            return self.call_function(&function, args, at);
        }
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
        Ok(self.unseen_call(Some(term), &args, at))
    }

    /// Runs `run` with each alternative of a value, under its choices.
    pub(super) fn for_each(
        &mut self,
        all: &[(Guards, Value)],
        run: impl Fn(&mut Self, Value) -> Eval,
    ) -> Eval {
        let condition = self.fresh_condition();
        let run = &run;
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(0u16..)
            .map(|((guards, value), arm)| {
                let (guards, value) = (guards.clone(), value.clone());
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    run(e, value)
                });
                (Guard { condition, arm }, run)
            })
            .collect();
        self.branch(arms)
    }

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
            self.running(running, |e| args.iter().for_each(|arg| e.escape(arg)));
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
                self.escape(arg);
            }
            if term.is_some_and(|term| !term.path.starts_with("std::")) {
                // What was not yet mounted may be mounted there.
                let parts = routers.iter().filter(|router| frameworks::is_part(router.kind));
                let parts = parts.map(|router| (router.clone(), self.guards.clone(), self.root));
                self.escaped.extend(parts.collect::<Vec<_>>());
            }
            let mut all = first;
            for other in routers.iter().skip(1) {
                all = self.chain(all.kind, Some(&all), Op::Merge(other.node.clone()), at);
            }
            if let Some(term) = term {
                let through = Op::Through(Target::External(term.path.clone()));
                all = self.chain(all.kind, Some(&all), through, at);
            }
            return Value::Router(all);
        }
        if let Some(term) = term {
            let called = Term { args: Some(args.to_vec()), at, ..(**term).clone() };
            let value = Value::Term(Rc::new(called));
            for arg in args {
                if matches!(arg.bare(), Value::Closure(_)) {
                    self.escape(&arg.bare());
                }
            }
            value
        } else {
            for arg in args {
                self.escape(arg);
            }
            Value::unknown()
        }
    }

    /// A `&mut` is given away: what it leads to is known in part from here on.
    fn may_change(&mut self, given: &Value) {
        let Value::Ref(place) = given else { return };
        let place = super::target_of(place);
        let held = place.borrow().clone();
        let after = match held {
            Value::List(list) => {
                Value::List(Rc::new(super::value::List { open: true, ..(*list).clone() }))
            }
            Value::Str(text) => Value::Str(text.then(&super::text::Text::hole())),
            held @ (Value::Bool(_) | Value::Int(_) | Value::Char(_)) => {
                Value::Unknown(self.type_of(&held))
            }
            _ => return,
        };
        self.write(&place, after);
    }

    fn collect_routers(&mut self, value: &Value, into: &mut Vec<super::router::Handle>) {
        match value.bare() {
            Value::Router(handle) => into.push(handle),
            Value::Tuple(parts) => {
                for part in parts.iter() {
                    let held = part.borrow().clone();
                    self.collect_routers(&held, into);
                }
            }
            Value::List(list) => {
                list.items.iter().for_each(|item| self.collect_routers(item, into));
            }
            Value::Term(term) => {
                term.args.iter().flatten().for_each(|arg| self.collect_routers(arg, into));
            }
            Value::Closure(closure) if closure.expr.params.is_empty() => {
                let made = self.call_closure(&closure, Vec::new());
                if let Value::Router(handle) = made {
                    into.push(handle);
                }
            }
            _ => {}
        }
    }

    /// Runs a closure. What it borrows mutably and was not given escapes after it.
    pub fn call_closure(&mut self, closure: &Rc<Closure>, args: Vec<Value>) -> Value {
        if self.active.len() > DEPTH {
            self.gap_at(closure.at, "calls are nested deeper than is followed");
            return Value::unknown();
        }
        self.note_closure(closure, self.current);
        if let Some(number) = self.made.insert(closure.at, None).flatten() {
            self.idle.remove(&number);
        }
        let running = Running {
            callable: Callable::Closure(closure.at),
            body: self.real(closure.at),
            at: self.current,
            writer: None,
            given: self.given_to_closure(closure),
        };
        self.active.push(DefId(u32::MAX));
        let frame = Frame {
            callee: Target::External(CLOSURE.into()),
            at: self.real(self.current),
            arguments: Vec::new(),
            registers: StdCell::new(false),
            parent: self.frame.clone(),
            depth: self.frame.as_ref().map_or(0, |frame| frame.depth + 1),
        };
        let frame = self.frame.replace(Rc::new(frame));
        let scope = Scope {
            module: closure.module,
            file: closure.file,
            owner: closure.owner,
            self_ty: closure.self_ty.clone(),
            generics: closure.generics.clone(),
            locals: (*closure.captured).clone(),
            returns: Vec::new(),
            breaks: Vec::new(),
            fails: false,
        };
        let expr = closure.expr.clone();
        let mut lent = Vec::new();
        self.running.push(running);
        let run = |e: &mut Self| {
            let mut args = args.into_iter();
            for param in &expr.params {
                let given = args.next();
                let missing = given.is_none();
                let mut value = given.unwrap_or_else(Value::unknown);
                if let Some(ty) = &param.ty {
                    let is_mutable = matches!(ty, TypeRef::Ref(_, true));
                    let ty = e.type_of_ref(ty);
                    value = e.with_type(value, &ty);
                    if missing && is_mutable {
                        value = Value::Ref(cell(value));
                        lent.push(value.clone());
                    }
                }
                e.bind(&param.pat, value);
            }
            e.eval(&expr.body)
        };
        let value = self.under_own_choices(Guards::default(), |e| e.with_scope(scope, run));
        for place in lent {
            self.escape(&place);
        }
        self.running.pop();
        self.active.pop();
        self.frame = frame;
        value
    }

    /// Runs a closure with arguments that are not known.
    pub(super) fn call_closure_unseen(&mut self, closure: &Rc<Closure>) -> Value {
        self.call_closure(closure, Vec::new())
    }

    /// Runs `body` in a scope of its own; what it returns in several ways is joined.
    fn with_scope(&mut self, scope: Scope, body: impl FnOnce(&mut Self) -> Eval) -> Value {
        let outer = std::mem::replace(&mut self.scope, scope);
        let expected = self.expected.take();
        let guards = self.guards.clone();
        let (suppositions, answers) = (self.supposed.len(), self.answers);
        let result = body(self);
        if self.supposed.len() > suppositions {
            if answers == self.answers {
                let called = self.first_call.clone();
                self.conclude(result.as_ref().ok(), called.as_ref(), self.current);
            }
            self.supposed.truncate(suppositions);
        }
        let after = std::mem::replace(&mut self.guards, guards);
        let mut all = std::mem::take(&mut self.scope.returns);
        let fails = self.scope.fails;
        self.scope = outer;
        self.expected = expected;
        if let Ok(value) = result {
            all.push((after, if fails { super::library::perhaps(value) } else { value }));
        }
        if all.is_empty() { Value::Unknown(Ty::Never) } else { self.join(all) }
    }

    pub(super) fn in_scope(
        &mut self,
        module: ModuleId,
        file: FileId,
        owner: Option<DefId>,
        self_ty: Option<Ty>,
        generics: Vec<(Name, Ty)>,
        body: impl FnOnce(&mut Self) -> Eval,
    ) -> Value {
        let scope = Scope {
            module,
            file,
            owner,
            self_ty,
            generics: Rc::new(generics),
            locals: Vec::new(),
            returns: Vec::new(),
            breaks: Vec::new(),
            fails: false,
        };
        self.with_scope(scope, body)
    }

    /// Runs a function or closure as if no choice had been made before: those of its caller would grow with every call
    /// on the way. What it lets escape is put under them afterwards, and what it gives where it is used.
    fn under_own_choices<T>(&mut self, own: Guards, run: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.guards, own);
        let (escaped, dropped) = (self.escaped.len(), self.dropped.len());
        let result = run(self);
        self.guards = outside.clone();
        if !outside.is_empty() {
            for (all, first) in [(&mut self.escaped, escaped), (&mut self.dropped, dropped)] {
                let new = all.split_off(first.min(all.len()));
                all.extend(new.into_iter().filter_map(|(handle, guards, root)| {
                    Some((handle, outside.and(&guards)?, root))
                }));
            }
        }
        result
    }

    /// The statements of a body, parsed when it is first entered.
    fn statements(&mut self, def: &Def, body: &Body) -> Option<Rc<Block>> {
        let key = (def.file, body.span);
        if let Some(known) = self.bodies.get(&key) {
            return known.clone();
        }
        let text = self.program.text(def.file);
        let parsed = match crate::syntax::body::parse_block(&text, body.span) {
            Ok(block) => Some(Rc::new(block)),
            Err(error) => {
                let at = Place { file: def.file, span: error.span };
                self.gap_at(
                    at,
                    &format!("the body of `{}` does not parse: {}", def.name, error.message),
                );
                None
            }
        };
        self.bodies.insert(key, parsed.clone());
        parsed
    }

    fn call_function(&mut self, function_value: &FnValue, args: Vec<Value>, at: Place) -> Eval {
        let def = self.program.def(function_value.def);
        let Some(item) = function(&def) else { return Ok(Value::unknown()) };
        if item.body.is_none() && item.receiver.is_some() {
            return self.call_declared(function_value, &def, args, at);
        }
        if self.root != Some(function_value.def) {
            self.called.insert(function_value.def);
        }
        self.note_call(Callable::Fn(function_value.def), at);
        self.note_first_call(&Rc::new(function_value.clone()), &args);
        let depth = self.active.iter().filter(|active| **active == function_value.def).count();
        let size = known_size(&args);
        let goes_on = self.sizes.iter().rfind(|(def, _)| *def == function_value.def);
        let goes_on = depth < MOST_ROUNDS
            && matches!((goes_on, &size), (Some((_, Some(before))), Some(now)) if now.goes_on(before));
        if depth >= RECURSION && !goes_on || self.active.len() > DEPTH {
            if self.active.len() > DEPTH {
                self.gap_at(at, "calls are nested deeper than is followed");
            }
            return Ok(self.unseen_call(None, &args, at));
        }
        if self.under(def.cfg.as_ref()).is_none() {
            return Err(Flow::Return);
        }
        let args =
            if self.is_spent(function_value.def, &args) { self.widened(&args) } else { args };
        let (before, steps) = (self.done(), self.steps);
        let own = def.cfg.as_ref().and_then(|cfg| self.cfg_guards(cfg, true));
        let value = self.under_own_choices(own.unwrap_or_default(), |e| {
            match e.remembered(function_value, &args, depth) {
                Ok(known) => known,
                Err(None) => e.enter(function_value, &def, item, args, at),
                Err(Some(before)) => {
                    let value = e.enter(function_value, &def, item, args.clone(), at);
                    e.remember(before, &args, &value);
                    value
                }
            }
        });
        self.spend(function_value.def, before, steps);
        if matches!(value, Value::Unknown(Ty::Never)) { Err(Flow::Return) } else { Ok(value) }
    }

    /// `Trait::method(receiver, …)`, where the trait itself has no body for it: the receiver's method is called.
    fn call_declared(
        &mut self,
        called: &FnValue,
        def: &Def,
        mut args: Vec<Value>,
        at: Place,
    ) -> Eval {
        if args.is_empty() {
            return Ok(self.unseen_call(None, &args, at));
        }
        let value = args.remove(0);
        let receiver = match &value {
            Value::Ref(place) => place.clone(),
            value => cell(value.clone()),
        };
        let method = Method { name: &def.name, generics: called.generics.clone(), args, at };
        self.method_in_tree(&receiver, &value, method)
    }

    fn enter(
        &mut self,
        called: &FnValue,
        def: &Def,
        item: &FnItem,
        args: Vec<Value>,
        at: Place,
    ) -> Value {
        self.entered.insert(called.def);
        let self_ty = called
            .self_ty
            .clone()
            .or_else(|| {
                item.receiver.is_some().then(|| args.first().map(|arg| self.type_of(arg))).flatten()
            })
            .filter(|ty| *ty != Ty::Unknown)
            .or_else(|| def.parent.and_then(|parent| self.program.self_type(parent)));
        let mut generics = self.generics_of_self(def, self_ty.as_ref());
        generics.extend(self.bind_generics(called, item, &args));
        let frame = Rc::new(Frame {
            callee: Target::Item(called.def),
            at: self.program.sources().real(at),
            arguments: arguments(item, &args),
            registers: StdCell::new(false),
            parent: self.frame.clone(),
            depth: self.frame.as_ref().map_or(0, |frame| frame.depth + 1),
        });
        let outer = self.frame.replace(frame.clone());
        let writer = self.writer_of(called.def);
        self.running.push(Running {
            callable: Callable::Fn(called.def),
            body: self.real(Place { file: def.file, span: def.item.span }),
            at,
            writer: writer.clone(),
            given: self.given_to(def, item, self_ty.as_ref(), &generics, &args),
        });
        self.active.push(called.def);
        self.sizes.push((called.def, known_size(&args)));
        let given: Vec<Value> = args.clone();
        let body = item.body.as_ref().and_then(|body| self.statements(def, body));
        let mut value =
            self.in_scope(def.module, def.file, Some(called.def), self_ty, generics, |e| {
                let mut args = args.into_iter();
                if item.receiver.is_some() {
                    let receiver = args.next().unwrap_or_else(Value::unknown);
                    e.scope.locals.push((Name::new_static("self"), cell(receiver)));
                }
                for param in &item.params {
                    let mut value = args.next().unwrap_or_else(Value::unknown);
                    if let Some(ty) = &param.ty
                        && matches!(value, Value::Unknown(Ty::Unknown) | Value::Object(_))
                    {
                        let ty = e.type_of_ref(ty);
                        value = e.with_type(value, &ty);
                    }
                    e.bind(&param.pat, value);
                }
                e.expected = item.ret.as_ref().map(|ret| e.type_of_ref(ret));
                let value = match &body {
                    Some(block) => e.eval_block(block)?,
                    None => Value::unknown(),
                };
                Ok(match e.expected.take() {
                    Some(ty) => e.with_type(value, &ty),
                    None => value,
                })
            });
        if writer.is_some() {
            // What it was given and did not visibly run, it runs all the same.
            for arg in &given {
                self.run_if_idle(arg);
            }
        }
        self.running.pop();
        self.active.pop();
        self.sizes.pop();
        self.frame = outer;
        value = self.passed(value, &given, &frame);
        value
    }

    /// Runs the closures in `value` that nothing ran yet.
    fn run_if_idle(&mut self, value: &Value) {
        match value {
            Value::Closure(closure) if self.made.get(&closure.at).copied().flatten().is_some() => {
                self.escape(value);
            }
            Value::Closure(_) | Value::Router(_) | Value::Fn(_) | Value::Query(_) => {}
            Value::Object(object) => {
                let held: Vec<Value> =
                    object.fields.iter().map(|(_, held)| held.borrow().clone()).collect();
                for held in &held {
                    self.run_if_idle(held);
                }
            }
            Value::Tuple(parts) => {
                let held: Vec<Value> = parts.iter().map(|held| held.borrow().clone()).collect();
                for held in &held {
                    self.run_if_idle(held);
                }
            }
            Value::List(list) => list.items.iter().for_each(|held| self.run_if_idle(held)),
            Value::Term(term) => {
                term.args.iter().flatten().for_each(|held| self.run_if_idle(held));
            }
            Value::Ref(held) => {
                let held = held.borrow().clone();
                self.run_if_idle(&held);
            }
            Value::Passed(passed) => self.run_if_idle(&passed.value),
            Value::Alt(all) => all.iter().for_each(|(_, held)| self.run_if_idle(held)),
            _ => {}
        }
    }

    /// What the type parameters of the impl around a function stand for, as its `Self` says.
    fn generics_of_self(&self, def: &Def, self_ty: Option<&Ty>) -> Vec<(Name, Ty)> {
        let general = def.parent.and_then(|parent| self.program.type_env(parent).self_ty);
        let (Some(Ty::Def(_, params)), Some(Ty::Def(_, given))) = (general, self_ty) else {
            return Vec::new();
        };
        let pairs =
            params.into_iter().zip(given).filter_map(|(param, given)| match (param, given) {
                (Ty::Param(name), given) if !matches!(given, Ty::Unknown | Ty::Param(_)) => {
                    Some((name, given.clone()))
                }
                _ => None,
            });
        pairs.collect()
    }

    fn bind_generics(
        &mut self,
        called: &FnValue,
        item: &FnItem,
        args: &[Value],
    ) -> Vec<(Name, Ty)> {
        let mut bound = Vec::new();
        let skip = usize::from(item.receiver.is_some());
        let mut turbofish = called.generics.iter();
        for param in item.generics.params.iter().filter(|param| !param.is_const) {
            let explicit = turbofish.next().cloned();
            let inferred = || {
                let at = item.params.iter().position(|p| names_type(p.ty.as_ref(), &param.name))?;
                let ty = self.type_of(args.get(at + skip)?);
                (ty != Ty::Unknown).then_some(ty)
            };
            if let Some(ty) = explicit.or_else(inferred) {
                bound.push((param.name.clone(), ty));
            }
        }
        bound
    }

    /// Evaluates a function with arguments of which only the types are known; the result and the arguments.
    pub(super) fn call_symbolic(&mut self, id: DefId) -> Option<(Value, Vec<Value>)> {
        let def = self.program.def(id);
        let item = function(&def)?;
        let at = def.place();
        let self_ty = def.parent.and_then(|parent| self.program.self_type(parent));
        let mut args = Vec::new();
        if item.receiver.is_some() {
            let ty = self_ty.clone().unwrap_or(Ty::Unknown);
            let value = self.symbolic(&ty);
            args.push(Value::Ref(cell(value)));
        }
        let env = self.program.type_env(id);
        for param in &item.params {
            let ty = param
                .ty
                .as_ref()
                .map_or(Ty::Unknown, |ty| self.program.resolve_type(def.module, ty, &env));
            let mutable = matches!(&param.ty, Some(TypeRef::Ref(_, true)));
            let value = self.symbolic(&ty);
            args.push(if mutable { Value::Ref(cell(value)) } else { value });
        }
        let guards = self.under(def.cfg.as_ref())?;
        let outside = std::mem::replace(&mut self.guards, guards);
        let called = FnValue { def: id, self_ty, generics: Vec::new() };
        let value = self.enter(&called, &def, item, args.clone(), at);
        self.guards = outside;
        Some((value, args))
    }
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

/// Whether a function outside the tree runs what it is given as a task or thread of its own.
fn starts_alone(path: &str) -> bool {
    let Some((krate, rest)) = path.split_once("::") else { return false };
    let last = rest.rsplit("::").next().unwrap_or(rest);
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

/// Whether a parameter's type is just the type parameter `name`.
fn names_type(ty: Option<&TypeRef>, name: &Name) -> bool {
    match ty {
        Some(TypeRef::Path(path)) => {
            matches!(path.segments.as_slice(), [only] if only.name == *name)
        }
        Some(TypeRef::Ref(inner, _)) => names_type(Some(inner), name),
        _ => false,
    }
}

/// The known strings among the arguments of a call, by parameter or field name.
fn arguments(item: &FnItem, args: &[Value]) -> Vec<Argument> {
    let skip = usize::from(item.receiver.is_some());
    let mut all = Vec::new();
    for (param, arg) in item.params.iter().zip(args.iter().skip(skip)) {
        let Pat::Bind { name, .. } = &param.pat else { continue };
        let ty = match &param.ty {
            Some(TypeRef::Path(path)) => {
                path.segments.last().map(|s| s.name.to_string()).unwrap_or_default()
            }
            _ => String::new(),
        };
        let mut add = |name: &str, ty: &str, value: &Value| {
            if let Value::Str(text) = value.bare()
                && let Some(value) = text.exact()
            {
                all.push(Argument { name: name.to_owned(), ty: ty.to_owned(), value });
            }
        };
        add(name, &ty, arg);
        if let Value::Object(object) = arg.bare() {
            for (field, held) in &object.fields {
                // The one field of a newtype speaks for the parameter itself.
                let shown = if field == "0" { name } else { field };
                add(shown, &ty, &held.borrow());
            }
        }
    }
    all
}
