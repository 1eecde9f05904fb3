//! The types outside the tree through which a value that is shared is written to, and those that make one when it is
//! first asked for, each by its full path.

use super::value::Lock;
use crate::link::types::Ty;

/// Types whose value can be written to through a shared reference.
const LOCKS: [&str; 40] = [
    "arc_swap::ArcSwap",
    "arc_swap::ArcSwapAny",
    "arc_swap::ArcSwapOption",
    "async_lock::Mutex",
    "async_lock::OnceCell",
    "async_lock::RwLock",
    "async_std::sync::Mutex",
    "async_std::sync::RwLock",
    "futures::lock::Mutex",
    "futures_util::lock::Mutex",
    "lock_api::FairMutex",
    "lock_api::Mutex",
    "lock_api::ReentrantMutex",
    "lock_api::RwLock",
    "once_cell::sync::OnceCell",
    "once_cell::unsync::OnceCell",
    "parking_lot::FairMutex",
    "parking_lot::Mutex",
    "parking_lot::ReentrantMutex",
    "parking_lot::RwLock",
    "parking_lot::lock_api::Mutex",
    "parking_lot::lock_api::RwLock",
    "spin::Mutex",
    "spin::Once",
    "spin::RwLock",
    "spin::mutex::Mutex",
    "spin::once::Once",
    "spin::rwlock::RwLock",
    "std::cell::Cell",
    "std::cell::OnceCell",
    "std::cell::RefCell",
    "std::sync::Mutex",
    "std::sync::OnceLock",
    "std::sync::ReentrantLock",
    "std::sync::RwLock",
    "std::sync::nonpoison::Mutex",
    "std::sync::nonpoison::RwLock",
    "tokio::sync::Mutex",
    "tokio::sync::OnceCell",
    "tokio::sync::RwLock",
];

/// Types whose value is made when it is first asked for, and used as if it had been there.
const LAZY: [&str; 8] = [
    "async_lock::Lazy",
    "async_once_cell::Lazy",
    "once_cell::sync::Lazy",
    "once_cell::unsync::Lazy",
    "spin::Lazy",
    "spin::lazy::Lazy",
    "std::cell::LazyCell",
    "std::sync::LazyLock",
];

/// Whether what a type holds can be written to through a shared reference.
pub(super) fn is_locked(ty: &Ty) -> bool {
    match ty {
        Ty::External(path, args) => is_lock(path) || args.iter().any(is_locked),
        Ty::AnyOf(paths, args) => {
            paths.iter().any(|path| is_lock(path)) || args.iter().any(is_locked)
        }
        Ty::Tuple(parts) => parts.iter().any(is_locked),
        _ => false,
    }
}

/// Whether a type is a lock or cell.
pub(super) fn is_lock(path: &str) -> bool {
    LOCKS.binary_search(&path).is_ok()
}

/// The lock or cell that a function makes, by its path; `None` where it makes none.
pub(super) fn lock_of(path: &str) -> Option<Lock> {
    let (owner, name) = path.rsplit_once("::")?;
    let makes = match owner.rsplit(':').next()? {
        "Mutex" | "RwLock" | "FairMutex" | "ReentrantMutex" | "ReentrantLock" | "RefCell"
        | "Cell" => matches!(name, "new" | "const_new" | "from"),
        "OnceCell" | "OnceLock" | "Once" => {
            matches!(name, "new" | "const_new" | "new_with" | "with_value" | "from" | "initialized")
        }
        "ArcSwap" | "ArcSwapAny" | "ArcSwapOption" => {
            matches!(name, "new" | "from" | "from_pointee" | "empty" | "const_empty")
        }
        _ => false,
    };
    (makes && is_lock(owner)).then(|| kind_of(owner))
}

/// The outermost lock or cell of a type, by its path, whatever points to it, and the type of what it holds.
pub(super) fn outermost(ty: &Ty) -> Option<(&str, &Ty)> {
    let Ty::External(path, args) = ty else { return None };
    if is_lock(path) {
        return Some((path, args.first().unwrap_or(&Ty::Unknown)));
    }
    let [held] = args.as_slice() else { return None };
    outermost(held)
}

/// A type of which the locks, what fills itself and what is of `std` are told from other types of their names that a glob
/// import may mean.
pub(super) fn told_apart(ty: Ty) -> Ty {
    let within = |args: Vec<Ty>| args.into_iter().map(told_apart).collect();
    match ty {
        Ty::AnyOf(paths, args) => match paths
            .iter()
            .find(|path| is_lock(path) || is_lazy(path) || path.starts_with("std::"))
        {
            Some(path) => Ty::External(path.clone(), within(args)),
            None => Ty::AnyOf(paths, args),
        },
        Ty::External(path, args) => Ty::External(path, within(args)),
        ty => ty,
    }
}

/// How a type gives access to what it holds.
pub(super) fn kind_of(path: &str) -> Lock {
    const OPTIONAL: [&str; 7] =
        ["async_lock", "async_std", "futures", "futures_util", "lock_api", "parking_lot", "spin"];
    let krate = path.split("::").next().unwrap_or("");
    let last = path.rsplit(':').next().unwrap_or("");
    match path {
        "std::sync::Mutex" | "std::sync::RwLock" => Lock::Poisoned,
        "std::cell::Cell" => Lock::Copied,
        _ if matches!(last, "OnceCell" | "OnceLock" | "Once") => Lock::Once,
        _ if last.starts_with("ArcSwap") => Lock::Swapped,
        _ if OPTIONAL.contains(&krate) => Lock::Optional,
        _ => Lock::Fallible,
    }
}

/// Whether a type makes its value when it is first asked for.
pub(super) fn is_lazy(path: &str) -> bool {
    LAZY.binary_search(&path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_in_order() {
        assert!(LOCKS.is_sorted() && LAZY.is_sorted());
    }

    #[test]
    fn a_lock_is_told_by_its_full_path_and_found_in_what_is_around_it() {
        let lock = |path: &str| Ty::External(path.into(), vec![Ty::Unknown]);
        assert!(is_locked(&lock("std::sync::Mutex")));
        assert!(!is_locked(&lock("billing::Mutex")), "a type of that name");
        assert!(is_locked(&Ty::External("std::sync::Arc".into(), vec![lock("spin::RwLock")])));
        assert!(is_locked(&Ty::Tuple(vec![Ty::Unknown, lock("tokio::sync::RwLock")])));
    }
}
