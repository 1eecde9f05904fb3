//! Which variables hold what nothing else does, as the code around them says.

use std::rc::Rc;

use crate::{
    evaluate::{Evaluator, value::Cell},
    link::{DefId, DefKind, Namespace, Resolution},
    syntax::tree::{Expr, ExprKind, FnItem, ItemKind, Name, Pat, TypeRef},
};

impl Evaluator<'_> {
    /// A variable is named as a value: it may have been moved.
    pub(in crate::evaluate) fn note_read(&mut self, place: &Cell) {
        if !self.drops.made.is_empty() && self.drops.named.insert(Rc::as_ptr(place)) {
            self.drops.kept.push(Rc::clone(place));
        }
    }

    /// Evaluates a variable to which a reference is made only.
    pub(in crate::evaluate) fn without_naming<T>(
        &mut self,
        expr: &Expr,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if self.drops.made.is_empty() {
            return run(self);
        }
        let place = match &expr.kind {
            ExprKind::Path(path) => match path.segments.as_slice() {
                [only] => self.local(&only.name),
                _ => None,
            },
            _ => None,
        };
        let place = place.filter(|place| !self.drops.named.contains(&Rc::as_ptr(place)));
        let done = run(self);
        if let Some(place) = place {
            self.drops.named.remove(&Rc::as_ptr(&place));
        }
        done
    }

    /// What a closure takes with it was moved.
    pub(in crate::evaluate) fn note_moved(&mut self, captured: &[(Name, Cell)]) {
        for (_, place) in captured {
            self.note_read(place);
        }
    }

    /// Whether a variable holds what nothing else does, or is a reference, of one that was bound to `init`.
    pub(in crate::evaluate) fn note_let(&mut self, pat: &Pat, init: &Expr, locals: usize) {
        if self.drops.made.is_empty() || !matches!(pat, Pat::Bind { .. } | Pat::Typed(..)) {
            return;
        }
        let [(_, place)] = self.scope.locals.get(locals..).unwrap_or_default() else { return };
        let place = Rc::clone(place);
        let owns = match &init.kind {
            ExprKind::Ref(..) => Some(false),
            ExprKind::Path(path) => match path.segments.as_slice() {
                [only] => self
                    .scope
                    .locals
                    .get(..locals)
                    .and_then(|all| all.iter().rfind(|(name, _)| *name == only.name))
                    .and_then(|(_, from)| self.drops.owning.get(&Rc::as_ptr(from)).copied()),
                _ => None,
            },
            _ => self.is_made(init).then_some(true),
        };
        self.note_owning(&place, owns);
    }

    fn note_owning(&mut self, place: &Cell, owns: Option<bool>) {
        if let Some(owns) = owns {
            self.drops.owning.insert(Rc::as_ptr(place), owns);
            self.drops.kept.push(Rc::clone(place));
        }
    }

    /// What the parameters of a function hold is dropped where that ends, unless they are references.
    pub(in crate::evaluate) fn note_parameters(&mut self, item: &FnItem) {
        if self.drops.made.is_empty() {
            return;
        }
        let locals = self.scope.locals.clone();
        let held =
            |name: &str| locals.iter().find(|(local, _)| local == name).map(|(_, held)| held);
        if let (Some(receiver), Some(place)) = (&item.receiver, held("self")) {
            self.note_owning(place, receiver.ty.is_none().then_some(!receiver.reference));
        }
        for param in &item.params {
            let name = match &param.pat {
                Pat::Bind { name, .. } => name.as_str(),
                Pat::Wild => "_",
                _ => continue,
            };
            let owns = match &param.ty {
                Some(TypeRef::Ref(..)) => Some(false),
                Some(TypeRef::Path(path)) => {
                    let found = self.program.resolve_path(self.scope.module, path, Namespace::Type);
                    let is_type = |is: &Resolution| matches!(is, Resolution::Def(_));
                    found.iter().any(|(_, is)| is_type(is)).then_some(true)
                }
                _ => None,
            };
            if let Some(place) = held(name) {
                self.note_owning(place, owns);
            }
        }
    }

    /// Whether an expression makes a value, rather than naming one or a reference to one.
    pub(in crate::evaluate) fn is_made(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Struct(..) => true,
            ExprKind::Call(callee, _) => {
                let ExprKind::Path(path) = &callee.kind else { return false };
                let found = self.program.resolve_path(self.scope.module, path, Namespace::Value);
                !found.is_empty()
                    && found.iter().all(|(_, is)| match is {
                        Resolution::Variant(..) => true,
                        Resolution::Def(def) => self.gives_value(*def),
                        _ => false,
                    })
            }
            ExprKind::MethodCall(call) => {
                matches!(&*call.name, "unwrap" | "expect") && self.is_made(&call.receiver)
            }
            _ => false,
        }
    }

    fn gives_value(&self, id: DefId) -> bool {
        let def = self.program.def(id);
        match &def.item.kind {
            ItemKind::Fn(item) => match &item.ret {
                Some(TypeRef::Path(path)) => {
                    let found = self.program.resolve_path(def.module, path, Namespace::Type);
                    path.segments.last().is_some_and(|last| last.name == "Self")
                        || found.iter().any(|(_, is)| matches!(is, Resolution::Def(_)))
                }
                _ => false,
            },
            _ => def.kind == DefKind::Struct,
        }
    }
}
