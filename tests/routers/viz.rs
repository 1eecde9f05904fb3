//! Asks viz's routes, of which it makes a tree.
//!
//! ```toml
//! serde_json = "1"
//! ```

#[path = "ask.rs"]
mod ask;

use viz::{Method, Tree};

const UNSERVED: [&str; 3] =
    ["/api/payments/dropped", "/api/payments/replaced", "/api/payments/test"];

#[test]
fn the_route_table_is_what_the_router_answers() {
    let tree: Tree = crate::app().into();
    let mut answers = Vec::new();
    for question in ask::questions(&UNSERVED) {
        let method: Method = question.method.parse().unwrap();
        let found = tree.find(&method, &question.path).is_some();
        answers.push((question, vec![if found { 200 } else { 404 }]));
    }
    ask::judge(&answers);
}
