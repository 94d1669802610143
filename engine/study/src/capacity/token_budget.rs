//! Systems under a token budget at any rate.

use kendall_kernel::{Streams, Time};
use kendall_llm::token_budget::{Load, Times, Workload};
use kendall_llm::{RequestRecord, Status};

use super::{LoadError, UnderLoad};
use crate::token_budget::Setting;

/// A system under a token budget, with so many requests on average.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenBudgetLoad {
    /// The system and the laws of its requests; rate and window do not matter.
    pub setting: Setting,
    /// Requests of a run, on average; positive.
    pub requests: f64,
    /// Seed of all replications.
    pub seed: u64,
}

impl UnderLoad for TokenBudgetLoad {
    fn requests(&self, rate_per_s: f64, replication: u32) -> Result<Vec<RequestRecord>, LoadError> {
        let setting = Setting {
            load: Load {
                rate_per_s,
                window_s: self.requests / rate_per_s,
                ..self.setting.load.clone()
            },
            ..self.setting.clone()
        };
        let streams = Streams::new(self.seed).replication(u64::from(replication));
        let (workload, outcome) = setting.run(streams)?;
        let rows = outcome.times.iter().enumerate();
        Ok(rows
            .map(|(row, times)| record(&workload, row, times))
            .collect())
    }
}

fn record(workload: &Workload, row: usize, times: &Times) -> RequestRecord {
    let came = |time: Time| (time != Time::MAX).then_some(time);
    let output_tokens = workload.output_tokens[row];
    RequestRecord {
        request_id: row as u64,
        class: 0,
        session_id: None,
        instance: None,
        prefill_instance: None,
        arrival: workload.arrival[row].floor(),
        scheduled: came(times.scheduled),
        first_token: came(times.first_token),
        finish: came(times.done),
        prompt_tokens: workload.prompt_tokens[row],
        output_tokens,
        generated_tokens: if times.is_done() { output_tokens } else { 0 },
        cached_tokens: 0,
        preemptions: 0,
        status: if times.is_done() {
            Status::Finished
        } else {
            Status::Unfinished
        },
    }
}
