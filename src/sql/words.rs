//! Words that say where the name of a table ends.

use sqlparser::keywords::{Keyword, RESERVED_FOR_TABLE_ALIAS};

/// What may follow the table of an update that joins others.
pub(super) const JOINS: &[&str] = &[
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "CROSS",
    "NATURAL",
    "STRAIGHT_JOIN",
    "FULL",
    "WITH",
    "USE",
    "FORCE",
    "IGNORE",
    "PARTITION",
    "INDEXED",
    "FOR",
];

/// What may follow a write in a batch of T-SQL, besides another write and a query.
pub(super) const NEXT: &[&str] = &[
    "ELSE",
    "END",
    "IF",
    "WHILE",
    "COMMIT",
    "ROLLBACK",
    "RETURN",
    "PRINT",
    "DECLARE",
    "GOTO",
    "THROW",
    "RAISERROR",
    "BREAK",
    "BEGIN",
    "GO",
];

/// Whether a keyword cannot be a table's name.
pub(super) fn is_reserved(keyword: Keyword) -> bool {
    RESERVED_FOR_TABLE_ALIAS.contains(&keyword) || RESERVED.contains(&keyword)
}

#[rustfmt::skip]
const RESERVED: [Keyword; 21] = [
    Keyword::SELECT, Keyword::FROM, Keyword::INTO, Keyword::SET, Keyword::WHERE, Keyword::VALUES, Keyword::TABLE,
    Keyword::AND, Keyword::OR, Keyword::NOT, Keyword::AS, Keyword::ON, Keyword::OF, Keyword::THEN, Keyword::WHEN,
    Keyword::RESTRICT, Keyword::CASCADE, Keyword::NULL, Keyword::IN, Keyword::IS, Keyword::TO,
];
