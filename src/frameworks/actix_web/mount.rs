//! What a router makes of a service it is given.

use std::rc::Rc;

use super::{Actix, handle};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Mount, Node, Op},
        text::Text,
        value::{Cell, Value, cell},
    },
    frameworks::documentation::is_page,
    link::types::Ty,
    source::Place,
};

/// What a chain of references leads to.
pub(super) fn target(place: &Cell) -> Cell {
    let mut place = place.clone();
    loop {
        let next = match &*place.borrow() {
            Value::Ref(inner) => inner.clone(),
            _ => break,
        };
        place = next;
    }
    place
}

impl Actix {
    /// Registers a service with the configuration in `place`.
    pub(super) fn mount(
        &self,
        evaluator: &mut Evaluator<'_>,
        place: &Cell,
        config: &Handle,
        service: &Value,
        at: Place,
    ) {
        let made = self.mounted(evaluator, config, service, at);
        evaluator.write(&target(place), Value::Router(made));
    }

    /// `router` with a service: a scope, a resource, a function with a routing attribute, or several of them.
    pub(super) fn mounted(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        service: &Value,
        at: Place,
    ) -> Handle {
        let merge = |evaluator: &mut Evaluator<'_>, inner: Rc<Node>| {
            let made = evaluator.operate(router.kind, Some(router), Op::Merge(inner), at);
            handle(&made).unwrap_or_else(|| router.clone())
        };
        match service.deref() {
            Value::Router(inner) => merge(evaluator, inner.node),
            Value::Tuple(parts) => {
                let parts: Vec<Value> = parts.iter().map(|part| part.borrow().clone()).collect();
                parts.iter().fold(router.clone(), |all, one| self.mounted(evaluator, &all, one, at))
            }
            Value::List(list) => {
                if list.open {
                    evaluator.gap_at(at, "not all of the services that are mounted here are known");
                }
                let items = &list.items;
                items.iter().fold(router.clone(), |all, one| self.mounted(evaluator, &all, one, at))
            }
            Value::Alt(all) => {
                let each = all.iter().map(|(guards, one)| {
                    let made = self.mounted(evaluator, router, one, at);
                    (guards.clone(), Value::Router(made))
                });
                let each: Vec<_> = each.collect();
                let joined = evaluator.join(each);
                handle(&joined).unwrap_or_else(|| router.clone())
            }
            Value::Passed(_) | Value::Fn(_) => self.handler_service(evaluator, router, service, at),
            Value::Object(_) | Value::Unknown(Ty::Def(..)) => {
                self.own_service(evaluator, router, service, at)
            }
            Value::Unit => router.clone(),
            _ if is_page(evaluator, service) => router.clone(),
            Value::Term(term) => {
                let message = format!("what `{}` serves is not known", term.path);
                evaluator.gap_at(at, &message);
                router.clone()
            }
            Value::Unknown(Ty::External(path, _)) => {
                evaluator.gap_at(at, &format!("what `{path}` serves is not known"));
                router.clone()
            }
            _ => self.unread(evaluator, router, service, at),
        }
    }

    /// A service that may serve anything anywhere.
    pub(super) fn unread(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        service: &Value,
        at: Place,
    ) -> Handle {
        let route = self.route_given(evaluator, Some(service), at);
        let Some(route) = route else { return router.clone() };
        let op = Op::At { path: Text::hole(), inner: route.node, mount: Mount::Route };
        let made = evaluator.operate(router.kind, Some(router), op, at);
        handle(&made).unwrap_or_else(|| router.clone())
    }

    /// A service of the tree: what its `register` registers.
    fn own_service(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        service: &Value,
        at: Place,
    ) -> Handle {
        let ty = evaluator.type_of(service);
        let own = ty.head().map(|head| evaluator.program.assoc_of(&head, "register"));
        if own.is_none_or(|own| own.is_empty()) {
            return self.unread(evaluator, router, service, at);
        }
        let Some(config) = self.empty(evaluator, self.service, at) else { return router.clone() };
        let config = cell(Value::Router(config));
        let args = vec![Value::Ref(config.clone())];
        let method = Method { name: "register", generics: Vec::new(), args, at };
        let _ = evaluator.method(&cell(service.clone()), method);
        let registered = config.borrow().clone();
        let Some(inner) = handle(&registered) else { return router.clone() };
        let made = evaluator.operate(router.kind, Some(router), Op::Merge(inner.node), at);
        handle(&made).unwrap_or_else(|| router.clone())
    }
}

/// What a value that came back from functions was before.
pub(super) fn given(value: &Value) -> Value {
    match value.deref() {
        Value::Passed(passed) if matches!(passed.value.bare(), Value::Fn(_)) => {
            given(&passed.value)
        }
        Value::Passed(passed) => given(&passed.given),
        value => value,
    }
}
