//! `cargo contract-check`: parse, run, exit status.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use contract_check::{
    cli, command,
    error::RunError,
    report::escape,
    settings::{Environment, Settings},
};

/// Trees and values are small and many: a third of a run went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let shown = command::message(&error);
            let lines = shown.lines().map(escape::line).collect::<Vec<_>>().join("\n");
            let _ = writeln!(io::stderr().lock(), "{lines}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(cli: cli::Cli) -> Result<u8, RunError> {
    let cwd = std::env::current_dir()
        .map_err(|source| RunError::Output { to: "the working directory".into(), source })?;
    let settings = Settings::new(cli, &cwd, Environment::read())?;
    command::run(settings)
}
