//! Types that mean one thing or another by an option: aliases that are declared twice, names imported twice.

use super::{Evaluator, effect::Guards, value::Value};
use crate::{
    link::{
        ModuleId,
        types::{Ty, TypeEnv},
    },
    syntax::tree::TypeRef,
};

impl Evaluator<'_> {
    /// What `resolve` makes of types, in each way that the options leave open.
    pub(super) fn each_meaning<T: PartialEq>(
        &mut self,
        resolve: &mut dyn FnMut(&mut Self) -> T,
    ) -> Vec<(Guards, T)> {
        self.program.take_undecided();
        let one = resolve(self);
        let Some(cfg) = self.program.take_undecided() else {
            return vec![(self.guards.clone(), one)];
        };
        let outside = self.guards.clone();
        let mut all: Vec<(Guards, T)> = Vec::new();
        for holds in [true, false] {
            let guards = self.cfg_guards(&cfg, holds).and_then(|more| outside.and(&more));
            let Some(guards) = guards else { continue };
            self.guards = guards;
            let program = self.program;
            all.extend(program.deciding(&cfg, holds, || self.each_meaning(resolve)));
        }
        self.guards = outside;
        if all.iter().all(|(_, other)| *other == one) {
            return vec![(self.guards.clone(), one)];
        }
        all
    }

    /// `value`, known to be of one of these types.
    pub(super) fn with_types(&mut self, value: &Value, types: Vec<(Guards, Ty)>) -> Value {
        let mut all = Vec::new();
        for (guards, ty) in types {
            let typed = self.with_type(value.clone(), &ty);
            all.push((guards, typed));
        }
        self.join(all)
    }

    /// The type that is written, unless the options leave open which it is.
    pub(super) fn type_if_one(&self, module: ModuleId, written: &TypeRef, env: &TypeEnv) -> Ty {
        self.program.take_undecided();
        let ty = self.program.resolve_type(module, written, env);
        if self.program.take_undecided().is_some() { Ty::Unknown } else { ty }
    }
}
