//! `salvo-tus`: a router that takes uploads.

use std::rc::Rc;

use super::{ROUTER, filter::at_path, item, path_text};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Op},
        text::Text,
        value::{Term, Value},
    },
    source::Place,
};

/// What it serves: below its path, and which.
const SERVED: [(&str, &str); 7] = [
    ("OPTIONS", ""),
    ("OPTIONS", "{id}"),
    ("POST", ""),
    ("HEAD", "{id}"),
    ("PATCH", "{id}"),
    ("DELETE", "{id}"),
    ("GET", "{id}"),
];

/// Whether a path names the type that holds what is served, or a function of it.
pub(super) fn is_tus(path: &str) -> bool {
    item(path).is_some_and(|item| item == "Tus" || item.starts_with("Tus::"))
}

/// Uploads at `path`; `created` and `finished` run when one begins and when it is whole.
fn uploads(path: Value, created: Value, finished: Value, at: Place) -> Value {
    Value::term("salvo::tus::Tus", Some(vec![path, created, finished]), at)
}

/// A call of one of its functions.
pub(super) fn made(path: &str, at: Place) -> Option<Value> {
    let makes = matches!(path.rsplit(':').next(), Some("new" | "default"));
    let path = Value::Str(Text::known("/tus-files"));
    makes.then(|| uploads(path, Value::unknown(), Value::unknown(), at))
}

/// A method of it.
pub(super) fn method(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let [path, created, finished] = term.args.as_deref()? else { return None };
    let (path, created, finished) = (path.clone(), created.clone(), finished.clone());
    let given = method.args.first().cloned().unwrap_or_else(Value::unknown);
    Some(match method.name {
        "path" => uploads(given, created, finished, at),
        "on_upload_create" => uploads(path, given, finished, at),
        "on_upload_finish" => uploads(path, created, given, at),
        "into_router" => Value::Router(router(evaluator, &path, (&created, &finished), at)),
        _ => {
            evaluator.escape(&given);
            Value::Term(Rc::clone(term))
        }
    })
}

fn router(
    evaluator: &mut Evaluator<'_>,
    path: &Value,
    (created, finished): (&Value, &Value),
    at: Place,
) -> Handle {
    let way = at_path(path_text(Some(path)));
    let mut all = evaluator.chain(ROUTER, None, Op::Within(vec![way]), at);
    for (verb, below) in SERVED {
        let methods = Methods::These(vec![verb]);
        let handler = match verb {
            "POST" => created,
            "PATCH" => finished,
            _ => &Value::unknown(),
        };
        let op = Op::Handler { methods, handler: handler.clone(), catch_all: false };
        let way = at_path(if below.is_empty() { Text::default() } else { Text::known(below) });
        let one = evaluator.chain(ROUTER, None, Op::Within(vec![way]), at);
        let one = evaluator.chain(ROUTER, Some(&one), op, at);
        all = evaluator.chain(ROUTER, Some(&all), Op::Merge(one.node), at);
    }
    all
}
