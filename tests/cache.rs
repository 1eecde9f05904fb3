//! The cache changes speed, never output: cold, warm, corrupt and absent give the same bytes.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use walkdir::WalkDir;

/// A copy of a fixture with a cache of its own.
struct Tree {
    dir: tempfile::TempDir,
}

impl Tree {
    fn of(fixture: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        for entry in WalkDir::new(&from) {
            let entry = entry.expect("readable");
            let to = dir.path().join("tree").join(entry.path().strip_prefix(&from).expect("below"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).expect("a directory");
            } else {
                fs::copy(entry.path(), to).expect("copied");
            }
        }
        Self { dir }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("tree").join(path)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
            .args(args)
            .current_dir(self.path(""))
            .env("CONTRACT_CHECK_CACHE_DIR", self.dir.path().join("cache"))
            .output()
            .expect("started")
    }

    /// Every command in every format, with the cache if there is one.
    fn everything(&self, more: &[&str]) -> Vec<(Vec<u8>, Option<i32>)> {
        let formats =
            ["human", "short", "json", "sarif", "github", "gitlab", "junit", "markdown", "rdjson"];
        let checks = formats.iter().map(|format| vec!["check", "-v", "--format", format]);
        let lists = ["routes", "writes", "adoption"].iter().flat_map(|list| {
            ["table", "json", "markdown"].iter().map(move |format| vec![*list, "--format", format])
        });
        let asked = vec!["routes", "POST /api/payments"];
        let all = checks.chain(lists).chain([asked]);
        all.map(|mut args| {
            args.extend(more);
            let output = self.run(&args);
            (output.stdout, output.status.code())
        })
        .collect()
    }

    /// The entries of the cache.
    fn entries(&self) -> Vec<PathBuf> {
        let folder = self.dir.path().join("cache").join("contract-check");
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let mut entries: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "run"))
            .collect();
        entries.sort();
        entries
    }
}

#[test]
fn cold_warm_and_corrupt_are_the_same() {
    let tree = Tree::of("accubooks");
    let cold = tree.everything(&["--no-cache"]);
    assert!(tree.entries().is_empty(), "--no-cache keeps nothing");
    assert_eq!(tree.everything(&[]), cold, "filling");
    let entries = tree.entries();
    assert_eq!(
        entries.len(),
        3,
        "one tree and one contract: a run, its files, and that it is the last"
    );
    assert_eq!(tree.everything(&["--jobs", "1"]), cold, "warm");
    let check = cold_check(&tree);
    for spoil in [
        (|bytes: &mut Vec<u8>| bytes.clear()) as fn(&mut Vec<u8>),
        |bytes| bytes.truncate(100),
        |bytes| bytes.iter_mut().skip(200).step_by(7).for_each(|byte| *byte ^= 1),
        |bytes| bytes.push(0),
    ] {
        for path in &entries {
            let mut bytes = fs::read(path).expect("readable");
            spoil(&mut bytes);
            fs::write(path, bytes).expect("written");
        }
        assert_eq!(tree.run(&["check"]).stdout, check, "corrupt");
        assert_eq!(tree.entries(), entries, "written anew");
    }
}

/// A file of SQL is read again, and code that declares something may move.
#[test]
fn what_is_declared_is_seen() {
    for (fixture, migration) in [
        ("databases/sqlx/declared", "migrations/3_triggers.sql"),
        ("databases/rusqlite/declared", "db/schema.sql"),
    ] {
        let tree = Tree::of(fixture);
        let cold = tree.everything(&["--no-cache"]);
        assert_eq!(tree.everything(&[]), cold, "filling");
        assert_eq!(tree.everything(&["--jobs", "1"]), cold, "warm");
        let code = fs::read_to_string(tree.path("src/lib.rs")).expect("readable");
        fs::write(tree.path("src/lib.rs"), format!("// moved\n\n{code}")).expect("written");
        let moved = tree.everything(&["--no-cache"]);
        assert_eq!(tree.everything(&[]), moved, "moved");
        let text = fs::read_to_string(tree.path(migration)).expect("readable");
        fs::write(tree.path(migration), format!("-- moved\n{text}")).expect("written");
        let below = tree.everything(&["--no-cache"]);
        assert_ne!(below, moved);
        assert_eq!(tree.everything(&[]), below, "another text");
        fs::remove_file(tree.path(migration)).expect("removed");
        assert_eq!(tree.everything(&[]), tree.everything(&["--no-cache"]), "gone");
    }
}

