//! Names of tables as sea-query takes them: identifiers, strings, and both with a schema.

use std::rc::Rc;

use super::{
    super::name::{literal, quoted, snake_case},
    item,
};
use crate::{
    evaluate::{
        Evaluator,
        text::Text,
        value::{FnValue, Value, cell},
    },
    link::{Target, types::Ty},
    source::Place,
    syntax::{
        body,
        tree::{Attr, ExprKind, Item, ItemKind, Lit},
    },
};

/// `#[iden = "…"]`, `#[iden(rename = "…")]`, `#[sea_orm(iden = "…")]`.
fn renamed(attrs: &[Attr], text: &str) -> Option<String> {
    attrs.iter().find_map(|attr| {
        let [only] = attr.path.segments.as_slice() else { return None };
        if !matches!(only.name.as_str(), "iden" | "sea_orm" | "method") {
            return None;
        }
        if let Some(name) = literal(attr.args.of(text)) {
            return Some(name);
        }
        let args = body::parse_attr_args(text, attr.args).unwrap_or_default();
        args.into_iter().find_map(|(key, value)| match value.kind {
            ExprKind::Lit(Lit::Str(value))
                if key.as_ref().is_none_or(|key| matches!(key.as_str(), "rename" | "iden")) =>
            {
                Some(value.to_string())
            }
            _ => None,
        })
    })
}

/// The impl of `Iden` that a derive of sea-query makes.
pub(super) fn derived(path: &str, item: &Item, text: &str) -> Option<String> {
    let krate = path.split(':').next()?;
    let derive = path.rsplit(':').next()?;
    let own = renamed(&item.attrs, text).unwrap_or_else(|| snake_case(&item.name));
    let name = &item.name;
    let body = match &item.kind {
        ItemKind::Struct { .. } if derive == "enum_def" => return enum_def(krate, item, text),
        ItemKind::Struct { .. } => format!("s.write_str({own:?})"),
        ItemKind::Enum { variants, .. } => {
            let arms: Vec<String> = variants
                .iter()
                .map(|variant| {
                    let value = renamed(&variant.attrs, text).unwrap_or_else(|| {
                        if variant.name == "Table" {
                            own.clone()
                        } else {
                            snake_case(&variant.name)
                        }
                    });
                    let fields = if variant.is_tuple { "(..)" } else { "" };
                    format!("{name}::{}{fields} => {value:?},\n", variant.name)
                })
                .collect();
            let arms = arms.join("");
            format!("s.write_str(match self {{ {arms} _ => \"\" }})")
        }
        _ => return None,
    };
    Some(format!(
        "impl {krate}::Iden for {name} {{
            fn unquoted(&self, s: &mut dyn std::fmt::Write) {{ {body}; }}
        }}"
    ))
}

/// `#[enum_def]`: an enum of a struct's fields, called like it with `Iden` after its name.
fn enum_def(krate: &str, item: &Item, text: &str) -> Option<String> {
    let ItemKind::Struct { fields, .. } = &item.kind else { return None };
    let attr = item
        .attrs
        .iter()
        .find(|attr| attr.path.segments.last().is_some_and(|last| last.name == "enum_def"))?;
    let args = body::parse_attr_args(text, attr.args).unwrap_or_default();
    let given = |key: &str| {
        args.iter().find_map(|(name, value)| match &value.kind {
            ExprKind::Lit(Lit::Str(value)) if name.as_ref().is_some_and(|name| name == key) => {
                Some(value.to_string())
            }
            _ => None,
        })
    };
    let (prefix, suffix) = (given("prefix"), given("suffix"));
    let suffix = suffix.unwrap_or_else(|| "Iden".to_owned());
    let name = format!("{}{}{suffix}", prefix.unwrap_or_default(), item.name);
    let table = given("table_name").unwrap_or_else(|| snake_case(&item.name));
    let variants: String = fields
        .iter()
        .map(|field| {
            let words = field.name.split('_').map(|word| {
                let mut chars = word.chars();
                let first = chars.next().map(char::to_uppercase);
                first.into_iter().flatten().chain(chars).collect::<String>()
            });
            words.collect::<String>() + ", "
        })
        .collect();
    Some(format!(
        "pub enum {name} {{ Table, {variants} }}
        impl {krate}::Iden for {name} {{
            fn unquoted(&self, s: &mut dyn std::fmt::Write) {{
                s.write_str(match self {{ {name}::Table => {table:?}, _ => \"\" }});
            }}
        }}"
    ))
}

/// The name of a table, as SQL writes it.
pub(super) fn table(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Text {
    match value.bare() {
        Value::Str(text) => text.map(quoted),
        Value::Tuple(parts) => {
            let parts: Vec<Value> = parts.iter().map(|part| part.borrow().clone()).collect();
            joined(evaluator, &parts, at)
        }
        // `TableRef::SchemaTable(schema, table)`, `SeaRc::new(name)`.
        Value::Term(term) if item(&term.path).is_some() => {
            let args = term.args.clone().unwrap_or_default();
            joined(evaluator, &args, at)
        }
        value => {
            let ty = evaluator.type_of(&value);
            if let Some(name) = super::super::sea_orm::table_of_entity(evaluator, &ty, at) {
                return Text::known(&name);
            }
            name(evaluator, &value, &ty, at).unwrap_or_else(Text::hole)
        }
    }
}

fn joined(evaluator: &mut Evaluator<'_>, parts: &[Value], at: Place) -> Text {
    let mut whole = Text::default();
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            whole = whole.then(&Text::known("."));
        }
        whole = whole.then(&table(evaluator, part, at));
    }
    if parts.is_empty() { Text::hole() } else { whole }
}

/// What `Iden::unquoted` writes, or gives back.
fn name(evaluator: &mut Evaluator<'_>, value: &Value, ty: &Ty, at: Place) -> Option<Text> {
    let Ty::Def(def, _) = ty else { return None };
    let program = evaluator.program;
    let function = program.assoc(*def, "unquoted").into_iter().find(|member| {
        let block = program.def(*member).parent;
        let of = block.and_then(|block| program.trait_of(block));
        matches!(of, Some(Target::External(path)) if path.ends_with("::Iden"))
    })?;
    let function = FnValue { def: function, self_ty: Some(ty.clone()), generics: Vec::new() };
    let out = cell(Value::Str(Text::known("")));
    let args = vec![value.clone(), Value::Ref(out.clone())];
    let made = evaluator.call(&Value::Fn(Rc::new(function)), args, at).ok()?;
    let written = out.borrow().text().filter(|text| !text.pieces().is_empty());
    let text = match made.bare() {
        Value::Str(text)
            if written.as_ref().is_none_or(|text| text.exact().as_deref() == Some("")) =>
        {
            text
        }
        _ => written?,
    };
    (text.exact().as_deref() != Some("")).then(|| text.map(quoted))
}
