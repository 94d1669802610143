//! The table that a run prints: what `summary.json` says, for people.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use kendall_llm::Profile;
use kendall_study::Resolved;
use kendall_study::summary::{ClassSummary, InstanceSummary, Spread, Summary};

/// Instances listed one by one; of more, only the first and last are shown.
const INSTANCE_ROWS: usize = 16;

/// Renders a summary with what was run.
pub(crate) fn render<C>(resolved: &Resolved, workload: &str, summary: &Summary<C>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = header(&mut text, resolved, workload);
    let _ = requests(&mut text, summary);
    let _ = writeln!(text, "\n{}", latencies(summary));
    let _ = resolution(&mut text, summary.percentile_error);
    let _ = totals(&mut text, summary);
    if summary.instances.len() > 1 {
        let _ = writeln!(text, "\n{}", instances(&summary.instances));
    }
    if !summary.classes.is_empty() {
        let _ = writeln!(text, "\n{}", classes(resolved, &summary.classes));
    }
    text
}

fn header(text: &mut String, resolved: &Resolved, workload: &str) -> std::fmt::Result {
    let llm = &resolved.scenario.llm;
    let gpus = match llm.tensor_parallel {
        1 => resolved.hardware.name.clone(),
        gpus => format!("{gpus} x {}", resolved.hardware.name),
    };
    let scheduler = &resolved.fleet.scheduler;
    let blocks = scheduler.num_gpu_blocks;
    let profile = match scheduler.profile {
        Profile::Vllm => String::new(),
        profile => format!("{}, ", profile.name()),
    };
    let tokens = if scheduler.profile.takes_whole_requests() {
        "whole prompts".to_owned()
    } else {
        format!("{} tokens per step", scheduler.token_budget())
    };
    writeln!(text, "workload   {workload}")?;
    writeln!(
        text,
        "system     {} on {gpus}, {} instance(s)",
        resolved.model.name, llm.instances
    )?;
    writeln!(
        text,
        "scheduler  {profile}{} sequences, {tokens}, {blocks} KV blocks of {} tokens per instance",
        scheduler.running_limit(),
        scheduler.block_size
    )
}

fn requests<C>(text: &mut String, summary: &Summary<C>) -> std::fmt::Result {
    let counts = &summary.requests;
    writeln!(
        text,
        "\n{} requests in {:.1} s: {} finished, {} rejected, {} aborted, {} unfinished",
        counts.total,
        summary.duration_s,
        counts.finished,
        counts.rejected,
        counts.aborted,
        counts.unfinished
    )?;
    if summary.skipped_records > 0 {
        writeln!(text, "{} bad records skipped", summary.skipped_records)?;
    }
    let throughput = &summary.throughput;
    writeln!(
        text,
        "{} requests/s, {} output tokens/s, {} prompt tokens/s",
        figure(throughput.requests_per_s),
        figure(throughput.output_tokens_per_s),
        figure(throughput.prompt_tokens_per_s)
    )
}

fn latencies<C>(summary: &Summary<C>) -> Table {
    let mut table = table(&["", "mean", "p50", "p90", "p95", "p99", "max"]);
    let rows = [
        ("TTFT (s)", &summary.ttft_s, 1.0),
        ("TPOT (ms)", &summary.tpot_s, 1e3),
        ("ITL (ms)", &summary.itl_s, 1e3),
        ("E2E (s)", &summary.e2e_s, 1.0),
    ];
    for (name, spread, scale) in rows {
        let Spread {
            mean,
            p50,
            p90,
            p95,
            p99,
            max,
        } = *spread;
        let figures = [mean, p50, p90, p95, p99, max];
        let cells = figures.map(|value| figure(value.map(|value| value * scale)));
        table.add_row(std::iter::once(name.to_owned()).chain(cells));
    }
    right_aligned(table)
}

