//! The table of web frameworks: what their functions, methods and macros do to values.
//!
//! A model is found by the resolved path of what is called; a function of the same name elsewhere is not it.

pub mod actix_web;
pub mod aide;
pub mod axum;
mod case;
pub mod declared;
mod documentation;
pub mod dropshot;
mod every;
pub mod gotham;
pub mod graphql;
pub mod hyper;
pub mod loco;
pub mod poem;
pub mod poem_openapi;
pub mod rocket;
pub mod rwf;
pub mod salvo;
pub mod sample;
pub mod server_fn;
pub mod tide;
pub mod tonic;
pub mod trillium;
pub mod unmodelled;
pub mod viz;
pub mod warp;

use std::rc::Rc;

pub use self::every::{
    applies, call, crates, derives, dispatched, field, framework_of, generated, has_own_path,
    is_data, is_filter, is_framework, is_part, is_read, knows, lists_dropped, macro_call,
    macro_rules, member, method, minds_slash, publishes, put_together, router_kind, taken_apart,
    tells_apart, token_macro, watches, with_field,
};

use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Handle, RouterKind},
        suppose::{Called, Reading},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, types::Ty},
    source::Place,
    syntax::tree::{Expr, MacroCall},
};

/// One of the things that a route answers by a name in the body of a request.
#[derive(Debug)]
pub struct Part {
    /// What is put behind the path of the route.
    pub path: Text,
    /// What answers.
    pub handler: Value,
    /// What stands before it.
    pub layers: Vec<Value>,
}

/// What one framework means.
pub trait Framework: Sync {
    /// As `routes` shows it.
    fn name(&self) -> &'static str;

