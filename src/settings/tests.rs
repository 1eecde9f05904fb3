//! Command lines, and what they come to.

use std::ffi::OsString;

use super::*;
use crate::discover::tests::Tree;

fn tree() -> Tree {
    let tree = Tree::new();
    for file in [
        "contract.toml",
        "a/src/lib.rs",
        "a/src/x.rs",
        "b/src/lib.rs",
        "own/contract.toml",
        "own/lib.rs",
    ] {
        tree.write(file, "");
    }
    tree
}

fn read(
    tree: &Tree,
    arguments: &[&str],
    environment: Environment,
) -> Result<Settings, SettingsError> {
    let arguments = std::iter::once(&"cargo-contract-check").chain(arguments).map(OsString::from);
    Settings::new(crate::cli::parse(arguments).unwrap(), &tree.root, environment)
}

fn good(tree: &Tree, arguments: &[&str]) -> Settings {
    read(tree, arguments, Environment::default()).unwrap()
}

fn mistake(arguments: &[&str]) -> String {
    read(&tree(), arguments, Environment::default()).unwrap_err().to_string()
}

#[test]
fn roots() {
    let tree = tree();
    let scan = |arguments: &[&str]| good(&tree, arguments).scan;
    assert_eq!((scan(&[]).root, scan(&[]).only), (tree.root.clone(), vec![]));
    assert_eq!(scan(&["a/src"]).root, tree.path("a/src"));
    let both = scan(&["a/src/x.rs", "a/src/lib.rs"]);
    assert_eq!(both.root, tree.path("a/src"));
    assert_eq!(both.only, [tree.path("a/src/x.rs"), tree.path("a/src/lib.rs")]);
    assert_eq!(scan(&["a", "b/src"]).root, tree.root);
    assert_eq!(scan(&["a", "a/src"]).root, tree.path("a"));
}

#[test]
fn contracts() {
    let tree = tree();
    assert_eq!(good(&tree, &["a/src"]).contract, Some(tree.path("contract.toml")));
    assert_eq!(good(&tree, &["own/lib.rs"]).contract, Some(tree.path("own/contract.toml")));
    assert_eq!(
        good(&tree, &["a", "--contract", "own/contract.toml"]).contract,
        Some(tree.path("own/contract.toml"))
    );
    assert_eq!(good(&tree, &["explain", "bare-route"]).contract, None);
    assert!(mistake(&["a", "own"]).starts_with("the paths have different contracts"));
    assert_eq!(mistake(&["--contract", "nope.toml"]), "`--contract nope.toml` is not a file");
    std::fs::remove_file(tree.path("contract.toml")).unwrap();
    assert_eq!(good(&tree, &["routes", "a"]).contract, None);
    let none = read(&tree, &["a"], Environment::default());
    assert!(matches!(none, Err(SettingsError::NoContract { .. })), "{none:?}");
}

#[test]
fn formats() {
    let tree = tree();
    assert_eq!(good(&tree, &[]).outputs[0].format, "human");
    assert_eq!(good(&tree, &["writes"]).outputs[0].format, "table");
    assert_eq!(good(&tree, &["--format", "json", "adoption"]).outputs[0].format, "json");
    assert_eq!(
        mistake(&["writes", "--format", "jsn"]),
        "`jsn` is not a format of `writes`; expected one of table, json, markdown; did you mean `json`?"
    );
    assert!(mistake(&["--format", "table"]).starts_with("`table` is not a format of `check`"));
    assert!(
        mistake(&["explain", "x", "--format", "json"])
            .contains("`--format` cannot be used with `explain`")
    );
}

#[test]
fn requests() {
    let tree = tree();
    let filter = |arguments: &[&str]| match good(&tree, arguments) {
        Settings { task: Task::Routes(filter), scan, .. } => (filter, scan.root),
        other => panic!("{other:?}"),
    };
    let request = |method, path: &str| Some(Request { method, path: path.to_owned() });
    assert_eq!(filter(&["routes", "POST /x", "a"]).0.request, request(Some("POST"), "/x"));
    assert_eq!(filter(&["routes", "POST /x", "a"]).1, tree.path("a"));
    assert_eq!(filter(&["routes", "--answers", "/x?y=1"]).0.request, request(None, "/x"));
    assert_eq!(filter(&["routes", "--answers", "any /x"]).0.request, request(None, "/x"));
    assert_eq!(filter(&["routes", "--method", "post", "--status", "bare"]).0.methods, ["POST"]);
    assert!(mistake(&["routes", "--answers", "x"]).contains("is not a request"));
    assert!(mistake(&["routes", "GET /x", "PUT /y"]).contains("`PUT /y` is the second"));
    assert!(mistake(&["routes", "/not/there"]).contains("--answers"));
    assert!(mistake(&["routes", "--method", "pst"]).ends_with("did you mean `POST`?"));
    assert!(mistake(&["routes", "--status", "gatd"]).ends_with("did you mean `gated`?"));
}

