//! What a whole contract says, and what is said about a broken one.

use jiff::civil::date;

use super::*;
use crate::source::Span;

const RULES: &[&str] = &["bare-route", "duplicate-route", "direct-write"];

/// The example of the interface.
const EXAMPLE: &str = r#"
version = 1

[scan]
exclude = ["benches/**"]     # on top of .gitignore
include-tests = false        # also lint #[cfg(test)] code, tests/, benches/ and examples/
unclassified = "allow"       # allow (default) | warn | deny: mutations that no class claims
unresolved = "deny"          # allow | warn | deny (default): registrations or writes that cannot be read statically

[rules]                      # optional: another level for a rule than its own
duplicate-route = "deny"

[class.financial]
summary  = "Moves money, or changes what someone owes"
severity = "deny"                                      # deny (default) | warn
routes   = ["/api/payments/**", "/api/payroll/**"]     # path patterns, see below
methods  = ["POST", "PUT", "PATCH", "DELETE"]          # default: these four
tables   = ["payments", "invoices", "pay_runs"]
writes   = ["insert", "update", "delete"]              # which writes are guarded; default: all of them
writer   = ["accubooks::idempotency::with_idempotent_write"]
registry = "accubooks::registry::FINANCIAL_MUTATIONS"  # optional: operations read from a Rust const

[class.financial.gate]                                 # any one of these gates a route
function  = ["accubooks::gates::register_financial_route"]
layer     = ["accubooks::gates::IdempotencyLayer"]     # also actix `wrap`, poem `with`, rocket fairing
extractor = ["accubooks::gates::IdempotencyKey"]       # a parameter type of the handler (rocket: guard)
attribute = ["accubooks::gates::financial"]            # an attribute macro on the handler
# a gate whose source is not in the tree says where its arguments stand (0-based, the receiver is 0 for methods):
# function = [{ path = "moneykit::gate", method = 1, route = 2, handler = 3, operation = 4 }]

[[class.financial.operation]]
name     = "createPayment"
route    = "POST /api/payments"
function = "accubooks::storage::create_payment"        # optional
tables   = ["payments", "invoices"]                    # optional

[[server]]                                             # optional: where a server is mounted from outside
package = "billing"                                    # a package of the tree (and optionally: bin = "…")
prefix  = "/billing"                                   # what a gateway puts before its paths

[[exempt]]                                             # a decision on record, not a comment
route   = "POST /api/payments/webhook"                 # or: table = "payments", function = "accubooks::seed::run"
class   = "financial"                                  # optional: all classes if absent
reason  = "The payment provider signs these and dedupes by event id"
expires = 2027-06-30                                   # optional; past it the exemption is a violation
"#;

