//! Rates that change with time.
//!
//! The process runs in a time of its own, in which its rate is what it says. The intensity m(t) tells
//! how fast that time goes by, and a point at s of it is at the t with integral of m from 0 to t = s
//! (Cinlar, Introduction to Stochastic Processes, 1975, chapter 4, on Poisson processes): exact,
//! and for any process, gaps that are not exponential being stretched and compressed.
//!
//! Time is cut into segments: where a spike begins or ends, where a period ends, and at the latest
//! after a day, so that a float tells fractions of a nanosecond within one. In a segment the integral
//! has a closed form and is solved for t. Whole periods of the day, and spikes of whole nanoseconds,
//! add up without rounding but for 2^-32 ns a segment.
//!
//! Invariant: later points of the process are not earlier in time. Memory is that of the spikes.

use kendall_kernel::{Dur, Time};

use super::GenerateError;
use super::intensity::{Diurnal, Spike};
use crate::workload::{DiurnalSpec, SpikeSpec};

/// Longest segment: a day.
const MAX_SEGMENT_NS: u64 = 86_400_000_000_000;

/// Segments from one arrival to the next. Time has 2.2 10^5 days.
const MAX_SEGMENTS: u32 = 10_000_000;

/// How close in seconds a solution has to be: a tenth of a nanosecond.
const CLOSE_S: f64 = 1e-10;

/// The intensity, and where in time its integral has got to.
#[derive(Debug)]
pub(super) struct Modulation {
    diurnal: Option<Diurnal>,
    spikes: Vec<Spike>,
    segment: Segment,
    /// Seconds into the segment of the last point: where the search for the next begins.
    last_s: f64,
    last: Time,
}

/// A stretch of time over which the spikes' factor is constant.
#[derive(Clone, Copy, Debug)]
struct Segment {
    start: Time,
    length_ns: u64,
    factor: f64,
    /// Sine and cosine of the diurnal angle at its start.
    sin_cos: (f64, f64),
    /// Integral of the intensity up to its start, and over it, in units of 2^-32 ns.
    before: u128,
    inside: u128,
}

impl Modulation {
    /// Nothing if there is nothing to modulate by.
    pub(super) fn new(
        diurnal: Option<&DiurnalSpec>,
        spikes: &[SpikeSpec],
    ) -> Result<Option<Modulation>, GenerateError> {
        if diurnal.is_none() && spikes.is_empty() {
            return Ok(None);
        }
        let diurnal = diurnal.map(Diurnal::new).transpose()?;
        let spikes: Result<Vec<Spike>, GenerateError> = (spikes.iter().enumerate())
            .map(|(index, spike)| Spike::new(index, spike))
            .collect();
        let mut modulation = Modulation {
            diurnal,
            spikes: spikes?,
            segment: Segment {
                start: Time::ZERO,
                length_ns: 0,
                factor: 1.0,
                sin_cos: (0.0, 1.0),
                before: 0,
                inside: 0,
            },
            last_s: 0.0,
            last: Time::ZERO,
        };
        modulation.segment = modulation.segment_from(Time::ZERO, 0);
        Ok(Some(modulation))
    }

    /// Whether it leaves every time as it is.
    pub(super) fn is_flat(&self) -> bool {
        self.spikes.is_empty() && self.diurnal.as_ref().is_none_or(Diurnal::is_flat)
    }

