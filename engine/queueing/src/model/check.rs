//! Checks of a description.

use std::collections::BTreeSet;

use kendall_kernel::Law;

use super::parts::lossy_station;
use super::{
    Absence, Arrivals, Discipline, Joining, Junction, JunctionKind, ModelError, Network, Policy,
    Rate, Route, Servers, Source, Station, Target, WhenFull,
};

/// Most servers of a station, stations or classes of a network.
const MOST: f64 = 1e6;

impl Network {
    /// Checks every part of the description.
    ///
    /// # Errors
    /// The first thing found to be wrong.
    pub fn check(&self) -> Result<(), ModelError> {
        let whole = Check {
            network: self,
            place: "the network".to_owned(),
        };
        whole.some("classes", self.classes.len())?;
        whole.some("stations", self.stations.len())?;
        if self.classes.len() > usize::from(u16::MAX) {
            return Err(whole.range("classes", self.classes.len() as f64, "at most 65535"));
        }
        distinct("stations", self.stations.iter().map(|s| s.name.as_str()))?;
        distinct("junctions", self.junctions.iter().map(|j| j.name.as_str()))?;
        if self.sources.is_empty() && self.populations.iter().all(|p| p.count == 0) {
            return Err(ModelError::NoCustomers);
        }
        // Before the stations, whose routes are followed through them.
        for junction in &self.junctions {
            self.at("junction", &junction.name).junction(junction)?;
        }
        for station in &self.stations {
            self.at("station", &station.name).station(station)?;
        }
        for (at, source) in self.sources.iter().enumerate() {
            self.at("source", &at.to_string()).source(source)?;
        }
        for population in &self.populations {
            whole.number("station", population.station, self.stations.len())?;
            whole.class(population.class)?;
        }
        self.populations_fit(&whole)?;
        self.keep_parts()
    }

    fn keep_parts(&self) -> Result<(), ModelError> {
        for junction in &self.junctions {
            let JunctionKind::Fork { stations, .. } = &junction.kind else {
                continue;
            };
            self.at("junction", &junction.name).together(
                lossy_station(self, stations).is_some(),
                "the parts of a forked customer must not be lost: no capacity, patience or \
                 balking at the stations that they come to",
            )?;
        }
        Ok(())
    }

    fn at(&self, what: &str, name: &str) -> Check<'_> {
        Check {
            network: self,
            place: format!("{what} `{name}`"),
        }
    }

    fn populations_fit(&self, check: &Check) -> Result<(), ModelError> {
        for (at, station) in self.stations.iter().enumerate() {
            let here = self.populations.iter().filter(|p| p.station == at);
            let units = |class: u16| station.units.get(usize::from(class)).copied().unwrap_or(1);
            let held: u128 = here
                .map(|p| u128::from(p.count) * u128::from(units(p.class)))
                .sum();
            if station
                .capacity
                .is_some_and(|capacity| held > u128::from(capacity))
            {
                return Err(check.range(
                    "count",
                    held as f64,
                    "at most the capacity of its station",
                ));
            }
        }
        Ok(())
    }
}

fn distinct<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), ModelError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let name = name.to_owned();
            return Err(ModelError::SameName { what, name });
        }
    }
    Ok(())
}

/// Checks of one place.
struct Check<'a> {
    network: &'a Network,
    place: String,
}