    /// The crates through which code names it.
    fn crates(&self) -> &'static [&'static str];

    /// How its code looks, for the routes that a contract tests itself with.
    fn sample(&self) -> Option<&'static sample::Sample> {
        None
    }

    /// Whether a path with a slash at its end is another path to its router. False where the router passes over that slash,
    /// and where what it does with it is not known.
    fn minds_slash(&self) -> bool {
        false
    }

    /// Whether a path outside the tree is one this framework gives meaning to.
    fn knows(&self, path: &str) -> bool;

    /// Whether a path that this framework knows names data alone: what neither holds nor makes a route.
    fn is_data(&self, _path: &str) -> bool {
        false
    }

    /// The router type that a path names: the same for all paths by which it is exported.
    fn router_kind(&self, path: &str) -> Option<RouterKind>;

    /// A path as this framework writes it, in our spelling: `{name}` for a segment, `{*name}` for the rest.
    ///
    /// - `written`: with `{?}` for each piece that is not known.
    fn path(&self, written: &str) -> String {
        let segments = written.split('/').map(|segment| match segment.chars().next() {
            Some(':') => format!("{{{}}}", segment.trim_start_matches(':')),
            Some('*') => format!("{{{segment}}}"),
            _ => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// `inner` mounted under `prefix`, both in our spelling.
    ///
    /// What begins with `#` names a part of what one path serves and is put behind it.
    fn join(&self, prefix: &str, inner: &str) -> String {
        let mut all = prefix.to_owned();
        if inner.starts_with('#') {
            all.push_str(inner);
        } else if all.ends_with('/') {
            all.push_str(inner.trim_start_matches('/'));
        } else if inner != "/" || all.is_empty() {
            if !inner.starts_with('/') && !inner.is_empty() && !inner.starts_with("{?}") {
                all.push('/');
            }
            all.push_str(inner);
        }
        all
    }

    /// Whether routers of this type are filters: what one lets through is a set of ways, each with what it asks of path
    /// and method and, at last, what answers. Of what a function makes, each way counts as passed through it.
    fn is_filter(&self, _kind: RouterKind) -> bool {
        false
    }

    /// Whether it chooses among routes of one method and path by more than these: rank and format, or what comes first.
    ///
    /// Two of them are then no mistake.
    fn tells_apart(&self) -> bool {
        false
    }

    /// Whether what is made and dropped is listed in a tree that serves nothing of this framework.
    ///
    /// Who serves it is then not in view.
    fn lists_dropped(&self) -> bool {
        false
    }

    /// Whether a router of this type answers nothing until another takes it up: a route that was never mounted.
    fn is_part(&self, _kind: RouterKind) -> bool {
        false
    }

    /// Whether a router of this type has a path of its own, which stands before those in it wherever it is put.
    fn has_own_path(&self, _kind: RouterKind) -> bool {
        false
    }

    /// Whether a call outside the tree wraps routes with the layers or functions it is given, as axum's `from_fn` does.
    ///
    /// Anything else may hold a layer without applying it (`Extension(layer)`).
    fn applies(&self, _path: &str) -> bool {
        false
    }

    /// A router that nothing mounts, as it is when it is served by itself; `None` when that is no other.
    fn alone(&self, _evaluator: &mut Evaluator<'_>, _router: &Handle) -> Option<Handle> {
        None
    }

    /// Whether what a value of this path is compared with tells routes apart.
    fn watches(&self, _path: &str) -> bool {
        false
    }

    /// Whether a value of this path comes of what is watched in a way that is not read.
    fn derives(&self, _path: &str) -> bool {
        false
    }

    /// A branch that rests on nothing but such values has come to an end, and none within it was concluded.
    ///
    /// - `readings`, `called`: as [`Framework::concluded`] is given them.
    fn passed_by(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _readings: &[Reading],
        _called: &Rc<FnValue>,
        _at: Place,
    ) {
    }

    /// A field of a value of this framework's, or an element (`[]`).
    fn field(&self, _term: &Rc<Term>, _name: &str) -> Option<Value> {
        None
    }

    /// A router of this framework's after an assignment to one of its fields; `None` where that changes no route.
    fn with_field(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _router: &Handle,
        _name: &str,
        _value: &Value,
    ) -> Option<Value> {
        None
    }

    /// A branch that rests on watched values has come to an end, and none within it has.
    ///
    /// - `readings`: what it supposes, outermost first; any of them may hold.
    /// - `value`: what it gives, unless it returns.
    /// - `called`: the first function of the tree that it calls, or the first that is given what is watched.
    fn concluded(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _readings: &[Reading],
        _value: Option<&Value>,
        _called: Option<&Called>,
        _at: Place,
    ) {
    }

    /// What a handler answers by names in the body of a request.
    fn parts(&self, _evaluator: &mut Evaluator<'_>, _handler: &Value) -> Vec<Part> {
        Vec::new()
    }

    /// Whether the parameter of a handler is read from a part of the request that an attribute names, and is no guard.
    fn is_read(&self, _attribute: &Attribute, _parameter: &str) -> bool {
        false
    }

    /// The routers of a handler that chooses among routes of its own, whatever path it is mounted at: their paths are
    /// whole, and the handler is then no route by itself.
    fn dispatched(&self, _evaluator: &mut Evaluator<'_>, _handler: &Value) -> Option<Vec<Handle>> {
        None
    }

    /// Whether an attribute of this path on an impl makes routes of its methods, which are served with a value of its type.
    fn makes_routes(&self, _attribute: &str) -> bool {
        false
    }

    /// Whether an attribute of this path makes an item of a function that everyone may name, private as it may be.
    fn publishes(&self, _attribute: &str) -> bool {
        false
    }

    /// The router that a value is to whoever makes a service of it: asked of what code outside the tree is given.
    fn handed_out(&self, _: &mut Evaluator<'_>, _given: &Value, _at: Place) -> Option<Handle> {
        None
    }

    /// The tuple that a router of this framework is, with what it serves in its parts.
    fn taken_apart(&self, _: &mut Evaluator<'_>, _router: &Handle) -> Option<Value> {
        None
    }

    /// The router that a tuple is where one of type `kind` is expected.
    fn put_together(
        &self,
        _: &mut Evaluator<'_>,
        _kind: RouterKind,
        _parts: &[Cell],
    ) -> Option<Value> {
        None
    }

    /// Routers that should have been parts of a route and were not: asked for when all routes are listed.
    fn left(&self, _evaluator: &mut Evaluator<'_>) -> Vec<Handle> {
        Vec::new()
    }

    /// What is served without being mounted by any call: called once, when all code has been evaluated.
    fn served(&self, _evaluator: &mut Evaluator<'_>) {}

    /// A path that the tree does not have, as one of this framework's macros may have written it.
    ///
    /// - `path`: as written.
    fn generated(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _path: &[&str],
        _generics: &[Ty],
        _at: Place,
    ) -> Option<Value> {
        None
    }

    /// A call of a function, by its path.
    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value>;

    /// A method call on a value that is, or may be, one of this framework's.
    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value>;

    /// A constant or function that one of this framework's derives gives a type of the tree.
    fn member(&self, _evaluator: &mut Evaluator<'_>, _ty: DefId, _name: &str) -> Option<Value> {
        None
    }

    /// The rules of a `macro_rules!` of this framework, where that says best what its calls mean.
    fn macro_rules(&self, _path: &str) -> Option<&'static str> {
        None
    }

    /// A macro call whose arguments are no expressions between commas, by its path: asked before
    /// [`Framework::macro_call`].
    fn token_macro(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _path: &str,
        _call: &MacroCall,
        _at: Place,
    ) -> Option<Value> {
        None
    }

    /// A macro call, by its path.
    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        args: &[Expr],
        at: Place,
    ) -> Option<Value>;
}

/// All frameworks.
#[rustfmt::skip] // one a line, so that a new one is a line
pub const FRAMEWORKS: &[&dyn Framework] = &[
    &axum::Axum,
    &poem::Poem,
    &poem_openapi::PoemOpenapi,
    &salvo::Salvo,
    &viz::Viz,
    &rwf::Rwf,
    &aide::Aide,
    &dropshot::Dropshot,
    &actix_web::ACTIX_WEB,
    &actix_web::NTEX,
    &rocket::Rocket,
    &warp::Warp,
    &gotham::Gotham,
    &tide::Tide,
    &trillium::Trillium,
    &tonic::Tonic,
    &loco::Loco,
    &hyper::Hyper,
    &declared::Declared,
    &graphql::ASYNC_GRAPHQL,
    &graphql::JUNIPER,
    &server_fn::LEPTOS,
    &server_fn::DIOXUS,
];
