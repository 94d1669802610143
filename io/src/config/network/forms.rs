//! Values that may be written in several forms.

use std::fmt::{self, Display};
use std::marker::PhantomData;

use kendall_kernel::Law;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::{Table, Value};

/// Things by name, in an order of their own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T> Named<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, thing)| thing)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

struct NamedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NamedVisitor<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a section with a key for each name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Named<T>, A::Error> {
        let mut things = Vec::new();
        while let Some(entry) = access.next_entry()? {
            things.push(entry);
        }
        Ok(Named(things))
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, thing)| (name, thing)))
    }
}

/// A law, written as text where it has a text form.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct LawForm(pub(super) Law);

impl Serialize for LawForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            law @ Law::Mixture { .. } => law.serialize(serializer),
            law => serializer.collect_str(law),
        }
    }
}

/// One thing for all classes, or a table of them by class. A table with the key `law` is a law.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum PerClass<T> {
    All(T),
    Each(Named<T>),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for PerClass<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Table(table) if !table.contains_key(super::file::LAW) => {
                PerClass::Each(inner(Value::Table(table))?)
            }
            value => PerClass::All(inner(value)?),
        })
    }
}

/// Reads a part of a value that has been read.
fn inner<T: DeserializeOwned, E: serde::de::Error>(value: Value) -> Result<T, E> {
    value
        .try_into()
        .map_err(|error: toml::de::Error| E::custom(error.message()))
}

/// A number of servers, or one for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServersForm {
    Count(u32),
    Infinite,
}

impl<'de> Deserialize<'de> for ServersForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) if text == "inf" => Ok(ServersForm::Infinite),
            Value::Float(number) if number == f64::INFINITY => Ok(ServersForm::Infinite),
            Value::Integer(count) => u32::try_from(count)
                .map(ServersForm::Count)
                .map_err(|_| D::Error::custom(wrong(count, SERVERS))),
            other => Err(D::Error::custom(wrong(other, SERVERS))),
        }
    }
}

const SERVERS: &str = "a whole number from 1 to 1000000 or \"inf\"";

pub(super) fn wrong(found: impl Display, expected: &str) -> String {
    format!("invalid value: {found}, expected {expected}")
}

impl Serialize for ServersForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ServersForm::Count(count) => serializer.serialize_u32(*count),
            ServersForm::Infinite => serializer.serialize_str("inf"),
        }
    }
}

/// Whether customers join: `always`, `reciprocal`, or probabilities by the number present.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum JoiningForm {
    Rule(String),
    Table(Vec<f64>),
}

impl<'de> Deserialize<'de> for JoiningForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rules = ["always", "reciprocal"];
        match Value::deserialize(deserializer)? {
            Value::String(rule) if rules.contains(&rule.as_str()) => Ok(JoiningForm::Rule(rule)),
            list @ Value::Array(_) => Ok(JoiningForm::Table(inner(list)?)),
            other => Err(D::Error::custom(wrong(
                other,
                "\"always\", \"reciprocal\" or a list of probabilities",
            ))),
        }
    }
}

/// Ranks of classes: the classes from the most urgent on, or a rank for each.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Ranks {
    Order(Vec<String>),
    Table(Named<u32>),
}

impl<'de> Deserialize<'de> for Ranks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            list @ Value::Array(_) => Ranks::Order(inner(list)?),
            other => Ranks::Table(inner(other)?),
        })
    }
}

/// One of the places where a customer may go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BranchForm {
    /// A station, a junction or `exit`.
    pub(super) to: String,
    /// `None` if the customer always goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) probability: Option<f64>,
    /// `None` for the class that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
}

/// Where a customer goes: `"place"`, `{ place = 0.5, ... }`, `{ to = ..., class = ... }` or a list
/// of these tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(pub(super) Vec<BranchForm>);

impl Row {
    fn read<E: serde::de::Error>(value: Value) -> Result<Row, E> {
        let certain = |to| BranchForm {
            to,
            probability: None,
            class: None,
        };
        Ok(match value {
            Value::String(to) => Row(vec![certain(to)]),
            list @ Value::Array(_) => Row(inner(list)?),
            Value::Table(table) if is_branch(&table) => Row(vec![inner(Value::Table(table))?]),
            Value::Table(table) => {
                let probabilities: Named<f64> = inner(Value::Table(table))?;
                let branch = |(to, probability)| BranchForm {
                    probability: Some(probability),
                    ..certain(to)
                };
                Row(probabilities.0.into_iter().map(branch).collect())
            }
            other => {
                return Err(E::custom(wrong(
                    other,
                    "a place, a table of places and probabilities, or a list of tables with `to`",
                )));
            }
        })
    }

    /// Whether a table of probabilities, which has an order of its own, says the same.
    fn is_table(&self) -> bool {
        let plain = |branch: &BranchForm| branch.probability.is_some() && branch.class.is_none();
        let names = self.0.iter().map(|branch| &branch.to);
        self.0.iter().all(plain) && names.clone().zip(names.skip(1)).all(|(a, b)| a < b)
    }
}

/// A table with `to` is a branch.
fn is_branch(table: &Table) -> bool {
    table.get(super::file::TO).is_some_and(Value::is_str)
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Row::read(Value::deserialize(deserializer)?)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [
                BranchForm {
                    to,
                    probability: None,
                    class: None,
                },
            ] => serializer.serialize_str(to),
            branches if self.is_table() => {
                serializer.collect_map(branches.iter().map(|b| (&b.to, b.probability)))
            }
            branches => branches.serialize(serializer),
        }
    }
}

/// Where customers go: the same for all classes, or by class.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Next {
    All(Row),
    Each(Named<Row>),
}

impl<'de> Deserialize<'de> for Next {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Table(table) if !is_branch(&table) && !table.values().all(is_number) => {
                if let Some((name, _)) = table.iter().find(|(_, value)| is_number(value)) {
                    return Err(D::Error::custom(format!(
                        "`{name}` has a probability and other keys have not, expected either a \
                         probability for each place or a place for each class"
                    )));
                }
                Ok(Next::Each(inner(Value::Table(table))?))
            }
            value => Row::read(value).map(Next::All),
        }
    }
}

fn is_number(value: &Value) -> bool {
    value.is_integer() || value.is_float()
}
