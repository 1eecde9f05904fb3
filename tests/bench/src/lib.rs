//! Trees to measure the linter on, and what measures it.

pub mod measure;
