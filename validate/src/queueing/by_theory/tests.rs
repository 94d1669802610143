use std::path::Path;

use super::*;
use crate::queueing::read_cases;

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
                faults.push(format!(
                    "{} {}: {:?}, recorded {}",
                    case.name, figure.metric, value, figure.expected
                ));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(checked, 279);
}
