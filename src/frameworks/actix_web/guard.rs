//! Guards as far as they are about the method.

use super::{Methods, Value, verb};

/// The methods that `guard::Not` leaves.
const ORDINARY: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
/// Methods of other protocols over HTTP that routers are asked for by name.
const OTHERS: [&str; 22] = [
    "CONNECT",
    "TRACE",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "MKCALENDAR",
    "MKACTIVITY",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "PURGE",
    "REPORT",
    "SEARCH",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "NOTIFY",
    "LINK",
    "UNLINK",
    "ACL",
    "M-SEARCH",
];

/// A method by its name.
pub(super) fn named(name: &str) -> Option<&'static str> {
    ORDINARY.iter().chain(&OTHERS).find(|known| **known == name).copied()
}

/// What an `http::Method` holds.
pub(super) fn method(value: Option<&Value>) -> Methods {
    let name = match value.map(Value::bare) {
        Some(Value::Str(text)) => text.exact(),
        Some(Value::Term(term)) => match &term.args {
            None => term.path.rsplit_once("Method::").map(|(_, name)| name.to_owned()),
            Some(args) => return args.first().map_or(Methods::Unknown, |arg| method(Some(arg))),
        },
        _ => None,
    };
    name.and_then(|name| named(&name)).map_or(Methods::Unknown, |name| Methods::These(vec![name]))
}

/// The methods that a guard lets through at most, and whether it asks for nothing else.
fn allowed(value: &Value) -> (Methods, bool) {
    let Value::Term(term) = value.bare() else { return (Methods::Any, false) };
    let args = term.args.as_deref().unwrap_or_default();
    let both = || Some((allowed(args.first()?), allowed(args.get(1)?)));
    match term.path.rsplit(':').next().unwrap_or("") {
        "or" => match both() {
            Some(((Methods::These(mut one), exact), (Methods::These(other), also))) => {
                one.extend(other);
                (Methods::These(one), exact && also)
            }
            Some(((Methods::Unknown, _), _) | (_, (Methods::Unknown, _))) => {
                (Methods::Unknown, false)
            }
            _ => (Methods::Any, false),
        },
        "and" => match both() {
            Some(((one, exact), (other, also))) => (one.and(&other), exact && also),
            None => (Methods::Any, false),
        },
        "Any" | "All" => args.first().map_or((Methods::Any, false), allowed),
        "Not" => match args.first().map(allowed) {
            Some((Methods::These(without), true)) => {
                let left = ORDINARY.into_iter().filter(|one| !without.contains(one));
                (Methods::These(left.collect()), true)
            }
            _ => (Methods::Any, false),
        },
        "Method" => (method(args.first()), true),
        name if args.is_empty() && term.path.contains("guard::") => {
            match verb(&name.to_ascii_lowercase()) {
                Some(name) => (Methods::These(vec![name]), true),
                None => (Methods::Any, false),
            }
        }
        _ => (Methods::Any, false),
    }
}

/// The methods that a guard lets through at most.
pub(super) fn methods(value: Option<&Value>) -> Methods {
    value.map_or(Methods::Any, |value| allowed(value).0)
}
