//! When sessions start.

use kendall_kernel::{Dur, Law, Purpose, Rng, Sampler, Streams, Time, TimeError};

use super::GenerateError;
use super::error::sampler;
use crate::workload::Arrivals;

/// Source of the gaps.
const GAPS: u64 = 0;
/// Source of the sizes of groups.
const SIZES: u64 = 1;

/// Starting times, not decreasing. The first comes one gap after time 0.
#[derive(Debug)]
pub(super) struct Starts {
    gaps: Gaps,
    groups: Option<Groups>,
    now: Time,
    /// Sessions that are still to start at `now`.
    left: u32,
}

#[derive(Debug)]
enum Gaps {
    /// Point `i` is at `i / rate_per_s`, rounded once, so that rounding never adds up.
    Equal { rate_per_s: f64, points: u64 },
    /// Independent gaps.
    Drawn {
        law: Sampler,
        field: &'static str,
        rng: Rng,
    },
    /// Everything at time 0.
    None,
}

/// Sizes of groups that start together.
#[derive(Debug)]
struct Groups {
    size: Sampler,
    rng: Rng,
}

impl Starts {
    pub(super) fn new(arrivals: &Arrivals, streams: &Streams) -> Result<Starts, GenerateError> {
        let drawn = |field, law: &Law| -> Result<Gaps, GenerateError> {
            let law = sampler(field, law)?;
            let rng = streams.stream(GAPS, Purpose::Arrival);
            Ok(Gaps::Drawn { law, field, rng })
        };
        let mut groups = None;
        let gaps = match arrivals {
            Arrivals::Poisson { rate_per_s } => drawn(RATE, &exponential(*rate_per_s)?)?,
            Arrivals::Constant { rate_per_s } => Gaps::Equal {
                rate_per_s: check_rate(*rate_per_s)?,
                points: 0,
            },
            Arrivals::Renewal { gap_s } => drawn("workload.generate.arrivals.gap_s", gap_s)?,
            Arrivals::Batch { rate_per_s, size } => {
                groups = Some(Groups {
                    size: sampler("workload.generate.arrivals.size", size)?,
                    rng: streams.stream(SIZES, Purpose::Arrival),
                });
                drawn(RATE, &exponential(*rate_per_s)?)?
            }
            Arrivals::AtOnce {} => Gaps::None,
        };
        let (now, left) = (Time::ZERO, 0);
        Ok(Starts {
            gaps,
            groups,
            now,
            left,
        })
    }

    /// The next starting time; nothing if it would lie beyond the end of time.
    pub(super) fn next(&mut self) -> Result<Option<Time>, GenerateError> {
        if self.left == 0 {
            let Some(now) = self.gaps.next(self.now)? else {
                return Ok(None);
            };
            self.now = now;
            self.left = match &mut self.groups {
                Some(groups) => groups.size.sample_count(&mut groups.rng, 1, u32::MAX),
                None => 1,
            };
        }
        self.left -= 1;
        Ok(Some(self.now))
    }
}

impl Gaps {
    fn next(&mut self, now: Time) -> Result<Option<Time>, GenerateError> {
        match self {
            Gaps::None => Ok(Some(now)),
            Gaps::Equal { rate_per_s, points } => {
                *points += 1;
                later(Time::ZERO, *points as f64 / *rate_per_s, RATE)
            }
            Gaps::Drawn { law, field, rng } => later(now, law.sample(rng), field),
        }
    }
}

const RATE: &str = "workload.generate.arrivals.rate_per_s";

/// The reciprocal has to be finite too, being the mean gap.
fn check_rate(rate_per_s: f64) -> Result<f64, GenerateError> {
    if rate_per_s > 0.0 && rate_per_s.is_finite() && rate_per_s.recip().is_finite() {
        return Ok(rate_per_s);
    }
    Err(GenerateError::OutOfRange {
        field: RATE,
        value: rate_per_s,
        must: "positive and finite, as must be its reciprocal",
    })
}

fn exponential(rate_per_s: f64) -> Result<Law, GenerateError> {
    let mean = check_rate(rate_per_s)?.recip();
    Ok(Law::Exponential { mean })
}

/// The time `gap_s` after another; nothing if it lies beyond the end of time.
pub(super) fn later(
    before: Time,
    gap_s: f64,
    field: &'static str,
) -> Result<Option<Time>, GenerateError> {
    match Dur::from_secs_f64(gap_s) {
        Ok(gap) => Ok(before.checked_add(gap)),
        Err(TimeError::TooLarge { .. }) => Ok(None),
        Err(source) => Err(GenerateError::NotATime { field, source }),
    }
}
