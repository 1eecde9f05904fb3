//! How actix-web and ntex code looks.

use crate::frameworks::sample::{Laid, Sample, Taken};

/// The sample of actix-web.
pub(super) const ACTIX_WEB: Sample = Sample {
    krate: "actix_web",
    listed_as: None,
    handler: "ATTRIBUTES\npub async fn handler(PARAMETERS) -> &'static str { BODY \"\" }\n",
    served: "pub async fn serve() {\n    let _ = actix_web::HttpServer::new(|| actix_web::App::new().service(ROUTER)).run().await;\n}\n",
    route: "actix_web::web::scope(\"\").route(PATH, actix_web::web::VERB().to(handler))",
    router: "actix_web::Scope",
    unknown: Some(
        "pub async fn serve(path: String) {\n    let _ = actix_web::HttpServer::new(|| actix_web::App::new().route(&path, actix_web::web::VERB().to(handler))).run().await;\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.wrap(LAYER)",
        how: "beside",
        past: "actix_web::web::scope(\"\").service(actix_web::web::scope(\"/contract-check-beside\").wrap(LAYER)).route(PATH, actix_web::web::VERB().to(handler))",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.wrap(actix_web::middleware::from_fn(LAYER))",
        how: "beside",
        past: "actix_web::web::scope(\"\").service(actix_web::web::scope(\"/contract-check-beside\").wrap(actix_web::middleware::from_fn(LAYER))).route(PATH, actix_web::web::VERB().to(handler))",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Scope", "actix_web::web::scope(\"\")"),
        Taken {
            ty: "ServiceConfig",
            value: "config.route(PATH, actix_web::web::VERB().to(handler))",
            empty: "config",
            router: "actix_web::web::scope(\"\").configure(|config| { CALL; })",
            served: None,
        },
        Taken {
            ty: "App",
            value: "actix_web::App::new().route(PATH, actix_web::web::VERB().to(handler))",
            empty: "actix_web::App::new()",
            router: "CALL",
            served: Some(
                "pub async fn serve() {\n    let _ = actix_web::HttpServer::new(|| ROUTER).run().await;\n}\n",
            ),
        },
        Taken::new(
            "Resource",
            "actix_web::web::resource(PATH).route(actix_web::web::VERB().to(handler))",
            "actix_web::web::scope(\"\").service(CALL)",
        ),
        Taken::new(
            "Route",
            "actix_web::web::VERB().to(handler)",
            "actix_web::web::scope(\"\").route(PATH, CALL)",
        ),
        Taken::new(
            "Handler",
            "handler",
            "actix_web::web::scope(\"\").route(PATH, actix_web::web::VERB().to(CALL))",
        ),
    ],
};

/// The sample of ntex.
pub(super) const NTEX: Sample = Sample {
    krate: "ntex",
    listed_as: None,
    handler: "ATTRIBUTES\npub async fn handler(PARAMETERS) -> &'static str { BODY \"\" }\n",
    served: "pub async fn serve() {\n    let _ = ntex::web::HttpServer::new(|| ntex::web::App::new().service(ROUTER)).run().await;\n}\n",
    route: "ntex::web::scope(\"\").route(PATH, ntex::web::VERB().to(handler))",
    router: "ntex::web::Scope",
    unknown: Some(
        "pub async fn serve(path: String) {\n    let _ = ntex::web::HttpServer::new(|| ntex::web::App::new().route(&path, ntex::web::VERB().to(handler))).run().await;\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.wrap(LAYER)",
        how: "beside",
        past: "ntex::web::scope(\"\").service(ntex::web::scope(\"/contract-check-beside\").wrap(LAYER)).route(PATH, ntex::web::VERB().to(handler))",
    }),
    layer_made: None,
    layer_function: None,
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Scope", "ntex::web::scope(\"\")"),
        Taken {
            ty: "ServiceConfig",
            value: "config.route(PATH, ntex::web::VERB().to(handler))",
            empty: "config",
            router: "ntex::web::scope(\"\").configure(|config| { CALL; })",
            served: None,
        },
        Taken {
            ty: "App",
            value: "ntex::web::App::new().route(PATH, ntex::web::VERB().to(handler))",
            empty: "ntex::web::App::new()",
            router: "CALL",
            served: Some(
                "pub async fn serve() {\n    let _ = ntex::web::HttpServer::new(|| ROUTER).run().await;\n}\n",
            ),
        },
        Taken::new(
            "Resource",
            "ntex::web::resource(PATH).route(ntex::web::VERB().to(handler))",
            "ntex::web::scope(\"\").service(CALL)",
        ),
        Taken::new(
            "Route",
            "ntex::web::VERB().to(handler)",
            "ntex::web::scope(\"\").route(PATH, CALL)",
        ),
        Taken::new(
            "Handler",
            "handler",
            "ntex::web::scope(\"\").route(PATH, ntex::web::VERB().to(CALL))",
        ),
    ],
};
