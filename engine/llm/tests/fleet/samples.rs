//! Samples: what a run to their time would tell, however steps are bundled.

use kendall_cost::{CostModel, LinearSpec};
use kendall_kernel::{Dur, Time};
use kendall_llm::{
    EngineError, EventSetKind, FleetConfig, InstanceSample, Policy, Profile, Recorder,
    RequestRecord, RouterKind, RunStats, Sample, SchedulerConfig, Status, TooManySamples, Trace,
    fleet,
};
use proptest::prelude::*;

use crate::cases::{Case, many, some, varied_cases};
use crate::ledger::{patiently, run};

/// A sample that is kept, and what happened in the window that it closes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    time: Time,
    window: Dur,
    arrived: u64,
    instances: Vec<InstanceSample>,
    first_tokens: Vec<(u16, Dur)>,
    left: Vec<RequestRecord>,
}

/// Keeps samples, and looks at single steps if told to.
#[derive(Debug, Default, PartialEq)]
struct Samples<const STEPS: bool> {
    kept: Vec<Kept>,
    open: Kept,
}

impl<const STEPS: bool> Recorder for Samples<STEPS> {
    const STEPS: bool = STEPS;
    const SAMPLES: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        self.open.left.push(*record);
    }

    fn first_token(&mut self, instance: u16, ttft: Dur) {
        self.open.first_tokens.push((instance, ttft));
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let mut kept = std::mem::take(&mut self.open);
        // Instances may be told of in any order at one nanosecond.
        kept.first_tokens.sort_unstable();
        kept.left.sort_unstable_by_key(|record| record.request_id);
        self.kept.push(Kept {
            time: sample.time,
            window: sample.window,
            arrived: sample.arrived,
            instances: sample.instances.to_vec(),
            ..kept
        });
    }
}

type Sampled<const STEPS: bool> = Result<(Samples<STEPS>, RunStats), EngineError>;

fn sampled<const STEPS: bool>(trace: &Trace, config: &FleetConfig) -> Sampled<STEPS> {
    let mut samples = Samples::default();
    let stats = fleet::run(trace, config, &mut samples, &mut patiently())?;
    samples.open = Kept::default();
    Ok((samples, stats))
}

/// A case and the interval of its samples: a fraction of the run, or a time at which a request
/// produced a token, so that samples and the ends of steps fall together.
fn sampled_cases() -> impl Strategy<Value = (Case, RunStats)> {
    let interval = (1..60_u64, any::<bool>(), any::<prop::sample::Index>());
    let with_interval = |(mut case, (samples, coincident, index)): (Case, (_, _, _))| {
        let (ledger, stats) = run(&case.trace, &case.config).ok()?;
        let times = ledger
            .requests
            .iter()
            .flat_map(|r| [r.first_token, r.finish]);
        let times: Vec<Time> = times.flatten().filter(|&time| time > Time::ZERO).collect();
        let interval_ns = if coincident && !times.is_empty() {
            let index: prop::sample::Index = index;
            let divisor = [1, 2, 3, 8][samples as usize % 4];
            index.get(&times).as_ns().div_ceil(divisor)
        } else {
            (stats.end - stats.first_arrival.min(stats.end)).as_ns() / samples + 1
        };
        // A late first arrival and an early token leave many samples; enough is enough.
        let interval_ns = interval_ns.max(stats.end.as_ns() / 400 + 1);
        case.config.sample_interval = Some(Dur::from_ns(interval_ns));
        Some((case, stats))
    };
    (varied_cases(), interval).prop_filter_map("runs that cannot go on", with_interval)
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn merging_steps_changes_no_sample((case, _) in sampled_cases()) {
        let single = case.with(|config| config.merge_steps = false);
        let expected = sampled::<false>(&case.trace, &single).unwrap();
        prop_assert_eq!(&sampled::<false>(&case.trace, &case.config).unwrap(), &expected);
        let in_order = case.with(|config| config.in_order_only = true);
        prop_assert_eq!(&sampled::<false>(&case.trace, &in_order).unwrap(), &expected);
        let (samples, stats) = sampled::<true>(&case.trace, &case.config).unwrap();
        prop_assert_eq!((&samples.kept, &stats), (&expected.0.kept, &expected.1));
    }

}

