//! Routers that are told by what they are asked: the value came from code outside the tree, or nothing says its type.

use super::{Actix, handle, mount};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::RouterKind,
        value::{Cell, Value},
    },
    frameworks::Framework as _,
    link::types::Ty,
};

impl Actix {
    /// A method of a value that can only be a router, as it is asked what is asked of no other.
    pub(super) fn asked(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let kind = self.asked_kind(evaluator, value, method)?;
        // A wrapper of the tree that has the same methods does with a router what its own code says.
        if !matches!(method.name, "route" | "service") && evaluator.calls_tree(value, method) {
            return None;
        }
        let begun = evaluator.router_begun(value, kind, method.at)?;
        if kind == self.config {
            // Whoever gave it sees what is registered with it, also where no name of the tree stands for it.
            evaluator.share(receiver);
        }
        self.router_method(evaluator, receiver, &begun, method)
    }

    /// The type of router of which such a call is a method.
    fn asked_kind(
        &self,
        evaluator: &mut Evaluator<'_>,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<RouterKind> {
        let own =
            |given: &Value| handle(given).is_some_and(|it| self.router_kind(it.kind).is_some());
        // It may be one that is changed in place.
        let any = if may_be_lent(value) { self.config } else { self.scope };
        match (method.name, method.args.as_slice()) {
            ("route", [given]) if own(given) => Some(self.resource),
            ("route" | "service", [.., given]) if own(given) => Some(any),
            ("service", [given]) if self.is_service(evaluator, given) => Some(any),
            // A builder of another library may have a method of this name: its beginning is a call that is seen.
            ("app_data", [_]) if self.name == "actix-web" && matches!(value, Value::Unknown(_)) => {
                Some(any)
            }
            ("default_service", [given]) if own(given) => Some(any),
            ("configure", [given]) if self.configures(evaluator, given) => Some(any),
            _ => None,
        }
    }

    /// Whether a value is a function with a routing attribute, or several services together.
    fn is_service(&self, evaluator: &mut Evaluator<'_>, given: &Value) -> bool {
        match mount::given(given) {
            Value::Fn(function) => {
                let attributes = evaluator.attributes(function.def);
                attributes.iter().any(|one| {
                    self.item(&one.path).is_some_and(|name| {
                        super::verb(name).is_some() || matches!(name, "route" | "routes")
                    })
                })
            }
            Value::Tuple(parts) => parts.iter().any(|part| {
                let part = part.borrow();
                handle(&part).is_some_and(|it| self.router_kind(it.kind).is_some())
                    || !matches!(&*part, Value::Tuple(_)) && self.is_service(evaluator, &part)
            }),
            _ => false,
        }
    }

    /// Whether a function takes what these routers are configured with.
    fn configures(&self, evaluator: &Evaluator<'_>, given: &Value) -> bool {
        let ty = evaluator.parameter_type(given, 0);
        matches!(ty, Some(Ty::External(path, _)) if self.router_kind(&path) == Some(self.config))
    }
}

/// Whether a value may be one that someone else lent: nothing is known of it but, perhaps, its type, or a method of such a
/// value gave it back, or a function that was given one of which nothing is known.
fn may_be_lent(value: &Value) -> bool {
    let Value::Term(term) = value else { return matches!(value, Value::Unknown(_)) };
    let mut given = term.args.iter().flatten().map(Value::bare);
    let is_of = |first: &Value| match first {
        Value::Unknown(Ty::External(path, _)) => term.path.starts_with(&**path),
        Value::Term(_) => may_be_lent(first),
        _ => false,
    };
    given.next().is_some_and(|first| is_of(&first) || is_bare(&first))
        || given.any(|one| is_bare(&one))
}

/// Whether nothing is known of a value.
fn is_bare(value: &Value) -> bool {
    matches!(value, Value::Unknown(Ty::Unknown))
}
