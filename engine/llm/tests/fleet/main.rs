//! Whole runs of small, cramped fleets: whatever the workload and the settings, identities hold
//! and the ways of running agree.

mod agreement;
mod cases;
mod identities;
mod ledger;