    /// Full name of the setting that it comes from.
    pub(super) fn setting(&self) -> &'static str {
        match self.diurnal {
            Some(_) => "workload.generate.diurnal",
            None => "workload.generate.spikes",
        }
    }

    /// The time at which the process is at `point` of its own time; nothing beyond the end of
    /// time. Points have to be asked for in order. O(spikes) for every segment on the way, else O(1).
    pub(super) fn at(&mut self, point: Time) -> Result<Option<Time>, GenerateError> {
        let point = u128::from(point.as_ns()) << 32;
        let mut segments = 0;
        while point - self.segment.before > self.segment.inside {
            let length = Dur::from_ns(self.segment.length_ns);
            let Some(end) = self.segment.start.checked_add(length) else {
                return Ok(None);
            };
            segments += 1;
            if segments > MAX_SEGMENTS {
                let changes = MAX_SEGMENTS;
                return Err(GenerateError::SpikesTooShort { changes });
            }
            let before = self.segment.before + self.segment.inside;
            self.segment = self.segment_from(end, before);
            self.last_s = 0.0;
        }
        let wanted_s = (point - self.segment.before) as f64 / UNITS_PER_S;
        self.last_s = self.solve(wanted_s);
        let length = Dur::from_ns(self.segment.length_ns);
        let into = Dur::from_secs_f64(self.last_s).map_or(length, |into| into.min(length));
        let Some(time) = self.segment.start.checked_add(into) else {
            return Ok(None);
        };
        // Solutions are close, not ordered, where points all but coincide.
        self.last = self.last.max(time);
        Ok(Some(self.last))
    }

    /// The segment that begins at `start`.
    fn segment_from(&self, start: Time, before: u128) -> Segment {
        let now = start.as_ns();
        let mut length_ns = MAX_SEGMENT_NS;
        let mut factor = 1.0;
        for spike in &self.spikes {
            let (on, lasts_ns) = spike.state(now);
            length_ns = length_ns.min(lasts_ns);
            if on {
                factor *= spike.factor;
            }
        }
        let mut segment = Segment {
            start,
            length_ns,
            factor,
            sin_cos: (0.0, 1.0),
            before,
            inside: 0,
        };
        let mut swing_ns = 0.0;
        if let Some(diurnal) = &self.diurnal {
            let into = diurnal.since_peak_at(u128::from(now));
            segment.length_ns = length_ns.min(diurnal.period_ns - into);
            segment.sin_cos = diurnal.angle(into).sin_cos();
            let end = u128::from(now) + u128::from(segment.length_ns);
            let rise = diurnal.angle(diurnal.since_peak_at(end)).sin() - segment.sin_cos.0;
            swing_ns = diurnal.swing_s() * rise * 1e9;
        }
        let length_ns = segment.length_ns as f64;
        segment.inside = units(factor * (length_ns + swing_ns));
        segment
    }

    /// Seconds into the segment at which the integral over it is `wanted_s`: Halley's method
    /// within a bracket, which is halved where it would be left or where that takes long.
    fn solve(&self, wanted_s: f64) -> f64 {
        if wanted_s == 0.0 {
            return 0.0;
        }
        let segment = &self.segment;
        let wanted_s = wanted_s / segment.factor;
        let Some(diurnal) = &self.diurnal else {
            return wanted_s;
        };
        let (mut low, mut high) = (self.last_s, segment.length_ns as f64 / 1e9);
        let mut now = low;
        let mut rounds = 0;
        while high - low > CLOSE_S {
            let there = diurnal.over(segment.sin_cos, now);
            let over_s = there.integral_s - wanted_s;
            if over_s > 0.0 {
                high = now;
            } else {
                low = now;
            }
            let bend = over_s * there.slope_per_s / (2.0 * there.intensity);
            let step = over_s / (there.intensity - bend);
            if diurnal.error_s(step, there.intensity) < CLOSE_S {
                return (now - step).max(0.0);
            }
            now -= step;
            rounds += 1;
            // Also where the intensity is 0 and the step no number.
            if rounds > HALLEY_ROUNDS || !(now > low && now < high) {
                now = low + (high - low) / 2.0;
            }
        }
        low
    }
}

/// Rounds of Halley's method before the bracket is only halved.
const HALLEY_ROUNDS: u32 = 8;

/// Units of 2^-32 ns in a second.
const UNITS_PER_S: f64 = 4_294_967_296.0 * 1e9;

/// Nanoseconds, not negative but for rounding, in units of 2^-32 ns, rounded down.
fn units(ns: f64) -> u128 {
    let whole = ns.trunc();
    ((whole as u128) << 32) + ((ns - whole) * 4_294_967_296.0) as u128
}
