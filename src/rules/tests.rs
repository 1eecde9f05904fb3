//! Every rule on hand-made registrations of one small contract.

use std::sync::Arc;

use super::*;
use crate::{
    calls::CallGraph,
    evaluate::effect::{Argument, Guard, Guards, Mark, MarkKind, Registration, Step, Unresolved},
    routes::{Arms, tests::registration},
    source::{Origin, Place, Span},
    writes::WriteTable,
};

pub(crate) const CONTRACT: &str = r#"version = 1

[scan]
unclassified = "deny"

[class.financial]
routes = ["/api/payments/**"]
[class.financial.gate]
function = ["app::gates::financial"]

[[class.financial.operation]]
name = "createPayment"
route = "POST /api/payments"

[class.audit]
routes = ["/api/audit/*"]
severity = "warn"
[class.audit.gate]
layer = ["app::gates::Audit"]

[[exempt]]
route = "POST /api/payments/webhook"
reason = "signed by the provider"

[[exempt]]
route = "POST /api/payments/old"
reason = "goes away"
expires = 2026-01-31
"#;

/// Names of the tests: external paths, compared as the contract compares them.
pub(crate) struct Plain;

impl Names for Plain {
    fn function_at(&self, _: Place) -> Option<DefId> {
        None
    }

    fn matches(&self, contract_name: &str, target: &Target) -> bool {
        matches!(target, Target::External(path) if **path == *contract_name)
    }

    fn path(&self, target: &Target) -> String {
        match target {
            Target::External(path) => path.to_string(),
            Target::Item(id) => format!("#{}", id.0),
        }
    }

    fn exists(&self, contract_name: &str) -> bool {
        contract_name.starts_with("app::")
    }
}

/// What a test starts from; the tree is one file of numbered lines of ten bytes each.
pub(crate) struct Case {
    pub(crate) contract: Contract,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) suppressions: Vec<(FileId, Suppression)>,
    pub(crate) unparsed: Vec<Unparsed>,
    pub(crate) deny_warnings: bool,
}

impl Case {
    pub(crate) fn new(registrations: Vec<Registration>) -> Self {
        Self::under(CONTRACT, registrations)
    }

    pub(crate) fn under(contract: &str, mut registrations: Vec<Registration>) -> Self {
        // One of each class, so that no class is without a route.
        registrations.push(with(
            registration("POST", "/api/payments", 900),
            MarkKind::Function,
            "app::gates::financial",
        ));
        registrations.push(with(
            registration("POST", "/api/audit/x", 910),
            MarkKind::Layer,
            "app::gates::Audit",
        ));
        registrations.push(registration("POST", "/api/payments/webhook", 920));
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let contract = Contract::parse("contract.toml", contract, &ids).unwrap();
        Self {
            contract,
            registrations,
            suppressions: Vec::new(),
            unparsed: Vec::new(),
            deny_warnings: false,
        }
    }

    pub(crate) fn run<T>(&self, see: impl FnOnce(&Facts<'_>, Outcome) -> T) -> T {
        let mut sources = Sources::default();
        let lines = (0..120).fold(String::new(), |all, line| all + &format!("line {line:04}\n"));
        sources.add(Origin::File(Arc::from("src/app.rs")), Arc::from(lines));
        let table = RouteTable::new(self.registrations.clone(), Arms::default(), &sources);
        let (writes, graph) = (WriteTable::default(), CallGraph::default());
        let facts = Facts {
            writes: &writes,
            graph: &graph,
            writers: &[],
            sources: &sources,
            contract: &self.contract,
            names: &Plain,
            table: &table,
            unparsed: &self.unparsed,
            suppressions: &self.suppressions,
            misplaced: &[],
            unread: &["src/gone.rs".to_owned()],
            today: jiff::civil::date(2026, 2, 1),
            deny_warnings: self.deny_warnings,
        };
        see(&facts, check(&facts))
    }

    /// `deny bare-route financial @12: message`, without the expired exemption that is always there.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.run(|facts, outcome| {
            let line = |one: &Finding| {
                let word = if one.severity == Severity::Deny { "deny" } else { "warn" };
                let class = one.class.as_deref().unwrap_or("-");
                let at = position(facts, one.at).1;
                format!("{word} {} {class} @{at}: {}", one.rule, one.message)
            };
            let all = outcome.findings.iter().filter(|one| one.rule != "expired-exemption");
            all.map(line).collect()
        })
    }
}

