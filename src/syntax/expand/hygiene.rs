//! Hygiene: a name that a macro binds is not the name of the call, even where both are spelled alike.
//!
//! Only where they meet is anything changed: the macro's own name is written with a number behind it, wherever its
//! template says it. What a template binds is seen by its tokens: `let`, `for`, closures and arms of `match`.

use std::collections::BTreeSet;

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::transcribe::Template;
use crate::{
    source::Span,
    syntax::token::{TextStart, Tokens, whole},
};

/// Macros whose text names variables in braces.
const FORMATS: [&str; 12] = [
    "format",
    "format_args",
    "write",
    "writeln",
    "print",
    "println",
    "eprint",
    "eprintln",
    "panic",
    "anyhow",
    "bail",
    "assert",
];

/// What no name is spelled like, wherever it stands.
const KEYWORDS: [&str; 39] = [
    "as", "async", "await", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
    "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "type", "unsafe", "use", "where", "while",
];

/// A token of a template.
struct Piece {
    /// As written; a variable's is `$`.
    text: String,
    kind: Kind,
    /// The number of the text it stands in, and where.
    at: (usize, Span),
}

impl Piece {
    /// Whether this is the same sign as `before`, with nothing between them.
    fn follows(&self, before: &Self) -> bool {
        self.text == before.text && self.at.0 == before.at.0 && self.at.1.start == before.at.1.end
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Text,
    Other,
}

/// The names that a template binds.
pub(super) fn bound(template: &[Template]) -> Vec<String> {
    let tokens = tokens(template);
    let mut names = BTreeSet::new();
    let mut read = 0;
    for (at, token) in tokens.iter().enumerate() {
        if at < read {
            continue;
        }
        let rest = tokens.get(at + 1..).unwrap_or_default();
        match token.text.as_str() {
            "let" => names_of(until(rest, &["=", ";", ":"]), &mut names),
            "for" => {
                let pattern = until(rest, &["in", "{", "<", ";"]);
                if rest.get(pattern.len()).is_some_and(|end| end.text == "in") {
                    names_of(pattern, &mut names);
                }
            }
            // `||` is the operator, or a closure without parameters.
            "|" if rest.first().is_some_and(|next| next.follows(token)) => read = at + 2,
            "|" if at == 0 || tokens.get(at - 1).is_some_and(|before| !ends_operand(before)) => {
                let given = until(rest, &["|"]);
                if rest.get(given.len()).is_none_or(|end| end.text != "|") {
                    continue;
                }
                for param in params(given) {
                    names_of(until(param, &[":"]), &mut names);
                }
                // The second bar starts nothing.
                read = at + given.len() + 2;
            }
            "=" if rest.first().is_some_and(|next| next.text == ">") => {
                names_of(
                    until(arm_before(tokens.get(..at).unwrap_or_default()), &["if"]),
                    &mut names,
                );
            }
            _ => {}
        }
    }
    names.into_iter().collect()
}

/// A template in which those of the names it binds that stand in `args` are written otherwise.
pub(super) fn renamed(
    template: &[Template],
    bound: &[String],
    args: &str,
) -> Option<Vec<Template>> {
    let met: Vec<&String> = bound.iter().filter(|name| has_word(args, name)).collect();
    if met.is_empty() {
        return None;
    }
    let tokens = tokens(template);
    let taken =
        |name: &str| has_word(args, name) || tokens.iter().any(|token| has_word(&token.text, name));
    let fresh = |name: &str| {
        let mut names = (1_u32..).map(|n| format!("{name}__{n}"));
        names.find(|name| !taken(name)).unwrap_or_default()
    };
    let names: Vec<(&str, String)> =
        met.into_iter().map(|name| (name.as_str(), fresh(name))).collect();
    let mut changes: Vec<((usize, Span), String)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => open.push(at),
            ")" | "]" | "}" => {
                open.pop();
            }
            _ => {}
        }
        let around = open.last().copied();
        let new = match token.kind {
            Kind::Name => names
                .iter()
                .find(|(name, _)| *name == token.text)
                .and_then(|(_, new)| in_place(&tokens, at, around, new)),
            Kind::Text if is_format(&tokens, around) => in_text(&token.text, &names),
            _ => None,
        };
        changes.extend(new.map(|new| (token.at, new)));
    }
    Some(changed(template, &changes, &mut 0))
}

/// Whether a word stands in a text.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// The tokens of a template in order.
fn tokens(template: &[Template]) -> Vec<Piece> {
    fn read(template: &[Template], texts: &mut usize, into: &mut Vec<Piece>) {
        for part in template {
            match part {
                Template::Text(text) => {
                    for token in Tokens::new(text, whole(text), TextStart::Piece) {
                        if !token.is_code() {
                            continue;
                        }
                        let kind = match token.kind {
                            TokenKind::Ident => Kind::Name,
                            TokenKind::Literal {
                                kind: LiteralKind::Str { .. } | LiteralKind::RawStr { .. },
                                ..
                            } => Kind::Text,
                            _ => Kind::Other,
                        };
                        let written = token.span.of(text).to_owned();
                        into.push(Piece { text: written, kind, at: (*texts, token.span) });
                    }
                    *texts += 1;
                }
                Template::Variable(_) | Template::Crate => into.push(Piece {
                    text: "$".to_owned(),
                    kind: Kind::Other,
                    at: (usize::MAX, Span::default()),
                }),
                Template::Repeat { body, .. } => read(body, texts, into),
            }
        }
    }
    let mut all = Vec::new();
    read(template, &mut 0, &mut all);
    all
}

