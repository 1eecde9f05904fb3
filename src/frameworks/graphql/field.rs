//! The fields of a mutation object: their names, and what guards them.

use std::rc::Rc;

use super::{DEPTH, GraphQl};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        value::{Value, cell},
    },
    frameworks::case::{camel_case, snake_case},
    link::{DefId, DefKind, Head, Target, types::Ty},
    source::Span,
    syntax::{
        body,
        tree::{Expr, ExprKind, ItemKind, Lit},
    },
};

/// A mutation.
pub(super) struct Field {
    /// As a client asks for it.
    pub name: String,
    /// The object that it is a method of.
    pub object: DefId,
    /// What answers.
    pub method: DefId,
    /// What must let the request pass before.
    pub guards: Vec<Value>,
}

fn named<'a>(attribute: &'a Attribute, key: &str) -> Option<&'a Expr> {
    attribute.args.iter().find(|(name, _)| name.as_deref() == Some(key)).map(|(_, value)| value)
}

fn text(value: &Expr) -> Option<&str> {
    match &value.kind {
        ExprKind::Lit(Lit::Str(text)) => Some(text),
        _ => None,
    }
}

fn says(attribute: &Attribute, word: &str) -> bool {
    attribute.args.iter().any(|(name, value)| {
        name.is_none()
            && matches!(&value.kind, ExprKind::Path(path)
                if path.segments.last().is_some_and(|last| last.name == word))
    })
}

/// A field's name under a rename rule.
fn renamed(name: &str, rule: Option<&str>) -> String {
    let upper = |name: &str| {
        let camel = camel_case(name);
        let mut letters = camel.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().collect::<String>() + letters.as_str()
        })
    };
    match rule {
        Some("snake_case") => snake_case(name),
        Some("none") => name.to_owned(),
        Some("SCREAMING_SNAKE_CASE") => name.to_uppercase(),
        Some("lowercase") => name.replace('_', "").to_lowercase(),
        Some("UPPERCASE") => name.replace('_', "").to_uppercase(),
        Some("PascalCase") => upper(name),
        _ => camel_case(name),
    }
}

impl GraphQl {
    /// The mutations of an object.
    pub(super) fn fields(
        &self,
        evaluator: &mut Evaluator<'_>,
        object: DefId,
        depth: u32,
    ) -> Vec<Field> {
        let mut all = Vec::new();
        let ty = Ty::Def(object, Vec::new());
        let blocks = ty.head().map(|head| evaluator.program.impls_for(&head)).unwrap_or_default();
        for block in blocks {
            let attributes = evaluator.attributes(block);
            let Some(of_object) = attributes.iter().find(|attribute| {
                attribute.path.rsplit(':').next() == Some(self.object) && self.owns(&attribute.path)
            }) else {
                continue;
            };
            let rule = named(of_object, "rename_fields").or_else(|| named(of_object, "rename_all"));
            let rule = rule.and_then(text).map(str::to_owned);
            let of_all = guard(evaluator, block, of_object);
            for member in evaluator.program.members(block) {
                let def = evaluator.program.def(member);
                if def.kind != DefKind::Method {
                    continue;
                }
                let own = evaluator.attributes(member);
                let own = own
                    .iter()
                    .find(|attribute| attribute.path.rsplit(':').next() == Some("graphql"));
                if own.is_some_and(|own| ["skip", "ignore"].iter().any(|word| says(own, word))) {
                    continue;
                }
                let name = own.and_then(|own| named(own, "name")).and_then(text);
                let name = name.map_or_else(|| renamed(&def.name, rule.as_deref()), str::to_owned);
                // A guard of its own stands instead of that of all.
                let mine = own.and_then(|own| guard(evaluator, member, own));
                let guards: Vec<Value> = mine.or_else(|| of_all.clone()).into_iter().collect();
                let inner = if depth < DEPTH { self.namespace(evaluator, member) } else { None };
                let Some(inner) = inner else {
                    all.push(Field { name, object, method: member, guards });
                    continue;
                };
                for field in self.fields(evaluator, inner, depth + 1) {
                    let name = format!("{name}.{}", field.name);
                    let guards = [guards.clone(), field.guards].concat();
                    all.push(Field { name, guards, ..field });
                }
            }
        }
        // `#[derive(MergedObject)]` has the fields of all its parts.
        if depth < DEPTH && is_merged(evaluator, object) {
            for (_, part) in evaluator.fields(object).iter().flat_map(|fields| fields.iter()) {
                if let Ty::Def(part, _) = evaluator.pointed(part).clone() {
                    all.extend(self.fields(evaluator, part, depth + 1));
                }
            }
        }
        all
    }

    /// The object that a field gives, where that holds nothing and so is only a place for more mutations.
    fn namespace(&self, evaluator: &mut Evaluator<'_>, field: DefId) -> Option<DefId> {
        let def = evaluator.program.def(field);
        let ItemKind::Fn(item) = &def.item.kind else { return None };
        let env = evaluator.program.type_env(field);
        let given = evaluator.program.resolve_type(def.module, item.ret.as_ref()?, &env);
        let object = match evaluator.pointed(&given) {
            Ty::Def(object, _) => *object,
            Ty::External(path, args) if path.ends_with("Result") => match args.first()? {
                Ty::Def(object, _) => *object,
                _ => return None,
            },
            _ => return None,
        };
        if is_merged(evaluator, object) {
            return Some(object);
        }
        if !evaluator.fields(object).is_some_and(|held| held.is_empty()) {
            return None;
        }
        let blocks = evaluator.program.impls_for(&Head::Item(object));
        let is_object = blocks.into_iter().any(|block| {
            evaluator.attributes(block).iter().any(|attribute| {
                attribute.path.rsplit(':').next() == Some(self.object) && self.owns(&attribute.path)
            })
        });
        is_object.then_some(object)
    }

    /// Two guards as one: both must let the request pass, or one of them.
    pub(super) fn joined(
        &self,
        evaluator: &Evaluator<'_>,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let Value::Object(object) = value else { return None };
        let of = |block: &DefId| match evaluator.program.trait_of(*block) {
            Some(Target::External(path)) => self.owns(&path) && path.ends_with("::Guard"),
            _ => false,
        };
        if !evaluator.program.impls_for(&Head::Item(object.def)).iter().any(of) {
            return None;
        }
        match method.name {
            "and" => {
                let both = [value.clone(), method.args.first()?.clone()];
                Some(Value::Tuple(Rc::new(both.into_iter().map(cell).collect())))
            }
            // Neither of them must.
            "or" => Some(Value::unknown()),
            _ => None,
        }
    }
}

fn is_merged(evaluator: &Evaluator<'_>, object: DefId) -> bool {
    let def = evaluator.program.def(object);
    let text = evaluator.program.text(def.file);
    def.item.attrs.iter().any(|attr| attr.args.of(&text).contains("MergedObject"))
}

/// The guard that an attribute asks for, written as an expression or as the text of one.
fn guard(evaluator: &mut Evaluator<'_>, of: DefId, attribute: &Attribute) -> Option<Value> {
    let written = named(attribute, "guard")?;
    if text(written).is_none() {
        return Some(evaluator.eval_in_attribute(of, written));
    }
    let file = evaluator.program.text(evaluator.program.def(of).file);
    let inside = Span::new(written.span.start + 1, written.span.end.saturating_sub(1));
    let expr = body::parse_expr(&file, inside).ok()?;
    Some(evaluator.eval_in_attribute(of, &expr))
}
