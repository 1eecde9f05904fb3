//! Server functions of leptos and dioxus: an attribute makes a function a route, and the framework mounts them all.
//!
//! Without an endpoint of its own the path of `#[server]` is `/api/` with the function's name; both frameworks put a
//! hash of the crate behind that name, which is left out here: no contract could name it. A `#[middleware(…)]` wraps
//! its function. The handler that a router mounts for all of them chooses by the whole path; where none is found they
//! are served all the same.

use std::rc::Rc;

use super::{
    Framework,
    sample::{Laid, Sample},
};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, DefKind, ModuleId, Namespace, Resolution},
    source::{FileId, Place, Span},
    syntax::tree::{Body, Expr, ExprKind, Lit, ident_hash},
};

/// The model of one framework's server functions.
#[derive(Debug)]
pub struct ServerFn {
    name: &'static str,
    crates: &'static [&'static str],
    kind: RouterKind,
    /// The crates that mount them.
    mounts: &'static [&'static str],
    /// Handlers that answer for all of them.
    handlers: &'static [&'static str],
    /// Methods of another framework's router that mount all of them.
    methods: &'static [&'static str],
    sample: &'static Sample,
}

/// How a server function looks, but for its attribute.
const FUNCTION: Sample = Sample {
    krate: "",
    listed_as: None,
    handler: "",
    served: "",
    route: "",
    router: "",
    unknown: None,
    layer: Some(Laid { over: "#[middleware(LAYER)]", how: "beside", past: "" }),
    layer_made: None,
    layer_function: None,
    extractors: false,
    attributes: true,
    taken: &[],
};

/// leptos 0.5 to 0.8.
pub const LEPTOS: ServerFn = ServerFn {
    name: "leptos",
    crates: &["leptos", "leptos_macro", "server_fn", "server_fn_macro_default"],
    kind: "leptos::server",
    mounts: &["leptos_axum", "leptos_actix"],
    handlers: &["handle_server_fns", "handle_server_fns_with_context"],
    methods: &["leptos_routes", "leptos_routes_with_context", "leptos_routes_with_handler"],
    sample: &Sample {
        krate: "leptos",
        handler: "ATTRIBUTES\n#[leptos::server(prefix = \"/\", endpoint = RELATIVE)]\npub async fn handler(PARAMETERS) -> Result<(), leptos::prelude::ServerFnError> { BODY Ok(()) }\n",
        ..FUNCTION
    },
};

/// dioxus 0.4 to 0.7.
pub const DIOXUS: ServerFn = ServerFn {
    name: "dioxus",
    crates: &["dioxus", "dioxus_fullstack", "dioxus_fullstack_macro"],
    kind: "dioxus::server",
    mounts: &["dioxus", "dioxus_fullstack", "dioxus_server"],
    handlers: &["handle_server_fn"],
    methods: &["register_server_functions", "serve_dioxus_application", "serve_api_application"],
    sample: &Sample {
        krate: "dioxus",
        handler: "ATTRIBUTES\n#[dioxus::prelude::VERB(PATH)]\npub async fn handler(PARAMETERS) -> Result<(), dioxus::prelude::ServerFnError> { BODY Ok(()) }\n",
        ..FUNCTION
    },
};

/// The attributes that make a function a route.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("server", "POST"),
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
];

fn literal(value: &Expr) -> Option<&str> {
    match &value.kind {
        ExprKind::Lit(Lit::Str(text)) => Some(text),
        _ => None,
    }
}

/// The method by which arguments of that encoding are sent.
fn method_of(encoding: &str) -> &'static str {
    let encoding = encoding.to_ascii_lowercase();
    let verbs = [("get", "GET"), ("delete", "DELETE"), ("patch", "PATCH"), ("put", "PUT")];
    verbs.iter().find(|(name, _)| encoding.starts_with(name)).map_or("POST", |(_, verb)| verb)
}

/// Method and path of `#[server(…)]`.
fn of_server(function: &str, attribute: &Attribute) -> (&'static str, Text) {
    let (mut prefix, mut endpoint, mut method) = ("/api".to_owned(), None, "POST");
    let mut texts = attribute.args.iter().filter(|(name, _)| name.is_none());
    let mut texts = texts.by_ref().filter_map(|(_, value)| literal(value));
    // `Name, "/prefix", "Encoding", "endpoint"`.
    if let Some(text) = texts.next() {
        text.clone_into(&mut prefix);
    }
    if let Some(text) = texts.next() {
        method = method_of(text);
    }
    if let Some(text) = texts.next() {
        endpoint = Some(text.to_owned());
    }
    for (name, value) in &attribute.args {
        match name.as_deref() {
            Some("prefix") => prefix = literal(value).unwrap_or(&prefix).to_owned(),
            Some("endpoint") => endpoint = literal(value).map(str::to_owned),
            Some("encoding") => method = method_of(literal(value).unwrap_or_default()),
            Some("input") => {
                if let ExprKind::Path(path) = &value.kind {
                    let last = path.segments.last().map_or("", |segment| segment.name.as_str());
                    method = method_of(last);
                }
            }
            _ => {}
        }
    }
    let inner = endpoint.unwrap_or_else(|| function.to_owned());
    let prefix = prefix.trim_end_matches('/');
    (method, Text::literal(&format!("{prefix}/{}", inner.trim_start_matches('/')), attribute.at))
}

impl ServerFn {
    fn owns(&self, path: &str) -> bool {
        path.split(':').next().is_some_and(|first| self.crates.contains(&first))
    }

