//! poem's paths: `:name`, `:name<regex>`, `<regex>`, `*name` and `*`.

/// A path in our spelling; slashes that follow one another are one.
pub fn spelled(written: &str) -> String {
    let mut out = String::with_capacity(written.len() + 4);
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        let after = rest.get(next.len_utf8()..).unwrap_or("");
        rest = match next {
            ':' => {
                let end = after.find(['/', '<', '*']).unwrap_or(after.len());
                let (name, mut after) = after.split_at(end);
                if let Some((_, behind)) =
                    after.strip_prefix('<').and_then(|regex| regex.split_once('>'))
                {
                    after = behind;
                }
                out.push_str(&["{", name, "}"].concat());
                after
            }
            '<' => {
                let behind = after.split_once('>').map_or("", |(_, behind)| behind);
                out.push_str("{pattern}");
                behind
            }
            '*' => {
                let name = if after.is_empty() { "rest" } else { after };
                out.push_str(&["{*", name, "}"].concat());
                ""
            }
            '{' => {
                // Our own spelling, of an unknown piece or of the rest.
                let end = after.find('}').map_or(after.len(), |end| end + 1);
                let (inside, behind) = after.split_at(end);
                out.push('{');
                out.push_str(inside);
                behind
            }
            '/' if out.ends_with('/') => after,
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
    fn parameters_regexes_and_the_rest() {
        assert_eq!(spelled("/a/:id/b"), "/a/{id}/b");
        assert_eq!(spelled(r"/a/:id<\d+>/b"), "/a/{id}/b");
        assert_eq!(spelled(r"/a/<\d{2}>"), "/a/{pattern}");
        assert_eq!(spelled("a//*path"), "a/{*path}");
        assert_eq!(spelled("/{?}/*"), "/{?}/{*rest}");
    }
}
