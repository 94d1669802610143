//! The faults of the original, one by one, and that they are gone under corrected rules.

use kendall_kernel::{Law, Streams, Time};

use super::cases::requests;
use crate::token_budget::{
    Blocked, Config, Ending, Load, Outcome, Rules, Scheduler, Service, ServiceLaw, TokenLaw,
    Warning, Workload, run,
};

fn config(scheduler: Scheduler, rules: Rules) -> Config {
    Config {
        scheduler,
        rules,
        gpus: 1,
        max_sequences: 1000,
        max_resident: None,
        max_tokens: 100,
        chunk_tokens: Some(64),
        service: Service {
            c_ms: 0.001,
            a_ms: 0.0,
            b0_tokens: 0,
            law: ServiceLaw::Deterministic,
        },
    }
}

fn outcome(workload: &Workload, config: &Config) -> Outcome {
    run(workload, config, Streams::new(1)).unwrap()
}

const HYBRID: Scheduler = Scheduler::Hybrid { decode_share: 0.5 };

/// The first request keeps the GPU busy until two others are there, so that they share a batch; the
/// chunk of the second of them is cut from 64 to 36 tokens, and 28 are lost.
fn two_prompts() -> Workload {
    requests(&[(0, 1, 0), (1, 64, 2), (1, 64, 2), (50, 10, 3)])
}

#[test]
fn a_cut_chunk_is_lost_and_its_request_never_finishes() {
    let workload = two_prompts();
    let lossy = outcome(&workload, &config(HYBRID, Rules::Orie5580));
    let cause = Blocked::LostChunks { requests: 1 };
    assert_eq!(lossy.ending, Ending::Blocked { cause, left: 1 });
    // The request in the middle is lost, those around it are served.
    let done: Vec<bool> = lossy.times.iter().map(|times| times.is_done()).collect();
    assert_eq!(done, [true, true, false, true]);

    let corrected = outcome(&workload, &config(HYBRID, Rules::Corrected));
    assert_eq!(corrected.ending, Ending::Drained);
    // One batch of 100 prompt tokens, one with the other 28.
    assert_eq!(corrected.times[2].prefill_done, Time::from_ns(3000));
}

#[test]
fn with_prompts_first_a_lost_chunk_stops_everybody() {
    let workload = two_prompts();
    let scheduler = Scheduler::PrefillPrioritizing;
    let lossy = outcome(&workload, &config(scheduler, Rules::Orie5580));
    let cause = Blocked::LostChunks { requests: 1 };
    assert_eq!(lossy.ending, Ending::Blocked { cause, left: 3 });
    // Prompts are still computed, also of who comes later.
    assert_ne!(lossy.times[3].prefill_done, Time::MAX);
    let corrected = outcome(&workload, &config(scheduler, Rules::Corrected));
    assert_eq!(corrected.ending, Ending::Drained);
}

#[test]
fn a_prompt_beyond_the_budget_blocks_all_behind_it() {
    let workload = requests(&[(0, 10, 5), (100, 250, 5), (200, 10, 5), (300, 10, 5)]);
    let scheduler = Scheduler::DecodePrioritizing;
    let original = Config {
        chunk_tokens: None,
        ..config(scheduler, Rules::Orie5580)
    };
    let blocked = outcome(&workload, &original);
    let cause = Blocked::HeadOfLine {
        request: 1,
        tokens: 250,
        max_tokens: 100,
    };
    assert_eq!(blocked.ending, Ending::Blocked { cause, left: 3 });
    assert_eq!(
        blocked.ending.to_string(),
        "blocked with 3 requests left: request 1 needs 250 tokens at once, a batch holds 100"
    );
    // It ends with the last batch, and does not tick on.
    assert_eq!(blocked.end, blocked.times[0].done);
    assert_eq!(blocked.batches, 6);
    assert!(matches!(
        original.warnings(250)[..],
        [Warning::LongPrompts {
            prompt_tokens: 250,
            ..
        }]
    ));

    let corrected = Config {
        rules: Rules::Corrected,
        ..original
    };
    let served = outcome(&workload, &corrected);
    assert_eq!(served.ending, Ending::Drained);
    // 250 tokens in batches of 100, 100 and 50.
    assert_eq!(served.times[1].prefill_done, Time::from_ns(103_000));
}

#[test]
fn a_share_that_leaves_no_slot_is_told_and_starves_one_side() {
    let workload = requests(&[(0, 10, 5), (3, 10, 5)]);
    for (decode_share, side, cause) in [
        (0.1, "decode", Blocked::NoDecodeSlot),
        (1.0, "prefill", Blocked::NoPrefillSlot),
    ] {
        let original = Config {
            max_sequences: 8,
            ..config(Scheduler::Hybrid { decode_share }, Rules::Orie5580)
        };
        let told = original.warnings(10);
        assert!(
            matches!(told[..], [Warning::NoSlot { side: of, corrected: false, .. }] if of == side),
            "{told:?}"
        );
        let starved = outcome(&workload, &original);
        assert_eq!(starved.ending, Ending::Blocked { cause, left: 2 });
        for max_sequences in [1, 2, 8] {
            let corrected = Config {
                rules: Rules::Corrected,
                max_sequences,
                ..original
            };
            assert_eq!(outcome(&workload, &corrected).ending, Ending::Drained);
        }
    }
}

/// Demo 3 of the original at 40 requests per second for 200 s: with prompts first about 1.5 of 8000
/// requests are served before the first chunk is lost; with both at once, all but those that lose
/// a chunk, some 4 %.
#[test]
fn the_saturated_demo_locks_up() {
    let load = Load {
        rate_per_s: 40.0,
        window_s: 200.0,
        prompt_tokens: TokenLaw::new(
            Law::Lognormal {
                mu: 3.2764,
                sigma: 1.5201,
            },
            1,
        ),
        output_tokens: TokenLaw::new(Law::Geometric { p: 0.0056 }, 1).at_most(1024),
    };
    let workload = load.draw(Streams::new(3)).unwrap();
    let demo = |scheduler, rules| Config {
        max_tokens: 2048,
        service: Service {
            c_ms: 45.5,
            a_ms: 0.3,
            b0_tokens: 64,
            law: ServiceLaw::Deterministic,
        },
        ..config(scheduler, rules)
    };
    let left = |scheduler, rules| match outcome(&workload, &demo(scheduler, rules)).ending {
        Ending::Drained => 0.0,
        Ending::Blocked { left, .. } => f64::from(left) / workload.len() as f64,
    };
    assert!(left(Scheduler::PrefillPrioritizing, Rules::Orie5580) > 0.99);
    let lost = left(HYBRID, Rules::Orie5580);
    assert!(lost > 0.01 && lost < 0.1, "{lost}");
    for scheduler in [
        Scheduler::PrefillPrioritizing,
        HYBRID,
        Scheduler::DecodePrioritizing,
    ] {
        assert_eq!(left(scheduler, Rules::Corrected), 0.0);
    }
}
