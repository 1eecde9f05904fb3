//! `macro_rules!`: a call's arguments to the text the call stands for.
//!
//! A pure function of texts. Matching follows the compiler's: rules in order, fragments parsed by `syn`, repetitions
//! taken as long as they match. What is transcribed keeps the bytes of the macro and of the arguments, so literals
//! stay as written; the result is read like any source. A name that a macro's body binds is told from the same name in
//! the call.

use std::borrow::Cow;

use ra_ap_rustc_lexer::{DocStyle, TokenKind};

use super::token::{TextStart, Token, Tokens, whole};
use super::{SyntaxError, scan::Scan};
use crate::source::{Expansion, Moves, Span};

mod hygiene;
mod local_calls;
mod matcher;
mod opaque;
mod pattern;
mod printed;
mod transcribe;

use matcher::match_rule;
use pattern::Pattern;
pub use printed::printed;
use transcribe::Template;

/// How long an expansion may be, in bytes.
const LONGEST: usize = 1 << 20;

/// The rules of one macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacroRules {
    rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    patterns: Vec<Pattern>,
    template: Vec<Template>,
    /// The names that the template binds.
    bound: Vec<String>,
}

/// What a call brings along.
#[derive(Debug, Clone, Copy)]
pub struct ExpandCall<'a> {
    /// What `$crate` becomes: `crate`, `::name`.
    pub crate_path: &'a str,
}

/// Why a call cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// The arguments are no tokens.
    #[error("the arguments cannot be read: {0}")]
    Arguments(SyntaxError),
    /// No rule takes the arguments.
    #[error("no rule of the macro matches the arguments")]
    NoRule,
    /// Matching took too many steps.
    #[error("matching the arguments takes too long")]
    TooLong,
    /// The expansion is too large.
    #[error("the expansion is larger than 1 MB")]
    TooLarge,
    /// A variable repeats differently from how it is used.
    #[error("`${0}` is not repeated as often as it is used")]
    Repetition(String),
}

impl MacroRules {
    /// Reads what stands between the outer delimiters of `macro_rules! name { … }`.
    ///
    /// - `local`: the macros that it calls by name are those of its own crate.
    ///
    /// # Errors
    /// When a rule is not `(pattern) => {template}`.
    pub fn parse(text: &str, local: bool) -> Result<Self, SyntaxError> {
        Scan::new(text, whole(text), TextStart::Piece)?;
        let (text, _) = docs_as_attributes(text);
        let tokens: Vec<Token> =
            Tokens::new(&text, whole(&text), TextStart::Piece).filter(Token::is_code).collect();
        let mut reader = pattern::Reader::new(&text, &tokens);
        let mut rules = Vec::new();
        while !reader.is_empty() {
            let (patterns, mut template) = reader.rule()?;
            if local {
                template = local_calls::with_local_calls(template);
            }
            let bound = hygiene::bound(&template);
            rules.push(Rule { patterns, template, bound });
        }
        Ok(Self { rules })
    }

    /// What a call with these arguments stands for.
    ///
    /// # Errors
    /// When no rule matches, or the result or the way to it is too long.
    pub fn expand(&self, args: &str, call: ExpandCall<'_>) -> Result<Expansion, ExpandError> {
        Scan::new(args, whole(args), TextStart::Piece).map_err(ExpandError::Arguments)?;
        let (args, moves) = docs_as_attributes(args);
        for rule in &self.rules {
            let Some(bound) = match_rule(&rule.patterns, &args)? else { continue };
            let own = hygiene::renamed(&rule.template, &rule.bound, &args);
            let template = own.as_ref().unwrap_or(&rule.template);
            let made = transcribe::transcribe(template, &bound, call.crate_path, LONGEST)?;
            return Ok(Expansion { moves, ..made });
        }
        Err(ExpandError::NoRule)
    }
}

