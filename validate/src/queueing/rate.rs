//! Arrival rates that depend on time.

use serde_json::Value;

use super::expression::Expression;
use super::params::{self, Params, Unsupported, wrong};

/// An arrival rate that depends on time.
#[derive(Clone, Debug, PartialEq)]
pub enum RateFunction {
    /// A formula in `t`.
    Formula(Expression),
    /// Constant between given times.
    Table {
        /// Times from which the rates hold, rising; the first rate also holds before.
        starts: Vec<f64>,
        /// As many rates.
        rates: Vec<f64>,
        /// The table repeats with this period, if any.
        period: Option<f64>,
    },
}

impl RateFunction {
    /// The rate at time `t` (never negative).
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        match self {
            RateFunction::Formula(formula) => formula.value(t).max(0.0),
            RateFunction::Table {
                starts,
                rates,
                period,
            } => {
                let t = period.map_or(t, |period| t.rem_euclid(period));
                let following = starts.partition_point(|start| *start <= t);
                rates
                    .get(following.saturating_sub(1))
                    .map_or(0.0, |rate| rate.max(0.0))
            }
        }
    }

    /// A number that the rate does not exceed anywhere in [0, `until`].
    #[must_use]
    pub fn upper_bound(&self, until: f64) -> f64 {
        match self {
            RateFunction::Formula(formula) => formula.bounds(0.0, until).1.max(0.0),
            RateFunction::Table { rates, .. } => rates.iter().copied().fold(0.0, f64::max),
        }
    }

    /// Times in (0, `until`) at which the rate may jump, rising.
    #[must_use]
    pub fn jumps(&self, until: f64) -> Vec<f64> {
        let RateFunction::Table { starts, period, .. } = self else {
            return Vec::new();
        };
        let mut jumps = Vec::new();
        let rounds = period.map_or(0.0, |period| (until / period).ceil());
        let mut round = 0.0;
        while round <= rounds {
            let offset = period.map_or(0.0, |period| period * round);
            jumps.extend(starts.iter().map(|start| start + offset));
            jumps.extend(period.map(|period| period + offset));
            round += 1.0;
        }
        jumps.retain(|jump| *jump > 0.0 && *jump < until);
        jumps.sort_by(f64::total_cmp);
        jumps.dedup();
        jumps
    }
}

/// A formula, a number, a list of pairs (from when, rate), or lists `t` and `rates`.
pub(super) fn read(name: &'static str, value: &Value) -> Result<RateFunction, Unsupported> {
    let expected = "a formula in t or a table of times and rates";
    if let Some(number) = value.as_f64() {
        return Ok(RateFunction::Formula(Expression::constant(number)));
    }
    if let Some(text) = value.as_str() {
        let formula = text.rsplit('=').next().unwrap_or(text);
        let formula = Expression::parse(formula, "t").map_err(|_| wrong(name, expected))?;
        return Ok(RateFunction::Formula(formula));
    }
    let (mut starts, mut rates, mut period) = (Vec::new(), Vec::new(), None);
    if let Some(pairs) = value.as_array() {
        for pair in pairs {
            let [start, rate] = params::items(name, pair)? else {
                return Err(wrong(name, expected));
            };
            starts.push(params::not_negative(name, start)?);
            rates.push(params::not_negative(name, rate)?);
        }
    } else {
        let mut table = Params::new(value.as_object().ok_or_else(|| wrong(name, expected))?);
        if let Some(base) = table.optional(&["base", "mean"])? {
            return sinusoid(name, base, table);
        }
        starts = table.numbers(&["t", "times", "starts", "breaks"])?;
        rates = table.numbers(&["rates", "lam", "values"])?;
        period = table.optional(&["period"])?.filter(|period| *period > 0.0);
        table.finish()?;
    }
    if starts.len() != rates.len() || starts.is_empty() || !starts.is_sorted() {
        return Err(wrong(name, expected));
    }
    Ok(RateFunction::Table {
        starts,
        rates,
        period,
    })
}

/// base + amplitude sin(2 pi t / period).
fn sinusoid(
    name: &'static str,
    base: f64,
    mut table: Params<'_>,
) -> Result<RateFunction, Unsupported> {
    let amplitude = table.number(&["amplitude", "amp"])?;
    let period = table.positive(&["period"])?;
    table.finish()?;
    let text = format!("{base:?} + {amplitude:?} * sin(2*pi*t/{period:?})");
    let formula = Expression::parse(&text, "t").map_err(|_| wrong(name, "finite numbers"))?;
    Ok(RateFunction::Formula(formula))
}
