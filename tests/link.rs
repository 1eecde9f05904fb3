//! Name resolution on small trees of several files.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input should stop")]

use std::{fmt::Write as _, rc::Rc, sync::Arc};

use contract_check::{
    discover::{Dependency, Package, Target, TargetKind, Workspace},
    link::{
        CrateId, DefId, Expander, ModuleId, Namespace, ParsedFile, Program, Reader, Resolution,
        Target as Meaning, Ty,
    },
    source::{Expansion, Origin, Sources, Span},
    syntax::tree::{
        Attr, Cfg, Field, FileTree, FnItem, GenericParam, Generics, ImplItem, Item, ItemKind,
        MacroCall, Name, Path, PathSegment, TypeRef, UseKind, UseLeaf, Variant,
    },
};
use thin_vec::ThinVec;

/// Reads just what these tests need.
struct TestReader;

fn range(from: &std::ops::Range<usize>) -> Span {
    Span::new(u32::try_from(from.start).unwrap(), u32::try_from(from.end).unwrap())
}

fn span(spanned: &impl syn::spanned::Spanned) -> Span {
    range(&spanned.span().byte_range())
}

fn inner(delimiter: &syn::MacroDelimiter) -> Span {
    let all = delimiter.span();
    range(&(all.open().byte_range().end..all.close().byte_range().start))
}

fn name(ident: &syn::Ident) -> Name {
    ident.to_string().into()
}

fn path(from: &syn::Path) -> Path {
    let segments = from.segments.iter().map(|segment| {
        let args = match &segment.arguments {
            syn::PathArguments::AngleBracketed(list) => list
                .args
                .iter()
                .filter_map(|arg| match arg {
                    syn::GenericArgument::Type(ty) => Some(type_ref(ty)),
                    _ => None,
                })
                .collect(),
            _ => ThinVec::new(),
        };
        PathSegment { name: name(&segment.ident), args, bindings: ThinVec::new() }
    });
    Path {
        qself: None,
        global: from.leading_colon.is_some(),
        segments: segments.collect(),
        span: span(from),
    }
}

fn type_ref(ty: &syn::Type) -> TypeRef {
    match ty {
        syn::Type::Path(ty) => TypeRef::Path(path(&ty.path)),
        syn::Type::Reference(ty) => TypeRef::Ref(Box::new(type_ref(&ty.elem)), false),
        _ => TypeRef::Unknown,
    }
}

fn generics(from: &syn::Generics) -> Generics {
    let param = |param: &syn::TypeParam| GenericParam {
        name: name(&param.ident),
        bounds: ThinVec::new(),
        default: None,
        is_const: false,
    };
    Generics { params: from.type_params().map(param).collect(), wheres: ThinVec::new() }
}

fn function(sig: &syn::Signature, body: bool) -> ItemKind {
    let body = body.then(|| contract_check::syntax::tree::Body {
        span: Span::default(),
        idents: Box::default(),
        macros: Box::default(),
        paths: Box::default(),
        flags: contract_check::syntax::tree::BodyFlags::default(),
    });
    ItemKind::Fn(Box::new(FnItem {
        generics: generics(&sig.generics),
        receiver: None,
        params: ThinVec::new(),
        ret: None,
        is_async: false,
        body,
    }))
}

fn call(from: &syn::Macro, whole: Span) -> ItemKind {
    ItemKind::MacroCall(MacroCall {
        path: path(&from.path),
        args: inner(&from.delimiter),
        span: whole,
    })
}

fn leaves(tree: &syn::UseTree, global: bool, before: &[Name], out: &mut ThinVec<UseLeaf>) {
    let mut path = ThinVec::from(before);
    let kind = match tree {
        syn::UseTree::Path(inner) => {
            path.push(name(&inner.ident));
            return leaves(&inner.tree, global, &path, out);
        }
        syn::UseTree::Group(group) => {
            return group.items.iter().for_each(|tree| leaves(tree, global, before, out));
        }
        syn::UseTree::Name(leaf) if leaf.ident == "self" => {
            UseKind::Name(path.last().unwrap().clone())
        }
        syn::UseTree::Name(leaf) => {
            path.push(name(&leaf.ident));
            UseKind::Name(name(&leaf.ident))
        }
        syn::UseTree::Rename(leaf) => {
            path.push(name(&leaf.ident));
            UseKind::Name(name(&leaf.rename))
        }
        syn::UseTree::Glob(_) => UseKind::Glob,
    };
    out.push(UseLeaf { global, path, kind, span: span(tree) });
}

