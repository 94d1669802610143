//! Order, times, lengths and ids: by hand, and as identities on random traces.

use std::collections::BTreeSet;

use kendall_kernel::Law;

use super::super::{BLOCK_TOKENS, generate};
use super::*;

#[test]
fn equal_gaps_and_lengths_by_hand() {
    let trace = generate(&steady(), 7).unwrap();
    assert_eq!(arrivals_ms(&trace), [1000, 2000, 3000]);
    assert_eq!(trace.prompt_tokens, [1000; 3]);
    assert_eq!(trace.output_tokens, [100; 3]);
    assert_eq!(rows_of_ids(&trace), [&[0, 1], &[2, 3], &[4, 5]]);
    assert!(trace.session.is_empty());
    let rounding = GenerateSpec {
        arrivals: Arrivals::Constant { rate_per_s: 3.0 },
        ..steady()
    };
    let trace = generate(&rounding, 7).unwrap();
    let ns: Vec<u64> = trace.arrival.iter().map(|time| time.as_ns()).collect();
    assert_eq!(ns, [333_333_333, 666_666_667, 1_000_000_000]);
}

/// Two sessions of three turns, a quarter second after each other; a prefix of 600 tokens, of
/// which one block is whole.
#[test]
fn three_turns_by_hand() {
    let spec = GenerateSpec {
        requests: 6,
        arrivals: Arrivals::Constant { rate_per_s: 4.0 },
        prompt_tokens: constant(700),
        output_tokens: constant(236),
        prefix: Some(PrefixSpec {
            groups: 1,
            zipf: 0.0,
            tokens: constant(600),
        }),
        sessions: Some(SessionSpec {
            turns: constant(3),
            think_s: constant(0.25),
        }),
        ..GenerateSpec::default()
    };
    let trace = generate(&spec, 0).unwrap();
    assert_eq!(arrivals_ms(&trace), [250, 500, 500, 750, 750, 750]);
    assert_eq!(trace.session, [0, 0, 1, 0, 1, 2]);
    // 600 + 700, then 236 + 700 more each turn.
    assert_eq!(trace.prompt_tokens, [1300, 2236, 1300, 3172, 2236, 1300]);
    // Block 0 is the prefix; of a session's turns the full blocks come again, 2 of 1,300 tokens
    // and 4 of 2,236; the last, partly filled one does not.
    assert_eq!(
        rows_of_ids(&trace),
        [
            &[0, 1, 2][..],
            &[0, 1, 3, 4, 5],
            &[0, 6, 7],
            &[0, 1, 3, 4, 8, 9, 10],
            &[0, 6, 11, 12, 13],
            &[0, 14, 15],
        ]
    );
}

#[test]
fn a_session_ends_before_its_prompt_is_too_long() {
    let mut spec = GenerateSpec {
        requests: 4,
        max_prompt_tokens: 2100,
        sessions: Some(SessionSpec {
            turns: constant(9),
            think_s: constant(0.0),
        }),
        ..steady()
    };
    let trace = generate(&spec, 0).unwrap();
    assert_eq!(trace.prompt_tokens, [1000, 2100, 1000, 2100]);
    assert_eq!(trace.session, [0, 0, 1, 1]);
    spec.max_prompt_tokens = 600;
    let trace = generate(&spec, 0).unwrap();
    assert_eq!(trace.prompt_tokens, [600; 4], "a first prompt is cut");
    assert_eq!(trace.session, [0, 1, 2, 3]);
}

#[test]
fn groups_arrive_together() {
    let spec = GenerateSpec {
        requests: 7,
        arrivals: Arrivals::Batch {
            rate_per_s: 1.0,
            size: constant(3),
        },
        ..steady()
    };
    let trace = generate(&spec, 0).unwrap();
    let groups = trace.arrival.chunk_by(|a, b| a == b);
    assert_eq!(groups.map(<[_]>::len).collect::<Vec<_>>(), [3, 3, 1]);
    let at_once = GenerateSpec {
        arrivals: Arrivals::AtOnce {},
        ..steady()
    };
    let trace = generate(&at_once, 0).unwrap();
    assert_eq!(arrivals_ms(&trace), [0; 3]);
}

