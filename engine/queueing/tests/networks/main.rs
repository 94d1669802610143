//! Networks of queues, checked by identities, by plain reference simulators and by theory.

mod bad_input;
mod cases;

mod identities;

mod support;
mod theory;
