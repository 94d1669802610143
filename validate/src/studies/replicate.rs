//! Runs of one setting under several seeds, and what is measured of them.

use kendall_cost::CostModel;
use kendall_kernel::{Dur, Histogram, Law, Time};
use kendall_llm::{
    Control, EventSetKind, FleetConfig, Recorder, RequestRecord, RouterKind, RunStats,
    SchedulerConfig, StepRecord, Trace, fleet,
};
use kendall_study::workload::{Arrivals, GenerateSpec, generate};

use super::{StudyError, system};
use crate::table::Estimate;

/// A workload: Poisson arrivals up to a horizon.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// Arrivals per second.
    pub(super) rate_per_s: f64,
    pub(super) prompt_tokens: Law,
    pub(super) output_tokens: Law,
    /// End of a run, in seconds.
    pub(super) horizon_s: f64,
    /// Requests that arrive before this many seconds do not count.
    pub(super) warm_up_s: f64,
}

impl Load {
    /// The usual lengths at this rate.
    pub(super) fn at(rate_per_s: f64, horizon_s: f64, warm_up_s: f64) -> Load {
        Load {
            rate_per_s,
            prompt_tokens: system::prompts(),
            output_tokens: system::outputs(),
            horizon_s,
            warm_up_s,
        }
    }

    fn trace(&self, seed: u64) -> Result<Trace, StudyError> {
        let mean = self.rate_per_s * self.horizon_s;
        let spec = GenerateSpec {
            // Ten standard deviations above the mean: there are arrivals up to the horizon.
            requests: (mean + 10.0 * mean.sqrt()).ceil() as u64 + 1,
            arrivals: Arrivals::Poisson {
                rate_per_s: self.rate_per_s,
            },
            prompt_tokens: self.prompt_tokens.clone(),
            output_tokens: self.output_tokens.clone(),
            ..GenerateSpec::default()
        };
        Ok(generate(&spec, seed)?)
    }
}

/// Runs a setting once for each seed from 1 to `replications`. Settings run under the same seeds
/// see the same requests, so that their differences are compared seed by seed.
pub(super) fn replicate(
    scheduler: &SchedulerConfig,
    load: &Load,
    replications: u64,
) -> Result<Vec<Run>, StudyError> {
    let until = Time::ZERO + Dur::from_secs_f64(load.horizon_s)?;
    let warm_up = Time::ZERO + Dur::from_secs_f64(load.warm_up_s)?;
    let seeds = 1..=replications;
    seeds
        .map(|seed| {
            let mut run = run(scheduler, &load.trace(seed)?, until)?;
            run.requests.retain(|record| record.arrival >= warm_up);
            Ok(run)
        })
        .collect()
}

/// Runs a trace on one instance; only requests that arrive before `until` are kept.
pub(super) fn run(
    scheduler: &SchedulerConfig,
    trace: &Trace,
    until: Time,
) -> Result<Run, StudyError> {
    let config = FleetConfig {
        instances: 1,
        router: RouterKind::RoundRobin,
        scheduler: scheduler.clone(),
        cost: CostModel::Phases(system::COST.build()?),
        event_set: EventSetKind::Tournament,
        until,
        in_order_only: false,
        merge_steps: true,
        sample_interval: None,
    };
    let mut run = Run::default();
    run.stats = fleet::run(trace, &config, &mut run, &mut |_| Control::Continue)?;
    run.requests.retain(|record| record.arrival < until);
    run.step_ns.sort_unstable();
    Ok(run)
}

/// What one run told.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Requests that count.
    pub(super) requests: Vec<RequestRecord>,
    /// Durations of all steps, ascending.
    step_ns: Vec<u64>,
    /// Requests in the batch, summed over steps.
    running: u64,
    /// Gaps between output tokens.
    pub(super) gaps: Histogram,
    pub(super) stats: RunStats,
}

impl Recorder for Run {
    const STEPS: bool = true;
    const GAPS: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        self.requests.push(*record);
    }

    fn step(&mut self, record: &StepRecord) {
        self.step_ns.push((record.end - record.start).as_ns());
        self.running += u64::from(record.running);
    }

    fn gaps(&mut self, gap: Dur, count: u64) {
        self.gaps.record_n(gap.as_ns(), count);
    }
}

impl Run {
    pub(super) fn finished(&self) -> f64 {
        self.requests
            .iter()
            .filter(|record| record.finish.is_some())
            .count() as f64
    }

    /// Share of the requests that finished before the end.
    pub(super) fn served(&self) -> f64 {
        self.finished() / self.requests.len() as f64
    }

    /// Mean time to first token of the requests that have one, in seconds.
    pub(super) fn ttft_s(&self) -> f64 {
        mean(self.requests.iter().filter_map(|record| record.ttft()))
    }

    /// Mean end-to-end time of the finished, in seconds.
    pub(super) fn e2e_s(&self) -> f64 {
        mean(self.requests.iter().filter_map(|record| record.e2e()))
    }

    /// Mean time per output token after the first, in seconds.
    pub(super) fn tpot_s(&self) -> f64 {
        let each: Vec<f64> = self
            .requests
            .iter()
            .filter_map(RequestRecord::tpot_ns)
            .collect();
        each.iter().sum::<f64>() / each.len() as f64 / 1e9
    }

    /// Mean step, in seconds.
    pub(super) fn step_mean_s(&self) -> f64 {
        self.step_ns.iter().sum::<u64>() as f64 / self.step_ns.len() as f64 / 1e9
    }

    /// The step that 99 % of the steps do not exceed, in seconds.
    pub(super) fn step_p99_s(&self) -> f64 {
        let rank = (self.step_ns.len() * 99).div_ceil(100);
        self.step_ns[rank - 1] as f64 / 1e9
    }

    /// The longest step, in seconds.
    pub(super) fn step_max_s(&self) -> f64 {
        self.step_ns.last().map_or(0.0, |&ns| ns as f64 / 1e9)
    }

    /// Mean number of requests in the batch, over steps.
    pub(super) fn batch_mean(&self) -> f64 {
        self.running as f64 / self.step_ns.len() as f64
    }

    /// Mean share of the KV blocks in use, over time.
    pub(super) fn kv_share(&self) -> f64 {
        let instance = &self.stats.instances[0];
        let pool_ns = f64::from(instance.kv_blocks_usable) * self.stats.end.as_ns() as f64;
        instance.kv_block_ns as f64 / pool_ns
    }

    pub(super) fn preemptions(&self) -> u64 {
        self.stats.instances[0].preemptions
    }
}

/// Mean in seconds.
pub(super) fn mean(durations: impl Iterator<Item = Dur>) -> f64 {
    let (mut sum_ns, mut count) = (0_u128, 0_u64);
    for duration in durations {
        sum_ns += u128::from(duration.as_ns());
        count += 1;
    }
    sum_ns as f64 / count as f64 / 1e9
}

/// A figure over runs.
pub(super) fn estimate(runs: &[Run], figure: impl Fn(&Run) -> f64) -> Estimate {
    let values: Vec<f64> = runs.iter().map(figure).collect();
    Estimate::of(&values)
}

/// How much a figure differs, `these` minus `those`, seed by seed.
pub(super) fn difference(these: &[Run], those: &[Run], figure: impl Fn(&Run) -> f64) -> Estimate {
    let pairs = these.iter().zip(those);
    let values: Vec<f64> = pairs
        .map(|(this, that)| figure(this) - figure(that))
        .collect();
    Estimate::of(&values)
}
