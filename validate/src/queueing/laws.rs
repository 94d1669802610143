//! Laws of random variables in JSON.

use serde_json::Value;

use super::params::{Params, Unsupported, finite, not_negative, wrong};
use crate::theory::Dist;

/// The law with two given moments, if they say which it is.
pub(super) fn moments(m1: f64, m2: f64) -> Result<Dist, Unsupported> {
    let ratio = m2 / (m1 * m1);
    if (ratio - 2.0).abs() < 1e-9 {
        Ok(Dist::Exp { mean: m1 })
    } else if (ratio - 1.0).abs() < 1e-9 {
        Ok(Dist::Det { value: m1 })
    } else {
        Err(Unsupported::Moments { m1, m2 })
    }
}

/// A law: an object with `dist`, or a number for a constant.
pub(super) fn dist(name: &str, value: &Value) -> Result<Dist, Unsupported> {
    if value.is_number() {
        return Ok(Dist::Det {
            value: not_negative(name, value)?,
        });
    }
    let map = value
        .as_object()
        .ok_or_else(|| wrong(name, "a law (an object with `dist`) or a number"))?;
    let mut params = Params::new(map);
    let word = params
        .text(&["dist", "type", "law"])
        .ok_or(Unsupported::Missing { name: "dist" })?;
    let law = match word.to_lowercase().replace(['-', ' '], "_").as_str() {
        "exp" | "exponential" | "m" => match params.optional(&["rate"])? {
            Some(rate) if rate > 0.0 => Dist::Exp { mean: 1.0 / rate },
            _ => Dist::Exp {
                mean: params.positive(&["mean"])?,
            },
        },
        "det" | "deterministic" | "constant" | "fixed" | "d" => Dist::Det {
            value: params.number(&["value", "mean"])?,
        },
        "uniform" => Dist::Uniform {
            lo: params.number(&["lo", "min", "low", "a"])?,
            hi: params.positive(&["hi", "max", "high", "b"])?,
        },
        "erlang" => Dist::Erlang {
            k: params.count(&["k"])?,
            mean: params.positive(&["mean"])?,
        },
        "hyperexp" | "hyperexponential" | "h2" => Dist::Hyperexp {
            p: params.numbers(&["p", "probs"])?,
            rates: params.positives(&["rates", "mu"])?,
        },
        "lognormal" => Dist::Lognormal {
            mu: signed(&mut params, "mu")?,
            sigma: params.positive(&["sigma"])?,
        },
        "bounded_pareto" | "boundedpareto" | "bp" => Dist::BoundedPareto {
            alpha: params.positive(&["alpha"])?,
            lo: params.positive(&["lo", "min", "L"])?,
            hi: params.positive(&["hi", "max", "H"])?,
        },
        "geometric" | "geom" => match params.optional(&["p"])? {
            Some(p) if p > 0.0 => Dist::Geometric { mean: 1.0 / p },
            _ => Dist::Geometric {
                mean: params.positive(&["mean"])?,
            },
        },
        _ => {
            return Err(Unsupported::Law {
                dist: word.to_owned(),
            });
        }
    };
    params.finish()?;
    checked(name, law)
}

fn signed(params: &mut Params<'_>, name: &'static str) -> Result<f64, Unsupported> {
    let (_, value) = params.require(&[name])?;
    finite(value).ok_or_else(|| wrong(name, "a number"))
}

fn checked(name: &str, law: Dist) -> Result<Dist, Unsupported> {
    match &law {
        Dist::Uniform { lo, hi } | Dist::BoundedPareto { lo, hi, .. } if lo >= hi => {
            Err(wrong(name, "a law with lo below hi"))
        }
        Dist::Hyperexp { p, rates } if p.len() != rates.len() || p.is_empty() => {
            Err(wrong(name, "a law with as many rates as probabilities"))
        }
        Dist::Hyperexp { p, .. } if (p.iter().sum::<f64>() - 1.0).abs() > 1e-9 => {
            Err(wrong(name, "a law whose probabilities sum to 1"))
        }
        Dist::Geometric { mean } if *mean < 1.0 => Err(wrong(name, "a law with mean at least 1")),
        Dist::Exp { .. }
        | Dist::Det { .. }
        | Dist::Uniform { .. }
        | Dist::Erlang { .. }
        | Dist::Hyperexp { .. }
        | Dist::Lognormal { .. }
        | Dist::BoundedPareto { .. }
        | Dist::Geometric { .. } => Ok(law),
    }
}
