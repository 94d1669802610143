//! Numbers of interest.

use kendall_kernel::Histogram;
use kendall_queueing::Totals;
use kendall_queueing::probe::ClassProbe;

use super::batch::Batch;
use super::scale::Scale;

/// A place of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Position of the station.
    pub station: usize,
    /// Position of the class; `None` for all.
    pub class: Option<usize>,
}

/// A number of interest. Times are in the network's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// Mean time from arrival to departure of those served.
    Sojourn(At),
    /// Mean time from arrival to the begin of service of those served.
    Waiting(At),
    /// Mean time in line of all who joined, whether they were served or gave up.
    WaitingOfAll(At),
    /// Mean square of the waiting time. Recorded with moments.
    WaitingSquare(At),
    /// Variance of the waiting time. Recorded with moments.
    WaitingVariance(At),
    /// Variance of the sojourn time. Recorded with moments.
    SojournVariance(At),
    /// Mean of sojourn time over size. Recorded with moments.
    Slowdown(At),
    /// Mean sojourn time of customers of about the wanted size.
    SojournOfSize(At),
    /// A quantile of the sojourn time. Recorded with quantiles.
    SojournQuantile(At, f64),
    /// A quantile of the waiting time. Recorded with quantiles.
    WaitingQuantile(At, f64),
    /// Mean number present.
    Present(At),
    /// Variance of the number present at a station. Recorded with levels.
    PresentVariance(usize),
    /// Share of the time with at most so many present at a station. Recorded with levels.
    AtMost(usize, usize),
    /// Mean number waiting at a station: present less busy servers.
    Queued(usize),
    /// Mean number of busy servers over the servers of a station.
    Utilisation(usize),
    /// Mean number of servers that are not busy.
    IdleServers(usize),
    /// Mean share of servers that hold a served customer.
    Blocked(usize),
    /// Customers served per time unit.
    Throughput(At),
    /// Customers that came per time unit, whether they stayed or not.
    ArrivalRate(At),
    /// Share of arrivals that joined and whose service did not begin at once.
    Waits(At),
    /// Share of arrivals that found no room.
    Lost(At),
    /// Share of arrivals that chose not to join.
    Balked(At),
    /// Share of those who joined that gave up.
    Reneged(At),
    /// Mean time in the network of those who left after service.
    NetworkSojourn,
    /// Mean number in the network.
    NetworkPresent,
    /// Share of the time with nobody in the network. Recorded with levels.
    NetworkEmpty,
    /// Customers that left the network after service per time unit.
    NetworkThroughput,
    /// Mean time between leaving a station and coming back to it.
    Absence(usize),
    /// Mean time between two services at a station, in a network that nobody enters: customers
    /// present over services per time unit.
    Cycle(usize),
    /// Mean number of units of a station that customers hold.
    Units(usize),
    /// Mean length of busy periods of a station. Recorded with busy periods.
    BusyPeriod(usize),
    /// Variance of their length. Recorded with busy periods.
    BusyPeriodVariance(usize),
}

impl At {
    /// A station, all classes.
    #[must_use]
    pub const fn station(station: usize) -> At {
        At {
            station,
            class: None,
        }
    }

    /// A class at a station.
    #[must_use]
    pub const fn class(station: usize, class: usize) -> At {
        At {
            station,
            class: Some(class),
        }
    }

    fn totals(self, batch: &Batch) -> Option<Totals> {
        let station = batch.totals.stations.get(self.station)?;
        match self.class {
            Some(class) => station.classes.get(class).copied(),
            None => Some(station.all()),
        }
    }

    fn probes(self, batch: &Batch) -> impl Iterator<Item = &ClassProbe> {
        let station = batch.probes.stations.get(self.station);
        let classes = station
            .into_iter()
            .flat_map(|s| s.classes.iter().enumerate());
        let wanted = classes.filter(move |(at, _)| self.class.is_none_or(|class| class == *at));
        wanted.map(|(_, probe)| probe)
    }

    /// All times of the place in a batch, if they were recorded.
    pub(super) fn histogram(self, batch: &Batch, waiting: bool) -> Option<Histogram> {
        let mut all = Histogram::new();
        for probe in self.probes(batch) {
            let own = if waiting {
                &probe.waiting
            } else {
                &probe.sojourn
            };
            all.merge(own.as_ref()?);
        }
        Some(all)
    }
}

