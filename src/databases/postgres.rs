//! tokio-postgres, postgres and their pools: a statement may be prepared on one connection and run on another.

use super::{
    Sample,
    given_text::{GivenText, NOTHING},
};
use crate::sql::Dialect;

/// The model of tokio-postgres and postgres.
pub const POSTGRES: GivenText = GivenText {
    name: "tokio-postgres",
    crates: &[
        "tokio_postgres",
        "postgres",
        "deadpool_postgres",
        "bb8_postgres",
        "r2d2_postgres",
        "mobc_postgres",
    ],
    dialect: Some(Dialect::Postgres),
    items: &[
        "Client",
        "Transaction",
        "GenericClient",
        "Statement",
        "Pool",
        "Object",
        "ClientWrapper",
        "connect",
    ],
    runs: &[
        ("execute", 0),
        ("execute_raw", 0),
        ("execute_typed", 0),
        ("query", 0),
        ("query_one", 0),
        ("query_opt", 0),
        ("query_raw", 0),
        ("query_scalar", 0),
        ("query_one_scalar", 0),
        ("query_opt_scalar", 0),
        ("query_typed", 0),
        ("query_typed_one", 0),
        ("query_typed_opt", 0),
        ("query_typed_raw", 0),
        ("batch_execute", 0),
        ("simple_query", 0),
        ("simple_query_raw", 0),
        ("copy_in", 0),
        ("copy_out", 0),
        ("bind", 0),
        ("bind_raw", 0),
    ],
    makes: &[
        ("prepare", 0),
        ("prepare_typed", 0),
        ("prepare_cached", 0),
        ("prepare_typed_cached", 0),
    ],
    pairs: &[("tokio_postgres", "connect"), ("tokio_postgres", "connect_raw")],
    sample: &[
        Sample::new("tokio_postgres", "&tokio_postgres::Client", "on.execute(SQL, &[])", true),
        Sample::new("postgres", "&mut postgres::Client", "on.execute(SQL, &[])", false),
    ],
    ..NOTHING
};
