use axum::{Router, routing::MethodRouter};

pub fn gate(router: Router, path: &str, method: MethodRouter) -> Router {
    router.route(path, method)
}
