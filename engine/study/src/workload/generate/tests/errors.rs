//! Specifications that cannot be generated, and what is said about them.

use kendall_kernel::Law;

use super::super::generate;
use super::*;
use crate::workload::{DiurnalSpec, MmppState, SpikeSpec};

fn message(spec: &GenerateSpec) -> String {
    generate(spec, 0).unwrap_err().to_string()
}

fn with(change: impl FnOnce(&mut GenerateSpec)) -> String {
    let mut spec = chatty();
    change(&mut spec);
    message(&spec)
}

#[test]
fn counts_and_limits() {
    let requests = "`workload.generate.requests` is";
    let must = "must be from 1 to 4294967294";
    assert_eq!(with(|it| it.requests = 0), format!("{requests} 0, {must}"));
    assert_eq!(
        with(|it| it.requests = 1 << 32),
        format!("{requests} 4294967296, {must}")
    );
    assert_eq!(
        with(|it| it.max_prompt_tokens = 0),
        "`workload.generate.max_prompt_tokens` is 0, must be at least 1"
    );
    assert_eq!(
        with(|it| it.max_output_tokens = 0),
        "`workload.generate.max_output_tokens` is 0, must be at least 1"
    );
    assert_eq!(
        with(|it| it.prefix.as_mut().unwrap().groups = 0),
        "`workload.generate.prefix.groups` is 0, must be at least 1"
    );
}

#[test]
fn rates() {
    for rate_per_s in [0.0, -2.0, f64::NAN, f64::INFINITY, 1e-320] {
        let size = constant(1);
        for arrivals in [
            Arrivals::Poisson { rate_per_s },
            Arrivals::Constant { rate_per_s },
            Arrivals::Gamma {
                rate_per_s,
                cv: 2.0,
            },
            Arrivals::Weibull {
                rate_per_s,
                cv: 2.0,
            },
            Arrivals::Batch { rate_per_s, size },
        ] {
            let found = with(|it| it.arrivals = arrivals);
            let field = "`workload.generate.arrivals.rate_per_s` is";
            let must = "must be positive and finite, as must be its reciprocal";
            assert_eq!(found, format!("{field} {rate_per_s}, {must}"));
        }
    }
}

type SetLaw = fn(&mut GenerateSpec, Law);

#[test]
fn every_law_is_named() {
    let bad = || Law::Exponential { mean: f64::NAN };
    let cases: [(&str, SetLaw); 7] = [
        ("prompt_tokens", |it, law| it.prompt_tokens = law),
        ("output_tokens", |it, law| it.output_tokens = law),
        ("arrivals.gap_s", |it, gap_s| {
            it.arrivals = Arrivals::Renewal { gap_s };
        }),
        ("arrivals.size", |it, size| {
            it.arrivals = Arrivals::Batch {
                rate_per_s: 1.0,
                size,
            };
        }),
        ("prefix.tokens", |it, law| {
            it.prefix.as_mut().unwrap().tokens = law;
        }),
        ("sessions.turns", |it, law| {
            it.sessions.as_mut().unwrap().turns = law;
        }),
        ("sessions.think_s", |it, law| {
            it.sessions.as_mut().unwrap().think_s = law;
        }),
    ];
    for (field, change) in cases {
        let found = with(|it| change(it, bad()));
        assert_eq!(
            found,
            format!(
                "`workload.generate.{field}`: `mean` of exponential is NaN, must be positive and finite"
            )
        );
    }
    assert_eq!(
        with(|it| it.prefix.as_mut().unwrap().zipf = -1.0),
        "`workload.generate.prefix.zipf`: `s` of zipf is -1, must be not negative and finite"
    );
}

#[test]
fn what_is_no_time() {
    let negative = "must give times: -0.5 s is negative";
    let gap_s = constant(-0.5);
    assert_eq!(
        with(|it| it.arrivals = Arrivals::Renewal { gap_s }),
        format!("`workload.generate.arrivals.gap_s` {negative}")
    );
    assert_eq!(
        with(|it| it.sessions.as_mut().unwrap().think_s = constant(-0.5)),
        format!("`workload.generate.sessions.think_s` {negative}")
    );
    assert_eq!(
        with(|it| it.arrival_resolution_s = -0.5),
        format!("`workload.generate.arrival_resolution_s` {negative}")
    );
}

