//! Servers whose every route lies under one prefix that is not known.
//!
//! Where a whole service is mounted (`/`, `/billing`) is often read from its configuration at run time. Its contract is
//! then written without that base, and so are its routes listed. A prefix that only some of a server's routes have is
//! part of their paths and stays unknown, unless the same routes are served without it where it is left empty.

use rustc_hash::FxHashMap;

use super::{
    effect::{Guards, Registration, Unresolved},
    text::{Piece, Text},
};

/// Whether `prefix`, which the other paths are mounted under, begins with text that is not known.
pub(super) fn is_open<'a>(mut paths: impl Iterator<Item = &'a Text>) -> bool {
    let outermost = paths.next();
    let open = outermost.is_some_and(|path| path.pieces().first() == Some(&Piece::Hole));
    open && paths.next().is_some()
}

/// Whether of a route whose path begins with `hole` nothing but that is unknown.
pub(super) fn is_all(path: &str, hole: &str) -> bool {
    path.strip_prefix(hole).is_some_and(|rest| {
        let whole = rest.is_empty() || rest.starts_with('/');
        whole && !rest.contains(hole)
    })
}

/// Lists the routes of one server without its base: all of them if that is what they all miss, else those that it
/// serves without a base when it has none (`if base.is_empty() { app } else { Router::new().nest(base, app) }`).
pub(super) fn leave_out(server: &mut [Registration], hole: &str) {
    let is_based = |route: &Registration| route.unresolved == Some(Unresolved::Base);
    let all = server.iter().all(is_based);
    let mut without: FxHashMap<_, Vec<Guards>> = FxHashMap::default();
    for route in server.iter().filter(|route| route.unresolved.is_none()) {
        let key = (route.method, route.path.clone(), route.at);
        without.entry(key).or_default().push(route.guards.clone());
    }
    for route in server.iter_mut().filter(|route| is_based(route)) {
        let Some(rest) = route.path.as_deref().and_then(|path| path.strip_prefix(hole)) else {
            continue;
        };
        let rest = if rest.is_empty() { "/" } else { rest };
        let key = (route.method, Some(rest.to_owned()), route.at);
        let served = without.get(&key).into_iter().flatten();
        if all || served.into_iter().any(|guards| guards.excludes(&route.guards)) {
            route.path = key.1;
        }
    }
}
