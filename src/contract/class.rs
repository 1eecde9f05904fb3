//! Classes: what the contract protects, by which gates and writers.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistakes;
use super::name::{ItemName, is_identifier};
use super::operation::{ANY, METHODS, MUTATIONS, Operation, unknown_method};
use super::path::{RoutePath, covered_by_any};
use super::pattern::Pattern;
use super::section::{Entry, Section, choice_of, span_of, text_of, wrong_type};
use super::table::TableName;
use crate::finding::Severity;
use crate::source::Span;

/// A kind of mutation the contract protects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Where the name is written first.
    pub span: Span,
    /// What it is for, in the contract's words.
    pub summary: Option<Entry<String>>,
    /// The severity of its findings.
    pub severity: Severity,
    /// The paths it claims.
    pub routes: Vec<Pattern>,
    /// The methods it claims, upper case.
    pub methods: Vec<Entry<String>>,
    /// The tables it protects.
    pub tables: Vec<Entry<TableName>>,
    /// The writes it guards.
    pub writes: Vec<Entry<WriteKind>>,
    /// The functions inside which its tables may be written.
    pub writers: Vec<ItemName>,
    /// The constant its further operations are read from.
    pub registry: Option<ItemName>,
    /// What gates its routes.
    pub gate: Gate,
    /// Its declared operations.
    pub operations: Vec<Operation>,
    /// What in its registry cannot be read, one sentence each.
    pub unread: Vec<String>,
}

/// What a write does to rows. An upsert is an insert and an update, a truncate a delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WriteKind {
    /// Adds rows.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
}

/// What a route may pass through; any one entry gates it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gate {
    /// Functions that register a route or wrap what they are given.
    pub functions: Vec<GateFunction>,
    /// Layers, middleware, hoops, fairings.
    pub layers: Vec<ItemName>,
    /// Types of handler parameters.
    pub extractors: Vec<ItemName>,
    /// Attribute macros on handlers.
    pub attributes: Vec<ItemName>,
    /// What the argument or field that holds the operation is called, if not as usual.
    pub operation: Option<Entry<String>>,
}

/// A gate function; positions are 0-based and the receiver of a method is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateFunction {
    /// Its name.
    pub name: ItemName,
    /// The argument that is the HTTP method.
    pub method: Option<usize>,
    /// The argument that is the path.
    pub route: Option<usize>,
    /// The argument that is the handler.
    pub handler: Option<usize>,
    /// The argument that names the operation.
    pub operation: Option<usize>,
}

const KEYS: &[&str] = &[
    "summary",
    "severity",
    "routes",
    "methods",
    "tables",
    "writes",
    "writer",
    "registry",
    "gate",
    "operation",
];
const GATE_KEYS: &[&str] = &["function", "layer", "extractor", "attribute", "operation"];
const FUNCTION_KEYS: &[&str] = &["path", "method", "route", "handler", "operation"];
const SEVERITIES: &[(&str, Severity)] = &[("deny", Severity::Deny), ("warn", Severity::Warn)];
const WRITES: &[(&str, WriteKind)] =
    &[("insert", WriteKind::Insert), ("update", WriteKind::Update), ("delete", WriteKind::Delete)];

impl Gate {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
            && self.layers.is_empty()
            && self.extractors.is_empty()
            && self.attributes.is_empty()
    }
}

impl GateFunction {
    /// Whether the contract says where an argument stands, because the function's source is not in the tree.
    pub fn has_positions(&self) -> bool {
        self.method.or(self.route).or(self.handler).or(self.operation).is_some()
    }
}

impl Class {
    /// Whether the class claims routes of `method`.
    pub fn claims_method(&self, method: &str) -> bool {
        method == ANY || self.methods.iter().any(|claimed| claimed.value == method)
    }

    /// Whether a route of `method` and `path` is in the class.
    ///
    /// A route whose path only differs in how a request for it is written is.
    pub fn contains(&self, method: &str, path: &RoutePath) -> bool {
        let claims = |path: &RoutePath| {
            covered_by_any(self.routes.iter().map(Pattern::path), path)
                && self.claims_method(method)
        };
        claims(path)
            || path.folded().is_some_and(|path| claims(&path))
            || self.operation_for(method, path).is_some()
    }

    /// Whether a route that is not in the class can be asked for one of its paths.
    ///
    /// For an operation's own path that means a route that would serve all of it: a literal beside a declared
    /// parameter is another route.
    pub fn overlaps(&self, method: &str, path: &RoutePath) -> bool {
        let patterns =
            self.claims_method(method) && self.routes.iter().any(|pattern| pattern.overlaps(path));
        let serves = |operation: &Operation| {
            (method == ANY || operation.route.method == ANY || operation.route.method == method)
                && path.answers(&operation.route.path)
        };
        (patterns || self.operations.iter().any(serves)) && !self.contains(method, path)
    }

    /// The operation declared for a route; for a route of every method the first at its path.
    pub fn operation_for(&self, method: &str, path: &RoutePath) -> Option<&Operation> {
        let folded = path.folded();
        let is_at = |operation: &&Operation| {
            operation.route.is_route(method, path)
                || folded.as_ref().is_some_and(|path| operation.route.is_route(method, path))
        };
        let at_path = || self.operations.iter().filter(is_at);
        at_path().find(|operation| operation.route.method == method).or_else(|| at_path().next())
    }

