//! rusqlite and what hands its connections out: a statement is prepared on the connection that runs it.

use super::{
    Sample,
    given_text::{GivenText, NOTHING},
};
use crate::sql::Dialect;

/// The model of rusqlite.
pub const RUSQLITE: GivenText = GivenText {
    name: "rusqlite",
    crates: &[
        "rusqlite",
        "tokio_rusqlite",
        "async_rusqlite",
        "r2d2_sqlite",
        "deadpool_sqlite",
        "async_sqlite",
        "rusqlite_pool",
    ],
    dialect: Some(Dialect::Sqlite),
    items: &[
        "Connection",
        "Transaction",
        "Savepoint",
        "Statement",
        "CachedStatement",
        "Batch",
        "Backup",
    ],
    runs: &[
        ("execute", 0),
        ("execute_batch", 0),
        ("execute_named", 0),
        ("query_row", 0),
        ("query_one", 0),
        ("query_row_named", 0),
        ("query_row_and_then", 0),
    ],
    prepares: &[("prepare", 0), ("prepare_cached", 0), ("prepare_with_flags", 0)],
    functions: &[("Batch::new", 1)],
    statement_runs: &["next"],
    opens_row: &[("blob_open", 1, 4)],
    replaces_all: &[
        "restore",
        "deserialize",
        "deserialize_bytes",
        "deserialize_read_exact",
        "apply",
        "apply_strm",
    ],
    copies: &[("Backup::new", 0, 1), ("Backup::new_with_names", 0, 2)],
    lends: &[
        "call",
        "call_unwrap",
        "call_raw",
        "interact",
        "conn",
        "conn_mut",
        "conn_blocking",
        "conn_mut_blocking",
    ],
    sample: &[Sample::new("rusqlite", "&rusqlite::Connection", "on.execute(SQL, [])", false)],
    ..NOTHING
};
