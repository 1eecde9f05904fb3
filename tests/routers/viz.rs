//! Asks viz's routes, of which it makes a tree.
//!
//! ```toml
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use std::sync::Arc;

use viz::{Body, Handler, IntoResponse, Method, Request, Tree, types::RouteInfo};

const UNSERVED: [&str; 3] =
    ["/api/payments/dropped", "/api/payments/replaced", "/api/payments/test"];

#[tokio::test]
async fn the_route_table_is_what_the_router_answers() {
    let tree: Tree = crate::app().into();
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let method: Method = question.method.parse().unwrap();
        let status = match tree.find(&method, &question.path) {
            None => 404,
            Some((handler, route)) => {
                let info = RouteInfo {
                    id: *route.id,
                    pattern: route.pattern(),
                    params: route.params().into(),
                };
                let mut request = Request::builder().body(Body::empty()).unwrap();
                request.extensions_mut().insert(Arc::new(info));
                let answer = handler.call(request).await;
                answer.unwrap_or_else(IntoResponse::into_response).status().as_u16()
            }
        };
        answers.push((question, vec![status]));
    }
    ask::judge(&answers);
}
