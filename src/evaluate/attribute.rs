//! Attributes of items, as a framework reads them: resolved, with arguments that can be evaluated where they stand.

use super::{Evaluator, value::Value};
use crate::{
    frameworks,
    link::{DefId, Namespace, Resolution},
    source::{Place, Span},
    syntax::{
        body,
        tree::{Attr, Expr, Name},
    },
};

/// One attribute of a definition.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// What it is: `actix_web::post`; as written where it is neither of the tree nor of a known crate.
    pub path: String,
    /// Its arguments, named ones with their name. Those that are no expressions are left out.
    pub args: Vec<(Option<Name>, Expr)>,
    /// The bytes between its delimiters, in the text of the definition.
    pub tokens: Span,
    /// The whole attribute.
    pub at: Place,
}

impl Evaluator<'_> {
    /// The attributes of a definition that can apply in some configuration.
    pub fn attributes(&mut self, id: DefId) -> Vec<Attribute> {
        let def = self.program.def(id);
        let text = self.program.text(def.file);
        let mut all = Vec::new();
        for attr in &def.item.attrs {
            if attr.cfg.as_ref().is_some_and(|cfg| self.cfg_guards(cfg, true).is_none()) {
                continue;
            }
            all.push(Attribute {
                path: self.attribute_path(id, attr),
                args: body::parse_attr_args(&text, attr.args).unwrap_or_default(),
                tokens: attr.args,
                at: Place { file: def.file, span: attr.span },
            });
        }
        all
    }

    fn attribute_path(&self, id: DefId, attr: &Attr) -> String {
        let module = self.program.def(id).module;
        for (_, is) in self.program.resolve_path(module, &attr.path, Namespace::Macro) {
            match is {
                Resolution::External(path) => return path.to_string(),
                Resolution::Def(def) => return self.program.def(def).path.to_string(),
                _ => {}
            }
        }
        let names: Vec<&str> = attr.path.segments.iter().map(|s| s.name.as_str()).collect();
        let candidates = self.program.glob_candidates(module, &names);
        let known = candidates.iter().find(|path| frameworks::knows(path));
        known.or(candidates.first()).map_or_else(|| names.join("::"), ToString::to_string)
    }

    /// The value of an expression that stands in an attribute of `id`.
    pub fn eval_in_attribute(&mut self, id: DefId, expr: &Expr) -> Value {
        let def = self.program.def(id);
        let self_ty = def.parent.and_then(|parent| self.program.self_type(parent));
        self.in_scope(def.module, def.file, None, self_ty, Vec::new(), |e| e.eval(expr))
    }
}
