//! Statics behind locks: all code shares one place, and what is put there is found where it is taken out.

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    lock::{is_lazy, is_locked},
    value::{Cell, Value, cell},
};
use crate::{
    link::{Def, DefId, ModuleId, Namespace, Resolution, types::Ty},
    syntax::{
        body::parse_expr,
        tree::{Expr, ExprKind, ItemKind, Stmt, StmtKind},
    },
};

/// What statics hold that can be written to.
#[derive(Debug, Default)]
pub(super) struct Statics {
    places: FxHashMap<DefId, Cell>,
}

impl Evaluator<'_> {
    /// A static behind a lock: the one place that all code shares.
    pub(super) fn static_place(&mut self, id: DefId, def: &Def) -> Option<Value> {
        let ItemKind::Const { ty, is_static: true, value } = &def.item.kind else { return None };
        // With `= [..]` or without a value.
        if let Some(linked) = self.linked_slice(id, def) {
            return Some(linked);
        }
        if value.is_none() {
            return None;
        }
        let known = self.statics.places.get(&id).cloned();
        let place = known.or_else(|| {
            let ty = self.program.resolve_type(def.module, ty, &self.declared_env(id));
            if !is_locked(&ty) {
                return None;
            }
            let value = self.held_at_first(id, def, &ty);
            if !matches!(value, Value::List(_)) {
                return None;
            }
            let place = cell(value);
            self.statics.places.insert(id, place.clone());
            Some(place)
        })?;
        // What a call does to it is not to be remembered as the call's value.
        self.operations += 1;
        Some(Value::Ref(place))
    }

    /// What a static holds before anything is written to it.
    fn held_at_first(&mut self, id: DefId, def: &Def, ty: &Ty) -> Value {
        let value = self.constant(id);
        let ItemKind::Const { value: Some(body), .. } = &def.item.kind else { return value };
        if matches!(value, Value::List(_)) {
            return value;
        }
        let text = self.program.text(def.file);
        let by_default =
            parse_expr(&text, body.span).is_ok_and(|expr| self.is_default(def.module, &expr));
        if !by_default {
            return value;
        }
        // The default of what makes its value later is what it makes.
        let mut ty = ty;
        while let Ty::External(path, args) = ty
            && is_lazy(path)
            && let Some(inner) = args.first()
        {
            ty = inner;
        }
        self.default_of(ty, def.place())
    }

    /// Whether an expression is the default of its type, however it is wrapped: `Default::default()`,
    /// `LazyLock::new(Default::default)`, `Mutex::new(Vec::default())`, `LazyLock::new(|| Mutex::default())`.
    fn is_default(&self, module: ModuleId, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Path(path) => {
                let named = path.segments.last().is_some_and(|last| last.name == "default");
                // A function of the tree by that name gives what it gives.
                let found = self.program.resolve_path(module, path, Namespace::Value);
                named && !found.iter().any(|(_, is)| matches!(is, Resolution::Def(_)))
            }
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(_), []) => self.is_default(module, callee),
                (ExprKind::Path(path), [only]) => {
                    let last = path.segments.last().map(|last| last.name.as_str());
                    matches!(last, Some("new" | "const_new" | "from"))
                        && self.is_default(module, only)
                }
                _ => false,
            },
            ExprKind::Closure(closure) => {
                closure.params.is_empty() && self.is_default(module, &closure.body)
            }
            ExprKind::Block(None, block) => match block.stmts.as_slice() {
                [Stmt { kind: StmtKind::Expr { expr, semi: false }, .. }] => {
                    self.is_default(module, expr)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What statics hold at the end goes where it cannot be followed.
    pub(super) fn let_statics_escape(&mut self) {
        let mut places: Vec<(DefId, Cell)> =
            self.statics.places.iter().map(|(id, place)| (*id, place.clone())).collect();
        places.sort_by_key(|(id, _)| *id);
        self.root = None;
        for (_, place) in places {
            let held = place.borrow().clone();
            self.escape(&held);
        }
    }
}
