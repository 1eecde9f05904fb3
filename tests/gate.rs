//! The gate over time: a baseline that only shrinks, changes since a revision, and what is staged.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot prepare its input should stop"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A directory with a service of a few routes, removed at the end.
struct Tree(PathBuf);

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CONTRACT: &str = "version = 1\n[class.financial]\nroutes = [\"/api/payments/**\"]\n[class.financial.gate]\nlayer = [\"app::Gate\"]\n";

const LIB: &str = "use axum::{Router, routing::post};
#[derive(Clone)]
pub struct Gate;
async fn h() {}
mod more;
pub fn app() -> Router {
    Router::new()
        .route(\"/api/payments\", post(h))
        .route(\"/api/payments/{id}\", post(h))
        .merge(more::routes())
}
";

const MORE: &str = "use axum::{Router, routing::post};
async fn h() {}
pub fn routes() -> Router {
    gated(Router::new().route(\"/api/payments/more\", post(h)))
}
fn gated(router: Router) -> Router {
    router.layer(crate::Gate)
}
";

impl Tree {
    fn new(name: &str) -> Self {
        let dir =
            std::env::temp_dir().join(format!("contract-check-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let tree = Self(dir);
        tree.write(
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\n",
        );
        tree.write("contract.toml", CONTRACT);
        tree.write("src/lib.rs", LIB);
        tree.write("src/more.rs", MORE);
        tree
    }

    /// The same, committed.
    fn committed(name: &str) -> Self {
        let tree = Self::new(name);
        tree.git(&["init", "-q", "-b", "main"]);
        tree.commit();
        tree
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.join(path)).expect("a file");
        assert!(text.contains(from), "{path}: {from}");
        self.write(path, &text.replacen(from, to, 1));
    }

    fn git(&self, arguments: &[&str]) {
        git(&self.0, arguments);
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }

    /// Runs the tool; its exit status and what it printed on stdout, or on stderr when it could not check.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        run(&self.0, arguments)
    }
}

fn git(dir: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always"]);
    command.args(arguments).current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let Output { status, stderr, .. } = command.output().expect("git is there");
    assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
}

fn run(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"));
    command.args(arguments).args(["--no-cache"]).current_dir(dir);
    let Output { status, stdout, stderr } = command.output().expect("the tool runs");
    let code = status.code().expect("it exits");
    let text = if code == 2 { stderr } else { stdout };
    (code, String::from_utf8(text).expect("UTF-8"))
}

/// Paths of the routes found bare, in the order of the report.
fn bare(dir: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let (code, text) = run(dir, &[arguments, &["--format", "json"]].concat());
    let document: serde_json::Value =
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let list = document["violations"].as_array().expect("a list").iter();
    let bare = list.filter(|one| one["rule"] == "bare-route");
    (code, bare.map(|one| one["path"].as_str().expect("a path").to_owned()).collect())
}

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn a_baseline_only_shrinks() {
    let tree = Tree::new("baseline");
    assert_eq!(bare(&tree.0, &[]).0, 1);
    let (code, said) = tree.run(&["baseline"]);
    assert_eq!(
        (code, said.as_str()),
        (0, "recorded 2 violations and 0 gaps in contract-baseline.toml\n")
    );
    let recorded =
        fs::read_to_string(tree.0.join("contract-baseline.toml")).expect("it is written");
    assert!(recorded.contains("path = \"/api/payments/{}\""), "{recorded}");
    assert_eq!(bare(&tree.0, &[]), (0, vec![]));
    assert_eq!(bare(&tree.0, &["--no-baseline"]).0, 1);
    assert_eq!(tree.run(&["--strict-baseline"]).0, 0);

    // Moved and reformatted, it is the same.
    tree.edit("src/lib.rs", "    Router::new()\n", "\n\n    Router::new()");
    assert_eq!(bare(&tree.0, &[]), (0, vec![]));

    // The same route once more, elsewhere, is new.
    tree.edit(
        "src/more.rs",
        "router.layer(crate::Gate)",
        "router.layer(crate::Gate).route(\"/api/payments\", post(h))",
    );
    let (code, found) = bare(&tree.0, &[]);
    assert_eq!((code, found), (1, paths(&["/api/payments"])));
    assert!(tree.run(&["--format", "human"]).1.contains("known, and the same as this"));
    tree.write("src/more.rs", MORE);

    // One is mended: said, and failed on when asked to be strict.
    tree.edit("src/lib.rs", ".route(\"/api/payments/{id}\", post(h))", "");
    let (code, said) = tree.run(&[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("fixed, and still in contract-baseline.toml: bare-route: POST /api/payments/{} (financial)"), "{said}");
    assert_eq!(tree.run(&["--strict-baseline"]).0, 1);
    for format in ["short", "json", "sarif", "github", "gitlab", "junit", "markdown", "rdjson"] {
        assert_eq!(tree.run(&["--strict-baseline", "--format", format]).0, 1, "{format}");
    }
    tree.edit("src/lib.rs", "async fn h() {}", "async fn h() {}\npub fn other() -> Router { Router::new().route(\"/api/payments/new\", post(h)) }");
    let (code, said) = tree.run(&["baseline", "--prune"]);
    assert_eq!(code, 0);
    assert_eq!(
        said,
        "removed bare-route: POST /api/payments/{} (financial)\nleft 1 violation and 0 gaps in contract-baseline.toml\n"
    );
    assert_eq!(bare(&tree.0, &["--strict-baseline"]), (1, paths(&["/api/payments/new"])));

    tree.write("contract-baseline.toml", "version = 1\nviolations = 3\n");
    assert_eq!(tree.run(&[]).0, 2);
}

/// A workspace of two services under one contract.
fn two_services(name: &str) -> Tree {
    let tree = Tree::new(name);
    fs::remove_dir_all(tree.0.join("src")).expect("it is there");
    tree.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n");
    tree.write(
        "contract.toml",
        "version = 1\nscan.exclude = [\"b/old/**\"]\n[class.financial]\nroutes = [\"/a/payments/**\", \"/b/payments/**\"]\n[class.financial.gate]\nlayer = [\"a::Gate\"]\n",
    );
    for one in ["a", "b"] {
        let manifest = format!(
            "[package]\nname = \"{one}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\n"
        );
        tree.write(&format!("{one}/Cargo.toml"), &manifest);
        let lib = format!(
            "pub struct Gate;\npub fn app() -> axum::Router {{\n    axum::Router::new()\n        .route(\"/{one}/payments\", axum::routing::post(|| async {{}}))\n        .route(\"/{one}/payments/void\", axum::routing::post(|| async {{}}))\n}}\n"
        );
        tree.write(&format!("{one}/src/lib.rs"), &lib);
    }
    tree.write("b/old/x.rs", "this is no Rust\n");
    tree
}

#[test]
fn a_part_of_the_tree_says_nothing_about_the_rest() {
    let tree = two_services("part");
    tree.run(&["baseline"]);
    let lines = |tree: &Tree| {
        let text = fs::read_to_string(tree.0.join("contract-baseline.toml")).expect("written");
        text.lines().filter(|line| line.contains("bare-route")).count()
    };
    assert_eq!(lines(&tree), 4);
    for part in [&["a"][..], &["b/src/lib.rs"], &["a", "b"], &["b"]] {
        let (code, said) = tree.run(&[part, &["--strict-baseline"]].concat());
        assert_eq!(code, 0, "{part:?}: {said}");
        assert!(!said.contains("fixed") && !said.contains("unmatched"), "{part:?}: {said}");
    }
    assert!(tree.run(&["a"]).1.contains("2 more known in what was not scanned"));
    // From within a part, as someone would who works there.
    assert_eq!(run(&tree.0.join("a"), &["--strict-baseline"]).0, 0);
    assert_eq!(run(&tree.0.join("a"), &["baseline", "--prune"]).0, 0);
    tree.run(&["baseline", "--prune", "b"]);
    assert_eq!(lines(&tree), 4, "nothing is fixed");

    // What is fixed in the part is said, and only that goes.
    tree.edit("a/src/lib.rs", ".route(\"/a/payments/void\", axum::routing::post(|| async {}))", "");
    let (code, said) = tree.run(&["a", "--strict-baseline"]);
    assert!(code == 1 && said.contains("POST /a/payments/void"), "{said}");
    assert!(!said.contains("/b/payments"), "{said}");
    tree.run(&["baseline", "--prune", "a"]);
    assert_eq!(lines(&tree), 3);
    // What is new in the part is new.
    tree.edit("a/src/lib.rs", "/a/payments\"", "/a/payments/new\"");
    assert_eq!(bare(&tree.0, &["a"]), (1, paths(&["/a/payments/new"])));
}

#[test]
fn gaps_are_held_too() {
    let tree = Tree::new("gaps");
    tree.run(&["baseline"]);
    assert_eq!(tree.run(&[]).0, 0);
    tree.edit(
        "src/lib.rs",
        ".merge(more::routes())",
        ".merge(more::routes())\n    .merge(outside::add(Router::new().route(\"/x\", post(h))))",
    );
    tree.edit("Cargo.toml", "axum = \"0.8\"", "axum = \"0.8\"\noutside = \"1\"");
    let (code, said) = tree.run(&["-v"]);
    assert!(said.contains("gap:"), "{said}");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("deny: src/lib.rs:11:12: a gap that contract-baseline.toml does not know"),
        "{said}"
    );
    tree.edit(
        "contract.toml",
        "[class.financial]",
        "scan.unresolved = \"warn\"\n[class.financial]",
    );
    assert_eq!(tree.run(&[]).0, 0);
    tree.run(&["baseline"]);
    assert_eq!(tree.run(&["--strict-baseline"]).0, 0);
}

#[test]
fn changes_since_a_revision() {
    let tree = Tree::committed("since");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (0, vec![]));
    tree.edit("src/lib.rs", "async fn h() {}", "// moved down\nasync fn h() {}");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (0, vec![]));
    tree.edit("src/lib.rs", "\"/api/payments\"", "\"/api/payments/a\"");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (1, paths(&["/api/payments/a"])));
    tree.write("src/lib.rs", LIB);

    // A gate that no longer gates is on nobody's trail.
    tree.edit("src/more.rs", "router.layer(crate::Gate)", "router");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (1, paths(&["/api/payments/more"])));
    tree.write("src/more.rs", MORE);

    // A file that git does not know yet.
    tree.write("src/new.rs", "pub fn r() -> axum::Router { axum::Router::new().route(\"/api/payments/new\", axum::routing::post(|| async {})) }");
    tree.edit("src/lib.rs", "mod more;", "mod more; pub mod new;");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (1, paths(&["/api/payments/new"])));
    // From a directory below the top, and with paths.
    assert_eq!(bare(&tree.0.join("src"), &["--since", "HEAD"]).0, 1);
    assert_eq!(bare(&tree.0, &["src/new.rs", "src/lib.rs", "--since", "HEAD"]).0, 1);
    fs::remove_file(tree.0.join("src/new.rs")).expect("it is there");
    tree.write("src/lib.rs", LIB);

    // A changed contract concerns everything.
    tree.edit("contract.toml", "version = 1", "version = 1 # again");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]).1.len(), 2);
    tree.write("contract.toml", CONTRACT);

    // Renamed, deleted, on no branch.
    fs::rename(tree.0.join("src/more.rs"), tree.0.join("src/less.rs")).expect("it is there");
    tree.edit("src/lib.rs", "mod more;", "#[path = \"less.rs\"] mod more;");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (0, vec![]));
    tree.commit();
    tree.git(&["checkout", "-q", "--detach"]);
    fs::remove_file(tree.0.join("src/less.rs")).expect("it is there");
    tree.edit("src/lib.rs", "#[path = \"less.rs\"] mod more;", "");
    tree.edit("src/lib.rs", ".merge(more::routes())", "");
    assert_eq!(bare(&tree.0, &["--since", "HEAD"]), (0, vec![]));
    assert_eq!(bare(&tree.0, &["--since", "main"]), (0, vec![]));
}

