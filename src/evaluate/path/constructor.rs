//! Functions that a derive macro outside the tree gives a type to make one of all its fields.

use crate::{
    evaluate::Evaluator,
    link::{DefId, Namespace, Resolution},
};

/// The macros whose `new` takes each field in the order in which they are declared.
///
/// Sources: <https://docs.rs/derive_more/latest/derive_more/derive.Constructor.html>,
/// <https://docs.rs/derive-new/latest/derive_new/derive.new.html>.
const CONSTRUCTORS: [&str; 3] =
    ["derive_more::Constructor", "derive_more::derive::Constructor", "derive_new::new"];

impl Evaluator<'_> {
    /// Whether a type has a `new` that a derive macro writes.
    pub(in crate::evaluate) fn derives_new(&self, id: DefId) -> bool {
        let def = self.program.def(id);
        let text = self.program.text(def.file);
        let derived = def
            .item
            .attrs
            .iter()
            .filter(|attr| attr.path.segments.last().is_some_and(|last| last.name == "derive"));
        derived.into_iter().any(|attr| {
            attr.args.of(&text).split(',').any(|named| {
                let named = named.trim().trim_start_matches("::");
                let path: Vec<&str> = named.split("::").map(str::trim).collect();
                let found = self.program.resolve(def.module, &path, false, Namespace::Macro);
                found.iter().any(|(_, is)| {
                    matches!(is, Resolution::External(of) if CONSTRUCTORS.contains(&&**of))
                })
            })
        })
    }
}
