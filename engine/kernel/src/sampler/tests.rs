//! Laws against theory, text against laws, errors against their messages.
//!
//! Statistical tests allow z = 5 standard errors (probability 6e-7 each) at the stated n.

use super::special::ln_gamma;
use super::*;
use crate::rng::{Purpose, Streams};

const N: usize = 200_000;
const Z: f64 = 5.0;

fn law(text: &str) -> Law {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn mixture() -> Law {
    Law::Mixture {
        weights: vec![3.0, 1.0],
        laws: vec![law("exponential:mean=2"), law("uniform:min=10,max=12")],
    }
}

/// Laws whose fourth moment is finite and small enough that its estimate is normal at n.
fn lawful() -> Vec<Law> {
    let texts = [
        "constant:value=3",
        "exponential:mean=2",
        "uniform:min=-1,max=5",
        "normal:mean=10,sd=3",
        "lognormal:mu=1,sigma=0.4",
        "gamma:shape=0.5,scale=3",
        "gamma:shape=2.5,scale=3",
        "weibull:shape=1.5,scale=4",
        "weibull:shape=0.8,scale=4",
        "pareto:alpha=12,min=2",
        "pareto:alpha=1.5,min=1,max=100",
        "pareto:alpha=1,min=1,max=50",
        "pareto:alpha=2,min=1,max=50",
        "pareto:alpha=0.1,min=1,max=4",
        "pareto:alpha=0.001,min=1,max=2",
        "geometric:p=0.05",
        "geometric:p=0.8",
        "geometric:p=1",
        "zipf:n=50,s=1",
        "zipf:n=1500,s=0.7",
        "zipf:n=10,s=0",
        "erlang:k=4,mean=6",
        "erlang:k=1,mean=6",
        "hyperexponential:weights=0.8|0.2,means=1|6",
        "phase_type:initial=1,generator=-0.5",
        "phase_type:initial=3|1,generator=-1|0/0|-0.25",
        "phase_type:initial=1|0|0,generator=-2|1.5|0/0.5|-1|0.5/1|1|-4",
        "empirical:values=1|2|30,weights=5|0|2",
        "empirical:values=4|-4",
    ];
    let mut laws: Vec<Law> = texts.into_iter().map(law).collect();
    laws.push(mixture());
    laws
}

fn draw(law: &Law, n: usize) -> Vec<f64> {
    let mut rng = Streams::new(2024).stream(0, Purpose::Service);
    let mut values = vec![0.0; n];
    law.sampler().unwrap().fill(&mut rng, &mut values);
    values
}

#[test]
fn means_and_variances_are_those_of_theory() {
    for law in lawful() {
        let values = draw(&law, N);
        let n = N as f64;
        let (mean, variance) = (law.mean().unwrap(), law.variance().unwrap());
        let moment = |order| values.iter().map(|x| (x - mean).powi(order)).sum::<f64>() / n;
        let mean_error = moment(1).abs();
        // Rounding alone, for laws without variance.
        let rounding = 1e-12 * mean.abs();
        let limit = Z * (variance / n).sqrt() + rounding;
        assert!(
            mean_error <= limit,
            "{law}: mean off by {mean_error}, {limit} allowed"
        );
        let variance_error = (moment(2) - variance).abs();
        let limit = Z * ((moment(4) - variance * variance).max(0.0) / n).sqrt() + rounding;
        assert!(
            variance_error <= limit,
            "{law}: variance off by {variance_error}, {limit} allowed"
        );
    }
}

/// The regularized lower incomplete gamma function by its series (Abramowitz and Stegun 6.5.29).
fn incomplete_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut k) = (1.0 / a, 1.0 / a, a);
    while term > 1e-17 * sum {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    (sum.ln() + a * x.ln() - x - ln_gamma(a)).exp().min(1.0)
}

/// The normal distribution function, by its relation to the above (6.5.16).
fn normal_cdf(z: f64) -> f64 {
    (1.0 + z.signum() * incomplete_gamma(0.5, z * z / 2.0)) / 2.0
}

fn exponential_cdf(x: f64, mean: f64) -> f64 {
    -(-x / mean).exp_m1()
}

fn uniform_cdf(x: f64, min: f64, max: f64) -> f64 {
    ((x - min) / (max - min)).clamp(0.0, 1.0)
}

