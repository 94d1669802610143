//! Checks of the engine against recorded results of real systems and against theory.
//!
//! A check reads a folder of recorded results, runs the engine on the same input and compares; its
//! outcome is one line per case. Deliberately absent: any code shared with what is checked beyond
//! its public interface.

pub mod error;
pub mod inference_lab;

mod files;
pub mod outcome;
pub mod queueing;
pub mod theory;
pub mod vllm;

pub use error::ValidateError;
pub use outcome::{Case, Report, Verdict};
