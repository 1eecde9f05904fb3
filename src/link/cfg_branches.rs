//! The branches of `cfg_if!` and `cfg_select!`, each with its condition and its bytes counted from the start of what
//! the macro is given.

use ra_ap_rustc_lexer::TokenKind;
use thin_vec::ThinVec;

use super::cfg::{Token, parse, tokens};
use crate::{source::Span, syntax::tree::Cfg};

/// A branch: its condition, that those before it fail included, and what it holds without the braces.
pub type Branch = (Option<Cfg>, Span);

/// The branches of the macro of this name; `None` if it is neither of them or is given something else.
pub fn cfg_branches(name: &str, args: &str) -> Option<Vec<Branch>> {
    let read = match name {
        "cfg_if" => Reader::ifs,
        "cfg_select" | "cfg_match" => Reader::arms,
        _ => return None,
    };
    let own = read(&mut Reader { args, all: tokens(args).collect(), at: 0 })?;
    let mut before = ThinVec::new();
    let branches = own.into_iter().map(|(own, span)| {
        let mut parts: ThinVec<Cfg> = before.clone();
        parts.extend(own.clone());
        before.extend(own.map(|own| Cfg::Not(Box::new(own))));
        let cfg = if parts.len() > 1 { Some(Cfg::All(parts)) } else { parts.pop() };
        (cfg, span)
    });
    Some(branches.collect())
}

struct Reader<'a> {
    args: &'a str,
    all: Vec<Token>,
    at: usize,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> &str {
        self.all.get(at).map_or("", |token| token.span.of(self.args))
    }

    /// Where the group ends that opens at a token, and what is inside.
    fn group(&self, at: usize) -> Option<(usize, Span)> {
        let mut depth = 0_u32;
        for (end, token) in self.all.iter().enumerate().skip(at) {
            match token.kind {
                TokenKind::OpenBrace | TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
                TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some((
                            end,
                            Span::new(self.all.get(at)?.span.end, token.span.start),
                        ));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The token after the one that starts at `at`, past all of a group.
    fn after(&self, at: usize) -> Option<usize> {
        let opens = matches!(
            self.all.get(at)?.kind,
            TokenKind::OpenBrace | TokenKind::OpenParen | TokenKind::OpenBracket
        );
        Some(if opens { self.group(at)?.0 } else { at } + 1)
    }

    /// `if #[cfg(a)] { … } else if #[cfg(b)] { … } else { … }`.
    fn ifs(&mut self) -> Option<Vec<Branch>> {
        let mut branches = Vec::new();
        while self.at < self.all.len() {
            let mut own = None;
            if self.word(self.at) == "else" {
                self.at += 1;
            }
            if self.word(self.at) == "if" {
                let (at, word) = (self.at, |at| self.word(at));
                if (word(at + 1), word(at + 2), word(at + 3)) != ("#", "[", "cfg") {
                    return None;
                }
                own = Some(parse(self.group(at + 4)?.1.of(self.args)));
                self.at = self.group(at + 2)?.0 + 1;
            }
            branches.push((own, self.braced()?));
        }
        Some(branches)
    }

    /// `unix => { … } feature = "x" => expression, _ => { … }`.
    fn arms(&mut self) -> Option<Vec<Branch>> {
        let mut branches = Vec::new();
        while self.at < self.all.len() {
            let start = self.all.get(self.at)?.span.start;
            while (self.word(self.at), self.word(self.at + 1)) != ("=", ">") {
                self.at = self.after(self.at)?;
            }
            let condition = Span::new(start, self.all.get(self.at)?.span.start).of(self.args);
            let own = Some(condition.trim()).filter(|text| *text != "_").map(parse);
            self.at += 2;
            branches.push((own, self.arm()?));
            if self.word(self.at) == "," {
                self.at += 1;
            }
        }
        Some(branches)
    }

    /// What stands behind `=>`.
    fn arm(&mut self) -> Option<Span> {
        if self.word(self.at) == "{" {
            return self.braced();
        }
        let start = self.all.get(self.at)?.span.start;
        let mut end = start;
        while self.at < self.all.len() && self.word(self.at) != "," {
            self.at = self.after(self.at)?;
            end = self.all.get(self.at - 1)?.span.end;
        }
        Some(Span::new(start, end))
    }

    fn braced(&mut self) -> Option<Span> {
        if self.word(self.at) != "{" {
            return None;
        }
        let (end, inner) = self.group(self.at)?;
        self.at = end + 1;
        Some(inner)
    }
}
