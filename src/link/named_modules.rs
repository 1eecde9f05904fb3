//! Modules that a macro outside the tree declares: `mod_use![billing]`, `automod::dir!("src/jobs")`.
//!
//! What such a macro makes is not known. But a file that would be a module where the macro stands, that it names and that
//! nothing else takes up is in the tree for nothing else.

use std::{collections::BTreeSet, fmt::Write as _};

use ra_ap_rustc_lexer::TokenKind;

use super::{
    Program,
    crates::join,
    macros::DEPTH,
    modules::{ModuleKind, Site},
};
use crate::{
    source::{Origin, Place},
    syntax::{
        literal,
        token::{TextStart, Tokens},
        tree::MacroCall,
    },
};

impl Program {
    /// Declares the modules that a macro call is given by their names; `false` where it is given none.
    pub(super) fn add_named_modules(&self, call: &MacroCall, site: &Site) -> bool {
        if self.graph.borrow().module(site.module).kind == ModuleKind::Block {
            return false;
        }
        let text = self.text(site.file);
        let mut names = BTreeSet::new();
        for token in Tokens::new(&text, call.args, TextStart::Piece) {
            let word = token.span.of(&text);
            match token.kind {
                TokenKind::Ident if self.is_left(&site.dir.child(word)) => {
                    names.insert(word.to_owned());
                }
                TokenKind::Literal { kind, .. } => {
                    let Some(dir) = literal::text(kind, token.span.of(&text)) else { continue };
                    names.extend(self.left_in(&dir, call, site));
                }
                _ => {}
            }
        }
        // Tests are declared under a condition that leaves them out.
        names.retain(|name| !matches!(name.as_str(), "test" | "tests"));
        !names.is_empty() && self.declare(&names, call, site)
    }

    /// Whether one of the files is in the tree, and no module so far.
    fn is_left(&self, files: &[String]) -> bool {
        let reached = self.reached.borrow();
        files.iter().any(|file| self.files.contains_key(file))
            && !files.iter().any(|file| reached.contains(file))
    }

    /// The modules that the files of a directory would be here; those of another directory are said not to be read.
    fn left_in(&self, dir: &str, call: &MacroCall, site: &Site) -> BTreeSet<String> {
        if dir.is_empty() || dir.contains(char::is_whitespace) {
            return BTreeSet::new();
        }
        let base = self.krate(self.crate_of(site.module)).dir.clone();
        let inside = format!("{}/", join(&base, dir));
        let files = self.files.range(inside.clone()..).map(|(path, _)| path);
        let rest = files.map_while(|path| path.strip_prefix(&inside));
        let stems = rest.filter_map(|rest| {
            let (stem, rest) = rest.split_once('/').unwrap_or((rest.strip_suffix(".rs")?, ""));
            matches!(rest, "" | "mod.rs").then(|| stem.to_owned())
        });
        let of = |stem: &String| [format!("{inside}{stem}.rs"), format!("{inside}{stem}/mod.rs")];
        let left: BTreeSet<String> = stems.filter(|stem| self.is_left(&of(stem))).collect();
        let are_here =
            |stem: &String| site.dir.child(stem).iter().any(|file| of(stem).contains(file));
        if left.iter().all(are_here) {
            return left;
        }
        self.gap(
            Place { file: site.file, span: call.span },
            format!("the files in `{dir}` are given to a macro that is not in the tree, and are not read"),
        );
        BTreeSet::new()
    }

    /// Walks `pub mod name;` of each; some of these macros make their items be seen where they stand.
    fn declare(&self, names: &BTreeSet<String>, call: &MacroCall, site: &Site) -> bool {
        let depth = self.macros.borrow().depths.get(&site.file).map_or(0, |depth| *depth) + 1;
        let mut text = String::new();
        for name in names {
            _ = writeln!(text, "pub mod {name}; pub use self::{name}::*;");
        }
        let Ok(tree) = self.reader.read_tree(&text) else { return false };
        if depth > DEPTH {
            return false;
        }
        let at = Place { file: site.file, span: call.span };
        let file = self.sources.borrow_mut().add(Origin::Expansion(at), text.into());
        self.macros.borrow_mut().depths.insert(file, depth);
        self.walk_items(&tree.items, &Site { file, ..site.clone() });
        true
    }
}
