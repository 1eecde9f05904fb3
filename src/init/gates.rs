//! What may be the gate of a class: what its routes pass through and what is called like one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{
    comment, quoted,
    words::{Vocabulary, is, words},
};
use crate::{evaluate::effect::MarkKind, report::RouteLine};

/// Words in the name of anything that guards.
const GUARDS: &[&str] = &[
    "check",
    "ensure",
    "gate",
    "gated",
    "guard",
    "guarded",
    "protect",
    "protected",
    "require",
    "required",
    "secure",
    "secured",
    "verify",
];

/// Words in the name of a function that puts a router together.
const BUILDERS: &[&str] = &[
    "api",
    "app",
    "application",
    "build",
    "config",
    "configure",
    "create",
    "handler",
    "main",
    "make",
    "new",
    "router",
    "routes",
    "serve",
    "server",
    "service",
    "services",
    "start",
];

/// Entries of each kind that are proposed.
const MOST: usize = 3;

/// Writes the gate of a class whose routes are `lines`.
pub(super) fn gates(vocabulary: &Vocabulary, lines: &[&RouteLine], text: &mut String) {
    let mut passed: BTreeMap<(MarkKind, &str), usize> = BTreeMap::new();
    for line in lines {
        for (kind, path) in &line.passed {
            *passed.entry((*kind, path)).or_default() += 1;
        }
    }
    let mut any = false;
    for (kind, key) in [
        (MarkKind::Function, "function"),
        (MarkKind::Layer, "layer"),
        (MarkKind::Extractor, "extractor"),
        (MarkKind::Attribute, "attribute"),
    ] {
        let mut found: Vec<(&str, &str, usize)> = passed
            .iter()
            .filter(|((of, path), _)| *of == kind && is_name(path))
            .filter_map(|((_, path), count)| Some((*path, hint(vocabulary, kind, path)?, *count)))
            .collect();
        found.sort_by_key(|(path, _, count)| (std::cmp::Reverse(*count), *path));
        found.truncate(MOST);
        if found.is_empty() {
            continue;
        }
        any = true;
        _ = writeln!(text, "{key} = [");
        for (path, word, count) in found {
            let all = lines.len();
            _ = writeln!(
                text,
                "    # \"{word}\" sounds like a gate, and {count} of {all} routes pass through it\n    {},",
                quoted(path)
            );
        }
        text.push_str("]\n");
    }
    if !any {
        let krate = lines.iter().find_map(|line| line.handler.as_deref()?.split_once("::"));
        let krate = krate.map_or("my_crate", |(krate, _)| krate);
        let name = format!("{krate}::gates::register_{}_route", vocabulary.class);
        _ = write!(
            text,
            "# Nothing that these routes pass through is called like a gate. Name the function, layer, extractor or\n\
             # attribute that makes them safe; until then every route of the class is bare.\nfunction = [{}]\n",
            quoted(&comment(&name))
        );
    }
}

/// The word by which an item sounds like a gate of the class.
fn hint(vocabulary: &Vocabulary, kind: MarkKind, path: &str) -> Option<&'static str> {
    let last = path.rsplit(':').next()?;
    let all = words(last);
    // A program that asks is nobody: `require_user_agent`.
    if all.windows(2).any(|pair| pair == ["user", "agent"]) {
        return None;
    }
    let has = |known: &'static [&'static str]| {
        known.iter().copied().find(|known| all.iter().any(|word| is(word, known)))
    };
    let guard = has(GUARDS);
    let own = has(vocabulary.gates);
    if kind != MarkKind::Function {
        return own.or(guard);
    }
    // A function named after the subject may only register its routes: `user_routes`.
    let registers = all.first().is_some_and(|word| word == "register" || word == "with");
    let builds = has(BUILDERS).is_some();
    guard.or(own).filter(|_| !builds && (guard.is_some() || registers))
}

/// Whether a contract can name it.
pub(super) fn is_name(path: &str) -> bool {
    // What a chain of calls gives has no name: `builder::Builder::new::with::build`.
    let is_type = |one: &str| one.chars().next().is_some_and(char::is_uppercase);
    let behind_type = path.split("::").skip_while(|one| !is_type(one)).count();
    behind_type < 3
        && path.contains("::")
        && path.split("::").all(|one| {
            one.chars().all(|c| c.is_alphanumeric() || c == '_')
                && one.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
        })
}
