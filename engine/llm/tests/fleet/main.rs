//! Whole runs of small, cramped fleets: whatever the workload and the settings, identities hold
//! and the ways of running agree.

mod against_reference;
mod agreement;
mod cases;
mod identities;
mod ledger;
mod reference;
mod samples;
mod stretches;
mod whole_requests;
