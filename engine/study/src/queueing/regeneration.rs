//! Whether a network starts anew when somebody arrives who finds nobody.

use kendall_kernel::Law;
use kendall_queueing::Network;
use kendall_queueing::model::{
    Absence, Arrivals, Discipline, Joining, JunctionKind, Policy, Source, Station,
};

/// What the confidence intervals of a run rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intervals {
    /// Batches of as many customers each, which are nearly independent when they are long.
    #[default]
    BatchMeans,
    /// Cycles from one arrival at the empty network to the next, which are independent.
    Regenerative,
}

impl Intervals {
    /// All of them.
    pub const ALL: [Intervals; 2] = [Intervals::BatchMeans, Intervals::Regenerative];

    /// Cycles that regenerative intervals need, at least: the law of a cycle is skewed, and the sum
    /// of few is far from normal.
    pub const LEAST_CYCLES: u64 = 100;

    /// The name used in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Intervals::BatchMeans => "batch-means",
            Intervals::Regenerative => "regenerative",
        }
    }
}

/// Why arrivals at an empty network are no regenerations: something else remembers what was before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRegeneration {
    /// Customers are there from the start, and may never leave.
    #[error(
        "the network has customers of its own: it need not become empty, and nothing starts anew"
    )]
    Population,
    /// Arrivals follow a phase, the time or a list.
    #[error(
        "when the network is empty, its next arrival depends on what was before: source {source_number} has \
         arrivals that follow a phase, the time or a list"
    )]
    Arrivals {
        /// Its number, from 1.
        source_number: usize,
    },
    /// Of several sources, one remembers its last arrival.
    #[error(
        "when the network is empty, its next arrival depends on what was before: of several sources, \
         source {source_number} is not Poisson"
    )]
    Sources {
        /// Its number, from 1.
        source_number: usize,
    },
    /// A batch may be in its middle when the network stops being empty.
    #[error(
        "customers need not join the empty station `{station}`, so that cycles begin in the middle of \
         batches"
    )]
    Batch {
        /// Its name.
        station: String,
    },
    /// Servers are away, fail or go around whether anybody is there or not.
    #[error("an empty network is not always the same: the servers of `{station}` {what}")]
    Servers {
        /// Its name.
        station: String,
        /// What they do.
        what: &'static str,
    },
    /// A junction remembers where it sent the last customer.
    #[error("an empty network is not always the same: `{junction}` sends customers on in turn")]
    RoundRobin {
        /// Its name.
        junction: String,
    },
}

/// Whether cycles from one arrival at the empty network to the next are independent and of one law.
pub(super) fn check(network: &Network) -> Result<(), NoRegeneration> {
    if network.populations.iter().any(|p| p.count > 0) {
        return Err(NoRegeneration::Population);
    }
    let alone = network.sources.len() == 1;
    for (source, source_number) in network.sources.iter().zip(1..) {
        match &source.arrivals {
            Arrivals::Renewal(Law::Exponential { .. }) => {}
            Arrivals::Renewal(_) if alone => {}
            Arrivals::Renewal(_) => return Err(NoRegeneration::Sources { source_number }),
            _ => return Err(NoRegeneration::Arrivals { source_number }),
        }
    }
    network
        .stations
        .iter()
        .try_for_each(|s| station(s, &network.sources))?;
    for junction in &network.junctions {
        if let JunctionKind::Dispatch {
            policy: Policy::RoundRobin,
            ..
        } = junction.kind
        {
            let junction = junction.name.clone();
            return Err(NoRegeneration::RoundRobin { junction });
        }
    }
    Ok(())
}

