//! Time that goes by at a changing speed.

use std::f64::consts::TAU;

use kendall_kernel::Time;
use proptest::prelude::*;

use super::super::generate;
use super::super::modulation::Modulation;
use super::*;
use crate::workload::{DiurnalSpec, SpikeSpec};

const S: u64 = 1_000_000_000;

fn spike(at_s: f64, duration_s: f64, factor: f64, every_s: Option<f64>) -> SpikeSpec {
    SpikeSpec {
        at_s,
        duration_s,
        factor,
        every_s,
    }
}

fn day(period_s: f64, amplitude: f64, peak_at_s: f64) -> DiurnalSpec {
    DiurnalSpec {
        period_s,
        amplitude,
        peak_at_s: Some(peak_at_s),
    }
}

/// Times, in nanoseconds, of points in the time of the process.
fn times(diurnal: Option<DiurnalSpec>, spikes: &[SpikeSpec], points: &[u64]) -> Vec<u64> {
    let mut modulation = Modulation::new(diurnal.as_ref(), spikes).unwrap().unwrap();
    let time = |&ns: &u64| modulation.at(Time::from_ns(ns)).unwrap().unwrap().as_ns();
    points.iter().map(time).collect()
}

#[test]
fn spikes_compress_time_exactly() {
    let once = [spike(10.0, 5.0, 3.0, None)];
    let points = [0, 9 * S, 10 * S, 16 * S, 25 * S, 26 * S, 1_000_000 * S + 1];
    let expected = [0, 9 * S, 10 * S, 12 * S, 15 * S, 16 * S, 999_990 * S + 1];
    assert_eq!(times(None, &once, &points), expected);
    // 5 s of every 20, and 20 + 10 s of process time from one beginning to the next.
    let again = [spike(10.0, 5.0, 3.0, Some(20.0))];
    let points = [25 * S, 40 * S, 43 * S, 10 * S + 30 * S * 1_000_000 + 3];
    let expected = [15 * S, 30 * S, 31 * S, 10 * S + 20 * S * 1_000_000 + 1];
    assert_eq!(times(None, &again, &points), expected);
    // Where both are on their factors multiply: 2 from 1 to 2 s, 6 from 2 to 3, 3 from 3 to 4.
    let both = [spike(1.0, 2.0, 2.0, None), spike(2.0, 2.0, 3.0, None)];
    let points = [2 * S, 3 * S, 6 * S, 9 * S, 12 * S, 13 * S];
    let expected = [3 * S / 2, 2 * S, 5 * S / 2, 3 * S, 4 * S, 5 * S];
    assert_eq!(times(None, &both, &points), expected);
}

#[test]
fn nobody_arrives_in_an_outage() {
    let outage = [spike(10.0, 5.0, 0.0, None)];
    let points = [10 * S, 10 * S + 1, 11 * S];
    assert_eq!(times(None, &outage, &points), [10 * S, 15 * S + 1, 16 * S]);
    let at_once = [spike(0.0, 5.0, 0.0, None)];
    assert_eq!(times(None, &at_once, &[0, 1]), [0, 5 * S + 1]);
}

#[test]
fn a_day_has_its_closed_form() {
    // At a peak: t + 0.5 100 / (2 pi) sin(2 pi t / 100).
    let rise = (0.5 * 100.0 / TAU * 1e9) as u64;
    let points = [25 * S + rise, 50 * S, 75 * S - rise, 100 * S];
    let found = times(Some(day(100.0, 0.5, 0.0)), &[], &points);
    for (found, expected) in found.iter().zip([25 * S, 50 * S, 75 * S, 100 * S]) {
        assert!(found.abs_diff(expected) <= 1, "{found}, not {expected}");
    }
    // Whole periods never drift, whatever is asked for in between.
    for amplitude in [0.0, 0.3, 1.0] {
        for peak_at_s in [0.0, 0.05, 12.3] {
            let points: Vec<u64> = (1..=30_000).map(|k| k * S / 30).collect();
            let found = times(Some(day(0.1, amplitude, peak_at_s)), &[], &points);
            for (point, found) in points.iter().zip(&found) {
                if point % (S / 10) == 0 {
                    // Where the intensity is 0, the time within the quiet is hardly determined.
                    let slack = if amplitude == 1.0 { 1000 } else { 1 };
                    assert!(found.abs_diff(*point) <= slack, "{found}, not {point}");
                }
            }
        }
    }
}