impl Check<'_> {
    fn range(&self, what: &'static str, value: f64, must: &'static str) -> ModelError {
        let place = self.place.clone();
        ModelError::Range {
            place,
            what,
            value,
            must,
        }
    }

    fn that(
        &self,
        holds: bool,
        what: &'static str,
        value: f64,
        must: &'static str,
    ) -> Result<(), ModelError> {
        if holds {
            Ok(())
        } else {
            Err(self.range(what, value, must))
        }
    }

    fn together(&self, conflict: bool, what: &'static str) -> Result<(), ModelError> {
        if !conflict {
            return Ok(());
        }
        let place = self.place.clone();
        Err(ModelError::Together { place, what })
    }

    fn some(&self, what: &'static str, count: usize) -> Result<(), ModelError> {
        if count == 0 {
            let place = self.place.clone();
            return Err(ModelError::Missing { place, what });
        }
        self.that(
            count as f64 <= MOST,
            what,
            count as f64,
            "at most a million",
        )
    }

    fn length(&self, what: &'static str, given: usize) -> Result<(), ModelError> {
        self.lengths(what, given, self.network.classes.len())
    }

    fn lengths(&self, what: &'static str, given: usize, wanted: usize) -> Result<(), ModelError> {
        if given == wanted {
            return Ok(());
        }
        let place = self.place.clone();
        Err(ModelError::Length {
            place,
            what,
            given,
            wanted,
        })
    }

    fn number(&self, what: &'static str, number: usize, count: usize) -> Result<(), ModelError> {
        if number < count {
            return Ok(());
        }
        let place = self.place.clone();
        Err(ModelError::NoSuch {
            place,
            what,
            number,
            count,
        })
    }

    fn class(&self, class: u16) -> Result<(), ModelError> {
        self.number("class", usize::from(class), self.network.classes.len())
    }

    fn target(&self, target: Target) -> Result<(), ModelError> {
        match target {
            Target::Station(at) => self.number("station", at, self.network.stations.len()),
            Target::Junction(at) => self.number("junction", at, self.network.junctions.len()),
        }
    }

    /// A law of times.
    fn times(&self, what: &'static str, law: &Law) -> Result<(), ModelError> {
        let place = || self.place.clone();
        law.validate().map_err(|source| ModelError::Law {
            place: place(),
            what,
            source,
        })?;
        if !may_be_negative(law) {
            return Ok(());
        }
        Err(ModelError::NegativeTimes {
            place: place(),
            what,
            law: law.to_string(),
        })
    }

    fn station(&self, station: &Station) -> Result<(), ModelError> {
        match &station.servers {
            Servers::Equal(count) => self.some("servers", *count as usize)?,
            Servers::Speeds(speeds) => {
                self.some("servers", speeds.len())?;
                for &speed in speeds {
                    self.that(
                        speed > 1e-6 && speed < 1e6,
                        "speeds",
                        speed,
                        "from 1e-6 to 1e6",
                    )?;
                }
            }
            Servers::Infinite => {}
        }
        self.length("service", station.service.len())?;
        self.length("next", station.next.len())?;
        for law in &station.service {
            self.times("service", law)?;
        }
        if !station.patience.is_empty() {
            self.length("patience", station.patience.len())?;
        }
        for law in station.patience.iter().flatten() {
            self.times("patience", law)?;
        }
        if !station.units.is_empty() {
            self.length("units", station.units.len())?;
        }
        if let Some(capacity) = station.capacity {
            self.that(capacity > 0, "capacity", 0.0, "at least 1")?;
        }
        self.joining(&station.joining)?;
        self.discipline(station)?;
        self.absence(station)?;
        for (class, route) in station.next.iter().enumerate() {
            self.route(class, route)?;
        }
        self.blocking(station)
    }

    fn blocking(&self, station: &Station) -> Result<(), ModelError> {
        let blocks = station.when_full == WhenFull::Block;
        self.together(
            blocks && station.capacity.is_none(),
            "`when_full` says block, but the station has room for all; give it a `capacity`",
        )?;
        if let Some(capacity) = station.capacity.filter(|_| blocks) {
            for &units in &station.units {
                let fits = u64::from(units) <= capacity;
                self.that(fits, "units", f64::from(units), "at most the capacity")?;
            }
        }
        let keeps = one_customer_per_server(&station.discipline);
        let leads = || station.next.iter().any(|route| self.may_be_kept(route));
        self.together(
            !keeps && leads(),
            "only servers that complete what they begin can keep a customer that finds the next \
             station full",
        )
    }

    /// Whether a route leads to a station that blocks when it is full.
    fn may_be_kept(&self, route: &Route) -> bool {
        let stations = &self.network.stations;
        let blocks = |at: &usize| stations[*at].when_full == WhenFull::Block;
        targets(route).any(|target| match target {
            Target::Station(at) => blocks(&at),
            Target::Junction(at) => match &self.network.junctions[at].kind {
                JunctionKind::Dispatch { stations, .. } => stations.iter().any(blocks),
                JunctionKind::Fork { .. } => false,
            },
        })
    }

    fn joining(&self, joining: &Joining) -> Result<(), ModelError> {
        let Joining::Table(table) = joining else {
            return Ok(());
        };
        self.some("joining probabilities", table.len())?;
        let bad = table.iter().find(|p| !(0.0..=1.0).contains(*p));
        bad.map_or(Ok(()), |&p| Err(self.range("joining", p, "from 0 to 1")))
    }

    fn discipline(&self, station: &Station) -> Result<(), ModelError> {
        match &station.discipline {
            Discipline::Priority(ranks) | Discipline::PreemptivePriority(ranks) => {
                self.length("priority", ranks.len())?;
            }
            Discipline::Discriminatory(weights) => {
                self.length("weights", weights.len())?;
                for &weight in weights {
                    let fits = weight > 1e-4 && weight < 1e6;
                    self.that(fits, "weights", weight, "from 1e-4 to 1e6")?;
                }
            }
            Discipline::Polling(polling) => {
                self.length("switchover", polling.switchover.len())?;
                for law in &polling.switchover {
                    self.times("switchover", law)?;
                }
                let means = polling.switchover.iter().filter_map(Law::mean);
                let total: f64 = means.sum();
                self.that(
                    total > 0.0,
                    "switchover",
                    total,
                    "positive around the queues",
                )?;
            }
            _ => {}
        }
        let one_by_one = one_customer_per_server(&station.discipline);
        let equal = !matches!(station.servers, Servers::Speeds(_));
        let finite = station.server_count().is_some();
        let alone = station.server_count() == Some(1);
        let single = matches!(
            station.discipline,
            Discipline::LeastAttained | Discipline::Discriminatory(_) | Discipline::Polling(_)
        );
        let plain =
            station.absence == Absence::None && station.patience.iter().all(Option::is_none);
        self.together(
            !one_by_one && !equal,
            "servers of different speeds need a discipline without preemption or sharing",
        )?;
        self.together(
            finite && single && !alone,
            "this discipline is for one server",
        )?;
        self.together(
            (!one_by_one || !finite) && !plain,
            "patience, vacations, set-up and breakdowns need servers that complete what they begin",
        )?;
        self.together(
            !finite && station.discipline != Discipline::Fcfs,
            "with a server for everybody there is no order to choose",
        )
    }

    fn absence(&self, station: &Station) -> Result<(), ModelError> {
        match &station.absence {
            Absence::None => Ok(()),
            Absence::Setup(law) => self.times("setup", law),
            Absence::Vacations(law) => {
                self.times("vacations", law)?;
                let mean = law.mean().unwrap_or(f64::INFINITY);
                self.that(mean > 0.0, "vacations", mean, "positive")
            }
            Absence::Breakdowns { up, down, .. } => {
                self.times("up", up)?;
                self.times("down", down)?;
                let mean = up.mean().unwrap_or(f64::INFINITY);
                self.that(mean > 0.0, "up", mean, "positive")
            }
        }
    }

    fn route(&self, class: usize, route: &Route) -> Result<(), ModelError> {
        match route {
            Route::Exit => Ok(()),
            Route::To(target, class) => {
                self.target(*target)?;
                self.class(*class)
            }
            Route::Random(branches) => {
                for branch in branches {
                    self.target(branch.to)?;
                    self.class(branch.class)?;
                    let p = branch.probability;
                    self.that((0.0..=1.0).contains(&p), "probability", p, "from 0 to 1")?;
                }
                let sum: f64 = branches.iter().map(|branch| branch.probability).sum();
                if sum <= 1.0 + 1e-9 {
                    return Ok(());
                }
                let place = self.place.clone();
                Err(ModelError::Routing { place, class, sum })
            }
        }
    }

    fn source(&self, source: &Source) -> Result<(), ModelError> {
        self.class(source.class)?;
        self.target(source.to)?;
        if let Some(law) = &source.batch {
            self.times("batch", law)?;
        }
        match &source.arrivals {
            Arrivals::Renewal(law) => {
                self.times("arrivals", law)?;
                let mean = law.mean().unwrap_or(f64::INFINITY);
                self.that(mean > 0.0, "arrivals", mean, "of a positive mean")
            }
            Arrivals::Markovian { silent, marked } => self.phases(silent, marked),
            Arrivals::Varying(rate) => self.rate(rate),
            Arrivals::Given(times) => {
                let mut before = 0.0;
                for &time in times {
                    let fits = time.is_finite() && time >= before;
                    self.that(
                        fits,
                        "times",
                        time,
                        "finite and not before the one it follows",
                    )?;
                    before = time;
                }
                Ok(())
            }
        }
    }

    fn phases(&self, silent: &[Vec<f64>], marked: &[Vec<f64>]) -> Result<(), ModelError> {
        self.some("phases", silent.len())?;
        self.lengths("marked", marked.len(), silent.len())?;
        for row in silent.iter().chain(marked) {
            self.lengths("a row of rates", row.len(), silent.len())?;
        }
        let others = silent.iter().enumerate().flat_map(|(from, row)| {
            let others = row.iter().enumerate().filter(move |(to, _)| *to != from);
            others.map(|(_, rate)| *rate)
        });
        let all: Vec<f64> = others.chain(marked.iter().flatten().copied()).collect();
        for &rate in &all {
            let fits = rate.is_finite() && rate >= 0.0;
            self.that(fits, "rates", rate, "finite and not negative")?;
        }
        let arrivals: f64 = marked.iter().flatten().sum();
        self.that(arrivals > 0.0, "marked", arrivals, "positive somewhere")
    }

    fn rate(&self, rate: &Rate) -> Result<(), ModelError> {
        let positive = |what, value: f64| {
            let fits = value.is_finite() && value > 0.0;
            self.that(fits, what, value, "positive and finite")
        };
        match rate {
            Rate::Sinusoidal {
                mean,
                amplitude,
                period,
                shift,
            } => {
                positive("mean", *mean)?;
                positive("period", *period)?;
                self.that(shift.is_finite(), "shift", *shift, "finite")?;
                let fits = amplitude.abs() <= *mean;
                self.that(fits, "amplitude", *amplitude, "at most the mean")
            }
            Rate::Piecewise { lengths, rates } => {
                self.some("lengths", lengths.len())?;
                self.lengths("rates", rates.len(), lengths.len())?;
                lengths
                    .iter()
                    .try_for_each(|&length| positive("lengths", length))?;
                for &rate in rates {
                    let fits = rate.is_finite() && rate >= 0.0;
                    self.that(fits, "rates", rate, "finite and not negative")?;
                }
                positive(
                    "the highest of the rates",
                    rates.iter().copied().fold(0.0, f64::max),
                )
            }
        }
    }

    fn junction(&self, junction: &Junction) -> Result<(), ModelError> {
        let (JunctionKind::Dispatch { stations, .. } | JunctionKind::Fork { stations, .. }) =
            &junction.kind;
        self.some("stations", stations.len())?;
        for &at in stations {
            self.number("station", at, self.network.stations.len())?;
        }
        let each = || stations.iter().map(|&at| &self.network.stations[at]);
        match &junction.kind {
            JunctionKind::Dispatch { policy, .. } => {
                if let Policy::PowerOf(choices) = policy {
                    self.that(*choices >= 1, "choices", 0.0, "at least 1")?;
                }
                let work = *policy == Policy::LeastWork;
                let counts = |s: &Station| {
                    one_customer_per_server(&s.discipline) && s.server_count().is_some()
                };
                self.together(
                    work && !each().all(counts),
                    "least work left needs stations with a number of servers that complete what \
                     they begin",
                )
            }
            JunctionKind::Fork { next, .. } => {
                self.length("next", next.len())?;
                next.iter()
                    .enumerate()
                    .try_for_each(|(class, route)| self.route(class, route))
            }
        }
    }
}

/// Where a route may lead.
pub(super) fn targets(route: &Route) -> impl Iterator<Item = Target> + '_ {
    let (one, several): (Option<Target>, &[_]) = match route {
        Route::Exit => (None, &[]),
        Route::To(target, _) => (Some(*target), &[]),
        Route::Random(branches) => (None, branches),
    };
    one.into_iter()
        .chain(several.iter().map(|branch| branch.to))
}

/// Whether servers take customers one by one and complete what they begin.
fn one_customer_per_server(discipline: &Discipline) -> bool {
    matches!(
        discipline,
        Discipline::Fcfs
            | Discipline::Lcfs
            | Discipline::Random
            | Discipline::ShortestFirst
            | Discipline::Priority(_)
    )
}

fn may_be_negative(law: &Law) -> bool {
    match law {
        Law::Constant { value } => *value < 0.0,
        Law::Uniform { min, .. } => *min < 0.0,
        Law::Normal { mean, sd } => *sd > 0.0 || *mean < 0.0,
        Law::Empirical { values, .. } => values.iter().any(|value| *value < 0.0),
        Law::Mixture { laws, .. } => laws.iter().any(may_be_negative),
        _ => false,
    }
}
