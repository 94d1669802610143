//! Ways of running that must not differ in anything they tell.

use kendall_kernel::Dur;
use kendall_llm::{EngineError, EventSetKind, FleetConfig, RequestRecord, RunStats, StepRecord};
use proptest::prelude::*;

use crate::cases::{Case, many, varied_cases};
use crate::ledger::{Ledger, run, run_streamed, run_with};
use crate::stretches::Stretches;

/// What a run tells, however its steps are bundled.
#[derive(Debug, PartialEq)]
struct Told {
    requests: Vec<RequestRecord>,
    gaps: Vec<Dur>,
    arrived: Vec<u32>,
    stats: RunStats,
}

fn told<const STEPS: bool, const DETAIL: bool>(
    case: &Case,
    config: &FleetConfig,
) -> Result<(Told, Vec<StepRecord>), EngineError> {
    let (ledger, stats): (Ledger<STEPS, DETAIL>, RunStats) = run_with(&case.trace, config)?;
    let steps = ledger.steps_by_instance();
    let told = Told {
        gaps: ledger.sorted_gaps(),
        requests: ledger.requests,
        arrived: ledger.arrived,
        stats,
    };
    Ok((told, steps))
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn merging_steps_changes_nothing(case in varied_cases()) {
        let single = case.with(|config| config.merge_steps = false);
        let in_order = case.with(|config| config.in_order_only = true);
        match told::<true, true>(&case, &single) {
            Ok((expected, steps)) => {
                let (merged, merged_steps) = told::<true, false>(&case, &case.config).unwrap();
                prop_assert_eq!(&merged_steps, &steps);
                prop_assert_eq!(&merged, &expected);
                let (without_steps, _) = told::<false, false>(&case, &case.config).unwrap();
                prop_assert_eq!(&without_steps, &expected);
                let (plain, plain_steps) = told::<true, false>(&case, &single).unwrap();
                prop_assert_eq!(&plain_steps, &steps);
                prop_assert_eq!(&plain, &expected);
                let (walked, _) = told::<false, false>(&case, &in_order).unwrap();
                prop_assert_eq!(&walked, &expected);
            }
            Err(error) => {
                prop_assert_eq!(told::<true, false>(&case, &case.config), Err(error.clone()));
                prop_assert_eq!(told::<true, false>(&case, &single), Err(error));
                prop_assert!(told::<false, false>(&case, &case.config).is_err());
            }
        }
    }

    #[test]
    fn streaming_changes_nothing(case in varied_cases(), length in 1..9_usize) {
        let mut source = Stretches::of(&case.trace, length);
        let streamed = run_streamed(&mut source, &case.config);
        prop_assert_eq!(streamed, run(&case.trace, &case.config));
    }

    #[test]
    fn the_event_set_changes_nothing(case in varied_cases()) {
        let heap = case.with(|config| config.event_set = EventSetKind::Heap);
        prop_assert_eq!(run(&case.trace, &case.config), run(&case.trace, &heap));
        prop_assert_eq!(
            told::<false, false>(&case, &case.config),
            told::<false, false>(&case, &heap)
        );
    }
}
