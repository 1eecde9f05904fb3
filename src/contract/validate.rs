//! From the text of contract.toml to a [`Contract`], or to everything that is wrong with it.
//!
//! Each section reads itself; here they are called in turn, and what only shows when they are seen together is found.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::class::Class;
use super::exemption::Exemption;
use super::mistake::{ContractErrors, Mistakes, nearest};
use super::operation::Operation;
use super::scan::{Scan, Server, rule_levels};
use super::section::{Section, span_of, wrong_type};
use super::{Contract, VERSION};
use crate::source::Span;

const KEYS: &[&str] = &["version", "scan", "rules", "class", "server", "exempt"];

/// Reads a contract.
pub(super) fn contract(
    path: &str,
    text: &str,
    known_rules: &[&str],
) -> Result<Contract, ContractErrors> {
    let mut mistakes = Mistakes::default();
    let shared: Arc<str> = Arc::from(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut broken = false;
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let span = Span::new(
            u32::try_from(range.start).unwrap_or(0),
            u32::try_from(range.end).unwrap_or(0),
        );
        let twice = error.message().contains("duplicate key");
        broken |= !twice;
        let help = if twice { "keep one of them" } else { "write it as TOML" };
        mistakes.add(span, error.message().trim(), "here", help);
    }
    if broken {
        // What the parser made of broken text would only raise mistakes the user did not make.
        return mistakes.into_errors(path, &shared).map_or_else(|| Ok(empty(path, &shared)), Err);
    }
    let contract = sections(path, &shared, document.get_ref(), known_rules, &mut mistakes);
    together(&contract, &mut mistakes);
    mistakes.into_errors(path, &shared).map_or(Ok(contract), Err)
}

fn empty(path: &str, text: &Arc<str>) -> Contract {
    Contract {
        path: path.to_owned(),
        text: Arc::clone(text),
        scan: Scan::default(),
        rules: BTreeMap::new(),
        classes: Vec::new(),
        servers: Vec::new(),
        exemptions: Vec::new(),
    }
}

fn sections(
    path: &str,
    text: &Arc<str>,
    document: &DeTable<'_>,
    known_rules: &[&str],
    mistakes: &mut Mistakes,
) -> Contract {
    let mut contract = empty(path, text);
    let root = Section::new("the contract", Span::default(), document, KEYS, mistakes);
    version(&root, mistakes);
    if let Some((span, table)) = root.table("scan", mistakes) {
        contract.scan = Scan::read(span, table, mistakes);
    }
    if let Some((span, table)) = root.table("rules", mistakes) {
        contract.rules = rule_levels(span, table, known_rules, mistakes);
    }
    if let Some((span, table)) = root.table("class", mistakes) {
        for (name, at, value) in Section::open("[class]", span, table).entries() {
            match value.get_ref() {
                DeValue::Table(table) => {
                    let class = Class::read(name, at, table, mistakes);
                    check_class(&class, table, mistakes);
                    contract.classes.push(class);
                }
                _ => wrong_type(value, name, "a table", "write `[class.financial]`", mistakes),
            }
        }
    }
    let servers = root.tables("server", "[[server]]", mistakes);
    contract.servers =
        servers.into_iter().filter_map(|(at, table)| Server::read(at, table, mistakes)).collect();
    let exempt = root.tables("exempt", "[[exempt]]", mistakes);
    contract.exemptions =
        exempt.into_iter().filter_map(|(at, table)| Exemption::read(at, table, mistakes)).collect();
    contract
}

fn version(root: &Section<'_>, mistakes: &mut Mistakes) {
    let Some(value) = root.value("version") else {
        mistakes.add(
            Span::default(),
            "the contract has no `version`",
            "here",
            format!("add `version = {VERSION}`"),
        );
        return;
    };
    let number = match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    if number != Some(VERSION) {
        let message = format!("this program reads contracts of version {VERSION}");
        mistakes.add(
            span_of(value),
            message,
            "another version",
            format!("write `version = {VERSION}`"),
        );
    }
}