fn cold_check(tree: &Tree) -> Vec<u8> {
    tree.run(&["check", "--no-cache"]).stdout
}

/// Whatever a result depends on makes it another entry.
#[test]
fn what_changes_is_seen() {
    let tree = Tree::of("accubooks");
    let before = tree.run(&["check"]).stdout;
    let file = WalkDir::new(tree.path("")).into_iter().filter_map(Result::ok);
    let mut files = file.map(walkdir::DirEntry::into_path);
    let file = files.find(|path| path.ends_with("main.rs")).expect("a main.rs");
    let text = fs::read_to_string(&file).expect("readable");
    fs::write(&file, format!("\n\n{text}")).expect("written");
    assert_eq!(tree.run(&["check"]).stdout, cold_check(&tree), "a text");
    fs::write(&file, &text).expect("written");
    assert_eq!(tree.run(&["check"]).stdout, before, "and back");

    let contract = tree.path("contract.toml");
    let rules = fs::read_to_string(&contract).expect("readable");
    fs::write(&contract, format!("# another line\n{rules}")).expect("written");
    assert_eq!(tree.run(&["check"]).stdout, cold_check(&tree), "the contract");

    fs::write(tree.path("src").join("unreadable.rs"), b"fn a() { \xff }").expect("written");
    assert_eq!(tree.run(&["check"]).stdout, cold_check(&tree), "a file without text");
    assert_eq!(tree.run(&["check"]).stdout, cold_check(&tree), "the same, kept");
}

