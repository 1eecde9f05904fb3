//! Functions of which nothing came, and what may be written in their place without anything coming of it.
//!
//! A function is *quiet* if it is not relevant and was not entered: of its body a run reads what decides that, names and
//! paths, and never what stands between them. So a body that names no more than it did, and an item by a name that stands
//! nowhere in the tree, change nothing. Where it is not plain that they do not, the answer is that they may.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::{
    Relevance,
    mentions::{is_known, is_of_library},
    names::free_names,
};
use crate::{
    discover::TargetKind,
    link::{Def, DefId, Program, is_primitive},
    source::{FileId, Span},
    syntax::tree::{Body, Field, Generics, Item, ItemKind, Param, TypeRef, Variant, ident_hash},
};

/// Names that mean something whoever has them.
const SPECIAL: [&str; 5] = ["main", "into", "try_into", "parse", "collect"];

/// Words of the language that name nothing and declare nothing.
const KEYWORDS: [&str; 19] = [
    "as", "async", "await", "break", "continue", "else", "false", "for", "if", "in", "let", "loop",
    "match", "move", "mut", "ref", "return", "true", "while",
];

/// The crates outside the tree that no manifest names.
const STANDARD: [&str; 3] = ["std", "core", "alloc"];

/// The quiet functions of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Quiet {
    /// The files of which anything is known.
    files: BTreeMap<FileId, QuietFile>,
    /// Hashes of the words in the tree, comments included, sorted; those that mean something by themselves too.
    words: Vec<u32>,
    /// Of these, hashes of the names of definitions, imports and crates, sorted.
    names: Vec<u32>,
    /// Of these, hashes of the names of which it counts where they stand, sorted.
    counted: Vec<u32>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct QuietFile {
    bodies: Vec<QuietBody>,
    /// Modules outside the tree of which globs bring in the names, and crates of which all macros come.
    globs: Vec<String>,
    /// Whether it says what code elsewhere is: a procedural macro's.
    is_quoted: bool,
}

/// The body of a quiet function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuietBody {
    /// Its first byte.
    pub start: u32,
    /// As [`Body::idents`].
    idents: Box<[u32]>,
    /// Hashes of the paths of several segments in it as they are written, sorted.
    paths: Box<[u64]>,
    has_macros: bool,
}

impl Quiet {
    /// What is quiet after a run.
    ///
    /// - `read`: functions that were entered, or whose bodies were looked into.
    pub(in crate::evaluate) fn new(
        program: &Program,
        relevance: &Relevance,
        read: impl Fn(&DefId) -> bool,
    ) -> Self {
        let mut all = Self { names: relevance.names.clone(), ..Self::default() };
        let mut modules = BTreeSet::new();
        // The same text may stand for several functions: one that a target has, and another.
        let mut bodies: BTreeMap<(FileId, u32), Option<QuietBody>> = BTreeMap::new();
        for id in program.defs() {
            let def = program.def(id);
            let is_relevant = relevance.of(id);
            if is_relevant || matches!(def.item.kind, ItemKind::MacroRules(_)) {
                all.counted.push(ident_hash(&def.name));
            }
            if program.krate(def.krate).kind == TargetKind::ProcMacro {
                all.files.entry(def.file).or_default().is_quoted = true;
                continue;
            }
            if modules.insert((def.file, def.module)) {
                let globs = program.outside_globs(def.module);
                let file = all.files.entry(def.file).or_default();
                file.globs.extend(globs.iter().map(ToString::to_string));
            }
            let Some((at, body)) = Self::body(program, &def) else { continue };
            let is_read = is_relevant || read(&id) || relevance.crowded.contains(&id);
            let body = body.filter(|_| !is_read);
            let known = bodies.entry((def.file, at)).or_insert_with(|| body.clone());
            if body.is_none() {
                *known = None;
            }
        }
        for ((file, _), body) in bodies {
            all.files.entry(file).or_default().bodies.extend(body);
        }
        for file in all.files.values_mut() {
            if file.is_quoted {
                file.bodies.clear();
            }
            file.globs.sort_unstable();
            file.globs.dedup();
        }
        all.counted.sort_unstable();
        all.counted.dedup();
        all
    }

