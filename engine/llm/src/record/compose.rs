//! Listeners made of others: none, a borrowed one, one that may be absent, two side by side.

use kendall_kernel::Dur;

use super::{Recorder, RequestRecord, StepRecord};
use crate::instance::{Outputs, Scheduled};
use crate::sample::Sample;
use crate::step_run::StepRun;
use crate::step_times::StepTimes;

/// Every method of a [`Recorder`] that is told something, each handing it on by `$hand_on`, a macro
/// of the listener, the method and its arguments.
macro_rules! hand_on {
    ($hand_on:ident) => {
        hand_on! { $hand_on:
            arrived(row: u32),
            withdrawn(row: u32),
            scheduled(detail: &Scheduled),
            outputs(detail: &Outputs),
            request(record: &RequestRecord),
            step(record: &StepRecord),
            steps(run: &StepRun<'_>),
            gaps(gap: Dur, count: u64),
            gaps_of_steps(times: &StepTimes, count: u64),
            first_token(instance: u16, ttft: Dur),
            sample(sample: &Sample<'_>),
        }
    };
    ($hand_on:ident: $($method:ident($($told:ident: $type:ty),+),)+) => {
        $(
            fn $method(&mut self, $($told: $type),+) {
                $hand_on!(self, $method, $($told),+);
            }
        )+
    };
}

macro_rules! to_borrowed {
    ($listener:ident, $method:ident, $($told:ident),+) => {
        R::$method($listener, $($told),+)
    };
}

macro_rules! to_present {
    ($listener:ident, $method:ident, $($told:ident),+) => {
        if let Some(present) = $listener {
            present.$method($($told),+);
        }
    };
}

macro_rules! to_both {
    ($listener:ident, $method:ident, $($told:ident),+) => {
        $listener.0.$method($($told),+);
        $listener.1.$method($($told),+);
    };
}

/// Listens to nothing.
impl Recorder for () {
    const REQUESTS: bool = false;
}

impl<R: Recorder> Recorder for &mut R {
    const REQUESTS: bool = R::REQUESTS;
    const STEPS: bool = R::STEPS;
    const GAPS: bool = R::GAPS;
    const DETAIL: bool = R::DETAIL;
    const SAMPLES: bool = R::SAMPLES;
    hand_on!(to_borrowed);
    fn failed(&self) -> bool {
        R::failed(self)
    }
}

/// A listener that may be absent.
impl<R: Recorder> Recorder for Option<R> {
    const REQUESTS: bool = R::REQUESTS;
    const STEPS: bool = R::STEPS;
    const GAPS: bool = R::GAPS;
    const DETAIL: bool = R::DETAIL;
    const SAMPLES: bool = R::SAMPLES;
    hand_on!(to_present);
    fn failed(&self) -> bool {
        self.as_ref().is_some_and(R::failed)
    }
}

/// Two listeners side by side.
impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    const REQUESTS: bool = A::REQUESTS || B::REQUESTS;
    const STEPS: bool = A::STEPS || B::STEPS;
    const GAPS: bool = A::GAPS || B::GAPS;
    const DETAIL: bool = A::DETAIL || B::DETAIL;
    const SAMPLES: bool = A::SAMPLES || B::SAMPLES;
    hand_on!(to_both);
    fn failed(&self) -> bool {
        self.0.failed() || self.1.failed()
    }
}
