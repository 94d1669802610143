//! Specifications that cannot be generated, and what is said about them.

use kendall_kernel::Law;

use super::super::generate;
use super::*;

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
