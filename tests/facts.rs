//! Facts of packages, written apart and judged together without the sources, give the bytes of one run.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use walkdir::WalkDir;

/// A tree, the facts that were written of it, and a directory with its contract and baseline alone.
struct Tree {
    dir: tempfile::TempDir,
}

impl Tree {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        for name in ["tree", "facts", "bare/tree", "cache"] {
            fs::create_dir_all(dir.path().join(name)).expect("a directory");
        }
        Self { dir }
    }

    fn of(fixture: &str) -> Self {
        let tree = Self::new();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        for entry in WalkDir::new(&from).into_iter().map(|entry| entry.expect("readable")) {
            if entry.file_type().is_file() {
                let inside = entry.path().strip_prefix(&from).expect("below");
                tree.write(inside.to_str().expect("text"), fs::read(entry.path()).expect("read"));
            }
        }
        tree
    }

    /// Files given as path and text.
    fn with(files: &[(&str, &str)]) -> Self {
        let tree = Self::new();
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("tree").join(path)
    }

    fn facts(&self, name: &str) -> PathBuf {
        self.dir.path().join("facts").join(name)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("below")).expect("a directory");
        fs::write(path, text).expect("written");
    }

    fn run_in(&self, dir: &str, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
            .args(args)
            .current_dir(self.dir.path().join(dir))
            .env("CONTRACT_CHECK_CACHE_DIR", self.dir.path().join("cache"))
            .env("GIT_CEILING_DIRECTORIES", "/")
            .output()
            .expect("started")
    }

    fn run(&self, args: &[&str]) -> Output {
        self.run_in("tree", args)
    }

    /// The directories of the packages, as manifests name them.
    fn packages(&self) -> Vec<String> {
        let manifests = WalkDir::new(self.path("")).sort_by_file_name().into_iter();
        let manifests = manifests.map(|entry| entry.expect("readable"));
        let manifests = manifests.filter(|entry| entry.file_name() == "Cargo.toml");
        let packages = manifests.filter(|entry| {
            fs::read_to_string(entry.path()).is_ok_and(|text| !text.starts_with("[workspace]"))
        });
        let dir = |entry: walkdir::DirEntry| {
            let inside = entry.path().parent()?.strip_prefix(self.path("")).ok()?.to_owned();
            let dir = inside.to_str()?.replace('\\', "/");
            Some(if dir.is_empty() { ".".to_owned() } else { dir })
        };
        packages.filter_map(dir).collect()
    }

    /// Writes the facts of each package, or of all if there is none; their files.
    fn shard(&self) -> Vec<String> {
        let packages = self.packages();
        let mut files = Vec::new();
        for package in &packages {
            files.push(self.written(&format!("{}.facts", package.replace('/', "-")), &[package]));
        }
        if packages.is_empty() {
            files.push(self.written("all.facts", &[]));
        }
        files
    }

    fn written(&self, name: &str, packages: &[&str]) -> String {
        let path = self.facts(name).to_str().expect("text").to_owned();
        let mut args = vec!["facts", "--output", &path];
        args.extend(packages.iter().flat_map(|package| ["--package", package]));
        let output = self.run(&args);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{packages:?}: {message}");
        path
    }

    /// Everything that is printed of the tree, and of its facts in some orders, where there are no sources.
    fn check(&self) {
        let files = self.shard();
        for name in ["contract.toml", "contract-baseline.toml"] {
            let _ = fs::copy(self.path(name), self.dir.path().join("bare/tree").join(name));
        }
        let mut orders = vec![files.clone()];
        orders.push(files.iter().rev().cloned().collect());
        let twice: Vec<String> = files.iter().skip(1).chain(files.iter()).cloned().collect();
        orders.push(twice);
        for (at, args) in everything().iter().enumerate() {
            let whole = self.run(args);
            assert!(whole.status.code().is_some_and(|code| code < 2), "{args:?}: {whole:?}");
            for order in orders.iter().take(if at == 0 { 3 } else { 1 }) {
                let mut args = args.clone();
                args.push("--facts");
                args.extend(order.iter().map(String::as_str));
                let apart = self.run_in("bare/tree", &args);
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                assert_eq!(text(&apart.stdout), text(&whole.stdout), "{args:?}: {apart:?}");
                assert_eq!(apart.status.code(), whole.status.code(), "{args:?}");
            }
        }
    }

    /// What a judgement of some facts is refused with.
    fn refused(&self, files: &[&str], more: &[&str]) -> String {
        let mut args = vec!["check"];
        args.extend(more);
        args.push("--facts");
        args.extend(files);
        let output = self.run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
        assert!(output.stdout.is_empty(), "nothing is said of a tree that was not judged");
        String::from_utf8(output.stderr).expect("text")
    }
}

