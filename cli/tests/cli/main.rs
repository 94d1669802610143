//! The binary, run as a user runs it.

mod bad_config;
mod bad_input;
mod help;
mod identities;
mod list_config;
mod output;
mod replay;
mod signals;
mod support;
mod trace;
mod validate;
