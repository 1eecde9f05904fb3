//! Trees to measure the linter on, and what measures it.
//!
//! The same name and size always give the same tree.

pub mod measure;
pub mod mix;
pub mod shapes;
pub mod tree;

use tree::Tree;

/// A family of trees, each of which has a size.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// How the commands call it.
    pub name: &'static str,
    /// What its size counts.
    pub counts: &'static str,
    /// The size that the linter must cope with; a tenth of it is what growth is measured from.
    pub size: usize,
    /// The tree of a size.
    pub tree: fn(usize) -> Tree,
}

/// All families: the usual one first, then the worst shapes that code takes.
pub const FAMILIES: &[Family] = &[
    Family { name: "mix", counts: "files", size: 5_000, tree: mix::tree },
    Family { name: "routes", counts: "routes of one router", size: 5_000, tree: shapes::routes },
    Family {
        name: "nested",
        counts: "functions, each nests the next",
        size: 1_000,
        tree: shapes::nested,
    },
    Family {
        name: "calls",
        counts: "functions, each calls the next",
        size: 1_000,
        tree: shapes::calls,
    },
    Family { name: "globs", counts: "modules in a cycle of globs", size: 200, tree: shapes::globs },
    Family { name: "impls", counts: "implementations of a trait", size: 500, tree: shapes::impls },
    Family {
        name: "methods",
        counts: "types, and calls on receivers unknown",
        size: 500,
        tree: shapes::methods,
    },
    Family { name: "constants", counts: "string constants", size: 50_000, tree: shapes::constants },
    Family { name: "lines", counts: "lines of one file", size: 200_000, tree: shapes::lines_tree },
    Family {
        name: "macros",
        counts: "unknown macros in one file",
        size: 5_000,
        tree: shapes::macros,
    },
    Family {
        name: "expansions",
        counts: "items by macros of the tree",
        size: 5_000,
        tree: shapes::expansions,
    },
    Family { name: "writes", counts: "statements in functions", size: 5_000, tree: shapes::writes },
];

/// The family of a name.
///
/// # Errors
/// When there is none, with the names there are.
pub fn family(name: &str) -> Result<&'static Family, String> {
    FAMILIES.iter().find(|family| family.name == name).ok_or_else(|| {
        let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
        format!("no tree is called {name}; there are {}", names.join(", "))
    })
}
