//! Results as files: what a run records is what a reader of Parquet finds.

mod customers;
mod failures;
mod samples;
mod support;
mod tables;
mod timing;
mod trials;
