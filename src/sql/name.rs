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

    /// The parts, outermost first.
    pub fn parts(&self) -> &[Ident] {
        &self.parts
    }

    /// The table itself, without schema.
    pub fn table(&self) -> &str {
        self.parts.last().map_or("", Ident::text)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_folded_name() {
        let named = |parts: &[(&str, bool)]| {
            let parts = parts.iter().map(|(text, quoted)| Ident::new(text, *quoted));
            TableName::new(parts.collect()).map(|name| name.to_string())
        };
        assert_eq!(named(&[("Public", false), ("Payments", false)]).unwrap(), "public.payments");
        assert_eq!(named(&[("Public", true), ("Payments", false)]).unwrap(), "Public.payments");
        assert_eq!(named(&[]), None);
    }
}
