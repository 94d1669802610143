//! Traces and configuration in, Parquet, JSON and SVG out: the only crate that knows file formats.

pub mod config;
pub mod figures;
pub mod records;
pub mod trace;
