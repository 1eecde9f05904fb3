//! What type parameters stand for in the code being evaluated: asked for with every type that is written there.

use std::rc::Rc;

use super::{Evaluator, value::FnValue};
use crate::{
    link::{DefId, types::TypeEnv},
    syntax::tree::FnItem,
};

impl Evaluator<'_> {
    /// What the parameters in scope stand for.
    pub(super) fn env(&self) -> &Rc<TypeEnv> {
        self.scope.env.get_or_init(|| self.env_of_scope())
    }

    fn env_of_scope(&self) -> Rc<TypeEnv> {
        let declared = self.scope.owner.map(|owner| self.declared_env(owner)).unwrap_or_default();
        if self.scope.generics.is_empty() && self.scope.self_ty.is_none() {
            return declared;
        }
        let mut env = Rc::unwrap_or_clone(declared);
        for (name, ty) in self.scope.generics.iter() {
            env = env.with(name.clone(), ty.clone());
        }
        if self.scope.self_ty.is_some() {
            env.self_ty.clone_from(&self.scope.self_ty);
        }
        Rc::new(env)
    }

    /// The type parameters in scope in a definition, each for itself.
    pub(super) fn declared_env(&self, id: DefId) -> Rc<TypeEnv> {
        if let Some(known) = self.envs.borrow().get(&id) {
            return Rc::clone(known);
        }
        let env = Rc::new(self.program.type_env(id));
        self.envs.borrow_mut().insert(id, Rc::clone(&env));
        env
    }

    /// The type parameters in scope in a function, as a path to it gives them.
    pub(super) fn given_env(&self, function: &FnValue, item: &FnItem) -> Rc<TypeEnv> {
        let declared = self.declared_env(function.def);
        if function.generics.is_empty() {
            return declared;
        }
        let mut env = Rc::unwrap_or_clone(declared);
        for (param, ty) in item.generics.params.iter().zip(&function.generics) {
            env = env.with(param.name.clone(), ty.clone());
        }
        Rc::new(env)
    }
}
