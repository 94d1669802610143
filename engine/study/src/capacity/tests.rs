//! Searches against systems whose limits are known.

use kendall_kernel::{Dur, Law, Level, Purpose, Streams, Time};
use kendall_llm::token_budget::Scheduler;
use kendall_llm::{RequestRecord, Status};

use super::*;
use crate::summary::SloTargets;
use crate::token_budget::Setting;
use crate::trials::Watch;

/// One server with services of a second, Poisson arrivals.
struct OneServer;

impl UnderLoad for OneServer {
    fn requests(
        &self,
        rate_per_s: f64,
        replication: u32,
        _watch: &dyn Watch,
    ) -> Result<Vec<RequestRecord>, LoadError> {
        let streams = Streams::new(11).replication(u64::from(replication));
        let gap = Law::Exponential { mean: 1.0 };
        let gap = gap.sampler().expect("a law");
        let mut rng = streams.stream(0, Purpose::Arrival);
        let (mut now_s, mut free_s) = (0.0_f64, 0.0_f64);
        let time = |s: f64| Time::ZERO + Dur::from_secs_f64(s).expect("a time");
        let mut next = |request_id: u64| {
            now_s += gap.sample(&mut rng) / rate_per_s;
            free_s = free_s.max(now_s) + 1.0;
            RequestRecord {
                request_id,
                class: 0,
                session_id: None,
                instance: Some(0),
                prefill_instance: None,
                arrival: time(now_s),
                scheduled: None,
                first_token: Some(time(free_s)),
                finish: Some(time(free_s)),
                prompt_tokens: 1,
                output_tokens: 1,
                generated_tokens: 1,
                cached_tokens: 0,
                preemptions: 0,
                status: Status::Finished,
            }
        };
        Ok((0..20_000).map(&mut next).collect())
    }
}

fn settings(slo: SloTargets) -> SearchSettings {
    SearchSettings {
        start_per_s: 0.1,
        replications: 8,
        tolerance: 0.01,
        level: Level::P95,
        slo,
    }
}

#[test]
fn a_server_takes_one_customer_per_service() {
    let mut search = Search::new(&OneServer, settings(SloTargets::default())).unwrap();
    let found = search.stability().unwrap();
    // Under overload a server that never idles finishes one customer per second, to one of the
    // later half of at least 10,000 / 1.14 seconds.
    assert!((found.capacity.value - 1.0).abs() < 1e-3, "{found:?}");
    assert!(found.stable_per_s < found.growing_per_s);
    assert!(found.growing_per_s <= found.stable_per_s * 1.02);
    // Growth counts from half a per cent on, which has to show at 1.02 for sure: the error of
    // growth is that of Poisson arrivals, 1 / sqrt(10,000 * 8) = 0.35 %.
    assert!(found.stable_per_s < 1.0 + 0.005 + 5.0 * 0.0035, "{found:?}");
    assert!(found.growing_per_s > 1.0 - 5.0 * 0.0035, "{found:?}");
    assert!((found.flooded.value - 1.0).abs() < 1e-3, "{found:?}");
    assert_eq!(found.first_to_grow, Some(Metric::Ttft));
}

/// M/D/1: P(W = 0) = 1 - rate, so a sojourn of at most a service time has that probability.
#[test]
fn objectives_end_where_theory_says() {
    let slo = SloTargets {
        e2e_s: Some(1.0 + 1e-6),
        ..SloTargets::default()
    };
    let mut search = Search::new(&OneServer, settings(slo)).unwrap();
    let objective = Objective::new(0.7).unwrap();
    let limit = search.limit(objective, 0.9).unwrap().unwrap();
    assert!(limit.missed_per_s <= limit.met_per_s * 1.01);
    let crossing = limit.crossing.unwrap();
    // Five standard errors and the step between probes on either side.
    let margin = 5.0 * crossing.std_error.unwrap() + 0.3 * 0.01;
    assert!((crossing.value - 0.3).abs() < margin, "{crossing:?}");
    assert!((limit.met_per_s - 0.3).abs() < margin, "{limit:?}");
    let at = search.probe(limit.met_per_s).unwrap().clone();
    let attainment = at.estimate(|sample| sample.attainment).value;
    let goodput = at.estimate(|sample| sample.goodput_per_s).value;
    let arrivals = at.estimate(|sample| sample.arrivals_per_s).value;
    assert!((goodput / arrivals - attainment).abs() < 0.02, "{at:?}");
}

#[test]
fn impossible_objectives_are_met_nowhere() {
    let slo = SloTargets {
        e2e_s: Some(0.5),
        ..SloTargets::default()
    };
    let mut search = Search::new(&OneServer, settings(slo)).unwrap();
    let half = Objective::new(0.5).unwrap();
    assert_eq!(search.limit(half, 0.9).unwrap(), None);
    for share in [0.0, 1.1, f64::NAN, -0.5] {
        assert!(Objective::new(share).is_err(), "{share}");
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let good = settings(SloTargets::default());
    let cases = [
        SearchSettings {
            start_per_s: 0.0,
            ..good
        },
        SearchSettings {
            replications: 0,
            ..good
        },
        SearchSettings {
            tolerance: 0.0,
            ..good
        },
        SearchSettings {
            tolerance: f64::NAN,
            ..good
        },
    ];
    for case in cases {
        assert!(Search::new(&OneServer, case).is_err(), "{case:?}");
    }
}

/// With decodes first, prompts are computed only when nobody decodes, whatever comes: batches of as
/// many prompts as fit, then decodes until the longest output. The capacity is that of the cycle.
#[test]
fn searches_are_repeatable() {
    let load = TokenBudgetLoad {
        setting: Setting::demo2(Scheduler::DecodePrioritizing),
        requests: 2000.0,
        seed: 3,
    };
    let settings = SearchSettings {
        start_per_s: 2.0,
        replications: 3,
        tolerance: 0.05,
        ..settings(SloTargets::default())
    };
    let run = || Search::new(&load, settings).unwrap().stability().unwrap();
    let found = run();
    assert_eq!(found, run());
    // 18.8 prompts of 108.8 tokens in 1.034 s, then 256 steps of 10 ms and half a millisecond for
    // each of those who still decode: half of them until step 64.
    let prompts = 2048.0 / 108.8;
    let cycle_s = 0.01 + 1.024 + 256.0 * 0.01 + 0.0005 * prompts * 160.0;
    let bound = prompts / cycle_s;
    // The last prompt does not fit, so that a cycle has up to a prompt of 512 tokens less.
    assert!(
        found.capacity.value < bound && found.capacity.value > 0.7 * bound,
        "{found:?}"
    );
}

/// Stops after so many runs, which it counts.
struct After(u64, std::sync::atomic::AtomicU64);

impl Watch for After {
    fn ran(&self, done: u64, planned: u64) {
        assert!(done <= planned);
        self.1.fetch_max(done, std::sync::atomic::Ordering::Relaxed);
    }

    fn stops(&self) -> bool {
        self.1.load(std::sync::atomic::Ordering::Relaxed) >= self.0
    }
}

#[test]
fn whoever_watches_may_stop() {
    let watch = After(10, Default::default());
    let search = Search::new(&OneServer, settings(SloTargets::default())).unwrap();
    let stopped = search.watched(&watch).stability();
    assert_eq!(stopped, Err(CapacityError::Run(LoadError::Stopped)));
    // Two probes of eight runs each were begun.
    assert!((10..16).contains(&watch.1.into_inner()));
}
