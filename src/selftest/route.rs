//! Routes that pass through a gate, and routes that only seem to.

use super::{
    form::{Fill, Form, LayerKind, Place},
    gate::{Argument, GateItem, GateKind},
};
use crate::{evaluate::effect::MarkKind, frameworks::sample::Taken};

/// A value of which nothing is known.
const UNKNOWN: &str = "std::env::var(\"CONTRACT_CHECK_CANARY\").unwrap()";

/// A route through a gate.
pub(super) struct Through {
    /// Its items.
    pub(super) code: String,
    /// Whether all that the gate takes could be made up: if not, it may register nothing.
    pub(super) sure: bool,
}

/// Routes that only look gated: what they do, and the items.
pub(super) fn namesakes(
    gate: &GateItem,
    form: Form<'_>,
    place: Place<'_>,
    home: &str,
) -> Vec<(String, String)> {
    // A gate that is named by one word is any item of that name, so a namesake of it gates.
    let by_path = gate.name.contains("::");
    match gate.mark {
        MarkKind::Function if by_path => functions(gate, form, place),
        MarkKind::Layer => layers(gate, form, place, home, by_path),
        MarkKind::Extractor if form.sample.extractors => {
            extractors(gate, form, place, home, by_path)
        }
        MarkKind::Function | MarkKind::Extractor | MarkKind::Attribute => Vec::new(),
    }
}

fn functions(gate: &GateItem, form: Form<'_>, place: Place<'_>) -> Vec<(String, String)> {
    let (last, ty) = (gate.last(), form.sample.router);
    if ty.is_empty() {
        return Vec::new();
    }
    let code =
        |items: &str, router: &str| form.code(place, Fill { items, router, ..Fill::default() });
    let plain = |name: &str| format!("pub fn {name}(router: {ty}) -> {ty} {{\n    router\n}}\n");
    let call = format!("{last}(ROUTE)");
    let shadow = format!("{{ let {last} = |router| router; {last}(ROUTE) }}");
    let renamed = format!("use self::plain as {last};\n{}", plain("plain"));
    vec![
        (format!("a route through another function called {last}"), code(&plain(last), &call)),
        (format!("a route through a function renamed to {last}"), code(&renamed, &call)),
        (format!("a route through a closure that shadows {last}"), code("", &shadow)),
    ]
}

fn layers(
    gate: &GateItem,
    form: Form<'_>,
    place: Place<'_>,
    home: &str,
    by_path: bool,
) -> Vec<(String, String)> {
    let (name, last) = (&gate.name, gate.last());
    let Some((layer, kind)) = layer(gate, &gate.path_in(home)) else { return Vec::new() };
    let Some(laid) = form.layer(kind) else { return Vec::new() };
    let code =
        |items: &str, router: &str| form.code(place, Fill { items, router, ..Fill::default() });
    let mut all = Vec::new();
    if !laid.past.is_empty() {
        let past = Form::laid(laid.past, &layer);
        all.push((format!("a route {} the layer {name}", laid.how), code("", &past)));
    }
    if by_path {
        let own = |name: &str| {
            if kind == LayerKind::Function {
                format!("pub async fn {name}() {{}}\n")
            } else if kind == LayerKind::Made {
                format!("pub fn {name}() {{}}\n")
            } else {
                format!("#[derive(Clone)]\npub struct {name};\n")
            }
        };
        let call = if kind == LayerKind::Made { "()" } else { "" };
        let over = Form::laid(laid.over, &format!("{last}{call}"));
        let renamed = format!("use self::plain as {last};\n{}", own("plain"));
        all.push((format!("a route in another layer called {last}"), code(&own(last), &over)));
        all.push((format!("a route in a layer renamed to {last}"), code(&renamed, &over)));
    }
    all
}

fn extractors(
    gate: &GateItem,
    form: Form<'_>,
    place: Place<'_>,
    home: &str,
    by_path: bool,
) -> Vec<(String, String)> {
    let (name, last, path) = (&gate.name, gate.last(), gate.path_in(home));
    let code = |items: &str, parameters: &str| {
        form.code(place, Fill { items, parameters, ..Fill::default() })
    };
    let mut all = vec![(
        format!("a route whose handler can do without {name}"),
        code("", &format!("gate: Option<{path}>")),
    )];
    if by_path {
        let parameter = format!("gate: {last}");
        let renamed = format!("use self::Plain as {last};\npub struct Plain;\n");
        let own = format!("pub struct {last};\n");
        all.push((format!("a route whose handler takes another {last}"), code(&own, &parameter)));
        all.push((
            format!("a route whose handler takes a type renamed to {last}"),
            code(&renamed, &parameter),
        ));
    }
    all
}

/// A route through the gate under another name, or why none can be made up.
pub(super) fn gated(
    gate: &GateItem,
    form: Form<'_>,
    place: Place<'_>,
    home: &str,
) -> Result<Through, String> {
    let path = gate.path_in(home);
    let sure = |code| Ok(Through { code, sure: true });
    let why = |why: &str| Err(format!("no route through {} can be made up: {why}", gate.name));
    match (gate.mark, &gate.kind) {
        (_, GateKind::Nothing) => sure(form.code(place, Fill::default())),
        (MarkKind::Function, GateKind::Function(arguments)) => {
            called(arguments, form, place, &path)
                .map_or_else(|| why("its arguments are not those of a route"), Ok)
        }
        (MarkKind::Function, GateKind::Method | GateKind::Outside) => {
            why("what it takes is not known")
        }
        (MarkKind::Function, GateKind::Type | GateKind::Item) => why("it is no function"),
        (MarkKind::Layer, _) => {
            let Some((_, kind)) = layer(gate, &path) else {
                return why("how the layer is made is not known");
            };
            let Some(laid) = form.layer(kind) else {
                return why("nothing is laid around routes in this way");
            };
            let items = format!("use {path} as Aliased;\n");
            let aliased = layer(gate, "Aliased").map(|(layer, _)| layer).unwrap_or_default();
            let router = Form::laid(laid.over, &aliased);
            sure(form.code(place, Fill { items: &items, router: &router, ..Fill::default() }))
        }
        (MarkKind::Extractor, _) if form.sample.extractors => {
            let items = format!("use {path} as Aliased;\n");
            let fill = Fill { items: &items, parameters: "gate: Aliased", ..Fill::default() };
            sure(form.code(place, fill))
        }
        (MarkKind::Attribute, _) if form.sample.attributes => {
            let attributes = format!("#[{path}]");
            sure(form.code(place, Fill { attributes: &attributes, ..Fill::default() }))
        }
        (MarkKind::Extractor | MarkKind::Attribute, _) => {
            why("handlers are given nothing of the kind")
        }
    }
}

