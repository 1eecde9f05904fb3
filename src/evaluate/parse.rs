//! `text.parse::<T>()` and `from_utf8`: what comes of a text or of bytes, and where that may fail.
//!
//! What a type of `std` makes of a text that is known is known; a type of the tree has code of its own for it. Of all
//! else it is not known that it succeeds. Where it does, the text is the value: `"POST".parse::<Method>()`.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    rc::Rc,
    str::FromStr as _,
};

use super::{
    Evaluator,
    branch::Eval,
    method::Method,
    number::fits,
    option::perhaps,
    text::Text,
    value::{FnValue, Value},
};
use crate::{
    link::{Target, types::Ty},
    source::Place,
};

const OK: &str = "std::result::Result::Ok";
const ERR: &str = "std::result::Result::Err";
/// What makes a value of a text.
const FROM_STR: &str = "std::str::FromStr";

/// What a text is as a value of some type.
enum Parsed {
    Known(Value),
    Never,
    /// It may be one, and is this if so.
    Perhaps(Value),
}

impl Evaluator<'_> {
    /// `text.parse()`.
    pub(super) fn parsed(&mut self, text: &Text, method: &Method<'_>) -> Eval {
        let at = method.at;
        let into = method.generics.first().filter(|ty| **ty != Ty::Unknown);
        if let Some(own) = into.and_then(|ty| self.parser_of(ty)) {
            return self.call(&own, vec![Value::Str(text.clone())], at);
        }
        let found = match (into, text.exact()) {
            (Some(Ty::Primitive(name)), Some(text)) => as_primitive(&text, name),
            (Some(ty @ (Ty::Primitive(_) | Ty::Def(..))), _) => {
                Parsed::Perhaps(Value::Unknown(ty.clone()))
            }
            (Some(Ty::External(path, _)), Some(known)) => {
                let is = is_certain(path.rsplit(':').next().unwrap_or(path), &known);
                let value = Value::Str(text.clone());
                match is {
                    Some(true) => Parsed::Known(value),
                    Some(false) => Parsed::Never,
                    None => Parsed::Perhaps(value),
                }
            }
            (None, Some(known)) => {
                Parsed::Perhaps(known.parse().map_or_else(|_| Value::Str(text.clone()), Value::Int))
            }
            _ => Parsed::Perhaps(Value::Str(text.clone())),
        };
        let ok = |value| Value::term(OK, Some(vec![value]), at);
        Ok(match found {
            Parsed::Known(value) => ok(value),
            Parsed::Perhaps(value) => perhaps(ok(value)),
            Parsed::Never => Value::term(ERR, Some(vec![Value::unknown()]), at),
        })
    }

    /// The function of the tree that makes a value of type `ty` of a text.
    fn parser_of(&self, ty: &Ty) -> Option<Value> {
        let Ty::Def(..) = ty else { return None };
        let mut all = self.program.assoc_of(&ty.head()?, "from_str");
        all.retain(|id| {
            let of = self.program.def(*id).parent.and_then(|parent| self.program.trait_of(parent));
            matches!(of, Some(Target::External(path)) if &*path == FROM_STR)
        });
        let [def] = all.as_slice() else { return None };
        let own = FnValue { def: *def, self_ty: Some(ty.clone()), generics: Vec::new() };
        Some(Value::Fn(Rc::new(own)))
    }
}

/// `from_utf8(bytes)`.
pub(super) fn from_utf8(bytes: Option<Value>, at: Place) -> Value {
    let known = bytes.as_ref().and_then(Value::text).and_then(|text| text.exact());
    // That sign stands for bytes that are none.
    let is_text = known.is_some_and(|text| !text.contains(char::REPLACEMENT_CHARACTER));
    let made = Value::term(OK, Some(bytes.into_iter().collect()), at);
    if is_text { made } else { perhaps(made) }
}

/// A text as a number, truth value or character.
fn as_primitive(text: &str, name: &str) -> Parsed {
    let known = |value: Option<Value>| value.map_or(Parsed::Never, Parsed::Known);
    match name {
        "bool" => known(text.parse().ok().map(Value::Bool)),
        "char" => known(text.parse().ok().map(Value::Char)),
        // Numbers that are not whole are not followed.
        "f32" | "f64" => known(text.parse::<f64>().is_ok().then(|| Value::Str(Text::known(text)))),
        name => match text.parse::<i128>() {
            Ok(number) => match fits(number, name) {
                Some(true) => Parsed::Known(Value::Int(number)),
                Some(false) => Parsed::Never,
                None => Parsed::Perhaps(Value::Int(number)),
            },
            Err(_) if fits(0, name).is_some() && text.parse::<u128>().is_err() => Parsed::Never,
            Err(_) => Parsed::Perhaps(Value::unknown()),
        },
    }
}

/// Whether a text is a value of a type outside the tree, where that is known.
fn is_certain(name: &str, text: &str) -> Option<bool> {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c))
    };
    match name {
        "String" | "PathBuf" | "OsString" => Some(true),
        "IpAddr" => Some(IpAddr::from_str(text).is_ok()),
        "Ipv4Addr" => Some(Ipv4Addr::from_str(text).is_ok()),
        "Ipv6Addr" => Some(Ipv6Addr::from_str(text).is_ok()),
        "SocketAddr" => Some(SocketAddr::from_str(text).is_ok()),
        "Method" | "HeaderName" | "HeaderValue" => is_word(text).then_some(true),
        "Uri" | "PathAndQuery" => {
            let rest = text.strip_prefix('/')?;
            rest.split('/').all(|part| part.is_empty() || is_word(part)).then_some(true)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_wide_as_their_types() {
        let is = |text: &str, name: &str| match as_primitive(text, name) {
            Parsed::Known(_) => Some(true),
            Parsed::Never => Some(false),
            Parsed::Perhaps(_) => None,
        };
        assert_eq!(is("255", "u8"), Some(true));
        assert_eq!(is("256", "u8"), Some(false));
        assert_eq!(is("-1", "u8"), Some(false));
        assert_eq!(is("-128", "i8"), Some(true));
        assert_eq!(is("+7", "usize"), Some(true));
        assert_eq!(is(" 7", "u64"), Some(false));
        assert_eq!(is("2.1", "u32"), Some(false));
        assert_eq!(is("2.1", "f32"), Some(true));
        assert_eq!(is("true", "bool"), Some(true));
        assert_eq!(is("yes", "bool"), Some(false));
        assert_eq!(is("ab", "char"), Some(false));
        assert_eq!(is("340282366920938463463374607431768211455", "u128"), None);
    }
}
