//! Every format is what its consumer takes, whatever the names in the tree, and a finding's identity outlives edits.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot read its own input should stop"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use contract_check::{
    discover::Scan,
    pipeline::{self, Request},
    report::{CHECK_FORMATS, LIST_FORMATS, Look, Report},
};
use serde_json::Value;

fn accubooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/accubooks")
}

/// A directory of its own for a test, empty.
fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("contract-check-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a directory");
    dir
}

fn check(root: &Path) -> Report {
    let contract = fs::read_to_string(root.join("contract.toml")).expect("a contract");
    let request = Request {
        scan: Scan { root: root.to_owned(), ..Scan::default() },
        contract: Some(("contract.toml".to_owned(), contract)),
        jobs: 1,
        deny_warnings: false,
        today: jiff::civil::date(2026, 1, 30),
        cache: None,
        with_table: true,
    };
    pipeline::run(request).expect("the tree can be checked").report
}

fn printed(report: &Report, name: &str) -> String {
    let format = CHECK_FORMATS.iter().find(|format| format.name == name).expect("a format");
    let mut out = Vec::new();
    (format.write)(report, Look::default(), &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("every format is UTF-8")
}

/// Holds what a format prints against a schema of `tests/schemas`.
fn validated(report: &Report, format: &str, schema: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(schema);
    let schema = fs::read_to_string(path).expect("the schema is there");
    // A stray bracket in a pattern of the standard's own schema, which JavaScript lets pass.
    let schema = schema.replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let document: Value = serde_json::from_str(&printed(report, format)).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{format}: {}", errors.join("\n"));
    document
}

/// What readers of `JUnit` reports know: element, attributes it must have, attributes it may have, elements in it.
type Known =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);
const JUNIT: &[Known] = &[
    ("testsuites", &[], &["name", "tests", "failures", "errors", "time"], &["testsuite"]),
    ("testsuite", &["name", "tests", "failures", "errors"], &["skipped"], &["testcase"]),
    ("testcase", &["name", "classname"], &["time"], &["failure", "skipped", "system-out"]),
    ("failure", &["message", "type"], &[], &[]),
    ("system-out", &[], &[], &[]),
];

fn junit(report: &Report) {
    let text = printed(report, "junit");
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let names: Vec<_> =
        cases.map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each test has its name");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let (_, must, may, inside) = JUNIT
            .iter()
            .find(|known| known.0 == node.tag_name().name())
            .unwrap_or_else(|| panic!("{node:?}"));
        assert!(must.iter().all(|name| node.has_attribute(*name)), "{node:?}");
        for attribute in node.attributes() {
            let name = attribute.name();
            assert!(must.contains(&name) || may.contains(&name), "{name}");
        }
        for child in node.children().filter(roxmltree::Node::is_element) {
            assert!(inside.contains(&child.tag_name().name()), "{child:?}");
        }
        if node.has_tag_name("testsuite") {
            let count =
                |name: &str| node.descendants().filter(|one| one.has_tag_name(name)).count();
            assert_eq!(node.attribute("tests"), Some(count("testcase").to_string().as_str()));
            assert_eq!(node.attribute("failures"), Some(count("failure").to_string().as_str()));
        }
    }
}

/// Everything a consumer asks of every format.
fn all_formats(report: &Report) {
    let sarif = validated(report, "sarif", "sarif-2.1.0.json");
    for result in sarif["runs"][0]["results"].as_array().expect("results") {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
        let uri = uri.expect("a place");
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
    }
    let gitlab = validated(report, "gitlab", "gitlab.json");
    let issues = gitlab.as_array().expect("a list");
    let prints: BTreeSet<_> = issues.iter().map(|one| one["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), issues.len(), "fingerprints are unique");
    validated(report, "rdjson", "rdjson.json");
    let json: Value = serde_json::from_str(&printed(report, "json")).expect("it is JSON");
    assert_eq!(json["violations"].as_array().map(Vec::len), Some(report.findings.len()));
    junit(report);
    github(&printed(report, "github"));
    let markdown = printed(report, "markdown");
    assert!(markdown.chars().count() < 65_536, "{}", markdown.chars().count());
    let every = CHECK_FORMATS.iter().map(|format| format.name);
    for name in every {
        let text = printed(report, name);
        assert_eq!(hidden(&text), None, "{name}");
    }
}

/// The first character of a text that steers a terminal or does not show.
fn hidden(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
}

/// Reads a log as the runner does: commands at the start of a line, until they are switched off.
fn github(text: &str) {
    let mut off: Option<&str> = None;
    let mut counts = [0, 0];
    for line in text.lines() {
        if let Some(token) = off {
            if line.strip_prefix("::").and_then(|rest| rest.strip_suffix("::")) == Some(token) {
                off = None;
            }
            continue;
        }
        let command = line.strip_prefix("::").expect("only commands stand outside the full text");
        let (head, _) = command.split_once("::").expect("a command has a message");
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        match name {
            "error" => counts[0] += 1,
            "warning" => counts[1] += 1,
            "notice" | "group" | "endgroup" => {}
            "stop-commands" => off = command.split_once("::").map(|(_, token)| token),
            other => panic!("{other}"),
        }
        for property in properties.split(',').filter(|property| !property.is_empty()) {
            let (name, value) = property.split_once('=').expect("a property has a value");
            assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&name));
            assert!(!value.contains(':'), "{value}");
        }
    }
    assert!(off.is_none() && counts.iter().all(|count| *count <= 10), "{counts:?}");
}