/// By uniformization: the process looks at its phase at the instants of a Poisson process that is
/// as fast as its fastest phase, and changes then or not (Neuts, Matrix-Geometric Solutions in
/// Stochastic Models, section 2.2).
fn phase_type_cdf(initial: &[f64], generator: &[Vec<f64>], x: f64) -> f64 {
    let rate = generator.iter().enumerate().map(|(i, row)| -row[i]);
    let rate = rate.fold(0.0, f64::max);
    let sum: f64 = initial.iter().sum();
    let mut phases: Vec<f64> = initial.iter().map(|weight| weight / sum).collect();
    let (mut probability, mut looks, mut alive) = ((-rate * x).exp(), 0.0, 0.0);
    while looks < rate * x || probability > 1e-18 {
        alive += probability * phases.iter().sum::<f64>();
        let change = |to: usize| -> f64 {
            let moved = generator.iter().zip(&phases).map(|(row, p)| p * row[to]);
            phases[to] + moved.sum::<f64>() / rate
        };
        phases = (0..phases.len()).map(change).collect();
        looks += 1.0;
        probability *= rate * x / looks;
    }
    1.0 - alive
}

fn cdf(law: &Law, x: f64) -> f64 {
    match law {
        Law::Exponential { mean } => exponential_cdf(x, *mean),
        Law::Uniform { min, max } => uniform_cdf(x, *min, *max),
        Law::Normal { mean, sd } => normal_cdf((x - mean) / sd),
        Law::Lognormal { mu, sigma } => normal_cdf((x.ln() - mu) / sigma),
        Law::Gamma { shape, scale } => incomplete_gamma(*shape, x / scale),
        Law::Weibull { shape, scale } => -(-(x / scale).powf(*shape)).exp_m1(),
        Law::Pareto { alpha, min, max } => {
            let below = |x: f64| 1.0 - (min / x).powf(*alpha);
            below(x) / max.map_or(1.0, below)
        }
        Law::Erlang { k, mean } => {
            // One minus the Poisson probability of fewer than k arrivals.
            let load = f64::from(*k) * x / mean;
            let fewer = (1..*k).scan(1.0, |term, j| {
                *term *= load / f64::from(j);
                Some(*term)
            });
            1.0 - (1.0 + fewer.sum::<f64>()) * (-load).exp()
        }
        Law::Hyperexponential { weights, means } => {
            let branches = weights.iter().zip(means);
            branches
                .map(|(weight, mean)| weight * exponential_cdf(x, *mean))
                .sum()
        }
        Law::PhaseType { initial, generator } => phase_type_cdf(initial, generator, x),
        Law::Mixture { .. } => 0.75 * exponential_cdf(x, 2.0) + 0.25 * uniform_cdf(x, 10.0, 12.0),
        discrete => panic!("{discrete} is not continuous"),
    }
}

/// Kolmogorov and Smirnov: sqrt(n) D exceeds x with probability about 2 exp(-2 x^2), which at
/// 2.74 is that of five standard errors, 6e-7 (Kolmogorov's
/// limit law).
#[test]
fn continuous_laws_follow_their_distribution_function() {
    let discrete = ["constant", "geometric", "zipf", "empirical"];
    let mut laws = lawful();
    laws.retain(|law| !discrete.contains(&law.name()));
    laws.extend(
        [
            "lognormal:mu=0,sigma=2",
            "weibull:shape=0.3,scale=1",
            "pareto:alpha=0.7,min=3",
        ]
        .map(law),
    );
    for law in laws {
        // The series of a phase-type law takes long.
        let n = if law.name() == "phase_type" {
            N / 10
        } else {
            N
        };
        let mut values = draw(&law, n);
        values.sort_by(f64::total_cmp);
        let n = n as f64;
        let distance = values
            .iter()
            .enumerate()
            .fold(0.0_f64, |distance, (i, &x)| {
                let expected = cdf(&law, x);
                let (below, above) = (expected - i as f64 / n, (i + 1) as f64 / n - expected);
                distance.max(below).max(above)
            });
        let statistic = n.sqrt() * distance;
        assert!(
            statistic < 2.74,
            "{law}: Kolmogorov-Smirnov statistic {statistic}"
        );
    }
}

#[test]
fn discrete_laws_have_their_probabilities() {
    let zipf = |n: u32, s: f64| {
        let total: f64 = (1..=n).map(|k| f64::from(k).powf(-s)).sum();
        move |k: f64| k.powf(-s) / total
    };
    let geometric = |p: f64| move |k: f64| p * (1.0 - p).powf(k - 1.0);
    check_probabilities("zipf:n=50,s=1", zipf(50, 1.0));
    check_probabilities("zipf:n=1500,s=0.7", zipf(1500, 0.7));
    check_probabilities("zipf:n=10,s=2.5", zipf(10, 2.5));
    check_probabilities("geometric:p=0.05", geometric(0.05));
    check_probabilities("geometric:p=0.8", geometric(0.8));
}

