//! Text to our own tree of one file, bodies left unread. `syn` types go no further than this folder.
//!
//! [`read_tree`] reads a file: [`scan`] finds the bodies, [`masked`] leaves out what is in them, `syn` parses what is left, and [`lower`]
//! makes items of it. [`body`] reads a body, or the arguments of a macro, when something enters it, and [`expand`]
//! runs `macro_rules!`. All places are bytes of the text that was given. Names are not resolved here.

use crate::source::Span;

pub mod attr;
pub mod body;
mod bounded;
mod cfg_text;
pub mod chars;
pub mod code;
pub mod comment;
pub mod depth;
pub mod discriminants;
pub mod expand;
pub mod expr;
pub mod literal;
pub mod lower;
pub mod masked;
pub mod mentioned_code;
pub mod mentions;
pub mod names;
pub mod paste;
pub mod pattern;
pub mod recover;
pub mod recover_block;
pub mod scan;
pub mod stmt;
pub mod token;
pub mod tree;
pub mod types;

use lower::Lower;
use scan::Scan;
use token::{TextStart, whole};
use tree::FileTree;

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// What is wrong, in the words of the lexer or of `syn`.
    pub message: String,
}

impl SyntaxError {
    /// An error at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// Reads a file; its bodies stay ranges of bytes.
///
/// Items that `syn` rejects are left out one by one and listed in [`FileTree::skipped`].
///
/// # Errors
/// When the text has no tokens a parser could be given: delimiters that do not match, unterminated literals, nesting
/// too deep to be parsed, 4 GB or more.
pub fn read_tree(text: &str) -> Result<FileTree, SyntaxError> {
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError::new(Span::default(), "larger than 4 GB"));
    }
    tree(text, whole(text), TextStart::File)
}

/// Reads the items at `span` of a text as [`read_tree`] reads those of a file; the rest of the text costs nothing.
///
/// # Errors
/// As [`read_tree`].
pub fn read_items(text: &str, span: Span) -> Result<FileTree, SyntaxError> {
    tree(text, span, TextStart::Piece)
}

fn tree(text: &str, range: Span, start: TextStart) -> Result<FileTree, SyntaxError> {
    let scan = Scan::new(text, range, start)?;
    let masked = scan.masked(text, range);
    let lower = Lower::new(text, &masked, &scan);
    let tree = recover::file(&lower);
    forget_spans();
    let mut tree = tree?;
    tree.suppressions = scan.suppressions;
    tree.code = scan.code;
    Ok(tree)
}