pub(crate) fn with(mut registration: Registration, kind: MarkKind, gate: &str) -> Registration {
    registration.marks.push(mark(kind, gate, registration.at));
    registration
}

fn mark(kind: MarkKind, gate: &str, at: Place) -> Mark {
    let target = Target::External(Arc::from(gate));
    Mark { kind, target, guards: Guards::default(), arguments: Vec::new(), at }
}

fn naming(mut registration: Registration, operation: &str) -> Registration {
    registration = with(registration, MarkKind::Function, "app::gates::financial");
    registration.marks[0].arguments =
        vec![Argument { name: "op".to_owned(), ty: "str".to_owned(), value: operation.to_owned() }];
    registration
}

fn check_lines(registrations: Vec<Registration>, wanted: &[&str]) {
    assert_eq!(Case::new(registrations).lines(), wanted);
}

#[test]
fn a_clean_tree_is_clean() {
    check_lines(vec![registration("GET", "/api/{kind}", 0)], &[]);
}

#[test]
fn a_bare_route_is_bare() {
    check_lines(
        vec![
            registration("PATCH", "/api/payments/{id}", 10),
            registration("GET", "/api/payments/{id}", 20),
        ],
        &[
            "deny bare-route financial @10: PATCH /api/payments/{id} is registered without a financial gate",
        ],
    );
    check_lines(
        vec![registration("ANY", "/api/payments/{*rest}", 10)],
        &[
            "deny bare-route financial @10: ANY /api/payments/{*rest} is registered without a financial gate",
        ],
    );
}

#[test]
fn a_class_that_warns_warns() {
    let mut case = Case::new(vec![registration("POST", "/api/audit/y", 10)]);
    assert_eq!(
        case.lines(),
        ["warn bare-route audit @10: POST /api/audit/y is registered without an audit gate"]
    );
    case.deny_warnings = true;
    assert!(case.lines()[0].starts_with("deny "));
}

#[test]
fn a_gate_of_the_wrong_kind_or_name_is_none() {
    let lines = &[
        "deny bare-route financial @10: POST /api/payments/x is registered without a financial gate",
    ];
    check_lines(
        vec![with(
            registration("POST", "/api/payments/x", 10),
            MarkKind::Layer,
            "app::gates::financial",
        )],
        lines,
    );
    check_lines(
        vec![with(
            registration("POST", "/api/payments/x", 10),
            MarkKind::Function,
            "other::financial",
        )],
        lines,
    );
}

#[test]
fn another_class_s_gate_is_wrong() {
    check_lines(
        vec![with(
            registration("POST", "/api/payments/x", 10),
            MarkKind::Layer,
            "app::gates::Audit",
        )],
        &[
            "deny wrong-gate financial @10: POST /api/payments/x is financial but passes only through the audit gate",
        ],
    );
}

#[test]
fn each_alternative_must_be_gated() {
    let arm = |arm| Guards::default().with(Guard { condition: 1, arm }).unwrap();
    let mut gated = with(
        registration("POST", "/api/payments/x", 10),
        MarkKind::Function,
        "app::gates::financial",
    );
    gated.guards = arm(0);
    let mut bare = registration("POST", "/api/payments/x", 20);
    bare.guards = arm(1);
    check_lines(
        vec![gated.clone(), bare],
        &[
            "deny bare-route financial @20: POST /api/payments/x is registered without a financial gate",
        ],
    );
    let mut half = with(
        registration("POST", "/api/payments/x", 10),
        MarkKind::Function,
        "app::gates::financial",
    );
    half.marks[0].guards = arm(0);
    assert_eq!(Case::new(vec![half.clone()]).lines().len(), 1);
    half.marks.push(Mark { guards: arm(1), ..half.marks[0].clone() });
    check_lines(vec![half], &[]);
}

