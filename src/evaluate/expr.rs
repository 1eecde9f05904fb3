//! Expressions.

use std::{cell::RefCell, rc::Rc};

use super::{
    Evaluator,
    alternatives::is_text,
    branch::{Arm, Eval, Flow},
    effect::Guard,
    future, number,
    pattern::{Fit, same_parent},
    suppose,
    text::Text,
    value::{List, Value, cell},
};
use crate::{
    link::types::Ty,
    source::{Place, Span},
    syntax::tree::{self, Block, Expr, ExprKind, Lit, Name, Pat, UnaryOp},
};

impl<'p> Evaluator<'p> {
    /// A span of the text being evaluated, as a place.
    pub fn here(&self, span: Span) -> Place {
        Place { file: self.scope.file, span }
    }

    /// The value of `expr`.
    pub fn eval(&mut self, expr: &Expr) -> Eval {
        self.step(expr.span)?;
        self.current = self.here(expr.span);
        if let Some(done) = self.eval_with_and_without(expr) {
            return done;
        }
        match &expr.kind {
            ExprKind::Lit(lit) => Ok(self.literal(lit, expr.span)),
            ExprKind::Path(path) => {
                let value = self.path_value(path);
                Ok(self.read(value))
            }
            ExprKind::Call(callee, args) => self.eval_call(expr, callee, args),
            ExprKind::MethodCall(call) => self.eval_method_call(expr, call),
            ExprKind::Field(base, name) => {
                let value = self.field_value(base, name)?;
                Ok(self.read(value))
            }
            ExprKind::Index(..) => {
                let place = self.place(expr)?;
                let value = place.borrow().clone();
                Ok(self.read(value))
            }
            ExprKind::Unary(op, inner) => self.eval_unary(*op, inner),
            ExprKind::Binary(op, left, right) => self.eval_binary(op, left, right),
            ExprKind::Assign(target, value) => {
                let value = self.eval(value)?;
                self.assign(target, value)
            }
            ExprKind::AssignOp(op, target, value) => self.assign_with(expr.span, op, target, value),
            ExprKind::Ref(mutable, inner) => self.eval_reference(*mutable, inner),
            ExprKind::Cast(inner, ty) => {
                let value = self.eval(inner)?;
                Ok(self.cast(&value, ty))
            }
            ExprKind::Await(inner) => {
                let value = self.eval(inner)?;
                self.asked_for(inner);
                // What was called last stands elsewhere: it is awaited here.
                self.current = self.here(expr.span);
                if future::is_never_ready(&value) {
                    return Err(Flow::Return);
                }
                Ok(self.awaited(value))
            }
            ExprKind::Block(label, block) => self.eval_labelled(label.as_deref(), block),
            ExprKind::Async(run) => Ok(self.closure(run.clone(), self.here(run.body.span))),
            ExprKind::If(condition, then, otherwise) => {
                self.eval_if(expr.span, condition, then, otherwise.as_deref())
            }
            ExprKind::Let(pat, value) => {
                // In a chain of conditions; one alone is the business of `if`.
                let value = self.eval(value)?;
                let fit = self.fits(pat, &value);
                self.bind(pat, value);
                Ok(match fit {
                    Fit::Always => Value::Bool(true),
                    Fit::Never => Value::Bool(false),
                    Fit::Perhaps => Value::unknown(),
                })
            }
            ExprKind::Match(subject, arms) => self.eval_match(subject, arms),
            ExprKind::Loop(label, body) => self.eval_loop(label.as_deref(), None, body),
            ExprKind::While(label, condition, body) => {
                self.eval_loop(label.as_deref(), Some(condition), body)
            }
            ExprKind::For(label, pat, iter, body) => {
                self.eval_for(label.as_deref(), pat, iter, body)
            }
            ExprKind::Break(label, value) => {
                if let Some(value) = value {
                    let value = self.eval(value)?;
                    self.scope.breaks.push((self.guards.clone(), value.own()));
                }
                self.left.leaving = true;
                Err(Flow::Break(label.as_deref().cloned()))
            }
            ExprKind::Continue(label) => {
                self.left.leaving = true;
                Err(Flow::Continue(label.as_deref().cloned()))
            }
            ExprKind::Return(value) => {
                let value = value.as_deref().map_or(Ok(Value::Unit), |value| self.eval(value))?;
                // What is written to it afterwards is written where this was not taken.
                let value = if self.is_logged() { value.own() } else { value };
                self.scope.returns.push((self.guards.clone(), value));
                self.left.leaving = true;
                Err(Flow::Return)
            }
            ExprKind::Closure(closure) => Ok(self.closure(closure.clone(), self.here(expr.span))),
            ExprKind::Struct(path, fields, rest) => self.eval_struct(path, fields, rest.as_deref()),
            ExprKind::Tuple(parts) => {
                let parts = self.eval_all(parts)?;
                Ok(if parts.is_empty() {
                    Value::Unit
                } else {
                    Value::Tuple(Rc::new(parts.into_iter().map(cell).collect()))
                })
            }
            ExprKind::Array(parts) => {
                let items = self.eval_all(parts)?;
                Ok(Value::List(Rc::new(List { items, is_array: true, ..List::default() })))
            }
            ExprKind::Repeat(value, len) => self.eval_repeat(value, len),
            ExprKind::Range(start, end, inclusive) => {
                self.eval_range(start.as_deref(), end.as_deref(), *inclusive)
            }
            ExprKind::Try(inner) => {
                let value = self.eval(inner)?;
                self.unwrap_or_return(value)
            }
            ExprKind::Macro(call) => self.eval_macro(call),
            ExprKind::Under(cfg, inner) => self.where_cfg(cfg, Value::Unit, |e| e.eval(inner)),
            ExprKind::Other(parts) => {
                for part in parts {
                    let value = self.eval(part)?;
                    self.escape(&value);
                }
                Ok(Value::unknown())
            }
        }
    }

