//! What each command does with a run: the task, its format, its output and its exit status.

use std::{
    fs,
    io::{self, Write as _},
};

use crate::{
    error::RunError,
    pipeline::{self, Request, Run},
    report::{CHECK_FORMATS, LIST_FORMATS, Look, escape, listing},
    rules,
    settings::{self, Settings, Task, Verbosity},
};

/// Carries out `settings`; the exit status.
///
/// # Errors
/// When the task cannot be carried out.
pub fn run(settings: Settings) -> Result<u8, RunError> {
    let mut output = Vec::new();
    let status = match &settings.task {
        Task::Explain { rule } => {
            let page = rules::page::explain(rule).map_err(RunError::Rule)?;
            output.extend_from_slice(page.as_bytes());
            0
        }
        Task::Writes => {
            let run = analyse(&settings, false)?;
            if let Some(format) = LIST_FORMATS.iter().find(|format| format.name == settings.format)
            {
                (format.writes)(&run.report, look(&settings), &mut output).map_err(stdout)?;
            }
            0
        }
        Task::Check { deny_warnings } => {
            let deny = *deny_warnings;
            let run = analyse(&settings, deny)?;
            let format = CHECK_FORMATS.iter().find(|format| format.name == settings.format);
            if let Some(format) = format {
                (format.write)(&run.report, look(&settings), &mut output).map_err(stdout)?;
            }
            rules::exit_status(&run.report.findings)
        }
        Task::Routes(filter) => {
            let run = analyse(&settings, false)?;
            list_routes(&settings, filter, &run, &mut output)?;
            0
        }
        Task::Adoption => {
            let run = analyse(&settings, false)?;
            if let Some(format) = LIST_FORMATS.iter().find(|format| format.name == settings.format)
            {
                (format.adoption)(&run.report, look(&settings), &mut output).map_err(stdout)?;
            }
            0
        }
    };
    deliver(&settings, &output)?;
    Ok(status)
}

fn list_routes(
    settings: &Settings,
    filter: &crate::settings::RouteFilter,
    run: &Run,
    output: &mut Vec<u8>,
) -> Result<(), RunError> {
    if let Some(request) = &filter.request {
        return listing::answers(
            &run.report,
            &run.table,
            request.method.unwrap_or("ANY"),
            &request.path,
            output,
        )
        .map_err(stdout);
    }
    let shown = listing::Filter {
        classes: filter.classes.clone(),
        statuses: filter
            .statuses
            .iter()
            .filter_map(|name| {
                rules::judgement::Status::ALL.into_iter().find(|status| status.word() == *name)
            })
            .collect(),
        methods: filter.methods.iter().map(|method| (*method).to_owned()).collect(),
    };
    let lines = shown.lines(&run.report);
    if let Some(format) = LIST_FORMATS.iter().find(|format| format.name == settings.format) {
        (format.routes)(&run.report, &lines, look(settings), output).map_err(stdout)?;
    }
    Ok(())
}

fn analyse(settings: &Settings, deny_warnings: bool) -> Result<Run, RunError> {
    let contract = settings.contract.as_ref().map(|path| {
        // Findings name it as they name files: relative to the scanned root where it is below that.
        let shown = path.strip_prefix(&settings.scan.root).unwrap_or(path).display().to_string();
        let shown = escape::line(&shown.replace(std::path::MAIN_SEPARATOR, "/")).into_owned();
        let text = fs::read_to_string(path)
            .map_err(|source| RunError::ContractFile { path: shown.clone(), source })?;
        Ok::<_, RunError>((shown, text))
    });
    pipeline::run(Request {
        scan: settings.scan.clone(),
        contract: contract.transpose()?,
        jobs: settings.jobs.get(),
        deny_warnings,
        today: settings::today(),
    })
}

fn look(settings: &Settings) -> Look {
    Look {
        color: settings.color_results,
        verbose: settings.verbosity == Verbosity::Verbose,
        ..Look::default()
    }
}

fn stdout(source: io::Error) -> RunError {
    RunError::Output { to: "stdout".to_owned(), source }
}

/// Writes results where they go; a reader that went away is no error.
fn deliver(settings: &Settings, output: &[u8]) -> Result<(), RunError> {
    if let Some(path) = &settings.output {
        let to = format!("`{}`", escape::line(&path.display().to_string()));
        return fs::write(path, output).map_err(|source| RunError::Output { to, source });
    }
    let mut out = io::stdout().lock();
    match out.write_all(output).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(stdout),
    }
}

/// An error as people read it: mistakes of a contract with their places.
pub fn message(error: &RunError) -> String {
    match error {
        RunError::Contract(mistakes) => {
            let mut text = String::new();
            let handler = miette::NarratableReportHandler::new();
            if handler.render_report(&mut text, mistakes.as_ref()).is_err() {
                text = error.to_string();
            }
            text
        }
        error => format!("error: {error}"),
    }
}
