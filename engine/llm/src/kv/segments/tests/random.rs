//! Random operations on random contents with much in common.

use super::*;

/// A workload on a small cache.
#[derive(Clone, Debug)]
struct Case {
    trace: Trace,
    block_size: u32,
    blocks: u32,
    operations: Vec<(u8, usize, u32)>,
}

/// Pieces of few streams, most of them from their beginnings; now and then of an output.
fn prompt() -> impl Strategy<Value = Vec<(u64, u32, u32)>> {
    let stream = prop_oneof![6 => 0..3_u64, 1 => 900..904_u64];
    let offset = prop_oneof![8 => Just(0_u32), 1 => 1..6_u32];
    let tokens = prop_oneof![2 => 1..12_u32, 1 => 12..40_u32];
    prop::collection::vec((stream, offset, tokens), 1..5)
}

/// The rows as they are; or each in one stream; or with nothing known of the last tokens; or of
/// all.
fn with_content(mut trace: Trace, kind: u8) -> Trace {
    let Content::Pieces {
        pieces, offsets, ..
    } = &trace.content
    else {
        return trace;
    };
    match kind {
        0 => trace.content = Content::Unique,
        1 => {
            let ids = pieces.iter().map(|piece| piece.stream).collect();
            trace.content = Content::Hashed {
                ids,
                offsets: offsets.clone(),
                block_tokens: 7,
            };
        }
        _ => {}
    }
    trace
}

fn cases() -> impl Strategy<Value = Case> {
    let rows = prop::collection::vec(prompt(), 2..7);
    let copies = prop::collection::vec((0..7_usize, 0..7_usize), 0..4);
    let sizes = (
        prop_oneof![Just(1_u32), Just(2), Just(3), Just(16)],
        3..60_u32,
    );
    let operations = prop::collection::vec((0..12_u8, 0..7_usize, 0..64_u32), 1..120);
    (rows, copies, 0..8_u8, sizes, operations).prop_map(
        |(mut rows, copies, kind, (block_size, blocks), operations)| {
            let count = rows.len();
            for (from, to) in copies {
                // Half of a row in front of another one, or instead of it.
                let mut common = rows[from % count].clone();
                common.truncate(common.len().div_ceil(1 + to % 2));
                if from % 3 > 0 {
                    common.extend_from_slice(&rows[to % count]);
                }
                rows[to % count] = common;
            }
            Case {
                trace: with_content(trace_of(&rows), kind),
                block_size,
                blocks,
                operations,
            }
        },
    )
}

/// One row's request: what it holds of both caches.
#[derive(Default)]
struct Holder {
    blocks: Table,
    segments: Table,
    present: bool,
    /// Blocks taken, of which `segments` may not know yet.
    taken: u32,
    /// Leading blocks made known to the block pool; segments may be behind with what nobody else
    /// can look up.
    registered: u32,
}

struct Pair<'a> {
    case: &'a Case,
    pool: KvCache,
    segments: KvCache,
    holders: Vec<Holder>,
    /// The latest lookup: whose, of how many blocks and what it found in either.
    latest: Option<(usize, u32, [Found; 2])>,
}

