//! Pages that show the API of a service, which other crates serve: they answer nothing but `GET`.

use crate::{
    evaluate::{Evaluator, value::Value},
    link::types::Ty,
};

/// Crates of which the values are such pages, as the routers, services and lists of routes that are made of `SwaggerUi`,
/// `Redoc`, `RapiDoc` and `Scalar` say.
const CRATES: [&str; 4] = ["utoipa_rapidoc", "utoipa_redoc", "utoipa_scalar", "utoipa_swagger_ui"];

/// Whether a crate is one of those.
pub(super) fn is_of_pages(krate: &str) -> bool {
    CRATES.contains(&krate)
}

/// Whether what a server is given is such a page.
pub(super) fn is_page(evaluator: &mut Evaluator<'_>, given: &Value) -> bool {
    let given = given.bare();
    let is_one = |path: &str| path.split(':').next().is_some_and(is_of_pages);
    match &given {
        Value::Term(term) => is_one(&term.path),
        value => matches!(evaluator.type_of(value), Ty::External(path, _) if is_one(&path)),
    }
}
