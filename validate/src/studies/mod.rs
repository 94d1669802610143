//! Studies of LLM serving under request-level, iteration-level and chunked scheduling.
//!
//! The questions, and the figures called published, are those of the DES (Rust) simulator's
//! README; it does not state its parameters. system.rs says what was inferred from its figures.
//! Every study measures over several seeds and judges shapes: closed forms where there are any,
//! elsewhere published figures within a stated range. Deliberately absent: parameters tuned until
//! a figure fits; where figures do not fit together, the table says so.
//!
//! Invariant: a study is a function of nothing, its outcome is the same on every machine.

mod batch_tradeoff;
mod chunked_prefill;
mod decode_stall;
mod fairness;
mod kv_bottleneck;
mod overview;
mod prompt_length;
mod replicate;
mod system;
mod ttft;

pub use batch_tradeoff::batch_tradeoff;
pub use chunked_prefill::chunked_prefill;
pub use decode_stall::decode_stall;
pub use fairness::fairness;
pub use kv_bottleneck::kv_bottleneck;
pub use overview::overview;
pub use prompt_length::prompt_length;
pub use ttft::ttft;

use kendall_cost::CostError;
use kendall_kernel::TimeError;
use kendall_llm::EngineError;
use kendall_study::workload::GenerateError;

/// Standard errors within which an estimate agrees with what it estimates: for normal errors,
/// exceeded once in 16,000 times.
const Z: f64 = 4.0;

/// Why a study cannot run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StudyError {
    /// Its workload.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// Its cost model.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// Its horizon.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
