//! What a run in ticks is told.

use super::batching::Batching;

/// Where requests are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Prefill and decode in the same slots.
    Colocated {
        /// Most requests active at once.
        slots: u32,
        /// Who is admitted when.
        batching: Batching,
    },
    /// Prefill and decode in slots of their own, with a queue before each; a request moves on when
    /// it has its first token, which takes no time.
    Disaggregated {
        /// Most requests in prefill at once.
        prefill_slots: u32,
        /// Most requests decoding at once.
        decode_slots: u32,
    },
}

impl System {
    /// Pools of slots, which files have as instances: 0 is the only one, or that of prefill, 1 that of
    /// decode.
    #[must_use]
    pub const fn instances(self) -> u16 {
        match self {
            System::Colocated { .. } => 1,
            System::Disaggregated { .. } => 2,
        }
    }
}

/// Where requests come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// So many at the start, then none.
    Batch {
        /// How many.
        requests: u64,
    },
    /// At each step as many as are missing to this number of requests queued and active.
    Concurrent {
        /// How many.
        requests: u64,
    },
    /// One every 1 / `per_tick` ticks, from 1 / `per_tick` on.
    Rate {
        /// Requests per tick, positive.
        per_tick: f64,
    },
}

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Time of a whole prefill, in ticks; at least 0.
    pub prefill_ticks: f64,
    /// Steps of a prefill, at least 1; each takes its share of the time.
    pub prefill_chunks: u32,
    /// Time of a token after the first, in ticks; at least 0.
    pub itl_ticks: f64,
}

impl Default for Work {
    /// Two ticks in one piece, then a tick per token.
    fn default() -> Work {
        Work {
            prefill_ticks: 2.0,
            prefill_chunks: 1,
            itl_ticks: 1.0,
        }
    }
}

/// A run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Where requests are computed.
    pub system: System,
    /// Where they come from.
    pub load: Load,
    /// What they need.
    pub work: Work,
    /// Time from which on no step begins, in ticks; positive.
    pub end_ticks: f64,
}

/// Why a run in ticks cannot start or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TickError {
    /// A setting out of its range.
    #[error("`{field}` is {value}, must be {must}")]
    OutOfRange {
        /// The setting.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        must: &'static str,
    },
    /// Lengths cannot be drawn.
    #[error(transparent)]
    Law(#[from] kendall_kernel::LawError),
    /// There are fewer lengths than requests.
    #[error("request {created} has no output length: only {created} are given")]
    NoLength {
        /// Requests created before.
        created: u64,
    },
}

impl Config {
    /// Largest time of a prefill or token and latest end, in ticks: sums stay far below 2^53,
    /// from where on an `f64` does not see a tick.
    pub const MOST_TICKS: f64 = 1e12;
    /// Most slots of a pool.
    pub const MOST_SLOTS: u32 = 1 << 20;
    /// Most requests of a batch, or at once.
    pub const MOST_REQUESTS: u64 = 1 << 32;
    /// Most arrivals per tick.
    pub const MOST_PER_TICK: f64 = 1e6;
    /// Most arrivals of a run at a rate; they are counted exactly below 2^51.
    pub const MOST_ARRIVALS: f64 = 1e15;

    /// Checks every setting.
    ///
    /// # Errors
    /// The first that cannot work.
    pub fn validate(&self) -> Result<(), TickError> {
        const POSITIVE: &str = "above 0 and at most 1e12";
        const TIME: &str = "from 0 to 1e12";
        const SLOTS: &str = "from 1 to 1048576";
        let check = |field, value: f64, holds, must| {
            if holds {
                Ok(())
            } else {
                Err(TickError::OutOfRange { field, value, must })
            }
        };
        let slots = |field, slots: u32| {
            let holds = (1..=Self::MOST_SLOTS).contains(&slots);
            check(field, f64::from(slots), holds, SLOTS)
        };
        match self.system {
            System::Colocated { slots: count, .. } => slots("slots", count)?,
            System::Disaggregated {
                prefill_slots,
                decode_slots,
            } => {
                slots("prefill_slots", prefill_slots)?;
                slots("decode_slots", decode_slots)?;
            }
        }
        let Work {
            prefill_ticks,
            prefill_chunks,
            itl_ticks,
        } = self.work;
        let is_time = |ticks| (0.0..=Self::MOST_TICKS).contains(&ticks);
        check("prefill_ticks", prefill_ticks, is_time(prefill_ticks), TIME)?;
        check("itl_ticks", itl_ticks, is_time(itl_ticks), TIME)?;
        let chunks = f64::from(prefill_chunks);
        check("prefill_chunks", chunks, prefill_chunks > 0, "at least 1")?;
        let end = self.end_ticks;
        check("end_ticks", end, is_time(end) && end > 0.0, POSITIVE)?;
        match self.load {
            Load::Batch { requests } | Load::Concurrent { requests } => {
                let holds = requests <= Self::MOST_REQUESTS;
                check("requests", requests as f64, holds, "at most 4294967296")
            }
            Load::Rate { per_tick } => {
                let range = 1.0 / Self::MOST_TICKS..=Self::MOST_PER_TICK;
                let holds = range.contains(&per_tick);
                check("per_tick", per_tick, holds, "from 1e-12 to 1e6")?;
                let holds = per_tick * end <= Self::MOST_ARRIVALS;
                check("per_tick", per_tick, holds, "at most 1e15 / `end_ticks`")
            }
        }
    }
}
