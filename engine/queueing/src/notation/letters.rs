//! Letters to laws.

use kendall_kernel::Law;

use super::{DEFAULT_SCV, NotationError};

/// Most stages or branches of a law.
const MOST_STAGES: u32 = 1000;

/// What is given besides a letter, with the flags that give it.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// The reciprocal of the mean.
    pub(super) rate: (&'static str, Option<f64>),
    /// The law itself.
    pub(super) law: (&'static str, &'a Option<Law>),
    /// Squared coefficient of variation.
    pub(super) scv: (&'static str, Option<f64>),
}

/// The law of a letter, or the one given in its place.
pub(super) fn law(letter: Letter, given: Given<'_>) -> Result<Law, NotationError> {
    let (rate_flag, rate) = given.rate;
    let (law_flag, law) = given.law;
    if let Some(law) = law {
        if rate.is_some() {
            let (one, other) = (law_flag, rate_flag);
            return Err(NotationError::Both { one, other });
        }
        law.validate().map_err(|source| NotationError::Law {
            flag: law_flag,
            source,
        })?;
        return Ok(law.clone());
    }
    if letter == Letter::General {
        return Err(NotationError::MissingLaw { flag: law_flag });
    }
    let rate = rate.ok_or(NotationError::MissingRate { flag: rate_flag })?;
    let mean = 1.0 / rate;
    let fits = |number: f64| number.is_finite() && number > 0.0;
    if !fits(rate) || !fits(mean) {
        return Err(NotationError::Number {
            flag: rate_flag,
            value: rate,
            must: "positive and finite",
        });
    }
    letter.law(mean, given.scv)
}

/// A letter of the notation, with its number of stages or branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letter {
    Exponential,
    Deterministic,
    Erlang(u32),
    Hyperexponential(u32),
    Uniform,
    Lognormal,
    Pareto,
    General,
}

impl Letter {
    pub(super) fn read(text: &str) -> Result<Letter, NotationError> {
        let upper = text.to_ascii_uppercase();
        match upper.as_str() {
            "M" => return Ok(Letter::Exponential),
            "D" => return Ok(Letter::Deterministic),
            "U" => return Ok(Letter::Uniform),
            "LN" => return Ok(Letter::Lognormal),
            "P" => return Ok(Letter::Pareto),
            "G" | "GI" => return Ok(Letter::General),
            _ => {}
        }
        let unknown = || NotationError::UnknownLetter {
            letter: text.to_owned(),
        };
        let stages = |rest: &str, least: u32| {
            let rest = rest.trim_start_matches('_');
            let number = rest.parse().ok();
            let stages = number.filter(|k| (least..=MOST_STAGES).contains(k));
            stages.ok_or_else(|| NotationError::Stages {
                letter: text.to_owned(),
                least,
                most: MOST_STAGES,
            })
        };
        let numbered = |rest: &str| {
            let rest = rest.trim_start_matches('_');
            rest == "K" || rest.bytes().all(|byte| byte.is_ascii_digit())
        };
        match upper.strip_prefix('E') {
            Some(rest) if numbered(rest) => return Ok(Letter::Erlang(stages(rest, 1)?)),
            _ => {}
        }
        match upper.strip_prefix('H') {
            Some(rest) if numbered(rest) => Ok(Letter::Hyperexponential(stages(rest, 2)?)),
            _ => Err(unknown()),
        }
    }

    fn law(self, mean: f64, scv: (&'static str, Option<f64>)) -> Result<Law, NotationError> {
        let scv = |above: f64, must| {
            let (flag, value) = scv;
            let value = value.unwrap_or(DEFAULT_SCV);
            if value.is_finite() && value > above {
                return Ok(value);
            }
            Err(NotationError::Number { flag, value, must })
        };
        let positive = "positive and finite";
        Ok(match self {
            Letter::Exponential => Law::Exponential { mean },
            Letter::Deterministic => Law::Constant { value: mean },
            Letter::Erlang(k) => Law::Erlang { k, mean },
            Letter::Uniform => Law::Uniform {
                min: 0.0,
                max: 2.0 * mean,
            },
            Letter::Hyperexponential(branches) => {
                balanced(branches, mean, scv(1.0, "above 1 and finite")?)
            }
            Letter::Lognormal => {
                // Mean exp(mu + sigma^2 / 2), squared coefficient of variation exp(sigma^2) - 1.
                let sigma2 = scv(0.0, positive)?.ln_1p();
                Law::Lognormal {
                    mu: mean.ln() - sigma2 / 2.0,
                    sigma: sigma2.sqrt(),
                }
            }
            Letter::Pareto => {
                // Squared coefficient of variation 1 / (alpha (alpha - 2)), mean
                // alpha min / (alpha - 1).
                let alpha = 1.0 + (1.0 + 1.0 / scv(0.0, positive)?).sqrt();
                Law::Pareto {
                    alpha,
                    min: mean * (alpha - 1.0) / alpha,
                    max: None,
                }
            }
            Letter::General => unreachable!("its law is given"),
        })
    }
}

/// A hyperexponential law with balanced means: every branch contributes the same share of the
/// mean, `weight * mean` being equal for all. For two branches this is the usual convention
/// (Whitt, "Approximating a Point Process by a Renewal Process, I", Operations Research 30, 1982);
/// with more, the weights decrease by a common ratio.
fn balanced(branches: u32, mean: f64, scv: f64) -> Law {
    let k = f64::from(branches);
    // E X^2 / mean^2 = (2 / k^2) * sum of 1 / weight, to be scv + 1.
    let wanted = k * k * (scv + 1.0) / 2.0;
    let powers = |t: f64| (0..branches).map(move |i| (-t * f64::from(i)).exp());
    let reciprocals = |t: f64| {
        let total: f64 = powers(t).sum();
        powers(t).map(|power| total / power).sum::<f64>()
    };
    // The sum grows with t, from k^2 at 0, and is at least exp(t (k - 1)).
    let (mut low, mut high) = (0.0, wanted.ln() / (k - 1.0));
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if reciprocals(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    let total: f64 = powers(high).sum();
    let weights: Vec<f64> = powers(high).map(|power| power / total).collect();
    let means = weights.iter().map(|weight| mean / (k * weight)).collect();
    Law::Hyperexponential { weights, means }
}