fn made(
    ident: Option<&syn::Ident>,
    list: &[syn::Attribute],
    whole: Span,
    kind: ItemKind,
    text: &str,
) -> Arc<Item> {
    let (mut attrs, mut cfg) = (ThinVec::new(), None::<Cfg>);
    for attr in list {
        let args = match &attr.meta {
            syn::Meta::List(list) => inner(&list.delimiter),
            syn::Meta::NameValue(value) => span(&value.value),
            syn::Meta::Path(_) => Span::default(),
        };
        if attr.path().is_ident("cfg") {
            cfg = Some(contract_check::link::cfg::parse(args.of(text)));
        } else {
            attrs.push(Attr { path: path(attr.path()), args, span: span(attr), cfg: None });
        }
    }
    let (name, name_span) =
        ident.map_or((Name::default(), whole), |ident| (name(ident), span(ident)));
    Arc::new(Item { name, name_span, span: whole, attrs, cfg: cfg.map(Box::new), kind })
}

fn fields(from: &syn::Fields) -> ThinVec<Field> {
    from.iter()
        .map(|field| Field {
            name: "0".into(),
            ty: type_ref(&field.ty),
            attrs: ThinVec::new(),
            cfg: None,
        })
        .collect()
}

fn item(from: &syn::Item, text: &str) -> Arc<Item> {
    let whole = span(from);
    let make = |ident: Option<&syn::Ident>, attrs: &[syn::Attribute], kind| {
        made(ident, attrs, whole, kind, text)
    };
    match from {
        syn::Item::Fn(it) => make(Some(&it.sig.ident), &it.attrs, function(&it.sig, true)),
        syn::Item::Mod(it) => {
            let inner = it
                .content
                .as_ref()
                .map(|(_, items)| items.iter().map(|it| item(it, text)).collect());
            make(Some(&it.ident), &it.attrs, ItemKind::Mod(inner))
        }
        syn::Item::Use(it) => {
            let mut out = ThinVec::new();
            leaves(&it.tree, it.leading_colon.is_some(), &[], &mut out);
            make(None, &it.attrs, ItemKind::Use(out))
        }
        syn::Item::ExternCrate(it) => {
            let bound = it.rename.as_ref().map_or(&it.ident, |(_, rename)| rename);
            make(Some(bound), &it.attrs, ItemKind::ExternCrate(name(&it.ident)))
        }
        syn::Item::Const(it) => make(
            Some(&it.ident),
            &it.attrs,
            ItemKind::Const { ty: type_ref(&it.ty), value: None, is_static: false },
        ),
        syn::Item::Type(it) => {
            let kind = ItemKind::TypeAlias {
                generics: generics(&it.generics),
                ty: Some(type_ref(&it.ty)),
            };
            make(Some(&it.ident), &it.attrs, kind)
        }
        syn::Item::Struct(it) => {
            let kind = ItemKind::Struct {
                generics: generics(&it.generics),
                fields: fields(&it.fields),
                is_tuple: false,
            };
            make(Some(&it.ident), &it.attrs, kind)
        }
        syn::Item::Enum(it) => {
            let variants = it.variants.iter().map(|it| Variant {
                name: name(&it.ident),
                fields: fields(&it.fields),
                is_tuple: false,
                attrs: ThinVec::new(),
            });
            make(
                Some(&it.ident),
                &it.attrs,
                ItemKind::Enum { generics: generics(&it.generics), variants: variants.collect() },
            )
        }
        syn::Item::Trait(it) => {
            let items = it.items.iter().filter_map(|inner| match inner {
                syn::TraitItem::Fn(f) => Some(made(
                    Some(&f.sig.ident),
                    &f.attrs,
                    span(f),
                    function(&f.sig, f.default.is_some()),
                    text,
                )),
                _ => None,
            });
            let upper = it.supertraits.iter().filter_map(|bound| match bound {
                syn::TypeParamBound::Trait(bound) => Some(TypeRef::Path(path(&bound.path))),
                _ => None,
            });
            make(
                Some(&it.ident),
                &it.attrs,
                ItemKind::Trait {
                    generics: generics(&it.generics),
                    supertraits: upper.collect(),
                    items: items.collect(),
                },
            )
        }
        syn::Item::Impl(it) => {
            let items = it.items.iter().filter_map(|inner| match inner {
                syn::ImplItem::Fn(f) => {
                    Some(made(Some(&f.sig.ident), &f.attrs, span(f), function(&f.sig, true), text))
                }
                syn::ImplItem::Type(ty) => {
                    let kind = ItemKind::TypeAlias {
                        generics: Generics::default(),
                        ty: Some(type_ref(&ty.ty)),
                    };
                    Some(made(Some(&ty.ident), &ty.attrs, span(ty), kind, text))
                }
                syn::ImplItem::Macro(m) => {
                    Some(made(None, &m.attrs, span(m), call(&m.mac, span(m)), text))
                }
                _ => None,
            });
            let block = ImplItem {
                generics: generics(&it.generics),
                of_trait: impl_trait(it),
                negative: false,
                self_ty: type_ref(&it.self_ty),
                items: items.collect(),
            };
            make(None, &it.attrs, ItemKind::Impl(Box::new(block)))
        }
        syn::Item::Macro(it) if it.mac.path.is_ident("macro_rules") => {
            make(it.ident.as_ref(), &it.attrs, ItemKind::MacroRules(inner(&it.mac.delimiter)))
        }
        syn::Item::Macro(it) => make(None, &it.attrs, call(&it.mac, whole)),
        _ => make(None, &[], ItemKind::Other),
    }
}

