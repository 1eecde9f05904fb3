use axum::{
    Router,
    routing::{get, post},
};

use crate::gates::register_financial_route;

async fn handler() {}

pub fn app() -> Router {
    Router::new().nest("/api", api())
}

fn api() -> Router {
    let router = Router::new()
        .route("/health", get(handler))
        .route("/notes", post(handler))
        .route("/payments/{id}/refund", post(handler));
    register_financial_route(router, "/payments", post(handler))
}
