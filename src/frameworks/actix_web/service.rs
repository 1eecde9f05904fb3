//! Services that are registered with their definition, and what answers of a service that is no route.

use std::rc::Rc;

use super::{Actix, guard, handle, texts};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::{FnValue, Value, cell},
    },
    link::types::Ty,
    source::Place,
};

impl Actix {
    /// `register_service(definition, guards, factory, …)`.
    pub(super) fn registered(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let factory = args.get(2).cloned().unwrap_or_else(Value::unknown);
        let handler = served(evaluator, &factory, at);
        let route = self.route_of(evaluator, all_of(args.get(1)), Some(&handler), at)?;
        let below = Op::At {
            path: Text::known("/{*rest}"),
            inner: route.node.clone(),
            mount: Mount::Route,
        };
        let below = evaluator.chain(self.route, None, below, at);
        let definition = args.first().cloned().unwrap_or_else(Value::unknown);
        Some(evaluator.each_way(&definition, &mut |evaluator, definition| {
            let (paths, is_prefix) = paths(definition);
            let mut all = router.clone();
            for path in paths {
                let inner = route.node.clone();
                let op = Op::At { path: path.clone(), inner, mount: Mount::Route };
                all = evaluator.chain(all.kind, Some(&all), op, at);
                if is_prefix {
                    let inner = below.node.clone();
                    let op = Op::At { path, inner, mount: Mount::Route };
                    all = evaluator.chain(all.kind, Some(&all), op, at);
                }
            }
            Value::Router(all)
        }))
    }
}

/// The paths of a `ResourceDef`, and whether it takes what is below them too.
fn paths(definition: &Value) -> (Vec<Text>, bool) {
    match definition.bare() {
        Value::Term(term) => {
            let is_prefix = term.path.ends_with("::prefix") || term.path.ends_with("::root_prefix");
            (texts(term.args.as_deref().and_then(|args| args.first())), is_prefix)
        }
        value => (texts(Some(&value)), false),
    }
}

/// The methods that all guards of a list let through, where there are any.
fn all_of(guards: Option<&Value>) -> Methods {
    let Some(Value::Term(some)) = guards.map(Value::bare) else { return Methods::Any };
    let Some(Value::List(list)) =
        some.args.as_deref().and_then(|args| args.first()).map(Value::bare)
    else {
        return Methods::Any;
    };
    let each = list.items.iter().map(|one| guard::methods(Some(one)));
    each.fold(Methods::Any, |all, one| all.and(&one))
}

/// What answers for a service or a factory of services: the function it is made of, `call` of the service.
pub(super) fn served(evaluator: &mut Evaluator<'_>, factory: &Value, at: Place) -> Value {
    let bare = factory.bare();
    if let Value::Term(term) = &bare
        && term.path.ends_with("::fn_service")
        && let Some(function) = term.args.as_deref().and_then(|args| args.first())
    {
        return function.clone();
    }
    let service = match &bare {
        Value::Object(_) | Value::Unknown(Ty::Def(..)) => bare.clone(),
        _ => return factory.clone(),
    };
    call_of(evaluator, &service).unwrap_or_else(|| {
        let args = vec![Value::Unit];
        let method = Method { name: "new_service", generics: Vec::new(), args, at };
        let made = evaluator.method(&cell(service), method);
        let made = made.ok().map(|made| evaluator.awaited(made));
        let within = |made: Value| match made.bare() {
            Value::Term(term) => term.args.as_ref().and_then(|args| args.first().cloned()),
            made => Some(made),
        };
        let made = made.and_then(within);
        made.and_then(|made| call_of(evaluator, &made)).unwrap_or_else(|| factory.clone())
    })
}

/// `call` of a service of the tree.
fn call_of(evaluator: &mut Evaluator<'_>, service: &Value) -> Option<Value> {
    let ty = evaluator.type_of(service);
    let head = ty.head()?;
    let def = evaluator.program.assoc_of(&head, "call").first().copied()?;
    Some(Value::Fn(Rc::new(FnValue { def, self_ty: Some(ty), generics: Vec::new() })))
}

/// The files of a directory, with something else about what answers for all of them.
pub(super) fn with_rest(
    files: &Handle,
    change: impl Fn(Methods, Value) -> (Methods, Value),
) -> Option<Handle> {
    crate::evaluate::router::replayed(files, |op| {
        let Op::At { path, inner, mount } = op else { return Some(op.clone()) };
        let inner = Handle { kind: files.kind, node: inner.clone() };
        let inner = crate::evaluate::router::replayed(&inner, |op| {
            let Op::Handler { methods, handler, catch_all } = op else { return Some(op.clone()) };
            let (methods, handler) = change(methods.clone(), handler.clone());
            Some(Op::Handler { methods, handler, catch_all: *catch_all })
        })?;
        Some(Op::At { path: path.clone(), inner: inner.node, mount: *mount })
    })
}

/// A method of the files of a directory that changes what answers for them.
pub(super) fn of_files(
    evaluator: &mut Evaluator<'_>,
    files: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let given = method.args.first()?;
    let made = match method.name {
        // The older name of `method_guard`.
        "method_guard" | "use_guards" => {
            let methods = guard::methods(Some(given));
            with_rest(files, |_, handler| (methods.clone(), handler))
        }
        "default_handler" => {
            let given = match handle(given) {
                Some(_) => super::router::given_handler(given)?,
                None => served(evaluator, given, method.at),
            };
            with_rest(files, |methods, _| (methods, given.clone()))
        }
        _ => return None,
    };
    made.map(Value::Router)
}
