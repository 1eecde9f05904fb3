//! Statements of sea-orm, from the entity or model that they are made of to what runs them.

use std::rc::Rc;

use super::{
    LIBRARY, SELECT,
    connection::is_connection,
    entity::{Entity, entity_of, part_of, table_of},
    item, last, nested,
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        target_of,
        value::{Cell, Draft, FnValue, Query, Term, Value},
    },
    link::{Target, types::Ty},
    source::Place,
    sql::Operation,
};

/// What an associated function of `EntityTrait` would do.
fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "insert" | "insert_many" => Operation::Insert,
        "update" | "update_many" => Operation::Update,
        "delete" | "delete_many" | "delete_by_id" => Operation::Delete,
        _ => return None,
    })
}

fn external(path: &str, inner: Ty) -> Ty {
    Ty::External(path.into(), vec![inner])
}

fn result(inner: Ty) -> Value {
    Value::Unknown(external("std::result::Result", inner))
}

fn option(inner: Ty) -> Ty {
    external("std::option::Option", inner)
}

fn many(inner: Ty) -> Ty {
    external("std::vec::Vec", inner)
}

/// What a trait of sea-orm gives an entity, model or active model.
pub(super) fn member(evaluator: &Evaluator<'_>, ty: &Ty, name: &str) -> Option<&'static str> {
    let entity = match name {
        "insert" => "sea_orm::EntityTrait::insert",
        "insert_many" => "sea_orm::EntityTrait::insert_many",
        "update" => "sea_orm::EntityTrait::update",
        "update_many" => "sea_orm::EntityTrait::update_many",
        "delete" => "sea_orm::EntityTrait::delete",
        "delete_many" => "sea_orm::EntityTrait::delete_many",
        "delete_by_id" => "sea_orm::EntityTrait::delete_by_id",
        "find" => "sea_orm::EntityTrait::find",
        "find_by_id" => "sea_orm::EntityTrait::find_by_id",
        "find_related" => "sea_orm::EntityTrait::find_related",
        "from_json" => "sea_orm::ActiveModelTrait::from_json",
        "new" => "sea_orm::ActiveModelTrait::new",
        "save" => "sea_orm::ActiveModelTrait::save",
        "update_without_returning" => "sea_orm::ActiveModelTrait::update_without_returning",
        "default_values" => "sea_orm::ActiveModelTrait::default_values",
        "builder" => "sea_orm::ActiveModelTrait::builder",
        // Made for the unique columns of an entity since 2.0.
        _ if name.starts_with("find_by_") => "sea_orm::EntityTrait::find",
        _ if name.starts_with("delete_by_") => "sea_orm::EntityTrait::delete_by_id",
        _ => return None,
    };
    let of_active = entity.contains("ActiveModelTrait");
    match ty {
        Ty::Def(def, _) => {
            let found = entity_of(evaluator, ty)?;
            if found.def == *def {
                return (!of_active).then_some(entity);
            }
            // `ActiveModel::insert(model, db)`: the method, called by its path.
            match name {
                "insert" => Some("sea_orm::ActiveModelTrait::insert"),
                "update" => Some("sea_orm::ActiveModelTrait::update"),
                "delete" => Some("sea_orm::ActiveModelTrait::delete"),
                _ => of_active.then_some(entity),
            }
        }
        Ty::Param(_) => evaluator.bounds_of(ty).iter().find_map(|bound| {
            let Target::External(path) = &bound.of else { return None };
            let of = last(item(path)?);
            (entity.rsplit("::").nth(1) == Some(of)).then_some(entity)
        }),
        _ => None,
    }
}

/// A value of a type that an associated function makes.
pub(super) fn made(name: &str, ty: &Ty) -> Value {
    if name == "from_json" { result(ty.clone()) } else { Value::Unknown(ty.clone()) }
}

/// A write of the table of a type.
fn write(evaluator: &mut Evaluator<'_>, operation: Operation, ty: &Ty, at: Place) -> Value {
    let found = entity_of(evaluator, ty);
    let Some(Entity { def, named_by }) = found else {
        return evaluator.table_query(LIBRARY, operation, None, &[], at);
    };
    let table = table_of(evaluator, def, at);
    let made = evaluator.table_query(LIBRARY, operation, table, &named_by, at);
    match made {
        Value::Query(query) => {
            let rows = Some(part_of(evaluator, def, "Model")).filter(|ty| *ty != Ty::Unknown);
            Value::Query(Rc::new(Query { rows, ..(*query).clone() }))
        }
        made => made,
    }
}

/// `payment::Entity::insert(model)`, `E::find_by_id(id)`.
pub(super) fn of_entity(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    args: &[Value],
    at: Place,
) -> Option<Value> {
    let name = last(&term.path);
    let ty = term.generics.first().cloned().unwrap_or(Ty::Unknown);
    if let Some(operation) = operation(name) {
        // `EntityTrait::insert(model)` leaves the entity to the model.
        let ty =
            if entity_of(evaluator, &ty).is_some() { ty } else { type_of_given(evaluator, args) };
        return Some(write(evaluator, operation, &ty, at));
    }
    if name.starts_with("find") {
        return Some(Value::Unknown(external(SELECT, ty)));
    }
    None
}

/// The type of the first model, or list of models, that a call was given.
fn type_of_given(evaluator: &Evaluator<'_>, args: &[Value]) -> Ty {
    let Some(first) = args.first() else { return Ty::Unknown };
    match evaluator.type_of(first) {
        Ty::Slice(inner) => *inner,
        Ty::External(_, args) if args.len() == 1 => args.first().cloned().unwrap_or(Ty::Unknown),
        ty => ty,
    }
}

/// `Insert::one(model)`, `Update::many(Entity)`, `Delete::one(model)`.
pub(super) fn of_statement_type(
    evaluator: &mut Evaluator<'_>,
    owner: &str,
    term: &Rc<Term>,
    args: &[Value],
    at: Place,
) -> Option<Value> {
    let operation = match owner {
        "Insert" | "InsertMany" | "TryInsert" => Operation::Insert,
        "Update" | "UpdateOne" | "UpdateMany" => Operation::Update,
        _ => Operation::Delete,
    };
    if !matches!(last(&term.path), "one" | "many" | "new" | "_many") {
        return None;
    }
    let ty = match term.generics.first() {
        Some(ty @ Ty::Def(..)) => ty.clone(),
        _ => type_of_given(evaluator, args),
    };
    Some(write(evaluator, operation, &ty, at))
}

/// A method of a statement.
pub(super) fn of_statement(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    query: &Rc<Query>,
    method: &Method<'_>,
) -> Option<Value> {
    match method.name {
        "exec"
        | "exec_with_returning"
        | "exec_without_returning"
        | "exec_with_returning_keys"
        | "exec_with_returning_many" => {
            evaluator.run_query(query, method.args.first());
            let row = query.rows.clone().unwrap_or(Ty::Unknown);
            let updated = matches!(query.draft, Draft::Table(Operation::Update, _));
            Some(match method.name {
                "exec_with_returning_many" => result(many(row)),
                "exec_with_returning" => result(row),
                "exec" if updated => result(row),
                _ => Value::unknown(),
            })
        }
        // `QueryTrait::query(&mut insert).replace()`: what is done to it is done to the statement.
        "query" => Some(Value::Ref(target_of(receiver))),
        "replace" => {
            let Draft::Table(Operation::Insert, table) = &query.draft else { return None };
            let draft = Draft::Table(Operation::Upsert, table.clone());
            let changed = evaluator.redraft(query, draft);
            let place = target_of(receiver);
            evaluator.write(&place, changed);
            Some(Value::Ref(place))
        }
        "on_conflict" => {
            let Draft::Table(Operation::Insert, table) = &query.draft else { return None };
            let changes = method.args.first().is_none_or(may_update);
            let operation = if changes { Operation::Upsert } else { Operation::Insert };
            Some(evaluator.redraft(query, Draft::Table(operation, table.clone())))
        }
        "add" if matches!(&query.draft, Draft::Table(_, None)) => {
            // `Insert::new().add(model)`: only the model tells the table.
            let Draft::Table(operation, _) = &query.draft else { return None };
            let ty = type_of_given(evaluator, &method.args);
            let entity = entity_of(evaluator, &ty)?;
            let table = table_of(evaluator, entity.def, method.at);
            Some(evaluator.redraft(query, Draft::Table(*operation, table)))
        }
        _ => Some(Value::Query(query.clone())),
    }
}

/// Whether an `OnConflict` changes the row that is there.
fn may_update(conflict: &Value) -> bool {
    match conflict.bare() {
        Value::Term(term) => !term.path.contains("::do_nothing") || term.path.contains("::update_"),
        _ => true,
    }
}

/// A method of a read. Its type arguments are the entity and, where it is another than the model, the type of the rows.
pub(super) fn of_select(evaluator: &mut Evaluator<'_>, args: &[Ty], method: &Method<'_>) -> Value {
    let entity = args.first().cloned().unwrap_or(Ty::Unknown);
    let model = model_of(evaluator, &entity);
    let row = args.get(1).cloned().unwrap_or_else(|| model.clone());
    let select = |row: Ty| Value::Unknown(Ty::External(SELECT.into(), vec![entity.clone(), row]));
    let with = |evaluator: &Evaluator<'_>, wrap: fn(Ty) -> Ty| {
        let other = method.args.first().map_or(Ty::Unknown, |arg| evaluator.type_of(arg));
        let other = model_of(evaluator, &other);
        Ty::Tuple(vec![model.clone(), wrap(other)])
    };
    match method.name {
        "one" => result(option(row)),
        "all" | "fetch" | "fetch_page" | "stream" => result(many(row)),
        "from_raw_sql" => {
            if let Some(Value::Query(query)) = method.args.first().map(Value::bare) {
                evaluator.run_query(&query, None);
            }
            select(row)
        }
        "find_also_related" => select(with(evaluator, option)),
        "find_with_related" => select(with(evaluator, many)),
        "into_model" | "into_partial_model" => {
            select(method.generics.first().cloned().unwrap_or(Ty::Unknown))
        }
        "into_json" | "into_tuple" | "find_also_linked" | "find_with_linked" => select(Ty::Unknown),
        "count" | "num_items" | "num_pages" => Value::unknown(),
        _ => Value::Unknown(Ty::External(SELECT.into(), args.to_vec())),
    }
}