/// Every command in every format.
fn everything() -> Vec<Vec<&'static str>> {
    let formats =
        ["human", "short", "json", "sarif", "github", "gitlab", "junit", "markdown", "rdjson"];
    let checks = formats.iter().map(|format| vec!["check", "-v", "--no-cache", "--format", format]);
    let lists = ["routes", "writes", "adoption"].iter().flat_map(|list| {
        ["table", "json", "markdown"].iter().map(move |format| vec![*list, "--format", format])
    });
    let others = [
        vec!["routes", "--answers", "POST /api/payments"],
        vec!["check", "--deny-warnings", "--no-baseline", "--format", "json"],
    ];
    checks.chain(lists).chain(others).collect()
}

/// The text of an assertion that a message names what it must.
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

const CONTRACT: &str = "version = 1\n[class.financial]\nroutes = [\"/api/**\"]\ntables = [\"payments\"]\n\
    writer = [\"store::writer\"]\n[class.financial.gate]\nfunction = [\"gates::gate\"]\n\
    [[exempt]]\nroute = \"POST /api/exempt\"\nreason = \"a webhook\"\n";

/// Three packages in a workspace, with about everything that is not plain.
fn shop() -> Tree {
    Tree::with(&[
        ("contract.toml", CONTRACT),
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"api\", \"store\", \"libs/gates\"]\n\
            [workspace.dependencies]\ngates = { path = \"libs/gates\" }\n",
        ),
        (
            "api/Cargo.toml",
            "[package]\nname = \"api\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
            [dependencies]\naxum = \"0.8\"\nsqlx = \"0.8\"\ntonic = \"0.13\"\nstore = { path = \"../store\" }\n\
            gates = { workspace = true }\n",
        ),
        (
            "api/src/main.rs",
            "use axum::{Router, routing::post};\nmod broken;\nmod unreadable;\n\
            #[path = \"../../shared/outside.rs\"] mod outside;\n\
            async fn handler() { store::pay().await; outside::log().await; }\n\
            fn main() {\n    let app = gates::gate(Router::new(), \"/api/gated\", post(handler))\n        \
            .route(\"/api/bare\", post(handler))\n        .route(\"/api/exempt\", post(handler))\n        \
            // contract-check: allow(bare-route) -- it is a test\n        .route(\"/api/allowed\", post(handler));\n    \
            axum::serve(listener(), app);\n}\n",
        ),
        ("api/src/broken.rs", "fn broken( {\n"),
        ("api/src/unreadable.rs", "fn unreadable() {}"),
        ("api/src/orphan.rs", "fn orphan() {}"),
        (
            "api/proto/pay.proto",
            "syntax = \"proto3\";\npackage pay;\nservice Pay { rpc Do (A) returns (B); }\nmessage A {}\nmessage B {}\n",
        ),
        (
            "shared/outside.rs",
            "pub async fn log() { sqlx::query(\"DELETE FROM payments\").execute(&pool()).await; }\n",
        ),
        (
            "store/Cargo.toml",
            "[package]\nname = \"store\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
            [dependencies]\nsqlx = \"0.8\"\n",
        ),
        (
            "store/src/lib.rs",
            "pub async fn pay() {\n    sqlx::query(include_str!(\"../sql/pay.sql\")).execute(&pool()).await;\n    \
            sqlx::query(include_str!(\"../../shared/more.txt\")).execute(&pool()).await;\n    \
            sqlx::query_file!(\"queries/undo.sql\").execute(&pool()).await;\n    \
            sqlx::query(include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/sql/\", \"re\", \"fund.sql\"))).execute(&pool()).await;\n    \
            sqlx::query(include_str!(\"absent.sql\")).execute(&pool()).await;\n    \
            writer(|| ());\n}\npub fn writer(f: impl Fn()) { f() }\n",
        ),
        ("store/sql/pay.sql", "INSERT INTO payments VALUES ($1)"),
        ("store/sql/refund.sql", "UPDATE payments SET refunded = true"),
        ("store/queries/undo.sql", "DELETE FROM payments"),
        ("shared/more.txt", "INSERT INTO payments VALUES (2)"),
        (
            "libs/gates/Cargo.toml",
            "[package]\nname = \"gates\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
            [dependencies]\naxum = \"0.8\"\n",
        ),
        (
            "libs/gates/src/lib.rs",
            "use axum::{Router, routing::MethodRouter};\n\
            pub fn gate(router: Router, path: &str, method: MethodRouter) -> Router { router.route(path, method) }\n",
        ),
    ])
}

