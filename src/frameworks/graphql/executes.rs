//! Which functions ask a schema for an answer.

use std::{cell::RefCell, rc::Rc};

use rustc_hash::FxHashMap;

use super::{DEPTH, GraphQl};
use crate::{
    evaluate::{Evaluator, value::FnValue},
    link::{DefId, DefKind, ModuleId, types::Ty},
    syntax::tree::{ItemKind, ident_hash},
};

/// Methods that ask a schema for an answer.
const ASKING: [&str; 3] = ["execute", "execute_batch", "execute_sync"];

/// What was found out so far of the functions of the tree.
#[derive(Default)]
pub(super) struct Executors {
    functions: RefCell<Functions>,
    /// Those that were looked at, with whether they are given a request.
    requests: RefCell<FxHashMap<DefId, bool>>,
    /// Types of the tree that were looked into, by how deep, with whether they hold one.
    holders: RefCell<FxHashMap<(DefId, u32), bool>>,
}

/// Functions by the module they stand in and the hash of their name.
#[derive(Default)]
struct Functions {
    /// How many definitions of the tree were read: bodies that are entered may bring more.
    read: usize,
    beside: FxHashMap<(ModuleId, u32), Vec<DefId>>,
}

impl GraphQl {
    /// Whether a function asks a schema for an answer.
    pub(super) fn executes(&self, evaluator: &mut Evaluator<'_>, function: DefId) -> bool {
        let def = evaluator.look_into(function);
        let ItemKind::Fn(item) = &def.item.kind else { return false };
        let asks = |name: &str| {
            let hash = ident_hash(name);
            item.body.as_ref().is_some_and(|body| body.idents.binary_search(&hash).is_ok())
        };
        ASKING.into_iter().any(asks) || self.takes_request(evaluator, function)
    }

    /// Whether a function is given a request of GraphQL.
    pub(super) fn takes_request(&self, evaluator: &mut Evaluator<'_>, function: DefId) -> bool {
        let executors = self.executors(evaluator);
        let known = executors.requests.borrow().get(&function).copied();
        known.unwrap_or_else(|| {
            let called = FnValue { def: function, self_ty: None, generics: Vec::new() };
            let types = evaluator.parameter_types(&called);
            let takes = types.iter().any(|ty| self.holds_request(evaluator, &executors, ty, 0));
            executors.requests.borrow_mut().insert(function, takes);
            takes
        })
    }

    /// Whether a type is that of a request, or has one in it: an extractor of the tree may be made of one.
    fn holds_request(
        &self,
        evaluator: &Evaluator<'_>,
        executors: &Executors,
        ty: &Ty,
        depth: u32,
    ) -> bool {
        if depth > DEPTH {
            return false;
        }
        let holds = |ty: &Ty| self.holds_request(evaluator, executors, ty, depth + 1);
        match ty {
            Ty::External(path, args) => self.is_request(path) || args.iter().any(holds),
            Ty::AnyOf(paths, args) => {
                paths.iter().any(|path| self.is_request(path)) || args.iter().any(holds)
            }
            Ty::Tuple(parts) => parts.iter().any(holds),
            Ty::Slice(inner) => holds(inner),
            Ty::Def(def, _) => {
                let known = executors.holders.borrow().get(&(*def, depth)).copied();
                known.unwrap_or_else(|| {
                    let fields = evaluator.fields(*def);
                    let mut fields = fields.iter().flat_map(|fields| fields.iter());
                    let found = fields.any(|(_, field)| holds(field));
                    executors.holders.borrow_mut().insert((*def, depth), found);
                    found
                })
            }
            _ => false,
        }
    }

    /// `async_graphql::Request`, `async_graphql_axum::GraphQLRequest`, `juniper_axum::extract::JuniperRequest`, …: of the
    /// library, or of one of the crates that join it to a web framework.
    fn is_request(&self, path: &str) -> bool {
        let Some((krate, rest)) = path.split_once("::") else { return false };
        let joins = |own: &str| krate.strip_prefix(own).is_some_and(|more| more.starts_with('_'));
        let last = rest.rsplit(':').next().unwrap_or(rest);
        let is_own = self.crates.contains(&krate);
        match last {
            "GraphQLRequest" | "GraphQLBatchRequest" | "JuniperRequest" => {
                is_own || self.crates.iter().any(|own| joins(own))
            }
            "Request" | "BatchRequest" => is_own,
            _ => false,
        }
    }

    /// Whether a function hands a schema to one beside it that asks it for an answer.
    pub(super) fn executes_through(&self, evaluator: &mut Evaluator<'_>, function: DefId) -> bool {
        let all = evaluator.noted(self.name);
        if all.is_empty() {
            return false;
        }
        let def = evaluator.look_into(function);
        let ItemKind::Fn(item) = &def.item.kind else { return false };
        let Some(body) = &item.body else { return false };
        let mut named = Vec::new();
        self.schemas(evaluator).in_body(self, evaluator, function, &mut named);
        if named.is_empty() {
            return false;
        }
        let executors = self.executors(evaluator);
        executors.functions.borrow_mut().read_new(evaluator);
        body.idents.iter().any(|name| {
            let functions = executors.functions.borrow();
            let beside = functions.beside.get(&(def.module, *name));
            beside.into_iter().flatten().any(|id| *id != function && self.executes(evaluator, *id))
        })
    }

    fn executors(&self, evaluator: &mut Evaluator<'_>) -> Rc<Executors> {
        // Beside what is kept of schemas, under a name of its own.
        evaluator.read_once(self.kind, |_| Executors::default())
    }
}

impl Functions {
    fn read_new(&mut self, evaluator: &Evaluator<'_>) {
        for id in evaluator.program.defs_after(self.read) {
            self.read += 1;
            let def = evaluator.program.def(id);
            if def.kind == DefKind::Fn {
                let key = (def.module, ident_hash(&def.name));
                self.beside.entry(key).or_default().push(id);
            }
        }
    }
}
