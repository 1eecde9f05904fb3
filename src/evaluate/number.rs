//! Numbers and characters: what casts, operators and ranges make of known ones.

use super::{Evaluator, method::Method, pattern::Fit, value::Value};
use crate::{
    link::types::Ty,
    syntax::tree::{Pat, TypeRef},
};

/// How many numbers or characters a range is followed for.
const LONGEST_RANGE: i128 = 1024;

impl Evaluator<'_> {
    /// `value as ty`.
    pub(super) fn cast(&mut self, value: &Value, ty: &TypeRef) -> Value {
        let ty = self.type_of_ref(ty);
        self.each_way(value, &mut |e, value| {
            let number = e.number_of_variant(value).map(Value::Int);
            cast(number.as_ref().unwrap_or(value), &ty).unwrap_or_else(|| value.clone())
        })
    }

    /// Whether a value is in the range of a pattern.
    pub(super) fn fits_range(
        &mut self,
        from: Option<&Pat>,
        to: Option<&Pat>,
        inclusive: bool,
        value: &Value,
    ) -> Fit {
        let Some(number) = ordinal(value) else { return Fit::Perhaps };
        let above = from.map(|from| self.bound(from).map(|from| number >= from));
        let below = to
            .map(|to| self.bound(to).map(|to| if inclusive { number <= to } else { number < to }));
        match (above.unwrap_or(Some(true)), below.unwrap_or(Some(true))) {
            (Some(false), _) | (_, Some(false)) => Fit::Never,
            (Some(true), Some(true)) => Fit::Always,
            _ => Fit::Perhaps,
        }
    }

    /// The number that bounds the range of a pattern: a literal or a constant.
    fn bound(&mut self, pat: &Pat) -> Option<i128> {
        let value = match pat {
            Pat::Lit(crate::syntax::tree::Lit::Int(n)) => return Some(n.get()),
            Pat::Lit(crate::syntax::tree::Lit::Char(c)) => return Some(i128::from(u32::from(*c))),
            Pat::Path(path) => self.path_value(path),
            _ => return None,
        };
        ordinal(&value.bare())
    }
}

/// What orders a number or a character.
fn ordinal(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(*n),
        Value::Char(c) => Some(i128::from(u32::from(*c))),
        _ => None,
    }
}

/// `value as ty` where that changes what is known of it.
fn cast(value: &Value, ty: &Ty) -> Option<Value> {
    let Ty::Primitive(name) = ty else { return None };
    let number = match value.bare() {
        Value::Int(n) => n,
        Value::Char(c) => i128::from(u32::from(c)),
        Value::Bool(b) => i128::from(b),
        Value::Object(_) | Value::Unknown(_) | Value::Str(_) => {
            return Some(Value::Unknown(ty.clone()));
        }
        _ => return None,
    };
    if name == "char" {
        return Some(match u32::try_from(number).ok().and_then(char::from_u32) {
            Some(c) => Value::Char(c),
            None => Value::Unknown(ty.clone()),
        });
    }
    Some(match width(name) {
        Some((bits, signed)) => Value::Int(wrapped(number, bits, signed)),
        None => Value::Unknown(ty.clone()),
    })
}

/// Whether a primitive type is one of integers.
pub(super) fn is_integer(name: &str) -> bool {
    width(name).is_some()
}

/// How many bits an integer type has, and whether it is signed; that of pointers is taken for 64.
fn width(name: &str) -> Option<(u32, bool)> {
    let (signed, bits) = match name.split_at_checked(1)? {
        ("u", bits) => (false, bits),
        ("i", bits) => (true, bits),
        _ => return None,
    };
    match bits {
        "size" => Some((64, signed)),
        "8" | "16" | "32" | "64" | "128" => Some((bits.parse().ok()?, signed)),
        _ => None,
    }
}

/// Whether an integer type holds `number`; `None` for one that is wider than what is followed, and any other type.
pub(super) fn fits(number: i128, name: &str) -> Option<bool> {
    let (bits, signed) = width(name)?;
    if bits >= 128 {
        return if signed {
            Some(true)
        } else if number < 0 {
            Some(false)
        } else {
            Some(true)
        };
    }
    // Pointers may be narrower.
    let is_sure = !name.ends_with("size") || wrapped(number, 16, signed) == number;
    let fits = wrapped(number, bits, signed) == number;
    (is_sure || !fits).then_some(fits)
}

/// `number` as an integer type holds it.
fn wrapped(number: i128, bits: u32, signed: bool) -> i128 {
    if bits >= 128 {
        return number;
    }
    let size = 1_i128 << bits;
    let low = number.rem_euclid(size);
    if signed && low >= size / 2 { low - size } else { low }
}

