//! What pools, connections and transactions have in common: whose they are, and on what they run statements.

use std::sync::Arc;

use crate::{
    evaluate::{Evaluator, effect::RunsOn, value::Value},
    link::{Target, types::Ty},
};

/// Values within values that are looked at.
const DEPTH: u32 = 8;

/// The rest of a path after the crate that it goes through, when that is one of `crates`.
///
/// A crate that another one passes on counts as well: `deadpool_postgres::tokio_postgres::Client`.
pub(super) fn item<'a>(path: &'a str, crates: &[&str]) -> Option<&'a str> {
    let mut start = 0;
    // By single characters: this is asked of every method call, and text is sought more slowly.
    for (at, _) in path.match_indices(':') {
        if let Some(after) = path.get(at..)?.strip_prefix("::") {
            if crates.contains(&path.get(start..at)?) {
                return Some(after);
            }
            start = at + "::".len();
        }
    }
    None
}

/// The path by which a value is of one of `crates`: it is made there, its type is, or it holds or comes from such a value.
pub(super) fn of_crates(
    evaluator: &Evaluator<'_>,
    value: &Value,
    crates: &[&str],
) -> Option<Arc<str>> {
    value_of(evaluator, value, crates, 0)
}

fn value_of(
    evaluator: &Evaluator<'_>,
    value: &Value,
    crates: &[&str],
    depth: u32,
) -> Option<Arc<str>> {
    if depth > DEPTH {
        return None;
    }
    match value.bare() {
        Value::Unknown(ty) => type_of(evaluator, &ty, crates, depth),
        Value::Term(term) if item(&term.path, crates).is_some() => Some(term.path.clone()),
        Value::Term(term) => {
            term.args.iter().flatten().find_map(|arg| value_of(evaluator, arg, crates, depth + 1))
        }
        _ => None,
    }
}

fn type_of(evaluator: &Evaluator<'_>, ty: &Ty, crates: &[&str], depth: u32) -> Option<Arc<str>> {
    if depth > DEPTH {
        return None;
    }
    match ty {
        Ty::External(path, _) if item(path, crates).is_some() => Some(path.clone()),
        Ty::External(_, args) => {
            args.iter().find_map(|arg| type_of(evaluator, arg, crates, depth + 1))
        }
        // Several globs bring the name, and all of them that are known are of the library.
        Ty::AnyOf(paths, _) => paths.iter().find(|path| item(path, crates).is_some()).cloned(),
        Ty::Param(_) | Ty::Dyn(_) | Ty::Impl(_) => {
            evaluator.bounds_of(ty).into_iter().find_map(|bound| match bound.of {
                Target::External(path) => item(&path, crates).is_some().then_some(path),
                Target::Item(_) => None,
            })
        }
        _ => None,
    }
}

/// On what a value that is, or may be, of one of `crates` runs statements.
pub(super) fn runs_on(executor: &Value, crates: &[&str]) -> Option<RunsOn> {
    on(executor, crates, 0)
}

fn on(executor: &Value, crates: &[&str], depth: u32) -> Option<RunsOn> {
    if depth > DEPTH {
        return None;
    }
    match executor.bare() {
        Value::Term(term) => {
            let receiver = term.args.as_ref().and_then(|args| args.first());
            let before = receiver.and_then(|receiver| on(receiver, crates, depth + 1));
            let ours = item(&term.path, crates).is_some() || before.is_some();
            let (owner, name) = term.path.rsplit_once("::")?;
            let of_pool = owner.rsplit(':').next().is_some_and(|owner| owner.contains("Pool"));
            ours.then(|| match name {
                // Who begins it answers for it, and not who opened the connection; one within another is a part of that.
                _ if begins(name) => match before {
                    Some(RunsOn::Opened(_)) if !receiver.is_some_and(|on| is_begun(on, 0)) => {
                        RunsOn::Opened(term.at)
                    }
                    Some(RunsOn::Pool) => RunsOn::Opened(term.at),
                    Some(on) => on,
                    None => RunsOn::Other,
                },
                _ if of_pool && makes_pool(name) => RunsOn::Pool,
                // What is acquired from a connection is that connection.
                "acquire" if receiver.is_some_and(is_connection) => before.unwrap_or(RunsOn::Other),
                _ if opens(name) => RunsOn::Opened(term.at),
                _ => before.unwrap_or(RunsOn::Other),
            })
        }
        Value::Unknown(ty) => type_on(&ty, crates, 0),
        _ => None,
    }
}

/// Whether a value is one connection, or a transaction on it, and no pool.
fn is_connection(value: &Value) -> bool {
    match value.bare() {
        Value::Unknown(Ty::External(path, _)) => {
            let name = path.rsplit(':').next().unwrap_or(&path);
            name.ends_with("Transaction") || name.ends_with("Connection")
        }
        value => is_begun(&value, 0),
    }
}

/// Whether a value comes from a call that begins a transaction.
fn is_begun(value: &Value, depth: u32) -> bool {
    let Value::Term(term) = value.bare() else { return false };
    let name = term.path.rsplit(':').next().unwrap_or(&term.path);
    depth <= DEPTH
        && (begins(name)
            || term.args.iter().filter_map(|args| args.first()).any(|on| is_begun(on, depth + 1)))
}

fn type_on(ty: &Ty, crates: &[&str], depth: u32) -> Option<RunsOn> {
    let Ty::External(path, args) = ty else { return None };
    let name = path.rsplit(':').next().unwrap_or(path);
    let within = || args.iter().find_map(|arg| type_on(arg, crates, depth + 1));
    let ours = item(path, crates).is_some();
    if depth > DEPTH || !ours && within().is_none() {
        return None;
    }
    let on = if name.ends_with("Pool") { RunsOn::Pool } else { RunsOn::Other };
    // A pointer to a pool is a pool; a connection of one is not.
    let pointer = !ours && !path.contains("PooledConnection") && !path.contains("Object");
    Some(if on == RunsOn::Other && pointer { within().unwrap_or(on) } else { on })
}

/// A call that makes a pool.
fn makes_pool(name: &str) -> bool {
    name.starts_with("connect")
        || matches!(name, "new" | "builder" | "build" | "build_unchecked" | "from_url" | "clone")
        || name.starts_with("create_pool")
}

/// A call that opens a connection, or takes one from a pool.
fn opens(name: &str) -> bool {
    name.starts_with("open")
        || name.starts_with("connect")
        || name.starts_with("get_conn")
        || matches!(
            name,
            "acquire"
                | "try_acquire"
                | "get"
                | "get_owned"
                | "get_timeout"
                | "try_get"
                | "dedicated_connection"
                | "conn"
                | "new"
                | "establish"
                | "timeout_get"
        )
}

/// A call that begins a transaction, or one within it.
fn begins(name: &str) -> bool {
    name.starts_with("begin")
        || name.starts_with("savepoint")
        || name.starts_with("transaction")
        || name.starts_with("start_transaction")
        || matches!(name, "unchecked_transaction" | "build_transaction" | "start" | "try_begin")
}
