//! Recursion over what is known: whether a call within itself comes to an end.

use super::value::Value;

/// What tells a recursion that comes to an end: its known numbers, and how much known text and how many known elements
/// are left. Nothing where none is given.
pub(super) fn known_size(args: &[Value]) -> Option<Size> {
    let mut size = Size { numbers: Vec::new(), left: 0 };
    let mut any = false;
    for arg in args {
        match arg.bare() {
            Value::Int(n) => size.numbers.push(n),
            Value::Str(text) => match text.exact() {
                Some(text) => size.left += text.len(),
                None => continue,
            },
            Value::List(list) if !list.open => size.left += list.items.len(),
            _ => continue,
        }
        any = true;
    }
    any.then_some(size)
}

/// What is known of the arguments of a call that may call itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Size {
    numbers: Vec<i128>,
    left: usize,
}

impl Size {
    /// Whether a call within one of size `outer` goes on towards an end: it counts, or less is left.
    pub(super) fn goes_on(&self, outer: &Self) -> bool {
        self.numbers != outer.numbers || self.left < outer.left
    }
}
