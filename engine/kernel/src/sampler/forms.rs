//! The registry of laws: names, written forms, and which parameter goes where.

use super::error::LawError;
use super::law::Law;
use super::read::Parameters;

/// How one law is written and read.
pub(super) struct Form {
    pub(super) name: &'static str,
    pub(super) written: &'static str,
    pub(super) read: fn(&mut Parameters) -> Result<Law, LawError>,
}

/// Every law. A new one is a line here, a variant of [`Law`] and a sampler.
const FORMS: &[Form] = &[
    Form {
        name: "constant",
        written: "constant:value=3",
        read: |p| {
            Ok(Law::Constant {
                value: p.number("value")?,
            })
        },
    },
    Form {
        name: "exponential",
        written: "exponential:mean=2 or exponential:rate=0.5",
        read: read_exponential,
    },
    Form {
        name: "uniform",
        written: "uniform:min=1,max=9",
        read: |p| {
            Ok(Law::Uniform {
                min: p.number("min")?,
                max: p.number("max")?,
            })
        },
    },
    Form {
        name: "normal",
        written: "normal:mean=10,sd=2",
        read: |p| {
            Ok(Law::Normal {
                mean: p.number("mean")?,
                sd: p.number("sd")?,
            })
        },
    },
    Form {
        name: "lognormal",
        written: "lognormal:mu=6.9,sigma=0.7",
        read: |p| {
            Ok(Law::Lognormal {
                mu: p.number("mu")?,
                sigma: p.number("sigma")?,
            })
        },
    },
    Form {
        name: "gamma",
        written: "gamma:shape=2,scale=3",
        read: |p| {
            Ok(Law::Gamma {
                shape: p.number("shape")?,
                scale: p.number("scale")?,
            })
        },
    },
    Form {
        name: "weibull",
        written: "weibull:shape=0.8,scale=3",
        read: |p| {
            Ok(Law::Weibull {
                shape: p.number("shape")?,
                scale: p.number("scale")?,
            })
        },
    },
    Form {
        name: "pareto",
        written: "pareto:alpha=1.5,min=1,max=100 (max is optional)",
        read: |p| {
            Ok(Law::Pareto {
                alpha: p.number("alpha")?,
                min: p.number("min")?,
                max: p.optional_number("max")?,
            })
        },
    },
    Form {
        name: "geometric",
        written: "geometric:p=0.1",
        read: |p| Ok(Law::Geometric { p: p.number("p")? }),
    },
    Form {
        name: "zipf",
        written: "zipf:n=1000,s=1.1",
        read: |p| {
            Ok(Law::Zipf {
                n: p.whole("n")?,
                s: p.number("s")?,
            })
        },
    },
    Form {
        name: "erlang",
        written: "erlang:k=3,mean=2",
        read: |p| {
            Ok(Law::Erlang {
                k: p.stages("k")?,
                mean: p.number("mean")?,
            })
        },
    },
    Form {
        name: "hyperexponential",
        written: "hyperexponential:weights=0.9|0.1,means=1|20 (weights are optional)",
        read: |p| {
            Ok(Law::Hyperexponential {
                weights: p.optional_numbers("weights")?,
                means: p.numbers("means")?,
            })
        },
    },
    Form {
        name: "phase_type",
        written: "phase_type:initial=1|0,generator=-2|1.5/0|-3",
        read: |p| {
            Ok(Law::PhaseType {
                initial: p.numbers("initial")?,
                generator: p.rows("generator")?,
            })
        },
    },
    Form {
        name: "empirical",
        written: "empirical:values=1|2|3,weights=5|3|2 (weights are optional)",
        read: |p| {
            Ok(Law::Empirical {
                values: p.numbers("values")?,
                weights: p.optional_numbers("weights")?,
            })
        },
    },
    Form {
        name: "mixture",
        written: "{ law = \"mixture\", weights = [0.9, 0.1], laws = [\"exponential:mean=1\", 30] }",
        read: |p| {
            Ok(Law::Mixture {
                weights: p.optional_numbers("weights")?,
                laws: p.laws("laws")?,
            })
        },
    },
];

fn read_exponential(p: &mut Parameters) -> Result<Law, LawError> {
    let (mean, rate) = (p.optional_number("mean")?, p.optional_number("rate")?);
    match (mean, rate) {
        (Some(mean), None) => Ok(Law::Exponential { mean }),
        (None, Some(rate)) if rate > 0.0 && rate.is_finite() => {
            Ok(Law::Exponential { mean: 1.0 / rate })
        }
        (None, Some(rate)) => Err(LawError::OutOfRange {
            law: p.form.name,
            parameter: "rate".to_owned(),
            value: rate,
            must: "positive and finite",
        }),
        (Some(_), Some(_)) => Err(LawError::Exclusive {
            law: p.form.name,
            one: "mean",
            other: "rate",
        }),
        (None, None) => Err(p.missing("mean")),
    }
}

impl Law {
    /// The name of every law and an example of how it is written, in the order of the guides.
    pub fn forms() -> impl Iterator<Item = (&'static str, &'static str)> {
        FORMS.iter().map(|form| (form.name, form.written))
    }
}

/// The form of the law `name`; an error that lists the choices if there is none.
pub(super) fn find(name: &str) -> Result<&'static Form, LawError> {
    if let Some(form) = FORMS.iter().find(|form| form.name == name) {
        return Ok(form);
    }
    let names = FORMS.iter().map(|form| form.name);
    // An abbreviation is nearer to its word than the edits say.
    let distance = |known: &&str| (!known.starts_with(name), edit_distance(name, known));
    let nearest = names.clone().min_by_key(distance);
    Err(LawError::UnknownLaw {
        name: name.to_owned(),
        nearest: nearest.expect("there are laws"),
        choices: names.collect::<Vec<_>>().join(", "),
    })
}

/// Insertions, deletions and replacements of characters that lead from one text to the other
/// (Wagner and Fischer, "The String-to-String Correction Problem", JACM 21, 1974).
fn edit_distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[row.len() - 1]
}
