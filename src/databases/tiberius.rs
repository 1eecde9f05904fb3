//! tiberius: text is run by a client, or made into a query that is run on one.

use super::{
    Sample,
    given_text::{GivenText, NOTHING},
};
use crate::sql::Dialect;

/// The model of tiberius.
pub const TIBERIUS: GivenText = GivenText {
    name: "tiberius",
    crates: &["tiberius", "bb8_tiberius", "deadpool_tiberius"],
    dialect: Some(Dialect::MsSql),
    items: &["Client", "Query"],
    runs: &[("execute", 0), ("query", 0), ("simple_query", 0)],
    functions: &[("Query::new", 0)],
    statement_runs: &["execute", "query"],
    appends: &[("bulk_insert", 0)],
    sample: &[Sample::new(
        "tiberius",
        "&mut tiberius::Client<tokio::net::TcpStream>",
        "on.execute(SQL, &[])",
        true,
    )],
    ..NOTHING
};
