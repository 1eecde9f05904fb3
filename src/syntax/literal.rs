//! The string literals of a text, wherever they stand: in bodies and in the arguments of macros too.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::token::{TextStart, Tokens, whole};

/// The values of all string literals on one line, in the order they stand; those in comments are none.
pub fn strings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for token in Tokens::new(text, whole(text), TextStart::File) {
        let TokenKind::Literal { kind, .. } = token.kind else { continue };
        if !matches!(kind, LiteralKind::Str { .. } | LiteralKind::RawStr { .. }) {
            continue;
        }
        let written = token.span.of(text);
        if written.starts_with('"') && !written.contains('\\') {
            found.extend(written.trim_matches('"').lines().next().map(str::to_owned));
        } else if let Ok(literal) = syn::parse_str::<syn::LitStr>(written) {
            found.push(literal.value());
        }
    }
    super::forget_spans();
    found
}

/// The value of a string literal that is written so between its quotes.
pub fn value(inside: &str) -> Option<String> {
    let read = syn::parse_str::<syn::LitStr>(&format!("\"{inside}\""));
    super::forget_spans();
    read.ok().map(|literal| literal.value())
}

/// The text of one string, byte string or C string literal; escapes that are none stay as written.
pub fn text(kind: LiteralKind, written: &str) -> Option<String> {
    let (_, inside) = written.split_once('"')?;
    match kind {
        LiteralKind::RawStr { .. }
        | LiteralKind::RawByteStr { .. }
        | LiteralKind::RawCStr { .. } => {
            Some(inside.trim_end_matches('#').trim_end_matches('"').to_owned())
        }
        LiteralKind::Str { .. } | LiteralKind::ByteStr { .. } | LiteralKind::CStr { .. } => {
            let inside = inside.strip_suffix('"').unwrap_or(inside);
            if !inside.contains('\\') {
                return Some(inside.to_owned());
            }
            Some(value(inside).unwrap_or_else(|| inside.to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn values_are_read() {
        let text = r##"//! "a"
            const A: &str = "b\\c"; fn f() { m!(r#"d"#, b"e", 'f', "g.sql", "") }"##;
        assert_eq!(strings(text), ["b\\c", "d", "g.sql"]);
    }
}
