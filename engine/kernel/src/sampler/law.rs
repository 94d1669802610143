//! Descriptions of probability laws.

use serde::Serialize;

/// The description of a probability law.
///
/// Parameters are in the unit of the quantity sampled (seconds, tokens) unless stated. A law that
/// was read, from text or by serde, is valid; one that was built may not be, which
/// [`validate`](Law::validate) and [`sampler`](Law::sampler) tell.
///
/// # Written forms
/// As text, `lognormal:mu=6.9,sigma=0.7`; lists are joined by `|`, and a bare number is a
/// constant. In TOML or JSON, the same text, a bare number, or a table with the key `law` and one
/// key per parameter: `{ law = "lognormal", mu = 6.9, sigma = 0.7 }`. `exponential` may be given
/// its `rate` instead of its `mean`. Unknown keys are errors.
///
/// ```
/// use kendall_kernel::Law;
///
/// let law: Law = "exponential:rate=0.5".parse()?;
/// assert_eq!(law, Law::Exponential { mean: 2.0 });
/// assert_eq!(law.to_string(), "exponential:mean=2");
/// let typo = "lognorml:mu=1".parse::<Law>().unwrap_err();
/// assert!(typo.to_string().contains("did you mean `lognormal`?"));
/// # Ok::<(), kendall_kernel::LawError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "law", rename_all = "snake_case")]
pub enum Law {
    /// Always the same value.
    Constant {
        /// The value; finite.
        value: f64,
    },
    /// Exponential: the memoryless law of times between independent events.
    Exponential {
        /// The mean; positive. The rate is its reciprocal.
        mean: f64,
    },
    /// Uniform on [min, max).
    Uniform {
        /// The lower end; finite.
        min: f64,
        /// The upper end; finite, above `min`.
        max: f64,
    },
    /// Normal. Takes negative values, which are no times.
    Normal {
        /// The mean; finite.
        mean: f64,
        /// The standard deviation; not negative.
        sd: f64,
    },
    /// The exponential of a normal variable.
    Lognormal {
        /// Mean of the logarithm, no unit; finite. The median of the law is exp(mu).
        mu: f64,
        /// Standard deviation of the logarithm, no unit; not negative.
        sigma: f64,
    },
    /// Gamma; its mean is shape * scale.
    Gamma {
        /// The shape, no unit; positive. 1 is exponential.
        shape: f64,
        /// The scale; positive.
        scale: f64,
    },
    /// Weibull: survival function exp(-(x / scale)^shape).
    Weibull {
        /// The shape, no unit; positive. 1 is exponential, below 1 the tail is heavier.
        shape: f64,
        /// The scale; positive.
        scale: f64,
    },
    /// Pareto: survival function (min / x)^alpha from `min` on, conditioned on not exceeding `max`
    /// if there is one (the bounded Pareto law).
    Pareto {
        /// The tail exponent, no unit; positive. The mean is infinite at 1 and below, the variance
        /// at 2 and below, unless bounded.
        alpha: f64,
        /// The least value; positive.
        min: f64,
        /// The greatest value, if bounded; finite, above `min`.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
    /// The number of trials up to and including the first success: 1, 2, ...
    Geometric {
        /// The probability of success; from 10^-15 to 1.
        p: f64,
    },
    /// Ranks 1 to n with probabilities proportional to rank^-s.
    Zipf {
        /// The number of ranks; from 1 to 2^53.
        n: u64,
        /// The exponent; not negative. 0 is uniform.
        s: f64,
    },
    /// The sum of `k` independent exponential stages.
    Erlang {
        /// The number of stages; at least 1.
        k: u32,
        /// The mean of the sum; positive.
        mean: f64,
    },
    /// One of several exponential laws, chosen at random.
    Hyperexponential {
        /// Relative weight of each branch; not negative, none at all for equal ones.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        weights: Vec<f64>,
        /// Mean of each branch; positive.
        means: Vec<f64>,
    },
    /// Phase-type: the time that a Markov process spends in its phases before it ends.
    ///
    /// Written row by row, rows joined by `/` in text:
    /// `phase_type:initial=1|0,generator=-2|1.5/0|-3`, or a list of lists in a table.
    PhaseType {
        /// Relative weight with which each phase is the first; not negative.
        initial: Vec<f64>,
        /// The generator among the phases, a square matrix of rates per unit of the quantity
        /// sampled: row i has minus the rate of leaving phase i on the diagonal, negative, and the
        /// rates of changing to each other phase beside it, not negative. What is missing to a sum
        /// of zero is the rate at which the process ends there; from every phase it must be able
        /// to.
        generator: Vec<Vec<f64>>,
    },
    /// One of given values, chosen at random.
    Empirical {
        /// The values; finite, at least one.
        values: Vec<f64>,
        /// Relative weight of each value; not negative, none at all for equal ones.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        weights: Vec<f64>,
    },
    /// One of several laws, chosen at random. Written as a table only:
    /// `{ law = "mixture", weights = [0.9, 0.1], laws = ["exponential:mean=1", 30] }`.
    Mixture {
        /// Relative weight of each law; not negative, none at all for equal ones.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        weights: Vec<f64>,
        /// The laws; at least one.
        laws: Vec<Law>,
    },
}

impl Law {
    /// The name that the written forms use.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Law::Constant { .. } => "constant",
            Law::Exponential { .. } => "exponential",
            Law::Uniform { .. } => "uniform",
            Law::Normal { .. } => "normal",
            Law::Lognormal { .. } => "lognormal",
            Law::Gamma { .. } => "gamma",
            Law::Weibull { .. } => "weibull",
            Law::Pareto { .. } => "pareto",
            Law::Geometric { .. } => "geometric",
            Law::Zipf { .. } => "zipf",
            Law::Erlang { .. } => "erlang",
            Law::Hyperexponential { .. } => "hyperexponential",
            Law::PhaseType { .. } => "phase_type",
            Law::Empirical { .. } => "empirical",
            Law::Mixture { .. } => "mixture",
        }
    }
}
