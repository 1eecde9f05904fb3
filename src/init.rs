//! A first contract for a tree that has none: classes guessed from words, gates guessed from what routes pass through.
//!
//! Nothing here judges. Every guess says what it rests on, so that a reader can keep it or strike it, and the text is
//! a valid contract even where nothing could be guessed.

mod gates;
mod words;
mod writers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::{
    contract::{ANY, MUTATIONS, RoutePath, path::covered_by_any},
    report::{Report, RouteLine, escape},
};
use words::{VOCABULARIES, Vocabulary};
pub use writers::writers;

/// Routes that are named as examples of a pattern.
const EXAMPLES: usize = 3;

/// The text of a proposed contract.
///
/// - `writers`: what [`writers`] found in the tree.
pub fn proposal(report: &Report, writers: &[String]) -> String {
    let mutations: Vec<&RouteLine> =
        report.routes.iter().filter(|line| is_mutation(line)).collect();
    let mut text = String::from(
        "# A proposal by `cargo contract-check init`: every guess says what it rests on. Strike what is wrong, add what\n\
         # is missing, then run `cargo contract-check`. `cargo contract-check explain RULE` says what a finding means.\n\
         version = 1\n",
    );
    let unread = report.routes.iter().filter(|line| is_mutation(line) && !is_read(line)).count();
    if unread > 0 {
        _ = writeln!(
            text,
            "\n# {unread} registrations could not be read and are in no class below: `cargo contract-check routes` lists them."
        );
    }
    let mut claimed = BTreeSet::new();
    let mut any = false;
    for vocabulary in VOCABULARIES {
        let patterns = patterns(vocabulary, &mutations);
        if !patterns.is_empty() || !writers::tables(report, vocabulary).is_empty() {
            any = true;
            class(report, vocabulary, &patterns, writers, &mut text);
            claimed.extend(patterns.values().flatten().map(|line| title(line)));
        }
    }
    let left: Vec<String> = mutations
        .iter()
        .filter(|line| is_read(line))
        .map(|line| title(line))
        .filter(|title| !claimed.contains(title))
        .collect();
    if !any {
        text.push_str(EMPTY);
    }
    if !left.is_empty() {
        text.push_str("\n# Mutations that no class claims; `unclassified = \"deny\"` in [scan] refuses such:\n");
        for title in &left {
            _ = writeln!(text, "#   {}", comment(title));
        }
    }
    text
}

/// What stands in a contract of a tree without any route that a vocabulary knows.
const EMPTY: &str = "
# No mutation of this tree is called like money or access. A class looks like this:
#
# [class.financial]
# summary = \"Moves money, or changes what someone owes\"
# routes = [\"/api/payments/**\"]
#
# [class.financial.gate]
# function = [\"my_crate::gates::register_financial_route\"]
";

