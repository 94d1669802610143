//! The binary, run as a user runs it.

mod bad_config;
mod bad_input;
mod bad_queues;
mod capacity;
mod generated;
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
mod study;
mod support;
mod ticks;
mod token_budget;
mod trace;
mod trials;
mod validate;
