//! Registries: constants of the tree that declare a class's operations, one struct each.
//!
//! Fields are read by name, wherever they stand in the struct or in structs it holds; names of Rust that a field may
//! have are those of the contract's documentation. Nothing is guessed: an entry without a name, method or path is told.

use std::collections::BTreeMap;

use crate::{
    contract::{Class, ClassId, Contract, METHODS, Operation, TableName},
    evaluate::data::Data,
    link::{DefId, DefKind, Program, Target},
    source::Span,
};

const NAME: [&str; 3] = ["operation_name", "operation", "name"];
const METHOD: [&str; 2] = ["http_method", "method"];
const PATH: [&str; 2] = ["route_path", "path"];
const TABLES: [&str; 2] = ["affected_tables", "tables"];
const FUNCTION: [&str; 3] = ["storage_function", "storage_method", "function"];

/// The constants that the contract names as registries, each with its class.
pub fn constants(contract: &Contract, program: &Program) -> Vec<(ClassId, DefId)> {
    let mut all = Vec::new();
    for (at, class) in contract.classes.iter().enumerate() {
        let Some(registry) = &class.registry else { continue };
        for target in program.contract_name(&registry.path) {
            if let Target::Item(id) = target
                && matches!(program.def(id).kind, DefKind::Const | DefKind::AssocConst)
            {
                all.push((ClassId(at), id));
            }
        }
    }
    all
}

/// The contract with what its registries declare.
pub fn with_registries(
    contract: Contract,
    registries: &[(ClassId, DefId)],
    values: &BTreeMap<DefId, Data>,
) -> Contract {
    let mut whole = contract;
    for (class, id) in registries {
        let Some(span) = whole.class(*class).and_then(registry_span) else { continue };
        let (operations, unread) = operations(values.get(id).unwrap_or(&Data::Unknown), span);
        whole = whole.with_operations(*class, operations, unread);
    }
    whole
}

fn registry_span(class: &Class) -> Option<Span> {
    class.registry.as_ref().map(|registry| registry.span)
}

/// The operations that a registry declares, and what in it cannot be read.
///
/// - `span`: the entry of the contract that names the registry.
pub fn operations(registry: &Data, span: Span) -> (Vec<Operation>, Vec<String>) {
    let Data::List(entries) = registry else {
        return (
            Vec::new(),
            vec!["it is no list of structs that can be told without running it".to_owned()],
        );
    };
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    for (entry, number) in entries.iter().zip(1..) {
        match operation(entry, span) {
            Ok(operation) => all.push(operation),
            Err(what) => unread.push(format!("entry {number} {what}")),
        }
    }
    (all, unread)
}

fn operation(entry: &Data, span: Span) -> Result<Operation, String> {
    let Data::Record(_) = entry else { return Err("is not known".to_owned()) };
    let wanted = |names: &[&str], what: &str| {
        let text = field(entry, names).and_then(text);
        text.ok_or_else(|| format!("has no {what} that can be read (`{}`)", names.join("`, `")))
    };
    let name = wanted(&NAME, "name")?;
    let method = wanted(&METHOD, "method")?.to_uppercase();
    if !METHODS.contains(&method.as_str()) {
        return Err(format!("has the unknown method `{method}`"));
    }
    let path = wanted(&PATH, "path")?;
    let mut operation = Operation::registered(&name, &method, &spelled(&path), span);
    if let Some(function) = field(entry, &FUNCTION).and_then(whole_text) {
        operation = operation.stored_by(&function);
    }
    for table in field(entry, &TABLES).map(texts).unwrap_or_default() {
        match TableName::parse(&table) {
            Some(table) => operation = operation.writing(table),
            None => return Err(format!("names the table `{table}`, which is no name")),
        }
    }
    Ok(operation)
}

/// The first of these fields in the struct itself, or else in a struct it holds.
fn field<'d>(data: &'d Data, names: &[&str]) -> Option<&'d Data> {
    let Data::Record(fields) = data else { return None };
    let own = names.iter().find_map(|name| fields.iter().find(|(field, _)| field == name));
    own.map(|(_, value)| value).or_else(|| fields.iter().find_map(|(_, inner)| field(inner, names)))
}

/// A string, or the last name of what is named: `Method::Post`, `http::Method::POST`.
fn text(data: &Data) -> Option<String> {
    match data {
        Data::Named(path) => path.rsplit(':').next().map(str::to_owned),
        data => whole_text(data),
    }
}

/// A string, or the whole path of what is named; nothing for `None`.
fn whole_text(data: &Data) -> Option<String> {
    match data {
        Data::Text(text) => Some(text.clone()),
        Data::Named(path) if path == "std::option::Option::None" => None,
        Data::Named(path) => Some(path.clone()),
        // A newtype stands for what it holds.
        Data::Record(fields) => match fields.as_slice() {
            [(_, only)] => whole_text(only),
            _ => None,
        },
        Data::List(_) | Data::Unknown => None,
    }
}

fn texts(data: &Data) -> Vec<String> {
    match data {
        Data::List(items) => items.iter().filter_map(whole_text).collect(),
        data => whole_text(data).into_iter().collect(),
    }
}

/// A path as frameworks of several kinds write it, in the spelling of contracts.
fn spelled(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let inner = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        if let Some(name) = segment.strip_prefix(':') {
            format!("{{{name}}}")
        } else if let Some(name) = inner {
            name.strip_suffix("..")
                .map_or_else(|| format!("{{{name}}}"), |rest| format!("{{*{rest}}}"))
        } else if segment.starts_with('*') && segment.len() > 1 {
            format!("{{{segment}}}")
        } else {
            segment.to_owned()
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