#[test]
fn fixtures_are_judged_alike() {
    for fixture in [
        "workspaces/macro-of-another-crate",
        "workspaces/renamed-dependency",
        "workspaces/router-through-three-crates",
        "workspaces/server-prefixes",
        "accubooks",
        "databases/sqlx/declared",
    ] {
        Tree::of(fixture).check();
    }
}

/// Migrations may lie where no package is, and in one of those that do not run them.
#[test]
fn declarations_of_other_parts_are_judged_alike() {
    let tree = shop();
    tree.write(
        "migrations/1.sql",
        "CREATE FUNCTION pay() RETURNS void LANGUAGE sql AS 'SELECT settle()'",
    );
    tree.write(
        "libs/gates/migrations/1.sql",
        "CREATE FUNCTION settle() RETURNS void LANGUAGE sql AS 'DELETE FROM payments'",
    );
    tree.write("tests/1.sql", "CREATE FUNCTION pay() RETURNS void LANGUAGE c AS 'x'");
    tree.write("migrations/2.sql", b"CREATE TRIGGER \xff");
    tree.write(
        "shared/outside.rs",
        "pub async fn log() { sqlx::query(\"SELECT pay()\").execute(&pool()).await; }\n",
    );
    tree.check();
    let writes = tree.run(&["writes"]).stdout;
    says(&String::from_utf8_lossy(&writes), &["through function `pay` at migrations/1.sql:1"]);
}

#[test]
fn broken_files_and_attachments_are_judged_alike() {
    let tree = shop();
    tree.write("api/src/unreadable.rs", b"fn a() { \xff }");
    tree.check();
    let writes = tree.run(&["writes"]).stdout;
    let text = String::from_utf8_lossy(&writes).into_owned();
    assert_eq!(text.matches(" financial ").count(), 5, "{text}");
    assert_eq!(tree.run(&["baseline"]).status.code(), Some(0), "recorded");
    tree.write("libs/gates/src/lib.rs", "pub fn nothing() {}\n");
    tree.check();
    let file = tree.facts("all.facts");
    let path = file.to_str().expect("text");
    assert_eq!(tree.run(&["facts", "--output", path]).status.code(), Some(0), "all in one");
    let judged = tree.run(&["check", "--facts", path]);
    assert_eq!(judged.stdout, tree.run(&["check"]).stdout, "all in one");
}

#[test]
fn broken_manifests_and_loose_trees_are_judged_alike() {
    let tree = shop();
    tree.write("tools/Cargo.toml", "[package]\nname = \"tools\"\nversion = \n");
    tree.write("tools/src/main.rs", "fn main() {}\n");
    tree.write("empty/Cargo.toml", "[package]\nname = \n");
    tree.check();
    Tree::with(&[
        ("contract.toml", CONTRACT),
        ("one.rs", "fn f() -> axum::Router { axum::Router::new().route(\"/api/x\", axum::routing::post(g)) }\n"),
        ("more/two.rs", "mod three;\nfn main() { sqlx::query(\"DELETE FROM payments\").execute(&p()); }\n"),
        ("more/three.rs", "fn h( {\n"),
    ])
    .check();
}

#[test]
fn one_file_is_needed_for_each_package() {
    let tree = shop();
    let files = tree.shard();
    let [api, gates, store] = files.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        panic!("{files:?}")
    };
    let message = tree.refused(&[api, gates], &[]);
    says(&message, &["`store` (`store`)", "on which `api` depends", "--package store"]);
    let message = tree.refused(&[gates, store], &[]);
    says(&message, &["`api`", "--package api"]);
    tree.write("new/Cargo.toml", "[package]\nname = \"new\"\nversion = \"1.0.0\"\n");
    tree.write("new/src/lib.rs", "");
    let again = tree.written("again.facts", &["store"]);
    says(&tree.refused(&[api, gates, &again], &[]), &["of different trees", "`new`"]);
    fs::remove_dir_all(tree.path("new")).expect("removed");
    tree.write("store/src/lib.rs", "pub async fn pay() {}\n");
    let again = tree.written("again.facts", &["store"]);
    says(
        &tree.refused(&[api, gates, store, &again], &[]),
        &["of different trees", "store/src/lib.rs"],
    );
    tree.write("shared/new.rs", "fn x() {}\n");
    let again = tree.written("again.facts", &["store"]);
    says(&tree.refused(&[api, gates, &again], &[]), &["outside of packages", "shared/new.rs"]);
}

