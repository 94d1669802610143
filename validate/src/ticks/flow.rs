//! Flow logs of disaggregated runs: a line per step.

use std::path::Path;

use kendall_llm::ticks::{Config, GivenLengths, Levels, Listener, Steps, run};

use super::compare::{Agreement, TOLERANCE};
use crate::{ValidateError, files};

/// A line of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    start: f64,
    /// What rounding can make of the time as it is printed.
    rounding: f64,
    levels: Levels,
}

/// All lines that are not blank.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, ValidateError> {
    let text = files::read_text(path)?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(index, line)| {
        parse(line).ok_or_else(|| ValidateError::Format {
            path: path.to_owned(),
            line: index + 1,
            what: "expected `Time: T | PrefillQ: N | PrefillSlots: N | DecodeQ: N | \
                   DecodeSlots: N | Completed: N`"
                .to_owned(),
        })
    });
    parsed.collect()
}

fn parse(line: &str) -> Option<Line> {
    let mut fields = line.split('|');
    let mut value = |name: &str| -> Option<&str> {
        let (found, value) = fields.next()?.split_once(':')?;
        (found.trim() == name).then_some(value.trim())
    };
    let time = value("Time")?;
    let places = time.split_once('.').map_or(0, |(_, places)| places.len());
    let line = Line {
        start: time.parse().ok()?,
        rounding: 0.5 * 0.1_f64.powi(i32::try_from(places).ok()?),
        levels: Levels {
            prefill_queue: value("PrefillQ")?.parse().ok()?,
            prefilling: value("PrefillSlots")?.parse().ok()?,
            decode_queue: value("DecodeQ")?.parse().ok()?,
            decoding: value("DecodeSlots")?.parse().ok()?,
            completed: value("Completed")?.parse().ok()?,
        },
    };
    Some(line)
}

/// Runs the configuration; says how close it is, or which line differs.
pub(super) fn compare(
    lines: &[Line],
    config: &Config,
    mut lengths: GivenLengths<'_>,
) -> Result<Agreement, String> {
    let mut steps = Single::default();
    run(config, &mut lengths, &mut steps).map_err(|error| error.to_string())?;
    if steps.0.len() != lines.len() {
        return Err(format!("{} steps, recorded {}", steps.0.len(), lines.len()));
    }
    for (number, ((start, levels), line)) in (1..).zip(steps.0.iter().zip(lines)) {
        let off = (start - line.start).abs();
        if off.is_nan() || off > line.rounding + TOLERANCE {
            let recorded = line.start;
            return Err(format!(
                "line {number}: time is {start}, recorded {recorded}"
            ));
        }
        if *levels != line.levels {
            let recorded = line.levels;
            return Err(format!("line {number}: {levels:?}, recorded {recorded:?}"));
        }
    }
    // The log has its times rounded, so that how close they are is not known.
    Ok(Agreement::printed(format!("{} lines", lines.len())))
}

/// Steps one by one.
#[derive(Default)]
struct Single(Vec<(f64, Levels)>);

impl Listener for Single {
    fn steps(&mut self, steps: &Steps) {
        self.0
            .extend(steps.starts().map(|start| (start, steps.levels)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_printed() {
        let line = "Time: 12.50 | PrefillQ: 3 | PrefillSlots: 4 | DecodeQ: 0 | DecodeSlots: 2 | Completed: 7";
        let read = parse(line).unwrap();
        assert_eq!(read.start, 12.5);
        assert!((read.rounding - 0.005).abs() < 1e-15);
        assert_eq!((read.levels.prefill_queue, read.levels.completed), (3, 7));
        assert_eq!(parse(&line.replace("DecodeQ", "Queue")), None);
        assert_eq!(parse("Time: 12.50"), None);
    }
}