#[test]
fn a_prefix_needs_room_for_a_prompt() {
    let spec = |tokens: u32| {
        let mut spec = chatty();
        spec.prefix.as_mut().unwrap().tokens = constant(tokens);
        spec.prefix.as_mut().unwrap().groups = 1;
        spec
    };
    assert_eq!(
        message(&spec(9000)),
        "`workload.generate.prefix.tokens` is 9000 for prefix 0, must be less than `workload.generate.max_prompt_tokens`, which is 9000"
    );
    let full = generate(&spec(8999), 0).unwrap();
    assert!(full.prompt_tokens.iter().all(|&tokens| tokens == 9000));
}

/// Time ends 1.8e10 s after it began.
#[test]
fn time_ends() {
    let spec = |requests, rate_per_s| GenerateSpec {
        requests,
        arrivals: Arrivals::Constant { rate_per_s },
        ..steady()
    };
    assert!(generate(&spec(18, 1e-9), 0).is_ok());
    assert_eq!(
        message(&spec(19, 1e-9)),
        "`workload.generate.arrivals` gives 18 of 19 requests before time ends at 2^64 ns (about 584 years), must give all"
    );
    assert!(message(&spec(1, 1e-30)).contains("gives 0 of 1 requests"));
    // A turn that never comes ends its session.
    let patient = GenerateSpec {
        sessions: Some(SessionSpec {
            turns: constant(2),
            think_s: constant(1e12),
        }),
        ..steady()
    };
    assert_eq!(generate(&patient, 0).unwrap().session, [0, 1, 2]);
}

#[test]
fn variations() {
    let rate_per_s = 2.0;
    for cv in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-4, 200.0] {
        for arrivals in [
            Arrivals::Gamma { rate_per_s, cv },
            Arrivals::Weibull { rate_per_s, cv },
        ] {
            assert_eq!(
                with(|it| it.arrivals = arrivals),
                format!("`workload.generate.arrivals.cv` is {cv}, must be from 0.001 to 100")
            );
        }
    }
}

fn of_states(states: &[(f64, f64, &[f64])]) -> String {
    let states = states.iter().map(|&(rate_per_s, mean_s, next)| MmppState {
        rate_per_s,
        mean_s,
        next: next.to_vec(),
    });
    let states = states.collect();
    with(|it| it.arrivals = Arrivals::Mmpp { states })
}

#[test]
fn states() {
    let list = "`workload.generate.arrivals.states";
    for states in [&[][..], &[(1.0, 1.0, &[][..])]] {
        assert_eq!(
            of_states(states),
            format!(
                "{list}` has {} elements, must have from 2 to 500",
                states.len()
            )
        );
    }
    let fine: (f64, f64, &[f64]) = (1.0, 1.0, &[]);
    let second = |state| of_states(&[fine, state]);
    for rate in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            second((rate, 1.0, &[])),
            format!("{list}[1].rate_per_s` is {rate}, must be not negative and finite")
        );
    }
    for mean in [0.0, -1.0, f64::NAN] {
        assert_eq!(
            second((1.0, mean, &[])),
            format!("{list}[1].mean_s` is {mean}, must be positive and finite")
        );
    }
    for (next, found) in [
        (&[1.0, 1.0][..], "1, must be 0 for the state itself"),
        (
            &[-1.0, 0.0],
            "-1, must be a list of weights that are not negative and finite",
        ),
        (
            &[0.0, 0.0],
            "0, must be a list of weights with a positive, finite sum",
        ),
    ] {
        assert_eq!(
            second((1.0, 1.0, next)),
            format!("{list}[1].next` is {found}")
        );
    }
    assert_eq!(
        second((1.0, 1.0, &[1.0])),
        format!("{list}[1].next` has 1 weights, must have 2, one for each state")
    );
    assert_eq!(
        of_states(&[(0.0, 1.0, &[]), (0.0, 1.0, &[])]),
        format!("{list}[0].rate_per_s` is 0, must be positive in this state or another")
    );
    // The third leads to the others, nobody leads there.
    let pair: [(f64, f64, &[f64]); 3] = [
        (1.0, 1.0, &[0.0, 1.0, 0.0]),
        (1.0, 1.0, &[1.0, 0.0, 0.0]),
        (1.0, 1.0, &[1.0, 1.0, 0.0]),
    ];
    assert_eq!(
        of_states(&pair),
        format!("{list}[0].next` never leads to state 2, must do so sooner or later")
    );
    let trap: [(f64, f64, &[f64]); 3] = [
        (1.0, 1.0, &[0.0, 1.0, 1.0]),
        (1.0, 1.0, &[0.0, 0.0, 1.0]),
        (1.0, 1.0, &[0.0, 1.0, 0.0]),
    ];
    assert_eq!(
        of_states(&trap),
        format!("{list}[1].next` never leads to state 0, must do so sooner or later")
    );
    assert_eq!(
        of_states(&[(1e-9, 1e-3, &[]), (0.0, 1e-3, &[])]),
        format!(
            "{list}` change 2.000e12 times from one arrival to the next, must change at most 100000 times"
        )
    );
}

