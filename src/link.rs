//! All files to one program whose names are resolved.
//!
//! [`Program::link`] walks each crate from its root through `mod`, expands the macros that stand for items, and
//! indexes impls. Names are resolved when asked, and remembered. A path that leaves the tree stays a path, as written.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::{
    discover::{TargetKind, Workspace},
    finding::{Gap, Where},
    source::{Expansion, FileId, Place, Sources, Span},
    syntax::tree::{Cfg, FileTree, Item, MacroCall, Name},
};

mod alternatives;
mod blocks;
pub mod cfg;
pub mod cfg_branches;
mod contract_names;
mod crates;
mod entries;
mod generated;
mod globs;
mod graph;
mod included;
mod macros;
mod memo;
mod methods;
mod modules;
mod named_modules;
mod names;
mod places;
mod published;
mod scope_names;
mod static_items;
mod std_names;
mod textual;
pub mod types;

use self::graph::Graph;
pub use methods::Head;
pub use names::Found;
pub use places::FunctionPlaces;
pub use scope_names::Globbed;
pub use std_names::is_primitive;
pub use types::{Bound, Ty, TypeEnv};

/// A definition of the tree, by its index in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DefId(pub u32);

/// A module, or the anonymous scope of a block with items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// A crate: one target of one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrateId(pub u32);

/// What a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefKind {
    /// Free function.
    Fn,
    /// Function of an impl or trait, with or without receiver.
    Method,
    /// Constant or static.
    Const,
    /// Associated constant.
    AssocConst,
    /// Struct or union.
    Struct,
    /// Enum.
    Enum,
    /// Trait.
    Trait,
    /// Type alias.
    TypeAlias,
    /// Associated type.
    AssocType,
    /// Impl block.
    Impl,
    /// `macro_rules!`.
    Macro,
}

/// One definition.
#[derive(Debug, Clone)]
pub struct Def {
    /// What it is.
    pub kind: DefKind,
    /// Last name.
    pub name: Name,
    /// Full path for people and contracts: `accubooks::gates::register`, `accubooks::app::Server::new`.
    pub path: Arc<str>,
    /// Its crate.
    pub krate: CrateId,
    /// The scope its names are resolved in.
    pub module: ModuleId,
    /// The impl, trait or enum it is part of.
    pub parent: Option<DefId>,
    /// The text it is in.
    pub file: FileId,
    /// Its tree.
    pub item: Arc<Item>,
    /// Its own condition and that of all that encloses it.
    pub cfg: Option<Cfg>,
}

/// What a name of a contract or a call means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// A definition of the tree.
    Item(DefId),
    /// A path outside the tree: `axum::routing::post`.
    External(Arc<str>),
}

/// What a path resolves to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// A definition.
    Def(DefId),
    /// An enum variant: the enum and the variant's position.
    Variant(DefId, u32),
    /// A module.
    Module(ModuleId),
    /// Something of a crate outside the tree, with the crate's real name first: `axum::routing::post`.
    External(Arc<str>),
    /// `str`, `u32`, `bool`, …
    Primitive(Name),
}

/// Which of Rust's namespaces a name is looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// Types, traits, modules, crates.
    Type,
    /// Functions, constants, tuple-struct constructors.
    Value,
    /// Macros.
    Macro,
}

/// A place for people: where a definition stands.
impl Def {
    /// Where its name stands.
    pub fn place(&self) -> Place {
        Place { file: self.file, span: self.item.name_span }
    }
}

/// One file as the syntax stage read it.
#[derive(Debug, Clone)]
pub struct ParsedFile {
    /// Relative to the scanned root.
    pub path: String,
    /// Its text.
    pub file: FileId,
    /// Its tree, or why there is none.
    pub tree: Result<FileTree, String>,
}

/// One `macro_rules!`, ready to expand: the bytes between a call's delimiters and the name that `$crate` becomes, to what
/// the call stands for.
pub type Expander = Rc<dyn Fn(&str, &str) -> Result<Expansion, String>>;

/// A crate that is known from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Library {
    /// As Rust code spells it.
    pub name: &'static str,
    /// Whether crates and modules of anyone may be called so too.
    pub is_word: bool,
}

/// What this stage asks of the syntax stage.
pub trait Reader {
    /// Reads a text as a file.
    fn read_tree(&self, text: &str) -> Result<FileTree, String>;
    /// Reads the items at `span` of a text, without looking at what stands around them.
    fn read_items(&self, text: &str, span: Span) -> Result<FileTree, String>;
    /// Reads the bytes between the delimiters of a `macro_rules!`.
    ///
    /// - `local`: the macros that it calls by name are those of its own crate.
    fn macro_rules(&self, rules: &str, local: bool) -> Result<Expander, String>;
    /// The text of a file that is no Rust.
    ///
    /// - `base`: the directory that the path starts from, relative to the scanned root.
    /// - `path`: as the code gives it.
    fn attachment(&self, _base: &str, _path: &str) -> Option<Arc<str>> {
        None
    }
    /// The text of one of [`Workspace::documents`].
    fn document(&self, _path: &str) -> Option<Arc<str>> {
        None
    }

