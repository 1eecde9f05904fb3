//! Whatever fails a check is said in every format, and where.

#![expect(clippy::expect_used, reason = "a test that cannot prepare its input should stop")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A directory of its own, removed at the end.
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
pub fn app() -> Router {
    Router::new()
        .route(\"/api/payments\", post(h))
        .layer(Gate)
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

    fn git(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@t"]).args(arguments);
        command.current_dir(&self.0).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.output().expect("git is there")
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        run(&self.0, arguments)
    }
}

/// Runs the tool; its exit status and what it printed on stdout, or on stderr when it could not check.
fn run(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"));
    command.args(arguments).arg("--no-cache").current_dir(dir);
    let Output { status, stdout, stderr } = command.output().expect("the tool runs");
    let code = status.code().expect("it exits");
    let text = if code == 2 { stderr } else { stdout };
    (code, String::from_utf8(text).expect("UTF-8"))
}

const FORMATS: [&str; 9] =
    ["human", "short", "json", "sarif", "github", "gitlab", "junit", "markdown", "rdjson"];

/// Every format fails, and says `what`.
fn all_say(tree: &Tree, arguments: &[&str], what: &str) {
    for format in FORMATS {
        let (code, said) = tree.run(&[arguments, &["--format", format]].concat());
        assert_eq!(code, 1, "{format}: {said}");
        // Markdown marks up what it shows.
        let plain = said.replace('\\', "");
        assert!(plain.contains(what), "{format}: {said}");
    }
}

fn validated(text: &str, schema: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(schema);
    let schema = fs::read_to_string(path).expect("the schema is there");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let document: Value = serde_json::from_str(text).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    assert!(validator.is_valid(&document), "{text}");
    document
}

/// A tree with two gaps that its baseline does not know.
fn with_new_gaps(name: &str) -> Tree {
    let tree = Tree::new(name);
    assert_eq!(tree.run(&["baseline"]).0, 0);
    let more = "    .merge(outside::add(Router::new().route(\"/x\", post(h))))\n        .merge(outside::add(Router::new().route(\"/y\", post(h))))\n        .layer(Gate)";
    tree.edit("src/lib.rs", "    .layer(Gate)", more);
    tree.edit("Cargo.toml", "axum = \"0.8\"", "axum = \"0.8\"\noutside = \"1\"");
    tree
}

#[test]
fn a_new_gap_is_said_with_its_place_in_every_format() {
    let tree = with_new_gaps("newgap");
    all_say(&tree, &[], "a router is given to outside::add");
    all_say(&tree, &[], "src/lib.rs");
    let short = tree.run(&["--format", "short"]).1;
    assert!(short.starts_with("src/lib.rs:8:16: deny[baseline] a gap that contract-baseline.toml does not know: a router is given to outside"), "{short}");
    assert_eq!(short.lines().count(), 2, "{short}");
    assert!(tree.run(&[]).1.contains("deny: src/lib.rs:8:16: a gap that"));
    assert!(tree.run(&["--format", "github"]).1.contains("::error file=src/lib.rs,line=8,title="));
    let junit = tree.run(&["--format", "junit"]).1;
    assert!(junit.contains("not in the tree (2)\""), "each test has its name: {junit}");
    let gitlab = validated(&tree.run(&["--format", "gitlab"]).1, "gitlab.json");
    assert_eq!(gitlab[0]["location"]["lines"]["begin"], 8);
    assert_ne!(gitlab[0]["fingerprint"], gitlab[1]["fingerprint"]);
    let rdjson = validated(&tree.run(&["--format", "rdjson"]).1, "rdjson.json");
    assert_eq!(rdjson["diagnostics"][0]["location"]["range"]["start"]["line"], 8);
    assert_eq!(rdjson["diagnostics"][0]["severity"], "ERROR");
}

#[test]
fn new_gaps_weigh_what_the_contract_says() {
    let tree = with_new_gaps("gapweight");
    let with = |level: &str| {
        let scan = format!("scan.unresolved = \"{level}\"\n[class.financial]\nroutes");
        tree.write("contract.toml", &CONTRACT.replacen("[class.financial]\nroutes", &scan, 1));
    };
    with("warn");
    let (code, said) = tree.run(&["--format", "short"]);
    assert!(code == 0 && said.contains("warn[baseline] a gap"), "{said}");
    all_say(&tree, &["--deny-warnings"], "a router is given to outside::add");
    with("allow");
    let (code, said) = tree.run(&["--format", "short", "--deny-warnings"]);
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(tree.run(&[]).1.contains("note: src/lib.rs:8:16: a gap"));
}

#[test]
fn a_stale_entry_is_said_in_every_format() {
    let tree = Tree::new("stale");
    assert_eq!(tree.run(&["baseline"]).0, 0);
    let gone = "violations = [\n    { rule = \"bare-route\", class = \"financial\", method = \"POST\", path = \"/api/gone\" },\n]";
    tree.edit("contract-baseline.toml", "violations = []", gone);
    assert_eq!(tree.run(&["--format", "short"]), (0, String::new()), "it fails nothing");
    all_say(&tree, &["--strict-baseline"], "/api/gone");
    let strict = |format: &str| tree.run(&["--strict-baseline", "--format", format]).1;
    assert_eq!(
        strict("short"),
        "contract-baseline.toml:1:1: deny[baseline] fixed, and still in contract-baseline.toml: bare-route: POST /api/gone (financial)\n"
    );
    let gitlab = validated(&strict("gitlab"), "gitlab.json");
    assert_eq!(gitlab[0]["location"]["path"], "contract-baseline.toml");
    let rdjson = validated(&strict("rdjson"), "rdjson.json");
    assert_eq!(rdjson["diagnostics"][0]["location"]["path"], "contract-baseline.toml");
}

#[test]
fn a_looser_contract_is_said_in_every_format_and_can_deny() {
    let tree = Tree::new("looser");
    for arguments in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "x"]] {
        assert!(tree.git(arguments).status.success());
    }
    tree.edit("contract.toml", "/api/payments/**", "/api/payments");
    let (code, said) = tree.run(&["--against", "HEAD", "--format", "short"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        said,
        "contract.toml:1:1: warn[against] the contract asks for less: class financial no longer claims `/api/payments/**`\n"
    );
    let denying = ["--against", "HEAD", "--deny-warnings"];
    all_say(&tree, &denying, "class financial no longer claims");
    assert!(tree.run(&denying).1.contains("deny: the contract asks for less"));
    let rdjson = tree.run(&[&denying[..], &["--format", "rdjson"]].concat()).1;
    assert_eq!(validated(&rdjson, "rdjson.json")["diagnostics"][0]["severity"], "ERROR");
}

