//! What methods of characters, and of bytes as characters, make of known ones.

use super::{method::Method, option::option, text_search::position, value::Value};
use crate::source::Place;

/// A method of a character or of a byte; `None` when it is none that is known here.
pub(super) fn character_method(value: &Value, method: &Method<'_>) -> Option<Value> {
    match value {
        Value::Char(one) => of_char(*one, method),
        Value::Int(byte) => of_byte(u8::try_from(*byte).ok()?, method),
        _ => None,
    }
}

/// What a function makes that gives characters; `None` where that is not known.
///
/// - `name`: `from`, `from_u32` or `from_digit`.
pub(super) fn made(name: &str, args: &[Value], at: Place) -> Option<Value> {
    let number = |position: usize| match args.get(position).map(Value::bare) {
        Some(Value::Int(number)) => u32::try_from(number).ok(),
        Some(Value::Char(one)) if name == "from" => Some(u32::from(one)),
        _ => None,
    };
    let first = number(0)?;
    Some(match name {
        "from" => Value::Char(char::from_u32(first)?),
        "from_u32" => option(char::from_u32(first).map(Value::Char), at),
        _ => {
            let radix = number(1).filter(|radix| (2..=36).contains(radix))?;
            option(char::from_digit(first, radix).map(Value::Char), at)
        }
    })
}

fn of_char(one: char, method: &Method<'_>) -> Option<Value> {
    let radix = || match method.args.first().map(Value::bare) {
        Some(Value::Int(radix @ 2..=36)) => u32::try_from(radix).ok(),
        _ => None,
    };
    Some(match method.name {
        "is_alphabetic" => Value::Bool(one.is_alphabetic()),
        "is_alphanumeric" => Value::Bool(one.is_alphanumeric()),
        "is_control" => Value::Bool(one.is_control()),
        "is_digit" => Value::Bool(one.is_digit(radix()?)),
        "is_lowercase" => Value::Bool(one.is_lowercase()),
        "is_numeric" => Value::Bool(one.is_numeric()),
        "is_uppercase" => Value::Bool(one.is_uppercase()),
        "is_whitespace" => Value::Bool(one.is_whitespace()),
        "len_utf8" => position(one.len_utf8()),
        "to_digit" => {
            option(one.to_digit(radix()?).map(|digit| Value::Int(digit.into())), method.at)
        }
        "to_lowercase" => Value::list(one.to_lowercase().map(Value::Char).collect()),
        "to_uppercase" => Value::list(one.to_uppercase().map(Value::Char).collect()),
        "to_ascii_lowercase" => Value::Char(one.to_ascii_lowercase()),
        "to_ascii_uppercase" => Value::Char(one.to_ascii_uppercase()),
        "is_ascii" => Value::Bool(one.is_ascii()),
        "eq_ignore_ascii_case" => match method.args.first()?.bare() {
            Value::Char(other) => Value::Bool(one.eq_ignore_ascii_case(&other)),
            _ => return None,
        },
        // Those that ask for a class of ASCII are the same for a byte; what is not ASCII is in none.
        name => {
            return match u8::try_from(one).ok().filter(u8::is_ascii) {
                Some(byte) => class(byte, name),
                None => class(b' ', name).map(|_| Value::Bool(false)),
            };
        }
    })
}

fn of_byte(byte: u8, method: &Method<'_>) -> Option<Value> {
    Some(match method.name {
        "to_ascii_lowercase" => Value::Int(byte.to_ascii_lowercase().into()),
        "to_ascii_uppercase" => Value::Int(byte.to_ascii_uppercase().into()),
        "is_ascii" => Value::Bool(byte.is_ascii()),
        name => return class(byte, name),
    })
}

/// Whether a byte is in a class of ASCII.
fn class(byte: u8, name: &str) -> Option<Value> {
    Some(Value::Bool(match name {
        "is_ascii_alphabetic" => byte.is_ascii_alphabetic(),
        "is_ascii_alphanumeric" => byte.is_ascii_alphanumeric(),
        "is_ascii_control" => byte.is_ascii_control(),
        "is_ascii_digit" => byte.is_ascii_digit(),
        "is_ascii_graphic" => byte.is_ascii_graphic(),
        "is_ascii_hexdigit" => byte.is_ascii_hexdigit(),
        "is_ascii_lowercase" => byte.is_ascii_lowercase(),
        "is_ascii_punctuation" => byte.is_ascii_punctuation(),
        "is_ascii_uppercase" => byte.is_ascii_uppercase(),
        "is_ascii_whitespace" => byte.is_ascii_whitespace(),
        _ => return None,
    }))
}
