//! The rule for stability: on the recorded series it has to give the recorded flags exactly; our own
//! series have to agree with the recorded ones point by point.

use std::path::Path;

use kendall_kernel::Level;
use kendall_llm::token_budget::Scheduler;
use kendall_study::token_budget::{
    Boundary, Figure, Point, Trend, Trials, boundary, sweep, windows,
};

use super::rows::Rows;
use super::score::{Mean, STANDARD_ERRORS, Scores, welch};
use super::{case, judged, setting};
use crate::ValidateError;
use crate::outcome::{Case, Verdict};

/// Blocks that a series is cut into.
const BLOCKS: usize = 10;

/// Trials behind every recorded point.
const TRIALS: u32 = 80;

/// Points where fewer requests than this are expected in a trial are not compared one by one: their
/// means are far from normal.
const FEWEST_REQUESTS: f64 = 10.0;

/// Figures of a point, with the names they have as columns.
const FIGURES: [(Figure, &str); 4] = [
    (Figure::Throughput, "qps"),
    (Figure::MeanTtft, "mean_ttft_s"),
    (Figure::MeanTbt, "mean_tbt_s"),
    (Figure::MeanRts, "mean_rts_s"),
];

/// Figures that the rule is applied to: their place above, and the prefix of their columns.
const RULED: [(usize, &str); 3] = [(1, "ttft"), (2, "tbt"), (3, "rts")];

/// A recorded series over growing windows, and what was found of it.
pub(super) struct Series {
    name: String,
    scenario: String,
    scheduler: String,
    rate_per_s: f64,
    windows_s: Vec<f64>,
    /// By figure, then by window.
    values: [Vec<f64>; 4],
    found: Option<[Found; 3]>,
}

/// Recorded findings about a figure.
struct Found {
    trend: Trend,
    unstable: bool,
}

/// The series of a file of points, with what was found of them.
///
/// # Errors
/// Files that cannot be read or are not in their format.
pub(super) fn series(points: &Path, flags: Option<&Path>) -> Result<Vec<Series>, ValidateError> {
    let mut all: Vec<Series> = Vec::new();
    for row in Rows::read(points)?.iter() {
        let (scenario, scheduler) = (row.text("scenario")?, row.text("scheduler")?);
        let rate_per_s = row.number("lam")?;
        let name = format!("stability {scenario} {scheduler} rate {rate_per_s}");
        if all.last().is_none_or(|last| last.name != name) {
            all.push(Series {
                name,
                scenario: scenario.to_owned(),
                scheduler: scheduler.to_owned(),
                rate_per_s,
                windows_s: Vec::new(),
                values: Default::default(),
                found: None,
            });
        }
        let index = all.len() - 1;
        all[index].windows_s.push(row.number("t_max")?);
        for (values, (_, column)) in all[index].values.iter_mut().zip(FIGURES) {
            values.push(row.number(column)?);
        }
    }
    let Some(flags) = flags else {
        return Ok(all);
    };
    for row in Rows::read(flags)?.iter() {
        let found = |prefix: &str| -> Result<Found, ValidateError> {
            let number = |name: &str| row.number(&format!("{prefix}_{name}"));
            Ok(Found {
                trend: Trend {
                    score: number("mk_s")? as i64,
                    z: number("mk_z")?,
                    p_value: number("mk_p")?,
                    relative_increase: number("rel_increase")?,
                    slope: number("slope")?,
                },
                unstable: number("unstable")? != 0.0,
            })
        };
        let of_row = [found("ttft")?, found("tbt")?, found("rts")?];
        let (scenario, scheduler) = (row.text("scenario")?, row.text("scheduler")?);
        let rate_per_s = row.number("lam")?;
        let same = |series: &&mut Series| {
            (&*series.scenario, &*series.scheduler) == (scenario, scheduler)
                && series.rate_per_s == rate_per_s
        };
        if let Some(series) = all.iter_mut().find(same) {
            series.found = Some(of_row);
        }
    }
    Ok(all)
}