    /// The crates that are known from outside: code that names one means it, whether or not a manifest says so.
    fn libraries(&self) -> Vec<Library> {
        Vec::new()
    }

    /// Whether some library has a macro of that name that stands for items.
    fn item_macros(&self, _name: &str) -> bool {
        false
    }

    /// The items that a macro outside the tree stands for, as Rust text.
    ///
    /// - `path`: the macro.
    /// - `tokens`: the text between the call's delimiters.
    fn item_macro(&self, _path: &str, _tokens: &str) -> Option<String> {
        None
    }

    /// Whether an attribute outside the tree makes an item of a function that everyone may name, private as it may be.
    fn publishes(&self, _attribute: &str) -> bool {
        false
    }

    /// Whether some library has a derive or attribute of that name that adds items.
    fn derives(&self, _name: &str) -> bool {
        false
    }

    /// The items that a derive or attribute outside the tree adds beside an item, as Rust text.
    ///
    /// - `path`: the derive or attribute.
    /// - `text`: the text that the item stands in.
    fn derived_items(&self, _path: &str, _item: &Item, _text: &str) -> Option<String> {
        None
    }
}

/// One crate: a target that is scanned.
#[derive(Debug, Clone)]
pub struct Crate {
    /// As Rust code spells it.
    pub name: Name,
    /// Its package, by index in [`Workspace::packages`].
    pub package: usize,
    /// What it is.
    pub kind: TargetKind,
    /// Edition.
    pub edition: u16,
    /// Root file, relative to the scanned root.
    pub root_file: String,
    /// The directory of its package, as [`crate::discover::Package::dir`].
    pub dir: String,
    /// Root module.
    pub root: ModuleId,
    /// Names of other crates: dependencies, its own library, `extern crate` renames.
    pub(crate) externs: FxHashMap<Name, names::CrateRef>,
    /// Crates whose macros are in scope everywhere (`#[macro_use] extern crate`).
    pub(crate) macro_use: Vec<names::CrateRef>,
}

/// A macro call in item position whose macro is not of the tree.
#[derive(Debug, Clone)]
pub struct ItemMacro {
    /// The module it stands in.
    pub module: ModuleId,
    /// The text it stands in.
    pub file: FileId,
    /// The call.
    pub call: MacroCall,
    /// Its condition, that of the module included.
    pub cfg: Option<Cfg>,
}

/// What linking left out or could not do.
#[derive(Debug, Clone, Default)]
pub struct LinkNotes {
    /// Files that no target reaches, sorted.
    pub orphans: Vec<String>,
    /// Items left out because they are compiled for tests only.
    pub test_items: usize,
    /// What could not be followed.
    pub gaps: Vec<Gap>,
    /// Files of scanned targets that have no tree, and why.
    pub unparsed: BTreeMap<String, (FileId, String)>,
    /// Items of scanned files that could not be parsed.
    pub skipped: BTreeMap<(FileId, Span), String>,
    /// Macro calls in item position whose macro is not of the tree.
    pub item_macros: Vec<ItemMacro>,
    /// Calls of `include!` in item position whose file is not of the tree.
    pub unread_includes: Vec<ItemMacro>,
}

/// All crates of the tree, linked.
pub struct Program {
    sources: RefCell<Sources>,
    reader: Rc<dyn Reader>,
    libraries: BTreeMap<&'static str, Library>,
    include_tests: bool,
    files: BTreeMap<String, ParsedFile>,
    reached: RefCell<BTreeSet<String>>,
    graph: RefCell<Graph>,
    index: RefCell<methods::Index>,
    memo: RefCell<memo::Memo>,
    /// How many types more the one may be made of that is being resolved.
    type_room: Cell<u32>,
    macros: RefCell<macros::MacroState>,
    notes: RefCell<LinkNotes>,
    undecided: alternatives::Undecided,
    contract_names: RefCell<BTreeMap<String, Vec<Target>>>,
    /// Files that are no Rust code.
    documents: Vec<String>,
}

