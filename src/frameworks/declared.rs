//! Routes that procedural macros write whose meaning the contract declares (`[[scan.route-macro]]`).
//!
//! What such a macro lists is served, below what nests it. An attribute that carries a path on a function and has no
//! declared meaning is a gap.

use std::rc::Rc;

use super::{Framework, axum};
use crate::{
    contract::route_macro::{Argument, RouteMacro},
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, DefKind, ModuleId, Namespace, Resolution},
    source::{FileId, Place, Span},
    syntax::{
        body,
        tree::{Expr, ExprKind, Lit, MacroCall, Name},
    },
};

/// The model of macros that the contract declares.
#[derive(Debug)]
pub struct Declared;

const LIST: RouterKind = "declared::routes";
/// Items that nest one another are followed this deep.
const DEPTH: u32 = 32;

/// The parts of `span` between marks that stand in no brackets and no string.
fn split(text: &str, span: Span, mark: &str) -> Vec<Span> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut at) = (0_usize, span.start, span.start);
    while at < span.end {
        let rest = Span::new(at, span.end).of(text);
        let Some(first) = rest.chars().next() else { break };
        let mut width = first.len_utf8();
        match first {
            '"' => width = string_width(rest),
            '/' if rest.starts_with("//") => width = rest.find('\n').unwrap_or(rest.len()),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 && rest.starts_with(mark) => {
                parts.push(Span::new(start, at));
                width = mark.len();
                start = at + u32::try_from(width).unwrap_or(1);
            }
            _ => {}
        }
        at += u32::try_from(width).unwrap_or(1);
    }
    parts.push(Span::new(start.min(span.end), span.end));
    let parts = parts.into_iter().map(|part| without_lead(text, part));
    parts.filter(|part| !part.of(text).trim().is_empty()).collect()
}

/// A part from its first token on: spaces and comments before it belong to what precedes.
fn without_lead(text: &str, part: Span) -> Span {
    let mut rest = part.of(text);
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix("//") {
            Some(comment) => rest = comment.split_once('\n').map_or("", |(_, after)| after),
            None => break,
        }
    }
    let len = u32::try_from(rest.trim_end().len()).unwrap_or(0);
    let start = part.end - u32::try_from(rest.len()).unwrap_or(0);
    Span::new(start, start + len)
}

fn string_width(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What stands in brackets behind `before`: `(…)` of `word(…)`, or `[…]`.
fn inside(text: &str, span: Span, before: &str, open: char, close: char) -> Option<Span> {
    let written = span.of(text);
    let lead = written.len() - written.trim_start().len();
    let rest = written.trim().strip_prefix(before)?.trim_start();
    let inner = rest.strip_prefix(open)?.strip_suffix(close)?;
    let start = lead + written.trim().len() - rest.len() + open.len_utf8();
    let start = span.start + u32::try_from(start).ok()?;
    Some(Span::new(start, start + u32::try_from(inner.len()).ok()?))
}

fn last_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => path.segments.last().map(|segment| segment.name.as_str()),
        _ => None,
    }
}

/// One use of a declared macro: on which item, if on one, and where its tokens are.
struct Use<'m> {
    means: &'m RouteMacro,
    item: Option<DefId>,
    module: ModuleId,
    file: FileId,
    attribute: Attribute,
}

impl Use<'_> {
    /// The value of an expression among its tokens.
    fn eval(&self, evaluator: &mut Evaluator<'_>, expr: &Expr) -> Value {
        match self.item {
            Some(item) => evaluator.eval_in_attribute(item, expr),
            None => evaluator.eval_in_module(self.module, self.file, expr),
        }
    }
}

fn is_it(evaluator: &Evaluator<'_>, module: ModuleId, means: &RouteMacro, path: &str) -> bool {
    if means.name.means(path) {
        return true;
    }
    let written: Vec<&str> = path.split("::").collect();
    let led = evaluator.program.leads(module, &written);
    let text = |path: &[Name]| path.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("::");
    led.iter().any(|(_, led)| means.name.means(&text(led))) || {
        // The contract may name it by a crate that passes it on.
        let declared = declared_leads(evaluator, &means.name.path);
        declared.iter().any(|one| led.contains(one) || text(&one.1) == path)
    }
}

/// Where the name of a macro in the contract may lead.
fn declared_leads(evaluator: &Evaluator<'_>, name: &str) -> Vec<(ModuleId, Vec<Name>)> {
    let Some((first, rest)) = name.split_once("::") else { return Vec::new() };
    let rest: Vec<&str> = rest.split("::").collect();
    let crates = evaluator.program.crates().into_iter();
    let named = crates.filter(|id| evaluator.program.krate(*id).name == first);
    let roots: Vec<ModuleId> = named.map(|id| evaluator.program.krate(id).root).collect();
    roots.into_iter().flat_map(|root| evaluator.program.leads(root, &rest)).collect()
}

