//! Several senders.

use kendall_llm::Source;

use super::super::generate;
use super::*;
use crate::workload::{DiurnalSpec, Generator, TenantSpec};

fn named(name: &str) -> TenantSpec {
    TenantSpec {
        name: name.to_owned(),
        ..TenantSpec::default()
    }
}

/// Conversations, plain requests that come in bursts, and what all share, on a coarse clock so that
/// there are ties.
fn three() -> GenerateSpec {
    GenerateSpec {
        arrival_resolution_s: 1.0,
        sessions: None,
        tenants: vec![
            TenantSpec {
                sessions: chatty().sessions,
                ..named("chat")
            },
            TenantSpec {
                arrivals: Some(Arrivals::Gamma {
                    rate_per_s: 4.0,
                    cv: 3.0,
                }),
                diurnal: Some(DiurnalSpec {
                    period_s: 50.0,
                    ..DiurnalSpec::default()
                }),
                length_correlation: Some(0.5),
                priority: Some(-3),
                ..named("jobs")
            },
            named("rest"),
        ],
        ..chatty()
    }
}

/// Everything that is drawn, row by row.
fn drawn(trace: &Trace, class: u16) -> Vec<(u64, u32, u32, usize)> {
    let ids = rows_of_ids(trace);
    let rows = (0..trace.len()).filter(|&row| trace.class[row] == class);
    rows.map(|row| {
        (
            trace.arrival[row].as_ns(),
            trace.prompt_tokens[row],
            trace.output_tokens[row],
            ids[row].len(),
        )
    })
    .collect()
}

#[test]
fn a_tenant_draws_the_same_whoever_is_beside_it() {
    let all = generate(&three(), 6).unwrap();
    for (class, tenant) in (0..).zip(three().tenants) {
        let alone = GenerateSpec {
            tenants: vec![tenant.clone()],
            ..three()
        };
        let reversed = GenerateSpec {
            tenants: three().tenants.into_iter().rev().collect(),
            ..three()
        };
        let own = drawn(&all, class);
        assert!(own.len() > 50, "{} rows of {}", own.len(), tenant.name);
        let alone = drawn(&generate(&alone, 6).unwrap(), 0);
        assert_eq!(own, alone[..own.len()], "{}", tenant.name);
        let reversed = drawn(&generate(&reversed, 6).unwrap(), 2 - class);
        let both = own.len().min(reversed.len());
        assert_eq!(own[..both], reversed[..both], "{}", tenant.name);
    }
}

#[test]
fn rows_are_merged_by_arrival_then_tenant() {
    let trace = generate(&three(), 6).unwrap();
    assert_eq!(trace.len(), 500);
    assert!(trace.arrival.iter().zip(&trace.class).is_sorted());
    let ties = trace.arrival.windows(2).zip(trace.class.windows(2));
    let ties = ties.filter(|(arrival, class)| arrival[0] == arrival[1] && class[0] != class[1]);
    assert!(ties.count() > 50);
    let priority = |class: &u16| if *class == 1 { -3 } else { 0 };
    let expected: Vec<i32> = trace.class.iter().map(priority).collect();
    assert_eq!(trace.priority, expected);
}

#[test]
fn sessions_are_numbered_as_they_appear() {
    let trace = generate(&three(), 6).unwrap();
    let mut seen = 0;
    for (&class, &session) in trace.class.iter().zip(&trace.session) {
        if class == 0 {
            assert!(session <= seen, "{session}");
            seen = seen.max(session + 1);
        } else {
            assert_eq!(session, Trace::NO_SESSION);
        }
    }
    assert!(seen > 20);
}

/// Blocks are a tenant's own, and numbered as they appear.
#[test]
fn tenants_share_no_blocks() {
    let trace = generate(&three(), 6).unwrap();
    let mut owner: Vec<u16> = Vec::new();
    for (&class, ids) in trace.class.iter().zip(rows_of_ids(&trace)) {
        for &id in ids {
            if id == owner.len() as u64 {
                owner.push(class);
            }
            assert_eq!(owner[id as usize], class);
        }
    }
}

