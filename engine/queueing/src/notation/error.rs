//! Why a notation describes no station.

use kendall_kernel::LawError;

use crate::model::ModelError;

/// Why a notation, with what is given besides, describes no station.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotationError {
    /// A part that every notation has is not there.
    #[error("`{notation}` has no {what}")]
    Missing {
        /// As given.
        notation: String,
        /// What is missing.
        what: &'static str,
    },
    /// More parts than any notation has.
    #[error(
        "`{notation}` has more than arrivals, services, servers, capacity, population and discipline"
    )]
    TooMany {
        /// As given.
        notation: String,
    },
    /// No law has this letter.
    #[error("`{letter}` is no law of Kendall's notation")]
    UnknownLetter {
        /// As given.
        letter: String,
    },
    /// A law without its number of stages, or with one out of range.
    #[error("`{letter}` needs a number from {least} to {most} after its letter")]
    Stages {
        /// As given.
        letter: String,
        /// The least number.
        least: u32,
        /// The greatest number.
        most: u32,
    },
    /// A number of servers, a capacity, a population or a size of batches that is none.
    #[error("{what} `{given}` is not a whole number of at least 1, or too large")]
    Count {
        /// What it counts.
        what: &'static str,
        /// As given.
        given: String,
        /// Whether it is a letter that textbooks put for a number.
        symbol: bool,
    },
    /// Less room than servers.
    #[error(
        "a capacity of {capacity}, which includes those in service, is less than {servers} servers"
    )]
    NoRoom {
        /// Most customers present.
        capacity: u64,
        /// Servers.
        servers: u64,
    },
    /// No discipline has this name.
    #[error("unknown discipline `{name}`, did you mean `{nearest}`? the disciplines are {choices}")]
    UnknownDiscipline {
        /// As given.
        name: String,
        /// The name that is fewest edits away.
        nearest: &'static str,
        /// All names.
        choices: String,
    },
    /// Servers that serve several customers at once.
    #[error("`{part}`: services of whole batches cannot be simulated")]
    BatchService {
        /// As given.
        part: String,
    },
    /// A law of batches, but a notation without an open size of batches.
    #[error("{flag} is given, but the notation has no batches of open size")]
    NoBatches {
        /// The flag.
        flag: &'static str,
    },
    /// Something that does not go together with a finite population.
    #[error("a finite population cannot be combined with {what}")]
    FinitePopulation {
        /// What.
        what: &'static str,
    },
    /// A letter's rate is not given.
    #[error("{flag} is missing")]
    MissingRate {
        /// The flag.
        flag: &'static str,
    },
    /// A law that the notation leaves open is not given.
    #[error("{flag} is missing: the notation leaves that law open")]
    MissingLaw {
        /// The flag.
        flag: &'static str,
    },
    /// A law and its rate are both given.
    #[error("{one} and {other} say the same thing; give one of them")]
    Both {
        /// One of them.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A number is out of its range.
    #[error("{flag} is {value}, must be {must}")]
    Number {
        /// The flag.
        flag: &'static str,
        /// Its value.
        value: f64,
        /// Its range.
        must: &'static str,
    },
    /// A law is at fault.
    #[error("{flag}: {source}")]
    Law {
        /// The flag.
        flag: &'static str,
        /// The fault.
        source: LawError,
    },
    /// The parts do not go together.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl NotationError {
    /// What to do about it, where that is not obvious.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const FORM: &str = "write arrivals/services/servers, then /capacity, /population and \
                            /discipline if need be: M/M/1, M/E3/8, M/M/1/10, M/G/1/SRPT, M/M/3//5";
        const LETTERS: &str = "the letters are M (exponential), D (deterministic), Ek (Erlang of \
                               k stages), Hk (hyperexponential of k branches), U (uniform), LN \
                               (lognormal), P (Pareto), G or GI (any law, given by a flag)";
        const IN_A_FILE: &str = "describe it in a scenario with a [queueing] section instead";
        let hint = match self {
            NotationError::Missing { .. } | NotationError::TooMany { .. } => FORM,
            NotationError::UnknownLetter { .. } => LETTERS,
            NotationError::Stages { .. } => "for example E3 or H2",
            NotationError::Count { symbol: true, .. } => "put the number in the letter's place",
            NotationError::Count { .. } => "for example 1 or 8; inf where there is no limit",
            NotationError::NoRoom { .. } => "K servers and nobody waiting is M/M/K/K",
            NotationError::UnknownDiscipline { .. } => {
                "priorities, weights and polling depend on classes: describe them in a scenario \
                 with a [queueing] section"
            }
            NotationError::BatchService { .. } => "batches of arrivals are written M^2/M/1",
            NotationError::NoBatches { .. } => "write A^X, such as M^X/M/1",
            NotationError::FinitePopulation { .. } => IN_A_FILE,
            NotationError::MissingRate { flag } => {
                return Some(format!("add for example {flag} 0.5 (per time unit)"));
            }
            NotationError::MissingLaw { flag } => {
                return Some(format!("add for example {flag} lognormal:mu=0,sigma=1"));
            }
            NotationError::Model(error) => error.hint()?,
            NotationError::Both { .. }
            | NotationError::Number { .. }
            | NotationError::Law { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
