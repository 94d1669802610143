//! The engine against a plain simulator on random cases, its laws, and the faults of the original.

mod against_reference;
mod cases;
mod defects;
mod reference;
mod samples;
mod workloads;
