//! Runs against an engine that takes every step by itself, and against laws of every run.

mod agreement;
mod by_hand;
mod identities;
mod naive;
mod samples;

use proptest::prelude::*;

use super::{Batching, Config, Listener, Load, Request, Steps, System, Work};

/// Everything that a run tells.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    requests: Vec<Request>,
    steps: Vec<Steps>,
}

impl Listener for Told {
    fn request(&mut self, request: &Request) {
        self.requests.push(*request);
    }
    fn steps(&mut self, steps: &Steps) {
        self.steps.push(*steps);
    }
}

impl Told {
    /// Requests by order of creation.
    fn by_creation(mut self) -> Vec<Request> {
        self.requests.sort_by_key(|request| request.id);
        self.requests
    }
}

fn colocated(slots: u32, batching: Batching, load: Load) -> Config {
    Config {
        system: System::Colocated { slots, batching },
        load,
        work: Work::default(),
        end_ticks: 100.0,
    }
}

fn systems() -> impl Strategy<Value = System> {
    let batching = (0..3_usize).prop_map(|index| Batching::ALL[index].0);
    prop_oneof![
        3 => (1..9_u32, batching).prop_map(|(slots, batching)| System::Colocated { slots, batching }),
        1 => (1..5_u32, 1..5_u32).prop_map(|(prefill_slots, decode_slots)| System::Disaggregated {
            prefill_slots,
            decode_slots,
        }),
    ]
}

fn loads() -> impl Strategy<Value = Load> {
    prop_oneof![
        (0..60_u64).prop_map(|requests| Load::Batch { requests }),
        (0..20_u64).prop_map(|requests| Load::Concurrent { requests }),
        (0.001..3.0).prop_map(|per_tick| Load::Rate { per_tick }),
        (1..20_u32).prop_map(|part| Load::Rate {
            per_tick: 1.0 / f64::from(part),
        }),
    ]
}

/// Times that are whole, or not.
fn times() -> impl Strategy<Value = f64> {
    prop_oneof![(0..6_u32).prop_map(f64::from), 0.0..6.0]
}

fn configs() -> impl Strategy<Value = Config> {
    let work =
        (times(), 1..6_u32, times()).prop_map(|(prefill_ticks, prefill_chunks, itl_ticks)| Work {
            prefill_ticks,
            prefill_chunks,
            itl_ticks,
        });
    (systems(), loads(), work, 1.0..400.0).prop_map(|(system, load, work, end_ticks)| Config {
        system,
        load,
        work,
        end_ticks,
    })
}

/// Lengths among which short ones and single tokens are frequent.
fn lengths() -> impl Strategy<Value = Vec<u32>> {
    let length = prop_oneof![1..4_u32, 1..30_u32];
    proptest::collection::vec(length, 2000)
}
