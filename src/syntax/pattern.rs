//! Patterns and literals of `syn` to those of our tree.

use syn::punctuated::Punctuated;
use thin_vec::ThinVec;

use super::lower::{Lower, ident};
use super::tree::{Lit, Name, Pat};

impl Lower<'_> {
    /// Lowers a pattern.
    pub fn pat(&self, pat: &syn::Pat) -> Pat {
        match pat {
            syn::Pat::Guard(pat) => self.pat(&pat.pat),
            syn::Pat::Ident(pat) => Pat::Bind {
                name: ident(&pat.ident),
                by_mut: pat.by_ref.is_some() && pat.mutability.is_some(),
                is_mut: pat.by_ref.is_none() && pat.mutability.is_some(),
                sub: pat.subpat.as_ref().map(|(_, sub)| Box::new(self.pat(sub))),
                span: self.span(pat.ident.span()),
            },
            syn::Pat::Lit(pat) => Pat::Lit(literal(&pat.lit)),
            syn::Pat::Or(pat) => Pat::Or(pat.cases.iter().map(|case| self.pat(case)).collect()),
            syn::Pat::Paren(pat) => self.pat(&pat.pat),
            syn::Pat::Path(pat) => Pat::Path(self.qualified(pat.qself.as_ref(), &pat.path)),
            syn::Pat::Range(pat) => {
                let end = |end: &Option<Box<syn::Expr>>| end.as_deref().map(|end| self.end(end));
                let inclusive = matches!(pat.limits, syn::RangeLimits::Closed(_));
                Pat::Range(Box::new((end(&pat.start), end(&pat.end))), inclusive)
            }
            syn::Pat::Const(_) => Pat::Unread,
            syn::Pat::Macro(pat) => Pat::Macro(Box::new(self.macro_call(&pat.mac))),
            syn::Pat::Reference(pat) => Pat::Ref(Box::new(self.pat(&pat.pat))),
            syn::Pat::Slice(pat) => {
                let (mut elems, rest) = self.pats(&pat.elems);
                if let Some(at) = pat.elems.iter().position(|pat| matches!(pat, syn::Pat::Rest(_)))
                {
                    elems.insert(at, Pat::Wild);
                }
                Pat::Slice(elems, rest)
            }
            syn::Pat::Struct(pat) => {
                let fields =
                    pat.fields.iter().map(|field| (member(&field.member), self.pat(&field.pat)));
                Pat::Struct(self.qualified(pat.qself.as_ref(), &pat.path), fields.collect())
            }
            syn::Pat::Tuple(pat) => {
                let (elems, rest) = self.pats(&pat.elems);
                Pat::Tuple(elems, rest)
            }
            syn::Pat::TupleStruct(pat) => {
                let (elems, rest) = self.pats(&pat.elems);
                Pat::TupleStruct(self.qualified(pat.qself.as_ref(), &pat.path), elems, rest)
            }
            syn::Pat::Type(pat) => Pat::Typed(Box::new(self.pat(&pat.pat)), self.ty(&pat.ty)),
            _ => Pat::Wild,
        }
    }

    /// One end of a range.
    fn end(&self, end: &syn::Expr) -> Pat {
        match end {
            syn::Expr::Lit(end) => Pat::Lit(literal(&end.lit)),
            syn::Expr::Path(end) => Pat::Path(self.qualified(end.qself.as_ref(), &end.path)),
            syn::Expr::Unary(end) if matches!(end.op, syn::UnOp::Neg(_)) => {
                match self.end(&end.expr) {
                    Pat::Lit(Lit::Int(n)) => Pat::Lit(Lit::Int((-n.get()).into())),
                    _ => Pat::Unread,
                }
            }
            _ => Pat::Unread,
        }
    }

    /// The elements but `..`, and where it stands; `rest @ ..` is an element too.
    fn pats<P>(&self, pats: &Punctuated<syn::Pat, P>) -> (ThinVec<Pat>, Option<usize>) {
        let mut rest = None;
        let mut elems = ThinVec::with_capacity(pats.len());
        for pat in pats {
            match pat {
                syn::Pat::Rest(_) => rest = Some(elems.len()),
                syn::Pat::Ident(bound) if matches!(&bound.subpat, Some((_, sub)) if matches!(**sub, syn::Pat::Rest(_))) =>
                {
                    rest = Some(elems.len());
                    elems.push(self.pat(pat));
                }
                pat => elems.push(self.pat(pat)),
            }
        }
        (elems, rest)
    }
}

/// A field's name, or its position as one.
pub fn member(member: &syn::Member) -> Name {
    match member {
        syn::Member::Named(name) => ident(name),
        syn::Member::Unnamed(index) => Name::from(index.index.to_string()),
    }
}

fn boxed(text: impl Into<Name>) -> Box<Name> {
    Box::new(text.into())
}

/// Lowers a literal.
pub fn literal(lit: &syn::Lit) -> Lit {
    match lit {
        syn::Lit::Str(lit) => Lit::Str(Name::from(lit.value())),
        syn::Lit::ByteStr(lit) => Lit::Bytes(boxed(String::from_utf8_lossy(&lit.value()))),
        syn::Lit::CStr(lit) => Lit::Bytes(boxed(lit.value().to_string_lossy())),
        syn::Lit::Byte(lit) => Lit::Int(i128::from(lit.value()).into()),
        syn::Lit::Char(lit) => Lit::Char(lit.value()),
        syn::Lit::Int(lit) => match lit.base10_parse() {
            Ok(value) => Lit::Int(i128::into(value)),
            Err(_) => Lit::Float(boxed(lit.base10_digits())),
        },
        syn::Lit::Float(lit) => Lit::Float(boxed(lit.to_string())),
        syn::Lit::Bool(lit) => Lit::Bool(lit.value),
        lit => Lit::Float(boxed(quote::ToTokens::to_token_stream(lit).to_string())),
    }
}