    /// `[value; len]`.
    pub(super) fn eval_repeat(&mut self, value: &Expr, len: &Expr) -> Eval {
        let value = self.eval(value)?;
        let len = self.eval(len)?;
        let count =
            if let Value::Int(n @ 0..=64) = len.bare() { usize::try_from(n).ok() } else { None };
        Ok(match count {
            Some(n) => Value::list(std::iter::repeat_with(|| value.copied()).take(n).collect()),
            None if matches!(len.bare(), Value::Int(_)) => {
                Value::List(Rc::new(List { items: vec![value], open: true, ..List::default() }))
            }
            // There may be none.
            None => super::elements::found(vec![self.perhaps_element(&value)], true),
        })
    }

    fn literal(&self, lit: &Lit, span: Span) -> Value {
        match lit {
            Lit::Str(text) => Value::Str(Text::literal(text, self.here(span))),
            Lit::Bytes(text) => Value::Str(Text::literal(text, self.here(span))),
            Lit::Int(n) => Value::Int(n.get()),
            Lit::Float(_) => Value::Unknown(Ty::Primitive(Name::new_static("f64"))),
            Lit::Char(c) => Value::Char(*c),
            Lit::Bool(b) => Value::Bool(*b),
        }
    }

    /// The values of several expressions, left to right.
    pub fn eval_all(&mut self, exprs: &[Expr]) -> Result<Vec<Value>, Flow> {
        let each = exprs.iter().map(|expr| {
            let value = self.eval(expr)?;
            Ok(if matches!(expr.kind, ExprKind::Path(_)) { value.own_closure() } else { value })
        });
        each.collect()
    }

