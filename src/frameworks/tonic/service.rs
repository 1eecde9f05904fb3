//! Which service a generated type serves, and the routes of it.

use std::rc::Rc;

use super::{SERVICE, generated_type, proto};
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::{FnValue, Value},
    },
    frameworks::case::{plain, snake_case},
    link::{DefId, DefKind, Head, ModuleId, Target, types::Ty},
    source::Place,
    syntax::tree::{ItemKind, Name},
};

/// A service with the name its paths have.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// `billing.v1.Payments`; `None` where the package is not known.
    full_name: Option<String>,
    name: String,
    methods: Vec<String>,
}

impl Known {
    pub(super) fn of(full_name: &str, methods: &[&str]) -> Self {
        Self {
            full_name: Some(full_name.to_owned()),
            name: full_name.rsplit('.').next().unwrap_or_default().to_owned(),
            methods: methods.iter().map(|name| (*name).to_owned()).collect(),
        }
    }
}

/// All services of the tree's `.proto` files.
fn services(evaluator: &mut Evaluator<'_>) -> Rc<Vec<proto::Service>> {
    evaluator.read_once("services of .proto files", |evaluator| {
        let mut all: Vec<proto::Service> = Vec::new();
        for (_, text) in evaluator.documents("proto") {
            for service in proto::services(&text) {
                if !all.contains(&service) {
                    all.push(service);
                }
            }
        }
        all
    })
}

/// The services that a generated type may stand for, by full name, and the function of it that is named.
///
/// - `leads`: the ways in which its path can be read, as [`Evaluator::leads`] has them.
pub(super) fn named(
    evaluator: &mut Evaluator<'_>,
    leads: &[(ModuleId, Vec<Name>)],
) -> Option<(String, String)> {
    let shapes = leads.iter().filter_map(|(_, path)| {
        let (service, in_module) = generated_type(path)?;
        Some((service.to_owned(), in_module, path.last()?.to_string()))
    });
    let shapes: Vec<(String, bool, String)> = shapes.collect();
    // The longest spelling is that of a `use`, which knows the type's own name.
    let (service, _, function) =
        shapes.iter().find(|(_, in_module, _)| *in_module).or(shapes.first())?;
    let in_module = shapes.iter().any(|(_, in_module, _)| *in_module);
    let all = services(evaluator);
    let candidates: Vec<&proto::Service> =
        all.iter().filter(|known| plain(&known.name) == plain(service)).collect();
    if candidates.is_empty() {
        return in_module.then(|| (format!("?{service}"), function.clone()));
    }
    let included = included_packages(evaluator, leads);
    // What is generated for a package has its name in snake case.
    let spelled = |package: &str| package.split('.').map(plain).collect::<Vec<_>>();
    let included: Vec<Vec<String>> = included.iter().map(|package| spelled(package)).collect();
    let said = |known: &&&proto::Service| included.contains(&spelled(&known.package));
    let exact: Vec<_> = candidates.iter().filter(said).collect();
    let score = |known: &proto::Service| {
        let segments = known.package.split('.').filter(|segment| {
            leads.iter().any(|(module, path)| {
                path.iter().any(|name| plain(name) == plain(segment))
                    || evaluator
                        .program
                        .module_path(*module)
                        .0
                        .split("::")
                        .any(|name| plain(name) == plain(segment))
            })
        });
        segments.count()
    };
    let best = candidates.iter().map(|known| score(known)).max().unwrap_or(0);
    let chosen: Vec<String> = if exact.is_empty() {
        let fitting = candidates.iter().filter(|known| score(known) == best);
        fitting.map(|known| known.full_name()).collect()
    } else {
        exact.iter().map(|known| known.full_name()).collect()
    };
    Some((chosen.join(","), function.clone()))
}

/// The packages that `include_proto!`, or `include!` of what it stands for, brings into the modules a path leads to.
fn included_packages(evaluator: &Evaluator<'_>, leads: &[(ModuleId, Vec<Name>)]) -> Vec<String> {
    let notes = evaluator.program.notes();
    let here = notes.item_macros.iter().chain(&notes.unread_includes).filter(|call| {
        leads.iter().any(|(module, _)| *module == call.module)
            && call.call.path.segments.last().is_some_and(|last| last.name.starts_with("include"))
    });
    here.filter_map(|call| {
        let text = evaluator.program.text(call.file);
        let written = call.call.args.of(&text);
        let (_, after) =
            written.rsplit_once('"').and_then(|(before, _)| before.rsplit_once('"'))?;
        Some(after.trim_start_matches('/').trim_end_matches(".rs").to_owned())
    })
    .collect()
}

