//! Parameters of a case: a JSON object from which every key must be used.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::laws::{dist, moments};
use crate::theory::Dist;

/// Why a case is not one of the models here; such a case is skipped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unsupported {
    /// No such model.
    #[error("unknown model `{model}`")]
    Model {
        /// Its name.
        model: String,
    },
    /// A parameter without which the model is not determined.
    #[error("parameter `{name}` is missing")]
    Missing {
        /// Its usual name.
        name: &'static str,
    },
    /// A parameter of the wrong kind or out of range.
    #[error("parameter `{name}` must be {expected}")]
    Value {
        /// Its name.
        name: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A parameter that the model does not have; leaving it out could be another model.
    #[error("unknown parameter `{name}`")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// A law that is not known.
    #[error("unknown law `{dist}`")]
    Law {
        /// Its name.
        dist: String,
    },
    /// Two moments that belong to neither an exponential nor a constant: they do not say which law.
    #[error("moments m1 = {m1} and m2 = {m2} do not determine a law")]
    Moments {
        /// First moment.
        m1: f64,
        /// Second moment.
        m2: f64,
    },
    /// A discipline that the model does not have.
    #[error("unknown discipline `{discipline}` of `{model}`")]
    Discipline {
        /// The discipline.
        discipline: String,
        /// The model.
        model: String,
    },
    /// No stationary state: the load is too high.
    #[error("load {load} per server is not below 1")]
    Unstable {
        /// Load per server.
        load: f64,
    },
}

/// Keys that say nothing that other keys do not.
const REMARKS: [&str; 10] = [
    "note",
    "notes",
    "comment",
    "description",
    "source",
    "rho",
    "utilization",
    "scv",
    "offered_load",
    "id",
];

/// A JSON object being read.
pub(super) struct Params<'a> {
    map: &'a Map<String, Value>,
    used: BTreeSet<&'a str>,
}

