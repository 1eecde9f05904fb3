//! Effects that no word of a function's own body gives away are found: each case is a tree of one file.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{fs, process::Command};

use serde_json::Value;

const MANIFEST: &str = "[package]\nname = \"x\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\n\
    acme_db = \"1\"\nactix-web = \"4\"\naxum = \"0.8\"\ndiesel = \"2\"\nsea-orm = \"1\"\nsqlx = \"0.8\"\n\
    loco-rs = \"0.16\"\n";

/// What `command` lists for a tree of one file.
fn listed(command: &str, code: &str) -> Vec<Value> {
    let dir = tempfile::tempdir().expect("a directory");
    fs::create_dir(dir.path().join("src")).expect("a directory");
    fs::write(dir.path().join("Cargo.toml"), MANIFEST).expect("written");
    fs::write(dir.path().join("src/lib.rs"), code).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
        .args([command, "--no-cache", "--format", "json"])
        .arg(dir.path())
        .output()
        .expect("it runs");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    found.get(command).and_then(Value::as_array).expect("a list").clone()
}

#[test]
fn writes_are_found_wherever_their_parts_come_from() {
    let client = "use acme_db::Client;\n";
    let entity = "pub mod users { use sea_orm::entity::prelude::*;\n\
        #[derive(Clone, DeriveEntityModel)] #[sea_orm(table_name = \"users\")]\n\
        pub struct Model { #[sea_orm(primary_key)] pub id: i32 } }\n\
        pub struct Ctx { db: acme_db::Db }\n";
    let table = "mod schema { diesel::table! { users (id) { id -> Integer, } } }\n";
    let save = "pub mod db { use acme_db::Client; pub fn save(c: &Client, t: &str) {\n\
        c.execute(&format!(\"INSERT INTO {t} (a) VALUES (1)\")); } }\n";
    let cases: &[(&str, &str, &str)] = &[
        ("escapes", client, r#"fn f(c: &Client) { c.execute("UPDATE users\nSET x = 1"); }"#),
        ("escapes by number", client, r#"fn f(c: &Client) { c.execute("\x44ELETE FROM users"); }"#),
        ("bytes", client, r#"fn f(c: &Client) { c.execute(b"DELETE FROM users"); }"#),
        ("tokens", client, "fn f(c: &Client) { c.execute(stringify!(DELETE FROM users)); }"),
        (
            "short forms",
            client,
            r#"fn f(c: &Client) { c.execute("MERGE users USING x ON 1 = 1"); }"#,
        ),
        (
            "two constants",
            client,
            r#"const A: &str = "UPDATE users "; const B: &str = "SET x = 1";
            fn f(c: &Client) { c.execute(&format!("{A}{ B }")); }"#,
        ),
        (
            "a verb that is given",
            client,
            r#"fn go(c: &Client, verb: &str) { c.execute(&format!("{verb} INTO users (a) VALUES (1)")); }
            fn f(c: &Client) { go(c, "INSERT") }"#,
        ),
        (
            "another order",
            client,
            r#"fn f(c: &Client) { c.execute(&format!("{1} {0} SET a = 1", "users", "UPDATE")); }"#,
        ),
        (
            "a field behind a method",
            client,
            r#"struct Q { sql: String }
            impl Q { fn new() -> Q { Q { sql: "DELETE FROM users".into() } } fn text(&self) -> &str { &self.sql } }
            fn k(c: &Client, q: &Q) { c.execute(q.text()); }"#,
        ),
        (
            "a field by position",
            client,
            r#"struct Q(String); fn mk() -> Q { Q("DELETE FROM users".into()) }
            fn go(c: &Client, q: &Q) { c.execute(&q.0); }"#,
        ),
        (
            "an entity",
            entity,
            "async fn f(c: &Ctx, m: users::Model) { m.delete(c.db.conn()).await; }",
        ),
        (
            "a table",
            table,
            "fn f() { acme_db::values().insert_into(schema::users::table).execute(acme_db::conn()); }",
        ),
        (
            "a macro by another name",
            "mod m { macro_rules! ins { ($c:expr) => { $c.execute(\"INSERT INTO users VALUES (1)\") } }\n\
             pub(crate) use ins; }\nuse acme_db::Client; use m::ins as put;\n",
            "fn f(c: &Client) { put!(c); }",
        ),
        (
            "a path after an arrow",
            table,
            "fn f(n: u8, p: P) { match n { 2 => ::diesel::delete(schema::users::table).execute(p), _ => todo!() } }",
        ),
        (
            "a module by another name",
            save,
            "fn f(c: &acme_db::Client) { use crate::db as store; store::save(c, \"users\"); }",
        ),
        (
            "a name of the caller's in a macro",
            save,
            "macro_rules! go { ($f:ident, $c:expr) => { crate::db::$f($c, \"users\") } }\n\
             mod n { fn f(c: &acme_db::Client) { go!(save, c); } }",
        ),
        (
            "an impl within a body",
            save,
            "pub struct Z; fn mk() { impl Z { fn go(&self, c: &acme_db::Client, t: &str) { db::save(c, t) } } }\n\
             fn k(z: &Z, c: &acme_db::Client) { z.go(c, \"users\") }",
        ),
    ];
    all_write_users(cases);
}

#[test]
fn writes_are_found_whatever_leads_to_them() {
    let client = "use acme_db::Client;\n";
    let cases: &[(&str, &str, &str)] = &[
        (
            "a type that an impl gives",
            "use acme_db::Client;\npub struct Db { c: Client }\nimpl Db { pub fn save(&self, t: &str) {\n\
             self.c.execute(&format!(\"INSERT INTO {t} (a) VALUES (1)\")); } }\n",
            r#"trait A { type X: B; } trait B { type Y; } struct P; struct Q;
            impl A for P { type X = Q; } impl B for Q { type Y = Db; }
            fn f(d: <<P as A>::X as B>::Y) { d.save("users") }"#,
        ),
        (
            "a function of a type that is not known, in angle brackets",
            client,
            r#"acme::made! { Made }
            impl Made { fn save(c: &Client, t: &str) { c.execute(&format!("INSERT INTO {t} (a) VALUES (1)")); } }
            fn f(c: &Client) { <Made>::save(c, "users") }"#,
        ),
        (
            "an impl that a macro puts into a body",
            client,
            r#"struct Foo { c: Client }
            macro_rules! imp { ($t:ident) => { impl $t { fn save(&self, t: &str) {
                self.c.execute(&format!("INSERT INTO {t} (a) VALUES (1)")); } } } }
            fn init() { imp!(Foo); } fn f(x: &Foo) { x.save("users") }"#,
        ),
        (
            "an impl within a body for a type of that body",
            client,
            r#"trait Tr { fn save(&self, c: &Client, t: &str); }
            fn mk() -> impl Tr { struct L; impl Tr for L { fn save(&self, c: &Client, t: &str) {
                c.execute(&format!("INSERT INTO {t} (a) VALUES (1)")); } } L }
            fn go(c: &Client, x: impl Tr) { x.save(c, "users") }"#,
        ),
        (
            "a field that a macro names",
            client,
            r#"struct Q { sql: String } fn mk() -> Q { Q { sql: "DELETE FROM users".into() } }
            macro_rules! get { ($q:expr) => { $q.sql } }
            fn f(c: &Client, q: &Q) { c.execute(&get!(q)) }"#,
        ),
        (
            "an operator",
            client,
            r#"struct Db { c: Client }
            impl std::ops::AddAssign<&str> for Db { fn add_assign(&mut self, t: &str) {
                self.c.execute(&format!("INSERT INTO {t} (a) VALUES (1)")); } }
            fn f(d: &mut Db) { *d += "users"; }"#,
        ),
    ];
    all_write_users(cases);
}

/// Each case: its name, what stands before its code, and that.
fn all_write_users(cases: &[(&str, &str, &str)]) {
    for (name, before, code) in cases {
        let tables: Vec<String> = listed("writes", &format!("{before}{code}"))
            .iter()
            .filter_map(|row| Some(row.get("table")?.as_str()?.to_owned()))
            .collect();
        assert!(tables.iter().any(|table| table == "users"), "{name}: {tables:?}");
    }
}

#[test]
fn routes_are_found_wherever_their_names_come_from() {
    let handler = "async fn h() -> u8 { 1 }\n";
    let cases: &[(&str, &str)] = &[
        (
            "a module of the framework",
            "pub fn app() -> impl Sized { use actix_web::web; web::scope(\"/a\").route(\"/x\", web::get().to(h)) }",
        ),
        (
            "a crate by another name",
            "pub fn app() -> impl Sized { use axum as ax; ax::Router::new().route(\"/a/x\", ax::routing::get(h)) }",
        ),
        (
            "a module that brings all names on",
            "mod web { pub use axum::*; pub use axum::routing::*; }\n\
             pub fn app() -> impl Sized { crate::web::Router::new().route(\"/a/x\", crate::web::get(h)) }",
        ),
        (
            "a prelude within the body",
            "mod prelude { pub use super::names::*; } mod names { pub use axum::{Router, routing::get}; }\n\
             pub fn app() -> impl Sized { use crate::prelude::*; Router::new().route(\"/a/x\", get(h)) }",
        ),
        (
            "a comment within the path",
            "pub fn app() -> impl Sized { axum::/* y */Router::new().route(\"/a/x\", axum::routing::get(h)) }",
        ),
        (
            "names of the caller's in a macro",
            "macro_rules! r { ($h:expr) => { Router::new().route(\"/a/x\", get($h)) } }\n\
             mod z { use axum::{Router, routing::get}; pub fn app() -> impl Sized { r!(super::h) } }",
        ),
        (
            "a crate that is given to a macro",
            "macro_rules! r { ($k:ident, $h:expr) => { $k::Router::new().route(\"/a/x\", $k::routing::get($h)) } }\n\
             pub fn app() -> impl Sized { r!(axum, h) }",
        ),
        (
            "a type of one name with arguments",
            "use axum::*;\npub fn app() -> impl Sized { Router::<()>::new().route(\"/a/x\", routing::get(h)) }",
        ),
    ];
    for (name, code) in cases {
        let routes = listed("routes", &format!("{handler}{code}"));
        let paths: Vec<&str> = routes.iter().filter_map(|row| row.get("path")?.as_str()).collect();
        assert_eq!(paths, ["/a/x"], "{name}");
    }
}

/// A helper that puts a path together does nothing but compute, and is called once for each route: its arguments stay known.
#[test]
fn a_helper_puts_together_the_path_of_each_of_many_routes() {
    const ROUTES: usize = 1_000;
    let of_one = |at| {
        format!("    let router = router.route(&under(Api::V2, \"things{at}\"), post(make));\n")
    };
    let routes: String = (0..ROUTES).map(of_one).collect();
    let code = format!(
        "use axum::{{routing::post, Router}};
enum Api {{ V1, V2 }}
async fn make() {{}}
fn under(api: Api, name: &str) -> String {{
    let api = match api {{ Api::V1 => \"v1\", Api::V2 => \"v2\" }};
    let name = name.trim_start_matches('/');
    format!(\"/api/{{api}}/{{name}}\")
}}
pub fn app() -> Router {{
    let router = Router::new();
{routes}    router
}}
"
    );
    let path = |route: &Value| route.get("path").and_then(Value::as_str).map(str::to_owned);
    let found: Option<Vec<String>> = listed("routes", &code).iter().map(path).collect();
    let mut found = found.expect("every path is known");
    found.sort_unstable();
    let mut all: Vec<String> = (0..ROUTES).map(|at| format!("/api/v2/things{at}")).collect();
    all.sort_unstable();
    assert_eq!(found, all);
}