    fn eval_unary(&mut self, op: UnaryOp, inner: &Expr) -> Eval {
        let value = self.eval(inner)?;
        self.asked_for(inner);
        if let Some(done) = self.prefix_of_tree(op, &value) {
            return done;
        }
        if matches!((op, &value), (UnaryOp::Deref, Value::Object(_) | Value::Unknown(Ty::Def(..))))
            && !self.is_reference(inner)
            && let Some(place) = self.dereferenced(&cell(value.clone()), false)
        {
            let value = place.borrow().clone();
            return Ok(value);
        }
        Ok(match (op, value.deref()) {
            (UnaryOp::Deref, value) => self.read(value),
            (UnaryOp::Not, Value::Bool(b)) => Value::Bool(!b),
            (UnaryOp::Neg, Value::Int(n)) => Value::Int(n.wrapping_neg()),
            (UnaryOp::Not, value) => {
                suppose::negated(&value, self.current).unwrap_or_else(Value::unknown)
            }
            _ => Value::unknown(),
        })
    }

    fn eval_binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Eval {
        let a = self.eval(left)?.bare();
        if matches!((op, &a), ("&&", Value::Bool(false)) | ("||", Value::Bool(true))) {
            return Ok(a);
        }
        if matches!((op, &a), ("&&", Value::Bool(true)) | ("||", Value::Bool(false))) {
            return self.eval(right);
        }
        if matches!(op, "&&" | "||") && suppose::says(&a) {
            let b = self.eval(right)?.bare();
            return Ok(suppose::compared(op, &a, &b, self.current).unwrap_or_else(Value::unknown));
        }
        if op == "&&" || op == "||" {
            let guards = Guard { condition: self.fresh_condition(), arm: 0 };
            let mut known = None;
            let right: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(|e| {
                let value = e.eval(right)?;
                known = Some(value.bare());
                Ok(value)
            });
            let skip = Guard { arm: 1, ..guards };
            let value =
                self.branch(vec![(guards, right), (skip, Box::new(|_| Ok(Value::unknown())))])?;
            // Where the right side settles it, it is the same without.
            let settled = known.filter(|right| {
                matches!((op, right), ("&&", Value::Bool(false)) | ("||", Value::Bool(true)))
            });
            let said = suppose::compared(op, &a, &value, self.current);
            return Ok(settled.or(said).unwrap_or_else(Value::unknown));
        }
        let b = self.eval(right)?.bare();
        if let Some(said) = suppose::compared(op, &a, &b, self.current) {
            return Ok(said);
        }
        if let Some(done) = self.operator_of_tree(op, false, &cell(a.clone()), &b) {
            return done;
        }
        if let Some(said) = self.compared_in_tree(op, &a, &b) {
            return Ok(said);
        }
        Ok(self.binary_of(op, &a, &b))
    }

    /// `a op b`; text is put together for each reading of both.
    pub(super) fn binary_of(&mut self, op: &str, a: &Value, b: &Value) -> Value {
        if op == "+" && is_text(a) && (matches!(a, Value::Alt(_)) || matches!(b, Value::Alt(_))) {
            return self.joined_texts(&[a.clone(), b.clone()]);
        }
        binary(op, a, b)
    }

    fn eval_range(&mut self, start: Option<&Expr>, end: Option<&Expr>, inclusive: bool) -> Eval {
        let start = start.map(|e| self.eval(e)).transpose()?.map(|v| v.bare());
        let end = end.map(|e| self.eval(e)).transpose()?.map(|v| v.bare());
        // A range is the list of its elements.
        Ok(match (start.or(Some(Value::Int(0))), end) {
            (Some(start), Some(end)) => {
                number::range(&start, &end, inclusive).unwrap_or_else(Value::unknown)
            }
            (Some(first @ Value::Int(_)), None) => super::endless::range_from(first, self.current),
            _ => Value::unknown(),
        })
    }

    /// The value of a block.
    pub fn eval_block(&mut self, block: &Block) -> Eval {
        self.eval_block_keeping(block, |_| false)
    }

