//! poem-openapi: `#[OpenApi]` impls whose `#[oai]` methods are the routes of a service.
//!
//! A service is an endpoint of poem with paths of its own; `url_prefix` and `server` only change what its document says.

use std::rc::Rc;

use super::{
    Framework, poem,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        effect::Guards,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind, Way},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, DefKind, Head, types::Ty},
    source::{Place, Span},
    syntax::{
        body,
        tree::{Expr, ExprKind, Lit},
    },
};

/// The model of poem-openapi.
#[derive(Debug)]
pub struct PoemOpenapi;

/// The type of a service.
pub const SERVICE: RouterKind = "poem_openapi::OpenApiService";

/// One method's `#[oai(…)]`.
#[derive(Default)]
struct Operation {
    path: Option<Expr>,
    methods: Vec<&'static str>,
    transform: Option<Expr>,
}

/// How poem-openapi code looks.
const SAMPLE: Sample = Sample {
    krate: "poem_openapi",
    listed_as: None,
    handler: "pub struct Api;\n#[poem_openapi::OpenApi]\nimpl Api {\n    #[oai(path = PATH, method = \"VERB\")]\n    ATTRIBUTES\n    async fn handler(&self, PARAMETERS) { BODY }\n}\n",
    served: "use poem::EndpointExt as _;\npub async fn serve() {\n    let _ = poem::Server::new(poem::listener::TcpListener::bind(\"127.0.0.1:0\")).run(poem::Route::new().nest(\"/\", ROUTER)).await;\n}\n",
    route: "poem_openapi::OpenApiService::new(Api, \"canary\", \"1\")",
    router: "poem_openapi::OpenApiService<Api, ()>",
    unknown: None,
    layer: Some(Laid {
        over: "ROUTE.with(LAYER)",
        how: "beside",
        past: "poem::Route::new().at(\"/contract-check-beside\", poem::endpoint::make_sync(|_| \"\").with(LAYER)).nest(\"/\", ROUTE)",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.around(LAYER)",
        how: "beside",
        past: "poem::Route::new().at(\"/contract-check-beside\", poem::endpoint::make_sync(|_| \"\").around(LAYER)).nest(\"/\", ROUTE)",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::new("OpenApiService", "ROUTE", "CALL"),
        Taken::new("Endpoint", "ROUTE", "CALL"),
        Taken::new("IntoEndpoint", "ROUTE", "CALL"),
    ],
};

impl Framework for PoemOpenapi {
    fn name(&self) -> &'static str {
        "poem-openapi"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn minds_slash(&self) -> bool {
        true
    }

    fn crates(&self) -> &'static [&'static str] {
        &["poem_openapi"]
    }

    fn knows(&self, path: &str) -> bool {
        // `#[oai]` is read by `#[OpenApi]` as it is written, whatever a glob import could make of it.
        is_operation(path)
            || path
                .strip_prefix("poem_openapi::")
                .is_some_and(|item| item == "OpenApi" || item.starts_with("OpenApiService"))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == SERVICE || path == "poem_openapi::openapi::OpenApiService").then_some(SERVICE)
    }

    /// One that is made outside the tree stands at a path that is chosen there.
    fn has_own_path(&self, kind: RouterKind) -> bool {
        kind == SERVICE
    }

    /// A trailing slash and an empty segment are left out of `#[oai(path)]`.
    fn path(&self, written: &str) -> String {
        poem::spelled(written)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let (ty, name) = term.path.rsplit_once("::")?;
        self.router_kind(ty)?;
        if name != "new" {
            return None;
        }
        let started = handle(evaluator.operate(SERVICE, None, Op::New, at))?;
        let api = args.first().cloned().unwrap_or_else(Value::unknown);
        Some(Value::Router(serve(evaluator, started, &api, at)))
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        match value {
            Value::Router(router) if router.kind == SERVICE => {
                service_method(evaluator, router, method)
            }
            // poem-openapi 1.
            Value::Object(object)
                if method.name == "combine" && !apis(evaluator, object.def).is_empty() =>
            {
                let parts = vec![value.clone(), method.args.first()?.clone()];
                let parts = parts.into_iter().map(crate::evaluate::value::cell).collect();
                Some(Value::Tuple(Rc::new(parts)))
            }
            _ => None,
        }
    }

    fn makes_routes(&self, attribute: &str) -> bool {
        matches!(attribute, "poem_openapi::OpenApi" | "poem_openapi_derive::OpenApi")
    }

    /// An API, or several in a tuple, as whoever is given them serves them under a prefix of his own.
    fn handed_out(
        &self,
        evaluator: &mut Evaluator<'_>,
        given: &Value,
        at: Place,
    ) -> Option<Handle> {
        if !holds_api(evaluator, given) {
            return None;
        }
        let started = handle(evaluator.operate(SERVICE, None, Op::New, at))?;
        let service = serve(evaluator, started, given, at);
        let way = Way { path: Text::hole(), methods: Methods::Any, guards: Guards::default() };
        handle(evaluator.operate(SERVICE, Some(&service), Op::Within(vec![way]), at))
    }

    fn macro_call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _path: &str,
        _args: &[Expr],
        _at: Place,
    ) -> Option<Value> {
        None
    }
}

