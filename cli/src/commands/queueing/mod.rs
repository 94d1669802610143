//! `queue`, and `run` for networks of queues: runs until precise enough or long enough, and shows
//! estimates beside what theory says.

mod figures;
mod method;
mod record;
mod report;
mod scenario;

use kendall_io::config::{QueueingRun, QueueingScenario};
use kendall_kernel::stats::{Decision, Estimate, Level, Precision};
use kendall_queueing::notation::{self, Params};
use kendall_queueing::{Network, Wanted};
use kendall_study::queueing::{Experiment, Intervals, Plan, WarmUpRule};
use kendall_validate::queueing::recognise;

use self::figures::Row;
use self::record::Output;
use self::report::Measured;
use super::Ending;
use crate::args::{IntervalsArg, QueueArgs};
use crate::failure::Failure;
use crate::progress::Bar;
use crate::{interrupt, output};

/// Customers of a run that names neither a number nor a precision.
const CUSTOMERS: u64 = 10_000_000;

/// Customers between two looks at the clock and at Ctrl-C.
const SLICE: u64 = 20_000_000;

/// Customers after which a run for precision gives up.
const MOST: u64 = 1 << 40;

pub(crate) use self::scenario::{print_config, run_scenario};

pub(crate) fn run(args: &QueueArgs) -> Result<Ending, Failure> {
    let params = Params {
        arrival_rate: args.arrival_rate,
        service_rate: args.service_rate,
        patience_rate: args.patience_rate,
        arrival: args.arrival.clone(),
        service: args.service.clone(),
        patience: args.patience.clone(),
        batch: args.batch.clone(),
        arrival_scv: args.arrival_scv,
        service_scv: args.service_scv,
    };
    let network = notation::parse(&args.notation, &params)?;
    let settings = Settings {
        seed: args.seed,
        customers: args.customers,
        precision: args.precision,
        replications: args.replications,
        warm_up: args.warm_up.unwrap_or_default(),
        intervals: args
            .intervals
            .map(IntervalsArg::intervals)
            .unwrap_or_default(),
        level: args.level,
        unit_s: 1.0,
        antithetic: args.antithetic,
        until: args.until,
        quantiles: args.quantiles,
        quiet: args.quiet,
        json: args.json,
    };
    let scenario = QueueingScenario::new(network, as_scenario(&settings));
    let output = args.output.as_deref().map(|path| Output {
        path,
        force: args.force,
        config_toml: scenario.to_toml(),
    });
    measure(&args.notation, scenario.network, &settings, output.as_ref())
}

/// How to run a network.
#[derive(Clone, Copy, Debug)]
struct Settings {
    seed: u64,
    /// Customers to count in all replications together.
    customers: Option<u64>,
    /// Wanted relative half width of the mean sojourn time.
    precision: Option<Precision>,
    replications: Option<u32>,
    /// Customers of each replication that do not count.
    warm_up: WarmUpRule,
    intervals: Intervals,
    level: Level,
    /// Seconds in a time unit.
    unit_s: f64,
    antithetic: bool,
    /// Time at which runs end, in time units, rather than after so many customers.
    until: Option<f64>,
    quantiles: bool,
    quiet: bool,
    json: bool,
}

/// Replications of other runs: those of [`Plan::new`].
const REPLICATIONS: u32 = 4;

/// The settings of a run as a scenario has them.
fn as_scenario(settings: &Settings) -> QueueingRun {
    let usual = match settings.until {
        Some(_) => REPLICATIONS_TO_TIME,
        None => REPLICATIONS,
    };
    let replications = settings.replications.unwrap_or(usual);
    let customers = settings.customers.unwrap_or(CUSTOMERS) / u64::from(replications);
    QueueingRun {
        seed: settings.seed,
        customers: settings.until.is_none().then_some(customers.max(1)),
        until: settings.until,
        replications,
        warm_up: settings.warm_up,
        intervals: settings.intervals,
        precision: settings.precision.map(|precision| precision.relative()),
        unit_s: settings.unit_s,
        ..QueueingRun::default()
    }
}

/// Replications of a run to a time: its beginning is what it is about, so there are no batches.
const REPLICATIONS_TO_TIME: u32 = 64;

