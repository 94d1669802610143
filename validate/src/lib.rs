//! Checks of the engine against recorded results of real systems and against theory.
//!
//! A recorded check reads a folder of recorded results, runs the engine on the same input and
//! compares. A built-in check brings its own workload, measures over several seeds and judges
//! against theory or published figures. The outcome is one line per case. Deliberately absent: any
//! code shared with what is checked beyond its public interface.

pub mod classics;
pub mod error;
pub mod inference_lab;

mod files;
pub mod outcome;
pub mod queueing;
pub mod studies;
pub mod table;
pub mod theory;
pub mod ticks;
pub mod token_budget;
pub mod vllm;

pub use error::ValidateError;
pub use outcome::{Case, Report, Verdict};
pub use studies::StudyError;
pub use table::{Cell, Column, Estimate, Table};
