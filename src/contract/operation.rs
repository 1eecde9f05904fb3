//! Declared operations: a name, a route, and what it stores where.

use toml::de::DeTable;

use super::mistake::{Mistakes, nearest};
use super::name::ItemName;
use super::path::RoutePath;
use super::pattern::compile;
use super::section::{Entry, Section};
use super::table::TableName;
use crate::source::Span;

/// The methods a contract may name.
pub const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

/// The methods of mutations: those of a class that names none.
pub const MUTATIONS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// The method of a route that serves every method.
pub const ANY: &str = "ANY";

/// `METHOD /path` of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredRoute {
    /// Upper case, or `ANY`.
    pub method: String,
    /// The path; in an exemption it may be a pattern.
    pub path: RoutePath,
    /// Where it is written.
    pub span: Span,
}

impl DeclaredRoute {
    /// Reads `METHOD /path` in which the path may be a pattern.
    pub(super) fn read_pattern(entry: &Entry<String>, mistakes: &mut Mistakes) -> Option<Self> {
        let Some((method, path)) = entry.value.trim().split_once(char::is_whitespace) else {
            let message = format!("`{}` is not a method and a path", entry.value);
            let path =
                if entry.value.starts_with('/') { entry.value.as_str() } else { "/api/payments" };
            mistakes.add(
                entry.span,
                message,
                "not a route",
                format!("write it like `POST {path}`"),
            );
            return None;
        };
        let known = method == ANY || METHODS.contains(&method);
        if !known {
            unknown_method(entry.span, method, true, mistakes);
        }
        match compile(path.trim()) {
            Ok(path) => known.then(|| Self { method: method.to_owned(), path, span: entry.span }),
            Err((message, help)) => {
                mistakes.add(
                    entry.span,
                    format!("`{path}` is not a path: {message}"),
                    "here",
                    help,
                );
                None
            }
        }
    }

    /// Reads `METHOD /path` of one route.
    pub(super) fn read(entry: &Entry<String>, mistakes: &mut Mistakes) -> Option<Self> {
        let mut route = Self::read_pattern(entry, mistakes)?;
        let written =
            entry.value.trim().split_once(char::is_whitespace).map_or("", |(_, path)| path.trim());
        if written.split('/').any(|segment| segment.starts_with('*')) {
            let message = format!(
                "the route of an operation is one path, and `{written}` stands for several"
            );
            mistakes.add(
                entry.span,
                message,
                "a pattern",
                "write `{name}` for a parameter, `{*name}` for a wildcard",
            );
            return None;
        }
        route.path = RoutePath::parse(written);
        Some(route)
    }

    /// As the contract writes it: `POST /api/payments`.
    pub fn text(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether a route of `method` and `path` is the declared one, or serves it because it serves every method.
    pub fn is_route(&self, method: &str, path: &RoutePath) -> bool {
        (self.method == method || self.method == ANY || method == ANY) && self.path.same_route(path)
    }
}

/// One declared mutation of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub name: Entry<String>,
    /// Its route.
    pub route: DeclaredRoute,
    /// The function that stores it.
    pub function: Option<ItemName>,
    /// The tables it writes.
    pub tables: Vec<Entry<TableName>>,
    /// Its header; for one read from a registry, the registry entry of the contract.
    pub span: Span,
}

const KEYS: &[&str] = &["name", "route", "function", "tables"];

impl Operation {
    /// An operation read from a registry, which is named at `span` of the contract.
    pub fn registered(name: &str, method: &str, path: &str, span: Span) -> Self {
        let route =
            DeclaredRoute { method: method.to_uppercase(), path: RoutePath::parse(path), span };
        Self {
            name: Entry { value: name.to_owned(), span },
            route,
            function: None,
            tables: Vec::new(),
            span,
        }
    }

    /// The same with the function that stores it, a resolved path.
    #[must_use]
    pub fn stored_by(mut self, function: &str) -> Self {
        self.function = Some(ItemName { path: function.to_owned(), span: self.span });
        self
    }

    /// The same with a table it writes.
    #[must_use]
    pub fn writing(mut self, table: TableName) -> Self {
        self.tables.push(Entry { value: table, span: self.span });
        self
    }

    pub(super) fn read(
        class: &str,
        span: Span,
        table: &DeTable<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let section =
            Section::new(format!("[[class.{class}.operation]]"), span, table, KEYS, mistakes);
        let name = section.required("name", "\"createPayment\"", mistakes);
        let route = section.required("route", "\"POST /api/payments\"", mistakes);
        let route = route.and_then(|route| DeclaredRoute::read(&route, mistakes));
        let function =
            section.text("function", mistakes).and_then(|entry| ItemName::read(&entry, mistakes));
        let tables = section.texts("tables", mistakes);
        let tables = tables.iter().filter_map(|entry| TableName::read(entry, mistakes)).collect();
        Some(Self { name: name?, route: route?, function, tables, span })
    }
}

/// Notes a method that is none, with the one that was meant.
pub(super) fn unknown_method(span: Span, method: &str, any: bool, mistakes: &mut Mistakes) {
    let upper = method.to_uppercase();
    let known = METHODS.contains(&upper.as_str()) || (any && upper == ANY);
    let help = match nearest(method, &METHODS) {
        _ if known => format!("write `{upper}`"),
        Some(near) => format!("write `{near}`"),
        None => "use an HTTP method such as `POST`".to_owned(),
    };
    mistakes.add(span, format!("unknown method `{method}`"), "no HTTP method", help);
}