fn model_of(evaluator: &Evaluator<'_>, entity: &Ty) -> Ty {
    match entity {
        Ty::Def(def, _) => part_of(evaluator, *def, "Model"),
        _ => Ty::Unknown,
    }
}

/// `model.insert(db)` and its kin.
pub(super) fn of_model(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let operation = match method.name {
        "insert" => Operation::Insert,
        "update" | "update_without_returning" => Operation::Update,
        "save" => Operation::Upsert,
        _ => Operation::Delete,
    };
    let ty = evaluator.type_of(value);
    let Some(found) = entity_of(evaluator, &ty) else {
        let open = ty == Ty::Unknown
            || evaluator
                .bounds_of(&ty)
                .iter()
                .any(|bound| matches!(&bound.of, Target::External(path) if item(path).is_some()));
        let executor = method.args.first()?;
        if !open || !is_connection(evaluator, executor) {
            return None;
        }
        let made = evaluator.table_query(LIBRARY, operation, None, &[], method.at);
        if let Value::Query(query) = &made {
            evaluator.run_query(query, Some(executor));
        }
        return Some(Value::unknown());
    };
    let Ty::Def(this, _) = &ty else { return None };
    // A method that the tree gives the type comes first.
    let hooks = match method.name {
        "delete" | "cascade_delete" => ["before_delete", "after_delete"],
        _ => ["before_save", "after_save"],
    };
    if *this == found.def || !evaluator.program.assoc(*this, method.name).is_empty() {
        return None;
    }
    let row =
        if method.name == "save" { ty.clone() } else { part_of(evaluator, found.def, "Model") };
    let made = write(evaluator, operation, &ty, method.at);
    if let Value::Query(query) = &made {
        evaluator.run_query(query, method.args.first());
    }
    let others: Vec<(Operation, Option<Ty>)> = if nested::cascades(evaluator, &ty, method.name) {
        let below = nested::below(evaluator, &ty).into_iter();
        below.map(|other| (Operation::Delete, other)).collect()
    } else {
        let replaced = nested::replaced(evaluator, value).into_iter();
        let within = nested::within(evaluator, value).into_iter();
        let replaced = replaced.map(|other| (Operation::Delete, other));
        replaced.chain(within.map(|other| (Operation::Upsert, Some(other)))).collect()
    };
    for (operation, other) in others {
        let made = write(evaluator, operation, &other.unwrap_or(Ty::Unknown), method.at);
        if let Value::Query(query) = &made {
            evaluator.run_query(query, method.args.first());
        }
    }
    for hook in hooks {
        let active = if hook == "after_save" {
            part_of(evaluator, found.def, "ActiveModel")
        } else {
            ty.clone()
        };
        let Ty::Def(active, _) = active else { continue };
        for def in evaluator.program.assoc(active, hook) {
            let function =
                FnValue { def, self_ty: Some(Ty::Def(active, Vec::new())), generics: Vec::new() };
            let mut args = method.args.clone();
            // After it the row itself is given, before it what is to be written.
            let given =
                if hook == "after_save" { Value::Unknown(row.clone()) } else { value.clone() };
            args.insert(0, given);
            let made = evaluator.call(&Value::Fn(Rc::new(function)), args, method.at);
            if let Ok(made) = made {
                evaluator.awaited(made);
            }
        }
    }
    let gives_row = matches!(method.name, "insert" | "update" | "save");
    Some(if gives_row { result(row) } else { Value::unknown() })
}

/// Methods that only the type of a model tells.
pub(super) fn of_typed(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let builds = method.name.starts_with("set_") || method.name.starts_with("add_");
    if !builds && !matches!(method.name, "reset_all" | "find_related" | "find_linked") {
        return None;
    }
    let ty = evaluator.type_of(value);
    let Ty::Def(this, _) = &ty else { return None };
    entity_of(evaluator, &ty)?;
    if !evaluator.program.assoc(*this, method.name).is_empty() {
        return None;
    }
    Some(match method.name {
        "find_related" => {
            let other = method.args.first().map_or(Ty::Unknown, |arg| evaluator.type_of(arg));
            Value::Unknown(external(SELECT, other))
        }
        "find_linked" => Value::Unknown(external(SELECT, Ty::Unknown)),
        _ => nested::built(evaluator, value, method),
    })
}
