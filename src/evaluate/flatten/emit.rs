//! One handler that is reached to the registrations it makes.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{
    HOLE,
    around::{Around, Mounted, Passed, Trail},
    listed::Listed,
};
use crate::{
    evaluate::{
        Evaluator, base,
        effect::{Beside, Callable, Registration, Step, Unresolved},
        router::{Covers, Methods, Node},
        text::{Piece, Text},
        value::Value,
    },
    frameworks,
    link::Target,
    source::Place,
};

impl Evaluator<'_> {
    #[expect(clippy::too_many_arguments, reason = "one route is all of this")]
    pub(super) fn emit(
        &mut self,
        node: &Rc<Node>,
        methods: &Methods,
        handler: &Value,
        catch_all: bool,
        around: &Around,
        server: u32,
        all: &mut Listed,
    ) {
        if let Value::Alt(values) = handler.bare() {
            for (guards, value) in values.iter() {
                if let Some(both) = around.guards.and(guards) {
                    let inner = Around { guards: both, ..around.clone() };
                    self.emit(node, methods, value, catch_all, &inner, server, all);
                }
            }
            return;
        }
        if let Some(routers) = frameworks::dispatched(self, handler) {
            let mut inner = Around { paths: Trail::default(), ..around.clone() };
            inner.passed.push(Passed::Calls(node.site.clone(), true));
            inner.only.push(methods.clone());
            for router in routers {
                self.walk(&router.node, &inner, server, all);
            }
            return;
        }
        self.emit_parts(node, methods, handler, around, server, all);
        let mut marks = self.marks(around, node);
        let target = self.handler_marks(handler, &mut marks);
        let mut seen = std::collections::BTreeSet::new();
        marks.retain(|mark| seen.insert(mark.clone()));
        let methods =
            &around.only.in_order().into_iter().fold(methods.clone(), |all, only| all.and(only));
        let paths = around.paths.in_order();
        let path = full_path(&paths);
        let unknown = paths.iter().all(|piece| piece.path.is_unknown()) && !paths.is_empty();
        let unresolved = match (&path, methods) {
            (_, Methods::Unknown) => Some(Unresolved::Method),
            (path, _) if path.contains(HOLE) => {
                let based = base::is_open(paths.iter().map(|piece| &piece.path));
                let only_base = based && base::is_all(path, HOLE);
                Some(if only_base { Unresolved::Base } else { Unresolved::Path })
            }
            _ => None,
        };
        let runs = match (self.answering(handler), &target) {
            (Some(callable), _) => Some(callable),
            (None, Some(Target::Item(def))) => Some(Callable::function(*def)),
            _ => None,
        };
        let beside = self.beside(around, handler, runs, node);
        let methods: Vec<Option<&'static str>> = match methods {
            Methods::These(these) => these.iter().map(|method| Some(*method)).collect(),
            Methods::Any => vec![Some("ANY")],
            Methods::Unknown => vec![None],
        };
        let at = self.marked_place(&paths, node);
        let mut trail: Vec<Step> = around.steps.backwards().cloned().collect();
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
            all.registrations.push(Registration {
                server,
                method,
                path: (!unknown).then(|| path.clone()),
                framework: frameworks::framework_of(node.kind)
                    .map_or("", |framework| framework.name()),
                handler: target.clone(),
                handler_name: handler_name.clone(),
                runs,
                beside: beside.clone(),
                catch_all,
                catches: around.catches,
                guards: around.guards.clone(),
                marks: marks.clone(),
                at,
                trail: trail.clone(),
                unresolved,
            });
        }
    }

    /// A router from outside the tree: it may answer anything under the path that it is nested at. One that stands at the
    /// root is not told from what serves nothing there.
    pub(super) fn emit_outside(
        &mut self,
        node: &Rc<Node>,
        made_by: &Value,
        mut around: Around,
        server: u32,
        all: &mut Listed,
    ) {
        let names =
            |text: &Text| text.exact().is_none_or(|known| !known.trim_matches('/').is_empty());
        let nested = around.paths.backwards().find(|mounted| names(&mounted.path));
        let Some(Mounted { site, kind, .. }) = nested.cloned() else { return };
        around.paths.push(Mounted { path: Text::known("/{*rest}"), site, kind });
        self.emit(node, &Methods::Any, made_by, false, &around, server, all);
    }

    /// What runs with a route besides what answers, each once.
    fn beside(
        &self,
        around: &Around,
        handler: &Value,
        runs: Option<Callable>,
        node: &Node,
    ) -> Vec<Beside> {
        let mut all = self.runs_with(handler, node.site.at);
        for passed in around.passed.in_order() {
            if let Passed::Runs(beside, _) = passed {
                all.extend(beside.iter().cloned());
            }
        }
        let mut seen: FxHashSet<Callable> = runs.into_iter().collect();
        all.retain(|one| seen.insert(one.runs));
        all
    }

    /// What a handler answers by names in the body of a request, each as a route of its own.
    fn emit_parts(
        &mut self,
        node: &Rc<Node>,
        methods: &Methods,
        handler: &Value,
        around: &Around,
        server: u32,
        all: &mut Listed,
    ) {
        let posts = match methods {
            Methods::These(these) => these.contains(&"POST"),
            Methods::Any | Methods::Unknown => true,
        };
        if !posts {
            return;
        }
        for framework in frameworks::FRAMEWORKS {
            for part in framework.parts(self, handler) {
                let mut inner = around.clone();
                // Its last name is written nowhere in a route: the place is that of the path before it.
                let site = around.paths.last().map_or(&node.site, |piece| &piece.site).clone();
                for layer in &part.layers {
                    inner.wrap(self.layer_marks(layer, site.at));
                    let runs = self.runs_with(layer, site.at);
                    inner.passed.extend(Passed::runs(runs, Covers::Before, node.kind));
                }
                inner.paths.push(Mounted { path: part.path, site, kind: node.kind });
                let mut marks = Vec::new();
                self.handler_marks(handler, &mut marks);
                inner.wrap(marks);
                let methods = Methods::These(vec!["POST"]);
                self.emit(node, &methods, &part.handler, false, &inner, server, all);
            }
        }
    }

    /// What runs when a request comes to `handler`.
    fn answering(&mut self, handler: &Value) -> Option<Callable> {
        match handler.deref() {
            Value::Fn(function) => {
                self.is_run(&function);
                Some(self.instance_to_run(&function))
            }
            Value::Closure(closure) => Some(closure.callable()),
            Value::Passed(passed) => {
                self.answering(&passed.given).or_else(|| self.answering(&passed.value))
            }
            // What a layer is put around.
            Value::Term(term) if term.path.ends_with("::layer") => {
                self.answering(term.args.as_deref()?.first()?)
            }
            _ => None,
        }
    }

    /// The innermost call, outside gates, in which the last segment of the path is written.
    fn marked_place(&self, paths: &[&Mounted], node: &Rc<Node>) -> Place {
        let meaningful = |text: &Text| {
            text.pieces()
                .iter()
                .any(|p| matches!(p, Piece::Known(t, _) if !t.trim_matches('/').is_empty()))
        };
        let named =
            paths.iter().rev().find(|piece| meaningful(&piece.path)).or_else(|| paths.last());
        let Some(Mounted { path: text, site, .. }) = named else {
            return self.real(node.site.at);
        };
        // Each call innermost first; those up to the outermost gate stand inside of that.
        let mut open = vec![site.at];
        let mut frame = site.frame.as_ref();
        while let Some(inner) = frame {
            if self.is_gate(&inner.callee) {
                open.clear();
            }
            open.push(inner.at);
            frame = inner.parent.as_ref();
        }
        let written = text.last_place();
        let real = written.map(|at| self.real(at));
        let holds = |at: &&Place| {
            written.is_some_and(|w| w.file == at.file && at.span.contains(w.span))
                || real.is_some_and(|w| w.file == at.file && at.span.contains(w.span))
        };
        let chosen = open.iter().find(holds).or(open.first()).copied().unwrap_or(site.at);
        self.real(chosen)
    }
}

/// The path that the pieces make, outermost first; each joined as the framework it is mounted by does.
fn full_path(paths: &[&Mounted]) -> String {
    let mut all = String::new();
    for Mounted { path, kind, .. } in paths {
        let Some(framework) = frameworks::framework_of(kind) else { continue };
        all = framework.join(&all, &framework.path(&path.shown(HOLE)));
    }
    if all.is_empty() {
        all.push('/');
    }
    all
}
