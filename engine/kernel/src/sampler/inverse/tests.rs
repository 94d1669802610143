//! Inverses against moments, each other and by hand.

use super::*;
use crate::rng::{Purpose, Streams};

const LAWS: &[&str] = &[
    "constant:value=3",
    "exponential:mean=2",
    "uniform:min=-1,max=5",
    "normal:mean=10,sd=3",
    "lognormal:mu=1,sigma=0.4",
    "gamma:shape=0.5,scale=3",
    "weibull:shape=1.5,scale=4",
    "weibull:shape=0.8,scale=4",
    "pareto:alpha=12,min=2",
    "pareto:alpha=1.5,min=1,max=100",
    "pareto:alpha=1,min=1,max=50",
    "geometric:p=0.05",
    "geometric:p=0.8",
    "geometric:p=1",
    "erlang:k=4,mean=6",
    "empirical:values=1|2|30,weights=5|0|2",
    "empirical:values=4|-4",
    "zipf:n=40,s=1.2",
    "hyperexponential:means=1|20,weights=0.9|0.1",
    "hyperexponential:means=3|3|0.5",
];

fn law(text: &str) -> Law {
    text.parse().unwrap()
}

/// Within z = 5 standard errors of the sample moments.
#[test]
fn means_and_variances_are_those_of_theory() {
    let n = 20_000;
    for text in LAWS {
        let law = law(text);
        let inverse = law.inverse().unwrap();
        for side in [Side::Plain, Side::Mirrored] {
            let mut rng = Streams::new(5).stream(0, Purpose::Service);
            let draws: Vec<f64> = (0..n).map(|_| inverse.sample(&mut rng, side)).collect();
            let (mean, variance) = (law.mean().unwrap(), law.variance().unwrap());
            let moment = |order| {
                let powers = draws.iter().map(|x| (x - mean).powi(order));
                powers.sum::<f64>() / f64::from(n)
            };
            let rounding = 1e-12 * mean.abs();
            let limit = 5.0 * (variance / f64::from(n)).sqrt() + rounding;
            assert!(
                moment(1).abs() <= limit,
                "{text}: mean off by {}",
                moment(1)
            );
            let spread = (moment(4) - variance * variance).max(0.0) / f64::from(n);
            let error = (moment(2) - variance).abs();
            assert!(
                error <= 5.0 * spread.sqrt() + rounding,
                "{text}: variance off by {error}"
            );
        }
    }
}

#[test]
fn values_grow_with_u() {
    for text in LAWS {
        let inverse = law(text).inverse().unwrap();
        let grid: Vec<f64> = (1..1000)
            .map(|i| inverse.quantile(f64::from(i) / 1000.0))
            .collect();
        assert!(grid.is_sorted(), "{text}");
    }
}

#[test]
fn the_ends_stay_within_the_law() {
    let (least, most) = (2.0_f64.powi(-53), 1.0 - 2.0_f64.powi(-53));
    let ends = |text: &str| {
        let inverse = law(text).inverse().unwrap();
        (inverse.quantile(least), inverse.quantile(most))
    };
    let (low, high) = ends("uniform:min=1e15,max=1000000000000001");
    assert!(low >= 1e15 && high < 1e15 + 1.0);
    let (low, high) = ends("pareto:alpha=0.1,min=1,max=50");
    assert!(low >= 1.0 && high <= 50.0);
    assert_eq!(ends("empirical:values=7|3|5").0, 3.0);
    assert_eq!(ends("empirical:values=7|3|5").1, 7.0);
    assert_eq!(ends("geometric:p=0.3").0, 1.0);
    assert!(ends("exponential:mean=1").0 > 0.0);
    assert!(ends("exponential:mean=1").1.is_finite());
}

#[test]
fn normal_variables_lead_to_the_same_values() {
    for text in LAWS {
        let inverse = law(text).inverse().unwrap();
        let mut before = f64::NEG_INFINITY;
        for step in -24..=24 {
            let z = f64::from(step) / 4.0;
            let (value, u) = (inverse.at_normal(z), normal::cdf(z));
            assert!(value >= before, "{text} at {z}");
            before = value;
            // Between neighbours of u, since discrete laws jump and logarithms round.
            let low = inverse.quantile(u - 1e-12);
            let high = inverse.quantile(u + 1e-12);
            let slack = 1e-12 * value.abs();
            assert!(
                value >= low - slack && value <= high + slack,
                "{text} at {z}"
            );
        }
        assert!(inverse.at_normal(-40.0) <= inverse.at_normal(40.0));
        assert!(inverse.at_normal(40.0).is_finite(), "{text}");
    }
}

