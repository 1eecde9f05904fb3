//! Database libraries that are known by name and by nothing else.
//!
//! What goes through one of them is seen only where it is SQL handed on as text. A service that keeps its payments in such a
//! library would be passed in silence, so each package that depends on one is a gap at its manifest.

/// Libraries that read and write a database and that no model speaks of, as Rust spells them. Those that only pool or
/// wrap the connections of a modelled one are not among them.
pub const CRATES: &[&str] = &[
    // Object mappers and query builders for SQL.
    "atmosphere",
    "aykroyd",
    "butane",
    "canyon_sql",
    "clorinde",
    "cornucopia_async",
    "cornucopia_sync",
    "ensemble",
    "es_entity",
    "geekorm",
    "georm",
    "luna_orm",
    "microrm",
    "nanosql",
    "ormlite",
    "ormx",
    "prisma_client_rust",
    "quaint",
    "rbatis",
    "rbdc",
    "rorm",
    "rustorm",
    "sqlm_postgres",
    "sqlx_conditional_queries",
    "sqlx_crud",
    "sqlx_model",
    "sqlx_template",
    "toasty",
    "turbosql",
    "welds",
    // Servers of SQL.
    "clickhouse",
    "clickhouse_rs",
    "edgedb_tokio",
    "gcp_bigquery_client",
    "gel_tokio",
    "gluesql",
    "google_cloud_spanner",
    "klickhouse",
    "odbc_api",
    "oracle",
    "questdb",
    "sibyl",
    "snowflake_api",
    "taos",
    "ydb",
    // What libraries in C do for a server or a file of SQL.
    "libduckdb_sys",
    "libsqlite3_sys",
    "mysqlclient_sys",
    "odbc_sys",
    "odpic_sys",
    "pq_sys",
    "sqlite3_sys",
    // Documents, graphs, columns, keys.
    "aerospike",
    "arangors",
    "aws_sdk_dynamodb",
    "bb8_redis",
    "bonsaidb",
    "cassandra_cpp",
    "cdrs_tokio",
    "couch_rs",
    "deadpool_redis",
    "deadpool_redis_cluster",
    "elasticsearch",
    "fdb",
    "firestore",
    "fjall",
    "foundationdb",
    "fred",
    "heed",
    "influxdb",
    "influxdb2",
    "mobc_redis",
    "mongodb",
    "mongodm",
    "native_db",
    "neo4rs",
    "opensearch",
    "polodb_core",
    "r2d2_redis",
    "redb",
    "redis",
    "redis_pool",
    "rocksdb",
    "rusoto_dynamodb",
    "rustis",
    "scylla",
    "sled",
    "surrealdb",
    "tikv_client",
    "wither",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_modelled() {
        let modelled = |one: &&&str| crate::databases::is_database(one);
        assert_eq!(CRATES.iter().find(modelled), None);
    }
}
