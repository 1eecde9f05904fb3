//! Whether a rule's pattern takes the arguments of a call, and what its variables then stand for.

use std::ops::ControlFlow;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::discouraged::{AnyDelimiter as _, Speculative as _};
use syn::parse::{ParseStream, Parser as _};

use super::ExpandError;
use super::opaque::{Fragment, Kind, Marked, marked as fragments, without_marks};
use super::pattern::{Pattern, Times, operator_at};
use super::transcribe::{Bound, Bounds};
use crate::syntax::{chars::Chars, forget_spans};

/// How many patterns may be tried for one call.
const STEPS: u32 = 2_000_000;

/// Matches `args` against one rule; `None` when it does not take them.
pub(super) fn match_rule(patterns: &[Pattern], args: &str) -> Result<Option<Bounds>, ExpandError> {
    let mut matcher =
        Matcher { args, chars: Chars::new(args), steps: 0, fragments: fragments(args) };
    let mut found = None;
    if let Ok(tokens) = args.parse::<TokenStream>() {
        let run = |input: ParseStream<'_>| {
            let mut bounds = Bounds::new();
            if matcher.sequence(patterns, input, &mut bounds).is_continue() && input.is_empty() {
                found = Some(bounds);
            }
            input.parse::<TokenStream>().map(drop)
        };
        // Leftovers were judged above.
        let _: syn::Result<()> = run.parse2(tokens);
    }
    forget_spans();
    if matcher.steps > STEPS { Err(ExpandError::TooLong) } else { Ok(found) }
}

/// Goes on when a pattern matched.
type Matched = ControlFlow<()>;

