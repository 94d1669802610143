//! How often intervals cover the truth.
//!
//! Each share of 2,000 runs may be z = 5 binomial standard errors from what it should be
//! (probability 6e-7), plus what a derivation says that the method is biased by.

use rand::distr::Distribution;
use rand_distr::{Exp1, StandardNormal};

use super::batch_means::tests::autoregression;
use super::distribution::student_t;
use super::*;
use crate::rng::{Purpose, Rng, Streams};
use crate::sampler::{Law, Side};

const RUNS: u64 = 2000;
const Z: f64 = 5.0;

fn stream(run: u64) -> Rng {
    Streams::new(17)
        .replication(run)
        .stream(0, Purpose::Service)
}

fn normal(rng: &mut Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn exponential(rng: &mut Rng) -> f64 {
    Exp1.sample(rng)
}

/// Demands that a share of `expected` of the runs is covered, give or take `bias`.
fn assert_coverage(expected: f64, bias: f64, covers: impl Fn(u64) -> bool) {
    let covered = (0..RUNS).filter(|&run| covers(run)).count();
    let share = covered as f64 / RUNS as f64;
    let allowed = Z * (expected * (1.0 - expected) / RUNS as f64).sqrt() + bias;
    assert!(
        (share - expected).abs() <= allowed,
        "{share} instead of {expected}, {allowed} allowed"
    );
}

/// The probability that Student's t with `df` degrees of freedom lies within `t` of 0.
fn within(t: f64, df: f64) -> f64 {
    1.0 - 2.0 * student_t::survival(t, df)
}

#[test]
fn replications_of_normal_values_are_exact() {
    for level in [Level::P90, Level::P95] {
        assert_coverage(level.probability(), 0.0, |run| {
            let mut rng = stream(run);
            let mut all = Replications::new();
            (0..4).for_each(|_| all.push(3.0 + 2.0 * normal(&mut rng), 1));
            all.estimate(level).unwrap().covers(3.0).unwrap()
        });
    }
}

#[test]
fn scores_of_few_replications_are_normal() {
    let scores: Vec<f64> = (0..RUNS)
        .map(|run| {
            let mut rng = stream(run);
            let mut all = Replications::new();
            (0..3).for_each(|_| all.push(normal(&mut rng), 1));
            all.estimate(Level::P95).unwrap().z_score(0.0).unwrap()
        })
        .collect();
    let verdict = ChiSquareVerdict::of(&scores).unwrap();
    assert!(verdict.passes(6e-7), "{verdict:?}");
    assert!(verdict.p_value_of_largest() > 6e-7, "{verdict:?}");
}

#[test]
fn verdicts_refuse_as_often_as_they_say() {
    assert_coverage(0.95, 0.0, |run| {
        let mut rng = stream(run);
        let scores: Vec<f64> = (0..5).map(|_| normal(&mut rng)).collect();
        ChiSquareVerdict::of(&scores).unwrap().passes(0.05)
    });
}

#[test]
fn batch_means_of_independent_normal_values_are_exact() {
    assert_coverage(0.95, 0.0, |run| {
        let mut batches = BatchMeans::with_k(32);
        autoregression(run, 0.0)
            .take(256)
            .for_each(|x| batches.push(x, 1));
        let estimate = batches.estimate(Level::P95).unwrap();
        assert_eq!(estimate.groups, 32);
        estimate.covers(0.0).unwrap()
    });
}

/// The variance of the mean of m values of an autoregressive series with innovations of variance
/// 1: s (1 + 2 sum over h < m of (1 - h / m) phi^h) / m, where s = 1 / (1 - phi^2).
fn variance_of_mean(phi: f64, m: u32) -> f64 {
    let lags = (1..m).map(|h| (1.0 - f64::from(h) / f64::from(m)) * phi.powi(h as i32));
    (1.0 + 2.0 * lags.sum::<f64>()) / (1.0 - phi * phi) / f64::from(m)
}

/// With V(m) the variance of a mean of m values, the expectation of the variance estimate from k
/// batches is (V(m) - V(k m)) / (k - 1), a factor b of the true V(k m); the interval then covers as
/// if Student's quantile were sqrt(b) of itself. With correlations r_j between batches the variance
/// of the estimate is larger by 1 + 2 sum r_j^2, as if there were fewer degrees of freedom by that
/// factor (Satterthwaite's argument); r_j = r_1 phi^(m (j - 1)).
#[test]
fn batch_means_of_dependent_values_cover_as_their_bias_says() {
    for (phi, m) in [(0.8, 64), (0.9, 8)] {
        let k = 32;
        let (of_batch, of_all) = (variance_of_mean(phi, m), variance_of_mean(phi, k * m));
        let df = f64::from(k - 1);
        let b = (of_batch - of_all) / df / of_all;
        // The covariance of neighbouring batches over their variance.
        let lag1 = 2.0 * variance_of_mean(phi, 2 * m) / of_batch - 1.0;
        let squares = lag1 * lag1 / (1.0 - phi.powi(2 * m as i32));
        let effective_df = df / (1.0 + 2.0 * squares);
        let reach = Level::P95.critical(Some(df)) * b.sqrt();
        let expected = within(reach, effective_df);
        assert_coverage(expected, 0.0, |run| {
            let mut batches = BatchMeans::with_k(32);
            let series = autoregression(run, phi).take((k * m) as usize);
            series.for_each(|x| batches.push(x, 1));
            let estimate = batches.estimate(Level::P95).unwrap();
            estimate.covers(0.0).unwrap()
        });
    }
}

/// Rewards are 2 times the length plus a normal variable, so that given the lengths the ratio is
/// normal. The sum of squared residuals has the expectation n - 1 + c^2, c^2 = 1 the squared
/// coefficient of variation of the lengths: the interval covers as if the quantile were
/// sqrt(1 + 1 / (n - 1)) of itself under Student's law. The jackknife differs from it in terms of
/// order 1 / n.
#[test]
fn regenerative_intervals_cover_as_derived() {
    let n = 50_u32;
    let df = f64::from(n - 1);
    let z = Level::P95.critical(None);
    let expected = within(z * (1.0 + 1.0 / df).sqrt(), df);
    let cycles = |run| {
        let mut rng = stream(run);
        let mut cycles = Regenerative::new();
        for _ in 0..n {
            let length = exponential(&mut rng);
            cycles.push(2.0 * length + normal(&mut rng), length);
        }
        cycles
    };
    assert_coverage(expected, 0.0, |run| {
        let estimate = cycles(run).classical(Level::P95).unwrap();
        estimate.covers(2.0).unwrap()
    });
    assert_coverage(expected, 1.0 / f64::from(n), |run| {
        let estimate = cycles(run).jackknife(Level::P95).unwrap();
        estimate.covers(2.0).unwrap()
    });
}

#[test]
fn order_statistics_cover_as_they_say() {
    for q in [0.5, 0.9] {
        let ranks = order_ranks(100, q, Level::P95).unwrap();
        let truth = -(1.0_f64 - q).ln();
        assert_coverage(ranks.coverage, 0.0, |run| {
            let mut rng = stream(run);
            let mut values: Vec<f64> = (0..100).map(|_| exponential(&mut rng)).collect();
            values.sort_by(f64::total_cmp);
            let interval = RankInterval::of_sorted(&values, q, Level::P95).unwrap();
            interval.low.unwrap() <= truth && truth <= interval.high.unwrap()
        });
    }
}

/// Five sections of 500 exponential values, quantile 0.9. Of order statistic 450 the bias is
/// 1/1000 - 1/100 = -0.009 at a standard deviation of 0.134, the skewness g about
/// 2 / sqrt(50) = 0.28. The bias of the value is a fifth of that, 0.03 of its standard error, which
/// changes coverage by its square times z phi(z), next to nothing; that of the sections widens the
/// interval by half of (0.009 / 0.134)^2, 0.2 %. Half a bucket, 0.0082, is 0.14 standard errors:
/// at most 0.14^2 * 1.96 * 0.058 = 0.002. The term of skewness in the Edgeworth expansion of
/// Student's t (Hall, The Bootstrap and Edgeworth Expansion, 1992, chapter 2),
/// 2 g^2 x (x^4 + 2 x^2 - 3) phi(x) / (18 n), is 0.004 at x = 2 and n = 5.
#[test]
fn sections_cover_but_for_what_is_derived() {
    let truth = 10.0_f64.ln() * 1e6;
    assert_coverage(0.95, 0.002 + 0.004 + 0.002, |run| {
        let mut rng = stream(run);
        let sections: Vec<Histogram> = (0..5)
            .map(|_| {
                let mut histogram = Histogram::new();
                (0..500).for_each(|_| histogram.record((1e6 * exponential(&mut rng)) as u64));
                histogram
            })
            .collect();
        let quantile = sectioned_quantile(&sections, 0.9, Level::P95).unwrap();
        quantile.estimate.covers(truth).unwrap()
    });
}

/// A response that is half common draw, half noise, all normal: the correlation in pairs is -1/2,
/// and so is the saving.
#[test]
fn antithetic_pairs_are_exact_and_save_what_they_should() {
    let law = Law::Normal { mean: 7.0, sd: 1.0 }.inverse().unwrap();
    let pairs = |run, count| {
        let (mut plain, mut mirrored) = (stream(run), stream(run));
        let mut noise = Streams::new(99)
            .replication(run)
            .stream(1, Purpose::Service);
        let mut pairs = AntitheticPairs::new();
        for _ in 0..count {
            pairs.push([
                law.sample(&mut plain, Side::Plain) + normal(&mut noise),
                law.sample(&mut mirrored, Side::Mirrored) + normal(&mut noise),
            ]);
        }
        pairs
    };
    assert_coverage(0.95, 0.0, |run| {
        let estimate = pairs(run, 5).estimate(Level::P95).unwrap();
        estimate.covers(7.0).unwrap()
    });
    let count = 20_000;
    let many = pairs(0, count);
    // The variance of a sample correlation r is (1 - r^2)^2 / n.
    let error = 0.75 / f64::from(count).sqrt();
    assert!((many.correlation().unwrap() + 0.5).abs() < Z * error);
    assert!((many.variance_reduction().unwrap() - 0.5).abs() < Z * error);
}

#[test]
fn paired_differences_are_exact() {
    assert_coverage(0.9, 0.0, |run| {
        let mut rng = stream(run);
        let mut pairs = PairedDifferences::new();
        for _ in 0..4 {
            let common = 10.0 * normal(&mut rng);
            pairs.push([common + 1.0 + normal(&mut rng), common]);
        }
        pairs.estimate(Level::P90).unwrap().covers(1.0).unwrap()
    });
}

/// Waiting times of M/M/1 at utilisation 1/2 by Lindley's recursion; theory says 1 on average. The
/// scores of independent runs are standard normal but for terms of the order of one over the
/// number of cycles, here 10,000.
#[test]
fn a_queue_waits_as_theory_says() {
    let scores: Vec<[f64; 3]> = (0..60)
        .map(|run| {
            let mut rng = stream(run);
            let mut batches = BatchMeans::new();
            let mut cycles = Regenerative::new();
            let (mut wait, mut waited, mut customers) = (0.0_f64, 0.0, 0);
            for _ in 0..20_000 {
                batches.push(wait, 1);
                waited += wait;
                customers += 1;
                wait += exponential(&mut rng) - 2.0 * exponential(&mut rng);
                if wait <= 0.0 {
                    cycles.push(waited, f64::from(customers));
                    (wait, waited, customers) = (0.0, 0.0, 0);
                }
            }
            let checked = batches.checked(Level::P95).unwrap().estimate;
            let estimates = [checked, cycles.classical(Level::P95).unwrap()];
            let [batch, classical] = estimates.map(|estimate| estimate.z_score(1.0).unwrap());
            let jackknife = cycles.jackknife(Level::P95).unwrap();
            [batch, classical, jackknife.z_score(1.0).unwrap()]
        })
        .collect();
    for method in 0..3 {
        let of_method: Vec<f64> = scores.iter().map(|run| run[method]).collect();
        let verdict = ChiSquareVerdict::of(&of_method).unwrap();
        assert!(verdict.passes(6e-7), "{method}: {verdict:?}");
        let sum: f64 = of_method.iter().sum();
        assert!((sum / 60.0_f64.sqrt()).abs() < Z, "{method}: {sum}");
    }
}
