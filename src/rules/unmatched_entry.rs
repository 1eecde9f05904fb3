//! `unmatched-entry`: a gate, writer, pattern, table, function, registry, server or route macro of the contract that
//! nothing in the tree matches.

use std::collections::BTreeSet;

use super::{
    Facts, Rule, finding,
    judgement::{Judgements, gate_entries},
};
use crate::{
    contract::{Class, ClassId, Entry, ItemName, Operation, TableName, Tables},
    finding::{Finding, Severity, Where},
    source::Span,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unmatched-entry",
    level: Severity::Warn,
    summary: "an entry of the contract that nothing in the tree matches",
    page: include_str!("../../rules/unmatched-entry.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, _: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    let tables_of = Tables::new(facts.contract);
    let written: BTreeSet<&TableName> =
        facts.writes.writes.iter().filter_map(|write| write.table.as_ref()).collect();
    for (id, class) in facts.contract.classes.iter().enumerate() {
        patterns(facts, class, &mut all);
        for (_, gate) in gate_entries(class) {
            name(facts, class, "gate", gate, &mut all);
        }
        for writer in &class.writers {
            name(facts, class, "writer", writer, &mut all);
        }
        for function in class.operations.iter().filter_map(|operation| operation.function.as_ref())
        {
            name(facts, class, "function", function, &mut all);
        }
        for operation in &class.operations {
            // What a registry declares stands in the tree, and its place there is not known.
            let declared = operation.tables.iter().filter(|_| !is_registered(class, operation));
            for table in declared.filter(|table| !is_written(facts, &written, &table.value)) {
                all.push(idle(class, table));
            }
        }
        let entries = written.iter().filter_map(|table| tables_of.entry(ClassId(id), table));
        tables(class, &entries.collect(), &mut all);
        if let Some(registry) = &class.registry {
            name(facts, class, "registry", registry, &mut all);
            for what in &class.unread {
                all.push(unread(class, registry, what));
            }
        }
    }
    elsewhere(facts, &mut all);
    all
}

/// Entries outside of classes.
fn elsewhere(facts: &Facts<'_>, all: &mut Vec<Finding>) {
    let outside = |span: Span, message: String| finding(&RULE, Where::Contract(span), message);
    for entry in facts.misplaced {
        let mut finding = outside(entry.span, entry.message.clone());
        finding.label = "this server".into();
        finding.help.clone_from(&entry.help);
        all.push(finding);
    }
    for means in &facts.contract.scan.route_macros {
        // A single identifier may be that of a macro whose source is not in the tree.
        if means.name.is_single() || facts.names.exists(&means.name.path) {
            continue;
        }
        let message = format!("nothing in the tree is the macro `{}`", means.name.path);
        let mut finding = outside(means.name.span, message);
        finding.function = Some(means.name.path.clone());
        finding.label = "this macro".into();
        finding.help = "write its path as Rust resolves it: crate, modules, item".into();
        all.push(finding);
    }
}

/// A mistyped pattern protects nothing: alone it is a warning, but a class without any route is a denial.
fn patterns(facts: &Facts<'_>, class: &Class, all: &mut Vec<Finding>) {
    let paths = || facts.table.routes.iter().filter_map(|route| route.path.as_ref());
    let unmatched: Vec<_> =
        class.routes.iter().filter(|pattern| !paths().any(|path| pattern.covers(path))).collect();
    // One that only overlaps a route does not count: every application with a fallback would pass.
    if !class.routes.is_empty() && unmatched.len() == class.routes.len() {
        let message =
            format!("no route matches any pattern of class {}: it protects nothing", class.name);
        let mut finding = entry(class, class.span, message);
        finding.severity = Severity::Deny;
        finding.label = "this class".into();
        finding.help = "correct its `routes`, or remove the class".into();
        all.push(finding);
        return;
    }
    for pattern in unmatched {
        let mut finding =
            entry(class, pattern.span, format!("no route matches the pattern `{}`", pattern.text));
        finding.path = Some(pattern.text.clone());
        finding.label = "this pattern".into();
        finding.help = "correct it, or remove it".into();
        all.push(finding);
    }
}

/// A table that nothing writes.
fn tables(class: &Class, written: &BTreeSet<usize>, all: &mut Vec<Finding>) {
    let entries = class.tables.iter().enumerate();
    for (_, table) in entries.filter(|(at, _)| !written.contains(at)) {
        all.push(idle(class, table));
    }
}

/// Whether an operation comes from the registry of its class.
fn is_registered(class: &Class, operation: &Operation) -> bool {
    class.registry.as_ref().is_some_and(|registry| registry.span == operation.span)
}

/// Whether a table is one of those that are written.
fn is_written(facts: &Facts<'_>, written: &BTreeSet<&TableName>, table: &TableName) -> bool {
    let others = facts.contract.classes.iter().flat_map(|class| &class.tables);
    let others: Vec<&TableName> = others.map(|entry| &entry.value).collect();
    written.iter().any(|one| table.may_be(one, others.iter().copied()))
}

fn idle(class: &Class, table: &Entry<TableName>) -> Finding {
    let message = format!("nothing in the tree writes the table `{}`", table.value);
    let mut finding = entry(class, table.span, message);
    finding.table = Some(table.value.to_string());
    finding.label = "this table".into();
    finding.help = "correct its name, or remove it".into();
    finding
}

fn name(facts: &Facts<'_>, class: &Class, what: &str, name: &ItemName, all: &mut Vec<Finding>) {
    if facts.names.exists(&name.path) || is_seen(facts, name) {
        return;
    }
    let mut finding =
        entry(class, name.span, format!("nothing in the tree is the {what} `{}`", name.path));
    finding.function = Some(name.path.clone());
    finding.label = format!("this {what}");
    finding.help = "write its path as Rust resolves it: crate, modules, item".into();
    all.push(finding);
}

/// What a registry declares and nobody can read would be missed like a mistyped pattern.
fn unread(class: &Class, registry: &ItemName, what: &str) -> Finding {
    let message = format!("the registry `{}` cannot be read: {what}", registry.path);
    let mut finding = entry(class, registry.span, message);
    finding.severity = Severity::Deny;
    finding.function = Some(registry.path.clone());
    finding.label = "this registry".into();
    finding.help =
        "write its entries as constants, or declare the operations in the contract".into();
    finding
}

/// Whether a route passed through it: a gate of another crate has no definition in the tree.
fn is_seen(facts: &Facts<'_>, name: &ItemName) -> bool {
    let registrations = facts.table.routes.iter().flat_map(|route| &route.registrations);
    registrations
        .flat_map(|one| &one.marks)
        .any(|mark| facts.names.matches(&name.path, &mark.target))
}

fn entry(class: &Class, span: Span, message: String) -> Finding {
    Finding { class: Some(class.name.clone()), ..finding(&RULE, Where::Contract(span), message) }
}
