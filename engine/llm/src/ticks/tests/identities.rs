//! Laws of every run.

use proptest::prelude::*;

use super::{Told, configs, lengths};
use crate::ticks::{GivenLengths, System, run};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn requests_and_steps_add_up(config in configs(), lengths in lengths()) {
        let mut told = Told::default();
        let summary = run(&config, &mut GivenLengths::new(&lengths), &mut told).unwrap();

        // Steps follow each other without a gap, in full slots at most, from 0 to the end.
        let mut clock = 0.0;
        let mut queued = 0;
        for steps in &told.steps {
            prop_assert_eq!(steps.start, clock);
            prop_assert!(steps.count >= 1 && steps.length >= 1.0);
            clock = steps.starts().last().unwrap() + steps.length;
            let levels = steps.levels;
            queued += steps.count * (levels.prefill_queue + levels.decode_queue);
            let fits = match config.system {
                System::Colocated { slots, .. } => levels.prefilling + levels.decoding <= slots,
                System::Disaggregated { prefill_slots, decode_slots } => {
                    levels.prefilling <= prefill_slots && levels.decoding <= decode_slots
                }
            };
            prop_assert!(fits);
        }
        prop_assert_eq!(clock, summary.duration_ticks);
        prop_assert!(clock >= config.end_ticks);
        prop_assert_eq!(queued as f64 / summary.steps as f64, summary.mean_queue);

        // Every request is told of once, and goes forward in time.
        let requests = told.by_creation();
        prop_assert!(requests.iter().map(|request| request.id).eq(0..summary.requests));
        let finished = requests.iter().filter(|request| request.finished.is_some());
        prop_assert_eq!(finished.count() as u64, summary.completed);
        let begun = requests.iter().filter(|request| request.first_token.is_some());
        prop_assert_eq!(begun.count() as u64, summary.first_tokens);
        for request in &requests {
            prop_assert!(request.started.is_none_or(|started| started >= request.added));
            prop_assert!(request.finished <= Some(clock));
            if let (Some(first), Some(last)) = (request.first_token, request.finished) {
                // A step takes at least a tick.
                prop_assert!(last - first >= f64::from(request.target_tokens - 1) * (1.0 - 1e-9));
                prop_assert!(request.tokens >= request.target_tokens);
            }
        }

        // First come, first served: whoever is created later does not start earlier. With two
        // pools, starts in both would be mixed.
        if let System::Disaggregated { .. } = config.system {
            return Ok(());
        }
        let started = requests.iter().map_while(|request| request.started);
        prop_assert!(started.clone().is_sorted());
        let served = requests.iter().filter(|request| request.started.is_some()).count();
        prop_assert_eq!(started.count(), served);
    }
}
