//! How fast a process goes, by the time of day and by spikes.

use std::f64::consts::TAU;

use kendall_kernel::Dur;

use super::GenerateError;
use crate::workload::{DiurnalSpec, SpikeSpec};

const SPIKES: &str = "workload.generate.spikes";

/// Shortest period, spike and repetition: a millisecond.
const SHORTEST_NS: u64 = 1_000_000;

/// Highest factor of a spike.
const MAX_FACTOR: f64 = 1e6;

/// A rate that goes up and down as a cosine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Diurnal {
    pub(super) period_ns: u64,
    amplitude: f64,
    /// Time from a peak to time 0.
    since_peak_ns: u64,
    /// Radians per second.
    speed: f64,
}

/// A place in a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    /// Integral of the intensity from the start of the segment.
    pub(super) integral_s: f64,
    pub(super) intensity: f64,
    /// Derivative of the intensity.
    pub(super) slope_per_s: f64,
}

/// A stretch of time with another rate, once or again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spike {
    at_ns: u64,
    duration_ns: u64,
    pub(super) factor: f64,
    /// From one beginning to the next; as long as time if there is none.
    every_ns: u64,
}

impl Diurnal {
    pub(super) fn new(spec: &DiurnalSpec) -> Result<Diurnal, GenerateError> {
        let period_ns = time("workload.generate.diurnal.period_s", spec.period_s)?;
        if period_ns < SHORTEST_NS {
            return Err(GenerateError::OutOfRange {
                field: "workload.generate.diurnal.period_s",
                value: spec.period_s,
                must: "at least a millisecond",
            });
        }
        if !(0.0..=1.0).contains(&spec.amplitude) {
            return Err(GenerateError::OutOfRange {
                field: "workload.generate.diurnal.amplitude",
                value: spec.amplitude,
                must: "from 0 to 1",
            });
        }
        let peak_ns = match spec.peak_at_s {
            Some(peak_at_s) => time("workload.generate.diurnal.peak_at_s", peak_at_s)?,
            None => period_ns / 2,
        };
        Ok(Diurnal {
            period_ns,
            amplitude: spec.amplitude,
            since_peak_ns: (period_ns - peak_ns % period_ns) % period_ns,
            speed: TAU / (period_ns as f64 / 1e9),
        })
    }

    /// Whether the rate is the same at all times.
    pub(super) fn is_flat(&self) -> bool {
        self.amplitude == 0.0
    }

    /// Time since the last peak.
    pub(super) fn since_peak_at(&self, now_ns: u128) -> u64 {
        let sum = now_ns + u128::from(self.since_peak_ns);
        (sum % u128::from(self.period_ns)) as u64
    }

    /// How far the integral gets from that of a constant rate, in seconds.
    pub(super) fn swing_s(&self) -> f64 {
        self.amplitude / self.speed
    }

    /// What there is `now_s` seconds from the angle with this sine and cosine. By half the angle, so
    /// that nothing cancels over short times.
    pub(super) fn over(&self, (sin, cos): (f64, f64), now_s: f64) -> Reached {
        let (half_sin, half_cos) = (self.speed * now_s / 2.0).sin_cos();
        let middle_sin = sin * half_cos + cos * half_sin;
        let middle_cos = cos * half_cos - sin * half_sin;
        let end_sin = middle_sin * half_cos + middle_cos * half_sin;
        let end_cos = middle_cos * half_cos - middle_sin * half_sin;
        Reached {
            integral_s: now_s + self.swing_s() * (2.0 * middle_cos * half_sin),
            intensity: 1.0 + self.amplitude * end_cos,
            slope_per_s: -self.amplitude * self.speed * end_sin,
        }
    }

    /// A bound, to leading order, of what a step of Halley's method is off by: its cube times
    /// (b/a)^2 / 4 + c/a / 6 for the first three derivatives a, b and c (Traub, Iterative Methods for
    /// the Solution of Equations, 1964, section 5.2), the last two being at most those of the swing.
    pub(super) fn error_s(&self, step_s: f64, intensity: f64) -> f64 {
        let share = self.amplitude / intensity;
        let angle = self.speed * step_s;
        (step_s * angle * angle * (share * share / 4.0 + share / 6.0)).abs()
    }

    pub(super) fn angle(&self, into_ns: u64) -> f64 {
        TAU * (into_ns as f64 / self.period_ns as f64)
    }
}

impl Spike {
    pub(super) fn new(index: usize, spec: &SpikeSpec) -> Result<Spike, GenerateError> {
        let refuse = |key, value, must| GenerateError::ElementOutOfRange {
            list: SPIKES,
            index,
            key,
            value,
            must,
        };
        let ns = |key, value| {
            let dur = Dur::from_secs_f64(value).map(Dur::as_ns);
            dur.map_err(|_| refuse(key, value, "a time, not negative and below 1.8e10 s"))
        };
        let at_ns = ns("at_s", spec.at_s)?;
        let duration_ns = ns("duration_s", spec.duration_s)?;
        if duration_ns < SHORTEST_NS {
            return Err(refuse(
                "duration_s",
                spec.duration_s,
                "at least a millisecond",
            ));
        }
        if !(spec.factor >= 0.0 && spec.factor <= MAX_FACTOR) {
            return Err(refuse("factor", spec.factor, "from 0 to 1e6"));
        }
        let every_ns = match spec.every_s {
            None => u64::MAX,
            Some(every_s) => {
                let every_ns = ns("every_s", every_s)?;
                if every_ns < duration_ns {
                    return Err(refuse("every_s", every_s, "at least `duration_s`"));
                }
                every_ns
            }
        };
        Ok(Spike {
            at_ns,
            duration_ns,
            factor: spec.factor,
            every_ns,
        })
    }

    /// Whether it is on, and how long that remains so.
    pub(super) fn state(&self, now_ns: u64) -> (bool, u64) {
        let Some(since) = now_ns.checked_sub(self.at_ns) else {
            return (false, self.at_ns - now_ns);
        };
        let into = since % self.every_ns;
        if into < self.duration_ns {
            (true, self.duration_ns - into)
        } else {
            (false, self.every_ns - into)
        }
    }
}

fn time(field: &'static str, value_s: f64) -> Result<u64, GenerateError> {
    let dur = Dur::from_secs_f64(value_s);
    dur.map(Dur::as_ns)
        .map_err(|source| GenerateError::NotATime { field, source })
}
