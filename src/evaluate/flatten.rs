//! Routers that are served to registrations: each handler with its path, its layers and its trail.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{
    Evaluator,
    effect::{Guards, Mark, MarkKind, Registration, Step},
    router::{Frame, Handle, Methods, Mount, Node, Op, Site},
    text::{Piece, Text},
    types::pointee,
    value::Value,
};
use crate::{
    link::{Namespace, Resolution, Target, types::Ty},
    source::Place,
    syntax::tree::ItemKind,
};

/// Registrations of one run; more are a gap.
const MOST: usize = 200_000;
/// Stands for an unknown piece while paths are put together.
const HOLE: &str = "{?}";

/// What encloses a node on the way from the server.
#[derive(Clone, Default)]
struct Around {
    /// Paths, outermost first.
    paths: Vec<(Text, Site, Mount)>,
    /// What wraps it.
    marks: Vec<Mark>,
    guards: Guards,
    steps: Vec<Step>,
}

impl Evaluator<'_> {
    /// Every route that is served.
    pub(super) fn registrations(&mut self) -> Vec<Registration> {
        let mut escaped = std::mem::take(&mut self.escaped);
        // A function that turned out to be called was evaluated with its real arguments as well: what it did with
        // unknown ones, when it was taken for a root, does not count.
        escaped.retain(|(_, _, root)| root.is_none_or(|root| !self.called.contains(&root)));
        let mut inside: FxHashSet<*const Node> = FxHashSet::default();
        let mut stack: Vec<&Rc<Node>> =
            escaped.iter().flat_map(|(handle, ..)| handle.node.children()).collect();
        while let Some(node) = stack.pop() {
            if inside.insert(Rc::as_ptr(node)) {
                stack.extend(node.children());
            }
        }
        let mut all = Vec::new();
        let mut seen: FxHashSet<*const Node> = FxHashSet::default();
        let mut server = 0;
        for (handle, guards, _) in &escaped {
            if inside.contains(&Rc::as_ptr(&handle.node)) || !seen.insert(Rc::as_ptr(&handle.node))
            {
                continue;
            }
            let around = Around { guards: guards.clone(), ..Around::default() };
            self.walk(handle, &handle.node, None, &around, server, &mut all);
            server += 1;
        }
        if all.len() >= MOST {
            self.gap_here("more routes than are listed");
        }
        all
    }

    /// Lists what was done from after `stop` up to `end`; returns what then wraps all that came before.
    fn walk(
        &mut self,
        handle: &Handle,
        end: &Rc<Node>,
        stop: Option<&Rc<Node>>,
        around: &Around,
        server: u32,
        all: &mut Vec<Registration>,
    ) -> Vec<Mark> {
        let mut added: Vec<Mark> = Vec::new();
        let mut next = Some(end.clone());
        while let Some(node) = next {
            if stop.is_some_and(|stop| Rc::ptr_eq(stop, &node)) || all.len() >= MOST {
                break;
            }
            let wrapped = |extra: &[Mark]| {
                let mut inner = around.clone();
                inner.marks.extend(added.iter().cloned());
                inner.marks.extend(extra.iter().cloned());
                inner
            };
            match &node.op {
                Op::New | Op::Opaque => {}
                Op::Handler { methods, handler, catch_all } => {
                    let inner = wrapped(&[]);
                    self.emit(handle, &node, methods, handler, *catch_all, &inner, server, all);
                }
                Op::At { path, inner, mount } => {
                    let marks = self.frame_marks(&node.site, *mount == Mount::Route);
                    let mut deeper = wrapped(&marks);
                    deeper.paths.push((path.clone(), node.site.clone(), *mount));
                    if *mount == Mount::Prefix {
                        let message = format!("nested under {} here", path.shown(HOLE));
                        deeper.steps.push(Step { message, at: self.real(node.site.at) });
                    }
                    self.walk(handle, inner, None, &deeper, server, all);
                }
                Op::Merge(inner) => {
                    let marks = self.frame_marks(&node.site, false);
                    let deeper = wrapped(&marks);
                    self.walk(handle, inner, None, &deeper, server, all);
                }
                Op::Layer(layer) => {
                    let at = self.real(node.site.at);
                    let mut targets = Vec::new();
                    self.layer_targets(layer, &mut targets);
                    added.extend(
                        targets.into_iter().map(|target| mark(MarkKind::Layer, target, at)),
                    );
                }
                Op::Through(target) => {
                    let at = self.real(node.site.at);
                    added.push(mark(MarkKind::Function, target.clone(), at));
                }
                Op::Fork(arms) => {
                    let mut conditional = Vec::new();
                    for (guards, end) in arms {
                        let Some(both) = around.guards.and(guards) else { continue };
                        let Some(end) = end else { continue };
                        let mut inner = wrapped(&[]);
                        inner.guards = both;
                        let marks = self.walk(handle, end, node.prev.as_ref(), &inner, server, all);
                        conditional.extend(marks.into_iter().filter_map(|mark| {
                            Some(Mark { guards: mark.guards.and(guards)?, ..mark })
                        }));
                    }
                    added.extend(conditional);
                }
            }
            next = node.prev.as_ref().map(Rc::clone);
        }
        added
    }

    fn real(&self, at: Place) -> Place {
        self.program.sources().real(at)
    }

    /// The calls that an operation was made in. A function that registers routes of its own does not cover what it
    /// is merely given.
    fn frame_marks(&self, site: &Site, registration: bool) -> Vec<Mark> {
        let mut all = Vec::new();
        let mut frame = site.frame.as_ref();
        while let Some(inner) = frame {
            if registration || !inner.registers.get() {
                let mut mark = mark(MarkKind::Function, inner.callee.clone(), inner.at);
                mark.arguments.clone_from(&inner.arguments);
                all.push(mark);
            }
            frame = inner.parent.as_ref();
        }
        all
    }

    #[expect(clippy::too_many_arguments, reason = "one route is all of this")]
    fn emit(
        &mut self,
        handle: &Handle,
        node: &Rc<Node>,
        methods: &Methods,
        handler: &Value,
        catch_all: bool,
        around: &Around,
        server: u32,
        all: &mut Vec<Registration>,
    ) {
        if let Value::Alt(values) = handler.bare() {
            for (guards, value) in values.iter() {
                if let Some(both) = around.guards.and(guards) {
                    let inner = Around { guards: both, ..around.clone() };
                    self.emit(handle, node, methods, value, catch_all, &inner, server, all);
                }
            }
            return;
        }
        let mut marks = around.marks.clone();
        marks.extend(self.frame_marks(&node.site, true));
        let target = self.handler_marks(handler, &mut marks);
        let mut seen = std::collections::BTreeSet::new();
        marks.retain(|mark| seen.insert(mark.clone()));
        let path = full_path(&around.paths);
        let unknown =
            around.paths.iter().all(|(text, ..)| text.is_unknown()) && !around.paths.is_empty();
        let unresolved = match (&path, methods) {
            (_, Methods::Unknown) => Some("its method is not known".to_owned()),
            (path, _) if path.contains(HOLE) => Some("part of its path is not known".to_owned()),
            _ => None,
        };
        let methods: Vec<Option<&'static str>> = match methods {
            Methods::These(these) => these.iter().map(|method| Some(*method)).collect(),
            Methods::Any => vec![Some("ANY")],
            Methods::Unknown => vec![None],
        };
        let at = self.marked_place(&around.paths, node);
        let mut trail: Vec<Step> = around.steps.iter().rev().cloned().collect();
        let mut handler_name =
            matches!(handler.bare(), Value::Closure(_)).then(|| "closure".to_owned());
        if let Some(Target::Item(def)) = &target {
            let def = self.program.def(*def);
            handler_name = Some(def.path.to_string());
            trail.push(Step { message: "handler".to_owned(), at: self.real(def.place()) });
        } else if let Some(Target::External(path)) = &target {
            handler_name = Some(path.to_string());
        }
        for method in methods {
            all.push(Registration {
                server,
                method,
                path: (!unknown).then(|| path.clone()),
                framework: crate::frameworks::framework_of(handle.kind),
                handler: target.clone(),
                handler_name: handler_name.clone(),
                catch_all,
                guards: around.guards.clone(),
                marks: marks.clone(),
                at,
                trail: trail.clone(),
                unresolved: unresolved.clone(),
            });
        }
    }

    /// The innermost call, outside gates, in which the last segment of the path is written.
    fn marked_place(&self, paths: &[(Text, Site, Mount)], node: &Rc<Node>) -> Place {
        let meaningful = |text: &Text| {
            text.pieces()
                .iter()
                .any(|p| matches!(p, Piece::Known(t, _) if !t.trim_matches('/').is_empty()))
        };
        let named = paths.iter().rev().find(|(text, ..)| meaningful(text)).or_else(|| paths.last());
        let Some((text, site, _)) = named else { return self.real(node.site.at) };
        let mut calls: Vec<(Place, Option<&Rc<Frame>>)> = vec![(site.at, site.frame.as_ref())];
        let mut frame = site.frame.as_ref();
        while let Some(inner) = frame {
            calls.push((inner.at, inner.parent.as_ref()));
            frame = inner.parent.as_ref();
        }
        let in_gate = |mut frame: Option<&Rc<Frame>>| {
            while let Some(inner) = frame {
                if (self.is_gate)(&inner.callee) {
                    return true;
                }
                frame = inner.parent.as_ref();
            }
            false
        };
        let open: Vec<Place> =
            calls.iter().filter(|(_, frame)| !in_gate(*frame)).map(|(at, _)| *at).collect();
        let written = text.last_place();
        let real = written.map(|at| self.real(at));
        let holds = |at: &&Place| {
            written.is_some_and(|w| w.file == at.file && at.span.contains(w.span))
                || real.is_some_and(|w| w.file == at.file && at.span.contains(w.span))
        };
        let chosen = open.iter().find(holds).or(open.first()).copied().unwrap_or(site.at);
        self.real(chosen)
    }

    /// What stands between a route and its handler, and the handler itself.
    fn handler_marks(&mut self, handler: &Value, marks: &mut Vec<Mark>) -> Option<Target> {
        match handler.deref() {
            Value::Passed(passed) => {
                marks.push(mark(MarkKind::Function, passed.through.clone(), passed.at));
                let inner = self.handler_marks(&passed.given, marks);
                if matches!(passed.value.bare(), Value::Closure(_) | Value::Fn(_)) {
                    return self.handler_marks(&passed.value, marks).or(inner);
                }
                inner
            }
            Value::Fn(called) => {
                let def = self.program.def(called.def);
                if let ItemKind::Fn(item) = &def.item.kind {
                    let mut env = self.program.type_env(called.def);
                    for (param, ty) in item.generics.params.iter().zip(&called.generics) {
                        env = env.with(param.name.clone(), ty.clone());
                    }
                    for param in item.params.iter().filter_map(|param| param.ty.as_ref()) {
                        let ty = self.program.resolve_type(def.module, param, &env);
                        self.extractors(&ty, marks, def.place(), 0);
                    }
                }
                for attr in &def.item.attrs {
                    for (_, is) in
                        &self.program.resolve_path(def.module, &attr.path, Namespace::Macro)
                    {
                        let place = Place { file: def.file, span: attr.span };
                        if let Some(target) = target_of_resolution(is) {
                            marks.push(mark(MarkKind::Attribute, target, self.real(place)));
                        }
                    }
                }
                Some(Target::Item(called.def))
            }
            Value::Closure(closure) => {
                let outer = self.scope.clone();
                self.scope.module = closure.module;
                self.scope.file = closure.file;
                self.scope.owner = closure.owner;
                self.scope.generics = closure.generics.clone();
                let types: Vec<Ty> = closure
                    .expr
                    .params
                    .iter()
                    .filter_map(|p| p.ty.as_ref())
                    .map(|ty| self.type_of_ref(ty))
                    .collect();
                self.scope = outer;
                for ty in types {
                    self.extractors(&ty, marks, closure.at, 0);
                }
                None
            }
            Value::Term(term) => {
                // `handler.layer(gate)`: the layer wraps the handler.
                if term.path.ends_with("::layer")
                    && let Some([inner, layer]) = term.args.as_deref()
                {
                    let mut targets = Vec::new();
                    self.layer_targets(layer, &mut targets);
                    marks.extend(
                        targets
                            .into_iter()
                            .map(|target| mark(MarkKind::Layer, target, self.real(term.at))),
                    );
                    return self.handler_marks(inner, marks);
                }
                Some(Target::External(term.path.clone()))
            }
            _ => None,
        }
    }

    /// The types that a handler's parameter stands for.
    fn extractors(&self, ty: &Ty, marks: &mut Vec<Mark>, at: Place, depth: u32) {
        match ty {
            Ty::Tuple(parts) => {
                for part in parts {
                    self.extractors(part, marks, at, depth);
                }
            }
            Ty::Def(def, _) => {
                marks.push(mark(MarkKind::Extractor, Target::Item(*def), self.real(at)));
                let found = self.program.def(*def);
                let derives = found.item.attrs.iter().any(|attr| {
                    attr.path.segments.last().is_some_and(|s| s.name == "derive")
                        && attr.args.of(&self.program.text(found.file)).contains("FromRequest")
                });
                if derives && depth < 4 {
                    for (_, field) in self.fields(*def).unwrap_or_default() {
                        self.extractors(&field, marks, at, depth + 1);
                    }
                }
            }
            Ty::External(path, _) => {
                marks.push(mark(
                    MarkKind::Extractor,
                    Target::External(path.clone()),
                    self.real(at),
                ));
            }
            _ => {}
        }
    }

    /// What a layer is made of: its type, the functions that made it, the functions it was given.
    fn layer_targets(&self, layer: &Value, into: &mut Vec<Target>) {
        match layer {
            Value::Object(object) => into.push(Target::Item(object.def)),
            Value::Fn(called) => into.push(Target::Item(called.def)),
            Value::Unknown(ty) => match pointee(ty) {
                Ty::Def(def, _) => into.push(Target::Item(*def)),
                Ty::External(path, _) => into.push(Target::External(path.clone())),
                _ => {}
            },
            Value::Term(term) => {
                into.push(Target::External(term.path.clone()));
                if composes(&term.path) {
                    term.args.iter().flatten().for_each(|arg| self.layer_targets(arg, into));
                }
            }
            Value::Tuple(parts) => {
                parts.iter().for_each(|part| self.layer_targets(&part.borrow(), into));
            }
            Value::Ref(target) => self.layer_targets(&target.borrow(), into),
            Value::Passed(passed) => {
                into.push(passed.through.clone());
                self.layer_targets(&passed.value, into);
            }
            _ => {}
        }
    }
}