fn check_probabilities(text: &str, probability: impl Fn(f64) -> f64) {
    let values = draw(&law(text), N);
    for k in 1..=10 {
        let (k, n) = (f64::from(k), N as f64);
        let p = probability(k);
        let share = values.iter().filter(|&&value| value == k).count() as f64 / n;
        let limit = Z * (p * (1.0 - p) / n).sqrt();
        assert!(
            (share - p).abs() <= limit,
            "{text}: {k} has a share of {share}, not {p}"
        );
    }
}

#[test]
fn values_stay_in_their_range() {
    let within = |text: &str, min: f64, max: f64| {
        let values = draw(&law(text), N);
        assert!(values.iter().all(|x| (min..=max).contains(x)), "{text}");
    };
    within("uniform:min=1,max=2", 1.0, 2.0);
    within("pareto:alpha=0.1,min=1,max=4", 1.0, 4.0);
    within("pareto:alpha=300,min=1,max=1.0000001", 1.0, 1.000_000_1);
    within("zipf:n=3,s=0.01", 1.0, 3.0);
    within("geometric:p=1e-15", 1.0, f64::MAX);
}

#[test]
fn filling_is_sampling_one_by_one() {
    for law in lawful() {
        let sampler = law.sampler().unwrap();
        let mut rng = Streams::new(2024).stream(0, Purpose::Service);
        let one_by_one: Vec<f64> = (0..100).map(|_| sampler.sample(&mut rng)).collect();
        assert_eq!(one_by_one, draw(&law, 100), "{law}");
    }
}

#[test]
fn counts_are_rounded_and_clamped() {
    let mut rng = Streams::new(0).stream(0, Purpose::PromptTokens);
    let mut count = |text: &str, min, max| {
        let sampler = law(text).sampler().unwrap();
        sampler.sample_count(&mut rng, min, max)
    };
    assert_eq!(count("2.4", 0, 9), 2);
    assert_eq!(count("2.5", 0, 9), 3);
    assert_eq!(count("-7", 0, 9), 0);
    assert_eq!(count("-7", 1, 9), 1);
    assert_eq!(count("1e300", 1, u32::MAX), u32::MAX);
}

#[test]
fn moments_that_do_not_exist_are_none() {
    assert_eq!(law("pareto:alpha=1,min=1").mean(), None);
    assert_eq!(law("pareto:alpha=2,min=1").mean(), Some(2.0));
    assert_eq!(law("pareto:alpha=2,min=1").variance(), None);
    assert_eq!(law("lognormal:mu=1000,sigma=1").mean(), None);
    assert_eq!(law("empirical:values=1|-1").squared_cv(), None);
    assert_eq!(Law::Exponential { mean: -1.0 }.mean(), None);
    assert_eq!(law("erlang:k=4,mean=9").squared_cv(), Some(0.25));
    assert_eq!(law("constant:value=9").squared_cv(), Some(0.0));
}

/// Laws of other names, written as processes.
#[test]
fn phase_type_moments_are_those_of_the_laws_they_stand_for() {
    let agree = |process: Law, other: Law| {
        let close = |a: Option<f64>, b: Option<f64>| (a.unwrap() / b.unwrap() - 1.0).abs() < 1e-14;
        assert!(close(process.mean(), other.mean()), "{process}");
        assert!(close(process.variance(), other.variance()), "{process}");
    };
    let same = |process: &str, other: &str| agree(law(process), law(other));
    same("phase_type:initial=2,generator=-4", "exponential:mean=0.25");
    same(
        "phase_type:initial=1|0|0,generator=-2|2|0/0|-2|2/0|0|-2",
        "erlang:k=3,mean=1.5",
    );
    same(
        "phase_type:initial=3|1,generator=-1|0/0|-0.25",
        "hyperexponential:weights=0.75|0.25,means=1|4",
    );
    // A geometric number of exponential stays is exponential: it ends at every third.
    same(
        "phase_type:initial=1|1,generator=-3|2/2|-3",
        "exponential:mean=1",
    );
    // Nearly never ends, which a solution that subtracts would not survive.
    let mean = f64::from(1 << 27);
    let change = 1.0 - 1.0 / mean;
    let process = Law::PhaseType {
        initial: vec![1.0, 1.0],
        generator: vec![vec![-1.0, change], vec![change, -1.0]],
    };
    agree(process, Law::Exponential { mean });
}

