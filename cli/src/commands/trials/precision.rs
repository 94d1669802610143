//! What `--precision` asks for.

use kendall_io::config::nearest;
use kendall_kernel::stats::{Estimate, Level};
use kendall_study::trials::{Measured, Metric, Plan, Target, Trials, Width};
use serde_json::{Value, json};

use crate::args::PrecisionArg;
use crate::failure::Failure;
use crate::phrase;
use crate::summary_table::figure;

/// Intervals that are to be narrow.
pub(crate) struct Wanted(Vec<(String, Target)>);

impl Wanted {
    /// Looks the metrics up; `main` is meant where none is named.
    pub(crate) fn of(
        args: &[PrecisionArg],
        metrics: &[Metric],
        main: &str,
    ) -> Result<Wanted, Failure> {
        let target = |arg: &PrecisionArg| {
            let name = arg.metric.as_deref().unwrap_or(main);
            let metric = metrics.iter().position(|metric| metric.name == name);
            let metric = metric.ok_or_else(|| unknown(name, metrics))?;
            if arg.is_time && metrics[metric].unit != "s" {
                return Err(Failure::usage(
                    format!("--precision {name}: a time is given, and it is none"),
                    format!("give a share ({name}=1%) or a number ({name}=+-0.01)"),
                ));
            }
            let width = arg.width;
            Ok((name.to_owned(), Target { metric, width }))
        };
        Ok(Wanted(args.iter().map(target).collect::<Result<_, _>>()?))
    }

    /// So many trials, or with anything wanted at most so many.
    pub(crate) fn plan(&self, variants: usize, most: u32, level: Level) -> Result<Plan, Failure> {
        let targets: Vec<Target> = self.0.iter().map(|(_, target)| *target).collect();
        Ok(match targets.as_slice() {
            [] => Plan::fixed(variants, most)?,
            _ => Plan::until_precise(variants, most, level, targets)?,
        })
    }

    /// Names of the metrics.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// A line about each for people: whether it was reached, and where not.
    pub(crate) fn notes<T: Measured>(
        &self,
        trials: &Trials<T>,
        level: Level,
        variants: &[String],
    ) -> String {
        let note = |(name, target): &(String, Target)| {
            let count = phrase::trials(trials.trials());
            let width = match target.width {
                Width::Relative(share) => format!("± {} %", phrase::percent(share)),
                Width::Absolute(width) => format!("± {width}"),
            };
            let missed = missed(target, trials, level);
            let Some(&first) = missed.first() else {
                return format!("precision: {width} of {name} is reached by {count}\n");
            };
            let of = match variants[first].as_str() {
                "" => String::new(),
                variant => format!(" for {variant}"),
            };
            let more = match missed.len() {
                1 => String::new(),
                others => format!(" and {} more", others - 1),
            };
            let estimate = trials.estimate(first, target.metric, level);
            let (found, remedy) = match estimate {
                None => ("no trial has it".to_owned(), "ask for another metric"),
                Some(estimate) => (found(&estimate, target.width), "allow more with --trials"),
            };
            format!(
                "precision: {width} of {name} is NOT reached by {count}{of}{more} ({found}); {remedy}\n"
            )
        };
        self.0.iter().map(note).collect()
    }

    /// The same for machines; null if nothing was wanted.
    pub(crate) fn json<T: Measured>(&self, trials: &Trials<T>, level: Level) -> Value {
        let one = |(name, target): &(String, Target)| {
            let (relative, half_width) = match target.width {
                Width::Relative(share) => (Some(share), None),
                Width::Absolute(width) => (None, Some(width)),
            };
            json!({
                "metric": name,
                "relative": relative,
                "half_width": half_width,
                "reached": missed(target, trials, level).is_empty(),
            })
        };
        match self.0.as_slice() {
            [] => Value::Null,
            wanted => wanted.iter().map(one).collect(),
        }
    }
}

/// Half of an interval that is too wide, as the wanted one is given.
fn found(estimate: &Estimate, width: Width) -> String {
    match (estimate.half_width, width) {
        (None, _) => "one trial has no interval".to_owned(),
        (Some(half), Width::Relative(_)) if estimate.value != 0.0 => {
            format!("± {} %", figure(Some(half / estimate.value.abs() * 100.0)))
        }
        (Some(half), _) => format!("± {}", figure(Some(half))),
    }
}

/// Variants whose interval is too wide.
fn missed<T: Measured>(target: &Target, trials: &Trials<T>, level: Level) -> Vec<usize> {
    let variants = 0..trials.variants();
    variants
        .filter(|&variant| !target.is_met(trials, variant, level))
        .collect()
}

fn unknown(name: &str, metrics: &[Metric]) -> Failure {
    let names = || metrics.iter().map(|metric| metric.name.as_str());
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
    };
    Failure::usage(format!("--precision: there is no metric `{name}`"), hint)
}
