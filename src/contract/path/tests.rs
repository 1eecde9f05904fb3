//! Sets of paths against examples and against trying every short path.

use proptest::prelude::*;

use super::*;

fn path(text: &str) -> RoutePath {
    RoutePath::parse(text)
}

fn covers(pattern: &str, route: &str) -> bool {
    let (pattern, route) = (path(pattern), path(route));
    let covers = pattern.covers(&route);
    assert!(
        !covers || pattern.overlaps(&route),
        "`{pattern}` covers `{route}` and does not overlap it"
    );
    covers
}

#[test]
fn a_wildcard_covers_its_prefix_and_all_below() {
    assert!(covers("/api/payroll/{*}", "/api/payroll"));
    assert!(covers("/api/payroll/{*}", "/api/payroll/"));
    assert!(covers("/api/payroll/{*}", "/api/payroll/runs/{id}"));
    assert!(covers("/api/payroll/{*}", "/api/payroll/{?}"));
    assert!(covers("/api/payroll/{*}", "/api/payroll/v{?}"));
    assert!(!covers("/api/payroll/{*}", "/api/payroll-export"));
    assert!(!covers("/api/payroll/{*}", "/api/{kind}"));
    assert!(covers("/{*}", "/"));
    assert!(covers("/{*}", ""));
}

#[test]
fn a_literal_does_not_cover_a_parameter_but_overlaps_it() {
    assert!(!covers("/api/payments", "/api/{kind}"));
    assert!(path("/api/payments").overlaps(&path("/api/{kind}")));
    assert!(path("/api/payments").overlaps(&path("/{*rest}")));
    assert!(path("/api/payments").overlaps(&path("/{?}/payments")));
    assert!(path("/api/payments").overlaps(&path("/a{?}ts")));
    assert!(path("/api/payments").overlaps(&path("/{?}ts")));
    assert!(!path("/api/payments").overlaps(&path("/{kind}")));
    assert!(!path("/api/payments").overlaps(&path("/API/{kind}")));
}

#[test]
fn mixed_segments_are_prefixes_and_suffixes() {
    assert!(covers("/{file}", "/{name}.json"));
    assert!(covers("/{x}.json", "/a.json"));
    assert!(covers("/{x}.json", "/v{n}.json"));
    assert!(!covers("/{x}.json", "/{x}"));
    assert!(!covers("/{x}.json", "/.json"));
    assert!(path("/v{n}").overlaps(&path("/{x}.json")));
    assert!(!path("/v{n}").overlaps(&path("/w{x}")));
}

#[test]
fn empty_segments_count() {
    assert!(!covers("/api/payments", "/api//payments"));
    assert!(covers("/api//payments", "/api//payments"));
}

#[test]
fn several_patterns_cover_together() {
    let (all, below) = (path("/a"), path("/a/{x}/{*}"));
    assert!(covered_by_any([&all, &below], &path("/a/{*rest}")));
    assert!(!covered_by_any([&all], &path("/a/{*rest}")));
    assert!(!covered_by_any([], &path("/a")));
    assert!(!covered_by_any([], &path("/")));
}

#[test]
fn same_route_ignores_names_and_trailing_slash() {
    assert!(path("/a/{id}").same_route(&path("/a/{other}/")));
    assert!(!path("/a/{id}").same_as_served(&path("/a/{other}/")));
    assert!(path("/a/{id}/").same_as_served(&path("/a/{other}/")));
    assert!(!path("/a/{?}").same_route(&path("/a/{?}")));
    assert!(!path("/a/{id}").same_route(&path("/a/{*id}")));
    assert!(path("/a/{{id}}").same_route(&path("/a/{{id}}")));
    assert!(path("/a/{{id}}").is_literal());
}

#[test]
fn the_most_specific_route_answers() {
    let routes = ["/{*rest}", "/api/{kind}", "/api/pay{x}", "/api/payments", "/api"].map(path);
    let answer = |asked: &str| answering(&routes, &path(asked)).map(|index| routes[index].as_str());
    assert_eq!(answer("/api/payments"), Some("/api/payments"));
    assert_eq!(answer("/api/payroll"), Some("/api/pay{x}"));
    assert_eq!(answer("/api/orders"), Some("/api/{kind}"));
    assert_eq!(answer("/api/orders/1"), Some("/{*rest}"));
    assert_eq!(answer("/api"), Some("/api"));
}

/// Whether the characters of `text` are matched by `parts`, by plain backtracking.
fn segment_matches(segment: &str, text: &str) -> bool {
    match segment.split_once("{x}") {
        None => segment == text,
        Some((before, after)) => text
            .strip_prefix(before)
            .is_some_and(|rest| (1..=rest.len()).any(|cut| segment_matches(after, &rest[cut..]))),
    }
}

fn serves(path: &[&str], asked: &[&str]) -> bool {
    match (path, asked) {
        ([], []) => true,
        (["{*}", rest @ ..], asked) => {
            (0..=asked.len()).any(|skipped| serves(rest, &asked[skipped..]))
        }
        ([segment, rest @ ..], [first, others @ ..]) => {
            segment_matches(segment, first) && serves(rest, others)
        }
        _ => false,
    }
}

fn concrete() -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&str>> = vec![vec![]];
    let mut last = all.clone();
    // One segment for each way to match some of `segments()` and not the others.
    for _ in 0..4 {
        last = last
            .iter()
            .flat_map(|path| {
                ["a", "b", "c", "ab", "aab", "ac", "cb"]
                    .map(|next| path.iter().copied().chain([next]).collect())
            })
            .collect();
        all.extend(last.clone());
    }
    all
}

fn segments() -> impl Strategy<Value = Vec<&'static str>> {
    let segment = prop::sample::select(vec!["a", "b", "ab", "{x}", "a{x}", "{x}b", "{*}"]);
    prop::collection::vec(segment, 0..4)
}

fn joined(segments: &[&str]) -> RoutePath {
    path(&segments.iter().fold(String::new(), |all, one| all + "/" + one))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Every answer about sets agrees with trying all short paths. At most three segments a side, so paths of
    /// four over an alphabet with a stranger in it hold a witness for every difference.
    #[test]
    fn sets_agree_with_brute_force(one in segments(), two in segments(), route in segments()) {
        let (first, second, third) = (joined(&one), joined(&two), joined(&route));
        let asked = concrete();
        let served: Vec<_> = asked.iter().filter(|asked| serves(&route, asked)).collect();
        let both = served.iter().any(|asked| serves(&one, asked));
        prop_assert_eq!(first.overlaps(&third), both);
        prop_assert_eq!(first.covers(&third), served.iter().all(|asked| serves(&one, asked)));
        prop_assert_eq!(
            covered_by_any([&first, &second], &third),
            served.iter().all(|asked| serves(&one, asked) || serves(&two, asked))
        );
    }

    #[test]
    fn covers_implies_overlaps(one in "[/a{}*?]{0,12}", two in "[/a{}*?]{0,12}") {
        let (one, two) = (path(&one), path(&two));
        prop_assert!(one.covers(&one));
        prop_assert_eq!(one.overlaps(&two), two.overlaps(&one));
        prop_assert!(!one.covers(&two) || one.overlaps(&two));
    }
}
