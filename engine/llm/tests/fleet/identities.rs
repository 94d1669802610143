//! What holds on every run, exactly.

use std::collections::{BTreeMap, BTreeSet};

use kendall_kernel::{Dur, Time};
use kendall_llm::{EngineError, Policy, Profile, RequestRecord, RunStats, Status};
use proptest::prelude::*;

use crate::cases::{Case, cases, many};
use crate::ledger::{Ledger, run};

proptest! {
    #![proptest_config(many())]

    #[test]
    fn nothing_is_lost_and_time_never_goes_back(case in cases()) {
        let (ledger, stats) = match run(&case.trace, &case.config) {
            Err(EngineError::NoProgress { .. }) if may_take_turns(&case) => return Ok(()),
            outcome => outcome.unwrap(),
        };
        every_request_has_one_record(&case, &ledger)?;
        lives_are_in_order(&case, &ledger, stats.end)?;
        tokens_add_up(&ledger, &stats)?;
        gaps_fill_lives(&case, &ledger)?;
        steps_follow_each_other(&ledger)?;
        blocks_are_free_or_used(&case, &ledger)?;
        limits_hold(&case, &ledger)?;
    }
}

/// Whether requests equal each other in priority and arrival, so that by vLLM's rule they may
/// preempt each other for ever.
fn may_take_turns(case: &Case) -> bool {
    let urgency = case.trace.priority.iter().zip(&case.trace.arrival);
    let distinct: BTreeSet<_> = urgency.collect();
    case.config.scheduler.policy == Policy::Priority && distinct.len() < case.trace.len()
}

fn every_request_has_one_record(case: &Case, ledger: &Ledger) -> Result<(), TestCaseError> {
    let mut ids: Vec<u64> = ledger
        .requests
        .iter()
        .map(|record| record.request_id)
        .collect();
    ids.sort_unstable();
    prop_assert_eq!(ids, (0..case.trace.len() as u64).collect::<Vec<_>>());
    if case.config.until == Time::MAX {
        let unfinished = |record: &&RequestRecord| record.status == Status::Unfinished;
        prop_assert_eq!(ledger.requests.iter().find(unfinished), None);
    }
    prop_assert!(ledger.arrived.is_sorted());
    Ok(())
}

/// Whether outputs are kept back until a whole batch has finished.
fn keeps_outputs(case: &Case) -> bool {
    case.config.scheduler.profile == Profile::RequestLevel
}

fn lives_are_in_order(case: &Case, ledger: &Ledger, end: Time) -> Result<(), TestCaseError> {
    for record in &ledger.requests {
        let life = [
            Some(record.arrival),
            record.scheduled,
            record.first_token,
            record.finish,
        ];
        let life: Vec<Time> = life.into_iter().flatten().collect();
        prop_assert!(life.is_sorted(), "{record:?}");
        if record.scheduled.is_some() {
            prop_assert!(*life.last().unwrap() <= end);
        }
        let finished = record.status == Status::Finished;
        prop_assert_eq!(finished, record.finish.is_some());
        prop_assert!(record.generated_tokens <= record.output_tokens);
        prop_assert!(record.cached_tokens < record.prompt_tokens);
        if finished && record.generated_tokens < record.output_tokens {
            let length = record.prompt_tokens + record.generated_tokens;
            prop_assert_eq!(length, case.config.scheduler.max_model_len);
        }
        let handed_over = record.generated_tokens > 0 && (finished || !keeps_outputs(case));
        prop_assert_eq!(handed_over, record.first_token.is_some());
        if record.status == Status::Rejected {
            prop_assert!(record.instance.is_none() && record.scheduled.is_none());
        }
    }
    Ok(())
}

fn tokens_add_up(ledger: &Ledger, stats: &RunStats) -> Result<(), TestCaseError> {
    let generated: u64 = ledger
        .requests
        .iter()
        .map(|r| u64::from(r.generated_tokens))
        .sum();
    prop_assert_eq!(
        generated,
        stats.instances.iter().map(|i| i.output_tokens).sum::<u64>()
    );
    let preemptions: u64 = ledger
        .requests
        .iter()
        .map(|r| u64::from(r.preemptions))
        .sum();
    prop_assert_eq!(
        preemptions,
        stats.instances.iter().map(|i| i.preemptions).sum::<u64>()
    );
    let decoded: u64 = ledger
        .steps
        .iter()
        .map(|step| u64::from(step.decode_tokens))
        .sum();
    let first_or_resumed = generated - decoded;
    let admitted: usize = ledger
        .scheduled
        .iter()
        .map(|s| s.admitted.len() + s.resumed.len())
        .sum();
    prop_assert!(first_or_resumed <= admitted as u64);
    let iterations: u64 = stats.instances.iter().map(|i| i.iterations).sum();
    prop_assert_eq!(ledger.steps.len() as u64, iterations);
    let prefilled: u64 = ledger
        .steps
        .iter()
        .map(|step| u64::from(step.prefill_tokens))
        .sum();
    prop_assert_eq!(
        prefilled,
        stats
            .instances
            .iter()
            .map(|i| i.prefill_tokens)
            .sum::<u64>()
    );
    for (id, instance) in (0..).zip(&stats.instances) {
        let steps = ledger.steps.iter().filter(|step| step.instance == id);
        prop_assert_eq!(
            instance.busy,
            steps.map(|step| step.end - step.start).sum::<Dur>()
        );
    }
    Ok(())
}

