//! Method calls.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::Guard,
    router::Op,
    types::pointee,
    value::{Cell, FnValue, Term, Value, cell},
};
use crate::{
    frameworks,
    link::{DefId, DefKind, Target, types::Ty},
    source::Place,
    syntax::tree::{Expr, ItemKind, MethodCall},
};

/// Candidates for a method on a value of unknown type that are tried.
const MOST_CANDIDATES: usize = 4;

/// One method call being evaluated.
#[derive(Debug, Clone)]
pub struct Method<'a> {
    /// Its name.
    pub name: &'a str,
    /// Turbofish.
    pub generics: Vec<Ty>,
    /// Arguments after the receiver.
    pub args: Vec<Value>,
    /// From the name to the end of the call.
    pub at: Place,
}

impl<'p> Evaluator<'p> {
    pub(super) fn eval_method_call(&mut self, expr: &Expr, call: &MethodCall) -> Eval {
        let receiver = self.place(&call.receiver)?;
        let generics = call.generics.iter().map(|ty| self.type_of_ref(ty)).collect();
        let args = self.eval_all(&call.args)?;
        let at = self.here(crate::source::Span::new(call.name_span.start, expr.span.end));
        self.current = at;
        self.method(&receiver, Method { name: &call.name, generics, args, at })
    }

    /// Calls a method on what `receiver` holds.
    pub fn method(&mut self, receiver: &Cell, method: Method<'_>) -> Eval {
        let value = receiver.borrow().clone();
        let bare = value.bare();
        if let Value::Alt(all) = &bare {
            return self.method_of_each(all, &method);
        }
        if let Some(done) = self.library_method(receiver, &bare, &method)? {
            return Ok(done);
        }
        if let Some(done) = frameworks::method(self, receiver, &bare, &method) {
            return Ok(done);
        }
        if let Some(found) = self.method_of_tree(&bare, &method) {
            return self.call_method(found, receiver, &value, method);
        }
        Ok(self.unseen_method(&value, &bare, method))
    }

    fn method_of_each(
        &mut self,
        all: &Rc<Vec<(super::effect::Guards, Value)>>,
        method: &Method<'_>,
    ) -> Eval {
        let condition = self.fresh_condition();
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(0u16..)
            .map(|((guards, value), arm)| {
                let (guards, value, method) = (guards.clone(), value.clone(), method.clone());
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    e.method(&cell(value), method)
                });
                (Guard { condition, arm }, run)
            })
            .collect();
        self.branch(arms)
    }

    /// The method of the tree that is called, when the receiver's type tells.
    fn method_of_tree(&mut self, value: &Value, method: &Method<'_>) -> Option<FnValue> {
        let ty = self.type_of(value);
        let ty = pointee(&ty).clone();
        let is_method = |e: &Self, id: &DefId| {
            let def = e.program.def(*id);
            def.kind == DefKind::Method
                && matches!(&def.item.kind, ItemKind::Fn(item) if item.receiver.is_some() && item.body.is_some())
        };
        let made = |def: DefId, self_ty: Option<Ty>| FnValue {
            def,
            self_ty,
            generics: method.generics.clone(),
        };
        let mut found: Vec<DefId> = Vec::new();
        match &ty {
            Ty::Dyn(bounds) | Ty::Impl(bounds) => {
                for bound in bounds {
                    if let Target::Item(of_trait) = bound.of {
                        for block in self.program.impls_of_trait(of_trait) {
                            let members = self.program.members(block);
                            found.extend(
                                members
                                    .into_iter()
                                    .filter(|id| self.program.def(*id).name == method.name),
                            );
                        }
                    }
                }
            }
            ty => {
                if let Some(head) = ty.head() {
                    found = self.program.assoc_of(&head, method.name);
                }
                if found.is_empty() {
                    found = self.program.blanket_assoc(method.name);
                }
            }
        }
        found.retain(|id| is_method(self, id));
        if found.is_empty() && matches!(ty, Ty::Unknown | Ty::Param(_)) {
            let mut candidates = self.program.methods_named(method.name);
            candidates.retain(|id| {
                is_method(self, id)
                    && matches!(&self.program.def(*id).item.kind, ItemKind::Fn(item) if item.params.len() == method.args.len())
            });
            if candidates.len() <= MOST_CANDIDATES && method.args.iter().any(matters) {
                found = candidates;
            }
        }
        let first = *found.first()?;
        let known = (ty != Ty::Unknown).then_some(ty);
        Some(made(first, known))
    }

    fn call_method(
        &mut self,
        found: FnValue,
        receiver: &Cell,
        value: &Value,
        method: Method<'_>,
    ) -> Eval {
        let def = self.program.def(found.def);
        let by_place = matches!(&def.item.kind, ItemKind::Fn(item)
            if item.receiver.as_ref().is_some_and(|receiver| receiver.reference && receiver.mutable));
        let mut args = vec![if by_place { Value::Ref(receiver.clone()) } else { value.deref() }];
        args.extend(method.args);
        self.call(&Value::Fn(Rc::new(found)), args, method.at)
    }

    /// A method that is not of the tree and that no model knows.
    fn unseen_method(&mut self, value: &Value, bare: &Value, method: Method<'_>) -> Value {
        if let Value::Router(handle) = bare {
            for arg in &method.args {
                self.escape(arg);
            }
            self.gap_at(method.at, &format!("`{}` of a router is not known", method.name));
            let through = Target::External(format!("{}::{}", handle.kind, method.name).into());
            self.escape(bare);
            return self.operate(handle.kind, Some(handle), Op::Through(through), method.at);
        }
        let path = match bare {
            Value::Term(term) => format!("{}::{}", term.path, method.name),
            Value::Unknown(Ty::External(path, _)) => format!("{path}::{}", method.name),
            _ => {
                let mut all = vec![value.clone()];
                all.extend(method.args);
                return self.unseen_call(None, &all, method.at);
            }
        };
        let mut all = vec![bare.clone()];
        all.extend(method.args);
        let term = Term { path: path.into(), args: None, generics: method.generics, at: method.at };
        self.unseen_call(Some(&Rc::new(term)), &all, method.at)
    }
}

/// Whether a value is worth following into a method that only perhaps is the one called.
fn matters(value: &Value) -> bool {
    match value.bare() {
        Value::Router(_) | Value::Str(_) | Value::Fn(_) | Value::Closure(_) => true,
        Value::Tuple(parts) => parts.iter().any(|part| matters(&part.borrow())),
        _ => false,
    }
}
