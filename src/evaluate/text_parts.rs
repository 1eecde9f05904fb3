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
