//! Effects -> who runs whom: what a handler reaches, and what is reached only from inside a writer.
//!
//! A way in is a handler, `main`, a task that starts on its own, and whatever nobody calls; of functions that only call
//! each other the first is one too, so that everything is reached from somewhere.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use rustc_hash::FxHashMap;

use crate::{
    evaluate::effect::{Call, Callable},
    link::{DefId, Target},
    source::Place,
};

/// One call, with its callee by number.
#[derive(Debug, Clone)]
struct Edge {
    to: usize,
    at: Place,
    through: Arc<[Target]>,
    sure: bool,
}

/// The call graph.
#[derive(Debug, Clone, Default)]
pub struct CallGraph {
    nodes: Vec<Callable>,
    numbers: FxHashMap<Callable, usize>,
    edges: Vec<Vec<Edge>>,
    roots: Vec<usize>,
    within: BTreeMap<Place, DefId>,
}

/// One step of a way through the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What is called.
    pub to: Callable,
    /// Where.
    pub at: Place,
    /// Whether the callee is known.
    pub sure: bool,
}

/// What can be reached, and how.
#[derive(Debug, Clone)]
pub struct Reach {
    /// For each node the call that reached it; a start has none of its own.
    by: Vec<Option<Arrival>>,
}

#[derive(Debug, Clone, Copy)]
enum Arrival {
    Start,
    Call { from: usize, edge: usize },
}

/// What the graph is made from.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The calls.
    pub calls: Vec<Call>,
    /// Everything that was entered.
    pub entered: Vec<Callable>,
    /// What starts whoever calls it: handlers, `main`, tasks.
    pub starts: Vec<Callable>,
    /// The function that each closure stands in.
    pub within: BTreeMap<Place, DefId>,
}

impl CallGraph {
    /// Builds the graph.
    pub fn new(parts: Parts) -> Self {
        let mut graph = Self { within: parts.within, ..Self::default() };
        for callable in &parts.entered {
            graph.number(*callable);
        }
        let mut called = Vec::new();
        for call in parts.calls {
            let (from, to) = (graph.number(call.from), graph.number(call.to));
            called.resize(graph.nodes.len(), false);
            if let Some(called) = called.get_mut(to)
                && from != to
            {
                *called = true;
            }
            let through = call.through.into();
            if let Some(edges) = graph.edges.get_mut(from) {
                edges.push(Edge { to, at: call.at, through, sure: call.sure });
            }
        }
        called.resize(graph.nodes.len(), false);
        let mut starts: Vec<usize> =
            parts.starts.iter().map(|start| graph.number(*start)).collect();
        starts.extend(called.iter().enumerate().filter_map(|(at, called)| (!called).then_some(at)));
        graph.roots = starts;
        // What is reached from none of them is called only in circles: the first of each is a start.
        let mut reach = Reach { by: vec![None; graph.nodes.len()] };
        let roots = graph.roots.clone();
        graph.spread(&mut reach, &roots, &|_| false, true);
        for node in 0..graph.nodes.len() {
            if reach.by.get(node).is_some_and(Option::is_none) {
                graph.roots.push(node);
                graph.spread(&mut reach, &[node], &|_| false, true);
            }
        }
        graph
    }

    fn number(&mut self, callable: Callable) -> usize {
        if let Some(known) = self.numbers.get(&callable) {
            return *known;
        }
        let number = self.nodes.len();
        self.nodes.push(callable);
        self.edges.push(Vec::new());
        self.numbers.insert(callable, number);
        number
    }

    /// What the ways in reach when neither the bodies of writers nor what was handed to them count.
    pub fn outside(&self, is_writer: &dyn Fn(&Target) -> bool) -> Reach {
        let mut reach = Reach { by: vec![None; self.nodes.len()] };
        self.spread(&mut reach, &self.roots, is_writer, false);
        self.spread(&mut reach, &[], is_writer, true);
        reach
    }

    /// What `start` reaches.
    pub fn from(&self, start: Callable) -> Reach {
        let mut reach = Reach { by: vec![None; self.nodes.len()] };
        if let Some(start) = self.numbers.get(&start) {
            self.spread(&mut reach, &[*start], &|_| false, false);
            self.spread(&mut reach, &[], &|_| false, true);
        }
        reach
    }

    /// Goes on from `starts`, or else from all that is reached; calls that are not sure only if `unsure`.
    fn spread(
        &self,
        reach: &mut Reach,
        starts: &[usize],
        is_writer: &dyn Fn(&Target) -> bool,
        unsure: bool,
    ) {
        let writes = |node: usize| match self.nodes.get(node) {
            Some(Callable::Fn(def)) => is_writer(&Target::Item(*def)),
            _ => false,
        };
        let mut queue: VecDeque<usize> = VecDeque::new();
        if starts.is_empty() {
            queue.extend(
                (0..reach.by.len()).filter(|node| matches!(reach.by.get(*node), Some(Some(_)))),
            );
        }
        for start in starts {
            if let Some(by @ None) = reach.by.get_mut(*start)
                && !writes(*start)
            {
                *by = Some(Arrival::Start);
                queue.push_back(*start);
            }
        }
        while let Some(from) = queue.pop_front() {
            for (number, edge) in self.edges.get(from).into_iter().flatten().enumerate() {
                if (!edge.sure && !unsure) || edge.through.iter().any(is_writer) || writes(edge.to)
                {
                    continue;
                }
                if let Some(by @ None) = reach.by.get_mut(edge.to) {
                    *by = Some(Arrival::Call { from, edge: number });
                    queue.push_back(edge.to);
                }
            }
        }
    }

    /// Whether `reach` holds `callable`.
    pub fn holds(&self, reach: &Reach, callable: Callable) -> bool {
        let number = self.numbers.get(&callable);
        number.is_some_and(|number| matches!(reach.by.get(*number), Some(Some(_))))
    }

    /// How `reach` came to `callable`, from the start on; the start itself is not among the steps.
    pub fn way(&self, reach: &Reach, callable: Callable) -> Vec<Way> {
        let mut steps = Vec::new();
        let mut at = self.numbers.get(&callable).copied();
        while let Some(node) = at {
            let Some(Some(Arrival::Call { from, edge })) = reach.by.get(node) else { break };
            if let Some(edge) = self.edges.get(*from).and_then(|edges| edges.get(*edge))
                && let Some(to) = self.nodes.get(node)
            {
                steps.push(Way { to: *to, at: edge.at, sure: edge.sure });
            }
            at = Some(*from);
        }
        steps.reverse();
        steps
    }

    /// Where the way to `callable` starts.
    pub fn start(&self, reach: &Reach, callable: Callable) -> Option<Callable> {
        let mut node = *self.numbers.get(&callable)?;
        while let Some(Some(Arrival::Call { from, .. })) = reach.by.get(node) {
            node = *from;
        }
        self.nodes.get(node).copied()
    }

    /// The function that a callable is or stands in.
    pub fn function(&self, callable: Callable) -> Option<DefId> {
        match callable {
            Callable::Fn(def) => Some(def),
            Callable::Closure(at) => self.within.get(&at).copied(),
        }
    }
}