fn matched(yes: bool) -> Matched {
    if yes { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

struct Matcher<'a> {
    args: &'a str,
    chars: Chars<'a>,
    steps: u32,
    /// What other macros were given as one token.
    fragments: Vec<Marked>,
}

impl Matcher<'_> {
    fn sequence(
        &mut self,
        patterns: &[Pattern],
        input: ParseStream<'_>,
        bounds: &mut Bounds,
    ) -> Matched {
        let mut patterns = patterns;
        while let Some((pattern, rest)) = patterns.split_first() {
            self.steps += 1;
            matched(self.steps <= STEPS)?;
            match pattern {
                Pattern::Token(text) => matched(self.token(input, text))?,
                Pattern::Group(open, inner) => self.group(*open, inner, input, bounds)?,
                Pattern::Fragment { name, kind } => {
                    let Some(fragment) = self.fragment(kind, input) else {
                        return ControlFlow::Break(());
                    };
                    bounds.insert(name.clone(), Bound::One(fragment));
                }
                Pattern::Repeat { body, separator, times } => {
                    self.repeat(body, separator, *times, rest, input, bounds)?;
                }
            }
            patterns = rest;
        }
        ControlFlow::Continue(())
    }

    fn group(
        &mut self,
        open: char,
        inner: &[Pattern],
        input: ParseStream<'_>,
        bounds: &mut Bounds,
    ) -> Matched {
        matched(self.marked(input).is_none())?;
        let ahead = input.fork();
        let Ok((delimiter, _, content)) = ahead.parse_any_delimiter() else {
            return ControlFlow::Break(());
        };
        let same = match delimiter {
            Delimiter::Parenthesis => open == '(',
            Delimiter::Brace => open == '{',
            Delimiter::Bracket => open == '[',
            Delimiter::None => false,
        };
        matched(same)?;
        self.sequence(inner, &content, bounds)?;
        matched(content.is_empty())?;
        input.advance_to(&ahead);
        ControlFlow::Continue(())
    }

    /// Takes turns as long as they match; a turn that would take what the rest of the rule asks for is not taken.
    fn repeat(
        &mut self,
        body: &[Pattern],
        separator: &[String],
        times: Times,
        rest: &[Pattern],
        input: ParseStream<'_>,
        bounds: &mut Bounds,
    ) -> Matched {
        let mut turns: Vec<Bounds> = Vec::new();
        loop {
            if input.is_empty() || (times == Times::Maybe && !turns.is_empty()) {
                break;
            }
            let ahead = input.fork();
            if !turns.is_empty() && !separator.iter().all(|text| self.token(&ahead, text)) {
                break;
            }
            if (turns.is_empty() || separator.is_empty())
                && self.literal_next(rest, input)
                && !self.literal_next(body, input)
            {
                break;
            }
            let mut turn = Bounds::new();
            let start = ahead.cursor();
            if self.sequence(body, &ahead, &mut turn).is_break() {
                matched(self.steps <= STEPS)?;
                break;
            }
            if ahead.cursor() == start {
                // An empty turn would be taken for ever.
                break;
            }
            input.advance_to(&ahead);
            turns.push(turn);
        }
        matched(times != Times::Some || !turns.is_empty())?;
        let mut names = Vec::new();
        variables(body, &mut names);
        for name in names {
            let values =
                turns.iter_mut().map(|turn| turn.remove(name).unwrap_or(Bound::Many(Vec::new())));
            bounds.insert(name.to_owned(), Bound::Many(values.collect()));
        }
        ControlFlow::Continue(())
    }

    /// The fragment of another macro that comes next.
    fn marked(&self, input: ParseStream<'_>) -> Option<Marked> {
        if self.fragments.is_empty() || input.is_empty() {
            return None;
        }
        let start = self.chars.start(input.span());
        let at = self.fragments.binary_search_by_key(&start, |known| known.start).ok()?;
        self.fragments.get(at).copied()
    }

    /// Takes the token written `text` if it comes next.
    fn token(&self, input: ParseStream<'_>, text: &str) -> bool {
        self.marked(input).is_none() && token(input, text)
    }

    /// Whether the next pattern is a token that comes next in `input`.
    fn literal_next(&self, patterns: &[Pattern], input: ParseStream<'_>) -> bool {
        match patterns.first() {
            Some(Pattern::Token(text)) => self.token(&input.fork(), text),
            _ => false,
        }
    }

    /// Takes a fragment; `None` when `input` does not start with one.
    fn fragment(&self, kind: &str, input: ParseStream<'_>) -> Option<Fragment> {
        let before = input.cursor();
        let first = input.span();
        let ahead = input.fork();
        let marked = self.marked(input);
        let wrap = match marked {
            Some(_) if matches!(kind, "ident" | "lifetime") => return None,
            Some(marked) if kind == "tt" => {
                while !ahead.is_empty() && self.chars.start(ahead.span()) < marked.end {
                    ahead.parse::<TokenTree>().ok()?;
                }
                false
            }
            _ => take(kind, &ahead)?,
        };
        input.advance_to(&ahead);
        let after = input.cursor();
        if before == after {
            let (text, at) = (String::new(), self.chars.start(first));
            return Some(Fragment { text, kind: Kind::Tokens, start: at, end: at, lead: 0 });
        }
        let from = self.chars.start(first);
        let to = self.chars.end(after.prev_span());
        let next = (!ahead.is_empty()).then(|| self.chars.start(ahead.span()));
        if marked.is_some_and(|marked| next.is_some_and(|next| next < marked.end)) {
            return None;
        }
        let text = self.args.get(from..to)?;
        let kind = match marked {
            _ if wrap => Kind::Wrapped,
            Some(marked) if to <= marked.end => marked.kind,
            _ if kind == "tt" => Kind::Touching,
            _ if matches!(kind, "ident" | "lifetime") => Kind::Tokens,
            _ => Kind::Whole,
        };
        let is_seen_into = matches!(kind, Kind::Tokens | Kind::Touching);
        let text = if is_seen_into { text.to_owned() } else { without_marks(text) };
        // Alone on its line, so that a comment at its end hides nothing.
        let text = if text.contains("//") { format!("{text}\n") } else { text };
        let text = if wrap { format!("({text})") } else { text };
        Some(Fragment { text, kind, start: from, end: to, lead: usize::from(wrap) })
    }
}

/// Takes the token written `text` if it comes next.
fn token(input: ParseStream<'_>, text: &str) -> bool {
    let cursor = input.cursor();
    if let Some(known) = operator_at(text) {
        let comes = operator(input) == known.len() && starts_with(input, known);
        return comes && punctuation(input).is_ok();
    }
    let same = if let Some((ident, _)) = cursor.ident() {
        ident == text
    } else if let Some((lifetime, _)) = cursor.lifetime() {
        lifetime.to_string() == text
    } else if let Some((punct, _)) = cursor.punct() {
        text.len() == punct.as_char().len_utf8()
            && text.starts_with(punct.as_char())
            && operator(input) == 1
    } else if let Some((literal, _)) = cursor.literal() {
        literal.to_string() == text
    } else {
        false
    };
    same && if cursor.lifetime().is_some() {
        input.parse::<syn::Lifetime>().is_ok()
    } else {
        input.parse::<TokenTree>().is_ok()
    }
}