fn station(station: &Station, sources: &[Source]) -> Result<(), NoRegeneration> {
    let name = || station.name.clone();
    let patient = station.patience.iter().all(Option::is_none);
    let what = match (&station.absence, &station.discipline) {
        (Absence::Vacations(_), _) => Some("go on vacation"),
        (Absence::Breakdowns { .. }, _) => Some("fail and are repaired"),
        // A single one is set up only while the customer is there who it is set up for.
        (Absence::Setup(_), _) if station.server_count() != Some(1) || !patient => {
            Some("may be set up for a customer who has left")
        }
        (_, Discipline::Polling(_)) => Some("go from queue to queue"),
        _ => None,
    };
    if let Some(what) = what {
        return Err(NoRegeneration::Servers {
            station: name(),
            what,
        });
    }
    let may_refuse = match &station.joining {
        Joining::Table(joins) => joins.first().is_some_and(|first| *first < 1.0),
        Joining::Always | Joining::Reciprocal => false,
    };
    if may_refuse && sources.iter().any(|source| source.batch.is_some()) {
        return Err(NoRegeneration::Batch { station: name() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kendall_queueing::model::{Junction, Polling, Population, Servers, Target, Visit};

    use super::*;

    const EXPONENTIAL: Law = Law::Exponential { mean: 1.0 };

    fn queue() -> Network {
        let station = Station::new("desk", Servers::Equal(2), vec![EXPONENTIAL]);
        Network::single(Arrivals::Renewal(Law::Constant { value: 1.0 }), station)
    }

    /// What is said of a queue that was changed.
    fn said(change: impl Fn(&mut Network)) -> String {
        let mut network = queue();
        change(&mut network);
        check(&network).expect_err("it remembers").to_string()
    }

    #[test]
    fn what_remembers_is_refused() {
        let second = |arrivals| Source {
            arrivals,
            ..queue().sources[0].clone()
        };
        let join = JunctionKind::Dispatch {
            policy: Policy::RoundRobin,
            stations: vec![0],
        };
        let polling = Polling {
            visit: Visit::Gated,
            switchover: vec![EXPONENTIAL],
        };
        let population = Population {
            class: 0,
            count: 1,
            station: 0,
        };
        let vacations = || Absence::Vacations(EXPONENTIAL);
        let breakdowns = || Absence::Breakdowns {
            up: EXPONENTIAL,
            down: EXPONENTIAL,
            while_busy: true,
        };
        let setup = || Absence::Setup(EXPONENTIAL);
        for (said, words) in [
            (
                said(|n| n.populations.push(population.clone())),
                "customers of its own",
            ),
            (
                said(|n| n.sources[0].arrivals = Arrivals::Given(vec![1.0])),
                "source 1 has",
            ),
            (
                said(|n| n.sources.push(second(Arrivals::Renewal(EXPONENTIAL)))),
                "source 1 is not",
            ),
            (
                said(|n| n.stations[0].absence = vacations()),
                "`desk` go on vacation",
            ),
            (
                said(|n| n.stations[0].absence = breakdowns()),
                "`desk` fail",
            ),
            (
                said(|n| n.stations[0].absence = setup()),
                "`desk` may be set up",
            ),
            (
                said(|n| n.stations[0].discipline = Discipline::Polling(polling.clone())),
                "`desk` go from queue to queue",
            ),
            (
                said(|n| {
                    n.sources[0].batch = Some(EXPONENTIAL);
                    n.stations[0].joining = Joining::Table(vec![0.9]);
                }),
                "join the empty station `desk`",
            ),
            (
                said(|n| {
                    n.junctions.push(Junction {
                        name: "door".to_owned(),
                        kind: join.clone(),
                    })
                }),
                "`door` sends customers on in turn",
            ),
        ] {
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn what_forgets_is_not() {
        let mut two = queue();
        two.sources[0].arrivals = Arrivals::Renewal(EXPONENTIAL);
        two.sources.push(two.sources[0].clone());
        let mut single = queue();
        single.stations[0].servers = Servers::Equal(1);
        single.stations[0].absence = Absence::Setup(EXPONENTIAL);
        single.sources[0].batch = Some(EXPONENTIAL);
        let mut random = two.clone();
        random.junctions.push(Junction {
            name: "door".to_owned(),
            kind: JunctionKind::Dispatch {
                policy: Policy::ShortestQueue,
                stations: vec![0],
            },
        });
        random.sources[0].to = Target::Junction(0);
        for network in [queue(), two, single, random] {
            assert_eq!(check(&network), Ok(()));
        }
    }
}