/// The gaps of all requests cover exactly the time from their first to their latest token: with
/// nothing cut off, the sum is that of finish - first token.
fn gaps_fill_lives(case: &Case, ledger: &Ledger) -> Result<(), TestCaseError> {
    let count: u64 = ledger.gaps.iter().map(|&(_, count)| count).sum();
    let handed_over = ledger.requests.iter().filter(|r| r.first_token.is_some());
    let tokens = handed_over.map(|r| u64::from(r.generated_tokens.saturating_sub(1)));
    prop_assert_eq!(count, tokens.sum::<u64>());
    let all_finished = ledger
        .requests
        .iter()
        .all(|r| r.finish.is_some() || r.first_token.is_none());
    if all_finished && case.config.until == Time::MAX {
        let spans = ledger
            .requests
            .iter()
            .filter_map(|r| Some(r.finish? - r.first_token?));
        let gaps = ledger.gaps.iter().map(|&(gap, count)| gap * count);
        prop_assert_eq!(gaps.sum::<Dur>(), spans.sum::<Dur>());
    }
    Ok(())
}

fn steps_follow_each_other(ledger: &Ledger) -> Result<(), TestCaseError> {
    let mut ends: BTreeMap<u16, (u64, Time)> = BTreeMap::new();
    for step in &ledger.steps {
        prop_assert!(step.start <= step.end);
        let (number, end) = ends.get(&step.instance).copied().unwrap_or((0, Time::ZERO));
        prop_assert_eq!(step.iteration, number);
        prop_assert!(end <= step.start);
        ends.insert(step.instance, (number + 1, step.end));
    }
    Ok(())
}

/// Follows every table through the log: free blocks and distinct blocks in tables make up the
/// pool.
fn blocks_are_free_or_used(case: &Case, ledger: &Ledger) -> Result<(), TestCaseError> {
    let null_block = case.config.scheduler.profile.null_blocks();
    let usable = case.config.scheduler.num_gpu_blocks - null_block;
    let mut tables: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for step in &ledger.scheduled {
        for (row, blocks) in &step.blocks {
            if step.admitted.contains(row) || step.resumed.contains(row) {
                tables.insert(*row, blocks.clone());
            } else {
                tables.entry(*row).or_default().extend(blocks);
            }
        }
        let held: BTreeSet<u32> = step
            .running
            .iter()
            .filter_map(|row| tables.get(row))
            .flatten()
            .copied()
            .collect();
        prop_assert_eq!(held.len() as u32 + step.free_blocks, usable, "{:?}", step);
        prop_assert!(null_block == 0 || !held.contains(&0));
        let (running, waiting): (BTreeSet<_>, BTreeSet<_>) =
            (step.running.iter().collect(), step.waiting.iter().collect());
        prop_assert!(running.is_disjoint(&waiting));
        prop_assert!(case.config.scheduler.enable_prefix_caching || step.hits.is_empty());
        if case.config.instances > 1 {
            // Tables of several instances share block numbers; one instance shows the identity.
            return Ok(());
        }
    }
    Ok(())
}

fn limits_hold(case: &Case, ledger: &Ledger) -> Result<(), TestCaseError> {
    let scheduler = &case.config.scheduler;
    if scheduler.profile.takes_whole_requests() {
        prop_assert!(ledger.steps.iter().all(|step| step.preempted == 0));
        let prefill_once = |r: &&RequestRecord| r.status == Status::Finished;
        let whole = ledger.requests.iter().filter(prefill_once);
        prop_assert!(whole.clone().all(|r| r.cached_tokens == 0));
    }
    // Batches that nobody joins are formed at once, whatever the limit.
    let in_batches = scheduler.profile.forms_static_batches();
    let limit = scheduler.max_num_prefills.filter(|_| !in_batches);
    for step in &ledger.steps {
        prop_assert!(step.prefill_tokens + step.decode_tokens <= scheduler.token_budget());
        prop_assert!(step.running <= scheduler.running_limit());
        let tokens = step.prefill_tokens + step.decode_tokens;
        let nobody_delayed = tokens < scheduler.token_budget() && step.preempted == 0;
        if nobody_delayed && let Some(most) = limit {
            prop_assert!(step.running - step.decode_tokens <= most, "{step:?}");
        }
    }
    Ok(())
}
