//! The defaults of types: what `Default::default()` gives where one of them is asked for.

use std::rc::Rc;

use super::{
    Evaluator,
    lock::{is_lock, kind_of},
    text::Text,
    value::{Object, Value, cell},
    wrapped::collection,
};
use crate::{
    frameworks,
    link::{DefId, Target, types::Ty},
    source::Place,
    syntax::tree::{ItemKind, Path, Variant},
};
use thin_vec::ThinVec;

/// Structs that one default value is made of; what is behind them is not known.
const MOST_DEFAULTS: u32 = 1_000;

impl Evaluator<'_> {
    /// `Default::default()` of a type.
    pub(super) fn default_of(&mut self, ty: &Ty, at: Place) -> Value {
        self.default_within(ty, at, &mut { MOST_DEFAULTS })
    }

    /// - `left`: how many more structs it may be made of. A pair of pairs of pairs … has a default of any size.
    fn default_within(&mut self, ty: &Ty, at: Place, left: &mut u32) -> Value {
        match ty {
            Ty::External(path, args) => match frameworks::router_kind(path) {
                Some(kind) => self.operate(kind, None, super::router::Op::New, at),
                None if matches!(&**path, "std::string::String") => Value::Str(Text::known("")),
                None if is_collection(path) => self.of_collection(Value::list(Vec::new()), path),
                None if &**path == "std::option::Option" => {
                    Value::term("std::option::Option::None", None, at)
                }
                // `Arc<Mutex<Vec<…>>>`: a value behind a pointer or a lock is used as the value.
                None => match args.as_slice() {
                    [inner @ (Ty::External(..) | Ty::Def(..))] if is_holder(path) => {
                        let held = self.default_within(inner, at, left);
                        if is_lock(path) { held.locked(kind_of(path)) } else { held }
                    }
                    _ => Value::Unknown(ty.clone()),
                },
            },
            Ty::Def(def, generics) if *left > 0 => {
                *left -= 1;
                if let Some(value) = self.own_default(*def, ty, at) {
                    return value;
                }
                let Some(fields) = self.fields_given(*def, generics) else {
                    return self
                        .default_variant(*def, generics)
                        .unwrap_or(Value::Unknown(ty.clone()));
                };
                let fields = fields.iter().map(|(name, ty)| {
                    let value = self.default_within(ty, at, left);
                    (name.clone(), cell(value))
                });
                let fields = fields.collect();
                Value::Object(Rc::new(Object {
                    def: *def,
                    variant: None,
                    generics: generics.clone(),
                    fields,
                }))
            }
            Ty::Primitive(name) if name == "bool" => Value::Bool(false),
            ty => Value::Unknown(ty.clone()),
        }
    }

    /// The variant of an enum that is marked `#[default]`. Where several are, each under a `cfg`, it is not known.
    fn default_variant(&self, def: DefId, generics: &[Ty]) -> Option<Value> {
        let found = self.program.def(def);
        let ItemKind::Enum { variants, .. } = &found.item.kind else { return None };
        let is_default = |variant: &Variant| {
            variant.attrs.iter().any(
                |attr| matches!(attr.path.segments.as_slice(), [only] if only.name == "default"),
            )
        };
        let mut marked = (0..).zip(variants).filter(|(_, variant)| is_default(variant));
        let (at, variant) = marked.next()?;
        // Derives of other crates make defaults of the fields as well.
        if marked.next().is_some() || !variant.fields.is_empty() {
            return None;
        }
        let (variant, generics) = (Some(at), generics.to_vec());
        Some(Value::Object(Rc::new(Object { def, variant, generics, fields: Vec::new() })))
    }

    /// What the `Default` gives that a type of the tree implements itself.
    fn own_default(&mut self, def: DefId, ty: &Ty, at: Place) -> Option<Value> {
        let mut found = self.program.assoc(def, "default");
        found.retain(|id| {
            let of_trait =
                self.program.def(*id).parent.and_then(|block| self.program.trait_of(block));
            matches!(of_trait, Some(Target::External(path)) if &*path == "std::default::Default")
        });
        let found = self.of_fitting_impls(found, ty);
        let path = Path { qself: None, global: false, segments: ThinVec::new(), span: at.span };
        let function = self.compiled_of(&found, &[], ty, &path)?;
        let value = self.call(&function, Vec::new(), at).ok()?;
        Some(self.with_type(value, ty))
    }
}

/// Whether values of a type outside the tree are lists to evaluation. What a heap gives first is none of its order.
pub(super) fn is_collection(path: &str) -> bool {
    collection(path).is_some() && !path.ends_with("::BinaryHeap")
}

/// Whether a type outside the tree holds one value that is used through it as if it stood there itself.
pub(super) fn is_holder(path: &str) -> bool {
    let is_pointer = matches!(path, "std::boxed::Box" | "std::sync::Arc" | "std::rc::Rc");
    let is_filled = || {
        let last = path.rsplit(':').next();
        matches!(last, Some("Mutex" | "RwLock" | "FairMutex" | "ReentrantMutex" | "RefCell"))
    };
    is_pointer || is_lock(path) && is_filled()
}
