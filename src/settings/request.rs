//! What `routes` is asked: which routes to list, or which one answers a request.

use std::path::PathBuf;

use super::SettingsError;
use crate::cli::RouteArgs;

/// Methods of routes and of requests.
pub const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "ANY",
];
/// Statuses of routes.
pub const STATUSES: &[&str] = &["gated", "bare", "exempt", "unclassified", "read"];

/// Which routes to list. An empty list lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteFilter {
    /// Class names, as typed: whether they exist is for the contract to say.
    pub classes: Vec<String>,
    /// Of [`STATUSES`].
    pub statuses: Vec<&'static str>,
    /// Of [`METHODS`].
    pub methods: Vec<&'static str>,
    /// The request to find the route of.
    pub request: Option<Request>,
}

/// A request that some route may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Of [`METHODS`]; any method when `None`.
    pub method: Option<&'static str>,
    /// Path, `/` first, without query and fragment.
    pub path: String,
}

/// The filter, and those of the paths that are not a request.
pub(super) fn route_filter(args: RouteArgs) -> Result<(RouteFilter, Vec<PathBuf>), SettingsError> {
    let (asked, paths): (Vec<_>, Vec<_>) =
        args.paths.into_iter().partition(|path| is_request(&path.to_string_lossy()));
    let mut asked = args
        .answers
        .into_iter()
        .chain(asked.iter().map(|path| path.to_string_lossy().into_owned()));
    let request = asked.next().map(|given| request(&given)).transpose()?;
    if let Some(second) = asked.next() {
        return Err(SettingsError::SeveralRequests { second });
    }
    let one_of = |what: &str, given: &String, known: &'static [&'static str]| {
        let name = known.iter().copied().find(|name| name.eq_ignore_ascii_case(given.trim()));
        name.ok_or_else(|| SettingsError::Unknown {
            what: what.to_owned(),
            given: given.clone(),
            expected: known.iter().map(|name| (*name).to_owned()).collect(),
            suggestion: nearest(given, known),
        })
    };
    let statuses = args.status.iter().map(|given| one_of("status of a route", given, STATUSES));
    let methods = args.method.iter().map(|given| one_of("method", given, METHODS));
    let filter = RouteFilter {
        classes: args.class,
        statuses: statuses.collect::<Result<_, _>>()?,
        methods: methods.collect::<Result<_, _>>()?,
        request,
    };
    Ok((filter, paths))
}

/// Whether an argument among paths is a request: a method, a space, and a path that begins with `/`. A directory that
/// is called so is given as `./POST /x`.
pub(super) fn is_request(argument: &str) -> bool {
    argument.split_once(' ').is_some_and(|(method, path)| {
        known_method(method).is_some() && path.trim().starts_with('/')
    })
}

fn known_method(given: &str) -> Option<&'static str> {
    METHODS.iter().copied().find(|name| name.eq_ignore_ascii_case(given))
}

fn request(given: &str) -> Result<Request, SettingsError> {
    let wrong = || SettingsError::Request { given: given.to_owned() };
    let trimmed = given.trim();
    let (method, path) = match trimmed.split_once(char::is_whitespace) {
        Some((method, path)) => (Some(known_method(method).ok_or_else(wrong)?), path.trim()),
        None => (None, trimmed),
    };
    let path = path.split(['?', '#']).next().unwrap_or("");
    if !path.starts_with('/') || path.contains(char::is_whitespace) {
        return Err(wrong());
    }
    Ok(Request { method: method.filter(|method| *method != "ANY"), path: path.to_owned() })
}

/// The name that `given` is most likely a misspelling of.
pub(super) fn nearest(given: &str, names: &[&str]) -> Option<String> {
    let given = given.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&given, &name.to_lowercase());
    let near = names.iter().map(|name| (distance(name), *name)).min()?;
    (near.0 <= 2 && near.0 < near.1.len()).then(|| near.1.to_owned())
}
