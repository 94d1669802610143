//! What the parameters of a law may be.

use super::error::LawError;
use super::law::Law;
use super::phases;

const FINITE: &str = "finite";
const POSITIVE: &str = "positive and finite";
const NOT_NEGATIVE: &str = "not negative and finite";
/// Beyond it a double no longer tells neighbours apart.
const MAX_RANKS: u64 = 1 << 53;
/// Below about 2^-53, 1 - p is 1 in a double.
const MIN_SUCCESS: f64 = 1e-15;

impl Law {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter that is NaN, infinite or out of its range, or a list of the wrong
    /// length.
    pub fn validate(&self) -> Result<(), LawError> {
        let check = Check { law: self.name() };
        match self {
            Law::Constant { value } => check.finite("value", *value),
            Law::Exponential { mean } => check.positive("mean", *mean),
            Law::Uniform { min, max } => {
                check.finite("min", *min)?;
                check.finite("max", *max)?;
                let fits = max > min && (max - min).is_finite();
                check.that(fits, "max", *max, "above `min`, by a finite amount")
            }
            Law::Normal { mean, sd } => {
                check.finite("mean", *mean)?;
                check.not_negative("sd", *sd)
            }
            Law::Lognormal { mu, sigma } => {
                check.finite("mu", *mu)?;
                check.not_negative("sigma", *sigma)
            }
            Law::Gamma { shape, scale } | Law::Weibull { shape, scale } => {
                check.positive("shape", *shape)?;
                check.positive("scale", *scale)
            }
            Law::Pareto { alpha, min, max } => {
                check.positive("alpha", *alpha)?;
                check.positive("min", *min)?;
                let Some(max) = *max else { return Ok(()) };
                let fits = max.is_finite() && max > *min;
                check.that(fits, "max", max, "finite and above `min`")
            }
            Law::Geometric { p } => {
                let fits = (MIN_SUCCESS..=1.0).contains(p);
                check.that(fits, "p", *p, "from 1e-15 to 1")
            }
            Law::Zipf { n, s } => {
                let fits = (1..=MAX_RANKS).contains(n);
                check.that(fits, "n", *n as f64, "from 1 to 2^53")?;
                check.not_negative("s", *s)
            }
            Law::Erlang { k, mean } => {
                check.that(*k >= 1, "k", f64::from(*k), "at least 1")?;
                // The mean of one stage, which may underflow.
                let fits = mean.is_finite() && mean / f64::from(*k) > 0.0;
                check.that(fits, "mean", *mean, POSITIVE)
            }
            Law::Hyperexponential { weights, means } => {
                check.each("means", means, f64::is_finite, FINITE)?;
                check.each("means", means, |mean| mean > 0.0, POSITIVE)?;
                check.weights(weights, "means", means.len())
            }
            Law::PhaseType { initial, generator } => {
                check.generator("generator", generator)?;
                check.list_of_weights("initial", initial, "phases", generator.len())
            }
            Law::Empirical { values, weights } => {
                check.each("values", values, f64::is_finite, FINITE)?;
                check.weights(weights, "values", values.len())
            }
            Law::Mixture { weights, laws } => {
                check.weights(weights, "laws", laws.len())?;
                for (index, law) in laws.iter().enumerate() {
                    law.validate().map_err(|source| LawError::Component {
                        index,
                        source: Box::new(source),
                    })?;
                }
                Ok(())
            }
        }
    }
}

/// The ranges of the parameters of one law.
struct Check {
    law: &'static str,
}

impl Check {
    fn that(
        &self,
        holds: bool,
        parameter: &str,
        value: f64,
        must: &'static str,
    ) -> Result<(), LawError> {
        if holds {
            return Ok(());
        }
        Err(LawError::OutOfRange {
            law: self.law,
            parameter: parameter.to_owned(),
            value,
            must,
        })
    }

    fn finite(&self, parameter: &str, value: f64) -> Result<(), LawError> {
        self.that(value.is_finite(), parameter, value, FINITE)
    }

    fn positive(&self, parameter: &str, value: f64) -> Result<(), LawError> {
        let holds = value.is_finite() && value > 0.0;
        self.that(holds, parameter, value, POSITIVE)
    }

    fn not_negative(&self, parameter: &str, value: f64) -> Result<(), LawError> {
        let holds = value.is_finite() && value >= 0.0;
        self.that(holds, parameter, value, NOT_NEGATIVE)
    }

    fn each(
        &self,
        parameter: &str,
        values: &[f64],
        holds: impl Fn(f64) -> bool,
        must: &'static str,
    ) -> Result<(), LawError> {
        match values.iter().position(|&value| !holds(value)) {
            Some(at) => self.that(false, &format!("{parameter}[{at}]"), values[at], must),
            None => Ok(()),
        }
    }

    /// The weights of `count` things, which `parameter` lists.
    fn weights(
        &self,
        weights: &[f64],
        parameter: &'static str,
        count: usize,
    ) -> Result<(), LawError> {
        let law = self.law;
        if count == 0 {
            return Err(LawError::EmptyList { law, parameter });
        }
        if weights.is_empty() {
            return Ok(());
        }
        self.list_of_weights("weights", weights, parameter, count)
    }

    /// The weights `name`, one for each of `count` things.
    fn list_of_weights(
        &self,
        name: &str,
        weights: &[f64],
        parameter: &'static str,
        count: usize,
    ) -> Result<(), LawError> {
        let law = self.law;
        if weights.len() != count {
            return Err(LawError::WeightsMismatch {
                law,
                weights: weights.len(),
                parameter,
                count,
            });
        }
        let fits = |weight: f64| weight.is_finite() && weight >= 0.0;
        self.each(name, weights, fits, NOT_NEGATIVE)?;
        let sum: f64 = weights.iter().sum();
        if sum > 0.0 && sum.is_finite() {
            return Ok(());
        }
        Err(LawError::UselessWeights { law, sum })
    }

    /// The generator of a process that ends from every phase, without the row and column of its
    /// end.
    fn generator(&self, parameter: &'static str, generator: &[Vec<f64>]) -> Result<(), LawError> {
        let law = self.law;
        let rows = generator.len();
        for (row, rates) in generator.iter().enumerate() {
            let columns = rates.len();
            if columns != rows {
                return Err(LawError::NotSquare {
                    law,
                    parameter,
                    row,
                    columns,
                    rows,
                });
            }
            for (column, &rate) in rates.iter().enumerate() {
                let name = format!("{parameter}[{row}][{column}]");
                if column == row {
                    let fits = rate < 0.0 && rate.is_finite();
                    self.that(fits, &name, rate, "negative and finite, on the diagonal")?;
                } else {
                    self.not_negative(&name, rate)?;
                }
            }
            let excess = -phases::ending_rate(rates, row);
            let name = format!("sum of {parameter}[{row}]");
            self.that(excess <= 0.0, &name, excess, "at most 0")?;
        }
        match phases::never_ending(generator) {
            Some(phase) => Err(LawError::NeverEnds { law, phase }),
            None => Ok(()),
        }
    }
}
