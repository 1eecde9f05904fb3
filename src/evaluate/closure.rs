//! Closures and `async` blocks that run.

use std::{cell::Cell as StdCell, rc::Rc, sync::Arc};

use super::{
    Evaluator, Scope,
    effect::{Guards, Instance},
    enter::{DEPTH, RECURSION},
    escape::Gone,
    failing::captures,
    recursion::{MOST_PARTS, Next, Site},
    router::Frame,
    statement::Running,
    value::{Cell, Closure, Value, cell},
};
use crate::{
    link::{DefId, Target},
    source::Place,
    syntax::tree::{ClosureExpr, Name, TypeRef},
};

/// Stands for a closure among the functions that are being evaluated; no name of a contract is like it.
const CLOSURE: &str = "{closure}";

/// What a closure is given and holds when it runs, and a number for what of that is known, where not all is.
type Round = (Vec<Value>, Vec<(Name, Cell)>, Option<u64>);

impl Evaluator<'_> {
    /// A closure made here; an `async` block is one without parameters.
    pub(super) fn closure(&mut self, expr: Arc<ClosureExpr>, at: Place) -> Value {
        let nested = self.rounds.iter().filter(|round| round.at == at).count();
        let captured = self.captured_by(at);
        let captured = if expr.is_move {
            self.note_moved(&captured);
            self.taken(captured)
        } else {
            captured
        };
        let closure = Rc::new(Closure {
            nested,
            expr,
            at,
            made_by: self.running_now(),
            module: self.scope.module,
            file: self.scope.file,
            owner: self.scope.owner,
            self_ty: self.scope.self_ty.clone(),
            generics: self.scope.generics.clone(),
            captured: Rc::new(captured),
            mutable: Rc::clone(&self.scope.mutable),
            gave: std::cell::OnceCell::new(),
        });
        if let Some(owner) = self.scope.owner {
            self.within.insert(at, owner);
        }
        if !self.made.contains_key(&closure.callable()) {
            let number = u32::try_from(self.made.len()).unwrap_or(u32::MAX);
            self.made.insert(closure.callable(), Some(number));
            self.idle.insert(number, closure.clone());
        }
        Value::Closure(closure)
    }

    /// Runs a closure. What it borrows mutably and was not given escapes after it.
    pub fn call_closure(&mut self, closure: &Rc<Closure>, args: Vec<Value>) -> Value {
        self.set_unawaited(false);
        if self.active.len() > DEPTH {
            self.gap_at(closure.at, "calls are nested deeper than is followed");
            return Value::unknown();
        }
        let round =
            if self.is_exhausted(closure.at) { None } else { self.recurring(closure, &args) };
        let Some((args, captured, kept)) = round else {
            if closure.callable().instance() != Instance::ANY {
                self.note_closure(closure, self.current);
                self.note_cut(closure.callable(), closure.at);
            }
            return self.unseen_call(None, &given(closure, &args), closure.at);
        };
        self.note_closure(closure, self.current);
        if let Some(number) = self.made.insert(closure.callable(), None).flatten() {
            self.idle.remove(&number);
        }
        let running = Running {
            callable: closure.callable(),
            body: self.real(closure.at),
            at: self.current,
            writer: None,
            given: self.given_to_closure(closure),
        };
        self.active.push(DefId(u32::MAX));
        self.rounds.push(Rc::clone(closure));
        if closure.nested > 0 {
            let known: Vec<Value> = args.iter().cloned().chain(held(&captured)).collect();
            self.begin_round(Site::Closure(closure.at), &known, kept);
        }
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
            locals: captured,
            mutable: Rc::clone(&closure.mutable),
            returns: Vec::new(),
            breaks: Vec::new(),
            fails: false,
            lends: captures(closure),
            exits: 0,
            env: std::cell::OnceCell::new(),
        };
        let expr = closure.expr.clone();
        let mut lent = Vec::new();
        let mut untyped: Vec<Cell> = Vec::new();
        self.running.push(running);
        let own = scope.locals.len();
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
                if missing && param.ty.is_none() {
                    untyped.extend(e.scope.locals.last().map(|(_, place)| place.clone()));
                }
            }
            let made = e.eval(&expr.body);
            if e.droppable() > 0 {
                let ended = e.scope.locals.get(own..).unwrap_or_default().to_vec();
                e.end_locals(&ended, made.as_ref().ok());
            }
            made
        };
        let value = self.under_own_choices(Guards::default(), |e| e.with_scope(scope, run));
        for place in lent {
            self.escape(&place);
        }
        // What is not written as `&mut` may be it: what was registered with it is there.
        for place in untyped {
            if matches!(&*place.borrow(), Value::Router(_)) {
                self.escape(&Value::Ref(Rc::clone(&place)));
            }
        }
        self.running.pop();
        self.active.pop();
        self.rounds.pop();
        if closure.nested > 0 {
            self.end_round();
        }
        self.frame = frame;
        value
    }

    /// How a closure runs; nothing if it need not run again. One made within itself comes of a function that gives an
    /// `async` block and is left before that runs, so that its recursion is one of the block.
    fn recurring(&mut self, closure: &Closure, args: &[Value]) -> Option<Round> {
        let as_it_is = (args.to_vec(), (*closure.captured).clone(), None);
        let site = Site::Closure(closure.at);
        let runs = self.rounds.iter().any(|round| round.at == closure.at);
        if closure.nested < RECURSION || !runs {
            if !runs {
                self.begin_recursion(site);
            }
            return Some(as_it_is);
        }
        match self.next_round(site, &given(closure, args), closure.nested) {
            Next::AsItIs => Some(as_it_is),
            Next::Cut => None,
            Next::AnyOf(changing) => {
                let changes = |at: usize| changing.args.contains(&at);
                let mut any = |at: usize, value: &Value| {
                    let left = &mut { MOST_PARTS };
                    if changes(at) { self.anything_like(value, false, left) } else { value.clone() }
                };
                let given = args.iter().enumerate().map(|(at, arg)| any(at, arg)).collect();
                let captured = closure.captured.iter().enumerate().map(|(at, (name, place))| {
                    let at = args.len() + at;
                    let held = place.borrow().clone();
                    (name.clone(), if changes(at) { cell(any(at, &held)) } else { place.clone() })
                });
                Some((given, captured.collect(), Some(changing.kept)))
            }
        }
    }

    /// Runs a closure with arguments that are not known.
    pub(super) fn call_closure_unseen(&mut self, closure: &Rc<Closure>) -> Value {
        self.call_closure(closure, Vec::new())
    }

    /// Runs the closures in `value` that nothing ran yet.
    pub(super) fn run_if_idle(&mut self, value: &Value) {
        self.run_idle(value, &mut Gone::default());
    }

    fn run_idle(&mut self, value: &Value, gone: &mut Gone) {
        match value {
            Value::Closure(closure)
                if self.made.get(&closure.callable()).copied().flatten().is_some() =>
            {
                self.escape(value);
            }
            Value::Object(object) if gone.first(object, &self.guards, value) => {
                for (_, place) in &object.fields {
                    if let Some(held) = gone.held(place, &self.guards) {
                        self.run_idle(&held, gone);
                    }
                }
            }
            Value::Tuple(parts) if gone.first(parts, &self.guards, value) => {
                for place in parts.iter() {
                    if let Some(held) = gone.held(place, &self.guards) {
                        self.run_idle(&held, gone);
                    }
                }
            }
            Value::List(list) if gone.first(list, &self.guards, value) => {
                list.items.iter().for_each(|held| self.run_idle(held, gone));
            }
            Value::Term(term) if !term.is_inert() && gone.first(term, &self.guards, value) => {
                term.args.iter().flatten().for_each(|held| self.run_idle(held, gone));
            }
            Value::Ref(place) if gone.first(place, &self.guards, value) => {
                let held = place.borrow().clone();
                self.run_idle(&held, gone);
            }
            Value::Passed(passed) => self.run_idle(&passed.value, gone),
            Value::Alt(all) if gone.first(all, &self.guards, value) => {
                all.iter().for_each(|(_, held)| self.run_idle(held, gone));
            }
            _ => {}
        }
    }
}

/// What captured locals hold.
fn held(captured: &[(Name, Cell)]) -> impl Iterator<Item = Value> {
    captured.iter().map(|(_, held)| held.borrow().clone())
}

/// What a closure is given and holds.
fn given(closure: &Closure, args: &[Value]) -> Vec<Value> {
    args.iter().cloned().chain(held(&closure.captured)).collect()
}
