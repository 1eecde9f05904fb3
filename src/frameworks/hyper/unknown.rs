//! Services from outside the tree that are served, alone or behind one of the tree that hands on to them.

use super::{SERVICES, axum};
use crate::{
    evaluate::{
        Evaluator,
        value::{Object, Term, Value},
    },
    frameworks,
    link::{Head, Target, types::Ty},
    source::Place,
};

/// Services within services.
const DEEPEST: usize = 8;
const HANDED_ON: &str = "what a service that is served hands requests on to is not known";
/// Crates whose services are what they are given, or are modelled.
const OWN: [&str; 8] =
    ["std", "hyper", "hyper_util", "http", "tower", "tower_http", "tower_service", "tower_layer"];

/// Says of each service among what is served that comes from outside the tree that what it answers is not known.
pub(super) fn note_unknown(evaluator: &mut Evaluator<'_>, served: &Value, at: Place) {
    note(evaluator, served, at, DEEPEST);
}

fn note(evaluator: &mut Evaluator<'_>, served: &Value, at: Place, left: usize) {
    let Some(left) = left.checked_sub(1) else { return };
    match served.bare() {
        Value::Alt(all) => all.iter().for_each(|(_, one)| note(evaluator, one, at, left)),
        Value::Object(object) => {
            for inner in handed_on_to(evaluator, &object) {
                if let Value::Unknown(_) = inner.bare() {
                    evaluator.gap_at(at, HANDED_ON);
                }
                note(evaluator, &inner, at, left);
            }
        }
        Value::Term(term) => {
            let Some(args) = &term.args else { return };
            if &*term.path == axum::LAYERED || is_own(&term) {
                // Adapters take the service first.
                if let Some(inner) = args.first() {
                    if let (true, Value::Unknown(_)) = (&*term.path == axum::LAYERED, inner.bare())
                    {
                        evaluator.gap_at(at, HANDED_ON);
                    }
                    note(evaluator, inner, at, left);
                }
            } else if !frameworks::knows(&term.path) && !served.holds_code() {
                let message = format!(
                    "a service comes from {}, which is not in the tree: what it answers is not known",
                    term.path
                );
                evaluator.gap_at(term.at, &message);
            }
        }
        _ => {}
    }
}

fn is_own(term: &Term) -> bool {
    let krate = term.path.split(':').next().unwrap_or_default();
    OWN.contains(&krate) || frameworks::is_framework(krate)
}

/// What a service of the tree holds that must be a service for it to be one.
fn handed_on_to(evaluator: &Evaluator<'_>, object: &Object) -> Vec<Value> {
    let is_service =
        |of: &Target| matches!(of, Target::External(path) if SERVICES.contains(&&**path));
    let mut found = Vec::new();
    for block in evaluator.program.impls_for(&Head::Item(object.def)) {
        if !evaluator.program.trait_of(block).is_some_and(|of| is_service(&of)) {
            continue;
        }
        let Some(Ty::Def(_, generics)) = evaluator.program.self_type(block) else { continue };
        let Some(fields) = evaluator.fields_given(object.def, &generics) else { continue };
        for (name, ty) in fields.iter() {
            let Ty::Param(param) = ty else { continue };
            let bounds = evaluator.program.bounds(block, param);
            if !bounds.iter().any(|bound| is_service(&bound.of)) {
                continue;
            }
            let held = object.fields.iter().find(|(field, _)| field == name);
            found.extend(held.map(|(_, held)| held.borrow().clone()));
        }
    }
    found
}
