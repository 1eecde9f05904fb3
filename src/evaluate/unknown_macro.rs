//! Macros of which nothing is known: what they are given runs, and each piece of it may run or not.

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::Guard,
    macro_text::MacroText,
    target_of,
    value::{Cell, Value},
};
use crate::syntax::{
    body,
    recover_block::REJECTED,
    tree::{Block, Expr, ExprKind, MacroCall},
};

/// Macros each of whose arms is one way to go on, and that go on by one of them.
const CHOOSE: [&str; 3] = ["select", "select_biased", "select_loop"];

/// Macros that make a body of its own of what they are given, which `return` leaves: a stream, or what runs at the end.
const OWN_BODY: [&str; 6] =
    ["stream", "try_stream", "defer", "defer_on_success", "defer_on_unwind", "gen"];

/// Macros that make tokens of what they are given: nothing of it runs here.
const TOKENS: [&str; 5] =
    ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned", "format_ident"];

/// Crates whose macros show what they are given.
const SHOWS: [&str; 5] = ["defmt", "log", "slog", "std", "tracing"];

/// The collection that a macro makes of `key => value, …`.
fn map_made_by(name: &str) -> Option<&'static str> {
    Some(match name {
        "hashmap" | "phf_map" => "HashMap",
        "btreemap" => "BTreeMap",
        "indexmap" | "phf_ordered_map" => "IndexMap",
        _ => return None,
    })
}

/// The keys and values of `key => value, …`; `None` where more stands there.
fn pairs_of<'a>(pieces: &'a [body::Piece], text: &str) -> Option<Vec<(&'a Expr, &'a Expr)>> {
    let is_arrow = |key: &Expr, held: &Expr| {
        let between = text.get(key.span.end as usize..held.span.start as usize);
        between.is_some_and(|between| between.trim() == "=>")
    };
    let pair = |pair: &'a [body::Piece]| match pair {
        [key, held] if key.pat.is_none() && held.pat.is_none() => {
            is_arrow(&key.expr, &held.expr).then_some((&key.expr, &held.expr))
        }
        _ => None,
    };
    pieces.chunks(2).map(pair).collect()
}

impl<'p> Evaluator<'p> {
    /// A macro of which nothing is known: its arguments run, as expressions or as statements.
    pub(super) fn unknown_macro(&mut self, call: &MacroCall, code: &MacroText, text: &str) -> Eval {
        if let Some(file) = self.program.pasted(self.scope.file, call, |text| text) {
            return self.eval_expansion(file, None);
        }
        let name = call.path.segments.last().map_or("", |segment| segment.name.as_str());
        if name == REJECTED {
            return self.rejected(call, code, text);
        }
        if TOKENS.contains(&name) {
            return Ok(Value::unknown());
        }
        if let Some(of) = map_made_by(name)
            && let (pieces, true) = code.pieces(text, call.args)
            && let Some(pairs) = pairs_of(pieces, text)
        {
            let mut made = Vec::with_capacity(pairs.len());
            for (key, held) in pairs {
                made.push(Value::tuple(vec![self.eval(key)?, self.eval(held)?]));
            }
            return Ok(self.of_collection(Value::list(made), of));
        }
        if OWN_BODY.contains(&name)
            && let Some(block) = code.statements(text, call.args)
        {
            self.own_body(block);
            return Ok(Value::unknown());
        }
        if name == "bail" {
            return self.perhaps_leaves(Value::unknown(), |e| {
                e.given_to_macro(call, code, text)?;
                Err(Flow::Return)
            });
        }
        self.given_to_macro(call, code, text)
    }

    /// A statement that does not parse: what is read of it may run, and what it names may be something else afterwards.
    fn rejected(&mut self, call: &MacroCall, code: &MacroText, text: &str) -> Eval {
        self.perhaps_leaves(Value::unknown(), |e| e.macro_pieces(call, code, text))?;
        for held in self.named_in(call.args.of(text)) {
            let value = held.borrow().clone();
            self.escape(&value);
            self.may_change(&Value::Ref(held));
        }
        Ok(Value::unknown())
    }

