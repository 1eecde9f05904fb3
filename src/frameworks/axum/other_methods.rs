//! What answers the other methods of the paths that a router has.

use std::rc::Rc;

use super::{METHODS, is_method_router};
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Mount, Node, Op},
        value::Value,
    },
    source::Place,
};

/// Routers looked into for the paths of one `method_not_allowed_fallback`.
const MOST: usize = 10_000;

/// `method_not_allowed_fallback`: what answers where there is a route for the path and none for the method.
pub(super) struct OtherMethods {
    handler: Value,
    at: Place,
    left: usize,
}

impl OtherMethods {
    pub(super) fn new(handler: Value, at: Place) -> Self {
        Self { handler, at, left: MOST }
    }

    /// `onto` with a route for each path in the chain from after `stop` up to `end`.
    pub(super) fn add(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        (end, stop): (&Rc<Node>, Option<&Rc<Node>>),
        mut onto: Option<Handle>,
    ) -> Option<Handle> {
        let mut chain = Vec::new();
        let mut next = Some(end);
        while let Some(node) = next.filter(|node| stop.is_none_or(|stop| !Rc::ptr_eq(stop, node))) {
            if self.left == 0 {
                evaluator.gap_at(self.at, "more routes than are given an answer to other methods");
                return onto;
            }
            self.left -= 1;
            chain.push(node);
            next = node.prev.as_ref();
        }
        for node in chain.into_iter().rev() {
            let op = match &node.op {
                Op::At { path, inner, mount: Mount::Route } if !answers_all(inner) => {
                    let (methods, handler) = (Methods::Any, self.handler.clone());
                    let op = Op::Handler { methods, handler, catch_all: true };
                    let inner = evaluator.chain(METHODS, None, op, self.at).node;
                    Op::At { path: path.clone(), inner, mount: Mount::Route }
                }
                Op::At { path, inner, mount: Mount::Prefix } => {
                    let Some(inner) = self.add(evaluator, (inner, None), None) else { continue };
                    Op::At { path: path.clone(), inner: inner.node, mount: Mount::Prefix }
                }
                Op::Merge(inner) => {
                    let Some(inner) = self.add(evaluator, (inner, None), None) else { continue };
                    Op::Merge(inner.node)
                }
                Op::Fork(arms) => {
                    let before = onto.clone();
                    let mut ends = Vec::new();
                    for (guards, end) in arms {
                        let end = end.as_ref().and_then(|end| {
                            self.add(evaluator, (end, node.prev.as_ref()), before.clone())
                        });
                        let is_new = |end: &Handle| {
                            before.as_ref().is_none_or(|old| !Rc::ptr_eq(&old.node, &end.node))
                        };
                        ends.push((guards.clone(), end.filter(is_new).map(|end| end.node)));
                    }
                    if ends.iter().all(|(_, end)| end.is_none()) {
                        continue;
                    }
                    Op::Fork(ends)
                }
                _ => continue,
            };
            onto = Some(evaluator.chain(node.kind, onto.as_ref(), op, self.at));
        }
        onto
    }
}

/// Whether what is mounted answers every method by itself, or is no method router.
fn answers_all(end: &Rc<Node>) -> bool {
    let mut next = Some(end);
    while let Some(node) = next {
        if let Op::Handler { methods: Methods::Any, .. } = node.op {
            return true;
        }
        next = node.prev.as_ref();
    }
    !is_method_router(end.kind)
}
