//! A workload in stretches is the whole one, and both are what a plain model makes: all sessions
//! unfolded, sorted and named.

use std::collections::BTreeMap;

use kendall_kernel::Streams;
use kendall_llm::Source;
use proptest::prelude::*;

use super::super::rows::Row;
use super::super::sessions::Sessions;
use super::super::starts::Starts;
use super::super::{BLOCK_TOKENS, Grid, generate};
use super::*;
use crate::workload::{DiurnalSpec, Generator, MmppState};

/// A block of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Block {
    OfPrefix { group: u32, index: u32 },
    OfSession { session: u32, index: u32 },
    Last { session: u32, turn: u32 },
}

fn blocks(row: &Row) -> impl Iterator<Item = Block> + '_ {
    let (full, of_prefix) = (
        row.prompt_tokens / BLOCK_TOKENS,
        row.prefix.tokens / BLOCK_TOKENS,
    );
    (0..row.prompt_tokens.div_ceil(BLOCK_TOKENS)).map(move |index| match index {
        index if index < of_prefix => Block::OfPrefix {
            group: row.prefix.group,
            index,
        },
        index if index < full => Block::OfSession {
            session: row.session,
            index,
        },
        _ => Block::Last {
            session: row.session,
            turn: row.turn,
        },
    })
}

/// All turns of the sessions that could matter, in order.
fn rows(spec: &GenerateSpec, seed: u64) -> Vec<Row> {
    let streams = Streams::new(seed);
    let grid = Grid::new(spec.arrival_resolution_s).unwrap();
    let mut starts = Starts::new(spec, &streams).unwrap();
    let mut sessions = Sessions::new(spec, streams, grid).unwrap();
    let mut rows = Vec::new();
    for number in 0..spec.requests as u32 {
        let start = starts.next().unwrap().unwrap();
        let (mut row, underway) = sessions.begin(number, start).unwrap();
        rows.push(row);
        if let Some(mut underway) = underway {
            while let Some(next) = sessions.next_turn(&row, &mut underway).unwrap() {
                row = next;
                rows.push(row);
            }
        }
    }
    rows.sort_by_key(Row::place);
    rows.truncate(spec.requests as usize);
    rows
}

fn model(spec: &GenerateSpec, seed: u64) -> Trace {
    let rows = rows(spec, seed);
    let mut names = BTreeMap::new();
    let (mut ids, mut offsets) = (Vec::new(), vec![0]);
    for block_ids in rows.iter().map(blocks) {
        for block in block_ids {
            let next = names.len() as u64;
            ids.push(*names.entry(block).or_insert(next));
        }
        offsets.push(ids.len() as u64);
    }
    let sessions = rows.iter().filter(|_| spec.sessions.is_some());
    Trace {
        arrival: rows.iter().map(|row| row.arrival).collect(),
        prompt_tokens: rows.iter().map(|row| row.prompt_tokens).collect(),
        output_tokens: rows.iter().map(|row| row.output_tokens).collect(),
        session: sessions.map(|row| row.session).collect(),
        content: Content::Hashed {
            ids,
            offsets,
            block_tokens: BLOCK_TOKENS,
        },
        ..Trace::default()
    }
}

/// Puts stretches of at most so many rows together again.
fn joined(spec: &GenerateSpec, seed: u64, stretch_rows: usize) -> Trace {
    let mut generator = Generator::new(spec, seed).unwrap();
    generator.stretch_rows = stretch_rows;
    let mut whole = Trace::default();
    let (mut all_ids, mut all_offsets) = (Vec::new(), vec![0]);
    while let Some(stretch) = generator.next_rows() {
        assert!((1..=stretch_rows).contains(&stretch.len()));
        whole.arrival.extend(stretch.arrival);
        whole.prompt_tokens.extend(stretch.prompt_tokens);
        whole.output_tokens.extend(stretch.output_tokens);
        whole.session.extend(stretch.session);
        let Content::Hashed { ids, offsets, .. } = stretch.content else {
            panic!("no block ids");
        };
        all_offsets.extend(offsets[1..].iter().map(|end| all_ids.len() as u64 + end));
        all_ids.extend(ids);
    }
    generator.ended().unwrap();
    whole.content = Content::Hashed {
        ids: all_ids,
        offsets: all_offsets,
        block_tokens: BLOCK_TOKENS,
    };
    whole
}