impl Figure {
    /// What the figure needs of a batch: sums that may be added over batches.
    pub(super) fn parts(self, batch: &Batch, scale: &Scale) -> Option<[f64; 3]> {
        let unit = scale.unit_ns;
        let time = batch.totals.now_ns as f64 / unit;
        let span = |ns: u128| ns as f64 / unit;
        let station = |at: usize| batch.totals.stations.get(at);
        let servers = |at: usize| scale.servers.get(at).copied();
        let ratio = |y: f64, n: f64| Some([y, n, 0.0]);
        match self {
            Figure::Sojourn(at) => {
                let t = at.totals(batch)?;
                ratio(span(t.sojourn_ns), t.served as f64)
            }
            Figure::Waiting(at) => {
                let t = at.totals(batch)?;
                ratio(span(t.waiting_ns), t.served as f64)
            }
            Figure::WaitingOfAll(at) => {
                let t = at.totals(batch)?;
                let all = span(t.waiting_ns) + span(t.reneged_ns);
                ratio(all, (t.served + t.reneged) as f64)
            }
            Figure::WaitingSquare(at) | Figure::WaitingVariance(at) => {
                let t = at.totals(batch)?;
                let squares: f64 = at.probes(batch).map(|p| p.waiting_squares as f64).sum();
                let squares = squares / unit / unit;
                Some([t.served as f64, span(t.waiting_ns), squares])
            }
            Figure::SojournVariance(at) => {
                let t = at.totals(batch)?;
                let squares: f64 = at.probes(batch).map(|p| p.sojourn_squares as f64).sum();
                let squares = squares / unit / unit;
                Some([t.served as f64, span(t.sojourn_ns), squares])
            }
            Figure::Slowdown(at) => {
                let t = at.totals(batch)?;
                let slowdown: f64 = at.probes(batch).map(|p| p.slowdown).sum();
                ratio(slowdown, t.served as f64)
            }
            Figure::SojournOfSize(at) => {
                let sized = at.probes(batch).map(|p| p.sized);
                let sum = sized.fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
                ratio(span(sum.1), sum.0 as f64)
            }
            Figure::SojournQuantile(..) | Figure::WaitingQuantile(..) => None,
            Figure::Present(at) => ratio(span(at.totals(batch)?.present_ns), time),
            Figure::PresentVariance(at) => {
                let present = station(at)?.all().present_ns;
                let squares = batch.probes.stations.get(at)?.squares_ns;
                Some([time, span(present), span(squares)])
            }
            Figure::AtMost(at, most) => {
                let times = &batch.probes.stations.get(at)?.time_at_ns;
                let below: u64 = times.get(..=most)?.iter().sum();
                ratio(below as f64 / unit, time)
            }
            Figure::Queued(at) => {
                let station = station(at)?;
                ratio(span(station.all().present_ns) - span(station.busy_ns), time)
            }
            Figure::Utilisation(at) => ratio(span(station(at)?.busy_ns), time * servers(at)?),
            Figure::IdleServers(at) => {
                ratio(servers(at)? * time - span(station(at)?.busy_ns), time)
            }
            Figure::Blocked(at) => ratio(span(station(at)?.blocked_ns), time * servers(at)?),
            Figure::Throughput(at) => ratio(at.totals(batch)?.served as f64, time),
            Figure::ArrivalRate(at) => ratio(at.totals(batch)?.arrivals as f64, time),
            Figure::Waits(at) => {
                let t = at.totals(batch)?;
                let came = t.served + t.reneged + t.lost + t.balked;
                ratio((t.waited + t.reneged) as f64, came as f64)
            }
            Figure::Lost(at) => {
                let t = at.totals(batch)?;
                ratio(t.lost as f64, t.arrivals as f64)
            }
            Figure::Balked(at) => {
                let t = at.totals(batch)?;
                ratio(t.balked as f64, t.arrivals as f64)
            }
            Figure::Reneged(at) => {
                let t = at.totals(batch)?;
                ratio(t.reneged as f64, (t.served + t.reneged) as f64)
            }
            Figure::NetworkSojourn => {
                let totals = &batch.totals;
                ratio(span(totals.sojourn_ns), totals.completed as f64)
            }
            Figure::NetworkPresent => ratio(span(batch.totals.present_ns), time),
            Figure::NetworkEmpty => ratio(batch.probes.empty_ns as f64 / unit, time),
            Figure::NetworkThroughput => ratio(batch.totals.completed as f64, time),
            Figure::Absence(at) => {
                let here = station(at)?.all();
                let elsewhere = span(batch.totals.present_ns) - span(here.present_ns);
                ratio(elsewhere, here.served as f64)
            }
            Figure::Cycle(at) => {
                let here = station(at)?.all();
                ratio(span(batch.totals.present_ns), here.served as f64)
            }
            Figure::Units(at) => {
                let classes = station(at)?.classes.iter().zip(scale.units.get(at)?);
                let held = classes.map(|(class, units)| span(class.present_ns) * units);
                ratio(held.sum(), time)
            }
            Figure::BusyPeriod(at) | Figure::BusyPeriodVariance(at) => {
                let (count, sum, squares) = batch.probes.stations.get(at)?.busy_periods;
                Some([count as f64, span(sum), squares as f64 / unit / unit])
            }
        }
    }

    /// The figure from sums over batches.
    pub(super) fn value(self, [a, b, c]: [f64; 3]) -> f64 {
        match self {
            Figure::WaitingSquare(_) => c / a,
            Figure::BusyPeriod(_) => b / a,
            Figure::WaitingVariance(_)
            | Figure::SojournVariance(_)
            | Figure::PresentVariance(_)
            | Figure::BusyPeriodVariance(_) => c / a - (b / a) * (b / a),
            _ => a / b,
        }
    }
}
