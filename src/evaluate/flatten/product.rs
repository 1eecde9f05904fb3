//! Filters that are served to registrations.
//!
//! A filter is a set of ways through it. Each way has what it asks of the path, the methods it lets through, the
//! functions it runs in their order, and what it passed through; another filter that must be passed too makes the
//! product of both sets, one that may be passed instead their union. The last function that a way runs answers, those
//! before it stand in front of the answer as a layer does.

use std::rc::Rc;

use super::{Around, Listed, Mounted, Passed, Seen};
use crate::evaluate::{
    Evaluator,
    effect::{Guards, Mark, MarkKind},
    marks::mark,
    router::{Covers, Methods, Mount, Node, Op},
    text::Text,
    value::Value,
};

/// Ways through a filter.
const MOST: usize = 200_000;

/// One way through a filter.
#[derive(Clone)]
struct Way {
    paths: Vec<Mounted>,
    methods: Methods,
    runs: Vec<(Rc<Node>, Value, bool)>,
    /// Which of them answers, once the way stands beside others: what runs after that only changes the answer.
    answers: Option<usize>,
    marks: Vec<Mark>,
    /// What the layers around it run.
    layers: Vec<Passed>,
    guards: Guards,
    /// Whether it answers in place of an error.
    catches: bool,
}

impl Way {
    fn start() -> Self {
        Self {
            paths: Vec::new(),
            methods: Methods::Any,
            runs: Vec::new(),
            answers: None,
            marks: Vec::new(),
            layers: Vec::new(),
            guards: Guards::default(),
            catches: false,
        }
    }

    /// This way and then that one; `None` when no request can pass both.
    fn then(&self, other: &Self) -> Option<Self> {
        let mut all = self.clone();
        all.guards = all.guards.and(&other.guards)?;
        all.methods = all.methods.and(&other.methods);
        all.catches |= other.catches;
        let before = self.runs.len();
        all.answers = other.answers.map(|answer| before + answer).or(all.answers);
        all.paths.extend(other.paths.iter().cloned());
        all.runs.extend(other.runs.iter().cloned());
        all.marks.extend(other.marks.iter().cloned());
        all.layers.extend(other.layers.iter().cloned());
        (all.methods != Methods::These(Vec::new())).then_some(all)
    }

    /// Forgets where the path might have gone on, or lets it, if nothing else ended it.
    fn close(&mut self) {
        let open = |piece: &Mounted| piece.path.shown("").ends_with('?');
        let ends = self.paths.iter().any(|piece| piece.path.pieces().is_empty());
        let rest = self.paths.last().filter(|last| !ends && open(last)).cloned();
        self.paths.retain(|piece| !open(piece));
        if let Some(mut rest) = rest.filter(|_| !self.paths.is_empty()) {
            rest.path = rest.path.map(|text| text.trim_end_matches('?').to_owned());
            self.paths.push(rest);
        }
    }

    fn settle(mut self) -> Self {
        if !self.paths.is_empty() && self.answers.is_none() {
            self.answers = self.runs.len().checked_sub(1);
        }
        self
    }
}

