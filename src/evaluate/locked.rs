//! Methods of locks and cells, whatever is in them: what gives access to that, and what gives the lock itself once more.

use super::{
    Evaluator,
    given_away::DEEPEST,
    library::{is_held, locks},
    lock::lock_of,
    method::Method,
    option::{ok, option},
    target_of,
    value::{Cell, Lock, Value, up_to_lock},
};
use crate::source::Place;

impl Evaluator<'_> {
    /// A function that puts a value behind a lock or into a cell; `None` for any other.
    pub(super) fn put_behind(&mut self, path: &str, first: Option<&Value>) -> Option<Value> {
        let lock = lock_of(path)?;
        let first = first?.clone();
        // What one thread has to itself is written where that says.
        let held =
            if path.starts_with("std::cell::") { first } else { self.shared(first, DEEPEST) };
        Some(held.locked(lock))
    }

    /// A method of a lock or cell; `None` where it is of what that holds.
    pub(super) fn lock_method(&mut self, receiver: &Cell, method: &Method<'_>) -> Option<Value> {
        let found = up_to_lock(receiver);
        let lock = found.lock()?;
        let held = match &*found.borrow() {
            Value::Ref(held) => held.clone(),
            // More was done to it than is told apart.
            _ => found.clone(),
        };
        if matches!(method.name, "replace" | "set" | "take") {
            return self.cell_changed(&held, method);
        }
        if !method.args.is_empty() {
            return None;
        }
        let at = method.at;
        match access_of(method.name)? {
            // A lock is cloned through a pointer to it.
            Access::Pointer => Some(Value::Ref(found)),
            Access::Guard { tries } => {
                if locks(method.name) && is_held(&held.borrow().bare()) {
                    self.share(&target_of(&held));
                }
                Some(opened(Value::Ref(held), lock, tries, at))
            }
            Access::Inside => {
                let inside = held.borrow().clone();
                Some(opened(inside, lock, false, at))
            }
        }
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
            ("replace", [new]) => {
                self.memory_call("replace", &[Value::Ref(held), new.clone()], method.at)
            }
            ("set", [new]) => {
                self.write(&held, new.clone());
                Some(Value::Unit)
            }
            _ => None,
        }
    }
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
        Lock::Fallible | Lock::Optional => given,
    }
}
