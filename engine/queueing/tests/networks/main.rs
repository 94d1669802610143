//! Networks of queues, checked by identities, by plain reference simulators and by theory.

mod against_reference;
mod bad_input;
mod cases;
mod edges;
mod fast_paths;
mod fluid;
mod identities;
mod paths;
mod reference;
mod support;
mod theory;
