//! Text of which several readings are possible: each is followed on its own.

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Guard, Guards},
    text::Text,
    value::Value,
};

/// More readings of one text than this are not told apart.
const MOST: usize = 24;

impl<'p> Evaluator<'p> {
    /// Runs `call` once for each reading of the first argument that has several; `None` when none has.
    ///
    /// Only text and functions count: what a library is given of them decides what it does.
    pub(super) fn for_each_reading(
        &mut self,
        args: &[Value],
        call: impl Fn(&mut Self, Vec<Value>) -> Eval,
    ) -> Option<Eval> {
        let (position, all) = args.iter().enumerate().find_map(|(position, arg)| {
            let Value::Alt(all) = arg.bare() else { return None };
            let readable = |value: &Value| matches!(value.bare(), Value::Str(_) | Value::Query(_));
            (all.len() <= MOST && all.iter().any(|(_, value)| readable(value)))
                .then_some((position, all))
        })?;
        let condition = self.fresh_condition();
        let call = &call;
        let arms: Vec<Arm<'_, 'p>> = all
            .iter()
            .zip(0u16..)
            .map(|((guards, value), arm)| {
                let (guards, mut args) = (guards.clone(), args.to_vec());
                if let Some(place) = args.get_mut(position) {
                    *place = value.clone();
                }
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e: &mut Self| {
                    let Some(both) = e.guards.and(&guards) else { return Err(Flow::Return) };
                    e.guards = both;
                    call(e, args)
                });
                (Guard { condition, arm }, run)
            })
            .collect();
        Some(self.branch(arms))
    }

    /// One text after another, for every combination of their readings.
    pub(super) fn joined_texts(&mut self, parts: &[Value]) -> Value {
        let mut all: Vec<(Guards, Text)> = vec![(Guards::default(), Text::default())];
        for part in parts {
            let readings = readings(part);
            if all.len() * readings.len() > MOST {
                for (_, text) in &mut all {
                    *text = text.then(&Text::hole());
                }
                continue;
            }
            let mut next = Vec::with_capacity(all.len() * readings.len());
            for (guards, text) in &all {
                for (more, piece) in &readings {
                    if let Some(both) = guards.and(more) {
                        next.push((both, text.then(piece)));
                    }
                }
            }
            all = next;
        }
        let all = all.into_iter().map(|(guards, text)| (guards, Value::Str(text)));
        self.join(all.collect())
    }
}

/// What a value says as text, with the choice under which it says so.
fn readings(value: &Value) -> Vec<(Guards, Text)> {
    match value.bare() {
        Value::Alt(all) => all
            .iter()
            .map(|(guards, value)| (guards.clone(), value.text().unwrap_or_else(Text::hole)))
            .collect(),
        value => vec![(Guards::default(), value.text().unwrap_or_else(Text::hole))],
    }
}