/// Takes a fragment of a kind; whether its text needs parentheses to stay one expression.
fn take(kind: &str, input: ParseStream<'_>) -> Option<bool> {
    let done = |result: syn::Result<()>| result.ok().map(|()| false);
    match kind {
        "ident" => {
            if input.peek(syn::Token![_]) {
                return None;
            }
            done(input.call(syn::Ident::parse_any).map(drop))
        }
        "expr" | "expr_2021" => {
            if input.peek(syn::Token![_]) && kind == "expr_2021" {
                return None;
            }
            let expr = input.parse::<syn::Expr>().ok()?;
            Some(needs_parentheses(&expr))
        }
        "ty" => done(input.parse::<syn::Type>().map(drop)),
        "tt" if input.peek(syn::Lifetime) => done(input.parse::<syn::Lifetime>().map(drop)),
        "tt" => done(punctuation(input)),
        "literal" => {
            if input.peek(syn::Token![-]) {
                input.parse::<syn::Token![-]>().ok()?;
            }
            done(input.parse::<syn::Lit>().map(drop))
        }
        "lifetime" => done(input.parse::<syn::Lifetime>().map(drop)),
        "path" => done(input.parse::<syn::TypePath>().map(drop)),
        "pat" => done(input.call(syn::Pat::parse_multi_with_leading_vert).map(drop)),
        "pat_param" => done(input.call(syn::Pat::parse_single).map(drop)),
        "stmt" => done(statement(input)),
        "block" => done(input.parse::<syn::Block>().map(drop)),
        "item" => done(input.parse::<syn::Item>().map(drop)),
        "vis" => done(input.parse::<syn::Visibility>().map(drop)),
        "meta" => done(input.parse::<syn::Meta>().map(drop)),
        _ => None,
    }
}

/// The characters of the operator that comes next; 1 for anything else.
fn operator(input: ParseStream<'_>) -> usize {
    let mut glued = String::new();
    let mut cursor = input.cursor();
    while let Some((punct, next)) = cursor.punct() {
        glued.push(punct.as_char());
        cursor = next;
        if punct.spacing() == proc_macro2::Spacing::Alone || glued.len() >= 3 {
            break;
        }
    }
    operator_at(&glued).map_or(1, str::len)
}

/// Whether these characters of punctuation come next.
fn starts_with(input: ParseStream<'_>, text: &str) -> bool {
    let mut cursor = input.cursor();
    text.chars().all(|wanted| match cursor.punct() {
        Some((punct, next)) => {
            cursor = next;
            punct.as_char() == wanted
        }
        None => false,
    })
}

/// Takes one token tree; operators of several characters are one.
fn punctuation(input: ParseStream<'_>) -> syn::Result<()> {
    for _ in 0..operator(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// A statement without its `;`.
fn statement(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(syn::Token![let]) {
        input.parse::<syn::Token![let]>()?;
        input.call(syn::Pat::parse_single)?;
        if input.parse::<Option<syn::Token![:]>>()?.is_some() {
            input.parse::<syn::Type>()?;
        }
        if input.parse::<Option<syn::Token![=]>>()?.is_some() {
            input.parse::<syn::Expr>()?;
        }
        return Ok(());
    }
    let ahead = input.fork();
    if ahead.parse::<syn::Item>().is_ok() {
        input.advance_to(&ahead);
        return Ok(());
    }
    input.parse::<syn::Expr>().map(drop)
}

/// Whether an operator behind the expression could take a part of it.
fn needs_parentheses(expr: &syn::Expr) -> bool {
    !matches!(
        expr,
        syn::Expr::Lit(_)
            | syn::Expr::Path(_)
            | syn::Expr::Call(_)
            | syn::Expr::Paren(_)
            | syn::Expr::Tuple(_)
            | syn::Expr::Array(_)
            | syn::Expr::Repeat(_)
            | syn::Expr::Macro(_)
            | syn::Expr::Block(_)
            | syn::Expr::MethodCall(_)
            | syn::Expr::Field(_)
            | syn::Expr::Index(_)
            | syn::Expr::Infer(_)
    )
}

fn variables<'p>(patterns: &'p [Pattern], names: &mut Vec<&'p str>) {
    for pattern in patterns {
        match pattern {
            Pattern::Fragment { name, .. } => names.push(name),
            Pattern::Group(_, inner) => variables(inner, names),
            Pattern::Repeat { body, .. } => variables(body, names),
            Pattern::Token(_) => {}
        }
    }
}