impl Evaluator<'_> {
    /// Lists the ways of a filter that something answers.
    pub(super) fn filtered(
        &mut self,
        end: &Rc<Node>,
        around: &Around,
        server: u32,
        all: &mut Listed,
    ) {
        let ways = self.ways(end, None, vec![Way::start()]);
        // A filter that asks for no path in any way is a piece of others that was left over, unless a server was made
        // of it.
        let served = end.prev.as_ref().is_some_and(|prev| prev.kind != end.kind);
        if !served && ways.iter().all(|way| way.catches || way.paths.is_empty()) {
            return;
        }
        for mut way in ways {
            way.close();
            let last = way.runs.len().checked_sub(1);
            let Some(number) = way.answers.or(last) else { continue };
            let Some((node, handler, catch_all)) = way.runs.get(number) else { continue };
            let Some(guards) = around.guards.and(&way.guards) else { continue };
            let mut inner = around.clone();
            inner.guards = guards;
            inner.catches = way.catches;
            inner.paths.extend(way.paths.iter().cloned());
            let mut marks = way.marks.clone();
            for (node, value, _) in way.runs.iter().take(number) {
                let at = self.real(node.site.at);
                if let Some(target) = self.handler_marks(value, &mut marks) {
                    marks.push(mark(MarkKind::Layer, target.clone(), at));
                    marks.push(mark(MarkKind::Function, target, at));
                }
            }
            inner.wrap(marks);
            for (node, value, _) in
                way.runs.iter().take(number).chain(way.runs.iter().skip(number + 1))
            {
                let runs = self.runs_with(value, node.site.at);
                inner.passed.extend(Passed::runs(runs, Covers::Before, node.kind));
            }
            inner.passed.extend(way.layers.iter().cloned());
            let any = way.paths.is_empty();
            if any {
                inner.paths.push(Mounted {
                    path: Text::known("{*rest}"),
                    site: node.site.clone(),
                    kind: node.kind,
                });
            }
            self.emit(node, &way.methods, handler, *catch_all || any, &inner, server, all);
        }
    }

    /// `ways` and then what was done from after `stop` up to `end`.
    fn ways(&mut self, end: &Rc<Node>, stop: Option<&Rc<Node>>, mut ways: Vec<Way>) -> Vec<Way> {
        let mut chain = Vec::new();
        let mut next = Some(end.clone());
        while let Some(node) = next {
            if stop.is_some_and(|stop| Rc::ptr_eq(stop, &node)) {
                break;
            }
            chain.push(node.clone());
            next = node.prev.as_ref().map(Rc::clone);
        }
        for node in chain.into_iter().rev() {
            ways = self.ways_after(ways, &node);
            if ways.len() > MOST {
                self.gap_at(node.site.at, "more ways through a filter than are told apart");
                ways.truncate(MOST);
            }
        }
        ways
    }

    fn ways_after(&mut self, mut ways: Vec<Way>, node: &Rc<Node>) -> Vec<Way> {
        match &node.op {
            Op::New | Op::Opaque | Op::Outside(_) | Op::Within(_) => ways,
            Op::Handler { methods, handler, catch_all } => {
                for way in &mut ways {
                    way.methods = way.methods.and(methods);
                    if !matches!(handler, Value::Unit) {
                        way.runs.push((node.clone(), handler.clone(), *catch_all));
                    }
                }
                ways.retain(|way| way.methods != Methods::These(Vec::new()));
                ways
            }
            Op::At { path, inner, mount } => {
                let mut marks = Vec::new();
                let registration = *mount == Mount::Route;
                self.frame_marks(&node.site, registration, &mut Seen::default(), &mut marks);
                marks.retain(|mark| !mark.arguments.is_empty());
                for way in &mut ways {
                    let (path, site, kind) = (path.clone(), node.site.clone(), node.kind);
                    way.paths.push(Mounted { path, site, kind });
                    way.marks.extend(marks.iter().cloned());
                }
                let mut all = self.product(&ways, inner);
                for way in &mut all {
                    way.catches |= *mount == Mount::Catcher;
                }
                all
            }
            Op::Both(other) => self.product(&ways, other),
            Op::Merge(other) => {
                ways.extend(self.ways(other, None, vec![Way::start()]));
                ways.into_iter().map(Way::settle).collect()
            }
            Op::Layer { layer, .. } => {
                let marks = self.layer_marks(layer, node.site.at);
                let runs = self.runs_with(layer, node.site.at);
                let runs = Passed::runs(runs, Covers::Before, node.kind);
                for way in &mut ways {
                    way.marks.extend(marks.iter().cloned());
                    way.layers.extend(runs.clone());
                }
                ways
            }
            Op::Through(target) => {
                let at = self.real(node.site.at);
                for way in &mut ways {
                    way.marks.push(mark(MarkKind::Function, target.clone(), at));
                    way.marks.push(mark(MarkKind::Layer, target.clone(), at));
                }
                ways
            }
            Op::Fork(arms) => {
                let mut all = Vec::new();
                for (guards, end) in arms {
                    let chosen = Way { guards: guards.clone(), ..Way::start() };
                    let before: Vec<Way> =
                        ways.iter().filter_map(|way| way.then(&chosen)).collect();
                    all.extend(match end {
                        Some(end) => self.ways(end, node.prev.as_ref(), before),
                        None => before,
                    });
                }
                all
            }
        }
    }

    fn product(&mut self, ways: &[Way], other: &Rc<Node>) -> Vec<Way> {
        let others = self.ways(other, None, vec![Way::start()]);
        if ways.len().saturating_mul(others.len()) > MOST {
            self.gap_at(other.site.at, "more ways through a filter than are told apart");
            return ways.to_vec();
        }
        ways.iter().flat_map(|way| others.iter().filter_map(|other| way.then(other))).collect()
    }
}