/// The tokens before the first of `ends` that stands outside all delimiters.
fn until<'t>(tokens: &'t [Piece], ends: &[&str]) -> &'t [Piece] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let text = token.text.as_str();
        // `..=` ends no pattern.
        let of_range =
            text == "=" && at > 0 && tokens.get(at - 1).is_some_and(|before| before.text == ".");
        if depth == 0 && ends.contains(&text) && !of_range {
            return tokens.get(..at).unwrap_or_default();
        }
        match text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return tokens.get(..at).unwrap_or_default(),
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
    }
    tokens
}

/// The parameters of a closure.
fn params(tokens: &[Piece]) -> Vec<&[Piece]> {
    let mut all = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let param = until(rest, &[","]);
        all.push(param);
        rest = rest.get(param.len() + 1..).unwrap_or_default();
    }
    all
}

/// The pattern, with its guard, that ends where `tokens` end.
fn arm_before(tokens: &[Piece]) -> &[Piece] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().rev() {
        match token.text.as_str() {
            ")" | "]" => depth += 1,
            "}" if depth == 0 && tokens.get(at + 1).is_none_or(|next| next.text != "if") => {
                // A block before the arm, or the fields of a struct: what stands in them is no matter.
                return tokens.get(at + 1..).unwrap_or_default();
            }
            "}" => depth += 1,
            "(" | "[" | "{" | "," | ";" if depth == 0 => {
                return tokens.get(at + 1..).unwrap_or_default();
            }
            "(" | "[" | "{" => depth -= 1,
            _ => {}
        }
    }
    tokens
}

/// Whether a token may end what `|` stands behind as an operator.
fn ends_operand(token: &Piece) -> bool {
    const KEYWORDS: [&str; 7] = ["move", "return", "in", "else", "async", "break", "static"];
    match token.kind {
        Kind::Name => !KEYWORDS.contains(&token.text.as_str()),
        Kind::Text => true,
        Kind::Other => {
            matches!(token.text.as_str(), ")" | "]" | "}" | "$")
                || token.text.starts_with(|c: char| c.is_alphanumeric() || c == '\'')
        }
    }
}

/// Gathers the names in a pattern.
fn names_of(pattern: &[Piece], names: &mut BTreeSet<String>) {
    for (at, token) in pattern.iter().enumerate() {
        let text = |at: usize| pattern.get(at).map_or("", |token| token.text.as_str());
        let is_name = token.kind == Kind::Name
            && token.text.starts_with(|c: char| c.is_lowercase() || c == '_')
            && token.text != "_"
            && !KEYWORDS.contains(&token.text.as_str());
        let of_path = at > 0 && text(at - 1) == ":" && at > 1 && text(at - 2) == ":";
        if is_name && !of_path && !matches!(text(at + 1), "(" | "{" | "!" | ":") {
            names.insert(token.text.clone());
        }
    }
}

/// What stands for the name at `at`: `None` where it is a field, a method, an item, or part of a path.
fn in_place(tokens: &[Piece], at: usize, around: Option<usize>, new: &str) -> Option<String> {
    const ITEMS: [&str; 9] =
        ["fn", "struct", "mod", "enum", "trait", "type", "const", "static", "macro_rules"];
    let text = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |t| t.text.as_str());
    let (before, second) = (text(at.checked_sub(1)), text(at.checked_sub(2)));
    let (after, next) = (text(Some(at + 1)), text(Some(at + 2)));
    let of_path = (before, second) == (":", ":") || (after, next) == (":", ":");
    let of_value = before == "." && second != ".";
    let is_macro = after == "!" && next != "=";
    if of_path || of_value || is_macro || ITEMS.contains(&before) {
        return None;
    }
    let in_braces = around.filter(|open| text(Some(*open)) == "{" && *open != at);
    if let Some(open) = in_braces
        && matches!(before, "{" | ",")
    {
        let of_struct = text(open.checked_sub(1));
        if of_struct.starts_with(char::is_uppercase) || of_struct == ">" {
            return match after {
                ":" => None,
                "," | "}" => Some(format!("{}: {new}", text(Some(at)))),
                _ => Some(new.to_owned()),
            };
        }
    }
    Some(new.to_owned())
}

/// Whether the delimiter that opens at `around` holds what a macro like `format!` is given.
fn is_format(tokens: &[Piece], around: Option<usize>) -> bool {
    let text = |back: usize| {
        let at = around.and_then(|open| open.checked_sub(back));
        at.and_then(|at| tokens.get(at)).map_or("", |token| token.text.as_str())
    };
    text(1) == "!" && FORMATS.contains(&text(2))
}

/// A text that names variables in braces, with their new names.
fn in_text(text: &str, names: &[(&str, String)]) -> Option<String> {
    let mut new = text.to_owned();
    for (name, other) in names {
        for end in ["}", ":"] {
            new = new.replace(&format!("{{{name}{end}"), &format!("{{{other}{end}"));
        }
    }
    (new != text).then_some(new)
}

/// The template with what is changed in it.
fn changed(
    template: &[Template],
    changes: &[((usize, Span), String)],
    texts: &mut usize,
) -> Vec<Template> {
    let mut all = Vec::new();
    for part in template {
        all.push(match part {
            Template::Text(text) => {
                let own = changes.iter().filter(|((number, _), _)| number == texts);
                let (mut new, mut done) = (String::new(), 0);
                for ((_, span), name) in own {
                    new.push_str(Span::new(done, span.start).of(text));
                    new.push_str(name);
                    done = span.end;
                }
                new.push_str(text.get(done as usize..).unwrap_or_default());
                *texts += 1;
                Template::Text(new)
            }
            Template::Repeat { body, separator } => Template::Repeat {
                body: changed(body, changes, texts),
                separator: separator.clone(),
            },
            part => part.clone(),
        });
    }
    all
}
