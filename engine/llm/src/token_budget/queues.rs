//! The two queues that all GPUs share.

use std::collections::VecDeque;

use super::batch::Cohort;
use super::config::{Config, Rules};

/// Requests without their prompt, and requests with it.
#[derive(Debug)]
pub(super) struct Queues {
    pub(super) prefill: PrefillQueue,
    pub(super) decode: DecodeQueue,
}

/// A request whose prompt is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prompt {
    pub(super) request: u32,
    /// Tokens that are left to compute.
    pub(super) left: u32,
    /// Tokens in chunks that were not yet taken. The same as `left`, unless cut chunks are lost.
    pub(super) uncut: u32,
    /// Whether a part of it was taken before.
    begun: bool,
}

/// How prompts are taken out of their queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) sequences: u32,
    pub(super) tokens: u32,
}

/// Prompts in order of arrival, those begun in front.
#[derive(Debug)]
pub(super) struct PrefillQueue {
    waiting: VecDeque<Prompt>,
    /// Most tokens of a prompt in a batch.
    chunk: u32,
    /// Whether a chunk that is cut short counts as done.
    lossy: bool,
    /// Whether a prompt beyond the whole budget is split where prompts are taken whole.
    splits_oversized: bool,
    /// Requests that have tokens left and no chunks.
    lost: u32,
    /// How many more may be begun until one that was begun leaves the system.
    vacant: u32,
}

impl PrefillQueue {
    /// As the system is configured.
    pub(super) fn new(config: &Config) -> PrefillQueue {
        let (chunk, corrected) = (config.chunk_tokens, config.rules == Rules::Corrected);
        PrefillQueue {
            waiting: VecDeque::new(),
            chunk: chunk.unwrap_or(u32::MAX),
            lossy: chunk.is_some() && !corrected,
            splits_oversized: corrected,
            lost: 0,
            vacant: config.max_resident.unwrap_or(u32::MAX),
        }
    }

    pub(super) fn push(&mut self, request: u32, prompt_tokens: u32) {
        self.waiting.push_back(Prompt {
            request,
            left: prompt_tokens,
            uncut: prompt_tokens,
            begun: false,
        });
    }

    /// Whether nobody can be taken. Requests that lost a chunk are still there for
    /// [`lost`](PrefillQueue::lost) to count.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the prompt at the head may be computed.
    pub(super) fn has_next(&self) -> bool {
        let may = |head: &Prompt| head.begun || self.vacant > 0;
        self.waiting.front().is_some_and(may)
    }

    /// Makes room for another one, since one that was begun has left the system.
    pub(super) fn vacate(&mut self) {
        self.vacant = self.vacant.saturating_add(1);
    }

    /// Takes the head, which [has a next piece](PrefillQueue::has_next), out of the queue.
    fn pop(&mut self) -> Option<Prompt> {
        let mut prompt = self.waiting.pop_front()?;
        if !prompt.begun {
            prompt.begun = true;
            self.vacant -= 1;
        }
        Some(prompt)
    }

    pub(super) fn lost(&self) -> u32 {
        self.lost
    }

    /// The request at the head and the tokens of its next piece.
    pub(super) fn head(&self) -> Option<(u32, u32)> {
        let head = self.waiting.front()?;
        Some((head.request, head.uncut.min(self.chunk)))
    }

    /// Takes a piece of each prompt in order, the last one cut to the tokens that remain. Returns
    /// the tokens taken.
    pub(super) fn take_greedily(&mut self, room: Room, pieces: &mut Vec<Prompt>) -> u32 {
        let mut tokens = room.tokens;
        let mut sequences = room.sequences;
        while tokens > 0 && sequences > 0 && self.has_next() {
            let Some(mut prompt) = self.pop() else {
                break;
            };
            let chunk = prompt.uncut.min(self.chunk);
            let taken = chunk.min(tokens);
            prompt.left -= taken;
            prompt.uncut -= if self.lossy { chunk } else { taken };
            pieces.push(prompt);
            tokens -= taken;
            sequences -= 1;
        }
        room.tokens - tokens
    }

