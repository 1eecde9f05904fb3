//! The `sqlite` crate: statements are prepared on the connection that runs them.

use super::{
    Sample,
    given_text::{GivenText, NOTHING},
};
use crate::sql::Dialect;

/// The model of `sqlite`.
pub const SQLITE: GivenText = GivenText {
    name: "sqlite",
    crates: &["sqlite"],
    dialect: Some(Dialect::Sqlite),
    items: &["Connection", "ConnectionThreadSafe", "Statement", "open"],
    runs: &[("execute", 0), ("iterate", 0)],
    prepares: &[("prepare", 0)],
    sample: &[Sample::new("sqlite", "&sqlite::Connection", "on.execute(SQL)", false)],
    ..NOTHING
};
