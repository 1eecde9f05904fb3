//! Asks salvo's router.
//!
//! ```toml
//! salvo = { version = "0.84", default-features = false, features = ["test"] }
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use salvo::{
    Service,
    test::{RequestBuilder, TestClient},
};

const UNSERVED: [&str; 2] = ["/api/payments/test", "/api/payments/dropped"];

/// What salvo makes to describe the routes: it answers every method with what it has, and nothing else with 404.
const DOCUMENTS: [&str; 2] = ["/docs", "/openapi.json"];

/// What a second server has.
const ELSEWHERE: &str = "/api/whole";

/// Those that the fixtures tell apart.
const HOSTS: [&str; 2] = ["a.example.com", "b.example.com"];

fn request(method: &str, host: &str, path: &str) -> RequestBuilder {
    let url = format!("http://{host}{path}");
    match method {
        "GET" => TestClient::get(url),
        "POST" => TestClient::post(url),
        "PUT" => TestClient::put(url),
        "PATCH" => TestClient::patch(url),
        _ => TestClient::delete(url),
    }
}

#[tokio::test]
async fn the_route_table_is_what_the_router_answers() {
    let service = Service::new(crate::app());
    let mut answers = Vec::new();
    let asked = ask::questions(&UNSERVED).into_iter();
    let asked = asked.filter(|one| one.path != ELSEWHERE);
    for question in asked.filter(|one| !DOCUMENTS.iter().any(|path| one.path.starts_with(path))) {
        let mut statuses = Vec::new();
        for host in HOSTS {
            let answer = request(question.method, host, &question.path).send(&service).await;
            statuses.push(answer.status_code.map_or(404, |status| status.as_u16()));
        }
        answers.push((question, statuses));
    }
    ask::judge(&answers);
}