fn impl_trait(it: &syn::ItemImpl) -> Option<Path> {
    it.trait_.as_ref().map(|of| path(&of.0))
}

impl Reader for TestReader {
    fn read_tree(&self, text: &str) -> Result<FileTree, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        Ok(FileTree {
            items: file.items.iter().map(|it| item(it, text)).collect(),
            ..FileTree::default()
        })
    }

    fn read_items(&self, text: &str, span: Span) -> Result<FileTree, String> {
        self.read_tree(&format!("{}{}", " ".repeat(span.start as usize), span.of(text)))
    }

    /// One rule; `$x` stands for all arguments.
    fn macro_rules(&self, rules: &str, _: bool) -> Result<Expander, String> {
        let body = rules.split_once("=>").ok_or("no rule")?.1.trim();
        let body = body
            .strip_prefix('{')
            .and_then(|body| body.strip_suffix('}'))
            .ok_or("no braces")?
            .to_owned();
        Ok(Rc::new(move |args, krate| {
            let text = body.replace("$crate", krate).replace("$x", args);
            Ok(Expansion { text, ..Expansion::default() })
        }))
    }
}

fn package(
    at: &str,
    edition: u16,
    dependencies: &[(&str, &str)],
    files: &[(&str, &str)],
) -> Package {
    let prefix = if at.is_empty() { String::new() } else { format!("{at}/") };
    let crate_name = if at.is_empty() { "app" } else { at };
    let roots = [
        ("src/lib.rs", TargetKind::Lib),
        ("src/main.rs", TargetKind::Bin),
        ("tests/it.rs", TargetKind::Test),
    ];
    let targets = roots.iter().map(|(root, kind)| Target {
        kind: *kind,
        name: crate_name.to_owned(),
        root: format!("{prefix}{root}"),
    });
    let there = |target: &Target| files.iter().any(|(path, _)| *path == target.root);
    let dependency = |(name, package): &(&str, &str)| Dependency {
        name: (*name).to_owned(),
        package: (*package).to_owned(),
        version: None,
        local: None,
        unseen: None,
        is_dev: false,
    };
    Package {
        name: crate_name.to_owned(),
        version: "0.0.0".to_owned(),
        dir: at.to_owned(),
        edition,
        targets: targets.filter(there).collect(),
        dependencies: dependencies.iter().map(dependency).collect(),
        copy_of: None,
    }
}

fn link(mut packages: Vec<Package>, files: &[(&str, &str)]) -> Program {
    let names: Vec<String> = packages.iter().map(|package| package.name.clone()).collect();
    for dependency in packages.iter_mut().flat_map(|package| &mut package.dependencies) {
        dependency.local = names.iter().position(|name| *name == dependency.package);
    }
    let mut sources = Sources::default();
    let parsed = files.iter().map(|(path, text)| {
        let file = sources.add(Origin::File((*path).into()), (*text).into());
        ParsedFile { path: (*path).to_owned(), file, tree: TestReader.read_tree(text) }
    });
    let parsed: Vec<ParsedFile> = parsed.collect();
    let files = parsed.iter().map(|file| file.path.clone()).collect();
    let workspace = Workspace { packages, files, ..Workspace::default() };
    Program::link(&workspace, parsed, sources, false, Rc::new(TestReader))
}