/// The full names of the services that a generated type of a crate outside the tree stands for, joined by commas: of those
/// called `service`, the ones whose package is the module that it stands in; `?service` when there are none.
///
/// - `path`: the crate, its modules, that of the service, the type and its function.
pub(super) fn outside(evaluator: &mut Evaluator<'_>, service: &str, path: &[&str]) -> String {
    let all = services(evaluator);
    let fitting = all.iter().filter(|known| {
        plain(&known.name) == plain(service) && is_package_of(&known.package, path)
    });
    let names: Vec<String> = fitting.map(proto::Service::full_name).collect();
    if names.is_empty() { format!("?{service}") } else { names.join(",") }
}

/// Whether the code of a package stands where a path says.
///
/// Its modules are named after it; a crate that has it at its root is named after it mostly, whatever the version.
fn is_package_of(package: &str, path: &[&str]) -> bool {
    let [krate, modules @ .., _, _, _] = path else { return false };
    let segments: Vec<String> = package.split('.').map(plain).collect();
    let modules: Vec<String> = modules.iter().map(|name| plain(name)).collect();
    let after_names = modules.iter().position(|name| !is_place_of_generated(name));
    if let Some(own) = after_names.and_then(|at| modules.get(at..)) {
        return own == segments.as_slice();
    }
    let is_version = |segment: &str| {
        segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let words: Vec<String> = krate.split('_').map(plain).collect();
    let mut telling = segments.iter().filter(|segment| !is_version(segment)).peekable();
    telling.peek().is_some() && telling.all(|segment| words.contains(segment))
}

/// Whether a module is one that generated code is put in, whatever its package.
fn is_place_of_generated(name: &str) -> bool {
    matches!(
        name,
        "api" | "gen" | "generated" | "grpc" | "pb" | "proto" | "protobuf" | "protos" | "rpc"
    )
}

/// The services behind full names that are joined by commas.
pub(super) fn known_services(evaluator: &mut Evaluator<'_>, names: &str) -> Vec<Known> {
    let all = services(evaluator);
    let each = names.split(',').map(|name| {
        if let Some(name) = name.strip_prefix('?') {
            return Known { full_name: None, name: name.to_owned(), methods: Vec::new() };
        }
        let found = all.iter().find(|known| known.full_name() == name);
        let methods = found.map(|known| known.methods.clone()).unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default().to_owned();
        Known { full_name: Some(name.to_owned()), name: last, methods }
    });
    each.collect()
}

/// The routes of services that `implementor` answers.
pub(super) fn mounted(
    evaluator: &mut Evaluator<'_>,
    services: &[Known],
    implementor: Option<&Value>,
    at: Place,
) -> Handle {
    let ty = implementor.map_or(Ty::Unknown, |value| evaluator.type_of(&value.bare()));
    let mut all = None;
    for service in services {
        let own = methods_of(evaluator, &ty, service);
        if service.full_name.is_none() && own.is_empty() {
            let path = Text::known("/")
                .then(&Text::hole())
                .then(&Text::known(&format!(".{}/{{*rest}}", service.name)));
            all = Some(add(evaluator, all.as_ref(), &path, Value::unknown(), at));
        }
        let named: Vec<String> = if service.full_name.is_none() {
            own.iter().map(|(name, _)| upper_camel(name)).collect()
        } else {
            service.methods.clone()
        };
        for method in named {
            let path = match &service.full_name {
                Some(name) => Text::known(&format!("/{name}/{method}")),
                None => Text::known("/")
                    .then(&Text::hole())
                    .then(&Text::known(&format!(".{}/{method}", service.name))),
            };
            let handler = own.iter().find(|(name, _)| plain(name) == plain(&method));
            let handler = handler.map_or_else(Value::unknown, |(_, def)| {
                let self_ty = (ty != Ty::Unknown).then(|| ty.clone());
                Value::Fn(Rc::new(FnValue { def: *def, self_ty, generics: Vec::new() }))
            });
            all = Some(add(evaluator, all.as_ref(), &path, handler, at));
        }
    }
    all.unwrap_or_else(|| evaluator.chain(SERVICE, None, Op::New, at))
}

fn upper_camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().collect::<String>() + letters.as_str()
        })
    });
    words.collect()
}

fn add(
    evaluator: &mut Evaluator<'_>,
    to: Option<&Handle>,
    path: &Text,
    handler: Value,
    at: Place,
) -> Handle {
    let op = Op::Handler { methods: Methods::These(vec!["POST"]), handler, catch_all: false };
    let made = evaluator.chain(SERVICE, None, op, at);
    let op = Op::At { path: path.clone(), inner: made.node, mount: Mount::Route };
    evaluator.chain(SERVICE, to, op, at)
}