#[test]
fn days() {
    let day = |period_s, amplitude, peak_at_s| {
        with(|it| {
            it.diurnal = Some(DiurnalSpec {
                period_s,
                amplitude,
                peak_at_s: Some(peak_at_s),
            });
        })
    };
    let name = "`workload.generate.diurnal";
    assert_eq!(
        day(0.0, 0.5, 0.0),
        format!("{name}.period_s` is 0, must be at least a millisecond")
    );
    assert_eq!(
        day(-1.0, 0.5, 0.0),
        format!("{name}.period_s` must give times: -1 s is negative")
    );
    for amplitude in [-0.1, 1.1, f64::NAN] {
        assert_eq!(
            day(1.0, amplitude, 0.0),
            format!("{name}.amplitude` is {amplitude}, must be from 0 to 1")
        );
    }
    assert_eq!(
        day(1.0, 0.5, -3.0),
        format!("{name}.peak_at_s` must give times: -3 s is negative")
    );
}

#[test]
fn spikes() {
    let fine = SpikeSpec {
        at_s: 1.0,
        duration_s: 1.0,
        factor: 2.0,
        every_s: Some(2.0),
    };
    let second = |spike| with(|it| it.spikes = vec![fine, spike]);
    let name = "`workload.generate.spikes[1]";
    let time = "must be a time, not negative and below 1.8e10 s";
    assert_eq!(
        second(SpikeSpec { at_s: -1.0, ..fine }),
        format!("{name}.at_s` is -1, {time}")
    );
    assert_eq!(
        second(SpikeSpec {
            duration_s: f64::NAN,
            ..fine
        }),
        format!("{name}.duration_s` is NaN, {time}")
    );
    assert_eq!(
        second(SpikeSpec {
            duration_s: 0.0,
            ..fine
        }),
        format!("{name}.duration_s` is 0, must be at least a millisecond")
    );
    for factor in [-1.0, f64::NAN, 1e7] {
        assert_eq!(
            second(SpikeSpec { factor, ..fine }),
            format!("{name}.factor` is {factor}, must be from 0 to 1e6")
        );
    }
    assert_eq!(
        second(SpikeSpec {
            every_s: Some(0.5),
            ..fine
        }),
        format!("{name}.every_s` is 0.5, must be at least `duration_s`")
    );
    // Nothing ever arrives again.
    let never = SpikeSpec {
        duration_s: 0.001,
        factor: 0.0,
        every_s: Some(0.001),
        ..fine
    };
    assert_eq!(
        second(never),
        "`workload.generate.spikes` begin or end 10000000 times from one arrival to the next, must let one arrive earlier"
    );
}

#[test]
fn arrivals_at_once_have_no_rate() {
    let at_once = |change: fn(&mut GenerateSpec)| {
        with(|it| {
            it.arrivals = Arrivals::AtOnce {};
            change(it);
        })
    };
    let message = "changes the rate of arrivals, which those of the process at-once do not have";
    assert_eq!(
        at_once(|it| it.diurnal = Some(DiurnalSpec::default())),
        format!("`workload.generate.diurnal` {message}")
    );
    assert_eq!(
        at_once(|it| {
            it.spikes = vec![SpikeSpec {
                at_s: 0.0,
                duration_s: 1.0,
                factor: 2.0,
                every_s: None,
            }];
        }),
        format!("`workload.generate.spikes` {message}")
    );
}

#[test]
fn correlations() {
    for length_correlation in [-1.1, 1.5, f64::NAN] {
        assert_eq!(
            with(|it| it.length_correlation = length_correlation),
            format!(
                "`workload.generate.length_correlation` is {length_correlation}, must be from -1 to 1"
            )
        );
    }
    let phases = || Law::PhaseType {
        initial: vec![1.0],
        generator: vec![vec![-0.01]],
    };
    let cases: [(&str, SetLaw); 2] = [
        ("prompt_tokens", |it, law| it.prompt_tokens = law),
        ("output_tokens", |it, law| it.output_tokens = law),
    ];
    for (field, change) in cases {
        let found = with(|it| {
            it.length_correlation = 0.5;
            change(it, phases());
        });
        assert_eq!(
            found,
            format!(
                "`workload.generate.{field}` is of the law phase_type, must be of one with an inverse distribution function for `workload.generate.length_correlation`"
            )
        );
    }
}