#[test]
fn a_refused_commit_says_why() {
    let tree = Tree::new("refused");
    assert_eq!(tree.run(&["baseline"]).0, 0);
    assert!(tree.git(&["init", "-q"]).status.success());
    assert!(tree.git(&["add", "-A"]).status.success());
    assert!(tree.git(&["commit", "-q", "-m", "x"]).status.success());
    let more =
        "    .merge(outside::add(Router::new().route(\"/x\", post(h))))\n        .layer(Gate)";
    tree.edit("src/lib.rs", "    .layer(Gate)", more);
    tree.edit("Cargo.toml", "axum = \"0.8\"", "axum = \"0.8\"\noutside = \"1\"");
    assert!(tree.git(&["add", "-A"]).status.success());
    let (code, said) = tree.run(&["check", "--staged", "--format", "short"]);
    assert!(code == 1 && said.contains("src/lib.rs:8:16: deny[baseline]"), "{said}");
}

#[test]
fn a_contract_above_the_root_is_named_from_there() {
    let tree = Tree::new("above");
    tree.edit("contract.toml", "/api/payments/**\"]", "/api/payments/**\", \"/api/gone\"]");
    let src = tree.0.join("src");
    for arguments in [&[][..], &["--contract", "../contract.toml"]] {
        let said = |format: &str| run(&src, &[arguments, &["--format", format]].concat()).1;
        assert!(said("short").starts_with("../contract.toml:3:31: warn"), "{}", said("short"));
        assert!(said("json").contains("\"file\": \"../contract.toml\""), "{}", said("json"));
        for format in FORMATS {
            assert!(!said(format).contains(tree.0.to_str().expect("UTF-8")), "{format}");
        }
    }
    // From elsewhere, for a directory and for a file.
    let named = tree.run(&["--contract", "contract.toml", "src", "--format", "short"]).1;
    assert!(named.starts_with("../contract.toml:3:31"), "{named}");
    let named = tree.run(&["src/lib.rs", "--format", "short"]).1;
    assert!(named.contains("../contract.toml:3:31"), "{named}");
    // In a repository, paths are those of the repository.
    assert!(tree.git(&["init", "-q"]).status.success());
    let gitlab = run(&src, &["--format", "gitlab"]).1;
    assert!(gitlab.contains("\"path\": \"contract.toml\""), "{gitlab}");
    assert!(tree.git(&["add", "src", "Cargo.toml"]).status.success());
    let staged = run(&src, &["--staged", "--format", "short"]).1;
    assert!(staged.starts_with("../contract.toml:3:31"), "not in the index: {staged}");
}