#[test]
fn the_text_form_reads_back() {
    for law in lawful() {
        match &law {
            Law::Mixture { .. } => assert_eq!(
                law.to_string(),
                "mixture:laws=(exponential:mean=2)|(uniform:min=10,max=12),weights=3|1"
            ),
            _ => assert_eq!(law.to_string().parse(), Ok(law)),
        }
    }
    assert_eq!(law(" 0.25 "), Law::Constant { value: 0.25 });
    assert_eq!(
        law("normal: sd = 1 , mean = -2"),
        Law::Normal {
            mean: -2.0,
            sd: 1.0
        }
    );
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Config {
    law: Law,
}

fn from_toml(text: &str) -> Result<Law, String> {
    let config: Result<Config, toml::de::Error> = toml::from_str(text);
    config
        .map(|config| config.law)
        .map_err(|error| error.message().to_owned())
}

#[test]
fn toml_reads_back() {
    for law in lawful() {
        let config = Config { law };
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str(&text), Ok(config), "{text}");
    }
}

#[test]
fn toml_takes_tables_texts_and_numbers() {
    let two = Ok(Law::Constant { value: 2.0 });
    assert_eq!(from_toml("law = 2"), two);
    assert_eq!(from_toml("law = 'constant:value=2'"), two);
    assert_eq!(from_toml("law = { law = 'constant', value = 2 }"), two);
    let rate = from_toml("law = { law = 'exponential', rate = 0.5 }");
    assert_eq!(rate, Ok(Law::Exponential { mean: 2.0 }));
    let process = from_toml(
        "law = { law = 'phase_type', initial = [1, 0], generator = [[-2, 1.5], [0, -3]] }",
    );
    assert_eq!(
        process,
        Ok(law("phase_type:initial=1|0,generator=-2|1.5/0|-3"))
    );
    let text = "law = { law = 'mixture', weights = [3, 1], \
        laws = ['exponential:mean=2', { law = 'uniform', min = 10, max = 12 }] }";
    assert_eq!(from_toml(text), Ok(mixture()));
}

#[test]
fn toml_errors_say_what_must_be() {
    let message = |text: &str| from_toml(text).unwrap_err();
    assert_eq!(
        message("law = { law = 'normal', mean = 1, sd = 2, skew = 3 }"),
        "normal has no parameter `skew`, expected `normal:mean=10,sd=2`"
    );
    assert_eq!(
        message("law = { law = 'normal', mean = 'one', sd = 2 }"),
        "`mean` of normal is `one`, must be a number"
    );
    assert_eq!(
        message("law = { law = 'mixture', laws = [1, { law = 'gamma', shape = 0, scale = 1 }] }"),
        "law 1 of the mixture: `shape` of gamma is 0, must be positive and finite"
    );
    assert!(
        message("law = { mean = 1 }").starts_with("a table without the key `law` is not a law")
    );
    assert!(message("law = [1, 2]").starts_with("a list of 2 is not a law"));
    assert!(message("law = { law = 'mixture' }").contains("`laws` of mixture is empty"));
    assert!(message("law = true").contains("expected a number, a text, a list or a table"));
}

