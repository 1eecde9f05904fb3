//! Macros of the tree: textual scope first, then paths; expansions become texts of their own.
//!
//! Matching and transcription belong to the syntax stage.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

use super::{
    DefId, Expander, ItemMacro, ModuleId, Program,
    cfg::{Decided, both, decide},
    cfg_branches::cfg_branches,
    generated::Derived,
    modules::{Site, is_named},
    published::Private,
};
use crate::{
    source::{Expansion, FileId, Place, Span},
    syntax::tree::{FileTree, Item, ItemKind, MacroCall, Path},
};

/// How deep expansions may stand in expansions, as rustc's `recursion_limit` has it where nothing is said.
pub(super) const DEPTH: u32 = 128;
/// How many bytes all expansions may have together.
pub(super) const BYTES: usize = 64 << 20;
/// What `$crate` becomes, followed by the crate's number.
pub(super) const DOLLAR_CRATE: &str = "__contract_check_crate_";

/// What is remembered about macros.
#[derive(Default)]
pub(crate) struct MacroState {
    expanders: FxHashMap<DefId, Result<Expander, String>>,
    pub(super) expansions: FxHashMap<(DefId, FileId, Span), Result<FileId, String>>,
    pub(super) depths: FxHashMap<FileId, u32>,
    /// Texts that libraries' models wrote.
    pub(super) made: std::collections::BTreeSet<FileId>,
    pub(super) bytes: usize,
    /// Paths of included files that are not read as Rust by themselves.
    pub(super) attached: FxHashMap<FileId, String>,
    deferred: Vec<(MacroCall, Site)>,
    pub(super) derived: Vec<Derived>,
    pub(super) private: Vec<Private>,
}

impl Program {
    /// Expands the call of a macro of the tree: its text, whose places are shown at the call, or in it.
    ///
    /// `None` when the macro is not of the tree.
    ///
    /// # Errors
    /// Why the call matched no rule, or that a budget is spent; to be reported as a gap.
    pub fn expand(
        &self,
        scope: ModuleId,
        file: FileId,
        call: &MacroCall,
    ) -> Option<Result<FileId, String>> {
        let defs = self.macros_of_tree(scope, file, call);
        match defs.as_slice() {
            [] => None,
            [only] => Some(self.expand_as(*only, file, call, ["", ""])),
            [first, ..] => Some(self.expand_each(*first, &defs, file, call)),
        }
    }

    /// Expands a call of one of several macros, each of which is there under a condition: a block in which each expansion
    /// stands under its own.
    fn expand_each(
        &self,
        first: DefId,
        defs: &[DefId],
        file: FileId,
        call: &MacroCall,
    ) -> Result<FileId, String> {
        let depth = self.macros.borrow().depths.get(&file).map_or(0, |depth| *depth) + 1;
        let mut each = Vec::new();
        for (def, cfg) in self.conditions(defs) {
            // One that takes other arguments is not the one that is called.
            if let Ok(made) = self.expansion(def, file, call, depth) {
                each.push((def, made.between(&format!(" #[cfg({cfg})] {{ "), " }")));
            }
        }
        let Some((called, _)) = each.first() else {
            return self.expand_as(first, file, call, ["", ""]);
        };
        let key = (*called, file, call.span);
        if let Some(known) = self.macros.borrow().expansions.get(&key) {
            return known.clone();
        }
        let all = each.into_iter().map(|(_, made)| made).reduce(Expansion::then);
        let made = Ok(all.unwrap_or_default().between("{", " }"));
        self.add_expansion(key, call, depth, made)
    }

    /// Expands the call of a macro that is not of the tree by its definition, the bytes between its delimiters.
    ///
    /// # Errors
    /// As [`Program::expand`].
    pub fn expand_by(
        &self,
        rules: &'static str,
        krate: &str,
        file: FileId,
        call: &MacroCall,
    ) -> Result<FileId, String> {
        let key = (DefId(u32::MAX), file, call.span);
        if let Some(known) = self.macros.borrow().expansions.get(&key) {
            return known.clone();
        }
        let result = self
            .reader
            .macro_rules(rules, false)
            .and_then(|expander| expander(call.args.of(&self.text(file)), krate))
            .map(|made| {
                let mut macros = self.macros.borrow_mut();
                macros.bytes += made.text.len();
                let at = Place { file, span: call.span };
                self.sources.borrow_mut().add_expansion(at, call.args.start, made)
            });
        self.macros.borrow_mut().expansions.insert(key, result.clone());
        result
    }

