//! Two versions of a contract: in what the later one asks for less.

use std::collections::BTreeSet;

use super::rule;
use crate::{
    contract::{
        Class, Contract, DeclaredRoute, Exemption, ItemName, Level, Pattern, path::covered_by_any,
    },
    finding::Severity,
};

/// Each way in which `after` asks for less than `before`, in one sentence. What only moved or was renamed as a
/// parameter is none.
pub fn loosened(before: &Contract, after: &Contract) -> Vec<String> {
    let mut all = Vec::new();
    for class in &before.classes {
        match after.classes.iter().find(|one| one.name == class.name) {
            Some(now) => of_class(class, now, &mut all),
            None => all.push(format!("class {} was removed", class.name)),
        }
    }
    let mut exempt: Vec<String> = before.exemptions.iter().map(exempted).collect();
    for exemption in &after.exemptions {
        let text = exempted(exemption);
        match exempt.iter().position(|known| *known == text) {
            Some(at) => _ = exempt.swap_remove(at),
            None => all.push(format!("an exemption was added: {text}")),
        }
    }
    levels(before, after, &mut all);
    let excluded: BTreeSet<&str> =
        before.scan.exclude.iter().map(|entry| entry.value.as_str()).collect();
    for entry in after.scan.exclude.iter().filter(|one| !excluded.contains(one.value.as_str())) {
        all.push(format!("`{}` is no longer scanned", entry.value));
    }
    if before.scan.include_tests && !after.scan.include_tests {
        all.push("tests are no longer scanned".to_owned());
    }
    all
}

fn of_class(before: &Class, after: &Class, all: &mut Vec<String>) {
    let name = &before.name;
    if before.severity == Severity::Deny && after.severity == Severity::Warn {
        all.push(format!("class {name} only warns"));
    }
    for pattern in &before.routes {
        if !covered_by_any(after.routes.iter().map(Pattern::path), pattern.path()) {
            all.push(format!("class {name} no longer claims `{}`", pattern.text));
        }
    }
    for method in &before.methods {
        if !after.claims_method(&method.value) {
            all.push(format!("class {name} no longer claims {}", method.value));
        }
    }
    for table in &before.tables {
        if !after.tables.iter().any(|one| one.value == table.value) {
            all.push(format!("class {name} no longer protects the table {}", table.value));
        }
    }
    for kind in &before.writes {
        if !after.guards(&[kind.value]) {
            let kind = format!("{:?}", kind.value).to_lowercase();
            all.push(format!("class {name} no longer guards {kind}"));
        }
    }
    for operation in &before.operations {
        if after.operation_named(&operation.name.value).is_none() {
            all.push(format!("class {name} no longer declares {}", operation.name.value));
        }
    }
    if before.registry.is_some() && after.registry.is_none() {
        all.push(format!("class {name} no longer reads a registry"));
    }
    let functions =
        |class: &Class| class.gate.functions.iter().map(|one| one.name.path.clone()).collect();
    let paths = |names: &[ItemName]| names.iter().map(|one| one.path.clone()).collect();
    let mut added = |what: &str, before: BTreeSet<String>, after: BTreeSet<String>| {
        for path in after.difference(&before) {
            all.push(format!("class {name} has one more {what}: {path}"));
        }
    };
    added("gate function", functions(before), functions(after));
    added("gate layer", paths(&before.gate.layers), paths(&after.gate.layers));
    added("gate extractor", paths(&before.gate.extractors), paths(&after.gate.extractors));
    added("gate attribute", paths(&before.gate.attributes), paths(&after.gate.attributes));
    added("writer", paths(&before.writers), paths(&after.writers));
}

fn levels(before: &Contract, after: &Contract, all: &mut Vec<String>) {
    let word = |level: Level| match level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    };
    let mut lower = |what: &str, was: Level, is: Level| {
        if is < was {
            all.push(format!("{what} went from {} to {}", word(was), word(is)));
        }
    };
    lower("scan.unclassified", before.scan.unclassified, after.scan.unclassified);
    lower("scan.unresolved", before.scan.unresolved, after.scan.unresolved);
    let own = |id: &str| match rule(id).map(|rule| rule.level) {
        Some(Severity::Warn) => Level::Warn,
        _ => Level::Deny,
    };
    let named: BTreeSet<&String> = before.rules.keys().chain(after.rules.keys()).collect();
    for rule in named {
        let level = |contract: &Contract| contract.level(rule).unwrap_or_else(|| own(rule));
        lower(&format!("the rule {rule}"), level(before), level(after));
    }
}

/// What an exemption excuses and until when, without its reason.
fn exempted(exemption: &Exemption) -> String {
    let mut parts = Vec::new();
    parts.extend(exemption.route.as_ref().map(DeclaredRoute::text));
    parts.extend(exemption.table.as_ref().map(|table| format!("table {}", table.value)));
    parts.extend(exemption.function.as_ref().map(|function| format!("function {}", function.path)));
    parts.extend(exemption.class.as_ref().map(|class| format!("class {}", class.value)));
    parts.extend(exemption.expires.as_ref().map(|date| format!("until {}", date.value)));
    parts.join(", ")
}
