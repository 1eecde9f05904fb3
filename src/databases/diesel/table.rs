//! `table!` and the derives of diesel, as the items they stand for.

use super::super::name::{literal, quoted};
use crate::{
    source::Span,
    syntax::{
        token::{TextStart, Token, Tokens, whole},
        tree::{Item, ItemKind},
    },
};
use ra_ap_rustc_lexer::TokenKind;

/// The attribute that carries a table's name in SQL.
pub(super) const TABLE: &str = "contract_check_table";

/// A `table!` as far as it matters.
#[derive(Debug, Default)]
struct Table<'a> {
    schema: Option<&'a str>,
    name: &'a str,
    sql_name: Option<String>,
    columns: Vec<&'a str>,
}

/// Code tokens of a text, one at a time.
struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let tokens = Tokens::new(text, whole(text), TextStart::Piece).filter(Token::is_code);
        Self { text, tokens: tokens.collect(), at: 0 }
    }

    fn peek(&self) -> Option<TokenKind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    fn next(&mut self) -> Option<&'a str> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token.span.of(self.text))
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.peek() == Some(kind);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<&'a str> {
        matches!(self.peek()?, TokenKind::Ident | TokenKind::RawIdent)
            .then(|| self.next())
            .flatten()
    }

    /// The tokens up to the delimiter that closes the one just read.
    fn group(&mut self) -> &'a str {
        let start = self.tokens.get(self.at).map_or(0, |token| token.span.start);
        let mut depth = 1_u32;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => depth += 1,
                TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                    depth -= 1;
                }
                _ => {}
            }
            let end = self.tokens.get(self.at).map_or(start, |token| token.span.start);
            self.at += 1;
            if depth == 0 {
                return Span::new(start, end).of(self.text);
            }
        }
        ""
    }

    /// Skips attributes; the name that one of them gives for SQL.
    fn attributes(&mut self) -> Option<String> {
        let mut named = None;
        while self.eat(TokenKind::Pound) {
            if self.eat(TokenKind::OpenBracket) {
                let inside = self.group();
                if let Some(value) = inside.strip_prefix("sql_name") {
                    named = literal(value.trim_start().trim_start_matches('='));
                }
            }
        }
        named
    }
}

fn read(tokens: &str) -> Option<Table<'_>> {
    let mut reader = Reader::new(tokens);
    let mut sql_name = None;
    let first = loop {
        sql_name = reader.attributes().or(sql_name);
        let name = reader.name()?;
        if name != "use" {
            break name;
        }
        while reader.next()? != ";" {}
    };
    let mut table = Table { name: first, sql_name, ..Table::default() };
    if reader.eat(TokenKind::Dot) {
        table.schema = Some(first);
        table.name = reader.name()?;
    }
    if reader.eat(TokenKind::OpenParen) {
        reader.group();
    }
    if !reader.eat(TokenKind::OpenBrace) {
        return None;
    }
    loop {
        reader.attributes();
        let Some(column) = reader.name() else { return Some(table) };
        table.columns.push(column);
        let mut depth = 0_u32;
        loop {
            match reader.peek() {
                None | Some(TokenKind::CloseBrace) => return Some(table),
                Some(TokenKind::Comma) if depth == 0 => {
                    reader.at += 1;
                    break;
                }
                Some(TokenKind::Lt) => depth += 1,
                Some(TokenKind::Gt) => depth = depth.saturating_sub(1),
                _ => {}
            }
            reader.at += 1;
        }
    }
}

/// The module that `table!` or `view!` stands for.
pub(super) fn module(tokens: &str) -> Option<String> {
    let table = read(tokens)?;
    let sql = quoted(table.sql_name.as_deref().unwrap_or(table.name));
    let sql = table.schema.map_or(sql.clone(), |schema| format!("{}.{sql}", quoted(schema)));
    let name = table.name;
    let structs: Vec<String> =
        table.columns.iter().map(|column| format!("pub struct {column};")).collect();
    let structs = structs.join("\n");
    let list = table.columns.join(", ");
    Some(format!(
        "pub mod {name} {{
            #[{TABLE} = {sql:?}]
            pub struct table;
            pub type BoxedQuery<DB> = diesel::dsl::IntoBoxed<table, DB>;
            pub mod columns {{ pub struct star; {structs} }}
            pub mod dsl {{ pub use super::columns::{{{list}}}; pub use super::table as {name}; }}
            pub use self::columns::*;
        }}"
    ))
}

/// Diesel's names for a type's table: `#[diesel(table_name = path)]`, `#[table_name = "path"]`, or its own name.
fn table_path(item: &Item, text: &str) -> String {
    let named = item.attrs.iter().find_map(|attr| {
        let [only] = attr.path.segments.as_slice() else { return None };
        let args = attr.args.of(text);
        match only.name.as_str() {
            "table_name" => literal(args),
            "diesel" => args.split(',').find_map(|part| {
                let (key, value) = part.split_once('=')?;
                let value = value.trim();
                (key.trim() == "table_name")
                    .then(|| literal(value).unwrap_or_else(|| value.to_owned()))
            }),
            _ => None,
        }
    });
    named.unwrap_or_else(|| {
        let mut name = String::new();
        for c in item.name.chars() {
            if c.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(c.to_lowercase());
        }
        name + "s"
    })
}

/// The impls that a derive of diesel makes for a record.
pub(super) fn derived(derive: &str, item: &Item, text: &str) -> Option<String> {
    if !matches!(item.kind, ItemKind::Struct { .. } | ItemKind::Enum { .. }) {
        return None;
    }
    let name = &item.name;
    match derive {
        "Identifiable" => {
            let table = table_path(item, text);
            Some(format!(
                "impl diesel::associations::HasTable for {name} {{
                    type Table = {table}::table;
                    fn table() -> {table}::table {{ {table}::table }}
                }}"
            ))
        }
        "Associations" => {
            let table = table_path(item, text);
            Some(format!(
                "impl {name} {{
                    pub fn belonging_to<T>(_parent: T) -> {table}::table {{ {table}::table }}
                }}"
            ))
        }
        "HasQuery" => {
            let table = table_path(item, text);
            Some(format!(
                "impl {name} {{
                    pub fn query() -> impl diesel::query_dsl::QueryDsl {{
                        {table}::table.select({name}::as_select())
                    }}
                    pub fn as_select() -> diesel::dsl::AsSelect<{name}> {{ !0 }}
                }}"
            ))
        }
        "Selectable" => Some(format!(
            "impl {name} {{
                pub fn as_select() -> diesel::dsl::AsSelect<{name}> {{ !0 }}
                pub fn as_returning() -> diesel::dsl::AsSelect<{name}> {{ !0 }}
            }}"
        )),
        _ => None,
    }
}
