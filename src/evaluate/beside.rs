//! What else than its handler runs when a route is asked for: the methods by which code outside the tree runs a service
//! or a layer of the tree, the functions that it is given, what makes the parameters of a handler and turns its answer
//! into a response.
//!
//! None of these is called by name anywhere. A value that answers or wraps is run through the traits of its library, so
//! every method of such a trait that takes the value counts; a parameter is made out of the request, so every function
//! of such a trait that takes none does. What such an impl names as its associated types is made by it and run too: the
//! service that a layer makes, the rejection of an extractor.

use rustc_hash::FxHashSet;
use thin_vec::ThinVec;

use super::{
    Evaluator,
    effect::{Beside, Callable},
    types::pointee,
    value::{Closure, FnValue, Value},
};
use crate::{
    link::{
        DefId, DefKind, Head, ModuleId, Namespace, Resolution, Target,
        types::{Ty, TypeEnv},
    },
    source::Place,
    syntax::tree::{Attr, ItemKind, Path, PathSegment, TypeRef},
};

/// Values and types within each other that are followed.
const MOST_DEEP: u32 = 16;
/// Values that one layer or handler is made of.
const MOST_VALUES: usize = 1_000;

/// How code outside the tree runs a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    /// It has a value, which answers or wraps.
    Runs,
    /// It makes a value out of a request.
    Made,
    /// It makes a response out of a value.
    Answer,
}

/// All that was found so far.
struct Found {
    all: Vec<Beside>,
    runs: FxHashSet<Callable>,
    types: FxHashSet<(DefId, Role)>,
    /// Parts may be shared many times over.
    values: FxHashSet<*const ()>,
    at: Place,
}

impl Found {
    fn add(&mut self, runs: Callable, of: Option<&Target>) {
        if self.runs.insert(runs) {
            self.all.push(Beside { runs, of: of.cloned(), at: self.at });
        }
    }
}

