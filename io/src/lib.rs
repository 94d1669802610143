//! Traces and configuration in, Parquet and JSON out: the only crate that knows file formats.

pub mod config;
pub mod records;
pub mod trace;
