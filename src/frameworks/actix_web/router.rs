//! Methods of routers.

use std::rc::Rc;

use super::{Actix, guard, handle, is_guard, mount::target, only, service, text, verb};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{self, Covers, Handle, Methods, Mount, Op},
        text::Text,
        value::{Cell, Value, cell},
    },
    source::Place,
};

impl Actix {
    /// A method of a router of whatever type.
    pub(super) fn router_method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        router: &Handle,
        method: &Method<'_>,
    ) -> Option<Value> {
        if router.kind == self.service && asks(method) {
            return Some(Value::unknown());
        }
        let made = self.changed(evaluator, router, method)?;
        if router.kind != self.config && router.kind != self.service {
            return Some(made);
        }
        // These are changed in place and give themselves back.
        let place = target(receiver);
        evaluator.write(&place, made);
        Some(Value::Ref(place))
    }

    /// The router after a method call.
    fn changed(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        method: &Method<'_>,
    ) -> Option<Value> {
        let (kind, at) = (router.kind, method.at);
        let arg = method.args.first();
        let unknown = || arg.cloned().unwrap_or_else(Value::unknown);
        match method.name {
            "to" | "service" if kind == self.route => {
                Some(self.handled(evaluator, router, &unknown(), at))
            }
            "to" | "finish" if kind == self.resource => {
                let route = self.route_of(evaluator, Methods::Any, Some(&unknown()), at)?;
                Some(evaluator.operate(kind, Some(router), Op::Merge(route.node), at))
            }
            name if kind == self.resource && verb(name).is_some() && arg.is_some() => {
                let methods = Methods::These(vec![verb(name)?]);
                let route = self.route_of(evaluator, methods, arg, at)?;
                Some(evaluator.operate(kind, Some(router), Op::Merge(route.node), at))
            }
            "service" => Some(Value::Router(self.mounted(evaluator, router, &unknown(), at))),
            "route" if kind == self.resource => {
                Some(Value::Router(self.mounted(evaluator, router, &unknown(), at)))
            }
            "route" => {
                let inner = self.route_given(evaluator, method.args.get(1), at)?;
                let op = Op::At { path: text(arg), inner: inner.node, mount: Mount::Route };
                Some(evaluator.operate(kind, Some(router), op, at))
            }
            "method" => Some(evaluator.operate(kind, Some(router), only(guard::method(arg)), at)),
            "guard" => Some(evaluator.operate(kind, Some(router), only(guard::methods(arg)), at)),
            "wrap" | "wrap_fn" | "middleware" => {
                let Some(layer) = arg.and_then(applied) else {
                    return Some(Value::Router(router.clone()));
                };
                let covers = if kind == self.route { Covers::Before } else { Covers::Whole };
                Some(evaluator.operate(kind, Some(router), Op::Layer { layer, covers }, at))
            }
            "configure" => {
                let config = cell(Value::Router(self.empty(evaluator, self.config, at)?));
                let _ = evaluator.call(&unknown(), vec![Value::Ref(config.clone())], at);
                let configured = config.borrow().clone();
                let Some(inner) = handle(&configured) else {
                    evaluator.gap_at(at, "what configures this is not known");
                    return Some(Value::Router(router.clone()));
                };
                Some(evaluator.operate(kind, Some(router), Op::Merge(inner.node), at))
            }
            "default_service" => self.fallback(evaluator, router, &unknown(), at),
            "register_service" => self.registered(evaluator, router, &method.args, at),
            "method_guard" | "use_guards" | "default_handler" if kind == self.files => {
                service::of_files(evaluator, router, method)
            }
            "register" if kind != self.service => {
                let given = arg?;
                let Value::Ref(place) = given else { return None };
                let config = handle(given).filter(|config| config.kind == self.service)?;
                self.mount(evaluator, place, &config, &Value::Router(router.clone()), at);
                Some(Value::Router(router.clone()))
            }
            "map" => {
                let given = if kind == self.config {
                    Value::Ref(cell(Value::Router(router.clone())))
                } else {
                    Value::Router(router.clone())
                };
                let made = evaluator.call(&unknown(), vec![given.clone()], at).ok()?;
                handle(&made).or_else(|| handle(&given)).map(Value::Router)
            }
            "openapi_service" => {
                let made = evaluator.call(&unknown(), vec![Value::unknown()], at).ok()?;
                Some(Value::Router(self.mounted(evaluator, router, &made, at)))
            }
            "split_for_parts" => {
                let parts = vec![cell(Value::Router(router.clone())), cell(Value::unknown())];
                Some(Value::Tuple(Rc::new(parts)))
            }
            name if serves_document(name) && arg.is_some_and(|arg| arg.text().is_some()) => {
                let methods = Methods::These(vec!["GET"]);
                let route = self.route_of(evaluator, methods, Some(&Value::unknown()), at)?;
                let op = Op::At { path: text(arg), inner: route.node, mount: Mount::Route };
                Some(evaluator.operate(kind, Some(router), op, at))
            }
            "case_insensitive_routing" => {
                evaluator.gap_at(
                    at,
                    "this application serves its paths in any letter case, and the contract tells cases apart",
                );
                Some(Value::Router(router.clone()))
            }
            name if leaves_alone(name) || kind == self.files => Some(Value::Router(router.clone())),
            _ => None,
        }
    }

    /// A route with another handler: the one it had, and what wrapped that, is gone.
    fn handled(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        handler: &Value,
        at: Place,
    ) -> Value {
        let bare =
            without(evaluator, router, |op| !matches!(op, Op::Handler { .. } | Op::Layer { .. }));
        let op = Op::Handler { methods: Methods::Any, handler: handler.clone(), catch_all: false };
        evaluator.operate(self.route, Some(&bare), op, at)
    }

    /// The route that is given to `route`; one that is not known has an unknown method.
    pub(super) fn route_given(
        &self,
        evaluator: &mut Evaluator<'_>,
        given: Option<&Value>,
        at: Place,
    ) -> Option<Handle> {
        given.and_then(handle).or_else(|| {
            let handler = given.cloned().unwrap_or_else(Value::unknown);
            let op = Op::Handler { methods: Methods::Unknown, handler, catch_all: false };
            handle(&evaluator.operate(self.route, None, op, at))
        })
    }

    /// What answers when nothing else does, whatever the method: guards of the route it is made of are not asked.
    fn fallback(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        service: &Value,
        at: Place,
    ) -> Option<Value> {
        let refuses = given_handler(service).is_some_and(|handler| is_refusal(&handler));
        if router.kind == self.resource && refuses {
            return Some(Value::Router(router.clone()));
        }
        let Some(given) = handle(service) else {
            let service = &service::served(evaluator, service, at);
            if router.kind == self.resource {
                let op = Op::Handler {
                    methods: Methods::Any,
                    handler: service.clone(),
                    catch_all: true,
                };
                return Some(evaluator.operate(router.kind, Some(router), op, at));
            }
            return self.rest(evaluator, router, Methods::Any, service.clone(), at);
        };
        let mut all = without(evaluator, &given, |op| !is_guard(op));
        all = catching_all(evaluator, &all);
        let op = if router.kind == self.resource {
            Op::Merge(all.node)
        } else {
            Op::At { path: Text::known("/{*rest}"), inner: all.node, mount: Mount::Route }
        };
        Some(evaluator.operate(router.kind, Some(router), op, at))
    }
}

