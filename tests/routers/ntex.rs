//! Asks an application of ntex.
//!
//! ```toml
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use ntex::web::{App, test};

const UNSERVED: [&str; 1] = ["/api/payments/void"];

#[ntex::test]
async fn the_route_table_is_what_the_router_answers() {
    let app = test::init_service(App::new().configure(crate::app)).await;
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let method = question.method.parse().unwrap();
        let request = test::TestRequest::with_uri(&question.path).method(method).to_request();
        let status = match app.call(request).await {
            Ok(answer) => answer.status().as_u16(),
            // Only the gate fails: ntex does not keep which status it meant.
            Err(_) => 400,
        };
        answers.push((question, vec![status]));
    }
    ask::judge(&answers);
}
