//! Rocket's routes: from handlers with attributes, made by hand, and taken from what `mount` is given.

use std::rc::Rc;

use super::{ROUTE, handle, without_query};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        effect::Guards,
        router::{Handle, Methods, Mount, Node, Op},
        text::Text,
        value::{FnValue, Value},
    },
    link::{DefKind, Target, types::Ty},
    source::Place,
    syntax::tree::{Expr, ExprKind, Lit},
};

/// The method that an attribute or a variant of `Method` names.
pub(super) fn verb(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        "trace" => "TRACE",
        "connect" => "CONNECT",
        _ => return None,
    })
}

fn one(name: &str) -> Methods {
    verb(name).map_or(Methods::Unknown, |method| Methods::These(vec![method]))
}

/// The method that a value stands for: `Method::Post`, or its name.
pub(super) fn methods(value: &Value) -> Methods {
    match value.bare() {
        Value::Term(term) => one(term.path.rsplit(':').next().unwrap_or("")),
        Value::Str(text) => text.exact().map_or(Methods::Unknown, |name| one(&name)),
        _ => Methods::Unknown,
    }
}

/// A route.
pub(super) fn route(
    evaluator: &mut Evaluator<'_>,
    methods: Methods,
    path: Text,
    handler: Value,
    at: Place,
) -> Value {
    let op = Op::Handler { methods, handler, catch_all: false };
    let made = evaluator.chain(ROUTE, None, op, at);
    let op = Op::At { path, inner: made.node, mount: Mount::Route };
    evaluator.operate(ROUTE, None, op, at)
}

/// A route that answers other methods than it did.
pub(super) fn with_methods(
    evaluator: &mut Evaluator<'_>,
    node: &Rc<Node>,
    methods: &Methods,
) -> Option<Handle> {
    let op = match &node.op {
        Op::Handler { handler, catch_all, .. } => {
            let (methods, handler) = (methods.clone(), handler.clone());
            Op::Handler { methods, handler, catch_all: *catch_all }
        }
        Op::At { path, inner, mount } => {
            let inner = with_methods(evaluator, inner, methods)?.node;
            Op::At { path: path.clone(), inner, mount: *mount }
        }
        _ => return None,
    };
    Some(evaluator.chain(ROUTE, None, op, node.site.at))
}

/// The route that serves the document of `rocket_okapi`.
pub(super) fn document(evaluator: &mut Evaluator<'_>, at: Place) -> Value {
    let path = Text::known("/openapi.json");
    route(evaluator, Methods::These(vec!["GET"]), path, Value::unknown(), at)
}

/// What `routes![a, b::c]` or `catchers![d]` names.
pub(super) fn named(evaluator: &mut Evaluator<'_>, args: &[Expr]) -> Vec<Value> {
    // The macro names what the attributes made, which no variable can hide.
    let locals = std::mem::take(&mut evaluator.scope.locals);
    let of_one = |arg| evaluator.eval(arg).unwrap_or_else(|_| Value::unknown());
    let all = args.iter().map(of_one).collect();
    evaluator.scope.locals = locals;
    all
}

/// The routes of `routes![a, b::c]`.
pub(super) fn of_handlers(evaluator: &mut Evaluator<'_>, args: &[Expr], at: Place) -> Vec<Value> {
    let handlers = named(evaluator, args);
    let mut of_one = |e: &mut Evaluator<'_>, handler: &Value| of_handler(e, handler, at);
    handlers.iter().map(|handler| evaluator.each_way(handler, &mut of_one)).collect()
}

/// The route that a handler's attribute makes of it; of several, each is an alternative.
fn of_handler(evaluator: &mut Evaluator<'_>, handler: &Value, at: Place) -> Value {
    let mut made: Vec<(Guards, Value)> = Vec::new();
    if let Value::Fn(function) = handler.bare() {
        for attribute in evaluator.attributes(function.def) {
            let Some((methods, path)) = read(evaluator, &function, &attribute) else { continue };
            let Some(guards) = evaluator.guards.and(&attribute.guards) else { continue };
            let route = route(evaluator, methods, path, handler.clone(), attribute.at);
            made.push((guards, route));
        }
    }
    if made.is_empty() {
        return route(evaluator, Methods::Unknown, Text::hole(), handler.clone(), at);
    }
    evaluator.join(made)
}

/// Method and path of `#[post("/x")]` and `#[route(POST, uri = "/x")]`.
fn read(
    evaluator: &mut Evaluator<'_>,
    function: &FnValue,
    attribute: &Attribute,
) -> Option<(Methods, Text)> {
    let name = attribute.path.strip_prefix("rocket::");
    let name = name.or_else(|| attribute.path.strip_prefix("rocket_codegen::"))?;
    let mut methods = if name == "route" { Methods::Unknown } else { one(name) };
    if name != "route" && methods == Methods::Unknown {
        return None;
    }
    let mut path = None;
    for (name, value) in &attribute.args {
        match (name.as_deref(), &value.kind) {
            (None | Some("method"), ExprKind::Path(word)) => {
                methods = one(word.segments.last().map_or("", |segment| &segment.name));
            }
            (Some("method"), _) => {
                methods = self::methods(&evaluator.eval_in_attribute(function.def, value));
            }
            (None | Some("uri" | "path"), _) if path.is_none() => {
                path = evaluator.eval_in_attribute(function.def, value).text();
            }
            _ => {}
        }
    }
    Some((methods, without_query(&path.unwrap_or_else(Text::hole))))
}

