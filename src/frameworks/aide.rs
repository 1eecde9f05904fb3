//! aide 0.13 to 0.15 for axum: its routers are axum's with documentation beside them.
//!
//! Each of its names is one of axum's with another spelling, so what they do is axum's model: a layer wraps what was
//! added before it, and `nest_api_service` nests.

use std::rc::Rc;

use super::{
    Framework,
    axum::Axum,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::RouterKind,
        value::{Cell, Term, Value},
    },
    source::Place,
    syntax::tree::Expr,
};

/// The model of aide.
#[derive(Debug)]
pub struct Aide;

const ROUTER: RouterKind = super::axum::ROUTER;
const METHODS: RouterKind = super::axum::METHODS;

/// axum's name for a method or function of aide, and how many of its arguments axum's has; all when `None`.
fn plain(name: &str) -> Option<(&str, Option<usize>)> {
    Some(match name {
        "api_route" | "api_route_with" | "api_route_with_tsr" | "api_route_with_tsr_and" => {
            ("route", Some(2))
        }
        "nest_api_service" => ("nest_service", None),
        "finish_api"
        | "finish_api_with"
        | "into_api"
        | "with_path_items"
        | "api_route_docs"
        | "api_route_docs_with" => ("into_service", Some(0)),
        name => {
            let verb = name.strip_suffix("_with")?;
            (super::axum::verb(verb.strip_prefix("typed_").unwrap_or(verb)).map(|_| verb)?, Some(1))
        }
    })
}

/// The path of axum's item for one of aide's.
fn translated(path: &str) -> Option<(String, Option<usize>)> {
    let rest = path.strip_prefix("aide::axum::")?;
    if let Some(name) = rest.strip_prefix("routing::")
        && !name.contains("::")
    {
        let (name, kept) = plain(name).unwrap_or((name, None));
        return Some((format!("axum::routing::{name}"), kept));
    }
    let (ty, name) = path.rsplit_once("::")?;
    let kind = if ty == "aide::axum::RouterExt" { ROUTER } else { Aide.router_kind(ty)? };
    let (name, kept) = plain(name).unwrap_or((name, None));
    // A receiver comes before the arguments of a method that is called by its path.
    Some((format!("{kind}::{name}"), kept.map(|kept| kept + 1)))
}

/// How aide code looks.
const SAMPLE: Sample = Sample {
    krate: "aide",
    listed_as: Some("axum"),
    handler: "ATTRIBUTES\npub async fn handler(PARAMETERS) { BODY }\n",
    served: "pub fn routes() -> aide::axum::ApiRouter {\n    ROUTER\n}\n",
    route: "aide::axum::ApiRouter::<()>::new().api_route(PATH, aide::axum::routing::VERB(handler))",
    router: "aide::axum::ApiRouter",
    unknown: Some(
        "pub fn routes(path: &str) -> aide::axum::ApiRouter {\n    aide::axum::ApiRouter::<()>::new().api_route(path, aide::axum::routing::VERB(handler))\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.layer(LAYER)",
        how: "added after",
        past: "aide::axum::ApiRouter::<()>::new().layer(LAYER).api_route(PATH, aide::axum::routing::VERB(handler))",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.layer(axum::middleware::from_fn(LAYER))",
        how: "added after",
        past: "aide::axum::ApiRouter::<()>::new().layer(axum::middleware::from_fn(LAYER)).api_route(PATH, aide::axum::routing::VERB(handler))",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("ApiRouter", "aide::axum::ApiRouter::<()>::new()"),
        Taken::new(
            "ApiMethodRouter",
            "aide::axum::routing::VERB(handler)",
            "aide::axum::ApiRouter::<()>::new().api_route(PATH, CALL)",
        ),
    ],
};

impl Framework for Aide {
    fn name(&self) -> &'static str {
        "aide"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn minds_slash(&self) -> bool {
        true
    }

    fn crates(&self) -> &'static [&'static str] {
        &["aide"]
    }

    fn knows(&self, path: &str) -> bool {
        self.router_kind(path).is_some()
            || translated(path).is_some_and(|(plain, _)| Axum.knows(&plain))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            "aide::axum::ApiRouter" => ROUTER,
            "aide::axum::routing::ApiMethodRouter" => METHODS,
            _ => return None,
        })
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let (path, kept) = translated(&term.path)?;
        let args = args.get(..kept.unwrap_or(args.len()).min(args.len()))?;
        let term = Rc::new(Term { path: path.into(), ..(**term).clone() });
        Axum.call(evaluator, &term, args, at)
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let (name, kept) = plain(method.name)?;
        let kept = kept.unwrap_or(method.args.len()).min(method.args.len());
        let args = method.args.get(..kept)?.to_vec();
        let method = Method { name, args, ..method.clone() };
        match value {
            Value::Router(_) => Axum.method(evaluator, receiver, value, &method),
            // Only a router of aide has a method of that name.
            Value::Unknown(_) | Value::Term(_) if name == "route" || name == "nest_service" => {
                let begun = evaluator.router_begun(value, ROUTER, method.at)?;
                Axum.method(evaluator, receiver, &Value::Router(begun), &method)
            }
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