#[test]
fn text_errors_say_what_must_be() {
    let cases = [
        (
            "exponential",
            "`mean` of exponential is missing, expected `exponential:mean=2 or exponential:rate=0.5`",
        ),
        (
            "exponential:mean=1,rate=1",
            "exponential takes either `mean` or `rate`, not both",
        ),
        (
            "exponential:rate=0",
            "`rate` of exponential is 0, must be positive and finite",
        ),
        (
            "exponential:mean=1,mean=2",
            "`mean` of exponential is given twice",
        ),
        (
            "exponential:mean",
            "`mean` is not of the form `parameter=value`, expected `exponential:mean=2 or exponential:rate=0.5`",
        ),
        (
            "constant:value=x",
            "`value` of constant is `x`, must be a number",
        ),
        ("NaN", "`value` of constant is NaN, must be finite"),
        (
            "lognormal:mu=1,sigma=-1",
            "`sigma` of lognormal is -1, must be not negative and finite",
        ),
        (
            "uniform:min=2,max=2",
            "`max` of uniform is 2, must be above `min`, by a finite amount",
        ),
        (
            "pareto:alpha=1,min=2,max=1",
            "`max` of pareto is 1, must be finite and above `min`",
        ),
        (
            "geometric:p=0",
            "`p` of geometric is 0, must be from 1e-15 to 1",
        ),
        (
            "zipf:n=1.5,s=1",
            "`n` of zipf is 1.5, must be a whole number from 1 to 2^53",
        ),
        ("zipf:n=0,s=1", "`n` of zipf is 0, must be from 1 to 2^53"),
        (
            "erlang:k=5e9,mean=1",
            "`k` of erlang is 5000000000, must be a whole number from 1 to 2^32 - 1",
        ),
        (
            "empirical:values=1|inf",
            "`values[1]` of empirical is inf, must be finite",
        ),
        (
            "empirical:values=1|2,weights=1",
            "empirical has 1 weights for 2 values, must be as many",
        ),
        (
            "empirical:values=1|2,weights=0|0",
            "the weights of empirical add up to 0, must add up to something positive and finite",
        ),
        (
            "empirical:values=1|2,weights=1|-1",
            "`weights[1]` of empirical is -1, must be not negative and finite",
        ),
        (
            "phase_type:initial=1",
            "`generator` of phase_type is missing, expected `phase_type:initial=1|0,generator=-2|1.5/0|-3`",
        ),
        (
            "phase_type:initial=1|0,generator=-2|1/-3",
            "row 1 of `generator` of phase_type has 1 elements, must have 2, as many as there are rows",
        ),
        (
            "phase_type:initial=1,generator=-2|1",
            "row 0 of `generator` of phase_type has 2 elements, must have 1, as many as there are rows",
        ),
        (
            "phase_type:initial=1,generator=-1/-3",
            "row 0 of `generator` of phase_type has 1 elements, must have 2, as many as there are rows",
        ),
        (
            "phase_type:initial=1,generator=-2|1/0|-3",
            "phase_type has 1 weights for 2 phases, must be as many",
        ),
        (
            "phase_type:initial=1|0,generator=-2|1/0|3",
            "`generator[1][1]` of phase_type is 3, must be negative and finite, on the diagonal",
        ),
        (
            "phase_type:initial=1|0,generator=-2|-1/0|-3",
            "`generator[0][1]` of phase_type is -1, must be not negative and finite",
        ),
        (
            "phase_type:initial=1|0,generator=-2|2.5/0|-3",
            "`sum of generator[0]` of phase_type is 0.5, must be at most 0",
        ),
        (
            "phase_type:initial=1|0|0,generator=-2|1|0/0|-3|3/0|1|-1",
            "phase_type never ends from phase 1, a row with a negative sum must be reached from there",
        ),
        (
            "phase_type:initial=1|x,generator=-2|1/0|-3",
            "`initial[1]` of phase_type is `x`, must be a number",
        ),
        (
            "phase_type:initial=1|1,generator=-2|1/0|y",
            "`generator[1][1]` of phase_type is `y`, must be a number",
        ),
        (
            "hyperexponential:means=1|0",
            "`means[1]` of hyperexponential is 0, must be positive and finite",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(
            text.parse::<Law>().unwrap_err().to_string(),
            message,
            "{text}"
        );
    }
    let mixture = "mixture:laws=1".parse::<Law>().unwrap_err().to_string();
    assert!(mixture.starts_with("mixture has no text form, write it as a table: { law ="));
}

#[test]
fn an_unknown_law_names_the_nearest() {
    for (typo, meant) in [
        ("lognorml", "lognormal"),
        ("expo", "exponential"),
        ("Gamma", "gamma"),
        ("wiebull", "weibull"),
    ] {
        let message = typo.parse::<Law>().unwrap_err().to_string();
        let start =
            format!("unknown law `{typo}`, did you mean `{meant}`? the laws are constant, ");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn samplers_refuse_invalid_laws() {
    for bad in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        assert!(Law::Exponential { mean: bad }.sampler().is_err());
        assert!(
            Law::Gamma {
                shape: 1.0,
                scale: bad
            }
            .sampler()
            .is_err()
        );
        assert!(
            Law::Weibull {
                shape: bad,
                scale: 1.0
            }
            .sampler()
            .is_err()
        );
        assert!(
            Law::Pareto {
                alpha: bad,
                min: 1.0,
                max: None
            }
            .sampler()
            .is_err()
        );
        assert!(Law::Geometric { p: bad }.sampler().is_err());
        assert!(Law::Erlang { k: 2, mean: bad }.sampler().is_err());
    }
    assert!(Law::Erlang { k: 0, mean: 1.0 }.sampler().is_err());
    assert!(
        Law::Empirical {
            values: vec![],
            weights: vec![]
        }
        .sampler()
        .is_err()
    );
}

/// Every form that the error messages show can be read.
#[test]
fn written_forms_are_valid() {
    for (name, written) in Law::forms() {
        if name == "mixture" {
            assert!(from_toml(&format!("law = {written}")).is_ok());
            continue;
        }
        for form in written.split(" or ") {
            let form = form.split(" (").next().unwrap_or(form);
            assert_eq!(law(form).name(), name);
        }
    }
}
