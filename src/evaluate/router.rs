//! Routers as append-only handles: every operation makes a new node that points to the one before.
//!
//! A router, a method router, a scope and a mounted list of routes are all chains of these nodes; a framework says
//! which of its calls makes which node. Nothing is ever removed from a chain, so a copy is a pointer and what one
//! branch adds is the part of its chain since the fork.

use std::{
    hash::{Hash as _, Hasher},
    rc::Rc,
};

use super::{
    Evaluator,
    effect::{Argument, Guards},
    text::Text,
    value::Value,
};
use crate::{frameworks, link::Target, source::Place};

/// Calls around one another, and operations one after another, by which routers are told apart.
const MOST_HASHED: usize = 64;

/// A router value: its type and its last operation.
#[derive(Debug, Clone)]
pub struct Handle {
    /// The type it has in its framework.
    pub kind: RouterKind,
    /// Its last operation.
    pub node: Rc<Node>,
}

/// The type of a router value, as its framework names it: `axum::Router`.
pub type RouterKind = &'static str;

/// One operation and what came before it.
#[derive(Debug)]
pub struct Node {
    /// The router's type when it was done: which framework's meaning its paths have.
    pub kind: RouterKind,
    /// What it does.
    pub op: Op,
    /// The router it was done to.
    pub prev: Option<Rc<Node>>,
    /// How many nodes precede it.
    pub depth: u32,
    /// Where, and in which calls.
    pub site: Site,
}

/// Where an operation stands.
#[derive(Debug, Clone)]
pub struct Site {
    /// The marked place: from a method's name, or a path's first segment, to the end of the call.
    pub at: Place,
    /// The functions being evaluated, innermost first.
    pub frame: Option<Rc<Frame>>,
}

/// A call of a function of the tree that is being evaluated.
#[derive(Debug)]
pub struct Frame {
    /// The function.
    pub callee: Target,
    /// The call.
    pub at: Place,
    /// Strings it was given.
    pub arguments: Vec<Argument>,
    /// Whether a route was registered while it ran.
    pub registers: std::cell::Cell<bool>,
    /// The call around it.
    pub parent: Option<Rc<Frame>>,
    /// How many calls are around it.
    pub depth: u32,
}

/// Methods that a handler answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Methods {
    /// These, upper case.
    These(Vec<&'static str>),
    /// Every method.
    Any,
    /// Not known.
    Unknown,
}

impl Methods {
    /// Those that both answer.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Any, methods) | (methods, Self::Any) => methods.clone(),
            (Self::These(some), Self::These(others)) => {
                Self::These(some.iter().filter(|one| others.contains(one)).copied().collect())
            }
            _ => Self::Unknown,
        }
    }
}

/// How a path is put before those of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mount {
    /// The path itself is the route's (`route`).
    Route,
    /// A prefix (`nest`): a trailing slash and an inner `/` fold as the framework does.
    Prefix,
    /// What answers where nothing else does (`fallback`): no route of the router that it is put into.
    Fallback,
    /// What answers in place of an error (`catch_error`), likewise: listed if it reaches a write.
    ///
    /// It answers every method, and nearly always does no more than to say what is wrong.
    Catcher,
}

/// Which routes of its router a layer wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// Those added before it: axum's `layer`.
    Before,
    /// Those added before it, and not what answers when none of them does: axum's `route_layer`.
    Routes,
    /// Those added after it.
    After,
    /// All of them, whatever the order: actix-web's `wrap`.
    Whole,
}

/// One way to everything in a router: salvo's filters.
#[derive(Debug, Clone)]
pub struct Way {
    /// What stands before every path in it; empty when it asks for none.
    pub path: Text,
    /// The methods that are let through.
    pub methods: Methods,
    /// The choices that lead here.
    pub guards: Guards,
}

/// Operations.
#[derive(Debug, Clone)]
pub enum Op {
    /// A new router.
    New,
    /// A router that came from code that was not seen.
    Opaque,
    /// A router that this call outside the tree made: whatever it answers, it does where it is nested.
    Outside(Value),
    /// A handler for some methods, at no path yet.
    Handler {
        /// Methods.
        methods: Methods,
        /// What answers.
        handler: Value,
        /// A fallback or default service, which answers what nothing else does.
        catch_all: bool,
    },
    /// Everything in `inner`, under a path.
    At {
        /// The path.
        path: Text,
        /// What is mounted.
        inner: Rc<Node>,
        /// How.
        mount: Mount,
    },
    /// Everything in this other router.
    Merge(Rc<Node>),
    /// Of a filter: what it lets through must pass this other one too.
    Both(Rc<Node>),
    /// A layer.
    Layer {
        /// The middleware, or what makes it.
        layer: Value,
        /// Which routes it wraps.
        covers: Covers,
    },
    /// Everything in this router, whatever the order, is reached in one of these ways only.
    Within(Vec<Way>),
    /// Everything before it was given to this function and came back.
    Through(Target),
    /// The chain went on in different ways from `prev`, each up to its own last node.
    Fork(Vec<(Guards, Option<Rc<Node>>)>),
}