#[test]
fn a_branch_is_compared_with_where_it_left() {
    let tree = Tree::committed("branch");
    tree.git(&["checkout", "-q", "-b", "topic"]);
    tree.edit("src/lib.rs", "\"/api/payments\"", "\"/api/payments/topic\"");
    tree.commit();
    tree.git(&["checkout", "-q", "main"]);
    tree.edit("src/lib.rs", "\"/api/payments/{id}\"", "\"/api/payments/{id}/x\"");
    tree.commit();
    tree.git(&["checkout", "-q", "topic"]);
    assert_eq!(bare(&tree.0, &["--since", "main"]), (1, paths(&["/api/payments/topic"])));
}

#[test]
fn revisions_that_are_not_there() {
    let tree = Tree::committed("shallow");
    tree.edit("src/lib.rs", "\"/api/payments\"", "\"/api/payments/a\"");
    tree.commit();
    let clone = tree.0.join("clone");
    let from = format!("file://{}", tree.0.display());
    tree.git(&["clone", "-q", "--depth=1", &from, "clone"]);
    let (code, said) = run(&clone, &["--since", "HEAD~1"]);
    assert!(code == 2 && said.contains("in a shallow clone, fetch it first"), "{said}");
    assert_eq!(bare(&clone, &["--since", "HEAD"]), (0, vec![]));
    assert_eq!(run(&clone, &["--since=--output=pwned"]).0, 2);
    assert!(!clone.join("pwned").exists());

    let none = Tree::new("none");
    let (code, said) = none.run(&["--since", "HEAD"]);
    assert!(code == 2 && said.contains("is not in a git repository"), "{said}");
    none.git(&["init", "-q"]);
    assert_eq!(bare(&none.0, &["--since", "HEAD"]).1.len(), 2);
    none.git(&["add", "-A"]);
    assert_eq!(bare(&none.0, &["--staged"]).1.len(), 2);
}