/// Whether a call outside the tree wraps with the layers or functions it is given: `from_fn` and its like, and
/// tower's builder. Anything else may hold a layer without applying it (`Extension(layer)`).
fn composes(path: &str) -> bool {
    path.split("::").any(|part| {
        part == "ServiceBuilder"
            || part == "Stack"
            || part.starts_with("from_fn")
            || part.starts_with("map_request")
    })
}

fn mark(kind: MarkKind, target: Target, at: Place) -> Mark {
    Mark { kind, target, guards: Guards::default(), arguments: Vec::new(), at }
}

fn target_of_resolution(is: &Resolution) -> Option<Target> {
    match is {
        Resolution::Def(def) => Some(Target::Item(*def)),
        Resolution::External(path) => Some(Target::External(path.clone())),
        _ => None,
    }
}

/// The path that the pieces make, outermost first.
fn full_path(paths: &[(Text, Site, Mount)]) -> String {
    let mut all = String::new();
    for (text, ..) in paths {
        let piece = text.shown(HOLE);
        if all.ends_with('/') {
            all.push_str(piece.trim_start_matches('/'));
        } else if piece != "/" || all.is_empty() {
            if !piece.starts_with('/') && !piece.is_empty() && !piece.starts_with(HOLE) {
                all.push('/');
            }
            all.push_str(&piece);
        }
    }
    if all.is_empty() {
        all.push('/');
    }
    let segments = all.split('/').map(|segment| match segment.chars().next() {
        Some(':') => format!("{{{}}}", segment.trim_start_matches(':')),
        Some('*') => format!("{{{segment}}}"),
        _ => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}