#[test]
fn a_dependency_without_its_manifest_is_refused() {
    let tree = shop();
    fs::remove_dir_all(tree.path("store")).expect("removed");
    let files = tree.shard();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    says(&tree.refused(&files, &[]), &["`api` depends on", "`store`", "Cargo.toml was not there"]);
    tree.write("contract.toml", format!("{CONTRACT}[scan]\nexclude = [\"store/**\", \"store\"]\n"));
    says(&tree.refused(&files, &[]), &["`scan.exclude`", "store/**"]);
    tree.check();
}

#[test]
fn what_is_no_facts_file_is_refused() {
    let tree = shop();
    let file = tree.written("all.facts", &[]);
    let whole = fs::read(&file).expect("read");
    let path = tree.facts("odd.facts");
    let odd = path.to_str().expect("text");
    says(&tree.refused(&[odd], &[]), &["cannot read the facts", "odd.facts"]);
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("written");
        tree.refused(&[odd], &[])
    };
    says(&refused(b""), &["is not a facts file", "facts --output"]);
    says(&refused(b"[package]\nname = \"a\"\n"), &["is not a facts file"]);
    let line = whole.iter().position(|byte| *byte == b'\n').expect("a line");
    let mut other = whole.clone();
    other[line - 1] = if other[line - 1] == b'0' { b'1' } else { b'0' };
    says(&refused(&other), &["another build", "anew"]);
    for end in [line, line + 1, line + 20, line + 40, whole.len() / 2, whole.len() - 1] {
        says(&refused(&whole[..end]), &["are damaged"]);
    }
    for at in (line + 1..whole.len()).step_by(whole.len() / 20) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        says(&refused(&bytes), &["are damaged"]);
    }
    // Whoever can write a file can give it a checksum too.
    let signed = |tail: &[u8]| {
        let mut bytes = whole[..=line].to_vec();
        bytes.extend(blake3::hash(tail).as_bytes());
        bytes.extend(tail);
        bytes
    };
    let tail = &whole[line + 33..];
    assert_eq!(signed(tail), whole, "the layout is as it is assumed");
    let huge = [u64::MAX.to_le_bytes().as_slice(), &tail[8..]].concat();
    says(&refused(&signed(&huge)), &["length cannot be"]);
    let large = [(1_u64 << 29).to_le_bytes().as_slice(), &[0x1f; 64]].concat();
    says(&refused(&signed(&large)), &["length cannot be"]);
    let less = [(1_u64 << 16).to_le_bytes().as_slice(), &tail[8..]].concat();
    says(&refused(&signed(&less)), &["are damaged"]);
    for fill in [0x00, 0x01, 0x7f, 0x80, 0xff] {
        let noise = vec![fill; 100_000];
        let noise = [100_000_u64.to_le_bytes().as_slice(), &noise].concat();
        says(&refused(&signed(&noise)), &["are damaged"]);
    }
}

/// A content that is damaged under a checksum that fits is refused or judged, and nothing stops half-way.
#[test]
fn content_that_lies_stops_nothing() {
    let tree = shop();
    let file = tree.written("all.facts", &[]);
    let whole = fs::read(&file).expect("read");
    let line = whole.iter().position(|byte| *byte == b'\n').expect("a line");
    let tail = &whole[line + 33..];
    let length = u64::from_le_bytes(tail[..8].try_into().expect("eight"));
    let length = usize::try_from(length).expect("small");
    let content = lz4_flex::block::decompress(&tail[8..], length).expect("unpacked");
    let path = tree.facts("odd.facts");
    let odd = path.to_str().expect("text");
    for at in (0..content.len()).step_by(content.len() / 60) {
        let mut content = content.clone();
        content[at] = content[at].wrapping_add(1 + u8::try_from(at % 250).expect("small"));
        let tail = [(content.len() as u64).to_le_bytes().as_slice(), &content].concat();
        let mut bytes = whole[..=line].to_vec();
        bytes.extend(blake3::hash(&tail).as_bytes());
        bytes.extend(tail);
        fs::write(&path, bytes).expect("written");
        let output = tree.run(&["check", "--facts", odd]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some(), "byte {at}: {output:?}");
        assert!(!message.contains("panicked"), "byte {at}: {message}");
    }
}