impl Pair<'_> {
    fn new(case: &Case) -> Pair<'_> {
        let rows = case.trace.prompt_tokens.len();
        Pair {
            case,
            pool: KvCache::with_block_ids(case.blocks, true, case.block_size),
            segments: KvCache::without_block_ids(case.blocks, true, case.block_size),
            holders: (0..rows).map(|_| Holder::default()).collect(),
            latest: None,
        }
    }

    fn find(&mut self, row: usize, limit: u32) -> (Found, Found) {
        let sequence = Sequence::of(&self.case.trace, row);
        let (mut in_pool, mut in_segments) = (Found::default(), Found::default());
        self.pool.find(&sequence, limit, &mut in_pool);
        self.segments.find(&sequence, limit, &mut in_segments);
        (in_pool, in_segments)
    }

    /// As an engine admits: what is found of all but the last `left` tokens of the prompt, and some
    /// output after a preemption.
    fn admit(&mut self, row: usize, value: u32) {
        let tokens = self.case.trace.prompt_tokens[row] + value / 8;
        let limit = (tokens - 1) / self.case.block_size;
        let (in_pool, in_segments) = self.find(row, limit);
        let holder = &mut self.holders[row];
        self.pool.adopt(&mut holder.blocks, &in_pool);
        self.segments.adopt(&mut holder.segments, &in_segments);
        holder.present = true;
        (holder.taken, holder.registered) = (in_pool.blocks(), in_pool.blocks());
    }

    fn take(&mut self, row: usize, count: u32, ahead: bool) {
        let count = count.min(self.pool.free());
        let holder = &mut self.holders[row];
        if ahead {
            self.segments.take_ahead(count);
            self.pool.take_ahead(count);
            self.pool.catch_up(&mut holder.blocks, holder.taken + count);
        } else {
            self.pool.take(&mut holder.blocks, count);
            self.segments.catch_up(&mut holder.segments, holder.taken);
            self.segments.take(&mut holder.segments, count);
        }
        holder.taken += count;
    }

    /// Makes up to `count` more blocks known; later, if nobody else can look them up.
    fn register(&mut self, row: usize, count: u32, late: bool) {
        let holder = &mut self.holders[row];
        holder.registered = (holder.registered + count).min(holder.taken);
        let sequence = Sequence::of(&self.case.trace, row);
        self.pool
            .register(&mut holder.blocks, &sequence, holder.registered);
        let prompt = self.case.trace.prompt_tokens[row] / self.case.block_size;
        let private = !matches!(self.case.trace.content, Content::Pieces { .. });
        if !(late && private && holder.segments.registered() >= prompt) {
            self.catch_up(row);
        }
    }

    fn catch_up(&mut self, row: usize) {
        let holder = &mut self.holders[row];
        let sequence = Sequence::of(&self.case.trace, row);
        self.segments.catch_up(&mut holder.segments, holder.taken);
        self.segments
            .register(&mut holder.segments, &sequence, holder.registered);
    }

    fn release(&mut self, row: usize) {
        self.catch_up(row);
        let holder = &mut self.holders[row];
        self.pool.release(&mut holder.blocks);
        self.segments.release(&mut holder.segments);
        *holder = Holder::default();
    }

    fn step(&mut self, (kind, which, value): (u8, usize, u32)) {
        let row = which % self.holders.len();
        let small = value % 5;
        match (self.holders[row].present, kind) {
            (false, 0..6) => {
                self.admit(row, value);
                if kind < 3 {
                    self.take(row, value % 16, false);
                    self.register(row, value % 12, false);
                }
            }
            (true, 0..3) => self.take(row, small, kind == 0),
            (true, 3..8) => self.register(row, value % 9, kind > 5),
            (true, 8) => self.catch_up(row),
            (true, 9..11) => self.release(row),
            (true, _) => {
                self.take(row, 1, true);
                self.register(row, 1, true);
            }
            _ => {}
        }
    }

    /// Everything a scheduler can see, but for rows whose latest blocks segments do not know yet.
    fn compare(&mut self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.pool.free(), self.segments.free());
        prop_assert_eq!(self.pool.used(), self.segments.used());
        if let KvCache::Segments(segments) = &self.segments {
            segments.check();
        }
        self.repeat_latest()?;
        for row in 0..self.holders.len() {
            self.compare_prefix(row, 80 / self.case.block_size)?;
        }
        // The next operation may concern this one, or what is behind its end.
        let row = self.pool.version() as usize % self.holders.len();
        let limit = 1 + self.pool.free() % (40 / self.case.block_size);
        self.latest = self.compare_prefix(row, limit)?;
        Ok(())
    }

    /// Whatever says that it would be found again is found again.
    fn repeat_latest(&mut self) -> Result<(), TestCaseError> {
        let Some((row, limit, before)) = self.latest.take() else {
            return Ok(());
        };
        let versions = [self.pool.version(), self.segments.version()];
        let Some((.., again)) = self.compare_prefix(row, limit)? else {
            return Ok(());
        };
        for ((before, again), version) in before.iter().zip(again).zip(versions) {
            if before.version() == version {
                prop_assert_eq!(&before.ids, &again.ids);
                prop_assert_eq!(&before.parts, &again.parts);
                prop_assert_eq!(before.unreferenced, again.unreferenced);
            }
        }
        Ok(())
    }

    /// Compares one lookup in both, unless segments are late with this very row.
    fn compare_prefix(
        &mut self,
        row: usize,
        limit: u32,
    ) -> Result<Option<(usize, u32, [Found; 2])>, TestCaseError> {
        if self.holders[row].segments.registered() < self.holders[row].registered {
            return Ok(None);
        }
        let (in_pool, in_segments) = self.find(row, limit);
        prop_assert_eq!(in_pool.blocks(), in_segments.blocks());
        prop_assert_eq!(in_pool.unreferenced(), in_segments.unreferenced());
        Ok(Some((row, limit, [in_pool, in_segments])))
    }
}

fn agree(case: &Case) -> Result<(), TestCaseError> {
    let mut pair = Pair::new(case);
    for &operation in &case.operations {
        pair.step(operation);
        pair.compare()?;
    }
    // Everybody leaves; then one block after the other is evicted.
    for row in 0..pair.holders.len() {
        pair.release(row);
        pair.compare()?;
    }
    for _ in 0..pair.pool.usable() {
        pair.take(0, 1, false);
        pair.compare()?;
    }
    let KvCache::Segments(segments) = &pair.segments else {
        return Ok(());
    };
    prop_assert_eq!((segments.store.len(), segments.index.len()), (0, 0));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn agree_with_the_block_pool(case in cases()) {
        agree(&case)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200_000))]

    #[test]
    #[ignore = "takes minutes"]
    fn agree_with_the_block_pool_for_long(case in cases()) {
        agree(&case)?;
    }
}
