//! Replications under way, and what they tell.

use kendall_kernel::Histogram;
use kendall_kernel::stats::{
    AntitheticPairs, ControlVariates, Controlled, Estimate, SectionedQuantile, jackknife,
    sectioned_quantile,
};
use kendall_queueing::model::{Absence, Joining, Route, Servers};
use kendall_queueing::{Network, RunError};

use super::batch::Batch;
use super::cycles::Cycles;
use super::figure::Figure;
use super::plan::Plan;
use super::replication::Replication;
use super::scale::Scale;
use crate::parallel::each;

/// Replications under way.
#[derive(Clone, Debug)]
pub struct Experiment {
    replications: Vec<Replication>,
    figures: Scale,
    /// Mean service time and gap of a single station that serves customers one by one.
    known: Option<[f64; 2]>,
    /// Whether replications come in antithetic pairs.
    pairs: bool,
}

impl Experiment {
    /// Runs every replication through its warm-up.
    ///
    /// # Errors
    /// A description at fault, or a run that cannot go on.
    pub fn start(plan: &Plan) -> Result<Experiment, RunError> {
        let indices: Vec<u32> = (0..plan.replications.max(1)).collect();
        let replications = each(indices, |index| Replication::start(plan, index))?;
        Ok(Experiment {
            replications,
            known: known_means(&plan.network),
            pairs: plan.antithetic,
            figures: Scale::of(plan),
        })
    }

    /// Lets all replications together run on for about so many customers.
    ///
    /// # Errors
    /// A run that cannot go on.
    pub fn extend(&mut self, customers: u64) -> Result<(), RunError> {
        let count = self.replications.len() as u64;
        let replications = std::mem::take(&mut self.replications);
        self.replications = each(replications, |mut replication| {
            replication.extend(customers.div_ceil(count))?;
            Ok::<_, RunError>(replication)
        })?;
        Ok(())
    }

    /// Runs every replication of the plan from its start to a time, in the network's unit, each as
    /// one batch: what there is to know of a network without a steady state, or of a beginning.
    ///
    /// # Errors
    /// A description at fault, or a run that cannot go on.
    pub fn to_time(plan: &Plan, time: f64) -> Result<Experiment, RunError> {
        let plan = Plan {
            warm_up: 0,
            recursion: false,
            ..plan.clone()
        };
        let mut experiment = Experiment::start(&plan)?;
        let time_ns = (time * plan.unit_s * 1e9).round() as u64;
        let replications = std::mem::take(&mut experiment.replications);
        experiment.replications = each(replications, |mut replication| {
            replication.run_to(time_ns)?;
            Ok::<_, RunError>(replication)
        })?;
        Ok(experiment)
    }

