//! Format specifications: `{:>08}`, `{:?}`, `{:1$}`, as far as the value is known.

use super::{text::Text, value::Value};

/// What `{:spec}` makes of a value; an unknown text where either is not known.
///
/// - `argument`: the value of an argument by name or position, for `1$`.
pub(super) fn with_spec(
    value: &Value,
    spec: &str,
    argument: impl Fn(&str) -> Option<Value>,
) -> Value {
    let text = padded(value, spec, argument);
    Value::Str(text.map_or_else(Text::hole, |text| Text::known(&text)))
}

fn padded(value: &Value, spec: &str, argument: impl Fn(&str) -> Option<Value>) -> Option<String> {
    let chars: Vec<char> = spec.trim().chars().collect();
    let align = |at: usize| chars.get(at).copied().filter(|c| matches!(c, '<' | '^' | '>'));
    let (fill, side, mut at) = match (align(1), align(0)) {
        (Some(side), _) => (chars.first().copied()?, Some(side), 2),
        (None, Some(side)) => (' ', Some(side), 1),
        _ => (' ', None, 0),
    };
    let rest: String = chars.get(at..)?.iter().collect();
    at = 0;
    let number = value.bare();
    let is_number = matches!(number, Value::Int(_));
    let zero = rest.starts_with('0') && !rest.starts_with("0$");
    at += usize::from(zero);
    let rest = rest.get(at..)?;
    let kind = rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '$' | '_'));
    let (width, kind) = if let Some(end) = rest.find('$') {
        let Value::Int(width) = argument(rest.get(..end)?)?.bare() else { return None };
        (usize::try_from(width).ok()?, rest.get(end + 1..)?)
    } else {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let width = rest.get(..digits)?;
        let width = if width.is_empty() { 0 } else { width.parse().ok()? };
        (width, if kind.is_empty() { rest.get(digits..)? } else { kind })
    };
    let text = match (kind, number) {
        ("" | "?", Value::Int(n)) => n.to_string(),
        ("x", Value::Int(n)) => format!("{n:x}"),
        ("X", Value::Int(n)) => format!("{n:X}"),
        ("", value) => value.text()?.exact()?,
        ("?", Value::Str(text)) => format!("{:?}", text.exact()?),
        _ => return None,
    };
    let missing = width.saturating_sub(text.chars().count());
    let (fill, side) = if zero && is_number {
        ('0', '>')
    } else {
        (fill, side.unwrap_or(if is_number { '>' } else { '<' }))
    };
    let before = match side {
        '<' => 0,
        '^' => missing / 2,
        _ => missing,
    };
    let fill = |count: usize| String::from(fill).repeat(count.min(256));
    Some(fill(before) + &text + &fill(missing - before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_padded_as_std_does() {
        let shown = |value: Value, spec: &str| {
            padded(&value, spec, |name| (name == "w").then_some(Value::Int(4)))
        };
        let text = || Value::Str(Text::known("ab"));
        assert_eq!(shown(Value::Int(7), "02").as_deref(), Some("07"));
        assert_eq!(shown(Value::Int(7), "0>w$").as_deref(), Some("0007"));
        assert_eq!(shown(Value::Int(255), "x").as_deref(), Some("ff"));
        assert_eq!(shown(text(), "5").as_deref(), Some("ab   "));
        assert_eq!(shown(text(), "-^5").as_deref(), Some("-ab--"));
        assert_eq!(shown(text(), "?").as_deref(), Some("\"ab\""));
        assert_eq!(shown(text(), ".1"), None);
        assert_eq!(shown(Value::unknown(), ""), None);
    }
}