#[test]
fn what_is_staged_and_nothing_else() {
    let tree = Tree::committed("staged");
    let guilty = "\"/api/payments/a\"";
    tree.edit("src/lib.rs", "\"/api/payments\"", guilty);
    assert_eq!(bare(&tree.0, &["--staged"]), (0, vec![]), "nothing is staged");
    tree.git(&["add", "-A"]);
    tree.write("src/lib.rs", LIB);
    assert_eq!(bare(&tree.0, &["--staged"]), (1, paths(&["/api/payments/a"])), "the index has it");
    // An innocent change is staged; the guilty one beside it, in the same file and in another, is not.
    tree.edit("src/lib.rs", "mod more;", "mod more; // staged");
    tree.git(&["add", "-A"]);
    tree.edit("src/lib.rs", "\"/api/payments\"", guilty);
    tree.edit("src/more.rs", "router.layer(crate::Gate)", "router");
    assert_eq!(bare(&tree.0, &["--staged"]), (0, vec![]), "the index does not have it");
    // A gate removed in an unstaged file does not count, one removed in a staged file does.
    tree.git(&["add", "src/more.rs"]);
    assert_eq!(bare(&tree.0, &["--staged"]), (1, paths(&["/api/payments/more"])));
    let (_, text) = tree.run(&["--staged", "--format", "json"]);
    assert!(text.contains("\"file\": \"src/more.rs\""), "{text}");
    // The baseline and the contract are those of the index too.
    tree.write("contract-baseline.toml", "version = 1\nviolations = [{ rule = \"bare-route\", class = \"financial\", method = \"POST\", path = \"/api/payments/more\" }]\n");
    tree.git(&["add", "contract-baseline.toml"]);
    tree.write("contract-baseline.toml", "version = 1\n");
    let (code, found) = bare(&tree.0, &["--staged"]);
    assert_eq!(
        (code, found),
        (1, paths(&["/api/payments", "/api/payments/{id}"])),
        "a changed baseline concerns all"
    );
}