/// What a call of a declared macro gives: nothing, for its routes are served.
pub fn called(evaluator: &mut Evaluator<'_>, call: &MacroCall, at: Place) -> Option<Value> {
    let declared = evaluator.route_macros();
    if declared.is_empty() {
        return None;
    }
    let (module, path) = evaluator.macro_called(call);
    let means = declared.iter().find(|means| is_it(evaluator, module, means, &path))?;
    let (file, attribute) = evaluator.as_attribute(call, path, at);
    let one = Use { means, item: None, module, file, attribute };
    let others = if means.nest.is_empty() { Vec::new() } else { uses(evaluator, declared) };
    let routes = match &means.path {
        Some(path) => single(evaluator, &one, path),
        None => list(evaluator, &others, &one, &mut Vec::new(), 0),
    };
    serve(evaluator, &one, routes);
    Some(Value::unknown())
}

fn serve(evaluator: &mut Evaluator<'_>, one: &Use<'_>, mut routes: Handle) {
    if !one.means.prefix.is_empty() {
        let prefix = Text::known(&one.means.prefix);
        routes = mount(evaluator, None, prefix, &routes, Mount::Prefix, one.attribute.at);
    }
    evaluator.escape(&Value::Router(routes));
}

/// Every use of a declared macro, in the order of the tree.
fn uses<'m>(evaluator: &mut Evaluator<'_>, all: &'m [RouteMacro]) -> Vec<Use<'m>> {
    let mut found = Vec::new();
    for means in all {
        // The attribute may have another name where it stands.
        for item in evaluator.program.defs() {
            if evaluator.program.def(item).item.attrs.is_empty() {
                continue;
            }
            for attribute in evaluator.attributes(item) {
                let def = evaluator.program.def(item);
                if is_it(evaluator, def.module, means, &attribute.path) {
                    let (module, file) = (def.module, def.file);
                    found.push(Use { means, item: Some(item), module, file, attribute });
                }
            }
        }
    }
    found
}

fn mount(
    evaluator: &mut Evaluator<'_>,
    to: Option<&Handle>,
    path: Text,
    inner: &Handle,
    how: Mount,
    at: Place,
) -> Handle {
    let op = Op::At { path, inner: inner.node.clone(), mount: how };
    evaluator.chain(LIST, to, op, at)
}

fn answer(evaluator: &mut Evaluator<'_>, methods: Methods, handler: Value, at: Place) -> Handle {
    evaluator.chain(LIST, None, Op::Handler { methods, handler, catch_all: false }, at)
}

/// A single route, whose handler is the item.
fn single(evaluator: &mut Evaluator<'_>, one: &Use<'_>, path: &Argument) -> Handle {
    let Attribute { args, at, path: name, .. } = &one.attribute;
    let find = |argument: &Argument| match argument {
        Argument::Named(name) => {
            args.iter().find(|(known, _)| known.as_deref() == Some(name)).map(|(_, value)| value)
        }
        Argument::At(at) => args.iter().filter(|(name, _)| name.is_none()).nth(*at).map(|(_, v)| v),
    };
    let word = match &one.means.method {
        None => name.rsplit(':').next().map(str::to_owned),
        Some(argument) => find(argument).and_then(|value| match &value.kind {
            ExprKind::Lit(Lit::Str(text)) => Some(text.to_string()),
            _ => last_name(value).map(str::to_owned),
        }),
    };
    let methods = word.and_then(|word| axum::verb(&word.to_ascii_lowercase()));
    let path = find(path).cloned().map(|value| one.eval(evaluator, &value));
    let path = path.and_then(|value| value.text()).unwrap_or_else(Text::hole);
    let given = one.means.handler.as_ref().and_then(find).cloned();
    let handler = match (given, one.item) {
        (Some(given), _) => one.eval(evaluator, &given),
        (None, Some(def)) => {
            Value::Fn(Rc::new(FnValue { def, self_ty: None, generics: Vec::new() }))
        }
        (None, None) => Value::unknown(),
    };
    let made = answer(evaluator, methods.unwrap_or(Methods::Unknown), handler, *at);
    mount(evaluator, None, path, &made, Mount::Route, *at)
}

