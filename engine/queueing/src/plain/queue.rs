//! One station, first come first served, whose customers come from one source and leave.

use kendall_kernel::{Purpose, Streams};

use super::renewal;
use super::station::is_plain;
use super::stretch::{Counts, MOST, Serving, Stretch};
use super::waiting::Waiting;
use crate::departures::Servers;
use crate::draw::{BLOCK, Draws, LONGEST_NS};
use crate::error::RunError;
use crate::model::{Discipline, Network, Route};
use crate::observe::Observer;
use crate::simulation::Until;
use crate::totals::{NetworkTotals, StationTotals, Totals};

/// A queue in motion.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    unit_s: f64,
    servers: usize,
    gaps: Draws,
    service: Draws,
    departures: Servers,
    line: Waiting,
    /// By server; the other half has a place for services that do not begin.
    serving: Box<[Serving; 2 * MOST]>,
    counts: Counts,
}

impl Queue {
    /// The network at time 0; `None` if it is anything else than such a queue.
    pub(super) fn new(
        network: &Network,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Option<Queue>, RunError> {
        let ([station], [source]) = (network.stations.as_slice(), network.sources.as_slice())
        else {
            return Ok(None);
        };
        let applies = is_plain(station)
            && station.discipline == Discipline::Fcfs
            && station.next == [Route::Exit];
        let (Some(servers), Some((gaps, _)), true) =
            (station.server_count(), renewal(source), applies)
        else {
            return Ok(None);
        };
        let servers = servers as usize;
        if servers > MOST {
            return Ok(None);
        }
        let mut gaps = Draws::new(gaps, streams, 0, Purpose::Arrival, unit_s)?;
        let arrival = gaps.next_ns();
        let (law, stream) = (&station.service[0], crate::station::stream_source(0, 0));
        let service = Draws::new(law, streams, stream, Purpose::Service, unit_s)?;
        Ok(Some(Queue {
            unit_s,
            servers,
            gaps,
            service,
            departures: Servers::new(servers, u64::MAX),
            line: Waiting::new(),
            serving: Box::new([Serving::default(); 2 * MOST]),
            counts: Counts {
                arrival,
                idle: u64::MAX >> (MOST - servers),
                ..Counts::default()
            },
        }))
    }

    /// Runs on until one of the limits.
    pub(super) fn run(
        &mut self,
        until: Until,
        observer: &mut impl Observer,
    ) -> Result<(), RunError> {
        let last = until.time_ns.min(LONGEST_NS - 1);
        while self.counts.left < until.customers {
            let entered = self.counts.entered;
            let waiting = self.counts.started..entered;
            self.line.make_room(waiting, entered + BLOCK as u64);
            let stretch = Stretch {
                sizes: self.service.at_hand(),
                gaps: self.gaps.at_hand(),
                line: &mut self.line,
                serving: &mut self.serving,
                customers: until.customers,
                last,
            };
            let counts = &mut self.counts;
            let (came, next) = match &mut self.departures {
                Servers::One(single) => stretch.run(counts, single, observer),
                Servers::Many(tree) => stretch.run(counts, tree, observer),
            };
            self.service.skip(came);
            self.gaps.skip(came);
            if next > last && self.counts.left < until.customers {
                if until.time_ns >= LONGEST_NS {
                    let unit_s = self.unit_s;
                    return Err(RunError::TimeOverflow { unit_s });
                }
                self.counts.now = self.counts.now.max(until.time_ns);
                break;
            }
        }
        Ok(())
    }

    /// Time since the start of the run, in ns.
    pub(super) fn now_ns(&self) -> u64 {
        self.counts.now
    }

    /// Customers at a station.
    pub(super) fn present_at(&self, _: usize) -> u64 {
        self.counts.entered - self.counts.left
    }

    /// Customers that left the network so far.
    pub(super) fn progress(&self) -> u64 {
        self.counts.left
    }

    /// What was counted so far. O(customers present).
    pub(super) fn totals(&self) -> NetworkTotals {
        let Counts {
            now,
            idle,
            entered,
            started,
            left,
            mut waited,
            mut waiting_ns,
            mut size_ns,
            ..
        } = self.counts;
        let (mut present_ns, mut busy_ns) = (0, 0);
        for number in started..entered {
            let waiting = self.line.get(number);
            size_ns -= u128::from(waiting.size);
            present_ns += u128::from(now - waiting.at);
        }
        for server in (0..self.servers).filter(|server| idle >> server & 1 == 0) {
            let serving = self.serving[server];
            let wait = serving.started - serving.arrived;
            waited -= u64::from(wait > 0);
            waiting_ns -= u128::from(wait);
            size_ns -= u128::from(self.departures.get(server) - serving.started);
            present_ns += u128::from(now - serving.arrived);
            busy_ns += u128::from(now - serving.started);
        }
        let sojourn_ns = waiting_ns + size_ns;
        let class = Totals {
            arrivals: entered,
            served: left,
            waited,
            waiting_ns,
            sojourn_ns,
            present_ns: sojourn_ns + present_ns,
            present: entered - left,
            ..Totals::default()
        };
        NetworkTotals {
            now_ns: now,
            events: entered + left,
            progress: left,
            entered,
            left,
            completed: left,
            sojourn_ns,
            present_ns: class.present_ns,
            present: class.present,
            stations: vec![StationTotals {
                classes: vec![class],
                busy_ns: size_ns + busy_ns,
                blocked_ns: 0,
            }],
        }
    }
}
