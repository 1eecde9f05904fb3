//! Facts held against the contract: the table of rules, and what happens to their findings before anyone sees them.
//!
//! A rule is a pure function from facts to findings. Levels, suppression comments, order and duplicates are settled
//! here, once for all rules.

pub mod bare_route;
pub mod bypassed_writer;
pub mod coverage;
pub mod direct_write;
pub mod duplicate_route;
pub mod expired_exemption;
pub mod judgement;
pub mod level;
pub mod loosened;
pub mod missing_route;
pub mod operation_mismatch;
pub mod overlapping_route;
pub mod page;
pub mod suppression;
pub mod unclassified_mutation;
pub mod undeclared_reach;
pub mod unknown_operation;
pub mod unmatched_entry;
pub mod unparsed_file;
pub mod unresolved_route;
pub mod unresolved_write;
pub mod unused_exemption;
pub mod write_judgement;
pub mod write_outside_transaction;
pub mod wrong_gate;

use jiff::civil::Date;

use crate::{
    calls::CallGraph,
    contract::{Contract, nearest},
    finding::{Finding, Label, Severity, Where},
    link::{DefId, Target},
    routes::RouteTable,
    source::{FileId, Place, Sources, Span},
    syntax::tree::Suppression,
    writes::WriteTable,
};
use judgement::Judgements;

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Kebab-case name of the fault.
    pub id: &'static str,
    /// Its own level.
    pub level: Severity,
    /// One line for lists: what it reports.
    pub summary: &'static str,
    /// Its page, front matter included.
    pub page: &'static str,
    /// What it finds.
    pub find: fn(&Facts<'_>, &Judgements) -> Vec<Finding>,
}

/// Every rule, in the order in which they are explained.
pub const RULES: &[Rule] = &[
    bare_route::RULE,
    wrong_gate::RULE,
    unknown_operation::RULE,
    operation_mismatch::RULE,
    missing_route::RULE,
    duplicate_route::RULE,
    overlapping_route::RULE,
    unclassified_mutation::RULE,
    unresolved_route::RULE,
    direct_write::RULE,
    undeclared_reach::RULE,
    bypassed_writer::RULE,
    unresolved_write::RULE,
    write_outside_transaction::RULE,
    expired_exemption::RULE,
    unused_exemption::RULE,
    unmatched_entry::RULE,
    unparsed_file::RULE,
];

/// The rule called `id`.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// The rule whose name is most like `id`, if any is like it.
pub fn nearest_rule(id: &str) -> Option<&'static str> {
    let ids: Vec<&'static str> = RULES.iter().map(|rule| rule.id).collect();
    nearest(id, &ids)
}

/// What the link stage knows about names.
pub trait Names {
    /// Whether a name of the contract (a path as Rust resolves it, or a single identifier) means `target`.
    fn matches(&self, contract_name: &str, target: &Target) -> bool;
    /// The full path of `target`, for people.
    fn path(&self, target: &Target) -> String;
    /// Whether anything in the tree, or anything outside that the tree mentions, has that name.
    fn exists(&self, contract_name: &str) -> bool;
    /// The function of the tree that a place in a file on disk stands in.
    fn function_at(&self, place: Place) -> Option<DefId>;
}

/// A file or item that could not be read or parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unparsed {
    /// The place where parsing stopped, or the file that could not be read.
    pub at: Where,
    /// The path of the file.
    pub path: String,
    /// Why, in the words of the parser or the system.
    pub reason: String,
    /// Whether the rest of the file was checked.
    pub partial: bool,
    /// Whether the file was read, and what it asks for lies outside the scanned paths.
    pub outside: bool,
}

/// An entry of `[[server]]` that is about no server of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// The part of the contract that is wrong.
    pub span: Span,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to put it right.
    pub help: String,
}

