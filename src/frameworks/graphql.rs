//! async-graphql 4 to 7 and juniper 0.15 to 0.17: the mutations of a schema are parts of the route that executes it.
//!
//! A schema is found by its type, which names the object of its mutations; a handler executes it when it is given it
//! and asks it to (`execute`), or takes a request of GraphQL. A field's name is the method's in camel case unless an
//! attribute says otherwise, and its guards stand before it. An object that holds nothing is a place for more
//! mutations, named as `payments.create`; fields of any other object that a field returns are not listed.

mod executes;
mod field;
mod schema;

use std::rc::Rc;

use self::schema::{Object, Schemas};
use super::{Framework, Part};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, types::Ty},
    source::Place,
    syntax::tree::Expr,
};

/// The model of one library.
#[derive(Debug)]
pub struct GraphQl {
    name: &'static str,
    crates: &'static [&'static str],
    kind: RouterKind,
    /// The type whose second argument is the object of mutations.
    schema: &'static str,
    /// Functions that make one.
    makers: &'static [&'static str],
    /// The attribute on an impl of an object.
    object: &'static str,
}

/// async-graphql.
pub const ASYNC_GRAPHQL: GraphQl = GraphQl {
    name: "async-graphql",
    crates: &["async_graphql"],
    kind: "async_graphql::mutation",
    schema: "Schema",
    makers: &["build", "new", "build_with_ignore_name_conflicts"],
    object: "Object",
};

/// juniper.
pub const JUNIPER: GraphQl = GraphQl {
    name: "juniper",
    crates: &["juniper"],
    kind: "juniper::mutation",
    schema: "RootNode",
    makers: &["new", "new_with_info"],
    object: "graphql_object",
};

/// Types within types that are looked into for a schema.
const DEPTH: u32 = 5;

impl GraphQl {
    fn owns(&self, path: &str) -> bool {
        path.split(':').next().is_some_and(|first| self.crates.contains(&first))
    }

    fn is_schema(&self, path: &str) -> bool {
        self.owns(path) && path.rsplit(':').next() == Some(self.schema)
    }

    /// What a schema whose mutations are of type `ty` has of them, if that is known.
    fn object_of(&self, ty: &Ty) -> Option<Object> {
        let is_none = |path: &str| self.owns(path) && path.ends_with("::EmptyMutation");
        match ty {
            Ty::Def(def, _) => Some(Some(*def)),
            Ty::External(path, _) => is_none(path).then_some(None),
            Ty::AnyOf(paths, _) => paths.iter().any(|path| is_none(path)).then_some(None),
            _ => None,
        }
    }

    /// The objects of mutations of the schemas in a value.
    fn in_value(
        &self,
        evaluator: &Evaluator<'_>,
        schemas: &Schemas,
        value: &Value,
        depth: u32,
        into: &mut Vec<Object>,
    ) {
        if depth > DEPTH * 4 {
            return;
        }
        match value.bare() {
            Value::Term(term) => {
                let maker = term.path.rsplit_once("::").is_some_and(|(owner, name)| {
                    self.makers.contains(&name) && self.is_schema(owner)
                });
                if maker
                    && let Some(given) = term.args.as_ref().and_then(|args| args.get(1))
                    && let Some(object) = self.object_of(&evaluator.type_of(&given.bare()))
                {
                    into.push(object);
                }
                for ty in &term.generics {
                    schemas.in_type(self, evaluator, ty, 0, into);
                }
                for arg in term.args.iter().flatten() {
                    self.in_value(evaluator, schemas, arg, depth + 1, into);
                }
            }
            Value::Unknown(ty) => schemas.in_type(self, evaluator, &ty, 0, into),
            Value::Object(object) => {
                for (_, held) in &object.fields {
                    self.in_value(evaluator, schemas, &held.borrow().clone(), depth + 1, into);
                }
            }
            _ => {}
        }
    }

    fn schemas(&self, evaluator: &mut Evaluator<'_>) -> Rc<Schemas> {
        evaluator.read_once(self.name, |_| Schemas::default())
    }