#[test]
fn accubooks_in_every_format() {
    let report = check(&accubooks());
    assert!(!report.findings.is_empty());
    all_formats(&report);
}

/// Writes a service with one bare route in each of some files.
fn service(root: &Path, files: &[(&str, &str)]) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(path, text).expect("a file");
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\n",
    );
    write(
        "contract.toml",
        "version = 1\n[class.financial]\nroutes = [\"/api/payments/**\"]\n[class.financial.gate]\nfunction = [\"app::gate\"]\n",
    );
    let mut lib = String::from("fn gate(r: axum::Router) -> axum::Router { r }\n");
    for (at, (name, path)) in files.iter().enumerate() {
        lib +=
            &["#[path = ", &format!("{name:?}"), "]\npub mod m", &at.to_string(), ";\n"].concat();
        let code = format!(
            "use axum::{{Router, routing::post}};\nasync fn h() {{}}\npub fn app() -> Router {{\n    Router::new().route({path:?}, post(h))\n}}\n"
        );
        write(&format!("src/{name}"), &code);
    }
    write("src/lib.rs", &lib);
}

#[test]
fn hostile_names_are_inert_in_every_format() {
    let root = scratch("hostile");
    let long = format!("/api/payments/{}", "x".repeat(100 * 1024));
    service(
        &root,
        &[
            ("a::error file=x,line=1::pwned%0A.rs", "/api/payments/<script>alert(1)</script>"),
            ("b\u{202e}sr.\u{1b}[31m.rs", "/api/payments/\u{1b}[2J\u{202e}\u{200b}"),
            ("c\nd::warning::x.rs", "/api/payments/\n::error::pwned\r\n##[error]pwned"),
            ("e`|<b>@all.rs", "/api/payments/`|@team](http:x)[y](1)&amp;]]>"),
            ("f%25.rs", long.as_str()),
        ],
    );
    let report = check(&root);
    assert_eq!(report.findings.iter().filter(|one| one.rule == "bare-route").count(), 5);
    all_formats(&report);
    let markdown = printed(&report, "markdown");
    let markup = markdown.replace("\\]", "");
    assert!(!markup.contains("<script") && !markup.contains("]("), "{markdown}");
    let sarif = printed(&report, "sarif");
    assert!(sarif.contains("src/a%3A%3Aerror%20file%3Dx%2Cline%3D1%3A%3Apwned%250A.rs"));
    assert!(!sarif.contains("\\u001b") && !sarif.contains('\u{202e}'));
    fs::remove_dir_all(&root).expect("it is ours");
}

/// Texts that mean something to some consumer: a terminal, a runner, a browser, a reader of tables or of XML.
const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "\u{1b}[31mred\u{1b}[0m\u{1b}]8;;http:x\u{7}link",
    "\n::error file=x,line=1::pwned%0A",
    "\r\n##[error]pwned\r##vso[task.complete]",
    "\u{202e}txt.exe\u{2066}\u{200f}\u{200b}\u{feff}",
    "`|@team](http:x)[y](1)&amp;]]><!--",
    "%0A%25%2C::warning::x",
    "'; DROP TABLE x; --\"'",
    "{{{}}}{?}{*rest}",
    "${{ secrets.X }}$(id)`id`",
    "\u{fdd0}\u{10ffff}\u{0}\u{85}\u{2028}",
    "größe-表-\u{1f4b8}",
];

