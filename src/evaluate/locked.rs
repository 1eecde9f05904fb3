//! Methods of locks and cells, whatever is in them: what gives access to that, and what gives the lock itself once more.

use super::{
    Evaluator,
    branch::Flow,
    given_away::DEEPEST,
    library::{is_held, locks},
    lock::{kind_of, lock_of, outermost},
    method::Method,
    option::{Unwrapped, ok, option, unwrap},
    statics::MOST_DEEP,
    target_of,
    value::{Cell, Lock, Search, Value, cell, up_to_lock},
};
use crate::{link::types::Ty, source::Place};

impl Evaluator<'_> {
    /// A function that makes a lock or cell; `None` for any other.
    pub(super) fn put_behind(
        &mut self,
        path: &str,
        first: Option<&Value>,
        at: Place,
    ) -> Option<Value> {
        let lock = lock_of(path)?;
        let name = path.rsplit(':').next().unwrap_or("");
        let held = match (lock, first) {
            (Lock::Swapped, None) => self.shared(option(None, at), DEEPEST),
            (Lock::Once, None) => unset(Ty::Unknown),
            (Lock::Once, Some(first)) => match (name, unwrap(first)) {
                // `new_with(Some(value))` of tokio.
                ("new_with", Unwrapped::Inside(held)) => set_to(held, at),
                ("new_with", _) => unset(Ty::Unknown),
                _ => set_to(first.clone(), at),
            },
            (_, None) => return None,
            // What one thread has to itself is written where that says.
            (_, Some(first)) if path.starts_with("std::cell::") => first.clone(),
            (_, Some(first)) => self.shared(first.clone(), DEEPEST),
        };
        Some(held.locked(lock))
    }

    /// A method of a lock or cell; `None` where it is of what that holds.
    pub(super) fn lock_method(
        &mut self,
        receiver: &Cell,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let found = up_to_lock(receiver);
        let Some(lock) = found.lock() else { return Ok(None) };
        let held = match &*found.borrow() {
            Value::Ref(held) => held.clone(),
            // More was done to it than is told apart.
            _ => found.clone(),
        };
        if lock == Lock::Once
            && let Some(done) = self.once_method(&held, method)?
        {
            return Ok(Some(done));
        }
        if let ("replace_with" | "update", [change]) = (method.name, method.args.as_slice()) {
            let held = target_of(&held);
            let before = held.borrow().copied();
            let given =
                if method.name == "update" { before.clone() } else { Value::Ref(held.clone()) };
            let after = self.call(change, vec![given], method.at)?;
            self.write(&held, after);
            return Ok(Some(before));
        }
        Ok(self.access(&found, lock, &held, method))
    }

    fn access(
        &mut self,
        found: &Cell,
        lock: Lock,
        held: &Cell,
        method: &Method<'_>,
    ) -> Option<Value> {
        if matches!(method.name, "replace" | "set" | "store" | "swap" | "take") {
            return self.cell_changed(held, method);
        }
        if !method.args.is_empty() {
            return None;
        }
        let at = method.at;
        if lock == Lock::Copied && method.name == "get" {
            return Some(held.borrow().copied());
        }
        match access_of(method.name)? {
            // A lock is cloned through a pointer to it.
            Access::Pointer => Some(Value::Ref(found.clone())),
            Access::Guard { tries } => {
                if locks(method.name) && is_held(&held.borrow().bare()) {
                    self.share(&target_of(held));
                }
                Some(opened(Value::Ref(held.clone()), lock, tries, at))
            }
            Access::Inside => {
                let inside = held.borrow().clone();
                Some(opened(inside, lock, false, at))
            }
        }
    }

    /// The guard of a lock of which only the type is known, where routers may stand behind that: they are served from
    /// there, by whoever made the lock.
    pub(super) fn guard_of_any(&mut self, ty: &Ty, method: &Method<'_>) -> Option<Value> {
        let (path, held) = outermost(ty)?;
        let Some(Access::Guard { tries }) = access_of(method.name) else { return None };
        if !method.args.is_empty() || !locks(method.name) || !self.may_serve(held, MOST_DEEP) {
            return None;
        }
        let place = cell(self.symbolic(held));
        self.share(&place);
        Some(opened(Value::Ref(place), kind_of(path), tries, method.at))
    }

    /// A method of a cell that is filled once. What is in it before that is not known: any code may have filled it.
    fn once_method(&mut self, held: &Cell, method: &Method<'_>) -> Result<Option<Value>, Flow> {
        let held = target_of(held);
        let (now, at) = (held.borrow().clone(), method.at);
        let inside = match unwrap(&now) {
            Unwrapped::Inside(inside) => Some(inside),
            _ => None,
        };
        Ok(match (method.name, method.args.as_slice()) {
            ("get" | "get_mut" | "poll", []) => Some(now),
            ("wait", []) => {
                let opened = Method { name: "unwrap", ..method.clone() };
                Some(inside.map_or_else(|| self.method(&cell(now), opened), Ok)?)
            }
            ("set", [new]) => {
                let filled = set_to(new.clone(), at);
                // What it is set to once more is not taken, and which comes first is not known.
                let filled = if inside.is_some() { self.either(now, filled) } else { filled };
                self.share(&held);
                self.write(&held, filled);
                Some(ok(Value::Unit, at))
            }
            ("get_or_init" | "get_or_try_init" | "call_once" | "try_call_once", [make]) => {
                let tries = method.name.contains("try");
                if let Some(inside) = inside {
                    return Ok(Some(if tries { ok(inside, at) } else { inside }));
                }
                let made = self.call(make, Vec::new(), at)?;
                let made = self.awaited(made);
                if tries {
                    return Ok(Some(made));
                }
                if !keeps(&made) {
                    return Ok(Some(made));
                }
                let filled = set_to(made, at);
                let inside = unwrap(&filled);
                self.write(&held, filled);
                match inside {
                    Unwrapped::Inside(inside) => Some(inside),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// A method of a cell that puts something else into it as a whole. Of numbers and text it is known elsewhere what may
    /// become of them.
    fn cell_changed(&mut self, held: &Cell, method: &Method<'_>) -> Option<Value> {
        let held = target_of(held);
        let is_plain = matches!(
            &*held.borrow(),
            Value::Bool(_) | Value::Int(_) | Value::Char(_) | Value::Str(_)
        );
        match (method.name, method.args.as_slice()) {
            _ if is_plain => None,
            ("take", []) => self.memory_call("take", &[Value::Ref(held)], method.at),
            ("replace" | "swap", [new]) => {
                self.memory_call("replace", &[Value::Ref(held), new.clone()], method.at)
            }
            ("set" | "store", [new]) => {
                self.write(&held, new.clone());
                Some(Value::Unit)
            }
            _ => None,
        }
    }
}

/// What a cell holds that is filled once, before it is: an option of which nothing is known.
pub(super) fn unset(ty: Ty) -> Value {
    Value::Unknown(Ty::External("std::option::Option".into(), vec![ty]))
}

/// What a cell holds that was filled: who asks for it is given a reference to it.
pub(super) fn set_to(held: Value, at: Place) -> Value {
    option(Some(Value::Ref(cell(held))), at)
}

/// Whether it matters that what was made once is the same each time it is asked for: more can be put into it, or it runs
/// or is served.
fn keeps(made: &Value) -> bool {
    made.any(&mut |part| match part {
        Value::Ref(place) if place.lock().is_some() => Search::Found,
        Value::Router(_) | Value::Closure(_) | Value::Fn(_) => Search::Found,
        _ => Search::Within,
    })
}

/// What a method of a lock gives access to.
#[derive(Clone, Copy)]
enum Access {
    /// The lock.
    Pointer,
    /// What it holds, where that stands; perhaps not at the time.
    Guard { tries: bool },
    /// What it holds, taken out.
    Inside,
}

fn access_of(method: &str) -> Option<Access> {
    Some(match method {
        "clone" | "to_owned" => Access::Pointer,
        "blocking_lock"
        | "blocking_lock_owned"
        | "blocking_read"
        | "blocking_write"
        | "borrow"
        | "borrow_mut"
        | "get_mut"
        | "load"
        | "load_full"
        | "lock"
        | "lock_arc"
        | "lock_owned"
        | "read"
        | "read_arc"
        | "read_owned"
        | "upgradable_read"
        | "write"
        | "write_arc"
        | "write_owned" => Access::Guard { tries: false },
        "try_borrow" | "try_borrow_mut" | "try_lock" | "try_lock_owned" | "try_read"
        | "try_write" => Access::Guard { tries: true },
        "into_inner" => Access::Inside,
        _ => return None,
    })
}

/// What a lock gives, as it gives it.
fn opened(given: Value, lock: Lock, tries: bool, at: Place) -> Value {
    match lock {
        Lock::Poisoned => ok(given, at),
        Lock::Fallible if tries => ok(given, at),
        Lock::Optional if tries => option(Some(given), at),
        _ => given,
    }
}
