//! Which requests arrive when: generated workloads, and what a scenario does to a trace.

mod demand;
mod generate;
mod scale;
mod spec;

pub use self::demand::Demand;
pub use self::generate::{GenerateError, Generator, generate};
pub use self::scale::{ScaleError, Scaled, scale_rate};
pub use self::spec::{
    Arrivals, DiurnalSpec, FromTraceSpec, GenerateSpec, MmppState, PrefixSpec, SessionSpec,
    SpikeSpec, TenantSpec, TraceColumns,
};
