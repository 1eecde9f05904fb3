//! `markdown`: tables for pull requests and pages.

use std::io::{self, Write};

use super::{
    ListFormat, Look, Report, RouteLine, adoption as counts,
    escape::{markdown, markdown_code},
    listing::{cells, place_of, write_cells},
    place::Spots,
};

/// The format.
pub const FORMAT: ListFormat = ListFormat { name: "markdown", routes, writes, adoption };

fn routes(report: &Report, lines: &[&RouteLine], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    writeln!(out, "| method | path | status | class | gate | handler | place |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for line in lines {
        let [method, path, status, class, gate, handler, place] = cells(&mut spots, line);
        let code = |cell: &str| if cell == "-" { cell.to_owned() } else { markdown_code(cell) };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            markdown(&method),
            code(&path),
            markdown(&status),
            markdown(&class),
            code(&gate),
            code(&handler),
            code(&place)
        )?;
    }
    gaps(report, out)
}

/// The columns of a statement that are shown.
const STATEMENT: usize = 120;

fn writes(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    writeln!(out, "| operation | table | class | writer | function | place | statement |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for line in &report.writes {
        let [operation, table, class, writer, function, place, statement] =
            write_cells(&mut spots, line, STATEMENT);
        let code = |cell: &str| if cell == "-" { cell.to_owned() } else { markdown_code(cell) };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            markdown(&operation),
            code(&table),
            markdown(&class),
            code(&writer),
            code(&function),
            code(&place),
            code(&statement)
        )?;
    }
    gaps(report, out)
}

/// What could not be read, below a list that may lack it.
fn gaps(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    for (at, gap) in report.gaps.iter().enumerate() {
        let place = markdown_code(&place_of(&mut spots, gap.at));
        let start = if at == 0 { "\n" } else { "" };
        writeln!(out, "{start}- gap at {place}: {}", markdown(&gap.reason))?;
    }
    Ok(())
}

fn adoption(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| class | gated | total | percent |")?;
    writeln!(out, "|---|---:|---:|---:|")?;
    for one in report.classes.iter().chain([&counts::total(report)]) {
        writeln!(
            out,
            "| {} | {} | {} | {}% |",
            markdown(&one.class),
            one.gated,
            one.total,
            one.percent()
        )?;
    }
    Ok(())
}
