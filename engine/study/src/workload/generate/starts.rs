//! When sessions start.

use kendall_kernel::{Purpose, Rng, Sampler, Streams, Time};

use super::GenerateError;
use super::error::sampler;
use super::gaps::Gaps;
use super::modulation::Modulation;
use crate::workload::{Arrivals, GenerateSpec};

/// Source of the sizes of groups.
const SIZES: u64 = 1;

/// Starting times, not decreasing. The first comes one gap after time 0.
#[derive(Debug)]
pub(super) struct Starts {
    gaps: Gaps,
    /// What turns the time of the gaps into time, where that is another.
    modulation: Option<Box<Modulation>>,
    groups: Option<Groups>,
    /// In the time of the gaps.
    now: Time,
    start: Time,
    /// Sessions that are still to start at `start`.
    left: u32,
}

/// Sizes of groups that start together.
#[derive(Debug)]
struct Groups {
    size: Sampler,
    rng: Rng,
}

impl Starts {
    pub(super) fn new(spec: &GenerateSpec, streams: &Streams) -> Result<Starts, GenerateError> {
        let gaps = Gaps::new(spec, streams)?;
        let modulation = Modulation::new(spec.diurnal.as_ref(), &spec.spikes)?;
        // So a tenant opts out of what all share.
        let modulation = modulation.filter(|modulation| !modulation.is_flat());
        if let (Gaps::None, Some(modulation)) = (&gaps, &modulation) {
            let field = modulation.setting();
            return Err(GenerateError::NoRate { field });
        }
        let groups = match &spec.arrivals {
            Arrivals::Batch { size, .. } => Some(Groups {
                size: sampler("workload.generate.arrivals.size", size)?,
                rng: streams.stream(SIZES, Purpose::Arrival),
            }),
            _ => None,
        };
        Ok(Starts {
            gaps,
            modulation: modulation.map(Box::new),
            groups,
            now: Time::ZERO,
            start: Time::ZERO,
            left: 0,
        })
    }

    /// The next starting time; nothing if it would lie beyond the end of time.
    pub(super) fn next(&mut self) -> Result<Option<Time>, GenerateError> {
        if self.left == 0 {
            let Some(now) = self.gaps.next(self.now)? else {
                return Ok(None);
            };
            self.now = now;
            self.start = match &mut self.modulation {
                None => now,
                Some(modulation) => match modulation.at(now)? {
                    Some(start) => start,
                    None => return Ok(None),
                },
            };
            self.left = match &mut self.groups {
                Some(groups) => groups.size.sample_count(&mut groups.rng, 1, u32::MAX),
                None => 1,
            };
        }
        self.left -= 1;
        Ok(Some(self.start))
    }
}