/// The methods that answer a service: of the implementor's type, of every type that has what an impl asks for, or of the
/// one impl of the trait in the tree.
fn methods_of(evaluator: &Evaluator<'_>, ty: &Ty, service: &Known) -> Vec<(Name, DefId)> {
    let program = evaluator.program;
    let is_of_service = |block: &DefId| is_of(evaluator, *block, &service.name);
    let methods = |block: DefId| {
        let members =
            program.members(block).into_iter().map(|id| (program.def(id).name.clone(), id));
        members.filter(|(_, id)| program.def(*id).kind == DefKind::Method).collect::<Vec<_>>()
    };
    let head = evaluator.pointed(ty).head();
    let mut blocks: Vec<DefId> = head.iter().flat_map(|head| program.impls_for(head)).collect();
    blocks.retain(is_of_service);
    if !blocks.is_empty() {
        return blocks.into_iter().flat_map(methods).collect();
    }
    blocks = program.blanket_impls();
    blocks.retain(is_of_service);
    // What a type of the tree has no impl for is answered by code that is not in it.
    let is_type = matches!(&head, Some(Head::Item(id)) if program.def(*id).kind != DefKind::Trait);
    if blocks.is_empty() && !is_type {
        for method in &service.methods {
            for id in program.methods_named(&snake_case(method)) {
                let block = program.def(id).parent;
                blocks
                    .extend(block.filter(|block| is_of_service(block) && !blocks.contains(block)));
            }
        }
    }
    blocks.truncate(1);
    blocks.into_iter().flat_map(methods).collect()
}

/// Whether an impl is of the trait of that name, whatever a `use` calls it there.
fn is_of(evaluator: &Evaluator<'_>, block: DefId, service: &str) -> bool {
    let program = evaluator.program;
    let def = program.def(block);
    let ItemKind::Impl(item) = &def.item.kind else { return false };
    let Some(of_trait) = &item.of_trait else { return false };
    let path: Vec<&str> = of_trait.segments.iter().map(|one| one.name.as_str()).collect();
    let leads = program.leads(def.module, &path);
    let ends = leads.iter().filter_map(|(_, path)| path.last());
    let is_named = |name: &str| plain(name) == plain(service);
    match program.trait_of(block) {
        Some(Target::Item(known)) => is_named(&program.def(known).name),
        _ => ends.into_iter().any(|name| is_named(name)),
    }
}

/// The constant in which generated code names the service of a server type.
fn generated_name(evaluator: &Evaluator<'_>, given: &Value) -> Option<DefId> {
    let head = evaluator.type_of(&given.bare()).head()?;
    evaluator.program.assoc_of(&head, "NAME").first().copied()
}

/// Whether a value is of a server type whose generated code is part of the tree.
pub(super) fn is_generated(evaluator: &Evaluator<'_>, given: &Value) -> bool {
    generated_name(evaluator, given).is_some()
}

/// The routes of a server type whose generated code is part of the tree.
pub(super) fn of_generated_code(
    evaluator: &mut Evaluator<'_>,
    given: &Value,
    at: Place,
) -> Option<Handle> {
    let name = generated_name(evaluator, given)?;
    let full_name = evaluator.constant(name).text()?.exact()?;
    let mut services = known_services(evaluator, &full_name);
    if let Some(service) = services.first_mut()
        && service.methods.is_empty()
    {
        service.methods = written_methods(evaluator, name, &full_name);
    }
    let inner = match given.bare() {
        Value::Object(object) => {
            let held = object.fields.iter().find(|(field, _)| field == "inner");
            held.map(|(_, held)| held.borrow().clone())
        }
        _ => None,
    };
    Some(mounted(evaluator, &services, inner.as_ref(), at))
}

/// The rpcs that generated code compares paths with.
fn written_methods(evaluator: &Evaluator<'_>, near: DefId, full_name: &str) -> Vec<String> {
    let text = evaluator.program.text(evaluator.program.def(near).file);
    let start = format!("\"/{full_name}/");
    let mut all: Vec<String> = Vec::new();
    for piece in text.split(&start).skip(1) {
        let method = piece.split('"').next().unwrap_or_default().to_owned();
        if !all.contains(&method) {
            all.push(method);
        }
    }
    all
}

/// A service of which nothing is known.
pub(super) fn unknown_service(evaluator: &mut Evaluator<'_>, given: &Value, at: Place) -> Handle {
    evaluator.gap_at(at, "what service is added here is not known");
    add(evaluator, None, &Text::hole(), given.clone(), at)
}