#[test]
fn a_day_of_no_swing_is_no_modulation() {
    let points = [1, 999, 86_399 * S + 123, 86_400 * S, 400_000 * S + 7];
    let found = times(Some(day(86_400.0, 0.0, 3.0)), &[], &points);
    assert_eq!(found, points);
}

/// Integral of the intensity up to a whole number of milliseconds, cell by cell.
fn integral_s(diurnal: Option<DiurnalSpec>, spikes: &[SpikeSpec], ms: u64) -> f64 {
    let on = |spike: &&SpikeSpec, cell: u64| {
        let (cell, at) = (cell as f64, (spike.at_s * 1e3).round());
        let into = match spike.every_s {
            Some(every_s) => (cell - at) % (every_s * 1e3).round(),
            None => cell - at,
        };
        cell >= at && into < (spike.duration_s * 1e3).round()
    };
    let cell_s = |cell: u64| {
        let factors = spikes
            .iter()
            .filter(|spike| on(spike, cell))
            .map(|it| it.factor);
        let (from, to) = (cell as f64 / 1e3, (cell + 1) as f64 / 1e3);
        let swing = diurnal.map_or(0.0, |day| {
            let angle = |t: f64| TAU * (t - day.peak_at_s.unwrap()) / day.period_s;
            day.amplitude * day.period_s / TAU * (angle(to).sin() - angle(from).sin())
        });
        factors.product::<f64>() * (to - from + swing)
    };
    (0..ms).map(cell_s).sum()
}

fn any_spike() -> impl Strategy<Value = SpikeSpec> {
    let factor = prop_oneof![Just(0.5), Just(2.0), Just(7.5)];
    (0..600_u32, 1..200_u32, factor, prop::option::of(0..300_u32)).prop_map(
        |(at, duration, factor, beyond)| {
            let seconds = |ms: u32| f64::from(ms) / 1e3;
            let every_s = beyond.map(|beyond| seconds(duration + beyond));
            spike(seconds(at), seconds(duration), factor, every_s)
        },
    )
}

fn any_day() -> impl Strategy<Value = DiurnalSpec> {
    (1..2000_u32, 0..=9_u32, 0..3000_u32).prop_map(|(period, amplitude, peak)| {
        day(
            f64::from(period) / 1e3,
            f64::from(amplitude) / 10.0,
            f64::from(peak) / 1e3,
        )
    })
}

proptest! {
    /// The time of a point is where the integral reaches it.
    #[test]
    fn points_are_where_the_integral_is(
        diurnal in prop::option::of(any_day()),
        spikes in prop::collection::vec(any_spike(), 0..4),
        mut at_ms in prop::collection::vec(0..1500_u64, 1..12),
    ) {
        prop_assume!(diurnal.is_some() || !spikes.is_empty());
        at_ms.sort_unstable();
        let point = |&ms: &u64| (integral_s(diurnal, &spikes, ms) * 1e9).round() as u64;
        let points: Vec<u64> = at_ms.iter().map(point).collect();
        let found = times(diurnal, &spikes, &points);
        for (ms, found) in at_ms.iter().zip(found) {
            // The point is rounded to a nanosecond, which the least intensity, 0.5^3 0.1, makes 40
            // of time at worst.
            prop_assert!(found.abs_diff(ms * 1_000_000) <= 41, "{} ms: {} ns", ms, found);
        }
    }

    #[test]
    fn time_never_goes_back(
        amplitude in prop_oneof![Just(1.0), Just(0.999), Just(0.4)],
        spikes in prop::collection::vec(any_spike(), 0..3),
        gaps in prop::collection::vec(prop_oneof![0..3_u64, 0..50_000_000_u64], 1..200),
    ) {
        let mut now = 0;
        let points: Vec<u64> = gaps.iter().map(|gap| { now += gap; now }).collect();
        let found = times(Some(day(0.5, amplitude, 0.25)), &spikes, &points);
        prop_assert!(found.is_sorted());
    }
}

