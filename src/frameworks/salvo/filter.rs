//! Filters: what a request must be to get into a router.

use super::{item, path_text, verb};
use crate::{
    evaluate::{
        Evaluator,
        effect::Guards,
        router::{Methods, Way},
        text::Text,
        value::Value,
    },
    source::Place,
};

/// Everything under a path.
pub(super) fn at_path(path: Text) -> Way {
    Way { path, methods: Methods::Any, guards: Guards::default() }
}

/// What a request is besides its path and method: routers that ask for different values are alternatives.
pub(super) fn by_request(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    asked: &Value,
    at: Place,
) -> Way {
    let value = asked.text().and_then(|text| text.exact()).unwrap_or_else(|| format!("{at:?}"));
    let guard = evaluator.choice(&format!("salvo {name}"), &value);
    Way {
        path: Text::default(),
        methods: Methods::Any,
        guards: Guards::default().with(guard).unwrap_or_default(),
    }
}

/// The ways that a filter lets through.
pub(super) fn ways(evaluator: &mut Evaluator<'_>, filter: &Value, at: Place) -> Vec<Way> {
    let value = filter.bare();
    let Value::Term(term) = &value else {
        return vec![by_request(evaluator, "filter", &Value::unknown(), at)];
    };
    let args = term.args.as_deref().unwrap_or_default();
    let first = args.first();
    let last = term.path.rsplit(':').next().unwrap_or("");
    if item(&term.path).is_none() {
        return vec![by_request(evaluator, "filter", &Value::unknown(), at)];
    }
    match (last, first) {
        ("path" | "try_path", first) => vec![at_path(path_text(first))],
        ("new" | "try_new", first) if term.path.contains("PathFilter") => {
            vec![at_path(path_text(first))]
        }
        ("MethodFilter", Some(Value::Term(method))) => {
            let name = method.path.rsplit(':').next().unwrap_or("").to_ascii_lowercase();
            let methods = verb(&name).map_or(Methods::Unknown, |one| Methods::These(vec![one]));
            vec![Way { methods, ..at_path(Text::default()) }]
        }
        ("and", Some(one)) => {
            let other = args.get(1).cloned().unwrap_or_else(Value::unknown);
            let (some, others) = (ways(evaluator, one, at), ways(evaluator, &other, at));
            some.iter().flat_map(|one| others.iter().filter_map(|other| both(one, other))).collect()
        }
        ("or", Some(one)) => {
            let mut all = ways(evaluator, one, at);
            if let Some(other) = args.get(1) {
                all.extend(ways(evaluator, other, at));
            }
            merged(all)
        }
        ("and_then", Some(one)) => ways(evaluator, one, at),
        (name, _) if verb(name).is_some() => {
            let methods = Methods::These(verb(name).into_iter().collect());
            vec![Way { methods, ..at_path(Text::default()) }]
        }
        (name @ ("host" | "scheme" | "port"), first) => {
            let asked = first.cloned().unwrap_or_else(Value::unknown);
            vec![by_request(evaluator, name, &asked, at)]
        }
        _ => vec![by_request(evaluator, "filter", &Value::unknown(), at)],
    }
}

/// One filter after the other; `None` when no request passes both.
fn both(one: &Way, other: &Way) -> Option<Way> {
    let path = match (one.path.pieces().is_empty(), other.path.pieces().is_empty()) {
        (true, _) => other.path.clone(),
        (false, true) => one.path.clone(),
        (false, false) => one.path.then(&Text::known("/")).then(&other.path),
    };
    Some(Way {
        path,
        methods: one.methods.and(&other.methods),
        guards: one.guards.and(&other.guards)?,
    })
}

/// Ways that differ in their methods only, as one.
fn merged(ways: Vec<Way>) -> Vec<Way> {
    let mut all: Vec<Way> = Vec::new();
    for way in ways {
        let alike =
            all.iter_mut().find(|known| known.path == way.path && known.guards == way.guards);
        match alike.map(|known| (&mut known.methods, &way.methods)) {
            Some((Methods::These(these), Methods::These(more))) => {
                these.extend(more.iter().copied());
            }
            Some((known, Methods::Any)) => *known = Methods::Any,
            Some((Methods::Any, _)) => {}
            _ => all.push(way),
        }
    }
    all
}