/// One package `app` with axum and sqlx as dependencies.
fn app(files: &[(&str, &str)]) -> Program {
    link(vec![package("", 2021, &[("axum", "axum"), ("sqlx", "sqlx")], files)], files)
}

fn show(program: &Program, is: &Resolution) -> String {
    match is {
        Resolution::Def(def) => program.def(*def).path.to_string(),
        Resolution::Variant(def, at) => format!("{}#{at}", program.def(*def).path),
        Resolution::Module(module) => format!("mod {}", program.module_path(*module).0),
        Resolution::External(path) => format!("ext {path}"),
        Resolution::Primitive(name) => format!("prim {name}"),
    }
}

fn at(program: &Program, scope: ModuleId, path: &str, ns: Namespace) -> String {
    let segments: Vec<&str> = path.split("::").collect();
    let found =
        program.resolve(scope, &segments, false, ns).into_iter().map(|(cfg, is)| match cfg {
            Some(cfg) => format!("{} if {cfg:?}", show(program, &is)),
            None => show(program, &is),
        });
    found.collect::<Vec<_>>().join(" | ")
}

fn root(program: &Program, krate: u32) -> ModuleId {
    program.krate(CrateId(krate)).root
}

fn value(program: &Program, path: &str) -> String {
    at(program, root(program, 0), path, Namespace::Value)
}

fn ty(program: &Program, path: &str) -> String {
    at(program, root(program, 0), path, Namespace::Type)
}

fn def(program: &Program, path: &str) -> DefId {
    program.defs().into_iter().find(|id| &*program.def(*id).path == path).unwrap()
}

#[test]
fn renames_and_globs() {
    let program = app(&[
        (
            "src/lib.rs",
            "mod a; mod b; use a::f as g; use b::*; use axum::routing::{self, post as p}; pub use axum as web;",
        ),
        ("src/a.rs", "pub fn f() {}"),
        ("src/b/mod.rs", "pub fn h() {} fn hidden() {} pub(crate) mod c;"),
        ("src/b/c.rs", "pub const X: u8 = 1;"),
    ]);
    assert_eq!(value(&program, "g"), "app::a::f");
    assert_eq!(value(&program, "h"), "app::b::h");
    assert_eq!(value(&program, "hidden"), "");
    assert_eq!(value(&program, "c::X"), "app::b::c::X");
    assert_eq!(value(&program, "routing::get"), "ext axum::routing::get");
    assert_eq!(value(&program, "p"), "ext axum::routing::post");
    assert_eq!(ty(&program, "web::Router"), "ext axum::Router");
    assert_eq!(value(&program, "crate::web::serve"), "ext axum::serve");
    assert_eq!(value(&program, "Some"), "ext std::option::Option::Some");
    assert_eq!(ty(&program, "core::fmt::Debug"), "ext std::fmt::Debug");
    assert_eq!(ty(&program, "u32"), "prim u32");
}

#[test]
fn two_hundred_globs_in_a_ring() {
    let mut text = "use m0::*; use m5::nowhere;".to_owned();
    for at in 0..200 {
        let (one, two) = ((at + 1) % 200, (at + 7) % 200);
        write!(text, "pub mod m{at} {{ pub use crate::m{one}::*; pub use super::m{two}::*; pub fn f{at}() {{}} use self::x{at}::y; pub use x{at}::*; }}").unwrap();
    }
    let program = app(&[("src/lib.rs", &text)]);
    assert_eq!(value(&program, "f150"), "app::m150::f150");
    assert_eq!(value(&program, "m3::f2"), "app::m2::f2");
    assert_eq!(value(&program, "nowhere"), "");
}

#[test]
fn external_globs_are_candidates() {
    let program = app(&[(
        "src/lib.rs",
        "use axum::routing::*; use inner::*; mod inner { pub use sqlx::*; } mod web { pub use axum::*; }",
    )]);
    assert_eq!(value(&program, "post"), "");
    let candidates = program.glob_candidates(root(&program, 0), &["post"]);
    assert_eq!(
        candidates.iter().map(|path| &**path).collect::<Vec<_>>(),
        ["axum::routing::post", "sqlx::post"]
    );
    let candidates = program.glob_candidates(root(&program, 0), &["web", "Router"]);
    assert_eq!(&*candidates[0], "axum::Router");
}

