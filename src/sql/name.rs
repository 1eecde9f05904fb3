//! Table names, compared as a database compares them.
//!
//! A name that stands in no quotes is folded to lower case; one in double quotes is exact. Backticks and square brackets
//! quote without keeping case (`MySQL`, `SQLite` and `SQL Server` compare such names without it), so they fold as well.

use std::fmt;

/// One part of a table name: a catalog, a schema or the table itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ident {
    text: String,
    quoted: bool,
}

impl Ident {
    /// A part as it is written, without its quotes; `quoted` when they are quotes that keep case.
    pub fn new(text: &str, quoted: bool) -> Self {
        Self { text: if quoted { text.to_owned() } else { text.to_lowercase() }, quoted }
    }

    /// The text the database stores: folded to lower case unless quoted.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the part stood in quotes that keep case.
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }
}

/// The name of a table, with as much of its schema and catalog as the statement says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    parts: Vec<Ident>,
}

impl TableName {
    /// A name of these parts, outermost first; `None` without any.
    pub fn new(parts: Vec<Ident>) -> Option<Self> {
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// Reads a name as a contract or an ORM attribute writes it: `payments`, `public.payments`, `"Payments"`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::new(
            written_parts(text)
                .into_iter()
                .map(|(text, quoted)| Ident::new(&text, quoted))
                .collect(),
        )
    }

    /// The parts, outermost first.
    pub fn parts(&self) -> &[Ident] {
        &self.parts
    }

    /// The table itself, without schema.
    pub fn table(&self) -> &str {
        self.parts.last().map_or("", Ident::text)
    }

    /// Whether this is the table that a contract calls `contract_name`.
    ///
    /// A name without schema stands for that table in any schema, unless one of `other_tables` (the other names of the
    /// contract) fits this table more closely: `archive.payments` is not `payments` where `archive.payments` is listed
    /// too. A statement that names no schema may mean any.
    pub fn matches<S: AsRef<str>>(&self, contract_name: &str, other_tables: &[S]) -> bool {
        let Some(fit) = self.fit(contract_name) else { return false };
        other_tables
            .iter()
            .map(AsRef::as_ref)
            .filter(|other| *other != contract_name)
            .all(|other| self.fit(other).is_none_or(|closer| closer <= fit))
    }

    /// How closely a contract's name fits: the parts both have, then whether neither has more. `None` if it does not.
    fn fit(&self, contract_name: &str) -> Option<(usize, bool)> {
        let declared = written_parts(contract_name);
        let compared = declared.len().min(self.parts.len());
        let same =
            self.parts.iter().rev().zip(declared.iter().rev()).all(|(part, (text, quoted))| {
                // A contract may spell a name that must be quoted in SQL without quotes of its own.
                part.text == *text || (!quoted && part.text == text.to_lowercase())
            });
        (same && compared > 0).then_some((compared, declared.len() == self.parts.len()))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            formatter.write_str(&part.text)?;
        }
        Ok(())
    }
}

/// Splits a written name at the dots outside quotes; each part with whether its case counts.
fn written_parts(text: &str) -> Vec<(String, bool)> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut exact = false;
    let mut closing = None;
    for character in text.trim().chars() {
        match (closing, character) {
            (Some(end), _) if character == end => closing = None,
            (None, '"') => {
                closing = Some('"');
                exact = true;
            }
            (None, '`') => closing = Some('`'),
            (None, '[') => closing = Some(']'),
            (None, '.') => parts.push((std::mem::take(&mut part), std::mem::take(&mut exact))),
            _ => part.push(character),
        }
    }
    parts.push((part, exact));
    parts.retain(|(part, _)| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_the_database_compares() {
        let cases: &[(&str, &str, &[&str], bool)] = &[
            ("payments", "payments", &[], true),
            ("PAYMENTS", "payments", &[], true),
            ("public.payments", "payments", &[], true),
            ("payments.events", "payments", &["events"], false),
            ("payments", "public.payments", &[], true),
            ("archive.payments", "public.payments", &[], false),
            ("archive.payments", "payments", &["archive.payments"], false),
            ("archive.payments", "archive.payments", &["payments"], true),
            ("payments", "archive.payments", &["payments"], false),
            ("db.public.payments", "public.payments", &[], true),
            ("\"Payments\"", "payments", &[], false),
            ("\"Payments\"", "Payments", &[], true),
            ("\"payments\"", "payments", &[], true),
            ("payments", "\"Payments\"", &[], false),
            ("`Payments`", "payments", &[], true),
            ("[dbo].[Payments]", "dbo.payments", &[], true),
            ("db..payments", "payments", &[], true),
            ("payments_archive", "payments", &[], false),
            ("payments", "", &[], false),
        ];
        for (name, contract, others, expected) in cases {
            let table = TableName::parse(name).unwrap();
            assert_eq!(
                table.matches(contract, others),
                *expected,
                "{name} against {contract} beside {others:?}"
            );
        }
    }

    #[test]
    fn shows_the_folded_name() {
        assert_eq!(TableName::parse("Public.Payments").unwrap().to_string(), "public.payments");
        assert_eq!(TableName::parse("\"Public\".Payments").unwrap().to_string(), "Public.payments");
        assert_eq!(TableName::parse(" "), None);
    }
}