fn is_operation(path: &str) -> bool {
    path.rsplit(':').next() == Some("oai")
}

fn handle(value: Value) -> Option<Handle> {
    match value {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn service_method(
    evaluator: &mut Evaluator<'_>,
    service: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    match method.name {
        "server"
        | "url_prefix"
        | "summary"
        | "description"
        | "terms_of_service"
        | "contact"
        | "license"
        | "external_document"
        | "extra_response_header"
        | "extra_request_header"
        | "cookie_key"
        | "webhooks" => Some(Value::Router(service.clone())),
        "spec_endpoint" | "spec_endpoint_yaml" => {
            page(evaluator, method.name, at).map(Value::Router)
        }
        "swagger_ui" | "rapidoc" | "redoc" | "openapi_explorer" | "scalar"
        | "stoplight_elements" => {
            let page = page(evaluator, method.name, at)?;
            let op = Op::At { path: Text::known("/"), inner: page.node, mount: Mount::Route };
            Some(evaluator.operate(SERVICE, None, op, at))
        }
        name if name == "spec" || name == "spec_yaml" || name.ends_with("_html") => {
            Some(Value::unknown())
        }
        _ => poem::extension(evaluator, &Value::Router(service.clone()), method),
    }
}

/// A page about a service, which only reads.
fn page(evaluator: &mut Evaluator<'_>, name: &str, at: Place) -> Option<Handle> {
    let handler = Value::term(&format!("{SERVICE}::{name}"), Some(Vec::new()), at);
    let op = Op::Handler { methods: Methods::These(vec!["GET"]), handler, catch_all: false };
    handle(evaluator.operate(poem::ENDPOINT, None, op, at))
}

/// Adds the routes of an API, or of several in a tuple.
fn serve(evaluator: &mut Evaluator<'_>, service: Handle, api: &Value, at: Place) -> Handle {
    let ty = match api.bare() {
        Value::Tuple(parts) => {
            return parts.iter().fold(service, |service, part| {
                let part = part.borrow().clone();
                serve(evaluator, service, &part, at)
            });
        }
        Value::Alt(all) => {
            let mut each = Vec::new();
            for (guards, value) in all.iter() {
                let served = serve(evaluator, service.clone(), value, at);
                each.push((guards.clone(), Value::Router(served)));
            }
            return handle(evaluator.join(each)).unwrap_or(service);
        }
        Value::Unit => return service,
        value => evaluator.type_of(&value),
    };
    serve_type(evaluator, service, &ty, at)
}

fn serve_type(evaluator: &mut Evaluator<'_>, service: Handle, ty: &Ty, at: Place) -> Handle {
    match ty {
        Ty::Tuple(parts) => {
            parts.iter().fold(service, |service, part| serve_type(evaluator, service, part, at))
        }
        Ty::Def(def, _) => {
            let blocks = apis(evaluator, *def);
            if blocks.is_empty() {
                evaluator.gap_at(at, "the routes of this API are not written with `#[OpenApi]`");
            }
            blocks.into_iter().fold(service, |service, (block, attribute)| {
                serve_block(evaluator, service, block, &attribute, ty)
            })
        }
        _ => {
            evaluator.gap_at(at, "which API is served here is not known");
            service
        }
    }
}

/// Whether a value is an API, or has one among its parts.
fn holds_api(evaluator: &mut Evaluator<'_>, value: &Value) -> bool {
    match value.bare() {
        Value::Object(object) => !apis(evaluator, object.def).is_empty(),
        Value::Unknown(Ty::Def(def, _)) => !apis(evaluator, def).is_empty(),
        Value::Tuple(parts) => parts.iter().any(|part| {
            let part = part.borrow().clone();
            !matches!(part, Value::Tuple(_) | Value::Ref(_)) && holds_api(evaluator, &part)
        }),
        Value::Alt(all) => all.iter().any(|(_, one)| {
            !matches!(one, Value::Alt(_) | Value::Ref(_)) && holds_api(evaluator, one)
        }),
        _ => false,
    }
}

/// The impls of a type that are an API, with the attribute that makes them one.
fn apis(evaluator: &mut Evaluator<'_>, def: DefId) -> Vec<(DefId, Attribute)> {
    let mut all = Vec::new();
    for block in evaluator.program.impls_for(&Head::Item(def)) {
        let attributes = evaluator.attributes(block);
        let found =
            attributes.into_iter().find(|attribute| PoemOpenapi.makes_routes(&attribute.path));
        all.extend(found.map(|attribute| (block, attribute)));
    }
    all
}

/// Adds the routes of one impl.
fn serve_block(
    evaluator: &mut Evaluator<'_>,
    service: Handle,
    block: DefId,
    attribute: &Attribute,
    ty: &Ty,
) -> Handle {
    let prefix = attribute.args.iter().find(|(name, _)| name.as_deref() == Some("prefix_path"));
    let prefix = prefix.map(|(_, value)| {
        evaluator.eval_in_attribute(block, value).text().unwrap_or_else(Text::hole)
    });
    let mut service = service;
    for member in evaluator.program.members(block) {
        let def = evaluator.program.def(member);
        if def.kind != DefKind::Method {
            continue;
        }
        let Some(guards) = evaluator.under(def.cfg.as_ref()) else { continue };
        for attribute in evaluator.attributes(member) {
            if !is_operation(&attribute.path) {
                continue;
            }
            let added = add(evaluator, &service, member, &attribute, prefix.as_ref(), ty);
            let Some(added) = added else { continue };
            service = if guards == evaluator.guards {
                added
            } else {
                let both = vec![
                    (guards.clone(), Value::Router(added)),
                    (evaluator.guards.clone(), Value::Router(service.clone())),
                ];
                handle(evaluator.join(both)).unwrap_or(service)
            };
        }
    }
    service
}

/// Adds one method's route.
fn add(
    evaluator: &mut Evaluator<'_>,
    service: &Handle,
    member: DefId,
    attribute: &Attribute,
    prefix: Option<&Text>,
    ty: &Ty,
) -> Option<Handle> {
    let at = attribute.at;
    let operation = read(attribute);
    let path = operation.path.map(|path| evaluator.eval_in_attribute(member, &path));
    let path = path.and_then(|path| path.text()).unwrap_or_else(Text::hole);
    let path = path.map(without_empty_segments);
    let called = FnValue { def: member, self_ty: Some(ty.clone()), generics: Vec::new() };
    let methods = if operation.methods.is_empty() {
        Methods::Unknown
    } else {
        Methods::These(operation.methods)
    };
    let op = Op::Handler { methods, handler: Value::Fn(Rc::new(called)), catch_all: false };
    let mut made = handle(evaluator.operate(SERVICE, None, op, at))?;
    if let Some(transform) = &operation.transform
        && let Some(changed) = transformed(evaluator, member, transform, &made, at)
    {
        made = changed;
    }
    let mut op = Op::At { path, inner: made.node, mount: Mount::Route };
    if let Some(prefix) = prefix {
        let inner = handle(evaluator.operate(SERVICE, None, op, at))?;
        op = Op::At { path: prefix.clone(), inner: inner.node, mount: Mount::Route };
    }
    handle(evaluator.operate(SERVICE, Some(service), op, at))
}

/// `/a//b/` as `/a/b`, and `/` for nothing.
fn without_empty_segments(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}

fn read(attribute: &Attribute) -> Operation {
    let mut operation = Operation::default();
    for (name, value) in &attribute.args {
        match name.as_deref() {
            Some("path") => operation.path = Some(value.clone()),
            Some("method") => {
                let written = match &value.kind {
                    ExprKind::Lit(Lit::Str(text)) => Some(text.to_string()),
                    ExprKind::Path(path) => path.segments.last().map(|last| last.name.to_string()),
                    _ => None,
                };
                operation.methods.extend(written.as_deref().and_then(poem::verb));
            }
            Some("transform") => operation.transform = Some(value.clone()),
            _ => {}
        }
    }
    operation
}

/// What the function named by `transform` makes of an operation's endpoint.
fn transformed(
    evaluator: &mut Evaluator<'_>,
    member: DefId,
    transform: &Expr,
    made: &Handle,
    at: Place,
) -> Option<Handle> {
    let function = if let ExprKind::Lit(Lit::Str(_)) = &transform.kind {
        let text = evaluator.program.text(at.file);
        let span = transform.span;
        let name = Span::new(span.start + 1, span.end.saturating_sub(1));
        body::parse_expr(&text, name).ok()?
    } else {
        transform.clone()
    };
    let function = evaluator.eval_in_attribute(member, &function);
    let result = evaluator.call(&function, vec![Value::Router(made.clone())], at).ok()?;
    poem::endpoint(evaluator, &result, at)
}
