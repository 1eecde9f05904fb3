//! What a route passed through: the layers, extractors and attributes that may be its gate.

use super::{
    Evaluator,
    effect::{Guards, Mark, MarkKind},
    option::is_perhaps,
    types::pointee,
    value::{Closure, Value},
};
use crate::{
    frameworks,
    link::{Def, DefId, DefKind, Namespace, Resolution, Target, types::Ty},
    source::Place,
    syntax::tree::{Expr, ExprKind, ItemKind, Param, Pat, Path, StmtKind},
};

impl Evaluator<'_> {
    /// What stands between a route and its handler, and the handler itself.
    pub(super) fn handler_marks(
        &mut self,
        handler: &Value,
        marks: &mut Vec<Mark>,
    ) -> Option<Target> {
        match handler.deref() {
            Value::Passed(passed) => {
                marks.push(mark(MarkKind::Function, passed.through.clone(), passed.at));
                let inner = self.handler_marks(&passed.given, marks);
                if matches!(passed.value.bare(), Value::Closure(_) | Value::Fn(_)) {
                    return self.handler_marks(&passed.value, marks).or(inner);
                }
                inner
            }
            Value::Fn(called) => {
                let def = self.program.def(called.def);
                if let ItemKind::Fn(item) = &def.item.kind {
                    let mut env = self.program.type_env(called.def);
                    for (param, ty) in item.generics.params.iter().zip(&called.generics) {
                        env = env.with(param.name.clone(), ty.clone());
                    }
                    let attributes = self.attributes(called.def);
                    let is_guard = |param: &&Param| match &param.pat {
                        Pat::Bind { name, .. } => !frameworks::is_read(&attributes, name),
                        _ => true,
                    };
                    let params: Vec<Param> = item.params.iter().filter(is_guard).cloned().collect();
                    self.extracted(&params, def.place(), marks, &|e, ty| {
                        e.program.resolve_type(def.module, ty, &env)
                    });
                }
                self.attribute_marks(&def, marks);
                Some(Target::Item(called.def))
            }
            Value::Closure(closure) => {
                let outer = self.scope.clone();
                self.scope.module = closure.module;
                self.scope.file = closure.file;
                self.scope.owner = closure.owner;
                self.scope.generics = closure.generics.clone();
                self.extracted(&closure.expr.params, closure.at, marks, &|e, ty| e.type_of_ref(ty));
                self.scope = outer;
                None
            }
            // A value of the tree that answers; what it holds is asked after it.
            Value::Object(object) => {
                let target = Target::Item(object.def);
                let inner = object
                    .fields
                    .iter()
                    .map(|(_, field)| field.borrow().clone())
                    .find(Value::is_callable);
                let Some(inner) = inner else { return Some(target) };
                let at = self.real(self.program.def(object.def).place());
                marks.push(mark(MarkKind::Layer, target, at));
                self.handler_marks(&inner, marks)
            }
            Value::Term(term) => {
                // `handler.layer(gate)`: the layer wraps the handler.
                if term.path.ends_with("::layer")
                    && let Some([inner, layer]) = term.args.as_deref()
                {
                    let mut targets = Vec::new();
                    self.layer_targets(layer, &mut targets);
                    marks.extend(
                        targets
                            .into_iter()
                            .map(|target| mark(MarkKind::Layer, target, self.real(term.at))),
                    );
                    return self.handler_marks(inner, marks);
                }
                Some(Target::External(term.path.clone()))
            }
            _ => None,
        }
    }

    /// The attributes of a handler, each where it is there.
    fn attribute_marks(&mut self, def: &Def, marks: &mut Vec<Mark>) {
        for attr in &def.item.attrs {
            let Some(there) = self.under(attr.cfg.as_deref()) else { continue };
            let at = self.real(Place { file: def.file, span: attr.span });
            for (cfg, is) in self.program.resolve_path(def.module, &attr.path, Namespace::Macro) {
                let guards = self.under(cfg.as_ref()).and_then(|more| there.and(&more));
                if let (Some(guards), Some(target)) = (guards, target_of_resolution(&is)) {
                    marks.push(Mark { guards, ..mark(MarkKind::Attribute, target, at) });
                }
            }
        }
    }

    /// The function that a closure gives all that it is given, and does nothing else with it.
    pub(super) fn handed_on(&self, closure: &Closure) -> Option<DefId> {
        let mut names = Vec::new();
        for param in &closure.expr.params {
            bound(&param.pat, &mut names)?;
        }
        let (path, args) = only_call(&closure.expr.body)?;
        let given = args.iter().filter_map(|arg| match &arg.kind {
            ExprKind::Path(path) if path.segments.len() == 1 => path.segments.first(),
            _ => None,
        });
        let given: Vec<&str> = given.map(|segment| segment.name.as_str()).collect();
        let first = path.segments.first().map_or("", |segment| segment.name.as_str());
        let local = closure.captured.iter().any(|(name, _)| name == first);
        if names.is_empty() || local || !names.iter().all(|name| given.contains(name)) {
            return None;
        }
        let found = self.program.resolve_path(closure.module, path, Namespace::Value);
        found.into_iter().find_map(|(_, is)| match is {
            Resolution::Def(def) if self.program.def(def).kind == DefKind::Fn => Some(def),
            _ => None,
        })
    }

    /// What a layer is made of: its type, the functions that made it, the functions it was given.
    pub(super) fn layer_targets(&self, layer: &Value, into: &mut Vec<Target>) {
        match layer {
            Value::Object(object) => into.push(Target::Item(object.def)),
            Value::Fn(called) => into.push(Target::Item(called.def)),
            Value::Closure(closure) => {
                into.extend(self.handed_on(closure).into_iter().map(Target::Item));
            }
            Value::Unknown(ty) => match pointee(ty) {
                Ty::Def(def, _) => into.push(Target::Item(*def)),
                Ty::External(path, _) => into.push(Target::External(path.clone())),
                _ => {}
            },
            Value::Term(term) => {
                into.push(Target::External(term.path.clone()));
                // One that is perhaps none is no layer in any case.
                let some = &*term.path == "std::option::Option::Some" && !is_perhaps(layer);
                if some || frameworks::applies(&term.path) {
                    // `from_extractor::<Gate>()`.
                    term.generics.iter().for_each(|ty| {
                        self.layer_targets(&Value::Unknown(ty.clone()), into);
                    });
                    term.args.iter().flatten().for_each(|arg| self.layer_targets(arg, into));
                }
            }
            Value::Tuple(parts) => {
                parts.iter().for_each(|part| self.layer_targets(&part.borrow(), into));
            }
            Value::Ref(target) => self.layer_targets(&target.borrow(), into),
            Value::Passed(passed) => {
                into.push(passed.through.clone());
                self.layer_targets(&passed.value, into);
            }
            _ => {}
        }
    }
}

