//! duckdb: as rusqlite, with appenders that write rows of a table by its name.

use super::{
    Sample,
    given_text::{GivenText, NOTHING},
};
use crate::sql::Dialect;

/// The model of duckdb.
pub const DUCKDB: GivenText = GivenText {
    name: "duckdb",
    crates: &["duckdb", "r2d2_duckdb", "async_duckdb"],
    dialect: Some(Dialect::DuckDb),
    items: &["Connection", "Transaction", "Statement", "Appender"],
    runs: &[("execute", 0), ("execute_batch", 0), ("query_row", 0), ("query_row_and_then", 0)],
    prepares: &[("prepare", 0), ("prepare_cached", 0)],
    lends: &["conn", "conn_mut", "conn_blocking"],
    appends: &[
        ("appender", 0),
        ("appender_to_db", 0),
        ("appender_with_columns", 0),
        ("appender_with_columns_to_db", 0),
        ("appender_to_catalog_and_db", 0),
        ("appender_with_columns_to_catalog_and_db", 0),
    ],
    sample: &[Sample::new("duckdb", "&duckdb::Connection", "on.execute(SQL, [])", false)],
    ..NOTHING
};
