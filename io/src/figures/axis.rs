//! Where an axis begins and ends, and which positions have labels.

use super::{Axis, Scale};

/// Labels that a linear axis should have, about.
const LABELS: f64 = 6.0;

/// Decades from which on a logarithmic axis has labels at its powers of ten only.
const MANY_DECADES: f64 = 2.0;

/// A drawn axis: values are mapped to where they are drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ruler {
    is_log: bool,
    /// First and last position.
    pub(super) ends: (f64, f64),
    /// Positions with labels, ascending.
    pub(super) labels: Vec<(f64, String)>,
}

impl Ruler {
    /// The axis that shows all of the values.
    pub(super) fn of(axis: &Axis, values: impl Iterator<Item = f64>) -> Ruler {
        let is_log = axis.scale == Scale::Log;
        let shown = values.filter(|value| value.is_finite() && (!is_log || *value > 0.0));
        let ends = shown.fold(None, |ends: Option<(f64, f64)>, value| {
            let (low, high) = ends.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        });
        match (&axis.scale, ends) {
            (Scale::Named(names), _) => named(names),
            (Scale::Linear, ends) => linear(ends.unwrap_or((0.0, 1.0))),
            (Scale::Log, ends) => log(ends.unwrap_or((1.0, 10.0))),
        }
    }

    /// Where a value is drawn; `None` for one that cannot be.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let place = if self.is_log { value.log10() } else { value };
        place
            .is_finite()
            .then(|| place.clamp(self.ends.0, self.ends.1))
    }

    /// The label at a position that has one.
    pub(super) fn label(&self, place: f64) -> &str {
        let mut labels = self.labels.iter();
        labels
            .find(|(own, _)| *own == place)
            .map_or("", |(_, label)| label)
    }
}

fn named(names: &[String]) -> Ruler {
    let labels = names.iter().enumerate();
    Ruler {
        is_log: false,
        ends: (-0.5, names.len().max(1) as f64 - 0.5),
        labels: labels
            .map(|(index, name)| (index as f64, name.clone()))
            .collect(),
    }
}

fn linear((low, high): (f64, f64)) -> Ruler {
    // From zero, unless that leaves two thirds of the axis empty.
    let low = if low > 0.0 && low < high * 0.67 {
        0.0
    } else {
        low
    };
    let (low, high) = if low < high {
        (low, high)
    } else {
        let around = low.abs().max(1e-9) * 0.1;
        (low - around, high + around)
    };
    let (step, exponent) = step((high - low) / LABELS);
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    let places = usize::try_from(-exponent).unwrap_or(0);
    let label = |multiple: i64| {
        let value = multiple as f64 * step;
        (value, format!("{value:.places$}"))
    };
    Ruler {
        is_log: false,
        ends: (first as f64 * step, last as f64 * step),
        labels: (first..=last).map(label).collect(),
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below, and the exponent of that power.
fn step(at_least: f64) -> (f64, i32) {
    let exponent = at_least.log10().floor() as i32;
    let power = 10_f64.powi(exponent);
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= at_least * (1.0 - 1e-9));
    match factor {
        Some(factor) => (factor * power, exponent),
        None => (10_f64.powi(exponent + 1), exponent + 1),
    }
}

fn log((low, high): (f64, f64)) -> Ruler {
    let decades = (high / low).log10();
    let factors: &[f64] = if decades >= MANY_DECADES {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    let (from, to) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let values = (from..=to).flat_map(|exponent| {
        let label = move |&factor: &f64| {
            let value = factor * 10_f64.powi(exponent);
            let places = usize::try_from(-exponent).unwrap_or(0);
            (value.log10(), format!("{value:.places$}"))
        };
        factors.iter().map(label)
    });
    let all: Vec<(f64, String)> = values.collect();
    // The labels next to the values, outwards, are the ends.
    let (low, high) = (low.log10(), high.log10());
    let first = all.iter().rposition(|(place, _)| *place <= low + 1e-9);
    let last = all.iter().position(|(place, _)| *place >= high - 1e-9);
    let first = first.unwrap_or(0);
    let last = last
        .unwrap_or(all.len() - 1)
        .max(first + 1)
        .min(all.len() - 1);
    let labels = all[first.min(last)..=last].to_vec();
    Ruler {
        is_log: true,
        ends: (labels[0].0, labels[labels.len() - 1].0),
        labels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruler(scale: Scale, values: &[f64]) -> Ruler {
        let label = String::new();
        Ruler::of(&Axis { label, scale }, values.iter().copied())
    }

    fn labels(ruler: &Ruler) -> Vec<&str> {
        ruler
            .labels
            .iter()
            .map(|(_, label)| label.as_str())
            .collect()
    }

    #[test]
    fn linear_axes_have_round_labels() {
        let axis = ruler(Scale::Linear, &[0.3, 2.2]);
        assert_eq!(labels(&axis), ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]);
        let axis = ruler(Scale::Linear, &[10.0, 5000.0]);
        assert_eq!(labels(&axis), ["0", "1000", "2000", "3000", "4000", "5000"]);
        let close = ruler(Scale::Linear, &[1.99, 2.01, f64::NAN]);
        assert_eq!(labels(&close).first(), Some(&"1.990"));
        assert_eq!(labels(&close).last(), Some(&"2.010"));
        let one = ruler(Scale::Linear, &[2.0]);
        assert!(one.ends.0 < 2.0 && one.ends.1 > 2.0);
        assert!(!labels(&ruler(Scale::Linear, &[])).is_empty());
    }

    #[test]
    fn logarithmic_axes_have_powers_of_ten() {
        let axis = ruler(Scale::Log, &[0.02, 300.0, 0.0, -1.0]);
        assert_eq!(labels(&axis), ["0.01", "0.1", "1", "10", "100", "1000"]);
        assert_eq!(axis.place(100.0), Some(2.0));
        assert_eq!(axis.place(0.0), None);
        let axis = ruler(Scale::Log, &[3.0, 40.0]);
        assert_eq!(labels(&axis), ["2", "5", "10", "20", "50"]);
        let one = ruler(Scale::Log, &[1.0]);
        assert_eq!(labels(&one), ["1", "2"]);
    }

    #[test]
    fn names_are_at_their_numbers() {
        let axis = ruler(Scale::Named(vec!["none".into(), "8".into()]), &[]);
        assert_eq!((axis.label(1.0), axis.label(0.5)), ("8", ""));
    }
}
