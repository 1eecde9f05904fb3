//! dropshot 0.12 to 0.18: endpoints that attributes describe, registered one by one or as the methods of a trait.
//!
//! `#[endpoint]` on a function registers nothing by itself; `ApiDescription::register` does. `#[api_description]` on a
//! trait writes a module beside it whose `api_description::<Impl>()` registers every endpoint of the trait, answered by
//! `Impl`; its `stub_api_description()` answers nothing and is for documents only. dropshot has no layers. Endpoints of
//! different `versions` share a path: which one answers is the client's choice of version.

use std::rc::Rc;

use super::{
    Framework,
    case::snake_case,
    sample::{Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, DefKind, types::Ty},
    source::Place,
    syntax::tree::{Expr, ExprKind, Lit},
};

/// The model of dropshot.
#[derive(Debug)]
pub struct Dropshot;

const API: RouterKind = "dropshot::ApiDescription";
const ENDPOINT: RouterKind = "dropshot::ApiEndpoint";
/// Before the path of a trait: the function that registers its endpoints.
const OF_TRAIT: &str = "dropshot::api_description!";

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn done(at: Place) -> Value {
    Value::term("std::result::Result::Ok", Some(vec![Value::Unit]), at)
}

fn verb(name: &str) -> Methods {
    Methods::These(vec![match name {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => return Methods::Unknown,
    }])
}

fn last_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => path.segments.last().map(|segment| segment.name.as_str()),
        _ => None,
    }
}

/// The attribute that makes a function an endpoint, whose macro a trait's attribute may have taken away.
fn endpoint_of(evaluator: &mut Evaluator<'_>, id: DefId) -> Option<Attribute> {
    evaluator.attributes(id).into_iter().find(|attribute| {
        matches!(
            attribute.path.as_str(),
            "dropshot::endpoint" | "dropshot::channel" | "endpoint" | "channel"
        )
    })
}

/// Adds the endpoint that `attribute` describes to `api`.
fn endpoint(
    evaluator: &mut Evaluator<'_>,
    api: &Handle,
    described: DefId,
    attribute: &Attribute,
    handler: Value,
) -> Value {
    let is_channel = attribute.path.ends_with("channel");
    let mut methods = if is_channel { verb("GET") } else { Methods::Unknown };
    let mut path = Text::hole();
    let mut versions = None;
    for (name, value) in &attribute.args {
        match name.as_deref() {
            Some("method") => methods = last_name(value).map_or(Methods::Unknown, verb),
            Some("path") => {
                let value = evaluator.eval_in_attribute(described, value);
                path = value.text().unwrap_or_else(Text::hole);
            }
            Some("versions") => versions = Some(value.span),
            _ => {}
        }
    }
    let shared = format!("{methods:?} {}", path.shown("{?}"));
    let added = mounted(evaluator, api, methods, &path, handler, attribute.at);
    let Some(versions) = versions else { return added };
    let which = evaluator.source(attribute.at.file, versions);
    let guard = evaluator.choice(&format!("dropshot version of {shared}"), &which);
    evaluator.where_chosen(guard, added, Value::Router(api.clone()))
}

fn mounted(
    evaluator: &mut Evaluator<'_>,
    api: &Handle,
    methods: Methods,
    path: &Text,
    handler: Value,
    at: Place,
) -> Value {
    let op = Op::Handler { methods, handler, catch_all: false };
    let Some(made) = handle(&evaluator.operate(ENDPOINT, None, op, at)) else {
        return Value::Router(api.clone());
    };
    let op = Op::At { path: path.clone(), inner: made.node, mount: Mount::Route };
    evaluator.operate(API, Some(api), op, at)
}

/// `api.register(endpoint)`.
fn register(evaluator: &mut Evaluator<'_>, api: &Handle, given: &Value, at: Place) -> Value {
    if let Value::Fn(function) = given.bare()
        && let Some(attribute) = endpoint_of(evaluator, function.def)
    {
        return endpoint(evaluator, api, function.def, &attribute, given.clone());
    }
    let mut made = given.bare();
    while let Value::Term(term) = &made {
        let Some([first, args @ ..]) = term.args.as_deref() else { break };
        // `ApiEndpoint::new(id, handler, method, content type, path, versions)`, then what describes it further.
        if &*term.path == "dropshot::ApiEndpoint::new"
            && let [handler, Value::Term(method), _, path, ..] = args
        {
            let methods = verb(method.path.rsplit(':').next().unwrap_or_default());
            let path = path.text().unwrap_or_else(Text::hole);
            return mounted(evaluator, api, methods, &path, handler.clone(), term.at);
        }
        let first = first.bare();
        made = first;
    }
    mounted(evaluator, api, Methods::Unknown, &Text::hole(), given.clone(), at)
}

/// The name of the module that `#[api_description]` writes for a trait.
fn module_of(evaluator: &mut Evaluator<'_>, of_trait: DefId) -> Option<String> {
    let attributes = evaluator.attributes(of_trait);
    let described = attributes.iter().find(|a| a.path == "dropshot::api_description")?;
    let named = described.args.iter().find(|(name, _)| name.as_deref() == Some("module"));
    if let Some((_, Expr { kind: ExprKind::Lit(Lit::Str(name)), .. })) = named {
        return Some(name.to_string());
    }
    Some(snake_case(&evaluator.program.def(of_trait).name) + "_mod")
}

