//! Names of numbers.

/// A number that trials measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its path in the summary of a single run, such as `ttft_s.p99`.
    pub name: String,
    /// Its unit; `1` for a plain number.
    pub unit: &'static str,
    /// What it is.
    pub description: String,
}

/// Members of a spread, and what they are.
const SPREAD: [(&str, &str); 6] = [
    ("mean", "mean"),
    ("p50", "median"),
    ("p90", "90th percentile"),
    ("p95", "95th percentile"),
    ("p99", "99th percentile"),
    ("max", "largest"),
];

impl Metric {
    pub(crate) fn new(name: &str, unit: &'static str, description: &str) -> Metric {
        Metric {
            name: name.to_owned(),
            unit,
            description: description.to_owned(),
        }
    }

    /// The members of a spread in seconds.
    pub(super) fn spread(name: &str, of: &str) -> impl Iterator<Item = Metric> {
        SPREAD.into_iter().map(move |(member, what)| Metric {
            name: format!("{name}.{member}"),
            unit: "s",
            description: format!("{what} of the {of}"),
        })
    }
}
