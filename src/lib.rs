//! `contract_check` proves every mutation a Rust service serves, and every table it writes, against a contract.
//!
//! Data flows one way: [`discover`] finds what Cargo compiles, [`syntax`] reads each file into a tree of items with
//! bodies left unread, [`link`] resolves names and expands macros, [`evaluate`] runs the code that builds routers and
//! emits effects, [`routes`] reads them into a table, [`rules`] hold the table against the [`contract`], and
//! [`report`] prints what came out. [`pipeline`] calls the stages in order. No stage calls back.

mod asked;
pub mod baseline;
pub mod cache;
pub mod calls;
pub mod changes;
pub mod cli;
pub mod command;
pub mod contract;
pub mod databases;
pub mod discover;
pub mod error;
pub mod evaluate;
pub mod facts;
pub mod finding;
pub mod frameworks;
pub mod init;
pub mod link;
pub mod pipeline;
pub mod registry;
pub mod report;
pub mod routes;
pub mod rules;
pub mod selftest;
pub mod settings;
pub mod source;
pub mod sql;
pub mod stage;
pub mod syntax;
pub mod word;
pub mod writes;
