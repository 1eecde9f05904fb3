//! Servers whose every route lies under one prefix that is not known.
//!
//! Where a whole service is mounted (`/`, `/billing`) is often read from its configuration at run time. Its contract is
//! then written without that base, and so are its routes listed. A prefix that only some of a server's routes have is
//! part of their paths and stays unknown.

use super::{
    effect::Registration,
    text::{Piece, Text},
};

/// Why a route is not fully known whose base is all that is unknown of it.
pub const REASON: &str = "the base that its server is mounted under is not known";

/// Whether `prefix`, which the other paths are mounted under, begins with text that is not known.
pub(super) fn is_open<'a>(mut paths: impl Iterator<Item = &'a Text>) -> bool {
    let outermost = paths.next();
    let open = outermost.is_some_and(|path| path.pieces().first() == Some(&Piece::Hole));
    open && paths.next().is_some()
}

/// Notes that of a route nothing but the base may be unknown.
pub(super) fn reason(path: &str, hole: &str) -> Option<String> {
    let rest = path.strip_prefix(hole)?;
    let whole = rest.is_empty() || rest.starts_with('/');
    (whole && !rest.contains(hole)).then(|| REASON.to_owned())
}

/// Lists the routes of one server without its base, if that is what they all miss.
pub(super) fn leave_out(server: &mut [Registration], hole: &str) {
    let all = server.iter().all(|route| route.unresolved.as_deref() == Some(REASON));
    if !all {
        return;
    }
    for route in server {
        if let Some(path) = &mut route.path
            && let Some(rest) = path.strip_prefix(hole)
        {
            *path = if rest.is_empty() { "/".to_owned() } else { rest.to_owned() };
        }
    }
}
