//! Exemptions: decisions on record, what they are about and how long they hold.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistakes;
use super::name::ItemName;
use super::operation::{ANY, DeclaredRoute};
use super::path::RoutePath;
use super::section::{Entry, Section, span_of, wrong_type};
use super::table::TableName;
use crate::source::Span;

/// One `[[exempt]]` of the contract. All that it names must agree with a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The routes it is about; the path may be a pattern.
    pub route: Option<DeclaredRoute>,
    /// The table it is about.
    pub table: Option<Entry<TableName>>,
    /// The function it is about.
    pub function: Option<ItemName>,
    /// The class it is about; all if absent.
    pub class: Option<Entry<String>>,
    /// Why.
    pub reason: Entry<String>,
    /// The last day it holds.
    pub expires: Option<Entry<Date>>,
    /// Its header.
    pub span: Span,
}

/// What a finding is about, as far as exemptions can tell findings apart.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'s> {
    /// Method and path.
    pub route: Option<(&'s str, &'s RoutePath)>,
    /// The table.
    pub table: Option<&'s TableName>,
    /// The function as a resolved path.
    pub function: Option<&'s str>,
    /// The class by name.
    pub class: Option<&'s str>,
}

const KEYS: &[&str] = &["route", "table", "function", "class", "reason", "expires"];

impl Exemption {
    /// Whether the last day is before `today`.
    pub fn expired(&self, today: Date) -> bool {
        self.expires.as_ref().is_some_and(|expires| expires.value < today)
    }

    /// Whether it is about `subject`, in force or not. `others` are the tables of the contract.
    pub(super) fn covers(&self, subject: &Subject<'_>, others: &[&TableName]) -> bool {
        let route = self.route.as_ref().is_none_or(|declared| {
            subject.route.is_some_and(|(method, path)| {
                (declared.method == ANY || declared.method == method) && declared.path.covers(path)
            })
        });
        let table = self.table.as_ref().is_none_or(|declared| {
            subject.table.is_some_and(|table| declared.value.may_be(table, others.iter().copied()))
        });
        let function = self
            .function
            .as_ref()
            .is_none_or(|declared| subject.function.is_some_and(|name| declared.means(name)));
        let class = self
            .class
            .as_ref()
            .is_none_or(|declared| subject.class == Some(declared.value.as_str()));
        route && table && function && class
    }

    pub(super) fn read(span: Span, table: &DeTable<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        let section = Section::new("[[exempt]]", span, table, KEYS, mistakes);
        if ["route", "table", "function"].iter().all(|key| section.value(key).is_none()) {
            let help = "add `route`, `table` or `function`";
            mistakes.add(span, "an exemption does not say what it is about", "this one", help);
        }
        let read = section.text("route", mistakes);
        let route = read.and_then(|entry| DeclaredRoute::read_pattern(&entry, mistakes));
        let table =
            section.text("table", mistakes).and_then(|entry| TableName::read(&entry, mistakes));
        let function =
            section.text("function", mistakes).and_then(|entry| ItemName::read(&entry, mistakes));
        let class = section.text("class", mistakes);
        let expires = section.value("expires").and_then(|value| date(value, mistakes));
        let reason = section.required("reason", "\"why this is safe\"", mistakes)?;
        if !is_reason(&reason.value) {
            let help = "write it like `reason = \"why this is safe\"`";
            mistakes.add(reason.span, "`reason` of [[exempt]] says nothing", "no word in it", help);
        }
        Some(Self { route, table, function, class, reason, expires, span })
    }
}

/// Whether a text that is to say why says anything: a letter or a digit that shows.
///
/// Of exemptions and of suppression comments alike: who must give a reason must not get by with a blank that looks like
/// one to a program.
pub fn is_reason(text: &str) -> bool {
    // Letters to Unicode that are drawn as nothing: the fillers of Hangul.
    let is_filler = |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    text.chars().any(|c| c.is_alphanumeric() && !is_filler(c))
}

fn date(value: &Spanned<DeValue<'_>>, mistakes: &mut Mistakes) -> Option<Entry<Date>> {
    let span = span_of(value);
    match value.get_ref() {
        DeValue::Datetime(at) => {
            let date = at.date.filter(|_| at.time.is_none() && at.offset.is_none());
            let Some(date) = date else {
                let help = at.date.map_or("write it like `2027-06-30`".to_owned(), |date| {
                    format!("write `{date}`")
                });
                mistakes.add(span, "`expires` wants a day", "this has a time", help);
                return None;
            };
            let parts =
                (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
            if let (Ok(year), Ok(month), Ok(day)) = parts
                && let Ok(value) = Date::new(year, month, day)
            {
                return Some(Entry { value, span });
            }
            mistakes.add(
                span,
                format!("there is no day `{date}`"),
                "not in the calendar",
                "write a day that exists",
            );
        }
        DeValue::String(text) if text.parse::<Date>().is_ok() => {
            wrong_type(
                value,
                "expires",
                "a date",
                &format!("write `expires = {text}`, without quotes"),
                mistakes,
            );
        }
        _ => {
            wrong_type(
                value,
                "expires",
                "a date",
                "write it like `expires = 2027-06-30`",
                mistakes,
            );
        }
    }
    None
}
