//! Asks a router of axum that aide documents.
//!
//! ```toml
//! serde_json = "1"
//! tokio = { version = "1", features = ["macros", "rt"] }
//! tower = { version = "0.5", features = ["util"] }
//! ```

#[path = "ask.rs"]
mod ask;

use axum::{body::Body, http::Request};
use tower::ServiceExt as _;

const UNSERVED: [&str; 2] = ["/api/payments", "/"];

#[tokio::test]
async fn the_route_table_is_what_the_router_answers() {
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let request = Request::builder().method(question.method).uri(&question.path);
        let request = request.body(Body::empty()).unwrap();
        let answer = crate::app().oneshot(request).await.unwrap();
        answers.push((question, vec![answer.status().as_u16()]));
    }
    ask::judge(&answers);
}
