//! Figures and requests of a run beside the recorded ones.

use std::fmt;

use kendall_llm::ticks::{Config, GivenLengths, Listener, Request, Spread, Summary, run};
use serde_json::Value;

use super::recording::Entry;
use super::requests::Row;

/// Largest difference between times that agree, in ticks; a tick is a second.
pub(super) const TOLERANCE: f64 = 2e-9;
/// The same relative to large times, which doubles do not resolve to a nanosecond.
const RELATIVE: f64 = 1e-14;
/// Seconds in a nanosecond.
const NANO: f64 = 1e-9;

/// What agrees.
#[derive(Debug, Default)]
pub(super) struct Agreement {
    what: String,
    /// Largest difference between times, in ticks, if they are recorded in full.
    worst: Option<f64>,
}

impl Agreement {
    /// Agrees as far as it is printed.
    pub(super) fn printed(what: String) -> Agreement {
        Agreement { what, worst: None }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Agreement { what, worst } = self;
        match worst {
            Some(0.0) => write!(f, "{what}; counts and times equal"),
            Some(worst) => {
                let worst = worst / NANO;
                write!(f, "{what}; counts equal, times within {worst:.0e} ns")
            }
            None => write!(f, "{what}; counts equal, times as printed"),
        }
    }
}

/// Runs the configuration; says how close it is, or what differs.
pub(super) fn figures_and_requests(
    entry: &Entry,
    rows: Option<&[Row]>,
    config: &Config,
    mut lengths: GivenLengths<'_>,
) -> Result<Agreement, String> {
    let mut lives = Lives::default();
    let summary = run(config, &mut lengths, &mut lives).map_err(|error| error.to_string())?;
    let mut comparison = Comparison::default();
    for (name, recorded) in &entry.figures {
        if let Some(ours) = figure(&summary, name) {
            comparison.figure(name, ours, recorded)?;
        }
    }
    if let Some(rows) = rows {
        if rows.len() != lives.0.len() {
            let (ours, theirs) = (lives.0.len(), rows.len());
            return Err(format!("{ours} requests, recorded {theirs}"));
        }
        lives.0.sort_by_key(|request| request.id);
        for (request, row) in lives.0.iter().zip(rows) {
            comparison.request(request, row)?;
        }
    }
    let Comparison { figures, worst } = comparison;
    let (requests, steps) = (rows.map_or(0, <[Row]>::len), summary.steps);
    let what = format!("{figures} figures, {requests} requests, {steps} steps");
    let worst = Some(worst);
    Ok(Agreement { what, worst })
}

#[derive(Default)]
struct Lives(Vec<Request>);

impl Listener for Lives {
    fn request(&mut self, request: &Request) {
        self.0.push(*request);
    }
}

/// A figure of a run.
enum Figure {
    Count(u64),
    Ticks(Option<f64>),
}

/// The figure that is recorded under this name; `None` if it is none.
fn figure(summary: &Summary, name: &str) -> Option<Figure> {
    let count = match name {
        "n_generated" => Some(summary.requests),
        "n_ttft" => Some(summary.first_tokens),
        "n_completed" => Some(summary.completed),
        "n_itl" => Some(summary.gaps),
        "steps" => Some(summary.steps),
        "tokens_completed" => Some(summary.completed_tokens),
        "tokens_in_flight" => Some(summary.tokens_in_slots),
        "final_queue" => Some(summary.queue),
        "max_queue" => Some(summary.max_queue),
        _ => None,
    };
    if let Some(count) = count {
        return Some(Figure::Count(count));
    }
    let ticks = match name {
        "run_time" | "final_time" => Some(summary.duration_ticks),
        "last_batch_duration" => Some(summary.last_step_ticks),
        "requests_per_1k" => Some(summary.requests_per_1k),
        "tokens_per_1k" => Some(summary.tokens_per_1k),
        "mean_queue_over_steps" => Some(summary.mean_queue),
        _ => None,
    };
    if ticks.is_some() {
        return Some(Figure::Ticks(ticks));
    }
    let (statistic, of) = name.rsplit_once('_')?;
    let spread: &Spread = match of {
        "e2e" => &summary.e2e_ticks,
        "ttft" => &summary.ttft_ticks,
        "itl" => &summary.itl_ticks,
        _ => return None,
    };
    Some(Figure::Ticks(match statistic {
        "avg" => spread.mean,
        "median" => spread.p50,
        "p0_5" => spread.p0_5,
        "p90" => spread.p90,
        "p99" => spread.p99,
        _ => return None,
    }))
}

/// What was compared so far, all of which agrees.
#[derive(Default)]
struct Comparison {
    figures: u32,
    worst: f64,
}

impl Comparison {
    fn figure(&mut self, name: &str, ours: Figure, recorded: &Value) -> Result<(), String> {
        self.figures += 1;
        match ours {
            Figure::Count(ours) if recorded.as_u64() == Some(ours) => Ok(()),
            Figure::Count(ours) => Err(format!("{name} is {ours}, recorded {recorded}")),
            Figure::Ticks(ours) if ours.is_some() == recorded.is_number() => {
                self.time(name, ours, recorded.as_f64())
            }
            Figure::Ticks(ours) => Err(format!("{name} is {ours:?}, recorded {recorded}")),
        }
    }

    fn request(&mut self, request: &Request, row: &Row) -> Result<(), String> {
        let id = request.id;
        if request.tokens != row.tokens {
            let (ours, theirs) = (request.tokens, row.tokens);
            return Err(format!(
                "request {id} has {ours} tokens at the end, recorded {theirs}"
            ));
        }
        let times = [
            ("added", Some(request.added), Some(row.added)),
            ("started", request.started, row.started),
            ("first token", request.first_token, row.first_token),
            ("finished", request.finished, row.finished),
        ];
        for (name, ours, theirs) in times {
            let name = format!("request {id}: {name}");
            self.time(&name, ours, theirs)?;
        }
        Ok(())
    }

    fn time(&mut self, name: &str, ours: Option<f64>, theirs: Option<f64>) -> Result<(), String> {
        let difference = match (ours, theirs) {
            (None, None) => 0.0,
            (Some(ours), Some(theirs)) => (ours - theirs).abs(),
            _ => f64::NAN,
        };
        let allowed = TOLERANCE.max(RELATIVE * theirs.unwrap_or(0.0).abs());
        if difference.is_nan() || difference > allowed {
            return Err(format!(
                "{name} is {}, recorded {}",
                shown(ours),
                shown(theirs)
            ));
        }
        self.worst = self.worst.max(difference);
        Ok(())
    }
}

fn shown(time: Option<f64>) -> String {
    time.map_or_else(|| "absent".to_owned(), |time| time.to_string())
}
