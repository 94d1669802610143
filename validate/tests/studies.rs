//! The built-in studies: every claim holds.

use kendall_validate::{Report, ValidateError, Verdict, studies};

fn holds(study: fn() -> Result<Report, ValidateError>) {
    let report = study().unwrap();
    let failed: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Passed)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.cases.len() >= 5, "{report:#?}");
    assert!(
        report.tables.iter().all(|table| table.rows.len() >= 3),
        "{report:#?}"
    );
}

#[test]
fn schedulers_keep_up_or_fall_behind() {
    holds(studies::overview);
}

#[test]
fn ttft_follows_the_load() {
    holds(studies::ttft);
}

#[test]
fn ttft_follows_the_prompt() {
    holds(studies::prompt_length);
}

#[test]
fn batches_trade_time_for_throughput() {
    holds(studies::batch_tradeoff);
}

#[test]
fn a_small_cache_limits() {
    holds(studies::kv_bottleneck);
}

#[test]
fn long_prompts_are_paid_by_the_short() {
    holds(studies::fairness);
}

#[test]
fn chunks_bound_the_steps() {
    holds(studies::chunked_prefill);
}

#[test]
fn chunks_cut_the_tail_only() {
    holds(studies::decode_stall);
}