    /// As [`Evaluator::eval_block`]; of what it binds, the names of which `keeps` holds go on to mean what they do.
    pub(super) fn eval_block_keeping(
        &mut self,
        block: &Block,
        keeps: impl Fn(&Name) -> bool,
    ) -> Eval {
        let locals = self.scope.locals.len();
        let module = self.scope.module;
        self.scope.module = self.module_of_block(block);
        let result = self.eval_statements(block);
        self.scope.module = module;
        if self.scope.locals.len() > locals {
            if self.droppable() > 0 {
                let ended = self.scope.locals.get(locals..).unwrap_or_default().to_vec();
                let ended: Vec<_> = ended.into_iter().filter(|(name, _)| !keeps(name)).collect();
                self.end_locals(&ended, result.as_ref().ok());
            }
            let bound = self.scope.locals.split_off(locals);
            self.scope.locals.extend(bound.into_iter().filter(|(name, _)| keeps(name)));
        }
        result
    }

    fn eval_statements(&mut self, block: &Block) -> Eval {
        let mut last = Value::Unit;
        let made = self.droppable();
        for stmt in &block.stmts {
            let Some(guards) = self.under(stmt.cfg.as_deref()) else { continue };
            // Where it does not always hold.
            let cfg = stmt.cfg.as_deref().filter(|_| guards != self.guards);
            last = match (&stmt.kind, cfg) {
                (tree::StmtKind::Let(local), _) => {
                    let tree::Local { pat, ty, init, otherwise } = &**local;
                    let init = init.as_ref();
                    self.eval_let(cfg, &guards, pat, ty.as_ref(), init, otherwise.as_ref())?;
                    if cfg.is_some() { last } else { Value::Unit }
                }
                (tree::StmtKind::Expr { expr, semi: false }, None) => self.eval_statement(expr)?,
                // Of several last expressions, each under its own `cfg`, each is the block's value somewhere.
                (tree::StmtKind::Expr { expr, semi: false }, Some(cfg)) => {
                    self.where_cfg(cfg, last, |e| e.eval(expr))?
                }
                (tree::StmtKind::Expr { expr, semi: true }, None) => {
                    self.leaves_unawaited(expr);
                    self.apart(|e| e.eval_statement(expr))?;
                    Value::Unit
                }
                (tree::StmtKind::Expr { expr, semi: true }, Some(cfg)) => {
                    self.apart(|e| e.where_cfg(cfg, Value::Unit, |e| e.eval(expr)))?;
                    // Elsewhere what came last is the expression before it.
                    last
                }
            };
            if self.droppable() > made {
                self.end_statement(made, &last);
            }
        }
        Ok(last)
    }

    /// An expression that stands as a statement: a macro may bind names there.
    fn eval_statement(&mut self, expr: &Expr) -> Eval {
        self.is_statement = matches!(expr.kind, ExprKind::Macro(_));
        self.eval(expr)
    }

