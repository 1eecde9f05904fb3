use axum::{Router, routing::MethodRouter};

/// Registers a route that moves money: a request that was answered before gets the same answer again.
pub fn register_financial_route(router: Router, path: &str, route: MethodRouter) -> Router {
    router.route(path, route.layer(axum::middleware::from_fn(replay)))
}

async fn replay(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    next.run(request).await
}
