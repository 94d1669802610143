//! What can be wrong with a description.

use kendall_kernel::LawError;

/// What is wrong with the description of a network. `place` names the station, source or junction.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Something that a network needs is not there.
    #[error("{place} has no {what}")]
    Missing {
        /// Where.
        place: String,
        /// What.
        what: &'static str,
    },
    /// Nobody is ever served: neither sources nor populations.
    #[error("nobody is in the network: it has neither a source nor a population")]
    NoCustomers,
    /// Two things have the same name.
    #[error("two of the {what} are called `{name}`")]
    SameName {
        /// Stations or junctions.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A list has the wrong length.
    #[error("{place}: `{what}` has {given} entries, must have {wanted}")]
    Length {
        /// Where.
        place: String,
        /// The list.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The right length.
        wanted: usize,
    },
    /// A number is out of its range.
    #[error("{place}: `{what}` is {value}, must be {must}")]
    Range {
        /// Where.
        place: String,
        /// The number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Its range.
        must: &'static str,
    },
    /// A law that is used for times takes negative values.
    #[error("{place}: `{what}` is {law}, which takes negative values and is no law of times")]
    NegativeTimes {
        /// Where.
        place: String,
        /// What it is used for.
        what: &'static str,
        /// The law.
        law: String,
    },
    /// A law is at fault.
    #[error("{place}: `{what}`: {source}")]
    Law {
        /// Where.
        place: String,
        /// What it is used for.
        what: &'static str,
        /// The fault.
        source: LawError,
    },
    /// Probabilities of where to go next add up to more than 1.
    #[error(
        "{place}: the probabilities of where class {class} goes next add up to {sum}, more than 1"
    )]
    Routing {
        /// Where.
        place: String,
        /// Number of the class.
        class: usize,
        /// Their sum.
        sum: f64,
    },
    /// A place or a class that does not exist.
    #[error("{place} refers to {what} {number}, of {count}")]
    NoSuch {
        /// Where.
        place: String,
        /// Station, junction or class.
        what: &'static str,
        /// Its number, from 0.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// Two settings do not go together.
    #[error("{place}: {what}")]
    Together {
        /// Where.
        place: String,
        /// Which, and why.
        what: &'static str,
    },
    /// Customers that enter never leave.
    #[error(
        "customers that enter the network never leave it, or hardly ever: {place} is visited for ever"
    )]
    NeverLeaves {
        /// A station that they go to.
        place: String,
    },
    /// A steady state is asked of a network that has none.
    #[error("there is no steady state: {}", describe(stations))]
    Unstable {
        /// The stations that are offered as much work as they can do, or more, with their
        /// utilisation.
        stations: Vec<(String, f64)>,
    },
}

fn describe(stations: &[(String, f64)]) -> String {
    let each = stations
        .iter()
        .map(|(name, load)| format!("`{name}` is offered {load:.4} of what its servers can do"));
    each.collect::<Vec<_>>().join("; ")
}

impl ModelError {
    /// What to do about it, where that is not obvious.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ModelError::Unstable { .. } => Some(
                "lower the arrival rate, add servers, or give a horizon (--until) to watch it fill",
            ),
            ModelError::NoCustomers => Some(
                "add a source (arrivals from outside) or a population with at least 1 customer",
            ),
            ModelError::NeverLeaves { .. } => {
                Some("let a route lead out, or use a population instead of a source")
            }
            _ => None,
        }
    }
}
