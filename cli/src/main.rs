//! The `kendall` command: arguments in, tables and files out, exit codes.
//!
//! Data goes to standard output or files, progress, warnings and errors to standard error. Exit
//! codes: 0 fine (also when standard output is closed early), 1 a check or an objective failed, 2
//! usage, configuration or input, 130 after Ctrl-C.

mod args;
mod commands;
mod failure;
mod interrupt;
mod list_arg;
mod number;
mod origin;
mod output;
mod phrase;
mod progress;
mod slo_arg;
mod summary_table;
mod time_arg;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match commands::run(arguments.command) {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            failure.report();
            failure.exit_code()
        }
    }
}
