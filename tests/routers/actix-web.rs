//! Asks an application of actix-web.
//!
//! ```toml
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use actix_web::{App, test};

const UNSERVED: [&str; 3] =
    ["/api/payments/void", "/api/payments/unreachable", "/api/payments/tested"];

#[actix_web::test]
async fn the_route_table_is_what_the_router_answers() {
    let app = test::init_service(App::new().configure(crate::app)).await;
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let method = question.method.parse().unwrap();
        let request = test::TestRequest::with_uri(&question.path).method(method).to_request();
        let status = match test::try_call_service(&app, request).await {
            Ok(answer) => answer.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        answers.push((question, vec![status.as_u16()]));
    }
    ask::judge(&answers);
}
