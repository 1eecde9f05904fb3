//! The entities of sea-orm: what its derives add beside a model, and the table of a type.

use std::rc::Rc;

use super::super::name::quoted;
use crate::{
    evaluate::{
        Evaluator,
        value::{FnValue, Object, Value},
    },
    link::{DefId, DefKind, types::Ty},
    source::Place,
    syntax::{
        body,
        tree::{ExprKind, Item, ItemKind, Lit},
    },
};

/// An attribute's named string: `#[sea_orm(table_name = "payments")]`.
fn named(item: &Item, text: &str, key: &str) -> Option<String> {
    let attrs = item
        .attrs
        .iter()
        .filter(|attr| matches!(attr.path.segments.as_slice(), [only] if only.name == "sea_orm"));
    let args = attrs.flat_map(|attr| body::parse_attr_args(text, attr.args).unwrap_or_default());
    let mut found = args.filter_map(|(name, value)| match value.kind {
        ExprKind::Lit(Lit::Str(value)) if name.is_some_and(|name| name == key) => {
            Some(value.to_string())
        }
        _ => None,
    });
    found.next()
}

fn camel(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    name.split('_')
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(char::to_uppercase);
            first.into_iter().flatten().chain(chars).collect::<String>()
        })
        .collect()
}

/// What ties a model, or an active model, to its entity.
fn tied(name: &str, krate: &str, of_trait: &str) -> String {
    format!("impl {krate}::{of_trait} for {name} {{ type Entity = Entity; }}\n")
}

fn entity_trait(krate: &str) -> String {
    format!(
        "impl {krate}::EntityTrait for Entity {{
            type Model = Model; type ActiveModel = ActiveModel;
            type Column = Column; type PrimaryKey = PrimaryKey;
        }}\n"
    )
}

fn entity_name(krate: &str, table: &str, schema: Option<&str>) -> String {
    let schema = schema.map_or("None".to_owned(), |schema| format!("Some({schema:?})"));
    format!(
        "impl {krate}::EntityName for Entity {{
            fn table_name(&self) -> &'static str {{ {table:?} }}
            fn schema_name(&self) -> Option<&'static str> {{ {schema} }}
        }}\n"
    )
}

/// The active model of a model, under that name.
fn active_model(item: &Item, krate: &str, name: &str) -> String {
    let ItemKind::Struct { fields, .. } = &item.kind else { return String::new() };
    let model = &item.name;
    let fields: Vec<String> = fields
        .iter()
        .filter(|field| field.name.parse::<usize>().is_err())
        .map(|field| format!("pub {}: {krate}::ActiveValue<()>", raw(&field.name)))
        .collect();
    let fields = fields.join(", ");
    format!(
        "pub struct {name} {{ {fields} }}
        impl {krate}::IntoActiveModel<{name}> for {model} {{
            fn into_active_model(self) -> {name} {{ !0 }}
        }}
        impl std::convert::From<{model}> for {name} {{
            fn from(_: {model}) -> {name} {{ !0 }}
        }}
        impl {krate}::TryIntoModel<{model}> for {name} {{
            fn try_into_model(self) -> Result<{model}, {krate}::DbErr> {{ !0 }}
        }}
        {}",
        tied(name, krate, "ActiveModelTrait"),
    )
}

/// A field's name as Rust writes it.
fn raw(name: &str) -> String {
    let keyword = matches!(
        name,
        "type"
            | "ref"
            | "match"
            | "use"
            | "mod"
            | "move"
            | "fn"
            | "in"
            | "for"
            | "where"
            | "enum"
            | "struct"
            | "impl"
            | "trait"
            | "static"
            | "const"
            | "async"
            | "await"
            | "dyn"
            | "loop"
            | "box"
            | "final"
            | "override"
            | "priv"
            | "abstract"
            | "do"
            | "virtual"
            | "yield"
            | "try"
    );
    if keyword { format!("r#{name}") } else { name.to_owned() }
}

fn columns(item: &Item) -> String {
    let ItemKind::Struct { fields, .. } = &item.kind else { return String::new() };
    let names: Vec<String> = fields.iter().map(|field| camel(&field.name)).collect();
    format!("pub enum Column {{ {} }}\n", names.join(", "))
}

