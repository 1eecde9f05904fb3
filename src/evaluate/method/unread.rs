//! Methods of routers that nothing gives a meaning: what they are given may answer from there on.

use super::Method;
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::Value,
    },
    frameworks,
    link::types::Ty,
    syntax::tree::{ExprKind, ItemKind},
};

/// Methods that every service of tower has, and one that servers have: what they are given changes requests, responses and
/// errors, or says when to stop, and answers nothing itself.
const OF_SERVICES: [&str; 13] = [
    "and_then",
    "filter",
    "filter_async",
    "inspect_err",
    "map",
    "map_err",
    "map_future",
    "map_request",
    "map_response",
    "map_result",
    "then",
    "try_map",
    "with_graceful_shutdown",
];

impl Evaluator<'_> {
    /// A router after a method that is not read: each function of the tree that the method is given, and that may answer
    /// requests, is registered there for a method that is not known, at the path that is given with it, if any.
    pub(super) fn perhaps_registered(&mut self, handle: &Handle, method: &Method<'_>) -> Handle {
        let mut router = handle.clone();
        if frameworks::is_filter(handle.kind) || OF_SERVICES.contains(&method.name) {
            return router;
        }
        let path = method.args.iter().find_map(|arg| {
            let text = arg.bare().text()?;
            text.exact().is_none_or(|text| text.starts_with('/')).then_some(text)
        });
        let answering = method.args.iter().filter(|arg| self.may_answer(arg, path.is_some()));
        for handler in answering.cloned().collect::<Vec<_>>() {
            let op = Op::Handler { methods: Methods::Unknown, handler, catch_all: false };
            let inner = self.chain(router.kind, None, op, method.at).node;
            let path = path.clone().unwrap_or_else(Text::hole);
            let op = Op::At { path, inner, mount: Mount::Route };
            router = self.chain(router.kind, Some(&router), op, method.at);
        }
        router
    }

    /// Whether a value is a function of the tree that may be a handler: it is asynchronous, or a path stands beside it, and
    /// it takes no router and nothing that is next.
    fn may_answer(&self, value: &Value, beside_path: bool) -> bool {
        match value.bare() {
            Value::Fn(function) => {
                let def = self.program.def(function.def);
                let ItemKind::Fn(item) = &def.item.kind else { return false };
                let routes = |ty: &Ty| match ty {
                    Ty::External(path, _) => {
                        frameworks::router_kind(path).is_some() || path.ends_with("::Next")
                    }
                    _ => false,
                };
                let answers = item.is_async || beside_path && item.ret.is_some();
                answers && !self.parameter_types(&function).iter().any(routes)
            }
            Value::Closure(closure) => {
                closure.expr.is_async || matches!(closure.expr.body.kind, ExprKind::Async(_))
            }
            _ => false,
        }
    }
}
