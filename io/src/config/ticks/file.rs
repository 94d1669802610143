//! The file as it is written.

use kendall_llm::ticks::{Batching, Load, System, Work};
use serde::{Deserialize, Serialize};

use super::TicksScenario;
use crate::config::keys::Root;

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    pub(super) seed: u64,
    pub(super) ticks: TicksSection,
}

impl Root for File {
    const NAMED: &[&str] = &[];
}

/// The system: one pool of slots, or two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TicksSection {
    pub(super) end_ticks: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) slots: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) batching: Option<Batching>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prefill_slots: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decode_slots: Option<u32>,
    pub(super) work: WorkSection,
    pub(super) load: LoadSection,
}

impl Default for TicksSection {
    fn default() -> TicksSection {
        TicksSection {
            end_ticks: 1000.0,
            slots: None,
            batching: None,
            prefill_slots: None,
            decode_slots: None,
            work: WorkSection::default(),
            load: LoadSection::default(),
        }
    }
}

/// What a request needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WorkSection {
    pub(super) prefill_ticks: f64,
    pub(super) prefill_chunks: u32,
    pub(super) itl_ticks: f64,
    pub(super) mean_tokens: f64,
    pub(super) sd_tokens: f64,
}

impl Default for WorkSection {
    fn default() -> WorkSection {
        let Work {
            prefill_ticks,
            prefill_chunks,
            itl_ticks,
        } = Work::default();
        WorkSection {
            prefill_ticks,
            prefill_chunks,
            itl_ticks,
            mean_tokens: 4.0,
            sd_tokens: 0.0,
        }
    }
}

/// One of three kinds of load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LoadSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) batch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) concurrent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate: Option<f64>,
}

impl File {
    /// The file of a scenario, with every default.
    pub(super) fn describe(scenario: &TicksScenario) -> File {
        let TicksScenario {
            name,
            description,
            seed,
            config,
            output,
        } = scenario;
        let mut ticks = TicksSection {
            end_ticks: config.end_ticks,
            work: WorkSection {
                prefill_ticks: config.work.prefill_ticks,
                prefill_chunks: config.work.prefill_chunks,
                itl_ticks: config.work.itl_ticks,
                mean_tokens: output.mean_tokens,
                sd_tokens: output.sd_tokens,
            },
            ..TicksSection::default()
        };
        match config.system {
            System::Colocated { slots, batching } => {
                (ticks.slots, ticks.batching) = (Some(slots), Some(batching));
            }
            System::Disaggregated {
                prefill_slots,
                decode_slots,
            } => {
                (ticks.prefill_slots, ticks.decode_slots) =
                    (Some(prefill_slots), Some(decode_slots));
            }
        }
        match config.load {
            Load::Batch { requests } => ticks.load.batch = Some(requests),
            Load::Concurrent { requests } => ticks.load.concurrent = Some(requests),
            Load::Rate { per_tick } => ticks.load.rate = Some(per_tick),
        }
        File {
            name: name.clone(),
            description: description.clone(),
            seed: *seed,
            ticks,
        }
    }
}
