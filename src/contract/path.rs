//! A path as the set of concrete paths it serves, and how two such sets lie to each other.
//!
//! A path is compiled to a small automaton over characters, because segments may be partly literal (`{file}.json`)
//! and unknown text may hold slashes (`{?}`): questions about sets then need no case by case reasoning. A parameter
//! is one or more characters without a slash, a wildcard zero or more whole segments. A trailing slash is not part
//! of the set, letter case and percent-encoding are taken as they stand unless a path is [`RoutePath::folded`]. Patterns of the contract are
//! `pattern`'s affair.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One position of the automaton. The next position is the following node unless noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    /// That character.
    Char(char),
    /// The first character of a parameter.
    First,
    /// The other characters of a parameter.
    More,
    /// Before a wildcard: its first slash, or nothing.
    Rest,
    /// After a slash of a wildcard; the node before [`Node::RestText`].
    RestSlash,
    /// Within a segment of a wildcard.
    RestText,
    /// Before unknown text at the start of a segment: goes to [`Node::FreeSlash`].
    FreeEntry,
    /// Unknown text within a segment; the node before [`Node::FreeSlash`].
    FreeText,
    /// Unknown text after a slash; may end there if the segment goes on.
    FreeSlash(bool),
}

/// What the automaton reads: a character, or any that no literal in question names and that is no slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Char(char),
    Other,
}

/// How much one segment leaves open; the first is answered first by every router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Openness {
    Literal,
    Mixed,
    Parameter,
    Wildcard,
}

/// A path in the normal form of the interface: `/api/runs/{id}`, `/files/{*rest}`, `/{?}/x`, `/v{n}/{file}.json`.
#[derive(Debug, Clone)]
pub struct RoutePath {
    text: String,
    nodes: Vec<Node>,
    openness: Vec<Openness>,
    slash: bool,
    unknown: bool,
}

/// A piece of one segment as written.
enum Part {
    Text(String),
    Parameter,
    Wildcard,
    Unknown,
}