    /// The operation of that name.
    pub fn operation_named(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name.value == name)
    }

    /// Whether the class guards any of these kinds of write.
    pub fn guards(&self, kinds: &[WriteKind]) -> bool {
        self.writes.iter().any(|guarded| kinds.contains(&guarded.value))
    }

    pub(super) fn read(
        name: &str,
        span: Span,
        table: &DeTable<'_>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let section = Section::new(format!("[class.{name}]"), span, table, KEYS, mistakes);
        let routes = section.texts("routes", mistakes);
        let operations =
            section.tables("operation", &format!("[[class.{name}.operation]]"), mistakes);
        Self {
            name: name.to_owned(),
            span,
            summary: section.text("summary", mistakes),
            severity: section
                .choice("severity", SEVERITIES, mistakes)
                .map_or(Severity::Deny, |entry| entry.value),
            routes: routes.iter().filter_map(|entry| Pattern::read(entry, mistakes)).collect(),
            methods: methods(&section, mistakes),
            tables: section
                .texts("tables", mistakes)
                .iter()
                .filter_map(|e| TableName::read(e, mistakes))
                .collect(),
            writes: writes(&section, mistakes),
            writers: names(&section, "writer", mistakes),
            registry: section
                .text("registry", mistakes)
                .and_then(|entry| ItemName::read(&entry, mistakes)),
            gate: gate(name, &section, mistakes),
            operations: operations
                .into_iter()
                .filter_map(|(span, table)| Operation::read(name, span, table, mistakes))
                .collect(),
            unread: Vec::new(),
        }
    }
}

fn names(section: &Section<'_>, key: &str, mistakes: &mut Mistakes) -> Vec<ItemName> {
    section
        .texts(key, mistakes)
        .iter()
        .filter_map(|entry| ItemName::read(entry, mistakes))
        .collect()
}

fn methods(section: &Section<'_>, mistakes: &mut Mistakes) -> Vec<Entry<String>> {
    if section.value("methods").is_none() {
        return MUTATIONS
            .map(|method| Entry { value: method.to_owned(), span: section.span })
            .into();
    }
    let mut methods = section.texts("methods", mistakes);
    refuse_empty(section, "methods", mistakes);
    methods.retain(|method| {
        let known = METHODS.contains(&method.value.as_str());
        if !known {
            unknown_method(method.span, &method.value, false, mistakes);
        }
        known
    });
    methods
}

fn writes(section: &Section<'_>, mistakes: &mut Mistakes) -> Vec<Entry<WriteKind>> {
    if section.value("writes").is_none() {
        return WRITES.iter().map(|(_, kind)| Entry { value: *kind, span: section.span }).collect();
    }
    refuse_empty(section, "writes", mistakes);
    let list = section.list("writes", mistakes);
    list.into_iter().filter_map(|value| choice_of(value, "writes", WRITES, mistakes)).collect()
}

/// An empty list would protect nothing where leaving the key out protects all.
fn refuse_empty(section: &Section<'_>, key: &str, mistakes: &mut Mistakes) {
    if let Some(value) = section.value(key)
        && let DeValue::Array(list) = value.get_ref()
        && list.is_empty()
    {
        let message =
            format!("`{key}` of {} is empty, so the class protects nothing", section.title);
        mistakes.add(span_of(value), message, "nothing in it", "remove it to mean all");
    }
}

fn gate(class: &str, section: &Section<'_>, mistakes: &mut Mistakes) -> Gate {
    let Some((span, table)) = section.table("gate", mistakes) else { return Gate::default() };
    let section = Section::new(format!("[class.{class}.gate]"), span, table, GATE_KEYS, mistakes);
    let operation = section.text("operation", mistakes).filter(|entry| {
        let fits = is_identifier(&entry.value);
        if !fits {
            let message = format!("`{}` cannot name an argument or a field", entry.value);
            mistakes.add(
                entry.span,
                message,
                "not an identifier",
                "write it like `operation_name`",
            );
        }
        fits
    });
    let functions = section.list("function", mistakes);
    Gate {
        functions: functions
            .into_iter()
            .filter_map(|value| gate_function(class, value, mistakes))
            .collect(),
        layers: names(&section, "layer", mistakes),
        extractors: names(&section, "extractor", mistakes),
        attributes: names(&section, "attribute", mistakes),
        operation,
    }
}

fn gate_function(
    class: &str,
    value: &Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes,
) -> Option<GateFunction> {
    let DeValue::Table(table) = value.get_ref() else {
        if !value.get_ref().is_str() {
            wrong_type(
                value,
                "function",
                "names or tables",
                "write it like `{ path = \"gate\", route = 1 }`",
                mistakes,
            );
            return None;
        }
        let name = ItemName::read(&text_of(value, "function", mistakes)?, mistakes)?;
        return Some(GateFunction {
            name,
            method: None,
            route: None,
            handler: None,
            operation: None,
        });
    };
    let title = format!("a `function` of [class.{class}.gate]");
    let section = Section::new(title, span_of(value), table, FUNCTION_KEYS, mistakes);
    let name = section.required("path", "\"moneykit::gate\"", mistakes);
    let name = name.and_then(|entry| ItemName::read(&entry, mistakes));
    let mut seen: Vec<(usize, &str)> = Vec::new();
    let mut position = |key: &'static str| {
        let at = section.number(key, mistakes)?;
        if let Some((_, other)) = seen.iter().find(|(taken, _)| *taken == at.value) {
            let message = format!("`{key}` and `{other}` are both argument {}", at.value);
            mistakes.add(at.span, message, "taken already", "give each its own position");
        }
        seen.push((at.value, key));
        Some(at.value)
    };
    let (method, route) = (position("method"), position("route"));
    let (handler, operation) = (position("handler"), position("operation"));
    Some(GateFunction { name: name?, method, route, handler, operation })
}
