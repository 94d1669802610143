//! The whole file: names to positions, defaults to values.

use kendall_queueing::{ModelError, Network};
use kendall_study::queueing::{Intervals, WarmUpRule};

use super::file::{File, LAW, SourceSection, TO};
use super::forms::PerClass;
use super::names::{EXIT, Fault, Key, Names};
use super::reach::reached;
use super::warm_up::WarmUpForm;
use super::{QueueingRun, QueueingScenario};

/// Name of the only class unless classes are given.
const ONLY_CLASS: &str = "customers";

impl File {
    /// The network, checked, and how it is run.
    pub(super) fn resolve(self) -> Result<QueueingScenario, Fault> {
        let names = Names {
            classes: self.classes()?,
            file: &self,
        };
        self.check_names()?;
        let stations = self.station.0.iter();
        let stations = stations.map(|(name, section)| names.to_station(name, section));
        let sources = self.source.0.iter();
        let sources = sources.map(|(name, section)| names.to_source(name, section));
        let populations = self.population.0.iter();
        let populations = populations.map(|(name, section)| names.to_population(name, section));
        let junctions = self.junction.0.iter();
        let junctions = junctions.map(|(name, section)| names.to_junction(name, section));
        let network = Network {
            stations: stations.collect::<Result<_, _>>()?,
            sources: sources.collect::<Result<_, _>>()?,
            populations: populations.collect::<Result<_, _>>()?,
            junctions: junctions.collect::<Result<_, _>>()?,
            classes: names.classes,
        };
        self.check_services(&network)?;
        network.check().map_err(|error| self.blame(error))?;
        let owned = |name: &str| name.to_owned();
        Ok(QueueingScenario {
            run: self.run()?,
            sources: self.source.names().map(owned).collect(),
            traces: self
                .source
                .0
                .iter()
                .map(|(_, section)| section.trace.clone())
                .collect(),
            populations: self.population.names().map(owned).collect(),
            name: self.name,
            description: self.description,
            network,
        })
    }

    fn classes(&self) -> Result<Vec<String>, Fault> {
        let key = Key::new(&["queueing", "classes"]);
        let classes = self.queueing.classes.clone();
        let classes = classes.unwrap_or_else(|| vec![ONLY_CLASS.to_owned()]);
        if classes.is_empty() {
            return Err(key.fault("is empty, must name at least one class"));
        }
        for (at, class) in classes.iter().enumerate() {
            if class.is_empty() || [LAW, TO].contains(&class.as_str()) {
                return Err(key.fault(format!("cannot name a class `{class}`")));
            }
            if classes[..at].contains(class) {
                return Err(key.fault(format!("names `{class}` twice")));
            }
        }
        Ok(classes)
    }

    fn check_names(&self) -> Result<(), Fault> {
        if self.station.is_empty() {
            return Err(Fault {
                hint: Some("add a section such as [station.desk]".to_owned()),
                ..Key::new(&[]).fault("the network has no station")
            });
        }
        let stations = self.station.names().map(|name| ("station", name));
        let junctions = self.junction.names().map(|name| ("junction", name));
        for (section, name) in stations.chain(junctions) {
            let key = Key::new(&[section, name]);
            if name == EXIT || name.is_empty() {
                return Err(key.fault("cannot be the name of a place"));
            }
            if section == "junction" && self.station.get(name).is_some() {
                return Err(key.fault("has the name of a station"));
            }
        }
        Ok(())
    }

    /// A class without a law of service must never come.
    fn check_services(&self, network: &Network) -> Result<(), Fault> {
        let stations = self.station.0.iter().zip(reached(network));
        for ((name, section), reached) in stations {
            let Some(PerClass::Each(laws)) = &section.service else {
                continue;
            };
            let mut coming = network.classes.iter().zip(reached);
            let lacks = coming.find(|(class, comes)| *comes && laws.get(class).is_none());
            if let Some((class, _)) = lacks {
                let message = format!("says nothing of the class `{class}`, which comes here");
                return Err(Key::new(&["station", name, "service"]).fault(message));
            }
        }
        Ok(())
    }

