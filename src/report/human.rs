//! `human`: every finding with its excerpt, the places that took part, and one line of help.
//!
//! miette labels one source for each diagnostic, so the other places follow as related diagnostics.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::{
    CheckFormat, Look, Report, adoption, counted, escape,
    listing::place_of,
    news::About,
    place::{Spots, place_text},
};
use crate::{
    finding::{Finding, Severity, Where},
    source::Span,
};

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "human", summary: "excerpts and advice, for a terminal", write };

/// A longer marked range is shown by its first line only.
const MARKED_LINES: usize = 6;

/// Characters of a line on either side of the mark; generated code can have lines of megabytes.
const LINE: usize = 200;

fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let theme =
        if look.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(look.width)
        .with_links(false)
        .with_context_lines(1);
    let mut spots = Spots::new(report);
    let mut alike = alike(&report.findings);
    for finding in &report.findings {
        let others = match finding.cause.map(|cause| alike.remove(&(finding.rule, cause))) {
            // It was told with the first of its cause.
            Some(None) => continue,
            Some(Some(all)) => all,
            None => Vec::new(),
        };
        let related: Vec<Shown> = finding
            .related
            .iter()
            .map(|label| Shown {
                code: None,
                severity: miette::Severity::Advice,
                message: escape::line(&label.message).into_owned(),
                label: None,
                help: None,
                excerpt: excerpt(report, &mut spots, label.at),
                related: Vec::new(),
            })
            .collect();
        let shown = Shown {
            code: Some(format!(
                "{}[{}]",
                super::short::severity(finding.severity, false),
                finding.rule
            )),
            severity: match finding.severity {
                Severity::Deny => miette::Severity::Error,
                Severity::Warn => miette::Severity::Warning,
            },
            message: escape::line(&finding.message).into_owned(),
            label: (!finding.label.is_empty()).then(|| escape::line(&finding.label).into_owned()),
            help: (!finding.help.is_empty()).then(|| escape::line(&finding.help).into_owned()),
            excerpt: excerpt(report, &mut spots, finding.at),
            related,
        };
        let mut text = String::new();
        handler.render_report(&mut text, &shown).map_err(io::Error::other)?;
        print(&text, out)?;
        list(others.get(1..).unwrap_or_default(), &mut spots, out)?;
    }
    if look.verbose {
        for gap in &report.gaps {
            let spot = spots.spot(gap.at);
            let start = spot.start();
            let path = escape::line(&spot.path);
            writeln!(
                out,
                "gap: {path}:{}:{}: {}",
                start.line,
                start.column,
                escape::line(&gap.reason)
            )?;
        }
    }
    summary(report, &mut spots, look, out)
}

/// Findings that have one cause, by rule and cause, each in the order of the report.
fn alike(findings: &[Finding]) -> BTreeMap<(&'static str, u32), Vec<&Finding>> {
    let mut all: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(cause) = finding.cause {
            all.entry((finding.rule, cause)).or_default().push(finding);
        }
    }
    all
}

/// Prints a line for each of the findings that come of the same as the one before them.
fn list(others: &[&Finding], spots: &mut Spots<'_>, out: &mut dyn Write) -> io::Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {} more for the same reason:", others.len())?;
    for finding in others {
        let spot = spots.spot(finding.at);
        let start = spot.start();
        let place = format!("{}:{}:{}", escape::line(&spot.path), start.line, start.column);
        let route = [&finding.method, &finding.path].map(|part| part.as_deref().unwrap_or("?"));
        writeln!(out, "    {place}: {}", escape::line(&route.join(" ")))?;
    }
    writeln!(out)
}

/// Prints what miette made, without the word it puts before each related place and with single empty lines.
fn print(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut blank = false;
    for line in text.lines().map(str::trim_end).filter(|line| *line != "Advice:") {
        if !(blank && line.is_empty()) {
            writeln!(out, "{line}")?;
        }
        blank = line.is_empty();
    }
    if blank { Ok(()) } else { writeln!(out) }
}

