//! `table`: aligned columns for a terminal.

use std::io::{self, Write};

use super::{
    ListFormat, Look, Report, RouteLine, adoption, escape,
    listing::{TITLES, WRITE_TITLES, cells, paint, place_of, write_cells},
    place::Spots,
};

/// The format.
pub const FORMAT: ListFormat =
    ListFormat { name: "table", routes, writes, adoption: adoption::bars };

/// Columns of the widest cell that others are aligned to; the format machinery refuses to pad beyond 65,535.
const WIDEST: usize = 200;

/// The column that carries the status.
const STATUS: usize = 2;

/// The columns of `statement` that are shown.
const STATEMENT: usize = 60;

fn routes(
    report: &Report,
    lines: &[&RouteLine],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let rows = lines.iter().map(|line| {
        let safe = cells(&mut spots, line).map(|cell| escape::line(&cell).into_owned());
        (paint(line.status, look), safe.to_vec())
    });
    aligned(&TITLES, rows.collect(), out)?;
    gaps(report, out)
}

/// What could not be read, below a list that may lack it.
fn gaps(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    for (at, gap) in report.gaps.iter().enumerate() {
        let line = format!("gap: {}: {}", place_of(&mut spots, gap.at), gap.reason);
        writeln!(out, "{}{}", if at == 0 { "\n" } else { "" }, escape::line(&line))?;
    }
    Ok(())
}

fn writes(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let rows = report.writes.iter().map(|line| {
        let safe = write_cells(&mut spots, line, STATEMENT);
        (("", ""), safe.map(|cell| escape::line(&cell).into_owned()).to_vec())
    });
    aligned(&WRITE_TITLES, rows.collect(), out)?;
    gaps(report, out)
}

/// A row: what surrounds its status, and its cells, fit for a terminal.
type Row = ((&'static str, &'static str), Vec<String>);

fn aligned(titles: &[&str], rows: Vec<Row>, out: &mut dyn Write) -> io::Result<()> {
    let mut widths: Vec<usize> = titles.iter().map(|title| title.len()).collect();
    for (_, row) in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell).min(WIDEST));
        }
    }
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    row(&titles, &widths, ("", ""), out)?;
    for (paint, cells) in &rows {
        row(cells, &widths, *paint, out)?;
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