/// Applies the rule to the recorded series, and runs the series anew.
pub(super) fn check(series: &Series, scores: &mut Scores) -> Case {
    let name = series.name.clone();
    let mut faults = Vec::new();
    let rule = apply_rule(series, &mut faults);
    let points = match points(series) {
        Ok(points) => points,
        Err(reason) => return case(name, Verdict::Skipped, reason),
    };
    let ours = match sweep(&points, TRIALS) {
        Ok(ours) => ours,
        Err(error) => return case(name, Verdict::Failed, error.to_string()),
    };
    let compared = compare(series, &ours, scores, &mut faults);
    let rts: Vec<f64> = ours
        .iter()
        .map(|trials| trials.estimate(Figure::MeanRts, Level::P95).value)
        .collect();
    let own = Trend::of(&series.windows_s, &rts, BLOCKS);
    let own = own.map_or("unknown", |trend| stable(trend.is_unstable()));
    judged(
        name,
        faults,
        format!("{rule}; {compared}; our own series {own}"),
    )
}

fn stable(unstable: bool) -> &'static str {
    if unstable { "unstable" } else { "stable" }
}

fn apply_rule(series: &Series, faults: &mut Vec<String>) -> String {
    let Some(found) = &series.found else {
        return "nothing recorded of the rule".to_owned();
    };
    let mut verdicts = Vec::new();
    for ((place, prefix), found) in RULED.into_iter().zip(found) {
        let Some(ours) = Trend::of(&series.windows_s, &series.values[place], BLOCKS) else {
            faults.push(format!("{prefix}: too few windows"));
            continue;
        };
        let theirs = &found.trend;
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 + 1e-9 * b.abs();
        let same = ours.score == theirs.score
            && close(ours.z, theirs.z)
            && close(ours.p_value, theirs.p_value)
            && close(ours.relative_increase, theirs.relative_increase)
            && close(ours.slope, theirs.slope)
            && ours.is_unstable() == found.unstable;
        if !same {
            faults.push(format!("{prefix}: {ours:?}, recorded {theirs:?}"));
        }
        verdicts.push(format!("{prefix} {}", stable(found.unstable)));
    }
    format!("the rule gives the recorded {}", verdicts.join(", "))
}

fn points(series: &Series) -> Result<Vec<Point>, String> {
    let scheduler = match &*series.scheduler {
        "decode" | "decode_prioritizing" => Scheduler::DecodePrioritizing,
        "prefill" | "prefill_prioritizing" => Scheduler::PrefillPrioritizing,
        "hybrid" => Scheduler::Hybrid { decode_share: 0.5 },
        other => return Err(format!("the scheduler `{other}` is not known")),
    };
    let mut setting = setting::scenario(&series.scenario, scheduler)
        .ok_or_else(|| format!("the scenario `{}` is not known", series.scenario))?;
    setting.load.rate_per_s = series.rate_per_s;
    let seed = setting::seed(&series.name);
    let mut points =
        windows(&setting, 1.0, series.windows_s.len() as u32, seed).map_err(|e| e.to_string())?;
    for (point, &window_s) in points.iter_mut().zip(&series.windows_s) {
        point.setting.load.window_s = window_s;
    }
    Ok(points)
}

