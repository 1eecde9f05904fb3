//! Questions that are put to all frameworks, or to the one whose they are.

use std::rc::Rc;

use super::{FRAMEWORKS, Framework};
use crate::{
    asked::Asked,
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Handle, RouterKind},
        value::{Cell, Term, Value},
    },
    link::{DefId, types::Ty},
    source::Place,
    syntax::tree::{Expr, MacroCall},
};

/// Whether an attribute makes an item of a function that everyone may name.
pub fn publishes(attribute: &str) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.publishes(attribute))
}

/// Whether the parameter of a handler is no guard, as one of its attributes says.
pub fn is_read(attributes: &[Attribute], parameter: &str) -> bool {
    attributes
        .iter()
        .any(|attribute| FRAMEWORKS.iter().any(|framework| framework.is_read(attribute, parameter)))
}

/// Whether any framework gives meaning to a path outside the tree.
pub fn knows(path: &str) -> bool {
    thread_local! {
        static ASKED: Asked<bool> = Asked::default();
    }
    ASKED.with(|asked| {
        asked.about(path, || FRAMEWORKS.iter().any(|framework| framework.knows(path)))
    })
}

/// Whether a path of a framework names data alone: an error, or what the framework says is.
///
/// Of `async_trait`, which many export anew, nothing comes but the `async` of a trait's functions.
pub fn is_data(path: &str) -> bool {
    path.split("::").any(|name| name.ends_with("Error") || name.ends_with("Err"))
        || path.ends_with("::async_trait")
        || FRAMEWORKS.iter().any(|framework| framework.is_data(path))
}

/// Whether a path with a slash at its end is another path to the framework of that name.
pub fn minds_slash(name: &str) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.name() == name && framework.minds_slash())
}

/// The names of the crates that are frameworks'.
pub fn crates() -> impl Iterator<Item = &'static str> {
    FRAMEWORKS.iter().flat_map(|framework| framework.crates()).copied()
}

/// Whether a crate outside the tree is a framework's.
pub fn is_framework(crate_name: &str) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.crates().contains(&crate_name))
}

/// Whether a call outside the tree wraps routes with the layers or functions it is given.
///
/// tower's builder and stack, which several frameworks take, are known here.
pub fn applies(path: &str) -> bool {
    path.starts_with("tower::builder::ServiceBuilder")
        || path.starts_with("tower::ServiceBuilder")
        || path.starts_with("tower::layer::util::Stack")
        || path.starts_with("tower_layer::Stack")
        || FRAMEWORKS.iter().any(|framework| framework.applies(path))
}

/// The router type that a path names.
pub fn router_kind(path: &str) -> Option<RouterKind> {
    thread_local! {
        static ASKED: Asked<Option<RouterKind>> = Asked::default();
    }
    ASKED.with(|asked| {
        let find = || FRAMEWORKS.iter().find_map(|framework| framework.router_kind(path));
        asked.about(path, find)
    })
}

/// Whether the framework of that name chooses among routes of one method and path.
pub fn tells_apart(name: &str) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.name() == name && framework.tells_apart())
}

/// The framework of a router type.
pub fn framework_of(kind: RouterKind) -> Option<&'static dyn Framework> {
    FRAMEWORKS.iter().find(|framework| framework.router_kind(kind).is_some()).copied()
}

/// Whether what is made of this type and dropped is listed in a tree that serves nothing of its framework.
pub fn lists_dropped(kind: RouterKind) -> bool {
    framework_of(kind).is_some_and(Framework::lists_dropped)
}

/// Whether routers of this type are filters.
pub fn is_filter(kind: RouterKind) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.is_filter(kind))
}

/// Whether a router of this type answers nothing until another takes it up.
pub fn is_part(kind: RouterKind) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.is_part(kind))
}

/// Whether a router of this type has a path of its own.
pub fn has_own_path(kind: RouterKind) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.has_own_path(kind))
}

/// A call of a function outside the tree.
pub fn call(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    args: &[Value],
    at: Place,
) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.call(evaluator, term, args, at))
}

/// Whether what a value of this path is compared with tells routes apart.
pub fn watches(path: &str) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.watches(path))
}

/// Whether a value of this path comes of what is watched in a way that is not read.
pub fn derives(path: &str) -> bool {
    FRAMEWORKS.iter().any(|framework| framework.derives(path))
}

/// The routers of a handler that chooses among routes of its own.
pub fn dispatched(evaluator: &mut Evaluator<'_>, handler: &Value) -> Option<Vec<Handle>> {
    FRAMEWORKS.iter().find_map(|framework| framework.dispatched(evaluator, handler))
}

/// A field of a value of a framework's.
pub fn field(term: &Rc<Term>, name: &str) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.field(term, name))
}

/// A router after an assignment to one of its fields.
pub fn with_field(
    evaluator: &mut Evaluator<'_>,
    held: &Value,
    name: &str,
    value: &Value,
) -> Option<Value> {
    let Value::Router(router) = held else { return None };
    framework_of(router.kind)?.with_field(evaluator, router, name, value)
}

/// A path that the tree does not have, as a framework's macro may have written it.
pub fn generated(
    evaluator: &mut Evaluator<'_>,
    path: &[&str],
    generics: &[Ty],
    at: Place,
) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.generated(evaluator, path, generics, at))
}

/// A method call.
pub fn method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.method(evaluator, receiver, value, method))
}

/// A member that a derive gives a type of the tree.
pub fn member(evaluator: &mut Evaluator<'_>, ty: DefId, name: &str) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.member(evaluator, ty, name))
}

/// The rules of a `macro_rules!` outside the tree.
pub fn macro_rules(path: &str) -> Option<&'static str> {
    FRAMEWORKS.iter().find_map(|framework| framework.macro_rules(path))
}

/// A macro call whose arguments are no expressions between commas.
pub fn token_macro(
    evaluator: &mut Evaluator<'_>,
    path: &str,
    call: &MacroCall,
    at: Place,
) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.token_macro(evaluator, path, call, at))
}

/// A macro call.
pub fn macro_call(
    evaluator: &mut Evaluator<'_>,
    path: &str,
    args: &[Expr],
    at: Place,
) -> Option<Value> {
    FRAMEWORKS.iter().find_map(|framework| framework.macro_call(evaluator, path, args, at))
}

/// The tuple that a router is.
pub fn taken_apart(evaluator: &mut Evaluator<'_>, router: &Handle) -> Option<Value> {
    framework_of(router.kind)?.taken_apart(evaluator, router)
}

/// The router that a tuple is where one of type `kind` is expected.
pub fn put_together(
    evaluator: &mut Evaluator<'_>,
    kind: RouterKind,
    parts: &[Cell],
) -> Option<Value> {
    framework_of(kind)?.put_together(evaluator, kind, parts)
}