pub(super) fn mark(kind: MarkKind, target: Target, at: Place) -> Mark {
    Mark { kind, target, guards: Guards::default(), arguments: Vec::new(), at }
}

fn target_of_resolution(is: &Resolution) -> Option<Target> {
    match is {
        Resolution::Def(def) => Some(Target::Item(*def)),
        Resolution::External(path) => Some(Target::External(path.clone())),
        _ => None,
    }
}

/// The names that a pattern binds, where it is made of nothing but names.
fn bound<'a>(pat: &'a Pat, into: &mut Vec<&'a str>) -> Option<()> {
    match pat {
        Pat::Bind { name, sub: None, .. } => into.push(name),
        Pat::Typed(inner, _) | Pat::Ref(inner) => bound(inner, into)?,
        Pat::Tuple(parts, None) => parts.iter().try_for_each(|part| bound(part, into))?,
        _ => return None,
    }
    Some(())
}

/// The call that an expression is, in whatever blocks it stands and whether it is awaited or boxed.
fn only_call(expr: &Expr) -> Option<(&Path, &[Expr])> {
    match &expr.kind {
        ExprKind::Async(inner) => only_call(&inner.body),
        ExprKind::Block(_, block) => match block.stmts.as_slice() {
            [only] => match &only.kind {
                StmtKind::Expr { expr, .. } => only_call(expr),
                StmtKind::Let(_) => None,
            },
            _ => None,
        },
        ExprKind::Await(inner) => only_call(inner),
        ExprKind::Call(callee, args) => {
            let ExprKind::Path(path) = &callee.kind else { return None };
            let mut names = path.segments.iter().rev().map(|segment| segment.name.as_str());
            let (last, owner) = (names.next().unwrap_or(""), names.next().unwrap_or(""));
            match args.as_slice() {
                [inner] if last == "pin" && owner == "Box" => only_call(inner),
                args => Some((path, args)),
            }
        }
        _ => None,
    }
}
