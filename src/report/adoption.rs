//! How far each class is adopted, as bars.

use std::io::{self, Write};

use super::{ClassCount, Look, Report, escape};

/// Columns of a bar.
const BAR: usize = 20;

/// Prints a bar for each class and one for all.
pub fn bars(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let all = total(report);
    let lines: Vec<&ClassCount> = report.classes.iter().chain([&all]).collect();
    let name = lines.iter().map(|one| escape::line(&one.class).chars().count()).max().unwrap_or(0);
    let count = lines.iter().map(|one| figures(one).chars().count()).max().unwrap_or(0);
    for line in lines {
        let filled = (line.percent() * BAR / 100).min(BAR);
        let bar = format!("{}{}", "█".repeat(filled), "░".repeat(BAR - filled));
        let (start, end) = match (look.color, line.percent()) {
            (false, _) => ("", ""),
            (true, 100) => ("\u{1b}[32m", "\u{1b}[0m"),
            (true, _) => ("\u{1b}[33m", "\u{1b}[0m"),
        };
        let class = escape::line(&line.class);
        let figures = figures(line);
        writeln!(
            out,
            "{class:name$}  {start}{bar}{end}  {figures:>count$}  ({}%)",
            line.percent()
        )?;
    }
    Ok(())
}

/// All classes together.
pub fn total(report: &Report) -> ClassCount {
    let sum = |of: fn(&ClassCount) -> usize| report.classes.iter().map(of).sum();
    ClassCount {
        class: "total".to_owned(),
        gated: sum(|one| one.gated),
        total: sum(|one| one.total),
        violations: sum(|one| one.violations),
        undecided: sum(|one| one.undecided),
    }
}

/// `5/23`; with two that could not be read, `5–7 of 25`: as many may be gated as are read plus the unread.
pub fn figures(count: &ClassCount) -> String {
    match count.undecided {
        0 => format!("{}/{}", count.gated, count.total),
        unread => {
            format!("{}–{} of {}", count.gated, count.gated + unread, count.total + unread)
        }
    }
}
