//! Formulas against queues followed event by event: within 5 standard errors (Student's law with 39
//! degrees of freedom leaves 1.2e-5 beyond).

use serde_json::{Value, json};

use super::replay::{self, Job, Numbers, Serve, batch_means};
use super::value;

const CUSTOMERS: usize = 120_000;
const ERRORS: f64 = 5.0;

/// Poisson arrivals with sizes and classes.
fn arrivals(
    lam: f64,
    seed: u64,
    mut job: impl FnMut(&mut Numbers) -> (f64, usize),
) -> impl Iterator<Item = (f64, f64, usize)> {
    let mut numbers = Numbers::new(seed);
    let mut now = 0.0;
    (0..CUSTOMERS).map(move |_| {
        now += numbers.exponential() / lam;
        let (size, class) = job(&mut numbers);
        (now, size, class)
    })
}

#[track_caller]
fn agree(values: &[f64], expected: f64, what: &str) {
    let (mean, error) = batch_means(values);
    assert!(
        error < 0.2 * expected,
        "{what}: {mean} +- {error} says nothing"
    );
    assert!(
        (mean - expected).abs() < ERRORS * error,
        "{what}: {mean} +- {error}, expected {expected}"
    );
}

/// A law as a parameter and as a sampler.
type Law = (Value, fn(&mut Numbers) -> f64);

/// Laws without heavy tails, so that second moments settle soon.
fn laws() -> [Law; 2] {
    [
        (
            json!({"dist": "uniform", "lo": 0.2, "hi": 1.8}),
            |numbers| 0.2 + 1.6 * numbers.uniform(),
        ),
        (json!({"dist": "exp", "mean": 1.0}), Numbers::exponential),
    ]
}

#[test]
fn disciplines_that_look_at_sizes() {
    let rules: [(&str, Serve); 7] = [
        ("SJF", replay::sjf),
        ("PSJF", replay::psjf),
        ("SRPT", replay::srpt),
        ("FB", replay::fb),
        ("PS", replay::ps),
        ("LCFS", replay::lcfs),
        ("ROS", replay::ros),
    ];
    for (seed, (service, draw)) in (1..).zip(laws()) {
        for (name, rule) in rules {
            let (mut sojourns, mut seconds, mut slowdowns, mut waits) =
                (vec![], vec![], vec![], vec![]);
            replay::run(
                rule,
                arrivals(0.6, seed, |numbers| (draw(numbers), 0)),
                |job: &Job, sojourn| {
                    sojourns.push(sojourn);
                    seconds.push(sojourn * sojourn);
                    slowdowns.push(sojourn / job.size);
                    waits.push((job.began.unwrap() - job.arrival).powi(2));
                },
            );
            let params =
                json!({"model": "M/G/1", "lam": 0.6, "service": service, "discipline": name});
            let of = |metric: &str| value(params.clone(), metric);
            let what = format!("{name} {service}");
            agree(&sojourns, of("E_T"), &what);
            let exponential = service["dist"] == "exp";
            if name != "PS" || exponential {
                agree(&seconds, of("E_T2"), &what);
            }
            if !exponential {
                agree(&slowdowns, of("E_slowdown"), &what);
            }
            if ["SJF", "LCFS", "ROS"].contains(&name) {
                agree(&waits, of("E_W2"), &what);
            }
        }
    }
}

#[test]
fn second_moments_of_priority_classes() {
    let classes = json!([{"lam": 0.3, "m1": 0.5, "m2": 0.25}, {"lam": 0.4, "m1": 1.0, "m2": 2.0}]);
    let draw = |numbers: &mut Numbers| {
        if numbers.uniform() < 3.0 / 7.0 {
            (0.5, 0)
        } else {
            (numbers.exponential(), 1)
        }
    };
    let rules: [(&str, Serve); 2] = [
        ("non-preemptive", replay::non_preemptive),
        ("preemptive-resume", replay::preemptive),
    ];
    for (name, rule) in rules {
        let mut sojourns = [vec![], vec![]];
        replay::run(rule, arrivals(0.7, 9, draw), |job: &Job, sojourn| {
            sojourns[job.class].push(sojourn)
        });
        let params = json!({"model": "M/G/1", "discipline": name, "classes": classes});
        for (index, sojourns) in sojourns.iter().enumerate() {
            let of = |metric: &str| value(params.clone(), &format!("{metric}_c{}", index + 1));
            let mean = of("E_T");
            agree(sojourns, mean, name);
            let squares: Vec<f64> = sojourns
                .iter()
                .map(|sojourn| (sojourn - mean).powi(2))
                .collect();
            agree(&squares, of("Var_T"), name);
        }
    }
}