#[test]
fn what_facts_do_not_go_with_is_refused() {
    let tree = shop();
    let file = tree.written("all.facts", &[]);
    let refused = |more: &[&str]| tree.refused(&[&file], more);
    says(&refused(&["api"]), &["`--facts` cannot be used with paths"]);
    says(&refused(&["--staged"]), &["`--facts` cannot be used with `--staged`"]);
    says(&refused(&["--since", "main"]), &["`--facts` cannot be used with `--since`"]);
    says(&refused(&["--self-test"]), &["`--facts` cannot be used with `--self-test`"]);
    tree.write("contract.toml", format!("{CONTRACT}[scan]\nexclude = [\"shared/**\"]\n"));
    says(&refused(&[]), &["`scan.exclude` = []", "[\"shared/**\"]", "anew with this contract"]);
    tree.write("contract.toml", CONTRACT);
    let inside = tree.run_in("tree/api", &["check", "--facts", &file]);
    assert_eq!(inside.status.code(), Some(2), "{inside:?}");
    says(&String::from_utf8_lossy(&inside.stderr), &["the contract is for all of"]);
    let inside = tree.run_in("tree/api", &["facts", "--output", &file]);
    assert_eq!(inside.status.code(), Some(2), "{inside:?}");
    says(&String::from_utf8_lossy(&inside.stderr), &["the contract is for all of"]);
    let unnamed = tree.run(&["facts", "--package", "stor", "--output", &file]);
    assert_eq!(unnamed.status.code(), Some(2), "{unnamed:?}");
    says(&String::from_utf8_lossy(&unnamed.stderr), &["no package `stor`", "did you mean `store`"]);
    let nowhere = tree.run(&["facts"]);
    assert_eq!(nowhere.status.code(), Some(2), "{nowhere:?}");
    says(&String::from_utf8_lossy(&nowhere.stderr), &["`--output FILE`"]);
}

/// A file that no literal names is asked for, not taken for absent.
#[test]
fn a_file_that_was_not_taken_along_is_asked_for() {
    let tree = shop();
    tree.write("store/texts/pay.txt", "INSERT INTO payments VALUES (3)");
    tree.write(
        "store/src/lib.rs",
        "pub async fn pay() { sqlx::query(include_str!(concat!(\"../texts/\", \"pay.txt\"))).execute(&p()).await; }\n",
    );
    let files = tree.shard();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    says(&tree.refused(&files, &[]), &["`store/texts/pay.txt`", "--attach store/texts/pay.txt"]);
    let output = tree.run(&[
        "facts",
        "--package",
        "store",
        "--attach",
        "store/texts/pay.txt",
        "--output",
        files[2],
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let judged = tree.run(&[["check", "--facts"].as_slice(), &files].concat());
    assert_eq!(judged.stdout, tree.run(&["check"]).stdout);
    assert!(
        String::from_utf8_lossy(&judged.stdout).contains("texts")
            || judged.status.code() == Some(1)
    );
}

/// Whatever the number of threads, and whatever is in other packages.
#[test]
fn facts_are_reproducible() {
    let tree = shop();
    let one = fs::read(tree.written("one.facts", &["store"])).expect("read");
    let path = tree.facts("two.facts");
    let two = path.to_str().expect("text");
    let output = tree.run(&["facts", "--package", "store", "--jobs", "1", "--output", two]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read(&path).expect("read"), one);
    tree.write("api/src/main.rs", "fn main() { changed(); }\n");
    tree.write("api/Cargo.toml", "[package]\nname = \"api\"\nversion = \"2.0.0\"\n");
    let again = fs::read(tree.written("two.facts", &["store"])).expect("read");
    assert_eq!(again, one, "what is in another package has no effect");
}

/// Neither facts nor their verdict are kept by the cache.
#[test]
fn the_cache_is_left_alone() {
    let tree = shop();
    let files = tree.shard();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    tree.run(&[["check", "--facts"].as_slice(), &files].concat());
    let entries = WalkDir::new(tree.dir.path().join("cache")).into_iter().count();
    assert_eq!(entries, 1, "only the folder itself");
}
