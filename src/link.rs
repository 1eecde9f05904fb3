//! All files to one program whose names are resolved.

use std::sync::Arc;

use crate::{
    source::{FileId, Place},
    syntax::tree::{Cfg, Item, Name},
};

/// A definition of the tree, by its index in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
