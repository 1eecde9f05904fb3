//! Code under a `cfg`: an option that is not known is a choice like any other.

use std::{cell::RefCell, rc::Rc};

use super::{
    Evaluator,
    branch::{Eval, Flow},
    effect::{Guard, Guards},
    elements::there_under,
    value::{Cell, List, Value, cell},
};
use crate::{
    link::types::Ty,
    syntax::tree::{Cfg, Expr, ExprKind, FnItem, Name, Param, Pat},
};
use thin_vec::ThinVec;

impl<'p> Evaluator<'p> {
    /// What must be chosen for `cfg` to hold: `None` when it cannot, no choice when it always does.
    pub fn cfg_guards(&mut self, cfg: &Cfg, wanted: bool) -> Option<Guards> {
        match cfg {
            Cfg::Test if self.include_tests => Some(Guards::default()),
            Cfg::Test => (!wanted).then(Guards::default),
            Cfg::Not(inner) => self.cfg_guards(inner, !wanted),
            Cfg::Option(name) => {
                let condition = self.option_condition(name);
                Guards::default().with(Guard { condition, arm: u16::from(!wanted) })
            }
            Cfg::All(parts) if wanted => parts
                .iter()
                .try_fold(Guards::default(), |all, part| all.and(&self.cfg_guards(part, true)?)),
            Cfg::Any(parts) if !wanted => parts
                .iter()
                .try_fold(Guards::default(), |all, part| all.and(&self.cfg_guards(part, false)?)),
            Cfg::All(parts) | Cfg::Any(parts) => {
                // One of several: possible if one part is; named as a whole so that the same text is the same choice.
                let feasible: Vec<_> =
                    parts.iter().filter_map(|part| self.cfg_guards(part, wanted)).collect();
                if feasible.is_empty() {
                    return None;
                }
                if let [only] = feasible.as_slice() {
                    return Some(only.clone());
                }
                if feasible.iter().any(Guards::is_empty) {
                    return Some(Guards::default());
                }
                let condition = self.option_condition(&format!("{cfg:?}"));
                Guards::default().with(Guard { condition, arm: u16::from(!wanted) })
            }
        }
    }

    /// Whether the current choices leave `cfg` possible, and what it adds to them.
    pub fn under(&mut self, cfg: Option<&Cfg>) -> Option<Guards> {
        match cfg {
            None => Some(self.guards.clone()),
            Some(cfg) => {
                let more = self.cfg_guards(cfg, true)?;
                self.guards.and(&more)
            }
        }
    }

