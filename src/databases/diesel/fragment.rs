//! Statements that the tree puts together itself, in a `walk_ast` of its own: the text that is pushed, piece by piece.
//!
//! What is pushed counts where it stands, as it may be run by code that is not in the tree; an expression is no
//! statement, so that pieces of which nothing is known count only where they are run.

use std::rc::Rc;

use super::{super::name::quoted, LIBRARY, item, last, query::table_of};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        target_of,
        text::{Piece, Text},
        value::{Cell, Draft, FnValue, Value, cell},
    },
    link::{Target, types::Ty},
    source::Place,
};

/// What was pushed to so far is not known.
const BEGUN: &str = "diesel::query_builder::AstPass::begun";

/// A method of `AstPass`, or `walk_ast` of what is not of the tree.
pub(super) fn method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let given = || method.args.first().and_then(Value::text).unwrap_or_else(Text::hole);
    let more = match method.name {
        "push_sql" => given(),
        "push_identifier" => given().map(quoted),
        "push_bind_param" => Text::known(" ? "),
        "reborrow" | "unsafe_to_cache_prepared" | "push_bind_param_value_only" => Text::known(""),
        "walk_ast" if functions(evaluator, value).is_empty() => {
            let place = cell(method.args.first()?.clone());
            let table = table_of(evaluator, value).map(|table| Text::known(&table.name));
            pushed(evaluator, &place, &table.unwrap_or_else(Text::hole), method.at)?;
            return Some(Value::unknown());
        }
        _ => return None,
    };
    pushed(evaluator, receiver, &more, method.at)
}

/// What holds the text after `more` was put to its end.
fn pushed(evaluator: &mut Evaluator<'_>, receiver: &Cell, more: &Text, at: Place) -> Option<Value> {
    let place = target_of(receiver);
    let held = place.borrow().clone();
    let made = appended(evaluator, &held, more, at)?;
    evaluator.write(&place, made);
    Some(Value::Ref(place))
}

fn appended(evaluator: &mut Evaluator<'_>, held: &Value, more: &Text, at: Place) -> Option<Value> {
    let before = match held.bare() {
        Value::Query(query) if query.library == LIBRARY => {
            let Draft::Sql(text, dialect) = &query.draft else { return None };
            return Some(evaluator.redraft(&query, Draft::Sql(text.then(more), *dialect)));
        }
        Value::Alt(all) => {
            let each = all
                .iter()
                .map(|(guards, one)| Some((guards.clone(), appended(evaluator, one, more, at)?)));
            let each: Option<Vec<_>> = each.collect();
            return Some(Value::Alt(Rc::new(each?)));
        }
        Value::Term(term) if &*term.path == BEGUN => Text::hole(),
        Value::Unknown(Ty::External(path, _))
            if item(&path).is_some() && last(&path) == "AstPass" =>
        {
            Text::default()
        }
        _ => return None,
    };
    let text = before.then(more);
    let says = |piece: &Piece| matches!(piece, Piece::Known(text, _) if !text.is_empty());
    Some(if text.pieces().iter().any(says) {
        evaluator.query(LIBRARY, Draft::Sql(text, None), at)
    } else if text.pieces().is_empty() {
        held.clone()
    } else {
        Value::term(BEGUN, None, at)
    })
}

/// The functions of the tree that put together what a value of its type says.
fn functions(evaluator: &Evaluator<'_>, value: &Value) -> Vec<FnValue> {
    let ty = evaluator.type_of(value);
    let Ty::Def(def, _) = &ty else { return Vec::new() };
    let program = evaluator.program;
    let is_fragment = |block| {
        matches!(program.trait_of(block), Some(Target::External(path))
        if item(&path).is_some() && last(&path) == "QueryFragment")
    };
    let all = program.assoc(*def, "walk_ast").into_iter();
    all.filter(|id| program.def(*id).parent.is_some_and(is_fragment))
        .map(|def| FnValue { def, self_ty: Some(ty.clone()), generics: Vec::new() })
        .collect()
}

/// Runs what a value of the tree puts together; `None` if it puts nothing together.
pub(super) fn run(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    executor: Option<&Value>,
    at: Place,
) -> Option<Value> {
    let functions = functions(evaluator, value);
    if functions.is_empty() {
        return None;
    }
    for function in functions {
        let text = evaluator.query(LIBRARY, Draft::Sql(Text::default(), None), at);
        let out = cell(text);
        let args = vec![value.clone(), Value::Ref(out.clone())];
        let done = evaluator.call(&Value::Fn(Rc::new(function)), args, at);
        let made = out.borrow().clone();
        let made = if done.is_ok() { made } else { Value::unknown() };
        evaluator.run_given(LIBRARY, &made, None, executor, at);
    }
    Some(Value::unknown())
}
