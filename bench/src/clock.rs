//! Processor time. Unix only.

use rustix::time::{ClockId, Timespec, clock_gettime};

/// Processor time that the calling thread has used, in ns.
#[must_use]
pub fn thread_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::ThreadCPUTime))
}

/// Processor time that all other threads of the process have used, those that have ended
/// included, in ns.
#[must_use]
pub fn other_threads_ns() -> u64 {
    // The thread first: the process can then only be ahead of it.
    let thread = thread_ns();
    nanoseconds(clock_gettime(ClockId::ProcessCPUTime)).saturating_sub(thread)
}

fn nanoseconds(time: Timespec) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