/// The routes of a list, those of the items that it nests included.
fn list(
    evaluator: &mut Evaluator<'_>,
    all: &[Use<'_>],
    one: &Use<'_>,
    nested: &mut Vec<DefId>,
    depth: u32,
) -> Handle {
    let text = evaluator.program.text(one.file);
    let at = one.attribute.at;
    let mut made = evaluator.chain(LIST, None, Op::New, at);
    let mut entries = one.attribute.tokens;
    if let Some(name) = &one.means.list {
        let groups = split(&text, entries, ",");
        let group = groups.into_iter().find_map(|part| inside(&text, part, name, '(', ')'));
        let Some(group) = group else {
            evaluator.gap_at(at, &format!("no `{name}(…)` in the arguments of this macro"));
            return made;
        };
        entries = group;
    }
    for entry in split(&text, entries, ",") {
        let place = Place { file: one.file, span: entry };
        let halves = split(&text, entry, &one.means.entry);
        // An empty path is written as `""`, which is not empty text.
        let [path, answers] = halves.as_slice() else {
            evaluator
                .gap_at(place, "this entry has no path and answer as the contract describes them");
            continue;
        };
        let path = body::parse_expr(&text, *path).ok();
        let path = path.map(|path| one.eval(evaluator, &path));
        let path = path.and_then(|path| path.text()).unwrap_or_else(Text::hole);
        let several = inside(&text, *answers, "", '[', ']');
        for answered in several.map_or_else(|| vec![*answers], |several| split(&text, several, ","))
        {
            let Ok(expr) = body::parse_expr(&text, answered) else {
                evaluator.gap_at(place, "what answers this entry does not parse");
                continue;
            };
            let (word, given) = match &expr.kind {
                ExprKind::Call(word, given) => (last_name(word).unwrap_or_default(), given.first()),
                _ => ("", Some(&expr)),
            };
            if one.means.nest.iter().any(|nest| nest == word) {
                let inner = given.and_then(|given| item_of(evaluator, one.module, given));
                let inner =
                    inner.and_then(|item| all.iter().find(|other| other.item == Some(item)));
                match inner {
                    Some(inner) if depth < DEPTH => {
                        nested.extend(inner.item);
                        let inner = list(evaluator, all, inner, nested, depth + 1);
                        made = mount(
                            evaluator,
                            Some(&made),
                            path.clone(),
                            &inner,
                            Mount::Prefix,
                            place,
                        );
                    }
                    _ => evaluator.gap_at(place, "what is nested here has no such macro"),
                }
                continue;
            }
            let methods = axum::verb(&word.to_ascii_lowercase()).unwrap_or(Methods::Unknown);
            let handler = given.map(|given| one.eval(evaluator, given));
            let inner = answer(evaluator, methods, handler.unwrap_or_else(Value::unknown), place);
            made = mount(evaluator, Some(&made), path.clone(), &inner, Mount::Route, place);
        }
    }
    made
}

/// The item that an expression of an attribute names.
fn item_of(evaluator: &Evaluator<'_>, module: ModuleId, expr: &Expr) -> Option<DefId> {
    let ExprKind::Path(path) = &expr.kind else { return None };
    let spaces = [Namespace::Type, Namespace::Value];
    spaces.into_iter().find_map(|space| {
        let found = evaluator.program.resolve_path(module, path, space);
        found.into_iter().find_map(|(_, is)| match is {
            Resolution::Def(def) => Some(def),
            _ => None,
        })
    })
}

/// Notes attributes on functions that carry a path and mean nothing that is known.
fn note_unknown(evaluator: &mut Evaluator<'_>, known: &[Place]) {
    for function in evaluator.program.defs() {
        let def = evaluator.program.def(function);
        if !matches!(def.kind, DefKind::Fn | DefKind::Method) || def.item.attrs.is_empty() {
            continue;
        }
        for attribute in evaluator.attributes(function) {
            let is_path = |value: &Expr| {
                matches!(&value.kind, ExprKind::Lit(Lit::Str(text))
                    if text.starts_with('/') && !text.contains(char::is_whitespace))
            };
            let last = attribute.path.rsplit(':').next().unwrap_or_default();
            let is_known = known.contains(&attribute.at)
                || super::knows(&attribute.path)
                || matches!(
                    last,
                    "path" | "doc" | "instrument" | "openapi" | "endpoint" | "channel"
                );
            if !is_known && attribute.args.iter().any(|(_, value)| is_path(value)) {
                let reason = format!(
                    "`#[{}]` carries a path, and neither a model nor the contract says what it means",
                    attribute.path
                );
                evaluator.gap_at(attribute.at, &reason);
            }
        }
    }
}

impl Framework for Declared {
    fn name(&self) -> &'static str {
        "declared"
    }

    fn crates(&self) -> &'static [&'static str] {
        &[]
    }

    fn knows(&self, _path: &str) -> bool {
        false
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == LIST).then_some(LIST)
    }

    fn served(&self, evaluator: &mut Evaluator<'_>) {
        let declared = evaluator.route_macros();
        let all = uses(evaluator, declared);
        let mut nested = Vec::new();
        let mut made = Vec::new();
        for one in &all {
            let routes = match &one.means.path {
                Some(path) => single(evaluator, one, path),
                None => list(evaluator, &all, one, &mut nested, 0),
            };
            made.push((one, routes));
        }
        for (one, routes) in made {
            if !one.item.is_some_and(|item| nested.contains(&item)) {
                serve(evaluator, one, routes);
            }
        }
        let known: Vec<Place> = all.iter().map(|one| one.attribute.at).collect();
        note_unknown(evaluator, &known);
    }

    fn call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _term: &Rc<Term>,
        _args: &[Value],
        _at: Place,
    ) -> Option<Value> {
        None
    }

    fn method(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        _value: &Value,
        _method: &Method<'_>,
    ) -> Option<Value> {
        None
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
