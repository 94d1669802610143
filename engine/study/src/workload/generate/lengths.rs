//! Lengths of prompts and outputs.

use kendall_kernel::sampler::Inverse;
use kendall_kernel::{Law, LawError, Rng, Sampler};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::GenerateError;
use super::error::sampler;
use super::resample::columns;
use crate::workload::GenerateSpec;

const PROMPT: &str = "workload.generate.prompt_tokens";
const OUTPUT: &str = "workload.generate.output_tokens";
const CORRELATION: &str = "workload.generate.length_correlation";
const FROM_TRACE: &str = "workload.generate.from_trace.lengths";

/// What a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    /// Prompt tokens that no earlier turn or prefix has; at least 1.
    pub(super) new_tokens: u32,
    /// At least 1.
    pub(super) output_tokens: u32,
}

/// Draws lengths. Prompts and outputs have streams of their own, so that another law for one
/// leaves the other as it is.
#[derive(Debug)]
pub(super) struct Lengths {
    kind: Kind,
    max_output_tokens: u32,
}

#[derive(Debug)]
enum Kind {
    Independent {
        prompt: Sampler,
        output: Sampler,
    },
    /// Functions of normal variables with this correlation.
    Correlated {
        prompt: Box<Inverse>,
        output: Box<Inverse>,
        correlation: f64,
        /// sqrt(1 - correlation^2).
        rest: f64,
    },
    /// Rows of a trace.
    Pairs(Vec<Length>),
}

impl Lengths {
    /// The limits must have been checked.
    pub(super) fn new(spec: &GenerateSpec) -> Result<Lengths, GenerateError> {
        Ok(Lengths {
            kind: Kind::new(spec)?,
            max_output_tokens: spec.max_output_tokens,
        })
    }

    #[inline]
    pub(super) fn draw(&self, prompts: &mut Rng, outputs: &mut Rng) -> Length {
        let max = self.max_output_tokens;
        match &self.kind {
            Kind::Independent { prompt, output } => Length {
                new_tokens: prompt.sample_count(prompts, 1, u32::MAX),
                output_tokens: output.sample_count(outputs, 1, max),
            },
            Kind::Correlated {
                prompt,
                output,
                correlation,
                rest,
            } => {
                let first: f64 = StandardNormal.sample(prompts);
                let own: f64 = StandardNormal.sample(outputs);
                let second = correlation * first + rest * own;
                Length {
                    new_tokens: count(prompt.at_normal(first), u32::MAX),
                    output_tokens: count(output.at_normal(second), max),
                }
            }
            Kind::Pairs(rows) => {
                let row = rows[prompts.random_range(0..rows.len() as u64) as usize];
                Length {
                    output_tokens: row.output_tokens.min(max),
                    ..row
                }
            }
        }
    }
}

/// As [`Sampler::sample_count`] has it.
fn count(value: f64, max: u32) -> u32 {
    value.round().clamp(1.0, f64::from(max)) as u32
}

impl Kind {
    fn new(spec: &GenerateSpec) -> Result<Kind, GenerateError> {
        let correlation = spec.length_correlation;
        if !(-1.0..=1.0).contains(&correlation) {
            return Err(GenerateError::OutOfRange {
                field: CORRELATION,
                value: correlation,
                must: "from -1 to 1",
            });
        }
        if let Some(from_trace) = spec.from_trace.as_ref().filter(|it| it.lengths) {
            check_alone(spec)?;
            let columns = columns(from_trace)?;
            let rows = columns.prompt_tokens.iter().zip(&columns.output_tokens);
            let rows: Vec<Length> = rows
                .map(|(&new_tokens, &output_tokens)| Length {
                    new_tokens: new_tokens.max(1),
                    output_tokens: output_tokens.max(1),
                })
                .collect();
            if rows.is_empty() {
                return Err(GenerateError::TooFewRows {
                    trace: from_trace.trace.clone(),
                    rows: 0,
                    span_s: 0.0,
                    must: "at least one, for lengths",
                });
            }
            return Ok(Kind::Pairs(rows));
        }
        if correlation == 0.0 {
            return Ok(Kind::Independent {
                prompt: sampler(PROMPT, &spec.prompt_tokens)?,
                output: sampler(OUTPUT, &spec.output_tokens)?,
            });
        }
        Ok(Kind::Correlated {
            prompt: Box::new(inverse(PROMPT, &spec.prompt_tokens)?),
            output: Box::new(inverse(OUTPUT, &spec.output_tokens)?),
            correlation,
            rest: ((1.0 - correlation) * (1.0 + correlation)).sqrt(),
        })
    }
}

/// Laws of lengths have no effect beside the lengths of a trace.
fn check_alone(spec: &GenerateSpec) -> Result<(), GenerateError> {
    let default = GenerateSpec::default();
    let given = [
        (PROMPT, spec.prompt_tokens != default.prompt_tokens),
        (OUTPUT, spec.output_tokens != default.output_tokens),
        (
            CORRELATION,
            spec.length_correlation != default.length_correlation,
        ),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((one, _)) => Err(GenerateError::NoEffect {
            one,
            other: FROM_TRACE,
        }),
    }
}

fn inverse(field: &'static str, law: &Law) -> Result<Inverse, GenerateError> {
    law.inverse().map_err(|source| match source {
        LawError::NoInverse { law } => GenerateError::NoInverse { field, law },
        source => GenerateError::Law { field, source },
    })
}