#[test]
fn stretches_make_up_the_whole() {
    let whole = generate(&three(), 6).unwrap();
    let mut generator = Generator::new(&three(), 6).unwrap().limited(321);
    generator.stretch_rows = 17;
    let mut given = Trace::default();
    while let Some(rows) = generator.next_rows() {
        given.arrival.extend(rows.arrival);
        given.class.extend(rows.class);
        given.priority.extend(rows.priority);
        given.session.extend(rows.session);
        given.prompt_tokens.extend(rows.prompt_tokens);
    }
    generator.ended().unwrap();
    assert_eq!(given.arrival, whole.arrival[..321]);
    assert_eq!(given.class, whole.class[..321]);
    assert_eq!(given.priority, whole.priority[..321]);
    assert_eq!(given.session, whole.session[..321]);
    assert_eq!(given.prompt_tokens, whole.prompt_tokens[..321]);
}

/// Who has come to the end of time leaves the rows to the others.
#[test]
fn others_go_on_when_one_ends() {
    let rare = TenantSpec {
        arrivals: Some(Arrivals::Constant { rate_per_s: 1e-9 }),
        ..named("rare")
    };
    let spec = |tenants, requests| GenerateSpec {
        tenants,
        requests,
        arrivals: Arrivals::Constant { rate_per_s: 1e-8 },
        ..steady()
    };
    let trace = generate(&spec(vec![rare.clone(), named("rest")], 202), 0).unwrap();
    assert_eq!(trace.class.iter().filter(|&&class| class == 0).count(), 18);
    let error = generate(&spec(vec![rare, named("rest")], 203), 0).unwrap_err();
    assert!(
        error.to_string().contains("gives 202 of 203 requests"),
        "{error}"
    );
}

#[test]
fn what_is_left_out_is_shared() {
    let shared = GenerateSpec {
        prompt_tokens: constant(7),
        length_correlation: 0.3,
        priority: 5,
        ..chatty()
    };
    let own = TenantSpec {
        output_tokens: Some(constant(9)),
        max_prompt_tokens: Some(11),
        spikes: Some(vec![]),
        ..named("own")
    };
    let expected = GenerateSpec {
        output_tokens: constant(9),
        max_prompt_tokens: 11,
        ..shared.clone()
    };
    assert_eq!(own.over(&shared), expected);
    assert_eq!(named("all").over(&shared), shared);
}

fn message(change: impl FnOnce(&mut GenerateSpec)) -> String {
    let mut spec = three();
    change(&mut spec);
    generate(&spec, 0).unwrap_err().to_string()
}

#[test]
fn tenants_at_fault_are_named() {
    assert_eq!(
        message(|spec| spec.tenants[1].name = "chat".to_owned()),
        "`workload.generate.tenants[1].name` is `chat`, must be unlike that of every other tenant"
    );
    assert_eq!(
        message(|spec| spec.tenants[2].name.clear()),
        "`workload.generate.tenants[2].name` is ``, must be a name"
    );
    assert_eq!(
        message(|spec| spec.tenants[1].max_output_tokens = Some(0)),
        "tenant `jobs`: `workload.generate.max_output_tokens` is 0, must be at least 1"
    );
    // What shows only later, too.
    let found = message(|spec| {
        spec.tenants[0].sessions = Some(SessionSpec {
            turns: constant(2),
            think_s: constant(-1.0),
        });
    });
    assert_eq!(
        found,
        "tenant `chat`: `workload.generate.sessions.think_s` must give times: -1 s is negative"
    );
    assert_eq!(
        message(|spec| spec.tenants = vec![named("x"); 65_537]),
        "`workload.generate.tenants` has 65537 elements, must have at most 65536"
    );
}

/// Who does not follow the day that all share sends as if there were none.
#[test]
fn a_tenant_may_do_without_the_shared_day() {
    let day = |amplitude| {
        Some(DiurnalSpec {
            amplitude,
            period_s: 50.0,
            ..DiurnalSpec::default()
        })
    };
    let alone = |arrivals, own| TenantSpec {
        arrivals: Some(arrivals),
        diurnal: own,
        ..named("alone")
    };
    let of_all = |diurnal, tenant| GenerateSpec {
        diurnal,
        tenants: vec![tenant],
        ..chatty()
    };
    for arrivals in [Arrivals::AtOnce {}, Arrivals::Poisson { rate_per_s: 3.0 }] {
        let without = generate(&of_all(None, alone(arrivals.clone(), None)), 5).unwrap();
        let flat = of_all(day(0.8), alone(arrivals.clone(), day(0.0)));
        assert_eq!(generate(&flat, 5).unwrap(), without);
        let shared = generate(&of_all(day(0.8), alone(arrivals, None)), 5);
        assert_ne!(shared.ok(), Some(without));
    }
}
