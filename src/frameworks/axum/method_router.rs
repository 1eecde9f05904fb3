//! Method routers: what they answer, as far as that is known.

use super::{METHODS, UTOIPA_METHODS};
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Op, RouterKind},
        text::{Piece, Text},
        value::Value,
    },
    link::types::Ty,
};

/// The methods that a routing function or method of that name answers.
pub(in crate::frameworks) fn verb(name: &str) -> Option<Methods> {
    let name = name.strip_suffix("_service").unwrap_or(name);
    Some(Methods::These(vec![match name {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        "trace" => "TRACE",
        "connect" => "CONNECT",
        "any" => return Some(Methods::Any),
        _ => return None,
    }]))
}

/// What a `MethodFilter` is given as: one, or a value of the tree that is converted into one.
pub(super) fn filter_given(evaluator: &mut Evaluator<'_>, value: &Value) -> Methods {
    let given = value.bare();
    let is_own = matches!(evaluator.type_of(&given), Ty::Def(..));
    let ty = Ty::External("axum::routing::MethodFilter".into(), Vec::new());
    match evaluator.converted(&given, &ty).filter(|_| is_own) {
        Some(made) => filter(&made),
        None => filter(&given),
    }
}

/// What a `MethodFilter` holds.
pub(super) fn filter(value: &Value) -> Methods {
    let bare = value.bare();
    if let Value::Alt(all) = &bare {
        // It is one of them: each may be served.
        let mut each = Vec::new();
        for (_, one) in all.iter() {
            match filter(one) {
                Methods::These(these) => each.extend(these),
                other => return other,
            }
        }
        each.sort_unstable();
        each.dedup();
        return Methods::These(each);
    }
    let Value::Term(term) = bare else { return Methods::Unknown };
    let last = term.path.rsplit(':').next().unwrap_or("");
    if term.args.is_none() {
        return verb(&last.to_ascii_lowercase()).unwrap_or(Methods::Unknown);
    }
    if matches!(last, "try_from" | "from" | "unwrap" | "expect" | "from_bytes" | "from_str") {
        let given = term.args.iter().flatten().next();
        return match given.and_then(Value::text).and_then(|text| text.exact()) {
            Some(text) => verb(&text.to_ascii_lowercase()).unwrap_or(Methods::Unknown),
            None => given.map_or(Methods::Unknown, filter),
        };
    }
    if !matches!(last, "or" | "bitor") {
        return Methods::Unknown;
    }
    let mut all = Vec::new();
    for arg in term.args.iter().flatten() {
        match filter(arg) {
            Methods::These(these) => all.extend(these),
            other => return other,
        }
    }
    Methods::These(all)
}

/// Whether a router is one of methods at one path.
pub(super) fn is_method_router(kind: RouterKind) -> bool {
    kind == METHODS || kind == UTOIPA_METHODS
}

/// Whether only the type is known of a method router that is mounted at `path`: a parameter, what a pointer to a function
/// gives.
///
/// A function that nobody calls and that is given both path and method router mounts nothing by itself: a gate that is
/// not used yet.
pub(super) fn is_unread(methods: &Handle, path: &Text) -> bool {
    let mut next = Some(&methods.node);
    while let Some(node) = next {
        match &node.op {
            Op::Opaque => {
                let made_in_a_body = node.site.frame.is_some();
                let named = path.pieces().iter().any(|piece| matches!(piece, Piece::Known(..)));
                return is_method_router(methods.kind) && (made_in_a_body || named);
            }
            Op::Layer { .. } => {}
            _ => return false,
        }
        next = node.prev.as_ref();
    }
    false
}

/// Whether a router has paths of its own, besides what answers where nothing else does.
pub(super) fn has_paths(router: &Handle) -> bool {
    let mut open = vec![&router.node];
    while let Some(node) = open.pop() {
        if matches!(&node.op, Op::At { path, .. } if path.exact().as_deref() != Some("/{*rest}")) {
            return !is_method_router(router.kind);
        }
        open.extend(node.children());
    }
    false
}

/// Whether all that a method router answers are methods that change nothing.
pub(super) fn only_reads(methods: &Handle) -> bool {
    let reads = |name: &&'static str| matches!(*name, "GET" | "HEAD" | "OPTIONS");
    let mut next = Some(&methods.node);
    while let Some(node) = next {
        match &node.op {
            Op::New | Op::Layer { .. } => {}
            Op::Handler { methods: Methods::These(these), .. } if these.iter().all(reads) => {}
            _ => return false,
        }
        next = node.prev.as_ref();
    }
    is_method_router(methods.kind)
}
