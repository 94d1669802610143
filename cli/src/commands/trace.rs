//! `trace`: making, converting and describing traces.

use std::io::Write;

use kendall_io::trace::{self, Inspection, Lengths};
use kendall_llm::{Source, Trace};
use kendall_study::scenario::WorkloadSection;
use kendall_study::workload::{Arrivals, Generator};
use serde_json::json;

use super::{Ending, drawn, workload};
use crate::args::{ConvertArgs, GenerateArgs, InspectArgs, ReadArgs, TraceCommand, WriteFormat};
use crate::failure::Failure;
use crate::origin::Origin;
use crate::output;

pub(crate) fn run(command: TraceCommand) -> Result<Ending, Failure> {
    match command {
        TraceCommand::Inspect(args) => inspect(&args)?,
        TraceCommand::Generate(args) => make(&args)?,
        TraceCommand::Convert(args) => convert(&args)?,
    }
    Ok(Ending::Fine)
}

fn section(read: &ReadArgs) -> WorkloadSection {
    let mut section = WorkloadSection::default();
    workload::override_section(&mut section, read);
    section
}

fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    let loaded = workload::read(&args.trace, &section(&args.read))?;
    let inspection = trace::inspect(&loaded.trace);
    if args.json {
        let mut json = as_json(&loaded.name, loaded.format, &inspection);
        json["skipped_records"] = loaded.skipped_records.into();
        json["sha256"] = loaded.sha256.into();
        return output::print(&format!("{json:#}\n"));
    }
    let mut text = format!("{}: {}\n", loaded.name, loaded.format);
    text.push_str(&as_text(&inspection));
    if loaded.skipped_records > 0 {
        text.push_str(&format!(
            "skipped records            {}\n",
            loaded.skipped_records
        ));
    }
    output::print(&text)
}

fn as_text(inspection: &Inspection) -> String {
    let lengths = |lengths: &Lengths| {
        let Lengths {
            mean,
            p50,
            p90,
            p99,
            max,
            total,
        } = *lengths;
        format!(
            "mean {mean:.0}, p50 {p50:.0}, p90 {p90:.0}, p99 {p99:.0}, max {max}, total {total}"
        )
    };
    let mut text = format!(
        "rows                       {}\n\
         span                       {:.3} s\n\
         rate                       {:.3} per s\n\
         distinct timestamps        {}\n\
         prompt tokens              {}\n\
         output tokens              {}\n",
        inspection.rows,
        inspection.span_s,
        inspection.rate_per_s,
        inspection.distinct_timestamps,
        lengths(&inspection.prompt),
        lengths(&inspection.output),
    );
    if let Some(cv) = inspection.gap_cv {
        text.push_str(&format!("cv of gaps                 {cv:.2}\n"));
    }
    if let (Some(index), Some(window_s)) = (inspection.dispersion, inspection.dispersion_window_s) {
        text.push_str(&format!(
            "index of dispersion        {index:.2} over {window_s:.3} s\n"
        ));
    }
    if let (Some(ranks), Some(normal)) =
        (inspection.rank_correlation, inspection.length_correlation)
    {
        text.push_str(&format!(
            "rank correlation           {:.2} (length_correlation {:.2})\n",
            hundredths(ranks),
            hundredths(normal)
        ));
    }
    if inspection.sessions > 0 {
        text.push_str(&format!(
            "sessions                   {}\n",
            inspection.sessions
        ));
    }
    if let (Some(tokens), Some(rate)) =
        (inspection.block_tokens, inspection.infinite_cache_hit_rate)
    {
        text.push_str(&format!(
            "block references           {} of {tokens} tokens\n\
             distinct blocks            {}\n\
             infinite-cache hit rate    {rate:.4}\n",
            inspection.block_references, inspection.distinct_blocks,
        ));
    }
    text
}

/// Rounded to hundredths, without the sign of what rounds to 0.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

fn as_json(name: &str, format: &str, inspection: &Inspection) -> serde_json::Value {
    let lengths = |l: &Lengths| {
        json!({
            "mean": l.mean, "p50": l.p50, "p90": l.p90, "p99": l.p99,
            "max": l.max, "total": l.total,
        })
    };
    json!({
        "name": name,
        "format": format,
        "rows": inspection.rows,
        "span_s": inspection.span_s,
        "rate_per_s": inspection.rate_per_s,
        "distinct_timestamps": inspection.distinct_timestamps,
        "gap_cv": inspection.gap_cv,
        "dispersion": inspection.dispersion,
        "dispersion_window_s": inspection.dispersion_window_s,
        "prompt_tokens": lengths(&inspection.prompt),
        "output_tokens": lengths(&inspection.output),
        "rank_correlation": inspection.rank_correlation,
        "length_correlation": inspection.length_correlation,
        "sessions": inspection.sessions,
        "block_tokens": inspection.block_tokens,
        "block_references": inspection.block_references,
        "distinct_blocks": inspection.distinct_blocks,
        "infinite_cache_hit_rate": inspection.infinite_cache_hit_rate,
    })
}

fn make(args: &GenerateArgs) -> Result<(), Failure> {
    let origin = Origin::of(args.scenario.as_deref(), &args.settings).with_options(args.given());
    let mut scenario = origin.load()?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    let mut spec = scenario.workload.generate.take().unwrap_or_default();
    spec.requests = args.requests.unwrap_or(spec.requests);
    if let Some(rate_per_s) = args.rate {
        spec.arrivals = Arrivals::Poisson { rate_per_s };
    }
    // Laws that are given here stand in place of the lengths of a trace.
    if let (true, Some(from_trace)) = (
        args.prompt.is_some() || args.output_tokens.is_some(),
        &mut spec.from_trace,
    ) {
        from_trace.lengths = false;
    }
    if let Some(law) = &args.prompt {
        spec.prompt_tokens = law.clone();
    }
    if let Some(law) = &args.output_tokens {
        spec.output_tokens = law.clone();
    }
    let drawn = drawn::read(&spec, &scenario.workload, &origin)?;
    if drawn.skipped_records > 0 {
        let records = drawn.skipped_records;
        output::note(&format!("note: {records} bad records were left out"));
    }
    let failure = |error| origin.generate_failure(error);
    let mut requests = Generator::new(&drawn.spec, scenario.seed).map_err(failure)?;
    output::write_file(&args.output, |out| {
        while let Some(rows) = requests.next_rows() {
            write(&rows, args.to, out)?;
        }
        requests.ended().map_err(failure)
    })
}

fn convert(args: &ConvertArgs) -> Result<(), Failure> {
    let loaded = workload::read(&args.trace, &section(&args.read))?;
    output::write_file(&args.output, |out| write(&loaded.trace, args.to, out))
}

fn write(trace: &Trace, format: WriteFormat, mut out: &mut dyn Write) -> Result<(), Failure> {
    match format {
        WriteFormat::Mooncake => trace::write_mooncake(trace, &mut out)?,
        WriteFormat::Plain => trace::write_plain(trace, &mut out)?,
    }
    Ok(())
}
