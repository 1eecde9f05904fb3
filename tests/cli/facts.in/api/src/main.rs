use axum::{Router, routing::post};

async fn handler() {}

fn main() {
    let app = gates::gate(Router::new(), "/api/payments", post(handler));
    axum::serve(listener(), app.route("/api/refunds", post(handler)));
}
