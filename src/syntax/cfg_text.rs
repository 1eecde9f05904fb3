//! A condition as it is written.

use std::fmt;

use super::tree::Cfg;

impl fmt::Display for Cfg {
    /// As it is written in an attribute.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, word: &str, all: &[Self]| {
            write!(f, "{word}(")?;
            for (at, one) in all.iter().enumerate() {
                let separator = if at > 0 { ", " } else { "" };
                write!(f, "{separator}{one}")?;
            }
            f.write_str(")")
        };
        match self {
            Self::Test => f.write_str("test"),
            Self::Option(option) => f.write_str(option),
            Self::All(all) => list(f, "all", all),
            Self::Any(all) => list(f, "any", all),
            Self::Not(inner) => write!(f, "not({inner})"),
        }
    }
}
