//! What methods that take a text apart or compare it make of it.

use std::rc::Rc;

use super::{
    method::Method,
    option::option,
    text::Text,
    text_search::position,
    value::{List, Value},
};

/// Bytes of a text that are told apart.
const MOST_BYTES: usize = 256;

/// Methods that take a text apart or compare it.
pub(super) fn text_part(text: &Text, method: &Method<'_>) -> Option<Value> {
    let other = || method.args.first().and_then(Value::text).unwrap_or_else(Text::hole);
    Some(match method.name {
        "trim" | "trim_start" | "trim_end" => {
            let (at_start, at_end) = (method.name != "trim_end", method.name != "trim_start");
            let trimmed = |text: &str| {
                let text = if at_start { text.trim_start() } else { text };
                if at_end { text.trim_end().to_owned() } else { text.to_owned() }
            };
            Value::Str(match (text.exact(), text.ends()) {
                (Some(text), _) => Text::known(&trimmed(&text)),
                (None, Some((front, back))) => {
                    let text =
                        if at_start { text.with_front(front.trim_start()) } else { text.clone() };
                    if at_end { text.with_back(back.trim_end()) } else { text }
                }
                (None, None) => Text::hole(),
            })
        }
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
                let pairs = pairs.map(|(at, c)| Value::tuple(vec![position(at), Value::Char(c)]));
                Value::list(pairs.collect())
            }
            None => Value::unknown(),
        },
        "split_at" | "split_at_checked" => {
            let at = match method.args.first().map(Value::bare) {
                Some(Value::Int(at)) => usize::try_from(at).ok(),
                _ => None,
            };
            let (Some(text), Some(at)) = (text.exact(), at) else { return Some(Value::unknown()) };
            let pair = text.split_at_checked(at).map(|(one, two)| {
                Value::tuple([one, two].map(|part| Value::Str(Text::known(part))).to_vec())
            });
            match (method.name, pair) {
                ("split_at", pair) => pair.unwrap_or_else(Value::unknown),
                (_, pair) => option(pair, method.at),
            }
        }
        "get" => match (text.exact(), method.args.first()) {
            (Some(text), Some(range)) => {
                let (from, to) = super::views::range_of(range, text.len())?;
                let part = text.get(from..to).map(|part| Value::Str(Text::known(part)));
                option(part, method.at)
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

/// The bytes of a text where a method of a slice asks for them: the bytes of a text count as the text itself.
pub(super) fn as_bytes(text: &Text, method: &Method<'_>) -> Option<Rc<List>> {
    let of_slice = match (method.name, method.args.as_slice()) {
        ("bytes" | "first" | "iter" | "last" | "split_first" | "split_last", []) => true,
        ("chunks" | "get" | "windows", [at]) => matches!(at.bare(), Value::Int(_)),
        _ => false,
    };
    if of_slice { bytes_of(text) } else { None }
}

/// The bytes of a text that is known.
pub(super) fn bytes_of(text: &Text) -> Option<Rc<List>> {
    let text = text.exact().filter(|text| text.len() <= MOST_BYTES)?;
    let items = text.bytes().map(|byte| Value::Int(byte.into())).collect();
    Some(Rc::new(List { items, ..List::default() }))
}