/// Compares point by point, and each figure over all points.
///
/// A recorded point comes without an error; as many trials of ours vary as much. Under lognormal
/// prompts a single long one moves the mean TTFT of a point by many standard errors of the other
/// points, so there only the signs of the differences count.
fn compare(
    series: &Series,
    ours: &[Trials],
    scores: &mut Scores,
    faults: &mut Vec<String>,
) -> String {
    let mut judge = Judge {
        scores,
        faults,
        figures: 0,
        worst: 0.0,
    };
    for ((figure, column), values) in FIGURES.into_iter().zip(&series.values) {
        let means: Vec<Mean> = ours.iter().map(|trials| mean(trials, figure)).collect();
        let heavy = figure == Figure::MeanTtft && series.scenario != "demo2";
        let points = means.iter().zip(values).zip(&series.windows_s);
        for ((mean, &value), window_s) in points.filter(|_| !heavy) {
            if series.rate_per_s * window_s >= FEWEST_REQUESTS {
                let score = welch(*mean, Mean { value, ..*mean });
                judge.add(score, || {
                    format!("{column} of {} in {window_s} s", series.name)
                });
            }
        }
        let score = sign_score(
            means
                .iter()
                .map(|mean| mean.value)
                .zip(values.iter().copied()),
        );
        judge.add(score, || format!("signs of {column} of {}", series.name));
    }
    let Judge { figures, worst, .. } = judge;
    format!("{figures} figures of points up to {worst:+.1} standard errors off")
}

fn mean(trials: &Trials, figure: Figure) -> Mean {
    let estimate = trials.estimate(figure, Level::P95);
    Mean {
        value: estimate.value,
        std_error: estimate.std_error.unwrap_or(0.0),
        degrees_of_freedom: f64::from(TRIALS) - 1.0,
    }
}

/// The score of how often ours are greater: under one law half of the time, whatever the law, since
/// both are means of as many trials.
fn sign_score(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let signs: Vec<f64> = pairs
        .filter(|(ours, theirs)| ours != theirs)
        .map(|(ours, theirs)| (ours - theirs).signum())
        .collect();
    if signs.is_empty() {
        return 0.0;
    }
    signs.iter().sum::<f64>() / (signs.len() as f64).sqrt()
}

/// Scores of one series.
struct Judge<'a> {
    scores: &'a mut Scores,
    faults: &'a mut Vec<String>,
    figures: u32,
    worst: f64,
}

impl Judge<'_> {
    fn add(&mut self, score: f64, of: impl Fn() -> String) {
        self.scores.add(score, &of);
        self.figures += 1;
        if score.abs() >= self.worst.abs() {
            self.worst = score;
        }
        if score.is_nan() || score.abs() > STANDARD_ERRORS {
            self.faults
                .push(format!("{}: {score:+.1} standard errors", of()));
        }
    }
}

/// The boundaries that recorded flags give, against the recorded ones.
///
/// # Errors
/// Files that cannot be read or are not in their format.
pub(super) fn boundaries(flags: &Path, file: &Path) -> Result<Vec<Case>, ValidateError> {
    let mut rated = Vec::new();
    for row in Rows::read(flags)?.iter() {
        let of = (
            row.text("scenario")?.to_owned(),
            row.text("scheduler")?.to_owned(),
        );
        let unstable = row.number("rts_unstable")? != 0.0;
        rated.push((of, (row.number("lam")?, unstable)));
    }
    let mut cases = Vec::new();
    for row in Rows::read(file)?.iter() {
        let of = (
            row.text("scenario")?.to_owned(),
            row.text("scheduler")?.to_owned(),
        );
        let rates: Vec<(f64, bool)> = rated
            .iter()
            .filter(|(key, _)| *key == of)
            .map(|&(_, rate)| rate)
            .collect();
        let name = format!("boundary {} {}", of.0, of.1);
        let theirs = (row.optional("lambda_star")?, row.optional("half_width")?);
        let Some(found) = boundary(&rates) else {
            let reason = "none of its rates was recorded";
            cases.push(case(name, Verdict::Skipped, reason));
            continue;
        };
        let ours = found.rate_per_s();
        let same = theirs == (ours.map(|ours| ours.0), ours.map(|ours| ours.1));
        let shown = match found {
            Boundary::AllUnstable => "no rate is stable".to_owned(),
            _ => ours.map_or(String::new(), |(rate, half)| {
                format!("{rate} ± {half} per second")
            }),
        };
        let faults = if same {
            Vec::new()
        } else {
            vec![format!("{shown}, recorded {theirs:?}")]
        };
        cases.push(judged(name, faults, shown));
    }
    Ok(cases)
}
