//! What a run tells.

use std::fmt;

use kendall_kernel::Time;

use super::Workload;
use crate::record::{RequestRecord, Status};

/// What became of a request. A time that did not come is [`Time::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Start of the first batch with a part of the prompt.
    pub scheduled: Time,
    /// End of the batch that completed the prompt.
    pub prefill_done: Time,
    /// End of the batch with the first output token.
    pub first_token: Time,
    /// End of the batch with the last output token; of the prompt, for a request without output.
    pub done: Time,
}

impl Times {
    /// Of a request that got nowhere.
    pub const NEVER: Times = Times {
        scheduled: Time::MAX,
        prefill_done: Time::MAX,
        first_token: Time::MAX,
        done: Time::MAX,
    };

    /// The record of the request in that row of a workload; it got all of its output or none.
    pub(super) fn record(&self, workload: &Workload, row: usize) -> RequestRecord {
        let came = |time: Time| (time != Time::MAX).then_some(time);
        let output_tokens = workload.output_tokens[row];
        let (generated_tokens, status) = if self.is_done() {
            (output_tokens, Status::Finished)
        } else {
            (0, Status::Unfinished)
        };
        RequestRecord {
            request_id: row as u64,
            class: 0,
            session_id: None,
            instance: None,
            prefill_instance: None,
            arrival: workload.arrival[row].floor(),
            scheduled: came(self.scheduled),
            first_token: came(self.first_token),
            finish: came(self.done),
            prompt_tokens: workload.prompt_tokens[row],
            output_tokens,
            generated_tokens,
            cached_tokens: 0,
            preemptions: 0,
            status,
        }
    }

    /// Whether the request was served.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done != Time::MAX
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every request was served.
    Drained,
    /// Nothing can happen any more, and requests are left.
    Blocked {
        /// Why.
        cause: Blocked,
        /// Requests that are left.
        left: u32,
    },
}

/// Why nothing can happen any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// A prompt that must not be split exceeds the budget and is at the head of the queue.
    HeadOfLine {
        /// Row of the request.
        request: u32,
        /// Tokens that would have to fit.
        tokens: u32,
        /// The budget.
        max_tokens: u32,
    },
    /// Requests lost a part of their prompts and can never be completed.
    LostChunks {
        /// How many.
        requests: u32,
    },
    /// No sequence of a batch is for decodes.
    NoDecodeSlot,
    /// No sequence of a batch is for prompts.
    NoPrefillSlot,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ending::Blocked { cause, left } = self else {
            return f.write_str("every request was served");
        };
        write!(f, "blocked with {left} requests left: ")?;
        match cause {
            Blocked::HeadOfLine {
                request,
                tokens,
                max_tokens,
            } => write!(
                f,
                "request {request} needs {tokens} tokens at once, a batch holds {max_tokens}"
            ),
            Blocked::LostChunks { requests } => {
                write!(f, "{requests} requests lost a part of their prompts")
            }
            Blocked::NoDecodeSlot => f.write_str("no sequence of a batch is for decodes"),
            Blocked::NoPrefillSlot => f.write_str("no sequence of a batch is for prompts"),
        }
    }
}

/// What a run tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// By row of the workload.
    pub times: Vec<Times>,
    /// Requests that were left while they were decoding, each with the tokens it has got, in the
    /// order in which they would have decoded.
    pub partial: Vec<(u32, u32)>,
    /// Batches, those of merged runs counted one by one.
    pub batches: u64,
    /// How it ended.
    pub ending: Ending,
    /// When the last batch ended; the start for a run without any.
    pub end: Time,
}

impl Outcome {
    /// A record of every request of the workload that was run, in their order.
    #[must_use]
    pub fn records(&self, workload: &Workload) -> Vec<RequestRecord> {
        let rows = self.times.iter().enumerate();
        let mut records: Vec<RequestRecord> = rows
            .map(|(row, times)| times.record(workload, row))
            .collect();
        for &(request, tokens) in &self.partial {
            records[request as usize].generated_tokens = tokens;
        }
        records
    }
}
