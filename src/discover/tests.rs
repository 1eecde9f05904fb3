//! Trees on disk, and what is found in them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// A directory that goes away with its value.
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
}

impl Tree {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "contract-check-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let root = std::env::temp_dir().canonicalize().unwrap().join(name);
        std::fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A tree from lines of `path` or `path: one-line content` (`|` stands for a line break).
    fn of(lines: &[&str]) -> Self {
        let tree = Self::new();
        for line in lines {
            let (file, text) = line.split_once(": ").unwrap_or((line, ""));
            tree.write(file, text.replace('|', "\n"));
        }
        tree
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// Each package on a line: directory, name, edition, targets, dependencies.
fn shape(workspace: &Workspace) -> Vec<String> {
    let target = |target: &Target| format!("{:?} {} {}", target.kind, target.name, target.root);
    let name = |at: usize| workspace.packages[at].dir.clone();
    let dependency = |dependency: &Dependency| {
        format!(
            "{}={}@{}",
            dependency.name,
            dependency.package,
            dependency.local.map_or("-".to_owned(), name)
        )
    };
    let line = |package: &Package| {
        let targets: Vec<_> = package.targets.iter().map(target).collect();
        let dependencies: Vec<_> = package.dependencies.iter().map(dependency).collect();
        let (dir, edition) = (&package.dir, package.edition);
        let head = format!("[{dir}] {} {} {edition}", package.name, package.version);
        format!("{head}: {} <- {}", targets.join(", "), dependencies.join(", "))
            .trim_end_matches(" <- ")
            .to_owned()
    };
    workspace.packages.iter().map(line).collect()
}

/// What is found, which is also what the tree's parts are when they are put together.
fn found(tree: &Tree) -> Workspace {
    let workspace = discover(&tree.root, &[]).unwrap();
    let parts = parts(&Scan { root: tree.root.clone(), ..Scan::default() }).unwrap();
    let again = joined(parts.packages.iter().rev().chain([&parts.rest]));
    assert_eq!(Workspace { root: workspace.root.clone(), ..again }, workspace);
    workspace
}

fn check(lines: &[&str], packages: &[&str]) {
    let workspace = found(&Tree::of(lines));
    assert_eq!(shape(&workspace), packages);
    assert_eq!(workspace.unread, []);
}

const LIB: &str = "Cargo.toml: [package]|name = \"a-b\"|version = \"1.2.3\"|edition = \"2024\"";

#[test]
fn default_targets() {
    check(
        &[
            LIB,
            "src/lib.rs",
            "src/main.rs",
            "src/orphan.rs",
            "src/bin/x-y.rs",
            "src/bin/z/main.rs",
            "src/bin/z/mod.rs",
            "tests/t.rs",
            "tests/common/mod.rs",
            "benches/b.rs",
            "examples/e.rs",
            "examples/f/main.rs",
            "build.rs",
        ],
        &["[] a-b 1.2.3 2024: Lib a_b src/lib.rs, Bin a_b src/main.rs, Bin x_y src/bin/x-y.rs, \
           Bin z src/bin/z/main.rs, Example e examples/e.rs, Example f examples/f/main.rs, Test t tests/t.rs, \
           Bench b benches/b.rs, BuildScript build_script_build build.rs"],
    );
}

#[test]
fn declared_targets() {
    let manifest = format!(
        "{LIB}|autobins = false|autotests = false|build = false|[lib]|name = \"core_x\"|path = \"./lib/core.rs\"|\
         proc-macro = true|[[bin]]|name = \"tool\"|path = \"tools/tool.rs\"|[[bin]]|name = \"srv\""
    );
    check(
        &[
            &manifest,
            "lib/core.rs",
            "src/lib.rs",
            "src/main.rs",
            "src/bin/srv.rs",
            "tools/tool.rs",
            "tests/t.rs",
            "build.rs",
        ],
        &[
            "[] a-b 1.2.3 2024: ProcMacro core_x lib/core.rs, Bin srv src/bin/srv.rs, Bin tool tools/tool.rs",
        ],
    );
}

#[test]
fn virtual_workspace_inherits_and_links() {
    check(
        &[
            "Cargo.toml: [workspace]|members = [\"crates/*\"]|[workspace.package]|version = \"9.0.0\"|\
             edition = \"2021\"|[workspace.dependencies]|money = { package = \"core-kit\", path = \"crates/core\" }|\
             serde = \"1\"",
            "crates/app/Cargo.toml: [package]|name = \"app\"|version.workspace = true|edition.workspace = true|\
             [dependencies]|money.workspace = true|serde = { workspace = true, features = [\"rc\"] }|\
             [target.'cfg(unix)'.dependencies]|gates = { path = \"../gates\" }|[dev-dependencies]|gates = \"1\"",
            "crates/app/src/main.rs",
            "crates/core/Cargo.toml: [package]|name = \"core-kit\"|version = \"1.0.0\"",
            "crates/core/src/lib.rs",
            "crates/gates/Cargo.toml: [package]|name = \"gates\"|version = \"1.0.0\"|[lib]|name = \"gatekeeper\"",
            "crates/gates/src/lib.rs",
            "scripts/not_compiled.rs",
        ],
        &[
            "[crates/app] app 9.0.0 2021: Bin app crates/app/src/main.rs <- gatekeeper=gates@crates/gates, \
             money=core_kit@crates/core, serde=serde@-",
            "[crates/core] core-kit 1.0.0 2015: Lib core_kit crates/core/src/lib.rs",
            "[crates/gates] gates 1.0.0 2015: Lib gatekeeper crates/gates/src/lib.rs",
        ],
    );
}

#[test]
fn independent_workspaces_and_loose_files() {
    let package =
        |name: &str, rest: &str| format!("[package]|name = \"{name}\"|version = \"1.0.0\"|{rest}");
    let one = package("one", "[workspace]|[dependencies]|util = \"1\"");
    let two = package("two", "[workspace]|[dependencies]|util = { path = \"../two/util\" }");
    let tree = Tree::of(&[
        &format!("one/Cargo.toml: {one}"),
        "one/src/lib.rs",
        &format!("one/util/Cargo.toml: {}", package("util", "")),
        "one/util/src/lib.rs",
        &format!("two/Cargo.toml: {two}"),
        "two/src/lib.rs",
        &format!("two/util/Cargo.toml: {}", package("util", "")),
        "two/util/src/lib.rs",
        "scripts/run-it.rs",
    ]);
    let workspace = found(&tree);
    let lines = shape(&workspace);
    assert!(lines[0].ends_with("0.0.0 2021: Loose run_it scripts/run-it.rs"), "{lines:?}");
    assert!(lines[1].ends_with("<- util=util@one/util"), "{lines:?}");
    assert!(lines[3].ends_with("<- util=util@two/util"), "{lines:?}");
    assert_eq!(workspace, found(&tree));
}

#[test]
fn a_broken_manifest_is_told_and_read_by_layout() {
    let workspace = found(&Tree::of(&[
        "a/Cargo.toml: [package|name = \"x\"",
        "a/src/lib.rs",
        "b/Cargo.toml: [package]|name = \"later\"|edition = \"2099\"",
        "b/src/main.rs",
        "c/Cargo.toml: nonsense",
        "c/odd/place.rs",
    ]));
    assert_eq!(
        shape(&workspace),
        [
            "[a] a 0.0.0 2021: Lib a a/src/lib.rs",
            "[b] later 0.0.0 2021: Bin later b/src/main.rs",
            "[c] c 0.0.0 2021: Loose c c/odd/place.rs",
        ]
    );
    let told: Vec<_> = workspace.unread.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(told, ["a/Cargo.toml", "b/Cargo.toml", "c/Cargo.toml"]);
    assert!(
        workspace.unread.iter().all(|(_, why)| why.contains("manifest") && !why.contains('\n')),
        "{workspace:?}"
    );
}

#[test]
fn below_a_package() {
    let tree = Tree::of(&[LIB, "src/lib.rs", "src/pay/mod.rs", "src/pay/runs.rs", "tests/t.rs"]);
    let at = |path: &str| shape(&discover(&tree.path(path), &[]).unwrap());
    assert_eq!(at("src"), ["[..] a-b 1.2.3 2024: Lib a_b lib.rs"]);
    assert_eq!(at("src/pay"), ["[../..] a-b 1.2.3 2024: Loose a_b mod.rs, Loose a_b runs.rs"]);
    assert_eq!(at("src/lib.rs"), ["[..] a-b 1.2.3 2024: Lib a_b lib.rs"]);
    assert_eq!(at("src/pay/runs.rs"), ["[../..] a-b 1.2.3 2024: Loose a_b runs.rs"]);
    let both = Scan {
        root: tree.root.clone(),
        only: vec![tree.path("src/pay"), tree.path("tests")],
        ..Scan::default()
    };
    assert_eq!(
        shape(&scan(&both).unwrap()),
        [
            "[] a-b 1.2.3 2024: Test t tests/t.rs, Loose a_b src/pay/mod.rs, Loose a_b src/pay/runs.rs"
        ]
    );
}

#[test]
fn ignored_hidden_target_and_excluded() {
    let tree = Tree::of(&[
        ".gitignore: gen/|*.bak.rs",
        LIB,
        "src/lib.rs",
        "src/old.bak.rs",
        "gen/a.rs",
        ".hidden/b.rs",
        "target/c.rs",
        "target/CACHEDIR.TAG",
        "benches/d.rs",
        "tests/deep/e.rs",
        "src/target/f.rs",
    ]);
    let workspace = discover(&tree.root, &["benches/**".to_owned(), "deep".to_owned()]).unwrap();
    assert_eq!(workspace.files, ["src/lib.rs", "src/target/f.rs"]);
    assert_eq!(shape(&workspace), ["[] a-b 1.2.3 2024: Lib a_b src/lib.rs"]);
    let bad = discover(&tree.root, &["{a".to_owned()]);
    assert!(matches!(bad, Err(DiscoverError::Exclude { .. })), "{bad:?}");
}

#[test]
fn a_declared_file_counts_even_if_git_ignores_it() {
    let manifest = format!(
        "{LIB}|[[bin]]|name = \"g\"|path = \"gen/g.rs\"|[[bin]]|name = \"h\"|path = \"no/h.rs\""
    );
    let workspace = found(&Tree::of(&[".gitignore: gen/", &manifest, "src/lib.rs", "gen/g.rs"]));
    assert_eq!(workspace.files, ["gen/g.rs", "src/lib.rs"]);
    assert_eq!(
        workspace.unread,
        [("Cargo.toml".to_owned(), "its target `no/h.rs` does not exist".to_owned())]
    );
}

#[cfg(unix)]
#[test]
fn links() {
    use std::os::unix::fs::symlink;
    let tree = Tree::of(&[
        LIB,
        "src/lib.rs",
        "shared/one.rs",
        "sub/Cargo.toml: [package]|name = \"sub\"",
        "sub/src/lib.rs",
    ]);
    symlink(&tree.root, tree.path("src/loop")).unwrap();
    symlink(tree.path("shared"), tree.path("src/shared")).unwrap();
    symlink(tree.path("sub"), tree.path("src/sub")).unwrap();
    symlink(tree.path("shared/one.rs"), tree.path("src/two.rs")).unwrap();
    symlink("/", tree.path("src/away")).unwrap();
    symlink("nowhere.rs", tree.path("src/gone.rs")).unwrap();
    symlink("nowhere", tree.path("src/.#lock.rs")).unwrap();
    let workspace = found(&tree);
    assert_eq!(
        workspace.files,
        [
            "shared/one.rs",
            "src/lib.rs",
            "src/shared/one.rs",
            "src/sub/src/lib.rs",
            "src/two.rs",
            "sub/src/lib.rs"
        ]
    );
    assert_eq!(workspace.packages.len(), 2);
    assert_eq!(
        workspace.unread,
        [("src/gone.rs".to_owned(), "it is a symbolic link to nothing".to_owned())]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let tree = Tree::of(&["a.rs"]);
    std::fs::write(tree.root.join(std::ffi::OsStr::from_bytes(b"b\xff.rs")), "").unwrap();
    let workspace = found(&tree);
    assert_eq!(workspace.files, ["a.rs"]);
    assert_eq!(
        workspace.unread,
        [("b\u{fffd}.rs".to_owned(), "its path is not valid UTF-8".to_owned())]
    );
}

#[cfg(unix)]
#[test]
fn a_closed_directory_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::of(&["a.rs", "closed/b.rs"]);
    let closed = tree.path("closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = std::fs::read_dir(&closed).is_ok();
    let workspace = found(&tree);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    if !is_root {
        assert_eq!(workspace.unread, [("closed".to_owned(), "permission denied".to_owned())]);
    }
}

#[test]
fn what_cannot_be_scanned() {
    let tree = Tree::of(&["notes.txt", "empty/notes.txt"]);
    let at = |path: &str| discover(&tree.path(path), &[]).unwrap_err().to_string();
    assert!(at("missing").ends_with("it does not exist"));
    assert!(at("notes.txt").ends_with("neither a directory nor a `.rs` file"));
    assert!(at("empty").starts_with("no Rust files below"));
}

#[test]
fn packages_that_manifests_name_are_walked_wherever_the_walk_would_not_go() {
    let package = |name: &str, rest: &str| format!("[package]|name = \"{name}\"|{rest}");
    let tree = Tree::of(&[
        ".gitignore: gen/|*.bak.rs",
        &format!(
            "Cargo.toml: {}",
            package(
                "app",
                "[workspace]|members = [\".m\"]|exclude = [\"x\"]|[dependencies]|a = { path = \".a\" }|\
                 x = { path = \".x\" }|[dev-dependencies]|t = { path = \".t\" }"
            )
        ),
        "src/lib.rs",
        &format!(".a/Cargo.toml: {}", package("a", "[dependencies]|g = { path = \"../gen/g\" }")),
        ".a/src/lib.rs",
        ".a/.cache/c.rs",
        &format!("gen/g/Cargo.toml: {}", package("g", "")),
        "gen/g/src/lib.rs",
        &format!(".m/Cargo.toml: {}", package("m", "")),
        ".m/src/main.rs",
        &format!(".t/Cargo.toml: {}", package("t", "")),
        ".t/src/lib.rs",
        &format!(".x/Cargo.toml: {}", package("x", "")),
        ".x/src/lib.rs",
    ]);
    let workspace = discover(&tree.root, &[".x".to_owned()]).unwrap();
    assert_eq!(
        workspace.files,
        [".a/src/lib.rs", ".m/src/main.rs", "gen/g/src/lib.rs", "src/lib.rs"]
    );
    let needs = workspace.packages.iter().flat_map(|package| &package.dependencies);
    assert!(needs.clone().all(|need| need.unseen.is_none()), "{workspace:?}");
    assert_eq!(needs.filter(|need| need.local.is_some()).count(), 2);
}

#[test]
fn dependencies_that_are_not_there_are_told() {
    let tree = Tree::of(&[
        "app/Cargo.toml: [package]|name = \"app\"|[dependencies]|gone = { path = \"gone\" }|\
         other = { path = \"../other\" }|[dev-dependencies]|tests = { path = \"../tests\" }",
        "app/src/lib.rs",
        "app/src/a.rs",
        "other/Cargo.toml: [package]|name = \"other\"",
        "other/src/lib.rs",
    ]);
    let unseen = |path: &str| -> Vec<Unseen> {
        let packages = discover(&tree.path(path), &[]).unwrap().packages;
        packages
            .iter()
            .flat_map(|one| &one.dependencies)
            .filter_map(|one| one.unseen.clone())
            .collect()
    };
    let outside = Unseen::Outside("../other".to_owned());
    assert_eq!(unseen("app"), [Unseen::Missing("gone".to_owned()), outside]);
    assert_eq!(unseen(""), [Unseen::Missing("app/gone".to_owned())]);
    assert_eq!(unseen("app/src/a.rs"), []);
}