/// Says what percentiles of requests' figures are good for, unless they are exact.
fn resolution(text: &mut String, percentile_error: f64) -> std::fmt::Result {
    if percentile_error == 0.0 {
        return Ok(());
    }
    writeln!(
        text,
        "percentiles of TTFT, TPOT and E2E are counted, and within {:.4} %",
        percentile_error * 100.0
    )
}

fn totals<C>(text: &mut String, summary: &Summary<C>) -> std::fmt::Result {
    writeln!(
        text,
        "\n{} iterations, {} preemptions, KV use {} mean / {} max, prefix hit rate {}",
        summary.iterations,
        summary.preemptions,
        percent(summary.kv_use.mean),
        percent(summary.kv_use.max),
        percent(summary.prefix_cache.hit_rate)
    )?;
    if let Some(slo) = &summary.slo {
        writeln!(
            text,
            "objectives met by {} of the requests, goodput {} requests/s",
            percent(slo.attainment),
            figure(slo.goodput_per_s)
        )?;
    }
    Ok(())
}

fn instances(instances: &[InstanceSummary]) -> Table {
    let mut table = table(&[
        "instance",
        "requests",
        "iterations",
        "preempted",
        "output tokens",
        "busy",
        "KV mean",
        "KV max",
        "hit rate",
    ]);
    let shown = |index: usize| {
        instances.len() <= INSTANCE_ROWS
            || index < INSTANCE_ROWS / 2
            || index >= instances.len() - INSTANCE_ROWS / 2
    };
    for (index, row) in instances.iter().enumerate() {
        if !shown(index) {
            if index == INSTANCE_ROWS / 2 {
                table.add_row(["..."]);
            }
            continue;
        }
        table.add_row([
            row.instance.to_string(),
            row.requests.to_string(),
            row.iterations.to_string(),
            row.preemptions.to_string(),
            row.output_tokens.to_string(),
            percent(row.utilisation),
            percent(row.kv_use.mean),
            percent(row.kv_use.max),
            percent(row.hit_rate),
        ]);
    }
    right_aligned(table)
}

/// A row per class, which a tenant's name stands for where there are tenants.
fn classes(resolved: &Resolved, classes: &[ClassSummary]) -> Table {
    let generate = resolved.scenario.workload.generate.as_ref();
    let tenants = generate.map_or(&[][..], |spec| &spec.tenants);
    let first = if tenants.is_empty() {
        "class"
    } else {
        "tenant"
    };
    let judged = classes.iter().any(|class| class.slo.is_some());
    let columns = [
        first,
        "requests",
        "finished",
        "TTFT mean (s)",
        "p99",
        "TPOT mean (ms)",
        "p99",
        "E2E mean (s)",
        "p99",
        "objectives met",
    ];
    let mut table = table(&columns[..columns.len() - usize::from(!judged)]);
    for class in classes {
        let tenant = tenants.get(usize::from(class.class));
        let name = tenant.map_or_else(|| class.class.to_string(), |tenant| tenant.name.clone());
        let counts = &class.requests;
        let mut row = vec![name, counts.total.to_string(), counts.finished.to_string()];
        let spreads = [(class.ttft_s, 1.0), (class.tpot_s, 1e3), (class.e2e_s, 1.0)];
        for (spread, scale) in spreads {
            let cells = [spread.mean, spread.p99];
            row.extend(cells.map(|value| figure(value.map(|value| value * scale))));
        }
        row.extend(class.slo.map(|slo| percent(slo.attainment)));
        table.add_row(row);
    }
    right_aligned(table)
}

/// A table without lines.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(header.to_vec());
    table
}

/// All but the first column to the right.
pub(crate) fn right_aligned(mut table: Table) -> Table {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Without blanks at the ends of lines.
pub(crate) fn trimmed(table: &Table) -> String {
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Four significant digits; `-` for nothing.
pub(crate) fn figure(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let digits = if value == 0.0 {
        0
    } else {
        value.abs().log10().floor() as i32
    };
    let places = (3 - digits).clamp(0, 6) as usize;
    format!("{value:.places$}")
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
