//! The progress bar of long runs, on a terminal only.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kendall_llm::Progress;

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears once a run proves long.
pub(crate) struct Bar {
    started: Instant,
    /// `None` if nobody knows.
    total: Option<u64>,
    what: &'static str,
    quiet: bool,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// A bar over `total` requests; never shown if `quiet`.
    pub(crate) fn new(total: u64, quiet: bool) -> Bar {
        Bar::over(Some(total), "requests", quiet)
    }

    /// Counts requests of which nobody knows how many there are; never shown if `quiet`.
    pub(crate) fn without_end(quiet: bool) -> Bar {
        Bar::over(None, "requests", quiet)
    }

    /// A bar over `total` customers; never shown if `quiet`.
    pub(crate) fn of_customers(total: u64, quiet: bool) -> Bar {
        Bar::over(Some(total), "customers", quiet)
    }

    /// A bar over `total` trials; never shown if `quiet`.
    pub(crate) fn of_trials(total: u64, quiet: bool) -> Bar {
        Bar::over(Some(total), "trials", quiet)
    }

    /// Counts runs of which nobody knows how many there will be; never shown if `quiet`.
    pub(crate) fn of_runs(quiet: bool) -> Bar {
        Bar::over(None, "runs", quiet)
    }

    fn over(total: Option<u64>, what: &'static str, quiet: bool) -> Bar {
        Bar {
            started: Instant::now(),
            total,
            what,
            quiet,
            bar: None,
        }
    }

    /// Makes the bar one over `total`.
    pub(crate) fn extend(&mut self, total: u64) {
        self.total = Some(total);
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }

    /// Shows how far a run of requests has come.
    pub(crate) fn update(&mut self, progress: Progress) {
        if let Some(bar) = self.at(progress.arrived) {
            bar.set_message(format!("simulated {:.0} s", progress.now.as_secs_f64()));
        }
    }

    /// Shows how far the run has come; the bar, once it is shown.
    pub(crate) fn at(&mut self, position: u64) -> Option<&ProgressBar> {
        if self.quiet || (self.bar.is_none() && self.started.elapsed() < PATIENCE) {
            return None;
        }
        let (total, what) = (self.total, self.what);
        let bar = self.bar.get_or_insert_with(|| {
            let template = match total {
                Some(_) => {
                    format!("{{bar:30}} {{pos}}/{{len}} {what}  {{per_sec}}  ETA {{eta}}  {{msg}}")
                }
                None => format!("{{pos}} {what}  {{per_sec}}  {{msg}}"),
            };
            let style = ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
            bar.with_style(style)
        });
        bar.set_position(position);
        Some(bar)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Says what was done last, while nobody knows how much there is to do.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn new() -> Spinner {
        Spinner(ProgressBar::with_draw_target(
            None,
            ProgressDrawTarget::stderr(),
        ))
    }

    pub(crate) fn show(&self, done: &str) {
        self.0.set_style(ProgressStyle::default_spinner());
        self.0.set_message(format!("done: {done}"));
        self.0.tick();
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
