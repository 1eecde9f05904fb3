//! Which routes `routes` lists, and which of them would answer a request.

use std::io::{self, Write};

use super::{Look, Report, RouteLine, WriteLine, escape, place::Spots};
use crate::{
    contract::{ANY, RoutePath},
    finding::Where,
    routes::{Route, RouteTable},
    rules::judgement::Status,
};

/// What `routes` is asked for; nothing asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Routes of one of these classes.
    pub classes: Vec<String>,
    /// Routes of one of these standings.
    pub statuses: Vec<Status>,
    /// Routes that serve one of these methods, in any case.
    pub methods: Vec<String>,
}

impl Filter {
    /// The lines of `report` that it lets through.
    pub fn lines<'r>(&self, report: &'r Report) -> Vec<&'r RouteLine> {
        report.routes.iter().filter(|line| self.passes(line)).collect()
    }

    fn passes(&self, line: &RouteLine) -> bool {
        let class =
            self.classes.is_empty() || line.classes.iter().any(|one| self.classes.contains(one));
        let status = self.statuses.is_empty() || self.statuses.contains(&line.status);
        let own = line.method.as_deref();
        let serves =
            |wanted: &String| own.is_none_or(|own| own == ANY || own.eq_ignore_ascii_case(wanted));
        class && status && (self.methods.is_empty() || self.methods.iter().any(serves))
    }
}

/// Prints which route of each server would answer `method` on `path`, and why.
pub fn answers(
    report: &Report,
    table: &RouteTable,
    method: &str,
    path: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let method = method.to_uppercase();
    let asked = RoutePath::parse(path);
    let answers = table.answering(&method, &asked);
    let request = format!("{method} {path}");
    let mut spots = Spots::new(report);
    if answers.is_empty() {
        writeln!(out, "no route answers {}", escape::line(&request))?;
        for answer in table.answering(&method, &asked.with_slash_turned()) {
            if let Some(route) = answer.route {
                let why = "a slash at the end makes another path to its router";
                line(&mut spots, route, "  not by ", why, out)?;
            }
        }
        return Ok(());
    }
    let several = answers.len() > 1;
    for answer in &answers {
        let server = if several { format!("server {}: ", answer.server) } else { String::new() };
        match answer.route {
            Some(route) => {
                let why = why(route, &asked, &answer.others);
                line(&mut spots, route, &format!("{server}{request} is answered by "), why, out)?;
            }
            None => writeln!(out, "{server}{}: no route has this method", escape::line(&request))?,
        }
        for other in &answer.others {
            let better = answer.route.is_some_and(|chosen| precedes(other, chosen));
            let why = match (other.serves(&method), better) {
                (true, _) => "less specific",
                (false, true) => {
                    "another method; a router that chooses by path alone stops here with 405"
                }
                (false, false) => "another method",
            };
            line(&mut spots, other, "  not by ", why, out)?;
        }
    }
    Ok(())
}

/// Whether a router looks at `one` before `other`.
fn precedes(one: &Route, other: &Route) -> bool {
    match (&one.path, &other.path) {
        (Some(first), Some(second)) => first.precedence(second) == std::cmp::Ordering::Less,
        _ => false,
    }
}

fn why(route: &Route, asked: &RoutePath, others: &[&Route]) -> &'static str {
    let exact = route.path.as_ref().is_some_and(|path| path.same_route(asked));
    if route.catch_all {
        "a catch-all, and no better path has the method"
    } else if exact {
        "its path is the one asked for"
    } else if others.is_empty() {
        "the only path that matches"
    } else {
        "the most specific path that has the method"
    }
}

fn line(
    spots: &mut Spots<'_>,
    route: &Route,
    lead: &str,
    why: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(first) = route.registrations.first() else { return Ok(()) };
    let spot = spots.spot(Where::Source(first.at));
    let start = spot.start();
    let handler =
        route.handler.as_deref().map(|handler| format!(" -> {handler}")).unwrap_or_default();
    let text = format!(
        "{lead}{}{handler} ({why}) at {}:{}:{}",
        route.title(),
        spot.path,
        start.line,
        start.column
    );
    writeln!(out, "{}", escape::line(&text))
}

/// The place of a route as `path:line:column`.
pub(super) fn place(spots: &mut Spots<'_>, line: &RouteLine) -> String {
    place_of(spots, Where::Source(line.at))
}

/// A place as `path:line:column`.
pub(super) fn place_of(spots: &mut Spots<'_>, at: Where) -> String {
    let spot = spots.spot(at);
    let start = spot.start();
    format!("{}:{}:{}", spot.path, start.line, start.column)
}

/// The cells of a route's line: method, path, status, class, gate, handler, place.
pub(super) fn cells(spots: &mut Spots<'_>, line: &RouteLine) -> [String; 7] {
    let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
    let list =
        |values: &[String]| if values.is_empty() { "-".to_owned() } else { values.join(", ") };
    [
        or(&line.method, "?"),
        or(&line.path, "?"),
        line.status.word().to_owned(),
        list(&line.classes),
        list(&line.gates),
        or(&line.handler, "-"),
        place(spots, line),
    ]
}

/// The titles of [`cells`].
pub(super) const TITLES: [&str; 7] =
    ["METHOD", "PATH", "STATUS", "CLASS", "GATE", "HANDLER", "PLACE"];

/// The cells of a write's line: operation, table, class, writer, function, place, statement.
///
/// - `longest`: how many characters of the statement are kept.
pub(super) fn write_cells(spots: &mut Spots<'_>, line: &WriteLine, longest: usize) -> [String; 7] {
    let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
    let spot = spots.spot(Where::Source(line.at));
    let start = spot.start();
    let statement = line.statement.as_deref().unwrap_or("-");
    let words: Vec<&str> = statement.split_whitespace().collect();
    let mut shown: String = words.join(" ");
    if shown.chars().count() > longest {
        shown = shown.chars().take(longest).chain(['…']).collect();
    }
    if let Some(through) = &line.through {
        shown = format!("{shown}, through {through}");
    }
    [
        line.operation.to_owned(),
        or(&line.table, "?"),
        if line.classes.is_empty() { "-".to_owned() } else { line.classes.join(", ") },
        or(&line.writer, "-"),
        or(&line.function, "-"),
        format!("{}:{}:{}", spot.path, start.line, start.column),
        shown,
    ]
}

/// The titles of [`write_cells`].
pub(super) const WRITE_TITLES: [&str; 7] =
    ["OPERATION", "TABLE", "CLASS", "WRITER", "FUNCTION", "PLACE", "STATEMENT"];

/// Whether output of `look` may carry colour codes.
pub(super) const fn paint(status: Status, look: Look) -> (&'static str, &'static str) {
    if !look.color {
        return ("", "");
    }
    let start = match status {
        Status::Bare => "\u{1b}[31m",
        Status::Exempt => "\u{1b}[36m",
        Status::Gated => "\u{1b}[32m",
        Status::Unclassified => "\u{1b}[33m",
        Status::Read => "\u{1b}[2m",
    };
    (start, "\u{1b}[0m")
}