#[test]
fn a_reason_that_does_not_show_is_none() {
    let tree = Tree::new("reason");
    for blank in ["\\u200b", " \\u00a0\\u2060", "\\u3164", "--", ""] {
        let exempt = format!(
            "{CONTRACT}[[exempt]]\nroute = \"POST /api/payments/x\"\nreason = \"{blank}\"\n"
        );
        tree.write("contract.toml", &exempt);
        let (code, said) = tree.run(&[]);
        assert!(code == 2 && said.contains("`reason` of [[exempt]]"), "{blank:?}: {said}");
    }
}

#[test]
fn a_dash_is_standard_output() {
    let tree = Tree::new("dash");
    let plain = tree.run(&["routes", "--format", "json"]);
    assert_eq!(tree.run(&["routes", "--format", "json", "--output", "-"]), plain);
    assert_eq!(tree.run(&["routes", "--output", "json:-"]), plain);
    assert_eq!(tree.run(&["routes", "--output", "-", "--output", "json:-"]).0, 2);
    assert_eq!(tree.run(&["facts", "--output", "-"]).0, 2);
    assert!(!tree.0.join("-").exists());
}

#[test]
fn conflicts_in_the_index_are_named() {
    let tree = Tree::new("unmerged");
    let git = |arguments: &[&str]| tree.git(arguments);
    let commit = || {
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "x"]);
    };
    git(&["init", "-q", "-b", "main"]);
    commit();
    git(&["checkout", "-q", "-b", "other"]);
    tree.edit("src/lib.rs", "post(h)", "post(h).get(h)");
    commit();
    git(&["checkout", "-q", "main"]);
    tree.edit("src/lib.rs", "post(h)", "post(h).put(h)");
    commit();
    assert!(!git(&["merge", "-q", "other"]).status.success());
    let (code, said) = tree.run(&["--staged"]);
    assert!(code == 2 && said.contains("the index has conflicts, in `src/lib.rs`"), "{said}");
}

#[test]
fn a_self_test_has_a_document_of_its_own() {
    let tree = Tree::new("selfjson");
    let asked = |format: &str| tree.run(&["check", "--self-test", "--format", format]);
    let (code, text) = asked("json");
    let document = validated(&text, "self-test.json");
    assert_eq!((code, &document["passed"]), (0, &Value::Bool(true)), "{text}");
    let canaries = document["canaries"].as_array().expect("a list");
    assert!(canaries.iter().any(|one| one["expected"] == "bare-route" && one["holds"] == true));
    let human = asked("human").1;
    assert!(human.ends_with(&format!("{0} of {0} canaries behave as they must\n", canaries.len())));

    tree.edit("contract.toml", "app::Gate", "app::Gaet");
    let (code, text) = asked("json");
    let document = validated(&text, "self-test.json");
    assert_eq!((code, &document["passed"]), (1, &Value::Bool(false)), "{text}");
    assert!(text.contains("\"holds\": false"), "{text}");
    // What is for findings has nothing to say of canaries.
    for format in ["short", "sarif", "github", "gitlab", "junit", "markdown", "rdjson"] {
        let (code, said) = asked(format);
        assert_eq!(code, 2, "{format}");
        assert!(said.contains("is not a format of `check --self-test`"), "{said}");
    }
    assert_eq!(tree.run(&["--self-test", "--output", "junit:x.xml"]).0, 2);
}

