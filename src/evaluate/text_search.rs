//! What methods of a text make of a pattern that is looked for in it: a text, a character, some characters, or a test.
//!
//! What `std` does with a pattern it does here too, to the letter: <https://doc.rust-lang.org/std/str/pattern/>.

use super::{
    Evaluator,
    method::Method,
    option::{Unwrapped, option, unwrap},
    text::{MOST_BYTES, Text},
    value::{Kind, Value},
};
use crate::source::Place;

/// Characters of a text that a test is asked about.
const MOST_TESTED: usize = 64;
/// Parts of a text that are told apart.
const MOST_PARTS: usize = 1024;

/// What is looked for.
enum Pattern {
    Text(String),
    /// Any of these.
    Chars(Vec<char>),
}

/// Runs the same for either kind of pattern: `std` has a method for each type of them.
macro_rules! either {
    ($pattern:expr, $found:ident => $run:expr) => {
        match $pattern {
            Pattern::Text(text) => {
                let $found = text.as_str();
                $run
            }
            Pattern::Chars(chars) => {
                let $found = chars.as_slice();
                $run
            }
        }
    };
}

impl Evaluator<'_> {
    /// Methods that look for a pattern; `None` for any other.
    pub(super) fn text_search(&mut self, text: &Text, method: &Method<'_>) -> Option<Value> {
        let position = match method.name {
            "splitn" | "rsplitn" => 1,
            "contains" | "ends_with" | "find" | "match_indices" | "matches" | "replace"
            | "replacen" | "rfind" | "rmatches" | "rsplit" | "rsplit_once"
            | "rsplit_terminator" | "split" | "split_inclusive" | "split_once"
            | "split_terminator" | "starts_with" | "strip_prefix" | "strip_suffix"
            | "trim_end_matches" | "trim_matches" | "trim_start_matches" => 0,
            _ => return None,
        };
        let of_text = method.name.starts_with("trim") || method.name.starts_with("replace");
        let not_known = if of_text { Value::Str(Text::hole()) } else { Value::unknown() };
        let Some(known) = text.exact() else {
            return Some(self.search_at_ends(text, method).unwrap_or(not_known));
        };
        let Some(wanted) = method.args.get(position).map(Value::bare) else {
            return Some(not_known);
        };
        if let ("contains", Value::Int(byte)) = (method.name, &wanted) {
            return Some(Value::Bool(known.bytes().any(|one| i128::from(one) == *byte)));
        }
        let found = self.pattern(&known, &wanted, method.at);
        Some(found.and_then(|found| searched(&known, &found, method)).unwrap_or(not_known))
    }

    /// As [`Self::text_search`] for a text of which only a part is known: what is sought at its ends may be found there.
    fn search_at_ends(&mut self, text: &Text, method: &Method<'_>) -> Option<Value> {
        let at_front = matches!(method.name, "starts_with" | "strip_prefix" | "trim_start_matches");
        let at_back = matches!(method.name, "ends_with" | "strip_suffix" | "trim_end_matches");
        let (front, back) = text.ends()?;
        let known = if at_front { front } else { back };
        if !(at_front || at_back) {
            return None;
        }
        let wanted = method.args.first().map(Value::bare)?;
        let found = self.pattern(&known, &wanted, method.at)?;
        let kept = |rest: &str| {
            Value::Str(if at_front { text.with_front(rest) } else { text.with_back(rest) })
        };
        match (method.name, searched(&known, &found, method)?) {
            (_, Value::Str(rest)) => Some(kept(&rest.exact()?)),
            (_, done @ Value::Bool(true)) => Some(done),
            // What is shorter may go on as it is wanted.
            (_, done @ Value::Bool(false)) => match found {
                Pattern::Text(wanted) if known.len() >= wanted.len() => Some(done),
                Pattern::Chars(_) if !known.is_empty() => Some(done),
                _ => None,
            },
            (_, done) => match unwrap(&done) {
                Unwrapped::Inside(rest) => {
                    Some(option(Some(kept(&rest.text()?.exact()?)), method.at))
                }
                _ => None,
            },
        }
    }

    /// What a pattern finds in `text`.
    fn pattern(&mut self, text: &str, wanted: &Value, at: Place) -> Option<Pattern> {
        match wanted {
            Value::Str(wanted) => wanted.exact().map(Pattern::Text),
            Value::Char(one) => Some(Pattern::Chars(vec![*one])),
            Value::List(list) if list.kind == Kind::Sequence && !list.open => {
                let chars = list.items.iter().map(|item| match item {
                    Value::Char(one) => Some(*one),
                    _ => None,
                });
                chars.collect::<Option<_>>().map(Pattern::Chars)
            }
            test => {
                let mut chars: Vec<char> = text.chars().collect();
                chars.sort_unstable();
                chars.dedup();
                if chars.len() > MOST_TESTED {
                    return None;
                }
                let mut found = Vec::new();
                for one in chars {
                    match self.call(test, vec![Value::Char(one)], at).ok()?.bare() {
                        Value::Bool(true) => found.push(one),
                        Value::Bool(false) => {}
                        _ => return None,
                    }
                }
                Some(Pattern::Chars(found))
            }
        }
    }
}