/// Frees what `proc_macro2` keeps of every text it has lexed on this thread; no token may be alive.
fn forget_spans() {
    proc_macro2::extra::invalidate_current_thread_spans();
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::tree::{Cfg, Item, ItemKind, TypeRef, UseKind};
    use thin_vec::thin_vec;

    use super::*;

    fn names(text: &str) -> Vec<(String, &str)> {
        let tree = read_tree(text).unwrap();
        tree.items.iter().map(|item| (item.name.to_string(), item.span.of(text))).collect()
    }

    fn only(text: &str) -> Item {
        Item::clone(read_tree(text).unwrap().items.first().unwrap())
    }

    #[test]
    fn places_are_those_of_the_file() {
        let item = "#[x] pub fn b(é: u8) -> u8 { é }";
        for opening in [
            "",
            "\u{feff}",
            "#!/usr/bin/env cargo\r\n",
            "\u{feff}#!/bin/é\n---\n[package]\n---\n",
            "// é\n/// é\n",
        ] {
            let text = format!("{opening}fn a() {{ \"é\" }}\r\n{item}");
            assert_eq!(names(&text)[1], ("b".into(), item), "{opening}");
        }
    }

    #[test]
    fn a_rejected_item_is_kept_apart() {
        let text = "fn a() {} struct ; mod m { fn b() {} enum 3 {} impl X { fn c() {} fn 4() {} fn d() {} } } fn e() {}";
        let tree = read_tree(text).unwrap();
        assert_eq!(
            tree.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(),
            ["a", "m", "e"]
        );
        let ItemKind::Mod(Some(inner)) = &tree.items[1].kind else { panic!() };
        assert_eq!(inner[0].name, "b");
        let ItemKind::Impl(block) = &inner[1].kind else { panic!() };
        assert_eq!(
            block.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(),
            ["c", "d"]
        );
        let skipped: Vec<&str> = tree.skipped.iter().map(|skipped| skipped.span.of(text)).collect();
        assert_eq!(skipped, ["struct ;", "enum 3 {}", "fn 4() {}"]);
    }

    #[test]
    fn a_bad_body_spoils_only_itself() {
        let text = "fn a() { let = ; } fn b() { 1 }";
        let tree = read_tree(text).unwrap();
        assert!(tree.skipped.is_empty());
        let bodies = tree.items.iter().map(|item| match &item.kind {
            ItemKind::Fn(function) => {
                body::parse_block(text, function.body.as_ref().unwrap()).is_ok()
            }
            _ => false,
        });
        assert_eq!(bodies.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn use_trees_are_flattened() {
        let text = "use a::{self, b as c, d::*, e};";
        let ItemKind::Use(leaves) = only(text).kind else { panic!() };
        let leaves =
            leaves.iter().map(|leaf| (leaf.path.join("::"), leaf.kind.clone(), leaf.span.of(text)));
        let name = |name: &str| UseKind::Name(name.into());
        assert_eq!(
            leaves.collect::<Vec<_>>(),
            [
                ("a".into(), name("a"), "self"),
                ("a::b".into(), name("c"), "b as c"),
                ("a::d".into(), UseKind::Glob, "d::*"),
                ("a::e".into(), name("e"), "e"),
            ]
        );
    }

    #[test]
    fn attributes_and_conditions_are_told_apart() {
        let text = "/// doc\n#[cfg(test)] #[cfg_attr(unix, get(\"/x\"), cfg(feature = \"f\"))] #[route = \"/y\"] fn a() {}";
        let item = only(text);
        let attrs: Vec<_> = item
            .attrs
            .iter()
            .map(|attr| (attr.args.of(text), attr.cfg.as_deref().cloned()))
            .collect();
        assert_eq!(attrs, [("\"/x\"", Some(Cfg::option("unix"))), ("\"/y\"", None)]);
        let feature = Cfg::option("feature=\"f\"");
        let given = Cfg::Any(thin_vec![Cfg::Not(Box::new(Cfg::option("unix"))), feature]);
        assert_eq!(item.cfg.as_deref(), Some(&Cfg::All(thin_vec![Cfg::Test, given])));
        let cfg = "all(not(test), any(), target_os = \"x\")";
        assert_eq!(
            body::parse_cfg(cfg, whole(cfg)),
            Some(Cfg::All(thin_vec![
                Cfg::Not(Box::new(Cfg::Test)),
                Cfg::Any(thin_vec![]),
                Cfg::option("target_os=\"x\"")
            ]))
        );
    }

    #[test]
    fn constants_and_macros_are_ranges() {
        let text = "const A: &str = concat!(\"/x\", B) ;";
        let ItemKind::Const { value: Some(value), ty: TypeRef::Ref(..), .. } = only(text).kind
        else {
            panic!()
        };
        assert_eq!(value.span.of(text), "concat!(\"/x\", B)");
        let text = "macro_rules! m { (a) => { fn x() {} }; }";
        let ItemKind::MacroRules(rules) = only(text).kind else { panic!() };
        assert_eq!(rules.of(text), " (a) => { fn x() {} }; ");
    }

    /// Long chains parse, hostile depth is an error, and neither overflows the stack that workers get.
    #[test]
    fn depth_is_bounded() {
        let deep = || {
            let mut long = String::from("fn a() { Router::new()");
            for at in 0..5_000 {
                write!(long, ".route(\"/{at}\", get(handler::<u8>).layer(|a, b| a + b))").unwrap();
            }
            long.push_str(" }");
            let tree = read_tree(&long).unwrap();
            let ItemKind::Fn(function) = &tree.items[0].kind else { panic!() };
            body::parse_block(&long, function.body.as_ref().unwrap()).unwrap();
            for (piece, times) in [
                ("!", 2_500),
                (" - 1", 15_000),
                (".x()", 15_000),
                ("&", 2_500),
                ("|a| ", 2_000),
                ("return ", 2_500),
            ] {
                let (operand, last) =
                    if piece.starts_with([' ', '.']) { ("x", "") } else { ("", "x") };
                let text = format!("{operand}{}{last}", piece.repeat(times));
                assert!(body::parse_expr(&text, whole(&text)).is_ok(), "{piece}");
            }
            let brackets = format!("{}{}", "[".repeat(500), "]".repeat(500));
            assert!(body::parse_expr(&brackets, whole(&brackets)).is_ok());
            let types = format!("type A = {}u8{};", "A<".repeat(700), ">".repeat(700));
            assert!(read_tree(&types).unwrap().skipped.is_empty());
            let chain = format!("{} {{}}", "if a {} else ".repeat(1_200));
            assert!(body::parse_expr(&chain, whole(&chain)).is_ok());
            for piece in [
                "(", "[", "{", "!", "&", "*", "-", "<", "|a, b| ", "if ", "return ", "a = ",
                "a.b().", "use a::",
            ] {
                assert!(
                    read_tree(&format!("fn a() {{ {} }}", piece.repeat(100_000))).is_err(),
                    "{piece}"
                );
                assert!(
                    read_tree(&format!("const A: u8 = {}", piece.repeat(100_000))).is_err(),
                    "{piece}"
                );
            }
        };
        std::thread::Builder::new().stack_size(64 << 20).spawn(deep).unwrap().join().unwrap();
    }
}
