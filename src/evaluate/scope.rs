//! What is being evaluated: where its names are resolved, and what it holds.

use std::{cell::OnceCell, rc::Rc};

use super::{
    effect::Guards,
    value::{Cell, Value},
};
use crate::{
    link::{DefId, ModuleId, TypeEnv, types::Ty},
    source::FileId,
    syntax::tree::Name,
};

/// A function, closure or constant being evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) module: ModuleId,
    pub(crate) file: FileId,
    pub(crate) owner: Option<DefId>,
    pub(crate) self_ty: Option<Ty>,
    pub(crate) generics: Rc<Vec<(Name, Ty)>>,
    pub(crate) locals: Vec<(Name, Cell)>,
    /// Names of locals of which one at least is declared `mut`.
    pub(super) mutable: Rc<Vec<Name>>,
    pub(crate) returns: Vec<(Guards, Value)>,
    pub(crate) breaks: Vec<(Guards, Value)>,
    /// Whether a `?` may have ended it early.
    pub(crate) fails: bool,
    /// Whether something it was given can be written to and is seen after it.
    pub(crate) lends: bool,
    /// How many ways out there were before it.
    pub(crate) exits: usize,
    /// What the type parameters in scope stand for, once it was asked for.
    pub(super) env: OnceCell<Rc<TypeEnv>>,
}

impl Scope {
    /// A name is bound that is declared `mut`.
    pub(super) fn is_mutable(&mut self, name: &Name) {
        if !self.mutable.contains(name) {
            Rc::make_mut(&mut self.mutable).push(name.clone());
        }
    }

    /// Around everything.
    pub(super) fn outermost() -> Self {
        Self {
            module: ModuleId(0),
            file: FileId(0),
            owner: None,
            self_ty: None,
            generics: Rc::default(),
            locals: Vec::new(),
            mutable: Rc::default(),
            returns: Vec::new(),
            breaks: Vec::new(),
            fails: false,
            lends: false,
            exits: 0,
            env: OnceCell::new(),
        }
    }
}
