//! Services of tower's kind: which of them are for what a server of hyper receives.

use crate::{
    evaluate::{Evaluator, value::Value},
    link::types::{Ty, TypeEnv},
};

/// Under which the types are kept in mind whose values are handed to hyper.
const GIVEN: &str = "hyper::given!";

/// The types of what a function takes.
fn taken(evaluator: &Evaluator<'_>, callable: &Value) -> Vec<Ty> {
    match callable.bare() {
        Value::Fn(function) => evaluator.parameter_types(&function),
        Value::Closure(closure) => {
            let written = closure.expr.params.iter().filter_map(|param| param.ty.as_ref());
            let env = TypeEnv::default();
            written.map(|ty| evaluator.program.resolve_type(closure.module, ty, &env)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a function takes what a server of hyper receives.
pub(super) fn takes_incoming(evaluator: &Evaluator<'_>, callable: &Value) -> bool {
    let incoming =
        |ty: &Ty| matches!(ty, Ty::External(path, _) if &**path == "hyper::body::Incoming");
    let given = |ty: &Ty| matches!(ty, Ty::External(_, args) if args.iter().any(incoming));
    taken(evaluator, callable).iter().any(given)
}

/// Whether a function takes requests whatever their body, those that a server receives among them.
pub(super) fn takes_any_body(evaluator: &Evaluator<'_>, callable: &Value) -> bool {
    taken(evaluator, callable).iter().any(|ty| match ty {
        Ty::External(path, args) => {
            path.ends_with("::Request")
                && ["http::", "hyper::"].iter().any(|krate| path.starts_with(krate))
                && matches!(args.as_slice(), [Ty::Param(_)])
        }
        _ => false,
    })
}

/// Keeps in mind that a service is handed to hyper.
pub(super) fn note_given(evaluator: &mut Evaluator<'_>, service: &Value) {
    if let Ty::Def(def, _) = evaluator.type_of(&service.bare()) {
        evaluator.note(GIVEN, def);
    }
}

/// Whether a service whose `call` this is was handed to hyper.
pub(super) fn is_given(evaluator: &Evaluator<'_>, callable: &Value) -> bool {
    let Value::Fn(function) = callable else { return false };
    let Some(Ty::Def(def, _)) = &function.self_ty else { return false };
    evaluator.noted(GIVEN).contains(def)
}
