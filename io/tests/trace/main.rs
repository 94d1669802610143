//! The trace readers and writers, from files to columns and back.

mod any_bytes;
mod bad_input;
mod read;
