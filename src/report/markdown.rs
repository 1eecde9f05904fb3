//! `markdown`: tables for pull requests and pages.

use std::io::{self, Write};

use super::{
    ListFormat, Look, Report, RouteLine, adoption as counts,
    escape::{markdown, markdown_code},
    listing::cells,
    place::Spots,
};

/// The format.
pub const FORMAT: ListFormat = ListFormat { name: "markdown", routes, adoption };

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
