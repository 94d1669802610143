//! Laws from trees of values.
//!
//! Text and serde both end here, so that both know the same laws and fail with the same messages.

use serde::de::{Deserialize, Deserializer, Error as _};

use super::error::LawError;
use super::forms::{Form, find};
use super::law::Law;
use super::value::Value;

impl Law {
    /// Builds and validates the law `name` with these parameters.
    pub(super) fn from_parameters(
        name: &str,
        entries: Vec<(String, Value)>,
    ) -> Result<Law, LawError> {
        let form = find(name)?;
        let mut parameters = Parameters { form, entries };
        let law = (form.read)(&mut parameters)?;
        parameters.finish()?;
        law.validate()?;
        Ok(law)
    }

    fn from_value(value: Value) -> Result<Law, LawError> {
        match value {
            Value::Number(value) => {
                let law = Law::Constant { value };
                law.validate()?;
                Ok(law)
            }
            Value::Text(text) => text.parse(),
            Value::Table(mut entries) => {
                let at = entries.iter().position(|(key, _)| key == "law");
                match at.map(|at| entries.remove(at).1) {
                    Some(Value::Text(name)) => Law::from_parameters(&name, entries),
                    Some(other) => Err(not_a_law(format!("a table whose `law` is {other}"))),
                    None => Err(not_a_law("a table without the key `law`".to_owned())),
                }
            }
            list @ Value::List(_) => Err(not_a_law(list.to_string())),
        }
    }
}

fn not_a_law(found: String) -> LawError {
    LawError::NotALaw { found }
}

/// The parameters of one law, taken out one by one.
pub(super) struct Parameters {
    pub(super) form: &'static Form,
    entries: Vec<(String, Value)>,
}

impl Parameters {
    fn take(&mut self, name: &'static str) -> Result<Option<Value>, LawError> {
        let Some(at) = self.entries.iter().position(|(key, _)| key == name) else {
            return Ok(None);
        };
        let (parameter, value) = self.entries.remove(at);
        if self.entries.iter().any(|(key, _)| *key == parameter) {
            let law = self.form.name;
            return Err(LawError::RepeatedParameter { law, parameter });
        }
        Ok(Some(value))
    }

    pub(super) fn missing(&self, parameter: &'static str) -> LawError {
        LawError::MissingParameter {
            law: self.form.name,
            parameter,
            form: self.form.written,
        }
    }

    fn wrong_kind(&self, parameter: &str, found: &Value, must: &'static str) -> LawError {
        LawError::WrongKind {
            law: self.form.name,
            parameter: parameter.to_owned(),
            found: found.to_string(),
            must,
        }
    }

    pub(super) fn optional_number(&mut self, name: &'static str) -> Result<Option<f64>, LawError> {
        match self.take(name)? {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(other) => Err(self.wrong_kind(name, &other, "a number")),
        }
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<f64, LawError> {
        let number = self.optional_number(name)?;
        number.ok_or_else(|| self.missing(name))
    }

    pub(super) fn whole(&mut self, name: &'static str) -> Result<u64, LawError> {
        let number = self.number(name)?;
        let exact = (0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0;
        if !exact {
            let must = "a whole number from 1 to 2^53";
            return Err(self.wrong_kind(name, &Value::Number(number), must));
        }
        Ok(number as u64)
    }

    pub(super) fn stages(&mut self, name: &'static str) -> Result<u32, LawError> {
        let whole = self.whole(name)?;
        let must = "a whole number from 1 to 2^32 - 1";
        u32::try_from(whole).map_err(|_| self.wrong_kind(name, &Value::Number(whole as f64), must))
    }

    /// A list, empty if there is none; one element may stand for itself.
    fn list(&mut self, name: &'static str) -> Result<Vec<Value>, LawError> {
        Ok(match self.take(name)? {
            None => Vec::new(),
            Some(Value::List(list)) => list,
            Some(other) => vec![other],
        })
    }

    pub(super) fn optional_numbers(&mut self, name: &'static str) -> Result<Vec<f64>, LawError> {
        let list = self.list(name)?;
        self.each_number(name, &list)
    }

    fn each_number(&self, name: &str, list: &[Value]) -> Result<Vec<f64>, LawError> {
        let numbers = list.iter().enumerate().map(|(at, value)| match value {
            Value::Number(number) => Ok(*number),
            other => Err(self.wrong_kind(&format!("{name}[{at}]"), other, "a number")),
        });
        numbers.collect()
    }

    pub(super) fn numbers(&mut self, name: &'static str) -> Result<Vec<f64>, LawError> {
        let given = self.entries.iter().any(|(key, _)| key == name);
        if !given {
            return Err(self.missing(name));
        }
        self.optional_numbers(name)
    }

    /// A matrix, row by row; one row may stand for itself.
    pub(super) fn rows(&mut self, name: &'static str) -> Result<Vec<Vec<f64>>, LawError> {
        let given = self.entries.iter().any(|(key, _)| key == name);
        if !given {
            return Err(self.missing(name));
        }
        let mut list = self.list(name)?;
        if !list.iter().any(|row| matches!(row, Value::List(_))) {
            list = vec![Value::List(list)];
        }
        let rows = list.into_iter().enumerate().map(|(at, row)| {
            let elements = match row {
                Value::List(elements) => elements,
                one => vec![one],
            };
            self.each_number(&format!("{name}[{at}]"), &elements)
        });
        rows.collect()
    }

    pub(super) fn laws(&mut self, name: &'static str) -> Result<Vec<Law>, LawError> {
        let list = self.list(name)?.into_iter().enumerate();
        let laws = list.map(|(index, value)| {
            Law::from_value(value).map_err(|source| LawError::Component {
                index,
                source: Box::new(source),
            })
        });
        laws.collect()
    }

    /// Nothing may be left over.
    fn finish(self) -> Result<(), LawError> {
        match self.entries.into_iter().next() {
            None => Ok(()),
            Some((parameter, _)) => Err(LawError::UnknownParameter {
                law: self.form.name,
                parameter,
                form: self.form.written,
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Law {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Law, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Law::from_value(value).map_err(D::Error::custom)
    }
}
