//! Asks a rocket.
//!
//! ```toml
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use rocket::{http::ContentType, local::blocking::Client};

const UNSERVED: [&str; 3] =
    ["/api/payments/never", "/api/payments/dropped", "/api/payments/tested"];

#[test]
fn the_route_table_is_what_the_router_answers() {
    let client = Client::untracked(crate::app()).unwrap();
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        // What routes ask for beside method and path.
        let uri = format!("{}?dry=true&page=1", question.path);
        let request = client.req(question.method.parse().unwrap(), uri);
        let answer = request.header(ContentType::Plain).dispatch();
        answers.push((question, vec![answer.status().code]));
    }
    ask::judge(&answers);
}
