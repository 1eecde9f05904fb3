//! Services as people write them: packages of modules, each with routes, handlers, storage, types, and plain code.

use crate::tree::{Tree, manifest};

/// Files of a package, beside those of its modules.
const OWN: usize = 4;

/// Files of a module.
const OF_MODULE: usize = 5;

/// Modules of a package at most.
const MODULES: usize = 19;

const NOUNS: [&str; 16] = [
    "account",
    "invoice",
    "payment",
    "order",
    "shipment",
    "contract",
    "voucher",
    "ticket",
    "customer",
    "refund",
    "balance",
    "transfer",
    "booking",
    "claim",
    "budget",
    "warehouse",
];

/// Positions of the templates of plain code that handlers call, with the names they call them by.
const CALLED: [(usize, &str); 3] = [(0, "total_of"), (1, "spread"), (3, "next_state")];

const CONTRACT: &str = r#"version = 1

[class.financial]
summary = "Moves money"
routes = ["/**"]
tables = ["invoices", "payments", "journal"]
writes = ["insert"]
writer = ["kernel::writer::write_once"]

[class.financial.gate]
layer = ["kernel::gate::require_key"]
"#;

/// A workspace of about `files` Rust files.
pub fn tree(files: usize) -> Tree {
    let mut tree = Tree::default();
    tree.add("contract.toml", CONTRACT);
    tree.add("kernel/Cargo.toml", manifest("kernel", &[]));
    tree.add("kernel/src/lib.rs", include_str!("../templates/kernel.tmpl"));
    tree.add("kernel/src/gate.rs", include_str!("../templates/gate.tmpl"));
    let mut left = files.saturating_sub(2);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut members = vec!["kernel".to_owned()];
    while left >= OWN + OF_MODULE {
        let modules = (left.saturating_sub(OWN) / OF_MODULE).clamp(1, MODULES);
        let name = format!("service_{}", members.len() - 1);
        package(&mut tree, &name, modules, &mut random);
        left = left.saturating_sub(OWN + modules * OF_MODULE);
        members.push(name);
    }
    let members: Vec<String> = members.iter().map(|name| format!("\"{name}\"")).collect();
    tree.with(
        "Cargo.toml",
        format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", ")),
    )
}

fn package(tree: &mut Tree, name: &str, modules: usize, random: &mut Random) {
    tree.add(format!("{name}/Cargo.toml"), manifest(name, &["kernel"]));
    for (file, text) in [
        ("app", include_str!("../templates/app.tmpl")),
        ("error", include_str!("../templates/error.tmpl")),
        ("macros", include_str!("../templates/macros.tmpl")),
    ] {
        tree.add(format!("{name}/src/{file}.rs"), text);
    }
    let nouns: Vec<String> = (0..modules)
        .map(|at| {
            let (round, noun) = (at / NOUNS.len(), NOUNS[at % NOUNS.len()]);
            if round == 0 { noun.to_owned() } else { format!("{noun}_{round}") }
        })
        .collect();
    for noun in &nouns {
        module(tree, &format!("{name}/src/{noun}"), noun, random);
    }
    tree.add(format!("{name}/src/main.rs"), main(name, &nouns));
}

/// The file that serves all modules.
fn main(name: &str, nouns: &[String]) -> String {
    let mods: String = nouns.iter().map(|noun| format!("mod {noun};\n")).collect();
    let nests: String = nouns
        .iter()
        .map(|noun| format!("        .nest(\"/{noun}s\", {noun}::routes())\n"))
        .collect();
    format!(
        "//! Serves everything.\n\nmod macros;\nmod app;\nmod error;\n{mods}\nuse std::sync::Arc;\n\n\
         use axum::{{Router, routing::get}};\n\n\
         /// All routes.\nfn routes() -> Router<Arc<app::App>> {{\n    Router::new()\n{nests}        \
         .route(\"/health\", get(|| async {{ \"ok\" }}))\n}}\n\n\
         #[tokio::main]\nasync fn main() -> Result<(), error::AppError> {{\n    \
         use error::Context as _;\n    let app = Arc::new(app::App::connect().await?);\n    \
         let listener = tokio::net::TcpListener::bind(\"0.0.0.0:8080\").await.context(\"bind\")?;\n    \
         let router = Router::new().nest(\"/api/{name}\", routes()).with_state(app);\n    \
         axum::serve(listener, router).await.context(\"serve\")\n}}\n"
    )
}

fn module(tree: &mut Tree, dir: &str, noun: &str, random: &mut Random) {
    let filled = |template: &str| template.replace("@noun@", noun).replace("@Noun@", &camel(noun));
    for (file, text) in [
        ("mod", include_str!("../templates/module.tmpl")),
        ("handlers", include_str!("../templates/handlers.tmpl")),
        ("store", include_str!("../templates/store.tmpl")),
        ("model", include_str!("../templates/model.tmpl")),
    ] {
        tree.add(format!("{dir}/{file}.rs"), filled(text).replace("@first@", "total_of"));
    }
    let templates: Vec<&str> = include_str!("../templates/logic.tmpl").split("----\n").collect();
    let mut logic = include_str!("../templates/logic-head.tmpl").to_owned();
    for (at, name) in CALLED {
        logic.push_str(&function(templates[at], name, random));
    }
    for number in 0..6 + random.below(16) {
        let at = random.below(templates.len());
        logic.push_str(&function(templates[at], &format!("step_{number}"), random));
    }
    tree.add(format!("{dir}/logic.rs"), filled(&logic));
}

fn function(template: &str, name: &str, random: &mut Random) -> String {
    let number = (2 + random.below(7_000)).to_string();
    let text = template.replace("@fn@", name).replace("@next@", "spread").replace("@n@", &number);
    text + "\n"
}

/// `line_item` as a type: `LineItem`.
fn camel(noun: &str) -> String {
    let parts = noun.split('_').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    });
    parts.collect()
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }
}
