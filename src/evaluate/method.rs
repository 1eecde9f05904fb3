//! Method calls.

mod candidates;
mod unread;

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    call::{MOST_CHOSEN, mounted},
    effect::Guard,
    library::{is_held, lends},
    router::{Handle, Op},
    types::pointee,
    unseen::is_server,
    value::{Cell, FnValue, Term, Value, cell},
};
use crate::{
    databases, frameworks,
    link::{DefId, DefKind, Target, types::Ty},
    source::Place,
    syntax::tree::{Expr, ExprKind, ItemKind, MethodCall},
};

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
        let is_unawaited = self.is_unawaited();
        if let Some(done) = self.eval_entry(expr, call) {
            return done;
        }
        let receiver = self.apart(|e| e.receiver(call))?;
        self.asked_for(&call.receiver);
        let generics = call.generics.iter().map(|ty| self.type_of_ref(ty)).collect();
        let args = self.apart(|e| e.eval_all(&call.args))?;
        let at = self.here(crate::source::Span::new(call.name_span.start, expr.span.end));
        self.current = at;
        if matches!(&*call.name, "unwrap" | "expect" | "unwrap_or_else")
            && let ExprKind::MethodCall(opened) = &call.receiver.kind
            && opened.args.is_empty()
            && lends(&opened.name)
            && is_held(&receiver.borrow())
        {
            // The guard of a lock, which is a place.
            return Ok(Value::Ref(receiver));
        }
        let method = Method { name: &call.name, generics, args, at };
        self.fixed = self.is_fixed(&call.receiver).then(|| receiver.clone());
        if let Some(done) = self.of_local_key(&call.receiver, &receiver, &method) {
            return done;
        }
        if method.name == "clone" && matches!(&*receiver.borrow(), Value::Closure(_)) {
            return Ok(receiver.borrow().clone().own_closure());
        }
        self.set_unawaited(is_unawaited);
        let done = self.method(&receiver, method);
        self.set_unawaited(false);
        done
    }

    /// Calls a method on what `receiver` holds.
    pub fn method(&mut self, receiver: &Cell, method: Method<'_>) -> Eval {
        if let Some(given) = self.lock_method(receiver, &method)? {
            return Ok(given);
        }
        self.settle_default(receiver, method.name);
        let behind = self.receiver_behind(receiver, &method);
        let receiver = behind.as_ref().unwrap_or(receiver);
        if let Some(done) = self.pushed(receiver, &method) {
            return Ok(done);
        }
        let value = receiver.borrow().clone();
        let bare = value.bare();
        if let Value::Alt(all) = &bare {
            return self
                .like_success(&bare, method.name, |e| e.method_of_each(receiver, all, &method));
        }
        if matches!(bare, Value::List(_))
            && matches!(method.name, "append" | "extend" | "extend_from_slice" | "chain")
            && let [given] = method.args.as_slice()
            && let Value::Alt(all) = given.bare()
        {
            return self.method_with_each(receiver, &all, &method);
        }
        if !matches!(self.type_of(&bare), Ty::Def(..) | Ty::Dyn(_)) {
            let each = self.for_each_reading(&method.args, |e, args| {
                e.method(receiver, Method { args, ..method.clone() })
            });
            if let Some(done) = each {
                return done;
            }
        }
        if let Some(done) = self.task_method(&super::target_of(receiver), &bare, &method)? {
            return Ok(done);
        }
        if let Some(done) = self.library_method(receiver, &bare, &method)? {
            return Ok(done);
        }
        if let Some((which, all)) =
            mounted(&method.args).filter(|_| matches!(bare, Value::Router(_)))
        {
            return self.for_each(&all, |e, one| {
                let mut method = method.clone();
                if let Some(arg) = method.args.get_mut(which) {
                    *arg = one;
                }
                e.method(receiver, method)
            });
        }
        let method = match bare {
            Value::Router(_) | Value::Term(_) => {
                Method { args: self.texts_behind(method.args), ..method }
            }
            _ => method,
        };
        if let Some(done) = frameworks::method(self, receiver, &bare, &method) {
            return Ok(done);
        }
        if let Some(done) = databases::method(self, receiver, &bare, &method) {
            return Ok(done);
        }
        self.method_in_tree(receiver, &value, method)
    }

    /// Calls a method that no model gives a meaning: one of the tree, if there is one.
    pub(super) fn method_in_tree(
        &mut self,
        receiver: &Cell,
        value: &Value,
        method: Method<'_>,
    ) -> Eval {
        let bare = value.bare();
        let (found, sure) = self.methods_of_tree(&bare, &method);
        if !found.is_empty() && (sure || !matches!(bare, Value::Term(_))) {
            return self.call_methods(&found, sure, receiver, value, method);
        }
        if let Some(done) = self.method_of_drawn(receiver, &method) {
            return done;
        }
        if !found.is_empty() {
            return self.call_methods(&found, sure, receiver, value, method);
        }
        if let Some(done) = self.outside_held(&bare, &method) {
            return done;
        }
        Ok(self.unseen_method(receiver, value, &bare, method))
    }

    fn method_of_each(
        &mut self,
        receiver: &Cell,
        all: &Rc<Vec<(super::effect::Guards, Value)>>,
        method: &Method<'_>,
    ) -> Eval {
        let ways = self.chosen_ways.saturating_mul(all.len());
        if ways > MOST_CHOSEN && all.iter().all(|(_, value)| matches!(value, Value::Object(_))) {
            return self.method_of_types(all, method);
        }
        let outside = std::mem::replace(&mut self.chosen_ways, ways);
        let is_fixed = self.fixed.as_ref().is_some_and(|fixed| Rc::ptr_eq(fixed, receiver));
        let choices = self.choices_between(all);
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(choices)
            .map(|((guards, value), choice)| {
                let (guards, value, method) = (guards.clone(), value.clone(), method.clone());
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    let own = cell(value.clone());
                    e.fixed = is_fixed.then(|| own.clone());
                    let result = e.method(&own, method)?;
                    let after = own.borrow().clone();
                    let changes = match &after {
                        Value::Str(_) | Value::Query(_) | Value::List(_) => true,
                        Value::Unknown(_) => !matches!(value, Value::Unknown(_)),
                        Value::Term(term) => term.path.starts_with("std::option::"),
                        _ => false,
                    };
                    if changes && !super::join::same(&value, &after) {
                        // What it does to itself it does to the variable, in this alternative.
                        let after = Value::Alt(Rc::new(vec![(guards, after)]));
                        e.write(&super::target_of(receiver), after);
                    }
                    Ok(result)
                });
                (choice, run)
            })
            .collect();
        let result = self.branch(arms);
        self.chosen_ways = outside;
        result
    }

    /// Calls a method on one value of each type among those of which the receiver is one. What is in them runs.
    fn method_of_types(
        &mut self,
        all: &Rc<Vec<(super::effect::Guards, Value)>>,
        method: &Method<'_>,
    ) -> Eval {
        let mut types: Vec<Ty> = Vec::new();
        for (_, value) in all.iter() {
            self.escape(value);
            let ty = self.type_of(value);
            if !types.contains(&ty) {
                types.push(ty);
            }
        }
        let condition = self.fresh_condition();
        let arms: Vec<Arm<'_, 'p>> = types
            .into_iter()
            .zip(0u16..)
            .map(|(ty, arm)| {
                let method = method.clone();
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let value = e.symbolic(&ty);
                    e.method(&cell(value), method)
                });
                (Guard { condition, arm }, run)
            })
            .collect();
        self.branch(arms)
    }

    /// Calls a method with each of the values that its argument may be.
    fn method_with_each(
        &mut self,
        receiver: &Cell,
        all: &Rc<Vec<(super::effect::Guards, Value)>>,
        method: &Method<'_>,
    ) -> Eval {
        let choices = self.choices_between(all);
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(choices)
            .map(|((guards, value), choice)| {
                let method = Method { args: vec![value.clone()], ..method.clone() };
                let guards = guards.clone();
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    e.method(receiver, method)
                });
                (choice, run)
            })
            .collect();
        self.branch(arms)
    }

    /// The methods of the tree that may be called, and whether the receiver's type tells them.
    pub(super) fn methods_of_tree(
        &mut self,
        value: &Value,
        method: &Method<'_>,
    ) -> (Vec<FnValue>, bool) {
        let ty = self.type_of(value);
        let ty = self.collection_with(pointee(&ty), method.name);
        let has_body = |e: &Self, id: &DefId| {
            let def = e.program.def(*id);
            def.kind == DefKind::Method
                && matches!(&def.item.kind, ItemKind::Fn(item) if item.receiver.is_some() && item.body.is_some())
        };
        let mut found: Vec<DefId> = match &ty {
            Ty::Dyn(_) | Ty::Impl(_) | Ty::Param(_) => {
                self.methods_of_bounds(&self.bounds_of(&ty), method.name)
            }
            Ty::External(..) if matches!(value, Value::Router(_)) => {
                let Value::Router(handle) = value else { return (Vec::new(), true) };
                let same = |path: &str| frameworks::router_kind(path) == Some(handle.kind);
                let impls = self.program.impls_for_outside(same);
                self.program.assoc_of_impls(&impls, method.name)
            }
            ty => {
                let own = ty.head().map(|head| self.program.assoc_of(&head, method.name));
                own.unwrap_or_default()
            }
        };
        found.retain(|id| has_body(self, id));
        found = self.of_fitting_impls(found, &ty);
        if found.len() > 1 && !matches!(ty, Ty::Dyn(_) | Ty::Impl(_) | Ty::Param(_)) {
            found = self.not_replaced(found);
        }
        if let Value::Object(object) = value
            && found.len() > 1
        {
            // Where the value is made, its type is there.
            found.retain(|id| !self.program.are_apart(object.def, *id));
        }
        if found.is_empty() {
            found = self.program.blanket_assoc(method.name);
            found.retain(|id| has_body(self, id));
            found = self.of_fitting_arity(found, value);
        }
        if found.is_empty() && matches!(ty, Ty::Def(..)) {
            found = self.methods_of_pointers(method.name, &ty);
            found.retain(|id| has_body(self, id));
        }
        let mut sure = true;
        if found.is_empty() && matches!(ty, Ty::Unknown | Ty::Param(_)) {
            sure = false;
            // What came from outside the tree has of the tree's methods only those of traits.
            let of_traits = matches!(value, Value::Term(_));
            found = self.program.methods_taking(method.name, method.args.len(), of_traits);
        }
        let known = (ty != Ty::Unknown).then_some(ty);
        let made = found.into_iter().map(|def| FnValue {
            def,
            self_ty: known
                .clone()
                .filter(|ty| !matches!(ty, Ty::Dyn(_) | Ty::Impl(_) | Ty::Param(_))),
            generics: method.generics.clone(),
        });
        (made.collect(), sure)
    }

    pub(super) fn call_method(
        &mut self,
        found: FnValue,
        receiver: &Cell,
        value: &Value,
        method: Method<'_>,
    ) -> Eval {
        let def = self.program.def(found.def);
        let by_place = matches!(&def.item.kind, ItemKind::Fn(item)
            if item.receiver.as_ref().is_some_and(|receiver| receiver.reference && receiver.mutable));
        let mut own =
            if by_place { Value::Ref(receiver.clone()) } else { self.read(value.deref()) };
        if let Value::Unknown(ty) = value.bare()
            && matches!(pointee(&ty), Ty::Dyn(_) | Ty::Impl(_) | Ty::Param(_) | Ty::Unknown)
            && let Some(parent) = def.parent
            && !matches!(self.program.def(parent).item.kind, ItemKind::Trait { .. })
            && let Some(ty) = self.program.self_type(parent)
        {
            // Behind the trait it is a value of the type whose method this is.
            own = self.symbolic(&ty);
            if by_place {
                own = Value::Ref(cell(own));
            }
        }
        let mut args = vec![own];
        args.extend(method.args);
        self.call(&Value::Fn(Rc::new(found)), args, method.at)
    }

    /// A method that is not of the tree and that no model knows.
    fn unseen_method(
        &mut self,
        receiver: &Cell,
        value: &Value,
        bare: &Value,
        method: Method<'_>,
    ) -> Value {
        if let Some(done) = self.bool_method(bare, &method) {
            return done;
        }
        let gate = self.external_method_gate(method.name);
        if let Some(gate) = &gate {
            let all: Vec<Value> = std::iter::once(value).chain(&method.args).cloned().collect();
            if let Some(value) = self.external_gate(gate, &all, method.at) {
                return value;
            }
        }
        if let Value::Router(handle) = bare {
            for arg in &method.args {
                self.escape(arg);
            }
            let mut after = handle.clone();
            if gate.is_none() {
                if !came_back(handle) {
                    self.gap_at(method.at, &format!("`{}` of a router is not known", method.name));
                }
                after = self.perhaps_registered(handle, &method);
            }
            let path = gate.unwrap_or_else(|| format!("{}::{}", handle.kind, method.name));
            let through = Target::External(path.into());
            let made = Value::Router(after.clone());
            if is_server(method.name) {
                self.let_serve(&made);
            } else {
                self.escape(&made);
            }
            if came_back(&after) {
                return made;
            }
            return self.operate(after.kind, Some(&after), Op::Through(through), method.at);
        }
        if let (
            Value::Unknown(Ty::Def(..)),
            "clone" | "to_owned" | "as_ref" | "as_mut" | "borrow",
        ) = (bare, method.name)
        {
            // Derived, or of a smart pointer around it.
            return value.clone();
        }
        self.may_change_itself(receiver, method.name);
        let path = match bare {
            Value::Term(term) => format!("{}::{}", term.path, method.name),
            Value::Unknown(Ty::External(path, _)) => format!("{path}::{}", method.name),
            _ => {
                self.hand_out(&method.args, None, method.at);
                let mut all = vec![value.clone()];
                all.extend(method.args);
                return self.unseen_call(None, &all, method.at);
            }
        };
        self.hand_out(&method.args, Some(&path), method.at);
        let mut all = vec![bare.clone()];
        all.extend(method.args);
        let term = Term { generics: method.generics, ..Term::new(path.into(), None, method.at) };
        self.unseen_call(Some(&Rc::new(term)), &all, method.at)
    }
}

/// Whether a router is what code that is not known gave for one: that was said, and whether it is a router still is not
/// known. What a method of the framework's own type gave is.
fn came_back(router: &Handle) -> bool {
    let Op::Through(Target::External(path)) = &router.node.op else { return false };
    !path.starts_with(router.kind)
}