    /// The first byte of a function's body, and the body if one like it can be quiet.
    fn body(program: &Program, def: &Def) -> Option<(u32, Option<QuietBody>)> {
        let ItemKind::Fn(item) = &def.item.kind else { return None };
        let body = item.body.as_ref()?;
        let text = program.text(def.file);
        Some((body.span.start, QuietBody::new(&text, body)))
    }

    /// Notes the words of the tree: of its files, and of what else the run depends on.
    pub fn read_words<'t>(&mut self, texts: impl ParallelIterator<Item = &'t str>) {
        let words = texts.fold(FxHashSet::default, |mut words, text| {
            let all = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            words.extend(all.filter(|word| !word.is_empty()).map(ident_hash));
            words
        });
        let words = words.reduce(FxHashSet::default, |mut one, mut other| {
            if one.len() < other.len() {
                std::mem::swap(&mut one, &mut other);
            }
            one.extend(other);
            one
        });
        let special = SPECIAL.iter().map(|word| ident_hash(word));
        self.words = words.into_iter().chain(special).chain(self.names.iter().copied()).collect();
        self.words.sort_unstable();
        self.words.dedup();
    }

    /// The quiet bodies of a file, in order.
    pub fn bodies(&self, file: FileId) -> &[QuietBody] {
        self.files.get(&file).map_or(&[], |file| &file.bodies)
    }

    /// Forgets those of a file for which `keep` does not hold.
    pub fn retain(&mut self, file: FileId, keep: impl FnMut(&QuietBody) -> bool) {
        if let Some(file) = self.files.get_mut(&file) {
            file.bodies.retain(keep);
        }
    }

    /// Whether nothing comes of a body either that was written in the place of a quiet one.
    ///
    /// - `before`: one of [`Quiet::bodies`] of the file.
    /// - `text`: that of the file now, `body` a body in it.
    pub fn is_still(&self, file: FileId, before: &QuietBody, text: &str, body: &Body) -> bool {
        let Some(now) = QuietBody::new(text, body) else { return false };
        let is_named = |name: &u32| before.idents.binary_search(name).is_ok();
        let says_nothing = |name: &u32| KEYWORDS.iter().any(|word| ident_hash(word) == *name);
        let mut more = now.idents.iter().filter(|name| !is_named(name));
        let is_left = |name: &u32| now.idents.binary_search(name).is_ok();
        let mut fewer = before.idents.iter().filter(|name| !is_left(name));
        let mut paths = now.paths.iter();
        (before.has_macros || !now.has_macros)
            && more.all(|name| match self.words.binary_search(name) {
                Ok(_) => says_nothing(name) && self.names.binary_search(name).is_err(),
                Err(_) => true,
            })
            && fewer.all(|name| self.counted.binary_search(name).is_err())
            && paths.all(|path| before.paths.binary_search(path).is_ok())
            && !self.brings(file, text, body.span)
    }

    /// Whether nothing comes of an item that was put into a file: a function, constant or type that nothing names and that
    /// names nothing.
    ///
    /// - `item`: one of the outermost of `text`.
    pub fn is_mute(&self, file: FileId, text: &str, item: &Item) -> bool {
        let Some(known) = self.files.get(&file).filter(|file| !file.is_quoted) else {
            return false;
        };
        let Some((types, body)) = parts(item) else { return false };
        let no_body = Span::new(item.span.end, item.span.end);
        let whole = Body::read(text, item.span);
        let signature = Span::new(item.span.start, body.map_or(no_body, |body| body.span).start);
        // Of a type that is not found a glob of another module may be the origin.
        let is_found = body.is_none()
            || types.iter().all(|ty| is_plain(ty))
            || !known.globs.iter().any(|glob| is_of_library(glob));
        let is_standard = |path: &Span| {
            let written = path.of(text);
            let first = written.split("::").next().unwrap_or_default().trim_end();
            !written.contains("::") || STANDARD.contains(&first)
        };
        let mut paths = body.iter().flat_map(|body| &body.paths);
        let mut names = whole.idents.iter();
        self.words.binary_search(&ident_hash(&item.name)).is_err()
            && item.name.is_ascii()
            && is_found
            && body.is_none_or(|body| !body.flags.items && !body.flags.verbs)
            && !signature.of(text).contains("::")
            && paths.all(is_standard)
            && names.all(|name| self.names.binary_search(name).is_err())
            && !self.brings(file, text, item.span)
    }

    /// Whether a single name in a range may be one that a glob brings from a library.
    fn brings(&self, file: FileId, text: &str, range: Span) -> bool {
        let globs = self.files.get(&file).map_or(&[][..], |file| &file.globs);
        globs
            .iter()
            .any(|glob| free_names(text, range).any(|name| is_known(&format!("{glob}::{name}"))))
    }
}

