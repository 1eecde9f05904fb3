//! `include!`: the items or the expression of another file, whatever its name ends in.
//!
//! A file that is read as Rust anyway keeps its own places. Of any other the places are those of the call.

use std::sync::Arc;

use super::{
    DefId, ItemMacro, ModuleId, Program,
    crates::Dir,
    macros::{BYTES, DEPTH},
    modules::Site,
};
use crate::{
    discover::attachments::{ROOT, place},
    source::{FileId, Origin, Place, Span},
    syntax::{
        body::parse_args,
        tree::{Expr, ExprKind, FileTree, Lit, MacroCall},
    },
};

/// What stands for the macro in the expansions of `include!`.
const INCLUDE: DefId = DefId(u32::MAX - 2);

impl Program {
    /// `include!("file")` in item position.
    pub(super) fn include(&self, call: &MacroCall, site: &Site) {
        let at = Place { file: site.file, span: call.span };
        let (path, file) = match self.included(site.module, site.file, call) {
            Ok(found) => found,
            Err(reason) => {
                let (call, cfg) = (call.clone(), site.cfg.clone());
                let unread = ItemMacro { module: site.module, file: site.file, call, cfg };
                self.notes.borrow_mut().unread_includes.push(unread);
                return self.gap(at, reason);
            }
        };
        if !self.enter_include(site.file, file) {
            return self.gap(at, format!("`{path}` includes itself"));
        }
        if let Some(parsed) = self.files.get(&path) {
            self.walk_included(parsed.tree.as_ref().map_err(String::as_str), &path, file, site);
        } else {
            let tree = self.reader.read_tree(&self.text(file));
            self.walk_included(tree.as_ref().map_err(String::as_str), &path, file, site);
        }
        self.macros.borrow_mut().depths.remove(&file);
    }

    /// The items of an included file, where its call stands.
    fn walk_included(&self, tree: Result<&FileTree, &str>, path: &str, file: FileId, site: &Site) {
        match tree {
            Ok(tree) => {
                for skipped in &tree.skipped {
                    let mut notes = self.notes.borrow_mut();
                    let message = || skipped.message.clone();
                    notes.skipped.entry((file, skipped.span)).or_insert_with(message);
                }
                self.walk_items(
                    &tree.items,
                    &Site { file, dir: Dir::beside(path), ..site.clone() },
                );
            }
            Err(message) => {
                let mut notes = self.notes.borrow_mut();
                notes.unparsed.entry(path.to_owned()).or_insert_with(|| (file, message.to_owned()));
            }
        }
    }

    /// The file that `include!` stands for in an expression.
    ///
    /// # Errors
    /// Why there is none, to be reported as a gap.
    pub fn included_code(
        &self,
        scope: ModuleId,
        file: FileId,
        call: &MacroCall,
    ) -> Result<FileId, String> {
        self.included(scope, file, call).map(|(_, file)| file)
    }

    /// The path and text of the file that a call includes.
    fn included(
        &self,
        scope: ModuleId,
        file: FileId,
        call: &MacroCall,
    ) -> Result<(String, FileId), String> {
        let text = self.text(file);
        let dir = self.krate(self.crate_of(scope)).dir.clone();
        let args = parse_args(&text, call.args).unwrap_or_default();
        let written = args.first().and_then(|path| written_path(path, &text, &dir));
        let written = written.ok_or("`include!` of a file that the build makes")?;
        let around = self.path_around(file);
        let base = around.rsplit_once('/').map_or("", |(base, _)| base);
        let path = place(base, &written)
            .ok_or_else(|| format!("`include!` of `{written}`, which is outside of the tree"))?;
        if let Some(known) = self.files.get(&path) {
            self.reached.borrow_mut().insert(path.clone());
            return Ok((path, known.file));
        }
        let key = (INCLUDE, file, call.span);
        let known = self.macros.borrow().expansions.get(&key).cloned();
        let included = known.unwrap_or_else(|| {
            let made = self.attached(&path, file, call);
            self.macros.borrow_mut().expansions.insert(key, made.clone());
            made
        })?;
        Ok((path, included))
    }

    /// The text of a file that is not read as Rust by itself.
    fn attached(&self, path: &str, file: FileId, call: &MacroCall) -> Result<FileId, String> {
        if self.is_around(path, file) {
            return Err(format!("`{path}` includes itself"));
        }
        let missing = || format!("`include!` of `{path}`, which is not a file of the tree");
        let text = self.reader.attachment("", path).ok_or_else(missing)?;
        let mut macros = self.macros.borrow_mut();
        macros.bytes += text.len();
        if macros.bytes > BYTES {
            return Err(format!("`{path}` is not read: all expansions together are too long"));
        }
        let at = Place { file, span: call.span };
        let made = self.sources.borrow_mut().add(Origin::Expansion(at), text);
        macros.attached.insert(made, path.to_owned());
        Ok(made)
    }

    /// Whether code in `file` stands in the attached file `path`.
    fn is_around(&self, path: &str, file: FileId) -> bool {
        let (macros, sources) = (self.macros.borrow(), self.sources.borrow());
        let mut texts = std::iter::successors(Some(file), |file| sources.around(*file));
        texts.any(|text| macros.attached.get(&text).is_some_and(|known| known == path))
    }

    /// The path of the file that the code in `file` is written in.
    fn path_around(&self, file: FileId) -> String {
        let (macros, sources) = (self.macros.borrow(), self.sources.borrow());
        let mut texts = std::iter::successors(Some(file), |file| sources.around(*file));
        let attached = texts.find_map(|text| macros.attached.get(&text));
        attached.map_or_else(|| sources.path(file).to_owned(), Clone::clone)
    }

    /// Counts the depth of an included file; `false` when files include each other.
    fn enter_include(&self, from: FileId, file: FileId) -> bool {
        let real = self.sources.borrow().real(Place { file: from, span: Span::default() }).file;
        let mut macros = self.macros.borrow_mut();
        let depth = macros.depths.get(&from).map_or(0, |depth| *depth) + 1;
        if real == file || depth > DEPTH || macros.depths.contains_key(&file) {
            return false;
        }
        macros.depths.insert(file, depth);
        true
    }
}

/// A path that is written out, or put together of such texts and the directory of the package.
fn written_path(expr: &Expr, text: &Arc<str>, package: &str) -> Option<String> {
    match &expr.kind {
        ExprKind::Lit(Lit::Str(path)) => Some(path.to_string()),
        ExprKind::Macro(call) => {
            let args = parse_args(text, call.args)?;
            match call.path.segments.last()?.name.as_str() {
                "concat" => args.iter().map(|part| written_path(part, text, package)).collect(),
                "env"
                    if matches!(args.first().map(|arg| &arg.kind),
                    Some(ExprKind::Lit(Lit::Str(name))) if &**name == "CARGO_MANIFEST_DIR") =>
                {
                    Some(format!("{ROOT}/{package}"))
                }
                _ => None,
            }
        }
        _ => None,
    }
}
