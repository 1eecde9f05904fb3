//! `if`, `match` and `?`.

use std::cell::Cell;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Guard, Guards},
    lend::binds_mutably,
    option::{Unwrapped, is_perhaps, unwrap},
    pattern::Fit,
    value::{Value, cell},
};
use crate::{
    source::{Place, Span},
    syntax::tree::{self, Block, Expr, ExprKind, Pat},
};

impl<'p> Evaluator<'p> {
    pub(super) fn eval_if(
        &mut self,
        span: Span,
        condition: &Expr,
        then: &Block,
        otherwise: Option<&Expr>,
    ) -> Eval {
        let locals = self.scope.locals.len();
        let result = self.eval_if_inner(span, condition, then, otherwise);
        self.scope.locals.truncate(locals);
        result
    }

    fn eval_if_inner(
        &mut self,
        _span: Span,
        condition: &Expr,
        then: &Block,
        otherwise: Option<&Expr>,
    ) -> Eval {
        if let ExprKind::Let(pat, subject) = &condition.kind {
            let subject = self.subject(subject, binds_mutably(pat))?;
            return self.if_let(pat, &subject, then, otherwise);
        }
        if let ExprKind::Macro(call) = &condition.kind
            && call.path.segments.last().is_some_and(|segment| segment.name == "cfg")
            && let Some(cfg) = self.cfg_of_macro(call)
        {
            return self.if_cfg(&cfg, then, otherwise);
        }
        let value = self.apart(|e| e.eval(condition))?.bare();
        let at = self.here(condition.span);
        self.if_value(&value, at, then, otherwise)
    }

    fn if_value(
        &mut self,
        value: &Value,
        at: Place,
        then: &Block,
        otherwise: Option<&Expr>,
    ) -> Eval {
        match value {
            // Known in each of several choices that were made before.
            Value::Alt(all) if all.iter().all(|(_, one)| matches!(one, Value::Bool(_))) => {
                let choices = self.choices_between(all);
                let arms: Vec<Arm<'_, 'p>> = all
                    .iter()
                    .zip(choices)
                    .map(|((guards, value), choice)| {
                        let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                            Box::new(move |e: &mut Self| {
                                e.narrowed(guards, |e| e.if_value(value, at, then, otherwise))
                            });
                        (choice, run)
                    })
                    .collect();
                self.branch(arms)
            }
            Value::Bool(holds) => {
                self.decided += 1;
                if *holds { self.eval_block(then) } else { self.eval_other(otherwise) }
            }
            _ => {
                let condition = self.fresh_condition();
                let ends = [Cell::new(false), Cell::new(false)];
                let [then_ends, other_ends] = &ends;
                let said = value;
                let result = self.branch(vec![
                    (
                        Guard { condition, arm: 0 },
                        Box::new(move |e: &mut Self| {
                            let end = e.under_condition(said, true, at, |e| e.eval_block(then));
                            then_ends.set(end.is_err());
                            end
                        }),
                    ),
                    (
                        Guard { condition, arm: 1 },
                        Box::new(move |e: &mut Self| {
                            // Where there is no `else`, what follows the `if` is the other branch.
                            let run = |e: &mut Self| e.eval_other(otherwise);
                            let end = match otherwise {
                                Some(_) => e.under_condition(said, false, at, run),
                                None => run(e),
                            };
                            other_ends.set(end.is_err());
                            end
                        }),
                    ),
                ]);
                if then_ends.get() != other_ends.get() {
                    self.hold_from_here(value, other_ends.get());
                }
                result
            }
        }
    }

    fn eval_other(&mut self, otherwise: Option<&Expr>) -> Eval {
        otherwise.map_or(Ok(Value::Unit), |other| self.eval(other))
    }

    fn if_cfg(&mut self, cfg: &tree::Cfg, then: &Block, otherwise: Option<&Expr>) -> Eval {
        let yes = self.cfg_guards(cfg, true);
        let no = self.cfg_guards(cfg, false);
        match (yes, no) {
            (None, _) => self.eval_other(otherwise),
            (Some(_), None) => self.eval_block(then),
            (Some(yes), Some(_)) => {
                // A single option is the same choice everywhere; anything else is a choice of its own.
                let mut choices = yes.iter().copied();
                let guard = match (choices.next(), choices.next()) {
                    (Some(only), None) => only,
                    _ => Guard { condition: self.fresh_condition(), arm: 0 },
                };
                let other = Guard { arm: guard.arm ^ 1, ..guard };
                self.branch(vec![
                    (guard, Box::new(|e: &mut Self| e.eval_block(then))),
                    (other, Box::new(|e: &mut Self| e.eval_other(otherwise))),
                ])
            }
        }
    }

