//! The examples of `Muhtasham/llm-inference-simulator` (README.md, version 0.1, commit e27af12), with
//! output lengths that are drawn anew. Those of the original are draws of NumPy under seed 42, so
//! that each of its figures is one of a single trial.

use kendall_kernel::{Level, Replications, Streams};
use kendall_llm::ticks::{
    self, Batching, Config, Listener, Load, OutputLength, Steps, Summary, System, TickError, Work,
};

use super::row::{Metric, Original, Row};
use crate::parallel::each;

/// Output lengths of all examples.
const OUTPUT: OutputLength = OutputLength {
    mean_tokens: 10.0,
    sd_tokens: 5.0,
};

const fn ticks_metric(name: &'static str, unit: &'static str) -> Metric {
    Metric { name, unit }
}

/// Figures of the README's table, in its order.
const FIGURES: [Metric; 5] = [
    ticks_metric("mean_e2e_ticks", "ticks"),
    ticks_metric("mean_ttft_ticks", "ticks"),
    ticks_metric("mean_itl_ticks", "ticks"),
    ticks_metric("requests_per_1k", "requests/1000 ticks"),
    ticks_metric("tokens_per_1k", "tokens/1000 ticks"),
];

/// Requests that wait.
const QUEUE: Metric = ticks_metric("queue", "requests");

/// An example of the README.
#[derive(Clone, Debug, PartialEq)]
pub struct TickCase {
    /// Its name.
    pub system: &'static str,
    /// The system and its load.
    pub config: Config,
    /// Output lengths.
    pub output: OutputLength,
    /// Its figures there, in the order of the README's table, to two decimals.
    pub original: [f64; 5],
    /// Its queue at the end there.
    pub original_queue: u64,
}

fn case(
    system: &'static str,
    (batching, prefill_chunks): (Batching, u32),
    (load, end_ticks): (Load, f64),
    original: [f64; 5],
    original_queue: u64,
) -> TickCase {
    let slots = 4;
    TickCase {
        system,
        config: Config {
            system: System::Colocated { slots, batching },
            load,
            work: Work {
                prefill_chunks,
                ..Work::default()
            },
            end_ticks,
        },
        output: OUTPUT,
        original,
        original_queue,
    }
}

/// Arrivals that do not wait for answers.
const OPEN: Load = Load::Rate { per_tick: 0.46 };

/// As many requests in the system at any time.
const CLOSED: Load = Load::Concurrent { requests: 6 };

/// The six examples of the README's table.
#[must_use]
pub fn batching_cases() -> Vec<TickCase> {
    let batch = (Load::Batch { requests: 100 }, 100.0);
    let one = (Batching::OnePrefill, 2);
    let originals = [
        [58.16, 52.80, 1.00, 190.00, 1680.00],
        [58.44, 52.90, 1.39, 267.33, 2376.24],
        [57.42, 54.51, 1.14, 310.00, 2730.00],
        [55.94, 52.13, 1.00, 360.00, 3170.00],
        [15.14, 7.87, 1.00, 360.00, 3170.00],
        [17.66, 11.03, 1.00, 350.00, 3060.00],
    ];
    let [static_, in_flight, chunked, one_prefill, concurrent, rate] = originals;
    vec![
        case("static", (Batching::Static, 1), batch, static_, 80),
        case("in-flight", (Batching::InFlight, 1), batch, in_flight, 69),
        case("chunked", (Batching::InFlight, 2), batch, chunked, 65),
        case("one-prefill", one, batch, one_prefill, 60),
        case("concurrent", one, (CLOSED, 100.0), concurrent, 2),
        case("rate", one, (OPEN, 100.0), rate, 6),
    ]
}

/// The two examples of how queues grow, over so many ticks; the originals are over 10,000.
#[must_use]
pub fn growth_cases(end_ticks: f64) -> Vec<TickCase> {
    let one = (Batching::OnePrefill, 2);
    let open = [1253.78, 1245.77, 1.00, 345.80, 3362.40];
    let closed = [17.32, 8.61, 1.00, 345.90, 3363.20];
    vec![
        case("open", one, (OPEN, end_ticks), open, 1138),
        case("closed", one, (CLOSED, end_ticks), closed, 2),
    ]
}

fn figures(summary: &Summary) -> [Option<f64>; 5] {
    [
        summary.e2e_ticks.mean,
        summary.ttft_ticks.mean,
        summary.itl_ticks.mean,
        Some(summary.requests_per_1k),
        Some(summary.tokens_per_1k),
    ]
}

/// Runs an example so many times, trial k under replication k of the seed, and gives its figures
/// and its queue at the end; a figure that no trial has is left out. `with_original`: whether the
/// settings are those of the original.
///
/// # Errors
/// Settings out of their range.
pub fn batching_rows(
    case: &TickCase,
    trials: u32,
    seed: u64,
    level: Level,
    with_original: bool,
) -> Result<Vec<Row>, TickError> {
    let summaries = runs(case, trials, seed, |_| ())?;
    let mut all = [const { Replications::new() }; 6];
    for (summary, ()) in &summaries {
        let figures = figures(summary).into_iter();
        let figures = figures.chain([Some(summary.queue as f64)]);
        for (values, figure) in all.iter_mut().zip(figures) {
            if let Some(figure) = figure {
                values.push(figure, 1);
            }
        }
    }
    let original = case.original.into_iter();
    let originals = original.chain([case.original_queue as f64]);
    let metrics = FIGURES.into_iter().chain([QUEUE]);
    let rows = metrics.zip(all).zip(originals);
    let rows = rows.filter_map(|((metric, values), value)| {
        let original = Original {
            value,
            std_error: None,
        };
        Some(Row {
            original: with_original.then_some(original),
            ..Row::new("ticks", case.system, metric, values.estimate(level)?)
        })
    });
    Ok(rows.collect())
}

