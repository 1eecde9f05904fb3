//! Names put together of parts, `[<get_ $name>]`, as the `paste` crate and its successors read them.
//!
//! No Rust that a compiler reads has `[<` and `>]` around names, so such groups are told by their shape, whichever
//! macro is given them and through whatever re-export. What is not of that shape stays as written.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::token::{TextStart, Token, Tokens, whole};

/// `text` with each group as the name it stands for, and documentation that is put together left out.
///
/// `None` when there is nothing of either.
pub fn pasted(text: &str) -> Option<String> {
    if !may_be_in(text) {
        return None;
    }
    let tokens: Vec<Token> =
        Tokens::new(text, whole(text), TextStart::Piece).filter(Token::is_code).collect();
    let mut made = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(token) = tokens.get(at) {
        let found = group(text, tokens.get(at..)?).or_else(|| joined_doc(text, tokens.get(at..)?));
        let Some((len, name)) = found else {
            at += 1;
            continue;
        };
        made.push_str(text.get(copied..token.span.start as usize)?);
        made.push_str(&name);
        at += len;
        copied = tokens.get(at - 1)?.span.end as usize;
    }
    if copied == 0 {
        return None;
    }
    made.push_str(text.get(copied..)?);
    Some(made)
}

/// Whether there may be a group or documentation that is put together in a text: blanks and comments may stand anywhere.
pub fn may_be_in(text: &str) -> bool {
    text.match_indices('[').any(|(at, open)| {
        let rest = after_comments(text.get(at + open.len()..).unwrap_or_default());
        rest.starts_with('<') || rest.starts_with("doc")
    })
}

/// Whether a text has groups, or what a macro makes groups of: `[<$name _all>]`.
///
/// More exact than [`may_be_in`]: `[<T as Size>::OF; 3]` is none.
pub fn names_are_joined_in(text: &str) -> bool {
    if !may_be_in(text) {
        return false;
    }
    let tokens: Vec<Token> =
        Tokens::new(text, whole(text), TextStart::Piece).filter(Token::is_code).collect();
    (0..tokens.len()).any(|at| tokens.get(at..).is_some_and(may_open_group))
}

/// Whether tokens begin with a group of which parts may be put in yet.
fn may_open_group(tokens: &[Token]) -> bool {
    let [open, less, parts @ ..] = tokens else { return false };
    if open.kind != TokenKind::OpenBracket || less.kind != TokenKind::Lt {
        return false;
    }
    let end = parts.iter().position(|token| !may_be_in_group(token.kind));
    let end = end.and_then(|at| parts.get(at..at + 2));
    matches!(end, Some([last, close])
        if last.kind == TokenKind::Gt && close.kind == TokenKind::CloseBracket)
}

/// Whether a token is part of a name that is put together, or of what a macro repeats there.
fn may_be_in_group(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Ident
            | TokenKind::RawIdent
            | TokenKind::Lifetime { .. }
            | TokenKind::Literal { .. }
            | TokenKind::Colon
            | TokenKind::Dollar
            | TokenKind::OpenParen
            | TokenKind::CloseParen
            | TokenKind::Star
            | TokenKind::Plus
            | TokenKind::Question
            | TokenKind::Comma
            | TokenKind::Pound
    )
}

/// A text without the blanks and comments that it begins with.
fn after_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        text = if let Some(comment) = text.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if text.starts_with("/*") {
            let mut tokens = Tokens::new(text, whole(text), TextStart::Piece);
            let end = tokens.next().map_or(0, |token| token.span.end as usize);
            text.get(end.max(1)..).unwrap_or_default()
        } else {
            return text;
        };
    }
}

