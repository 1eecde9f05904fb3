//! Trees that no one wrote for us: a clear message or a whole report, never a panic, never a hang.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot read its own input should stop"
)]

#[path = "support/verdict.rs"]
mod verdict;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A directory of our own that goes when the test ends.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = std::env::temp_dir().join(format!("cc-tree-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        Self(root)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\n";
const APP: &str = "use axum::{Router, routing::post};\n\nasync fn create() {}\n\npub fn app() -> Router {\n    Router::new().route(\"/payments\", post(create))\n}\n";
const CONTRACT: &str = "version = 1\n\n[class.financial]\nroutes = [\"/payments/**\"]\n\n[class.financial.gate]\nfunction = [\"app::app\"]\n";

fn program(at: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
        .current_dir(at)
        .args(args)
        .output()
        .expect("the program runs")
}

fn routes(tree: &Tree) -> usize {
    verdict::run(&tree.0, CONTRACT).report.routes.len()
}

#[test]
fn what_cannot_be_checked_is_said_with_status_2() {
    let empty = Tree::new("empty", &[("contract.toml", CONTRACT), ("README.md", "nothing")]);
    let none = Tree::new("none", &[("Cargo.toml", MANIFEST), ("src/lib.rs", APP)]);
    let broken = Tree::new(
        "broken",
        &[
            ("Cargo.toml", MANIFEST),
            ("src/lib.rs", APP),
            ("contract.toml", "version = 1\n[clas.x]\n"),
        ],
    );
    for (tree, said) in [(&empty, "no Rust files"), (&none, "contract"), (&broken, "clas")] {
        let output = program(&tree.0, &["check", "."]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(said), "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn deep_nesting_is_a_gap_of_its_body() {
    let deep = format!("pub fn deep() -> u8 {{ {}1{} }}\n", "(".repeat(10_000), ")".repeat(10_000));
    let tree =
        Tree::new("deep", &[("Cargo.toml", MANIFEST), ("src/lib.rs", &format!("{APP}{deep}"))]);
    let run = verdict::run(&tree.0, CONTRACT);
    let told = !run.report.gaps.is_empty()
        || run.report.findings.iter().any(|finding| finding.rule == "unparsed-file");
    assert!(told, "what is nested too deep is told");
}

/// No compiler takes such an enum; whichever route its number decides, both are listed.
#[test]
fn numbers_of_variants_that_rest_on_one_another_are_not_known() {
    let code = "use axum::{Router, routing::post};\n\
        enum E { A = E::B as isize + 1, B = E::A as isize + 1 }\n\
        async fn create() {}\n\
        pub fn app() -> Router {\n\
            if E::A as isize == 3 { return Router::new().route(\"/payments/a\", post(create)); }\n\
            Router::new().route(\"/payments/b\", post(create))\n\
        }\n";
    let tree = Tree::new("numbers", &[("Cargo.toml", MANIFEST), ("src/lib.rs", code)]);
    assert_eq!(routes(&tree), 2);
}

#[test]
fn five_megabytes_of_generated_code_are_read() {
    let lines: Vec<String> =
        (0..120_000).map(|n| format!("pub const C{n}: &str = \"generated text {n}\";")).collect();
    let table = lines.join("\n");
    assert!(table.len() > 5_000_000);
    let lib = format!("mod generated;\n{APP}");
    let tree = Tree::new(
        "generated",
        &[("Cargo.toml", MANIFEST), ("src/lib.rs", &lib), ("src/generated.rs", &table)],
    );
    assert_eq!(routes(&tree), 1);
}

#[cfg(unix)]
/// `let a1 = step(a0); let a2 = step(a1); …`, forty times: what is put twice into the next is there a million million times.
fn doubled(first: &str, step: &str) -> String {
    let steps = (1..40).map(|n| {
        let before = format!("a{}", n - 1);
        format!("    let a{n} = {};\n", step.replace('@', &before))
    });
    format!("    let a0 = {first};\n{}    let all = a39;\n", steps.collect::<String>())
}

#[test]
fn values_put_twice_into_the_next_come_to_an_end() {
    let shapes = [
        ("[x, x]", "[@.clone(), @]"),
        ("(x, x)", "(@, @)"),
        ("(x, x)", "(@.clone(), @.clone())"),
        ("(x, x)", "(&@, &@)"),
        ("Both { l: x, r: x }", "Both { l: @.clone(), r: @.clone() }"),
        ("Some((x, x))", "Some((@.clone(), @.clone()))"),
        ("Arc::new((x, x))", "Arc::new((@.clone(), @.clone()))"),
        ("other::f(x)", "other::f(@, @)"),
        ("x", "if other::c() { (@, 1) } else { (2, @) }"),
        ("x", "if other::c() { same(@) } else { same((@, @)) }"),
        ("x", "match @ { 1 => (@, 2), 2 => (3, @), _ => (@, @) }"),
        ("x", "same((same(@), same(@)))"),
        ("|| x", "|| (@(), @())"),
        ("x.to_string()", "format!(\"{}{}\", @, @)"),
        ("String::from(\"INSERT INTO t\")", "@.clone() + &@"),
        ("String::from(\"aa\")", "@.replace('a', &@)"),
        ("vec![x]", "@.iter().chain(@.iter()).collect::<Vec<_>>()"),
        ("vec![x, x]", "@.iter().flat_map(|v| vec![v, v]).collect::<Vec<_>>()"),
        ("vec![x]", "{ let mut v = @.clone(); v.extend(@.clone()); v }"),
    ];
    let head = "use axum::{Router, routing::post};\nuse std::sync::Arc;\n\nasync fn create() {}\nfn same<T>(t: T) -> T { t }\n\
                fn look<T>(_t: &T) {}\n#[derive(Clone)] struct Both<T> { l: T, r: T }\n";
    let apps = shapes.iter().enumerate().map(|(n, (first, step))| {
        let steps = doubled(first, step);
        format!(
            "pub fn app{n}(x: u32) -> Router {{\n{steps}    look(&all);\n    other::run(all.clone());\n    \
             let mut copy = all.clone();\n    other::change(&mut copy);\n    let _name = format!(\"{{}}\", copy);\n    \
             Router::new().route(\"/payments/{n}\", post(create)).with_state(all)\n}}\n"
        )
    });
    let text: String = std::iter::once(head.to_owned()).chain(apps).collect();
    let tree = Tree::new("doubled", &[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
    assert_eq!(routes(&tree), shapes.len());
}

#[test]
fn types_and_routers_that_double_come_to_an_end() {
    use std::fmt::Write as _;
    let mut text = "use axum::{Router, routing::post};\n\nasync fn create() {}\n\npub struct Config { pub on: bool }\n\n".to_owned();
    text += "pub type T0<T> = Vec<T>;\nfn l0(r: Router, c: &Config) -> Router { if c.on { r.layer(other::l()) } else { r } }\n";
    for n in 1..40 {
        let before = n - 1;
        writeln!(text, "pub type T{n}<T> = T{before}<(T, T{before}<T>)>;").expect("text");
        writeln!(
            text,
            "fn l{n}(r: Router, c: &Config) -> Router {{ let r = l{before}(r, c); l{before}(r, c) }}"
        )
        .expect("text");
    }
    text +=
        "pub fn app(all: T39<u32>, c: &Config) -> Router {\n    let _copy: T39<u32> = all;\n    ";
    text += "l39(Router::new().route(\"/payments\", post(create)), c)\n}\n";
    let tree = Tree::new("twice", &[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
    assert!(routes(&tree) > 0);
}

/// Routers of which each perhaps stands in the next: what is not listed is one route of unknown path.
#[test]
fn routers_that_perhaps_stand_in_the_next_come_to_an_end() {
    let text = "use axum::{Router, routing::post};\n\nasync fn create() {}\n\n\
                pub fn app(on: fn(u32) -> bool) -> Router {\n    \
                let mut r = Router::new().route(\"/payments\", post(create));\n    \
                for i in 0..400 { if on(i) { r = Router::new().nest(&format!(\"/p{i}\"), r); } }\n    r\n}\n";
    let tree = Tree::new("stands", &[("Cargo.toml", MANIFEST), ("src/lib.rs", text)]);
    let report = verdict::run(&tree.0, CONTRACT).report;
    assert!(report.findings.iter().any(|finding| finding.rule == "unresolved-route"));
}

/// A cache behind a lock: what a call does to it is remembered, so that calls that each make two do not double.
#[test]
fn calls_that_write_a_static_are_made_once() {
    use std::fmt::Write as _;
    let mut text =
        "use std::sync::Mutex;\nuse axum::{Router, routing::post};\n\nasync fn create() {}\n\n\
                    static CACHE: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());\n\
                    fn f0(key: &str) -> String {\n    let found = other::ask(key);\n    \
                    CACHE.lock().unwrap().push((key.to_owned(), found.clone()));\n    found\n}\n"
            .to_owned();
    for n in 1..40 {
        let before = n - 1;
        writeln!(text, "fn f{n}(key: &str) -> String {{ f{before}(key) + &f{before}(key) }}")
            .expect("text");
    }
    text += "pub fn app(key: &str) -> Router {\n    f39(key);\n    Router::new().route(\"/payments\", post(create))\n}\n";
    let tree = Tree::new("cache", &[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
    let report = verdict::run(&tree.0, CONTRACT).report;
    let reasons: Vec<&str> = report.gaps.iter().map(|gap| gap.reason.as_str()).collect();
    assert!(!reasons.iter().any(|reason| reason.contains("budget")), "{reasons:?}");
}

/// Pages that are asked for one by one, where each says which is next: what a round leaves is in all that follow.
#[test]
fn rounds_that_hand_on_what_they_found_come_to_an_end() {
    let text = r#"
pub fn next_link(header: Option<&String>) -> Result<Option<String>, String> {
    if let Some(header) = header {
        let mut all = parse_link_header::parse_with_rel(header).map_err(|error| error.to_string())?;
        Ok(all.remove("next").map(|link| link.raw_uri))
    } else {
        Ok(None)
    }
}
async fn get(client: &reqwest::Client, url: &str) -> Result<reqwest::Response, String> {
    let response = client.get(url).send().await.map_err(|error| error.to_string())?;
    Ok(response)
}
pub async fn all(client: &reqwest::Client, base: &str) -> Result<(), String> {
    let mut url = "{BASE}/users".replace("{BASE}", base);
    for _ in 0..50 {
        let response = get(client, &url).await?;
        let links = response.headers().get_all("link").iter();
        let links = links.filter_map(|link| link.to_str().ok()).collect::<Vec<&str>>();
        let header = (!links.is_empty()).then(|| links.join(", "));
        if let Some(next) = next_link(header.as_ref())? {
            url = next;
        } else {
            break;
        }
    }
    Ok(())
}
pub async fn sync(pool: &sqlx::PgPool, client: &reqwest::Client) -> Result<(), String> {
    all(client, "x").await?;
    sqlx::query("INSERT INTO pages (id) VALUES (1)").execute(pool).await.ok();
    Ok(())
}
"#;
    let libraries = "parse_link_header = \"0.4\"\nreqwest = \"0.12\"\nsqlx = \"0.8\"\n";
    let manifest = format!("{MANIFEST}{libraries}");
    let tree = Tree::new("rounds", &[("Cargo.toml", &manifest), ("src/lib.rs", text)]);
    assert_eq!(verdict::run(&tree.0, CONTRACT).report.writes.len(), 1);
}

/// Each may wrap the one before it: as many ways as there are subsets of them, of which none need be told apart.
#[test]
fn what_may_wrap_what_came_before_comes_to_an_end() {
    let text = r#"
use std::sync::Arc;

pub trait Store {
    fn put(&self, key: String);
}
pub struct Pg {
    pool: sqlx::PgPool,
}
impl Store for Pg {
    fn put(&self, key: String) {
        block_on(sqlx::query("INSERT INTO log (id) VALUES (1)").execute(&self.pool));
    }
}
pub enum Any {
    Pg(Pg),
    Log(Box<Any>, Box<dyn Fn(String) -> String>),
}
impl Store for Any {
    fn put(&self, key: String) {
        match self {
            Any::Pg(one) => one.put(key),
            Any::Log(inner, change) => inner.put(change(key)),
        }
    }
}
pub fn stores(pool: sqlx::PgPool, on: fn(u32) -> bool) {
    let mut store = Any::Pg(Pg { pool });
    for i in 0..40 {
        store = if on(i) { Any::Log(Box::new(store), Box::new(|key| key + "x")) } else { store };
    }
    store.put("x".into());
}
pub fn handlers(pool: sqlx::PgPool, on: fn(u32) -> bool) {
    let mut handler: Arc<dyn Fn(u32) -> u32> = Arc::new(move |n| {
        block_on(sqlx::query("INSERT INTO calls (id) VALUES (1)").execute(&pool));
        n
    });
    for i in 0..40 {
        if on(i) {
            let next = handler.clone();
            handler = Arc::new(move |n| next(n) + i);
        }
    }
    handler(1);
}
"#;
    let manifest = format!("{MANIFEST}sqlx = \"0.8\"\n");
    let tree = Tree::new("wraps", &[("Cargo.toml", &manifest), ("src/lib.rs", text)]);
    let report = verdict::run(&tree.0, CONTRACT).report;
    let tables: Vec<Option<String>> =
        report.writes.iter().map(|write| write.table.clone()).collect();
    assert_eq!(tables, [Some("log".to_owned()), Some("calls".to_owned())]);
}

#[test]
fn routers_put_twice_into_the_next_are_said_to_be_more_than_are_listed() {
    let steps = [
        "Router::new().nest(\"/l\", @.clone()).nest(\"/r\", @)",
        "if other::c() { @.clone().nest(\"/n\", @) } else { @ }",
    ];
    for step in steps {
        let app = doubled("Router::new().route(\"/payments\", post(create))", step);
        let text = format!(
            "use axum::{{Router, routing::post}};\n\nasync fn create() {{}}\n\npub fn app() -> Router {{\n{app}    all\n}}\n"
        );
        let tree = Tree::new("router", &[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
        let routes = verdict::run(&tree.0, CONTRACT).report.routes;
        let goes_on = |path: &str| path.ends_with("/{*rest}");
        assert!(routes.iter().any(|route| route.path.as_deref().is_some_and(goes_on)), "{step}");
    }
}

#[test]
fn links_that_go_round_are_followed_once() {
    let tree = Tree::new("round", &[("Cargo.toml", MANIFEST), ("src/lib.rs", APP)]);
    std::os::unix::fs::symlink(&tree.0, tree.0.join("src/again")).expect("a link");
    std::os::unix::fs::symlink("self.rs", tree.0.join("src/self.rs")).expect("a link");
    assert_eq!(routes(&tree), 1);
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_opened_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::new(
        "closed",
        &[("Cargo.toml", MANIFEST), ("src/lib.rs", APP), ("src/closed/mod.rs", "")],
    );
    let closed = tree.0.join("src/closed");
    let mode = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode));
    mode(0o000).expect("a mode");
    let open_all_the_same = std::fs::read_dir(&closed).is_ok();
    let run = verdict::run(&tree.0, CONTRACT);
    mode(0o755).expect("a mode");
    let told = run.report.findings.iter().any(|finding| finding.rule == "unparsed-file");
    assert!(told || open_all_the_same, "{:?}", run.report.findings);
}

#[test]
fn the_same_bytes_from_anywhere_and_with_any_number_of_threads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/accubooks");
    let path = root.to_str().expect("a plain path");
    let run = |at: &Path, jobs: &str| {
        let output = program(at, &["check", "--format", "json", "--jobs", jobs, path]);
        assert_eq!(output.status.code(), Some(1));
        output.stdout
    };
    let first = run(&root, "1");
    for (at, jobs) in [
        (root.clone(), "2"),
        (root.clone(), "8"),
        (root.join("src"), "2"),
        (root.join("src/routes"), "1"),
    ] {
        assert!(first == run(&at, jobs), "other bytes from {} with {jobs} threads", at.display());
    }
}
