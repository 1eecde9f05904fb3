//! sea-query: a builder of SQL text. Its statements are kept as that text, so that one made into a string and handed to
//! any library is still the statement it is.

mod iden;

use std::rc::Rc;

use super::Database;
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        target_of,
        text::{Piece, Text},
        value::{Cell, Draft, Query, Term, Value, cell},
    },
    source::Place,
    syntax::tree::Item,
};

/// The model of sea-query.
#[derive(Debug)]
pub struct SeaQuery;

const LIBRARY: &str = "sea-query";

/// The path inside sea-query, or inside a crate that re-exports it.
fn item(path: &str) -> Option<&str> {
    ["sea_query::", "sea_orm::", "sea_orm_migration::"]
        .iter()
        .find_map(|krate| path.strip_prefix(krate))
}

/// How a statement begins, by what makes it.
fn begins(owner: &str, name: &str) -> Option<&'static str> {
    Some(match (owner, name) {
        ("Query", "insert") | ("InsertStatement", "new" | "default") => "INSERT INTO ",
        ("Query", "update") | ("UpdateStatement", "new" | "default") => "UPDATE ",
        ("Query", "delete") | ("DeleteStatement", "new" | "default") => "DELETE FROM ",
        ("Table", "truncate") | ("TableTruncateStatement", "new") => "TRUNCATE TABLE ",
        _ => return None,
    })
}

/// Whether a function makes a statement that writes no rows.
fn reads(owner: &str, name: &str) -> bool {
    match owner {
        "Query" => matches!(name, "select" | "with" | "returning"),
        "Table" | "Index" | "Type" | "ForeignKey" => {
            matches!(name, "create" | "alter" | "drop" | "rename")
        }
        "SelectStatement" | "TableCreateStatement" | "WithClause" | "IndexCreateStatement" => {
            matches!(name, "new" | "default")
        }
        _ => false,
    }
}

impl Database for SeaQuery {
    fn name(&self) -> &'static str {
        LIBRARY
    }

    fn crates(&self) -> &'static [&'static str] {
        &["sea_query"]
    }

    fn knows(&self, path: &str) -> bool {
        let Some(item) = item(path) else { return false };
        let mut ends = item.rsplit("::");
        let (last, owner) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
        begins(owner, last).is_some()
            || reads(owner, last)
            || matches!(
                last,
                "Query"
                    | "Alias"
                    | "OnConflict"
                    | "Iden"
                    | "InsertStatement"
                    | "UpdateStatement"
                    | "DeleteStatement"
            )
    }

    fn derives(&self) -> &'static [&'static str] {
        &["Iden", "IdenStatic", "DeriveIden", "enum_def"]
    }

    fn derived_items(&self, path: &str, item_of: &Item, text: &str) -> Option<String> {
        item(path)?;
        iden::derived(path, item_of, text)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = item(&term.path)?;
        let mut ends = item.rsplit("::");
        let (name, owner) = (ends.next()?, ends.next().unwrap_or_default());
        if let Some(begins) = begins(owner, name) {
            let text = Text::literal(begins, at).then(&Text::hole());
            return Some(evaluator.query(LIBRARY, Draft::Sql(text, None), at));
        }
        if reads(owner, name) {
            return Some(evaluator.query(LIBRARY, Draft::Reads, at));
        }
        match (owner, name) {
            ("Alias" | "SeaRc" | "DynIden", "new") => args.first().cloned(),
            ("QueryStatementWriter" | "QueryStatementBuilder", _) => {
                let (receiver, args) = args.split_first()?;
                let method = Method { name, generics: Vec::new(), args: args.to_vec(), at };
                evaluator.method(&cell(receiver.clone()), method).ok()
            }
            _ => None,
        }
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        match value {
            Value::Query(query) if query.library == LIBRARY => {
                of_statement(evaluator, receiver, query, method)
            }
            Value::Query(_) | Value::Router(_) => None,
            _ if matches!(method.name, "into_iden" | "into_table_ref") => Some(value.clone()),
            _ => None,
        }
    }
}

fn of_statement(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    query: &Rc<Query>,
    method: &Method<'_>,
) -> Option<Value> {
    let first = method.args.first();
    let nothing = Text::known("");
    let (text, dialect) = match &query.draft {
        Draft::Sql(text, dialect) => (text, *dialect),
        // `with.query(insert)`: the statement is the one that is given.
        Draft::Reads if method.name == "query" => {
            return first.map(Value::bare).filter(|given| matches!(given, Value::Query(_)));
        }
        Draft::Reads => (&nothing, None),
        Draft::Table(..) => return None,
    };
    let writes = matches!(query.draft, Draft::Sql(..));
    let changed = match method.name {
        "into_table" | "from_table" | "table" if writes => {
            let table = iden::table(evaluator, first?, method.at);
            with_table(text, &table)
        }
        "replace" if writes => text.map(|piece| piece.replace("INSERT INTO ", "REPLACE INTO ")),
        "on_conflict" if writes => {
            let updates = match first.map(Value::bare) {
                Some(Value::Term(term)) => {
                    !term.path.contains("::do_nothing") || term.path.contains("::update_")
                }
                _ => true,
            };
            let tail = if updates {
                " ON CONFLICT (id) DO UPDATE SET "
            } else {
                " ON CONFLICT DO NOTHING"
            };
            let text = text.then(&Text::known(tail));
            if updates { text.then(&Text::hole()) } else { text }
        }
        "to_string" | "build_collect" | "build_collect_any" | "build_collect_into" => {
            return Some(Value::Str(evaluator.text_of_query(query)));
        }
        name if name.starts_with("build") => {
            let text = evaluator.text_of_query(query);
            return Some(Value::Tuple(Rc::new(vec![
                cell(Value::Str(text)),
                cell(Value::unknown()),
            ])));
        }
        "to_owned" | "clone" | "take" => return Some(Value::Query(query.clone())),
        _ => {
            return Some(match receiver.borrow().clone() {
                // Its methods give it back, so that the next one changes it and not a copy.
                Value::Ref(_) | Value::Query(_) => Value::Ref(target_of(receiver)),
                _ => Value::Query(query.clone()),
            });
        }
    };
    let changed = evaluator.redraft(query, Draft::Sql(changed, dialect));
    let place = target_of(receiver);
    evaluator.write(&place, changed);
    Some(Value::Ref(place))
}

/// The statement with its table in the place that is kept for it: after the words that it begins with.
fn with_table(text: &Text, table: &Text) -> Text {
    let mut pieces = text.pieces().iter();
    let mut whole = Text::default();
    if let Some(Piece::Known(begins, Some(at))) = pieces.next() {
        whole = whole.then(&Text::literal(begins, *at));
    }
    whole = whole.then(table);
    let tail = match text.pieces().first() {
        Some(Piece::Known(begins, _)) if begins.starts_with("UPDATE") => " SET ",
        Some(Piece::Known(begins, _)) if begins.starts_with("DELETE") => " WHERE ",
        Some(Piece::Known(begins, _)) if begins.starts_with("TRUNCATE") => "",
        _ => " ",
    };
    if tail.is_empty() {
        return whole;
    }
    whole = whole.then(&Text::known(tail)).then(&Text::hole());
    for piece in pieces {
        if let Piece::Known(more, _) = piece {
            whole = whole.then(&Text::known(more)).then(&Text::hole());
        }
    }
    whole
}
