//! viz's paths, as `Parser` in path-tree 0.8 reads them: `:name` and `:name?`, with more behind it in the same segment
//! from one of `-.~\\:` on; `*`, `+`, `:name*` and `:name+` for the rest.

/// A path in our spelling.
pub(super) fn spelled(written: &str) -> String {
    let mut out = String::with_capacity(written.len() + 4);
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        let after = rest.get(next.len_utf8()..).unwrap_or("");
        rest = match next {
            ':' => {
                let ends = ['-', '.', '~', '/', '\\', ':', '?', '+', '*', '{'];
                let (name, behind) = after.split_at(after.find(ends).unwrap_or(after.len()));
                let all = behind.strip_prefix(['+', '*']);
                out.push_str(if all.is_some() { "{*" } else { "{" });
                out.push_str(name);
                out.push('}');
                all.or_else(|| behind.strip_prefix('?')).unwrap_or(behind)
            }
            '*' | '+' => {
                out.push_str("{*rest}");
                after
            }
            '\\' => {
                let plain = after.chars().next();
                out.extend(plain);
                after.get(plain.map_or(0, char::len_utf8)..).unwrap_or("")
            }
            '{' => {
                // Our own spelling, of an unknown piece or of the rest.
                let end = after.find('}').map_or(after.len(), |end| end + 1);
                let (inside, behind) = after.split_at(end);
                out.push('{');
                out.push_str(inside);
                behind
            }
            plain => {
                out.push(plain);
                after
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn parameters_wherever_they_stand() {
        assert_eq!(spelled("/a/:id/:name?"), "/a/{id}/{name}");
        assert_eq!(
            spelled("/v:version/:from-:to/:file.json"),
            "/v{version}/{from}-{to}/{file}.json"
        );
        assert_eq!(spelled("/a/*"), "/a/{*rest}");
        assert_eq!(spelled("/a/:path+"), "/a/{*path}");
        assert_eq!(spelled(r"/a/\:b/{?}"), "/a/:b/{?}");
    }
}
