//! The partial evaluator. Knows no framework and no database; emits effects.

pub mod effect;
