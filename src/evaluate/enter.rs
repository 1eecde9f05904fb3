//! Functions of the tree that are entered: their scope, their arguments, what comes back.

use std::{cell::Cell as StdCell, rc::Rc};

use super::{
    Evaluator, Scope,
    branch::{Eval, Flow},
    effect::{Argument, Callable, Guards},
    escape::Escaped,
    failing::lends,
    memo::Recall,
    method::Method,
    recursion::{Next, Site},
    roots::function,
    router::Frame,
    running::Bound,
    statement::Running,
    value::{Draft, FnValue, Value, cell},
};
use crate::{
    databases,
    link::{Def, DefId, ModuleId, Target, types::Ty},
    source::{FileId, Place},
    syntax::{
        recover_block::parse_block_in_part,
        tree::{Block, Body, FnItem, Name, Pat, TypeRef},
    },
};

/// A function is entered at most this often on one way down, unless it is given other known values each time.
pub(super) const RECURSION: usize = 2;
/// Calls around one another.
pub(super) const DEPTH: usize = 1_200;
impl Evaluator<'_> {
    /// Runs `body` in a scope of its own; what it returns in several ways is joined.
    pub(super) fn with_scope(
        &mut self,
        mut scope: Scope,
        body: impl FnOnce(&mut Self) -> Eval,
    ) -> Value {
        scope.exits = self.left.exits.len();
        let outer = std::mem::replace(&mut self.scope, scope);
        let expected = self.expected.take();
        let guards = self.guards.clone();
        let (suppositions, held) = (self.supposed.len(), self.held);
        self.held = self.answers;
        let exits = self.left.exits.len();
        let result = body(self);
        let lives = result.is_ok() || self.left.leaving;
        self.meet_exits(exits, &guards, |flow| *flow == Flow::Return, lives);
        let mut failures = self.left.exits.split_off(exits.min(self.left.exits.len()));
        failures.retain(|exit| exit.flow == Flow::Fail);
        // What was answered before the last supposition began is none of its answers.
        let answers = std::mem::replace(&mut self.held, held);
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
            // What never comes about is no value that is returned: `fn start() -> JoinHandle { spawn(forever()) }` returns.
            let value =
                if matches!(value, Value::Unknown(Ty::Never)) { Value::unknown() } else { value };
            all.push((after, if fails { super::option::perhaps(value) } else { value }));
        }
        if !failures.is_empty() {
            all = self.meet_failures(failures, all);
            if !self.is_logged() {
                self.log.clear();
            }
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
            mutable: Rc::default(),
            returns: Vec::new(),
            breaks: Vec::new(),
            fails: false,
            lends: false,
            exits: 0,
            env: std::cell::OnceCell::new(),
        };
        self.with_scope(scope, body)
    }

    /// Runs a function or closure as if no choice had been made before: those of its caller would grow with every call
    /// on the way. What it lets escape is put under them afterwards, and what it gives where it is used.
    pub(super) fn under_own_choices<T>(
        &mut self,
        own: Guards,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outside = std::mem::replace(&mut self.guards, own);
        let (escaped, dropped) = (self.escaped.len(), self.dropped.len());
        let result = run(self);
        self.guards = outside.clone();
        if !outside.is_empty() {
            for (all, first) in [(&mut self.escaped, escaped), (&mut self.dropped, dropped)] {
                let new = all.split_off(first.min(all.len()));
                all.extend(
                    new.into_iter().filter_map(|one| {
                        Some(Escaped { guards: outside.and(&one.guards)?, ..one })
                    }),
                );
            }
        }
        result
    }

    /// A definition of which a model reads the body, without evaluating it.
    pub fn look_into(&self, function: DefId) -> Rc<Def> {
        self.looked_into.borrow_mut().insert(function);
        self.program.def(function)
    }

    /// The statements of a body, parsed when it is first entered.
    pub(super) fn statements(&mut self, def: &Def, body: &Body) -> Option<Rc<Block>> {
        let key = (def.file, body.span);
        if let Some(known) = self.bodies.get(&key, body.span.len()) {
            return known;
        }
        let parsed = self.ahead.as_ref().and_then(|ahead| ahead.take(def.file, body));
        let parsed = parsed.unwrap_or_else(|| {
            crate::syntax::body::parse_block(&self.program.text(def.file), body)
        });
        let parsed = match parsed {
            Ok(block) => Some(Rc::new(block)),
            Err(error) => {
                let at = Place { file: def.file, span: error.span };
                self.gap_at(
                    at,
                    &format!("the body of `{}` does not parse: {}", def.name, error.message),
                );
                parse_block_in_part(&self.program.text(def.file), body).map(Rc::new)
            }
        };
        self.bodies.insert(key, parsed.clone(), body.span.len());
        parsed
    }

    pub(super) fn call_function(
        &mut self,
        function_value: &FnValue,
        args: Vec<Value>,
        at: Place,
    ) -> Eval {
        let is_unawaited = self.is_unawaited();
        let def = self.program.def(function_value.def);
        let Some(item) = function(&def) else { return Ok(Value::unknown()) };
        if is_unawaited && item.is_async {
            return self.perhaps_later(|e| e.call_function(function_value, args, at));
        }
        if item.body.is_none() && item.receiver.is_some() {
            return self.call_declared(function_value, &def, args, at);
        }
        self.note_called(function_value.def);
        self.text_given(&args, at);
        let callable =
            Callable::Fn(function_value.def, self.instance(function_value, &def, item, &args));
        self.note_call(callable, at);
        self.note_first_call(&Rc::new(function_value.clone()), &args);
        let depth = self.active.iter().filter(|active| **active == function_value.def).count();
        if self.active.len() > DEPTH {
            self.gap_at(at, "calls are nested deeper than is followed");
            self.note_call(callable.of_any(), at);
            return Ok(self.unseen_call(None, &args, at));
        }
        let site = Site::Fn(function_value.def);
        let (args, kept) = match depth {
            0 => {
                self.begin_recursion(site);
                (args, None)
            }
            RECURSION.. => match self.next_round(site, &args, depth) {
                Next::AsItIs => (args, None),
                Next::AnyOf(changing) => {
                    (self.any_of_these(item, args, &changing), Some(changing.kept))
                }
                Next::Cut => {
                    self.note_call(callable.of_any(), at);
                    return Ok(self.unseen_call(None, &args, at));
                }
            },
            _ => (args, None),
        };
        if self.is_exhausted(at) {
            self.note_call(callable.of_any(), at);
            return Ok(self.unseen_call(None, &args, at));
        }
        if self.under(def.cfg.as_ref()).is_none() {
            return Err(Flow::Return);
        }
        let args =
            if self.is_spent(function_value.def, &args) { self.widened(&args) } else { args };
        let before = self.spending();
        if depth > 0 {
            self.begin_round(site, &args, kept);
        }
        let own = def.cfg.as_ref().and_then(|cfg| self.cfg_guards(cfg, true));
        let value = self.under_own_choices(own.unwrap_or_default(), |e| {
            match e.remembered(function_value, callable.instance(), &args, depth) {
                Recall::Known(known) => {
                    e.note_made_again(&known);
                    known
                }
                Recall::Never => e.enter(function_value, (&def, item), callable, args, at),
                Recall::New(before) => {
                    let value = e.enter(function_value, (&def, item), callable, args.clone(), at);
                    e.remember(before, &args, value)
                }
            }
        });
        if depth > 0 {
            self.end_round();
        }
        self.spend(function_value.def, before);
        match value {
            // To call an `async fn` makes a future only.
            Value::Unknown(Ty::Never) if item.is_async => Ok(super::future::never_ready()),
            Value::Unknown(Ty::Never) => Err(Flow::Return),
            value => Ok(value),
        }
    }

    /// `Trait::method(receiver, …)`, where the trait itself has no body for it: the receiver's method is called.
    pub(super) fn call_declared(
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
        if let Some(of_trait) = def.parent
            && let Some(done) = self.method_of_trait(of_trait, &receiver, &value, &method)
        {
            return done;
        }
        self.method_in_tree(&receiver, &value, method)
    }

    pub(super) fn enter(
        &mut self,
        called: &FnValue,
        (def, item): (&Def, &FnItem),
        callable: Callable,
        args: Vec<Value>,
        at: Place,
    ) -> Value {
        self.entered.insert(called.def);
        let compiled = item.params.iter().any(|param| param.cfg.is_some()).then(|| {
            let receiver = usize::from(item.receiver.is_some());
            self.with_parameters(item, args.len().saturating_sub(receiver))
        });
        let item = compiled.as_ref().unwrap_or(item);
        let Bound { self_ty, generics, given: chosen } = self.bound_in(called, def, item, &args);
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
            callable,
            body: self.real(Place { file: def.file, span: def.item.span }),
            at,
            writer: writer.clone(),
            given: chosen,
        });
        if writer.is_some() {
            self.note_writer();
        }
        self.active.push(called.def);
        let given: Vec<Value> = args.clone();
        let body = item.body.as_ref().and_then(|body| self.statements(def, body));
        let mut value =
            self.in_scope(def.module, def.file, Some(called.def), self_ty, generics, |e| {
                e.scope.lends = lends(args.iter());
                let mut args = args.into_iter();
                if item.receiver.is_some() {
                    let receiver = args.next().unwrap_or_else(Value::unknown);
                    let name = Name::new_static("self");
                    if item.receiver.as_ref().is_some_and(|receiver| receiver.mutable) {
                        e.scope.is_mutable(&name);
                    }
                    e.scope.locals.push((name, cell(receiver)));
                }
                for param in &item.params {
                    let mut value = args.next().unwrap_or_else(Value::unknown);
                    if let Some(ty) = &param.ty {
                        value = e.coerced(value, ty);
                    }
                    if let Some(ty) = &param.ty
                        && matches!(
                            value,
                            Value::Unknown(Ty::Unknown)
                                | Value::Object(_)
                                | Value::Str(_)
                                | Value::Tuple(_)
                                | Value::Int(_)
                        )
                    {
                        value = e.as_parameter(value, ty);
                    }
                    if e.droppable() > 0 && matches!(param.pat, Pat::Wild) {
                        e.scope.locals.push((Name::new_static("_"), cell(value.clone())));
                    }
                    e.bind(&param.pat, value);
                }
                e.note_parameters(item);
                e.expected = item.ret.as_ref().map(|ret| e.type_of_ref(ret));
                let value = match &body {
                    Some(block) => e.body_value(called.def, block, &given, at)?,
                    // A macro supplies it, every implementor has its own, or it does not parse.
                    None => e.unseen_call(None, &given, at),
                };
                let value = match e.expected.take() {
                    Some(ty) => e.with_type(value, &ty),
                    None => value,
                };
                if e.droppable() > 0 {
                    let ended = e.scope.locals.clone();
                    e.end_locals(&ended, Some(&value));
                }
                Ok(value)
            });
        if writer.is_some() {
            // What it was given and did not visibly run, it runs all the same.
            for arg in &given {
                self.run_if_idle(arg);
            }
        }
        self.running.pop();
        self.active.pop();
        self.frame = outer;
        if self.steps > self.budget {
            self.note_cut(callable, at);
        }
        value = self.passed(value, &given, &frame);
        value
    }

    /// Evaluates a function with arguments of which only the types are known; the result and the arguments.
    pub(super) fn call_symbolic(
        &mut self,
        called: &FnValue,
        callable: Callable,
    ) -> Option<(Value, Vec<Value>)> {
        let def = self.program.def(called.def);
        let item = function(&def)?;
        let at = def.place();
        let mut args = Vec::new();
        if item.receiver.is_some() {
            let ty = called.self_ty.clone().unwrap_or(Ty::Unknown);
            let value = self.symbolic(&ty);
            args.push(Value::Ref(cell(value)));
        }
        let env = self.given_env(called, item);
        let library = self.hands_statements_to(&def);
        for param in &item.params {
            let ty =
                param.ty.as_ref().map_or(Ty::Unknown, |ty| self.type_if_one(def.module, ty, &env));
            let mutable = matches!(&param.ty, Some(TypeRef::Ref(_, true)));
            let value = match library {
                Some(library) if may_be_statement(&ty) => self.query(library, Draft::Reads, at),
                _ => self.symbolic(&ty),
            };
            args.push(if mutable { Value::Ref(cell(value)) } else { value });
        }
        let guards = self.under(def.cfg.as_ref())?;
        let outside = std::mem::replace(&mut self.guards, guards);
        let value = self.enter(called, (&def, item), callable, args.clone(), at);
        self.guards = outside;
        Some((value, args))
    }

    /// The library whose statements a method of the tree is handed: those are known where they are made, and to pass
    /// them on is no write of its own.
    fn hands_statements_to(&self, def: &Def) -> Option<&'static str> {
        match self.program.trait_of(def.parent?)? {
            Target::External(path) => databases::hands_statements_to(&path),
            Target::Item(_) => None,
        }
    }
}

/// Whether a parameter may be given a statement, or the text of one.
fn may_be_statement(ty: &Ty) -> bool {
    match ty {
        Ty::Primitive(name) => name == "str",
        Ty::External(path, _) => path.ends_with("::Statement"),
        Ty::Param(_) | Ty::Impl(_) => true,
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
