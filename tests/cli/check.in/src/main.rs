//! A shop that charges and refunds.

mod gates;
mod routes;

#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    axum::serve(listener, routes::app()).await.unwrap();
}