fn class(
    report: &Report,
    vocabulary: &Vocabulary,
    patterns: &BTreeMap<String, Vec<&RouteLine>>,
    writers: &[String],
    text: &mut String,
) {
    let (name, summary) = (vocabulary.class, vocabulary.summary);
    let all: Vec<&RouteLine> = patterns.values().flatten().copied().collect();
    _ = writeln!(text, "\n[class.{name}]\nsummary = \"{summary}\"");
    if !patterns.is_empty() {
        text.push_str("routes = [\n");
    }
    for (pattern, lines) in patterns {
        let word = lines.iter().find_map(|line| reason(vocabulary, line)).unwrap_or_default();
        let examples: Vec<String> = lines.iter().take(EXAMPLES).map(|line| title(line)).collect();
        let more = lines.len().saturating_sub(EXAMPLES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        _ = writeln!(
            text,
            "    # {word}: {}{more}\n    {},",
            comment(&examples.join(", ")),
            quoted(pattern)
        );
    }
    if !patterns.is_empty() {
        text.push_str("]\n");
    }
    writers::written(report, vocabulary, writers, text);
    if !patterns.is_empty() {
        _ = writeln!(text, "\n[class.{name}.gate]");
        gates::gates(vocabulary, &all, text);
    }
}

/// The patterns that claim what the vocabulary knows, each with the routes it was made for.
fn patterns<'r>(
    vocabulary: &Vocabulary,
    mutations: &[&'r RouteLine],
) -> BTreeMap<String, Vec<&'r RouteLine>> {
    let mut found: BTreeMap<String, Vec<&RouteLine>> = BTreeMap::new();
    for line in mutations.iter().filter(|line| is_read(line)) {
        let Some(path) = &line.path else { continue };
        let known = |one: &Vocabulary| prefix(one, path).is_some();
        let pattern = match prefix(vocabulary, path) {
            Some(prefix) => prefix,
            // A handler's name counts where the path says nothing to anyone.
            None if !VOCABULARIES.iter().any(known) && handler_word(vocabulary, line).is_some() => {
                segments(path).flat_map(|one| ["/", in_pattern(one)]).collect()
            }
            None => continue,
        };
        found.entry(pattern).or_default().push(line);
    }
    // `/a/**` speaks for `/a/b/**`.
    let wide: Vec<(String, RoutePath)> = found
        .keys()
        .filter_map(|pattern| Some((pattern.clone(), set(pattern.strip_suffix("/**")?))))
        .collect();
    let mut kept: BTreeMap<String, Vec<&RouteLine>> = BTreeMap::new();
    for (pattern, lines) in found {
        let own = set(pattern.strip_suffix("/**").unwrap_or(&pattern));
        let speaks =
            wide.iter().find(|(other, path)| *other != pattern && covered_by_any([path], &own));
        kept.entry(speaks.map_or(pattern, |(other, _)| other.clone())).or_default().extend(lines);
    }
    kept
}

/// Everything below a pattern's prefix.
fn set(prefix: &str) -> RoutePath {
    RoutePath::parse(&format!("{}/{{*rest}}", prefix.replace('*', "{one}")))
}

/// The path up to the first segment that the vocabulary knows, and everything below.
fn prefix(vocabulary: &Vocabulary, path: &str) -> Option<String> {
    let all: Vec<&str> = segments(path).collect();
    let at = all
        .iter()
        .position(|segment| !segment.starts_with('{') && vocabulary.word_in(segment).is_some())?;
    let kept = all.iter().take(at + 1).map(|segment| format!("/{}", in_pattern(segment)));
    Some(kept.collect::<String>() + "/**")
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// A segment of a route as a pattern writes it.
fn in_pattern(segment: &str) -> &str {
    if segment.starts_with("{*") {
        "**"
    } else if segment.contains('{') {
        "*"
    } else {
        segment
    }
}

fn handler_word(vocabulary: &Vocabulary, line: &RouteLine) -> Option<&'static str> {
    vocabulary.word_in(line.handler.as_deref()?.rsplit(':').next()?)
}

/// Why a route is in the class.
fn reason(vocabulary: &Vocabulary, line: &RouteLine) -> Option<String> {
    let path = line.path.as_deref()?;
    let word =
        segments(path).filter(|one| !one.starts_with('{')).find_map(|one| vocabulary.word_in(one));
    match word {
        Some(word) => Some(format!("\"{word}\" is a word of {}", vocabulary.of)),
        None => handler_word(vocabulary, line)
            .map(|word| format!("a handler's name says \"{word}\", a word of {}", vocabulary.of)),
    }
}

fn is_mutation(line: &RouteLine) -> bool {
    line.method.as_deref().is_none_or(|method| method == ANY || MUTATIONS.contains(&method))
}

/// Whether a pattern can be made of its path.
fn is_read(line: &RouteLine) -> bool {
    let fits = |path: &String| {
        path.starts_with('/')
            && !path.contains("{?}")
            && !path.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    line.method.is_some() && line.path.as_ref().is_some_and(fits)
}

fn title(line: &RouteLine) -> String {
    format!("{} {}", line.method.as_deref().unwrap_or("?"), line.path.as_deref().unwrap_or("?"))
}

/// Text of the tree in a comment: one line, and not without end.
fn comment(text: &str) -> String {
    escape::clipped(&escape::line(text), 200).into_owned()
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests;