/// To a macro a doc comment is the attribute it stands for; what it says is of no interest here. With where the rest
/// stands in `text`.
fn docs_as_attributes(text: &str) -> (Cow<'_, str>, Moves) {
    let mut out = Cow::Borrowed(text);
    let mut taken = 0;
    let mut points = Vec::new();
    for token in Tokens::new(text, whole(text), TextStart::Piece) {
        let attribute = match token.kind {
            TokenKind::LineComment { doc_style: Some(style) }
            | TokenKind::BlockComment { doc_style: Some(style), .. } => {
                if style == DocStyle::Outer { "#[doc=\"\"]" } else { "#![doc=\"\"]" }
            }
            _ => continue,
        };
        let before = Span::new(taken, token.span.start).of(text);
        if taken == 0 {
            out = Cow::Owned(String::with_capacity(text.len()));
        }
        let out = out.to_mut();
        out.push_str(before);
        out.push_str(attribute);
        taken = token.span.end;
        points.push((u32::try_from(out.len()).unwrap_or(u32::MAX), taken));
    }
    if taken > 0 {
        out.to_mut().push_str(text.get(taken as usize..).unwrap_or(""));
    }
    (out, Moves::new(points))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(rules: &str, args: &str) -> String {
        let text = MacroRules::parse(rules, false)
            .unwrap()
            .expand(args, ExpandCall { crate_path: "::shop" })
            .unwrap()
            .text;
        let tokens = Tokens::new(&text, whole(&text), TextStart::Piece).filter(Token::is_code);
        tokens.map(|token| token.span.of(&text).to_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fragments_are_taken_whole() {
        assert_eq!(
            expanded("($a:expr, $b:ty) => { f::<$b>($a) };", "1 + 2, Vec<u8>"),
            "f : : < Vec < u8 > > ( ( 1 + 2 ) )"
        );
        assert_eq!(expanded("($a:expr) => { $a * 2 };", "x.y()"), "x . y ( ) * 2");
        assert_eq!(expanded("($a:expr) => { -$a };", "x as u8"), "- ( x as u8 )");
        assert_eq!(expanded("($a:expr) => { $a };", "\"a\""), "\"a\"");
        assert_eq!(expanded("($p:path) => { $p };", "a::b"), "a : : b");
        assert_eq!(
            expanded(
                "($v:vis fn $n:ident $b:block) => { $v fn $n() $b };",
                "pub(crate) fn a { 1 }"
            ),
            "pub ( crate ) fn a ( ) { 1 }"
        );
        assert_eq!(expanded("($v:vis fn $n:ident) => { $v fn $n() {} };", "fn a"), "fn a ( ) { }");
        assert_eq!(
            expanded(
                "($l:lifetime $p:pat => $i:item $m:meta) => { $l $p $i #[$m] };",
                "'a Some(1) | None => fn a() {} get(\"/x\")"
            ),
            "'a Some ( 1 ) | None fn a ( ) { } # [ get ( \"/x\" ) ]"
        );
    }

    #[test]
    fn repetitions_nest() {
        let rules = "($($method:ident: [$($path:literal => $handler:path),* $(,)?]);* $(;)?) => { $($(r.$method($path, $handler);)*)* };";
        assert_eq!(
            expanded(rules, "get: [\"/a\" => a::b, \"/c\" => d,]; post: [];"),
            "r . get ( \"/a\" , a : : b ) ; r . get ( \"/c\" , d ) ;"
        );
        let outer = "($s:ident; $($x:expr),+) => { [$($s($x)),+] };";
        assert_eq!(expanded(outer, "f; 1, 2"), "[ f ( 1 ) , f ( 2 ) ]");
        assert_eq!(expanded("($($a:ident)? $(= $b:tt)?) => { $($a)? $($b)? };", "= 3"), "3");
    }

    #[test]
    fn rules_are_tried_in_order() {
        let rules = "(@one $x:tt) => { one $x }; (get $x:expr) => { get($x) }; ($($t:tt)*) => { any($($t)*) };";
        assert_eq!(expanded(rules, "@one x"), "one x");
        assert_eq!(expanded(rules, "get a"), "get ( a )");
        assert_eq!(expanded(rules, "a => {b}, 'c"), "any ( a = > { b } , 'c )");
    }

    #[test]
    fn doc_comments_are_attributes() {
        let rules = "($(#[$m:meta])* $n:ident) => { $(#[$m])* struct $n; };";
        assert_eq!(
            expanded(rules, "/// a\n/** b */ #[c] D"),
            "# [ doc = \"\" ] # [ doc = \"\" ] # [ c ] struct D ;"
        );
        // In a rule too: a macro may call itself with one.
        assert_eq!(
            expanded("($n:ident) => { m! { /// a\n $n } };", "x"),
            "m ! { # [ doc = \"\" ] x }"
        );
    }

    #[test]
    fn crate_is_the_defining_crate() {
        assert_eq!(expanded("() => { $crate::gate() };", ""), ": : shop : : gate ( )");
    }

    #[test]
    fn names_do_not_grow_together() {
        assert_eq!(
            expanded("($a:ident) => { fn $a() {} struct$a; };", "x"),
            "fn x ( ) { } struct x ;"
        );
        assert_eq!(expanded("($($a:tt)*) => { $($a)* };", "a b 1 2"), "a b 1 2");
    }

    #[test]
    fn names_of_the_macro_are_not_those_of_the_call() {
        assert_eq!(
            expanded("($p:expr) => { { let x = 1; f(x, $p, s.x, S { x, y: x }) } };", "x"),
            "{ let x__1 = 1 ; f ( x__1 , x , s . x , S { x : x__1 , y : x__1 } ) }"
        );
        assert_eq!(
            expanded("($p:expr) => { { let x = 1; f(x, $p) } };", "y"),
            "{ let x = 1 ; f ( x , y ) }"
        );
        assert_eq!(
            expanded("($p:expr) => { a.map(|x: u8| format!(\"{x}{}\", $p)) };", "x"),
            "a . map ( | x__1 : u8 | format ! ( \"{x__1}{}\" , x ) )"
        );
        assert_eq!(
            expanded("($p:expr) => { match a { Some(x) if x > 1 => $p, x => x::y(x) } };", "x"),
            "match a { Some ( x__1 ) if x__1 > 1 = > x , x__1 = > x : : y ( x__1 ) }"
        );
        assert_eq!(
            expanded("($x:ident, $p:expr) => { { let $x = 1; for y in $p { g(y) } } };", "x, y(x)"),
            "{ let x = 1 ; for y__1 in y ( x ) { g ( y__1 ) } }"
        );
    }

    #[test]
    fn failures_are_told_apart() {
        let rules =
            MacroRules::parse("(a) => {}; ($($x:ident),*; $($y:ident),*) => { $($x $y)* };", false)
                .unwrap();
        let call = ExpandCall { crate_path: "crate" };
        assert_eq!(rules.expand("b", call), Err(ExpandError::NoRule));
        assert!(matches!(rules.expand("b, c; d", call), Err(ExpandError::Repetition(_))));
        assert!(matches!(rules.expand("(", call), Err(ExpandError::Arguments(_))));
        assert!(MacroRules::parse("(a) = {}", false).is_err());
        let large = MacroRules::parse(
            "($($a:tt)*) => { $($a \"0123456789012345678901234567890123456789\")* };",
            false,
        )
        .unwrap();
        assert_eq!(large.expand(&"a ".repeat(40_000), call), Err(ExpandError::TooLarge));
    }
}
