//! The binary, run as a user runs it.

mod bad_config;
mod bad_input;
mod bad_queues;
mod capacity;
mod help;
mod identities;
mod list_config;
mod output;
mod queueing;
mod replay;
mod samples;
mod series;
mod signals;
mod steady_state;
mod streaming;
mod support;
mod ticks;
mod token_budget;
mod trace;
mod validate;
