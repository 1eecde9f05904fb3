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
    assert_eq!(entries.len(), 1, "one tree and one contract are one entry");
    assert_eq!(tree.everything(&["--jobs", "1"]), cold, "warm");
    for spoil in [
        (|bytes: &mut Vec<u8>| bytes.clear()) as fn(&mut Vec<u8>),
        |bytes| bytes.truncate(100),
        |bytes| bytes.iter_mut().skip(200).step_by(7).for_each(|byte| *byte ^= 1),
        |bytes| bytes.push(0),
    ] {
        let path = entries.first().expect("one");
        let mut bytes = fs::read(path).expect("readable");
        spoil(&mut bytes);
        fs::write(path, bytes).expect("written");
        assert_eq!(tree.run(&["check"]).stdout, cold_check(&tree), "corrupt");
        assert_eq!(tree.entries(), entries, "written anew");
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