/// What a class must have to protect anything. Asks the table and not the class which keys are there, so that a
/// list whose entries are all wrong is not also called absent.
fn check_class(class: &Class, table: &DeTable<'_>, mistakes: &mut Mistakes) {
    let filled = |table: &DeTable<'_>, wanted: &str| {
        table.iter().any(|(key, value)| {
            key.get_ref() == wanted
                && !matches!(value.get_ref(), DeValue::Array(list) if list.is_empty())
        })
    };
    let gate =
        table.iter().find(|(key, _)| key.get_ref() == "gate").map(|(_, value)| value.get_ref());
    let gated = match gate {
        Some(DeValue::Table(gate)) => {
            ["function", "layer", "extractor", "attribute"].iter().any(|key| filled(gate, key))
        }
        Some(_) => true,
        None => false,
    };
    let name = &class.name;
    if name.trim().is_empty() {
        mistakes.add(
            class.span,
            "a class has no name",
            "empty",
            "write it like `[class.financial]`",
        );
    }
    let what = ["routes", "operation"].into_iter().find(|key| filled(table, key));
    if let Some(what) = what.filter(|_| !gated) {
        let what = if what == "routes" { "routes" } else { "operations" };
        let message = format!("class `{name}` has {what} and no gate");
        mistakes.add(
            class.span,
            message,
            "nothing could pass",
            format!("add `[class.{name}.gate]`"),
        );
    }
    if filled(table, "tables") && !filled(table, "writer") {
        let message = format!("class `{name}` has tables and no writer");
        let help = format!("add `writer = [\"my_crate::writer\"]` to `[class.{name}]`");
        mistakes.add(class.span, message, "nothing could write them", help);
    }
    if !["routes", "tables", "operation", "registry"].iter().any(|key| filled(table, key)) {
        let message = format!("class `{name}` protects nothing");
        mistakes.add(
            class.span,
            message,
            "no routes, tables or operations",
            "add `routes` or `tables`",
        );
    }
    check_operations(&class.operations, mistakes);
}

fn check_operations(operations: &[Operation], mistakes: &mut Mistakes) {
    for (at, operation) in operations.iter().enumerate() {
        for earlier in operations.iter().take(at) {
            if earlier.name.value == operation.name.value {
                let message = format!("operation `{}` is declared twice", operation.name.value);
                mistakes.add(operation.name.span, message, "again here", "give each its own name");
            } else if earlier.route.method == operation.route.method
                && earlier.route.path.same_route(&operation.route.path)
            {
                let names = (&earlier.name.value, &operation.name.value);
                let message =
                    format!("operations `{}` and `{}` declare the same route", names.0, names.1);
                mistakes.add(
                    operation.route.span,
                    message,
                    "again here",
                    "give each its own route",
                );
            }
        }
    }
}

/// What shows only between sections.
fn together(contract: &Contract, mistakes: &mut Mistakes) {
    let classes: Vec<&str> = contract.classes.iter().map(|class| class.name.as_str()).collect();
    for class in contract.exemptions.iter().filter_map(|exemption| exemption.class.as_ref()) {
        if !classes.contains(&class.value.as_str()) {
            let help = match nearest(&class.value, &classes) {
                Some(near) => format!("write `{near}`"),
                None => "name a class of this contract".to_owned(),
            };
            mistakes.add(
                class.span,
                format!("unknown class `{}`", class.value),
                "no such class",
                help,
            );
        }
    }
    for (at, server) in contract.servers.iter().enumerate() {
        let place = |server: &Server| {
            (server.package.value.clone(), server.bin.as_ref().map(|bin| bin.value.clone()))
        };
        if contract.servers.iter().take(at).any(|earlier| place(earlier) == place(server)) {
            let message = format!("the server of `{}` is placed twice", server.package.value);
            mistakes.add(server.span, message, "again here", "keep one of them");
        }
    }
}
