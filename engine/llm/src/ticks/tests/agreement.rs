//! Merged steps against single ones.

use proptest::prelude::*;

use super::naive::{self, Step};
use super::{Told, configs, lengths};
use crate::ticks::{GivenLengths, run};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Every step, every request, every figure, to the bit.
    #[test]
    fn steps_are_those_taken_one_by_one(config in configs(), lengths in lengths()) {
        let mut told = Told::default();
        let summary = run(&config, &mut GivenLengths::new(&lengths), &mut told).unwrap();
        let naive = naive::run(&config, &lengths);
        let steps = told.steps.iter().flat_map(|steps| {
            steps.starts().map(|start| Step {
                start,
                length: steps.length,
                levels: steps.levels,
            })
        });
        prop_assert_eq!(&steps.collect::<Vec<_>>(), &naive.steps);
        prop_assert_eq!(&told.by_creation(), &naive.requests);

        prop_assert_eq!(summary.steps, naive.steps.len() as u64);
        prop_assert_eq!(summary.duration_ticks.to_bits(), naive.end.to_bits());
        prop_assert_eq!(summary.requests, naive.requests.len() as u64);
        prop_assert_eq!(summary.first_tokens, naive.ttft.len() as u64);
        prop_assert_eq!(summary.completed, naive.e2e.len() as u64);
        prop_assert_eq!(summary.completed_tokens, naive.completed_tokens);
        prop_assert_eq!(summary.tokens_in_slots, naive.tokens_in_slots);
        let queues = || {
            let levels = naive.steps.iter().map(|step| step.levels);
            levels.map(|levels| levels.prefill_queue + levels.decode_queue)
        };
        prop_assert_eq!(Some(summary.queue), queues().next_back());
        prop_assert_eq!(Some(summary.max_queue), queues().max());
        let mean = queues().sum::<u64>() as f64 / naive.steps.len() as f64;
        prop_assert_eq!(summary.mean_queue, mean);

        let spreads = [
            (summary.ttft_ticks, &naive.ttft),
            (summary.e2e_ticks, &naive.e2e),
            (summary.itl_ticks, &naive.gaps),
        ];
        prop_assert_eq!(summary.gaps, naive.gaps.len() as u64);
        for (spread, values) in spreads {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            match spread.mean {
                None => prop_assert!(values.is_empty()),
                // As many additions, each of which may round by half a unit in the last place.
                Some(ours) => prop_assert!(
                    (ours - mean).abs() <= mean * f64::EPSILON * values.len() as f64
                ),
            }
            prop_assert_eq!(spread.max, sorted.last().copied());
            if values.len() % 2 == 1 {
                prop_assert_eq!(spread.p50, Some(sorted[values.len() / 2]));
            }
        }
    }
}
