//! Asks the services of poem-openapi.
//!
//! ```toml
//! poem = { version = "3", features = ["test"] }
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use poem::test::TestClient;

/// What describes the routes answers every method with what it has.
const DOCUMENTS: [&str; 2] = ["/docs", "/spec.json"];

const UNSERVED: [&str; 2] = ["/api/payments/old", "/api/payments/dropped"];

#[tokio::test]
async fn the_route_table_is_what_the_router_answers() {
    let client = TestClient::new(crate::app());
    let mut answers = Vec::new();
    let asked = ask::questions(&UNSERVED).into_iter();
    for question in asked.filter(|one| !DOCUMENTS.iter().any(|path| one.path.starts_with(path))) {
        let method = question.method.parse().unwrap();
        let answer = client.request(method, &question.path).send().await;
        answers.push((question, vec![answer.0.status().as_u16()]));
    }
    ask::judge(&answers);
}
