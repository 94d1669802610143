//! Names of metrics.

use crate::theory::NumberLaw;

/// Splits `E_T_c2` into `E_T` and 1, the index from 0.
pub(in crate::queueing) fn class_of(metric: &str) -> Option<(&str, usize)> {
    let (base, number) = metric.rsplit_once("_c")?;
    let number: usize = number.parse().ok()?;
    Some((base, number.checked_sub(1)?))
}

/// Splits `E_N_2` into `E_N` and 1, the index from 0.
pub(in crate::queueing) fn station_of(metric: &str) -> Option<(&str, usize)> {
    let (base, number) = metric.rsplit_once('_')?;
    let number: usize = number.parse().ok()?;
    Some((base, number.checked_sub(1)?))
}

/// The level of a quantile of `T` or `W`: `T_p999` is 0.999.
pub(in crate::queueing) fn quantile_of(metric: &str, variable: &str) -> Option<f64> {
    let digits = metric.strip_prefix(variable)?.strip_prefix("_p")?;
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    format!("0.{digits}").parse().ok()
}

/// The number that follows a prefix: 20 in `P_N_le_20`, 24 in `E_N_t24`.
pub(in crate::queueing) fn number_after<T: std::str::FromStr>(
    metric: &str,
    prefix: &str,
) -> Option<T> {
    metric.strip_prefix(prefix)?.parse().ok()
}

/// 20 in `P_N_le_20`, where time grows with its square.
pub(super) fn levels_of(metric: &str) -> Option<usize> {
    number_after(metric, "P_N_le_").filter(|n| *n <= 10_000)
}

/// Metrics of a number in the system.
pub(super) fn of_number(law: &NumberLaw, metric: &str) -> Option<f64> {
    match metric {
        "E_N" => Some(law.mean()),
        "Var_N" => Some(law.variance()),
        "P_N0" | "P_empty" => Some(law.at(0)),
        _ => number_after(metric, "P_N_le_").map(|n| law.at_most(n)),
    }
}
