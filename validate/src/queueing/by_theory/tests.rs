mod chain;
mod chains;
mod identities;
mod replay;
mod replays;

use std::path::Path;

use serde_json::Value;

use super::*;
use crate::queueing::read_cases;

/// The model that a case with these parameters has.
fn model(params: Value) -> Model {
    crate::queueing::read::model(params.as_object().unwrap()).unwrap()
}

fn value(params: Value, metric: &str) -> f64 {
    expected(&model(params.clone()), metric).unwrap_or_else(|| panic!("no {metric} of {params}"))
}

#[track_caller]
fn close(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs().max(1e-3),
        "{value} is not {expected}"
    );
}

#[test]
fn every_shipped_figure_agrees() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/queueing/exact.csv");
    let mut faults = Vec::new();
    let mut checked = 0;
    for case in read_cases(&path).unwrap() {
        let model = case.model.unwrap();
        for figure in &case.figures {
            let tolerance = 1e-9 + figure.rounding();
            let value = expected(&model, &figure.metric);
            checked += 1;
            if value.is_none_or(|value| (value / figure.expected - 1.0).abs() > tolerance) {
                let (metric, recorded) = (&figure.metric, figure.expected);
                faults.push(format!(
                    "{} {metric}: {value:?}, recorded {recorded}",
                    case.name
                ));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(checked, 279);
}