impl<'a> Params<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Params<'a> {
        Params {
            map,
            used: BTreeSet::new(),
        }
    }

    /// The value of the first of some names that is present.
    pub(super) fn find(&mut self, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        for name in names {
            if let Some((key, value)) = self.map.get_key_value(*name)
                && !value.is_null()
            {
                self.used.insert(key);
                return Some((name, value));
            }
        }
        None
    }

    pub(super) fn require(
        &mut self,
        names: &[&'static str],
    ) -> Result<(&'static str, &'a Value), Unsupported> {
        let name = names.first().copied().unwrap_or_default();
        self.find(names).ok_or(Unsupported::Missing { name })
    }

    pub(super) fn text(&mut self, names: &[&'static str]) -> Option<&'a str> {
        self.find(names).and_then(|(_, value)| value.as_str())
    }

    pub(super) fn optional(&mut self, names: &[&'static str]) -> Result<Option<f64>, Unsupported> {
        self.find(names)
            .map(|(name, value)| not_negative(name, value))
            .transpose()
    }

    /// A number that is not negative.
    pub(super) fn number(&mut self, names: &[&'static str]) -> Result<f64, Unsupported> {
        let (name, value) = self.require(names)?;
        not_negative(name, value)
    }

    /// A positive number.
    pub(super) fn positive(&mut self, names: &[&'static str]) -> Result<f64, Unsupported> {
        let (name, value) = self.require(names)?;
        positive(name, value)
    }

    /// A whole number from 1.
    pub(super) fn count(&mut self, names: &[&'static str]) -> Result<u32, Unsupported> {
        let (name, value) = self.require(names)?;
        count(name, value)
    }

    pub(super) fn optional_count(
        &mut self,
        names: &[&'static str],
    ) -> Result<Option<u32>, Unsupported> {
        self.find(names)
            .map(|(name, value)| count(name, value))
            .transpose()
    }

    /// Positive numbers.
    pub(super) fn positives(&mut self, names: &[&'static str]) -> Result<Vec<f64>, Unsupported> {
        let (name, value) = self.require(names)?;
        items(name, value)?
            .iter()
            .map(|item| positive(name, item))
            .collect()
    }

    /// Numbers that are not negative.
    pub(super) fn numbers(&mut self, names: &[&'static str]) -> Result<Vec<f64>, Unsupported> {
        let (name, value) = self.require(names)?;
        items(name, value)?
            .iter()
            .map(|item| not_negative(name, item))
            .collect()
    }

    /// Two positive numbers, in a list or as `name1` and `name2`; one number stands for both.
    pub(super) fn pair(
        &mut self,
        name: &'static str,
        parts: [&'static str; 2],
    ) -> Result<[f64; 2], Unsupported> {
        if let Some((_, value)) = self.find(&[name]) {
            if let Some(both) = value.as_f64() {
                return Ok([both, both]);
            }
            return match items(name, value)? {
                [first, second] => Ok([positive(name, first)?, positive(name, second)?]),
                _ => Err(wrong(name, "two numbers")),
            };
        }
        if !self.map.contains_key(parts[0]) {
            return Err(Unsupported::Missing { name });
        }
        Ok([self.positive(&[parts[0]])?, self.positive(&[parts[1]])?])
    }

    /// A law: an object with `dist`, or a number for a constant.
    pub(super) fn dist(&mut self, names: &[&'static str]) -> Result<Dist, Unsupported> {
        let (name, value) = self.require(names)?;
        dist(name, value)
    }

    pub(super) fn optional_dist(
        &mut self,
        names: &[&'static str],
    ) -> Result<Option<Dist>, Unsupported> {
        self.find(names)
            .map(|(name, value)| dist(name, value))
            .transpose()
    }

    /// A service law from `service`, or exponential from `mu` or `mean`, or from two moments.
    pub(super) fn service(&mut self) -> Result<Dist, Unsupported> {
        if let Some(law) = self.optional_dist(&["service"])? {
            return Ok(law);
        }
        if let Some((name, value)) = self.find(&["m1"]) {
            let m1 = positive(name, value)?;
            let m2 = self.optional(&["m2"])?.unwrap_or(2.0 * m1 * m1);
            return moments(m1, m2);
        }
        if let Some((name, value)) = self.find(&["mean", "mean_service", "ES"]) {
            return Ok(Dist::Exp {
                mean: positive(name, value)?,
            });
        }
        let rate = self.positive(&["mu"])?;
        Ok(Dist::Exp { mean: 1.0 / rate })
    }

    /// The objects of a list.
    pub(super) fn objects(
        &mut self,
        names: &[&'static str],
    ) -> Result<Vec<Params<'a>>, Unsupported> {
        let (name, value) = self.require(names)?;
        let objects = items(name, value)?.iter();
        objects
            .map(|item| {
                item.as_object()
                    .map(Params::new)
                    .ok_or_else(|| wrong(name, "a list of objects"))
            })
            .collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A key that nothing asked for.
    pub(super) fn finish(self) -> Result<(), Unsupported> {
        for key in self.map.keys() {
            if !self.used.contains(key.as_str()) && !REMARKS.contains(&key.as_str()) {
                return Err(Unsupported::Parameter { name: key.clone() });
            }
        }
        Ok(())
    }
}

pub(super) fn wrong(name: &str, expected: &'static str) -> Unsupported {
    Unsupported::Value {
        name: name.to_owned(),
        expected,
    }
}

/// The items of a JSON list.
pub(super) fn items<'a>(name: &str, value: &'a Value) -> Result<&'a [Value], Unsupported> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| wrong(name, "a list"))
}

pub(super) fn finite(value: &Value) -> Option<f64> {
    let number = value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

pub(super) fn not_negative(name: &str, value: &Value) -> Result<f64, Unsupported> {
    let number = finite(value).filter(|number| *number >= 0.0);
    number.ok_or_else(|| wrong(name, "a number that is not negative"))
}

pub(super) fn positive(name: &str, value: &Value) -> Result<f64, Unsupported> {
    let number = finite(value).filter(|number| *number > 0.0);
    number.ok_or_else(|| wrong(name, "a positive number"))
}

pub(super) fn count(name: &str, value: &Value) -> Result<u32, Unsupported> {
    let number =
        finite(value).filter(|number| *number >= 1.0 && *number <= 1e7 && number.fract() == 0.0);
    number
        .map(|number| number as u32)
        .ok_or_else(|| wrong(name, "a whole number from 1 to 10^7"))
}
