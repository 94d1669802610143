//! Configurations and their figures, as summary.json has them.

use std::collections::BTreeMap;
use std::path::Path;

use kendall_llm::ticks::{Batching, Config, Load, System, Work};
use serde::Deserialize;
use serde_json::Value;

use super::requests::Row;
use crate::{ValidateError, files};

/// Most requests of a configuration whose lengths are not recorded because they are constant.
const MOST: u64 = 1 << 24;

/// A configuration with its figures.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) config: String,
    batcher: String,
    load: String,
    load_param: f64,
    #[serde(default)]
    slots: u32,
    prefill_workers: Option<u32>,
    decode_workers: Option<u32>,
    time_limit: f64,
    mean_len: f64,
    std: f64,
    prefill_time: f64,
    itl: f64,
    chunks: u32,
    /// Everything else.
    #[serde(flatten)]
    pub(super) figures: BTreeMap<String, Value>,
}

/// All configurations of a file.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, ValidateError> {
    files::parse_whole(path)
}

impl Entry {
    /// How to run it, or why it cannot be.
    pub(super) fn config(&self) -> Result<Config, String> {
        let colocated = |batching| System::Colocated {
            slots: self.slots,
            batching,
        };
        let system = match self.batcher.as_str() {
            "static" => colocated(Batching::Static),
            "ifb" => colocated(Batching::InFlight),
            "one_prefill" => colocated(Batching::OnePrefill),
            "disaggregated" => match (self.prefill_workers, self.decode_workers) {
                (Some(prefill_slots), Some(decode_slots)) => System::Disaggregated {
                    prefill_slots,
                    decode_slots,
                },
                _ => return Err("says nothing of prefill_workers or decode_workers".to_owned()),
            },
            other => return Err(format!("the batcher `{other}` is not simulated")),
        };
        let load = match self.load.as_str() {
            "batch" => Load::Batch {
                requests: self.load_param as u64,
            },
            "concurrent" => Load::Concurrent {
                requests: self.load_param as u64,
            },
            "rate" => Load::Rate {
                per_tick: self.load_param,
            },
            other => return Err(format!("the load `{other}` is not simulated")),
        };
        let config = Config {
            system,
            load,
            work: Work {
                prefill_ticks: self.prefill_time,
                prefill_chunks: self.chunks,
                itl_ticks: self.itl,
            },
            end_ticks: self.time_limit,
        };
        match config.validate() {
            Ok(()) => Ok(config),
            Err(error) => Err(format!("not simulated: {error}")),
        }
    }

    /// Output lengths in the order of creation: as recorded, or as they must be if they do not
    /// vary or there are none.
    pub(super) fn lengths(&self, rows: Option<&[Row]>) -> Option<Vec<u32>> {
        if let Some(rows) = rows {
            return Some(rows.iter().map(|row| row.target_tokens).collect());
        }
        let created = self.figures.get("n_generated").and_then(Value::as_u64)?;
        let constant = self.std == 0.0 && created <= MOST;
        let length = self.mean_len.max(1.0) as u32;
        (created == 0 || constant).then(|| vec![length; created as usize])
    }
}
