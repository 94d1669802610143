//! Settings as the recordings' tables describe them.

use kendall_llm::token_budget::{Config, Rules, Scheduler, Service, ServiceLaw};
use kendall_study::token_budget::Setting;

use super::rows::Row;
use crate::ValidateError;

/// The system of a row of a manifest or of a table of statistics; `Err` with a reason to skip it.
pub(super) fn config(row: Row<'_>) -> Result<Result<Config, String>, ValidateError> {
    let ratio = if row.has("hybrid_ratio") {
        row.optional("hybrid_ratio")?
    } else {
        row.optional("ratio")?
    };
    let scheduler = match row.text("scheduler")? {
        "decode" | "decode_prioritizing" => Scheduler::DecodePrioritizing,
        "prefill" | "prefill_prioritizing" => Scheduler::PrefillPrioritizing,
        "hybrid" => Scheduler::Hybrid {
            decode_share: ratio.unwrap_or(0.5),
        },
        other => return Ok(Err(format!("the scheduler `{other}` is not known"))),
    };
    let chunk = if row.has("chunk_size") {
        "chunk_size"
    } else {
        "chunk"
    };
    let chunked = row.number("chunked")? != 0.0;
    Ok(Ok(Config {
        scheduler,
        rules: Rules::Orie5580,
        gpus: row.count("num_gpus")?.try_into().unwrap_or(u16::MAX),
        max_sequences: row.count("max_sequences")?,
        max_resident: None,
        max_tokens: row.count("max_tokens")?,
        chunk_tokens: chunked.then(|| row.count(chunk)).transpose()?,
        service: Service {
            c_ms: row.number("c_ms")?,
            a_ms: row.number("a_ms")?,
            b0_tokens: row.count("b0")?,
            law: ServiceLaw::Deterministic,
        },
    }))
}

/// The scenario of that name, which tells the laws of prompts and outputs.
pub(super) fn scenario(name: &str, scheduler: Scheduler) -> Option<Setting> {
    let mut setting = match name {
        "demo2" => Setting::demo2(scheduler),
        "demo3" => Setting::demo3(scheduler),
        "demo3_b0_0" => Setting::demo3_unchunked(scheduler),
        _ => return None,
    };
    setting.config.rules = Rules::Orie5580;
    Some(setting)
}

/// The seed of a case: FNV-1a of its name (Fowler, Noll and Vo), so that cases do not share random
/// numbers and a case has the same ones in every file.
pub(super) fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
