//! Networks as files: the way back.

use kendall_kernel::Law;
use kendall_queueing::disciplines::name_of;
use kendall_queueing::model::{
    Absence, Arrivals, Branch, Discipline, Joining, JunctionKind, Network, Rate, Route, Servers,
    Source, Station, Target,
};

use super::QueueingScenario;
use super::file::{
    BreakdownsSection, File, JunctionSection, MapSection, PiecewiseSection, PolicyForm,
    PopulationSection, QueueingSection, SinusoidalSection, SourceSection, StationSection,
};
use super::forms::{
    BranchForm, JoiningForm, LawForm, Named, Next, PerClass, Ranks, Row, ServersForm,
};
use super::names::EXIT;
use super::reach::reached;
use super::stations::{DISCRIMINATORY, NO_SERVICE, POLLING, PREEMPTIVE_PRIORITY, PRIORITY};
use super::warm_up::WarmUpForm;

impl File {
    /// The file of a scenario, nothing left to defaults.
    pub(super) fn describe(scenario: &QueueingScenario) -> File {
        let run = &scenario.run;
        let network = &scenario.network;
        let names = Back {
            network,
            reached: reached(network),
        };
        let sources = scenario.sources.iter().cloned();
        let traces = scenario
            .traces
            .iter()
            .cloned()
            .chain(std::iter::repeat(None));
        let described = network.sources.iter().zip(traces);
        let sources = sources.zip(described.map(|(source, trace)| names.source(source, trace)));
        let population = |population: &kendall_queueing::model::Population| PopulationSection {
            class: Some(names.class(population.class)),
            count: population.count,
            station: Some(network.stations[population.station].name.clone()),
        };
        let populations = scenario.populations.iter().cloned();
        let populations = populations.zip(network.populations.iter().map(population));
        let stations = network.stations.iter().enumerate();
        let stations = stations.map(|(at, s)| (s.name.clone(), names.station(at, s)));
        let junctions = network.junctions.iter();
        let junctions = junctions.map(|j| (j.name.clone(), names.junction(&j.kind)));
        File {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: run.seed,
            queueing: QueueingSection {
                classes: Some(network.classes.clone()),
                unit_s: Some(run.unit_s),
                customers: run.customers,
                until: run.until,
                replications: Some(run.replications),
                warm_up: WarmUpForm::of(run.warm_up),
                intervals: Some(run.intervals.into()),
                precision: run.precision,
                level: Some(run.level),
            },
            source: Named(sources.collect()),
            population: Named(populations.collect()),
            station: Named(stations.collect()),
            junction: Named(junctions.collect()),
        }
    }
}

/// The rate whose reciprocal is this mean to the last bit, in as few digits as possible.
fn rate(mean: f64) -> Option<f64> {
    let near = 1.0 / mean;
    let rates = [near, near.next_down(), near.next_up()].into_iter();
    let exact = rates.filter(|rate| 1.0 / rate == mean);
    exact.min_by_key(|rate| rate.to_string().len())
}

/// Positions to names.
struct Back<'a> {
    network: &'a Network,
    /// By station and class, whether customers come there.
    reached: Vec<Vec<bool>>,
}

