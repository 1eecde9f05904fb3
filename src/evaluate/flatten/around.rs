//! What encloses a router on the way from its server: lists that every router inside shares with those around it.

use std::rc::Rc;

use crate::evaluate::{
    effect::{Beside, Guards, Mark, Step},
    router::{Covers, Methods, RouterKind, Site},
    text::Text,
};

/// A list that grows at its end; a copy costs nothing and shares all there is.
pub(super) struct Trail<T>(Option<Rc<Link<T>>>);

struct Link<T> {
    before: Trail<T>,
    last: T,
}

impl<T> Trail<T> {
    pub(super) fn push(&mut self, last: T) {
        let before = Self(self.0.take());
        self.0 = Some(Rc::new(Link { before, last }));
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.backwards().next()
    }

    /// From the last to the first.
    pub(super) fn backwards(&self) -> impl Iterator<Item = &T> {
        let mut next = self.0.as_ref();
        std::iter::from_fn(move || {
            let link = next?;
            next = link.before.0.as_ref();
            Some(&link.last)
        })
    }

    /// From the first to the last.
    pub(super) fn in_order(&self) -> Vec<&T> {
        let mut all: Vec<&T> = self.backwards().collect();
        all.reverse();
        all
    }
}

impl<T> Clone for Trail<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Trail<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Extend<T> for Trail<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, more: I) {
        more.into_iter().for_each(|one| self.push(one));
    }
}

/// One piece of a route's path.
#[derive(Clone)]
pub(super) struct Mounted {
    pub(super) path: Text,
    pub(super) site: Site,
    pub(super) kind: RouterKind,
}

/// What a route passed through.
#[derive(Clone)]
pub(super) enum Passed {
    One(Mark),
    /// What wraps the routes of a router of this type, and not its fallback.
    Routes(Mark, RouterKind),
    /// The calls that an operation was made in, and whether it registers a route.
    Calls(Site, bool),
    /// What a layer runs, and the type of the router whose routes alone it wraps.
    Runs(Rc<[Beside]>, Option<RouterKind>),
}

impl Passed {
    /// A layer that covers so much of a router of type `kind`.
    pub(super) fn layer(mark: Mark, covers: Covers, kind: RouterKind) -> Self {
        if covers == Covers::Routes { Self::Routes(mark, kind) } else { Self::One(mark) }
    }

    /// What such a layer runs; `None` when that is nothing of the tree.
    pub(super) fn runs(runs: Vec<Beside>, covers: Covers, kind: RouterKind) -> Option<Self> {
        let routes = (covers == Covers::Routes).then_some(kind);
        (!runs.is_empty()).then(|| Self::Runs(runs.into(), routes))
    }

    /// The same where `guards` hold; `None` when it never is there then.
    pub(super) fn under(self, guards: &Guards) -> Option<Self> {
        let under = |mark: Mark| Some(Mark { guards: mark.guards.and(guards)?, ..mark });
        Some(match self {
            Self::One(mark) => Self::One(under(mark)?),
            Self::Routes(mark, kind) => Self::Routes(under(mark)?, kind),
            other @ (Self::Calls(..) | Self::Runs(..)) => other,
        })
    }
}

/// What encloses a node on the way from the server.
#[derive(Clone, Default)]
pub(super) struct Around {
    /// Paths, outermost first.
    pub(super) paths: Trail<Mounted>,
    /// The methods that each router around it lets through, where not all of them.
    pub(super) only: Trail<Methods>,
    /// What wraps it.
    pub(super) passed: Trail<Passed>,
    pub(super) guards: Guards,
    /// Where it was nested, outermost first.
    pub(super) steps: Trail<Step>,
    /// Whether it answers in place of an error.
    pub(super) catches: bool,
}

impl Around {
    pub(super) fn wrap(&mut self, marks: impl IntoIterator<Item = Mark>) {
        self.passed.extend(marks.into_iter().map(Passed::One));
    }

    /// Takes away what wraps only the routes of routers whose type `is_left`: here stands a fallback of theirs.
    pub(super) fn leave(&mut self, is_left: impl Fn(RouterKind) -> bool) {
        let stays = |one: &&Passed| !matches!(one, Passed::Routes(_, kind) | Passed::Runs(_, Some(kind)) if is_left(kind));
        if self.passed.backwards().any(|one| !stays(&one)) {
            let all = std::mem::take(&mut self.passed);
            self.passed.extend(all.in_order().into_iter().filter(stays).cloned());
        }
    }
}
