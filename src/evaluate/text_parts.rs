//! What methods that take a text apart or compare it make of it.

use super::{method::Method, option::option, text::Text, value::Value};

/// Methods that take a text apart or compare it.
pub(super) fn text_part(text: &Text, method: &Method<'_>) -> Option<Value> {
    let other = || method.args.first().and_then(Value::text).unwrap_or_else(Text::hole);
    Some(match method.name {
        "trim" | "trim_start" | "trim_end" => {
            Value::Str(text.exact().map_or_else(Text::hole, |t| {
                Text::known(match method.name {
                    "trim_start" => t.trim_start(),
                    "trim_end" => t.trim_end(),
                    _ => t.trim(),
                })
            }))
        }
        "strip_prefix" | "strip_suffix" => match (text.exact(), other().exact()) {
            (Some(a), Some(b)) => {
                let rest = if method.name == "strip_prefix" {
                    a.strip_prefix(b.as_str())
                } else {
                    a.strip_suffix(b.as_str())
                };
                let rest = rest.map(|rest| Value::Str(Text::known(rest)));
                option(rest, method.at)
            }
            _ => Value::unknown(),
        },
        "split_once" | "rsplit_once" => match (text.exact(), other().exact()) {
            (Some(a), Some(b)) => {
                let parts = if method.name == "split_once" {
                    a.split_once(b.as_str())
                } else {
                    a.rsplit_once(b.as_str())
                };
                let pair = parts.map(|(one, two)| {
                    Value::tuple([one, two].map(|part| Value::Str(Text::known(part))).to_vec())
                });
                option(pair, method.at)
            }
            _ => Value::unknown(),
        },
        "eq" | "eq_ignore_ascii_case" => match (text.exact(), other().exact()) {
            (Some(a), Some(b)) if method.name == "eq" => Value::Bool(a == b),
            (Some(a), Some(b)) => Value::Bool(a.eq_ignore_ascii_case(&b)),
            _ => Value::unknown(),
        },
        "chars" => match text.exact() {
            Some(text) => Value::list(text.chars().map(Value::Char).collect()),
            None => Value::unknown(),
        },
        "char_indices" => match text.exact() {
            Some(text) => {
                let pairs = text.char_indices();
                let pairs = pairs.map(|(at, c)| Value::tuple(vec![number(at), Value::Char(c)]));
                Value::list(pairs.collect())
            }
            None => Value::unknown(),
        },
        "find" | "rfind" => match (text.exact(), other().exact()) {
            (Some(a), Some(b)) => {
                let at = if method.name == "find" { a.find(&b) } else { a.rfind(&b) };
                option(at.map(number), method.at)
            }
            _ => Value::unknown(),
        },
        "lines" | "split_whitespace" | "split_ascii_whitespace" => match text.exact() {
            Some(text) => {
                let parts: Vec<&str> = if method.name == "lines" {
                    text.lines().collect()
                } else {
                    text.split_whitespace().collect()
                };
                Value::list(parts.into_iter().map(|t| Value::Str(Text::known(t))).collect())
            }
            None => Value::unknown(),
        },
        _ => return None,
    })
}

/// A position in a text.
fn number(at: usize) -> Value {
    i128::try_from(at).map_or_else(|_| Value::unknown(), Value::Int)
}

/// What a method makes of the text that it changes, and what it gives.
pub(super) fn changed(text: &Text, method: &Method<'_>) -> (Text, Value) {
    let number = |at: usize| match method.args.get(at).map(Value::bare) {
        Some(Value::Int(number)) => usize::try_from(number).ok(),
        _ => None,
    };
    let put = |known: Option<String>| known.map_or_else(Text::hole, |known| Text::known(&known));
    match (method.name, text.exact()) {
        ("insert" | "insert_str", exact) => {
            let front = method.args.get(1).and_then(Value::text).unwrap_or_else(Text::hole);
            let at = number(0);
            if at == Some(0) {
                return (front.then(text), Value::Unit);
            }
            let parts = exact.as_deref().zip(at).and_then(|(text, at)| text.split_at_checked(at));
            let made =
                parts.map(|(one, two)| Text::known(one).then(&front).then(&Text::known(two)));
            (made.unwrap_or_else(Text::hole), Value::Unit)
        }
        ("make_ascii_lowercase", _) => (text.map(str::to_ascii_lowercase), Value::Unit),
        ("make_ascii_uppercase", _) => (text.map(str::to_ascii_uppercase), Value::Unit),
        ("truncate", Some(known)) => {
            let kept = number(0).map(|at| known.get(..at).unwrap_or(&known).to_owned());
            (put(kept), Value::Unit)
        }
        ("pop", Some(mut known)) => {
            let last = known.pop().map(Value::Char);
            (Text::known(&known), option(last, method.at))
        }
        ("split_off", Some(mut known)) => {
            match number(0).filter(|at| known.is_char_boundary(*at)) {
                Some(at) => {
                    let rest = known.split_off(at);
                    (Text::known(&known), Value::Str(Text::known(&rest)))
                }
                None => (Text::hole(), Value::Str(Text::hole())),
            }
        }
        ("extend", _) => (text.then(&Text::hole()), Value::Unit),
        _ => (Text::hole(), Value::unknown()),
    }
}
