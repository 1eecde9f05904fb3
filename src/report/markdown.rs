//! `markdown`: tables for pull requests and pages.

use std::io::{self, Write};

use super::{
    ListFormat, Look, Report, RouteLine, adoption as counts,
    escape::{markdown, markdown_code},
    listing::{cells, write_cells},
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
    Ok(())
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
