//! Path patterns as the contract writes them: literals, `*` or `{name}` for one segment, `**` last for any number.
//!
//! A pattern becomes the [`RoutePath`] that serves exactly what it matches; comparing sets is [`super::path`]'s affair.

use super::mistake::Mistakes;
use super::path::RoutePath;
use super::section::Entry;
use crate::source::Span;

/// A path pattern of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    path: RoutePath,
}

impl Pattern {
    /// Whether every path that `route` serves matches, as it is written or as a request may be.
    pub fn covers(&self, route: &RoutePath) -> bool {
        self.path.covers(route) || route.folded().is_some_and(|route| self.path.covers(&route))
    }

    /// Whether some path that `route` serves matches, as it is written or as a request may be.
    pub fn overlaps(&self, route: &RoutePath) -> bool {
        self.path.overlaps(route) || route.folded().is_some_and(|route| self.path.overlaps(&route))
    }

    /// The set of paths that match.
    pub fn path(&self) -> &RoutePath {
        &self.path
    }

    /// Reads a pattern of the contract.
    pub(super) fn read(entry: &Entry<String>, mistakes: &mut Mistakes) -> Option<Self> {
        match compile(&entry.value).map(|path| path.folded().unwrap_or(path)) {
            Ok(path) => Some(Self { text: entry.value.clone(), span: entry.span, path }),
            Err((message, help)) => {
                mistakes.add(
                    entry.span,
                    format!("`{}` is not a path pattern: {message}", entry.value),
                    "here",
                    help,
                );
                None
            }
        }
    }
}

/// The path whose set is that of the pattern; otherwise what is wrong and how to mend it.
pub(super) fn compile(text: &str) -> Result<RoutePath, (String, String)> {
    let Some(inner) = text.strip_prefix('/') else {
        let help = if text.is_empty() {
            "write `/**` for every path".to_owned()
        } else {
            format!("write `/{text}`")
        };
        return Err(("it does not begin with `/`".to_owned(), help));
    };
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(("there is a space in it".to_owned(), "remove it".to_owned()));
    }
    let segments: Vec<&str> = inner.trim_end_matches('/').split('/').collect();
    let mut compiled = String::new();
    for (at, segment) in segments.iter().enumerate() {
        compiled.push('/');
        match *segment {
            "" if segments.len() > 1 => {
                return Err(("a segment is empty".to_owned(), "write one `/`".to_owned()));
            }
            "*" => compiled.push_str("{}"),
            "**" if at + 1 == segments.len() => compiled.push_str("{*}"),
            "**" => {
                return Err((
                    "`**` is not last".to_owned(),
                    "write `*` for one segment".to_owned(),
                ));
            }
            _ => {
                check_segment(segment)?;
                if segment.starts_with("{*") && at + 1 < segments.len() {
                    return Err((
                        "a wildcard is not last".to_owned(),
                        "write `*` for one segment".to_owned(),
                    ));
                }
                compiled.push_str(segment);
            }
        }
    }
    Ok(RoutePath::parse(&compiled))
}

/// Refuses what only looks like a parameter.
fn check_segment(segment: &str) -> Result<(), (String, String)> {
    if let Some(name) = segment.strip_prefix(':').filter(|name| !name.is_empty()) {
        return Err(("parameters are written in braces".to_owned(), format!("write `{{{name}}}`")));
    }
    if let Some(name) = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        let name =
            name.strip_suffix("..").map_or_else(|| name.to_owned(), |name| format!("*{name}"));
        return Err(("parameters are written in braces".to_owned(), format!("write `{{{name}}}`")));
    }
    let mut rest = segment.replace("{{", "").replace("}}", "");
    while let Some((before, after)) = rest.split_once('{') {
        refuse_star(before)?;
        let Some((name, after)) = after.split_once('}') else { return Err(unbalanced()) };
        let plain = name.strip_prefix('*').unwrap_or(name);
        if let Some((name, _)) = plain.split_once(':') {
            return Err(("a parameter has a name only".to_owned(), format!("write `{{{name}}}`")));
        }
        if plain.contains(['{', '?', '*']) {
            return Err((
                format!("`{name}` cannot name a parameter"),
                "write it like `{id}`".to_owned(),
            ));
        }
        if name.starts_with('*') && (!before.is_empty() || !after.is_empty()) {
            return Err((
                "a wildcard takes whole segments".to_owned(),
                "write `**` as the last segment".to_owned(),
            ));
        }
        rest = after.to_owned();
    }
    if rest.contains('}') {
        return Err(unbalanced());
    }
    refuse_star(&rest)
}

