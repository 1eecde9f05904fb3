//! The stages before it as the link stage asks for them.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use crate::{
    databases,
    discover::{self, attachments::Attachments},
    frameworks,
    link::{Expander, Library, Reader},
    source::Span,
    syntax::{
        self,
        tree::{FileTree, Item},
    },
};

/// What it asks.
pub(super) struct Syntax {
    pub(super) attachments: Attachments,
    /// The texts of documents, where they are not on disk.
    pub(super) documents: Option<BTreeMap<String, Option<Arc<str>>>>,
    pub(super) workspace: discover::Workspace,
}

impl Reader for Syntax {
    fn read_tree(&self, text: &str) -> Result<FileTree, String> {
        syntax::read_tree(text).map_err(|error| error.message)
    }

    fn read_items(&self, text: &str, span: Span) -> Result<FileTree, String> {
        syntax::read_items(text, span).map_err(|error| error.message)
    }

    fn document(&self, path: &str) -> Option<Arc<str>> {
        match &self.documents {
            Some(documents) => documents.get(path).cloned().flatten(),
            None => discover::read_document(&self.workspace, path),
        }
    }

    fn attachment(&self, base: &str, path: &str) -> Option<Arc<str>> {
        self.attachments.text(base, path)
    }

    fn macro_rules(&self, rules: &str, local: bool) -> Result<Expander, String> {
        let rules =
            syntax::expand::MacroRules::parse(rules, local).map_err(|error| error.to_string())?;
        Ok(Rc::new(move |args, crate_name| {
            rules
                .expand(args, syntax::expand::ExpandCall { crate_path: crate_name })
                .map_err(|error| error.to_string())
        }))
    }

    fn libraries(&self) -> Vec<Library> {
        super::libraries::all()
    }

    fn item_macros(&self, name: &str) -> bool {
        databases::has_item_macro(name)
    }

    fn item_macro(&self, path: &str, tokens: &str) -> Option<String> {
        databases::item_macro(path, tokens)
    }

    fn publishes(&self, attribute: &str) -> bool {
        frameworks::publishes(attribute)
    }

    fn derives(&self, name: &str) -> bool {
        databases::has_derive(name)
    }

    fn derived_items(&self, path: &str, item: &Item, text: &str) -> Option<String> {
        databases::derived_items(path, item, text)
    }
}