/// The items that a derive or attribute of sea-orm adds beside an item.
pub(super) fn derived(path: &str, item: &Item, text: &str) -> Option<String> {
    // The crate's own name for the paths: the derive may come through a re-export of another.
    let krate = if path.starts_with("sea_orm") { "sea_orm" } else { path.split(':').next()? };
    let derive = path.rsplit(':').next()?;
    let name = &item.name;
    let table = named(item, text, "table_name");
    let schema = named(item, text, "schema_name");
    Some(match derive {
        "DeriveEntityModel" => {
            let entity = table.map(|table| {
                let of_name = entity_name(krate, &table, schema.as_deref());
                format!("pub struct Entity;\n{of_name}{}", entity_trait(krate))
            });
            format!(
                "{}{}{}{}pub enum PrimaryKey {{ Id }}\n",
                entity.unwrap_or_default(),
                tied(name, krate, "ModelTrait"),
                active_model(item, krate, "ActiveModel"),
                columns(item),
            )
        }
        // `#[sea_orm::model]` of 2.0: the model with its relations.
        "model" | "compact_model" => {
            let active = active_model(item, krate, "ActiveModelEx");
            let ItemKind::Struct { .. } = &item.kind else { return None };
            format!("pub struct ModelEx {{}}\n{}{active}", tied("ModelEx", krate, "ModelTrait"))
        }
        "DeriveEntity" => {
            let of_name = table.map(|table| entity_name(krate, &table, schema.as_deref()));
            format!("{}{}", of_name.unwrap_or_default(), entity_trait(krate))
        }
        "DeriveModel" => tied(name, krate, "ModelTrait"),
        "DeriveActiveModel" => active_model(item, krate, "ActiveModel"),
        "DeriveIntoActiveModel" => {
            let active =
                named(item, text, "active_model").unwrap_or_else(|| "ActiveModel".to_owned());
            format!("impl {name} {{ pub fn into_active_model(self) -> {active} {{ !0 }} }}")
        }
        _ => return None,
    })
}

/// An entity and the types that stand for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entity {
    pub(super) def: DefId,
    pub(super) named_by: Vec<DefId>,
}

/// The entity that a type is, or whose model or active model it is.
pub(super) fn entity_of(evaluator: &Evaluator<'_>, ty: &Ty) -> Option<Entity> {
    let Ty::Def(def, _) = ty else { return None };
    let program = evaluator.program;
    if !matches!(program.def(*def).kind, DefKind::Struct | DefKind::Enum) {
        return None;
    }
    if table_function(evaluator, *def).is_some() {
        return Some(Entity { def: *def, named_by: vec![*def] });
    }
    for member in program.assoc(*def, "Entity") {
        let member = program.def(member);
        let ItemKind::TypeAlias { ty: Some(ty), .. } = &member.item.kind else { continue };
        if let Ty::Def(entity, _) = program.resolve_type(member.module, ty, &program.type_env(*def))
            && table_function(evaluator, entity).is_some()
        {
            return Some(Entity { def: entity, named_by: vec![entity, *def] });
        }
    }
    None
}

/// `EntityName::table_name` of a type.
fn table_function(evaluator: &Evaluator<'_>, def: DefId) -> Option<DefId> {
    let program = evaluator.program;
    program.assoc(def, "table_name").into_iter().find(|member| {
        let block = program.def(*member).parent;
        block.is_some_and(|block| match program.trait_of(block) {
            Some(crate::link::Target::External(path)) => path.ends_with("::EntityName"),
            _ => false,
        })
    })
}

/// The type that an entity calls `name`: its model, its active model.
pub(super) fn part_of(evaluator: &Evaluator<'_>, entity: DefId, name: &str) -> Ty {
    let program = evaluator.program;
    let found = program.assoc(entity, name).into_iter().find_map(|member| {
        let member = program.def(member);
        let ItemKind::TypeAlias { ty: Some(ty), .. } = &member.item.kind else { return None };
        Some(program.resolve_type(member.module, ty, &program.type_env(entity)))
    });
    found.unwrap_or(Ty::Unknown)
}

/// The name of an entity's table in SQL: what its functions give, run as any other code.
pub(super) fn table_of(evaluator: &mut Evaluator<'_>, entity: DefId, at: Place) -> Option<Rc<str>> {
    let function = table_function(evaluator, entity)?;
    let table = text_of(evaluator, function, entity, at)?;
    let block = evaluator.program.def(function).parent;
    let members = block.map(|block| evaluator.program.members(block)).unwrap_or_default();
    let schema = members.into_iter().find(|id| evaluator.program.def(*id).name == "schema_name");
    let schema = schema.and_then(|schema| text_of(evaluator, schema, entity, at));
    let table = quoted(&table);
    Some(Rc::from(schema.map_or(table.clone(), |schema| format!("{}.{table}", quoted(&schema)))))
}

fn text_of(
    evaluator: &mut Evaluator<'_>,
    function: DefId,
    entity: DefId,
    at: Place,
) -> Option<String> {
    let ty = Ty::Def(entity, Vec::new());
    let entity = Value::Object(Rc::new(Object {
        def: entity,
        variant: None,
        generics: Vec::new(),
        fields: Vec::new(),
    }));
    let function = FnValue { def: function, self_ty: Some(ty), generics: Vec::new() };
    let made = evaluator.call(&Value::Fn(Rc::new(function)), vec![entity], at).ok()?;
    match made.bare() {
        Value::Str(text) => text.exact(),
        // `Some("schema")`.
        Value::Term(term) if term.path.ends_with("Some") => {
            term.args.as_ref()?.first()?.text()?.exact()
        }
        _ => None,
    }
}
