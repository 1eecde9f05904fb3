//! What a finding is, apart from where it stands.

use serde::{Deserialize, Serialize};

use crate::{finding::Finding, routes::normal};

/// What makes two findings the same violation: neither file nor line takes part, so that code can move.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The rule.
    pub rule: String,
    /// The class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path, without the names of its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The sentence, for a finding about no route, table or function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Identity {
    /// That of `finding`.
    pub fn of(finding: &Finding) -> Self {
        let mut identity = Self {
            rule: finding.rule.to_owned(),
            class: finding.class.clone(),
            method: finding.method.clone(),
            path: finding.path.as_deref().map(normal),
            table: finding.table.clone(),
            function: finding.function.clone(),
            message: None,
        };
        if identity.parts().iter().skip(2).all(|(_, part)| part.is_none()) {
            identity.message = Some(finding.message.clone());
        }
        identity
    }

    /// Its parts by name, in a fixed order.
    pub fn parts(&self) -> [(&'static str, Option<&str>); 7] {
        [
            ("rule", Some(&self.rule)),
            ("class", self.class.as_deref()),
            ("method", self.method.as_deref()),
            ("path", self.path.as_deref()),
            ("table", self.table.as_deref()),
            ("function", self.function.as_deref()),
            ("message", self.message.as_deref()),
        ]
    }

    /// For people: `bare-route: POST /api/payments (financial)`.
    pub fn title(&self) -> String {
        let subject: Vec<&str> =
            self.parts().iter().skip(2).filter_map(|(_, part)| *part).collect();
        let class = self.class.as_ref().map(|class| format!(" ({class})")).unwrap_or_default();
        format!("{}: {}{class}", self.rule, subject.join(" "))
    }
}

/// A finding's identity as a hash, so that it survives edits around it: `b3:` and the hash in hex.
///
/// Findings of the same identity are told apart by their number, in the order of the report.
pub fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::new();
    let print = |finding: &Finding| {
        let mut hasher = blake3::Hasher::new();
        for (_, part) in Identity::of(finding).parts() {
            // Length first, so that no two lists of parts run together to the same bytes.
            hasher.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
            hasher.update(part.unwrap_or("").as_bytes());
        }
        let base = hasher.finalize();
        let number: &mut u64 = seen.entry(*base.as_bytes()).or_insert(0);
        *number += 1;
        if *number == 1 {
            return format!("b3:{}", base.to_hex());
        }
        hasher.update(&number.to_le_bytes());
        format!("b3:{}", hasher.finalize().to_hex())
    };
    findings.iter().map(print).collect()
}