/// Looks at the queue of an example at `points` times of equal distance up to its end, over so many
/// trials.
///
/// # Errors
/// Settings out of their range.
pub fn queue_growth(
    case: &TickCase,
    points: u32,
    trials: u32,
    seed: u64,
    level: Level,
) -> Result<Vec<Row>, TickError> {
    if points == 0 {
        return Err(TickError::OutOfRange {
            field: "points",
            value: 0.0,
            must: "at least 1",
        });
    }
    let end = case.config.end_ticks;
    let time = |index: u32| end * f64::from(index + 1) / f64::from(points);
    let times: Vec<f64> = (0..points).map(time).collect();
    let watch = |_| QueueAt {
        times: &times,
        queues: Vec::with_capacity(times.len()),
    };
    let summaries = runs(case, trials, seed, watch)?;
    let row = |(index, &time): (usize, &f64)| {
        let mut values = Replications::new();
        for (summary, watched) in &summaries {
            // A time that no step has reached has the queue of the end.
            let last = || summary.queue as f64;
            values.push(watched.queues.get(index).copied().unwrap_or_else(last), 1);
        }
        Some(Row {
            value: Some(time),
            ..Row::new("ticks", case.system, QUEUE, values.estimate(level)?)
        })
    };
    Ok(times.iter().enumerate().filter_map(row).collect())
}

/// The queue at given times, ascending.
struct QueueAt<'a> {
    times: &'a [f64],
    queues: Vec<f64>,
}

impl Listener for QueueAt<'_> {
    fn steps(&mut self, steps: &Steps) {
        let end = steps.start + steps.length * steps.count as f64;
        while let Some(&time) = self.times.get(self.queues.len()) {
            if time >= end {
                break;
            }
            self.queues.push(steps.levels.prefill_queue as f64);
        }
    }
}

fn runs<L: Listener + Send>(
    case: &TickCase,
    trials: u32,
    seed: u64,
    listener: impl Fn(u32) -> L + Sync + Send,
) -> Result<Vec<(Summary, L)>, TickError> {
    if trials == 0 {
        return Err(TickError::OutOfRange {
            field: "trials",
            value: 0.0,
            must: "at least 1; two or more have an interval",
        });
    }
    case.config.validate()?;
    each((0..trials).collect(), |trial| {
        let streams = Streams::new(seed).replication(u64::from(trial));
        let mut lengths = case.output.draw(&streams)?;
        let mut listener = listener(trial);
        let summary = ticks::run(&case.config, &mut lengths, &mut listener)?;
        Ok((summary, listener))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5.5 standard deviations of a normal law are exceeded less than once in 10^7.
    #[test]
    fn the_readme_is_one_of_our_trials() {
        let mut compared = 0;
        for case in batching_cases() {
            for row in batching_rows(&case, 400, 3, Level::P95, true).unwrap() {
                let original = row.original.unwrap();
                let (sd, mean) = (row.sd().unwrap(), row.estimate.value);
                // The README rounds to two decimals.
                let off = ((mean - original.value).abs() - 0.005).max(0.0);
                assert!(
                    off <= 5.5 * sd * (1.0_f64 + 1.0 / 400.0).sqrt(),
                    "{} {}: {mean} with sd {sd}, published {}",
                    row.system,
                    row.metric.name,
                    original.value
                );
                compared += 1;
            }
        }
        assert_eq!(compared, 36);
    }

    #[test]
    fn an_open_load_grows_and_a_closed_one_does_not() {
        let cases = growth_cases(1000.0);
        let grown = |index: usize| queue_growth(&cases[index], 10, 5, 1, Level::P95).unwrap();
        let (open, closed) = (grown(0), grown(1));
        let values = |rows: &[Row]| rows.iter().map(|r| r.estimate.value).collect::<Vec<f64>>();
        assert_eq!((open.len(), open[9].value), (10, Some(1000.0)));
        assert!(values(&open).windows(2).all(|pair| pair[0] < pair[1]));
        // Six in the system leave at most six in the queue.
        assert!(values(&closed).iter().all(|&queue| queue <= 6.0));
    }

    #[test]
    fn the_queue_is_that_of_the_step_under_way() {
        let mut watched = QueueAt {
            times: &[1.0, 2.0, 4.5],
            queues: Vec::new(),
        };
        let steps = |start, length, count, queue| Steps {
            start,
            length,
            count,
            levels: ticks::Levels {
                prefill_queue: queue,
                ..ticks::Levels::default()
            },
        };
        watched.steps(&steps(0.0, 2.0, 1, 7));
        watched.steps(&steps(2.0, 1.0, 2, 5));
        watched.steps(&steps(4.0, 1.0, 1, 3));
        assert_eq!(watched.queues, [7.0, 5.0, 3.0]);
    }

    #[test]
    fn nothing_to_run_is_an_error() {
        let cases = growth_cases(100.0);
        assert!(queue_growth(&cases[0], 0, 5, 1, Level::P95).is_err());
        assert!(queue_growth(&cases[0], 5, 0, 1, Level::P95).is_err());
        assert!(queue_growth(&growth_cases(0.0)[0], 5, 2, 1, Level::P95).is_err());
    }
}