    /// Expands `call` by `def`, with a text in front and one behind.
    fn expand_as(
        &self,
        def: DefId,
        file: FileId,
        call: &MacroCall,
        [open, close]: [&str; 2],
    ) -> Result<FileId, String> {
        let key = (def, file, call.span);
        if let Some(known) = self.macros.borrow().expansions.get(&key) {
            return known.clone();
        }
        let depth = self.macros.borrow().depths.get(&file).map_or(0, |depth| *depth) + 1;
        let made = self.expansion(def, file, call, depth).map(|made| made.between(open, close));
        self.add_expansion(key, call, depth, made)
    }

    /// Files what a call stands for.
    fn add_expansion(
        &self,
        key: (DefId, FileId, Span),
        call: &MacroCall,
        depth: u32,
        made: Result<Expansion, String>,
    ) -> Result<FileId, String> {
        let result = made.map(|made| {
            let mut macros = self.macros.borrow_mut();
            macros.bytes += made.text.len();
            let at = Place { file: key.1, span: call.span };
            let new = self.sources.borrow_mut().add_expansion(at, call.args.start, made);
            macros.depths.insert(new, depth);
            new
        });
        self.macros.borrow_mut().expansions.insert(key, result.clone());
        result
    }

    /// What `call` becomes.
    fn expansion(
        &self,
        def: DefId,
        file: FileId,
        call: &MacroCall,
        depth: u32,
    ) -> Result<Expansion, String> {
        let definition = self.def(def);
        if depth > DEPTH {
            return Err(format!(
                "expansions of macro `{}` are nested deeper than {DEPTH}",
                definition.name
            ));
        }
        if self.macros.borrow().bytes > BYTES {
            return Err(format!(
                "macro `{}` is not expanded: all expansions together are too long",
                definition.name
            ));
        }
        let known = self.macros.borrow().expanders.get(&def).cloned();
        let expander = known.unwrap_or_else(|| {
            let made = match &definition.item.kind {
                ItemKind::MacroRules(rules) => {
                    let text = self.text(definition.file);
                    let local = definition.item.attrs.iter().any(|attr| {
                        is_named(attr, "macro_export")
                            && attr.args.of(&text).contains("local_inner_macros")
                    });
                    self.reader.macro_rules(rules.of(&text), local)
                }
                _ => Err("not a macro by example".to_owned()),
            };
            self.macros.borrow_mut().expanders.insert(def, made.clone());
            made
        })?;
        expander(call.args.of(&self.text(file)), &format!("{DOLLAR_CRATE}{}", definition.krate.0))
    }

    /// A macro call in item position.
    pub(super) fn item_macro(&self, call: &MacroCall, site: &Site) {
        let name = call.path.segments.last().map_or("", |last| last.name.as_str());
        let text = self.text(site.file);
        let at = Place { file: site.file, span: call.span };
        if name == "include" && is_of_std(&call.path) {
            return self.include(call, site);
        }
        let textual = match call.path.segments.as_slice() {
            [single] if !call.path.global => self.textual(site.module, &single.name, at),
            _ => Vec::new(),
        };
        if !textual.is_empty() {
            return self.splice_each(&textual, call, site);
        }
        if let Some(branches) = cfg_branches(name, call.args.of(&text)) {
            for (cfg, span) in branches {
                let decided =
                    cfg.as_ref().map_or(Decided::True, |cfg| decide(cfg, self.include_tests));
                let cfg = match &decided {
                    Decided::True => site.cfg.clone(),
                    Decided::Open(open) => both(site.cfg.as_ref(), Some(open)),
                    Decided::False => continue,
                };
                let span = Span::new(call.args.start + span.start, call.args.start + span.end);
                match self.items_in(site.file, span) {
                    Ok(tree) => self.walk_items(&tree.items, &Site { cfg, ..site.clone() }),
                    Err(message) => {
                        self.gap(at, format!("a branch of `{name}!` is not items: {message}"));
                    }
                }
            }
            return;
        }
        self.macros.borrow_mut().deferred.push((call.clone(), site.clone()));
    }

    /// The items between two bytes of a text, with their places in that text.
    ///
    /// # Errors
    /// The syntax stage's message when they are not items.
    pub fn items_in(&self, file: FileId, span: Span) -> Result<FileTree, String> {
        self.reader.read_items(&self.text(file), span)
    }

    /// Puts the items of the expansions of all macros that a call may name where it stands.
    fn splice_each(&self, defs: &[DefId], call: &MacroCall, site: &Site) {
        if let [only] = defs {
            return self.splice(*only, call, site);
        }
        for (def, cfg) in self.conditions(defs) {
            let cfg = match decide(&cfg, self.include_tests) {
                Decided::True => site.cfg.clone(),
                Decided::Open(open) => both(site.cfg.as_ref(), Some(&open)),
                Decided::False => continue,
            };
            self.splice(def, call, &Site { cfg, ..site.clone() });
        }
    }

