//! libsql and turso: a statement is prepared on the connection that runs it.

use super::{
    Sample,
    given_text::{GivenText, NOTHING},
};
use crate::sql::Dialect;

/// The model of libsql and turso.
pub const LIBSQL: GivenText = GivenText {
    name: "libsql",
    crates: &["libsql", "libsql_client", "turso", "limbo", "deadpool_libsql"],
    dialect: Some(Dialect::Sqlite),
    items: &["Connection", "Transaction", "Statement", "Database", "Builder"],
    runs: &[
        ("execute", 0),
        ("execute_batch", 0),
        ("execute_transactional_batch", 0),
        ("query", 0),
        ("query_row", 0),
        ("batch", 0),
        ("raw_batch", 0),
    ],
    prepares: &[("prepare", 0), ("prepare_cached", 0)],
    functions: &[("Statement::new", 0), ("Statement::with_args", 0)],
    sample: &[
        Sample::new("libsql", "&libsql::Connection", "on.execute(SQL, ())", true),
        Sample::new("turso", "&turso::Connection", "on.execute(SQL, ())", true),
    ],
    ..NOTHING
};