#[test]
fn crates_of_the_tree() {
    let files = [
        (
            "core_lib/src/lib.rs",
            "pub mod gates { pub fn register() {} } pub use gates::register as reg; pub use db::query;",
        ),
        ("server/src/lib.rs", "pub fn own() {}"),
        (
            "server/src/main.rs",
            "use gate_crate::{gates, reg}; extern crate gate_crate as other; mod x { pub use other::gates::register; } use gate_crate::query; fn main() {}",
        ),
        ("server/src/orphan.rs", "fn nobody() {}"),
    ];
    let one = package("core_lib", 2021, &[("db", "sqlx_real")], &files);
    let program =
        link(vec![one, package("server", 2021, &[("gate_crate", "core_lib")], &files)], &files);
    let value = |path| at(&program, root(&program, 2), path, Namespace::Value);
    for path in ["gates::register", "reg", "gate_crate::reg", "x::register"] {
        assert_eq!(value(path), "core_lib::gates::register", "{path}");
    }
    assert_eq!(value("query"), "ext sqlx_real::query");
    assert_eq!(value("server::own"), "server::own");
    assert_eq!(program.notes().orphans, ["server/src/orphan.rs"]);
    let register = Meaning::Item(def(&program, "core_lib::gates::register"));
    assert_eq!(program.contract_name("core_lib::reg"), std::slice::from_ref(&register));
    assert_eq!(program.contract_name("register"), std::slice::from_ref(&register));
    assert!(program.matches("gates::register", &register));
    assert!(program.matches("query", &Meaning::External("sqlx_real::query".into())));
    assert_eq!(
        program.contract_name("core_lib::query"),
        [Meaning::External("sqlx_real::query".into())]
    );
}

#[test]
fn files_of_modules() {
    let program = app(&[
        (
            "src/lib.rs",
            "#[path = \"odd/place.rs\"] mod a; mod outer { mod inner; #[path = \"p.rs\"] mod q; } mod gone; include!(\"more.rs\");",
        ),
        ("src/odd/place.rs", "pub fn f() {} mod child;"),
        ("src/odd/child.rs", "pub fn g() {}"),
        ("src/outer/inner.rs", "pub fn h() {}"),
        ("src/outer/p.rs", "pub fn i() {}"),
        ("src/more.rs", "pub fn more() {}"),
    ]);
    for path in ["a::f", "a::child::g", "outer::inner::h", "outer::q::i", "more"] {
        assert_eq!(value(&program, path), format!("app::{path}"));
    }
    assert_eq!(program.notes().gaps.len(), 1);
    assert!(program.notes().orphans.is_empty());
}