/// Counts by part of the period, over many periods.
fn counts(trace: &Trace, period_ns: u64, parts: u64, periods: u64) -> Vec<f64> {
    let mut counts = vec![0.0; parts as usize];
    for arrival in &trace.arrival {
        let ns = arrival.as_ns();
        if ns < periods * period_ns {
            counts[(ns % period_ns / (period_ns / parts)) as usize] += 1.0;
        }
    }
    counts
}

#[test]
fn arrivals_follow_the_time_of_day() {
    for amplitude in [0.4, 1.0] {
        let spec = GenerateSpec {
            requests: 60_000,
            arrivals: Arrivals::Poisson { rate_per_s: 50.0 },
            diurnal: Some(day(40.0, amplitude, 20.0)),
            ..steady()
        };
        let trace = generate(&spec, 4).unwrap();
        // 2,000 a period; the last of 30 is cut.
        let (periods, parts) = (29, 8);
        let counts = counts(&trace, 40 * S, parts, periods);
        for (part, count) in counts.iter().enumerate() {
            // 1 - a cos(2 pi t / 40), integrated over an eighth.
            let angle = |part: usize| TAU * part as f64 / parts as f64;
            let swing = (angle(part + 1).sin() - angle(part).sin()) * 40.0 / TAU;
            let expected = 50.0 * periods as f64 * (5.0 - amplitude * swing);
            let off = (count - expected) / expected.sqrt();
            assert!(off.abs() < Z, "part {part}: {count}, not {expected}");
        }
    }
}

#[test]
fn arrivals_follow_spikes() {
    let spec = GenerateSpec {
        requests: 30_000,
        arrivals: Arrivals::Poisson { rate_per_s: 20.0 },
        spikes: vec![
            spike(5.0, 1.0, 10.0, Some(10.0)),
            spike(8.0, 1.0, 0.0, Some(10.0)),
        ],
        ..steady()
    };
    let trace = generate(&spec, 6).unwrap();
    // 20 (8 + 10) a period.
    let periods = 80;
    let counts = counts(&trace, 10 * S, 10, periods);
    for (second, count) in counts.iter().enumerate() {
        let factor = [1.0, 10.0, 0.0][usize::from(second == 5) + 2 * usize::from(second == 8)];
        let expected = 20.0 * factor * periods as f64;
        let off = count - expected;
        assert!(
            off.abs() <= Z * expected.sqrt(),
            "{second} s: {count}, not {expected}"
        );
    }
}

/// The modulated process is the plain one in another time: the gaps are drawn alike.
#[test]
fn every_process_is_modulated_in_the_same_way() {
    let size = constant(3);
    for arrivals in [
        Arrivals::Constant { rate_per_s: 3.0 },
        Arrivals::Gamma {
            rate_per_s: 3.0,
            cv: 2.0,
        },
        Arrivals::Batch {
            rate_per_s: 1.0,
            size,
        },
    ] {
        let plain = GenerateSpec {
            requests: 300,
            arrivals,
            ..steady()
        };
        let modulated = GenerateSpec {
            diurnal: Some(day(60.0, 0.8, 10.0)),
            spikes: vec![spike(20.0, 3.0, 4.0, Some(25.0))],
            ..plain.clone()
        };
        let ns = |spec| -> Vec<u64> {
            let trace = generate(spec, 9).unwrap();
            trace
                .arrival
                .iter()
                .map(|arrival| arrival.as_ns())
                .collect()
        };
        let expected = times(modulated.diurnal, &modulated.spikes, &ns(&plain));
        assert_eq!(ns(&modulated), expected);
    }
}