/// Whether a route's attribute names a parameter: `/<id>`, `?<id>`, `/<path..>`, `data = "<body>"`. It is then made by
/// `FromParam`, `FromForm` or `FromData` out of that, and not by `FromRequest`.
pub(super) fn is_read(attribute: &Attribute, parameter: &str) -> bool {
    let (krate, name) = attribute.path.split_once("::").unwrap_or_default();
    if !matches!(krate, "rocket" | "rocket_codegen") || verb(name).is_none() && name != "route" {
        return false;
    }
    attribute.args.iter().any(|(_, value)| match &value.kind {
        ExprKind::Lit(Lit::Str(text)) => text.split('<').skip(1).any(|after| {
            after.split('>').next().is_some_and(|name| name.trim_end_matches('.') == parameter)
        }),
        _ => false,
    })
}

/// Whether a value is a route or holds some.
pub(super) fn holds_routes(value: &Value) -> bool {
    match value.bare() {
        Value::Router(router) => router.kind == ROUTE,
        Value::List(list) => list.items.iter().any(holds_routes),
        Value::Alt(all) => all.iter().any(|(_, value)| holds_routes(value)),
        _ => false,
    }
}

/// All routes of what `mount` is given, as one.
pub(super) fn taken(evaluator: &mut Evaluator<'_>, given: &Value, at: Place) -> Rc<Node> {
    let mut all = Vec::new();
    gather(evaluator, given, at, &mut all);
    let mut chain = evaluator.chain(ROUTE, None, Op::New, at);
    for route in all {
        chain = evaluator.chain(ROUTE, Some(&chain), Op::Merge(route), at);
    }
    chain.node
}

fn gather(evaluator: &mut Evaluator<'_>, given: &Value, at: Place, into: &mut Vec<Rc<Node>>) {
    match given.bare() {
        Value::Router(route) => into.push(route.node),
        Value::List(list) => {
            list.items.iter().for_each(|item| gather(evaluator, item, at, into));
            if list.open {
                evaluator.gap_at(at, "some of the routes that are mounted here are not known");
            }
        }
        Value::Alt(_) => {
            let mut each = |evaluator: &mut Evaluator<'_>, given: &Value| {
                let node = taken(evaluator, given, at);
                evaluator.operate(ROUTE, None, Op::Merge(node), at)
            };
            let joined = evaluator.each_way(given, &mut each);
            into.extend(handle(&joined).map(|handle| handle.node));
        }
        bare => {
            if let Some(routes) = converted(evaluator, &bare, at) {
                return gather(evaluator, &routes, at, into);
            }
            let path = match &bare {
                Value::Term(term) => Some(term.path.clone()),
                value => match evaluator.type_of(value) {
                    Ty::External(path, _) => Some(path),
                    _ => None,
                },
            };
            // What answers there is not in the tree.
            let method = path.and_then(|path| super::answers(&path));
            let methods = method.map_or(Methods::Any, |method| Methods::These(vec![method]));
            let op = Op::Handler { methods, handler: bare, catch_all: method.is_none() };
            let made = evaluator.chain(ROUTE, None, op, at);
            let path = Text::known("/<rest..>");
            let op = Op::At { path, inner: made.node, mount: Mount::Route };
            into.push(evaluator.chain(ROUTE, None, op, at).node);
        }
    }
}

/// The routes of a value of the tree that becomes some: `impl Into<Vec<Route>> for X`, `impl From<X> for Vec<Route>`.
fn converted(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Option<Value> {
    let head = evaluator.type_of(value).head()?;
    let mut found = evaluator.program.assoc_of(&head, "into");
    if found.is_empty() {
        let from = Target::External("std::convert::From".into());
        for block in evaluator.program.impls_of(&from) {
            let makes = evaluator.program.self_type(block);
            let of_routes = makes.is_some_and(|ty| {
                ty.args().iter().any(|arg| {
                    matches!(arg, Ty::External(path, _)
                    if path.starts_with("rocket::") && path.ends_with("::Route"))
                })
            });
            if of_routes {
                found.extend(evaluator.program.members(block).into_iter().filter(|id| {
                    evaluator
                        .parameter_types(&FnValue { def: *id, self_ty: None, generics: Vec::new() })
                        .first()
                        .and_then(Ty::head)
                        .as_ref()
                        == Some(&head)
                }));
            }
        }
    }
    let def = found.into_iter().find(|id| evaluator.program.def(*id).kind == DefKind::Method)?;
    let function = FnValue { def, self_ty: None, generics: Vec::new() };
    let made = evaluator.call(&Value::Fn(Rc::new(function)), vec![value.clone()], at).ok()?;
    (!matches!(made.bare(), Value::Unknown(_))).then_some(made)
}