fn on_and_off() -> Arrivals {
    let state = |rate_per_s| MmppState {
        rate_per_s,
        mean_s: 5.0,
        next: vec![],
    };
    Arrivals::Mmpp {
        states: vec![state(0.0), state(3.0)],
    }
}

fn arrivals() -> impl Strategy<Value = Arrivals> {
    let size = Law::Uniform { min: 1.0, max: 5.0 };
    prop_oneof![
        Just(Arrivals::Poisson { rate_per_s: 2.0 }),
        Just(Arrivals::Constant { rate_per_s: 0.5 }),
        Just(Arrivals::Batch {
            rate_per_s: 1.0,
            size
        }),
        Just(Arrivals::AtOnce {}),
        Just(Arrivals::Weibull {
            rate_per_s: 1.0,
            cv: 3.0
        }),
        Just(on_and_off()),
    ]
}

/// Conversations whose turns often tie: think times are multiples of the resolution, or none.
fn sessions() -> impl Strategy<Value = SessionSpec> {
    let think_s = prop_oneof![
        Just(constant(0)),
        Just(constant(2)),
        Just(Law::Exponential { mean: 10.0 }),
    ];
    let turns = prop_oneof![Just(constant(3)), Just(Law::Geometric { p: 0.2 })];
    (turns, think_s).prop_map(|(turns, think_s)| SessionSpec { turns, think_s })
}

fn spec() -> impl Strategy<Value = GenerateSpec> {
    (
        arrivals(),
        prop::option::of(sessions()),
        any::<[bool; 3]>(),
        prop_oneof![Just(0.0), Just(1.0)],
        1..300_u64,
        4000..12_000_u32,
    )
        .prop_map(
            |(arrivals, sessions, with, arrival_resolution_s, requests, max_prompt_tokens)| {
                let [prefix, by_day, correlated] = with;
                let chatty = chatty();
                let by_day = by_day && arrivals != Arrivals::AtOnce {};
                let day = DiurnalSpec {
                    period_s: 20.0,
                    ..DiurnalSpec::default()
                };
                GenerateSpec {
                    diurnal: by_day.then_some(day),
                    length_correlation: if correlated { 0.7 } else { 0.0 },
                    requests,
                    arrivals,
                    arrival_resolution_s,
                    max_prompt_tokens,
                    sessions,
                    prefix: chatty.prefix.clone().filter(|_| prefix),
                    ..chatty
                }
            },
        )
}

proptest! {
    #[test]
    fn stretches_make_up_the_whole(spec in spec(), seed: u64, stretch_rows in 1..80_usize) {
        let whole = generate(&spec, seed).unwrap();
        prop_assert_eq!(&joined(&spec, seed, stretch_rows), &whole);
        prop_assert_eq!(&model(&spec, seed), &whole);
    }

    /// What is left of a shorter workload is the beginning of a longer one.
    #[test]
    fn a_limit_is_a_shorter_workload(spec in spec(), seed: u64, limit in 1..300_u64) {
        let rest = Generator::new(&spec, seed).unwrap().limited(limit).rest().unwrap();
        let requests = spec.requests.min(limit);
        prop_assert_eq!(rest, generate(&GenerateSpec { requests, ..spec }, seed).unwrap());
    }
}

#[test]
fn an_error_ends_the_stretches_and_is_kept() {
    let spec = GenerateSpec {
        requests: 19,
        arrivals: Arrivals::Constant { rate_per_s: 1e-9 },
        ..steady()
    };
    let mut generator = Generator::new(&spec, 0).unwrap();
    assert_eq!(generator.next_rows().unwrap().len(), 18);
    assert_eq!(generator.next_rows(), None);
    assert_eq!(generator.ended(), generate(&spec, 0).map(drop));
}

/// Sessions leave nothing behind: what waits are the turns of those under way.
#[test]
fn memory_follows_the_sessions_under_way() {
    let spec = GenerateSpec {
        requests: 40_000,
        ..chatty()
    };
    let mut generator = Generator::new(&spec, 1).unwrap();
    let mut most = 0;
    while generator.next_rows().is_some() {
        most = most.max(generator.underway());
    }
    // 2 sessions/s that last 4 gaps of 10 s: a Poisson number of mean 80, less what the limit
    // on prompts ends early; ten standard deviations above.
    assert!((20..80 + 90).contains(&most), "{most} sessions under way");
}
