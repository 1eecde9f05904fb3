//! Procedural macros of the tree that make code which writes or registers: what they make is not read, which is a gap.
//!
//! Such a macro is a program over tokens. Told is only whether what it may put together speaks of a statement that writes,
//! of a database library's or of a framework's way to do it; then it is said at the macro.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    cache::FileRead,
    contract::Contract,
    databases,
    discover::{Package, TargetKind},
    evaluate::sql_words,
    finding::{Gap, Where},
    frameworks,
    link::{Def, DefId, DefKind, Program, Target, types::Ty},
    source::{FileId, Place},
    syntax::tree::{Body, ItemKind, ident_hash},
};

/// Attributes of functions that are macros.
const MACROS: [&str; 3] = ["proc_macro", "proc_macro_attribute", "proc_macro_derive"];
/// Macros that make tokens of what they are given.
const QUOTES: [&str; 4] = ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned"];
/// Names of what writes with a database library.
const WRITES: [&str; 15] = [
    "batch_execute",
    "delete",
    "delete_many",
    "exec",
    "execute",
    "insert",
    "insert_into",
    "insert_many",
    "insert_one",
    "replace_into",
    "save",
    "update",
    "update_many",
    "update_one",
    "upsert",
];
/// Names of what registers a mutation with a framework.
const REGISTERS: [&str; 9] =
    ["delete", "mount", "nest", "patch", "post", "put", "resource", "route", "service"];

/// What the procedural macros of the tree make that is not read, but of those of which the contract tells what they are.
///
/// - `read`: what was read of each file; all of its text where gaps follow from that.
pub(super) fn gaps(
    program: &Program,
    packages: &[Package],
    contract: &Contract,
    read: &mut [FileRead],
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let is_own = |def: &Def, kind: fn(TargetKind) -> bool| {
        let krate = program.krate(def.krate);
        kind(krate.kind)
            && packages.get(krate.package).is_none_or(|package| package.copy_of.is_none())
    };
    let functions: Vec<(DefId, std::rc::Rc<Def>)> =
        program.defs().into_iter().map(|id| (id, program.def(id))).collect();
    let routes = contract.scan.route_macros.iter().map(|known| known.name.path.as_str());
    let gates = contract.classes.iter().flat_map(|class| &class.gate.attributes);
    let declared: Vec<&str> = routes.chain(gates.map(|gate| gate.path.as_str())).collect();
    let macros = functions.iter().filter(|(id, def)| {
        let is_macro = |name: &str| MACROS.contains(&name);
        let mut last = def.item.attrs.iter().filter_map(|attr| attr.path.segments.last());
        def.kind == DefKind::Fn
            && is_own(def, |kind| kind == TargetKind::ProcMacro)
            && last.any(|last| is_macro(&last.name))
            && !declared.iter().any(|name| program.matches(name, &Target::Item(*id)))
    });
    let macros: Vec<&(DefId, std::rc::Rc<Def>)> = macros.collect();
    if macros.is_empty() {
        return gaps;
    }
    let makers = Makers::new(program, &functions);
    let mut files = BTreeSet::new();
    for (_, def) in macros {
        let Some(does) = makers.makes(program, def, &mut files) else { continue };
        let at = Place { file: def.file, span: def.item.name_span };
        let name = &def.name;
        gaps.push(Gap {
            at: Where::Source(program.sources().real(at)),
            reason: format!("the macro that `{name}` is makes code that {does}, which is not read"),
        });
    }
    for file in files {
        if let Some(read) = read.get_mut(file.0 as usize) {
            *read = FileRead::Text;
        }
    }
    gaps
}

/// Functions of crates that put code together.
struct Makers {
    by_name: FxHashMap<u32, Vec<std::rc::Rc<Def>>>,
    /// What a value of a type is made into where it stands in a `quote!`, by the name of the type.
    to_tokens: FxHashMap<u32, Vec<std::rc::Rc<Def>>>,
}

impl Makers {
    fn new(program: &Program, all: &[(DefId, std::rc::Rc<Def>)]) -> Self {
        let quotes = QUOTES.map(ident_hash);
        let makes = |body: &Body| quotes.iter().any(|one| body.macros.binary_search(one).is_ok());
        let crates: FxHashSet<_> = all
            .iter()
            .filter(|(_, def)| body(def).is_some_and(makes))
            .map(|(_, def)| def.krate)
            .collect();
        let mut makers = Self { by_name: FxHashMap::default(), to_tokens: FxHashMap::default() };
        for (_, def) in all.iter().filter(|(_, def)| crates.contains(&def.krate)) {
            if body(def).is_none() {
                continue;
            }
            makers.by_name.entry(ident_hash(&def.name)).or_default().push(def.clone());
            if def.name == "to_tokens"
                && let Some(Ty::Def(of, _)) = def.parent.and_then(|of| program.self_type(of))
            {
                let of = ident_hash(&program.def(of).name);
                makers.to_tokens.entry(of).or_default().push(def.clone());
            }
        }
        makers
    }

    /// What the code does that a macro makes, itself or through what it calls.
    fn makes(
        &self,
        program: &Program,
        of: &std::rc::Rc<Def>,
        files: &mut BTreeSet<FileId>,
    ) -> Option<&'static str> {
        let mut open = vec![of];
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let (mut writes, mut registers) = (false, false);
        while let Some(def) = open.pop() {
            let Some(body) = body(def) else { continue };
            let text = program.text(def.file);
            let at = Place { file: def.file, span: def.item.span };
            files.insert(program.sources().real(at).file);
            let does = Does::of(&text, body);
            writes |= does.writes;
            registers |= does.registers;
            for name in body.idents.iter().filter(|name| seen.insert(**name)) {
                for known in [&self.by_name, &self.to_tokens] {
                    open.extend(known.get(name).into_iter().flatten());
                }
            }
        }
        match (writes, registers) {
            (true, true) => Some("may write and register"),
            (true, false) => Some("may write"),
            (false, true) => Some("may register"),
            (false, false) => None,
        }
    }
}

/// What the code may do that one body makes.
struct Does {
    writes: bool,
    registers: bool,
}

impl Does {
    fn of(text: &str, body: &Body) -> Self {
        let names = |all: &[&str]| {
            all.iter().any(|name| body.idents.binary_search(&ident_hash(name)).is_ok())
        };
        let quotes = QUOTES.iter().any(|name| body.macros.binary_search(&ident_hash(name)).is_ok());
        let spells = |is: fn(&str) -> bool| {
            body.paths.iter().any(|path| {
                let path = path.of(text).trim_start_matches(':').trim_start();
                is(path.split(':').next().unwrap_or_default().trim())
            })
        };
        let of_library =
            |name: &str| databases::is_database(name) || databases::is_unmodelled(name);
        let statement = body.flags.verbs && sql_words::may_write(text, body.span);
        Self {
            writes: statement || quotes && names(&WRITES) && spells(of_library),
            registers: quotes && names(&REGISTERS) && spells(frameworks::is_framework),
        }
    }
}

fn body(def: &Def) -> Option<&Body> {
    match &def.item.kind {
        ItemKind::Fn(item) => item.body.as_ref(),
        _ => None,
    }
}
