//! Registrations to a table of routes: one entry for each method and path that a server would answer.
//!
//! A route keeps every registration that makes it, in source order, so that alternatives and duplicates can be told
//! apart later. Nothing is judged here: what a route means to the contract is the affair of `rules::judgement`.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::{
    contract::{ANY, MUTATIONS, RoutePath},
    evaluate::effect::{Guards, Mark, Registration},
    frameworks,
    link::Target,
    source::Sources,
    word::Word,
};

/// One method and path that one server answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Route {
    /// The server, as numbered by evaluation.
    pub server: u32,
    /// Upper-case method or `ANY`; unknown when it cannot be read.
    #[serde(with = "crate::word::optional")]
    pub method: Option<Word>,
    /// Full path as first registered; unknown when nothing of it can be read.
    pub path: Option<RoutePath>,
    /// The framework of the first registration.
    #[serde(with = "crate::word")]
    pub framework: Word,
    /// The handler's name for people, of the first registration that has one.
    pub handler: Option<String>,
    /// A fallback or default service.
    pub catch_all: bool,
    /// What makes the route, in source order; never empty.
    pub registrations: Vec<Registration>,
}

impl Route {
    /// Whether a request that changes something may end here: an unknown method may be any.
    pub fn is_mutation(&self) -> bool {
        self.method.is_none_or(|method| method == ANY || MUTATIONS.contains(&method))
    }

    /// Whether method and path are fully known.
    pub fn is_resolved(&self) -> bool {
        self.method.is_some() && self.path.as_ref().is_some_and(|path| !path.is_unknown())
    }

    /// Whether it answers `method` at all.
    pub fn serves(&self, method: &str) -> bool {
        self.method.is_none_or(|own| own == ANY || own == method)
    }

    /// Whether a request for `path` comes here, as far as it depends on the path.
    pub fn answers(&self, path: &RoutePath) -> bool {
        let slash = |own: &RoutePath| own.differs_in_slash(path) && self.minds_slash();
        self.path.as_ref().is_some_and(|own| own.answers(path) && !slash(own))
    }

    /// Whether a slash at the end makes another path of it: by the router's own rule, where nothing before the router
    /// takes the slash away or puts it there.
    fn minds_slash(&self) -> bool {
        let normalizes = |mark: &Mark| match &mark.target {
            Target::External(path) => path.split("::").any(|name| name.starts_with("Normalize")),
            Target::Item(_) => false,
        };
        let mut marks = self.registrations.iter().flat_map(|one| &one.marks);
        frameworks::minds_slash(self.framework) && !marks.any(normalizes)
    }

    /// Method and path for people: `POST /api/payments`, `a route of unknown path`.
    pub fn title(&self) -> String {
        match (self.method, &self.path) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            (None, Some(path)) => format!("a route of unknown method at {path}"),
            (Some(method), None) => format!("a {method} route of unknown path"),
            (None, None) => "a route of unknown method and path".to_owned(),
        }
    }
}

/// How many arms each condition has, where that is known; others have two.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Arms(BTreeMap<u32, u16>);

impl Arms {
    /// Notes that `condition` has at least `arms` arms.
    pub fn raise(&mut self, condition: u32, arms: u16) {
        let known = self.0.entry(condition).or_insert(arms);
        *known = (*known).max(arms);
    }

    /// The number of arms of `condition`.
    pub fn of(&self, condition: u32) -> u16 {
        self.0.get(&condition).copied().unwrap_or(0).max(2)
    }

    fn note(&mut self, guards: &Guards) {
        for guard in guards.iter() {
            self.raise(guard.condition, guard.arm.saturating_add(1));
        }
    }
}

/// All routes of all servers, sorted by path, method and server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RouteTable {
    /// The routes.
    pub routes: Vec<Route>,
    /// The number of arms of the conditions that registrations and marks depend on.
    pub arms: Arms,
}

