//! Arrivals from outside.

use kendall_kernel::{Dur, Law, Purpose, Rng, Sampler, Streams};
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

use crate::draw::{Draws, LONGEST_NS};
use crate::error::RunError;
use crate::model::{self, Arrivals, Rate, Target};

/// A stream of customers with at most one pending arrival.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) class: u16,
    pub(crate) to: Target,
    process: Process,
    batch: Option<(Sampler, Box<Rng>)>,
    /// Time of the next arrival; `u64::MAX` if there is none.
    next: u64,
}

#[derive(Clone, Debug)]
enum Process {
    Renewal(Draws),
    Markovian(Box<Markovian>),
    Varying(Box<Varying>),
    Given { times: Vec<u64>, at: usize },
}

impl Source {
    /// The source at position `number`; the description must have been checked.
    pub(crate) fn new(
        spec: &model::Source,
        number: usize,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Source, RunError> {
        let stream = |purpose| streams.stream(number as u64, purpose);
        let process = match &spec.arrivals {
            Arrivals::Renewal(law) => {
                let at = number as u64;
                Process::Renewal(Draws::new(law, streams, at, Purpose::Arrival, unit_s)?)
            }
            Arrivals::Markovian { silent, marked } => {
                let rng = stream(Purpose::Phase);
                Process::Markovian(Box::new(Markovian::new(silent, marked, rng, unit_s)))
            }
            Arrivals::Varying(rate) => Process::Varying(Box::new(Varying {
                highest: highest(rate),
                rate: RateAt::new(rate),
                rng: stream(Purpose::Phase),
                now: 0.0,
                unit_s,
            })),
            Arrivals::Given(times) => Process::Given {
                times: times.iter().map(|&time| to_ns(time, unit_s)).collect(),
                at: 0,
            },
        };
        let sampler = spec.batch.as_ref().map(Law::sampler).transpose()?;
        let mut source = Source {
            class: spec.class,
            to: spec.to,
            process,
            batch: sampler.map(|sampler| (sampler, Box::new(stream(Purpose::BatchSize)))),
            next: 0,
        };
        source.advance();
        Ok(source)
    }

    #[inline(always)]
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Goes on to the next arrival and says how many customers came with this one.
    #[inline(always)]
    pub(crate) fn fire(&mut self) -> u32 {
        let customers = match &mut self.batch {
            None => 1,
            Some((sampler, rng)) => sampler.sample_count(rng, 0, u32::MAX),
        };
        self.advance();
        customers
    }

    #[inline(always)]
    fn advance(&mut self) {
        self.next = match &mut self.process {
            Process::Renewal(gaps) => self.next + gaps.next_ns(),
            Process::Markovian(process) => self.next.saturating_add(process.next_gap()),
            Process::Varying(process) => process.next_arrival().max(self.next),
            Process::Given { times, at } => {
                let next = times.get(*at).copied().unwrap_or(u64::MAX);
                *at += 1;
                next
            }
        };
    }
}

/// Nanoseconds of a time in the model's units, at most [`LONGEST_NS`].
fn to_ns(time: f64, unit_s: f64) -> u64 {
    let ns = Dur::from_secs_f64(time * unit_s);
    ns.map_or(LONGEST_NS, Dur::as_ns).min(LONGEST_NS)
}

/// A Markovian arrival process.
#[derive(Clone, Debug)]
struct Markovian {
    /// By phase: the mean time in it, and what follows.
    phases: Vec<Phase>,
    phase: usize,
    rng: Rng,
    unit_s: f64,
}

#[derive(Clone, Debug)]
struct Phase {
    mean: f64,
    /// Cumulative probability, next phase, and whether a customer arrives.
    next: Vec<(f64, usize, bool)>,
}

impl Markovian {
    fn new(silent: &[Vec<f64>], marked: &[Vec<f64>], rng: Rng, unit_s: f64) -> Markovian {
        let phases = (0..silent.len()).map(|from| {
            let others = (0..silent.len()).filter(|&to| to != from);
            let silent = others.map(|to| (silent[from][to], to, false));
            let arrivals = marked[from].iter().enumerate();
            let marked = arrivals.map(|(to, &rate)| (rate, to, true));
            let rates: Vec<_> = silent.chain(marked).collect();
            let total: f64 = rates.iter().map(|(rate, ..)| rate).sum();
            let mut below = 0.0;
            let cumulative = rates.into_iter().map(|(rate, to, arrives)| {
                below += rate / total;
                (below, to, arrives)
            });
            Phase {
                next: cumulative.collect(),
                mean: 1.0 / total,
            }
        });
        let mut phases: Vec<Phase> = phases.collect();
        let fruitful = lead_to_arrivals(&phases);
        for (phase, _) in phases.iter_mut().zip(fruitful).filter(|(_, leads)| !leads) {
            // Else the search for the next arrival would never end.
            phase.mean = f64::INFINITY;
        }
        Markovian {
            phases,
            phase: 0,
            rng,
            unit_s,
        }
    }