#[test]
fn medians_are_known() {
    let median = |text: &str| law(text).inverse().unwrap().quantile(0.5);
    assert_eq!(median("exponential:mean=2"), 2.0 * 2.0_f64.ln());
    assert_eq!(median("uniform:min=-1,max=5"), 2.0);
    assert_eq!(median("normal:mean=10,sd=3"), 10.0);
    assert_eq!(median("empirical:values=1|2|30,weights=5|1|2"), 1.0);
    assert_eq!(median("geometric:p=0.5"), 1.0);
    // Erlang of two stages of mean 1: (1 + x) exp(-x) = 1/2.
    let x = median("erlang:k=2,mean=2");
    assert!(((1.0 + x) * (-x).exp() - 0.5).abs() < 1e-14);
}

#[test]
fn every_draw_takes_one_number() {
    for text in LAWS {
        let inverse = law(text).inverse().unwrap();
        let mut rng = Streams::new(1).stream(0, Purpose::Service);
        let mut other = rng.clone();
        inverse.sample(&mut rng, Side::Plain);
        let _: f64 = Open01.sample(&mut other);
        assert_eq!(rng, other, "{text}");
    }
}

#[test]
fn what_has_no_inverse_says_so() {
    let many = Law::Zipf {
        n: Inverse::MAX_RANKS + 1,
        s: 1.0,
    };
    let refused = Err(LawError::NoInverse { law: "zipf" });
    assert_eq!(many.inverse().map(|_| ()), refused);
    let error = law("phase_type:initial=1,generator=-2")
        .inverse()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "phase_type cannot be drawn by inversion, which antithetic pairs need"
    );
    let invalid = Law::Exponential { mean: -1.0 };
    assert!(matches!(
        invalid.inverse(),
        Err(LawError::OutOfRange { .. })
    ));
}

/// The laws above, and mixtures of them.
fn laws() -> Vec<Law> {
    let mut laws: Vec<Law> = LAWS.iter().map(|text| law(text)).collect();
    let mixture = |weights: &[f64], parts: &[&str]| Law::Mixture {
        weights: weights.to_vec(),
        laws: parts.iter().map(|text| law(text)).collect(),
    };
    laws.extend([
        mixture(&[], &["lognormal:mu=5,sigma=1", "lognormal:mu=8,sigma=0.5"]),
        mixture(&[0.7, 0.3], &["exponential:mean=1", "constant:value=30"]),
        mixture(
            &[1.0, 0.0, 2.0],
            &["normal:mean=-4,sd=1", "constant:value=3", "geometric:p=0.2"],
        ),
        mixture(
            &[3.0, 1.0],
            &["gamma:shape=0.5,scale=3", "pareto:alpha=2,min=10"],
        ),
        mixture(
            &[],
            &[
                "weibull:shape=0.8,scale=4",
                "zipf:n=40,s=1.2",
                "uniform:min=-1,max=5",
            ],
        ),
    ]);
    laws.push(Law::Mixture {
        weights: vec![],
        laws: vec![laws[laws.len() - 1].clone(), laws[laws.len() - 2].clone()],
    });
    laws
}

/// A quantile is where the distribution function passes u.
#[test]
fn quantiles_are_where_distribution_functions_pass() {
    for law in laws() {
        let inverse = law.inverse().unwrap();
        let mut before = f64::NEG_INFINITY;
        for step in 1..400 {
            let u = f64::from(step) / 400.0;
            let value = inverse.quantile(u);
            assert!(value >= before, "{law:?} at {u}");
            before = value;
            let slack = 1e-12 * value.abs();
            assert!(inverse.cdf(value + slack) >= u - 1e-12, "{law:?} at {u}");
            assert!(
                inverse.cdf(value - slack - 1e-300) <= u + 1e-12,
                "{law:?} at {u}"
            );
        }
        assert_eq!(
            (inverse.cdf(-1e300), inverse.cdf(1e300)),
            (0.0, 1.0),
            "{law:?}"
        );
    }
}

/// What a mixture draws is what its parts do, within z = 5 standard errors.
#[test]
fn mixtures_have_the_moments_of_theory() {
    let n = 20_000;
    for law in laws().into_iter().filter(|law| law.name() == "mixture") {
        let inverse = law.inverse().unwrap();
        let mut rng = Streams::new(3).stream(0, Purpose::Service);
        let draws = (0..n).map(|_| inverse.sample(&mut rng, Side::Plain));
        let mean = draws.sum::<f64>() / f64::from(n);
        let (expected, variance) = (law.mean().unwrap(), law.variance());
        let Some(variance) = variance.filter(|variance| variance.is_finite()) else {
            continue;
        };
        let limit = 5.0 * (variance / f64::from(n)).sqrt();
        assert!(
            (mean - expected).abs() <= limit,
            "{law:?}: {mean}, {expected}"
        );
    }
}

#[test]
fn a_mixture_jumps_where_a_part_does() {
    let law = Law::Mixture {
        weights: vec![0.5, 0.5],
        laws: vec![law("constant:value=10"), law("constant:value=20")],
    };
    let inverse = law.inverse().unwrap();
    assert_eq!(
        (inverse.quantile(0.25), inverse.quantile(0.5)),
        (10.0, 10.0)
    );
    assert_eq!(inverse.quantile(0.500_001), 20.0);
}