impl Evaluator<'_> {
    /// Adds an operation to a router (or starts one), as a value.
    pub fn operate(&mut self, kind: RouterKind, prev: Option<&Handle>, op: Op, at: Place) -> Value {
        Value::Router(self.chain(kind, prev, op, at))
    }

    /// Adds an operation to a router (or starts one).
    pub fn chain(&mut self, kind: RouterKind, prev: Option<&Handle>, op: Op, at: Place) -> Handle {
        // To have a router does nothing yet.
        if !matches!(op, Op::New | Op::Opaque) {
            self.operations += 1;
        }
        let registers = matches!(op, Op::Handler { .. } | Op::At { .. });
        if registers {
            let mut frame = self.frame.as_ref();
            while let Some(inner) = frame {
                if inner.registers.replace(true) {
                    break;
                }
                frame = inner.parent.as_ref();
            }
        }
        let site = Site { at, frame: self.frame.clone() };
        let node = Node::new(kind, op, prev.map(|handle| handle.node.clone()), site);
        let made = Handle { kind, node };
        if registers && frameworks::lists_dropped(kind) {
            self.dropped.push(self.escaping(&made));
        }
        made
    }
}

impl Node {
    /// A node after `prev`.
    pub fn new(kind: RouterKind, op: Op, prev: Option<Rc<Self>>, site: Site) -> Rc<Self> {
        let depth = prev.as_ref().map_or(0, |node| node.depth + 1);
        Rc::new(Self { kind, op, prev, depth, site })
    }

    /// Adds to a hash what was done last, where, and in which calls.
    pub(super) fn hash_last(&self, into: &mut impl Hasher) {
        let mut frame = self.site.frame.as_ref();
        for _ in 0..MOST_HASHED {
            let Some(call) = frame else { break };
            call.at.hash(into);
            frame = call.parent.as_ref();
        }
        // One place may wrap what others made: `for router in [one, two] { serve(router.layer(..)) }`.
        let mut node = Some(self);
        for _ in 0..MOST_HASHED {
            let Some(one) = node else { break };
            one.site.at.hash(into);
            match &one.op {
                Op::At { path, .. } => path.hash(into),
                Op::Merge(inner) | Op::Both(inner) => inner.site.at.hash(into),
                _ => {}
            }
            node = one.prev.as_deref();
        }
    }

    /// The nodes it refers to, `prev` first.
    pub fn children(&self) -> Vec<&Rc<Self>> {
        let mut all: Vec<&Rc<Self>> = self.prev.iter().collect();
        match &self.op {
            Op::At { inner, .. } | Op::Merge(inner) | Op::Both(inner) => all.push(inner),
            Op::Fork(arms) => all.extend(arms.iter().filter_map(|(_, end)| end.as_ref())),
            _ => {}
        }
        all
    }
}

impl Drop for Node {
    /// Takes a long chain apart in a loop: the default would recurse once for each of its nodes.
    fn drop(&mut self) {
        let mut next = self.prev.take();
        while let Some(node) = next {
            match Rc::try_unwrap(node) {
                Ok(mut alone) => next = alone.prev.take(),
                Err(_) => break,
            }
        }
    }
}

/// The last node that both chains have in common.
pub fn common(a: &Rc<Node>, b: &Rc<Node>) -> Option<Rc<Node>> {
    let (mut a, mut b) = (Some(a.clone()), Some(b.clone()));
    while let (Some(x), Some(y)) = (&a, &b) {
        if Rc::ptr_eq(x, y) {
            return a;
        }
        if x.depth >= y.depth {
            a.clone_from(&x.prev.clone());
        } else {
            b = y.prev.clone();
        }
    }
    None
}

/// The router's operations again, each as `change` has it, without those of which it makes nothing; `None` when none
/// are left. From a fork on they stay as they are.
pub fn replayed(router: &Handle, change: impl Fn(&Op) -> Option<Op>) -> Option<Handle> {
    let mut nodes = Vec::new();
    let mut next = Some(router.node.clone());
    let mut base = None;
    while let Some(node) = next {
        if matches!(node.op, Op::Fork(_)) {
            base = Some(node);
            break;
        }
        next = node.prev.as_ref().map(Rc::clone);
        nodes.push(node);
    }
    for node in nodes.into_iter().rev() {
        if let Some(op) = change(&node.op) {
            base = Some(Node::new(node.kind, op, base, node.site.clone()));
        }
    }
    base.map(|node| Handle { kind: router.kind, node })
}

/// Joins the ways a router went in different branches.
pub fn fork(arms: &[(Guards, Handle)], site: Site) -> Option<Handle> {
    let ((_, first), rest) = arms.split_first()?;
    let mut base = Some(first.node.clone());
    for (_, handle) in rest {
        base = base.and_then(|base| common(&base, &handle.node));
    }
    let ends = arms.iter().map(|(guard, handle)| {
        let same = base.as_ref().is_some_and(|base| Rc::ptr_eq(base, &handle.node));
        (guard.clone(), (!same).then(|| handle.node.clone()))
    });
    let ends: Vec<_> = ends.collect();
    if ends.iter().all(|(_, end)| end.is_none()) {
        return Some(first.clone());
    }
    Some(Handle { kind: first.kind, node: Node::new(first.kind, Op::Fork(ends), base, site) })
}