fn example() -> Contract {
    Contract::parse("contract.toml", EXAMPLE, RULES).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// `[message] / [help] @ [marked text]` of every mistake.
fn mistakes(text: &str) -> Vec<String> {
    let errors = Contract::parse("contract.toml", text, RULES).map(|_| ()).unwrap_err();
    let line = |mistake: &Mistake| {
        let (start, len) = (mistake.at.offset(), mistake.at.len());
        format!("{} / {} @ {}", mistake.message, mistake.help, &text[start..start + len])
    };
    errors.mistakes.iter().map(line).collect()
}

#[test]
fn the_example_of_the_interface_is_read_whole() {
    let contract = example();
    let class = &contract.classes[0];
    assert_eq!(class.span.of(EXAMPLE), "financial");
    assert_eq!(class.routes[1].span.of(EXAMPLE), "\"/api/payroll/**\"");
    assert_eq!(class.tables[2].span.of(EXAMPLE), "\"pay_runs\"");
    assert_eq!(class.writers[0].path, "accubooks::idempotency::with_idempotent_write");
    assert_eq!(class.registry.as_ref().unwrap().last(), "FINANCIAL_MUTATIONS");
    assert_eq!(class.gate.functions[0].name.last(), "register_financial_route");
    assert!(!class.gate.functions[0].has_positions());
    assert_eq!(class.operations[0].route.text(), "POST /api/payments");
    assert_eq!(class.operations[0].span.of(EXAMPLE), "[[class.financial.operation]]");
    assert_eq!(contract.exemptions[0].span.of(EXAMPLE), "[[exempt]]");
    assert_eq!(contract.exemptions[0].expires.as_ref().unwrap().span.of(EXAMPLE), "2027-06-30");
    assert_eq!(contract.level("duplicate-route"), Some(Level::Deny));
    assert_eq!(contract.server_of("billing", Some("server")), Some(0));
    assert_eq!(contract.server_of("accubooks", None), None);
}

#[test]
fn positions_of_an_unseen_gate_are_read() {
    let text = EXAMPLE.replace("# function = [{", "operation = \"which\"\n#").replace(
        "function  = [\"accubooks::gates::register_financial_route\"]",
        "function = [\"gate\", { path = \"moneykit::gate\", method = 1, route = 2, handler = 3, operation = 4 }]",
    );
    let contract = Contract::parse("contract.toml", &text, RULES).unwrap();
    let gate = &contract.classes[0].gate;
    assert_eq!(gate.operation.as_ref().unwrap().value, "which");
    assert_eq!((gate.functions[1].method, gate.functions[1].operation), (Some(1), Some(4)));
    assert!(gate.functions[1].has_positions());
}

#[test]
fn routes_are_in_classes_by_pattern_and_by_operation() {
    let mut contract = example();
    let financial = ClassId(0);
    let registered = Operation::registered("refund", "post", "/refunds/{id}", Span::default());
    contract = contract.with_operations(financial, vec![registered], Vec::new());
    let path = RoutePath::parse;
    assert_eq!(contract.classes_of("POST", &path("/api/payments/{id}")), [financial]);
    assert_eq!(contract.classes_of("ANY", &path("/api/payments/{*rest}")), [financial]);
    assert!(contract.classes_of("GET", &path("/api/payments")).is_empty());
    assert_eq!(contract.classes_of("POST", &path("/refunds/{other}/")), [financial]);
    assert!(contract.classes_of("PUT", &path("/refunds/{other}")).is_empty());
    assert_eq!(contract.overlapping("POST", &path("/api/{kind}")), [financial]);
    assert_eq!(contract.overlapping("POST", &path("/{kind}/{id}")), [financial]);
    assert!(contract.overlapping("POST", &path("/refunds/search")).is_empty());
    assert!(contract.overlapping("GET", &path("/api/{kind}")).is_empty());
    assert!(contract.overlapping("POST", &path("/api/payments")).is_empty());
    assert_eq!(
        contract.operation_for(financial, "POST", &path("/api/payments")).unwrap().name.value,
        "createPayment"
    );
    assert_eq!(
        contract.operation_for(financial, "ANY", &path("/api/payments")).unwrap().name.value,
        "createPayment"
    );
    assert_eq!(contract.operation_for(financial, "PUT", &path("/api/payments")), None);
    assert_eq!(contract.operation_named(financial, "refund").unwrap().route.method, "POST");
}

#[test]
fn an_exemption_holds_where_all_it_names_agrees() {
    let contract = example();
    let (webhook, other) =
        (RoutePath::parse("/api/payments/webhook"), RoutePath::parse("/api/payments/{id}"));
    let subject =
        |method, path, class| Subject { route: Some((method, path)), class, ..Subject::default() };
    let about = |subject: Subject<'_>| contract.exemptions_of(&subject).len();
    assert_eq!(about(subject("POST", &webhook, Some("financial"))), 1);
    assert_eq!(about(subject("POST", &webhook, Some("other"))), 0);
    assert_eq!(about(subject("POST", &webhook, None)), 0);
    assert_eq!(about(subject("PUT", &webhook, Some("financial"))), 0);
    assert_eq!(about(subject("ANY", &webhook, Some("financial"))), 0);
    assert_eq!(about(subject("POST", &other, Some("financial"))), 0);
    assert_eq!(about(Subject::default()), 0);
    assert!(contract.expired(date(2027, 6, 30)).is_empty());
    assert_eq!(contract.expired(date(2027, 7, 1)), [ExemptionId(0)]);
}

#[test]
fn tables_are_in_classes() {
    let contract = example();
    let classes = |name| {
        Tables::new(&contract).classes_of(&TableName::parse(name).unwrap(), &[WriteKind::Insert])
    };
    assert_eq!(classes("PUBLIC.Payments"), [ClassId(0)]);
    assert!(classes("payments.events").is_empty());
    assert!(classes("customers").is_empty());
}

#[test]
fn all_mistakes_are_told_together() {
    let text = r#"
version = 2
rulez = 1
[scan]
include_tests = true
unresolved = "denied"
exclude = "benches/**"
[rules]
bare-rout = "deny"
random-identifier = "warn"
[class.financial]
routes = ["api/x", "/a/**/b", 3]
methods = ["post", "FETCH"]
tables = ["a b"]
writes = ["upsert"]
severity = "allow"
[[class.financial.operation]]
name = "a"
route = "/api/x"
[[class.financial.operation]]
name = "b"
route = "POST /x/*"
[class.other]
[class.gated]
routes = ["/x"]
gate = { function = [{ path = "g", method = 1, route = 1, handler = "x" }, 4], layer = ["my-gates::X"] }
[[server]]
package = "p"
prefix = "x"
[[exempt]]
class = "finance"
[[exempt]]
table = "payments"
reason = "x"
expires = "2027-06-30"
"#;
    let expected = [
        "this program reads contracts of version 1 / write `version = 1` @ 2",
        "unknown key of the contract `rulez` / write `rules` @ rulez",
        "unknown key of [scan] `include_tests` / write `include-tests` @ include_tests",
        "unknown value of `unresolved` `denied` / use one of `allow`, `warn` or `deny` @ \"denied\"",
        "`exclude` wants a list / write `exclude = [\"benches/**\"]` @ \"benches/**\"",
        "unknown rule `bare-rout` / write `bare-route` @ bare-rout",
        "unknown rule `random-identifier` / use the name of a rule, as reports print it @ random-identifier",
        "class `financial` has routes and no gate / add `[class.financial.gate]` @ financial",
        "class `financial` has tables and no writer / add `writer = [\"my_crate::writer\"]` to `[class.financial]` \
         @ financial",
        "`api/x` is not a path pattern: it does not begin with `/` / write `/api/x` @ \"api/x\"",
        "`/a/**/b` is not a path pattern: `**` is not last / write `*` for one segment @ \"/a/**/b\"",
        "`routes` wants text / write it in quotes @ 3",
        "unknown method `post` / write `POST` @ \"post\"",
        "unknown method `FETCH` / use an HTTP method such as `POST` @ \"FETCH\"",
        "`a b` is not the name of a table / write `table` or `schema.table` @ \"a b\"",
        "unknown value of `writes` `upsert` / use one of `insert`, `update` or `delete` @ \"upsert\"",
        "unknown value of `severity` `allow` / use one of `deny` or `warn` @ \"allow\"",
        "`/api/x` is not a method and a path / write it like `POST /api/x` @ \"/api/x\"",
        "the route of an operation is one path, and `/x/*` stands for several / write `{name}` for a parameter, \
         `{*name}` for a wildcard @ \"POST /x/*\"",
        "class `other` protects nothing / add `routes` or `tables` @ other",
        "`route` and `method` are both argument 1 / give each its own position @ 1",
        "`handler` wants a whole number from 0 / write `handler = 0` @ \"x\"",
        "`function` wants names or tables / write it like `{ path = \"gate\", route = 1 }` @ 4",
        "`my-gates::X` is not the path of a Rust item / write `my_gates::X` @ \"my-gates::X\"",
        "`x` is not a prefix of paths / write `/x` @ \"x\"",
        "an exemption does not say what it is about / add `route`, `table` or `function` @ [[exempt]]",
        "[[exempt]] has no `reason` / add `reason = \"why this is safe\"` @ [[exempt]]",
        "`expires` wants a date / write `expires = 2027-06-30`, without quotes @ \"2027-06-30\"",
    ];
    let found = mistakes(text);
    for expected in expected {
        assert!(
            found.iter().any(|found| found.starts_with(expected)),
            "missing: {expected}\nin: {found:#?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn the_class_of_an_exemption_must_exist() {
    let text = EXAMPLE.replace("class   = \"financial\"", "class = \"finncial\"");
    assert_eq!(mistakes(&text), ["unknown class `finncial` / write `financial` @ \"finncial\""]);
}

#[test]
fn what_is_written_twice_is_told() {
    let class = "version = 1\n[class.a]\nroutes = [\"/x\"]\n[class.a.gate]\nlayer = [\"l\"]\n";
    let twice = mistakes(&format!("{class}[class.a]\n"));
    assert!(
        twice.len() == 1 && twice[0].starts_with("duplicate key / keep one of them"),
        "{twice:?}"
    );
    let operation = |name: &str, route: &str| {
        format!("[[class.a.operation]]\nname = \"{name}\"\nroute = \"{route}\"\n")
    };
    let one = operation("one", "POST /x/{id}");
    assert_eq!(
        mistakes(&format!("{class}{one}{}", operation("one", "POST /y"))),
        ["operation `one` is declared twice / give each its own name @ \"one\""]
    );
    assert_eq!(
        mistakes(&format!("{class}{one}{}", operation("two", "POST /x/{key}"))),
        [
            "operations `one` and `two` declare the same route / give each its own route @ \"POST /x/{key}\""
        ]
    );
}

#[test]
fn days_must_exist_and_have_no_time() {
    let with = |day: &str| mistakes(&EXAMPLE.replace("2027-06-30 ", day));
    assert!(!with("2027-02-30 ").is_empty());
    assert_eq!(
        with("2027-06-30T10:00:00 "),
        ["`expires` wants a day / write `2027-06-30` @ 2027-06-30T10:00:00"]
    );
}

#[test]
fn text_that_is_no_toml_is_refused_by_itself() {
    let found = mistakes("version = 7\n[class.a\nx = = 2\n");
    assert!(found.len() >= 2 && found.iter().all(|one| !one.contains("version")), "{found:#?}");
    assert!(!mistakes("").is_empty());
    assert_eq!(
        mistakes("version = 1\nclass = 3"),
        ["`class` wants a table / write a `[class]` section @ 3"]
    );
}

#[test]
fn mistakes_print_with_their_places() {
    let errors = Contract::parse("contract.toml", "version = 1\nrulez = 3\n", RULES).unwrap_err();
    let mut out = String::new();
    let theme = miette::GraphicalTheme::unicode_nocolor();
    miette::GraphicalReportHandler::new_themed(theme).render_report(&mut out, &errors).unwrap();
    assert!(out.contains("contract.toml:2:1") && out.contains("write `rules`"), "{out}");
}

#[test]
fn reading_never_panics_and_spans_stay_inside() {
    for cut in 0..EXAMPLE.len() {
        let Some(text) = EXAMPLE.get(..cut) else { continue };
        if let Err(errors) = Contract::parse("contract.toml", text, RULES) {
            for mistake in errors.mistakes {
                assert!(
                    mistake.at.offset() + mistake.at.len() <= text.len(),
                    "{mistake:?} in {text}"
                );
            }
        }
    }
}