    /// Puts the items of an expansion where its call stands.
    fn splice(&self, def: DefId, call: &MacroCall, site: &Site) {
        let at = Place { file: site.file, span: call.span };
        let file = match self.expand_as(def, site.file, call, ["", ""]) {
            Ok(file) => file,
            Err(reason) => return self.gap(at, reason),
        };
        match self.reader.read_tree(&self.text(file)) {
            Ok(tree) => {
                for skipped in &tree.skipped {
                    self.gap(Place { file, span: skipped.span }, skipped.message.clone());
                }
                self.walk_items(&tree.items, &Site { file, ..site.clone() });
            }
            Err(message) => {
                self.gap(
                    at,
                    format!("macro `{}` does not expand to items: {message}", self.def(def).name),
                );
            }
        }
    }

    /// The items that a macro call in an impl or trait stands for.
    pub(super) fn member_macro(
        &self,
        call: &MacroCall,
        site: &Site,
        depth: u32,
    ) -> Option<(FileId, ThinVec<Arc<Item>>)> {
        let at = Place { file: site.file, span: call.span };
        let defs = (depth < DEPTH).then(|| self.macros_of_tree(site.module, site.file, call));
        let def = defs.and_then(|defs| defs.first().copied());
        if def.is_none()
            && let Some(file) = self.pasted(site.file, call, |text| format!("impl X {{ {text} }}"))
        {
            return self.members_of(at, file);
        }
        let Some(def) = def else {
            let (call, cfg) = (call.clone(), site.cfg.clone());
            let unknown = ItemMacro { module: site.module, file: site.file, call, cfg };
            self.notes.borrow_mut().item_macros.push(unknown);
            return None;
        };
        let expanded = self.expand_as(def, site.file, call, ["impl X { ", " }"]);
        match expanded {
            Ok(file) => self.members_of(at, file),
            Err(reason) => {
                self.gap(at, reason);
                None
            }
        }
    }

    /// The items of the impl that is all of an expansion.
    fn members_of(&self, at: Place, file: FileId) -> Option<(FileId, ThinVec<Arc<Item>>)> {
        match self.reader.read_tree(&self.text(file)) {
            Ok(tree) => match tree.items.first().map(|item| &item.kind) {
                Some(ItemKind::Impl(block)) => Some((file, block.items.clone())),
                _ => None,
            },
            Err(reason) => {
                self.gap(at, reason);
                None
            }
        }
    }

    /// The arguments of a macro of which nothing is known, when they are items: most such macros keep them.
    fn argument_items(&self, call: &MacroCall, site: &Site) -> Option<ThinVec<Arc<Item>>> {
        let text = self.text(site.file);
        if let Some(items) = self.static_items(site.file, call) {
            return Some(items);
        }
        let tree = self.reader.read_items(&text, call.args).ok()?;
        (!tree.items.is_empty() && tree.skipped.is_empty()).then_some(tree.items)
    }

    /// Expands the calls that textual scope did not know, by path, until nothing new comes.
    pub(super) fn expand_deferred(&self) {
        let mut unknown = Vec::new();
        loop {
            let round = std::mem::take(&mut self.macros.borrow_mut().deferred);
            unknown.extend(round);
            self.forget_changed();
            let mut progress = false;
            for (call, site) in std::mem::take(&mut unknown) {
                let defs = self.macros_of_tree(site.module, site.file, &call);
                if defs.is_empty() {
                    unknown.push((call, site));
                } else {
                    self.splice_each(&defs, &call, &site);
                    progress = true;
                }
            }
            progress |= self.add_derived();
            if !progress {
                let before = unknown.len();
                unknown.retain(|(call, site)| {
                    !self.add_outside_call(call, site) && !self.add_pasted(call, site)
                });
                progress = unknown.len() != before;
            }
            if !progress {
                unknown.retain(|(call, site)| {
                    let items = self.argument_items(call, site);
                    if let Some(items) = &items {
                        self.walk_items(items, site);
                        progress = true;
                    }
                    items.is_none()
                });
            }
            if !progress {
                // What a macro is given may be more than the modules it declares.
                for (call, site) in &unknown {
                    progress |= self.add_named_modules(call, site);
                }
            }
            if !progress {
                break;
            }
        }
        let rest = unknown.into_iter().map(|(call, site)| {
            let Site { module, file, cfg, .. } = site;
            ItemMacro { module, file, call, cfg }
        });
        self.notes.borrow_mut().item_macros.extend(rest);
        self.publish_noted();
    }
}

/// Whether a path of a macro is a name alone, or one of the standard library's.
fn is_of_std(path: &Path) -> bool {
    match path.segments.as_slice() {
        [_] => true,
        [krate, _] => matches!(&*krate.name, "std" | "core"),
        _ => false,
    }
}
