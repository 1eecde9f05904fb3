//! Text of the scanned tree, made safe to show: nothing in a path, a name or a snippet may steer a terminal, reorder
//! the line it stands in, or hide.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every character that a terminal would obey or not show written out: `\u{1b}`, `\u{202e}`. Newlines and
/// tabs are written out too, so the result is one line.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_unsafe(c) || c == '\n' || c == '\t')
}

/// As [`line()`], but newlines and tabs stay: for excerpts of source.
pub fn snippet(text: &str) -> Cow<'_, str> {
    escaped(text, is_unsafe)
}

/// As [`line()`], and what Markdown would read as markup is escaped, so the result fits a table cell.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// `text` as code in a Markdown table cell.
pub fn markdown_code(text: &str) -> String {
    let safe = line(text).replace('|', "\\|");
    if safe.is_empty() {
        return String::new();
    }
    let longest = safe.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if safe.starts_with('`') || safe.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{safe}{pad}{fence}")
}

/// The first `most` characters of `text`, with `…` where the rest is left out.
pub fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or(""))),
        None => Cow::Borrowed(text),
    }
}

fn escaped(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_bad(c) {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                // Writing to a String cannot fail.
                _ => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters but newline and tab; direction marks and overrides; what takes no width.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(line("a\u{1b}[31mb\u{7}\u{9b}"), "a\\u{1b}[31mb\\u{7}\\u{9b}");
        assert_eq!(
            line("a\u{202e}b\u{2066}\u{200e}\u{200b}\u{feff}"),
            "a\\u{202e}b\\u{2066}\\u{200e}\\u{200b}\\u{feff}"
        );
        assert_eq!(line("a\r\nb\tc"), "a\\r\\nb\\tc");
        assert_eq!(snippet("a\nb\tc\u{1b}"), "a\nb\tc\\u{1b}");
        assert_eq!(line("größe 表"), "größe 表");
    }

    #[test]
    fn nothing_leaves_its_cell() {
        assert_eq!(markdown("a|b<i>`x`"), "a\\|b&lt;i&gt;\\`x\\`");
        assert_eq!(markdown_code("a|b"), "`a\\|b`");
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("`"), "`` ` ``");
    }
}
