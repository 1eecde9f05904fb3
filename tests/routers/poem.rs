//! Asks poem's endpoints.
//!
//! ```toml
//! poem = { version = "3", features = ["test"] }
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use poem::test::TestClient;

const UNSERVED: [&str; 2] = ["/api/payments/test", "/api/payments/dropped"];

/// Those that the fixtures tell apart.
const HOSTS: [&str; 2] = ["pay.example.com", "www.example.com"];

#[tokio::test]
async fn the_route_table_is_what_the_router_answers() {
    let client = TestClient::new(crate::app());
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let mut statuses = Vec::new();
        for host in HOSTS {
            let method = question.method.parse().unwrap();
            let request = client.request(method, &question.path).header("host", host);
            statuses.push(request.send().await.0.status().as_u16());
        }
        answers.push((question, statuses));
    }
    ask::judge(&answers);
}