    fn next_gap(&mut self) -> u64 {
        let mut gap = 0.0;
        loop {
            let phase = &self.phases[self.phase];
            if phase.mean.is_infinite() {
                // Nobody ever arrives from this phase on.
                return u64::MAX;
            }
            let unit: f64 = Exp1.sample(&mut self.rng);
            gap += unit * phase.mean;
            let draw: f64 = self.rng.random();
            let taken = phase.next.iter().find(|(below, ..)| draw < *below);
            let &(_, to, arrives) = taken.or(phase.next.last()).expect("a phase has exits");
            self.phase = to;
            if arrives {
                return to_ns(gap, self.unit_s);
            }
        }
    }
}

/// Whether arrivals can follow from each phase, at once or by way of others.
fn lead_to_arrivals(phases: &[Phase]) -> Vec<bool> {
    let mut leads = vec![false; phases.len()];
    loop {
        let mut changed = false;
        for (from, phase) in phases.iter().enumerate() {
            let mut below = 0.0;
            let found = phase.next.iter().any(|&(up_to, to, arrives)| {
                let possible = up_to > below;
                below = up_to;
                possible && (arrives || leads[to])
            });
            changed |= found && !std::mem::replace(&mut leads[from], true);
        }
        if !changed {
            return leads;
        }
    }
}

/// A Poisson process whose rate varies, by thinning (Lewis and Shedler, "Simulation of
/// Nonhomogeneous Poisson Processes by Thinning", Naval Research Logistics Quarterly 26, 1979).
#[derive(Clone, Debug)]
struct Varying {
    rate: RateAt,
    highest: f64,
    rng: Rng,
    /// In time units.
    now: f64,
    unit_s: f64,
}

impl Varying {
    fn next_arrival(&mut self) -> u64 {
        loop {
            let unit: f64 = Exp1.sample(&mut self.rng);
            self.now += unit / self.highest;
            let accepted = self.rng.random::<f64>() * self.highest < self.rate.at(self.now);
            let time = to_ns(self.now, self.unit_s);
            if accepted || time >= LONGEST_NS {
                return time;
            }
        }
    }
}

fn highest(rate: &Rate) -> f64 {
    match rate {
        Rate::Sinusoidal {
            mean, amplitude, ..
        } => mean + amplitude.abs(),
        Rate::Piecewise { rates, .. } => rates.iter().copied().fold(0.0, f64::max),
    }
}

/// A rate that is looked up often.
#[derive(Clone, Debug)]
enum RateAt {
    Sinusoidal {
        mean: f64,
        amplitude: f64,
        period: f64,
        shift: f64,
    },
    Piecewise {
        /// Where each piece ends, from the start of a round.
        ends: Vec<f64>,
        rates: Vec<f64>,
    },
}

impl RateAt {
    fn new(rate: &Rate) -> RateAt {
        match rate {
            &Rate::Sinusoidal {
                mean,
                amplitude,
                period,
                shift,
            } => RateAt::Sinusoidal {
                mean,
                amplitude,
                period,
                shift,
            },
            Rate::Piecewise { lengths, rates } => {
                let mut end = 0.0;
                let ends = lengths.iter().map(|length| {
                    end += length;
                    end
                });
                RateAt::Piecewise {
                    ends: ends.collect(),
                    rates: rates.clone(),
                }
            }
        }
    }

    fn at(&self, now: f64) -> f64 {
        match self {
            RateAt::Sinusoidal {
                mean,
                amplitude,
                period,
                shift,
            } => mean + amplitude * (std::f64::consts::TAU * (now + shift) / period).sin(),
            RateAt::Piecewise { ends, rates } => {
                let last = ends.len() - 1;
                let into = now % ends[last];
                rates[ends.partition_point(|end| *end <= into).min(last)]
            }
        }
    }
}