fn summary(
    report: &Report,
    spots: &mut Spots<'_>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for line in report.news.lines() {
        let place = match line.at {
            About::Place(at) => format!("{}: ", place_of(spots, at)),
            // Its sentence names it.
            About::Contract | About::Baseline => String::new(),
        };
        let said = format!("{}: {place}{}", line.weight.word(), line.text);
        writeln!(out, "{}", escape::line(&said))?;
    }
    let denied =
        report.findings.iter().filter(|finding| finding.severity == Severity::Deny).count();
    let warned = report.findings.len() - denied;
    writeln!(
        out,
        "{}, {} in {}, {}",
        counted(denied, "denial"),
        counted(warned, "warning"),
        counted(report.files, "file"),
        counted(report.routes.len(), "route"),
    )?;
    for class in &report.classes {
        let name = escape::line(&class.class);
        writeln!(out, "{name}: {} gated ({}%)", adoption::figures(class), class.percent())?;
    }
    for remark in report.news.remarks() {
        writeln!(out, "{}", escape::line(&remark))?;
    }
    if !report.gaps.is_empty() {
        let more = if look.verbose { "" } else { ", shown by -v" };
        writeln!(out, "{} in what could be read{more}", counted(report.gaps.len(), "gap"))?;
    }
    Ok(())
}

/// One diagnostic as miette wants it; all texts are safe to print.
#[derive(Debug)]
struct Shown {
    code: Option<String>,
    severity: miette::Severity,
    message: String,
    label: Option<String>,
    help: Option<String>,
    excerpt: Option<Excerpt>,
    related: Vec<Shown>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        let label = LabeledSpan::new_primary_with_span(self.label.clone(), excerpt.marked);
        Some(Box::new(std::iter::once(label)))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|shown| shown as &dyn Diagnostic)))
    }
}

/// The lines around a place, made safe, and where the mark is in them.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: String,
    marked: SourceSpan,
    /// 0-based line of the first line of `text` in the file.
    first: usize,
    /// 0-based column of the mark in the file, in characters.
    column: usize,
}

fn excerpt(report: &Report, spots: &mut Spots<'_>, at: Where) -> Option<Excerpt> {
    let spot = spots.spot(at);
    let (_, text, span) = place_text(report, at);
    let (text, (start, _)) = (text?, spot.lines?);
    let mut span = span;
    if span.of(text).lines().count() > MARKED_LINES {
        let line = span.of(text).lines().next().map_or(0, str::len);
        span = Span::new(
            span.start,
            span.start.saturating_add(u32::try_from(line).unwrap_or(u32::MAX)),
        );
    }
    let (from, to) = (span.start as usize, span.end as usize);
    let before = text.get(..from)?;
    let after = text.get(to..)?;
    // One line of context on either side.
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let top = before
        .get(..line.saturating_sub(1))
        .and_then(|above| above.rfind('\n'))
        .map_or(0, |at| at + 1);
    let mut ends = after.match_indices('\n').map(|(at, _)| to + at);
    let bottom = ends.nth(1).unwrap_or(text.len());
    let safe = |part: &str| escape::snippet(part).into_owned();
    let plain = |from: usize, to: usize| {
        text.get(from..to).unwrap_or("").trim_start_matches('\u{feff}').replace("\r\n", "\n")
    };
    let lead = safe(&clipped(&plain(top, from), true));
    let marked = safe(&clipped(&plain(from, to), false));
    let tail = safe(&clipped(&plain(to, bottom), false));
    let context = text.get(top..line).map_or(0, |above| above.matches('\n').count());
    Some(Excerpt {
        name: escape::line(&spot.path).into_owned(),
        marked: (lead.len()..lead.len() + marked.len()).into(),
        text: lead + &marked + &tail,
        first: (start.line as usize).saturating_sub(1 + context),
        column: (start.column as usize).saturating_sub(1),
    })
}

/// `text` without the far ends of very long lines; before the mark, the last line keeps its end.
fn clipped(text: &str, leads: bool) -> String {
    let last = text.matches('\n').count();
    let lines = text.split('\n').enumerate().map(|(at, line)| {
        let length = line.chars().count();
        if length <= LINE {
            line.to_owned()
        } else if leads && at == last {
            format!("…{}", line.chars().skip(length - LINE).collect::<String>())
        } else {
            format!("{}…", line.chars().take(LINE).collect::<String>())
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        // miette counts columns in bytes; it shows one only for the mark itself.
        let column = if before == 0 { self.column } else { inner.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line() + self.first,
            column,
            inner.line_count(),
        )))
    }
}