impl RoutePath {
    /// Reads a path. Every text is one: a brace without its partner stands for itself, `{{` and `}}` for one brace.
    pub fn parse(text: &str) -> Self {
        let trimmed = text.trim_end_matches('/');
        let mut path = Self {
            text: text.to_owned(),
            nodes: Vec::with_capacity(trimmed.len()),
            openness: Vec::new(),
            slash: trimmed.len() < text.len() && !trimmed.is_empty(),
            unknown: false,
        };
        if !trimmed.is_empty() {
            for segment in trimmed.strip_prefix('/').unwrap_or(trimmed).split('/') {
                path.push_segment(&parts(segment));
            }
        }
        path
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a part of the path could not be read (`{?}`).
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// Whether the path serves exactly one concrete path.
    pub fn is_literal(&self) -> bool {
        self.openness.iter().all(|one| *one == Openness::Literal)
    }

    /// The path as a request for it may be written: no segment is empty, and no letter, digit, `-`, `.`, `_` or `~` is
    /// percent-encoded. Nothing when it is written so already.
    ///
    /// Some routers serve the one for the other (gotham and salvo pass over empty segments, actix-web and salvo decode),
    /// and so do proxies in front of all of them: a route that is written otherwise is no other route to a contract.
    /// Letter case counts, as it does to every router.
    pub fn folded(&self) -> Option<Self> {
        if !self.text.contains("//") && !self.text.contains('%') {
            return None;
        }
        let mut text = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        while let Some(next) = rest.chars().next() {
            let decoded = (next == '%').then(|| unreserved(rest)).flatten();
            let (c, length) = decoded.map_or((next, next.len_utf8()), |c| (c, 3));
            if c != '/' || !text.ends_with('/') {
                text.push(c);
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        (text != self.text).then(|| Self::parse(&text))
    }

    /// Whether every path of `other` is also one of this.
    pub fn covers(&self, other: &Self) -> bool {
        covered_by_any([self], other)
    }

    /// Whether some path is one of both.
    pub fn overlaps(&self, other: &Self) -> bool {
        if !self.may_meet(other) {
            return false;
        }
        let mut seen = BTreeSet::new();
        let mut open = vec![(0, 0)];
        while let Some((here, there)) = open.pop() {
            if !seen.insert((here, there)) {
                continue;
            }
            if here == self.nodes.len() && there == other.nodes.len() {
                return true;
            }
            open.extend(self.skip(here).map(|here| (here, there)));
            open.extend(other.skip(there).map(|there| (here, there)));
            for symbol in self.symbols(here).into_iter().chain(other.symbols(there)).flatten() {
                if let (Some(here), Some(there)) =
                    (self.step(here, symbol), other.step(there, symbol))
                {
                    open.push((here, there));
                }
            }
        }
        false
    }

    /// Whether both are the same path but for parameter names and a trailing slash.
    ///
    /// A path that is partly unknown is the same as none.
    pub fn same_route(&self, other: &Self) -> bool {
        !self.unknown && !other.unknown && self.nodes == other.nodes
    }

    /// Whether a server would take both for one route: [`RoutePath::same_route`], and the trailing slashes agree.
    pub fn same_as_served(&self, other: &Self) -> bool {
        self.slash == other.slash && self.same_route(other)
    }

    /// Whether this ends with a slash and `asked` does not, or the other way round. What ends in a wildcard, or in text
    /// that is not known, ends in either.
    pub fn differs_in_slash(&self, asked: &Self) -> bool {
        self.slash != asked.slash && self.openness.last() != Some(&Openness::Wildcard)
    }

    /// The same path with a slash at its end, or without the one it has.
    #[must_use]
    pub fn with_slash_turned(&self) -> Self {
        let bare = self.text.trim_end_matches('/');
        Self::parse(&if self.slash { bare.to_owned() } else { format!("{bare}/") })
    }

    /// Whether this route serves every path of `asked`, usually a concrete one.
    pub fn answers(&self, asked: &Self) -> bool {
        self.covers(asked)
    }

    /// Which of two routes a router asks first: a literal before a parameter, a parameter before a wildcard, decided
    /// at the first segment where they differ. `Less` is asked first.
    pub fn precedence(&self, other: &Self) -> Ordering {
        self.openness.cmp(&other.openness)
    }

    fn push_segment(&mut self, parts: &[Part]) {
        let openness = match parts {
            [Part::Parameter] => Openness::Parameter,
            [Part::Wildcard | Part::Unknown] => Openness::Wildcard,
            parts if parts.iter().all(|part| matches!(part, Part::Text(_))) => Openness::Literal,
            _ => Openness::Mixed,
        };
        self.openness.push(openness);
        self.unknown |= parts.iter().any(|part| matches!(part, Part::Unknown));
        if openness == Openness::Wildcard {
            self.nodes.extend([Node::Rest, Node::RestSlash, Node::RestText]);
            return;
        }
        self.nodes.push(Node::Char('/'));
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => self.nodes.extend(text.chars().map(Node::Char)),
                Part::Parameter => self.nodes.extend([Node::First, Node::More]),
                Part::Wildcard | Part::Unknown => {
                    if at == 0 {
                        self.nodes.push(Node::FreeEntry);
                    }
                    self.nodes.extend([Node::FreeText, Node::FreeSlash(at + 1 < parts.len())]);
                }
            }
        }
    }

    /// Where reading `symbol` at node `at` leads.
    fn step(&self, at: usize, symbol: Symbol) -> Option<usize> {
        let slash = symbol == Symbol::Char('/');
        match (*self.nodes.get(at)?, slash) {
            (Node::Char(wanted), _) => (symbol == Symbol::Char(wanted)).then_some(at + 1),
            (Node::First | Node::RestSlash, false) | (Node::Rest | Node::FreeText, true) => {
                Some(at + 1)
            }
            (Node::More | Node::RestText | Node::FreeText, false) => Some(at),
            (Node::RestText, true) | (Node::FreeSlash(_), false) => at.checked_sub(1),
            _ => None,
        }
    }

    /// Where node `at` leads without reading anything.
    fn skip(&self, at: usize) -> Option<usize> {
        match *self.nodes.get(at)? {
            Node::More | Node::RestText | Node::FreeSlash(true) => Some(at + 1),
            Node::Rest => Some(at + 3),
            Node::FreeEntry | Node::FreeText => Some(at + 2),
            Node::Char(_) | Node::First | Node::RestSlash | Node::FreeSlash(false) => None,
        }
    }

    /// What node `at` can read, as far as it knows itself.
    fn symbols(&self, at: usize) -> [Option<Symbol>; 2] {
        match self.nodes.get(at) {
            Some(Node::Char(wanted)) => [Some(Symbol::Char(*wanted)), None],
            Some(Node::Rest) => [Some(Symbol::Char('/')), None],
            Some(Node::First | Node::More | Node::RestSlash | Node::FreeSlash(_)) => {
                [Some(Symbol::Other), None]
            }
            Some(Node::RestText | Node::FreeText) => [Some(Symbol::Char('/')), Some(Symbol::Other)],
            Some(Node::FreeEntry) | None => [None, None],
        }
    }

    /// False where the literal beginnings already differ: most pairs are told apart here.
    fn may_meet(&self, other: &Self) -> bool {
        for (one, two) in self.nodes.iter().zip(&other.nodes) {
            match (one, two) {
                (Node::Char(one), Node::Char(two)) if one == two => {}
                (Node::Char(_), Node::Char(_)) => return false,
                _ => return true,
            }
        }
        true
    }
}

impl PartialEq for RoutePath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RoutePath {}

impl fmt::Display for RoutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for RoutePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for RoutePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

/// Whether every path of `route` is one of at least one of `patterns`, even if no single one has them all.
pub fn covered_by_any<'p>(
    patterns: impl IntoIterator<Item = &'p RoutePath>,
    route: &RoutePath,
) -> bool {
    let patterns: Vec<&RoutePath> =
        patterns.into_iter().filter(|pattern| pattern.may_meet(route)).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![(0, closure(&patterns, (0..patterns.len()).map(|which| (which, 0))))];
    while let Some((at, set)) = open.pop() {
        let ends = |(which, node): &(usize, usize)| {
            patterns.get(*which).is_some_and(|p| p.nodes.len() == *node)
        };
        if set.is_empty() || (at == route.nodes.len() && !set.iter().any(ends)) {
            return false;
        }
        if !seen.insert((at, set.clone())) {
            continue;
        }
        for symbol in told_apart(&patterns, &set, route.symbols(at)) {
            if let Some(next) = route.step(at, symbol) {
                let stepped = set.iter().filter_map(|(which, node)| {
                    Some((*which, patterns.get(*which)?.step(*node, symbol)?))
                });
                open.push((next, closure(&patterns, stepped)));
            }
        }
        if let Some(next) = route.skip(at) {
            open.push((next, set));
        }
    }
    true
}

