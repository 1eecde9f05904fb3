//! How a route is registered without a gate, in each framework.

/// A method and path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// Upper case.
    pub(super) method: &'p str,
    /// Without parameters.
    pub(super) path: &'p str,
    /// The operation that is declared for it.
    pub(super) operation: Option<&'p str>,
}

impl Place<'_> {
    /// The method as functions are called.
    pub(super) fn verb(self) -> String {
        self.method.to_lowercase()
    }
}

/// A framework that canaries are written for.
pub(super) struct Framework {
    /// Its crate.
    pub(super) krate: &'static str,
    /// Items that register a route and nothing around it.
    pub(super) bare: fn(Place<'_>) -> String,
}

impl Framework {
    /// Whether canaries know how gates look in it.
    pub(super) fn is_axum(&self) -> bool {
        self.krate == "axum"
    }
}

/// All of them.
pub(super) const FRAMEWORKS: &[Framework] = &[
    Framework { krate: "axum", bare: axum },
    Framework { krate: "actix_web", bare: actix },
    Framework { krate: "rocket", bare: rocket },
    Framework { krate: "poem", bare: poem },
    Framework { krate: "salvo", bare: salvo },
    Framework { krate: "warp", bare: warp },
];

/// The parts of a canary for axum: items before, a handler's parameters, what is put around the route.
pub(super) fn axum_with(place: Place<'_>, items: &str, parameters: &str, router: &str) -> String {
    let route = format!(".route({:?}, axum::routing::{}(handler))", place.path, place.verb());
    format!(
        "{items}pub async fn handler({parameters}) {{}}\npub fn routes() -> axum::Router {{\n    {}\n}}\n",
        router.replace("ROUTE", &route)
    )
}

fn axum(place: Place<'_>) -> String {
    axum_with(place, "", "", "axum::Router::<()>::new()ROUTE")
}

/// A path that is only known when the program runs.
pub(super) fn unknown(place: Place<'_>) -> String {
    format!(
        "pub async fn handler() {{}}\npub fn routes(path: &str) -> axum::Router {{\n    axum::Router::<()>::new().route(path, axum::routing::{}(handler))\n}}\n",
        place.verb()
    )
}

fn actix(place: Place<'_>) -> String {
    format!(
        "pub async fn handler() -> &'static str {{ \"\" }}\npub async fn serve() {{\n    let _ = actix_web::HttpServer::new(|| actix_web::App::new().route({:?}, actix_web::web::{}().to(handler))).run().await;\n}}\n",
        place.path,
        place.verb()
    )
}

fn rocket(place: Place<'_>) -> String {
    format!(
        "#[rocket::{}({:?})]\npub fn handler() {{}}\npub fn serve() -> rocket::Rocket<rocket::Build> {{\n    rocket::build().mount(\"/\", rocket::routes![handler])\n}}\n",
        place.verb(),
        place.path
    )
}

fn poem(place: Place<'_>) -> String {
    format!(
        "#[poem::handler]\npub async fn handler() {{}}\npub fn routes() -> poem::Route {{\n    poem::Route::new().at({:?}, poem::{}(handler))\n}}\n",
        place.path,
        place.verb()
    )
}

fn salvo(place: Place<'_>) -> String {
    format!(
        "#[salvo::handler]\npub async fn handler() {{}}\npub fn routes() -> salvo::Router {{\n    salvo::Router::with_path({:?}).{}(handler)\n}}\n",
        place.path.trim_start_matches('/'),
        place.verb()
    )
}

fn warp(place: Place<'_>) -> String {
    let segments = place.path.split('/').filter(|segment| !segment.is_empty());
    let segments: Vec<String> = segments.map(|segment| format!("{segment:?}")).collect();
    format!(
        "use warp::Filter as _;\npub async fn serve() {{\n    warp::serve(warp::path!({}).and(warp::{}()).map(|| \"\")).run(([127, 0, 0, 1], 0)).await;\n}}\n",
        segments.join(" / "),
        place.verb()
    )
}
