//! Asks a server of tide.
//!
//! ```toml
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use tide::http::{Method, Request, Response, Url};

const UNSERVED: [&str; 3] = ["/api/payments/elsewhere", "/api/payments/old", "/api/payments/empty"];

#[async_std::test]
async fn the_route_table_is_what_the_router_answers() {
    let app = crate::app();
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let method: Method = question.method.parse().unwrap();
        let url = Url::parse("http://localhost").unwrap().join(&question.path).unwrap();
        let answer: Response = app.respond(Request::new(method, url)).await.unwrap();
        answers.push((question, vec![answer.status().into()]));
    }
    ask::judge(&answers);
}