#[test]
fn operations_are_the_declared_ones() {
    check_lines(
        vec![naming(registration("POST", "/api/payments/x", 10), "createPaymnt")],
        &[
            "deny unknown-operation financial @10: the gate call names operation `createPaymnt`, which class financial does not declare",
        ],
    );
    check_lines(
        vec![naming(registration("PUT", "/api/payments/x", 10), "createPayment")],
        &[
            "deny operation-mismatch financial @10: operation `createPayment` is declared as POST /api/payments but registered as PUT /api/payments/x",
        ],
    );
}

#[test]
fn a_declared_operation_is_registered() {
    let mut case = Case::new(vec![]);
    case.registrations.retain(|one| one.path.as_deref() != Some("/api/payments"));
    assert_eq!(
        case.lines(),
        [
            "warn missing-route financial @213: no route registers operation `createPayment` (POST /api/payments)"
        ]
    );
}

#[test]
fn a_route_is_registered_once_per_server_and_alternative() {
    let one = registration("GET", "/x", 10);
    let mut two = registration("GET", "/x", 20);
    check_lines(
        vec![one.clone(), two.clone()],
        &["warn duplicate-route - @20: GET /x is registered more than once"],
    );
    two.server = 1;
    check_lines(vec![one, two], &[]);
}

#[test]
fn parameters_can_match_a_class() {
    check_lines(
        vec![registration("POST", "/api/{kind}", 10)],
        &[
            "deny overlapping-route financial @10: POST /api/{kind} can answer /api/payments/**, which is financial",
        ],
    );
    let mut fallback = registration("ANY", "/{*rest}", 10);
    fallback.catch_all = true;
    assert_eq!(
        Case::new(vec![fallback]).lines(),
        [
            "warn overlapping-route audit @10: ANY /{*rest} can answer /api/audit/*, which is audit",
            "warn overlapping-route financial @10: ANY /{*rest} can answer /api/payments/**, which is financial",
        ]
    );
    let mut inside = registration("ANY", "/api/audit/{*rest}", 10);
    inside.catch_all = true;
    let mut case = Case::new(vec![inside]);
    case.contract.classes[1].severity = Severity::Deny;
    assert!(case.lines()[0].starts_with("deny overlapping-route audit"));
}

#[test]
fn a_mutation_belongs_to_a_class() {
    check_lines(
        vec![registration("POST", "/other", 10), registration("GET", "/other", 20)],
        &["deny unclassified-mutation - @10: POST /other is in no class"],
    );
}

#[test]
fn what_cannot_be_read_is_reported_if_it_may_change_something() {
    let mut unknown = registration("POST", "/x/{?}", 10);
    unknown.unresolved = Some(Unresolved::Path);
    let read =
        Registration { method: Some("GET"), at: registration("GET", "", 20).at, ..unknown.clone() };
    let nothing = Registration {
        method: None,
        path: None,
        at: registration("GET", "", 30).at,
        ..unknown.clone()
    };
    check_lines(
        vec![unknown, read, nothing],
        &[
            "deny unresolved-route - @10: the path of POST /x/{?} cannot be read: part of its path is not known",
            "deny unresolved-route - @30: the method and path of a route cannot be read: part of its path is not known",
        ],
    );
}

#[test]
fn exemptions_expire_and_must_be_used() {
    let mut case = Case::new(vec![registration("POST", "/api/payments/old", 10)]);
    case.registrations.retain(|one| one.path.as_deref() != Some("/api/payments/webhook"));
    let rules =
        case.run(|_, outcome| outcome.findings.iter().map(|one| one.rule).collect::<Vec<_>>());
    assert_eq!(rules, ["unused-exemption", "expired-exemption", "bare-route"]);
    case.run(|_, outcome| {
        assert_eq!(
            outcome.findings[2].related[0].message,
            "the exemption for it expired on 2026-01-31"
        );
    });
}

#[test]
fn entries_match_something() {
    let mut case = Case::new(vec![]);
    case.registrations.retain(|one| one.path.as_deref() != Some("/api/audit/x"));
    let contract = CONTRACT.replace("app::gates::financial", "ap::gates::financial");
    case.contract = Case::under(&contract, vec![]).contract;
    let found = case.lines();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("warn unmatched-entry financial"), "{found:?}");
    assert_eq!(
        found[1],
        "warn unmatched-entry audit @241: no route matches any pattern of class audit: it protects nothing"
    );
    case.contract.classes[1].severity = Severity::Deny;
    assert!(case.lines()[1].starts_with("deny unmatched-entry audit"));
}

