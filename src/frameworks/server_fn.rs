//! Server functions of leptos and dioxus: an attribute makes a function a route, and the framework mounts them all.
//!
//! Without an endpoint of its own the path of `#[server]` is `/api/` with the function's name; both frameworks put a
//! hash of the crate behind that name, which is left out here: no contract could name it. A `#[middleware(…)]` wraps
//! its function.

use std::rc::Rc;

use super::Framework;
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Covers, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, DefKind},
    source::Place,
    syntax::tree::{Expr, ExprKind, Lit},
};

/// The model of one framework's server functions.
#[derive(Debug)]
pub struct ServerFn {
    name: &'static str,
    crates: &'static [&'static str],
    kind: RouterKind,
}

/// leptos 0.5 to 0.8.
pub const LEPTOS: ServerFn = ServerFn {
    name: "leptos",
    crates: &["leptos", "leptos_macro", "server_fn", "server_fn_macro_default"],
    kind: "leptos::server",
};

/// dioxus 0.4 to 0.7.
pub const DIOXUS: ServerFn = ServerFn {
    name: "dioxus",
    crates: &["dioxus", "dioxus_fullstack", "dioxus_fullstack_macro"],
    kind: "dioxus::server",
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
        path.split("::").next().is_some_and(|first| self.crates.contains(&first))
    }

    /// The route that an attribute makes of a function.
    fn mount(
        &self,
        evaluator: &mut Evaluator<'_>,
        function: DefId,
        attribute: &Attribute,
        written: &'static str,
    ) {
        let name = attribute.path.rsplit("::").next().unwrap_or_default();
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
            if layer.path.rsplit("::").next() != Some("middleware") {
                continue;
            }
            for (_, value) in &layer.args {
                let layer_value = evaluator.eval_in_attribute(function, value);
                let op = Op::Layer { layer: layer_value, covers: Covers::Before };
                made = evaluator.chain(self.kind, Some(&made), op, layer.at);
            }
        }
        evaluator.escape(&Value::Router(made));
    }
}

impl Framework for ServerFn {
    fn name(&self) -> &'static str {
        self.name
    }

    fn crates(&self) -> &'static [&'static str] {
        self.crates
    }

    fn knows(&self, path: &str) -> bool {
        let name = path.rsplit("::").next().unwrap_or_default();
        self.owns(path) && ATTRIBUTES.iter().any(|(known, _)| *known == name)
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == self.kind).then_some(self.kind)
    }

    fn served(&self, evaluator: &mut Evaluator<'_>) {
        for (name, method) in ATTRIBUTES {
            for function in evaluator.attributed(name) {
                if !matches!(evaluator.program.def(function).kind, DefKind::Fn | DefKind::Method) {
                    continue;
                }
                for attribute in evaluator.attributes(function) {
                    if self.knows(&attribute.path)
                        && attribute.path.rsplit("::").next() == Some(name)
                    {
                        self.mount(evaluator, function, &attribute, method);
                    }
                }
            }
        }
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
        _evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        _value: &Value,
        _method: &Method<'_>,
    ) -> Option<Value> {
        None
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
