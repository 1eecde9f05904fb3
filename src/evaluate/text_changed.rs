//! What methods do to a text that they change, and to a number or text in a cell.
//!
//! A list of bytes that was written as text is one: its methods are those of lists. What the text is afterwards is either
//! exact or not known.

use super::{
    Evaluator,
    method::Method,
    option::option,
    text::Text,
    value::{Cell, Value},
    views::range_of,
};

/// Bytes of a text of which each character is asked about.
const MOST_TESTED: usize = 256;

impl Evaluator<'_> {
    /// A method that changes a text, or gives a place to change it by; `None` where it is none of those.
    pub(super) fn text_changed(
        &mut self,
        target: &Cell,
        text: &Text,
        method: &Method<'_>,
    ) -> Option<Value> {
        let arg = method.args.first();
        let other = || arg.and_then(Value::text).unwrap_or_else(Text::hole);
        let (after, given) = match (method.name, method.args.as_slice()) {
            (
                "push_str" | "push" | "write_str" | "write_char" | "write_fmt" | "write_all"
                | "extend_from_slice" | "put_slice" | "pad",
                [_],
            ) => {
                let added = match arg.map(Value::bare) {
                    // A byte.
                    Some(Value::Int(_)) => Text::hole(),
                    _ => other(),
                };
                (text.then(&added), written(method))
            }
            ("append", [Value::Ref(more)]) => {
                let more = super::target_of(more);
                let added = more.borrow().text().unwrap_or_else(Text::hole);
                self.write(&more, Value::Str(Text::known("")));
                (text.then(&added), Value::Unit)
            }
            ("clear", []) => (Text::known(""), Value::Unit),
            ("clone_from" | "copy_from_slice" | "clone_from_slice" | "set", [_]) => {
                (other(), Value::Unit)
            }
            // Of a cell.
            ("replace", [_]) => (other(), Value::Str(text.clone())),
            ("take", []) => (Text::known(""), Value::Str(text.clone())),
            (
                "as_mut" | "as_mut_slice" | "as_mut_str" | "as_mut_string" | "borrow_mut"
                | "by_ref" | "deref_mut" | "to_mut",
                [],
            ) => return Some(Value::Ref(target.clone())),
            ("retain", [test]) => (self.retained(text, test, method), Value::Unit),
            ("extend", [more]) => {
                let more = self.iterated(more).filter(|more| !more.open && !more.is_loose());
                let added = match more.map(|more| super::gathered::joined(&more, None)) {
                    Some(Value::Str(added)) => added,
                    _ => Text::hole(),
                };
                (text.then(&added), Value::Unit)
            }
            (
                "drain"
                | "insert"
                | "insert_str"
                | "make_ascii_lowercase"
                | "make_ascii_uppercase"
                | "pop"
                | "remove"
                | "replace_range"
                | "split_off"
                | "truncate",
                _,
            ) => changed(text, method),
            (
                "append" | "as_bytes_mut" | "as_mut_vec" | "chunks_exact_mut" | "chunks_mut"
                | "dedup" | "extend_from_within" | "fill" | "first_mut" | "get_mut" | "iter_mut"
                | "last_mut" | "resize" | "reverse" | "rotate_left" | "rotate_right" | "sort"
                | "sort_unstable" | "splice" | "split_at_mut" | "swap" | "swap_remove" | "update",
                _,
            ) => {
                method.args.iter().for_each(|arg| self.escape(arg));
                (Text::hole(), Value::unknown())
            }
            _ => return None,
        };
        self.write(target, Value::Str(after));
        Some(given)
    }

    /// What is left of a text by what a test says of each character.
    fn retained(&mut self, text: &Text, test: &Value, method: &Method<'_>) -> Text {
        let known = text.exact().filter(|known| known.len() <= MOST_TESTED);
        let Some(known) = known else {
            self.escape(test);
            return Text::hole();
        };
        let mut left = Some(String::new());
        for one in known.chars() {
            let verdict = self.call(test, vec![Value::Char(one)], method.at);
            left = match verdict.map(|verdict| verdict.bare()) {
                Ok(Value::Bool(true)) => left.map(|left| left + one.encode_utf8(&mut [0; 4])),
                Ok(Value::Bool(false)) => left,
                _ => None,
            };
        }
        left.map_or_else(Text::hole, |left| Text::known(&left))
    }

    /// `value.fmt(f)` of a text, number or character: it is put to the end of what is being written.
    pub(super) fn formatted_into(&mut self, value: &Value, method: &Method<'_>) -> Option<Value> {
        let ("fmt", [Value::Ref(out)]) = (method.name, method.args.as_slice()) else { return None };
        let out = super::target_of(out);
        let Value::Str(before) = out.borrow().clone() else { return None };
        self.write(&out, Value::Str(before.then(&value.text()?)));
        Some(written(method))
    }

    /// A method of the cell that a number, character or boolean is in; `None` where it is none that changes it.
    pub(super) fn cell_method(
        &mut self,
        target: &Cell,
        held: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let (after, given) = match (method.name, method.args.as_slice()) {
            ("set", [new]) => (new.bare(), Value::Unit),
            ("replace", [new]) => (new.bare(), held.clone()),
            ("replace_with" | "swap" | "take" | "update", _) => {
                method.args.iter().for_each(|arg| {
                    self.escape(arg);
                    self.may_change(arg);
                });
                (self.not_known(held), held.clone())
            }
            _ => return None,
        };
        self.write(target, after);
        Some(given)
    }
}

/// What a method gives that puts something to the end of a text: to write to one in memory does not fail.
fn written(method: &Method<'_>) -> Value {
    if matches!(method.name, "fmt" | "pad") || method.name.starts_with("write_") {
        Value::term("std::result::Result::Ok", Some(vec![Value::Unit]), method.at)
    } else {
        Value::Unit
    }
}

/// What a method makes of the text that it changes, and what it gives.
fn changed(text: &Text, method: &Method<'_>) -> (Text, Value) {
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
        // What is taken from its end is of what is known there.
        ("pop", None) => {
            let mut back = text.ends().map_or_else(String::new, |(_, back)| back);
            match back.pop() {
                Some(last) => (text.with_back(&back), option(Some(Value::Char(last)), method.at)),
                None => (text.clone(), Value::unknown()),
            }
        }
        ("truncate", None) => {
            let front = text.ends().map_or_else(String::new, |(front, _)| front);
            (Text::known(&front).then(&Text::hole()), Value::Unit)
        }
        ("remove", Some(mut known)) => {
            match number(0).filter(|at| known.is_char_boundary(*at) && *at < known.len()) {
                Some(at) => {
                    let gone = known.remove(at);
                    (Text::known(&known), Value::Char(gone))
                }
                None => (Text::hole(), Value::unknown()),
            }
        }
        ("drain" | "replace_range", Some(mut known)) => {
            let range = method.args.first().and_then(|range| range_of(range, known.len()));
            let range = range.filter(|(from, to)| known.get(*from..*to).is_some());
            let with = method.args.get(1).and_then(Value::text);
            match (method.name, range, with.map(|with| with.exact())) {
                ("drain", Some((from, to)), None) => {
                    let gone = known.drain(from..to).map(Value::Char).collect();
                    (Text::known(&known), Value::list(gone))
                }
                ("replace_range", Some((from, to)), Some(Some(with))) => {
                    known.replace_range(from..to, &with);
                    (Text::known(&known), Value::Unit)
                }
                _ => (Text::hole(), Value::unknown()),
            }
        }
        _ => (Text::hole(), Value::unknown()),
    }
}
