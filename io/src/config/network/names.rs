//! Names and what they stand for, and faults that name a key.

use kendall_queueing::model::{Branch, Route, Target};

use super::file::File;
use super::forms::{Next, PerClass, Row};
use crate::config::nearest;

/// The place outside of the network.
pub(super) const EXIT: &str = "exit";
/// What probabilities may add up to above 1, for rounding.
const ROUNDING: f64 = 1e-9;

/// What is wrong with a file whose values are all of the right kind.
pub(super) struct Fault {
    /// The key, section by section.
    pub(super) path: Vec<String>,
    /// What is wrong with it, as the rest of a sentence that begins with the key.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn with_hint(self, hint: Option<String>) -> Fault {
        Fault { hint, ..self }
    }
}

/// A key, for faults.
#[derive(Clone, Debug)]
pub(super) struct Key(Vec<String>);

impl Key {
    pub(super) fn new(names: &[&str]) -> Key {
        Key(names.iter().map(|name| (*name).to_owned()).collect())
    }

    pub(super) fn then(&self, name: &str) -> Key {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Key(names)
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault {
            path: self.0.clone(),
            message: message.into(),
            hint: None,
        }
    }

    fn unknown<'a>(&self, what: &str, name: &str, choices: impl Iterator<Item = &'a str>) -> Fault {
        let all: Vec<&str> = choices.collect();
        let hint = match nearest(name, all.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if all.is_empty() => format!("none is defined: add [{what}.{name}]"),
            None => format!("there are {}", all.join(", ")),
        };
        Fault {
            hint: Some(hint),
            ..self.fault(format!("names the {what} `{name}`, which is not defined"))
        }
    }
}

/// What names stand for.
pub(super) struct Names<'a> {
    pub(super) file: &'a File,
    pub(super) classes: Vec<String>,
}

impl Names<'_> {
    fn class(&self, key: &Key, name: &str) -> Result<u16, Fault> {
        let found = self.classes.iter().position(|class| class == name);
        let found = found.and_then(|at| u16::try_from(at).ok());
        found.ok_or_else(|| key.unknown("class", name, self.classes.iter().map(String::as_str)))
    }

    /// The class of this name; without one the only class.
    pub(super) fn class_or_only(&self, key: &Key, name: Option<&String>) -> Result<u16, Fault> {
        match name {
            Some(name) => self.class(&key.then("class"), name),
            None if self.classes.len() == 1 => Ok(0),
            None => Err(key.fault("needs a `class`, since there are several")),
        }
    }

    pub(super) fn station(&self, key: &Key, name: &str) -> Result<usize, Fault> {
        let found = self.file.station.names().position(|known| known == name);
        found.ok_or_else(|| key.unknown("station", name, self.file.station.names()))
    }

    pub(super) fn stations(&self, key: &Key, names: &[String]) -> Result<Vec<usize>, Fault> {
        names.iter().map(|name| self.station(key, name)).collect()
    }

    pub(super) fn target(&self, key: &Key, name: &str) -> Result<Target, Fault> {
        if let Some(at) = self.file.station.names().position(|known| known == name) {
            return Ok(Target::Station(at));
        }
        if let Some(at) = self.file.junction.names().position(|known| known == name) {
            return Ok(Target::Junction(at));
        }
        let places = self.file.station.names().chain(self.file.junction.names());
        Err(key.unknown("place", name, places.chain([EXIT])))
    }

    /// A value for every class; a class that a table leaves out has none.
    pub(super) fn by_class<T: Clone>(
        &self,
        key: &Key,
        given: &PerClass<T>,
    ) -> Result<Vec<Option<T>>, Fault> {
        match given {
            PerClass::All(one) => Ok(vec![Some(one.clone()); self.classes.len()]),
            PerClass::Each(table) => {
                for name in table.names() {
                    self.class(&key.then(name), name)?;
                }
                let all = self.classes.iter();
                Ok(all.map(|class| table.get(class).cloned()).collect())
            }
        }
    }

    /// A value for every class, none of which may be left out.
    pub(super) fn for_every_class<T: Clone>(
        &self,
        key: &Key,
        given: &PerClass<T>,
    ) -> Result<Vec<T>, Fault> {
        let values = self.by_class(key, given)?.into_iter().zip(&self.classes);
        let needed = |(value, class): (Option<T>, &String)| {
            value.ok_or_else(|| key.fault(format!("says nothing of the class `{class}`")))
        };
        values.map(needed).collect()
    }

    /// Routes by class; a class that a table leaves out leaves the network, and so do all without
    /// a table.
    pub(super) fn routes(&self, key: &Key, next: Option<&Next>) -> Result<Vec<Route>, Fault> {
        let each = |row: &Row, key: &Key, class: usize| self.route(key, row, class as u16);
        let classes = self.classes.iter().enumerate();
        match next {
            None => Ok(vec![Route::Exit; self.classes.len()]),
            Some(Next::All(row)) => classes.map(|(class, _)| each(row, key, class)).collect(),
            Some(Next::Each(table)) => {
                for name in table.names() {
                    self.class(&key.then(name), name)?;
                }
                let route = |(class, name): (usize, &String)| match table.get(name) {
                    Some(row) => each(row, &key.then(name), class),
                    None => Ok(Route::Exit),
                };
                classes.map(route).collect()
            }
        }
    }

    fn route(&self, key: &Key, row: &Row, class: u16) -> Result<Route, Fault> {
        let mut branches = Vec::new();
        let mut sum = 0.0;
        for branch in &row.0 {
            let becomes = match &branch.class {
                Some(name) => self.class(key, name)?,
                None => class,
            };
            let exits = branch.to == EXIT;
            let to = (!exits).then(|| self.target(key, &branch.to)).transpose()?;
            let Some(probability) = branch.probability else {
                if row.0.len() > 1 {
                    let to = &branch.to;
                    return Err(key.fault(format!(
                        "has several places to go and no probability for `{to}`"
                    )));
                }
                return Ok(to.map_or(Route::Exit, |to| Route::To(to, becomes)));
            };
            if !(0.0..=1.0).contains(&probability) {
                let to = &branch.to;
                return Err(key.fault(format!(
                    "gives `{to}` the probability {probability}, must be from 0 to 1"
                )));
            }
            sum += probability;
            branches.extend(to.map(|to| Branch {
                probability,
                to,
                class: becomes,
            }));
        }
        if sum > 1.0 + ROUNDING {
            return Err(Fault {
                hint: Some("what is missing to 1 leaves the network".to_owned()),
                ..key.fault(format!(
                    "has probabilities that add up to {sum}, more than 1"
                ))
            });
        }
        Ok(Route::Random(branches))
    }
}