type Key = (Option<String>, Option<&'static str>, u32, bool, usize);

impl RouteTable {
    /// Groups registrations into routes.
    ///
    /// - `sources`: the texts that the registrations stand in; they give the order.
    /// - `arms`: what evaluation knows about conditions; arms seen in guards are added.
    ///
    /// Registrations that are equal in everything are one. Those whose path or method is not fully known are one route only
    /// if the same line registers the same handler, since two unknown paths are not the same path.
    pub fn new(registrations: Vec<Registration>, mut arms: Arms, sources: &Sources) -> Self {
        let mut groups: BTreeMap<Key, Vec<Registration>> = BTreeMap::new();
        let mut seen: FxHashSet<Registration> = FxHashSet::default();
        let mut unread: FxHashMap<_, usize> = FxHashMap::default();
        for registration in registrations {
            arms.note(&registration.guards);
            registration.marks.iter().for_each(|mark| arms.note(&mark.guards));
            let path = registration.path.as_deref();
            let known =
                registration.method.is_some() && path.is_some_and(|path| !path.contains("{?}"));
            let alone = if known {
                0
            } else {
                // The rounds of a loop, say, or the calls of the function around it.
                let handler = registration.handler_name.clone();
                let next = unread.len() + 1;
                *unread.entry((registration.at, handler, registration.unresolved)).or_insert(next)
            };
            let key = (
                path.map(normal),
                registration.method,
                registration.server,
                registration.catch_all,
                alone,
            );
            if seen.insert(registration.clone()) {
                groups.entry(key).or_default().push(registration);
            }
        }
        let routes = groups.into_values().filter_map(|mut group| {
            group.sort_by_key(|one| {
                let real = sources.real(one.at);
                (sources.path(real.file), real.span, one.guards.clone())
            });
            route(group)
        });
        Self { routes: routes.collect(), arms }
    }

    /// The routes that stand for unreadable registrations.
    pub fn unresolved(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| !route.is_resolved())
    }

    /// Which route of each server would answer a request, and the others that could have.
    ///
    /// Routers choose by path first and by method then, so a better path of another method is part of the answer.
    pub fn answering(&self, method: &str, path: &RoutePath) -> Vec<Answer<'_>> {
        let mut servers: BTreeMap<u32, Vec<&Route>> = BTreeMap::new();
        for route in &self.routes {
            if route.answers(path) {
                servers.entry(route.server).or_default().push(route);
            }
        }
        let answers = servers.into_iter().map(|(server, mut candidates)| {
            candidates.sort_by(|one, two| match (&one.path, &two.path) {
                (Some(first), Some(second)) => {
                    one.catch_all.cmp(&two.catch_all).then_with(|| first.precedence(second))
                }
                _ => std::cmp::Ordering::Equal,
            });
            let chosen = candidates.iter().position(|route| route.serves(method));
            let route = chosen.map(|at| candidates.remove(at));
            Answer { server, route, others: candidates }
        });
        answers.collect()
    }
}

/// What one server does with a request.
#[derive(Debug, Clone)]
pub struct Answer<'t> {
    /// The server.
    pub server: u32,
    /// The route that answers; `None` when only other methods are served there.
    pub route: Option<&'t Route>,
    /// The other routes whose path matches, best first.
    pub others: Vec<&'t Route>,
}

fn route(registrations: Vec<Registration>) -> Option<Route> {
    let first = registrations.first()?;
    Some(Route {
        server: first.server,
        method: first.method,
        path: first.path.as_deref().map(RoutePath::parse),
        framework: first.framework,
        handler: registrations.iter().find_map(|one| one.handler_name.clone()),
        catch_all: first.catch_all,
        registrations,
    })
}

