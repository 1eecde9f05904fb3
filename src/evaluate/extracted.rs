//! What the parameters of a handler take out of each request that it answers: the types that may be its gate.
//!
//! A parameter, or a field of what is taken apart, that stands under a `cfg` is taken where that holds; a type that means
//! one thing or another by an option is each of them where that is chosen.

use super::{
    Evaluator,
    effect::{Mark, MarkKind},
    marks::mark,
    types::settle,
    value::Value,
};
use crate::{
    frameworks,
    link::{DefId, Target, cfg::tokens, types::Ty},
    source::Place,
    syntax::tree::{Attr, Cfg, ItemKind, Param, TypeRef},
};

/// Types that are taken out of each other.
const MOST_DEEP: u32 = 4;

/// What makes a type of what is written.
type Resolve<'r> = &'r dyn Fn(&Evaluator<'_>, &TypeRef) -> Ty;

impl Evaluator<'_> {
    /// Marks what `params` take out of a request.
    pub(super) fn extracted(
        &mut self,
        params: &[Param],
        at: Place,
        marks: &mut Vec<Mark>,
        resolve: Resolve<'_>,
    ) {
        for param in params {
            if let Some(ty) = &param.ty {
                self.taken_out(ty, param.cfg.as_deref(), at, marks, 0, resolve);
            }
        }
    }

    /// Marks each type that `written` may mean, where it does and `cfg` holds.
    fn taken_out(
        &mut self,
        written: &TypeRef,
        cfg: Option<&Cfg>,
        at: Place,
        marks: &mut Vec<Mark>,
        depth: u32,
        resolve: Resolve<'_>,
    ) {
        let Some(there) = self.under(cfg) else { return };
        let outside = std::mem::replace(&mut self.guards, there);
        for (guards, ty) in self.each_meaning(&mut |e| resolve(e, written)) {
            self.guards = guards;
            self.extractors(&ty, marks, at, depth);
        }
        self.guards = outside;
    }

    /// The types that are taken out where one is: itself, the parts of a tuple, the fields of a struct that derives it.
    fn extractors(&mut self, ty: &Ty, marks: &mut Vec<Mark>, at: Place, depth: u32) {
        let target = match ty {
            Ty::Tuple(parts) => {
                for part in parts {
                    self.extractors(part, marks, at, depth);
                }
                return;
            }
            Ty::Def(def, _) => Target::Item(*def),
            Ty::External(path, _) => Target::External(path.clone()),
            _ => return,
        };
        let guards = self.guards.clone();
        marks.push(Mark { guards, ..mark(MarkKind::Extractor, target, self.real(at)) });
        if let Ty::Def(def, _) = ty
            && depth < MOST_DEEP
        {
            self.fields_taken_out(*def, marks, at, depth + 1);
        }
    }

    /// The fields of a struct, where it derives that each of them is taken out.
    fn fields_taken_out(&mut self, def: DefId, marks: &mut Vec<Mark>, at: Place, depth: u32) {
        let found = self.program.def(def);
        let ItemKind::Struct { fields, .. } = &found.item.kind else { return };
        let text = self.program.text(found.file);
        let env = self.program.type_env(def);
        let derives = found.item.attrs.iter().filter(|attr| {
            attr.path.segments.last().is_some_and(|last| last.name == "derive")
                && attr.args.of(&text).contains("FromRequest")
        });
        // What is made by a wrapper is not taken out of the request itself.
        let is_wrapped = |attrs: &[Attr]| attrs.iter().any(|attr| is_via(attr, &text));
        if is_wrapped(&found.item.attrs) {
            return;
        }
        for derive in derives {
            let Some(there) = self.under(derive.cfg.as_deref()) else { continue };
            let outside = std::mem::replace(&mut self.guards, there);
            for field in fields.iter().filter(|field| !is_wrapped(&field.attrs)) {
                self.taken_out(&field.ty, field.cfg.as_deref(), at, marks, depth, &|e, ty| {
                    settle(e.program.resolve_type(found.module, ty, &env))
                });
            }
            self.guards = outside;
        }
    }

    /// The types that a layer takes out of each request that it lets through: `from_extractor::<Gate>()`, in axum's
    /// documentation of `middleware::from_extractor`.
    pub(super) fn layer_extractors(&mut self, layer: &Value, at: Place, marks: &mut Vec<Mark>) {
        match layer {
            Value::Ref(target) => self.layer_extractors(&target.borrow(), at, marks),
            Value::Passed(passed) => self.layer_extractors(&passed.value, at, marks),
            Value::Tuple(parts) => {
                parts.iter().for_each(|part| self.layer_extractors(&part.borrow(), at, marks));
            }
            Value::Term(term) if frameworks::applies(&term.path) => {
                let name = term.path.rsplit("::").next().unwrap_or_default();
                if let (true, Some(ty)) =
                    (name.starts_with("from_extractor"), term.generics.first())
                {
                    self.extractors(ty, marks, at, 0);
                }
                let args = term.args.iter().flatten();
                args.for_each(|arg| self.layer_extractors(arg, at, marks));
            }
            _ => {}
        }
    }
}

/// `#[from_request(via(Extension))]`: it comes out of an extractor that is put around it, as in axum's documentation of the
/// derive `FromRequest`.
fn is_via(attr: &Attr, text: &str) -> bool {
    attr.path.segments.last().is_some_and(|last| last.name == "from_request")
        && tokens(attr.args.of(text)).any(|token| token.span.of(attr.args.of(text)) == "via")
}
