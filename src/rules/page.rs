//! Rule pages for the terminal: `explain` shows them, the index lists them.

use super::{RULES, Rule, nearest_rule, rule};
use crate::finding::Severity;

/// The text of a rule's page without its front matter, headed by the rule's name and level, and how to suppress it.
///
/// # Errors
/// A sentence for the user, with the nearest rule's name, when no rule is called `id`.
pub fn explain(id: &str) -> Result<String, String> {
    if let Some(rule) = rule(id) {
        return Ok(format!("{}\n{}", body(rule).trim_end(), suppression(rule)));
    }
    Err(if let Some(near) = nearest_rule(id) {
        format!("there is no rule `{id}`; did you mean `{near}`?")
    } else {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        format!("there is no rule `{id}`; the rules are {}", ids.join(", "))
    })
}

/// How to live with a finding of `rule`: a comment where its place is in the source, a level where it is not.
fn suppression(rule: &Rule) -> String {
    let id = rule.id;
    let in_source = examples(rule)
        .iter()
        .any(|example| example.markers.code.iter().any(|(_, marked)| marked == id));
    let lower = if rule.level == Severity::Deny { "warn" } else { "allow" };
    let level = format!("    [rules]\n    {id} = \"{lower}\"\n");
    // What is wrong with a comment is not for another comment to excuse.
    if in_source && id != super::unused_exemption::RULE.id {
        format!(
            "\n## How to suppress it\n\nAt the end of the marked line, or alone on the line above it, with a reason:\n\n    \
             // contract-check: allow({id}) -- why this is safe\n\nIn the whole tree, in contract.toml:\n\n{level}"
        )
    } else {
        format!("\n## How to suppress it\n\nIn contract.toml, for the whole tree:\n\n{level}")
    }
}

/// The page below its front matter.
pub fn body(rule: &Rule) -> &'static str {
    parts(rule).1
}

/// The front matter of a rule's page, as TOML.
pub fn front_matter(rule: &Rule) -> &'static str {
    parts(rule).0
}

fn parts(rule: &Rule) -> (&'static str, &'static str) {
    let inner = rule.page.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n"));
    inner.map_or(("", rule.page), |(front, body)| (front, body.trim_start()))
}

/// One example of a page: a file of code under a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// From the section *Bad*.
    pub bad: bool,
    /// The contract: the section's own block, or else that of the page.
    pub contract: String,
    /// The code: `src/lib.rs` of a package called `app`.
    pub code: String,
    /// What must be found in the contract and in the code: 1-based line and rule.
    pub markers: Markers,
}

/// Markers of an example, each a 1-based line and a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markers {
    /// `#~ rule` in the contract.
    pub contract: Vec<(usize, String)>,
    /// `//~ rule` in the code.
    pub code: Vec<(usize, String)>,
}

/// The examples of a rule's page.
pub fn examples(rule: &Rule) -> Vec<Example> {
    let mut all = Vec::new();
    let (mut section, mut shared, mut own) = ("", String::new(), None);
    let mut lines = body(rule).lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            (section, own) = (title, None);
        }
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty())
        else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        let block = block.join("\n") + "\n";
        let in_example = matches!(section, "Bad" | "Good");
        match language {
            "toml" if in_example => own = Some(block),
            "toml" => shared = block,
            "rust" if in_example => {
                let contract = own.clone().unwrap_or_else(|| shared.clone());
                let markers =
                    Markers { contract: markers(&contract, "#~"), code: markers(&block, "//~") };
                all.push(Example { bad: section == "Bad", contract, code: block, markers });
            }
            _ => {}
        }
    }
    all
}

/// The rules that a text marks with `sign`, each with its 1-based line.
///
/// `//~ bare-route` marks its own line and `//~^ bare-route` the line above, one line further for each `^`.
pub fn markers(text: &str, sign: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate().filter_map(|(at, line)| {
        let rules = line.split_once(sign)?.1;
        let named = rules.trim_start_matches('^');
        Some(((at + 1).saturating_sub(rules.len() - named.len()), named))
    });
    lines
        .flat_map(|(at, rules)| rules.split_whitespace().map(move |rule| (at, rule.to_owned())))
        .collect()
}

/// `rules/README.md` as it should be.
pub fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nOne page for each rule. `cargo contract-check explain RULE` prints the same text.\n\n\
         | rule | level | reports |\n|---|---|---|\n",
    );
    for rule in RULES {
        let level = if rule.level == Severity::Deny { "deny" } else { "warn" };
        let link = format!("[`{0}`]({0}.md)", rule.id);
        text.extend(["| ", link.as_str(), " | ", level, " | ", rule.summary, " |\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_what_the_table_says() {
        for rule in RULES {
            let front: toml::Table = front_matter(rule).parse().unwrap();
            assert_eq!(front["id"].as_str(), Some(rule.id));
            let level = if rule.level == Severity::Deny { "deny" } else { "warn" };
            assert_eq!(front["level"].as_str(), Some(level), "{}", rule.id);
            for key in ["since", "needs", "message", "help"] {
                assert!(front.contains_key(key), "{}: {key}", rule.id);
            }
            let sections: Vec<&str> =
                body(rule).lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(
                sections,
                ["What it checks", "Why", "Bad", "Good", "How to fix", "What it cannot see"],
                "{}",
                rule.id
            );
            assert!(body(rule).starts_with(&format!("# {}\n", rule.id)), "{}", rule.id);
        }
    }

    #[test]
    fn the_index_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/README.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, index()).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap_or_default(),
            index(),
            "run it again with UPDATE=1"
        );
    }

    #[test]
    fn explain_suggests_the_nearest_rule() {
        assert!(explain("bare-route").unwrap().starts_with("# bare-route"));
        for rule in RULES {
            let text = explain(rule.id).unwrap();
            let comment = text.contains(&format!("// contract-check: allow({}) -- ", rule.id));
            let level = text.contains(&format!("[rules]\n    {} = ", rule.id));
            assert!(
                level
                    && text.contains("## How to suppress it\n")
                    && (comment || rule.id != "bare-route"),
                "{text}"
            );
        }
        assert_eq!(
            explain("bare_routes").unwrap_err(),
            "there is no rule `bare_routes`; did you mean `bare-route`?"
        );
        assert!(explain("zzz").unwrap_err().contains("the rules are bare-route, "));
    }

    #[test]
    fn examples_are_whole() {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        for rule in RULES {
            let examples = examples(rule);
            assert!(
                examples.iter().any(|one| one.bad) && examples.iter().any(|one| !one.bad),
                "{}",
                rule.id
            );
            for example in &examples {
                let contract =
                    crate::contract::Contract::parse("contract.toml", &example.contract, &ids);
                assert!(contract.is_ok(), "{}: {contract:?}", rule.id);
                let all: Vec<&String> = example
                    .markers
                    .contract
                    .iter()
                    .chain(&example.markers.code)
                    .map(|(_, rule)| rule)
                    .collect();
                assert!(all.iter().all(|id| ids.contains(&id.as_str())), "{}: {all:?}", rule.id);
                assert_eq!(all.iter().any(|id| *id == rule.id), example.bad, "{}", rule.id);
                assert_eq!(all.is_empty(), !example.bad, "{}", rule.id);
                let parses = syn::parse_file(&example.code).is_ok();
                assert_eq!(parses, rule.id != "unparsed-file" || !example.bad, "{}", rule.id);
            }
        }
    }
}
