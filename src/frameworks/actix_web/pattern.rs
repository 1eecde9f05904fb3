//! Path patterns: `{id:\d+}`, `{tail:.*}`, `{tail}*`.

/// A pattern in our spelling: a parameter is `{name}`, one whose expression can match a slash is `{*name}`.
pub(super) fn in_our_spelling(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let Some(end) = closing(from) else {
            out.push('{');
            rest = from;
            continue;
        };
        let inside = from.get(..end).unwrap_or("");
        rest = from.get(end + 1..).unwrap_or("");
        let (name, expression) = match inside.split_once(':') {
            Some((name, expression)) => (name, Some(expression)),
            None => (inside, None),
        };
        let tail = rest == "*";
        if tail {
            rest = "";
        }
        let many = tail || expression.is_some_and(spans_slashes);
        out.push_str(if many { "{*" } else { "{" });
        out.push_str(name);
        out.push('}');
    }
    match rest.strip_suffix('*') {
        Some(before) => {
            out.push_str(before);
            out.push_str("{*rest}");
        }
        None => out.push_str(rest),
    }
    out
}

/// Where the brace that was opened before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1u32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether a regular expression may match a text with a slash in it.
fn spans_slashes(expression: &str) -> bool {
    let mut chars = expression.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '.' | '/' => return true,
            '\\' => {
                if let Some('D' | 'W' | 'S' | 'P' | '/') = chars.next() {
                    return true;
                }
            }
            '[' if class_holds_slash(&mut chars) => return true,
            _ => {}
        }
    }
    false
}

/// Whether a class of characters, read from after its bracket, has the slash in it.
fn class_holds_slash(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut named = false;
    let mut nested = 0u32;
    let mut before = None;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let escaped = chars.next();
                named |= matches!(escaped, Some('/' | 'D' | 'W' | 'S' | 'P'));
            }
            '[' => nested += 1,
            ']' if nested > 0 => nested -= 1,
            ']' if before.is_some() => break,
            '-' => {
                let end = chars.peek().copied().filter(|end| *end != ']');
                named |= before.zip(end).is_some_and(|(from, to)| (from..=to).contains(&'/'));
            }
            c => named |= c == '/',
        }
        before = Some(c);
    }
    negated != named
}

#[cfg(test)]
mod tests {
    use super::in_our_spelling;

    #[test]
    fn parameters_lose_their_expressions() {
        for (written, ours) in [
            ("/users/{id}", "/users/{id}"),
            (r"/page-{id:\d+}", "/page-{id}"),
            ("/{id:[[:digit:]]{6}}/x", "/{id}/x"),
            ("/{id:[0-9a-f]{8}-[0-9a-f]{4}}", "/{id}"),
            ("/{kind:payments|runs}", "/{kind}"),
            ("/{file:[^/]+}.json", "/{file}.json"),
            ("/{tail:.*}", "/{*tail}"),
            ("/{tail}*", "/{*tail}"),
            ("/{path:[^{}]+}", "/{*path}"),
            ("/{path:[+-9]+}", "/{*path}"),
            ("/{name:[a-z_-]+}", "/{name}"),
            ("/{a:x/y}", "/{*a}"),
            ("/{_:.*}", "/{*_}"),
            ("/{?}/x", "/{?}/x"),
            ("/static/*", "/static/{*rest}"),
        ] {
            assert_eq!(in_our_spelling(written), ours, "{written}");
        }
    }
}