#[test]
fn times_are_rounded_down_to_the_resolution() {
    let spec = GenerateSpec {
        arrivals: Arrivals::Renewal {
            gap_s: constant(0.0029),
        },
        arrival_resolution_s: 0.001,
        ..steady()
    };
    let trace = generate(&spec, 0).unwrap();
    assert_eq!(arrivals_ms(&trace), [2, 5, 8]);
}

/// Turns that follow at once and sessions that start together: ties in every row.
fn tied() -> GenerateSpec {
    GenerateSpec {
        arrivals: Arrivals::Batch {
            rate_per_s: 1.0,
            size: Law::Uniform {
                min: 1.0,
                max: 20.0,
            },
        },
        arrival_resolution_s: 3.0,
        ..chatty()
    }
}

/// A trace cut too early would lack rows of sessions that were never started.
#[test]
fn a_shorter_trace_is_the_beginning_of_a_longer_one() {
    let plain = GenerateSpec {
        sessions: None,
        ..chatty()
    };
    for spec in [chatty(), tied(), plain] {
        let long = generate(&spec, 3).unwrap();
        for requests in [1, 2, 17, 100, 499] {
            let rows = requests as usize;
            let short = generate(
                &GenerateSpec {
                    requests,
                    ..spec.clone()
                },
                3,
            );
            let short = short.unwrap();
            assert_eq!(short.len(), rows);
            assert_eq!(short.arrival, long.arrival[..rows]);
            assert_eq!(short.prompt_tokens, long.prompt_tokens[..rows]);
            assert_eq!(short.output_tokens, long.output_tokens[..rows]);
            let sessions = &long.session[..rows.min(long.session.len())];
            assert_eq!(short.session, sessions);
            assert_eq!(rows_of_ids(&short), rows_of_ids(&long)[..rows]);
        }
    }
}

#[test]
fn rows_are_ordered_and_sessions_numbered_as_they_appear() {
    for spec in [chatty(), tied()] {
        let trace = generate(&spec, 11).unwrap();
        let order = trace.arrival.iter().zip(&trace.session);
        assert!(order.is_sorted());
        let mut seen = 0;
        for &session in &trace.session {
            assert!(session <= seen);
            seen = seen.max(session + 1);
        }
        assert!(seen > 50 && seen < 400, "{seen} sessions");
    }
}

/// With an infinite cache a turn finds exactly the full blocks of the turn before it, a first turn
/// at most the whole blocks of its prefix.
#[test]
fn blocks_are_shared_along_sessions_and_prefixes_only() {
    let spec = chatty();
    let trace = generate(&spec, 5).unwrap();
    let rows = rows_of_ids(&trace);
    let mut seen = BTreeSet::new();
    let mut heads = BTreeSet::new();
    let mut last_turn: Vec<usize> = vec![];
    for (row, ids) in rows.iter().enumerate() {
        let blocks = trace.prompt_tokens[row].div_ceil(BLOCK_TOKENS);
        assert_eq!(ids.len(), blocks as usize);
        let hits = ids.iter().take_while(|id| seen.contains(*id)).count();
        assert!(ids[hits..].iter().all(|id| !seen.contains(id)));
        match last_turn.get_mut(trace.session[row] as usize) {
            Some(before) => {
                let full = (trace.prompt_tokens[*before] / BLOCK_TOKENS) as usize;
                assert_eq!(hits, full);
                assert_eq!(ids[..full], rows[*before][..full]);
                let grown = trace.prompt_tokens[*before] + trace.output_tokens[*before];
                assert!(trace.prompt_tokens[row] > grown);
                *before = row;
            }
            None => {
                // Six blocks would be 3,072 tokens, more than any prefix.
                assert!(hits < 6);
                if hits > 0 {
                    heads.insert(&ids[..hits]);
                }
                last_turn.push(row);
            }
        }
        let fresh = ids[hits..].iter().copied();
        let expected = seen.len() as u64..;
        assert!(
            fresh.clone().eq(expected.take(ids.len() - hits)),
            "not dense"
        );
        seen.extend(fresh);
    }
    assert!(
        heads.len() > 1 && heads.len() <= 5,
        "{} prefixes",
        heads.len()
    );
}
