//! Which studies there are.

/// A study by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Study {
    /// Figures against the window of arrivals.
    TimeWindow,
    /// Figures against the size of chunks.
    ChunkSize,
    /// Figures against the hybrid scheduler's share of decodes.
    HybridRatio,
    /// Stability and figures against the arrival rate.
    ArrivalRate,
    /// Response times against the formula for one server.
    Mm1,
    /// What the original's faults do.
    Rules,
    /// Throughput when all come at about once.
    Saturation,
    /// Ways of batching, in ticks.
    Batching,
    /// Queues under open and closed loads, in ticks.
    QueueGrowth,
}

impl Study {
    /// Every study.
    pub const ALL: [Study; 9] = [
        Study::TimeWindow,
        Study::ChunkSize,
        Study::HybridRatio,
        Study::ArrivalRate,
        Study::Mm1,
        Study::Rules,
        Study::Saturation,
        Study::Batching,
        Study::QueueGrowth,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Study::TimeWindow => "time-window",
            Study::ChunkSize => "chunk-size",
            Study::HybridRatio => "hybrid-ratio",
            Study::ArrivalRate => "arrival-rate",
            Study::Mm1 => "mm1",
            Study::Rules => "rules",
            Study::Saturation => "saturation",
            Study::Batching => "batching",
            Study::QueueGrowth => "queue-growth",
        }
    }

    /// What it shows, in a line.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Study::TimeWindow => "token budget: figures as arrivals go on for longer",
            Study::ChunkSize => "token budget: what the size of prompt chunks does",
            Study::HybridRatio => "token budget: when the hybrid scheduler's share matters",
            Study::ArrivalRate => {
                "token budget: where rates stop being stable, by the published rule and in truth"
            }
            Study::Mm1 => "token budget: as M/M/1, against the formula",
            Study::Rules => "token budget: requests lost by the original's faults",
            Study::Saturation => "token budget: throughput when all come at once, by GPUs",
            Study::Batching => "ticks: static, in-flight, chunked and other batching",
            Study::QueueGrowth => "ticks: the queue under an open and a closed load",
        }
    }

    /// What it varies, with the unit last; empty for nothing.
    #[must_use]
    pub const fn varied(self) -> &'static str {
        match self {
            Study::TimeWindow => "window_s",
            Study::ChunkSize => "chunk_tokens",
            Study::HybridRatio => "decode_share",
            Study::ArrivalRate => "rate_per_s",
            Study::Mm1 => "utilisation",
            Study::Saturation => "gpus",
            Study::QueueGrowth => "time_ticks",
            Study::Rules | Study::Batching => "",
        }
    }

    /// The study of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Study> {
        Study::ALL.into_iter().find(|study| study.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_differ() {
        for study in Study::ALL {
            assert_eq!(Study::named(study.name()), Some(study));
            assert!(!study.about().is_empty());
        }
        assert_eq!(Study::named("window"), None);
    }
}
