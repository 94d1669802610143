//! The engine against the plain rules, step for step.

use kendall_cost::BatchShape;
use kendall_kernel::{FineTime, Time};
use kendall_llm::{EngineError, Outputs, Profile, Scheduled};
use proptest::prelude::*;

use crate::cases::{Case, cases, many};
use crate::ledger::run;
use crate::reference::Reference;

/// Steps after which two requests that preempt each other are left alone.
const MOST_STEPS: usize = 3_000;

/// Drives the plain rules with the clock of the recordings: arrivals, then withdrawals, then a
/// step; tells its first steps.
fn plain_steps(case: &Case) -> (Vec<Scheduled>, Vec<Outputs>) {
    let (trace, config) = (&case.trace, &case.config.scheduler);
    let mut reference = Reference::new(config);
    let (mut steps, mut outputs) = (Vec::new(), Vec::new());
    let mut withdrawals: Vec<(Time, u32)> = trace
        .abort
        .iter()
        .copied()
        .zip(0..)
        .filter(|&(time, _)| time != Time::MAX)
        .collect();
    withdrawals.sort_unstable();
    let mut withdrawals = withdrawals.into_iter().peekable();
    let mut arrivals = (0..trace.len() as u32).peekable();
    let mut clock = FineTime::ZERO;
    let arrival = |row: u32| trace.arrival[row as usize];
    while steps.len() < MOST_STEPS {
        if reference.is_idle() {
            let Some(&row) = arrivals.peek() else { break };
            clock = clock.max(FineTime::from(arrival(row)));
        }
        let now = clock.floor();
        while let Some(row) = arrivals.next_if(|&row| arrival(row) <= now) {
            let target = (trace.prompt_tokens[row as usize] + trace.output_tokens[row as usize])
                .min(config.max_model_len);
            let fits = (target - 1).div_ceil(config.block_size) as usize <= reference.usable();
            if fits && trace.prompt_tokens[row as usize] < config.max_model_len {
                reference.arrive(trace, row);
            }
        }
        while let Some((_, row)) = withdrawals.next_if(|&(time, _)| time <= now) {
            reference.withdraw(row);
        }
        if reference.is_idle() {
            continue;
        }
        let mut step = reference.schedule();
        step.start_ns = now.as_ns();
        let tokens = step
            .tokens
            .iter()
            .map(|&(_, tokens)| u64::from(tokens))
            .sum();
        let shape = BatchShape {
            tokens,
            ..BatchShape::default()
        };
        clock = clock
            .checked_add(case.config.cost.step_time(&shape))
            .unwrap();
        let finished = reference.finish_step(&step);
        let free_blocks = reference.free_blocks();
        outputs.push(Outputs {
            instance: 0,
            finished,
            free_blocks,
        });
        steps.push(step);
    }
    (steps, outputs)
}

/// A step without what the plain rules do not tell: block ids, and that hits of resumed requests
/// are listed last.
fn comparable(step: &Scheduled) -> Scheduled {
    let mut step = step.clone();
    step.blocks.clear();
    step.hits.sort_unstable();
    step
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn the_engine_follows_the_plain_rules(case in cases()) {
        let mut case = case;
        case.config.instances = 1;
        case.config.scheduler.profile = Profile::Vllm;
        case.config.until = Time::MAX;
        let (steps, outputs) = plain_steps(&case);
        match run(&case.trace, &case.config) {
            Err(EngineError::NoProgress { .. }) => prop_assert_eq!(steps.len(), MOST_STEPS),
            outcome => {
                let (ledger, _) = outcome.unwrap();
                for (ours, theirs) in ledger.scheduled.iter().zip(&steps) {
                    prop_assert_eq!(comparable(ours), comparable(theirs));
                }
                for (ours, theirs) in ledger.outputs.iter().zip(&outputs) {
                    prop_assert_eq!(ours, theirs);
                }
                prop_assert_eq!(ledger.scheduled.len().min(MOST_STEPS), steps.len());
            }
        }
    }
}
