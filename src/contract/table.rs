//! Names of SQL tables, and when two of them may be one table.

use std::fmt;

use rustc_hash::FxHashMap;

use super::mistake::Mistakes;
use super::section::Entry;
use super::{Class, ClassId, Contract, WriteKind};

/// A table's name, its schema before it where one is written.
///
/// Names compare as SQL folds them: unquoted parts without regard to case, quoted ones as they stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    parts: Vec<String>,
}

/// The tables of a contract, to be asked about many.
#[derive(Debug, Clone)]
pub struct Tables<'c> {
    contract: &'c Contract,
    /// The entries by name without schema, each class's in its order.
    by_name: FxHashMap<&'c str, Vec<(ClassId, usize)>>,
    all: Vec<&'c TableName>,
}

impl<'c> Tables<'c> {
    /// Those of `contract`.
    pub fn new(contract: &'c Contract) -> Self {
        let mut by_name: FxHashMap<&str, Vec<(ClassId, usize)>> = FxHashMap::default();
        for (id, class) in contract.classes.iter().enumerate() {
            for (at, entry) in class.tables.iter().enumerate() {
                by_name.entry(entry.value.table()).or_default().push((ClassId(id), at));
            }
        }
        Self { contract, by_name, all: contract.tables() }
    }

    /// The entry of each class that names `table`, with its index there: the first if several do.
    fn naming(&self, table: &TableName) -> impl Iterator<Item = (ClassId, &'c Class, usize)> {
        let mut last = None;
        let known = self.by_name.get(table.table()).into_iter().flatten();
        known.filter_map(move |(id, at)| {
            let class = self.contract.class(*id).filter(|_| last != Some(*id))?;
            let entry = class.tables.get(*at)?;
            entry.value.may_be(table, self.all.iter().copied()).then(|| {
                last = Some(*id);
                (*id, class, *at)
            })
        })
    }

    /// The classes that protect `table` and guard one of `kinds`; every kind if there is none to go by.
    pub fn classes_of(&self, table: &TableName, kinds: &[WriteKind]) -> Vec<ClassId> {
        let classes = self.naming(table);
        classes
            .filter(|(_, class, _)| kinds.is_empty() || class.guards(kinds))
            .map(|(id, _, _)| id)
            .collect()
    }

    /// The entry of `class` that names `table`, by its index.
    pub fn entry(&self, class: ClassId, table: &TableName) -> Option<usize> {
        self.naming(table).find(|(id, _, _)| *id == class).map(|(_, _, at)| at)
    }
}

impl TableName {
    /// Reads `payments`, `public.payments`, `"Payments"`, `` `db`.`payments` `` or `[dbo].[payments]`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        loop {
            let (part, after) = first_part(rest)?;
            parts.push(part);
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => return Some(Self { parts }),
                None => return None,
            }
        }
    }

    /// The name of these parts, each with whether it was quoted; the table is last.
    pub fn of<'t>(parts: impl IntoIterator<Item = (&'t str, bool)>) -> Self {
        Self { parts: parts.into_iter().map(|(part, quoted)| folded(part, quoted)).collect() }
    }

    /// The parts as they compare, the table last.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(String::as_str)
    }

    /// The table without its schema.
    pub fn table(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// The schema, where one is written.
    pub fn schema(&self) -> Option<&str> {
        self.parts.len().checked_sub(2).and_then(|at| self.parts.get(at)).map(String::as_str)
    }

    /// Whether both may be one table: the shorter name is the end of the longer.
    ///
    /// A name without a schema does not reach into a schema that is itself one of `others`, the tables of the
    /// contract: `invoices.payments` is not `payments` where `invoices` is a table.
    pub fn may_be<'t>(&self, other: &Self, others: impl IntoIterator<Item = &'t Self>) -> bool {
        let same =
            self.parts.iter().rev().zip(other.parts.iter().rev()).all(|(one, two)| one == two);
        if !same
            || self.parts.len().min(other.parts.len()) > 1
            || self.parts.len() == other.parts.len()
        {
            return same;
        }
        let schema = self.schema().or_else(|| other.schema());
        !others.into_iter().any(|known| {
            known.schema().is_none()
                && Some(known.table()) == schema
                && known.table() != self.table()
        })
    }

    /// Reads a table of the contract.
    pub(super) fn read(entry: &Entry<String>, mistakes: &mut Mistakes) -> Option<Entry<Self>> {
        let name = Self::parse(&entry.value);
        if name.is_none() {
            let message = format!("`{}` is not the name of a table", entry.value);
            mistakes.add(entry.span, message, "not a name", "write `table` or `schema.table`");
        }
        Some(Entry { value: name?, span: entry.span })
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("."))
    }
}

fn folded(part: &str, quoted: bool) -> String {
    if quoted { part.to_owned() } else { part.to_lowercase() }
}

/// The first part of a dotted name, folded, and what follows it.
fn first_part(text: &str) -> Option<(String, &str)> {
    let first = text.chars().next()?;
    let close = match first {
        '"' | '`' => first,
        '[' => ']',
        _ => {
            let end = text.find('.').unwrap_or(text.len());
            let (part, after) = text.split_at_checked(end)?;
            let plain = |c: char| c == '_' || c == '$' || c.is_alphanumeric();
            return (!part.is_empty() && part.chars().all(plain))
                .then(|| (folded(part, false), after));
        }
    };
    let (mut part, mut rest) = (String::new(), text.get(1..)?);
    loop {
        let (inner, after) = rest.split_once(close)?;
        part.push_str(inner);
        match after.strip_prefix(close) {
            Some(doubled) => {
                part.push(close);
                rest = doubled;
            }
            None if part.is_empty() => return None,
            None => return Some((part, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, two: &str) -> bool {
        let (one, two) = (TableName::parse(one).unwrap(), TableName::parse(two).unwrap());
        let others = ["payments", "invoices"].map(|name| TableName::parse(name).unwrap());
        assert_eq!(one.may_be(&two, &others), two.may_be(&one, &others));
        one.may_be(&two, &others)
    }

    #[test]
    fn a_bare_name_is_that_table_in_any_schema_but_another_table() {
        assert!(same("payments", "public.payments"));
        assert!(same("payments", "billing.payments"));
        assert!(same("payments", "payments.payments"));
        assert!(!same("payments", "payments.events"));
        assert!(!same("payments", "invoices.payments"));
        assert!(same("invoices.payments", "invoices.payments"));
        assert!(!same("public.payments", "billing.payments"));
        assert!(same("public.payments", "db.public.payments"));
    }

    #[test]
    fn case_folds_unless_quoted() {
        assert!(same("payments", "PayMents"));
        assert!(same("payments", "\"payments\""));
        assert!(!same("payments", "\"Payments\""));
        assert!(same("[dbo].[Payments]", "`Payments`"));
        assert!(same("\"a\"\"b\"", "\"a\"\"b\""));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in ["", ".", "a.", "a b", "\"a", "\"\"", "a;b", "*"] {
            assert_eq!(TableName::parse(bad), None, "{bad}");
        }
    }
}