#[test]
fn what_code_includes_is_staged_with_it() {
    let tree = Tree::committed("included");
    tree.write(
        "contract.toml",
        "version = 1\n[class.financial]\ntables = [\"payments\"]\nwriter = [\"app::once\"]\n",
    );
    tree.edit("Cargo.toml", "axum = \"0.8\"", "axum = \"0.8\"\nsqlx = \"0.8\"");
    tree.edit("src/lib.rs", "async fn h() {}", "async fn h() {}\npub fn once(f: impl FnOnce()) { f() }\npub async fn pay(pool: &sqlx::PgPool) { let _ = sqlx::query(include_str!(\"pay.sql\")).execute(pool).await; }");
    tree.write("src/pay.sql", "UPDATE payments SET a = 1");
    tree.git(&["add", "-A"]);
    let (code, said) = tree.run(&["--staged", "--format", "short"]);
    assert!(code == 1 && said.contains("direct-write"), "{said}");
    tree.edit("src/pay.sql", "UPDATE payments", "SELECT 1 --");
    tree.git(&["add", "-A"]);
    assert_eq!(tree.run(&["--staged"]).0, 0);
    tree.commit();
    tree.write("src/pay.sql", "DELETE FROM payments");
    let (code, said) = tree.run(&["--since", "HEAD", "--format", "short"]);
    assert!(code == 1 && said.contains("direct-write"), "no line of Rust changed: {said}");
}

