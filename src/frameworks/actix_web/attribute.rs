//! Functions with routing attributes: `#[post("/x")]`, `#[route("/x", method = "GET")]`, stacks under `#[routes]`.

use super::{Actix, guard, handle, mount, verb};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        router::{Covers, Handle, Methods, Mount, Op},
        text::Text,
        value::Value,
    },
    link::DefId,
    source::{Place, Span},
    syntax::{body, tree::Expr},
};

impl Actix {
    /// `router` with the resources that the attributes of a function describe.
    pub(super) fn handler_service(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        service: &Value,
        at: Place,
    ) -> Handle {
        let Value::Fn(function) = mount::given(service) else {
            return self.unread(evaluator, router, service, at);
        };
        let attributes = evaluator.attributes(function.def);
        let scope = self.scope_around(evaluator, function.def);
        let mut all = router.clone();
        let mut any = false;
        let stacked = attributes.iter().any(|one| self.item(&one.path) == Some("routes"));
        for attribute in attributes {
            // `#[routes]` takes the attributes below it by their bare names; nothing needs to import them.
            let name = match self.item(&attribute.path) {
                Some(name) => name,
                None if stacked => attribute.path.rsplit(':').next().unwrap_or(""),
                None => continue,
            };
            let methods = match verb(name) {
                Some(method) => Methods::These(vec![method]),
                None if name == "route" => listed(evaluator, function.def, &attribute),
                None => continue,
            };
            any = true;
            let made = self.resource(evaluator, function.def, &attribute, methods, service);
            let Some((mut path, route)) = made else { continue };
            // Where `#[scope]` looks for attributes it knows them by their bare names only.
            let written = evaluator.source(attribute.at.file, attribute.at.span);
            let bare = written.split('(').next().is_some_and(|name| !name.contains("::"));
            if let Some(scope) = scope.as_ref().filter(|_| bare) {
                path = scope.then(&path);
            }
            let op = Op::At { path, inner: route.node, mount: Mount::Route };
            let added = evaluator.operate(router.kind, Some(&all), op, attribute.at);
            all = handle(&added).unwrap_or(all);
        }
        if any { all } else { self.unread(evaluator, router, service, at) }
    }

    /// What `#[scope("/x")]` on a module puts before the paths in the attributes of its functions.
    fn scope_around(&self, evaluator: &mut Evaluator<'_>, def: DefId) -> Option<Text> {
        let around = evaluator.attributes_around(def);
        let scope = around.iter().find(|one| self.item(&one.path) == Some("scope"))?;
        let (_, path) = scope.args.first()?;
        evaluator.eval_in_attribute(def, path).text()
    }

    /// The path and the route of one attribute.
    fn resource(
        &self,
        evaluator: &mut Evaluator<'_>,
        def: DefId,
        attribute: &Attribute,
        methods: Methods,
        service: &Value,
    ) -> Option<(Text, Handle)> {
        let at = attribute.at;
        let mut route = self.route_of(evaluator, methods, Some(service), at)?;
        let mut path = Text::hole();
        for (name, value) in &attribute.args {
            match name.as_deref() {
                None => {
                    path =
                        evaluator.eval_in_attribute(def, value).text().unwrap_or_else(Text::hole);
                }
                Some("wrap") => {
                    let layer = written_in_string(evaluator, def, attribute, value);
                    let op = Op::Layer { layer, covers: Covers::Whole };
                    route = handle(&evaluator.operate(self.route, Some(&route), op, at))?;
                }
                _ => {}
            }
        }
        Some((path, route))
    }
}

/// The methods that `#[route]` lists.
fn listed(evaluator: &mut Evaluator<'_>, def: DefId, attribute: &Attribute) -> Methods {
    let mut all = Vec::new();
    for (name, value) in &attribute.args {
        if name.as_deref() != Some("method") {
            continue;
        }
        let value = evaluator.eval_in_attribute(def, value);
        let named = value.text().and_then(|text| text.exact());
        match named.and_then(|name| guard::named(&name)) {
            Some(method) => all.push(method),
            None => return Methods::Unknown,
        }
    }
    Methods::These(all)
}

/// The value of an expression that stands in a string literal: `wrap = "Gate::new()"`.
fn written_in_string(
    evaluator: &mut Evaluator<'_>,
    def: DefId,
    attribute: &Attribute,
    literal: &Expr,
) -> Value {
    let file = attribute.at.file;
    let text = evaluator.program.text(file);
    let quoted = literal.span.of(&text);
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let plain = inside.is_some_and(|inside| !inside.contains('\\'));
    if !plain {
        evaluator.gap_at(attribute.at, "the middleware of this attribute does not read");
        return Value::unknown();
    }
    let span = Span::new(literal.span.start + 1, literal.span.end.saturating_sub(1));
    match body::parse_expr(&text, span) {
        Ok(expr) => evaluator.eval_in_attribute(def, &expr),
        Err(error) => {
            evaluator.gap_at(attribute.at, &error.message);
            Value::unknown()
        }
    }
}