    /// The places of the locals that a text names.
    fn named_in(&self, text: &str) -> Vec<Cell> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let named = self.scope.locals.iter().filter(|(name, _)| words.contains(&name.as_str()));
        named.map(|(_, held)| held.clone()).collect()
    }

    fn given_to_macro(&mut self, call: &MacroCall, code: &MacroText, text: &str) -> Eval {
        if let Some(args) = code.args(text, call.args) {
            let mut last = Value::Unit;
            for arg in args {
                let arg = match &arg.kind {
                    ExprKind::Assign(_, value) => value,
                    _ => arg,
                };
                let value = self.perhaps_leaves(Value::unknown(), |e| e.eval(arg))?;
                self.router_given(call, &value);
                self.escape(&value);
                self.may_fill(arg, &value);
                last = value;
            }
            let keep = args.len() == 1 && matches!(last, Value::Router(_));
            return Ok(if keep { last } else { Value::unknown() });
        }
        if let Some(block) = code.statements(text, call.args) {
            return self.perhaps_leaves(Value::unknown(), |e| e.eval_block(block));
        }
        self.macro_pieces(call, code, text)
    }

    /// A macro with a grammar of its own: its expressions run, each arm as one way to go on.
    fn macro_pieces(&mut self, call: &MacroCall, code: &MacroText, text: &str) -> Eval {
        let (pieces, whole) = code.pieces(text, call.args);
        let name = call.path.segments.last().map_or("", |segment| segment.name.as_str());
        let chooses = CHOOSE.contains(&name);
        let mut arms: Vec<&[body::Piece]> = Vec::new();
        let mut start = 0;
        for at in 1..=pieces.len() {
            if pieces.get(at).is_none_or(|piece| piece.starts) {
                arms.extend(pieces.get(start..at));
                start = at;
            }
        }
        let condition = self.fresh_condition();
        let runs: Vec<Arm<'_, 'p>> = arms
            .iter()
            .zip(0u16..)
            .map(|(arm, number)| {
                let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                    Box::new(move |e: &mut Self| e.macro_arm(arm, (!chooses).then_some(call)));
                (Guard { condition, arm: number }, run)
            })
            .collect();
        if !whole && name != REJECTED {
            self.gap_at(
                self.here(call.span),
                "the arguments of this macro are neither expressions nor statements",
            );
            // What is named in what was not read may go anywhere.
            for held in self.named_in(call.args.of(text)) {
                let value = held.borrow().clone();
                self.escape(&value);
            }
        }
        if runs.is_empty() { Ok(Value::unknown()) } else { self.branch(runs) }
    }

    /// - `call`: where each piece may run or not; the arm of another macro is run to its end where it is taken.
    fn macro_arm(&mut self, arm: &[body::Piece], call: Option<&MacroCall>) -> Eval {
        let mut last = Value::Unit;
        for piece in arm {
            let value = if call.is_none() {
                self.eval(&piece.expr)?
            } else {
                let value = self.perhaps_leaves(last.clone(), |e| e.eval(&piece.expr))?;
                if let Some(call) = call {
                    self.router_given(call, &value);
                }
                self.escape(&value);
                self.may_fill(&piece.expr, &value);
                value
            };
            match &piece.pat {
                Some(pat) => {
                    let value = self.awaited(value);
                    self.bind(pat, value);
                }
                None => last = value,
            }
        }
        Ok(last)
    }

    /// Says that a macro is given a router: it may put routes into it that are not seen.
    fn router_given(&mut self, call: &MacroCall, value: &Value) {
        let is_code = call.path.segments.last().is_some_and(|last| last.name == REJECTED);
        let mut routers = Vec::new();
        self.collect_routers(value, &mut routers);
        if routers.is_empty() || is_code {
            return;
        }
        let path = self.macro_path(call).unwrap_or_else(|| {
            let names = call.path.segments.iter().map(|segment| segment.name.as_str());
            names.collect::<Vec<_>>().join("::").into()
        });
        if SHOWS.contains(&path.split("::").next().unwrap_or_default()) {
            return;
        }
        let at = self.here(call.span);
        self.gap_at(at, &format!("a router is given to {path}!, which is not in the tree"));
    }

    /// A macro may change what it is lent, and a text without a word is named to be filled: only what is shown is named
    /// as well, and nobody shows that.
    fn may_fill(&mut self, arg: &Expr, value: &Value) {
        self.may_change(value);
        let ExprKind::Path(path) = &arg.kind else { return };
        let [only] = path.segments.as_slice() else { return };
        let locals = self.scope.locals.iter().rev();
        let place = locals.into_iter().find(|(name, _)| *name == only.name);
        let Some(place) = place.map(|(_, place)| target_of(place)) else { return };
        let is_empty = match &*place.borrow() {
            Value::Str(text) => text.exact().is_some_and(|text| text.is_empty()),
            _ => false,
        };
        if is_empty {
            self.may_change(&Value::Ref(place));
        }
    }

    /// A block that is a function of its own and may run or not: nothing in it leaves the one around it.
    fn own_body(&mut self, block: &Block) {
        let returns = std::mem::take(&mut self.scope.returns);
        let breaks = std::mem::take(&mut self.scope.breaks);
        let guards = self.guards.clone();
        self.perhaps_run(|e| {
            let exits = e.left.exits.len();
            let result = e.eval_block(block);
            e.meet_here(exits, &guards, |_| true, result.as_ref().err());
        });
        self.guards = guards;
        self.scope.returns = returns;
        self.scope.breaks = breaks;
    }
}
