//! What the paths of patterns name: variants, structs and constants, and whether a value is one.

use std::rc::Rc;

use super::{Fit, irrefutable, single};
use crate::{
    evaluate::{
        Evaluator,
        option::is_perhaps,
        types::pointee,
        value::{Object, Term, Value},
    },
    link::{DefId, DefKind, Namespace, Resolution, types::Ty},
    syntax::tree::{ItemKind, Name, Pat, Path},
};

/// What a path in a pattern names.
pub(super) enum Named {
    Variant(DefId, u32),
    Struct(DefId),
    Constant(Value),
    Outside(String),
    Nothing,
}

impl Evaluator<'_> {
    pub(super) fn named(&mut self, path: &Path) -> Named {
        if path.segments.first().is_some_and(|s| s.name == "Self")
            && let Some(found) = self.self_variant(path)
        {
            return Named::Variant(found.0, found.1);
        }
        for ns in [Namespace::Value, Namespace::Type] {
            for (_, found) in self.program.resolve_path(self.scope.module, path, ns) {
                match found {
                    Resolution::Variant(def, at) => return Named::Variant(def, at),
                    Resolution::Def(def) => match self.program.def(def).kind {
                        DefKind::Struct => return Named::Struct(def),
                        DefKind::Const | DefKind::AssocConst => {
                            return Named::Constant(self.constant(def));
                        }
                        _ => {}
                    },
                    Resolution::External(path) => return Named::Outside(path.to_string()),
                    _ => {}
                }
            }
        }
        Named::Nothing
    }

    /// What a pattern of a variant finds at `name` in a value of which no more than the type is known: the variant says
    /// of what type that is.
    pub(super) fn part_of_variant(
        &mut self,
        path: &Path,
        value: &Value,
        name: &Name,
    ) -> Option<Value> {
        let Value::Unknown(ty) = value else { return None };
        let Named::Variant(def, at) = self.named(path) else { return None };
        let given = match pointee(ty) {
            Ty::Def(known, given) if *known == def => given.as_slice(),
            _ => &[],
        };
        let ty = self.type_in_variant(def, at, name, given)?;
        Some(self.symbolic(&ty))
    }

    /// How many fields the variant or struct has that a pattern names.
    pub(super) fn arity_named(&mut self, path: &Path) -> Option<usize> {
        match self.named(path) {
            Named::Variant(def, at) => match &self.program.def(def).item.kind {
                ItemKind::Enum { variants, .. } => {
                    variants.get(at as usize).map(|variant| variant.fields.len())
                }
                _ => None,
            },
            Named::Struct(def) => match &self.program.def(def).item.kind {
                ItemKind::Struct { fields, .. } => Some(fields.len()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The constant that a pattern names.
    pub(in crate::evaluate) fn value_of_pattern(&mut self, pat: &Pat) -> Option<Value> {
        let named = match pat {
            Pat::Path(path) => self.named(path),
            Pat::Bind { name, sub: None, .. } if name.starts_with(char::is_uppercase) => {
                let path = single(name);
                self.named(&path)
            }
            _ => return None,
        };
        match named {
            Named::Constant(value) => Some(value),
            Named::Outside(path) => Some(Value::term(&path, None, self.current)),
            _ => None,
        }
    }

    pub(super) fn fits_named(
        &mut self,
        named: &Named,
        subs: &[(Name, &Pat)],
        value: &Value,
    ) -> Fit {
        match (named, value) {
            (Named::Variant(def, at), Value::Object(object)) if object.def == *def => {
                if object.variant == Some(*at) {
                    self.fits_fields(object, subs)
                } else {
                    Fit::Never
                }
            }
            (Named::Struct(def), Value::Object(object)) if object.def == *def => {
                self.fits_fields(object, subs)
            }
            (Named::Struct(_), Value::Unknown(_)) => {
                if subs.iter().all(|(_, p)| irrefutable(p)) {
                    Fit::Always
                } else {
                    Fit::Perhaps
                }
            }
            (Named::Constant(constant), value) => match (constant.text(), value.text()) {
                (Some(a), Some(b)) => match (a.exact(), b.exact()) {
                    (Some(a), Some(b)) if a == b => Fit::Always,
                    (Some(_), Some(_)) => Fit::Never,
                    _ => Fit::Perhaps,
                },
                _ => Fit::Perhaps,
            },
            (Named::Outside(path), Value::Term(term)) => {
                if &*term.path == path.as_str() {
                    let mut fit = certain(term, Fit::Always);
                    for ((_, pat), arg) in subs.iter().zip(term.args.iter().flatten()) {
                        fit = fit.and(self.fits(pat, arg));
                    }
                    fit
                } else if same_parent(path, &term.path) && !is_given(term) {
                    certain(term, Fit::Never)
                } else {
                    Fit::Perhaps
                }
            }
            _ => Fit::Perhaps,
        }
    }

    fn fits_fields(&mut self, object: &Rc<Object>, subs: &[(Name, &Pat)]) -> Fit {
        let mut fit = Fit::Always;
        for (name, pat) in subs {
            let held =
                object.fields.iter().find(|(n, _)| n == name).map(|(_, c)| c.borrow().clone());
            fit = fit.and(match held {
                Some(value) => self.fits(pat, &value),
                None => Fit::Perhaps,
            });
        }
        fit
    }
}

/// `fit`, unless what the value is called is not certain.
fn certain(term: &Rc<Term>, fit: Fit) -> Fit {
    let perhaps = is_perhaps(&Value::Term(term.clone()));
    if perhaps { Fit::Perhaps } else { fit }
}

/// Whether a value is what a function gave, `Mode::from_env()`, and may thus be any: those have names in small letters,
/// variants and constants have not.
fn is_given(term: &Term) -> bool {
    let name = term.path.rsplit(':').next().unwrap_or("");
    term.args.is_some() && name.starts_with(|c: char| c.is_lowercase() || c == '_')
}

/// Whether two paths name members of one thing.
pub(in crate::evaluate) fn same_parent(a: &str, b: &str) -> bool {
    match (a.rsplit_once("::"), b.rsplit_once("::")) {
        (Some((a, _)), Some((b, _))) => a == b,
        _ => false,
    }
}
