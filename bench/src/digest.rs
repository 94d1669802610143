//! A fingerprint of what a run recorded.

use kendall_kernel::{Dur, Time};
use kendall_llm::{Recorder, RequestRecord, StepRecord};
use kendall_queueing::{NetworkTotals, StationTotals, Totals};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Folds every record of a run into 64 bits, in the order in which the records come.
///
/// The same in every build and on every machine (but for generated workloads, which depend on the
/// platform's mathematics library); another value means that the run went another way. Request
/// records, step records and inter-token gaps count, every field of them.
///
/// ```
/// use kendall_bench::Digest;
/// use kendall_kernel::Dur;
/// use kendall_llm::Recorder;
///
/// let (mut one, mut other) = (Digest::default(), Digest::default());
/// one.gaps(Dur::from_ns(5), 1);
/// other.gaps(Dur::from_ns(5), 2);
/// assert_ne!(one.value(), other.value());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    state: u64,
    words: u64,
}

impl Digest {
    /// Folds one number in.
    pub fn word(&mut self, word: u64) {
        self.state = xxh3_64_with_seed(&word.to_le_bytes(), self.state);
        self.words += 1;
    }

    /// Folds several numbers in, in their order.
    pub fn words(&mut self, words: impl IntoIterator<Item = u64>) {
        words.into_iter().for_each(|word| self.word(word));
    }

    /// Folds a number of 128 bits in, the lower half first.
    pub fn long(&mut self, number: u128) {
        self.words([number as u64, (number >> 64) as u64]);
    }

    /// Folds everything in that was counted of a network of queues.
    pub fn totals(&mut self, totals: &NetworkTotals) {
        let NetworkTotals {
            now_ns,
            events,
            progress,
            entered,
            left,
            completed,
            sojourn_ns,
            present_ns,
            present,
            stations,
        } = totals;
        self.words([*now_ns, *events, *progress, *entered, *left, *completed]);
        self.long(*sojourn_ns);
        self.long(*present_ns);
        self.word(*present);
        for station in stations {
            let StationTotals {
                classes,
                busy_ns,
                blocked_ns,
            } = station;
            classes.iter().for_each(|class| self.class(class));
            self.long(*busy_ns);
            self.long(*blocked_ns);
        }
    }

    fn class(&mut self, class: &Totals) {
        let Totals {
            arrivals,
            served,
            waited,
            lost,
            balked,
            reneged,
            waiting_ns,
            sojourn_ns,
            reneged_ns,
            present_ns,
            present,
        } = *class;
        self.words([arrivals, served, waited, lost, balked, reneged, present]);
        for time in [waiting_ns, sojourn_ns, reneged_ns, present_ns] {
            self.long(time);
        }
    }

    /// The fingerprint so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.state
    }

    /// Prints the fingerprint of what a benchmark computes.
    pub fn print(&self, benchmark: &str) {
        println!(
            "digest {benchmark}: {:016x} of {} numbers",
            self.state, self.words
        );
    }
}

/// A number that no measured value takes.
const NONE: u64 = u64::MAX;

fn time(time: Option<Time>) -> u64 {
    time.map_or(NONE, Time::as_ns)
}

// Fields are taken apart by name, so that a new one cannot be forgotten.
impl Recorder for Digest {
    const STEPS: bool = true;
    const GAPS: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        let RequestRecord {
            request_id,
            class,
            session_id,
            instance,
            prefill_instance,
            arrival,
            scheduled,
            first_token,
            finish,
            prompt_tokens,
            output_tokens,
            generated_tokens,
            cached_tokens,
            preemptions,
            status,
        } = *record;
        self.words([
            request_id,
            class.into(),
            session_id.map_or(NONE, u64::from),
            instance.map_or(NONE, u64::from),
            prefill_instance.map_or(NONE, u64::from),
            arrival.as_ns(),
            time(scheduled),
            time(first_token),
            time(finish),
            prompt_tokens.into(),
            output_tokens.into(),
            generated_tokens.into(),
            cached_tokens.into(),
            preemptions.into(),
            status as u64,
        ]);
    }

    fn step(&mut self, record: &StepRecord) {
        let StepRecord {
            instance,
            iteration,
            start,
            end,
            prefill_tokens,
            decode_tokens,
            running,
            waiting,
            preempted,
            kv_blocks_used,
            context_tokens,
            same_batch,
        } = *record;
        self.words([
            instance.into(),
            iteration,
            start.as_ns(),
            end.as_ns(),
            prefill_tokens.into(),
            decode_tokens.into(),
            running.into(),
            waiting.into(),
            preempted.into(),
            kv_blocks_used.into(),
            context_tokens,
            same_batch.into(),
        ]);
    }

    fn gaps(&mut self, gap: Dur, count: u64) {
        self.words([gap.as_ns(), count]);
    }
}

/// A fingerprint of the records of requests alone: the same with steps merged and one by one, and
/// without asking for steps, which takes time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestDigest(pub Digest);

impl Recorder for RequestDigest {
    fn request(&mut self, record: &RequestRecord) {
        self.0.request(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records;

    #[test]
    fn the_order_of_records_counts() {
        let digest = |rows: [u64; 2]| {
            let mut digest = Digest::default();
            for row in rows {
                digest.request(&records::request(row));
            }
            digest.value()
        };
        assert_ne!(digest([0, 1]), digest([1, 0]));
    }

    /// The expected value is from Python's `xxhash`, by folding 1, 2, 3 in the same way.
    #[test]
    fn the_fingerprint_is_the_same_everywhere() {
        let mut digest = Digest::default();
        digest.words([1, 2, 3]);
        assert_eq!(digest.value(), 0xf19a_dcde_a435_2d99);
    }
}