#[test]
fn shadowing_and_same_names() {
    let program = app(&[("src/lib.rs", "mod a { pub fn f() {} pub fn g() {} pub struct Vec; } mod b { pub fn f() {} pub fn g() {} }
        use a::*; use b::f; fn g() {} mod axum { pub fn own() {} } fn both() {} mod both {}")]);
    assert_eq!(value(&program, "f"), "app::b::f");
    assert_eq!(value(&program, "g"), "app::g");
    assert_eq!(ty(&program, "Vec"), "app::a::Vec");
    assert_eq!(value(&program, "axum::own"), "app::axum::own");
    assert_eq!(value(&program, "both"), "app::both");
    assert_eq!(ty(&program, "both"), "mod app::both");
    assert_eq!(program.contract_name("f").len(), 2);
}

#[test]
fn macros_across_modules() {
    let files = [
        ("lib_m/src/lib.rs", "#[macro_export] macro_rules! exported { () => { pub fn from_export() { } pub use $crate::inner::deep; } } pub mod inner { pub fn deep() {} }"),
        ("z/src/lib.rs", "early!(); #[macro_use] mod m; textual!(one); mod n { textual!(two); } lib_m::exported!(); mod late { macro_rules! t { () => { pub fn t() {} } } pub(crate) use t; } late::t!();
            cfg_if! { if #[cfg(feature = \"x\")] { fn c() {} } else { fn c() {} } } lazy! { fn kept() {} }
            struct S; macro_rules! method { () => { fn made(&self) {} } } impl S { method!(); }
            macro_rules! again { () => { again!(); } } again!();"),
        ("z/src/m.rs", "macro_rules! textual { ($x:ident) => { pub fn $x() {} } }"),
    ];
    let program = link(
        vec![
            package("lib_m", 2021, &[], &files),
            package("z", 2021, &[("lib_m", "lib_m")], &files),
        ],
        &files,
    );
    let value = |path| at(&program, root(&program, 1), path, Namespace::Value);
    assert_eq!(value("one"), "z::one");
    assert_eq!(value("n::two"), "z::n::two");
    assert_eq!(value("from_export"), "z::from_export");
    assert_eq!(value("deep"), "lib_m::inner::deep");
    assert_eq!(value("t"), "z::t");
    assert_eq!(value("S::made"), "z::S::made");
    assert_eq!(
        value("c"),
        "z::c if Option(\"feature=\\\"x\\\"\") | z::c if Not(Option(\"feature=\\\"x\\\"\"))"
    );
    let notes = program.notes();
    let unknown: Vec<&str> = notes
        .item_macros
        .iter()
        .map(|unknown| unknown.call.path.segments[0].name.as_str())
        .collect();
    assert_eq!(unknown, ["early"]);
    assert_eq!(value("kept"), "z::kept", "arguments that are items are items");
    assert_eq!(notes.gaps.len(), 1);
}

#[test]
fn blocks() {
    let program =
        app(&[("src/lib.rs", "mod gates { pub fn register() {} } fn outside() {} fn f() {}")]);
    let text = "use gates::*; use crate::outside as o; fn local() {} impl S { fn in_block(&self) {} } struct S;";
    let tree = TestReader.read_tree(text).unwrap();
    let (root, f) = (root(&program, 0), def(&program, "app::f"));
    let file = program.def(f).file;
    let block = program.open_block(root, &tree.items, file, Some(f));
    assert_eq!(block, program.open_block(root, &tree.items, file, Some(f)));
    let value = |path| at(&program, block, path, Namespace::Value);
    assert_eq!(value("register"), "app::gates::register");
    assert_eq!(value("o"), "app::outside");
    assert_eq!(value("outside"), "app::outside");
    assert_eq!(value("local"), "app::f::local");
    assert_eq!(value("self::local"), "");
    assert_eq!(program.methods_named("in_block").len(), 1);
    assert_eq!(at(&program, root, "register", Namespace::Value), "");
}

#[test]
fn conditions() {
    let program = app(&[
        ("src/lib.rs", "#[cfg(feature = \"a\")] mod m; #[cfg(not(feature = \"a\"))] use other as m; mod other { pub fn f() {} }
            #[cfg(test)] mod tests { fn t() {} } #[cfg(not(test))] fn plain() {} #[cfg(all(test, unix))] fn no() {} #[tokio::test] async fn t() {}"),
        ("src/m.rs", "pub fn f() {}"),
    ]);
    let both = "app::m::f if Option(\"feature=\\\"a\\\"\") | app::other::f if Not(Option(\"feature=\\\"a\\\"\"))";
    assert_eq!(value(&program, "m::f"), both);
    assert_eq!(value(&program, "plain"), "app::plain");
    assert_eq!(value(&program, "no"), "");
    assert_eq!(program.notes().test_items, 3);
}

#[test]
fn methods_and_types() {
    let program = app(&[("src/lib.rs", "pub mod a { pub struct S<T>(T); impl<T> S<T> { pub fn new() {} } }
        pub trait Tr { fn req(&self); fn def(&self) {} } pub trait Sub: Tr {} impl Tr for a::S<u8> { fn req(&self) {} }
        impl<T> Tr for T { fn req(&self) {} } impl axum::Handler for Alias { type Out = String; fn call(&self) {} }
        pub type Alias = a::S<u8>; pub type Many<T> = Vec<T>; pub type Loop = Loop; pub enum E { A, B(u8) } use E::*;")]);
    assert_eq!(value(&program, "a::S::new"), "app::a::S::new");
    assert_eq!(value(&program, "Alias::new"), "app::a::S::new");
    assert_eq!(value(&program, "Alias::def"), "app::Tr::def");
    assert_eq!(value(&program, "Sub::req"), "app::Tr::req");
    assert_eq!(value(&program, "E::B"), "app::E#1");
    assert_eq!(value(&program, "A"), "app::E#0");
    assert_eq!(ty(&program, "Loop::x"), "");
    assert_eq!(program.methods_named("req").len(), 3);
    assert_eq!(program.blanket_assoc("req").len(), 1);
    assert_eq!(program.impls_of(&Meaning::External("axum::Handler".into())).len(), 1);
    assert_eq!(program.contract_name("S::new").len(), 1);
    let written = |text: &str| type_ref(&syn::parse_str(text).unwrap());
    let resolve = |text: &str| {
        program.resolve_type(
            root(&program, 0),
            &written(text),
            &contract_check::link::TypeEnv::default(),
        )
    };
    let string = Ty::External("std::string::String".into(), Vec::new());
    assert_eq!(resolve("Many<String>"), Ty::External("std::vec::Vec".into(), vec![string.clone()]));
    assert_eq!(
        resolve("&Alias"),
        Ty::Def(def(&program, "app::a::S"), vec![Ty::Primitive("u8".into())])
    );
    assert_eq!(resolve("Loop"), Ty::Unknown);
    let env = program.type_env(def(&program, "app::a::S::call"));
    assert_eq!(program.resolve_type(root(&program, 0), &written("Self::Out"), &env), string);
}

#[test]
fn the_2015_edition() {
    let files =
        [("src/lib.rs", "extern crate axum; mod a { pub use b::f; } mod b { pub fn f() {} }")];
    let program = link(vec![package("", 2015, &[("axum", "axum")], &files)], &files);
    assert_eq!(value(&program, "a::f"), "app::b::f");
    let found = program.resolve(root(&program, 0), &["b", "f"], true, Namespace::Value);
    assert_eq!(show(&program, &found[0].1), "app::b::f");
}

#[test]
fn loose_files() {
    let files =
        [("a.rs", "mod b; use axum::Router;"), ("b.rs", "pub fn f() {}"), ("c.rs", "mod c {}")];
    let targets = files.iter().map(|(path, _)| Target {
        kind: TargetKind::Loose,
        name: path.replace(".rs", ""),
        root: (*path).to_owned(),
    });
    let package = Package { targets: targets.collect(), ..package("", 2021, &[], &[]) };
    let program = link(vec![package], &files);
    assert_eq!(program.crates().len(), 2);
    assert_eq!(value(&program, "b::f"), "a::b::f");
    assert_eq!(ty(&program, "Router"), "ext axum::Router");
    assert_eq!(ty(&program, "axum::Router"), "ext axum::Router");
}

#[test]
fn globs_that_wait_for_each_other() {
    let mut text = String::new();
    for at in 0..100 {
        write!(text, "use dep{at}::*; use unknown{at}::*; use a{at}::*; mod m{at} {{ pub mod a{} {{ pub fn f{at}() {{}} }} }} use m{at}::*;", at + 1).unwrap();
    }
    let program = app(&[("src/lib.rs", &text)]);
    assert_eq!(value(&program, "f7"), "app::m7::a8::f7");
    for at in 0..100 {
        assert_eq!(value(&program, &format!("nothing{at}")), "");
    }
}

#[test]
fn macros_in_bodies() {
    let text = "mod m { pub fn g() {} } fn f() { macro_rules! local { ($x:ident) => { $crate::m::$x() } } local!(g); }";
    let program = app(&[("src/lib.rs", text)]);
    let file = program.def(def(&program, "app::f")).file;
    let tree = program
        .items_in(file, range(&(text.find("macro_rules").unwrap()..text.len() - 1)))
        .unwrap();
    let block = program.open_block(root(&program, 0), &tree.items[..1], file, None);
    let ItemKind::MacroCall(call) = &tree.items[1].kind else { panic!("not a call") };
    let expanded = program.expand(block, file, call).unwrap().unwrap();
    assert!(program.text(expanded).trim().ends_with("::m::g()"));
    assert_eq!(program.sources().path(expanded), "src/lib.rs");
    let krate = program.text(expanded).split("::").next().unwrap().trim().to_owned();
    assert_eq!(at(&program, block, &format!("{krate}::m::g"), Namespace::Value), "app::m::g");
    assert!(program.expand(root(&program, 0), file, call).is_none());
}

#[test]
fn a_glob_through_a_glob() {
    let program = app(&[(
        "src/lib.rs",
        "use a::*; use b::*; mod b { pub mod a { pub fn f() {} } pub mod c { pub fn g() {} } } use c::*;",
    )]);
    assert_eq!(value(&program, "nothing"), "");
    assert_eq!(value(&program, "f"), "app::b::a::f");
    assert_eq!(value(&program, "g"), "app::b::c::g");
}