fn refuse_star(text: &str) -> Result<(), (String, String)> {
    if text.contains('*') {
        return Err((
            "`*` takes a whole segment".to_owned(),
            "write `{name}` for a part of one".to_owned(),
        ));
    }
    Ok(())
}

fn unbalanced() -> (String, String) {
    (
        "a brace has no partner".to_owned(),
        "write `{name}` for a parameter, `{{` for a brace".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, route: &str) -> (bool, bool) {
        let entry = Entry { value: pattern.to_owned(), span: Span::default() };
        let pattern = Pattern::read(&entry, &mut Mistakes::default()).unwrap();
        let route = RoutePath::parse(route);
        (pattern.covers(&route), pattern.overlaps(&route))
    }

    #[test]
    fn stars_take_segments() {
        assert_eq!(check("/api/payroll/**", "/api/payroll"), (true, true));
        assert_eq!(check("/api/payroll/**", "/api/payroll/runs/{id}"), (true, true));
        assert_eq!(check("/api/payroll/**", "/api/payroll-export"), (false, false));
        assert_eq!(check("/api/*", "/api/{kind}"), (true, true));
        assert_eq!(check("/api/*", "/api/x/"), (true, true));
        assert_eq!(check("/api/*/", "/api/x"), (true, true));
        assert_eq!(check("/api/{x}", "/api/payments"), (true, true));
        assert_eq!(check("/api/*", "/api/{*rest}"), (false, true));
        assert_eq!(check("/api/*", "/api/{?}"), (false, true));
        assert_eq!(check("/api/*", "/api"), (false, false));
        assert_eq!(check("/api/payments/**", "/api/{kind}"), (false, true));
        assert_eq!(check("/v{n}/x", "/v1/x"), (true, true));
        assert_eq!(check("/", "/"), (true, true));
        assert_eq!(check("/", ""), (true, true));
        assert_eq!(check("/", "/a"), (false, false));
        assert_eq!(check("/**", "/{?}"), (true, true));
    }

    #[test]
    fn how_a_request_is_written_does_not_matter() {
        for route in [
            "/api/payments//x",
            "//api/payments",
            "/api//payments/{id}/",
            "/api/payments//",
            "/api/%70ayments/x",
            "/api/p%61yments/%7Bid",
            "/api/payments/a%2Fb",
        ] {
            assert_eq!(check("/api/payments/**", route), (true, true), "{route}");
        }
        assert_eq!(check("/api/%70ayments/**", "/api/payments/x"), (true, true));
        assert_eq!(check("/api/payments/*", "/api//{kind}/{id}"), (false, true));
        // An encoded slash divides nothing, and every router tells cases apart.
        for route in ["/api/payments%2Fx", "/api/Payments", "/api/payment%73-x", "/api/%7payments"]
        {
            assert_eq!(check("/api/payments/**", route), (false, false), "{route}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_a_way_out() {
        for (bad, help) in [
            ("api/x", "write `/api/x`"),
            ("", "write `/**` for every path"),
            ("/a/**/b", "write `*` for one segment"),
            ("/a/{*r}/b", "write `*` for one segment"),
            ("/a/pay*", "write `{name}` for a part of one"),
            ("/a/:id", "write `{id}`"),
            ("/a/<id>", "write `{id}`"),
            ("/a/<rest..>", "write `{*rest}`"),
            (r"/a/{id:\d+}", "write `{id}`"),
            ("/a//b", "write one `/`"),
            ("/a/{id", "write `{name}` for a parameter, `{{` for a brace"),
            ("/a/{?}", "write it like `{id}`"),
            ("/a b", "remove it"),
        ] {
            assert_eq!(compile(bad).map_err(|(_, help)| help), Err(help.to_owned()), "{bad}");
        }
    }
}
