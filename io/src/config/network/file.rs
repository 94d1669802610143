//! The file as it is written.

use std::collections::BTreeMap;

use kendall_queueing::model::{Policy, Visit, WhenFull};
use kendall_study::queueing::Intervals;
use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::forms::{JoiningForm, LawForm, Named, Next, PerClass, Ranks, ServersForm};
use super::warm_up::WarmUpForm;
use crate::config::keys::Root;

/// The key that makes a table a law, so no name of a class.
pub(super) const LAW: &str = "law";
/// The key that makes a table a branch of a route, so no name of a class.
pub(super) const TO: &str = "to";

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    pub(super) seed: u64,
    pub(super) queueing: QueueingSection,
    #[serde(skip_serializing_if = "Named::is_empty")]
    pub(super) source: Named<SourceSection>,
    #[serde(skip_serializing_if = "Named::is_empty")]
    pub(super) population: Named<PopulationSection>,
    pub(super) station: Named<StationSection>,
    #[serde(skip_serializing_if = "Named::is_empty")]
    pub(super) junction: Named<JunctionSection>,
}

impl Root for File {
    const NAMED: &[&str] = &["source", "population", "station", "junction"];
}

impl File {
    /// Puts what has a name into the order of the text, what is not in it last.
    pub(super) fn order_as_in(&mut self, text: &str) {
        let Ok(root) = DeTable::parse(text) else {
            return;
        };
        let places = |section: &str| -> BTreeMap<String, usize> {
            match root.get_ref().get(section).map(|value| value.get_ref()) {
                Some(DeValue::Table(table)) => table
                    .keys()
                    .map(|key| (key.get_ref().to_string(), key.span().start))
                    .collect(),
                _ => BTreeMap::new(),
            }
        };
        order(&mut self.source, &places("source"));
        order(&mut self.population, &places("population"));
        order(&mut self.station, &places("station"));
        order(&mut self.junction, &places("junction"));
    }
}

fn order<T>(named: &mut Named<T>, places: &BTreeMap<String, usize>) {
    let place = |name: &String| places.get(name).copied().unwrap_or(usize::MAX);
    named.0.sort_by_key(|(name, _)| place(name));
}

/// How the network is run, and its classes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct QueueingSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) classes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replications: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warm_up: Option<WarmUpForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intervals: Option<IntervalsForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) precision: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<f64>,
}

/// A station.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StationSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) servers: Option<ServersForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) speeds: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) capacity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when_full: Option<WhenFullForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discipline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) joining: Option<JoiningForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visit: Option<VisitForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<Ranks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weights: Option<PerClass<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) switchover: Option<PerClass<LawForm>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<PerClass<LawForm>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patience: Option<PerClass<LawForm>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units: Option<PerClass<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vacations: Option<LawForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) setup: Option<LawForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) breakdowns: Option<BreakdownsSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<Next>,
}

/// Failures and repairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakdownsSection {
    pub(super) up: LawForm,
    pub(super) down: LawForm,
    #[serde(default)]
    pub(super) while_busy: bool,
}

/// A stream of customers from outside; one of the keys says when they arrive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SourceSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interarrival: Option<LawForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<Vec<f64>>,
    /// A trace whose arrivals are those of the source; relative to the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
    /// What was read from it, in time units.
    #[serde(skip)]
    pub(super) traced: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) batch: Option<LawForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) map: Option<MapSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mmpp: Option<MmppSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sinusoidal: Option<SinusoidalSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) piecewise: Option<PiecewiseSection>,
}

/// A Markovian arrival process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapSection {
    pub(super) silent: Vec<Vec<f64>>,
    pub(super) marked: Vec<Vec<f64>>,
}

/// A Markov-modulated Poisson process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MmppSection {
    /// Arrival rate in each phase.
    pub(super) rates: Vec<f64>,
    /// Rate from phase to phase.
    pub(super) switching: Vec<Vec<f64>>,
}

/// A rate that goes up and down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SinusoidalSection {
    pub(super) mean: f64,
    pub(super) amplitude: f64,
    pub(super) period: f64,
    #[serde(default)]
    pub(super) shift: f64,
}

/// A rate that is constant by pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PiecewiseSection {
    pub(super) lengths: Vec<f64>,
    pub(super) rates: Vec<f64>,
}

/// Customers that are there from the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PopulationSection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
    pub(super) count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) station: Option<String>,
}

/// A junction: `policy` and `stations`, or `fork` and `next`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct JunctionSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<PolicyForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) choices: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stations: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fork: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<Next>,
}

/// Declares the written names of a choice without parameters.
macro_rules! choices {
    ($($(#[$doc:meta])* $form:ident of $of:ty { $($name:ident),* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $form { $($name),* }

        impl From<$form> for $of {
            fn from(form: $form) -> $of {
                match form { $($form::$name => <$of>::$name),* }
            }
        }

        impl From<$of> for $form {
            fn from(of: $of) -> $form {
                match of { $(<$of>::$name => $form::$name),* }
            }
        }
    )*};
}

choices! {
    /// `lose` or `block`.
    WhenFullForm of WhenFull { Lose, Block }
    /// `batch-means` or `regenerative`.
    IntervalsForm of Intervals { BatchMeans, Regenerative }
    /// `exhaustive` or `gated`.
    VisitForm of Visit { Exhaustive, Gated }
}

/// How to choose among stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PolicyForm {
    RoundRobin,
    Random,
    #[serde(alias = "jsq")]
    ShortestQueue,
    /// Needs `choices`.
    PowerOf,
    LeastWork,
}

impl PolicyForm {
    pub(super) fn of(policy: Policy) -> (PolicyForm, Option<u32>) {
        match policy {
            Policy::RoundRobin => (PolicyForm::RoundRobin, None),
            Policy::Random => (PolicyForm::Random, None),
            Policy::ShortestQueue => (PolicyForm::ShortestQueue, None),
            Policy::PowerOf(choices) => (PolicyForm::PowerOf, Some(choices)),
            Policy::LeastWork => (PolicyForm::LeastWork, None),
        }
    }
}