#[test]
fn entries_about_nothing_are_named() {
    let tree = Tree::new("idle");
    let with = |more: &str| {
        tree.write("contract.toml", &format!("{CONTRACT}{more}"));
        tree.run(&["--format", "short"]).1
    };
    let server = |of: &str| with(&format!("[[server]]\n{of}\nprefix = \"/pay\"\n"));
    let said = server("package = \"appp\"");
    assert!(
        said.contains(
            "contract.toml:7:11: warn[unmatched-entry] no package of the tree is called `appp`"
        ),
        "{said}"
    );
    let said = server("package = \"app\"\nbin = \"nope\"");
    assert!(
        said.contains(
            "contract.toml:8:7: warn[unmatched-entry] the package `app` has no binary `nope`"
        ),
        "{said}"
    );
    tree.write("src/main.rs", "fn main() {}\n");
    let said = server("package = \"app\"\nbin = \"app\"");
    assert!(said.contains("the binary `app` of `app` serves no route that `/pay`"), "{said}");
    let said = server("package = \"app\"");
    assert!(!said.contains("package"), "{said}");

    let said = with("[[scan.route-macro]]\nmacro = \"routes::routes\"\n");
    assert!(said.contains("nothing in the tree is the macro `routes::routes`"), "{said}");
    let said = with("[[scan.route-macro]]\nmacro = \"axum::routes\"\n");
    assert_eq!(said, "", "it is of a crate whose source is not in the tree");

    let operation = "[[class.financial.operation]]\nname = \"pay\"\nroute = \"POST /api/payments\"\ntables = [\"payments\"]\n";
    let said = with(operation);
    assert!(said.contains("nothing in the tree writes the table `payments`"), "{said}");
}

#[test]
fn a_slash_at_the_end_is_another_path_to_axum() {
    let tree = Tree::new("slash");
    let asked = |path: &str| tree.run(&["routes", &format!("POST {path}")]).1;
    assert!(asked("/api/payments").starts_with("POST /api/payments is answered by POST"));
    assert_eq!(
        asked("/api/payments/"),
        "no route answers POST /api/payments/\n  not by POST /api/payments -> app::h (a slash at the end makes another path to its router) at src/lib.rs:7:10\n"
    );
    assert_eq!(asked("/api/else/"), "no route answers POST /api/else/\n");
}

#[test]
fn a_database_that_nothing_is_known_of_is_a_gap() {
    let tree = Tree::new("unmodelled");
    assert!(!tree.run(&["-v"]).1.contains("gap"));
    assert_eq!(tree.run(&["baseline"]).0, 0);
    let with = |more: &str| {
        tree.write(
            "Cargo.toml",
            &format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\nsqlx = \"0.8\"\n{more}"),
        );
        tree.run(&["--format", "short"])
    };
    let (code, said) = with("db = { package = \"mongodb\", version = \"3\" }\nrbatis = \"4\"\n");
    let (mongodb, rbatis) = ("the database library `mongodb`", "the database library `rbatis`");
    assert!(code == 1 && said.contains(mongodb) && said.contains(rbatis), "{said}");
    assert!(said.lines().all(|line| line.starts_with("Cargo.toml:1:1: deny[baseline]")), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
    assert_eq!(with("[dev-dependencies]\nmongodb = \"3\"\n"), (0, String::new()));
    // Where its source is in the tree, it is code like any other.
    tree.write("redis/Cargo.toml", "[package]\nname = \"redis\"\nversion = \"1.0.0\"\n");
    tree.write("redis/src/lib.rs", "");
    assert_eq!(with("redis = { path = \"redis\" }\n"), (0, String::new()));
}

#[test]
fn a_web_framework_that_nothing_is_known_of_is_a_gap() {
    let tree = Tree::new("unmodelled-framework");
    assert!(!tree.run(&["-v"]).1.contains("gap"));
    assert_eq!(tree.run(&["baseline"]).0, 0);
    let with = |more: &str| {
        tree.write(
            "Cargo.toml",
            &format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\nsqlx = \"0.8\"\n{more}"),
        );
        tree.run(&["--format", "short"])
    };
    let (code, said) =
        with("web = { package = \"rouille\", version = \"3\" }\nvolo-http = \"0.3\"\n");
    let (rouille, volo) = ("the web framework `rouille`", "the web framework `volo_http`");
    assert!(code == 1 && said.contains(rouille) && said.contains(volo), "{said}");
    assert!(said.lines().all(|line| line.starts_with("Cargo.toml:1:1: deny[baseline]")), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
    assert_eq!(with("[dev-dependencies]\ntiny_http = \"0.12\"\n"), (0, String::new()));
}