/// What a method makes of what is found in a text; `None` where another argument is not known, or that is too much.
fn searched(text: &str, wanted: &Pattern, method: &Method<'_>) -> Option<Value> {
    let at = method.at;
    let number = |position: usize| match method.args.get(position).map(Value::bare) {
        Some(Value::Int(number)) => usize::try_from(number).ok(),
        _ => None,
    };
    let to = || method.args.get(1).and_then(Value::text)?.exact();
    Some(match method.name {
        "contains" => Value::Bool(either!(wanted, found => text.contains(found))),
        "starts_with" => Value::Bool(either!(wanted, found => text.starts_with(found))),
        "ends_with" => Value::Bool(either!(wanted, found => text.ends_with(found))),
        "strip_prefix" => option(either!(wanted, found => text.strip_prefix(found)).map(piece), at),
        "strip_suffix" => option(either!(wanted, found => text.strip_suffix(found)).map(piece), at),
        "find" => option(either!(wanted, found => text.find(found)).map(position), at),
        "rfind" => option(either!(wanted, found => text.rfind(found)).map(position), at),
        "split_once" => option(either!(wanted, found => text.split_once(found)).map(pair), at),
        "rsplit_once" => option(either!(wanted, found => text.rsplit_once(found)).map(pair), at),
        "trim_start_matches" => piece(either!(wanted, found => text.trim_start_matches(found))),
        "trim_end_matches" => piece(either!(wanted, found => text.trim_end_matches(found))),
        "trim_matches" => match wanted {
            Pattern::Chars(chars) => piece(text.trim_matches(chars.as_slice())),
            Pattern::Text(_) => return None,
        },
        "split" => pieces(either!(wanted, found => parts(text.split(found)))?),
        "rsplit" => pieces(either!(wanted, found => parts(text.rsplit(found)))?),
        "split_terminator" => {
            pieces(either!(wanted, found => parts(text.split_terminator(found)))?)
        }
        "rsplit_terminator" => {
            pieces(either!(wanted, found => parts(text.rsplit_terminator(found)))?)
        }
        "split_inclusive" => pieces(either!(wanted, found => parts(text.split_inclusive(found)))?),
        "splitn" => {
            let most = number(0)?;
            pieces(either!(wanted, found => parts(text.splitn(most, found)))?)
        }
        "rsplitn" => {
            let most = number(0)?;
            pieces(either!(wanted, found => parts(text.rsplitn(most, found)))?)
        }
        "matches" => pieces(either!(wanted, found => parts(text.matches(found)))?),
        "rmatches" => pieces(either!(wanted, found => parts(text.rmatches(found)))?),
        "match_indices" => {
            let found: Vec<(usize, &str)> =
                either!(wanted, found => text.match_indices(found).take(MOST_PARTS).collect());
            let pairs = found.into_iter();
            Value::list(pairs.map(|(at, t)| Value::tuple(vec![position(at), piece(t)])).collect())
        }
        "replace" | "replacen" => {
            let to = to()?;
            let most = if method.name == "replacen" { number(2)? } else { usize::MAX };
            let times = either!(wanted, found => text.matches(found).take(most).count());
            let made = text.len().saturating_add(times.saturating_mul(to.len()));
            if made > MOST_BYTES {
                return None;
            }
            Value::Str(Text::known(&either!(wanted, found => text.replacen(found, &to, most))))
        }
        _ => return None,
    })
}

fn parts<'t>(parts: impl Iterator<Item = &'t str>) -> Option<Vec<&'t str>> {
    let parts: Vec<&str> = parts.take(MOST_PARTS + 1).collect();
    (parts.len() <= MOST_PARTS).then_some(parts)
}

fn piece(text: &str) -> Value {
    Value::Str(Text::known(text))
}

fn pieces(parts: Vec<&str>) -> Value {
    Value::list(parts.into_iter().map(piece).collect())
}

fn pair((one, two): (&str, &str)) -> Value {
    Value::tuple(vec![piece(one), piece(two)])
}

/// A position in a text.
pub(super) fn position(at: usize) -> Value {
    i128::try_from(at).map_or_else(|_| Value::unknown(), Value::Int)
}
