//! Writes outside the writer, one for each guarded table.

use jiff::civil::Date;

use super::{Canary, Expect, Plan};
use crate::{
    contract::{Class, Contract, Subject, TableName, WriteKind},
    discover::Package,
};

/// What must come of a write outside the writer.
pub(super) const WRITTEN: Expect = Expect::Caught(&["direct-write"]);

/// How each library runs a statement; `SQL` stands for it.
const LIBRARIES: &[(&str, &str)] = &[
    (
        "sqlx",
        "pub async fn write(pool: &sqlx::PgPool) {\n    let _ = sqlx::query(SQL).execute(pool).await;\n}\n",
    ),
    (
        "tokio_postgres",
        "pub async fn write(client: &tokio_postgres::Client) {\n    let _ = client.execute(SQL, &[]).await;\n}\n",
    ),
    (
        "rusqlite",
        "pub fn write(connection: &rusqlite::Connection) {\n    let _ = connection.execute(SQL, []);\n}\n",
    ),
    (
        "diesel",
        "use diesel::RunQueryDsl as _;\npub fn write(connection: &mut diesel::PgConnection) {\n    let _ = diesel::sql_query(SQL).execute(connection);\n}\n",
    ),
    (
        "sea_orm",
        "use sea_orm::ConnectionTrait as _;\npub async fn write(db: &sea_orm::DatabaseConnection) {\n    let statement = sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Postgres, SQL);\n    let _ = db.execute(statement).await;\n}\n",
    ),
    (
        "postgres",
        "pub fn write(client: &mut postgres::Client) {\n    let _ = client.execute(SQL, &[]);\n}\n",
    ),
    (
        "mysql_async",
        "use mysql_async::prelude::Queryable as _;\npub async fn write(connection: &mut mysql_async::Conn) {\n    let _ = connection.query_drop(SQL).await;\n}\n",
    ),
    (
        "mysql",
        "use mysql::prelude::Queryable as _;\npub fn write(connection: &mut mysql::Conn) {\n    let _ = connection.query_drop(SQL);\n}\n",
    ),
];

/// How the database library of a package runs a statement.
pub(super) fn library(package: &Package) -> Option<&'static str> {
    let uses = |krate: &str| package.dependencies.iter().any(|one| one.name == krate);
    LIBRARIES.iter().find(|(krate, _)| uses(krate)).map(|(_, code)| *code)
}

/// Adds a write to each table of `class`.
pub(super) fn canaries(
    contract: &Contract,
    class: &Class,
    package: &Package,
    today: Date,
    plan: &mut Plan,
) {
    if class.tables.is_empty() {
        return;
    }
    let Some(code) = library(package) else {
        let why =
            format!("class {}: {} uses no database that canaries know", class.name, package.name);
        plan.untried.push(why);
        return;
    };
    let Some(kind) = class.writes.first() else { return };
    for table in &class.tables {
        if is_exempt(contract, class, &table.value, today) {
            plan.untried
                .push(format!("class {}: every write to {} is exempt", class.name, table.value));
            continue;
        }
        let sql = match kind.value {
            WriteKind::Insert => format!("INSERT INTO {} (id) VALUES (1)", table.value),
            WriteKind::Update => format!("UPDATE {} SET id = 1", table.value),
            WriteKind::Delete => format!("DELETE FROM {}", table.value),
        };
        plan.canaries.push(Canary {
            class: class.name.clone(),
            what: "a write outside the writer".to_owned(),
            subject: table.value.to_string(),
            code: code.replace("SQL", &format!("{sql:?}")),
            expect: WRITTEN,
        });
    }
}

fn is_exempt(contract: &Contract, class: &Class, table: &TableName, today: Date) -> bool {
    let subject = Subject { table: Some(table), class: Some(&class.name), ..Subject::default() };
    let exempt = contract.exemptions_of(&subject);
    exempt.iter().any(|id| contract.exemption(*id).is_some_and(|one| !one.expired(today)))
}
