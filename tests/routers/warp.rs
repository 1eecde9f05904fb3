//! Asks warp's filters.
//!
//! ```toml
//! serde_json = "1"
//! warp = { version = "0.4", features = ["test"] }
//! ```

#[path = "ask.rs"]
mod ask;

const UNSERVED: [&str; 3] = ["/api/payments/old", "/api/payments/never", "/api/payments/tested"];

#[tokio::test]
async fn the_route_table_is_what_the_router_answers() {
    let app = crate::app();
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let request = warp::test::request().method(question.method).path(&question.path);
        let answer = request.reply(&app).await;
        answers.push((question, vec![answer.status().as_u16()]));
    }
    ask::judge(&answers);
}
