//! One look at each part of a value. Parts may be shared many times over, and a place may hold a value made of itself.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{Cell, Value};

/// What a value is to one that looks for something.
pub(in crate::evaluate) enum Search {
    /// What is looked for.
    Found,
    /// Not it, nor is anything within.
    Past,
    /// Not it; something within may be.
    Within,
}

impl From<bool> for Search {
    fn from(found: bool) -> Self {
        if found { Self::Found } else { Self::Past }
    }
}

impl Value {
    /// Where the parts of a value stand, by which it is known again; of a reference, the place.
    pub(in crate::evaluate) fn address(&self) -> Option<*const ()> {
        Some(match self {
            Self::Tuple(parts) => Rc::as_ptr(parts).cast(),
            Self::List(list) => Rc::as_ptr(list).cast(),
            Self::Object(object) => Rc::as_ptr(object).cast(),
            Self::Term(term) => Rc::as_ptr(term).cast(),
            Self::Closure(closure) => Rc::as_ptr(closure).cast(),
            Self::Ref(target) => Rc::as_ptr(target).cast(),
            Self::Passed(passed) => Rc::as_ptr(passed).cast(),
            Self::Alt(all) => Rc::as_ptr(all).cast(),
            _ => return None,
        })
    }

    /// Whether `look` finds something in the value. Closures are looked at, not into.
    pub(in crate::evaluate) fn any(&self, look: &mut impl FnMut(&Self) -> Search) -> bool {
        self.any_within(look, &mut FxHashSet::default())
    }

    /// All that `look` finds in the value, in order; what is found is not looked into.
    pub(in crate::evaluate) fn all(&self, look: impl Fn(&Self) -> Search) -> Vec<Self> {
        let mut found = Vec::new();
        self.any(&mut |part| match look(part) {
            Search::Found => {
                found.push(part.clone());
                Search::Past
            }
            other => other,
        });
        found
    }

    fn any_within(
        &self,
        look: &mut impl FnMut(&Self) -> Search,
        seen: &mut FxHashSet<*const ()>,
    ) -> bool {
        match look(self) {
            Search::Found => return true,
            Search::Past => return false,
            Search::Within => {}
        }
        match self {
            Self::Tuple(parts) => {
                is_first(parts, seen)
                    && parts.iter().any(|part| Self::any_in_place(part, look, seen))
            }
            Self::List(list) => {
                is_first(list, seen) && list.items.iter().any(|item| item.any_within(look, seen))
            }
            Self::Object(object) => {
                is_first(object, seen)
                    && object.fields.iter().any(|(_, held)| Self::any_in_place(held, look, seen))
            }
            Self::Term(term) => {
                is_first(term, seen)
                    && term.args.iter().flatten().any(|arg| arg.any_within(look, seen))
            }
            Self::Ref(place) => Self::any_in_place(place, look, seen),
            Self::Passed(passed) => is_first(passed, seen) && passed.value.any_within(look, seen),
            Self::Alt(all) => {
                is_first(all, seen) && all.iter().any(|(_, one)| one.any_within(look, seen))
            }
            Self::Unknown(_)
            | Self::Unit
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Char(_)
            | Self::Str(_)
            | Self::Fn(_)
            | Self::Closure(_)
            | Self::Router(_)
            | Self::Query(_) => false,
        }
    }

    /// What several values hold together is looked at once too.
    fn any_in_place(
        place: &Cell,
        look: &mut impl FnMut(&Self) -> Search,
        seen: &mut FxHashSet<*const ()>,
    ) -> bool {
        is_first(place, seen) && place.borrow().any_within(look, seen)
    }
}

/// Whether a part is met for the first time: only what stands in several places can be met again.
fn is_first<T>(part: &Rc<T>, seen: &mut FxHashSet<*const ()>) -> bool {
    Rc::strong_count(part) == 1 || seen.insert(Rc::as_ptr(part).cast())
}
