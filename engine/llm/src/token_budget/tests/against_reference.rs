//! Merged batches give what single ones do.

use kendall_kernel::Streams;
use proptest::prelude::*;

use super::{cases, reference};
use crate::token_budget::{Blocked, Ending, Rules, run};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn times_and_batches_are_those_of_single_steps(
        config in cases::config(),
        workload in cases::workload(),
    ) {
        let outcome = run(&workload, &config, Streams::new(0)).unwrap();
        let plain = reference::simulate(&workload, &config);
        prop_assert_eq!(&outcome.times, &plain.times);
        prop_assert_eq!(outcome.batches, plain.batches);
        prop_assert_eq!(&outcome.partial, &plain.partial);

        let unserved = outcome.times.iter().filter(|times| !times.is_done()).count();
        let left = match outcome.ending {
            Ending::Drained => 0,
            Ending::Blocked { left, .. } => left as usize,
        };
        prop_assert_eq!(unserved, left);
        if config.rules == Rules::Corrected {
            prop_assert_eq!(outcome.ending, Ending::Drained);
        }
    }

    /// The cause that a blocked run names is there.
    #[test]
    fn a_blocked_run_says_why(config in cases::config(), workload in cases::workload()) {
        let outcome = run(&workload, &config, Streams::new(0)).unwrap();
        if let Ending::Blocked { cause, .. } = outcome.ending {
            match cause {
                Blocked::HeadOfLine { request, tokens, max_tokens } => {
                    let prompt = workload.prompt_tokens[request as usize];
                    prop_assert!(tokens > max_tokens && prompt >= tokens);
                    let behind = &outcome.times[request as usize..];
                    prop_assert!(behind.iter().all(|times| !times.is_done()));
                }
                Blocked::LostChunks { requests } => {
                    let without = outcome.times.iter().filter(|times| !times.is_done()).count();
                    prop_assert!(requests > 0 && requests as usize <= without);
                }
                Blocked::NoDecodeSlot | Blocked::NoPrefillSlot => {
                    prop_assert!(!config.warnings(1).is_empty());
                }
            }
        }
    }
}
