//! What the contract says about scanning itself: `[scan]`, `[rules]` and `[[server]]`.

use std::collections::BTreeMap;

use globset::Glob;
use toml::de::DeTable;

use super::mistake::{Mistakes, nearest};
use super::route_macro::RouteMacro;
use super::section::{Entry, Section, choice_of};
use crate::finding::Severity;
use crate::source::Span;

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is not reported.
    Allow,
    /// It is reported.
    Warn,
    /// It is reported and fails the run.
    Deny,
}

impl Level {
    /// The severity of findings at this level; none where they are not reported.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Allow => None,
            Self::Warn => Some(Severity::Warn),
            Self::Deny => Some(Severity::Deny),
        }
    }
}

/// `[scan]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Globs of files that are left out, relative to the scanned root.
    pub exclude: Vec<Entry<String>>,
    /// Whether test code is checked too.
    pub include_tests: bool,
    /// For mutations that no class claims.
    pub unclassified: Level,
    /// For registrations and writes that cannot be read.
    pub unresolved: Level,
    /// What macros that register routes mean.
    pub route_macros: Vec<RouteMacro>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            include_tests: false,
            unclassified: Level::Allow,
            unresolved: Level::Deny,
            route_macros: Vec::new(),
        }
    }
}

/// `[[server]]`: where a server is mounted from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// A package of the tree.
    pub package: Entry<String>,
    /// One binary of it; all its servers if absent.
    pub bin: Option<Entry<String>>,
    /// What stands before its paths; begins with a slash and does not end with one.
    pub prefix: Entry<String>,
    /// Its header.
    pub span: Span,
}

const LEVELS: &[(&str, Level)] =
    &[("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)];
const SCAN_KEYS: &[&str] =
    &["exclude", "include-tests", "unclassified", "unresolved", "route-macro"];
const SERVER_KEYS: &[&str] = &["package", "bin", "prefix"];

impl Scan {
    pub(super) fn read(span: Span, table: &DeTable<'_>, mistakes: &mut Mistakes) -> Self {
        let section = Section::new("[scan]", span, table, SCAN_KEYS, mistakes);
        let mut exclude = section.texts("exclude", mistakes);
        exclude.retain(|entry| match Glob::new(&entry.value) {
            Ok(_) => true,
            Err(error) => {
                let message = format!("`{}` is not a file pattern: {}", entry.value, error.kind());
                mistakes.add(entry.span, message, "here", "write it like `benches/**`");
                false
            }
        });
        let macros = section.tables("route-macro", "[[scan.route-macro]]", mistakes);
        let macros = macros.into_iter();
        let route_macros =
            macros.filter_map(|(at, table)| RouteMacro::read(at, table, mistakes)).collect();
        let default = Self::default();
        let mut level = |key, default| {
            section.choice(key, LEVELS, mistakes).map_or(default, |entry| entry.value)
        };
        Self {
            unclassified: level("unclassified", default.unclassified),
            unresolved: level("unresolved", default.unresolved),
            include_tests: section.flag("include-tests", mistakes).unwrap_or(default.include_tests),
            exclude,
            route_macros,
        }
    }
}

/// Reads `[rules]`; `known` are the rules there are.
pub(super) fn rule_levels(
    span: Span,
    table: &DeTable<'_>,
    known: &[&str],
    mistakes: &mut Mistakes,
) -> BTreeMap<String, Entry<Level>> {
    let section = Section::open("[rules]", span, table);
    let mut levels = BTreeMap::new();
    for (rule, at, value) in section.entries() {
        if !known.contains(&rule) {
            let help = match nearest(rule, known) {
                Some(near) => format!("write `{near}`"),
                None => "use the name of a rule, as reports print it".to_owned(),
            };
            mistakes.add(at, format!("unknown rule `{rule}`"), "no such rule", help);
        }
        if let Some(level) = choice_of(value, rule, LEVELS, mistakes) {
            levels.insert(rule.to_owned(), level);
        }
    }
    levels
}

impl Server {
    pub(super) fn read(span: Span, table: &DeTable<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        let section = Section::new("[[server]]", span, table, SERVER_KEYS, mistakes);
        let package = section.required("package", "\"billing\"", mistakes);
        let bin = section.text("bin", mistakes);
        let mut prefix = section.required("prefix", "\"/billing\"", mistakes)?;
        let bad =
            prefix.value.contains(|c: char| c.is_whitespace() || matches!(c, '*' | '{' | '}'));
        if bad || !prefix.value.starts_with('/') {
            let help = if bad {
                "write it like `/billing`".to_owned()
            } else {
                format!("write `/{}`", prefix.value)
            };
            mistakes.add(
                prefix.span,
                format!("`{}` is not a prefix of paths", prefix.value),
                "here",
                help,
            );
            return None;
        }
        prefix.value.truncate(prefix.value.trim_end_matches('/').len());
        Some(Self { package: package?, bin, prefix, span })
    }
}
