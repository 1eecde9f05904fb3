//! Routers that are served to registrations: each handler with its path, its layers and its trail.

mod around;
mod emit;
mod listed;
mod product;

use std::rc::Rc;

use rustc_hash::FxHashSet;

use self::{
    around::{Around, Mounted, Passed},
    listed::{Listed, Room},
};
use super::{
    Evaluator, base,
    effect::{Guards, Mark, MarkKind, Registration, Step},
    escape::Escaped,
    marks::mark,
    router::{Covers, Frame, Methods, Mount, Node, Op, Site},
    text::Text,
    value::Value,
};
use crate::{frameworks, link::DefId, source::Place};

/// Calls whose marks are known, and whether as those of a registration.
type Seen = FxHashSet<(*const Frame, bool)>;

/// Stands for an unknown piece while paths are put together.
const HOLE: &str = "{?}";
/// Ways into one router that are told apart.
const MOST_WAYS: usize = 256;

/// One way through all the ways that a chain asks for.
#[derive(Clone, Default)]
struct Entry {
    paths: Vec<Mounted>,
    only: Vec<Methods>,
    guards: Guards,
}

impl Entry {
    /// Whether part of its path is not known.
    fn has_hole(&self) -> bool {
        self.paths.iter().any(|mounted| mounted.path.exact().is_none())
    }

    /// Both, one after the other; `None` when their choices exclude each other.
    fn then(&self, inner: &Self) -> Option<Self> {
        let mut all = self.clone();
        all.guards = all.guards.and(&inner.guards)?;
        all.paths.extend(inner.paths.iter().cloned());
        all.only.extend(inner.only.iter().cloned());
        Some(all)
    }
}

/// A layer that covers routes by more than what precedes it.
struct Unordered {
    /// The depth of the node after which it covers; `None` when it covers all.
    after: Option<u32>,
    passed: Passed,
}