#[test]
fn unread_files_are_reported() {
    let mut case = Case::new(vec![]);
    case.unparsed.push(Unparsed {
        outside: false,
        at: Where::Unread(0),
        path: "src/gone.rs".to_owned(),
        reason: "permission denied".to_owned(),
        partial: false,
    });
    assert_eq!(
        case.lines(),
        ["deny unparsed-file - @0: `src/gone.rs` could not be read: permission denied"]
    );
}

fn comment(text: &str, covers: Option<(u32, u32)>) -> (FileId, Suppression) {
    let covers = covers.map(|(start, end)| Span::new(start, end));
    (FileId(0), Suppression { span: Span::new(1, 9), text: text.to_owned(), covers })
}

#[test]
fn comments_suppress_what_they_name_on_their_line() {
    let bare = || vec![registration("POST", "/api/payments/x", 12)];
    let found = |text: &str, covers| {
        let mut case = Case::new(bare());
        case.suppressions.push(comment(text, covers));
        case.lines()
    };
    assert!(found("allow(bare-route) -- legacy", Some((10, 19))).is_empty());
    assert_eq!(
        found("allow(bare-route) -- legacy", Some((20, 29)))[0],
        "warn unused-exemption - @1: the suppression of bare-route suppresses nothing"
    );
    assert_eq!(
        found("allow(bare-route)", Some((10, 19)))[0],
        "warn unused-exemption - @1: a suppression gives no reason"
    );
    assert_eq!(found("allow(bare-route)", Some((10, 19))).len(), 2);
    assert_eq!(
        found("allow(bare-route, wrong-gate) -- legacy", Some((10, 19))),
        ["warn unused-exemption - @1: the suppression of wrong-gate suppresses nothing"]
    );
    assert_eq!(found("allow(bear-route) -- legacy", None).len(), 2);
}

#[test]
fn the_contract_sets_levels() {
    let contract =
        format!("{CONTRACT}\n[rules]\nbare-route = \"warn\"\nexpired-exemption = \"allow\"\n");
    let case = Case::under(&contract, vec![registration("POST", "/api/payments/x", 10)]);
    case.run(|_, outcome| {
        assert_eq!(outcome.findings.len(), 1);
        assert_eq!(outcome.findings[0].severity, Severity::Warn);
        assert_eq!(exit_status(&outcome.findings), 0);
    });
}

#[test]
fn the_trail_is_kept() {
    let mut bare = registration("POST", "/api/payments/x", 10);
    let at = Place { file: FileId(0), span: Span::new(70, 75) };
    bare.trail.push(Step { message: "nested under /api here".to_owned(), at });
    Case::new(vec![bare]).run(|_, outcome| {
        let bare = outcome.findings.iter().find(|one| one.rule == "bare-route").unwrap();
        assert_eq!(
            bare.related,
            [Label { at: Where::Source(at), message: "nested under /api here".to_owned() }]
        );
        assert_eq!(bare.help, "register it through app::gates::financial");
    });
}

#[test]
fn a_file_of_two_crates_is_reported_once() {
    let mut twin = registration("POST", "/api/payments/x", 12);
    twin.server = 1;
    let mut case = Case::new(vec![registration("POST", "/api/payments/x", 12), twin]);
    assert_eq!(case.lines().len(), 1);
    case.suppressions.push(comment("allow(bare-route) -- legacy", Some((10, 19))));
    case.suppressions.push(comment("allow(bare-route) -- legacy", Some((10, 19))));
    assert!(case.lines().is_empty());
}

#[test]
fn an_exemption_of_a_function_alone_excuses_no_known_route() {
    let contract = format!("{CONTRACT}\n[[exempt]]\nfunction = \"app::dynamic\"\nreason = \"x\"\n");
    let mut bare = registration("POST", "/api/payments/x", 10);
    bare.handler = Some(Target::External(Arc::from("app::dynamic")));
    let lost = Registration { path: None, at: registration("POST", "", 20).at, ..bare.clone() };
    let lines = Case::under(&contract, vec![bare, lost]).lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("deny bare-route"));
}