    /// The route that an attribute makes of a function.
    fn mount(
        &self,
        evaluator: &mut Evaluator<'_>,
        function: DefId,
        attribute: &Attribute,
        written: &'static str,
    ) -> Handle {
        let name = attribute.path.rsplit(':').next().unwrap_or_default();
        let def = evaluator.program.def(function);
        let (method, path) = if name == "server" {
            of_server(&def.name, attribute)
        } else {
            let given = attribute.args.first().filter(|(name, _)| name.is_none());
            let path = given.map_or_else(Text::hole, |(_, value)| {
                let value = evaluator.eval_in_attribute(function, value);
                value.text().unwrap_or_else(Text::hole)
            });
            // What follows `?` names arguments.
            let path = path.exact().map_or(path, |path| {
                Text::literal(path.split('?').next().unwrap_or_default(), attribute.at)
            });
            (written, path)
        };
        let handler =
            Value::Fn(Rc::new(FnValue { def: function, self_ty: None, generics: Vec::new() }));
        let op = Op::Handler { methods: Methods::These(vec![method]), handler, catch_all: false };
        let inner = evaluator.chain(self.kind, None, op, attribute.at).node;
        let op = Op::At { path, inner, mount: Mount::Route };
        let mut made = evaluator.chain(self.kind, None, op, attribute.at);
        for layer in evaluator.attributes(function) {
            if layer.path.rsplit(':').next() != Some("middleware") {
                continue;
            }
            for (_, value) in &layer.args {
                let layer_value = evaluator.eval_in_attribute(function, value);
                let op = Op::Layer { layer: layer_value, covers: Covers::Before };
                made = evaluator.chain(self.kind, Some(&made), op, layer.at);
            }
        }
        made
    }

    /// The routes of all server functions.
    fn all(&self, evaluator: &mut Evaluator<'_>) -> Option<Handle> {
        let mut all: Option<Handle> = None;
        for (name, method) in ATTRIBUTES {
            for function in evaluator.attributed(name) {
                if !matches!(evaluator.program.def(function).kind, DefKind::Fn | DefKind::Method) {
                    continue;
                }
                for attribute in evaluator.attributes(function) {
                    if !self.knows(&attribute.path)
                        || attribute.path.rsplit(':').next() != Some(name)
                    {
                        continue;
                    }
                    evaluator.note(self.name, function);
                    let one = self.mount(evaluator, function, &attribute, method);
                    let site = one.node.site.at;
                    let op = Op::Merge(one.node);
                    all = Some(evaluator.chain(self.kind, all.as_ref(), op, site));
                }
            }
        }
        all
    }

    /// Whether a path is that of a handler which answers for all server functions.
    fn is_handler(&self, path: &str) -> bool {
        let first = path.split(':').next().unwrap_or(path);
        let last = path.rsplit(':').next().unwrap_or(path);
        self.mounts.contains(&first) && self.handlers.contains(&last)
    }

    /// Whether code hands a request to such a handler.
    fn hands_on(
        &self,
        evaluator: &Evaluator<'_>,
        module: ModuleId,
        file: FileId,
        code: Span,
    ) -> bool {
        let text = evaluator.program.text(file);
        let named = Body::read(&text, code);
        let names = |name: &str| named.idents.binary_search(&ident_hash(name)).is_ok();
        self.handlers.iter().filter(|handler| names(handler)).any(|handler| {
            let imported = evaluator.program.resolve(module, &[*handler], false, Namespace::Value);
            let paths = self.mounts.iter().filter(|krate| names(krate)).flat_map(|krate| {
                evaluator.program.resolve(module, &[*krate, *handler], false, Namespace::Value)
            });
            imported.into_iter().chain(paths).any(|(_, is)| match is {
                Resolution::External(path) => self.is_handler(&path),
                _ => false,
            })
        })
    }
}

impl Framework for ServerFn {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(self.sample)
    }

    fn crates(&self) -> &'static [&'static str] {
        self.crates
    }

    fn knows(&self, path: &str) -> bool {
        let name = path.rsplit(':').next().unwrap_or_default();
        self.owns(path) && ATTRIBUTES.iter().any(|(known, _)| *known == name)
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == self.kind).then_some(self.kind)
    }

    fn dispatched(&self, evaluator: &mut Evaluator<'_>, handler: &Value) -> Option<Vec<Handle>> {
        let mounts = match handler.bare() {
            Value::Term(term) => self.is_handler(&term.path),
            Value::Fn(function) => {
                let def = evaluator.look_into(function.def);
                self.hands_on(evaluator, def.module, def.file, def.item.span)
            }
            Value::Closure(closure) => {
                self.hands_on(evaluator, closure.module, closure.at.file, closure.at.span)
            }
            _ => false,
        };
        // Functions that are not seen leave the handler what it is.
        mounts.then(|| self.all(evaluator)).flatten().map(|all| vec![all])
    }

    fn left(&self, evaluator: &mut Evaluator<'_>) -> Vec<Handle> {
        let mounted = !evaluator.noted(self.name).is_empty();
        if mounted { Vec::new() } else { self.all(evaluator).into_iter().collect() }
    }

    fn call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _term: &Rc<Term>,
        _args: &[Value],
        _at: Place,
    ) -> Option<Value> {
        None
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let Value::Router(router) = value else { return None };
        if !self.methods.contains(&method.name) {
            return None;
        }
        // Beside pages, which are read only, it mounts the functions that there are.
        if self.all(evaluator).is_none() {
            return Some(value.clone());
        }
        let (krate, name) = (self.mounts.first()?, self.handlers.first()?);
        let handler = Value::term(&format!("{krate}::{name}"), None, method.at);
        let op = Op::Handler { methods: Methods::Any, handler, catch_all: false };
        let inner = evaluator.chain(router.kind, None, op, method.at).node;
        let op = Op::At { path: Text::known("/{*rest}"), inner, mount: Mount::Route };
        Some(evaluator.operate(router.kind, Some(router), op, method.at))
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
