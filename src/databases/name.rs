//! Names as libraries write them, as SQL writes them.

/// A name as SQL writes it. Its case is left to fold: not every database keeps it, and a contract names tables as people
/// do.
pub(super) fn quoted(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// `PayRuns` as `pay_runs`, `HTTPServer2` as `http_server2`: as the `heck` crate does it.
pub(super) fn snake_case(name: &str) -> String {
    let name: Vec<char> = name.strip_prefix("r#").unwrap_or(name).chars().collect();
    let mut out = String::new();
    for (at, c) in name.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| name.get(at)).copied();
        let after = name.get(at + 1).copied();
        if *c == '_' {
            if !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase() && after.is_some_and(char::is_lowercase)
            });
        if starts && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out.trim_matches('_').to_owned()
}

/// The string that a literal stands for.
pub(super) fn literal(text: &str) -> Option<String> {
    let range = crate::syntax::token::whole(text);
    match crate::syntax::body::parse_expr(text, range).ok()?.kind {
        crate::syntax::tree::ExprKind::Lit(crate::syntax::tree::Lit::Str(text)) => {
            Some(text.to_string())
        }
        _ => None,
    }
}
