//! Which classes come to which stations.

use kendall_queueing::Network;
use kendall_queueing::model::{JunctionKind, Route, Target};

/// By station and class, whether customers of the class can come there, probabilities of zero
/// included. The network's positions must all exist. O(places times classes times branches).
pub(super) fn reached(network: &Network) -> Vec<Vec<bool>> {
    let places = network.stations.len() + network.junctions.len();
    let mut reach = Reach {
        network,
        seen: vec![vec![false; network.classes.len()]; places],
        ahead: Vec::new(),
    };
    for source in &network.sources {
        reach.come(source.to, source.class);
    }
    for population in &network.populations {
        reach.come(Target::Station(population.station), population.class);
    }
    while let Some((target, class)) = reach.ahead.pop() {
        reach.go_on(target, class);
    }
    reach.seen.truncate(network.stations.len());
    reach.seen
}

struct Reach<'a> {
    network: &'a Network,
    /// By place, stations first, and class.
    seen: Vec<Vec<bool>>,
    /// Seen, but not followed yet.
    ahead: Vec<(Target, u16)>,
}

impl Reach<'_> {
    fn come(&mut self, target: Target, class: u16) {
        let place = match target {
            Target::Station(at) => at,
            Target::Junction(at) => self.network.stations.len() + at,
        };
        let seen = &mut self.seen[place][usize::from(class)];
        if !std::mem::replace(seen, true) {
            self.ahead.push((target, class));
        }
    }

    fn go_on(&mut self, target: Target, class: u16) {
        let network = self.network;
        let junction = match target {
            Target::Station(at) => {
                return self.follow(&network.stations[at].next[usize::from(class)]);
            }
            Target::Junction(at) => &network.junctions[at].kind,
        };
        let (JunctionKind::Dispatch { stations, .. } | JunctionKind::Fork { stations, .. }) =
            junction;
        for &at in stations {
            self.come(Target::Station(at), class);
        }
        if let JunctionKind::Fork { next, .. } = junction {
            self.follow(&next[usize::from(class)]);
        }
    }

    fn follow(&mut self, route: &Route) {
        match route {
            Route::Exit => {}
            Route::To(target, class) => self.come(*target, *class),
            Route::Random(branches) => {
                for branch in branches {
                    self.come(branch.to, branch.class);
                }
            }
        }
    }
}
