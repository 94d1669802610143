//! A system under a token budget as M/M/1.

use kendall_kernel::Level;

use super::cases::{Case, metric};
use super::demo::{Base, Demo};
use super::row::{Original, Row};
use crate::token_budget::{Figure, Point, Setting, Trials};

/// Services per second.
pub const MM1_MU_PER_S: f64 = 100.0;

/// Seconds in which requests do not count, as in the original; windows have to be longer.
pub const MM1_WARM_UP_S: f64 = 100.0;

/// What the original's single trial gives over 5000 s at a utilisation of 0.01.
const ORIGINAL: (f64, f64, [(Figure, f64); 2]) = (
    0.01,
    5000.0,
    [
        (Figure::MeanRts, 0.009_889_794_725_840_822),
        (Figure::P95Rts, 0.030_164_736_052_904_54),
    ],
);

/// A case for each utilisation, above 0 and below 1.
#[must_use]
pub fn mm1_cases(utilisations: &[f64], window_s: f64, seed: u64) -> Vec<Case> {
    let case = |&utilisation: &f64| {
        let mut setting = Setting::mm1(utilisation * MM1_MU_PER_S);
        setting.config.service.c_ms = 1e3 / MM1_MU_PER_S;
        setting.load.window_s = window_s;
        setting.warm_up_s = MM1_WARM_UP_S;
        let point = Point { setting, seed };
        Case {
            scenario: "mm1",
            ..Case::new(&Base::of(Demo::Demo2), Some(utilisation), point)
        }
    };
    utilisations.iter().map(case).collect()
}

/// The mean and the 95th percentile of response times, each with its exact value. The sojourn time
/// is exponential with rate mu - lambda (Kleinrock, Queueing Systems, volume 1, 1975, section 5.6),
/// so that its 95th percentile is ln 20 times the mean.
#[must_use]
pub fn mm1_rows(case: &Case, trials: &Trials, level: Level) -> [(Row, f64); 2] {
    let load = &case.point.setting.load;
    let mean_s = 1.0 / (MM1_MU_PER_S - load.rate_per_s);
    let (utilisation, window_s, figures) = ORIGINAL;
    let is_original = case.value == Some(utilisation) && load.window_s == window_s;
    let row = |(figure, value): (Figure, f64)| Row {
        value: case.value,
        original: is_original.then_some(Original {
            value,
            std_error: None,
        }),
        ..Row::new(
            case.scenario,
            "M/M/1",
            metric(figure),
            trials.estimate(figure, level),
        )
    };
    let [mean, p95] = figures;
    [(row(mean), mean_s), (row(p95), 20_f64.ln() * mean_s)]
}

#[cfg(test)]
mod tests {
    use super::super::cases::measure;
    use super::*;

    #[test]
    fn response_times_are_those_of_the_formula() {
        let cases = mm1_cases(&[0.01, 0.5], 600.0, 5);
        let all = measure(&cases, 10, &()).unwrap().unwrap();
        for (case, trials) in cases.iter().zip(&all) {
            for (row, exact) in mm1_rows(case, trials, Level::P95) {
                let error = row.estimate.std_error.unwrap();
                let score = (row.estimate.value - exact) / error;
                // Student's t with nine degrees of freedom exceeds 6.5 once in 10,000 times.
                assert!(
                    score.abs() < 6.5,
                    "{} {:?}: {score}",
                    row.metric.name,
                    case.value
                );
                assert_eq!(row.original, None, "another window");
            }
        }
    }

    #[test]
    fn the_originals_trial_is_known() {
        let cases = mm1_cases(&[0.01], 5000.0, 5);
        let all = measure(&cases, 2, &()).unwrap().unwrap();
        let [(mean, exact), _] = mm1_rows(&cases[0], &all[0], Level::P95);
        let original = mean.original.unwrap();
        // It is known for an error of 2.09 %.
        assert!(((original.value / exact - 1.0) + 0.0209).abs() < 1e-4);
    }
}
