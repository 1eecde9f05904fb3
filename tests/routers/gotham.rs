//! Asks gotham's router.
//!
//! ```toml
//! gotham = { version = "0.7", features = ["testing"] }
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use gotham::test::TestServer;

const UNSERVED: [&str; 3] =
    ["/api/payments/elsewhere", "/api/payments/dropped", "/api/payments/half"];

#[test]
fn the_route_table_is_what_the_router_answers() {
    let server = TestServer::new(crate::app()).unwrap();
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let (method, url) =
            (question.method.parse().unwrap(), format!("http://a{}", question.path));
        let answer = server.client().build_request(method, url).perform().unwrap();
        answers.push((question, vec![answer.status().as_u16()]));
    }
    ask::judge(&answers);
}
