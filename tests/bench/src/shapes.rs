//! The worst shapes that code takes, each in a tree of one package.

use crate::tree::Tree;

/// A contract under which every mutation must pass a gate.
const GATED: &str = r#"version = 1

[class.financial]
summary = "Moves money"
routes = ["/**"]
tables = ["amounts"]
writes = ["insert"]
writer = ["service::writer::write_once"]

[class.financial.gate]
function = ["service::gate::register"]
"#;

const GATE: &str = r#"
mod gate {
    use axum::{Router, routing::MethodRouter};

    pub fn register(router: Router, path: &str, route: MethodRouter) -> Router {
        router.route(path, route)
    }
}

mod writer {
    pub async fn write_once(pool: &sqlx::PgPool) {
        let _ = sqlx::query("INSERT INTO keys (key) VALUES ($1)").bind("k").execute(pool).await;
    }
}
"#;

/// A service whose `routes()` are what is measured.
fn service(body: &str) -> Tree {
    let main = format!(
        "use axum::{{Router, routing::{{get, post}}}};\n{GATE}\nasync fn handler() -> &'static str {{\n    \"ok\"\n}}\n\n\
         {body}\n#[tokio::main]\nasync fn main() {{\n    \
         let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();\n    \
         axum::serve(listener, routes()).await.unwrap();\n}}\n"
    );
    Tree::package().with("src/main.rs", main).with("contract.toml", GATED)
}

fn lines(size: usize, line: impl Fn(usize) -> String) -> String {
    (0..size).map(line).collect()
}

/// One router of as many routes, all of them without a gate.
pub fn routes(size: usize) -> Tree {
    let routes =
        lines(size, |at| format!("        .route(\"/items/{at}/state\", post(handler))\n"));
    service(&format!("fn routes() -> Router {{\n    Router::new()\n{routes}}}\n"))
}

/// A chain of functions, each of which nests the router of the next; the last has the only route, whose path is long
/// enough.
pub fn nested(size: usize) -> Tree {
    let functions = lines(size, |at| {
        format!(
            "fn level_{at}() -> Router {{\n    Router::new().nest(\"/n{at}\", level_{}())\n}}\n\n",
            at + 1
        )
    });
    service(&format!(
        "fn routes() -> Router {{\n    level_0()\n}}\n\n{functions}\
         fn level_{size}() -> Router {{\n    Router::new().route(\"/here\", post(handler))\n}}\n"
    ))
}

/// A handler above a chain of functions, the last of which writes.
pub fn calls(size: usize) -> Tree {
    let functions = lines(size, |at| {
        format!(
            "async fn step_{at}(pool: &sqlx::PgPool, amount: i64) -> Result<i64, sqlx::Error> {{\n    \
             if amount < {at} {{\n        return Ok(amount);\n    }}\n    \
             Ok(step_{}(pool, amount - 1).await? + 1)\n}}\n\n",
            at + 1
        )
    });
    service(&format!(
        "async fn start(axum::extract::State(pool): axum::extract::State<sqlx::PgPool>) {{\n    \
         let _ = step_0(&pool, 9).await;\n}}\n\n\
         fn routes() -> Router {{\n    Router::new().route(\"/start\", post(start)).with_state(pool())\n}}\n\n\
         fn pool() -> sqlx::PgPool {{\n    sqlx::PgPool::connect_lazy(\"x\").unwrap()\n}}\n\n{functions}\
         async fn step_{size}(pool: &sqlx::PgPool, amount: i64) -> Result<i64, sqlx::Error> {{\n    \
         sqlx::query(\"INSERT INTO amounts (amount) VALUES ($1)\").bind(amount).execute(pool).await?;\n    \
         Ok(amount)\n}}\n"
    ))
}

/// Modules in a ring: each imports all that the next has, and that is all that all have.
pub fn globs(size: usize) -> Tree {
    let mods = lines(size, |at| format!("mod ring_{at};\n"));
    let merges = lines(size, |at| format!("        .merge(ring_0::part_{at}())\n"));
    let mut tree =
        service(&format!("{mods}\nfn routes() -> Router {{\n    Router::new()\n{merges}}}\n"));
    for at in 0..size {
        let next = (at + 1) % size;
        tree.add(
            format!("src/ring_{at}.rs"),
            format!(
                "pub use crate::ring_{next}::*;\nuse axum::{{Router, routing::post}};\n\n\
                 pub const PATH_{at}: &str = \"/part/{at}\";\n\n\
                 pub fn part_{at}() -> Router {{\n    Router::new().route(PATH_{next}, post(crate::handler))\n}}\n"
            ),
        );
    }
    tree
}

/// A trait with as many implementations, called where only the trait is known.
pub fn impls(size: usize) -> Tree {
    let types = lines(size, |at| {
        format!(
            "struct Part{at};\n\nimpl Part for Part{at} {{\n    fn path(&self) -> &'static str {{\n        \"/part/{at}\"\n    }}\n\n    \
             fn mount(&self, router: Router) -> Router {{\n        router.route(self.path(), post(handler))\n    }}\n}}\n\n"
        )
    });
    let parts = lines(size, |at| format!("        Box::new(Part{at}),\n"));
    service(&format!(
        "trait Part {{\n    fn path(&self) -> &'static str;\n    fn mount(&self, router: Router) -> Router;\n}}\n\n{types}\
         fn parts() -> Vec<Box<dyn Part>> {{\n    vec![\n{parts}    ]\n}}\n\n\
         fn routes() -> Router {{\n    let mut router = Router::new();\n    for part in parts() {{\n        \
         router = part.mount(router);\n    }}\n    router\n}}\n"
    ))
}

