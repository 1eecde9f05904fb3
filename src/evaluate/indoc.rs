//! `indoc!` and its like: text without the indentation that it has in the source.

use crate::{
    source::Span,
    syntax::{
        literal,
        tree::{Expr, ExprKind, Lit, Name},
    },
};

/// The arguments of such a macro with their texts as it reads them: of those that join texts all are one, of the others
/// the first is text.
///
/// - `name`: of the macro.
/// - `text`: that the arguments stand in.
pub(super) fn unindented(name: &str, args: &[Expr], text: &str) -> Vec<Expr> {
    let mut args = args.to_vec();
    let at = usize::from(name == "writedoc");
    let count = if name == "concatdoc" { args.len() } else { 1 };
    let texts = args.iter_mut().skip(at).take(count);
    let written: Vec<(&mut Expr, Written<'_>)> = texts
        .filter_map(|arg| {
            let written = Written::of(arg, text)?;
            Some((arg, written))
        })
        .collect();
    let indent = written.iter().filter_map(|(_, written)| written.indent()).min().unwrap_or(0);
    for (number, (arg, written)) in written.into_iter().enumerate() {
        if let Some(value) = written.without(indent, number == 0) {
            arg.kind = ExprKind::Lit(Lit::Str(value));
        }
    }
    args
}

/// A string literal as it is written: an escape is no line break.
struct Written<'t> {
    inside: &'t str,
    is_raw: bool,
}

impl<'t> Written<'t> {
    fn of(arg: &Expr, text: &'t str) -> Option<Self> {
        let ExprKind::Lit(Lit::Str(_) | Lit::Bytes(_)) = &arg.kind else { return None };
        let written = Span::of(arg.span, text);
        let (prefix, inside) = written.split_once('"')?;
        let inside = inside.rsplit_once('"')?.0;
        Some(Self { inside, is_raw: prefix.contains('r') })
    }

    /// How many blanks begin the least indented line; what follows the opening quote is none, nor is a line of blanks.
    fn indent(&self) -> Option<usize> {
        let lines = self.inside.split('\n').skip(1);
        lines.filter_map(|line| line.find(|blank| !matches!(blank, ' ' | '\t' | '\r'))).min()
    }

    /// The value without so many blanks before each line.
    ///
    /// - `is_first`: whether a first line that is empty is left out.
    fn without(&self, indent: usize, is_first: bool) -> Option<Name> {
        let skips = is_first && (self.inside.starts_with('\n') || self.inside.starts_with("\r\n"));
        let mut left = String::with_capacity(self.inside.len());
        for (at, line) in self.inside.split('\n').enumerate() {
            if at > 1 || at == 1 && !skips {
                left.push('\n');
            }
            match at {
                0 if skips => {}
                0 => left.push_str(line),
                _ => left.push_str(line.get(indent..).unwrap_or_default()),
            }
        }
        if self.is_raw || !left.contains('\\') {
            return Some(left.into());
        }
        literal::value(&left).map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::Written;

    fn read(inside: &str) -> Option<String> {
        let written = Written { inside, is_raw: false };
        let indent = written.indent().unwrap_or(0);
        written.without(indent, true).map(|text| text.to_string())
    }

    #[test]
    fn the_common_indentation_goes() {
        assert_eq!(read("\n    a\n      b\n\n    c\n  ").as_deref(), Some("a\n  b\n\nc\n"));
        assert_eq!(read("a\n    b\n   c").as_deref(), Some("a\n b\nc"));
        assert_eq!(read("\n    a\\n  b\n    c").as_deref(), Some("a\n  b\nc"));
        assert_eq!(read("a").as_deref(), Some("a"));
    }
}