    /// What a pattern is matched against.
    ///
    /// - `mutably`: by its place, which the pattern binds names to.
    pub(super) fn subject(&mut self, subject: &Expr, mutably: bool) -> Eval {
        if mutably { Ok(Value::Ref(self.place(subject)?)) } else { self.eval(subject) }
    }

    /// The values that one may be which a pattern is matched against; of `&mut`, each as a place.
    pub(super) fn ways_of_subject(&mut self, subject: &Value) -> Option<Vec<(Guards, Value)>> {
        let Value::Alt(_) = subject.bare() else { return None };
        let by_place = matches!(subject, Value::Ref(_));
        if let Value::Ref(place) = subject {
            self.lend_inside(place);
        }
        let Value::Alt(all) = subject.bare() else { return None };
        let ways = all.iter().map(|(guards, value)| {
            let value = value.clone();
            (guards.clone(), if by_place { Value::Ref(cell(value)) } else { value })
        });
        Some(ways.collect())
    }

    fn if_let(
        &mut self,
        pat: &Pat,
        subject: &Value,
        then: &Block,
        otherwise: Option<&Expr>,
    ) -> Eval {
        if let Some(all) = self.ways_of_subject(subject) {
            let choices = self.choices_between(&all);
            let arms: Vec<Arm<'_, 'p>> = all
                .into_iter()
                .zip(choices)
                .map(|((guards, value), choice)| {
                    let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                        Box::new(move |e: &mut Self| {
                            e.narrowed(&guards, |e| e.if_let(pat, &value, then, otherwise))
                        });
                    (choice, run)
                })
                .collect();
            return self.branch(arms);
        }
        match self.fits(pat, subject) {
            Fit::Never => {
                self.decided += 1;
                self.eval_other(otherwise)
            }
            Fit::Always => {
                self.decided += 1;
                self.bind(pat, subject.clone());
                self.eval_block(then)
            }
            Fit::Perhaps => {
                let readings = self.told(pat, subject);
                let at = self.here(then.span);
                let condition = self.fresh_condition();
                let taken = subject.clone();
                self.branch(vec![
                    (
                        Guard { condition, arm: 0 },
                        Box::new(move |e: &mut Self| {
                            e.supposing(readings, at, |e| {
                                e.bind(pat, taken);
                                e.eval_block(then)
                            })
                        }),
                    ),
                    (Guard { condition, arm: 1 }, Box::new(|e: &mut Self| e.eval_other(otherwise))),
                ])
            }
        }
    }

    /// Runs under further choices that are known to hold; a contradiction runs nothing.
    pub(super) fn narrowed(
        &mut self,
        guards: &Guards,
        run: impl FnOnce(&mut Self) -> Eval,
    ) -> Eval {
        let Some(both) = self.guards.and(guards) else { return Err(Flow::Return) };
        let outside = std::mem::replace(&mut self.guards, both);
        let result = run(self);
        self.guards = outside;
        result
    }

    pub(super) fn eval_match(&mut self, subject: &Expr, arms: &[tree::Arm]) -> Eval {
        let mutably = arms.iter().any(|arm| binds_mutably(&arm.pat));
        let subject = self.subject(subject, mutably)?;
        self.match_value(&subject, arms)
    }

