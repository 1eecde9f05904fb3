//! Requests that a service makes of the one that it is given: those are answered as that one would be.

use std::rc::Rc;

use super::request::{METHOD, PATH, REQUEST, URI, watched};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        target_of,
        value::{Cell, Term, Value},
    },
    source::Place,
};

/// `Request::from_parts(parts, body)`, by whatever name the type goes.
pub(super) fn of_parts(path: &str, args: &[Value]) -> Option<Value> {
    let parts = args.first()?.bare();
    let is_given = matches!(&parts, Value::Term(term) if &*term.path == REQUEST);
    (path.ends_with("::Request::from_parts") && is_given).then_some(parts)
}

/// A method of a request, or of a builder of one, that was made from nothing: once the method or the path of the watched
/// one is put into it, it stands for that one.
pub(super) fn from_nothing(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    term: &Rc<Term>,
    method: &Method<'_>,
) -> Option<Value> {
    let (of, made) = term.path.rsplit_once("::")?;
    let is_request = of.ends_with("::Request")
        && ["http::", "hyper::", "axum::"].iter().any(|krate| of.starts_with(krate));
    if !is_request || !evaluator.is_watching() {
        return None;
    }
    match (made, method.name) {
        ("builder", "method" | "uri") => {
            let given = method.args.first()?;
            Some(if is_part(given) { request(method.at) } else { Value::Term(Rc::clone(term)) })
        }
        ("builder", "version" | "header" | "extension") => Some(Value::Term(Rc::clone(term))),
        // What is put there is seen only after.
        ("new" | "default", "method_mut" | "uri_mut") => {
            evaluator.write(&target_of(receiver), request(method.at));
            Some(Value::unknown())
        }
        _ => None,
    }
}

fn request(at: Place) -> Value {
    watched(REQUEST, Vec::new(), at)
}

fn is_part(value: &Value) -> bool {
    matches!(value.bare(), Value::Term(term) if matches!(&*term.path, METHOD | URI | PATH))
}
