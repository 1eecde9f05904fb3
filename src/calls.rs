//! Effects -> who runs whom: what a handler reaches, and what is reached only from inside a writer.
//!
//! A way in is a handler, `main`, a task that starts on its own, and whatever nobody calls; of functions that only call
//! each other the first is one too, so that everything is reached from somewhere. A method that code outside the tree may
//! call without its name is called by who may have a value for it as well, as the pipeline finds out.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    sync::Arc,
};

use rustc_hash::FxHashMap;

use crate::{
    evaluate::effect::{Call, Callable, Choices},
    link::{DefId, Target},
    source::Place,
};

mod instances;

/// One call, with its callee by number.
#[derive(Debug, Clone)]
struct Edge {
    to: usize,
    at: Place,
    through: Arc<[Target]>,
    sure: bool,
}

/// One call of any of a set.
#[derive(Debug, Clone, Copy)]
struct Among {
    set: usize,
    at: Place,
    sure: bool,
}

/// The call graph.
#[derive(Debug, Clone, Default)]
pub struct CallGraph {
    nodes: Vec<Callable>,
    numbers: FxHashMap<Callable, usize>,
    edges: Vec<Vec<Edge>>,
    /// What else each node calls: any of a set.
    among: Vec<Vec<Among>>,
    sets: Vec<Vec<usize>>,
    /// The instances of generic code, by the node that stands for any of them.
    instances: BTreeMap<usize, Vec<usize>>,
    /// What each node may call without a call of it, and where that shows.
    implied: FxHashMap<usize, Vec<(usize, Place)>>,
    /// What runs whoever calls it.
    starts: Vec<usize>,
    called: Vec<bool>,
    roots: Vec<usize>,
    /// What the ways in reach.
    reached: Reach,
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
    /// Whether no call of it is written there.
    pub implied: bool,
}

/// A call that is not written: of a method of a trait that code outside the tree knows, by who can have a value for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImpliedCall {
    /// Who may call it.
    pub from: Callable,
    /// The method.
    pub to: Callable,
    /// What shows that.
    pub at: Place,
    /// Whether nobody else calls it but by its name.
    pub stays: bool,
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
    /// It is one of the instances of generic code.
    Instance {
        of: usize,
    },
    Call {
        from: usize,
        at: Place,
        sure: bool,
        implied: bool,
    },
}

/// Which calls to follow.
struct Ways<'w> {
    /// Neither what this holds for is entered, nor what was handed to it.
    is_writer: &'w dyn Fn(&Target) -> bool,
    /// Calls whose callee is not sure too.
    unsure: bool,
    /// Calls that are not written too.
    implied: bool,
    /// Only to these.
    among: Option<&'w Leading>,
}

impl Ways<'static> {
    /// Every sure call.
    const ALL: Self = Self { is_writer: &|_| false, unsure: false, implied: false, among: None };
}