    /// Takes the next piece of each prompt in order, up to the first that does not fit. Returns the
    /// tokens taken.
    pub(super) fn take_whole_pieces(&mut self, room: Room, pieces: &mut Vec<Prompt>) -> u32 {
        let mut tokens = room.tokens;
        let mut sequences = room.sequences;
        while tokens > 0 && sequences > 0 && self.has_next() {
            let Some((_, chunk)) = self.head() else {
                break;
            };
            let oversized = self.splits_oversized && chunk > room.tokens && pieces.is_empty();
            let taken = if oversized { room.tokens } else { chunk };
            if taken > tokens {
                break;
            }
            let Some(mut prompt) = self.pop() else {
                break;
            };
            prompt.left -= taken;
            prompt.uncut -= taken;
            pieces.push(prompt);
            tokens -= taken;
            sequences -= 1;
        }
        room.tokens - tokens
    }

    /// Puts incomplete prompts of a batch back to the front, in their order.
    pub(super) fn give_back(&mut self, pieces: &[Prompt]) {
        for prompt in pieces.iter().rev().filter(|prompt| prompt.left > 0) {
            if prompt.uncut > 0 {
                self.waiting.push_front(*prompt);
            } else {
                self.lost += 1;
            }
        }
    }
}

/// Requests with their prompts, in the order in which they decode: sets that come back from batches
/// in front, the latest first, then who never decoded.
#[derive(Debug, Default)]
pub(super) struct DecodeQueue {
    /// The last one is in front. None is empty.
    parked: Vec<Cohort>,
    fresh: VecDeque<Fresh>,
    /// Empty ones, for their memory.
    spare: Vec<Cohort>,
}

/// A request that never decoded.
#[derive(Clone, Copy, Debug)]
struct Fresh {
    request: u32,
    output_tokens: u32,
}

impl DecodeQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.parked.is_empty() && self.fresh.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        let parked = self.parked.iter().map(|cohort| cohort.len() as usize);
        parked.sum::<usize>() + self.fresh.len()
    }

    /// Requests that decoded before, each with the tokens that are left, in order.
    pub(super) fn begun(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.parked.iter().rev().flat_map(Cohort::left)
    }

    /// Adds a request that has its prompt now.
    pub(super) fn push(&mut self, request: u32, output_tokens: u32) {
        self.fresh.push_back(Fresh {
            request,
            output_tokens,
        });
    }

    /// Puts what is left of a batch back to the front; leaves an empty cohort.
    pub(super) fn give_back(&mut self, cohort: &mut Cohort) {
        if cohort.len() > 0 {
            let empty = self.spare.pop().unwrap_or_default();
            self.parked.push(std::mem::replace(cohort, empty));
        }
    }

    /// Moves the first `limit` requests into a cohort that is empty; no set that came back has
    /// more. Returns how many of them, the last ones, never decoded before.
    pub(super) fn take(&mut self, limit: u32, cohort: &mut Cohort) -> u32 {
        debug_assert_eq!(cohort.len(), 0, "a cohort to fill is empty");
        if limit == 0 {
            return 0;
        }
        if let Some(first) = self.parked.pop() {
            debug_assert!(first.len() <= limit, "the limit never changes");
            self.spare.push(std::mem::replace(cohort, first));
        }
        while cohort.len() < limit
            && let Some(next) = self.parked.last_mut()
        {
            cohort.absorb(next, limit - cohort.len());
            if next.len() == 0 {
                self.spare.extend(self.parked.pop());
            }
        }
        let mut joined = 0;
        while cohort.len() < limit
            && let Some(fresh) = self.fresh.pop_front()
        {
            cohort.join(fresh.request, fresh.output_tokens);
            joined += 1;
        }
        joined
    }
}
