//! Names of Rust items as the contract writes them.
//!
//! Whether a name of the contract means an item is a comparison of resolved paths; resolving is `link`'s affair.

use super::mistake::Mistakes;
use super::section::Entry;
use crate::source::Span;

/// A path such as `accubooks::gates::register`, or a single identifier that means every item of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemName {
    /// As in the contract, without `r#` and a leading `::`.
    pub path: String,
    /// Where it is written.
    pub span: Span,
}

impl ItemName {
    /// Whether it is a single identifier, whichever module the item is in.
    pub fn is_single(&self) -> bool {
        !self.path.contains("::")
    }

    /// The last segment.
    pub fn last(&self) -> &str {
        self.path.rsplit(':').next().unwrap_or(&self.path)
    }

    /// Whether it means the item with the resolved path `full` (crate name, modules, item).
    pub fn means(&self, full: &str) -> bool {
        full == self.path
            || (self.is_single() && full.rsplit(':').next() == Some(self.path.as_str()))
    }

    /// Reads a name; what is no Rust path is a mistake.
    pub(super) fn read(entry: &Entry<String>, mistakes: &mut Mistakes) -> Option<Self> {
        let path: Vec<&str> =
            entry.value.trim().trim_start_matches("::").split("::").map(bare).collect();
        let help = if matches!(path.first(), Some(&("crate" | "self" | "super"))) {
            "start it with the name of the crate".to_owned()
        } else if !path.iter().all(|segment| is_identifier(segment)) {
            let guess = entry.value.trim().replace('-', "_").replace(['(', ')'], "");
            let fits = guess.split("::").all(is_identifier);
            if fits {
                format!("write `{guess}`")
            } else {
                "write it like `my_crate::module::item`".to_owned()
            }
        } else {
            return Some(Self { path: path.join("::"), span: entry.span });
        };
        mistakes.add(
            entry.span,
            format!("`{}` is not the path of a Rust item", entry.value),
            "not a path",
            help,
        );
        None
    }
}

/// Whether `text` can name something in Rust.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|next| next == '_' || next.is_alphanumeric())
}

fn bare(segment: &str) -> &str {
    segment.strip_prefix("r#").unwrap_or(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> Option<ItemName> {
        ItemName::read(
            &Entry { value: path.to_owned(), span: Span::default() },
            &mut Mistakes::default(),
        )
    }

    #[test]
    fn a_path_means_that_item_and_an_identifier_any_of_that_name() {
        assert!(name("a::gate").unwrap().means("a::gate"));
        assert!(!name("a::gate").unwrap().means("b::gate"));
        assert!(!name("a::gate").unwrap().means("a::b::gate"));
        assert!(name("gate").unwrap().means("b::c::gate"));
        assert!(!name("gate").unwrap().means("b::c::my_gate"));
        assert!(name("::a::r#type").unwrap().means("a::type"));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in ["", "a::", "my-crate::x", "a::b()", "crate::x", "a.b", "a::b<T>"] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }
}
