//! The KV cache by itself.
//!
//! - `cache/KIND/BLOCK/PHASE`: time per sequence of one phase of its life, with blocks of BLOCK
//!   tokens. KIND is `segments`, which whole runs use, or `blocks`, the twin with physical ids.
//!
//! 64 sequences of 8,192 tokens at a time, of which a quarter is a prefix that many share, pass
//! through a cache with room for 128. `find` looks each up, `adopt` does so again and takes what it
//! finds, `take` takes the other blocks, which evicts as many, `register` makes their content known,
//! `again` looks up a sequence of which everything is there, `release` gives all blocks back.

mod setting;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kendall_bench::{Digest, clock};
use kendall_llm::content::Sequence;
use kendall_llm::kv::{Found, KvCache, Table};
use kendall_llm::{Content, Trace};
use setting::CpuTime;

criterion_group! {
    name = cache;
    config = setting::criterion();
    targets = caches
}
criterion_main!(cache);

/// Tokens of a sequence.
const TOKENS: u32 = 8_192;
/// Tokens of a stream of a prompt.
const PIECE: u32 = 512;
/// Streams of a sequence that others begin with too.
const SHARED: u64 = 4;
/// Prefixes to share.
const GROUPS: u64 = 8;
/// Sequences at a time.
const ACTIVE: usize = 64;
/// Sequences for which there is room.
const ROOM: u32 = 128;
/// Rows of the trace: when a row comes again, its own blocks are gone.
const ROWS: u64 = 8 * ACTIVE as u64;
/// Rounds until the cache is full and evicts as much as it takes in.
const WARM_UP: u64 = 8;

const PHASES: [&str; 6] = ["find", "adopt", "take", "register", "again", "release"];

fn trace() -> Trace {
    let pieces = u64::from(TOKENS / PIECE);
    let id = |row: u64, piece: u64| match piece {
        _ if piece < SHARED => row % GROUPS * SHARED + piece,
        _ => GROUPS * SHARED + row * pieces + piece,
    };
    let ids = (0..ROWS).flat_map(|row| (0..pieces).map(move |piece| id(row, piece)));
    Trace {
        prompt_tokens: vec![TOKENS; ROWS as usize],
        content: Content::Hashed {
            ids: ids.collect(),
            offsets: (0..=ROWS).map(|row| row * pieces).collect(),
            block_tokens: PIECE,
        },
        ..Trace::default()
    }
}

/// A cache and the sequences in it.
struct Rounds<'a> {
    cache: KvCache,
    trace: &'a Trace,
    blocks: u32,
    tables: Vec<Table>,
    found: Vec<Found>,
    round: u64,
}

impl<'a> Rounds<'a> {
    fn new(trace: &'a Trace, kind: &str, block_size: u32) -> Rounds<'a> {
        let blocks = TOKENS / block_size;
        let cache = match kind {
            "segments" => KvCache::without_block_ids(ROOM * blocks, false, block_size),
            _ => KvCache::with_block_ids(ROOM * blocks, false, block_size),
        };
        Rounds {
            cache,
            trace,
            blocks,
            tables: (0..ACTIVE).map(|_| Table::default()).collect(),
            found: (0..ACTIVE).map(|_| Found::default()).collect(),
            round: 0,
        }
    }

    /// One phase of all active sequences.
    fn phase(&mut self, phase: &str) {
        let first = self.round * ACTIVE as u64 % ROWS;
        for index in 0..ACTIVE {
            let sequence = Sequence::of(self.trace, first as usize + index);
            let (table, found) = (&mut self.tables[index], &mut self.found[index]);
            match phase {
                "find" | "again" => self.cache.find(&sequence, self.blocks, found),
                // Others have changed the cache since it was found.
                "adopt" => {
                    self.cache.find(&sequence, self.blocks, found);
                    self.cache.adopt(table, found);
                }
                "take" => self.cache.take(table, self.blocks - table.held()),
                "register" => self.cache.register(table, &sequence, self.blocks),
                _ => self.cache.release(table),
            }
        }
    }

    /// All phases; tells what each took, in ns, and folds what they show into a digest.
    fn round(&mut self, digest: &mut Digest) -> [u64; PHASES.len()] {
        let elapsed = PHASES.map(|phase| {
            let started = clock::thread_ns();
            self.phase(phase);
            let elapsed = clock::thread_ns() - started;
            let seen = self.found.iter().map(|found| u64::from(found.blocks()));
            digest.words(seen);
            digest.word(self.cache.free().into());
            elapsed
        });
        self.round += 1;
        elapsed
    }
}

fn digest(trace: &Trace, kind: &str, block_size: u32) -> Digest {
    let mut digest = Digest::default();
    let mut rounds = Rounds::new(trace, kind, block_size);
    for _ in 0..2 * WARM_UP {
        rounds.round(&mut digest);
    }
    digest
}

fn caches(criterion: &mut Criterion<CpuTime>) {
    let trace = trace();
    let mut group = criterion.benchmark_group("cache");
    group.throughput(Throughput::Elements(1));
    for block_size in [16, 512] {
        let expected = digest(&trace, "segments", block_size);
        expected.print(&format!("cache/{block_size}"));
        let twin = digest(&trace, "blocks", block_size);
        assert_eq!(twin, expected, "both kinds show the same");
        for kind in ["segments", "blocks"] {
            let mut rounds = Rounds::new(&trace, kind, block_size);
            for _ in 0..WARM_UP {
                rounds.round(&mut Digest::default());
            }
            for (index, phase) in PHASES.iter().enumerate() {
                group.bench_function(format!("{kind}/{block_size}/{phase}"), |b| {
                    b.iter_custom(|count| {
                        let mut unused = Digest::default();
                        let taken = (0..count).map(|_| rounds.round(&mut unused)[index]);
                        taken.sum::<u64>() as f64 / ACTIVE as f64
                    });
                });
            }
        }
    }
}