    /// All batches, replication by replication.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.replications.iter().flat_map(|r| &r.batches)
    }

    /// Customers counted.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.batches().map(|batch| batch.totals.progress).sum()
    }

    /// Events counted, arrivals and departures.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.batches().map(|batch| batch.totals.events).sum()
    }

    /// A figure with its error, `None` if nothing tells it (nobody came, or it was not recorded).
    /// Times are in the network's unit.
    #[must_use]
    pub fn estimate(&self, figure: Figure) -> Option<Estimate> {
        let (at, q, waiting) = match figure {
            Figure::SojournQuantile(at, q) => (at, q, false),
            Figure::WaitingQuantile(at, q) => (at, q, true),
            _ => return self.smooth(figure),
        };
        let quantile = self.quantile(at, q, waiting)?;
        Some(scaled(quantile.estimate, 1.0 / self.figures.unit_ns))
    }

    /// A figure from regenerative cycles, with the classical interval; `None` unless the plan
    /// keeps its sums ([`Plan::in_cycles`]), and before the first cycle has ended. Times are in the
    /// network's unit.
    #[must_use]
    pub fn regenerative(&self, figure: Figure) -> Option<Estimate> {
        let cycles = self.all_cycles()?;
        let sums = cycles.of(figure)?;
        sums.classical(cycles.customers, self.figures.level)
    }

    /// Complete regenerative cycles, and the customers who left in them; 0 if the plan keeps none.
    #[must_use]
    pub fn cycles(&self) -> (u64, u64) {
        let cycles = self.all_cycles();
        cycles.map_or((0, 0), |cycles| (cycles.count, cycles.customers))
    }

    /// Those of all replications, put together by index.
    fn all_cycles(&self) -> Option<Cycles> {
        let mut each = self.replications.iter();
        let mut all = each.next()?.cycles()?.clone();
        for next in each {
            all.merge(next.cycles()?);
        }
        Some(all)
    }

    /// How far a quantile may be off because times are counted in buckets, in the network's unit;
    /// 0 for other figures.
    #[must_use]
    pub fn resolution(&self, figure: Figure) -> f64 {
        let quantile = match figure {
            Figure::SojournQuantile(at, q) => self.quantile(at, q, false),
            Figure::WaitingQuantile(at, q) => self.quantile(at, q, true),
            _ => None,
        };
        quantile.map_or(0.0, |quantile| quantile.resolution / self.figures.unit_ns)
    }

    /// The mean sojourn time at a single station of one class, with the means of services and of
    /// gaps between arrivals as control variates, whose laws are known; `None` for other networks
    /// and where a batch saw nobody.
    #[must_use]
    pub fn controlled(&self) -> Option<Controlled> {
        let [service, gap] = self.known.filter(|_| !self.pairs)?;
        let unit = self.figures.unit_ns;
        let mut controlled = ControlVariates::new(&[service, gap]);
        for batch in self.batches() {
            let all = batch.totals.stations.first()?.all();
            if all.served == 0 || all.arrivals == 0 {
                return None;
            }
            let served = all.served as f64 * unit;
            let work = batch.totals.stations[0].busy_ns as f64 / served;
            let apart = batch.totals.now_ns as f64 / (all.arrivals as f64 * unit);
            let sojourn = all.sojourn_ns as f64 / served;
            controlled.push(sojourn, &[work, apart], all.served);
        }
        controlled.estimate(self.figures.level)
    }

    fn smooth(&self, figure: Figure) -> Option<Estimate> {
        let parts = self.independent(|batch| figure.parts(batch, &self.figures), add)?;
        let function = |sums| figure.value(sums);
        jackknife(&parts, function, self.customers(), self.figures.level)
    }

    /// What is made of each batch; of the batches of an antithetic pair, one.
    fn independent<T>(
        &self,
        of_batch: impl Fn(&Batch) -> Option<T>,
        join: impl Fn(T, T) -> T,
    ) -> Option<Vec<T>> {
        if !self.pairs {
            return self.batches().map(of_batch).collect();
        }
        let pairs = self.replications.chunks_exact(2).flat_map(|pair| {
            let batches = pair[0].batches.iter().zip(&pair[1].batches);
            batches.map(|(one, other)| Some(join(of_batch(one)?, of_batch(other)?)))
        });
        pairs.collect()
    }

    /// The share of the variance of the mean time in the network that antithetic pairs save;
    /// `None` without pairs.
    #[must_use]
    pub fn saved_by_pairs(&self) -> Option<f64> {
        let mean = |batch: &Batch| {
            let totals = &batch.totals;
            (totals.completed > 0).then(|| totals.sojourn_ns as f64 / totals.completed as f64)
        };
        let mut pairs = AntitheticPairs::new();
        for pair in self.replications.chunks_exact(2).filter(|_| self.pairs) {
            for (one, other) in pair[0].batches.iter().zip(&pair[1].batches) {
                pairs.push([mean(one)?, mean(other)?]);
            }
        }
        pairs.variance_reduction()
    }

    fn quantile(&self, at: super::At, q: f64, waiting: bool) -> Option<SectionedQuantile> {
        let sections = self.independent(|batch| at.histogram(batch, waiting), merge)?;
        sectioned_quantile(&sections, q, self.figures.level)
    }
}

/// Mean service time and gap between arrivals, where they say something about sojourn times.
fn known_means(network: &Network) -> Option<[f64; 2]> {
    let ([station], [source], [_]) = (
        network.stations.as_slice(),
        network.sources.as_slice(),
        network.classes.as_slice(),
    ) else {
        return None;
    };
    let all_served = station.capacity.is_none()
        && station.joining == Joining::Always
        && station.absence == Absence::None
        && station.patience.iter().all(Option::is_none)
        && station.next == [Route::Exit];
    let one_speed = matches!(station.servers, Servers::Equal(_));
    let service = station.service[0]
        .mean()
        .filter(|_| all_served && one_speed)?;
    Some([service, 1.0 / source.rate()])
}

fn add(one: [f64; 3], other: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|at| one[at] + other[at])
}

fn merge(mut one: Histogram, other: Histogram) -> Histogram {
    one.merge(&other);
    one
}

fn scaled(estimate: Estimate, factor: f64) -> Estimate {
    let mut scaled = estimate;
    scaled.value *= factor;
    scaled.std_error = estimate.std_error.map(|error| error * factor);
    scaled.half_width = estimate.half_width.map(|width| width * factor);
    scaled
}