    fn match_value(&mut self, subject: &Value, arms: &[tree::Arm]) -> Eval {
        if let Some(all) = self.ways_of_subject(subject) {
            let choices = self.choices_between(&all);
            let runs: Vec<Arm<'_, 'p>> = all
                .into_iter()
                .zip(choices)
                .map(|((guards, value), choice)| {
                    let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                        Box::new(move |e: &mut Self| {
                            e.narrowed(&guards, |e| e.match_value(&value, arms))
                        });
                    (choice, run)
                })
                .collect();
            return self.branch(runs);
        }
        let (mut possible, mut taken) = (Vec::new(), false);
        for arm in arms {
            let Some(guards) = self.under(arm.cfg.as_deref()) else { continue };
            let fit = self.fits(&arm.pat, subject);
            let holds = match (&arm.guard, fit) {
                (None, _) => Some(true),
                (Some(guard), Fit::Always) => self.guard_holds(arm, guard, subject),
                (Some(_), _) => None,
            };
            match fit {
                _ if holds == Some(false) => {}
                Fit::Never => {}
                Fit::Always if holds == Some(true) && arm.cfg.is_none() => {
                    possible.push((arm, guards));
                    taken = true;
                    break;
                }
                _ => possible.push((arm, guards)),
            }
        }
        self.decided += u64::from(possible.len() < arms.len());
        // Of one arm that is left, a match being exhaustive, it is known that it is taken.
        if let [(arm, _)] = possible.as_slice()
            && (taken || arm.guard.is_none() && arm.cfg.is_none())
        {
            return self.run_arm(arm, subject);
        }
        let condition = self.fresh_condition();
        let refused = self.refused_before(&possible, subject);
        let runs: Vec<Arm<'_, 'p>> = possible
            .into_iter()
            .zip(refused)
            .zip(0u16..)
            .map(|(((arm, guards), left), number)| {
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    e.narrowed(&guards, |e| e.leaving(left, |e| e.run_arm(arm, subject)))
                });
                (Guard { condition, arm: number }, run)
            })
            .collect();
        self.branch(runs)
    }

    /// Whether the guard of an arm whose pattern fits holds, when that is known.
    fn guard_holds(&mut self, arm: &tree::Arm, guard: &Expr, subject: &Value) -> Option<bool> {
        match self.guard_said(arm, guard, subject) {
            Some(Value::Bool(holds)) => Some(holds),
            _ => None,
        }
    }

    /// What the guard of an arm whose pattern fits says.
    pub(super) fn guard_said(
        &mut self,
        arm: &tree::Arm,
        guard: &Expr,
        subject: &Value,
    ) -> Option<Value> {
        let locals = self.scope.locals.len();
        self.bind(&arm.pat, subject.clone());
        let verdict = self.eval(guard);
        self.scope.locals.truncate(locals);
        Some(verdict.ok()?.bare())
    }

    /// `matches!(subject, pattern if guard)`.
    pub(super) fn matches(&mut self, subject: &Expr, arm: &tree::Arm) -> Eval {
        let subject = self.eval(subject)?;
        let at = self.here(arm.body.span);
        if !self.collected.is_empty()
            && arm.guard.is_none()
            && let Some(said) = self.matched(&arm.pat, &subject, at)
        {
            return Ok(said);
        }
        let body = Expr { kind: ExprKind::Lit(tree::Lit::Bool(false)), span: arm.body.span };
        let other = tree::Arm { pat: Pat::Wild, guard: None, body, cfg: None };
        self.match_value(&subject, &[arm.clone(), other])
    }

    fn run_arm(&mut self, arm: &tree::Arm, subject: &Value) -> Eval {
        let locals = self.scope.locals.len();
        let readings = self.told(&arm.pat, subject);
        let at = self.here(arm.body.span);
        let result = self.supposing(readings, at, |e| {
            e.bind(&arm.pat, subject.clone());
            let Some(guard) = &arm.guard else { return e.eval(&arm.body) };
            let said = e.eval(guard)?.bare();
            e.under_condition(&said, true, at, |e| e.eval(&arm.body))
        });
        self.scope.locals.truncate(locals);
        result
    }

    /// `value?`: what is inside `Ok` or `Some`; a known error returns.
    pub(super) fn unwrap_or_return(&mut self, value: Value) -> Eval {
        match unwrap(&value.deref()) {
            Unwrapped::Inside(inner) => {
                if is_perhaps(&value) {
                    self.note_failure();
                }
                Ok(inner)
            }
            Unwrapped::Nothing => {
                self.scope.returns.push((self.guards.clone(), value));
                Err(Flow::Return)
            }
            Unwrapped::Other => match value.deref() {
                Value::Alt(all) => {
                    self.note_failure();
                    let inside = self.succeeded(&all);
                    if inside.is_empty() { Err(Flow::Return) } else { Ok(self.join(inside)) }
                }
                Value::Unknown(ty) => {
                    self.note_failure();
                    let inner = super::types::success_type(&ty);
                    Ok(self.symbolic(&inner))
                }
                value => {
                    self.note_failure();
                    Ok(value)
                }
            },
        }
    }
}