    fn eval_let(
        &mut self,
        cfg: Option<&tree::Cfg>,
        guards: &super::effect::Guards,
        pat: &Pat,
        ty: Option<&tree::TypeRef>,
        init: Option<&Expr>,
        otherwise: Option<&Block>,
    ) -> Result<(), Flow> {
        // Asked first: an `else` that leaves the function narrows what holds from here on.
        let always = cfg.is_none();
        let written = ty;
        let mut types = match ty {
            Some(ty) => self.each_meaning(&mut |e| e.type_of_ref(ty)),
            None => Vec::new(),
        };
        let ty = if types.len() == 1 { types.pop().map(|(_, ty)| ty) } else { None };
        let expected = std::mem::replace(&mut self.expected, ty.clone());
        if let Some(init) = init {
            self.leaves_unawaited(init);
        }
        let value = match (init, cfg) {
            (None, _) => Ok(Some(Value::unknown())),
            (Some(init), None) => self.subject(init, super::lend::binds_mutably(pat)).map(Some),
            (Some(init), Some(cfg)) => {
                let made = Rc::new(RefCell::new(None));
                let kept = Rc::clone(&made);
                let ended = self.where_cfg(cfg, Value::Unit, move |e| {
                    *kept.borrow_mut() = Some(e.eval(init)?);
                    Ok(Value::Unit)
                });
                ended.map(|_| made.take())
            }
        };
        self.expected = expected;
        // Under its `cfg` the function ends in it.
        let Some(mut value) = value? else { return Ok(()) };
        if init.is_some_and(|init| matches!(init.kind, ExprKind::Path(_))) {
            value = value.own_closure();
        }
        if let Some(written) = written {
            value = self.coerced(value, written);
        }
        if let Some(ty) = ty {
            value = self.with_type(value, &ty);
        } else if !types.is_empty() {
            value = self.with_types(&value, types);
        }
        if let Some(otherwise) = otherwise {
            match self.fits(pat, &value) {
                Fit::Always => self.decided += 1,
                Fit::Never if always => {
                    self.decided += 1;
                    self.eval_block(otherwise)?;
                }
                Fit::Never | Fit::Perhaps => {
                    let condition = self.fresh_condition();
                    let other: Arm<'_, 'p> = (
                        Guard { condition, arm: 1 },
                        Box::new(|e: &mut Self| e.eval_block(otherwise)),
                    );
                    self.branch(vec![
                        (Guard { condition, arm: 0 }, Box::new(|_| Ok(Value::Unit))),
                        other,
                    ])?;
                }
            }
            value = self.fitting(pat, value);
            let readings = self.told(pat, &value);
            self.suppose_from_here(readings);
        }
        if always {
            let locals = self.scope.locals.len();
            self.bind(pat, value);
            if let Some(init) = init {
                self.note_let(pat, init, locals);
                self.note_later(locals);
            }
            return Ok(());
        }
        // A `let` under a `cfg`: without it the name still means what it meant before.
        let before = self.scope.locals.len();
        self.bind(pat, value);
        let bound: Vec<_> = self.scope.locals.get(before..).unwrap_or_default().to_vec();
        for (name, place) in bound {
            let earlier = self
                .scope
                .locals
                .get(..before)
                .and_then(|all| all.iter().rfind(|(n, _)| *n == name));
            if let Some((_, old)) = earlier.cloned() {
                let old = old.borrow().clone();
                let new = place.borrow().clone();
                let joined = self.join(vec![(guards.clone(), new), (self.guards.clone(), old)]);
                place.replace(joined);
            }
        }
        Ok(())
    }
}

/// `a op b` as far as both are known.
pub(super) fn binary(op: &str, a: &Value, b: &Value) -> Value {
    match (op, a, b) {
        ("+", Value::Str(x), y) => {
            Value::Str(y.text().map_or_else(|| x.then(&Text::hole()), |y| x.then(&y)))
        }
        (op, Value::Int(x), Value::Int(y)) => {
            number::of_integers(op, *x, *y).unwrap_or_else(Value::unknown)
        }
        (op, Value::Bool(x), Value::Bool(y)) => {
            number::of_conditions(op, *x, *y).unwrap_or_else(Value::unknown)
        }
        // Constants of one type outside the tree: `Method::POST == Method::GET`.
        ("==" | "!=", Value::Term(x), Value::Term(y))
            if x.args.is_none() && y.args.is_none() && same_parent(&x.path, &y.path) =>
        {
            Value::Bool((x.path == y.path) == (op == "=="))
        }
        ("|", Value::Term(_), Value::Term(_)) => {
            let at = if let Value::Term(term) = a { term.at } else { return Value::unknown() };
            Value::term("std::ops::BitOr::bitor", Some(vec![a.clone(), b.clone()]), at)
        }
        ("==" | "!=", Value::Object(x), Value::Object(y))
            if x.def == y.def && x.fields.is_empty() && y.fields.is_empty() =>
        {
            Value::Bool((x.variant == y.variant) == (op == "=="))
        }
        (op, a, b) => super::keys::compared(op, a, b).unwrap_or_else(Value::unknown),
    }
}
