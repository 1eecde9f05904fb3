//! What a gate is in the tree, and routes through it and past it, in axum.

use super::framework::{Place, axum_with};
use crate::{
    contract::Contract,
    evaluate::effect::MarkKind,
    link::{DefKind, Program, Target},
    rules::judgement::gate_entries,
    syntax::tree::{FnItem, ItemKind, Pat, TypeRef},
};

/// What kind of item a gate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateKind {
    /// Nothing in the tree, and no path into a crate outside of it.
    Nothing,
    /// An item of a crate that is not in the tree.
    Outside,
    /// A function, with its parameters.
    Function(Vec<Argument>),
    /// A method or associated function.
    Method,
    /// A type, trait or macro.
    Item,
}

/// A parameter of a gate function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name; empty for a pattern.
    pub name: String,
    /// The last name of its type; empty for a type without one.
    pub ty: String,
}

/// An entry of a class's gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateItem {
    /// The class.
    pub class: String,
    /// How it gates.
    pub mark: MarkKind,
    /// As the contract names it.
    pub name: String,
    /// Its full path.
    pub path: String,
    /// What it is.
    pub kind: GateKind,
}

/// What the gates of a contract are in the tree.
pub fn gate_items(contract: &Contract, program: &Program) -> Vec<GateItem> {
    let mut items = Vec::new();
    for class in &contract.classes {
        for (mark, name) in gate_entries(class) {
            let (path, kind) = match program.contract_name(&name.path).first() {
                None => (name.path.clone(), GateKind::Nothing),
                Some(Target::External(path)) => (path.to_string(), GateKind::Outside),
                Some(Target::Item(id)) => {
                    let def = program.def(*id);
                    let kind = match (&def.item.kind, def.kind) {
                        (ItemKind::Fn(function), DefKind::Fn) => {
                            GateKind::Function(arguments(function))
                        }
                        (_, DefKind::Method) => GateKind::Method,
                        _ => GateKind::Item,
                    };
                    (def.path.to_string(), kind)
                }
            };
            items.push(GateItem {
                class: class.name.clone(),
                mark,
                name: name.path.clone(),
                path,
                kind,
            });
        }
    }
    items
}

fn arguments(function: &FnItem) -> Vec<Argument> {
    let bounds = |ty: &str| {
        let params = function.generics.params.iter();
        params.clone().any(|param| param.name.as_str() == ty)
    };
    let params = function.params.iter().map(|param| {
        let name = match &param.pat {
            Pat::Bind { name, .. } => name.to_string(),
            _ => String::new(),
        };
        let ty = param.ty.as_ref().map(last_name).unwrap_or_default();
        // A generic parameter says nothing by its own name.
        let ty = if bounds(&ty) { String::new() } else { ty };
        Argument { name, ty }
    });
    params.collect()
}

fn last_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Path(path) => {
            path.segments.last().map(|segment| segment.name.to_string()).unwrap_or_default()
        }
        TypeRef::Ref(inner, _) => last_name(inner),
        TypeRef::Impl(bounds) => bounds.first().map(last_name).unwrap_or_default(),
        _ => String::new(),
    }
}

impl GateItem {
    /// Whether it is an item of that crate.
    pub(super) fn is_of(&self, krate: &str) -> bool {
        self.path.split("::").next() == Some(krate)
    }

    fn last(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }

    /// Its path as the crate `home` writes it.
    fn path_in(&self, home: &str) -> String {
        match self.path.split_once("::") {
            Some((first, rest)) if first == home => format!("crate::{rest}"),
            _ => self.path.clone(),
        }
    }

    /// Routes that only look gated: what they do, and the items.
    pub(super) fn namesakes(&self, place: Place<'_>, home: &str) -> Vec<(String, String)> {
        let (path, last) = (self.path_in(home), self.last());
        let (name, verb, route) = (&self.name, place.verb(), place.path);
        let mut all = Vec::new();
        // A gate that is named by one word is any item of that name, so a namesake of it gates.
        let by_path = self.name.contains("::");
        match self.mark {
            MarkKind::Function if by_path => {
                let plain = format!(
                    "pub async fn handler() {{}}\npub fn NAME(router: axum::Router, path: &str, route: axum::routing::MethodRouter) -> axum::Router {{\n    router.route(path, route)\n}}\npub fn routes() -> axum::Router {{\n    CALL(axum::Router::new(), {route:?}, axum::routing::{verb}(handler))\n}}\n"
                );
                let shadow = plain.replace("NAME", last).replace("CALL", last);
                all.push((format!("a route through another function called {last}"), shadow));
                let renamed = plain.replace("NAME", "plain").replace("CALL", last);
                let renamed = format!("use self::plain as {last};\n{renamed}");
                all.push((format!("a route through a function renamed to {last}"), renamed));
            }
            MarkKind::Layer => {
                if let Some(layer) = self.layer(home) {
                    let early = format!("axum::Router::<()>::new().layer({layer})ROUTE");
                    all.push((
                        format!("a route added after the layer {name}"),
                        axum_with(place, "", "", &early),
                    ));
                }
                if by_path {
                    let own = format!("#[derive(Clone)]\npub struct {last};\n");
                    let router = format!("axum::Router::<()>::new()ROUTE.layer({last})");
                    all.push((
                        format!("a route in another layer called {last}"),
                        axum_with(place, &own, "", &router),
                    ));
                }
            }
            MarkKind::Extractor => {
                let router = "axum::Router::<()>::new()ROUTE";
                let optional = format!("_: Option<{path}>");
                all.push((
                    format!("a route whose handler can do without {name}"),
                    axum_with(place, "", &optional, router),
                ));
                if by_path {
                    let own = format!("pub struct {last};\n");
                    let parameter = format!("_: {last}");
                    all.push((
                        format!("a route whose handler takes another {last}"),
                        axum_with(place, &own, &parameter, router),
                    ));
                }
            }
            MarkKind::Function | MarkKind::Attribute => {}
        }
        all
    }