/// Everything that rules may look at.
#[derive(Clone, Copy)]
pub struct Facts<'f> {
    /// All texts.
    pub sources: &'f Sources,
    /// The contract, with the operations of its registries.
    pub contract: &'f Contract,
    /// What names mean.
    pub names: &'f dyn Names,
    /// All routes.
    pub table: &'f RouteTable,
    /// All writes.
    pub writes: &'f WriteTable,
    /// Who calls whom.
    pub graph: &'f CallGraph,
    /// The functions of the tree that are writers, with the target that the contract names.
    pub writers: &'f [(Target, Target)],
    /// What could not be parsed.
    pub unparsed: &'f [Unparsed],
    /// Suppression comments of the checked files.
    pub suppressions: &'f [(FileId, Suppression)],
    /// What of `[[server]]` is about no server.
    pub misplaced: &'f [Misplaced],
    /// Paths of files that could not be read, by the number in [`Where::Unread`].
    pub unread: &'f [String],
    /// Today, for exemptions that expire.
    pub today: Date,
    /// Report every warning as a denial.
    pub deny_warnings: bool,
}

/// What the rules have to say.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Findings in order of path, byte, rule and class.
    pub findings: Vec<Finding>,
    /// How each route of the table stands.
    pub judgements: Judgements,
}

/// Runs every rule, then settles levels, suppressions and order.
pub fn check(facts: &Facts<'_>) -> Outcome {
    let judgements = judgement::judgements(facts);
    let found = RULES.iter().flat_map(|rule| (rule.find)(facts, &judgements));
    let levelled = level::levelled(facts, found.collect());
    let (mut findings, unused) = suppression::suppressed(facts, levelled);
    findings.extend(level::levelled(facts, unused));
    sort(facts, &mut findings);
    Outcome { findings, judgements }
}

/// The exit status of findings: 1 if any is a denial, else 0.
pub fn exit_status(findings: &[Finding]) -> u8 {
    u8::from(findings.iter().any(|finding| finding.severity == Severity::Deny))
}

/// Puts findings in the order of reports and drops those that say the same of the same place.
fn sort(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    findings.sort_by_cached_key(|finding| {
        let (path, start) = position(facts, finding.at);
        (
            path.to_owned(),
            start,
            finding.rule,
            finding.class.clone(),
            finding.method.clone(),
            finding.path.clone(),
            finding.message.clone(),
        )
    });
    findings.dedup_by(|later, first| {
        // A file that two crates include is two texts, and shown as one.
        position(facts, later.at) == position(facts, first.at)
            && (later.rule, &later.class, &later.method, &later.path, &later.message)
                == (first.rule, &first.class, &first.method, &first.path, &first.message)
    });
}

/// The path and first byte of a place as reports show it.
pub fn position<'f>(facts: &Facts<'f>, at: Where) -> (&'f str, u32) {
    match at {
        Where::Source(place) => {
            let real = facts.sources.real(place);
            (facts.sources.path(real.file), real.span.start)
        }
        Where::Contract(span) => (&facts.contract.path, span.start),
        Where::Unread(number) => (facts.unread.get(number as usize).map_or("", String::as_str), 0),
    }
}

/// A finding of `rule` with nothing but its sentence; rules fill in the rest.
fn finding(rule: &Rule, at: Where, message: String) -> Finding {
    Finding {
        rule: rule.id,
        class: None,
        severity: rule.level,
        message,
        method: None,
        path: None,
        table: None,
        operation: None,
        function: None,
        at,
        label: String::new(),
        related: Vec::new(),
        help: String::new(),
        cause: None,
    }
}

/// A finding of `rule` about one registration of `route`, marked there, with the trail to the server.
fn route_finding(
    rule: &Rule,
    route: &crate::routes::Route,
    registration: &crate::evaluate::effect::Registration,
    message: String,
) -> Finding {
    let trail = registration.trail.iter();
    Finding {
        method: route.method.map(str::to_owned),
        path: route.path.as_ref().map(ToString::to_string),
        label: "registered here".to_owned(),
        related: trail
            .map(|step| Label { at: Where::Source(step.at), message: step.message.clone() })
            .collect(),
        ..finding(rule, Where::Source(registration.at), message)
    }
}

/// `a financial`, `an audit`: a class's name with its article.
fn with_article(class: &str) -> String {
    let vowel = class.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {class}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
pub(crate) mod tests;