/// `[< … >]`: how many tokens, and the name.
fn group(text: &str, tokens: &[Token]) -> Option<(usize, String)> {
    let [open, less, parts @ ..] = tokens else { return None };
    if open.kind != TokenKind::OpenBracket || less.kind != TokenKind::Lt {
        return None;
    }
    let mut name = String::new();
    let mut last = String::new();
    let mut at = 0;
    loop {
        let token = parts.get(at)?;
        let written = token.span.of(text);
        match token.kind {
            TokenKind::Gt if parts.get(at + 1)?.kind == TokenKind::CloseBracket => break,
            TokenKind::Colon => {
                last = in_case(&last, parts.get(at + 1)?.span.of(text))?;
                at += 2;
                continue;
            }
            TokenKind::Ident | TokenKind::Lifetime { .. } => {
                name.push_str(&std::mem::replace(&mut last, written.to_owned()));
            }
            TokenKind::RawIdent => {
                let bare = written.trim_start_matches("r#").to_owned();
                name.push_str(&std::mem::replace(&mut last, bare));
            }
            TokenKind::Literal { kind: LiteralKind::Int { .. }, .. } => {
                name.push_str(&std::mem::replace(&mut last, written.to_owned()));
            }
            TokenKind::Literal { kind: LiteralKind::Str { .. }, .. } => {
                let bare = written.trim_matches('"').replace('-', "_");
                name.push_str(&std::mem::replace(&mut last, bare));
            }
            _ => return None,
        }
        at += 1;
    }
    name.push_str(&last);
    let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '\''));
    (is_name && !name.is_empty()).then_some((at + 4, name))
}

/// `name` in the case that a modifier asks for.
fn in_case(name: &str, case: &str) -> Option<String> {
    let mut made = String::new();
    let mut before = '_';
    match case {
        "lower" => return Some(name.to_lowercase()),
        "upper" => return Some(name.to_uppercase()),
        "snake" => {
            for c in name.chars() {
                if c.is_uppercase() && before != '_' {
                    made.push('_');
                }
                made.extend(c.to_lowercase());
                before = c;
            }
        }
        "camel" | "upper_camel" | "lower_camel" => {
            for c in name.chars() {
                match c {
                    '_' => {}
                    c if before == '_' && (case != "lower_camel" || !made.is_empty()) => {
                        made.extend(c.to_uppercase());
                    }
                    c if before.is_uppercase() || made.is_empty() => made.extend(c.to_lowercase()),
                    c => made.push(c),
                }
                before = c;
            }
        }
        _ => return None,
    }
    Some(made)
}

/// `#[doc = "…" stringify!(…) "…"]`: how many tokens; nothing is left of it.
fn joined_doc(text: &str, tokens: &[Token]) -> Option<(usize, String)> {
    let [hash, open, doc, is, parts @ ..] = tokens else { return None };
    if hash.kind != TokenKind::Pound
        || open.kind != TokenKind::OpenBracket
        || doc.span.of(text) != "doc"
        || is.kind != TokenKind::Eq
    {
        return None;
    }
    let mut depth = 0_u32;
    for (at, token) in parts.iter().enumerate() {
        match token.kind {
            TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBracket if depth == 0 => {
                return (at > 1).then(|| (at + 5, String::new()));
            }
            TokenKind::CloseBracket => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_names() {
        let check = |text: &str, made: &str| assert_eq!(pasted(text).as_deref(), Some(made));
        check("fn [<get_ user>]() {}", "fn get_user() {}");
        check("[<UserAccount:snake:upper _ID>]", "USER_ACCOUNT_ID");
        check("struct [<user_account:camel Repo>];", "struct UserAccountRepo;");
        check("[<get \"_all\">]::<[u8; 1]>([0])", "get_all::<[u8; 1]>([0])");
        check("[<r#type _id>]", "type_id");
        check("[ < a_ b > ]() [/**/ < a_ c > ]()", "a_b() a_c()");
        check("#[doc = \"The \" [<a b>] \"!\"] fn a() {}", " fn a() {}");
    }

    #[test]
    fn groups_that_a_macro_fills_are_told() {
        for text in ["[<get_ $name>]", "[<$f $($dd)*>](x)", "[<$name:snake:upper _ID>]", "[<a b>]"]
        {
            assert!(names_are_joined_in(text), "{text}");
        }
        for text in ["[<T as Size>::OF; 3]", "// [<a b>]", "#[doc = \"x\"]", "[<Vec<u8>>::new()]"] {
            assert!(!names_are_joined_in(text), "{text}");
        }
    }

    #[test]
    fn other_brackets_stay() {
        for text in ["[<T as Size>::OF; 3]", "a[0] < b[1]", "#[doc = \"x\"] fn a() {}", "[<a.b>]"] {
            assert_eq!(pasted(text), None, "{text}");
        }
    }
}
