//! salvo's paths: `{id}`, `{id:num}`, `{id|regex}`, `{*rest}`, `{**rest}`, and `<…>` for all of them before 0.76.

/// A path in our spelling.
pub(super) fn spelled(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        let after = rest.get(next.len_utf8()..).unwrap_or("");
        let close = match next {
            '{' if after.starts_with('{') => {
                out.push_str("{{");
                rest = after.get(1..).unwrap_or("");
                continue;
            }
            '{' => '}',
            '<' => '>',
            '/' if out.ends_with('/') => {
                rest = after;
                continue;
            }
            plain => {
                out.push(plain);
                rest = after;
                continue;
            }
        };
        let end = end_of(after, next, close);
        let (inside, behind) = after.split_at(end);
        out.push_str(&parameter(inside));
        rest = behind.strip_prefix(close).unwrap_or(behind);
    }
    out
}

/// Where the parameter ends that `text` begins with: its regex may hold brackets of the same kind.
fn end_of(text: &str, open: char, close: char) -> usize {
    let mut depth = 0_u32;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == close && !escaped {
            if depth == 0 {
                return at;
            }
            depth -= 1;
        } else if c == open && !escaped {
            depth += 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

fn parameter(inside: &str) -> String {
    let name = inside.split([':', '|']).next().unwrap_or("").trim();
    if let Some(rest) = name.strip_prefix('*') {
        let rest = rest.trim_start_matches(['*', '+', '?']);
        return format!("{{*{}}}", if rest.is_empty() { "rest" } else { rest });
    }
    let name = if name.is_empty() { "pattern" } else { name };
    format!("{{{name}}}")
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn parameters_of_every_spelling() {
        assert_eq!(spelled("users/{id}/x"), "users/{id}/x");
        assert_eq!(spelled("users/<id>"), "users/{id}");
        assert_eq!(spelled("a/{id:num(3..8)}.json"), "a/{id}.json");
        assert_eq!(spelled(r"a/{id|[0-9a-f]{8}}/b"), "a/{id}/b");
        assert_eq!(spelled("files/{**rest}"), "files/{*rest}");
        assert_eq!(spelled("files/{*+path}"), "files/{*path}");
        assert_eq!(spelled("files/<*>"), "files/{*rest}");
        assert_eq!(spelled("a//{?}"), "a/{?}");
    }
}
