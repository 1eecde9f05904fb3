//! Functions that attributes name: a derive or an attribute from outside the tree makes code that runs them.
//!
//! `#[serde(default = "amount")]`, `#[arg(value_parser = parse)]` and `#[error("{}", note())]` run code of the tree with no
//! call of it in any body. Which attribute runs what is not asked, since a list of them would never be whole: what an
//! attribute names and is a function of the tree is run. At a function that is by the function itself; elsewhere (at a
//! type, a field, a static) by code that is not seen, from anywhere. A static with such an attribute is handed to outside
//! code with all that it names.

use rustc_hash::FxHashSet;

use super::implied::Implied;
use crate::{
    calls::{CallGraph, ImpliedCall, Leading},
    evaluate::effect::Callable,
    link::{Def, DefId, DefKind, ModuleId, Namespace, Program, Resolution, types::Ty},
    source::{Place, Span},
    syntax::{
        mentioned_code::{MentionedPath, mentioned_paths},
        tree::{Attr, Field, FnItem, Item, ItemKind, Pat},
    },
};

/// Attributes of the language and of tools: they run nothing.
const RUN_NOTHING: [&str; 20] = [
    "allow",
    "automatically_derived",
    "cold",
    "deny",
    "deprecated",
    "derive",
    "diagnostic",
    "doc",
    "expect",
    "forbid",
    "ignore",
    "inline",
    "must_use",
    "non_exhaustive",
    "path",
    "repr",
    "rustfmt",
    "should_panic",
    "thread_local",
    "warn",
];

/// The functions of a module that is named in place of two functions, as `#[serde(with = "…")]` does.
const OF_MODULE: [&str; 2] = ["serialize", "deserialize"];

/// What attributes run, of what leads to a statement.
pub(super) fn implied(program: &Program, graph: &CallGraph, leading: &Leading) -> Implied {
    let mut implied = Implied::default();
    let functions = program.defs().into_iter().filter(|id| {
        matches!(program.def(*id).kind, DefKind::Fn | DefKind::Method)
            && graph.leads(Callable::function(*id), leading)
    });
    let writing: FxHashSet<DefId> = functions.collect();
    if writing.is_empty() {
        return implied;
    }
    for id in program.defs() {
        let def = program.def(id);
        let mut named = Vec::new();
        let reader = Reader { program, def: &def };
        reader.item(&def.item, &mut named);
        for (function, at) in named {
            if function == id || !writing.contains(&function) {
                continue;
            }
            let to = Callable::function(function);
            if matches!(def.kind, DefKind::Fn | DefKind::Method) {
                let from = Callable::function(id);
                implied.calls.push(ImpliedCall { from, to, at, stays: false });
            } else {
                implied.starts.push(to);
            }
        }
    }
    implied
}

/// Reads the attributes of one definition.
struct Reader<'r> {
    program: &'r Program,
    def: &'r Def,
}

impl Reader<'_> {
    fn item(&self, item: &Item, named: &mut Vec<(DefId, Place)>) {
        let own = item.attrs.iter();
        match &item.kind {
            ItemKind::Fn(function) => {
                let given = function.params.iter().flat_map(|param| &param.attrs);
                self.attrs(own.chain(given), Some(function), named);
            }
            ItemKind::Struct { fields, .. } => {
                self.attrs(own.chain(of_fields(fields)), None, named);
            }
            ItemKind::Enum { variants, .. } => {
                let inner =
                    variants.iter().flat_map(|one| one.attrs.iter().chain(of_fields(&one.fields)));
                self.attrs(own.chain(inner), None, named);
            }
            ItemKind::Const { value: Some(value), .. } => {
                if item.attrs.iter().any(may_run) {
                    self.paths(value.span, None, named);
                }
                self.attrs(own, None, named);
            }
            _ => self.attrs(own, None, named),
        }
    }

    fn attrs<'a>(
        &self,
        attrs: impl Iterator<Item = &'a Attr>,
        around: Option<&FnItem>,
        named: &mut Vec<(DefId, Place)>,
    ) {
        for attr in attrs.filter(|attr| !attr.args.is_empty() && may_run(attr)) {
            self.paths(attr.args, around, named);
        }
    }

    /// The functions that are named at `span`.
    ///
    /// - `around`: the function whose parameters hide others.
    fn paths(&self, span: Span, around: Option<&FnItem>, named: &mut Vec<(DefId, Place)>) {
        let text = self.program.text(self.def.file);
        for path in mentioned_paths(&text, span) {
            let is_param = |name: &str| {
                let params = around.into_iter().flat_map(|item| &item.params);
                params.into_iter().any(|param| binds(&param.pat, name))
            };
            if let [only] = path.segments.as_slice()
                && is_param(only)
            {
                continue;
            }
            let at = Place { file: self.def.file, span: path.span };
            let at = self.program.sources().real(at);
            named.extend(self.functions(&path).into_iter().map(|function| (function, at)));
        }
    }

    fn functions(&self, path: &MentionedPath) -> Vec<DefId> {
        let program = self.program;
        if let [first, name] = path.segments.as_slice()
            && first == "Self"
        {
            let own = match self.def.parent.and_then(|block| program.self_type(block)) {
                Some(Ty::Def(of, _)) => program.assoc(of, name),
                _ => Vec::new(),
            };
            // Else that may be the type of something that the macro makes.
            let methods = program.methods_named(name).into_iter();
            let beside = methods.filter(|id| program.def(*id).krate == self.def.krate);
            return if own.is_empty() { beside.collect() } else { own };
        }
        let found = |module: ModuleId, segments: &[&str], global, ns| {
            program.resolve(module, segments, global, ns).into_iter().map(|(_, is)| is)
        };
        let segments: Vec<&str> = path.segments.iter().map(smol_str::SmolStr::as_str).collect();
        let mut functions = Vec::new();
        for is in found(self.def.module, &segments, path.global, Namespace::Value) {
            if let Resolution::Def(id) = is {
                functions.push(id);
            }
        }
        if path.in_text && functions.is_empty() {
            for is in found(self.def.module, &segments, path.global, Namespace::Type) {
                let Resolution::Module(module) = is else { continue };
                for name in OF_MODULE {
                    for is in found(module, &[name], false, Namespace::Value) {
                        if let Resolution::Def(id) = is {
                            functions.push(id);
                        }
                    }
                }
            }
        }
        functions
    }
}

fn of_fields(fields: &[Field]) -> impl Iterator<Item = &Attr> {
    fields.iter().flat_map(|field| &field.attrs)
}

fn may_run(attr: &Attr) -> bool {
    attr.path.segments.first().is_some_and(|first| !RUN_NOTHING.contains(&first.name.as_str()))
}

/// Whether a pattern binds a name.
fn binds(pat: &Pat, wanted: &str) -> bool {
    let any = |pats: &[Pat]| pats.iter().any(|pat| binds(pat, wanted));
    match pat {
        Pat::Bind { name, sub, .. } => {
            name == wanted || sub.as_ref().is_some_and(|sub| binds(sub, wanted))
        }
        Pat::TupleStruct(_, pats, _) | Pat::Tuple(pats, _) | Pat::Slice(pats, _) => any(pats),
        Pat::Struct(_, fields) => fields.iter().any(|(_, pat)| binds(pat, wanted)),
        Pat::Ref(pat) | Pat::Typed(pat, _) => binds(pat, wanted),
        Pat::Or(pats) => any(pats),
        _ => false,
    }
}
