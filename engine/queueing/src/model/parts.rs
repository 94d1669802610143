//! Where the parts of forked customers may go: only where none of them is lost.

use super::check::targets;
use super::{Joining, JunctionKind, Network, Station, Target, WhenFull};

/// A station that parts of customers of a fork come to, and that may lose them.
pub(super) fn lossy_station(network: &Network, stations: &[usize]) -> Option<usize> {
    let mut seen = vec![false; network.stations.len()];
    let mut seen_forks = vec![false; network.junctions.len()];
    // Places, and whether a server keeps those who find no room there.
    let mut open: Vec<(Target, bool)> = Vec::new();
    open.extend(stations.iter().map(|&at| (Target::Station(at), false)));
    while let Some((target, kept)) = open.pop() {
        match target {
            Target::Station(at) => {
                let station = &network.stations[at];
                if may_lose(station, kept) {
                    return Some(at);
                }
                if !std::mem::replace(&mut seen[at], true) {
                    let next = station.next.iter().flat_map(targets);
                    open.extend(next.map(|target| (target, true)));
                }
            }
            Target::Junction(at) => match &network.junctions[at].kind {
                JunctionKind::Dispatch { stations, .. } => {
                    open.extend(stations.iter().map(|&at| (Target::Station(at), kept)));
                }
                JunctionKind::Fork { stations, next } => {
                    if !std::mem::replace(&mut seen_forks[at], true) {
                        let parts = stations.iter().map(|&at| Target::Station(at));
                        let all = parts.chain(next.iter().flat_map(targets));
                        open.extend(all.map(|target| (target, false)));
                    }
                }
            },
        }
    }
    None
}

/// Whether a customer may end its way at a station; `kept` if a server keeps it while the station
/// blocks.
fn may_lose(station: &Station, kept: bool) -> bool {
    let waits = station.patience.iter().all(Option::is_none);
    let full = station.capacity.is_some() && !(kept && station.when_full == WhenFull::Block);
    full || station.joining != Joining::Always || !waits
}