#[test]
fn every_hostile_text_in_every_place_and_format() {
    let root = scratch("matrix");
    let long = "y/".repeat(50 * 1024);
    for (number, text) in HOSTILE.iter().copied().chain([long.as_str()]).enumerate() {
        let tree = root.join(number.to_string());
        let name: String = text.chars().filter(|c| !matches!(c, '/' | '\0')).take(60).collect();
        let path = format!("/api/payments/{text}");
        service(&tree, &[(&format!("{name}.rs"), &path)]);
        let sql = format!("INSERT INTO \"{}\" (id) VALUES (1)", text.replace('"', "\"\""));
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        // A contract is written by people too, and a gate is given whatever they call an operation.
        let lib = fs::read_to_string(tree.join("src/lib.rs")).expect("it is there");
        let more = format!(
            "pub struct Gate;\nimpl Gate {{ pub fn add(self, operation: &str, r: axum::Router) -> axum::Router {{ r.route(\"/api/payments/op\", axum::routing::post(|| async {{}})) }} }}\npub fn op(g: Gate) -> axum::Router {{ g.add({text:?}, axum::Router::new()) }}\npub async fn write(p: &sqlx::PgPool, t: &str) {{ let _ = sqlx::query({sql:?}).execute(p).await; let _ = sqlx::query(&format!(\"{{}} {{t}}\", {text:?})).execute(p).await; let _ = sqlx::query(\"UPDATE payments SET a = 1\").execute(p).await; }}\n"
        );
        fs::write(tree.join("src/lib.rs"), lib + &more).expect("a file");
        let contract = format!(
            "version = 1\n[class.financial]\nsummary = {0}\nroutes = [\"/api/payments/**\"]\ntables = [\"payments\"]\nwriter = [\"app::nothing\"]\n[class.financial.gate]\nfunction = [\"app::gate\", \"app::Gate::add\"]\n[[class.financial.operation]]\nname = {0}\nroute = \"POST /api/payments/missing\"\n[[exempt]]\ntable = \"nothing\"\nreason = {1}\n",
            quoted(&name),
            quoted(&format!("why {name}"))
        );
        fs::write(tree.join("contract.toml"), contract).expect("a file");
        let manifest = fs::read_to_string(tree.join("Cargo.toml")).expect("it is there");
        fs::write(tree.join("Cargo.toml"), manifest + "sqlx = \"0.8\"\n").expect("a file");

        let report = check(&tree);
        assert!(
            report.findings.iter().any(|one| matches!(one.rule, "bare-route" | "unresolved-route")),
            "{text:?}"
        );
        assert!(report.findings.iter().any(|one| one.rule == "direct-write"), "{text:?}");
        all_formats(&report);
        let lines: Vec<_> = report.routes.iter().collect();
        for format in LIST_FORMATS {
            let mut out = Vec::new();
            for verbose in [false, true] {
                let look = Look { verbose, ..Look::default() };
                (format.routes)(&report, &lines, look, &mut out).expect("written");
                (format.writes)(&report, look, &mut out).expect("written");
                (format.adoption)(&report, look, &mut out).expect("written");
            }
            let text = String::from_utf8(out).expect("every format is UTF-8");
            if format.name == "json" {
                let documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
                assert_eq!(documents.flatten().count(), 6);
            }
            assert_eq!(hidden(&text), None, "{}", format.name);
        }
        let html = printed(&report, "markdown").replace("<details>", "").replace("</details>", "");
        let html = html.replace("<summary>", "").replace("</summary>", "");
        assert!(!outside_code(&html).contains('<'), "{html}");
        // Baselines are text for people too, and say the same when they are read again.
        let baseline = contract_check::baseline::Baseline::of(&report);
        assert_eq!(hidden(&baseline.text()), None);
        assert_eq!(contract_check::baseline::Baseline::parse(&baseline.text()), Ok(baseline));
    }
    fs::remove_dir_all(&root).expect("it is ours");
}

/// Markdown without what stands between backticks.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            // An escaped backtick opens nothing.
            let escaped = rest[..at].ends_with('\\');
            out += &rest[..at];
            let ticks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let fence = "`".repeat(ticks);
            rest = &rest[at + ticks..];
            if let Some(end) = rest.find(&fence).filter(|_| !escaped) {
                rest = &rest[end + ticks..];
            }
        }
        out += rest;
        out.push('\n');
    }
    out
}

