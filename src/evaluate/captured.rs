//! Which locals a closure captures: those that it names, not all that stand around it.
//!
//! What it holds is looked at wherever it goes, so each local too many costs time there and makes it another closure.

use std::rc::Rc;

use super::{Evaluator, value::Cell};
use crate::{
    source::Place,
    syntax::tree::{Name, ident_hash},
};

/// Names by their hash, sorted; `None` where not all are known.
pub(super) type Named = Option<Rc<[u32]>>;

impl Evaluator<'_> {
    /// The locals that a closure at `at` captures, outermost first.
    pub(super) fn captured_by(&mut self, at: Place) -> Vec<(Name, Cell)> {
        let known = self.named_in.get(&at).cloned();
        let named = known.unwrap_or_else(|| {
            let named = self.names_in(at);
            self.named_in.insert(at, named.clone());
            named
        });
        let Some(named) = named else { return self.scope.locals.clone() };
        let is_named = |name: &Name| named.binary_search(&ident_hash(name)).is_ok();
        self.scope.locals.iter().filter(|(name, _)| is_named(name)).cloned().collect()
    }

    /// The words of code, those in strings included, since a format string names locals.
    ///
    /// A macro of the function around it may name a local without the call saying so, and names are put together in
    /// `paste!`.
    fn names_in(&self, at: Place) -> Named {
        let text = self.program.text(at.file);
        let code = at.span.of(&text);
        let owner = self.scope.owner.map(|owner| self.program.def(owner));
        let body = owner.as_ref().and_then(|def| super::roots::body(def));
        let has_macros = body.is_none_or(|body| {
            body.flags.items && body.idents.binary_search(&ident_hash("macro_rules")).is_ok()
        });
        if has_macros && code.contains('!') || code.contains("[<") || code.contains("include") {
            return None;
        }
        let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut named: Vec<u32> = words.filter(|word| !word.is_empty()).map(ident_hash).collect();
        named.sort_unstable();
        named.dedup();
        Some(named.into())
    }
}
