//! Requests as a service sees them: what of them is watched, and what their methods make of that.

use std::rc::Rc;

use crate::{
    evaluate::{
        method::Method,
        text::Text,
        value::{Term, Value, cell},
    },
    source::Place,
};

pub(super) const REQUEST: &str = "hyper::Request!";
pub(super) const METHOD: &str = "hyper::Request!method";
pub(super) const URI: &str = "hyper::Request!uri";
/// A path below what its argument says.
pub(super) const PATH: &str = "hyper::Request!path";
/// Whether a path begins with something: the rest of the path.
pub(super) const BEGINS: &str = "hyper::Request!begins";
/// The segments of a path.
pub(super) const SEGMENTS: &str = "hyper::Request!segments";
/// What comes of a request and is not read.
pub(super) const DERIVED: &str = "hyper::Request!derived";

pub(super) fn watched(path: &str, args: Vec<Value>, at: Place) -> Value {
    Value::term(path, Some(args), at)
}

pub(super) fn path_below(base: &str, at: Place) -> Value {
    watched(PATH, vec![Value::Str(Text::known(base))], at)
}

pub(super) fn base_of(term: &Term) -> String {
    let mut value = term.args.as_ref().and_then(|args| args.first().cloned());
    while let Some(Value::Term(inner)) = value {
        value = inner.args.as_ref().and_then(|args| args.first().cloned());
    }
    value.and_then(|base| base.text()).and_then(|base| base.exact()).unwrap_or_default()
}

/// `text` behind `base`, with one slash between.
pub(super) fn below(base: &str, text: &str) -> String {
    if text.is_empty() {
        return base.to_owned();
    }
    format!("{}/{}", base.trim_end_matches('/'), text.trim_start_matches('/'))
}

/// A method of a request or of a watched part of it.
pub(super) fn of_request(term: &Rc<Term>, method: &Method<'_>) -> Option<Value> {
    let at = method.at;
    let same = || Some(Value::Term(Rc::clone(term)));
    let given = method.args.first().and_then(Value::text).and_then(|text| text.exact());
    let derived = || Some(watched(DERIVED, Vec::new(), at));
    match (&*term.path, method.name) {
        (METHOD | PATH, "eq" | "eq_ignore_ascii_case") => {
            let both = vec![Value::Term(Rc::clone(term)), method.args.first()?.clone()];
            Some(Value::term("bool::eq", Some(both), at))
        }
        // A builder that was given a part of it.
        (REQUEST, "method" | "uri" | "version" | "header" | "extension" | "body")
            if !method.args.is_empty() =>
        {
            same()
        }
        (REQUEST, "method") => Some(watched(METHOD, Vec::new(), at)),
        (REQUEST, "uri") => Some(watched(URI, Vec::new(), at)),
        (REQUEST, "into_parts") => {
            let parts = watched(REQUEST, Vec::new(), at);
            Some(Value::Tuple(Rc::new(vec![cell(parts), cell(Value::unknown())])))
        }
        (REQUEST, "map" | "clone") => same(),
        (URI, "path" | "path_and_query" | "to_string") => Some(path_below("", at)),
        (PATH, "strip_prefix") => {
            let base = below(&base_of(term), &given?);
            Some(watched(BEGINS, vec![path_below(&base, at)], at))
        }
        (PATH, "starts_with") => {
            let given = given?;
            let mut base = below(&base_of(term), &given);
            if given.ends_with('/') && !base.ends_with('/') {
                base.push('/');
            }
            Some(watched(BEGINS, vec![path_below(&base, at)], at))
        }
        (PATH, "split" | "split_terminator") => {
            Some(watched(SEGMENTS, vec![Value::Term(Rc::clone(term))], at))
        }
        (
            METHOD | PATH | URI | SEGMENTS,
            "as_str" | "to_string" | "to_owned" | "clone" | "into" | "as_ref" | "trim_matches"
            | "trim_start_matches" | "trim_end_matches" | "trim" | "collect" | "as_slice" | "skip"
            | "filter" | "path" | "as_deref" | "borrow" | "unwrap" | "unwrap_or",
        ) => same(),
        (SEGMENTS, "iter" | "into_iter" | "copied" | "cloned") => same(),
        (SEGMENTS, "map") if method.args.first().is_some_and(keeps_text) => same(),
        (REQUEST, "headers") | (METHOD | PATH | URI | SEGMENTS | DERIVED, _) => derived(),
        _ => None,
    }
}

/// Whether a function gives the text that it is given: `str::to_owned`, `String::as_str`.
fn keeps_text(function: &Value) -> bool {
    let Value::Term(term) = function.bare() else { return false };
    let last = term.path.rsplit(':').next().unwrap_or_default();
    let is_of_std = ["std::", "str::"].iter().any(|krate| term.path.starts_with(krate));
    is_of_std
        && matches!(
            last,
            "as_ref" | "as_str" | "borrow" | "clone" | "from" | "into" | "to_owned" | "to_string"
        )
}

/// A field of a request, or an element of what is watched of it.
pub(super) fn part(term: &Rc<Term>, name: &str) -> Option<Value> {
    match (&*term.path, name) {
        (REQUEST, "method") => Some(watched(METHOD, Vec::new(), term.at)),
        (REQUEST, "uri") => Some(watched(URI, Vec::new(), term.at)),
        (REQUEST, "headers") | (PATH | SEGMENTS | DERIVED, "[]") => {
            Some(watched(DERIVED, Vec::new(), term.at))
        }
        _ => None,
    }
}
