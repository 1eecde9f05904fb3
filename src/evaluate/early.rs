//! Functions that were evaluated before what calls them.
//!
//! Evaluation starts at what nothing seems to call. What a function let escape then, with arguments that are not known,
//! does not count once another turns out to call it: that one has done it again with the real ones. So whatever is done
//! once only has to be done again there.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    escape::Escaped,
    router::{Node, Op},
    value::Closure,
};
use crate::{link::DefId, source::Place};

/// A closure, with a number for the text that it captured.
type Gone = (Place, u64);

/// What was done by functions that evaluation started at.
#[derive(Debug, Default)]
pub(super) struct Early {
    /// Functions that were called in the evaluation of another.
    called: FxHashSet<DefId>,
    /// The closures that ran when they went out of sight, each with the function that it rests on if something came of it.
    closures: FxHashMap<Gone, Option<DefId>>,
    /// These functions, one for each time that a closure did not run again since the root began.
    rested: Vec<DefId>,
}

/// Whether a closure ran that goes out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// It has yet to run.
    NotYet,
    /// It did, and what came of it, if anything, rests on this function.
    RestingOn(Option<DefId>),
}

impl Early {
    /// Whether what a function did when evaluation started at it does not count.
    pub(super) fn was_called(&self, root: Option<DefId>) -> bool {
        root.is_some_and(|root| self.called.contains(&root))
    }

    /// How many functions were called in the evaluation of another.
    pub(super) fn called(&self) -> usize {
        self.called.len()
    }

    /// Whether a closure ran and need not run again while evaluation is at `root`.
    pub(super) fn ran(&self, closure: Gone, root: Option<DefId>) -> Ran {
        match self.closures.get(&closure) {
            Some(rests_on) if *rests_on == root || !self.was_called(*rests_on) => {
                Ran::RestingOn(*rests_on)
            }
            _ => Ran::NotYet,
        }
    }

    /// A closure is run wherever it is met: what came of it did not go out of sight.
    pub(super) fn runs_again(&mut self, closure: Gone) {
        self.closures.remove(&closure);
    }

    /// How often a closure did not run again.
    pub(super) fn rested(&self) -> usize {
        self.rested.len()
    }

    /// The functions that closures rest on which did not run again since there were `before` of them.
    pub(super) fn rested_since(&self, before: usize) -> Vec<DefId> {
        let mut all = self.rested.get(before..).unwrap_or_default().to_vec();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether what rests on these functions counts.
    pub(super) fn rests_still(&self, on: &[DefId]) -> bool {
        !on.iter().any(|root| self.called.contains(root))
    }

    /// A call is not made again in which closures did not run.
    pub(super) fn rest_again(&mut self, on: &[DefId]) {
        self.rested.extend_from_slice(on);
    }

    /// A root begins.
    pub(super) fn begin(&mut self) {
        self.rested.clear();
    }
}

impl Evaluator<'_> {
    /// Notes that a function is called.
    pub(super) fn note_called(&mut self, def: DefId) {
        if self.root != Some(def) {
            self.early.called.insert(def);
        }
    }

    /// A closure as it is known by: the text that it captured may be SQL or a path, and one place in a helper function
    /// makes many closures.
    pub(super) fn known_as(&self, closure: &Closure) -> Gone {
        (closure.at, closure.captured_text(&self.seed))
    }

    /// Whether a closure that goes out of sight has yet to run: it did not, or what came of it does not count.
    pub(super) fn has_yet_to_run(&mut self, closure: Gone) -> bool {
        if let Ran::RestingOn(rests_on) = self.early.ran(closure, self.root) {
            // What is remembered of the calls around leaves the closure to that function.
            self.early.rested.extend(rests_on);
            return false;
        }
        self.early.closures.insert(closure, None);
        true
    }

    /// Runs such a closure, and notes whether something came of it.
    pub(super) fn run_gone(&mut self, closure: Gone, run: impl FnOnce(&mut Self)) {
        let before = (self.escaped.len(), self.statements.len());
        run(self);
        if before != (self.escaped.len(), self.statements.len()) {
            self.early.closures.insert(closure, self.root);
        }
    }

    /// What escaped, without what does not count. A function of which the callers did nothing again counts all the same.
    pub(super) fn without_early(&self, escaped: Vec<Escaped>) -> Vec<Escaped> {
        let is_early = |one: &Escaped| self.early.was_called(one.root);
        let (mut early, mut kept): (Vec<Escaped>, Vec<Escaped>) =
            escaped.into_iter().partition(is_early);
        if early.is_empty() {
            return kept;
        }
        let mut done = Done::default();
        for one in &kept {
            done.add(&one.handle.node);
        }
        // Those that call others come behind them.
        while let Some(root) = early.last().map(|one| one.root) {
            let (own, others) = early.into_iter().partition::<Vec<_>, _>(|one| one.root == root);
            early = others;
            if !own.iter().any(|one| done.places.contains(&made_at(&one.handle.node))) {
                for one in &own {
                    done.add(&one.handle.node);
                }
                kept.extend(own);
            }
        }
        kept
    }
}

/// Where routers were put together that count.
#[derive(Default)]
struct Done {
    nodes: FxHashSet<*const Node>,
    places: FxHashSet<Place>,
}

impl Done {
    fn add(&mut self, node: &std::rc::Rc<Node>) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if self.nodes.insert(std::rc::Rc::as_ptr(node)) {
                self.places.insert(node.site.at);
                stack.extend(node.children());
            }
        }
    }
}

/// Where the last thing was done to a router, wherever it was handed through since.
fn made_at(node: &Node) -> Place {
    let mut last = node;
    while let (Op::Through(_), Some(before)) = (&last.op, &last.prev) {
        last = before;
    }
    last.site.at
}