/// Of routes that answer `asked`, the index of the one a router would choose.
pub fn answering<'r>(
    routes: impl IntoIterator<Item = &'r RoutePath>,
    asked: &RoutePath,
) -> Option<usize> {
    let answering = routes.into_iter().enumerate().filter(|(_, route)| route.answers(asked));
    answering.min_by(|(_, one), (_, two)| one.precedence(two)).map(|(index, _)| index)
}

/// The states with those reached from them without reading.
fn closure(
    patterns: &[&RoutePath],
    states: impl Iterator<Item = (usize, usize)>,
) -> BTreeSet<(usize, usize)> {
    let mut all = BTreeSet::new();
    for (which, node) in states {
        let mut next = Some(node);
        while let Some(node) = next {
            all.insert((which, node));
            next = patterns.get(which).and_then(|pattern| pattern.skip(node));
        }
    }
    all
}

/// The symbols to try: where the route reads any character, each that a pattern names there and one that none does.
fn told_apart(
    patterns: &[&RoutePath],
    set: &BTreeSet<(usize, usize)>,
    reads: [Option<Symbol>; 2],
) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = reads.into_iter().flatten().collect();
    if symbols.contains(&Symbol::Other) {
        let named =
            set.iter().filter_map(|(which, node)| match patterns.get(*which)?.nodes.get(*node) {
                Some(Node::Char(named)) if *named != '/' => Some(*named),
                _ => None,
            });
        let named: BTreeSet<char> = named.collect();
        symbols.extend(named.into_iter().map(Symbol::Char));
    }
    symbols
}

/// The character that `%xx` at the start of `text` stands for, when no URL needs to encode it.
fn unreserved(text: &str) -> Option<char> {
    let code = u8::from_str_radix(text.get(1..3)?, 16).ok()?;
    let c = char::from(code);
    (c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')).then_some(c)
}

/// The pieces of one segment.
fn parts(segment: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = segment;
    while let Some(next) = rest.chars().next() {
        let after = rest.get(next.len_utf8()..).unwrap_or("");
        let name =
            if next == '{' && !after.starts_with('{') { after.split_once('}') } else { None };
        if let Some((name, after)) = name {
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(match name {
                "?" => Part::Unknown,
                name if name.starts_with('*') => Part::Wildcard,
                _ => Part::Parameter,
            });
            rest = after;
        } else {
            text.push(next);
            let doubled = matches!(next, '{' | '}') && after.starts_with(next);
            rest = if doubled { after.get(1..).unwrap_or("") } else { after };
        }
    }
    if !text.is_empty() || parts.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

#[cfg(test)]
mod tests;
