//! One table of contract.toml, read key by key: each value with its span, each mistake noted and passed over.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistakes, listed};
use crate::source::Span;

/// A value of the contract and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The value.
    pub value: T,
    /// Its bytes in contract.toml, quotes included.
    pub span: Span,
}

/// A table of the contract.
pub(super) struct Section<'d> {
    /// As people would write it: `[class.financial]`.
    pub(super) title: String,
    /// Its header or its key.
    pub(super) span: Span,
    table: &'d DeTable<'d>,
}

impl<'d> Section<'d> {
    /// Takes a table; keys that are not of `known` are mistakes.
    pub(super) fn new(
        title: impl Into<String>,
        span: Span,
        table: &'d DeTable<'d>,
        known: &[&str],
        mistakes: &mut Mistakes,
    ) -> Self {
        let section = Self::open(title, span, table);
        for (key, at, _) in section.entries() {
            if !known.contains(&key) {
                mistakes.add_unknown(at, &format!("key of {}", section.title), key, known);
            }
        }
        section
    }

    /// Takes a table whose keys are names the user chose.
    pub(super) fn open(title: impl Into<String>, span: Span, table: &'d DeTable<'d>) -> Self {
        Self { title: title.into(), span, table }
    }

    /// Every key with its place and its value, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(&'d str, Span, &'d Spanned<DeValue<'d>>)> {
        let entries =
            self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), span_of(key), value));
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(_, at, _)| *at);
        entries
    }

    /// The value under `key`.
    pub(super) fn value(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
    }

    /// Where `key` is written.
    pub(super) fn key_span(&self, key: &str) -> Option<Span> {
        self.table.keys().find(|name| name.get_ref().as_ref() == key).map(span_of)
    }

    /// The text under `key`.
    pub(super) fn text(&self, key: &str, mistakes: &mut Mistakes) -> Option<Entry<String>> {
        text_of(self.value(key)?, key, mistakes)
    }

    /// The text under `key`, which must be there.
    pub(super) fn required(
        &self,
        key: &str,
        example: &str,
        mistakes: &mut Mistakes,
    ) -> Option<Entry<String>> {
        if self.value(key).is_none() {
            let message = format!("{} has no `{key}`", self.title);
            mistakes.add(self.span, message, "this one", format!("add `{key} = {example}`"));
        }
        let entry = self.text(key, mistakes)?;
        if entry.value.trim().is_empty() {
            let message = format!("`{key}` of {} is empty", self.title);
            mistakes.add(
                entry.span,
                message,
                "nothing in it",
                format!("write it like `{key} = {example}`"),
            );
            return None;
        }
        Some(entry)
    }

    /// The list of texts under `key`; empty if there is none.
    pub(super) fn texts(&self, key: &str, mistakes: &mut Mistakes) -> Vec<Entry<String>> {
        self.list(key, mistakes)
            .into_iter()
            .filter_map(|value| text_of(value, key, mistakes))
            .collect()
    }

    /// The values of the list under `key`; empty if there is none.
    pub(super) fn list(&self, key: &str, mistakes: &mut Mistakes) -> Vec<&'d Spanned<DeValue<'d>>> {
        match self.value(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Array(values) => values.iter().collect(),
                DeValue::String(text) => {
                    wrong_type(
                        value,
                        key,
                        "a list",
                        &format!("write `{key} = [\"{text}\"]`"),
                        mistakes,
                    );
                    Vec::new()
                }
                _ => {
                    wrong_type(value, key, "a list", &format!("write `{key} = […]`"), mistakes);
                    Vec::new()
                }
            },
        }
    }

    /// The truth value under `key`.
    pub(super) fn flag(&self, key: &str, mistakes: &mut Mistakes) -> Option<bool> {
        let value = self.value(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        wrong_type(
            value,
            key,
            "true or false",
            "write `true` or `false`, without quotes",
            mistakes,
        );
        None
    }

    /// The whole number under `key`, which counts from 0.
    pub(super) fn number(&self, key: &str, mistakes: &mut Mistakes) -> Option<Entry<usize>> {
        let value = self.value(key)?;
        if let DeValue::Integer(number) = value.get_ref()
            && let Ok(number) = usize::from_str_radix(number.as_str(), number.radix())
        {
            return Some(Entry { value: number, span: span_of(value) });
        }
        wrong_type(value, key, "a whole number from 0", &format!("write `{key} = 0`"), mistakes);
        None
    }

    /// One of `choices` under `key`.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&'static str, T)],
        mistakes: &mut Mistakes,
    ) -> Option<Entry<T>> {
        choice_of(self.value(key)?, key, choices, mistakes)
    }

    /// The table under `key`.
    pub(super) fn table(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
    ) -> Option<(Span, &'d DeTable<'d>)> {
        let value = self.value(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some((self.key_span(key).unwrap_or_else(|| span_of(value)), table));
        }
        wrong_type(value, key, "a table", &format!("write a `[{key}]` section"), mistakes);
        None
    }

    /// The tables of the list under `key`; `header` is how one begins.
    pub(super) fn tables(
        &self,
        key: &str,
        header: &str,
        mistakes: &mut Mistakes,
    ) -> Vec<(Span, &'d DeTable<'d>)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let help = format!("begin each with `{header}`");
        let DeValue::Array(values) = value.get_ref() else {
            let at = self.key_span(key).unwrap_or_else(|| span_of(value));
            mistakes.add(
                at,
                format!("`{key}` is not a list of tables"),
                kind(value.get_ref()),
                help,
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::Table(table) => tables.push((span_of(value), table)),
                _ => wrong_type(value, key, "tables", &help, mistakes),
            }
        }
        tables
    }
}

/// One of `choices`.
pub(super) fn choice_of<T: Copy>(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    choices: &[(&'static str, T)],
    mistakes: &mut Mistakes,
) -> Option<Entry<T>> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let DeValue::String(text) = value.get_ref() else {
        wrong_type(
            value,
            key,
            &listed(&names),
            &format!("write {}, in quotes", listed(&names)),
            mistakes,
        );
        return None;
    };
    let found = choices.iter().find(|(name, _)| name == text);
    if found.is_none() {
        // So few that the nearest could be the wrong one: `upsert` is no misspelt `insert`.
        let message = format!("unknown value of `{key}` `{text}`");
        mistakes.add(
            span_of(value),
            message,
            "no such value",
            format!("use one of {}", listed(&names)),
        );
    }
    found.map(|(_, choice)| Entry { value: *choice, span: span_of(value) })
}

/// The text of `value`, which stands under `key`.
pub(super) fn text_of(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    mistakes: &mut Mistakes,
) -> Option<Entry<String>> {
    if let DeValue::String(text) = value.get_ref() {
        return Some(Entry { value: text.to_string(), span: span_of(value) });
    }
    wrong_type(value, key, "text", "write it in quotes", mistakes);
    None
}

/// Notes that `value` is not what `key` asks for.
pub(super) fn wrong_type(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    wanted: &str,
    help: &str,
    mistakes: &mut Mistakes,
) {
    mistakes.add(span_of(value), format!("`{key}` wants {wanted}"), kind(value.get_ref()), help);
}

/// The bytes of a value.
pub(super) fn span_of<T>(value: &Spanned<T>) -> Span {
    let range = value.span();
    Span::new(
        u32::try_from(range.start).unwrap_or(u32::MAX),
        u32::try_from(range.end).unwrap_or(u32::MAX),
    )
}

fn kind(value: &DeValue<'_>) -> String {
    let kind = match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    format!("this is {kind}")
}