proptest! {
    #![proptest_config(some())]

    #[test]
    fn sampling_changes_nothing((case, stats) in sampled_cases()) {
        let (samples, sampled_stats) = sampled::<false>(&case.trace, &case.config).unwrap();
        prop_assert_eq!(&sampled_stats, &stats);
        let interval = case.config.sample_interval.unwrap().as_ns();
        let (last, before) = samples.kept.split_last().unwrap();
        prop_assert_eq!(last.time, stats.end);
        let mut from = (stats.first_arrival.as_ns().div_ceil(interval).max(1) - 1) * interval;
        for sample in before {
            from += interval;
            prop_assert_eq!(sample.time.as_ns(), from);
            prop_assert_eq!(sample.window.as_ns(), interval);
        }
        prop_assert_eq!(last.window.as_ns(), stats.end.as_ns().saturating_sub(from));
    }

    #[test]
    fn a_sample_is_what_a_run_to_its_time_tells(
        (case, _) in sampled_cases(), index in any::<prop::sample::Index>(),
    ) {
        let (samples, _) = sampled::<false>(&case.trace, &case.config).unwrap();
        let at = index.index(samples.kept.len());
        let sample = &samples.kept[at];
        let until = case.with(|config| {
            config.until = sample.time;
            config.merge_steps = false;
        });
        let (ledger, stats) = run(&case.trace, &until).unwrap();
        let totals: Vec<_> = sample.instances.iter().map(|instance| instance.totals).collect();
        prop_assert_eq!(totals, stats.instances);
        prop_assert_eq!(sample.arrived, ledger.arrived.len() as u64);
        let windows = &samples.kept[..=at];
        let mut left: Vec<_> = windows.iter().flat_map(|kept| &kept.left).copied().collect();
        left.sort_unstable_by_key(|record| record.request_id);
        let mut expected = ledger.requests.clone();
        expected.retain(|record| record.status != Status::Unfinished);
        expected.sort_unstable_by_key(|record| record.request_id);
        prop_assert_eq!(left, expected);
        let mut ttfts: Vec<_> = windows.iter().flat_map(|kept| &kept.first_tokens).copied().collect();
        ttfts.sort_unstable();
        let mut expected: Vec<_> = ledger.requests.iter().filter_map(|record| {
            Some((record.instance?, record.ttft()?))
        }).collect();
        expected.sort_unstable();
        prop_assert_eq!(ttfts, expected);
        for (instance, sample) in (0_u16..).zip(&sample.instances) {
            let present = ledger.requests.iter().filter(|record| {
                record.status == Status::Unfinished && record.instance == Some(instance)
            });
            prop_assert_eq!(present.count() as u32, sample.running + sample.waiting);
        }
    }

    #[test]
    fn a_sample_lies_in_the_step_that_is_recorded((case, _) in sampled_cases()) {
        let (samples, _) = sampled::<false>(&case.trace, &case.config).unwrap();
        let (ledger, _) = run(&case.trace, &case.config).unwrap();
        for sample in &samples.kept {
            for (instance, sampled) in (0_u16..).zip(&sample.instances) {
                let under_way = ledger.steps.iter().find(|step| {
                    step.instance == instance && step.start <= sample.time && step.end > sample.time
                });
                if let Some(step) = under_way {
                    prop_assert_eq!(sampled.decode_tokens, step.decode_tokens);
                    prop_assert_eq!(sampled.context_tokens, step.context_tokens);
                    prop_assert_eq!(sampled.kv_blocks_used, step.kv_blocks_used);
                    prop_assert_eq!(sampled.running, step.running);
                    prop_assert!(sampled.waiting >= step.waiting);
                    prop_assert_eq!(sampled.in_step, sample.time - step.start);
                    prop_assert_eq!(sampled.totals.iterations, step.iteration);
                }
            }
        }
    }
}

/// One instance whose steps take 10 ms, with blocks of 4 tokens.
fn plain_config(sample_interval: Dur) -> FleetConfig {
    let spec = LinearSpec {
        c_s: 0.01,
        a_s: 0.0,
        b0_tokens: 0,
    };
    FleetConfig {
        instances: 1,
        router: RouterKind::RoundRobin,
        scheduler: SchedulerConfig {
            profile: Profile::Vllm,
            policy: Policy::Fcfs,
            max_num_seqs: 1,
            max_num_active_seqs: None,
            max_num_prefills: None,
            max_num_batched_tokens: 100,
            max_num_scheduled_tokens: None,
            max_model_len: 100,
            enable_chunked_prefill: true,
            long_prefill_token_threshold: 0,
            long_prefill_token_threshold_adaptive: false,
            prefill_schedule_interval: 1,
            scheduler_reserve_full_isl: true,
            watermark: 0.0,
            block_size: 4,
            num_gpu_blocks: 101,
            enable_prefix_caching: false,
        },
        cost: CostModel::Linear(spec.build().expect("10 ms are a time")),
        event_set: EventSetKind::Tournament,
        until: Time::MAX,
        in_order_only: false,
        merge_steps: true,
        sample_interval: Some(sample_interval),
    }
}

const MS: u64 = 1_000_000;