impl Program {
    /// Links all targets of `workspace` that are scanned.
    ///
    /// - `files`: every file of the workspace, in any order.
    /// - `include_tests`: scan tests, benches and examples, and items under `cfg(test)`.
    pub fn link(
        workspace: &Workspace,
        files: Vec<ParsedFile>,
        sources: Sources,
        include_tests: bool,
        reader: Rc<dyn Reader>,
    ) -> Self {
        let libraries = reader.libraries().into_iter().map(|known| (known.name, known)).collect();
        let program = Self {
            sources: RefCell::new(sources),
            reader,
            libraries,
            include_tests,
            files: files.into_iter().map(|file| (file.path.clone(), file)).collect(),
            reached: RefCell::default(),
            graph: RefCell::default(),
            index: RefCell::default(),
            memo: RefCell::new(memo::Memo::new(ModuleId(u32::MAX))),
            type_room: Cell::default(),
            macros: RefCell::default(),
            notes: RefCell::default(),
            undecided: alternatives::Undecided::default(),
            contract_names: RefCell::default(),
            documents: workspace.documents.clone(),
        };
        program.open_crates(workspace);
        program.walk_crates();
        program.expand_deferred();
        program.note_orphans(workspace);
        program.set_linked();
        program.settle_globs();
        program.index_new_defs();
        program
    }

    /// The definition `id`.
    ///
    /// # Panics
    /// Never for an id this program gave out.
    pub fn def(&self, id: DefId) -> Rc<Def> {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        self.graph.borrow().defs[id.0 as usize].clone()
    }

    /// The texts of the tree's files with that extension that are no Rust code, by path.
    pub fn documents(&self, extension: &str) -> Vec<(String, Arc<str>)> {
        let wanted =
            |path: &&String| path.rsplit_once('.').is_some_and(|(_, written)| written == extension);
        let paths = self.documents.iter().filter(wanted);
        paths.filter_map(|path| Some((path.clone(), self.reader.document(path)?))).collect()
    }

    /// All definitions so far, in the order they were met.
    pub fn defs(&self) -> Vec<DefId> {
        self.defs_after(0)
    }

    /// The definitions that came after the first `known` ones: bodies that are entered bring more.
    pub fn defs_after(&self, known: usize) -> Vec<DefId> {
        let all = known..self.graph.borrow().defs.len();
        all.filter_map(|at| u32::try_from(at).ok()).map(DefId).collect()
    }

    /// All crates.
    pub fn crates(&self) -> Vec<CrateId> {
        (0..self.graph.borrow().crates.len())
            .filter_map(|at| u32::try_from(at).ok())
            .map(CrateId)
            .collect()
    }

    /// The crate `id`.
    pub fn krate(&self, id: CrateId) -> std::cell::Ref<'_, Crate> {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        std::cell::Ref::map(self.graph.borrow(), |graph| &graph.crates[id.0 as usize])
    }

    /// The crate that a scope belongs to.
    pub fn crate_of(&self, module: ModuleId) -> CrateId {
        self.graph.borrow().module(module).krate
    }

    /// The path of a module for people, and its own condition with that of all that encloses it.
    pub fn module_path(&self, module: ModuleId) -> (Arc<str>, Option<Cfg>) {
        let graph = self.graph.borrow();
        let module = graph.module(module);
        (Arc::clone(&module.path), module.cfg.clone())
    }

    /// The texts, those of expansions included.
    pub fn sources(&self) -> std::cell::Ref<'_, Sources> {
        self.sources.borrow()
    }

    /// Gives the texts back.
    pub fn into_sources(self) -> Sources {
        self.sources.into_inner()
    }

    /// The text of `file`.
    pub fn text(&self, file: FileId) -> Arc<str> {
        Arc::clone(self.sources.borrow().text(file))
    }

    /// The text of a file that code names, such as SQL that is included.
    ///
    /// - `base`: the directory that the path starts from, relative to the scanned root.
    /// - `path`: as the code gives it.
    pub fn attachment(&self, base: &str, path: &str) -> Option<Arc<str>> {
        self.reader.attachment(base, path)
    }

    /// What was left out or could not be done so far.
    pub fn notes(&self) -> std::cell::Ref<'_, LinkNotes> {
        self.notes.borrow()
    }

    /// The trees of the files that scanned targets reach, by path.
    pub fn reached_files(&self) -> Vec<(String, FileId)> {
        let reached = self.reached.borrow();
        reached
            .iter()
            .filter_map(|path| self.files.get(path).map(|file| (path.clone(), file.file)))
            .collect()
    }

    /// Notes what could not be told at `place`.
    fn gap(&self, place: Place, reason: impl Into<String>) {
        let gap = Gap { at: Where::Source(place), reason: reason.into() };
        let mut notes = self.notes.borrow_mut();
        if !notes.gaps.contains(&gap) {
            notes.gaps.push(gap);
        }
    }
}

/// The next index of a list.
fn next(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A list of items.
type Items = [Arc<Item>];