#[test]
fn submodules_and_worktrees() {
    let inner = Tree::committed("inner");
    let outer = Tree::new("outer");
    outer.git(&["init", "-q", "-b", "main"]);
    outer.git(&["submodule", "add", "-q", &inner.0.display().to_string(), "lib"]);
    outer.write("Cargo.toml", "[workspace]\nmembers = [\"lib\", \"web\"]\n");
    fs::remove_dir_all(outer.0.join("src")).expect("it is there");
    outer.write("web/Cargo.toml", "[package]\nname = \"web\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\napp = { path = \"../lib\" }\n");
    outer.write("web/src/lib.rs", "pub fn r() -> axum::Router { axum::Router::new().route(\"/api/payments/web\", axum::routing::post(|| async {})).layer(app::Gate) }\n");
    outer.commit();
    // The gate stands in the submodule: a copy without it would find the route bare.
    outer.edit("web/src/lib.rs", "pub fn r()", "// touched\npub fn r()");
    outer.git(&["add", "-A"]);
    assert_eq!(bare(&outer.0, &["--staged"]), (0, vec![]));
    outer.edit("web/src/lib.rs", ".layer(app::Gate)", "");
    outer.git(&["add", "-A"]);
    assert_eq!(bare(&outer.0, &["--staged"]), (1, paths(&["/api/payments/web"])));
    outer.commit();
    // What changed in the submodule is news to both.
    let lib = outer.0.join("lib/src/lib.rs");
    let text = fs::read_to_string(&lib).expect("it is there");
    fs::write(&lib, text.replace("\"/api/payments\"", "\"/api/payments/sub\"")).expect("a file");
    assert_eq!(bare(&outer.0, &["--since", "HEAD"]), (1, paths(&["/api/payments/sub"])));
    assert_eq!(
        bare(&outer.0.join("lib"), &["--since", "HEAD"]),
        (1, paths(&["/api/payments/sub"]))
    );

    let side = inner.0.join("side");
    inner.git(&["worktree", "add", "-q", "side"]);
    assert_eq!(bare(&side, &["--since", "HEAD"]), (0, vec![]));
    let text = fs::read_to_string(side.join("src/lib.rs")).expect("it is there");
    fs::write(side.join("src/lib.rs"), text.replace("\"/api/payments\"", "\"/api/payments/wt\""))
        .expect("a file");
    assert_eq!(bare(&side, &["--since", "HEAD"]), (1, paths(&["/api/payments/wt"])));
    git(&side, &["add", "-A"]);
    assert_eq!(bare(&side, &["--staged"]), (1, paths(&["/api/payments/wt"])));
    assert_eq!(run(&side, &["hook", "install"]).0, 0);
}