impl Back<'_> {
    fn class(&self, class: u16) -> String {
        self.network.classes[usize::from(class)].clone()
    }

    fn target(&self, target: Target) -> String {
        match target {
            Target::Station(at) => self.network.stations[at].name.clone(),
            Target::Junction(at) => self.network.junctions[at].name.clone(),
        }
    }

    fn stations(&self, stations: &[usize]) -> Option<Vec<String>> {
        let name = |&at: &usize| self.network.stations[at].name.clone();
        Some(stations.iter().map(name).collect())
    }

    /// One value if it is the same for all classes, else a table.
    fn per_class<T: Clone + PartialEq>(&self, values: &[T]) -> Option<PerClass<T>> {
        let (first, rest) = values.split_first()?;
        if rest.iter().all(|value| value == first) {
            return Some(PerClass::All(first.clone()));
        }
        Some(PerClass::Each(self.table(values)))
    }

    fn table<T: Clone>(&self, values: &[T]) -> Named<T> {
        let entries = self
            .network
            .classes
            .iter()
            .cloned()
            .zip(values.iter().cloned());
        Named(entries.collect())
    }

    fn laws(&self, laws: &[Law]) -> Option<PerClass<LawForm>> {
        let forms: Vec<LawForm> = laws.iter().cloned().map(LawForm).collect();
        self.per_class(&forms)
    }

    /// Laws of service; none for classes that never come.
    fn service(&self, at: usize, laws: &[Law]) -> Option<PerClass<LawForm>> {
        let comes = &self.reached[at];
        let absent = |(law, comes): (&Law, &bool)| !comes && *law == NO_SERVICE;
        if !laws.iter().zip(comes).any(absent) {
            return self.laws(laws);
        }
        let classes = self.network.classes.iter().zip(laws.iter().zip(comes));
        let present = classes.filter(|(_, law)| !absent(*law));
        let present = present.map(|(class, (law, _))| (class.clone(), LawForm(law.clone())));
        Some(PerClass::Each(Named(present.collect())))
    }

    fn patience(&self, laws: &[Option<Law>]) -> Option<PerClass<LawForm>> {
        if let Some(all) = laws.iter().cloned().collect::<Option<Vec<Law>>>() {
            return self.laws(&all);
        }
        let classes = self.network.classes.iter().cloned().zip(laws);
        let some = classes.filter_map(|(class, law)| Some((class, LawForm(law.clone()?))));
        Some(PerClass::Each(Named(some.collect())))
    }

    fn next(&self, routes: &[Route]) -> Option<Next> {
        let rows = routes.iter().enumerate();
        let rows: Vec<Row> = rows
            .map(|(class, route)| self.row(route, class as u16))
            .collect();
        let (first, rest) = rows.split_first()?;
        if rest.iter().all(|row| row == first) {
            return Some(Next::All(first.clone()));
        }
        Some(Next::Each(self.table(&rows)))
    }

    fn row(&self, route: &Route, class: u16) -> Row {
        let becomes = |to: u16| (to != class).then(|| self.class(to));
        let branch = |branch: &Branch| BranchForm {
            to: self.target(branch.to),
            probability: Some(branch.probability),
            class: becomes(branch.class),
        };
        Row(match route {
            Route::Exit => vec![BranchForm {
                to: EXIT.to_owned(),
                probability: None,
                class: None,
            }],
            Route::To(target, to) => vec![BranchForm {
                to: self.target(*target),
                probability: None,
                class: becomes(*to),
            }],
            Route::Random(branches) => branches.iter().map(branch).collect(),
        })
    }

    fn station(&self, at: usize, station: &Station) -> StationSection {
        let (servers, speeds) = match &station.servers {
            Servers::Equal(count) => (Some(ServersForm::Count(*count)), None),
            Servers::Infinite => (Some(ServersForm::Infinite), None),
            Servers::Speeds(speeds) => (None, Some(speeds.clone())),
        };
        let mut section = StationSection {
            servers,
            speeds,
            capacity: station.capacity,
            when_full: Some(station.when_full.into()),
            joining: Some(match &station.joining {
                Joining::Always => JoiningForm::Rule("always".to_owned()),
                Joining::Reciprocal => JoiningForm::Rule("reciprocal".to_owned()),
                Joining::Table(table) => JoiningForm::Table(table.clone()),
            }),
            service: self.service(at, &station.service),
            patience: self.patience(&station.patience),
            units: self.per_class(&station.units),
            next: self.next(&station.next),
            ..StationSection::default()
        };
        self.discipline(&station.discipline, &mut section);
        match &station.absence {
            Absence::None => {}
            Absence::Vacations(law) => section.vacations = Some(LawForm(law.clone())),
            Absence::Setup(law) => section.setup = Some(LawForm(law.clone())),
            Absence::Breakdowns {
                up,
                down,
                while_busy,
            } => {
                section.breakdowns = Some(BreakdownsSection {
                    up: LawForm(up.clone()),
                    down: LawForm(down.clone()),
                    while_busy: *while_busy,
                });
            }
        }
        section
    }

    fn discipline(&self, discipline: &Discipline, section: &mut StationSection) {
        let name = match discipline {
            Discipline::Priority(ranks) => {
                section.priority = Some(Ranks::Table(self.table(ranks)));
                PRIORITY
            }
            Discipline::PreemptivePriority(ranks) => {
                section.priority = Some(Ranks::Table(self.table(ranks)));
                PREEMPTIVE_PRIORITY
            }
            Discipline::Discriminatory(weights) => {
                section.weights = self.per_class(weights);
                DISCRIMINATORY
            }
            Discipline::Polling(polling) => {
                section.visit = Some(polling.visit.into());
                section.switchover = self.laws(&polling.switchover);
                POLLING
            }
            // The others have names of their own.
            other => name_of(other).unwrap_or_default(),
        };
        section.discipline = Some(name.to_owned());
    }

    fn source(&self, source: &Source, trace: Option<String>) -> SourceSection {
        let mut section = SourceSection {
            class: Some(self.class(source.class)),
            to: Some(self.target(source.to)),
            batch: source.batch.clone().map(LawForm),
            ..SourceSection::default()
        };
        match source.arrivals.clone() {
            Arrivals::Renewal(law) => {
                if let Law::Exponential { mean } = law {
                    section.rate = rate(mean);
                }
                if section.rate.is_none() {
                    section.interarrival = Some(LawForm(law));
                }
            }
            Arrivals::Given(_) if trace.is_some() => section.trace = trace,
            Arrivals::Given(times) => section.times = Some(times),
            Arrivals::Markovian { silent, marked } => {
                section.map = Some(MapSection { silent, marked });
            }
            Arrivals::Varying(Rate::Sinusoidal {
                mean,
                amplitude,
                period,
                shift,
            }) => {
                section.sinusoidal = Some(SinusoidalSection {
                    mean,
                    amplitude,
                    period,
                    shift,
                });
            }
            Arrivals::Varying(Rate::Piecewise { lengths, rates }) => {
                section.piecewise = Some(PiecewiseSection { lengths, rates });
            }
        }
        section
    }

    fn junction(&self, kind: &JunctionKind) -> JunctionSection {
        match kind {
            JunctionKind::Dispatch { policy, stations } => {
                let (policy, choices) = PolicyForm::of(*policy);
                JunctionSection {
                    policy: Some(policy),
                    choices,
                    stations: self.stations(stations),
                    ..JunctionSection::default()
                }
            }
            JunctionKind::Fork { stations, next } => JunctionSection {
                fork: self.stations(stations),
                next: self.next(next),
                ..JunctionSection::default()
            },
        }
    }
}