/// `x op y` of two integers, whose type is not known.
pub(super) fn of_integers(op: &str, x: i128, y: i128) -> Option<Value> {
    let by = || u32::try_from(y).ok().filter(|by| *by < 127);
    Some(match op {
        "+" => Value::Int(x.wrapping_add(y)),
        "-" => Value::Int(x.wrapping_sub(y)),
        "*" => Value::Int(x.wrapping_mul(y)),
        "/" => Value::Int(x.checked_div(y)?),
        "%" => Value::Int(x.checked_rem(y)?),
        "&" => Value::Int(x & y),
        "|" => Value::Int(x | y),
        "^" => Value::Int(x ^ y),
        // What is shifted out of a small type is lost: known is what fits into the smallest, and a single bit.
        "<<" => {
            let made = x.checked_mul(1_i128.checked_shl(by()?)?)?;
            let is_bit = x == 1 && (y + 1) % 8 != 0;
            return (is_bit || (0..=127).contains(&made)).then_some(Value::Int(made));
        }
        ">>" => Value::Int(x >> by()?),
        op => return ordered(op, &x, &y),
    })
}

/// A method of an integer, whose type is not known; `None` when it is none that is the same for all types.
pub(super) fn integer_method(value: &Value, method: &Method<'_>) -> Option<Value> {
    let Value::Int(x) = value else { return None };
    let numbers = method.args.iter().map(|arg| match arg.bare() {
        Value::Int(y) => Some(y),
        _ => None,
    });
    let numbers: Vec<i128> = numbers.collect::<Option<_>>()?;
    Some(Value::Int(match (method.name, numbers.as_slice()) {
        ("abs" | "unsigned_abs", []) => x.checked_abs()?,
        ("abs_diff", [y]) => x.checked_sub(*y)?.checked_abs()?,
        ("clamp", [low, high]) if low <= high => *x.clamp(low, high),
        ("max", [y]) => *x.max(y),
        ("min", [y]) => *x.min(y),
        // What does not fit into its type panics.
        ("pow", [y]) => x.checked_pow(u32::try_from(*y).ok()?)?,
        ("rem_euclid", [y]) => x.checked_rem_euclid(*y)?,
        ("div_euclid", [y]) => x.checked_div_euclid(*y)?,
        ("saturating_add" | "wrapping_add", [y]) => of_any_type(x.checked_add(*y)?)?,
        ("saturating_sub" | "wrapping_sub", [y]) => of_any_type(x.checked_sub(*y)?)?,
        ("saturating_mul" | "wrapping_mul", [y]) => of_any_type(x.checked_mul(*y)?)?,
        _ => return None,
    }))
}

/// A number that every integer type holds.
fn of_any_type(number: i128) -> Option<i128> {
    (0..=127).contains(&number).then_some(number)
}

/// `x op y` of two conditions.
pub(super) fn of_conditions(op: &str, x: bool, y: bool) -> Option<Value> {
    Some(Value::Bool(match op {
        "&" => x & y,
        "|" => x | y,
        "^" | "!=" => x != y,
        "==" => x == y,
        _ => return None,
    }))
}

/// A comparison.
pub(super) fn ordered<T: Ord>(op: &str, x: &T, y: &T) -> Option<Value> {
    Some(Value::Bool(match op {
        "==" => x == y,
        "!=" => x != y,
        "<" => x < y,
        ">" => x > y,
        "<=" => x <= y,
        ">=" => x >= y,
        _ => return None,
    }))
}

/// The elements of a range whose ends are known, unless they are too many.
pub(super) fn range(start: &Value, end: &Value, inclusive: bool) -> Option<Value> {
    let (first, last) = (ordinal(start)?, ordinal(end)?);
    if last.saturating_sub(first) > LONGEST_RANGE {
        return None;
    }
    let last = if inclusive { last } else { last - 1 };
    let each = (first..=last).map(|n| match start {
        Value::Char(_) => u32::try_from(n).ok().and_then(char::from_u32).map(Value::Char),
        _ => Some(Value::Int(n)),
    });
    Some(Value::list(each.flatten().collect()))
}

#[cfg(test)]
mod tests {
    use super::{of_integers, wrapped};
    use crate::evaluate::value::Value;

    #[test]
    fn integers_wrap_as_their_type_does() {
        assert_eq!(wrapped(300, 8, false), 44);
        assert_eq!(wrapped(-1, 8, false), 255);
        assert_eq!(wrapped(200, 8, true), -56);
        assert_eq!(wrapped(-1, 64, false), i128::from(u64::MAX));
    }

    #[test]
    fn what_may_be_shifted_out_is_not_known() {
        assert!(matches!(of_integers("<<", 1, 10), Some(Value::Int(1024))));
        assert!(matches!(of_integers("<<", 3, 2), Some(Value::Int(12))));
        assert!(of_integers("<<", 0xf0, 4).is_none());
        assert!(of_integers("/", 1, 0).is_none());
    }
}