    /// A route through the gate under another name, or nothing if it cannot be made up.
    pub(super) fn gated(&self, place: Place<'_>, home: &str) -> Option<String> {
        let path = self.path_in(home);
        let bare = "axum::Router::<()>::new()ROUTE";
        match (self.mark, &self.kind) {
            (_, GateKind::Nothing) => Some(axum_with(place, "", "", bare)),
            (MarkKind::Function, GateKind::Function(arguments)) => {
                let values: Option<Vec<String>> =
                    arguments.iter().map(|argument| argument.value(place)).collect();
                let takes_router = arguments.iter().any(|one| one.ty.contains("Router"));
                let call = format!("aliased({})", values?.join(", "));
                // One that takes no router returns what a router takes.
                let registered = arguments.iter().any(Argument::is_path) && takes_router;
                let items = format!("use {path} as aliased;\n");
                let router = if registered {
                    return Some(axum_with(place, &items, "", &call));
                } else {
                    format!("axum::Router::<()>::new().route({:?}, {call})", place.path)
                };
                arguments
                    .iter()
                    .all(|one| !one.is_path())
                    .then(|| axum_with(place, &items, "", &router))
            }
            (MarkKind::Layer, _) => {
                let layer = self.layer(home)?;
                let router = format!("axum::Router::<()>::new()ROUTE.layer({layer})");
                Some(axum_with(place, "", "", &router))
            }
            (MarkKind::Extractor, _) => {
                let items = format!("use {path} as Aliased;\n");
                Some(axum_with(place, &items, "_: Aliased", bare))
            }
            (MarkKind::Attribute, _) => {
                let code = axum_with(place, "", "", bare);
                Some(
                    code.replace(
                        "pub async fn handler",
                        &format!("#[{path}]\npub async fn handler"),
                    ),
                )
            }
            (MarkKind::Function, _) => None,
        }
    }

    /// Why no route through it can be made up.
    pub(super) fn why_untried(&self) -> String {
        format!("no call of {} can be made up: its arguments are not those of a route", self.name)
    }

    /// A value that is the layer.
    fn layer(&self, home: &str) -> Option<String> {
        let path = self.path_in(home);
        match &self.kind {
            GateKind::Function(arguments) if arguments.is_empty() => Some(format!("{path}()")),
            GateKind::Function(arguments) => {
                let middleware =
                    arguments.iter().any(|one| matches!(one.ty.as_str(), "Next" | "Request"));
                middleware.then(|| format!("axum::middleware::from_fn({path})"))
            }
            GateKind::Method => None,
            GateKind::Item | GateKind::Outside | GateKind::Nothing => Some(path),
        }
    }
}

impl Argument {
    fn is_path(&self) -> bool {
        matches!(self.name.as_str(), "path" | "route" | "uri" | "pattern" | "route_path")
    }

    /// An argument for a route at `place`, by what it is called.
    fn value(&self, place: Place<'_>) -> Option<String> {
        let method = format!("axum::routing::{}(handler)", place.verb());
        match self.ty.as_str() {
            "Router" => Some("axum::Router::new()".to_owned()),
            "MethodRouter" => Some(method),
            "Method" => Some(format!("axum::http::Method::{}", place.method)),
            "MethodFilter" => Some(format!("axum::routing::MethodFilter::{}", place.method)),
            "str" | "String" | "Into" | "AsRef" if self.is_path() => {
                Some(format!("{:?}", place.path))
            }
            "str" | "String" if self.name == "method" => Some(format!("{:?}", place.method)),
            "str" | "String" | "Into" | "AsRef" => {
                Some(format!("{:?}", place.operation.unwrap_or("contractCheckCanary")))
            }
            "" | "Handler" if self.name.contains("handler") => Some("handler".to_owned()),
            _ => None,
        }
    }
}
