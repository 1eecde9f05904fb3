//! `let pat = value` where the value is one of several: each is taken apart on its own.

use super::{
    Evaluator,
    effect::Guards,
    pattern::Fit,
    value::{Cell, Value, cell},
};
use crate::syntax::tree::{Name, Pat};

/// Binds the names of a pattern, each to what it is in those of `all` that fit.
pub(super) fn bind_each(evaluator: &mut Evaluator<'_>, pat: &Pat, all: &[(Guards, Value)]) {
    let before = evaluator.scope.locals.len();
    let mut ways: Vec<(&Guards, Vec<(Name, Cell)>)> = Vec::new();
    for (guards, value) in all {
        if evaluator.fits(pat, value) != Fit::Never {
            evaluator.bind(pat, value.clone());
            ways.push((guards, evaluator.scope.locals.split_off(before)));
        }
    }
    if ways.is_empty() {
        return evaluator.bind(pat, Value::unknown());
    }
    let names: Vec<Name> =
        ways.first().iter().flat_map(|(_, bound)| bound).map(|(name, _)| name.clone()).collect();
    for name in names {
        let each = ways.iter().filter_map(|(guards, bound)| {
            let (_, held) = bound.iter().rfind(|(bound, _)| *bound == name)?;
            Some(((*guards).clone(), held.borrow().clone()))
        });
        let each: Vec<(Guards, Value)> = each.collect();
        let value = evaluator.join(each);
        evaluator.scope.locals.push((name, cell(value)));
    }
}

/// Whether a pattern binds the parts of a value.
pub(super) fn takes_apart(pat: &Pat) -> bool {
    match pat {
        Pat::Tuple(..) | Pat::Slice(..) | Pat::TupleStruct(..) | Pat::Struct(..) => true,
        Pat::Ref(inner) | Pat::Typed(inner, _) => takes_apart(inner),
        _ => false,
    }
}