#[test]
fn mistakes() {
    for jobs in ["0", "-1", "many", "100000"] {
        assert!(
            mistake(&[&format!("--jobs={jobs}")]).contains("is not a number from 1 to"),
            "{jobs}"
        );
    }
    assert_eq!(mistake(&["-q", "-v"]), "`--quiet` cannot be used with `--verbose`");
    assert_eq!(mistake(&["--output", "a"]), "cannot write `a`: it is a directory");
    assert_eq!(mistake(&["--output", "no/x"]), "cannot write `no/x`: its directory does not exist");
    assert!(mistake(&["--baseline", "x"]).starts_with("`--baseline x` is not a file"));
    assert!(mistake(&["--strict-baseline"]).contains("contract-baseline.toml"));
    assert!(mistake(&["routes", "--baseline", "x"]).contains("cannot be used with"));
    assert!(mistake(&["--since", "main", "--staged"]).contains("cannot be used with"));
    assert!(mistake(&["--staged", "routes"]).contains("a command other than `check`"));
    assert!(mistake(&["--deny-warnings", "routes"]).contains("cannot be used with"));
    assert!(mistake(&["a", "routes"]).ends_with("the command `routes` comes before its paths"));
    assert_eq!(
        mistake(&["rotues"]),
        "cannot scan `rotues`: it does not exist; did you mean `routes`?"
    );
    assert!(mistake(&["init", "--format", "json"]).contains("cannot be used with"));
    assert!(mistake(&["--color", "alway"]).ends_with("did you mean `always`?"));
}

#[test]
fn colour() {
    let tree = tree();
    let terminal = Environment {
        stdout_is_terminal: true,
        stderr_is_terminal: true,
        ..Environment::default()
    };
    let colored = |arguments: &[&str], environment| {
        read(&tree, arguments, environment).unwrap().color_results
    };
    assert!(colored(&[], terminal.clone()));
    assert!(!colored(&[], Environment::default()));
    assert!(!colored(&[], Environment { no_color: true, force_color: true, ..terminal.clone() }));
    assert!(colored(&[], Environment { force_color: true, ..Environment::default() }));
    assert!(!colored(&[], Environment { is_dumb: true, ..terminal.clone() }));
    assert!(!read(&tree, &["--output", "x.txt"], terminal.clone()).unwrap().color_files);
    assert!(colored(&["--color", "always"], Environment { no_color: true, ..terminal.clone() }));
    assert!(!colored(&["--color", "never"], terminal));
}

#[test]
fn verbosity() {
    let tree = tree();
    let level = |arguments: &[&str]| good(&tree, arguments).verbosity;
    assert_eq!(level(&[]), Verbosity::Normal);
    assert_eq!(level(&["check", "-vv"]), Verbosity::Debug);
    assert_eq!(level(&["-q", "check"]), Verbosity::Quiet);
}

#[test]
fn outputs() {
    let tree = tree();
    let outputs = |arguments: &[&str]| good(&tree, arguments).outputs;
    let file = |format, name: &str| Output { format, file: Some(tree.path(name)) };
    let stdout = |format| Output { format, file: None };
    assert_eq!(outputs(&["--output", "x", "--format", "json"]), [file("json", "x")]);
    assert_eq!(
        outputs(&["--output", "sarif:x.sarif", "--output", "markdown:x.md"]),
        [stdout("human"), file("sarif", "x.sarif"), file("markdown", "x.md")]
    );
    assert_eq!(
        outputs(&["--output", "sarif:x", "--output", "y", "--format", "short"]),
        [file("sarif", "x"), file("short", "y")]
    );
    assert_eq!(outputs(&["--output", "./sarif:x"]), [file("human", "./sarif:x")]);
    assert!(mistake(&["--output", "sarf:x"]).ends_with("did you mean `sarif`?"));
    assert!(mistake(&["routes", "--output", "sarif:x"]).contains("is not a format of `routes`"));
    assert!(mistake(&["--output", "x", "--output", "json:x"]).starts_with("two outputs go to `x`"));
}

#[test]
fn formats_are_those_of_the_reports() {
    let names = crate::report::CHECK_FORMATS.iter().map(|format| format.name).collect::<Vec<_>>();
    assert_eq!(names, CHECK_FORMATS);
    let names = crate::report::LIST_FORMATS.iter().map(|format| format.name).collect::<Vec<_>>();
    assert_eq!(names, TABLE_FORMATS);
}

#[test]
fn baselines() {
    let tree = tree();
    let baseline = |arguments: &[&str]| match good(&tree, arguments).task {
        Task::Check(check) => check.baseline,
        Task::Baseline { file, .. } => Some(file),
        other => panic!("{other:?}"),
    };
    assert_eq!(baseline(&[]), None);
    assert_eq!(baseline(&["baseline", "a"]), Some(tree.path("contract-baseline.toml")));
    tree.write("contract-baseline.toml", "version = 1\n");
    assert_eq!(baseline(&["a"]), Some(tree.path("contract-baseline.toml")));
    assert_eq!(baseline(&["--no-baseline"]), None);
    assert_eq!(baseline(&["own"]), None);
    assert_eq!(baseline(&["--baseline", "a/src/x.rs"]), Some(tree.path("a/src/x.rs")));
    assert_eq!(baseline(&["baseline", "--baseline", "b/x"]), Some(tree.path("b/x")));
}
