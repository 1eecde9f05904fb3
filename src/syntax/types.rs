//! Types, paths and generics of `syn` to those of our tree. Lifetimes are dropped.

use std::collections::BTreeMap;
use thin_vec::{ThinVec, thin_vec};

use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;

use super::lower::{Lower, ident};
use super::pattern::literal;
use super::tree::{GenericParam, Generics, Lit, Name, Path, PathSegment, TypeRef};

impl Lower<'_> {
    /// Lowers a type.
    pub fn ty(&self, ty: &syn::Type) -> TypeRef {
        match ty {
            syn::Type::Array(ty) => TypeRef::Slice(Box::new(self.ty(&ty.elem))),
            syn::Type::Slice(ty) => TypeRef::Slice(Box::new(self.ty(&ty.elem))),
            syn::Type::FnPtr(ty) => TypeRef::Fn(
                ty.inputs.iter().map(|input| self.ty(&input.ty)).collect(),
                self.return_type(&ty.output).map(Box::new),
            ),
            syn::Type::Group(ty) => self.ty(&ty.elem),
            syn::Type::Paren(ty) => self.ty(&ty.elem),
            syn::Type::ImplTrait(ty) => TypeRef::Impl(self.bounds(&ty.bounds)),
            syn::Type::TraitObject(ty) => TypeRef::Dyn(self.bounds(&ty.bounds)),
            syn::Type::Infer(_) => TypeRef::Infer,
            syn::Type::Never(_) => TypeRef::Never,
            syn::Type::Path(ty) => TypeRef::Path(self.qualified(ty.qself.as_ref(), &ty.path)),
            syn::Type::Ptr(ty) => TypeRef::Ptr(Box::new(self.ty(&ty.elem))),
            syn::Type::Reference(ty) => {
                TypeRef::Ref(Box::new(self.ty(&ty.elem)), ty.mutability.is_some())
            }
            syn::Type::Tuple(ty) => {
                TypeRef::Tuple(ty.elems.iter().map(|elem| self.ty(elem)).collect())
            }
            _ => TypeRef::Unknown,
        }
    }

    /// What `-> T` returns; `None` when it is absent.
    pub fn return_type(&self, output: &syn::ReturnType) -> Option<TypeRef> {
        match output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, ty) => Some(self.ty(ty)),
        }
    }

    /// Lowers bounds; lifetimes and `?Sized` bound nothing of interest.
    pub fn bounds<P>(&self, bounds: &Punctuated<syn::TypeParamBound, P>) -> ThinVec<TypeRef> {
        let paths = bounds.iter().filter_map(|bound| match bound {
            syn::TypeParamBound::Trait(bound) if bound.maybe.is_none() => Some(&bound.path),
            _ => None,
        });
        let mut bounds: ThinVec<TypeRef> =
            paths.map(|path| TypeRef::Path(self.path(path))).collect();
        bounds.shrink_to_fit();
        bounds
    }

    /// Lowers a path.
    pub fn path(&self, path: &syn::Path) -> Path {
        self.qualified(None, path)
    }

    /// Lowers a path behind `<T as …>`.
    pub fn qualified(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Path {
        let mut span = None;
        let mut meet = |found: crate::source::Span| {
            span = Some(span.map_or(found, |span: crate::source::Span| span.to(found)));
        };
        if let Some(qself) = qself {
            meet(self.span(qself.lt_token.span));
            meet(self.span(qself.gt_token.span));
        }
        if let Some(colon) = path.leading_colon {
            meet(self.span(colon.span()));
        }
        let mut segments = ThinVec::with_capacity(path.segments.len());
        for segment in &path.segments {
            meet(self.span(segment.ident.span()));
            let (args, bindings) = match &segment.arguments {
                syn::PathArguments::None => (ThinVec::new(), ThinVec::new()),
                syn::PathArguments::AngleBracketed(args) => {
                    meet(self.span(args.gt_token.span));
                    self.generic_args(args)
                }
                syn::PathArguments::Parenthesized(args) => {
                    meet(self.span(args.paren_token.span.close()));
                    let output = self
                        .return_type(&args.output)
                        .unwrap_or_else(|| TypeRef::Tuple(ThinVec::new()));
                    let inputs = args.inputs.iter().map(|input| self.ty(&input.ty)).collect();
                    (inputs, thin_vec![(Name::new_static("Output"), output)])
                }
            };
            segments.push(PathSegment { name: ident(&segment.ident), args, bindings });
        }
        Path {
            qself: qself.map(|qself| Box::new((self.ty(&qself.ty), qself.position))),
            // `<T as ::a::B>::c` has its colons behind the bracket.
            global: path.leading_colon.is_some() && qself.is_none_or(|qself| qself.position > 0),
            segments,
            span: span.unwrap_or_default(),
        }
    }

    /// Lowers `<A, Item = B>` to its arguments and bindings.
    pub fn generic_args(
        &self,
        args: &syn::AngleBracketedGenericArguments,
    ) -> (ThinVec<TypeRef>, ThinVec<(Name, TypeRef)>) {
        let mut types = ThinVec::new();
        let mut bindings = ThinVec::new();
        for arg in &args.args {
            match arg {
                syn::GenericArgument::Type(ty) => types.push(self.ty(ty)),
                syn::GenericArgument::Const(expr) => {
                    types.push(TypeRef::Const(constant(expr)));
                }
                syn::GenericArgument::AssocType(arg) => {
                    bindings.push((ident(&arg.ident), self.ty(&arg.ty)));
                }
                syn::GenericArgument::AssocConst(arg) => {
                    bindings.push((ident(&arg.ident), TypeRef::Const(constant(&arg.value))));
                }
                syn::GenericArgument::Constraint(arg) => {
                    bindings.push((ident(&arg.ident), TypeRef::Impl(self.bounds(&arg.bounds))));
                }
                _ => {}
            }
        }
        // Trees are kept, and a list makes room for four.
        types.shrink_to_fit();
        bindings.shrink_to_fit();
        (types, bindings)
    }

    /// Lowers generics; what `where` says of a parameter joins its bounds.
    pub fn generics(&self, generics: &syn::Generics) -> Generics {
        let mut params = ThinVec::new();
        let mut index = BTreeMap::new();
        for param in &generics.params {
            let param = match param {
                syn::GenericParam::Lifetime(_) => continue,
                syn::GenericParam::Type(param) => GenericParam {
                    name: ident(&param.ident),
                    bounds: self.bounds(&param.bounds),
                    default: param.default.as_ref().map(|(_, ty)| self.ty(ty)),
                    is_const: false,
                },
                syn::GenericParam::Const(param) => GenericParam {
                    name: ident(&param.ident),
                    bounds: ThinVec::new(),
                    default: param
                        .default
                        .as_ref()
                        .map(|(_, value)| TypeRef::Const(constant(value))),
                    is_const: true,
                },
            };
            index.insert(param.name.clone(), params.len());
            params.push(param);
        }
        let mut wheres = ThinVec::new();
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            let syn::WherePredicate::Type(predicate) = predicate else { continue };
            let bounds = self.bounds(&predicate.bounds);
            let plain = match &predicate.bounded_ty {
                syn::Type::Path(ty) if ty.qself.is_none() => ty.path.get_ident().map(ident),
                _ => None,
            };
            match plain.and_then(|name| index.get(&name)).and_then(|at| params.get_mut(*at)) {
                Some(param) => param.bounds.extend(bounds),
                None => wheres.push((self.ty(&predicate.bounded_ty), bounds)),
            }
        }
        params.shrink_to_fit();
        wheres.shrink_to_fit();
        Generics { params, wheres }
    }
}

/// The literal that a const argument is.
fn constant(expr: &syn::Expr) -> Option<Lit> {
    match expr {
        syn::Expr::Lit(expr) => Some(literal(&expr.lit)),
        syn::Expr::Unary(expr) if matches!(expr.op, syn::UnOp::Neg(_)) => {
            match constant(&expr.expr)? {
                Lit::Int(n) => Some(Lit::Int((-n.get()).into())),
                _ => None,
            }
        }
        syn::Expr::Block(expr) => match expr.block.stmts.as_slice() {
            [syn::Stmt::Expr(only, None)] => constant(only),
            _ => None,
        },
        _ => None,
    }
}