/// 20 prompt and 5 output tokens for each arrival.
fn requests_at(arrivals_ms: &[u64]) -> Trace {
    Trace {
        arrival: arrivals_ms
            .iter()
            .map(|ms| Time::from_ns(ms * MS))
            .collect(),
        prompt_tokens: vec![20; arrivals_ms.len()],
        output_tokens: vec![5; arrivals_ms.len()],
        ..Trace::default()
    }
}

#[test]
fn two_requests_by_hand() {
    // The first is in steps from 3 ms to 53 ms, the second from there to 103 ms.
    let trace = requests_at(&[3, 40]);
    let config = plain_config(Dur::from_ns(20 * MS));
    let (samples, _) = sampled::<false>(&trace, &config).expect("it fits");
    let told: Vec<_> = samples
        .kept
        .iter()
        .map(|sample| {
            let [instance] = sample.instances[..] else {
                panic!("there is one instance");
            };
            let state = [
                sample.time.as_ns() / MS,
                u64::from(instance.running),
                u64::from(instance.waiting),
                u64::from(instance.decode_tokens),
                instance.context_tokens,
                u64::from(instance.kv_blocks_used),
                instance.busy().as_ns() / MS,
                instance.totals.prefill_tokens,
                instance.totals.output_tokens,
            ];
            (state, sample.first_tokens.len(), sample.left.len())
        })
        .collect();
    assert_eq!(
        told,
        [
            ([20, 1, 0, 1, 21, 6, 17, 20, 1], 1, 0),
            // The second has arrived at this very time.
            ([40, 1, 1, 1, 23, 6, 37, 20, 3], 0, 0),
            ([60, 1, 0, 0, 20, 5, 57, 20, 5], 0, 1),
            ([80, 1, 0, 1, 22, 6, 77, 40, 7], 1, 0),
            ([100, 1, 0, 1, 24, 6, 97, 40, 9], 0, 0),
            // The end of the run.
            ([103, 0, 0, 0, 0, 0, 100, 40, 10], 0, 1),
        ]
    );
    let windows = samples.kept.iter().map(|sample| sample.window.as_ns() / MS);
    assert_eq!(windows.collect::<Vec<_>>(), [20, 20, 20, 20, 20, 3]);
}

#[test]
fn what_happens_at_the_time_of_a_sample_is_in_it() {
    // Steps end at 10, 20, ..., 50 ms, those behind the first in one run.
    let config = plain_config(Dur::from_ns(10 * MS));
    let (samples, _) = sampled::<false>(&requests_at(&[0]), &config).expect("it fits");
    let told = samples.kept.iter().map(|sample| {
        let [instance] = &sample.instances[..] else {
            panic!("there is one instance");
        };
        let totals = &instance.totals;
        assert_eq!(instance.in_step, Dur::ZERO);
        (
            totals.iterations,
            totals.output_tokens,
            instance.decode_tokens,
        )
    });
    let expected = [(1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 4, 1), (5, 5, 0)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn samples_go_on_while_nothing_happens() {
    let trace = requests_at(&[3, 1_000_000]);
    let config = plain_config(Dur::from_ns(1000 * MS));
    let (samples, stats) = sampled::<false>(&trace, &config).expect("it fits");
    assert_eq!(stats.end, Time::from_ns(1_000_050 * MS));
    assert_eq!(samples.kept.len(), 1001);
    for sample in &samples.kept[1..999] {
        let before = samples.kept[0].instances[0].totals;
        assert_eq!(
            sample.instances,
            [InstanceSample {
                totals: before,
                ..InstanceSample::default()
            }]
        );
        assert_eq!((sample.left.len(), sample.first_tokens.len()), (0, 0));
    }
}

#[test]
fn more_samples_than_anybody_reads_are_refused() {
    let trace = requests_at(&[3, 1_000_000]);
    let config = plain_config(Dur::from_ns(1000));
    let error = sampled::<false>(&trace, &config).map(|_| ()).unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::TooManySamples(TooManySamples {
                rows: 1_999_994_000,
                ..
            })
        ),
        "{error}"
    );
    let from_start = config.check_samples(Time::ZERO, Time::from_ns(1_000_000 * MS));
    assert!(matches!(
        from_start,
        Err(TooManySamples {
            rows: 2_000_000_000,
            ..
        })
    ));
    // Nobody listens, so nobody minds.
    assert!(run(&trace, &config).is_ok());
    // One that ends in time.
    let short = FleetConfig {
        until: Time::from_ns(60 * MS),
        ..config
    };
    assert_eq!(
        sampled::<false>(&trace, &short).map(|(samples, _)| samples.kept.len()),
        Ok(60_000 - 2_999)
    );
}
