//! What `bench/gate/run` measures: one scenario, read and made ready outside of the function whose
//! instructions count.
//!
//! `gate run SCENARIO.toml` runs it once, by [`measured_run`]; `gate digest SCENARIO.toml` prints
//! the [`Digest`] of what it computes. A serving system is run as `kendall run` does, summary
//! included and files left out; a network of queues in one replication, by the fastest way there
//! is; a run in ticks with its figures.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use kendall_bench::queues::{self, Serve};
use kendall_bench::workload::{self, Case};
use kendall_bench::{Digest, ticks as figures};
use kendall_io::config::{self, ScenarioKind, TicksScenario};
use kendall_io::trace::{ReadOptions, read};
use kendall_kernel::Streams;
use kendall_llm::{Control, ticks};
use kendall_study::run;
use kendall_study::workload::generate;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["run", path] => Job::load(Path::new(path)).and_then(|mut job| measured_run(&mut job)),
        ["digest", path] => Job::load(Path::new(path)).and_then(|job| job.print_digest()),
        _ => Err("usage: gate run|digest SCENARIO.toml".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

type Failure = Box<dyn Error>;

/// A scenario that is ready to run.
enum Job {
    Serving(Box<Case>),
    Queueing {
        engine: Box<dyn Serve>,
        customers: u64,
    },
    Ticks(TicksScenario),
}

/// Its instructions are counted, so its name must stay in the binary.
#[inline(never)]
fn measured_run(job: &mut Job) -> Result<(), Failure> {
    match job {
        Job::Serving(case) => {
            let mut watch = |_| Control::Continue;
            black_box(run(&case.fleet, &case.trace, &mut (), &mut watch)?);
        }
        Job::Queueing { engine, customers } => engine.serve(*customers),
        Job::Ticks(scenario) => {
            black_box(summary(scenario)?);
        }
    }
    Ok(())
}

fn summary(scenario: &TicksScenario) -> Result<ticks::Summary, ticks::TickError> {
    let mut lengths = scenario.output.draw(&Streams::new(scenario.seed))?;
    ticks::run(&scenario.config, &mut lengths, &mut ())
}

impl Job {
    fn load(path: &Path) -> Result<Job, Failure> {
        match config::kind(&config::read_text(path)?) {
            ScenarioKind::Serving => Job::load_serving(path),
            ScenarioKind::Queueing => {
                let scenario = config::load_network(path, &[])?;
                let customers = scenario.run.customers;
                Ok(Job::Queueing {
                    engine: queues::fastest(&scenario.network),
                    customers: customers.ok_or("the network has no `customers`")?,
                })
            }
            ScenarioKind::Ticks => Ok(Job::Ticks(config::load_ticks(path, &[])?)),
            ScenarioKind::TokenBudget => Err("the gate measures no token budgets".into()),
        }
    }

    fn load_serving(path: &Path) -> Result<Job, Failure> {
        let scenario = config::load(path, &[])?;
        let section = &scenario.workload;
        let trace = match (&section.trace, &section.generate) {
            (Some(trace), _) => read(Path::new(trace), &ReadOptions::default())?.trace,
            (None, Some(spec)) => generate(spec, scenario.seed)?,
            (None, None) => return Err("the scenario has no workload".into()),
        };
        let fleet = workload::resolve(&scenario);
        Ok(Job::Serving(Box::new(Case { trace, fleet })))
    }

    fn print_digest(self) -> Result<(), Failure> {
        let digest = match self {
            Job::Serving(case) => {
                let mut digest = Digest::default();
                case.run(&mut digest);
                digest
            }
            Job::Queueing {
                mut engine,
                customers,
            } => {
                engine.serve(customers);
                engine.digest()
            }
            Job::Ticks(scenario) => figures::digest(&summary(&scenario)?),
        };
        digest.print("scenario");
        Ok(())
    }
}
