//! `table`: aligned columns for a terminal.

use std::io::{self, Write};

use super::{
    ListFormat, Look, Report, RouteLine, adoption, escape,
    listing::{TITLES, cells, paint},
    place::Spots,
};
use crate::rules::judgement::Status;

/// The format.
pub const FORMAT: ListFormat = ListFormat { name: "table", routes, adoption: adoption::bars };

/// The column that carries the status.
const STATUS: usize = 2;

fn routes(
    report: &Report,
    lines: &[&RouteLine],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let rows: Vec<(Status, Vec<String>)> = lines
        .iter()
        .map(|line| {
            let safe = cells(&mut spots, line).map(|cell| escape::line(&cell).into_owned());
            (line.status, safe.to_vec())
        })
        .collect();
    let mut widths = TITLES.map(str::len);
    for (_, row) in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    let titles: Vec<String> = TITLES.iter().map(|title| (*title).to_owned()).collect();
    row(&titles, &widths, ("", ""), out)?;
    for (status, cells) in &rows {
        row(cells, &widths, paint(*status, look), out)?;
    }
    Ok(())
}

fn row(
    cells: &[String],
    widths: &[usize],
    (start, end): (&str, &str),
    out: &mut dyn Write,
) -> io::Result<()> {
    let last = cells.len().saturating_sub(1);
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let pad = if at == last { 0 } else { width.saturating_sub(columns(cell)) + 2 };
        let (start, end) = if at == STATUS { (start, end) } else { ("", "") };
        write!(out, "{start}{cell}{end}{:pad$}", "")?;
    }
    writeln!(out)
}

/// How many columns a terminal gives `text`: East Asian wide characters take two.
fn columns(text: &str) -> usize {
    let wide = |c: char| {
        matches!(u32::from(c),
            0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff
            | 0x20000..=0x3fffd)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}
