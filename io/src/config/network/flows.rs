//! Sources, populations and junctions: sections to what they describe.

use kendall_kernel::Law;
use kendall_queueing::model::{
    Arrivals, Junction, JunctionKind, Policy, Population, Rate, Source, Target,
};

use super::file::{JunctionSection, PolicyForm, PopulationSection, SourceSection};
use super::forms::LawForm;
use super::names::{Fault, Key, Names};

impl Names<'_> {
    pub(super) fn to_source(&self, name: &str, section: &SourceSection) -> Result<Source, Fault> {
        let key = Key::new(&["source", name]);
        let to = match &section.to {
            Some(name) => self.target(&key.then("to"), name)?,
            None if self.file.station.0.len() == 1 => Target::Station(0),
            None => return Err(key.fault("needs a `to`, since there are several stations")),
        };
        Ok(Source {
            class: self.class_or_only(&key, section.class.as_ref())?,
            arrivals: arrivals(&key, section)?,
            batch: section.batch.as_ref().map(|law| law.0.clone()),
            to,
        })
    }

    pub(super) fn to_population(
        &self,
        name: &str,
        section: &PopulationSection,
    ) -> Result<Population, Fault> {
        let key = Key::new(&["population", name]);
        let station = match &section.station {
            Some(name) => self.station(&key.then("station"), name)?,
            None if self.file.station.0.len() == 1 => 0,
            None => return Err(key.fault("needs a `station` to start at, since there are several")),
        };
        Ok(Population {
            class: self.class_or_only(&key, section.class.as_ref())?,
            count: section.count,
            station,
        })
    }

    pub(super) fn to_junction(
        &self,
        name: &str,
        section: &JunctionSection,
    ) -> Result<Junction, Fault> {
        let key = Key::new(&["junction", name]);
        let kind = match (section, &section.stations, &section.fork) {
            (JunctionSection { next: None, .. }, Some(stations), None) => JunctionKind::Dispatch {
                policy: policy(&key, section)?,
                stations: self.stations(&key.then("stations"), stations)?,
            },
            (
                JunctionSection {
                    policy: None,
                    choices: None,
                    ..
                },
                None,
                Some(stations),
            ) => JunctionKind::Fork {
                stations: self.stations(&key.then("fork"), stations)?,
                next: self.routes(&key.then("next"), section.next.as_ref())?,
            },
            _ => {
                return Err(
                    key.fault("must have either `stations` with a `policy`, or `fork` with `next`")
                );
            }
        };
        let name = name.to_owned();
        Ok(Junction { name, kind })
    }
}

impl SourceSection {
    /// The key that says when customers arrive, if there is one.
    pub(super) fn arrivals(&self) -> &'static str {
        let given = [
            ("rate", self.rate.is_some()),
            ("interarrival", self.interarrival.is_some()),
            ("times", self.times.is_some()),
            ("trace", self.trace.is_some()),
            ("map", self.map.is_some()),
            ("mmpp", self.mmpp.is_some()),
            ("sinusoidal", self.sinusoidal.is_some()),
            ("piecewise", self.piecewise.is_some()),
        ];
        let found = given.into_iter().find(|(_, given)| *given);
        found.map_or("", |(key, _)| key)
    }
}

fn policy(key: &Key, section: &JunctionSection) -> Result<Policy, Fault> {
    let policy = section
        .policy
        .ok_or_else(|| key.fault("needs a `policy`, such as \"shortest-queue\""))?;
    match (policy, section.choices) {
        (PolicyForm::PowerOf, Some(choices)) => Ok(Policy::PowerOf(choices)),
        (PolicyForm::PowerOf, None) => Err(key.fault("needs `choices`, such as 2")),
        (_, Some(_)) => Err(key
            .then("choices")
            .fault("is for the policy power-of, and this is another one")),
        (PolicyForm::RoundRobin, None) => Ok(Policy::RoundRobin),
        (PolicyForm::Random, None) => Ok(Policy::Random),
        (PolicyForm::ShortestQueue, None) => Ok(Policy::ShortestQueue),
        (PolicyForm::LeastWork, None) => Ok(Policy::LeastWork),
    }
}

fn arrivals(key: &Key, section: &SourceSection) -> Result<Arrivals, Fault> {
    let mut given = Vec::new();
    if let Some(rate) = section.rate {
        let mean = 1.0 / rate;
        if !(rate > 0.0 && rate.is_finite() && mean.is_finite()) {
            let message = format!("is {rate}, must be positive and finite");
            return Err(key.then("rate").fault(message));
        }
        given.push(Arrivals::Renewal(Law::Exponential { mean }));
    }
    if let Some(LawForm(law)) = &section.interarrival {
        given.push(Arrivals::Renewal(law.clone()));
    }
    given.extend(section.times.clone().map(Arrivals::Given));
    given.extend(section.traced.clone().map(Arrivals::Given));
    given.extend(section.map.clone().map(|map| Arrivals::Markovian {
        silent: map.silent,
        marked: map.marked,
    }));
    given.extend(section.mmpp.clone().map(|mmpp| {
        let diagonal = |(at, rate): (usize, &f64)| {
            let mut row = vec![0.0; mmpp.rates.len()];
            row[at] = *rate;
            row
        };
        Arrivals::Markovian {
            marked: mmpp.rates.iter().enumerate().map(diagonal).collect(),
            silent: mmpp.switching,
        }
    }));
    given.extend(section.sinusoidal.clone().map(|rate| {
        Arrivals::Varying(Rate::Sinusoidal {
            mean: rate.mean,
            amplitude: rate.amplitude,
            period: rate.period,
            shift: rate.shift,
        })
    }));
    given.extend(section.piecewise.clone().map(|rate| {
        Arrivals::Varying(Rate::Piecewise {
            lengths: rate.lengths,
            rates: rate.rates,
        })
    }));
    match (given.pop(), given.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(Fault {
            hint: Some("for example rate = 0.5, in customers per time unit".to_owned()),
            ..key.fault(
                "must have exactly one of `rate`, `interarrival`, `times`, `trace`, `map`, `mmpp`, \
                 `sinusoidal` and `piecewise`",
            )
        }),
    }
}
