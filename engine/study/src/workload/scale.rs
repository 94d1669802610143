//! Speeding a trace up or slowing it down.

use kendall_kernel::{Dur, Time, TimeError};
use kendall_llm::{Source, Trace};

/// Why a trace cannot be scaled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("request {row} would arrive too late: {source}")]
pub struct ScaleError {
    /// Row of the request.
    pub row: usize,
    /// What is wrong with its time.
    pub source: TimeError,
}

/// Divides all times of a trace by `factor`, so that it arrives `factor` times as fast; a factor
/// of 1 changes nothing.
///
/// # Errors
/// Times that end beyond 2^64 ns.
pub fn scale_rate(trace: &mut Trace, factor: f64) -> Result<(), ScaleError> {
    if factor == 1.0 {
        return Ok(());
    }
    let scaled = |row: usize, time: Time| {
        let scaled = Dur::from_secs_f64(time.as_secs_f64() / factor);
        scaled
            .map(|dur| Time::ZERO + dur)
            .map_err(|source| ScaleError { row, source })
    };
    for (row, arrival) in trace.arrival.iter_mut().enumerate() {
        *arrival = scaled(row, *arrival)?;
    }
    for (row, abort) in trace.abort.iter_mut().enumerate() {
        if *abort != Time::MAX {
            *abort = scaled(row, *abort)?;
        }
    }
    Ok(())
}

/// A source whose rate is scaled as [`scale_rate`] does it.
#[derive(Debug)]
pub struct Scaled<S> {
    source: S,
    factor: f64,
    /// Rows given.
    rows: usize,
    error: Option<ScaleError>,
}

impl<S> Scaled<S> {
    /// Divides all times that a source gives by `factor`.
    #[must_use]
    pub fn new(source: S, factor: f64) -> Scaled<S> {
        Scaled {
            source,
            factor,
            rows: 0,
            error: None,
        }
    }

    /// The source itself.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.source
    }

    /// The source, and why its rows were not all given.
    ///
    /// # Errors
    /// Times that end beyond 2^64 ns.
    pub fn ended(self) -> Result<S, ScaleError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.source),
        }
    }
}

impl<S: Source> Source for Scaled<S> {
    fn next_rows(&mut self) -> Option<Trace> {
        if self.error.is_some() {
            return None;
        }
        let mut rows = self.source.next_rows()?;
        if let Err(error) = scale_rate(&mut rows, self.factor) {
            let row = self.rows + error.row;
            self.error = Some(ScaleError { row, ..error });
            return None;
        }
        self.rows += rows.len();
        Some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two stretches of two rows each, at 1 to 4 s.
    struct Two(u64);

    impl Source for Two {
        fn next_rows(&mut self) -> Option<Trace> {
            self.0 += 1;
            let second = |s: u64| Time::from_ns(s * 1_000_000_000);
            (self.0 < 3).then(|| Trace {
                arrival: vec![second(2 * self.0 - 1), second(2 * self.0)],
                ..Trace::default()
            })
        }
    }

    #[test]
    fn stretches_are_scaled_alike_and_rows_counted_through() {
        let mut twice = Scaled::new(Two(0), 2.0);
        let halves: Vec<Time> = std::iter::from_fn(|| twice.next_rows())
            .flat_map(|rows| rows.arrival)
            .collect();
        assert_eq!(halves, [1, 2, 3, 4].map(|n| Time::from_ns(n * 500_000_000)));
        assert!(twice.ended().is_ok());
        // Time ends after 1.8e10 s, between 2 and 3 s times 7e9.
        let mut slow = Scaled::new(Two(0), 1.0 / 7e9);
        assert_eq!(slow.next_rows().map(|rows| rows.len()), Some(2));
        assert_eq!((slow.next_rows(), slow.next_rows()), (None, None));
        assert_eq!(slow.ended().err().map(|error| error.row), Some(2));
    }

    #[test]
    fn twice_the_rate_is_half_the_time() {
        let mut trace = Trace {
            arrival: vec![Time::ZERO, Time::from_ns(3_000_000_000)],
            ..Trace::default()
        };
        scale_rate(&mut trace, 2.0).unwrap();
        assert_eq!(trace.arrival[1], Time::from_ns(1_500_000_000));
        let error = scale_rate(&mut trace, 1e-12).unwrap_err();
        assert_eq!(error.row, 1);
    }
}
