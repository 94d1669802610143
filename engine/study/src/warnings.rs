//! What a user should know about a run, and what to do about it.

use crate::scenario::Resolved;
use crate::summary::RequestCounts;
use crate::workload::Demand;

/// Something about a run that its figures do not show.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Warning {
    /// Many requests could never have finished.
    #[error(
        "{rejected} of {total} requests were rejected: their prompt and output exceed the KV cache \
         ({kv_tokens} tokens) or max_model_len ({max_model_len}); use more memory (tensor_parallel, \
         gpu_memory_utilization, num_gpu_blocks), a longer max_model_len, or drop such requests"
    )]
    ManyRejected {
        /// Rejected requests.
        rejected: u64,
        /// All requests.
        total: u64,
        /// Tokens that an instance's cache holds.
        kv_tokens: u64,
        /// Longest sequence.
        max_model_len: u32,
    },
    /// Prefix caching has nothing to work with.
    #[error(
        "prefix caching is on, but the trace does not say what its prompts consist of, so nothing \
         can hit; add hash_ids to the trace, or set llm.kv.enable_prefix_caching=false"
    )]
    NoContent,
    /// Outputs were cut short.
    #[error(
        "{requests} request{} for more than max_model_len ({max_model_len}) tokens of prompt and \
         output together, where the output ends; set a longer llm.scheduler.max_model_len if the model \
         allows",
        if *requests == 1 { " asks" } else { "s ask" }
    )]
    OutputsCut {
        /// Requests cut short.
        requests: u64,
        /// Longest sequence.
        max_model_len: u32,
    },
    /// Bad records were left out.
    #[error(
        "{records} bad record{} left out; without --on-bad-record skip the first is shown",
        if *records == 1 { " was" } else { "s were" }
    )]
    Skipped {
        /// How many.
        records: u64,
    },
    /// Requests are still present at the end, or have not arrived.
    #[error(
        "{unfinished} of {total} requests had not finished when the run ended; a later --until \
         lets them"
    )]
    Unfinished {
        /// Unfinished requests.
        unfinished: u64,
        /// All requests.
        total: u64,
    },
    /// Nothing is left to report on.
    #[error(
        "the warm-up covers all {requests} requests, so that the summary is of none; shorten it \
         (--warm-up)"
    )]
    AllWarmUp {
        /// All requests.
        requests: u64,
    },
}

impl Warning {
    /// Everything worth saying about a run.
    #[must_use]
    pub fn about(
        resolved: &Resolved,
        demand: &Demand,
        counts: &RequestCounts,
        skipped_records: u64,
    ) -> Vec<Warning> {
        let scheduler = &resolved.fleet.scheduler;
        let max_model_len = scheduler.max_model_len;
        let null_blocks = scheduler.profile.null_blocks();
        let usable = scheduler.num_gpu_blocks.saturating_sub(null_blocks);
        let kv_tokens = u64::from(usable) * u64::from(scheduler.block_size);
        let requests = demand.requests;
        let RequestCounts {
            total,
            rejected,
            unfinished,
            ..
        } = *counts;
        let caches = scheduler.enable_prefix_caching && !scheduler.profile.takes_whole_requests();
        let no_content = caches && requests > 0 && !demand.has_content;
        let candidates = [
            (
                rejected * 100 > total,
                Warning::ManyRejected {
                    rejected,
                    total,
                    kv_tokens,
                    max_model_len,
                },
            ),
            (no_content, Warning::NoContent),
            (
                demand.cut > 0,
                Warning::OutputsCut {
                    requests: demand.cut,
                    max_model_len,
                },
            ),
            (
                skipped_records > 0,
                Warning::Skipped {
                    records: skipped_records,
                },
            ),
            (unfinished > 0, Warning::Unfinished { unfinished, total }),
            (total == 0 && requests > 0, Warning::AllWarmUp { requests }),
        ];
        candidates
            .into_iter()
            .filter(|(applies, _)| *applies)
            .map(|(_, warning)| warning)
            .collect()
    }
}
