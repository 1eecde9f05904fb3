use super::*;
use crate::{
    contract::Contract,
    evaluate::effect::MarkKind,
    report::WriteLine,
    rules::{RULES, judgement::Status},
    source::{FileId, Place, Span},
};

fn line(method: &str, path: &str, handler: &str, passed: &[(MarkKind, &str)]) -> RouteLine {
    RouteLine {
        method: Some(method.to_owned()),
        path: Some(path.to_owned()),
        framework: "axum".to_owned(),
        handler: Some(handler.to_owned()),
        classes: Vec::new(),
        gates: Vec::new(),
        passed: passed.iter().map(|(kind, path)| (*kind, (*path).to_owned())).collect(),
        operation: None,
        status: Status::Unclassified,
        at: Place { file: FileId(0), span: Span::default() },
    }
}

fn proposed(routes: Vec<RouteLine>) -> (String, Contract) {
    let text = proposal(&Report { routes, ..Report::default() }, &[]);
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let contract = Contract::parse("contract.toml", &text, &ids);
    let contract = contract.unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    (text, contract)
}

#[test]
fn classes_are_guessed_from_words() {
    let gate = (MarkKind::Function, "app::gates::register_financial_route");
    let (text, contract) = proposed(vec![
        line(
            "POST",
            "/api/payments",
            "app::create",
            &[gate, (MarkKind::Function, "app::payment_routes")],
        ),
        line("DELETE", "/api/payments/{id}/refund", "app::refund", &[]),
        line("POST", "/co/{id}/payroll-runs", "app::run", &[]),
        line("POST", "/rpc/a", "app::issueRefund", &[]),
        line("PUT", "/users/{id}/role", "app::role", &[(MarkKind::Layer, "app::RequireAdmin")]),
        line("POST", "/notes", "app::note", &[]),
        line("GET", "/invoices", "app::list", &[]),
    ]);
    let patterns = |class: usize| {
        contract.classes[class].routes.iter().map(|one| one.text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(patterns(0), ["/api/payments/**", "/co/*/payroll-runs/**", "/rpc/a"]);
    assert_eq!(patterns(1), ["/users/**"]);
    let gate = &contract.classes[0].gate;
    assert_eq!(gate.functions.len(), 1);
    assert_eq!(gate.functions[0].name.path, "app::gates::register_financial_route");
    assert_eq!(contract.classes[1].gate.layers[0].path, "app::RequireAdmin");
    assert!(
        text.contains("# \"payment\" is a word of money: POST /api/payments, DELETE"),
        "{text}"
    );
    assert!(text.contains("#   POST /notes\n"), "{text}");
}

#[test]
fn a_proposal_is_valid_whatever_the_tree_holds() {
    proposed(Vec::new());
    let (text, contract) = proposed(vec![
        line("POST", "/pay\"\\ments/{id}", "a\u{1b}b::c", &[]),
        line("POST", "/payments/{?}", "app::x", &[]),
        line("POST", "/orders/{*rest}", "app::x", &[]),
        line("POST", "/pay/a b", "app::x", &[]),
        line("ANY", "/billing/{file}.json\n", "closure", &[(MarkKind::Layer, "<T as X>::guard")]),
    ]);
    assert!(!text.contains('\u{1b}'));
    assert!(contract.classes[0].gate.functions[0].name.path.ends_with("register_financial_route"));
}

#[test]
fn words_of_names() {
    assert_eq!(words::words("createPayRun_v2-x"), ["create", "pay", "run", "v2", "x"]);
    assert!(
        words::is("policies", "policy")
            && words::is("taxes", "tax")
            && !words::is("payment", "pay")
    );
}

#[test]
fn tables_are_proposed_with_what_may_be_their_writer() {
    let write = |table: &str| WriteLine {
        operation: "insert",
        table: Some(table.to_owned()),
        library: "sqlx",
        classes: Vec::new(),
        writer: None,
        function: Some("app::storage::create".to_owned()),
        statement: None,
        through: None,
        at: Place { file: FileId(0), span: Span::default() },
    };
    let report = Report {
        writes: vec![write("payments"), write("notes"), write("user\"s"), write("users")],
        ..Report::default()
    };
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let of = |writers: &[&str]| {
        let writers: Vec<String> = writers.iter().map(|one| (*one).to_owned()).collect();
        let text = proposal(&report, &writers);
        let contract = Contract::parse("contract.toml", &text, &ids);
        (contract.unwrap_or_else(|errors| panic!("{errors:?}\n{text}")), text)
    };
    let (contract, text) = of(&["app::db::transaction", "app::once::idempotent"]);
    let financial = &contract.classes[0];
    assert_eq!(financial.tables.len(), 1);
    let writers: Vec<&str> = financial.writers.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(writers, ["app::once::idempotent", "app::db::transaction"]);
    assert!(
        text.contains(
            "# \"payment\" is a word of money, and it is written in app::storage::create"
        )
    );
    assert_eq!(contract.classes[1].tables.len(), 1);
    let (contract, text) = of(&[]);
    assert_eq!(contract.classes[0].writers[0].path, "app::storage::with_transaction");
    assert!(text.contains("until then every write to them is outside of it"), "{text}");
}