/// What the graph is made from.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The calls.
    pub calls: Vec<Call>,
    /// The calls of one of several.
    pub choices: Choices,
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
        graph.number_in_order(&parts.calls, &parts.choices);
        let mut called = vec![false; graph.nodes.len()];
        let mut call = |from: usize, to: usize| {
            if let Some(called) = called.get_mut(to)
                && from != to
            {
                *called = true;
            }
        };
        // Two callers of a set tell the same of its members as all of them.
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); graph.sets.len()];
        for choice in &parts.choices.calls {
            let from = graph.number(choice.from);
            if let Some(callers) = callers.get_mut(choice.set).filter(|callers| callers.len() < 2)
                && !callers.contains(&from)
            {
                callers.push(from);
            }
            if let Some(among) = graph.among.get_mut(from) {
                among.push(Among { set: choice.set, at: choice.at, sure: choice.sure });
            }
        }
        for (callers, set) in callers.iter().zip(&graph.sets) {
            for from in callers {
                for to in set {
                    call(*from, *to);
                }
            }
        }
        for one in parts.calls {
            let (from, to) = (graph.number(one.from), graph.number(one.to));
            call(from, to);
            let through = one.through.into();
            if let Some(edges) = graph.edges.get_mut(from) {
                edges.push(Edge { to, at: one.at, through, sure: one.sure });
            }
        }
        graph.starts = parts.starts.iter().map(|start| graph.number(*start)).collect();
        called.resize(graph.nodes.len(), false);
        graph.called = called;
        graph.join_instances();
        graph.find_roots();
        graph
    }

    /// Adds calls that are not written, and what may be called so from anywhere.
    pub fn imply(&mut self, calls: &[ImpliedCall], starts: &[Callable]) {
        if calls.is_empty() && starts.is_empty() {
            return;
        }
        for call in calls {
            let (from, to) = (self.number(call.from), self.number(call.to));
            self.implied.entry(from).or_default().push((to, call.at));
            self.called.resize(self.nodes.len(), false);
            if let Some(called) = self.called.get_mut(to) {
                *called |= call.stays && from != to;
            }
        }
        for start in starts {
            let start = self.number(*start);
            self.starts.push(start);
        }
        self.called.resize(self.nodes.len(), false);
        self.find_roots();
    }

    /// The ways in: what starts, what nobody calls, and the first of what is called only in circles.
    fn find_roots(&mut self) {
        let idle = self.called.iter().enumerate().filter(|(_, called)| !**called);
        self.roots = self.starts.iter().copied().chain(idle.map(|(at, _)| at)).collect();
        let ways = Ways { unsure: true, implied: true, ..Ways::ALL };
        let mut reach = Reach::default();
        self.spread(&mut reach, &self.roots, &ways);
        for node in 0..self.nodes.len() {
            if !reach.by.contains_key(&node) && !self.is_instance_of_reached(node, &reach) {
                self.roots.push(node);
                self.spread(&mut reach, &[node], &ways);
            }
        }
        self.reached = reach;
    }

    /// Whether anything runs `callable`: nothing does generic code with types that are not known where all that run it know
    /// them.
    pub fn is_run(&self, callable: Callable) -> bool {
        self.holds(&self.reached, callable)
    }

    /// Numbers all callers and callees in the order of the calls.
    fn number_in_order(&mut self, calls: &[Call], choices: &Choices) {
        let mut order: Vec<(Callable, Callable)> =
            calls.iter().map(|call| (call.from, call.to)).collect();
        let mut met = vec![false; choices.sets.len()];
        for choice in &choices.calls {
            let Some(set) = choices.sets.get(choice.set) else { continue };
            // Once all of them have numbers, the first stands for all.
            let again = met.get_mut(choice.set).is_some_and(|met| std::mem::replace(met, true));
            let new = if again { 1 } else { set.len() };
            order.extend(set.iter().take(new).map(|to| (choice.from, *to)));
        }
        order.sort_unstable();
        for (from, to) in order {
            self.number(from);
            self.number(to);
        }
        let numbered = |set: &Rc<[Callable]>| set.iter().map(|to| self.number(*to)).collect();
        self.sets = choices.sets.iter().map(numbered).collect();
    }

    fn number(&mut self, callable: Callable) -> usize {
        if let Some(known) = self.numbers.get(&callable) {
            return *known;
        }
        let number = self.nodes.len();
        self.nodes.push(callable);
        self.edges.push(Vec::new());
        self.among.push(Vec::new());
        self.numbers.insert(callable, number);
        number
    }

    /// What the ways in reach when neither the bodies of writers nor what was handed to them count.
    pub fn outside(&self, is_writer: &dyn Fn(&Target) -> bool) -> Reach {
        let mut reach = Reach::default();
        self.spread(&mut reach, &self.roots, &Ways { is_writer, ..Ways::ALL });
        self.spread(&mut reach, &[], &Ways { is_writer, unsure: true, ..Ways::ALL });
        let all = Ways { is_writer, unsure: true, implied: true, ..Ways::ALL };
        self.spread(&mut reach, &[], &all);
        reach
    }

    /// What `start` reaches.
    pub fn from(&self, start: Callable) -> Reach {
        self.among(start, None)
    }

    /// What leads to one of `ends`.
    pub fn leading(&self, ends: impl IntoIterator<Item = Callable>) -> Leading {
        // A set is a node behind all others.
        let behind = self.nodes.len();
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); behind + self.sets.len()];
        let mut call = |from: usize, to: usize| {
            if let Some(callers) = callers.get_mut(to) {
                callers.push(from);
            }
        };
        for (from, edges) in self.edges.iter().enumerate() {
            for edge in edges {
                call(from, edge.to);
            }
        }
        for (any, instances) in &self.instances {
            for one in instances {
                call(*any, *one);
            }
        }
        for (from, among) in self.among.iter().enumerate() {
            for among in among {
                call(from, behind + among.set);
            }
        }
        for (set, members) in self.sets.iter().enumerate() {
            for to in members {
                call(behind + set, *to);
            }
        }
        let mut leading = Leading { nodes: vec![false; callers.len()] };
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

    /// Whether `start` is among what leads there.
    pub fn leads(&self, start: Callable, leading: &Leading) -> bool {
        self.numbers.get(&start).is_some_and(|start| leading.holds(*start))
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
                    Some(Callable::Fn(def, _)) => (ways.is_writer)(&Target::Item(*def)),
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
        let mut open_sets = vec![true; self.sets.len()];
        while let Some(from) = queue.pop_front() {
            let mut take = |to: usize, at: Place, through: &[Target], sure: bool| {
                if reach.by.contains_key(&to)
                    || (!sure && !ways.unsure)
                    || through.iter().any(ways.is_writer)
                    || closed(to)
                {
                    return;
                }
                reach.by.insert(to, Arrival::Call { from, at, sure, implied: false });
                queue.push_back(to);
            };
            let edges = self.edges.get(from).map_or(&[][..], Vec::as_slice);
            let chosen = self.chosen(from, ways, &mut open_sets);
            let known = edges.iter().map(|edge| (edge.to, edge.at, &*edge.through, edge.sure));
            if chosen.is_empty() {
                known.for_each(|(to, at, through, sure)| take(to, at, through, sure));
            } else {
                let chosen = chosen.into_iter().map(|(to, at, sure)| (to, at, &[][..], sure));
                let mut all: Vec<_> = known.chain(chosen).collect();
                let order = |to: usize| self.nodes.get(to);
                all.sort_by_key(|(to, at, through, sure)| (order(*to), *at, *through, *sure));
                for (to, at, through, sure) in all {
                    take(to, at, through, sure);
                }
            }
            for to in self.instances.get(&from).into_iter().flatten() {
                if !reach.by.contains_key(to) && !closed(*to) {
                    reach.by.insert(*to, Arrival::Instance { of: from });
                    queue.push_back(*to);
                }
            }
            let any = self.nodes.get(from).and_then(|from| self.numbers.get(&from.of_any()));
            let implied = any.and_then(|any| self.implied.get(any)).filter(|_| ways.implied);
            for (to, at) in implied.into_iter().flatten() {
                if !reach.by.contains_key(to) && !closed(*to) {
                    let call = Arrival::Call { from, at: *at, sure: false, implied: true };
                    reach.by.insert(*to, call);
                    queue.push_back(*to);
                }
            }
        }
    }

    /// The members of the sets that a node calls, of those that nothing went to before: after that they bring nothing.
    fn chosen(&self, from: usize, ways: &Ways<'_>, open: &mut [bool]) -> Vec<(usize, Place, bool)> {
        let calls = self.among.get(from).into_iter().flatten();
        let mut all = Vec::new();
        for call in calls.filter(|call| call.sure || ways.unsure) {
            if open.get_mut(call.set).is_some_and(std::mem::take) {
                let members = self.sets.get(call.set).into_iter().flatten();
                all.extend(members.map(|to| (*to, call.at, call.sure)));
            }
        }
        all
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
            at = match reach.by.get(&node) {
                Some(Arrival::Call { from, at: call, sure, implied }) => {
                    // From one instance to any is no call.
                    let caller = self.nodes.get(*from).map(|from| from.of_any());
                    if let Some(to) = self.nodes.get(node)
                        && caller != Some(to.of_any())
                    {
                        steps.push(Way { to: *to, at: *call, sure: *sure, implied: *implied });
                    }
                    Some(*from)
                }
                Some(Arrival::Instance { of }) => Some(*of),
                Some(Arrival::Start) | None => None,
            };
        }
        steps.reverse();
        steps
    }

    /// Where the way to `callable` starts.
    pub fn start(&self, reach: &Reach, callable: Callable) -> Option<Callable> {
        let mut node = *self.numbers.get(&callable)?;
        while let Some(Arrival::Call { from, .. } | Arrival::Instance { of: from }) =
            reach.by.get(&node)
        {
            node = *from;
        }
        self.nodes.get(node).copied()
    }

    /// The function that a callable is or stands in.
    pub fn function(&self, callable: Callable) -> Option<DefId> {
        match callable {
            Callable::Fn(def, _) => Some(def),
            Callable::Closure(at, _) => self.within.get(&at).copied(),
        }
    }
}