impl QuietBody {
    /// What is to be known of a body; `None` where one like it cannot be quiet.
    fn new(text: &str, body: &Body) -> Option<Self> {
        let paths = body.paths.iter().map(|path| path.of(text)).filter(|path| path.contains("::"));
        let mut paths: Vec<u64> = paths.map(path_hash).collect();
        paths.sort_unstable();
        let quiet = Self {
            start: body.span.start,
            idents: body.idents.clone(),
            paths: paths.into(),
            has_macros: !body.macros.is_empty() || body.flags.given_macros,
        };
        (!body.flags.items && !body.flags.verbs).then_some(quiet)
    }
}

/// The types that an item names, and its body or value, if it is of a kind that can be mute.
fn parts(item: &Item) -> Option<(Vec<&TypeRef>, Option<&Body>)> {
    if !item.attrs.is_empty() || item.cfg.is_some() {
        return None;
    }
    let is_bare = |all: &Generics| all.params.is_empty() && all.wheres.is_empty();
    let is_unmarked = |field: &Field| field.attrs.is_empty();
    match &item.kind {
        ItemKind::Fn(function) if is_bare(&function.generics) && function.receiver.is_none() => {
            let is_marked = |param: &Param| !param.attrs.is_empty();
            let typed = function.params.iter().map(|param| param.ty.as_ref());
            let types = typed.chain([function.ret.as_ref()]).flatten().collect();
            let is_any_marked = function.params.iter().any(is_marked);
            function.body.as_ref().filter(|_| !is_any_marked).map(|body| (types, Some(body)))
        }
        ItemKind::Const { ty, value, .. } => Some((vec![ty], Some(value.as_deref()?))),
        ItemKind::Struct { generics, fields, .. } if is_bare(generics) => {
            let types = fields.iter().map(|field| &field.ty).collect();
            fields.iter().all(is_unmarked).then_some((types, None))
        }
        ItemKind::Enum { generics, variants } if is_bare(generics) => {
            let is_plain =
                |one: &Variant| one.attrs.is_empty() && one.fields.iter().all(is_unmarked);
            let fields = variants.iter().flat_map(|variant| &variant.fields);
            let types = fields.map(|field| &field.ty).collect();
            variants.iter().all(is_plain).then_some((types, None))
        }
        _ => None,
    }
}

/// Whether a type is made of those of the language and `String`, which mean the same wherever they stand.
fn is_plain(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Path(path) => match path.segments.as_slice() {
            [only] => {
                let known = is_primitive(&only.name) || only.name == "String";
                known && path.qself.is_none() && only.args.is_empty()
            }
            _ => false,
        },
        TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) | TypeRef::Slice(inner) => is_plain(inner),
        TypeRef::Tuple(parts) => parts.iter().all(is_plain),
        TypeRef::Never => true,
        _ => false,
    }
}

/// The first bytes of a BLAKE3 hash.
fn path_hash(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    hash.as_bytes().iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))
}
