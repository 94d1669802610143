//! Speeding a trace up or slowing it down.

use kendall_kernel::{Dur, Time, TimeError};
use kendall_llm::Trace;

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

#[cfg(test)]
mod tests {
    use super::*;

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