    /// Runs `run` where `cfg` holds; elsewhere it comes to `without`. What ends the function under `cfg` ends it there only.
    pub(super) fn where_cfg<'a>(
        &mut self,
        cfg: &Cfg,
        without: Value,
        run: impl FnOnce(&mut Self) -> Eval + 'a,
    ) -> Eval
    where
        'p: 'a,
    {
        self.either_cfg(cfg, run, |_| Ok(without))
    }

    /// Runs `run` where `cfg` holds, and `other` elsewhere.
    fn either_cfg<'a>(
        &mut self,
        cfg: &Cfg,
        run: impl FnOnce(&mut Self) -> Eval + 'a,
        other: impl FnOnce(&mut Self) -> Eval + 'a,
    ) -> Eval
    where
        'p: 'a,
    {
        let Some(guards) = self.cfg_guards(cfg, true) else { return other(self) };
        let choices: Vec<Guard> = guards.iter().copied().collect();
        let guard = match (choices.as_slice(), cfg) {
            ([], _) => return run(self),
            ([only], _) => *only,
            // As the opposite of the same text is one choice.
            (_, Cfg::Not(inner)) => {
                Guard { condition: self.option_condition(&format!("{inner:?}")), arm: 1 }
            }
            _ => Guard { condition: self.option_condition(&format!("{cfg:?}")), arm: 0 },
        };
        let without = Guard { arm: guard.arm ^ 1, ..guard };
        self.branch(vec![
            (guard, Box::new(move |e: &mut Self| e.narrowed(&guards, run))),
            (without, Box::new(other)),
        ])
    }

    /// Evaluates an expression of which some elements or arguments stand under a `cfg`, with each of them and without
    /// it; `None` where none does. Those under the same one come and go together.
    ///
    /// Where the elements of a list are too many for that, each is in it where its `cfg` holds. Of other expressions some
    /// are then looked at as they are with them alone, which is said.
    pub(super) fn eval_with_and_without(&mut self, expr: &Expr) -> Option<Eval> {
        let mut conditions: Vec<&Cfg> = Vec::new();
        let mut count = 0;
        for part in parts(&expr.kind)? {
            if let ExprKind::Under(cfg, _) = &part.kind {
                count += 1;
                if !conditions.contains(&&**cfg) {
                    conditions.push(cfg);
                }
            }
        }
        let cfg = *conditions.first()?;
        if count > MOST_PARTS
            && let ExprKind::Array(elements) = &expr.kind
        {
            return Some(self.eval_elements(elements));
        }
        let (mut with, mut without) = (expr.clone(), expr.clone());
        for part in parts_mut(&mut with.kind)? {
            if let ExprKind::Under(own, inner) = &part.kind
                && **own == *cfg
            {
                *part = (**inner).clone();
            }
        }
        if conditions.len() > MOST_PARTS {
            self.gap_at(
                self.here(expr.span),
                "more parts of this stand under a `cfg` than are followed",
            );
            return Some(self.where_cfg(cfg, Value::unknown(), move |e| e.eval(&with)));
        }
        let is_left = |part: &Expr| !matches!(&part.kind, ExprKind::Under(own, _) if **own == *cfg);
        parts_mut(&mut without.kind)?.retain(is_left);
        Some(self.either_cfg(cfg, move |e| e.eval(&with), move |e| e.eval(&without)))
    }

    /// A list whose elements are each in it where its `cfg` holds.
    fn eval_elements(&mut self, elements: &[Expr]) -> Eval {
        let mut items = Vec::new();
        for element in elements {
            let ExprKind::Under(cfg, inner) = &element.kind else {
                items.push(self.eval(element)?);
                continue;
            };
            if let Some((guards, value)) = self.eval_where(cfg, inner)? {
                items.push(there_under(&guards, value));
            }
        }
        Ok(Value::List(Rc::new(List { items, unsure: true, ..List::default() })))
    }

    /// What an expression under `cfg` comes to, and where; `None` where the `cfg` cannot hold.
    pub(super) fn eval_where(
        &mut self,
        cfg: &Cfg,
        expr: &Expr,
    ) -> Result<Option<(Guards, Value)>, Flow> {
        let Some(guards) = self.under(Some(cfg)) else { return Ok(None) };
        let made = Rc::new(RefCell::new(None));
        let kept = Rc::clone(&made);
        self.where_cfg(cfg, Value::Unit, move |e| {
            *kept.borrow_mut() = Some(e.eval(expr)?);
            Ok(Value::Unit)
        })?;
        Ok(made.take().map(|value| (guards, value)))
    }

    /// The fields of a struct literal; one that is written under several `cfg`s is each of what is written.
    pub(super) fn eval_fields(
        &mut self,
        fields: &[(Name, Expr)],
    ) -> Result<Vec<(Name, Cell)>, Flow> {
        let mut all: Vec<(Name, Vec<(Guards, Value)>)> = Vec::new();
        for (name, value) in fields {
            let (under, value) = match &value.kind {
                ExprKind::Under(cfg, inner) => match self.eval_where(cfg, inner)? {
                    Some(made) => made,
                    None => continue,
                },
                _ => (self.guards.clone(), self.eval(value)?),
            };
            match all.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push((under, value)),
                None => all.push((name.clone(), vec![(under, value)])),
            }
        }
        let one = |(name, mut values): (Name, Vec<(Guards, Value)>)| {
            let value = match (values.len(), values.pop()) {
                (1, Some((_, only))) => only,
                (_, last) => {
                    values.extend(last);
                    self.join(values)
                }
            };
            (name, cell(value))
        };
        Ok(all.into_iter().map(one).collect())
    }

    /// A function with those of its parameters alone that are there when it is given `count` of them.
    pub(super) fn with_parameters(&mut self, item: &FnItem, count: usize) -> FnItem {
        let mut ways: Vec<(Guards, Vec<Param>)> = vec![(self.guards.clone(), Vec::new())];
        for param in &item.params {
            let mut next = Vec::new();
            for (guards, params) in ways {
                let with = params.iter().chain([param]).cloned().collect();
                let Some(cfg) = &param.cfg else {
                    next.push((guards, with));
                    continue;
                };
                let (holds, fails) = (self.cfg_guards(cfg, true), self.cfg_guards(cfg, false));
                let both = |more: Option<Guards>| guards.and(&more?);
                next.extend(both(holds).map(|guards| (guards, with)));
                next.extend(both(fails).map(|guards| (guards, params)));
            }
            ways = next;
        }
        let mut fitting =
            ways.into_iter().map(|(_, params)| params).filter(|params| params.len() == count);
        let mut params = fitting.next().unwrap_or_else(|| item.params.to_vec());
        // What is given is given to each that may stand there.
        for other in fitting {
            for (param, other) in params.iter_mut().zip(other) {
                param.pat.also(other.pat);
            }
        }
        FnItem { params: params.into(), ..item.clone() }
    }
}

/// The fields of a struct; of one that is declared under several `cfg`s with different types the type is not known.
pub(super) fn declared_once(fields: impl Iterator<Item = (Name, Ty)>) -> Vec<(Name, Ty)> {
    let mut all: Vec<(Name, Ty)> = Vec::new();
    for (name, ty) in fields {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if *known == ty => {}
            Some((_, known)) => *known = Ty::Unknown,
            None => all.push((name, ty)),
        }
    }
    all
}

/// How many parts of a list, and conditions within one expression, are followed with and without.
const MOST_PARTS: usize = 4;

/// The elements or arguments of an expression.
fn parts(kind: &ExprKind) -> Option<&[Expr]> {
    match kind {
        ExprKind::Call(_, parts) | ExprKind::Array(parts) | ExprKind::Tuple(parts) => Some(parts),
        ExprKind::MethodCall(call) => Some(&call.args),
        _ => None,
    }
}

fn parts_mut(kind: &mut ExprKind) -> Option<&mut ThinVec<Expr>> {
    match kind {
        ExprKind::Call(_, parts) | ExprKind::Array(parts) | ExprKind::Tuple(parts) => Some(parts),
        ExprKind::MethodCall(call) => Some(&mut call.args),
        _ => None,
    }
}

impl Pat {
    /// A lone name stands for what `other` stands for as well.
    fn also(&mut self, other: Self) {
        if let Self::Bind { sub, .. } = self {
            match sub {
                Some(inner) => inner.also(other),
                None => *sub = Some(Box::new(other)),
            }
        }
    }
}
