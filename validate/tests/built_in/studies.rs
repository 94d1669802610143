//! The built-in studies: every claim holds.

use kendall_validate::studies;

use super::holds;

/// Rows that each of their tables has at least.
const ROWS: usize = 3;

#[test]
fn schedulers_keep_up_or_fall_behind() {
    holds(studies::overview, ROWS);
}

#[test]
fn ttft_follows_the_load() {
    holds(studies::ttft, ROWS);
}

#[test]
fn ttft_follows_the_prompt() {
    holds(studies::prompt_length, ROWS);
}

#[test]
fn batches_trade_time_for_throughput() {
    holds(studies::batch_tradeoff, ROWS);
}

#[test]
fn a_small_cache_limits() {
    holds(studies::kv_bottleneck, ROWS);
}

#[test]
fn long_prompts_are_paid_by_the_short() {
    holds(studies::fairness, ROWS);
}

#[test]
fn chunks_bound_the_steps() {
    holds(studies::chunked_prefill, ROWS);
}

#[test]
fn chunks_cut_the_tail_only() {
    holds(studies::decode_stall, ROWS);
}