impl Evaluator<'_> {
    /// Every route that is served, and for each server the function that evaluation started at.
    pub(super) fn registrations(&mut self) -> (Vec<Registration>, Vec<Option<DefId>>) {
        let mut escaped = std::mem::take(&mut self.escaped);
        // What one function dropped does not count if it let others go.
        let mut dropped = std::mem::take(&mut self.dropped);
        let name = |kind| frameworks::framework_of(kind).map_or("", |framework| framework.name());
        dropped.retain(|one| {
            let of = name(one.handle.kind);
            let goes = |other: &Escaped| other.root == one.root && name(other.handle.kind) == of;
            !self.served.contains(of) && !escaped.iter().any(goes)
        });
        escaped.extend(dropped);
        let escaped = self.without_early(escaped);
        // What came back and went on as part of another is listed there.
        let mut inside: FxHashSet<*const Node> = FxHashSet::default();
        let mut stack: Vec<&Rc<Node>> =
            escaped.iter().flat_map(|one| one.handle.node.children()).collect();
        while let Some(node) = stack.pop() {
            if inside.insert(Rc::as_ptr(node)) {
                stack.extend(node.children());
            }
        }
        let mut all = Listed::default();
        let mut seen: FxHashSet<*const Node> = FxHashSet::default();
        let mut servers = Vec::new();
        for Escaped { handle, guards, root, is_served } in &escaped {
            let at = Rc::as_ptr(&handle.node);
            if !is_served && inside.contains(&at) || !seen.insert(at) {
                continue;
            }
            let around = Around { guards: guards.clone(), ..Around::default() };
            let server = u32::try_from(servers.len()).unwrap_or(u32::MAX);
            let first = all.registrations.len();
            if frameworks::is_filter(handle.kind) {
                self.filtered(&handle.node, &around, server, &mut all);
            } else {
                let whole = frameworks::framework_of(handle.kind)
                    .and_then(|framework| framework.alone(self, handle));
                let end = whole.map_or_else(|| handle.node.clone(), |whole| whole.node);
                self.walk(&end, &around, server, &mut all);
            }
            // What is not known of a scope's path is its own, and no base of a whole server.
            if !frameworks::has_own_path(handle.kind) {
                base::leave_out(all.registrations.get_mut(first..).unwrap_or_default(), HOLE);
            }
            servers.push(*root);
        }
        for framework in frameworks::FRAMEWORKS {
            for router in framework.left(self) {
                let server = u32::try_from(servers.len()).unwrap_or(u32::MAX);
                self.walk(&router.node, &Around::default(), server, &mut all);
                servers.push(None);
            }
        }
        if all.is_full() {
            self.gap_here("more routes than are listed");
        }
        (all.registrations, servers)
    }

    /// Lists a whole router, once for each way into it.
    fn walk(&mut self, end: &Rc<Node>, around: &Around, server: u32, all: &mut Listed) {
        let mut entries = self.entries(end, None, all);
        entries.sort_by_key(Entry::has_hole);
        let mut listed = 0;
        for entry in entries {
            let Some(guards) = around.guards.and(&entry.guards) else { continue };
            let unread = entry.has_hole();
            let mut inner = around.clone();
            inner.guards = guards;
            inner.only.extend(entry.only);
            for mounted in entry.paths {
                inner.steps.push(self.nested(&mounted.path, &mounted.site));
                inner.paths.push(mounted);
            }
            // The routes are listed where their path can be read; else it is enough that there are some.
            let room = if unread && listed > 1 { Room::UsedUp } else { all.room_for(end) };
            if let Room::UsedUp = room {
                self.emit_rest(end, &inner, server, all);
            }
            if let Room::Left = room {
                let before = all.registrations.len();
                self.walk_chain(end, None, &inner, server, all);
                listed = listed.max(all.registrations.len() - before);
            }
        }
    }

    /// Lists one route of unknown path in place of those that are not listed.
    fn emit_rest(&mut self, end: &Rc<Node>, around: &Around, server: u32, all: &mut Listed) {
        let mut inner = around.clone();
        if let Some(Mounted { site, kind, .. }) = inner.paths.last().cloned() {
            inner.paths.push(Mounted { path: Text::known("/{*rest}"), site, kind });
        }
        self.emit(end, &Methods::Any, &Value::unknown(), true, &inner, server, all);
    }

    fn nested(&self, path: &Text, site: &Site) -> Step {
        let message = format!("nested under {} here", path.shown(HOLE));
        Step { message, at: self.real(site.at) }
    }

    /// The ways that the chain between `stop` and `end` asks for; one that asks for nothing when there are none.
    fn entries(
        &mut self,
        end: &Rc<Node>,
        stop: Option<&Rc<Node>>,
        listed: &mut Listed,
    ) -> Vec<Entry> {
        let mut all = vec![Entry::default()];
        let mut next = Some(end);
        while let Some(node) = next {
            if stop.is_some_and(|stop| Rc::ptr_eq(stop, node)) || listed.is_full() {
                break;
            }
            listed.look_at(1);
            let outer: Vec<Entry> = match &node.op {
                Op::Within(ways) => {
                    let entry = |way: &super::router::Way| {
                        let (path, site, kind) = (way.path.clone(), node.site.clone(), node.kind);
                        let named = !path.pieces().is_empty();
                        Entry {
                            paths: named
                                .then_some(Mounted { path, site, kind })
                                .into_iter()
                                .collect(),
                            only: vec![way.methods.clone()],
                            guards: way.guards.clone(),
                        }
                    };
                    ways.iter().map(entry).collect()
                }
                Op::Fork(arms) => self.arm_entries(arms, node.prev.as_ref(), listed),
                _ => Vec::new(),
            };
            if !outer.is_empty() {
                listed.look_at(outer.len() * all.len());
                all = outer
                    .iter()
                    .flat_map(|outer| all.iter().filter_map(|inner| outer.then(inner)))
                    .collect();
                if all.len() > MOST_WAYS {
                    self.gap_at(node.site.at, "more ways into a router than are told apart");
                    all.truncate(MOST_WAYS);
                }
            }
            next = node.prev.as_ref();
        }
        all
    }

    /// The ways that the arms of a fork ask for; none when no arm asks for any.
    fn arm_entries(
        &mut self,
        arms: &[(Guards, Option<Rc<Node>>)],
        base: Option<&Rc<Node>>,
        listed: &mut Listed,
    ) -> Vec<Entry> {
        let mut all = Vec::new();
        for (guards, end) in arms {
            let inside = match end {
                Some(end) => self.entries(end, base, listed),
                None => vec![Entry::default()],
            };
            let chosen = Entry { guards: guards.clone(), ..Entry::default() };
            all.extend(inside.iter().filter_map(|inner| chosen.then(inner)));
        }
        let asks = |entry: &Entry| !entry.paths.is_empty() || !entry.only.is_empty();
        if all.iter().any(asks) { all } else { Vec::new() }
    }

    /// Lists what was done from after `stop` up to `end`; returns what then wraps all that came before.
    fn walk_chain(
        &mut self,
        end: &Rc<Node>,
        stop: Option<&Rc<Node>>,
        around: &Around,
        server: u32,
        all: &mut Listed,
    ) -> Vec<Passed> {
        let mut added: Vec<Passed> = Vec::new();
        let unordered = self.unordered_layers(end, stop);
        let mut next = Some(end.clone());
        while let Some(node) = next {
            if stop.is_some_and(|stop| Rc::ptr_eq(stop, &node)) {
                break;
            }
            if all.is_full() {
                if all.is_to_say_more() {
                    // Nor is listed what those around it have left.
                    let mut anywhere = Around::default();
                    let (site, kind) = (node.site.clone(), node.kind);
                    anywhere.paths.push(Mounted { path: Text::hole(), site, kind });
                    self.emit(
                        &node,
                        &Methods::Any,
                        &Value::unknown(),
                        true,
                        &anywhere,
                        server,
                        all,
                    );
                }
                break;
            }
            all.look_at(1 + added.len());
            let wrapped = || {
                let mut inner = around.clone();
                inner.passed.extend(added.iter().cloned());
                let over = |layer: &&Unordered| layer.after.is_none_or(|after| after < node.depth);
                inner.passed.extend(unordered.iter().filter(over).map(|one| one.passed.clone()));
                inner
            };
            match &node.op {
                Op::New | Op::Opaque | Op::Within(_) | Op::Both(_) => {}
                Op::Outside(made_by) => self.emit_outside(&node, made_by, wrapped(), server, all),
                Op::Handler { methods, handler, catch_all } => {
                    let mut inner = wrapped();
                    if *methods == Methods::Any {
                        inner.leave(|kind| kind == node.kind);
                    }
                    self.emit(&node, methods, handler, *catch_all, &inner, server, all);
                }
                Op::At { path, inner, mount } => {
                    let mut deeper = wrapped();
                    if matches!(mount, Mount::Fallback | Mount::Catcher) {
                        deeper.leave(|_| true);
                    }
                    deeper.catches |= *mount == Mount::Catcher;
                    let registers = match mount {
                        Mount::Route => true,
                        Mount::Prefix | Mount::Catcher => false,
                        Mount::Fallback => !path.pieces().is_empty(),
                    };
                    deeper.passed.push(Passed::Calls(node.site.clone(), registers));
                    deeper.paths.push(Mounted {
                        path: path.clone(),
                        site: node.site.clone(),
                        kind: node.kind,
                    });
                    if *mount == Mount::Prefix {
                        deeper.steps.push(self.nested(path, &node.site));
                    }
                    self.walk(inner, &deeper, server, all);
                }
                Op::Merge(inner) => {
                    let mut deeper = wrapped();
                    deeper.passed.push(Passed::Calls(node.site.clone(), false));
                    self.walk(inner, &deeper, server, all);
                }
                Op::Layer { layer, covers: covers @ (Covers::Before | Covers::Routes) } => {
                    added.extend(self.layer_passed(layer, *covers, &node));
                }
                Op::Layer { .. } => {}
                Op::Through(target) => {
                    let at = self.real(node.site.at);
                    added.push(Passed::One(mark(MarkKind::Function, target.clone(), at)));
                }
                Op::Fork(arms) => {
                    let mut conditional = Vec::new();
                    for (guards, end) in arms {
                        let Some(both) = around.guards.and(guards) else { continue };
                        let Some(end) = end else { continue };
                        let mut inner = wrapped();
                        inner.guards = both;
                        let marks = self.walk_chain(end, node.prev.as_ref(), &inner, server, all);
                        conditional.extend(marks.into_iter().filter_map(|one| one.under(guards)));
                    }
                    added.extend(conditional);
                }
            }
            next = node.prev.as_ref().map(Rc::clone);
        }
        added
    }

    /// The layers between `stop` and `end` that do not cover just what was added before them.
    fn unordered_layers(&mut self, end: &Rc<Node>, stop: Option<&Rc<Node>>) -> Vec<Unordered> {
        let mut all = Vec::new();
        let mut next = Some(end);
        while let Some(node) = next {
            if stop.is_some_and(|stop| Rc::ptr_eq(stop, node)) {
                break;
            }
            match &node.op {
                Op::Layer { layer, covers: covers @ (Covers::Whole | Covers::After) } => {
                    let after = (*covers == Covers::After).then_some(node.depth);
                    let passed = self.layer_passed(layer, *covers, node).into_iter();
                    all.extend(passed.map(|passed| Unordered { after, passed }));
                }
                Op::Fork(arms) => {
                    for (guards, end) in arms {
                        let Some(end) = end else { continue };
                        for layer in self.unordered_layers(end, node.prev.as_ref()) {
                            let Some(passed) = layer.passed.under(guards) else { continue };
                            // Within its arm it counts there; here for what the arms have in common.
                            let after = layer.after.map(|_| node.depth);
                            all.push(Unordered { after, passed });
                        }
                    }
                }
                _ => {}
            }
            next = node.prev.as_ref();
        }
        all
    }

    /// What a route passes through that a layer covers.
    fn layer_passed(&mut self, layer: &Value, covers: Covers, node: &Node) -> Vec<Passed> {
        let marks = self.layer_marks(layer, node.site.at).into_iter();
        let marks = marks.map(|mark| Passed::layer(mark, covers, node.kind));
        marks.chain(Passed::runs(self.runs_with(layer, node.site.at), covers, node.kind)).collect()
    }

    fn layer_marks(&mut self, layer: &Value, at: Place) -> Vec<Mark> {
        let at = self.real(at);
        let mut targets = Vec::new();
        self.layer_targets(layer, &mut targets);
        let mut marks: Vec<Mark> =
            targets.into_iter().map(|target| mark(MarkKind::Layer, target, at)).collect();
        self.layer_extractors(layer, at, &mut marks);
        marks
    }

    pub(super) fn real(&self, at: Place) -> Place {
        self.program.sources().real(at)
    }

    /// The calls that an operation was made in. A function that registers routes of its own does not cover what it
    /// is merely given.
    ///
    /// `seen` has the calls that `all` has marks of, with those around them.
    fn frame_marks(&self, site: &Site, registration: bool, seen: &mut Seen, all: &mut Vec<Mark>) {
        let mut frame = site.frame.as_ref();
        while let Some(inner) = frame
            && seen.insert((Rc::as_ptr(inner), registration))
        {
            if registration || !inner.registers.get() {
                let mut mark = mark(MarkKind::Function, inner.callee.clone(), inner.at);
                mark.arguments.clone_from(&inner.arguments);
                all.push(mark);
            }
            frame = inner.parent.as_ref();
        }
    }

    /// What a route passed through before its handler, each call once.
    fn marks(&self, around: &Around, node: &Rc<Node>) -> Vec<Mark> {
        let (mut seen, mut all) = (Seen::default(), Vec::new());
        for passed in around.passed.in_order() {
            match passed {
                Passed::One(mark) | Passed::Routes(mark, _) => all.push(mark.clone()),
                Passed::Calls(site, registration) => {
                    self.frame_marks(site, *registration, &mut seen, &mut all);
                }
                Passed::Runs(..) => {}
            }
        }
        self.frame_marks(&node.site, true, &mut seen, &mut all);
        all
    }
}
