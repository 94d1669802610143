//! When requests arrive, as a user writes it.

use kendall_kernel::sampler::Law;
use serde::{Deserialize, Serialize};

/// An arrival process. The first arrival comes one gap after time 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "process", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Arrivals {
    /// Independent exponential gaps.
    Poisson {
        /// Mean arrivals per second.
        rate_per_s: f64,
    },
    /// Equal gaps.
    Constant {
        /// Arrivals per second.
        rate_per_s: f64,
    },
    /// Independent gamma gaps: bursts and pauses if their coefficient of variation is above 1. Wang
    /// et al., "BurstGPT" (KDD 2025), describe traffic to LLMs so.
    Gamma {
        /// Mean arrivals per second.
        rate_per_s: f64,
        /// Standard deviation of the gaps over their mean, from 0.001 to 100; 1 is Poisson.
        cv: f64,
    },
    /// Independent Weibull gaps, of which more are very short and very long than of gamma ones with
    /// the same coefficient of variation above 1.
    Weibull {
        /// Mean arrivals per second.
        rate_per_s: f64,
        /// Standard deviation of the gaps over their mean, from 0.001 to 100; 1 is Poisson.
        cv: f64,
    },
    /// A Poisson process whose rate is that of a state, which changes at random: a Markov-modulated
    /// Poisson process (Fischer and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP)
    /// cookbook", Performance Evaluation 18, 1993). It starts in its stationary law.
    Mmpp {
        /// The states, at least two.
        states: Vec<MmppState>,
    },
    /// Independent gaps of any law, in seconds.
    Renewal {
        /// Law of the gap in seconds.
        gap_s: Law,
    },
    /// Groups of simultaneous arrivals, the groups a Poisson process.
    Batch {
        /// Mean groups per second.
        rate_per_s: f64,
        /// Requests of a group, at least 1.
        size: Law,
    },
    /// Gaps between the arrivals of the trace of `from_trace`, drawn from all of them.
    FromTrace {
        /// Consecutive gaps that stay together, which keeps bursts that are shorter: the circular
        /// block bootstrap (Politis and Romano, "A circular block-resampling procedure for stationary
        /// data", in LePage and Billard (eds.), Exploring the Limits of Bootstrap, 1992). From 1,
        /// independent gaps, to the number of gaps.
        #[serde(default = "one")]
        gap_block: u32,
        /// Mean arrivals per second, to which all gaps are scaled; the trace's own by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rate_per_s: Option<f64>,
    },
    /// Everything at time 0.
    AtOnce {},
}

fn one() -> u32 {
    1
}

/// A state of a Markov-modulated Poisson process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MmppState {
    /// Arrivals per second while it lasts; 0: none.
    pub rate_per_s: f64,
    /// Mean time that it lasts, in seconds; the time itself is exponential.
    pub mean_s: f64,
    /// Relative weights of the states that follow, 0 for the state itself; all others alike by
    /// default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<f64>,
}

/// A rate that goes up and down as a cosine with a mean of 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiurnalSpec {
    /// From one peak to the next, in seconds; at least a millisecond.
    pub period_s: f64,
    /// By how much the rate exceeds its mean at the peak and falls short of it half a period later,
    /// as a share of the mean; from 0 to 1.
    pub amplitude: f64,
    /// When a peak is, in seconds; half a period by default, so that time 0 is the quietest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_at_s: Option<f64>,
}

impl Default for DiurnalSpec {
    fn default() -> DiurnalSpec {
        DiurnalSpec {
            period_s: 86_400.0,
            amplitude: 0.5,
            peak_at_s: None,
        }
    }
}

/// A stretch of time in which the rate is another, once or again and again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpikeSpec {
    /// When it begins, in seconds.
    pub at_s: f64,
    /// How long it lasts, in seconds; at least a millisecond.
    pub duration_s: f64,
    /// What the rate is multiplied by; 0: nobody arrives.
    pub factor: f64,
    /// From one beginning to the next, in seconds, not less than the duration; once if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_s: Option<f64>,
}
