//! The text form of laws, as command lines use it: `lognormal:mu=6.9,sigma=0.7`.

use std::fmt;
use std::str::FromStr;

use super::error::LawError;
use super::forms::find;
use super::law::Law;
use super::value::Value;

impl FromStr for Law {
    type Err = LawError;

    /// Reads the text form, or a bare number as a constant. Spaces around the parts do not matter.
    ///
    /// # Errors
    /// Every [`LawError`]; a mixture has no text form.
    fn from_str(text: &str) -> Result<Law, LawError> {
        let text = text.trim();
        if let Ok(value) = text.parse::<f64>() {
            return Law::from_parameters("constant", vec![("value".into(), Value::Number(value))]);
        }
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let name = name.trim();
        let form = find(name)?.written;
        if name == "mixture" {
            let law = "mixture";
            return Err(LawError::NoTextForm { law, form });
        }
        let parts = rest
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let entries = parts.map(|part| match part.split_once('=') {
            Some((parameter, value)) => Ok((parameter.trim().to_owned(), parse_value(value))),
            None => {
                let part = part.to_owned();
                Err(LawError::Malformed { part, form })
            }
        });
        Law::from_parameters(name, entries.collect::<Result<_, _>>()?)
    }
}

/// A number, numbers joined by `|`, or rows of these joined by `/`; what is no number stays text,
/// for the message.
fn parse_value(text: &str) -> Value {
    let one = |text: &str| match text.trim().parse() {
        Ok(number) => Value::Number(number),
        Err(_) => Value::Text(text.trim().to_owned()),
    };
    let row = |text: &str| Value::List(text.split('|').map(one).collect());
    if text.contains('/') {
        return Value::List(text.split('/').map(row).collect());
    }
    if text.contains('|') {
        return row(text);
    }
    one(text)
}

/// The text form, which reads back as the same law. A mixture is shown in the same manner, for the
/// eye only.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.name())?;
        match self {
            Law::Constant { value } => write!(f, "value={value}"),
            Law::Exponential { mean } => write!(f, "mean={mean}"),
            Law::Uniform { min, max } => write!(f, "min={min},max={max}"),
            Law::Normal { mean, sd } => write!(f, "mean={mean},sd={sd}"),
            Law::Lognormal { mu, sigma } => write!(f, "mu={mu},sigma={sigma}"),
            Law::Gamma { shape, scale } | Law::Weibull { shape, scale } => {
                write!(f, "shape={shape},scale={scale}")
            }
            Law::Pareto { alpha, min, max } => {
                write!(f, "alpha={alpha},min={min}")?;
                match max {
                    Some(max) => write!(f, ",max={max}"),
                    None => Ok(()),
                }
            }
            Law::Geometric { p } => write!(f, "p={p}"),
            Law::Zipf { n, s } => write!(f, "n={n},s={s}"),
            Law::Erlang { k, mean } => write!(f, "k={k},mean={mean}"),
            Law::Hyperexponential { weights, means } => {
                write_list(f, "means=", means)?;
                write_weights(f, weights)
            }
            Law::PhaseType { initial, generator } => {
                write_list(f, "initial=", initial)?;
                for (at, row) in generator.iter().enumerate() {
                    let label = if at == 0 { ",generator=" } else { "/" };
                    write_list(f, label, row)?;
                }
                Ok(())
            }
            Law::Empirical { values, weights } => {
                write_list(f, "values=", values)?;
                write_weights(f, weights)
            }
            Law::Mixture { weights, laws } => {
                let laws: Vec<String> = laws.iter().map(|law| format!("({law})")).collect();
                write_list(f, "laws=", &laws)?;
                write_weights(f, weights)
            }
        }
    }
}

fn write_weights(f: &mut fmt::Formatter<'_>, weights: &[f64]) -> fmt::Result {
    if weights.is_empty() {
        return Ok(());
    }
    write_list(f, ",weights=", weights)
}

fn write_list(f: &mut fmt::Formatter<'_>, label: &str, list: &[impl fmt::Display]) -> fmt::Result {
    f.write_str(label)?;
    for (at, element) in list.iter().enumerate() {
        let separator = if at == 0 { "" } else { "|" };
        write!(f, "{separator}{element}")?;
    }
    Ok(())
}
