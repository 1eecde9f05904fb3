//! Text of the scanned tree, made safe to show: nothing in a path, a name or a snippet may steer a terminal, reorder
//! the line it stands in, or hide.

use std::{borrow::Cow, fmt::Write as _, io};

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

/// Writes a document as JSON, indented; what [`line()`] would write out stands in its strings as `\u202e`. To a program
/// that is the same text, and to a person who looks at it in a terminal it is inert.
pub fn json(document: &impl serde::Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(Escaping(&mut *out), document)?;
    writeln!(out)
}

/// Writes out what does not show, on its way. Outside of strings JSON has no such character.
struct Escaping<'w>(&'w mut dyn io::Write);

impl io::Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Strings are written whole, or up to a character that JSON escapes itself: never a part of a character.
        match std::str::from_utf8(bytes) {
            Ok(text) if text.chars().any(is_unsafe) => {
                let mut safe = String::with_capacity(text.len() + 16);
                for c in text.chars() {
                    if is_unsafe(c) {
                        for unit in c.encode_utf16(&mut [0; 2]) {
                            _ = write!(safe, "\\u{unit:04x}");
                        }
                    } else {
                        safe.push(c);
                    }
                }
                self.0.write_all(safe.as_bytes())?;
            }
            _ => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
    fn json_is_the_same_to_a_program() {
        let text = "\u{1b}\u{7f}\u{9b}\u{202e}\u{e0041}\n\"größe\" 表 \u{1f4b8}";
        let mut out = Vec::new();
        json(&[text], &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(
            written,
            "[\n  \"\\u001b\\u007f\\u009b\\u202e\\udb40\\udc41\\n\\\"größe\\\" 表 \u{1f4b8}\"\n]\n"
        );
        assert_eq!(serde_json::from_str::<[String; 1]>(&written).unwrap(), [text]);
    }

    #[test]
    fn nothing_leaves_its_cell() {
        assert_eq!(markdown("a|b<i>`x`"), "a\\|b&lt;i&gt;\\`x\\`");
        assert_eq!(markdown_code("a|b"), "`a\\|b`");
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("`"), "`` ` ``");
    }
}
