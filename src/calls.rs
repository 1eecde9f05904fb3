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
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// For each node that is reached the call that did; a start has none of its own.
    by: FxHashMap<usize, Arrival>,
}

/// What leads to some callables, these included.
#[derive(Debug, Clone, Default)]
pub struct Leading {
    nodes: Vec<bool>,
}

impl Leading {
    fn holds(&self, node: usize) -> bool {
        self.nodes.get(node).is_some_and(|leads| *leads)
    }
}

#[derive(Debug, Clone, Copy)]
enum Arrival {
    Start,
    Call { from: usize, edge: usize },
}

/// Which calls to follow.
struct Ways<'w> {
    /// Neither what this holds for is entered, nor what was handed to it.
    is_writer: &'w dyn Fn(&Target) -> bool,
    /// Calls whose callee is not sure too.
    unsure: bool,
    /// Only to these.
    among: Option<&'w Leading>,
}

impl Ways<'static> {
    /// Every sure call.
    const ALL: Self = Self { is_writer: &|_| false, unsure: false, among: None };
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
        let mut reach = Reach::default();
        let roots = graph.roots.clone();
        graph.spread(&mut reach, &roots, &Ways { unsure: true, ..Ways::ALL });
        for node in 0..graph.nodes.len() {
            if !reach.by.contains_key(&node) {
                graph.roots.push(node);
                graph.spread(&mut reach, &[node], &Ways { unsure: true, ..Ways::ALL });
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
        let mut reach = Reach::default();
        self.spread(&mut reach, &self.roots, &Ways { is_writer, ..Ways::ALL });
        self.spread(&mut reach, &[], &Ways { is_writer, unsure: true, ..Ways::ALL });
        reach
    }

    /// What `start` reaches.
    pub fn from(&self, start: Callable) -> Reach {
        self.among(start, None)
    }

    /// What leads to one of `ends`.
    pub fn leading(&self, ends: impl IntoIterator<Item = Callable>) -> Leading {
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for edge in edges {
                if let Some(callers) = callers.get_mut(edge.to) {
                    callers.push(from);
                }
            }
        }
        let mut leading = Leading { nodes: vec![false; self.nodes.len()] };
        let mut open: Vec<usize> =
            ends.into_iter().filter_map(|end| self.numbers.get(&end).copied()).collect();
        while let Some(node) = open.pop() {
            if let Some(leads @ false) = leading.nodes.get_mut(node) {
                *leads = true;
                open.extend(callers.get(node).into_iter().flatten());
            }
        }
        leading
    }

    /// What `start` reaches of `leading`, in the ways that [`CallGraph::from`] goes: what leads nowhere near is on none.
    pub fn from_to(&self, start: Callable, leading: &Leading) -> Reach {
        self.among(start, Some(leading))
    }

    fn among(&self, start: Callable, among: Option<&Leading>) -> Reach {
        let mut reach = Reach::default();
        if let Some(start) = self.numbers.get(&start) {
            self.spread(&mut reach, &[*start], &Ways { among, ..Ways::ALL });
            self.spread(&mut reach, &[], &Ways { among, unsure: true, ..Ways::ALL });
        }
        reach
    }

    /// Goes on from `starts`, or else from all that is reached.
    fn spread(&self, reach: &mut Reach, starts: &[usize], ways: &Ways<'_>) {
        let closed = |node: usize| {
            ways.among.is_some_and(|among| !among.holds(node))
                || match self.nodes.get(node) {
                    Some(Callable::Fn(def)) => (ways.is_writer)(&Target::Item(*def)),
                    _ => false,
                }
        };
        let mut queue: VecDeque<usize> = VecDeque::new();
        if starts.is_empty() {
            let mut known: Vec<usize> = reach.by.keys().copied().collect();
            known.sort_unstable();
            queue.extend(known);
        }
        for start in starts {
            if !reach.by.contains_key(start) && !closed(*start) {
                reach.by.insert(*start, Arrival::Start);
                queue.push_back(*start);
            }
        }
        while let Some(from) = queue.pop_front() {
            for (number, edge) in self.edges.get(from).into_iter().flatten().enumerate() {
                if reach.by.contains_key(&edge.to)
                    || (!edge.sure && !ways.unsure)
                    || edge.through.iter().any(ways.is_writer)
                    || closed(edge.to)
                {
                    continue;
                }
                reach.by.insert(edge.to, Arrival::Call { from, edge: number });
                queue.push_back(edge.to);
            }
        }
    }

    /// Whether `reach` holds `callable`.
    pub fn holds(&self, reach: &Reach, callable: Callable) -> bool {
        self.numbers.get(&callable).is_some_and(|number| reach.by.contains_key(number))
    }

    /// What `reach` holds, in the order of the graph.
    pub fn reached(&self, reach: &Reach) -> Vec<Callable> {
        let mut nodes: Vec<usize> = reach.by.keys().copied().collect();
        nodes.sort_unstable();
        nodes.into_iter().filter_map(|node| self.nodes.get(node).copied()).collect()
    }

    /// How `reach` came to `callable`, from the start on; the start itself is not among the steps.
    pub fn way(&self, reach: &Reach, callable: Callable) -> Vec<Way> {
        let mut steps = Vec::new();
        let mut at = self.numbers.get(&callable).copied();
        while let Some(node) = at {
            let Some(Arrival::Call { from, edge }) = reach.by.get(&node) else { break };
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
        while let Some(Arrival::Call { from, .. }) = reach.by.get(&node) {
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
