//! tower-http's services of files: `ServeDir` and `ServeFile` answer GET and HEAD, and 405 to other methods unless they
//! are told to pass them on.

use super::{METHODS, ROUTER, handle};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::Value,
    },
    source::Place,
};

/// Passes on the methods that no file has.
const PASSES_ON: &str = "call_fallback_on_method_not_allowed";

/// The methods that a service answers that is not in the tree; `None` where it is none of files.
pub(super) fn methods(value: &Value) -> Option<Methods> {
    let Value::Term(term) = value.bare() else { return None };
    let item = term.path.strip_prefix("tower_http::services::")?;
    let item = item.strip_prefix("fs::").unwrap_or(item);
    let mut names = item.split("::");
    matches!(names.next(), Some("ServeDir" | "ServeFile")).then(|| {
        if names.any(|name| name == PASSES_ON) { Methods::Any } else { Methods::These(vec!["GET"]) }
    })
}

/// A service of files as what answers at a path.
pub(super) fn service(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Option<Handle> {
    let op = Op::Handler { methods: methods(value)?, handler: value.clone(), catch_all: false };
    handle(&evaluator.operate(METHODS, None, op, at))
}

/// A router that answers where there is no file, with the files in front of it.
pub(super) fn with_fallback(
    evaluator: &mut Evaluator<'_>,
    files: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    if !matches!(method.name, "fallback" | "not_found_service") {
        return None;
    }
    let rest = method.args.first().and_then(handle)?;
    let inner = service(evaluator, files, method.at)?;
    let op = Op::At { path: Text::known("/{*rest}"), inner: inner.node, mount: Mount::Fallback };
    let files = handle(&evaluator.operate(ROUTER, None, op, method.at))?;
    let op = if rest.kind == METHODS {
        Op::At { path: Text::known("/{*rest}"), inner: rest.node, mount: Mount::Fallback }
    } else {
        Op::Merge(rest.node)
    };
    Some(evaluator.operate(ROUTER, Some(&files), op, method.at))
}

/// Whether a method of `ServeDir` changes nothing about what is answered.
pub(super) fn leaves_alone(name: &str) -> bool {
    name == PASSES_ON
        || name.starts_with("precompressed_")
        || matches!(name, "append_index_html_on_directories" | "with_buf_chunk_size")
}
