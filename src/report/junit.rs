//! `junit`: one suite, a test case for each finding and one for each rule that found nothing.
//!
//! A denial is a failure; a warning passes and says so in its output, because a failed test fails a pipeline and a
//! warning must not. Names hold no lines, so that a server can follow a test from run to run.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use super::{CheckFormat, Look, Report, escape, news::Weight, place::Spots};
use crate::{finding::Severity, rules::RULES};

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "junit", summary: "JUnit XML, for test reports", write };

/// One test case.
struct Case {
    class: String,
    name: String,
    /// Why it fails: message and text.
    failure: Option<(String, String)>,
    output: Option<String>,
}

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let cases = cases(report);
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", cases.len());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"contract-check\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"contract-check\" {counts}>")?;
    for case in &cases {
        write!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\"",
            xml(&case.class),
            xml(&case.name)
        )?;
        match (&case.failure, &case.output) {
            (Some((message, text)), _) => {
                writeln!(out, ">")?;
                write!(
                    out,
                    "      <failure type=\"{}\" message=\"{}\">",
                    xml(&case.class),
                    xml(message)
                )?;
                writeln!(out, "{}</failure>\n    </testcase>", xml(text))?;
            }
            (None, Some(output)) => {
                writeln!(out, ">")?;
                writeln!(out, "      <system-out>{}</system-out>\n    </testcase>", xml(output))?;
            }
            (None, None) => writeln!(out, "/>")?,
        }
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn cases(report: &Report) -> Vec<Case> {
    let mut spots = Spots::new(report);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut cases = Vec::new();
    for finding in &report.findings {
        let spot = spots.spot(finding.at);
        let place = format!("{}:{}", report.repository_path(finding.at, &spot), spot.start().line);
        let mut lines = vec![place];
        for label in &finding.related {
            let spot = spots.spot(label.at);
            let path = report.repository_path(label.at, &spot);
            lines.push(format!("{path}:{}: {}", spot.start().line, label.message));
        }
        if !finding.help.is_empty() {
            lines.push(format!("help: {}", finding.help));
        }
        let safe: Vec<String> = lines.iter().map(|line| escape::line(line).into_owned()).collect();
        let text = safe.join("\n");
        let message = escape::line(&finding.message).into_owned();
        let class = format!("contract-check.{}", finding.rule);
        let name = numbered(&mut seen, &class, &message);
        cases.push(match finding.severity {
            Severity::Deny => Case { class, name, failure: Some((message, text)), output: None },
            Severity::Warn => {
                Case { class, name, failure: None, output: Some(format!("warning\n{text}")) }
            }
        });
    }
    for line in report.news.lines() {
        let (path, spot) = report.about(&mut spots, &line);
        let place = escape::line(&format!("{path}:{}", spot.start().line)).into_owned();
        let message = escape::line(&line.text).into_owned();
        let class = "contract-check.news".to_owned();
        let name = numbered(&mut seen, &class, &message);
        let (failure, output) = match line.weight {
            Weight::Deny => (Some((message, place)), None),
            Weight::Warn | Weight::Note => (None, Some(format!("{}\n{place}", line.weight.word()))),
        };
        cases.push(Case { class, name, failure, output });
    }
    for rule in RULES {
        if report.findings.iter().all(|finding| finding.rule != rule.id) {
            let class = format!("contract-check.{}", rule.id);
            cases.push(Case {
                class,
                name: format!("no {}", rule.id),
                failure: None,
                output: None,
            });
        }
    }
    cases
}

/// The name of a test: no two of a class may have the same.
fn numbered(seen: &mut BTreeMap<String, usize>, class: &str, message: &str) -> String {
    let number = seen.entry(format!("{class} {message}")).or_insert(0);
    *number += 1;
    if *number == 1 { message.to_owned() } else { format!("{message} ({number})") }
}

/// `text` as XML text or attribute value; what no XML document may hold is written out.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
            _ => out.push(c),
        }
    }
    out
}
