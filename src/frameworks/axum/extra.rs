//! axum-extra: typed paths, resources, redirects of trailing slashes, and the pages of a single-page application.

use super::{METHODS, ROUTER, handle, path::as_read, path_text, router_method, verb};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::Value,
    },
    link::{DefId, types::Ty},
    source::Place,
};

pub(super) const RESOURCE: RouterKind = "axum_extra::routing::Resource";
const PAGES: &str = "axum_extra::routing::SpaRouter";

/// What a function of axum-extra makes.
pub(super) fn call(
    evaluator: &mut Evaluator<'_>,
    path: &str,
    args: &[Value],
    at: Place,
) -> Option<Value> {
    let (ty, name) = path.rsplit_once("::")?;
    match (ty, name) {
        (RESOURCE, "named") => {
            // The name stays in front until it is taken into a router: every path begins with it.
            let new = handle(&evaluator.operate(RESOURCE, None, Op::New, at))?;
            let name = path_text(evaluator, args.first());
            Some(Value::tuple(vec![Value::Router(new), Value::Str(name)]))
        }
        (PAGES, "new") => {
            let assets = path_text(evaluator, args.first()).then(&Text::known("/{*rest}"));
            let methods = Methods::These(vec!["GET"]);
            let service = Op::Handler { methods, handler: Value::unknown(), catch_all: true };
            let inner = handle(&evaluator.operate(METHODS, None, service, at))?;
            let op = Op::At { path: assets, inner: inner.node, mount: Mount::Route };
            Some(evaluator.operate(ROUTER, None, op, at))
        }
        _ => None,
    }
}

/// A method that `RouterExt` adds to a router.
pub(super) fn router_ext(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    match method.name {
        // The second route, of the other spelling, only redirects.
        "route_with_tsr" => {
            router_method(evaluator, router, &Method { name: "route", ..method.clone() })
        }
        "route_service_with_tsr" => {
            router_method(evaluator, router, &Method { name: "route_service", ..method.clone() })
        }
        name => {
            let methods = verb(name.strip_prefix("typed_")?)?;
            let handler = method.args.first()?.clone();
            let (path, at) = typed_path(evaluator, &handler, method);
            let op = Op::Handler { methods, handler, catch_all: false };
            let inner = handle(&evaluator.operate(METHODS, None, op, method.at))?;
            let op = Op::At { path, inner: inner.node, mount: Mount::Route };
            Some(evaluator.operate(router.kind, Some(router), op, at))
        }
    }
}

/// The path of the handler's first parameter, and where it is written.
fn typed_path(
    evaluator: &mut Evaluator<'_>,
    handler: &Value,
    method: &Method<'_>,
) -> (Text, Place) {
    // `typed_get::<H, T, P>` may name the type itself.
    let named = method.generics.last().filter(|ty| matches!(ty, Ty::Def(..))).cloned();
    let ty = named.or_else(|| evaluator.parameter_type(handler, 0));
    let Some(Ty::Def(def, _)) = ty else { return (Text::hole(), method.at) };
    let (path, at) = path_of(evaluator, def).unwrap_or((Text::hole(), None));
    (as_read(evaluator, path), at.unwrap_or(method.at))
}

/// The path of a type, by its `#[typed_path("/x")]` and with that attribute, or by `PATH` of its own `impl TypedPath`.
pub(super) fn path_of(evaluator: &mut Evaluator<'_>, def: DefId) -> Option<(Text, Option<Place>)> {
    for attribute in evaluator.attributes(def) {
        if attribute.path.rsplit(':').next() != Some("typed_path") {
            continue;
        }
        let (_, path) = attribute.args.first()?;
        let value = evaluator.eval_in_attribute(def, path);
        return Some((value.text().unwrap_or_else(Text::hole), Some(attribute.at)));
    }
    Some((evaluator.constant_of(def, "PATH")?.text()?, None))
}

/// A method of `Resource`; its value is the pair of its routes and its name.
pub(super) fn resource_method(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let Value::Tuple(parts) = value else { return None };
    let [routes, name] = parts.as_slice() else { return None };
    let routes = handle(&routes.borrow()).filter(|routes| routes.kind == RESOURCE)?;
    let name = name.borrow().text()?;
    let member = Text::known("/").then(&name).then(&Text::known("/{id}"));
    let all = Text::known("/").then(&name);
    let (methods, path) = match method.name {
        "index" => (vec!["GET"], all),
        "create" => (vec!["POST"], all),
        "new" => (vec!["GET"], all.then(&Text::known("/new"))),
        "show" => (vec!["GET"], member),
        "edit" => (vec!["GET"], member.then(&Text::known("/edit"))),
        "update" => (vec!["PUT", "PATCH"], member),
        "destroy" => (vec!["DELETE"], member),
        "into" => return Some(Value::Router(Handle { kind: ROUTER, node: routes.node })),
        _ => return None,
    };
    let handler = method.args.first()?.clone();
    let op = Op::Handler { methods: Methods::These(methods), handler, catch_all: false };
    let inner = handle(&evaluator.operate(METHODS, None, op, method.at))?;
    let op = Op::At { path, inner: inner.node, mount: Mount::Route };
    let routes = evaluator.operate(RESOURCE, Some(&routes), op, method.at);
    Some(Value::tuple(vec![routes, Value::Str(name)]))
}