#[test]
fn a_hook_for_a_part_runs_from_anywhere() {
    let tree = Tree::new("parthook");
    let sub = tree.0.join("svc");
    fs::create_dir_all(&sub).expect("a directory");
    for name in ["Cargo.toml", "contract.toml", "src"] {
        fs::rename(tree.0.join(name), sub.join(name)).expect("it is there");
    }
    tree.git(&["init", "-q", "-b", "main"]);
    tree.commit();
    assert_eq!(run(&sub, &["hook", "install"]).0, 0);
    let path = Path::new(env!("CARGO_BIN_EXE_cargo-contract-check")).parent().expect("a directory");
    let path = format!("{}:{}", path.display(), std::env::var("PATH").expect("a path"));
    let commit = |dir: &Path, what: &str| {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "commit",
            "-q",
            "-a",
            "-m",
            what,
        ]);
        let output = command.current_dir(dir).env("PATH", &path).output().expect("git is there");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for dir in [&tree.0, &sub] {
        tree.edit("svc/src/lib.rs", "mod more;", "mod more; // innocent");
        let (done, said) = commit(dir, "innocent");
        assert!(done, "{said}");
        tree.edit("svc/src/lib.rs", "\"/api/payments\"", "\"/api/payments/guilty\"");
        let (done, said) = commit(dir, "guilty");
        assert!(!done && said.contains("bare-route"), "{said}");
        tree.edit("svc/src/lib.rs", "\"/api/payments/guilty\"", "\"/api/payments\"");
    }
}

#[test]
fn a_looser_contract_is_listed() {
    let tree = Tree::committed("loosened");
    assert!(!tree.run(&["--against", "HEAD", "--format", "json"]).1.contains("loosened"));
    tree.write(
        "contract.toml",
        "version = 1\n[scan]\nunresolved = \"warn\"\nexclude = [\"src/old/**\"]\n[rules]\nbare-route = \"warn\"\n[class.financial]\nroutes = [\"/api/payments/{id}\"]\nmethods = [\"POST\"]\nseverity = \"warn\"\n[class.financial.gate]\nlayer = [\"app::Gate\", \"app::Open\"]\n[[exempt]]\nroute = \"POST /api/payments\"\nreason = \"x\"\n",
    );
    let (code, text) = tree.run(&["--against", "HEAD", "--format", "json"]);
    assert_eq!(code, 0, "{text}");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let list: Vec<&str> = document["loosened"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one.as_str())
        .collect();
    assert_eq!(
        list,
        [
            "class financial only warns",
            "class financial no longer claims `/api/payments/**`",
            "class financial no longer claims PUT",
            "class financial no longer claims PATCH",
            "class financial no longer claims DELETE",
            "class financial has one more gate layer: app::Open",
            "an exemption was added: POST /api/payments",
            "scan.unresolved went from deny to warn",
            "the rule bare-route went from deny to warn",
            "`src/old/**` is no longer scanned",
        ]
    );
    assert!(
        tree.run(&["--against", "HEAD"])
            .1
            .contains("warn: the contract asks for less: class financial only warns")
    );
    assert_eq!(tree.run(&["--against", "nope"]).0, 2);
}

