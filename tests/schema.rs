//! The JSON schema of contract.toml and the parser accept the same keys.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{collections::BTreeSet, fs, path::Path};

use contract_check::{contract::Contract, rules::RULES};
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/contract.schema.json");

fn schema() -> Value {
    let text = fs::read_to_string(PATH).expect("the schema is there");
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn ids() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.id).collect()
}

/// Each section: how it is opened, with what it must hold, and where its keys are in the schema.
const SECTIONS: &[(&str, &str)] = &[
    ("", "/properties"),
    ("[scan]\n", "/properties/scan/properties"),
    ("[[scan.route-macro]]\n", "/properties/scan/properties/route-macro/items/properties"),
    ("[class.c]\n", "/definitions/class/properties"),
    ("[class.c.gate]\n", "/definitions/class/properties/gate/properties"),
    ("[[class.c.operation]]\n", "/definitions/class/properties/operation/items/properties"),
    ("[[server]]\n", "/properties/server/items/properties"),
    ("[[exempt]]\n", "/properties/exempt/items/properties"),
];

/// Every word that the parser's source could mean as a key.
fn candidates() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    for entry in walkdir::WalkDir::new(dir) {
        let entry = entry.expect("a readable tree");
        if entry.path().extension().is_none_or(|one| one != "rs") {
            continue;
        }
        let text = fs::read_to_string(entry.path()).expect("text");
        let literals = text.split('"').skip(1).step_by(2).map(str::to_owned);
        words.extend(literals.filter(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        }));
    }
    words
}

fn parser_knows(section: &str, key: &str) -> bool {
    let text = format!("{section}{key} = 0.5\n");
    let parsed = Contract::parse("contract.toml", &text, &ids());
    let mistakes = parsed.map_or_else(|errors| errors.mistakes, |_| Vec::new());
    !mistakes.iter().any(|mistake| mistake.message.contains("unknown key"))
}

#[test]
fn keys_are_those_of_the_parser() {
    let schema = schema();
    for (section, pointer) in SECTIONS {
        let known = schema.pointer(pointer).and_then(Value::as_object).expect("the section");
        let known: BTreeSet<&str> = known.keys().map(String::as_str).collect();
        let all = candidates();
        let parsed: BTreeSet<&str> = all
            .iter()
            .map(String::as_str)
            .chain(known.iter().copied())
            .filter(|key| parser_knows(section, key))
            .collect();
        assert_eq!(parsed, known, "{section}");
    }
    let function = schema.pointer("/definitions/class/properties/gate/properties/function/items");
    let function = function.and_then(|items| items.pointer("/anyOf/1/properties"));
    let known: BTreeSet<&str> =
        function.and_then(Value::as_object).expect("it").keys().map(String::as_str).collect();
    let all = candidates();
    let knows = |key: &str| {
        let text = format!("[class.c.gate]\nfunction = [{{ {key} = 0.5 }}]\n");
        let parsed = Contract::parse("contract.toml", &text, &ids());
        let mistakes = parsed.map_or_else(|errors| errors.mistakes, |_| Vec::new());
        !mistakes.iter().any(|mistake| mistake.message.contains("unknown key"))
    };
    let parsed: BTreeSet<&str> = all.iter().map(String::as_str).filter(|key| knows(key)).collect();
    assert_eq!(parsed, known);
}

#[test]
fn rules_are_those_of_the_table() {
    let mut schema = schema();
    let mut ids = ids();
    ids.sort_unstable();
    let rules = schema.pointer_mut("/properties/rules/propertyNames/enum").expect("the list");
    if std::env::var_os("UPDATE").is_some() {
        *rules = json!(ids);
        let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        fs::write(PATH, text).expect("it is ours");
        return;
    }
    assert_eq!(*rules, json!(ids), "run it again with UPDATE=1");
}

/// Editors read patterns as JavaScript does, with or without its Unicode mode, and others as RE2 does: what one of them
/// lacks is no pattern.
#[test]
fn patterns_are_read_by_every_engine() {
    fn patterns<'s>(value: &'s Value, all: &mut Vec<&'s str>) {
        match value {
            Value::Object(fields) => {
                all.extend(fields.get("pattern").and_then(Value::as_str));
                fields.values().for_each(|inner| patterns(inner, all));
            }
            Value::Array(list) => list.iter().for_each(|inner| patterns(inner, all)),
            _ => {}
        }
    }
    let schema = schema();
    let mut all = Vec::new();
    patterns(&schema, &mut all);
    assert!(!all.is_empty());
    for pattern in all {
        for special in ["\\p", "\\P", "\\u", "(?<", "(?="] {
            assert!(!pattern.contains(special), "{pattern}");
        }
    }
}

/// A TOML value as JSON; dates become text.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(list) => Value::Array(list.iter().map(as_json).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), as_json(value))).collect())
        }
    }
}

#[test]
fn contracts_and_mistakes_are_told_alike() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let accubooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/accubooks");
    let read = |name: &str| fs::read_to_string(accubooks.join(name)).expect("a contract");
    let class = "[class.c]\nroutes = [\"/a\"]\n[class.c.gate]\nfunction = [\"a::b\"]\n";
    let good = [
        read("contract.toml"),
        read("contract.full.toml"),
        "version = 1\n".to_owned(),
        format!(
            "version = 1\n[rules]\nbare-route = \"warn\"\n[[server]]\npackage = \"x\"\nprefix = \"/x\"\n{class}"
        ),
        format!("version = 1\n{}operation = \"größe_1\"\n", class.replace("a::b", "::表::b")),
        format!(
            "version = 1\n{class}operation = \"op\"\n[[exempt]]\ntable = \"t\"\nreason = \"r\"\nexpires = 2027-01-01\n"
        ),
    ];
    let bad = [
        String::new(),
        "version = 2\n".to_owned(),
        "version = 1\n[scan]\nunclassified = \"no\"\n".to_owned(),
        "version = 1\n[rules]\nbare-routes = \"warn\"\n".to_owned(),
        "version = 1\n[[exempt]]\nreason = \"r\"\n".to_owned(),
        "version = 1\n[[exempt]]\ntable = \"t\"\n".to_owned(),
        format!("version = 1\n{}", class.replace("\"/a\"", "\"a\"")),
        format!("version = 1\n{}", class.replace("[\"a::b\"]", "\"a::b\"")),
        "version = 1\n[[server]]\npackage = \"x\"\nprefix = \"/x/*\"\n".to_owned(),
        "version = 1\n[[exempt]]\ntable = \"t\"\nreason = \"\u{200b}\u{3164}\"\n".to_owned(),
        format!("version = 1\n{class}operation = \"1op\"\n"),
        format!("version = 1\n{class}operation = \"an op\"\n"),
        format!("version = 1\n{}", class.replace("a::b", "-a::b")),
    ];
    for (text, expected) in
        good.iter().map(|text| (text, true)).chain(bad.iter().map(|text| (text, false)))
    {
        let value: toml::Value = toml::from_str(text).expect("TOML");
        let parsed = Contract::parse("contract.toml", text, &ids());
        assert_eq!(parsed.is_ok(), expected, "parser: {text} {parsed:?}");
        assert_eq!(validator.is_valid(&as_json(&value)), expected, "schema: {text}");
    }
}