/// The path without the names of its parameters, which do not tell routes apart: `/a/{}/{*}`.
pub fn normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            out.push_str("{{");
            rest = after;
            continue;
        }
        let Some((name, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(if name == "?" {
            "{?}"
        } else if name.starts_with('*') {
            "{*}"
        } else {
            "{}"
        });
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        evaluate::effect::{Guard, MarkKind, Unresolved},
        source::{FileId, Place, Span},
    };

    /// A registration of server 0 at byte `at` of text 0.
    pub(crate) fn registration(method: &'static str, path: &str, at: u32) -> Registration {
        Registration {
            server: 0,
            method: Some(method),
            path: Some(path.to_owned()),
            framework: "axum",
            handler: None,
            runs: None,
            beside: Vec::new(),
            handler_name: Some("app::handler".to_owned()),
            catch_all: false,
            catches: false,
            guards: Guards::default(),
            marks: Vec::new(),
            at: Place { file: FileId(0), span: Span::new(at, at + 5) },
            trail: Vec::new(),
            unresolved: None,
        }
    }

    fn table(registrations: Vec<Registration>) -> RouteTable {
        RouteTable::new(registrations, Arms::default(), &Sources::default())
    }

    fn titles(table: &RouteTable) -> Vec<String> {
        table.routes.iter().map(Route::title).collect()
    }

    #[test]
    fn names_of_parameters_do_not_tell_routes_apart() {
        let both =
            table(vec![registration("POST", "/a/{id}", 9), registration("POST", "/a/{key}", 1)]);
        assert_eq!(titles(&both), ["POST /a/{key}"]);
        assert_eq!(both.routes[0].registrations.len(), 2);
        assert_eq!(normal("/a/{id}/v{n}/{*rest}/{{x}}/{?}"), "/a/{}/v{}/{*}/{{x}}/{?}");
    }

    #[test]
    fn equal_registrations_are_one() {
        let both = table(vec![registration("POST", "/a", 1), registration("POST", "/a", 1)]);
        assert_eq!(both.routes[0].registrations.len(), 1);
    }

    #[test]
    fn unreadable_ones_stay_apart() {
        let mut unknown = registration("POST", "/a/{?}", 1);
        unknown.unresolved = Some(Unresolved::Path);
        let all = table(vec![
            unknown.clone(),
            Registration { at: registration("POST", "", 7).at, ..unknown },
        ]);
        assert_eq!(all.unresolved().count(), 2);
    }

    #[test]
    fn arms_are_two_unless_more_are_seen() {
        let mut one = registration("POST", "/a", 1);
        one.guards = Guards::default().with(Guard { condition: 4, arm: 2 }).unwrap();
        let all = table(vec![one]);
        assert_eq!((all.arms.of(4), all.arms.of(5)), (3, 2));
    }

    #[test]
    fn the_most_specific_path_answers_if_it_has_the_method() {
        let all = table(vec![
            registration("POST", "/api/{kind}", 1),
            registration("GET", "/api/payments", 2),
            registration("ANY", "/{*rest}", 3),
        ]);
        let answers = all.answering("POST", &RoutePath::parse("/api/payments"));
        assert_eq!(answers[0].route.unwrap().title(), "POST /api/{kind}");
        assert_eq!(answers[0].others.len(), 2);
    }

    #[test]
    fn a_slash_at_the_end_counts_where_the_router_minds_it() {
        let asked = |framework: &'static str, path: &str, request: &str| {
            let one = Registration { framework, ..registration("POST", path, 1) };
            !table(vec![one]).answering("POST", &RoutePath::parse(request)).is_empty()
        };
        for strict in ["axum", "hyper", "actix-web", "poem"] {
            assert!(!asked(strict, "/a", "/a/") && !asked(strict, "/a/{id}/", "/a/1"), "{strict}");
            assert!(
                asked(strict, "/a/", "/a/") && asked(strict, "/a/{*rest}", "/a/b/"),
                "{strict}"
            );
            assert!(asked(strict, "/", "/") && asked(strict, "/a/{id}", "/a/1"), "{strict}");
        }
        for lax in ["gotham", "salvo", "warp"] {
            assert!(asked(lax, "/a", "/a/") && asked(lax, "/a/", "/a"), "{lax}");
        }
        let mut normalized = registration("POST", "/a", 1);
        normalized.marks.push(Mark {
            kind: MarkKind::Layer,
            target: Target::External("tower_http::normalize_path::NormalizePathLayer".into()),
            guards: Guards::default(),
            arguments: Vec::new(),
            at: normalized.at,
        });
        let all = table(vec![normalized]);
        assert!(!all.answering("POST", &RoutePath::parse("/a/")).is_empty());
    }
}
