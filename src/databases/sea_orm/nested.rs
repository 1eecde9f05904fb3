//! Active models within active models, as sea-orm 2.0 has them: what is written with one, and what is deleted with it.

use std::rc::Rc;

use super::{entity::entity_of, entity::part_of, item, last};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        value::{Object, Value, cell},
    },
    link::{DefId, types::Ty},
    syntax::{
        body,
        tree::{ExprKind, Field, ItemKind, Lit, Name},
    },
};

/// Values within values that are looked at.
const DEPTH: u32 = 12;

/// What an active model is after `set_…` or `add_…`: what it was, and the other active models that it is given.
pub(super) fn built(evaluator: &Evaluator<'_>, value: &Value, method: &Method<'_>) -> Value {
    let ty = evaluator.type_of(value);
    let Ty::Def(def, generics) = ty.clone() else { return Value::Unknown(ty) };
    let mut given = Vec::new();
    for arg in &method.args {
        collect(evaluator, arg, &mut given, 0);
    }
    let known = match value {
        Value::Object(object) => Some(object),
        _ => None,
    };
    if given.is_empty() {
        return known.map_or(Value::Unknown(ty), |object| Value::Object(Rc::clone(object)));
    }
    let mut fields = known.map(|object| object.fields.clone()).unwrap_or_default();
    // One name for each call: what is added twice is there twice.
    let name = format!("{} {}", method.name, fields.len());
    fields.push((Name::new(&name), cell(Value::list(method.args.clone()))));
    Value::Object(Rc::new(Object { def, variant: None, generics, fields }))
}

/// The types of the active models within one, each with those within it.
pub(super) fn within(evaluator: &Evaluator<'_>, value: &Value) -> Vec<Ty> {
    let mut all = Vec::new();
    if let Value::Object(object) = value.bare() {
        for (_, field) in &object.fields {
            collect(evaluator, &field.borrow(), &mut all, 1);
        }
    }
    all
}

fn collect(evaluator: &Evaluator<'_>, value: &Value, all: &mut Vec<Ty>, depth: u32) {
    if depth > DEPTH {
        return;
    }
    let value = value.bare();
    if matches!(value, Value::Object(_) | Value::Unknown(_)) {
        let ty = evaluator.type_of(&value);
        if is_active(evaluator, &ty) && !all.contains(&ty) {
            all.push(ty);
        }
    }
    let mut within = |value: &Value| collect(evaluator, value, all, depth + 1);
    match &value {
        Value::Object(object) => {
            object.fields.iter().for_each(|(_, field)| within(&field.borrow()));
        }
        Value::Term(term) => term.args.iter().flatten().for_each(within),
        Value::List(list) => list.items.iter().for_each(within),
        Value::Tuple(parts) => parts.iter().for_each(|part| within(&part.borrow())),
        Value::Alt(ways) => ways.iter().for_each(|(_, value)| within(value)),
        Value::Unknown(Ty::External(_, args)) => {
            for arg in args {
                within(&Value::Unknown(arg.clone()));
            }
        }
        Value::Unknown(Ty::Slice(inner)) => within(&Value::Unknown((**inner).clone())),
        _ => {}
    }
}

/// Whether a type is an active model's: a model that is given is there already, and stays as it is.
fn is_active(evaluator: &Evaluator<'_>, ty: &Ty) -> bool {
    let Ty::Def(def, _) = ty else { return false };
    matches!(&*evaluator.program.def(*def).name, "ActiveModel" | "ActiveModelEx")
        && entity_of(evaluator, ty).is_some()
}

/// Whether a method deletes what belongs to a row with it, by the type that it is called on.
pub(super) fn cascades(evaluator: &Evaluator<'_>, ty: &Ty, method: &str) -> bool {
    let Ty::Def(def, _) = ty else { return false };
    let name = evaluator.program.def(*def).name.clone();
    method == "cascade_delete"
        || method == "delete" && matches!(&*name, "ModelEx" | "ActiveModelEx")
}

