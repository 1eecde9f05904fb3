//! Attributes of items, as a framework reads them: resolved, with arguments that can be evaluated where they stand.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Evaluator, effect::Guards, value::Value};
use crate::{
    frameworks,
    link::{DefId, ModuleId, Namespace, Resolution, types::Ty},
    source::{FileId, Place, Span},
    syntax::{
        body,
        tree::{Attr, Expr, MacroCall, Name},
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
    /// When it is there: `cfg_attr`.
    pub guards: Guards,
}

impl Evaluator<'_> {
    /// The attributes of a definition that can apply in some configuration.
    pub fn attributes(&mut self, id: DefId) -> Vec<Attribute> {
        let def = self.program.def(id);
        self.attributes_in(&def.item.attrs, def.module, def.file)
    }

    /// The attributes of the module that a definition stands in, when its content is written behind them.
    pub fn attributes_around(&mut self, id: DefId) -> Vec<Attribute> {
        let module = self.program.def(id).module;
        let Some((item, outer, file)) = self.program.inline_module(module) else {
            return Vec::new();
        };
        self.attributes_in(&item.attrs, outer, file)
    }

    fn attributes_in(&mut self, attrs: &[Attr], module: ModuleId, file: FileId) -> Vec<Attribute> {
        let text = self.program.text(file);
        let mut all = Vec::new();
        for attr in attrs {
            let Some(guards) = attr
                .cfg
                .as_ref()
                .map_or_else(|| Some(Guards::default()), |cfg| self.cfg_guards(cfg, true))
            else {
                continue;
            };
            all.push(Attribute {
                path: self.attribute_path(module, attr),
                args: body::parse_attr_args(&text, attr.args).unwrap_or_default(),
                tokens: attr.args,
                at: Place { file, span: attr.span },
                guards,
            });
        }
        all
    }

    /// What has an attribute whose last name is `name`, in the order of the tree; which attribute that is, its path tells.
    pub fn attributed(&mut self, name: &str) -> Vec<DefId> {
        let index = self.attributed.get_or_insert_with(|| {
            let mut index: FxHashMap<Name, Vec<DefId>> = FxHashMap::default();
            for id in self.program.defs() {
                for attr in &self.program.def(id).item.attrs {
                    if let Some(last) = attr.path.segments.last() {
                        let known = index.entry(last.name.clone()).or_default();
                        if known.last() != Some(&id) {
                            known.push(id);
                        }
                    }
                }
            }
            Rc::new(index)
        });
        index.get(name).cloned().unwrap_or_default()
    }

    /// What `make` makes of the tree, made once under each name.
    pub fn read_once<T: 'static>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&mut Self) -> T,
    ) -> Rc<T> {
        if let Some(known) = self.remembered.get(name)
            && let Ok(known) = Rc::clone(known).downcast::<T>()
        {
            return known;
        }
        let made = Rc::new(make(self));
        self.remembered.insert(name, made.clone());
        made
    }

    /// Keeps a definition in mind under a name.
    pub fn note(&mut self, name: &'static str, def: DefId) {
        self.noted.entry(name).or_default().insert(def);
    }

    /// The definitions kept in mind under a name.
    pub fn noted(&self, name: &'static str) -> Vec<DefId> {
        self.noted.get(name).into_iter().flatten().copied().collect()
    }

    /// Files of the tree that are no Rust code, by path.
    pub fn documents(&self, extension: &str) -> Vec<(String, std::sync::Arc<str>)> {
        self.program.documents(extension)
    }

    /// Where a path that is not found may lead from here; see [`Program::leads`](crate::link::Program::leads).
    pub fn leads(&self, path: &[&str]) -> Vec<(ModuleId, Vec<Name>)> {
        self.program.leads(self.scope.module, path)
    }

    /// What smart pointers and extractors around a type lead to.
    pub fn pointed<'t>(&self, ty: &'t Ty) -> &'t Ty {
        super::types::pointee(ty)
    }

    /// The text of a file at `span`.
    pub fn source(&self, file: FileId, span: Span) -> String {
        span.of(&self.program.text(file)).to_owned()
    }

    /// Of several definitions that a path written here may mean, the one that is nearest: in the module that `prefix`
    /// names, else in this module, else in this crate, else the only one.
    pub fn nearest(&self, candidates: &[DefId], prefix: &[&str]) -> Option<DefId> {
        if candidates.len() <= 1 {
            return candidates.first().copied();
        }
        let here = self.scope.module;
        let named: Vec<_> = self
            .program
            .resolve(here, prefix, false, Namespace::Type)
            .into_iter()
            .filter_map(|(_, is)| match is {
                Resolution::Module(module) => Some(module),
                _ => None,
            })
            .collect();
        let module = |id: &DefId| self.program.def(*id).module;
        let in_named = |id: &&DefId| named.contains(&module(id));
        let same_module = |id: &&DefId| prefix.is_empty() && module(id) == here;
        let krate = self.program.crate_of(here);
        let in_crate = |id: &&DefId| {
            let of = self.program.def(**id).krate;
            of == krate || named.iter().any(|module| self.program.crate_of(*module) == of)
        };
        let found = candidates.iter().find(in_named);
        let found = found.or_else(|| candidates.iter().find(same_module));
        found.or_else(|| candidates.iter().find(in_crate)).or(candidates.first()).copied()
    }

    pub(super) fn attribute_path(&self, module: ModuleId, attr: &Attr) -> String {
        for (_, is) in self.program.resolve_path(module, &attr.path, Namespace::Macro) {
            match is {
                Resolution::External(path) => return path.to_string(),
                Resolution::Def(def) => return self.program.def(def).path.to_string(),
                _ => {}
            }
        }
        let names: Vec<&str> = attr.path.segments.iter().map(|s| s.name.as_str()).collect();
        let candidates = self.program.macro_candidates(module, &names);
        let known = candidates.iter().find(|path| frameworks::knows(path));
        known.or(candidates.first()).map_or_else(|| names.join("::"), ToString::to_string)
    }

    /// The module where code is evaluated, and what a macro that is called there is: as an attribute's path.
    pub fn macro_called(&self, call: &MacroCall) -> (ModuleId, String) {
        let written = || {
            let names: Vec<&str> = call.path.segments.iter().map(|s| s.name.as_str()).collect();
            names.join("::")
        };
        let path = self.macro_path(call).map_or_else(written, |path| path.to_string());
        (self.scope.module, path)
    }

    /// A macro call where code is evaluated, as an attribute without an item, and the text it stands in.
    pub fn as_attribute(&self, call: &MacroCall, path: String, at: Place) -> (FileId, Attribute) {
        let file = self.scope.file;
        let args = body::parse_attr_args(&self.program.text(file), call.args).unwrap_or_default();
        (file, Attribute { path, args, tokens: call.args, at, guards: Guards::default() })
    }

    /// The value of an expression that stands in no body: in an attribute, or in what a macro is given.
    pub fn eval_in_module(&mut self, module: ModuleId, file: FileId, expr: &Expr) -> Value {
        self.in_scope(module, file, None, None, Vec::new(), |e| e.eval(expr))
    }

    /// The value of an expression that stands in an attribute of `id`.
    pub fn eval_in_attribute(&mut self, id: DefId, expr: &Expr) -> Value {
        let def = self.program.def(id);
        let self_ty = def.parent.and_then(|parent| self.program.self_type(parent));
        self.in_scope(def.module, def.file, None, self_ty, Vec::new(), |e| e.eval(expr))
    }
}