    /// The objects of mutations that a handler executes.
    fn executed(&self, evaluator: &mut Evaluator<'_>, handler: &Value) -> Vec<DefId> {
        let mut found: Vec<Object> = Vec::new();
        match handler.bare() {
            Value::Fn(function) => {
                let itself = self.executes(evaluator, function.def);
                if !itself && !self.executes_through(evaluator, function.def) {
                    return Vec::new();
                }
                let schemas = self.schemas(evaluator);
                for ty in evaluator.parameter_types(&function) {
                    schemas.in_type(self, evaluator, &ty, 0, &mut found);
                }
                if found.is_empty() {
                    schemas.in_body(self, evaluator, function.def, &mut found);
                }
                if found.is_empty() && self.takes_request(evaluator, function.def) {
                    // A schema from a place that is not followed: the only one there is. What is not made yet may
                    // be made by what is listed later, so that what is declared counts too.
                    let mut known = self.schemas(evaluator).declared(self, evaluator);
                    known.extend(evaluator.noted(self.name));
                    known.sort();
                    known.dedup();
                    if let [only] = *known {
                        found.push(Some(only));
                    }
                }
            }
            Value::Term(term) if term.path.to_ascii_lowercase().contains("graphql") => {
                let schemas = self.schemas(evaluator);
                self.in_value(evaluator, &schemas, &Value::Term(term), 0, &mut found);
            }
            _ => {}
        }
        let mut objects: Vec<DefId> = found.into_iter().flatten().collect();
        objects.sort();
        objects.dedup();
        objects
    }

    fn parts_of(&self, evaluator: &mut Evaluator<'_>, object: DefId) -> Vec<Part> {
        let fields = self.fields(evaluator, object, 0);
        let parts = fields.into_iter().map(|field| {
            let self_ty = Some(Ty::Def(field.object, Vec::new()));
            let handler =
                Value::Fn(Rc::new(FnValue { def: field.method, self_ty, generics: Vec::new() }));
            Part { path: Text::known(&format!("#{}", field.name)), handler, layers: field.guards }
        });
        parts.collect()
    }

    fn maker(&self, path: &str) -> bool {
        path.rsplit_once("::")
            .is_some_and(|(owner, name)| self.makers.contains(&name) && self.is_schema(owner))
    }
}

impl Framework for GraphQl {
    fn name(&self) -> &'static str {
        self.name
    }

    fn crates(&self) -> &'static [&'static str] {
        self.crates
    }

    fn knows(&self, path: &str) -> bool {
        self.owns(path)
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == self.kind).then_some(self.kind)
    }

    fn parts(&self, evaluator: &mut Evaluator<'_>, handler: &Value) -> Vec<Part> {
        let mut all = Vec::new();
        for object in self.executed(evaluator, handler) {
            evaluator.note(self.kind, object);
            all.extend(self.parts_of(evaluator, object));
        }
        all
    }

    fn left(&self, evaluator: &mut Evaluator<'_>) -> Vec<Handle> {
        let mounted = evaluator.noted(self.kind);
        let mut all = Vec::new();
        for object in evaluator.noted(self.name) {
            if mounted.contains(&object) {
                continue;
            }
            for part in self.parts_of(evaluator, object) {
                let Value::Fn(function) = &part.handler else { continue };
                let at = evaluator.program.def(function.def).place();
                let methods = Methods::These(vec!["POST"]);
                let op = Op::Handler { methods, handler: part.handler, catch_all: false };
                let inner = evaluator.chain(self.kind, None, op, at).node;
                let path = Text::hole().then(&part.path);
                let op = Op::At { path, inner, mount: Mount::Route };
                let mut made = evaluator.chain(self.kind, None, op, at);
                for layer in part.layers {
                    let op = Op::Layer { layer, covers: Covers::Before };
                    made = evaluator.chain(self.kind, Some(&made), op, at);
                }
                all.push(made);
            }
        }
        all
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        _at: Place,
    ) -> Option<Value> {
        if self.maker(&term.path)
            && let Ty::Def(object, _) = evaluator.type_of(&args.get(1)?.bare())
        {
            evaluator.note(self.name, object);
        }
        None
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        self.joined(evaluator, value, method)
    }

    fn macro_call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _path: &str,
        _args: &[Expr],
        _at: Place,
    ) -> Option<Value> {
        None
    }
}