impl Evaluator<'_> {
    /// What runs when a request comes through `value`: a handler, a service, a layer, or what such a thing is made of.
    pub(super) fn runs_with(&self, value: &Value, at: Place) -> Vec<Beside> {
        let (runs, types) = (FxHashSet::default(), FxHashSet::default());
        let values = FxHashSet::default();
        let mut found = Found { all: Vec::new(), runs, types, values, at: self.real(at) };
        self.run_value(value, None, MOST_DEEP, &mut found);
        found.all
    }

    /// - `of`: what names it, where that is known already: the layer that a service is made by.
    fn run_value(&self, value: &Value, of: Option<&Target>, left: u32, found: &mut Found) {
        let Some(left) = left.checked_sub(1) else { return };
        let is_new = value.address().is_none_or(|at| found.values.insert(at));
        if !is_new || found.values.len() > MOST_VALUES {
            return;
        }
        match value {
            Value::Fn(called) => self.run_function(called, of, left, found),
            Value::Closure(closure) => self.run_closure(closure, of, left, found),
            Value::Object(object) => {
                let own = Target::Item(object.def);
                self.run_type(object.def, Role::Runs, of.or(Some(&own)), left, found);
                for (_, field) in &object.fields {
                    self.run_value(&field.borrow(), of.or(Some(&own)), left, found);
                }
            }
            Value::Unknown(ty) => {
                if let Ty::Def(def, _) = pointee(ty) {
                    let own = Target::Item(*def);
                    self.run_type(*def, Role::Runs, of.or(Some(&own)), left, found);
                }
            }
            Value::Term(term) if !carries(&term.path) && !is_once(last_name(&term.path)) => {
                for ty in &term.generics {
                    self.make_type(ty, left, found);
                }
                let args = term.args.as_deref().unwrap_or_default();
                // `from_fn_with_state(state, f)`: the state is only handed on.
                let state = usize::from(term.path.ends_with("_with_state") && args.len() > 1);
                for arg in args.iter().skip(state) {
                    self.run_value(arg, of, left, found);
                }
            }
            Value::Tuple(parts) => {
                parts.iter().for_each(|part| self.run_value(&part.borrow(), of, left, found));
            }
            Value::List(list) => {
                list.items.iter().for_each(|item| self.run_value(item, of, left, found));
            }
            Value::Ref(target) => self.run_value(&target.borrow(), of, left, found),
            Value::Passed(passed) => {
                self.run_value(&passed.given, of, left, found);
                self.run_value(&passed.value, of, left, found);
            }
            Value::Alt(all) => {
                all.iter().for_each(|(_, one)| self.run_value(one, of, left, found));
            }
            _ => {}
        }
    }

    fn run_function(&self, called: &FnValue, of: Option<&Target>, left: u32, found: &mut Found) {
        let own = Target::Item(called.def);
        self.is_run(called);
        found.add(self.instance_to_run(called), of.or(Some(&own)));
        let def = self.program.def(called.def);
        let ItemKind::Fn(item) = &def.item.kind else { return };
        let mut env = self.program.type_env(called.def);
        for (param, ty) in item.generics.params.iter().zip(&called.generics) {
            env = env.with(param.name.clone(), ty.clone());
        }
        for param in item.params.iter().filter_map(|param| param.ty.as_ref()) {
            self.make_written(def.module, param, &env, left, found);
        }
        if let Some(answer) = &item.ret {
            for ty in self.program.types_meant(def.module, answer, &env) {
                self.answer_type(&ty, left, found);
            }
        }
    }

    fn run_closure(&self, closure: &Closure, of: Option<&Target>, left: u32, found: &mut Found) {
        let own = self.handed_on(closure).map(Target::Item);
        found.add(closure.callable(), of.or(own.as_ref()));
        let env = closure.owner.map(|owner| self.program.type_env(owner)).unwrap_or_default();
        for ty in closure.expr.params.iter().filter_map(|param| param.ty.as_ref()) {
            self.make_written(closure.module, ty, &env, left, found);
        }
    }

    /// A parameter of whatever type is written is made for a handler.
    fn make_written(
        &self,
        module: ModuleId,
        written: &TypeRef,
        env: &TypeEnv,
        left: u32,
        found: &mut Found,
    ) {
        for ty in self.program.types_meant(module, written, env) {
            self.make_type(&ty, left, found);
        }
    }

    /// A parameter of that type is made for a handler.
    fn make_type(&self, ty: &Ty, left: u32, found: &mut Found) {
        let Some(left) = left.checked_sub(1) else { return };
        match pointee(ty) {
            Ty::Tuple(parts) => parts.iter().for_each(|part| self.make_type(part, left, found)),
            Ty::Slice(of) => self.make_type(of, left, found),
            Ty::External(path, args) if !carries(path) => {
                for arg in args {
                    self.make_type(arg, left, found);
                }
            }
            Ty::Def(def, args) => {
                let own = Target::Item(*def);
                self.run_type(*def, Role::Made, Some(&own), left, found);
                for arg in args {
                    self.make_type(arg, left, found);
                }
            }
            _ => {}
        }
    }

    /// A response is made of a value of that type.
    fn answer_type(&self, ty: &Ty, left: u32, found: &mut Found) {
        let Some(left) = left.checked_sub(1) else { return };
        match pointee(ty) {
            Ty::Def(def, args) => {
                self.run_type(*def, Role::Answer, None, left, found);
                for arg in args {
                    self.answer_type(arg, left, found);
                }
            }
            ty => ty.args().iter().for_each(|arg| self.answer_type(arg, left, found)),
        }
    }

    /// Notes what the impls of outside traits for a type are run for.
    fn run_type(&self, def: DefId, role: Role, of: Option<&Target>, left: u32, found: &mut Found) {
        let Some(left) = left.checked_sub(1) else { return };
        if !found.types.insert((def, role)) {
            return;
        }
        for block in self.program.impls_for(&Head::Item(def)) {
            let item = self.program.def(block);
            let ItemKind::Impl(written) = &item.item.kind else { continue };
            let Some(of_trait) = &written.of_trait else { continue };
            if matches!(self.program.trait_of(block), Some(Target::Item(_))) {
                continue;
            }
            let name = of_trait.segments.last().map_or("", |segment| segment.name.as_str());
            if role == Role::Answer && !answers(name) {
                continue;
            }
            let env = self.program.type_env(block);
            for member in self.program.members(block) {
                let member_def = self.program.def(member);
                match &member_def.item.kind {
                    ItemKind::Fn(function) => {
                        let once = is_once(&member_def.name);
                        if !once && function.receiver.is_none() == (role == Role::Made) {
                            found.add(Callable::function(member), of);
                        }
                    }
                    ItemKind::TypeAlias { ty: Some(ty), .. } => {
                        let ty = self.program.resolve_type(member_def.module, ty, &env);
                        if role == Role::Runs
                            && let Ty::Def(made, _) = pointee(&ty)
                        {
                            self.run_type(*made, Role::Runs, of, left, found);
                        } else if role != Role::Answer {
                            self.answer_type(&ty, left, found);
                        }
                    }
                    _ => {}
                }
            }
        }
        if role == Role::Made {
            self.make_parts(def, left, found);
        }
    }

    /// The fields of a type whose making is derived are made too, with the functions that their attributes name.
    fn make_parts(&self, def: DefId, left: u32, found: &mut Found) {
        let item = self.program.def(def);
        let text = self.program.text(item.file);
        let derives = |attr: &Attr| {
            attr.path.segments.last().is_some_and(|last| last.name == "derive")
                && ["Deserialize", "From", "Extract", "Multipart", "Object", "SecurityScheme"]
                    .iter()
                    .any(|made| attr.args.of(&text).contains(made))
        };
        if !item.item.attrs.iter().any(derives) {
            return;
        }
        let fields: Vec<_> = match &item.item.kind {
            ItemKind::Struct { fields, .. } => fields.iter().collect(),
            ItemKind::Enum { variants, .. } => {
                variants.iter().flat_map(|variant| &variant.fields).collect()
            }
            _ => return,
        };
        let env = self.program.type_env(def);
        for field in &fields {
            self.make_written(item.module, &field.ty, &env, left, found);
        }
        let of = Target::Item(def);
        for attr in item.item.attrs.iter().chain(fields.iter().flat_map(|field| &field.attrs)) {
            for name in attr.args.of(&text).split('"').skip(1).step_by(2) {
                if let Some(named) = self.function_named(item.module, name, attr) {
                    found.add(Callable::function(named), Some(&of));
                }
            }
        }
    }

    /// The function that a text in an attribute names.
    fn function_named(&self, module: ModuleId, name: &str, attr: &Attr) -> Option<DefId> {
        let is_name = |name: &str| {
            name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && !name.is_empty()
        };
        if !name.split("::").all(is_name) {
            return None;
        }
        let segment = |name: &str| PathSegment {
            name: name.into(),
            args: ThinVec::new(),
            bindings: ThinVec::new(),
        };
        let segments = name.split("::").map(segment).collect();
        let path = Path { qself: None, global: false, segments, span: attr.span };
        let found = self.program.resolve_path(module, &path, Namespace::Value);
        found.into_iter().find_map(|(_, is)| match is {
            Resolution::Def(def) => {
                let kind = self.program.def(def).kind;
                matches!(kind, DefKind::Fn | DefKind::Method).then_some(def)
            }
            _ => None,
        })
    }
}

/// Whether a call or type outside the tree only keeps what it is given, for whoever asks for it.
fn carries(path: &str) -> bool {
    let of = path.strip_suffix("::new").unwrap_or(path);
    matches!(
        last_name(of),
        "Extension" | "AddExtensionLayer" | "AddData" | "State" | "Data" | "PhantomData"
    )
}

/// Whether a function of that name runs when a server starts or ends, whatever is asked of it: those of fairings.
fn is_once(name: &str) -> bool {
    matches!(name, "on_ignite" | "try_on_ignite" | "on_liftoff" | "on_shutdown")
}

fn last_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether a response is made of a value by that trait, or of what follows it.
fn answers(of_trait: &str) -> bool {
    matches!(
        of_trait,
        "IntoResponse"
            | "IntoResponseParts"
            | "Responder"
            | "ResponseError"
            | "Reply"
            | "Scribe"
            | "Writer"
            | "Serialize"
            | "Drop"
    )
}