/// Whether a method only asks what services are registered with.
fn asks(method: &Method<'_>) -> bool {
    method.args.is_empty() && matches!(method.name, "is_root" | "config" | "default_service")
}

/// The middleware that `wrap` really applies; none when it may be switched off.
fn applied(layer: &Value) -> Option<Value> {
    if let Value::Term(term) = layer.bare()
        && term.path.ends_with("middleware::Condition::new")
    {
        let args = term.args.as_deref().unwrap_or_default();
        return match args.first().map(Value::bare) {
            Some(Value::Bool(true)) => args.get(1).and_then(applied),
            _ => None,
        };
    }
    Some(layer.clone())
}

/// The handler of a route, or the service itself.
pub(super) fn given_handler(service: &Value) -> Option<Value> {
    let Some(route) = handle(service) else { return Some(service.clone()) };
    let mut next = Some(&route.node);
    while let Some(node) = next {
        if let Op::Handler { handler, .. } = &node.op {
            return Some(handler.clone());
        }
        next = node.prev.as_ref();
    }
    None
}

/// Whether a handler only says that there is nothing here: `HttpResponse::MethodNotAllowed`.
fn is_refusal(handler: &Value) -> bool {
    let Value::Term(term) = handler.bare() else { return false };
    term.path.rsplit_once("HttpResponse::").is_some_and(|(_, status)| {
        matches!(status, "MethodNotAllowed" | "NotFound" | "Gone" | "NotImplemented" | "Forbidden")
    })
}

/// The router's operations again, but for those that are not kept.
fn without(evaluator: &mut Evaluator<'_>, router: &Handle, keep: impl Fn(&Op) -> bool) -> Handle {
    replayed(evaluator, router, |op| keep(op).then(|| op.clone()))
}

/// The same handlers as the service of last resort.
fn catching_all(evaluator: &mut Evaluator<'_>, router: &Handle) -> Handle {
    replayed(evaluator, router, |op| {
        Some(match op {
            Op::Handler { methods, handler, .. } => {
                Op::Handler { methods: methods.clone(), handler: handler.clone(), catch_all: true }
            }
            op => op.clone(),
        })
    })
}

/// The router's operations again, each as `change` has it.
fn replayed(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    change: impl Fn(&Op) -> Option<Op>,
) -> Handle {
    let at = evaluator.current;
    router::replayed(router, change).unwrap_or_else(|| {
        handle(&evaluator.operate(router.kind, None, Op::New, at)).unwrap_or_else(|| router.clone())
    })
}

/// Whether a method serves a description of the API at the path it is given.
fn serves_document(name: &str) -> bool {
    matches!(
        name,
        "build"
            | "build_with"
            | "with_json_spec_at"
            | "with_json_spec_v3_at"
            | "with_swagger_ui_at"
            | "with_rapidoc_at"
    )
}

/// Whether a method changes nothing about what is served.
fn leaves_alone(name: &str) -> bool {
    matches!(
        name,
        "app_data"
            | "data"
            | "data_factory"
            | "state"
            | "state_factory"
            | "name"
            | "external_resource"
            | "clone"
            | "into"
            | "boxed"
            | "openapi"
            | "into_utoipa_app"
            | "into_app"
            | "wrap_api"
            | "wrap_api_with_spec"
            | "with_raw_json_spec"
            | "with_raw_json_spec_v3"
            | "trim_base_path"
            | "document"
            | "build"
            | "filter"
            | "permanent"
            | "temporary"
            | "see_other"
            | "using_status_code"
            | "summary"
            | "tag"
            | "tags"
    )
}