/// A route that is registered through a function, or wrapped by it.
fn called(arguments: &[Argument], form: Form<'_>, place: Place<'_>, path: &str) -> Option<Through> {
    let takes = |argument: &Argument| {
        let known = form.sample.taken.iter().position(|taken| argument.is(taken, form));
        // The receiver of a trait's function is whatever the trait is for: a router, most likely.
        known.or_else(|| (argument.ty == "Self").then_some(0))
    };
    let main = match arguments.iter().filter_map(takes).min() {
        Some(main) => form.sample.taken.get(main)?,
        None if arguments.is_empty() => {
            form.sample.taken.iter().find(|taken| taken.ty.is_empty())?
        }
        None => return None,
    };
    let parts = arguments.iter().filter(|one| takes(one).is_some() || one.is_handler()).count();
    let texts = || arguments.iter().filter(|argument| argument.is_text());
    // What is called a path is one; beside a router and a handler, the first text is.
    let at = texts()
        .find(|argument| argument.is_path())
        .or_else(|| texts().next().filter(|_| parts > 1))
        .map(|argument| argument.name.as_str());
    let registers = at.is_some() || parts > 1;
    let mut sure = true;
    let values: Vec<String> = arguments
        .iter()
        .map(|argument| {
            if let Some(taken) = takes(argument).and_then(|at| form.sample.taken.get(at)) {
                return if registers { taken.empty } else { taken.value }.to_owned();
            }
            if argument.is_text() && Some(argument.name.as_str()) == at {
                return format!("{:?}", place.path);
            }
            argument.value(place).unwrap_or_else(|| {
                sure = false;
                UNKNOWN.to_owned()
            })
        })
        .collect();
    let router = main.router.replace("CALL", &format!("aliased({})", values.join(", ")));
    let items = match path.rsplit_once("::") {
        // A function of a trait is called through it.
        Some((of, name)) if arguments.iter().any(|one| one.ty == "Self") => {
            let router = router.replace("aliased(", &format!("{of}::{name}("));
            let served = main.served.unwrap_or_default();
            let code = form.code(place, Fill { router: &router, served, ..Fill::default() });
            return Some(Through { code, sure: false });
        }
        _ => format!("use {path} as aliased;\n"),
    };
    let served = main.served.unwrap_or_default();
    let code = form.code(place, Fill { items: &items, router: &router, served, ..Fill::default() });
    Some(Through { code, sure })
}

/// A value that is the layer, by the name `path`, and what kind of value that is.
fn layer(gate: &GateItem, path: &str) -> Option<(String, LayerKind)> {
    match &gate.kind {
        GateKind::Function(arguments) if arguments.is_empty() => {
            Some((format!("{path}()"), LayerKind::Made))
        }
        GateKind::Function(_) => Some((path.to_owned(), LayerKind::Function)),
        GateKind::Method => None,
        // What its fields are does not matter.
        GateKind::Type => {
            Some((format!("{path} {{ contract_check_canary: () }}"), LayerKind::Value))
        }
        GateKind::Item | GateKind::Outside | GateKind::Nothing => {
            Some((path.to_owned(), LayerKind::Value))
        }
    }
}

impl Argument {
    fn is(&self, taken: &Taken, form: Form<'_>) -> bool {
        let known = |krate: &str| {
            krate == form.sample.krate
                || matches!(krate, "std" | "alloc" | "axum" | "poem")
                || krate.starts_with(form.sample.krate)
        };
        !taken.ty.is_empty() && self.ty == taken.ty && self.krate.as_deref().is_none_or(known)
    }

    fn is_text(&self) -> bool {
        matches!(self.ty.as_str(), "str" | "String" | "Into" | "AsRef" | "ToString" | "Cow")
    }

    fn is_path(&self) -> bool {
        matches!(self.name.as_str(), "path" | "route" | "uri" | "pattern" | "route_path")
    }

    fn is_handler(&self) -> bool {
        self.name.contains("handler") && !self.is_text()
    }

    /// An argument for a route at `place`, by what it is called.
    fn value(&self, place: Place<'_>) -> Option<String> {
        match self.ty.as_str() {
            "Method" => {
                let krate = self.krate.as_deref().unwrap_or("http");
                let module = if krate == "http" { "http" } else { krate };
                let middle = if krate == "http" { "" } else { "http::" };
                Some(format!("{module}::{middle}Method::{}", place.method))
            }
            "MethodFilter" => Some(format!("axum::routing::MethodFilter::{}", place.method)),
            _ if self.is_text() && self.name == "method" => Some(format!("{:?}", place.method)),
            _ if self.is_text() => {
                Some(format!("{:?}", place.operation.unwrap_or("contractCheckCanary")))
            }
            _ if self.is_handler() => Some("handler".to_owned()),
            _ => None,
        }
    }
}
