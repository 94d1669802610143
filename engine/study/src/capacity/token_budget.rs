//! Systems under a token budget at any rate.

use kendall_kernel::Streams;
use kendall_llm::RequestRecord;
use kendall_llm::token_budget::Load;

use super::{LoadError, UnderLoad};
use crate::token_budget::Setting;
use crate::trials::Watch;

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
    fn requests(
        &self,
        rate_per_s: f64,
        replication: u32,
        _watch: &dyn Watch,
    ) -> Result<Vec<RequestRecord>, LoadError> {
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
        Ok(outcome.records(&workload))
    }
}