#[test]
fn a_contract_that_cannot_fire_fails_its_self_test() {
    let tree = Tree::new("selftest");
    let (code, said) = tree.run(&["--self-test"]);
    assert_eq!(code, 0, "{said}");
    for what in [
        "a route without a gate",
        "a route added after the layer app::Gate",
        "a route in another layer called Gate",
        "a route through app::Gate",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    let with = |from: &str, to: &str| {
        tree.write("contract.toml", CONTRACT);
        tree.edit("contract.toml", from, to);
        tree.run(&["--self-test"])
    };
    let (code, said) = with("app::Gate", "app::Gaet");
    assert!(code == 1 && said.contains("bare instead of gated"), "{said}");
    let (code, said) = with("[class.financial]", "rules.bare-route = \"allow\"\n[class.financial]");
    assert!(code == 1 && said.contains("nothing instead of bare-route"), "{said}");
    let all = "[[exempt]]\nroute = \"ANY /api/payments/**\"\nreason = \"x\"\n[class.financial]";
    let (code, said) = with("[class.financial]", all);
    assert!(code == 1 && said.contains("no path of it that is not exempt"), "{said}");
    // The tree itself is as it was.
    assert_eq!(fs::read_to_string(tree.0.join("src/lib.rs")).expect("it is there"), LIB);
}

#[test]
fn a_hook_checks_what_is_committed() {
    let tree = Tree::committed("hook");
    let path = format!(
        "{}:{}",
        Path::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
            .parent()
            .expect("a directory")
            .display(),
        std::env::var("PATH").expect("a path")
    );
    let commit = |what: &str| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", what]);
        let output =
            command.current_dir(&tree.0).env("PATH", &path).output().expect("git is there");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(tree.run(&["hook", "install"]).0, 0);
    assert_eq!(tree.run(&["hook", "install"]).0, 0, "ours is replaced");
    tree.edit("src/lib.rs", "mod more;", "mod more; // innocent");
    tree.git(&["add", "-A"]);
    tree.edit("src/lib.rs", "\"/api/payments\"", "\"/api/payments/guilty\"");
    let (done, said) = commit("partially staged");
    assert!(done, "{said}");
    tree.git(&["add", "-A"]);
    let (done, said) = commit("guilty");
    assert!(!done && said.contains("bare-route"), "{said}");
    assert_eq!(tree.run(&["hook", "uninstall"]).0, 0);
    assert!(commit("unchecked").0);
    tree.write(".git/hooks/pre-commit", "#!/bin/sh\n");
    assert_eq!(tree.run(&["hook", "install"]).0, 2);
    assert_eq!(tree.run(&["hook", "uninstall"]).0, 2);
    assert_eq!(tree.run(&["hook", "install", "--force"]).0, 0);
}

#[test]
fn a_first_contract_is_written_once() {
    let tree = Tree::new("init");
    assert_eq!(tree.run(&["init"]).0, 2);
    fs::remove_file(tree.0.join("contract.toml")).expect("it is there");
    let (code, said) = tree.run(&["init"]);
    assert_eq!(code, 0, "{said}");
    let text = fs::read_to_string(tree.0.join("contract.toml")).expect("it is written");
    assert!(text.contains("\"/api/payments/**\"") && text.contains("\"app::Gate\""), "{text}");
    assert_eq!(tree.run(&[]).0, 1);
    assert_eq!(tree.run(&["baseline"]).0, 0);
    assert_eq!(tree.run(&[]).0, 0);
    assert_eq!(tree.run(&["init", "--force"]).0, 0);
}

#[test]
fn a_step_has_its_summary() {
    let tree = Tree::new("step");
    let summary = tree.0.join("summary.md");
    let run = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"));
        command
            .args(["--format", format])
            .current_dir(&tree.0)
            .env("GITHUB_STEP_SUMMARY", &summary);
        command.output().expect("the tool runs").status.code()
    };
    assert_eq!(run("short"), Some(1));
    assert!(!summary.exists());
    fs::write(&summary, "before\n").expect("a file");
    assert_eq!(run("github"), Some(1));
    let text = fs::read_to_string(&summary).expect("it is there");
    assert!(text.starts_with("before\n### contract-check: failed"), "{text}");
}

#[test]
fn what_could_not_be_read_is_counted_and_listed() {
    let tree = Tree::new("unread");
    tree.edit(
        "src/lib.rs",
        "pub fn app()",
        "pub fn more(path: &str) -> Router { Router::new().route(path, post(h)) }\npub fn app()",
    );
    let adoption = tree.run(&["adoption"]).1;
    assert!(adoption.contains("1–2 of 4"), "{adoption}");
    assert!(tree.run(&["adoption", "--format", "json"]).1.contains("\"undecided\": 1"));
    tree.edit(
        "src/lib.rs",
        ".merge(more::routes())",
        ".merge(more::routes())\n    .merge(outside::add(Router::new().route(\"/x\", post(h))))",
    );
    tree.edit("Cargo.toml", "axum = \"0.8\"", "axum = \"0.8\"\noutside = \"1\"");
    for command in ["routes", "writes"] {
        assert!(tree.run(&[command]).1.contains("\ngap: src/lib.rs:"), "{command}");
        assert!(tree.run(&[command, "--format", "json"]).1.contains("\"gaps\""), "{command}");
        assert!(tree.run(&[command, "--format", "markdown"]).1.contains("- gap at `src/lib.rs:"));
    }
}