/// Types with a method of one name, which is called as often on what nobody can know.
pub fn methods(size: usize) -> Tree {
    let types = lines(size, |at| {
        format!(
            "pub struct Store{at} {{\n    pool: sqlx::PgPool,\n}}\n\nimpl Store{at} {{\n    pub async fn save(&self, amount: i64) {{\n        \
             let _ = sqlx::query(\"INSERT INTO store_{at} (amount) VALUES ($1)\").bind(amount).execute(&self.pool).await;\n    }}\n}}\n\n"
        )
    });
    let handlers = lines(size, |at| {
        format!("async fn put_{at}() {{\n    elsewhere::store({at}).save({at}).await;\n}}\n\n")
    });
    let routes = lines(size, |at| format!("        .route(\"/put/{at}\", post(put_{at}))\n"));
    service(&format!("{types}{handlers}fn routes() -> Router {{\n    Router::new()\n{routes}}}\n"))
}

/// As many constants, a hundred of which are paths.
pub fn constants(size: usize) -> Tree {
    let constants = lines(size, |at| format!("pub const TEXT_{at}: &str = \"/text/{at}\";\n"));
    let routes = lines(100, |at| {
        format!("        .route(texts::TEXT_{}, post(handler))\n", at * size / 100)
    });
    service(&format!("mod texts;\n\nfn routes() -> Router {{\n    Router::new()\n{routes}}}\n"))
        .with("src/texts.rs", constants)
}

/// One file of as many lines of plain code, some of which a handler runs.
pub fn lines_of_code(size: usize) -> String {
    lines(size / 20, |at| {
        format!(
            "/// Weighs a list, by rule {at}.\npub fn weigh_{at}(items: &[(String, i64)], limit: i64) -> Result<i64, String> {{\n    \
             let mut sum = 0;\n    for (name, weight) in items {{\n        \
             if name.starts_with(\"skip-{at}\") || *weight < 0 {{\n            continue;\n        }}\n        \
             let part = match weight % 4 {{\n            0 => weight / 2,\n            \
             1 | 2 => weight.saturating_sub({at}),\n            _ => *weight,\n        }};\n        \
             sum += part;\n        if sum > limit {{\n            \
             return Err(format!(\"{{name}} is over {{limit}} by {{}}\", sum - limit));\n        }}\n    }}\n    \
             Ok(sum)\n}}\n\n"
        )
    })
}

/// One file of as many lines, in functions that a handler calls.
pub fn lines_tree(size: usize) -> Tree {
    let calls = lines(size / 20, |at| format!("    let _ = code::weigh_{at}(&items, {at});\n"));
    service(&format!(
        "mod code;\n\nasync fn weigh() {{\n    let items = vec![(String::from(\"a\"), 3)];\n{calls}}}\n\n\
         fn routes() -> Router {{\n    Router::new().route(\"/weigh\", post(weigh))\n}}\n"
    ))
    .with("src/code.rs", lines_of_code(size))
}

/// One file of calls of macros that nobody can know.
pub fn macros(size: usize) -> Tree {
    let calls =
        lines(size, |at| format!("elsewhere::declare! {{ name_{at} => \"/text/{at}\" }}\n\n"));
    service("mod declared;\n\nfn routes() -> Router {\n    Router::new().route(\"/\", get(handler))\n}\n")
        .with("src/declared.rs", calls)
}

/// Items that macros of the tree make, each of which a route uses.
pub fn expansions(size: usize) -> Tree {
    let calls = lines(size, |at| format!("declare!(PATH_{at}, answer_{at}, \"/made/{at}\");\n"));
    let routes =
        lines(size, |at| format!("        .route(made::PATH_{at}, post(made::answer_{at}))\n"));
    service(&format!("mod made;\n\nfn routes() -> Router {{\n    Router::new()\n{routes}}}\n")).with(
        "src/made.rs",
        format!(
            "macro_rules! declare {{\n    ($path:ident, $handler:ident, $text:literal) => {{\n        \
             pub const $path: &str = $text;\n\n        pub async fn $handler() -> &'static str {{\n            \
             $text\n        }}\n    }};\n}}\n\n{calls}"
        ),
    )
}

/// As many functions that write, each outside of the writer.
pub fn writes(size: usize) -> Tree {
    let functions = lines(size, |at| {
        format!(
            "async fn put_{at}(axum::extract::State(pool): axum::extract::State<sqlx::PgPool>) {{\n    \
             let _ = sqlx::query(\"INSERT INTO table_{at} (amount) VALUES (1)\").execute(&pool).await;\n}}\n\n"
        )
    });
    let routes = lines(size, |at| format!("        .route(\"/put/{at}\", post(put_{at}))\n"));
    let tables = lines(size, |at| format!("\"table_{at}\", "));
    service(&format!(
        "{functions}fn routes() -> Router<sqlx::PgPool> {{\n    Router::new()\n{routes}}}\n"
    ))
    .with("contract.toml", GATED.replace("\"amounts\"", &tables))
}
