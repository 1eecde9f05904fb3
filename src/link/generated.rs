//! Items that macros outside the tree stand for: a library's model says what they are, as Rust text.
//!
//! The text is an expansion like that of a macro of the tree: it is parsed, linked where the call or derive stands, and its
//! places are shown there.

use std::sync::Arc;

use super::{
    DefId, ModuleId, Namespace, Program, Resolution,
    cfg::{Decided, both, decide},
    macros::{BYTES, DEPTH},
    modules::{Site, is_named},
    names::CrateRef,
};
use crate::{
    source::{FileId, Origin, Place, Span},
    syntax::{
        paste,
        tree::{Attr, Item, MacroCall},
    },
};

/// Whose expansions those are in which names are put together.
const PASTED: DefId = DefId(u32::MAX - 2);

/// An item with derives or attributes of which some may add items beside it.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    item: Arc<Item>,
    site: Site,
    /// Each macro's path as written, whether it starts with `::`, and the attribute that names it.
    macros: Vec<(Vec<String>, bool, Span)>,
}

impl Program {
    /// Notes the derives and attributes of an item that a library may give items for.
    pub(super) fn note_derived(&self, item: &Arc<Item>, site: &Site) {
        if item.attrs.is_empty() {
            return;
        }
        let text = self.text(site.file);
        let mut macros = Vec::new();
        for attr in item.attrs.iter().filter(|attr| self.applies(attr)) {
            let named: Vec<(Vec<String>, bool)> = if is_named(attr, "derive") {
                attr.args.of(&text).split(',').filter_map(written_path).collect()
            } else {
                let names = attr.path.segments.iter().map(|segment| segment.name.to_string());
                vec![(names.collect(), attr.path.global)]
            };
            let known = named
                .into_iter()
                .filter(|(path, _)| path.last().is_some_and(|last| self.reader.derives(last)));
            macros.extend(known.map(|(path, global)| (path, global, attr.span)));
        }
        if !macros.is_empty() {
            let derived = Derived { item: Arc::clone(item), site: site.clone(), macros };
            self.macros.borrow_mut().derived.push(derived);
        }
    }

    pub(super) fn applies(&self, attr: &Attr) -> bool {
        !attr.cfg.as_ref().is_some_and(|cfg| decide(cfg, self.include_tests) == Decided::False)
    }

    /// Adds the items of the derives noted so far; whether there were any.
    pub(super) fn add_derived(&self) -> bool {
        let noted = std::mem::take(&mut self.macros.borrow_mut().derived);
        let mut any = false;
        for Derived { item, site, macros } in noted {
            let text = self.text(site.file);
            for (path, global, span) in macros {
                let made = self
                    .outside_paths(site.module, &path, global)
                    .iter()
                    .find_map(|path| self.reader.derived_items(path, &item, &text));
                if let Some(made) = made {
                    any = true;
                    let cfg = item.cfg.as_ref().and_then(|cfg| both(site.cfg.as_ref(), Some(cfg)));
                    let cfg = cfg.or_else(|| site.cfg.clone());
                    self.add_made(made, span, &Site { cfg, ..site.clone() });
                }
            }
        }
        any
    }

    /// Adds the items that a macro call outside the tree stands for; `false` when no library knows it.
    pub(super) fn add_outside_call(&self, call: &MacroCall, site: &Site) -> bool {
        let path: Vec<String> =
            call.path.segments.iter().map(|segment| segment.name.to_string()).collect();
        let paths = self.outside_paths(site.module, &path, call.path.global);
        let text = self.text(site.file);
        let tokens = call.args.of(&text);
        let known = paths.iter().filter(|path| {
            path.rsplit(':').next().is_some_and(|last| self.reader.item_macros(last))
        });
        let made = known.into_iter().find_map(|path| self.reader.item_macro(path, tokens));
        made.map(|made| self.add_made(made, call.span, site)).is_some()
    }