/// The entities whose rows go with a row of the entity that `ty` stands for, at any depth; `None` for rows of a table
/// that only joins two.
pub(super) fn below(evaluator: &Evaluator<'_>, ty: &Ty) -> Vec<Option<Ty>> {
    let mut all: Vec<Option<Ty>> = Vec::new();
    let mut open = vec![ty.clone()];
    let mut seen: Vec<Ty> = Vec::new();
    while let Some(next) = open.pop() {
        let Some(entity) = entity_of(evaluator, &next) else { continue };
        let model = part_of(evaluator, entity.def, "Model");
        let Ty::Def(model, _) = model else { continue };
        if seen.contains(&Ty::Def(model, Vec::new())) {
            continue;
        }
        seen.push(Ty::Def(model, Vec::new()));
        for (_, found) in owning_fields(evaluator, model) {
            if let Some(child) = &found {
                open.push(child.clone());
            }
            if !all.contains(&found) {
                all.push(found);
            }
        }
    }
    all
}

/// The entities of which rows are deleted because others are put in their place: `HasManyModel::Replace(…)`.
pub(super) fn replaced(evaluator: &Evaluator<'_>, value: &Value) -> Vec<Option<Ty>> {
    let Value::Object(object) = value.bare() else { return Vec::new() };
    let ty = Ty::Def(object.def, Vec::new());
    let Some(entity) = entity_of(evaluator, &ty) else { return Vec::new() };
    let Ty::Def(model, _) = part_of(evaluator, entity.def, "Model") else { return Vec::new() };
    let is_replaced = |name: &Name| {
        let field = object.fields.iter().find(|(field, _)| field == name);
        field.is_some_and(|(_, held)| {
            matches!(held.borrow().bare(), Value::Term(term)
                if item(&term.path).is_some() && last(&term.path) == "Replace")
        })
    };
    let owning = owning_fields(evaluator, model).into_iter();
    owning.filter(|(name, _)| is_replaced(name)).map(|(_, entity)| entity).collect()
}

/// The fields of a model that are its `has_one` and `has_many`, each with the entity whose rows belong to this one's.
fn owning_fields(evaluator: &Evaluator<'_>, model: DefId) -> Vec<(Name, Option<Ty>)> {
    let def = evaluator.program.def(model);
    let ItemKind::Struct { fields, .. } = &def.item.kind else { return Vec::new() };
    let Some(types) = evaluator.fields(model) else { return Vec::new() };
    let text = evaluator.program.text(def.file);
    let owning = fields.iter().filter_map(|field| {
        let through = owns(field, &text)?;
        let (_, ty) = types.iter().find(|(name, _)| *name == field.name)?;
        let other = match ty {
            Ty::External(path, args) if !through && item(path).is_some() => {
                let is_relation = matches!(last(path), "HasMany" | "HasOne");
                args.first().filter(|_| is_relation).cloned()
            }
            _ => None,
        };
        Some((field.name.clone(), other))
    });
    owning.collect()
}

/// Whether a field is a relation to rows that belong to this one; if so, whether by a third table.
fn owns(field: &Field, text: &str) -> Option<bool> {
    let attrs = field.attrs.iter();
    let ours = attrs
        .filter(|attr| matches!(attr.path.segments.as_slice(), [only] if only.name == "sea_orm"));
    let args: Vec<_> =
        ours.flat_map(|attr| body::parse_attr_args(text, attr.args).unwrap_or_default()).collect();
    let is = |value: &ExprKind, word: &str| {
        matches!(value, ExprKind::Path(path)
        if path.segments.last().is_some_and(|last| last.name == word))
    };
    let owns = args.iter().any(|(key, value)| {
        key.is_none() && (is(&value.kind, "has_one") || is(&value.kind, "has_many"))
    });
    let through = args.iter().any(|(key, value)| {
        key.as_ref().is_some_and(|key| key == "via")
            && matches!(value.kind, ExprKind::Lit(Lit::Str(_)))
    });
    owns.then_some(through)
}