/// Comments, blanks and tests move what is shown, and nothing is parsed for it.
#[test]
fn what_says_the_same_is_found() {
    let tree = Tree::of("accubooks");
    fs::create_dir_all(tree.path("tests")).expect("a directory");
    fs::write(tree.path("tests/it.rs"), "#[test] fn a() {}\n").expect("written");
    tree.run(&["check"]);
    let files: Vec<PathBuf> = WalkDir::new(tree.path("src"))
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    assert!(files.len() > 3);
    let texts: Vec<String> =
        files.iter().map(|file| fs::read_to_string(file).expect("readable")).collect();
    let test = "#[cfg(test)]\nmod more_tests { #[test] fn a() { \"INSERT INTO payments\"; } }\n";
    let edits: [&dyn Fn(&str) -> String; 3] = [
        &|text| format!("// A header, é.\n\n{text}"),
        &|text| format!("{text}\n{test}"),
        &|text| text.replace("\n        .route(", "\n\n        // This one.\n            .route("),
    ];
    for (number, edit) in edits.into_iter().enumerate() {
        for (file, text) in files.iter().zip(&texts) {
            fs::write(file, edit(text)).expect("written");
        }
        fs::write(tree.path("tests/it.rs"), edit("#[test] fn b() {}\n")).expect("written");
        let again = tree.run(&["check", "-v"]);
        assert!(!is_parsed(&again), "{number}: {}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(again.stdout, tree.run(&["check", "-v", "--no-cache"]).stdout, "{number}");
    }
    for asked in [["check", "sarif"], ["routes", "json"], ["writes", "table"]] {
        let asked = [asked[0], "--format", asked[1]];
        let cold = tree.run(&[&asked[..], &["--no-cache"]].concat());
        assert_eq!(tree.run(&asked).stdout, cold.stdout, "{asked:?}");
    }
}

/// Whether a run at `-v` parsed anything.
fn is_parsed(run: &Output) -> bool {
    let stages = String::from_utf8_lossy(&run.stderr);
    assert!(stages.lines().any(|line| line.starts_with("cache ")), "{stages}");
    stages.lines().any(|line| line.starts_with("parse "))
}

/// What may change the result is read anew, however little of it there is.
#[test]
fn what_says_something_else_is_seen() {
    let tree = Tree::of("accubooks");
    tree.run(&["check"]);
    let main = tree.path("src/main.rs");
    let text = fs::read_to_string(&main).expect("readable");
    let seen = |text: &str| {
        fs::write(&main, text).expect("written");
        let run = tree.run(&["check", "-v"]);
        assert!(is_parsed(&run), "{text}");
        assert_eq!(run.stdout, tree.run(&["check", "-v", "--no-cache"]).stdout);
    };
    seen(&format!("{text}\nfn app() {{}}\n"));
    seen(&format!("// contract-check: allow(bare-route) reason = \"x\"\n{text}"));
    // The comment went, and its line counted.
    seen(&text.replace("fn main", "pub fn main"));
    seen(&format!("{text}\nfn not_closed() {{"));
    seen(&format!("{text}\nfn not_parsed(-) {{ }}"));
    // Of a file that is not parsed in full every byte counts.
    seen(&format!("{text}\n\nfn not_parsed(-) {{ }}"));
    // Once more as it was: that run is kept still.
    fs::write(&main, &text).expect("written");
    assert!(!is_parsed(&tree.run(&["check", "-v"])));
    // And it is the last one again.
    fs::write(&main, format!("// x\n{text}")).expect("written");
    assert!(!is_parsed(&tree.run(&["check", "-v"])));
}

/// A file with functions of which nothing comes.
const IDLE: &str = r#"use axum::routing::*;

/// Nothing calls it.
pub fn idle(count: u8) -> String {
    let label = "before";
    let sum = count + 1;
    format!("{label} {sum}")
}

pub struct Idle;

impl Idle {
    pub fn twice(&self, count: u8) -> u8 {
        let sum = count + 1;
        sum + sum
    }
}

pub async fn create(pool: &sqlx::SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO payments (id) VALUES (1)").execute(pool).await?;
    Ok(())
}
"#;

/// A tree in which nothing comes of some functions, and the path of the file that they are in.
fn idle_tree() -> (Tree, PathBuf) {
    let tree = Tree::of("accubooks");
    let lib = tree.path("src/lib.rs");
    let text = fs::read_to_string(&lib).expect("readable");
    fs::write(&lib, format!("{text}\npub mod idle;\n")).expect("written");
    let file = tree.path("src/idle.rs");
    fs::write(&file, IDLE).expect("written");
    tree.run(&["check"]);
    (tree, file)
}

/// Code of which nothing comes may be written anew or added, and nothing is parsed for it.
#[test]
fn what_nothing_comes_of_is_left_unread() {
    let (tree, file) = idle_tree();
    for text in [
        IDLE.replace("before", "after all"),
        IDLE.replace("count + 1", "1 + 2 + count"),
        IDLE.replace("    let sum", "    let brand_new = 7;\n    let sum"),
        IDLE.replace("{label} {sum}", "{sum}\n"),
        IDLE.replace("        sum + sum\n", "        if true { sum } else { count }\n"),
        format!("{IDLE}\nfn brand_new() {{}}\n"),
        format!("{IDLE}\npub const BRAND_NEW: u32 = 1 << 3;\nenum NewerStill {{ One(u8), Two }}\n"),
        format!("{IDLE}\npub struct BrandNew {{ one: u8 }}\nstatic NEWER_STILL: &str = \"x\";\n"),
        IDLE.replace("pub struct Idle;", "pub fn brand_new() { let a = 1; println!(\"{a}\"); }\npub struct Idle;"),
        IDLE.replace(
            "pub struct Idle;",
            "/// Doc.\nasync fn brand_new() { std::thread::yield_now() }\nfn newer_still() {}\npub struct Idle;",
        )
        .replace("before", "after"),
    ] {
        assert_ne!(text, IDLE);
        fs::write(&file, &text).expect("written");
        let again = tree.run(&["check", "-v"]);
        assert!(!is_parsed(&again), "{text}");
        assert_eq!(again.stdout, tree.run(&["check", "-v", "--no-cache"]).stdout, "{text}");
        assert_eq!(
            tree.run(&["writes", "--format", "json"]).stdout,
            tree.run(&["writes", "--format", "json", "--no-cache"]).stdout,
            "{text}"
        );
    }
}

/// Code of which something may come is read, wherever it is written.
#[test]
fn what_something_may_come_of_is_read() {
    let (tree, file) = idle_tree();
    let into = |line: &str| IDLE.replace("    let sum", &format!("    {line}\n    let sum"));
    let added = |item: &str| format!("{IDLE}\n{item}\n");
    for text in [
        into("sqlx::query(\"DELETE FROM payments\");"),
        into("\"DELETE FROM payments\";"),
        into("create(pool);"),
        into("let brand_new = post;"),
        into("brand_new::newer_still();"),
        into("brand_new!(1);"),
        into("fn brand_new() {}"),
        into("use brand_new::newer_still;"),
        into("include_str!(count);"),
        into("// contract-check: allow(bare-route) reason = \"x\""),
        added("fn create() {}"),
        added("fn payments() {}"),
        added("fn main() {}"),
        added("fn brand_new() { create(pool); }"),
        added("fn brand_new() { sqlx::query(); }"),
        added("fn brand_new() { delete(1); }"),
        added("fn brand_new() { \"INSERT INTO payments\"; }"),
        added("fn brand_new(newer_still: Router) {}"),
        added("fn brand_new<T: Into<u8>>() {}"),
        added("#[brand_new] fn newer_still() {}"),
        added("const BRAND_NEW: fn() = create;"),
        added("#[derive(Clone)] struct BrandNew;"),
        added("struct BrandNew { of: Idle }"),
        added("impl Idle { fn brand_new() {} }"),
        added("use brand_new::newer_still;"),
        IDLE.replace("pub fn twice", "fn twice"),
        IDLE.replace("INSERT INTO payments", "INSERT INTO ledger"),
    ] {
        assert_ne!(text, IDLE);
        fs::write(&file, &text).expect("written");
        let again = tree.run(&["check", "-v"]);
        assert!(is_parsed(&again), "{text}");
        assert_eq!(again.stdout, tree.run(&["check", "-v", "--no-cache"]).stdout, "{text}");
        // The next one is held against the file as it was.
        fs::write(&file, IDLE).expect("written");
        assert!(!is_parsed(&tree.run(&["check", "-v"])));
    }
}

/// Where tests are read, they count.
#[test]
fn tests_that_are_read_are_seen() {
    let tree = Tree::of("accubooks");
    let contract = tree.path("contract.toml");
    let rules = fs::read_to_string(&contract).expect("readable");
    fs::write(&contract, format!("{rules}\n[scan]\ninclude-tests = true\n")).expect("written");
    tree.run(&["check"]);
    let main = tree.path("src/main.rs");
    let text = fs::read_to_string(&main).expect("readable");
    fs::write(&main, format!("{text}\n#[cfg(test)]\nmod more_tests {{ fn a() {{}} }}\n"))
        .expect("written");
    let run = tree.run(&["check", "-v"]);
    assert!(is_parsed(&run));
    assert_eq!(run.stdout, tree.run(&["check", "-v", "--no-cache"]).stdout);
}

/// A file that code includes is no file of the workspace, and counts all the same.
#[test]
fn an_included_file_is_seen() {
    let tree = Tree::of("accubooks");
    let root = tree.path("included");
    fs::create_dir_all(root.join("src")).expect("a directory");
    let manifest = "[package]\nname = \"a\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\nsqlx = \"0.8\"\n";
    let code = "pub async fn add(pool: &sqlx::PgPool) { sqlx::query(include_str!(\"add.sql\")).execute(pool).await; }\n";
    fs::write(root.join("Cargo.toml"), manifest).expect("written");
    fs::write(root.join("src/lib.rs"), code).expect("written");
    let writes = || {
        let output = tree.run(&["writes", "included"]);
        String::from_utf8(output.stdout).expect("text")
    };
    fs::write(root.join("src/add.sql"), "INSERT INTO payments VALUES (1)").expect("written");
    assert!(writes().contains("payments"), "{}", writes());
    fs::write(root.join("src/add.sql"), "INSERT INTO invoices VALUES (1)").expect("written");
    assert!(writes().contains("invoices"), "{}", writes());
    fs::remove_file(root.join("src/add.sql")).expect("removed");
    assert!(!writes().contains("invoices"), "{}", writes());
}

#[test]
fn nothing_is_kept_where_nothing_can_be_written() {
    let tree = Tree::of("accubooks");
    fs::write(tree.dir.path().join("cache"), "a file, not a directory").expect("written");
    assert_eq!(tree.run(&["check"]).stdout, cold_check(&tree));
}

/// A tree must not bring the verdict on itself along.
#[test]
fn nothing_is_kept_in_the_tree_or_its_repository() {
    let tree = Tree::of("accubooks");
    fs::create_dir_all(tree.path(".git")).expect("a directory");
    for (dir, scanned) in [("cache", "."), ("deep/in/it", "."), ("cache", "crates")] {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
            .args(["routes", scanned])
            .current_dir(tree.path(""))
            .env("CONTRACT_CHECK_CACHE_DIR", dir)
            .output()
            .expect("started");
        assert!(!output.stdout.is_empty() || scanned == "crates");
        assert!(!tree.path(dir).exists(), "{dir}");
    }
}
