//! `[[scan.route-macro]]`: what a procedural macro that registers routes means.
//!
//! Such a macro is a program of its own, so the contract says where in its tokens method, path and handler stand. It
//! may stand as an attribute on any item, or be called wherever a macro can be. There are two forms.
//!
//! A list: entries between commas, each a path, a mark, and what answers it. Words with the handler in parentheses are
//! methods; the words of `nest` mount the routes of another item that has the same macro.
//!
//! ```toml
//! # #[routes::routes(routes("/x" => [get(read), post(write)], "/y" => sub(Other)), tag = "x")]
//! [[scan.route-macro]]
//! macro  = "routes::routes"
//! list   = "routes"       # the argument that holds the entries; the macro's own tokens if absent
//! entry  = "=>"           # between a path and what answers it; `=>` if absent
//! nest   = ["sub"]        # words that mount another item
//! prefix = "/api"         # before what no other item nests; none if absent
//! ```
//!
//! A single route: the macro stands on the handler.
//!
//! ```toml
//! # #[web::endpoint(verb = "post", "/x")]
//! [[scan.route-macro]]
//! macro  = "web::endpoint"
//! method = "verb"         # a named argument or a position; the macro's own last name if absent
//! path   = 0              # a named argument or a position among those without a name
//! ```
//!
//! A call says its handler too: `web::mount!(post, "/x", create)` has `method = 0`, `path = 1`, `handler = 2`.

use toml::de::{DeTable, DeValue};

use super::mistake::Mistakes;
use super::name::ItemName;
use super::section::Section;
use crate::source::Span;

/// Where in a macro's tokens something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A named argument.
    Named(String),
    /// A position among the arguments without a name, from 0.
    At(usize),
}

/// What one macro means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteMacro {
    /// The macro.
    pub name: ItemName,
    /// Where the path of a single route stands; none for a list.
    pub path: Option<Argument>,
    /// Where its method stands.
    pub method: Option<Argument>,
    /// Where its handler stands; the item that has the attribute if absent.
    pub handler: Option<Argument>,
    /// The argument that holds the entries of a list.
    pub list: Option<String>,
    /// Between a path and what answers it.
    pub entry: String,
    /// Words that mount another item.
    pub nest: Vec<String>,
    /// What stands before paths that nothing nests.
    pub prefix: String,
}

const KEYS: &[&str] = &["macro", "path", "method", "handler", "list", "entry", "nest", "prefix"];

impl RouteMacro {
    pub(super) fn read(span: Span, table: &DeTable<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        let section = Section::new("[[scan.route-macro]]", span, table, KEYS, mistakes);
        let name = section.required("macro", "\"routes::routes\"", mistakes)?;
        let name = ItemName::read(&name, mistakes)?;
        let argument = |key: &str, mistakes: &mut Mistakes| {
            let value = section.value(key)?;
            if matches!(value.get_ref(), DeValue::Integer(_)) {
                return section.number(key, mistakes).map(|entry| Argument::At(entry.value));
            }
            section.text(key, mistakes).map(|entry| Argument::Named(entry.value))
        };
        let path = argument("path", mistakes);
        let method = argument("method", mistakes);
        let handler = argument("handler", mistakes);
        for key in ["list", "entry", "nest"] {
            if path.is_some()
                && let Some(at) = section.key_span(key)
            {
                let message = format!("`{key}` is for a list of routes, `path` for a single one");
                mistakes.add(at, message, "here", "leave one of them out");
            }
        }
        let text = |key: &str, mistakes: &mut Mistakes| {
            section.text(key, mistakes).map(|entry| entry.value)
        };
        Some(Self {
            name,
            path,
            method,
            handler,
            list: text("list", mistakes),
            entry: text("entry", mistakes).unwrap_or_else(|| "=>".to_owned()),
            nest: section.texts("nest", mistakes).into_iter().map(|entry| entry.value).collect(),
            prefix: text("prefix", mistakes).unwrap_or_default(),
        })
    }
}
