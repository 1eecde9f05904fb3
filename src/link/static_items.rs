//! `thread_local!` and `lazy_static!`: statics that are declared in a macro's own words.

use std::sync::Arc;

use super::{DefId, Program, modules::is_named};
use crate::{
    source::{FileId, Span},
    syntax::tree::{Attr, Item, MacroCall, Path, PathSegment},
};
use thin_vec::{ThinVec, thin_vec};

/// The attribute of a static of which each thread has its own.
const THREAD_LOCAL: &str = "thread_local";

impl Program {
    /// The statics that a call declares, in the bytes of its text; `None` for any other macro.
    pub fn static_items(&self, file: FileId, call: &MacroCall) -> Option<ThinVec<Arc<Item>>> {
        let name = call.path.segments.last()?.name.as_str();
        let is_local = name == THREAD_LOCAL;
        if !is_local && name != "lazy_static" {
            return None;
        }
        let text = self.text(file);
        let (before, _) = text.split_at_checked(call.args.start as usize)?;
        let args = without_ref(call.args.of(&text));
        let read = |end: &str| {
            let len = u32::try_from(end.len()).unwrap_or_default();
            let span = Span::new(call.args.start, call.args.end + len);
            let tree = self.reader.read_items(&format!("{before}{args}{end}"), span).ok()?;
            tree.skipped.is_empty().then_some(tree.items)
        };
        // The last `;` may be left out.
        let mut items = read("").or_else(|| read(";"))?;
        if is_local {
            let (args, bindings) = (ThinVec::new(), ThinVec::new());
            let name = PathSegment { name: THREAD_LOCAL.into(), args, bindings };
            let span = call.path.span;
            let path = Path { qself: None, global: false, segments: thin_vec![name], span };
            let args = Span::new(span.end, span.end);
            for item in &mut items {
                let attr = Attr { path: path.clone(), args, span, cfg: None };
                Arc::make_mut(item).attrs.push(attr);
            }
        }
        Some(items)
    }

    /// Whether each thread has its own of a static, which is then asked for through a `LocalKey`.
    pub fn is_thread_local(&self, id: DefId) -> bool {
        self.def(id).item.attrs.iter().any(|attr| is_named(attr, THREAD_LOCAL))
    }
}

/// A text in which blanks stand for the `ref` of each `static ref`.
fn without_ref(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("ref") {
        out.push_str(before);
        let is_word = after.starts_with(char::is_whitespace)
            && before.ends_with(char::is_whitespace)
            && before.trim_end().ends_with("static");
        out.push_str(if is_word { "   " } else { "ref" });
        rest = after;
    }
    out.push_str(rest);
    out
}