    fn run(&self) -> Result<QueueingRun, Fault> {
        let section = &self.queueing;
        let key = |name| Key::new(&["queueing", name]);
        let check = |name, value: Option<f64>, most: f64, must: &str| match value {
            Some(value) if !(value > 0.0 && value < most) => {
                Err(key(name).fault(format!("is {value}, must be {must}")))
            }
            _ => Ok(()),
        };
        check(
            "unit_s",
            section.unit_s,
            f64::INFINITY,
            "positive and finite",
        )?;
        check("until", section.until, f64::INFINITY, "positive and finite")?;
        check("precision", section.precision, 1.0, "between 0 and 1")?;
        check("level", section.level, 1.0, "between 0 and 1")?;
        if section.customers == Some(0) {
            return Err(key("customers").fault("is 0, must be at least 1"));
        }
        if section.replications == Some(0) {
            return Err(key("replications").fault("is 0, must be at least 1"));
        }
        let default = QueueingRun::default();
        let customers = section.customers.or(match section.until {
            Some(_) => None,
            None => default.customers,
        });
        let warm_up = section.warm_up.map_or(default.warm_up, WarmUpForm::rule);
        if let (WarmUpRule::Customers(warm_up), Some(customers)) = (warm_up, customers)
            && warm_up >= customers
        {
            let message = format!("is {warm_up}, must be less than the {customers} customers");
            return Err(key("warm_up").fault(message));
        }
        Ok(QueueingRun {
            seed: self.seed,
            customers,
            until: section.until,
            replications: section.replications.unwrap_or(default.replications),
            warm_up,
            intervals: section.intervals.map_or(default.intervals, Intervals::from),
            precision: section.precision,
            level: section.level.unwrap_or(default.level),
            unit_s: section.unit_s.unwrap_or(default.unit_s),
        })
    }

    /// The key that a refused network goes back to.
    fn blame(&self, error: ModelError) -> Fault {
        let hint = error.hint().map(str::to_owned);
        let message = error.to_string();
        let (place, what) = match &error {
            ModelError::Missing { place, what }
            | ModelError::Length { place, what, .. }
            | ModelError::Range { place, what, .. }
            | ModelError::NegativeTimes { place, what, .. }
            | ModelError::Law { place, what, .. }
            | ModelError::NoSuch { place, what, .. } => (place.as_str(), *what),
            ModelError::Together { place, .. } | ModelError::Routing { place, .. } => {
                (place.as_str(), "")
            }
            _ => ("", ""),
        };
        // A place is a section and a name, or the number of a source.
        let mut quoted = place.split('`');
        let section = quoted.next().unwrap_or_default().trim();
        let name = quoted.next().unwrap_or_default();
        let path = match (section, what) {
            ("station", "up" | "down") => vec![section, name, "breakdowns", what],
            ("source", "batch") => vec![section, self.source_name(name), what],
            ("source", _) => {
                let name = self.source_name(name);
                let arrivals = self.source.get(name).map_or("", SourceSection::arrivals);
                vec![section, name, arrivals]
            }
            ("station" | "junction", _) => vec![section, name, what],
            _ => return Key::new(&[]).fault(message).with_hint(hint),
        };
        let path: Vec<&str> = path.into_iter().filter(|name| !name.is_empty()).collect();
        let mut said = message.strip_prefix(place).unwrap_or(&message);
        said = said.trim_start_matches(": ").trim();
        // The path ends with the name of what is wrong.
        let named = said.strip_prefix('`').and_then(|said| said.split_once('`'));
        if let (Some((name, rest)), Some(last)) = (named, path.last())
            && (name == *last || name == "arrivals")
        {
            said = rest.trim();
        }
        Key::new(&path).fault(said).with_hint(hint)
    }

    /// The source of this number.
    fn source_name<'a>(&'a self, number: &'a str) -> &'a str {
        let position = number.parse().ok();
        let name = position.and_then(|at: usize| self.source.names().nth(at));
        name.unwrap_or(number)
    }
}
