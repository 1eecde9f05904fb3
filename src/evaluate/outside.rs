//! Routers that code outside the tree made: what stands in them so far is not known, what is added to them is.

use super::{
    Evaluator,
    effect::Guards,
    method::Method,
    router::{Handle, Methods, Op, RouterKind, Way},
    text::Text,
    value::Value,
};
use crate::{frameworks, link::types::Ty, source::Place};

impl Evaluator<'_> {
    /// A value that must be a router, as one of which the beginning is not known; `None` for a value that is known.
    ///
    /// That there may be more in what a call outside the tree gave is said, and where routers of this type have a path of
    /// their own, as a scope has, that one is not known.
    pub fn router_begun(&mut self, value: &Value, kind: RouterKind, at: Place) -> Option<Handle> {
        match value {
            Value::Unknown(_) => Some(self.chain(kind, None, Op::Opaque, at)),
            // A cell or pointer of `std` with routers in it gives those.
            Value::Term(term) if !(term.path.starts_with("std::") && value.holds_code()) => {
                let message = format!(
                    "a router comes from {}, which is not in the tree: what it holds is not known",
                    term.path
                );
                self.gap_at(at, &message);
                self.escape(value);
                Some(self.begun_outside(value, kind, at))
            }
            _ => None,
        }
    }

    /// A router from outside the tree, which `value` came from.
    fn begun_outside(&mut self, value: &Value, kind: RouterKind, at: Place) -> Handle {
        if !frameworks::has_own_path(kind) {
            let is_whole = !frameworks::is_part(kind) && !frameworks::is_filter(kind);
            let op = if is_whole { Op::Outside(value.clone()) } else { Op::Opaque };
            return self.chain(kind, None, op, at);
        }
        let begun = self.chain(kind, None, Op::Opaque, at);
        let way = Way { path: Text::hole(), methods: Methods::Any, guards: Guards::default() };
        self.chain(kind, Some(&begun), Op::Within(vec![way]), at)
    }

    /// What a call outside the tree gave, where its declared type is a router's.
    pub(super) fn typed_outside(&mut self, value: &Value, ty: &Ty) -> Option<Value> {
        let (Value::Term(term), Ty::External(path, args)) = (value, ty) else { return None };
        if frameworks::knows(&term.path) {
            return None;
        }
        if &**path == "std::vec::Vec" && !term.path.starts_with("std::") {
            let one = self.typed_outside(value, args.first()?)?;
            return Some(self.any_number_of(&[one]));
        }
        let kind = frameworks::router_kind(path)?;
        let at = self.current;
        self.router_begun(value, kind, at).map(Value::Router)
    }

    /// Whether the type of a value leaves no doubt that the method is one of the tree's.
    ///
    /// Where it says nothing, a method of that name somewhere in the tree is no reason to lose a route.
    pub fn calls_tree(&mut self, value: &Value, method: &Method<'_>) -> bool {
        let (found, sure) = self.methods_of_tree(value, method);
        sure && !found.is_empty()
    }
}
