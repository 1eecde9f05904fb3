//! The output of `git diff --unified=0` to changed lines.

use super::{Changes, Lines};

/// Reads a diff whose paths have the prefixes `a/` and `b/`.
///
/// Contents are skipped by the counts of their hunk, so no line of a file is taken for a header. Where lines were only
/// removed, the lines on either side count as changed.
pub(super) fn changes(diff: &[u8]) -> Changes {
    let mut changes = Changes::default();
    let mut lines = diff.split(|byte| *byte == b'\n').peekable();
    let mut file: Option<String> = None;
    let mut is_new = false;
    while let Some(line) = lines.next() {
        if line.starts_with(b"diff --git ") {
            (file, is_new) = (None, false);
        } else if line.starts_with(b"new file mode ") {
            is_new = true;
        } else if let Some(name) = line.strip_prefix(b"rename to ") {
            changes.0.entry(unquoted(name)).or_insert_with(|| Lines::Some(Vec::new()));
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            // git ends a name that holds a blank with a tab.
            let name = unquoted(name.strip_suffix(b"\t").unwrap_or(name));
            file = name.strip_prefix("b/").map(str::to_owned);
            if let Some(file) = &file {
                let lines = if is_new { Lines::All } else { Lines::Some(Vec::new()) };
                changes.0.entry(file.clone()).or_insert(lines);
            }
        } else if line.starts_with(b"@@ ")
            && let Some((removed, start, added)) = hunk(line)
        {
            if let Some(Lines::Some(ranges)) =
                file.as_ref().and_then(|file| changes.0.get_mut(file))
            {
                ranges.push(if added == 0 {
                    (start, start.saturating_add(1))
                } else {
                    (start, start.saturating_add(added - 1))
                });
            }
            let mut left = u64::from(removed) + u64::from(added);
            while left > 0 && lines.peek().is_some() {
                let is_remark = lines.next().is_some_and(|line| line.starts_with(b"\\"));
                left -= u64::from(!is_remark);
            }
        }
    }
    changes
}

/// `@@ -10,2 +12,3 @@`: how many lines were removed, the first that was added, and how many.
fn hunk(line: &[u8]) -> Option<(u32, u32, u32)> {
    let text = std::str::from_utf8(line.get(..line.len().min(80))?)
        .or_else(|error| std::str::from_utf8(line.get(..error.valid_up_to()).unwrap_or(b"")))
        .ok()?;
    let mut words = text.split(' ').skip(1);
    let (_, removed) = range(words.next()?.strip_prefix('-')?)?;
    let (start, added) = range(words.next()?.strip_prefix('+')?)?;
    Some((removed, start, added))
}

/// `12,3` or `12`, which is one line.
fn range(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

/// A path as git prints it: as it stands, or in quotes with the escapes of C.
fn unquoted(name: &[u8]) -> String {
    let quoted = name.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let Some(inner) = quoted else { return String::from_utf8_lossy(name).into_owned() };
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(first @ b'0'..=b'3') => {
                let digits = [Some(first), bytes.next(), bytes.next()];
                digits.iter().flatten().fold(0u8, |all, digit| {
                    all.wrapping_mul(8).wrapping_add(digit.wrapping_sub(b'0'))
                })
            }
            Some(other) => other,
            None => break,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_skipped_by_their_counts() {
        let diff = b"diff --git a/x.rs b/x.rs\n--- a/x.rs\n+++ b/x.rs\n@@ -1 +1,2 @@ fn x\n-+++ b/evil\n++++ b/evil2\n+@@ -1 +9 @@\n\\ No newline at end of file\n@@ -9,2 +9,0 @@\n-a\n-b\ndiff --git a/y.rs b/y.rs\nnew file mode 100644\n--- /dev/null\n+++ b/y.rs\n@@ -0,0 +1 @@\n+y\ndiff --git a/z b/z\n--- a/z\n+++ /dev/null\n@@ -1 +0,0 @@\n-z\n";
        let found = changes(diff);
        assert_eq!(found.0.keys().collect::<Vec<_>>(), ["x.rs", "y.rs"]);
        assert_eq!(found.0["x.rs"], Lines::Some(vec![(1, 2), (9, 10)]));
        assert_eq!(found.0["y.rs"], Lines::All);
        assert!(found.touch("x.rs", 2, 5) && !found.touch("x.rs", 3, 8) && !found.touch("z", 1, 9));
    }

    #[test]
    fn names_are_unquoted() {
        assert_eq!(unquoted(b"\"b/a\\303\\274\\n\\\"\\\\x\""), "b/a\u{fc}\n\"\\x");
        assert_eq!(unquoted(b"b/a b"), "b/a b");
        let diff =
            b"diff --git a/a b.rs b/a b.rs\n--- a/a b.rs\t\n+++ b/a b.rs\t\n@@ -3 +3 @@\n-x\n+y\n";
        assert!(changes(diff).touch("a b.rs", 3, 3));
    }
}
