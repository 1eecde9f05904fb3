//! The numbers that the variants of an enum are given: read when something asks, since few enums give any.

use super::{body::read, tree::Expr};
use crate::source::Span;

/// What stands behind `=` at each variant of the enum at `span`; nothing if no enum stands there, or if it depends on a
/// condition which variants there are.
pub fn discriminants(text: &str, span: Span) -> Option<Vec<Option<Expr>>> {
    let parser = <syn::ItemEnum as syn::parse::Parse>::parse;
    let lowered = read(text, span, parser, |lower, item| {
        let given = |variant: &syn::Variant| {
            variant.discriminant.as_ref().map(|(_, expr)| lower.expr(expr))
        };
        let is_cfg = |attr: &syn::Attribute| attr.path().is_ident("cfg");
        let conditional = item.variants.iter().flat_map(|variant| &variant.attrs).any(is_cfg);
        (!conditional).then(|| item.variants.iter().map(given).collect())
    });
    lowered.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::whole;

    #[test]
    fn numbers_are_read() {
        let text = "#[repr(u8)] pub enum E { A, B = 5, C(u8) = 1 + 2 }";
        let found = discriminants(text, whole(text)).unwrap_or_default();
        assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true]);
        for none in ["struct S;", "enum E { #[cfg(unix)] A, B }"] {
            assert_eq!(discriminants(none, whole(none)), None);
        }
    }
}
