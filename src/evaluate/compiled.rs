//! Code under a `cfg`: an option that is not known is a choice like any other.

use super::{
    Evaluator,
    branch::Eval,
    effect::{Guard, Guards},
    value::Value,
};
use crate::syntax::tree::Cfg;

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
        let Some(guards) = self.cfg_guards(cfg, true) else { return Ok(without) };
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
        let other = Guard { arm: guard.arm ^ 1, ..guard };
        self.branch(vec![
            (guard, Box::new(move |e: &mut Self| e.narrowed(&guards, run))),
            (other, Box::new(move |_| Ok(without))),
        ])
    }
}
