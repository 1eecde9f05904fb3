//! How axum code looks.

use crate::frameworks::sample::{Laid, Sample, Taken};

/// The sample of axum.
pub(super) const SAMPLE: Sample = Sample {
    krate: "axum",
    listed_as: None,
    handler: "ATTRIBUTES\npub async fn handler(PARAMETERS) { BODY }\n",
    served: "pub fn routes() -> axum::Router {\n    ROUTER\n}\n",
    route: "axum::Router::<()>::new().route(PATH, axum::routing::VERB(handler))",
    router: "axum::Router",
    unknown: Some(
        "pub fn routes(path: &str) -> axum::Router {\n    axum::Router::<()>::new().route(path, axum::routing::VERB(handler))\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.layer(LAYER)",
        how: "added after",
        past: "axum::Router::<()>::new().layer(LAYER).route(PATH, axum::routing::VERB(handler))",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.layer(axum::middleware::from_fn(LAYER))",
        how: "added after",
        past: "axum::Router::<()>::new().layer(axum::middleware::from_fn(LAYER)).route(PATH, axum::routing::VERB(handler))",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Router", "axum::Router::<()>::new()"),
        Taken::new(
            "MethodRouter",
            "axum::routing::VERB(handler)",
            "axum::Router::<()>::new().route(PATH, CALL)",
        ),
        Taken::new(
            "Handler",
            "handler",
            "axum::Router::<()>::new().route(PATH, axum::routing::VERB(CALL))",
        ),
    ],
};