/// Every endpoint of a trait, answered by `implementor`.
fn of_trait(
    evaluator: &mut Evaluator<'_>,
    of_trait: DefId,
    implementor: Option<&Ty>,
    at: Place,
) -> Value {
    let mut api = evaluator.operate(API, None, Op::New, at);
    for method in evaluator.program.members(of_trait) {
        let Some(attribute) = endpoint_of(evaluator, method) else { continue };
        let name = evaluator.program.def(method).name.clone();
        let own = implementor.and_then(Ty::head).and_then(|head| {
            evaluator
                .program
                .assoc_of(&head, &name)
                .into_iter()
                .find(|found| evaluator.program.def(*found).kind == DefKind::Method)
        });
        let handler = Value::Fn(Rc::new(FnValue {
            def: own.unwrap_or(method),
            self_ty: implementor.cloned(),
            generics: Vec::new(),
        }));
        if let Some(router) = handle(&api) {
            api = endpoint(evaluator, &router, method, &attribute, handler);
        }
    }
    Value::term("std::result::Result::Ok", Some(vec![api]), at)
}

/// How dropshot code looks.
const SAMPLE: Sample = Sample {
    krate: "dropshot",
    listed_as: None,
    handler: "ATTRIBUTES\n#[dropshot::endpoint { method = METHOD, path = PATH }]\npub async fn handler(_: dropshot::RequestContext<()>, PARAMETERS) -> Result<dropshot::HttpResponseOk<()>, dropshot::HttpError> { BODY Ok(dropshot::HttpResponseOk(())) }\n",
    served: "pub async fn serve(log: slog::Logger) {\n    let _ = dropshot::ServerBuilder::new(ROUTER, (), log).start();\n}\n",
    route: "{ let mut api = dropshot::ApiDescription::new(); let _ = api.register(handler); api }",
    router: "dropshot::ApiDescription<()>",
    unknown: None,
    layer: None,
    layer_made: None,
    layer_function: None,
    extractors: true,
    attributes: true,
    taken: &[
        Taken {
            ty: "ApiDescription",
            value: "&mut api",
            empty: "&mut api",
            router: "{ let mut api = dropshot::ApiDescription::new(); CALL; api }",
            served: None,
        },
        Taken::new(
            "ApiEndpoint",
            "handler",
            "{ let mut api = dropshot::ApiDescription::new(); let _ = api.register(CALL); api }",
        ),
    ],
};

impl Framework for Dropshot {
    fn name(&self) -> &'static str {
        "dropshot"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["dropshot"]
    }

    fn knows(&self, path: &str) -> bool {
        path.starts_with("dropshot::")
    }

    fn is_data(&self, path: &str) -> bool {
        const MAKES: &[&str] = &[
            "ApiDescription",
            "ApiEndpoint",
            "HttpServerStarter",
            "ServerBuilder",
            "api_description",
            "channel",
            "endpoint",
        ];
        path.strip_prefix("dropshot::")
            .is_some_and(|item| !MAKES.iter().any(|makes| item.starts_with(makes)))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            "dropshot::ApiDescription" => API,
            "dropshot::ApiEndpoint" => ENDPOINT,
            _ => return None,
        })
    }

    fn path(&self, written: &str) -> String {
        let segments = written.split('/').map(|segment| {
            let rest = segment.strip_prefix('{').and_then(|inner| inner.strip_suffix(":.*}"));
            rest.map_or_else(|| segment.to_owned(), |name| format!("{{*{name}}}"))
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn generated(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &[&str],
        generics: &[Ty],
        at: Place,
    ) -> Option<Value> {
        let [before @ .., module, name] = path else { return None };
        if *name != "api_description" && *name != "stub_api_description" {
            return None;
        }
        let described = evaluator.attributed("api_description");
        let mut traits: Vec<DefId> = Vec::new();
        for id in described {
            if module_of(evaluator, id).is_some_and(|named| named == *module) {
                traits.push(id);
            }
        }
        let of_trait = evaluator.nearest(&traits, before)?;
        if *name == "stub_api_description" {
            return Some(Value::unknown());
        }
        let path = format!("{OF_TRAIT}{}", evaluator.program.def(of_trait).path);
        Some(Value::Term(Rc::new(Term {
            generics: generics.to_vec(),
            ..Term::new(path.into(), None, at)
        })))
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if let Some(path) = term.path.strip_prefix(OF_TRAIT) {
            let traits = evaluator.attributed("api_description");
            let found = traits.into_iter().find(|id| &*evaluator.program.def(*id).path == path)?;
            return Some(of_trait(evaluator, found, term.generics.first(), at));
        }
        let name = term.path.strip_prefix("dropshot::")?;
        match name {
            "ApiDescription::new" | "ApiDescription::default" => {
                Some(evaluator.operate(API, None, Op::New, at))
            }
            "ApiDescription::register" => {
                let (receiver, rest) = args.split_first()?;
                let api = handle(receiver)?;
                let registered = register(evaluator, &api, rest.first()?, at);
                if let Value::Ref(place) = receiver {
                    evaluator.update(place, registered);
                }
                Some(done(at))
            }
            _ if name.starts_with("HttpServerStarter::") || name.starts_with("ServerBuilder::") => {
                for arg in args {
                    evaluator.let_serve(arg);
                }
                Some(Value::term(&term.path, Some(Vec::new()), at))
            }
            _ => None,
        }
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let Value::Router(api) = value else { return None };
        if api.kind != API {
            return None;
        }
        match method.name {
            "register" => {
                let registered = register(evaluator, api, method.args.first()?, method.at);
                evaluator.update(receiver, registered);
                Some(done(method.at))
            }
            "tag_config" | "clone" => Some(value.clone()),
            "into_router" => {
                evaluator.escape(value);
                Some(Value::unknown())
            }
            // Documents are written from it, and nothing is served.
            "openapi" | "get_tag_config" => Some(Value::unknown()),
            _ => None,
        }
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
