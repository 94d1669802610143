//! Ways of running that must not differ in anything they tell.

use kendall_llm::EventSetKind;
use proptest::prelude::*;

use crate::cases::cases;
use crate::ledger::{run, run_without_detail};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_shortcut_through_the_running_list_changes_nothing(case in cases()) {
        let mut in_order = case.config.clone();
        in_order.in_order_only = true;
        let (quick, slow) = (run(&case.trace, &case.config), run(&case.trace, &in_order));
        match (quick, slow) {
            (Ok((quick, quick_stats)), Ok((slow, slow_stats))) => {
                prop_assert_eq!(&quick.scheduled, &slow.scheduled);
                prop_assert_eq!(&quick.outputs, &slow.outputs);
                prop_assert_eq!(&quick.requests, &slow.requests);
                prop_assert_eq!(&quick.steps, &slow.steps);
                prop_assert_eq!(quick.sorted_gaps(), slow.sorted_gaps());
                prop_assert_eq!(quick_stats, slow_stats);
            }
            (quick, slow) => prop_assert_eq!(quick.is_err(), slow.is_err()),
        }
    }

    /// With block ids, the cache is kept block by block; without, in segments.
    #[test]
    fn block_ids_change_nothing(case in cases()) {
        let with_ids = run(&case.trace, &case.config);
        let without = run_without_detail(&case.trace, &case.config);
        let summary = with_ids.map(|(ledger, stats)| (ledger.without_detail(), stats));
        prop_assert_eq!(without, summary);
    }

    #[test]
    fn the_event_set_changes_nothing(case in cases()) {
        let mut heap = case.config.clone();
        heap.event_set = EventSetKind::Heap;
        prop_assert_eq!(run(&case.trace, &case.config), run(&case.trace, &heap));
    }
}