/// Copies what a tree is judged by: Rust files, SQL, manifest and contract.
fn copy(from: &Path, to: &Path, edit: &dyn Fn(&Path, String) -> (PathBuf, String)) {
    for entry in walkdir::WalkDir::new(from).sort_by_file_name() {
        let entry = entry.expect("a readable tree");
        let name = entry.path().strip_prefix(from).expect("it is below").to_owned();
        let wanted = entry
            .path()
            .extension()
            .is_some_and(|one| one == "rs" || one == "toml" || one == "sql");
        if !wanted || name.starts_with("target") {
            continue;
        }
        let (name, text) = edit(&name, fs::read_to_string(entry.path()).expect("text"));
        let to = to.join(name);
        fs::create_dir_all(to.parent().expect("it has one")).expect("a directory");
        fs::write(to, text).expect("a file");
    }
}

fn prints(report: &Report) -> BTreeSet<String> {
    assert_eq!(report.prints.iter().collect::<BTreeSet<_>>().len(), report.prints.len());
    report.prints.iter().cloned().collect()
}

#[test]
fn edits_that_change_nothing_change_no_fingerprint() {
    let before = prints(&check(&accubooks()));
    let root = scratch("moved");
    let edited = |name: &str, edit: &dyn Fn(&Path, String) -> (PathBuf, String)| {
        let to = root.join(name);
        copy(&accubooks(), &to, edit);
        prints(&check(&to))
    };
    let is_rust = |path: &Path| path.extension().is_some_and(|one| one == "rs");

    let moved = edited("moved", &|path, text| {
        let lead = if is_rust(path) { "// one\n// two\n\n// three\n" } else { "" };
        (path.to_owned(), format!("{lead}{text}"))
    });
    assert_eq!(moved, before, "moved down");

    let reformatted = edited("reformatted", &|path, text| {
        if !is_rust(path) {
            return (path.to_owned(), text);
        }
        let mut file = syn::parse_file(&text).expect("it parses");
        // Macros are in scope below their definition only, so the other items keep their order.
        let is_fn = |item: &syn::Item| matches!(item, syn::Item::Fn(_));
        let (fns, mut items): (Vec<_>, Vec<_>) = file.items.into_iter().partition(is_fn);
        items.extend(fns.into_iter().rev());
        file.items = items;
        (path.to_owned(), quote::quote!(#file).to_string())
    });
    assert_eq!(reformatted, before, "reversed, and all on one line");

    let renamed = edited("renamed", &|path, text| {
        let name =
            if path == Path::new("src/telemetry.rs") { Path::new("src/tracing2.rs") } else { path };
        (name.to_owned(), text.replace("telemetry", "tracing2"))
    });
    assert_eq!(renamed, before, "an unrelated file renamed");
    fs::remove_dir_all(&root).expect("it is ours");
}

#[test]
fn equal_bare_routes_of_two_files_keep_their_fingerprints() {
    let root = scratch("equal");
    let path = "/api/payments";
    service(&root, &[("a.rs", path), ("b.rs", path)]);
    let before = prints(&check(&root));
    let bare =
        |report: &Report| report.findings.iter().filter(|one| one.rule == "bare-route").count();
    assert_eq!(bare(&check(&root)), 2);
    // Moved down, and declared the other way round: the same two.
    let text = fs::read_to_string(root.join("src/a.rs")).expect("it is there");
    fs::write(root.join("src/a.rs"), format!("// one\n\n{text}")).expect("a file");
    assert_eq!(prints(&check(&root)), before);
    service(&root, &[("b.rs", path), ("a.rs", path)]);
    assert_eq!(prints(&check(&root)), before);
    // One file renamed, one emptied, a third beside them.
    fs::remove_file(root.join("src/a.rs")).expect("it is there");
    service(&root, &[("b.rs", path), ("z.rs", path)]);
    assert_eq!(prints(&check(&root)), before);
    service(&root, &[("b.rs", path)]);
    let one = prints(&check(&root));
    assert!(one.is_subset(&before) && one.len() < before.len());
    service(&root, &[("b.rs", path), ("c.rs", path), ("z.rs", path)]);
    let three = prints(&check(&root));
    assert!(before.is_subset(&three) && three.len() > before.len());
    fs::remove_dir_all(&root).expect("it is ours");
}

#[test]
fn the_same_route_bare_once_more_is_new() {
    let root = scratch("twice");
    service(&root, &[("z.rs", "/api/payments")]);
    let before = prints(&check(&root));
    service(&root, &[("a.rs", "/api/payments"), ("z.rs", "/api/payments")]);
    let after = prints(&check(&root));
    assert!(before.is_subset(&after), "{before:?} {after:?}");
    assert!(after.len() > before.len());
    fs::remove_dir_all(&root).expect("it is ours");
}
