//! Patterns: whether a value fits, and what the names in it then mean.

mod named;

use self::named::Named;
pub(super) use self::named::same_parent;
use super::{
    Evaluator, bind_each,
    lend::Part,
    text_parts::bytes_of,
    value::{Value, cell},
};
use crate::{
    link::types::Ty,
    syntax::tree::{Lit, Name, Pat, Path},
};
use thin_vec::{ThinVec, thin_vec};

/// Whether a value fits a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Always,
    /// It does not.
    Never,
    /// That is not known.
    Perhaps,
}

impl Fit {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Always, Self::Always) => Self::Always,
            _ => Self::Perhaps,
        }
    }
}

impl Evaluator<'_> {
    /// Whether `value` fits `pat`.
    pub fn fits(&mut self, pat: &Pat, value: &Value) -> Fit {
        let value = &value.bare();
        match pat {
            Pat::Wild => Fit::Always,
            Pat::Bind { name, sub, .. } => {
                if let Some(sub) = sub {
                    return self.fits(sub, value);
                }
                // A lone upper-case name may be a constant or a unit variant.
                if name.starts_with(|c: char| c.is_uppercase()) {
                    let path = single(name);
                    let named = self.named(&path);
                    if !matches!(named, Named::Nothing) {
                        return self.fits_named(&named, &[], value);
                    }
                }
                Fit::Always
            }
            Pat::Path(path) => {
                let named = self.named(path);
                self.fits_named(&named, &[], value)
            }
            Pat::TupleStruct(path, parts, rest) => {
                let named = self.named(path);
                if rest.is_some() {
                    return self.fits_named(&named, &[], value);
                }
                let subs: Vec<(Name, &Pat)> = parts
                    .iter()
                    .enumerate()
                    .map(|(at, p)| (Name::from(at.to_string()), p))
                    .collect();
                self.fits_named(&named, &subs, value)
            }
            Pat::Struct(path, fields) => {
                let named = self.named(path);
                let subs: Vec<(Name, &Pat)> = fields.iter().map(|(n, p)| (n.clone(), p)).collect();
                self.fits_named(&named, &subs, value)
            }
            Pat::Tuple(parts, rest) => {
                if rest.is_some() {
                    return Fit::Perhaps;
                }
                let mut fit = Fit::Always;
                for (at, part) in parts.iter().enumerate() {
                    fit = match element(value, at) {
                        Some(element) => fit.and(self.fits(part, &element)),
                        None => fit.and(if irrefutable(part) { Fit::Always } else { Fit::Perhaps }),
                    };
                }
                fit
            }
            Pat::Slice(parts, rest) => match value {
                Value::Str(text) => match bytes_of(text) {
                    Some(bytes) => self.fits(pat, &Value::List(bytes)),
                    None => Fit::Perhaps,
                },
                Value::List(list)
                    if !list.open
                        && !list.unsure
                        && rest.is_none()
                        && list.items.len() != parts.len() =>
                {
                    Fit::Never
                }
                Value::List(list) if !list.open => {
                    let after = rest.map_or(0, |rest| parts.len() - rest - 1);
                    let fixed = parts.len() - usize::from(rest.is_some());
                    if !list.unsure && list.items.len() < fixed {
                        return Fit::Never;
                    }
                    let mut fit = Fit::Always;
                    for (at, part) in parts.iter().enumerate() {
                        let item = match rest {
                            Some(rest) if at == *rest => continue,
                            Some(rest) if at > *rest => {
                                let behind = list.items.len().checked_sub(after);
                                behind.and_then(|behind| list.items.get(behind + at - rest - 1))
                            }
                            _ => list.items.get(at),
                        };
                        if let Some(item) = item {
                            fit = fit.and(self.fits(part, item));
                        }
                    }
                    fit
                }
                _ => Fit::Perhaps,
            },
            Pat::Ref(inner) | Pat::Typed(inner, _) => self.fits(inner, value),
            Pat::Lit(lit) => fits_literal(lit, value),
            Pat::Unread => Fit::Perhaps,
            Pat::Macro(call) => {
                self.in_macro_pattern(call, |e, pat| e.fits(pat, value)).unwrap_or(Fit::Perhaps)
            }
            Pat::Range(ends, inclusive) => {
                let (from, to) = &**ends;
                self.fits_range(from.as_ref(), to.as_ref(), *inclusive, value)
            }
            Pat::Or(parts) => {
                let mut fit = Fit::Never;
                for part in parts {
                    match self.fits(part, value) {
                        Fit::Always => return Fit::Always,
                        Fit::Perhaps => fit = Fit::Perhaps,
                        Fit::Never => {}
                    }
                }
                fit
            }
        }
    }

    /// Gives the names of `pat` their parts of `value`.
    pub fn bind(&mut self, pat: &Pat, value: Value) {
        if bind_each::takes_apart(pat)
            && let Some(all) = self.ways_of_subject(&value)
        {
            return bind_each::bind_each(self, pat, &all);
        }
        match pat {
            Pat::Wild | Pat::Lit(_) | Pat::Range(..) | Pat::Unread | Pat::Path(_) => {}
            Pat::Macro(call) => {
                self.in_macro_pattern(call, |e, pat| e.bind(pat, value));
            }
            Pat::Bind { name, sub, is_mut, .. } => {
                if let Some(sub) = sub {
                    self.bind(sub, value.clone());
                }
                let value = self.read(value);
                if *is_mut {
                    self.scope.is_mutable(name);
                }
                self.scope.locals.push((name.clone(), cell(value)));
            }
            Pat::Ref(inner) => self.bind(inner, value.deref()),
            Pat::Typed(inner, ty) => {
                let ty = self.type_of_ref(ty);
                let value = self.with_type(value, &ty);
                self.bind(inner, value);
            }
            Pat::Or(parts) => {
                let fitting = parts
                    .iter()
                    .position(|part| self.fits(part, &value) != Fit::Never)
                    .unwrap_or(0);
                if let Some(part) = parts.get(fitting) {
                    self.bind(part, value);
                }
            }
            Pat::Tuple(parts, rest) => {
                let value = self.taken_apart(&value).unwrap_or(value);
                let count = arity(&value.bare());
                for (at, part) in parts.iter().enumerate() {
                    let at = placed(at, parts.len(), *rest, count);
                    let piece = at.and_then(|at| {
                        self.lent_part(&value, Part::Element(at))
                            .or_else(|| element(&value.bare(), at))
                    });
                    self.bind(part, piece.unwrap_or_else(Value::unknown));
                }
            }
            Pat::Slice(parts, rest) => {
                if let Value::Ref(place) = &value {
                    self.lend_inside(place);
                }
                let bytes = match value.bare() {
                    Value::Str(text) => bytes_of(&text),
                    _ => None,
                };
                self.bind_slice(parts, *rest, &bytes.map_or_else(|| value.bare(), Value::List));
            }
            Pat::TupleStruct(path, parts, rest) => {
                self.bind_tuple_struct(path, parts, *rest, &value);
            }
            Pat::Struct(path, fields) => {
                for (name, part) in fields {
                    let piece = self
                        .lent_part(&value, Part::Field(name))
                        .or_else(|| self.part_of_variant(path, &value.bare(), name))
                        .unwrap_or_else(|| self.field_of(&value, name));
                    self.bind(part, piece);
                }
            }
        }
    }

    /// The tuple that a router is.
    fn taken_apart(&mut self, value: &Value) -> Option<Value> {
        let Value::Router(router) = value.bare() else { return None };
        crate::frameworks::taken_apart(self, &router)
    }

    /// Whether a pattern is for success (`Ok`, `Some`) or for failure (`Err`); `None` for any other.
    fn success_pattern(&mut self, path: &Path) -> Option<bool> {
        match self.named(path) {
            Named::Outside(path) => match path.as_str() {
                "std::result::Result::Ok" | "std::option::Option::Some" => Some(true),
                "std::result::Result::Err" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn bind_tuple_struct(
        &mut self,
        path: &Path,
        parts: &[Pat],
        rest: Option<usize>,
        value: &Value,
    ) {
        let bare = value.bare();
        if let Some(success) = self.success_pattern(path)
            && let [part] = parts
            && is_unwrapped(&bare)
        {
            // Values from outside the tree are known without the `Result` or `Option` around them.
            let piece = if success { value.clone() } else { Value::unknown() };
            return self.bind(part, piece);
        }
        let count = arity(&bare).or_else(|| self.arity_named(path).filter(|_| rest.is_some()));
        for (at, part) in parts.iter().enumerate() {
            let Some(at) = placed(at, parts.len(), rest, count) else {
                self.bind(part, Value::unknown());
                continue;
            };
            let name = Name::from(at.to_string());
            let lent = self.lent_part(value, Part::Field(&name));
            let known = match &bare {
                _ if lent.is_some() => lent,
                Value::Object(object) => {
                    object.fields.iter().find(|(n, _)| *n == name).map(|(_, c)| c.borrow().clone())
                }
                Value::Term(term) => term.args.as_ref().and_then(|args| args.get(at)).cloned(),
                bare => self.part_of_variant(path, bare, &name),
            };
            let piece = match known {
                Some(piece) => piece,
                None => self.inside_type(path, &bare, at),
            };
            self.bind(part, piece);
        }
    }

    /// `value.name` in a pattern or after a call.
    pub fn field_of(&mut self, value: &Value, name: &Name) -> Value {
        match value.bare() {
            Value::Object(object) => {
                if let Some((_, held)) = object.fields.iter().find(|(n, _)| n == name) {
                    return held.borrow().clone();
                }
            }
            Value::Alt(all) => {
                let each: Vec<_> =
                    all.iter().map(|(g, v)| (g.clone(), self.field_of(v, name))).collect();
                return self.join(each);
            }
            Value::Term(term) => {
                if let Some(held) = crate::frameworks::field(&term, name) {
                    return held;
                }
            }
            _ => {}
        }
        let ty = self.field_type(&value.bare(), name);
        self.symbolic(&ty)
    }
}

/// A path of one segment.
pub(super) fn single(name: &Name) -> Path {
    Path {
        qself: None,
        global: false,
        segments: thin_vec![crate::syntax::tree::PathSegment {
            name: name.clone(),
            args: ThinVec::new(),
            bindings: ThinVec::new(),
        }],
        span: crate::source::Span::default(),
    }
}

fn irrefutable(pat: &Pat) -> bool {
    match pat {
        Pat::Wild => true,
        Pat::Bind { name, sub, .. } => {
            sub.is_none() && !name.starts_with(|c: char| c.is_uppercase())
        }
        Pat::Ref(inner) | Pat::Typed(inner, _) => irrefutable(inner),
        Pat::Tuple(parts, _) => parts.iter().all(irrefutable),
        _ => false,
    }
}

fn fits_literal(lit: &Lit, value: &Value) -> Fit {
    let equal = match (lit, value) {
        (Lit::Str(text), Value::Str(value)) => value.exact().map(|value| value == text.as_str()),
        (Lit::Int(n), Value::Int(value)) => Some(n.get() == *value),
        (Lit::Bool(b), Value::Bool(value)) => Some(b == value),
        (Lit::Char(c), Value::Char(value)) => Some(c == value),
        _ => None,
    };
    match equal {
        Some(true) => Fit::Always,
        Some(false) => Fit::Never,
        None => Fit::Perhaps,
    }
}

/// Element `at` of a tuple or list.
pub(super) fn element(value: &Value, at: usize) -> Option<Value> {
    match value {
        Value::Tuple(parts) => parts.get(at).map(|part| part.borrow().clone()),
        Value::List(list) => list.items.get(at).cloned(),
        Value::Unknown(crate::link::types::Ty::Tuple(parts)) => {
            parts.get(at).cloned().map(Value::Unknown)
        }
        _ => None,
    }
}

/// Whether a value is known, and not known as an `Option` or `Result`.
fn is_unwrapped(value: &Value) -> bool {
    match value {
        Value::Query(_) => true,
        Value::Term(term) => !["Ok", "Err", "Some", "None"].iter().any(|name| {
            term.path.starts_with("std::") && term.path.rsplit(':').next() == Some(name)
        }),
        Value::Unknown(Ty::Unknown) => false,
        Value::Unknown(ty) => super::types::success_type(ty) == *ty,
        Value::Unit | Value::Passed(_) | Value::Ref(_) | Value::Alt(_) => false,
        _ => true,
    }
}

fn arity(value: &Value) -> Option<usize> {
    match value {
        Value::Tuple(parts) => Some(parts.len()),
        Value::Object(object) => Some(object.fields.len()),
        Value::Term(term) => term.args.as_ref().map(Vec::len),
        Value::Unknown(crate::link::types::Ty::Tuple(parts)) => Some(parts.len()),
        _ => None,
    }
}

/// Which element the pattern at `at` stands for, when `..` stands at `rest`.
fn placed(at: usize, patterns: usize, rest: Option<usize>, count: Option<usize>) -> Option<usize> {
    match rest {
        Some(rest) if at >= rest => count?.checked_sub(patterns - at),
        _ => Some(at),
    }
}
