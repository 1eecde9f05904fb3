//! What runs whoever calls it in the tree.

use crate::{
    evaluate::effect::{Callable, Effects},
    link::{Def, DefKind, Program},
    syntax::tree::Attr,
};

/// Attributes that let code outside the tree run a function: the linker, a runtime, another language.
///
/// <https://doc.rust-lang.org/reference/abi.html>, and the documentation of `ctor`, `pyo3`, `wasm-bindgen`, `napi`,
/// `uniffi` and `tauri`.
const ENTRIES: [&str; 11] = [
    "ctor",
    "dtor",
    "no_mangle",
    "export_name",
    "panic_handler",
    "pyfunction",
    "wasm_bindgen",
    "napi",
    "export",
    "command",
    "launch",
];

/// Handlers, `main`, tasks that start on their own, and what attributes make known outside.
pub(super) fn starts(effects: &Effects, program: &Program) -> Vec<Callable> {
    let handlers = effects.registrations.iter().filter_map(|registration| registration.runs);
    let entries = program.defs().into_iter().filter(|id| is_entry(program, &program.def(*id)));
    let entries = entries.map(Callable::function);
    handlers.chain(effects.detached.iter().copied()).chain(entries).collect()
}

fn is_entry(program: &Program, def: &Def) -> bool {
    let is_function = matches!(def.kind, DefKind::Fn | DefKind::Method);
    is_function
        && (def.kind == DefKind::Fn && def.name == "main"
            || def.item.attrs.iter().any(|attr| makes_entry(program, def, attr)))
}

/// `#[no_mangle]`, `#[unsafe(no_mangle)]`, `#[pyo3::pyfunction]`.
fn makes_entry(program: &Program, def: &Def, attr: &Attr) -> bool {
    let Some(last) = attr.path.segments.last() else { return false };
    if last.name == "unsafe" {
        let text = program.text(def.file);
        let name = attr.args.of(&text).trim_start_matches('(').trim_start();
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        return name.get(..end).is_some_and(|name| ENTRIES.contains(&name));
    }
    ENTRIES.contains(&last.name.as_str())
}
