//! What a run in ticks came to, for people and for machines.

use std::fmt::Write;

use kendall_io::config::TicksScenario;
use kendall_llm::ticks::{Load, Spread, Summary, System};
use serde_json::{Value, json};

use crate::summary_table::{right_aligned, table as plain_table};

/// For people.
pub(super) fn table(scenario: &TicksScenario, summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = header(&mut text, scenario);
    let _ = counts(&mut text, summary);
    let mut rows = plain_table(&["", "mean", "p50", "p90", "p95", "p99", "max"]);
    for (name, spread) in [
        ("E2E (ticks)", summary.e2e_ticks),
        ("TTFT (ticks)", summary.ttft_ticks),
        ("ITL (ticks)", summary.itl_ticks),
    ] {
        let Spread {
            mean,
            p0_5: _,
            p50,
            p90,
            p95,
            p99,
            max,
        } = spread;
        let figures = [mean, p50, p90, p95, p99, max].map(ticks);
        rows.add_row(std::iter::once(name.to_owned()).chain(figures));
    }
    let _ = writeln!(text, "\n{}", right_aligned(rows));
    let _ = totals(&mut text, summary);
    text
}

fn header(text: &mut String, scenario: &TicksScenario) -> std::fmt::Result {
    let TicksScenario {
        name,
        description,
        seed,
        config,
        output,
    } = scenario;
    match (name.as_str(), description.as_str()) {
        ("", "") => {}
        (name, "") => writeln!(text, "scenario   {name}")?,
        (name, description) => writeln!(text, "scenario   {name}: {description}")?,
    }
    match config.system {
        System::Colocated { slots, batching } => {
            writeln!(
                text,
                "system     {slots} slots, {} batching",
                batching.name()
            )?;
        }
        System::Disaggregated {
            prefill_slots,
            decode_slots,
        } => writeln!(
            text,
            "system     {prefill_slots} slots for prefill, {decode_slots} for decode"
        )?,
    }
    match config.load {
        Load::Batch { requests } => write!(text, "load       {requests} requests at the start")?,
        Load::Concurrent { requests } => {
            write!(text, "load       {requests} requests at any time")?;
        }
        Load::Rate { per_tick } => write!(text, "load       {per_tick} requests per tick")?,
    }
    writeln!(text, "; seed {seed}")?;
    let work = config.work;
    let chunks = match work.prefill_chunks {
        1 => String::new(),
        chunks => format!(" in {chunks} chunks"),
    };
    writeln!(
        text,
        "work       prefill of {} ticks{chunks}, then {} per token; {} ± {} tokens",
        work.prefill_ticks, work.itl_ticks, output.mean_tokens, output.sd_tokens
    )
}

fn counts(text: &mut String, summary: &Summary) -> std::fmt::Result {
    let unfinished = summary.requests - summary.completed;
    writeln!(
        text,
        "\n{} requests in {} ticks and {} steps: {} finished, {unfinished} unfinished",
        summary.requests, summary.duration_ticks, summary.steps, summary.completed
    )
}

fn totals(text: &mut String, summary: &Summary) -> std::fmt::Result {
    writeln!(
        text,
        "\n{:.2} requests and {:.2} tokens per 1000 ticks",
        summary.requests_per_1k, summary.tokens_per_1k
    )?;
    writeln!(
        text,
        "queue: {} at the end, {:.2} on average over steps, {} at most",
        summary.queue, summary.mean_queue, summary.max_queue
    )
}

/// Two places, as numbers of ticks are often whole.
fn ticks(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

/// For machines: what summaries of serving systems have, a tick being a second, and the figures in
/// ticks.
pub(super) fn json(scenario: &TicksScenario, summary: &Summary) -> String {
    let seconds = summary.duration_ticks;
    let tokens = summary.completed_tokens + summary.tokens_in_slots;
    let value = json!({
        "requests": {
            "total": summary.requests,
            "finished": summary.completed,
            "rejected": 0,
            "aborted": 0,
            "unfinished": summary.requests - summary.completed,
        },
        "duration_s": seconds,
        "throughput": {
            "requests_per_s": summary.completed as f64 / seconds,
            "output_tokens_per_s": tokens as f64 / seconds,
        },
        "ttft_s": spread(&summary.ttft_ticks),
        "itl_s": spread(&summary.itl_ticks),
        "e2e_s": spread(&summary.e2e_ticks),
        "iterations": summary.steps,
        "ticks": summary,
        "seed": scenario.seed,
        "config": scenario.to_toml(),
    });
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn spread(spread: &Spread) -> Value {
    json!({
        "mean": spread.mean,
        "p50": spread.p50,
        "p90": spread.p90,
        "p95": spread.p95,
        "p99": spread.p99,
        "max": spread.max,
    })
}
