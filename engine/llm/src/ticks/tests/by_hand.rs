//! Small runs worked out on paper.

use super::{Told, colocated};
use crate::ticks::{
    Batching, Config, FlowLog, GivenLengths, Lengths, Load, OutputLength, System, TickError, Work,
    run,
};
use kendall_kernel::Streams;

/// Two requests of four tokens in two slots: prefills add up to four ticks, three more tokens take
/// one each, and the gap after the first is not counted.
#[test]
fn prefills_add_up_and_decodes_do_not() {
    let config = colocated(2, Batching::Static, Load::Batch { requests: 2 });
    let config = Config {
        end_ticks: 10.0,
        ..config
    };
    let summary = run(&config, &mut GivenLengths::new(&[4, 4]), &mut ()).unwrap();
    assert_eq!(summary.ttft_ticks.mean, Some(4.0));
    assert_eq!(summary.e2e_ticks.mean, Some(7.0));
    assert_eq!((summary.gaps, summary.itl_ticks.max), (4, Some(1.0)));
    assert_eq!((summary.steps, summary.duration_ticks), (7, 10.0));
    assert_eq!(summary.requests_per_1k, 200.0);
    assert_eq!(summary.tokens_per_1k, 800.0);
}

/// A second request joins a decoding one: its prefill of three chunks of two ticks stretches three
/// steps, and of those the first brings the other's second token, a gap that is not counted.
#[test]
fn chunks_stretch_the_steps_of_those_who_decode() {
    let config = Config {
        work: Work {
            prefill_ticks: 6.0,
            prefill_chunks: 3,
            itl_ticks: 1.5,
        },
        end_ticks: 24.0,
        ..colocated(2, Batching::OnePrefill, Load::Batch { requests: 2 })
    };
    let mut told = Told::default();
    let summary = run(&config, &mut GivenLengths::new(&[8, 2]), &mut told).unwrap();
    let requests = told.by_creation();
    assert_eq!(requests[0].first_token, Some(6.0));
    // Admitted with the other's first token.
    assert_eq!(requests[1].started, Some(6.0));
    assert_eq!(requests[1].first_token, Some(12.0));
    assert_eq!(requests[1].finished, Some(13.5));
    // 6, three stretched steps, four of 1.5 ticks.
    assert_eq!(requests[0].finished, Some(18.0));
    assert_eq!(summary.gaps, 6);
    assert_eq!(summary.itl_ticks.mean, Some((2.0 * 2.0 + 4.0 * 1.5) / 6.0));
}

#[test]
fn pools_keep_step_with_each_other() {
    let config = Config {
        system: System::Disaggregated {
            prefill_slots: 1,
            decode_slots: 1,
        },
        end_ticks: 9.0,
        ..colocated(1, Batching::Static, Load::Batch { requests: 3 })
    };
    let mut log = FlowLog::default();
    run(&config, &mut GivenLengths::new(&[3, 1, 2]), &mut log).unwrap();
    // The second needs one token, and stays in decode for a step.
    assert_eq!(
        log.text,
        "Time: 0.00 | PrefillQ: 2 | PrefillSlots: 1 | DecodeQ: 0 | DecodeSlots: 0 | Completed: 0\n\
         Time: 2.00 | PrefillQ: 1 | PrefillSlots: 1 | DecodeQ: 0 | DecodeSlots: 1 | Completed: 0\n\
         Time: 4.00 | PrefillQ: 0 | PrefillSlots: 1 | DecodeQ: 1 | DecodeSlots: 1 | Completed: 0\n\
         Time: 6.00 | PrefillQ: 0 | PrefillSlots: 0 | DecodeQ: 1 | DecodeSlots: 1 | Completed: 1\n\
         Time: 7.00 | PrefillQ: 0 | PrefillSlots: 0 | DecodeQ: 0 | DecodeSlots: 1 | Completed: 2\n\
         Time: 8.00 | PrefillQ: 0 | PrefillSlots: 0 | DecodeQ: 0 | DecodeSlots: 0 | Completed: 3\n"
    );
}

#[test]
fn what_cannot_run_is_refused() {
    let good = colocated(4, Batching::InFlight, Load::Rate { per_tick: 0.5 });
    let refused = |config: Config| match run(&config, &mut GivenLengths::new(&[]), &mut ()) {
        Err(TickError::OutOfRange { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let with_work = |work| Config { work, ..good };
    let work = Work::default();
    let rate = |per_tick| Config {
        load: Load::Rate { per_tick },
        ..good
    };
    for (config, field) in [
        (colocated(0, Batching::Static, good.load), "slots"),
        (rate(0.0), "per_tick"),
        (rate(f64::NAN), "per_tick"),
        (
            Config {
                end_ticks: 0.0,
                ..good
            },
            "end_ticks",
        ),
        (
            Config {
                end_ticks: f64::INFINITY,
                ..good
            },
            "end_ticks",
        ),
        (
            with_work(Work {
                prefill_ticks: -1.0,
                ..work
            }),
            "prefill_ticks",
        ),
        (
            with_work(Work {
                itl_ticks: f64::NAN,
                ..work
            }),
            "itl_ticks",
        ),
        (
            with_work(Work {
                prefill_chunks: 0,
                ..work
            }),
            "prefill_chunks",
        ),
        (
            Config {
                end_ticks: 1e12,
                ..rate(1e4)
            },
            "per_tick",
        ),
    ] {
        assert_eq!(refused(config), field);
    }
    let error = run(&good, &mut GivenLengths::new(&[3, 3]), &mut ());
    assert_eq!(error, Err(TickError::NoLength { created: 2 }));
}

#[test]
fn laws_of_lengths_are_checked() {
    let law = OutputLength {
        mean_tokens: 10.0,
        sd_tokens: -1.0,
    };
    let refused = law.draw(&Streams::new(1)).err();
    assert!(
        matches!(
            refused,
            Some(TickError::OutOfRange {
                field: "sd_tokens",
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn drawn_lengths_are_rounded_down_and_at_least_one() {
    let law = OutputLength {
        mean_tokens: 2.5,
        sd_tokens: 0.0,
    };
    let mut constant = law.draw(&Streams::new(1)).unwrap();
    assert_eq!(constant.next_length(), Some(2));
    let law = OutputLength {
        mean_tokens: 0.0,
        sd_tokens: 3.0,
    };
    let mut lengths = law.draw(&Streams::new(1)).unwrap();
    let drawn: Vec<u32> = (0..1000).filter_map(|_| lengths.next_length()).collect();
    assert_eq!(drawn.len(), 1000);
    assert_eq!(drawn.iter().min(), Some(&1));
    // P(X < 2) = 0.7475 for a normal X of mean 0 and deviation 3, give or take five binomial
    // standard errors of 0.0137.
    let ones = drawn.iter().filter(|&&length| length == 1).count() as f64 / 1000.0;
    assert!((ones - 0.7475).abs() < 5.0 * 0.0137, "{ones}");
}
