//! From one point of an arrival process to the next.

use kendall_kernel::{Dur, Law, LawError, Purpose, Rng, Sampler, Streams, Time, TimeError};

use super::GenerateError;
use super::error::sampler;
use super::mmpp::Mmpp;
use super::resample::TraceGaps;
use crate::workload::{Arrivals, GenerateSpec};

/// Source of the gaps.
const GAPS: u64 = 0;

/// Points in time, of which a session or a group of them starts at each.
#[derive(Debug)]
pub(super) enum Gaps {
    /// Point `i` is at `i / rate_per_s`, rounded once, so that rounding never adds up.
    Equal { rate_per_s: f64, points: u64 },
    /// Independent gaps.
    Drawn {
        law: Sampler,
        field: &'static str,
        rng: Rng,
    },
    /// A Poisson process whose rate changes at random.
    Modulated(Box<Mmpp>),
    /// Gaps of a trace.
    OfTrace(Box<TraceGaps>),
    /// Everything at time 0.
    None,
}

impl Gaps {
    pub(super) fn new(spec: &GenerateSpec, streams: &Streams) -> Result<Gaps, GenerateError> {
        let rng = || streams.stream(GAPS, Purpose::Arrival);
        let drawn = |field, law: &Law| -> Result<Gaps, GenerateError> {
            let law = sampler(field, law)?;
            let rng = rng();
            Ok(Gaps::Drawn { law, field, rng })
        };
        Ok(match &spec.arrivals {
            Arrivals::Poisson { rate_per_s } | Arrivals::Batch { rate_per_s, .. } => {
                let mean = mean_gap(*rate_per_s)?;
                drawn(RATE, &Law::Exponential { mean })?
            }
            Arrivals::Constant { rate_per_s } => Gaps::Equal {
                rate_per_s: check_rate(*rate_per_s)?,
                points: 0,
            },
            Arrivals::Gamma { rate_per_s, cv } => {
                let law = Law::gamma_by_cv(mean_gap(*rate_per_s)?, *cv);
                drawn(RATE, &by_cv(law, *cv)?)?
            }
            Arrivals::Weibull { rate_per_s, cv } => {
                let law = Law::weibull_by_cv(mean_gap(*rate_per_s)?, *cv);
                drawn(RATE, &by_cv(law, *cv)?)?
            }
            Arrivals::Mmpp { states } => {
                let phases = streams.stream(GAPS, Purpose::Phase);
                Gaps::Modulated(Box::new(Mmpp::new(states, rng(), phases)?))
            }
            Arrivals::Renewal { gap_s } => drawn("workload.generate.arrivals.gap_s", gap_s)?,
            Arrivals::FromTrace {
                gap_block,
                rate_per_s,
            } => {
                let rate_per_s = rate_per_s.map(check_rate).transpose()?;
                let from_trace = spec.from_trace.as_ref().ok_or(GenerateError::NoTrace)?;
                let gaps = TraceGaps::new(from_trace, *gap_block, rate_per_s, rng())?;
                Gaps::OfTrace(Box::new(gaps))
            }
            Arrivals::AtOnce {} => Gaps::None,
        })
    }

    /// The point after the one at `now`; nothing if it would lie beyond the end of time.
    pub(super) fn next(&mut self, now: Time) -> Result<Option<Time>, GenerateError> {
        match self {
            Gaps::None => Ok(Some(now)),
            Gaps::Equal { rate_per_s, points } => {
                *points += 1;
                later(Time::ZERO, *points as f64 / *rate_per_s, RATE)
            }
            Gaps::Drawn { law, field, rng } => later(now, law.sample(rng), field),
            Gaps::Modulated(process) => later(now, process.next_gap_s(), RATE),
            Gaps::OfTrace(gaps) => later(now, gaps.next_gap_s(), RATE),
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

fn mean_gap(rate_per_s: f64) -> Result<f64, GenerateError> {
    Ok(check_rate(rate_per_s)?.recip())
}

/// A law by its coefficient of variation; what else may be wrong with it is its rate.
fn by_cv(law: Result<Law, LawError>, cv: f64) -> Result<Law, GenerateError> {
    law.map_err(|source| match source {
        LawError::OutOfRange {
            parameter, must, ..
        } if parameter == "cv" => GenerateError::OutOfRange {
            field: "workload.generate.arrivals.cv",
            value: cv,
            must,
        },
        source => GenerateError::Law {
            field: RATE,
            source,
        },
    })
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
