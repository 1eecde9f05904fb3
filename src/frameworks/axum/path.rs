//! axum's paths: of 0.7 and before, `:name` and `*name` as matchit 0.7 reads them; of 0.8, `{name}` and `{*name}`.

use crate::evaluate::{
    Evaluator,
    text::{Piece, Text},
    value::Value,
};

/// A path that a router is given.
pub(super) fn path_text(evaluator: &Evaluator<'_>, value: Option<&Value>) -> Text {
    as_read(evaluator, value.and_then(Value::text).unwrap_or_else(Text::hole))
}

/// A path as the axum reads it that the package depends on.
pub(super) fn as_read(evaluator: &Evaluator<'_>, text: Text) -> Text {
    if has_colons(evaluator, &text) { text.map(with_braces) } else { text }
}

/// Whether a colon begins a parameter wherever it stands: of 0.8 it is one like others, and refused as the first of a
/// segment.
fn has_colons(evaluator: &Evaluator<'_>, path: &Text) -> bool {
    let shown = path.shown("{?}");
    shown.contains(':')
        && evaluator.release_of("axum").map_or_else(
            || shown.split('/').any(|segment| segment.starts_with([':', '*'])),
            |release| release < (0, 8),
        )
}

/// `v:version` is `v` and a parameter up to the next slash: `find_wildcard` in matchit 0.7.
fn with_braces(written: &str) -> String {
    let segments = written.split('/').map(|segment| match segment.split_once(':') {
        Some((before, name)) if !before.is_empty() => format!("{before}{{{name}}}"),
        _ => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What is below a path that something is nested at. A slash at its end is the one before the rest: axum 0.8 writes the
/// route of `nest_service` so, and 0.6 and 0.7 do too.
pub(super) fn with_rest(path: &Text) -> Text {
    let slashed =
        matches!(path.pieces().last(), Some(Piece::Known(text, _)) if text.ends_with('/'));
    path.then(&Text::known(if slashed { "{*rest}" } else { "/{*rest}" }))
}

#[cfg(test)]
mod tests {
    use super::with_braces;

    #[test]
    fn a_colon_begins_a_parameter_wherever_it_stands() {
        assert_eq!(with_braces("/a/:b/v:c/d"), "/a/:b/v{c}/d");
        assert_eq!(with_braces("/a/*rest"), "/a/*rest");
    }
}