    /// What a macro outside the tree is given, with the names in it put together as `paste!` does, as a text of its own.
    ///
    /// `None` when no name is put together. `wrap` lays around it what makes it whole.
    pub fn pasted(
        &self,
        file: FileId,
        call: &MacroCall,
        wrap: impl Fn(String) -> String,
    ) -> Option<FileId> {
        let key = (PASTED, file, call.span);
        if let Some(known) = self.macros.borrow().expansions.get(&key) {
            return known.clone().ok();
        }
        let depth = self.macros.borrow().depths.get(&file).map_or(0, |depth| *depth) + 1;
        let text = paste::pasted(call.args.of(&self.text(file))).map(wrap)?;
        let mut macros = self.macros.borrow_mut();
        macros.bytes += text.len();
        if depth > DEPTH || macros.bytes > BYTES {
            return None;
        }
        let at = Place { file, span: call.span };
        let made = self.sources.borrow_mut().add(Origin::Expansion(at), text.into());
        macros.depths.insert(made, depth);
        macros.expansions.insert(key, Ok(made));
        Some(made)
    }

    /// Puts the items among whose names some are put together where the call stands; `false` when there are none.
    pub(super) fn add_pasted(&self, call: &MacroCall, site: &Site) -> bool {
        let Some(file) = self.pasted(site.file, call, |text| text) else { return false };
        let Ok(tree) = self.reader.read_tree(&self.text(file)) else { return false };
        for skipped in &tree.skipped {
            self.gap(Place { file, span: skipped.span }, skipped.message.clone());
        }
        self.walk_items(&tree.items, &Site { file, ..site.clone() });
        true
    }

    /// What a macro's path may mean outside the tree.
    pub(super) fn outside_paths(
        &self,
        scope: ModuleId,
        path: &[String],
        global: bool,
    ) -> Vec<Arc<str>> {
        let found = self.resolve(scope, path, global, Namespace::Macro);
        let mut all: Vec<Arc<str>> = found
            .into_iter()
            .filter_map(|(_, is)| match is {
                Resolution::External(path) => Some(path),
                _ => None,
            })
            .collect();
        if all.is_empty() {
            all = self.glob_candidates(scope, path);
            if let [name] = path {
                let krate = self.krate(self.crate_of(scope));
                all.extend(krate.macro_use.iter().filter_map(|used| match used {
                    CrateRef::External(krate) => Some(format!("{krate}::{name}").into()),
                    CrateRef::Local(_) => None,
                }));
            }
        }
        all
    }

    /// Whether a text was written by a library's model, for one of its macros or derives.
    pub fn is_made(&self, file: FileId) -> bool {
        self.macros.borrow().made.contains(&file)
    }

    /// Puts items that a library's model wrote where the call or derive at `span` stands.
    fn add_made(&self, made: String, span: Span, site: &Site) {
        let at = Place { file: site.file, span };
        let depth = self.macros.borrow().depths.get(&site.file).map_or(0, |depth| *depth) + 1;
        if depth > DEPTH {
            return self.gap(at, "expansions are nested too deep");
        }
        match self.reader.read_tree(&made) {
            Ok(tree) => {
                let file = self.sources.borrow_mut().add(Origin::Expansion(at), made.into());
                self.macros.borrow_mut().depths.insert(file, depth);
                self.macros.borrow_mut().made.insert(file);
                for skipped in &tree.skipped {
                    self.gap(at, skipped.message.clone());
                }
                self.walk_items(&tree.items, &Site { file, ..site.clone() });
            }
            Err(message) => self.gap(at, format!("what a macro stands for is not read: {message}")),
        }
    }
}

/// A path in a derive list.
fn written_path(text: &str) -> Option<(Vec<String>, bool)> {
    let text: String = text.split_whitespace().collect();
    let global = text.starts_with("::");
    let path: Vec<String> =
        text.trim_start_matches("::").split("::").map(ToOwned::to_owned).collect();
    path.iter().all(|name| !name.is_empty()).then_some((path, global))
}