/// Runs a network in its steady state, or to a time, and prints its figures.
fn measure(
    name: &str,
    network: Network,
    settings: &Settings,
    output: Option<&Output>,
) -> Result<Ending, Failure> {
    let mut plan = match settings.until {
        Some(_) => Plan::for_times(network, settings.seed)?.with_replications(REPLICATIONS_TO_TIME),
        None => Plan::new(network, settings.seed)?,
    };
    if let Some(replications) = settings.replications {
        plan = plan.with_replications(replications);
    }
    if settings.antithetic {
        plan = plan.in_pairs();
    }
    plan.level = settings.level;
    plan.unit_s = settings.unit_s;
    plan.wanted = Wanted {
        quantiles: settings.quantiles,
        ..Wanted::default()
    };
    let rows = figures::rows(&plan.network, settings.quantiles);
    let (plan, pilots) = method::choose(plan, &rows, settings)?;
    let output = match output {
        Some(output) => Some((output, output.prepare()?)),
        None => None,
    };
    let (experiment, ending) = match settings.until {
        Some(time) => (Experiment::to_time(&plan, time)?, Ending::Fine),
        None => {
            let mut experiment = Experiment::start(&plan)?;
            // Until here nothing looks for Ctrl-C, and it ends the process.
            interrupt::listen();
            let ending = extend(&mut experiment, &rows, settings)?;
            if ending == Ending::Fine {
                method::check_cycles(&experiment, settings.intervals)?;
            }
            (experiment, ending)
        }
    };
    let measured = Measured {
        name,
        plan: &plan,
        experiment: &experiment,
        // What theory knows is the long run.
        model: recognise(&plan.network).filter(|_| settings.until.is_none()),
        until: settings.until,
        intervals: settings.intervals,
        pilots,
        rows: &rows,
    };
    let (text, json) = (measured.table(), measured.json());
    if let Some((output, dir)) = &output
        && ending == Ending::Fine
    {
        let ending = output.record(dir, &plan, settings, &json)?;
        if ending != Ending::Fine {
            return Ok(ending);
        }
    }
    output::print(if settings.json { &json } else { &text })?;
    if let Some((output, _)) = &output
        && !settings.json
        && ending == Ending::Fine
    {
        output::results_in(Some(output.path))?;
    }
    Ok(ending)
}

/// Lets the experiment run until it is long or precise enough.
fn extend(
    experiment: &mut Experiment,
    rows: &[Row],
    settings: &Settings,
) -> Result<Ending, Failure> {
    let Some(precision) = settings.precision else {
        let customers = settings.customers.unwrap_or(CUSTOMERS);
        let mut bar = Bar::of_customers(customers, settings.quiet);
        return slices(experiment, customers, &mut bar);
    };
    let precision = precision.at_most(settings.customers.unwrap_or(MOST))?;
    let precision = method::precision(precision, settings.intervals)?;
    let first = CUSTOMERS.min(settings.customers.unwrap_or(CUSTOMERS)) / 10;
    let mut bar = Bar::of_customers(first, settings.quiet);
    let mut more = first.max(1);
    loop {
        let before = experiment.customers();
        bar.extend(before.saturating_add(more));
        let ending = slices(experiment, more, &mut bar)?;
        if experiment.customers() == before {
            // Nobody comes any more.
            return Ok(ending);
        }
        let estimate = target(experiment, rows, settings.intervals);
        let decision = estimate.map(|estimate| precision.decide(&estimate));
        match decision {
            Some(Decision::More { observations }) if ending == Ending::Fine => more = observations,
            Some(Decision::LimitReached) => {
                drop(bar);
                let limit = settings.customers.unwrap_or(MOST);
                output::note(&format!(
                    "warning: the precision asked for is not reached within {limit} customers\n\
                     hint: --customers raises the limit"
                ));
                return Ok(ending);
            }
            _ => return Ok(ending),
        }
    }
}

/// The estimate whose precision counts: that of the first row.
fn target(experiment: &Experiment, rows: &[Row], intervals: Intervals) -> Option<Estimate> {
    method::estimate(experiment, intervals, rows.first()?.figure)
}

/// Runs on for so many customers, unless Ctrl-C is pressed.
fn slices(experiment: &mut Experiment, customers: u64, bar: &mut Bar) -> Result<Ending, Failure> {
    let mut reached = experiment.customers();
    let goal = reached.saturating_add(customers);
    while reached < goal {
        // Whole batches are run, which may be more than was asked for.
        experiment.extend(SLICE.min(goal - reached))?;
        let stuck = experiment.customers() == reached;
        reached = experiment.customers();
        bar.at(reached);
        if interrupt::requested() {
            output::note("interrupted: the figures are those of the customers so far");
            return Ok(Ending::Interrupted);
        }
        if stuck {
            // Nobody comes any more.
            return Ok(Ending::Fine);
        }
    }
    Ok(Ending::Fine)
}
