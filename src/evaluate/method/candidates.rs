//! Methods of the tree that are perhaps the one that is called: those of its name, where the type of what it is called on
//! does not tell.

use super::Method;
use crate::evaluate::{
    Evaluator,
    branch::{Arm, Eval},
    effect::Guard,
    value::{Cell, FnValue, Value},
};

/// Candidates for a method on a value of unknown type that are tried.
const MOST_CANDIDATES: usize = 12;

/// Ways down to a call through methods that are only perhaps the ones called; past them only routers are followed.
const MOST_WAYS: usize = 32;

impl<'p> Evaluator<'p> {
    /// Calls the one method that it is, or each of those that it may be.
    pub(super) fn call_methods(
        &mut self,
        found: &[FnValue],
        sure: bool,
        receiver: &Cell,
        value: &Value,
        method: Method<'_>,
    ) -> Eval {
        if let ([only], true) = (found, sure) {
            return self.call_method(only.clone(), receiver, value, method);
        }
        if !sure && !matches!(value.bare(), Value::Term(_)) {
            // It may as well be a method that is not of the tree.
            self.sql_handed_on(&method.args, method.at);
        }
        let worth = sure || worth_following(&method.args) || matches!(value, Value::Router(_));
        let ways = self.unsure_ways.saturating_mul(found.len());
        let routers =
            matches!(value, Value::Router(_)) || method.args.iter().any(Value::holds_routers);
        if found.len() > MOST_CANDIDATES || !worth || (ways > MOST_WAYS && !routers) {
            // Each is entered on its own in any case; here it only counts that it may be called.
            self.note_call_of_any(found, method.at, sure);
            let bare = value.bare();
            return Ok(self.unseen_method(receiver, value, &bare, method));
        }
        let condition = self.fresh_condition();
        let arms: Vec<Arm<'_, 'p>> = found
            .iter()
            .zip(0u16..)
            .map(|(one, arm)| {
                let (one, method) = (one.clone(), method.clone());
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                    Box::new(move |e: &mut Self| e.call_method(one, receiver, value, method));
                (Guard { condition, arm }, run)
            })
            .collect();
        let outside = std::mem::replace(&mut self.unsure_ways, ways);
        let went_before = self.escaped.len();
        let result = self.branch(arms);
        self.unsure_ways = outside;
        let kept = match &result {
            Ok(value) => value.holds_routers(),
            Err(_) => false,
        };
        let is_lost = !sure && !kept && self.escaped.len() == went_before;
        if !is_lost || !method.args.iter().any(Value::holds_routers) {
            return result;
        }
        // With none of these anything becomes of the routers: it may as well be a method that is not of the tree.
        let bare = value.bare();
        let unseen = self.unseen_method(receiver, value, &bare, method);
        Ok(match result {
            Ok(value) => self.either(value, unseen),
            Err(_) => unseen,
        })
    }
}

/// Whether a method that only perhaps is the one called is worth following: it is given a router, or a path or text
/// together with something that answers.
fn worth_following(args: &[Value]) -> bool {
    let text = |arg: &Value| matches!(arg.bare(), Value::Str(_));
    args.iter().any(|arg| arg.holds_routers() || matches!(arg.bare(), Value::Query(_)))
        || args.iter().any(text) && args.iter().any(Value::is_callable)
}
