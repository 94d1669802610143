//! Why a description is not a law.

/// Why a [`Law`](super::Law) cannot be read or sampled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LawError {
    /// No law has this name.
    #[error("unknown law `{name}`, did you mean `{nearest}`? the laws are {choices}")]
    UnknownLaw {
        /// What was given.
        name: String,
        /// The existing name that it abbreviates, else the one that is fewest edits away.
        nearest: &'static str,
        /// All names.
        choices: String,
    },
    /// A table without the key `law`, or a list where one law should stand.
    #[error(
        "{found} is not a law, expected a number, a text such as `exponential:mean=2` or a table with the key `law`"
    )]
    NotALaw {
        /// What was given.
        found: String,
    },
    /// A part of a text is not `parameter=value`.
    #[error("`{part}` is not of the form `parameter=value`, expected `{form}`")]
    Malformed {
        /// The part in question.
        part: String,
        /// How the law is written.
        form: &'static str,
    },
    /// A parameter that the law needs is not there.
    #[error("`{parameter}` of {law} is missing, expected `{form}`")]
    MissingParameter {
        /// The law.
        law: &'static str,
        /// What is missing.
        parameter: &'static str,
        /// How the law is written.
        form: &'static str,
    },
    /// The law has no such parameter.
    #[error("{law} has no parameter `{parameter}`, expected `{form}`")]
    UnknownParameter {
        /// The law.
        law: &'static str,
        /// What was given.
        parameter: String,
        /// How the law is written.
        form: &'static str,
    },
    /// A parameter is given twice.
    #[error("`{parameter}` of {law} is given twice")]
    RepeatedParameter {
        /// The law.
        law: &'static str,
        /// What is given twice.
        parameter: String,
    },
    /// Two parameters that say the same thing are both given.
    #[error("{law} takes either `{one}` or `{other}`, not both")]
    Exclusive {
        /// The law.
        law: &'static str,
        /// One of the two.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A parameter has a value of another kind.
    #[error("`{parameter}` of {law} is {found}, must be {must}")]
    WrongKind {
        /// The law.
        law: &'static str,
        /// The parameter.
        parameter: String,
        /// What was given.
        found: String,
        /// What it must be.
        must: &'static str,
    },
    /// A number lies outside of the range of its parameter.
    #[error("`{parameter}` of {law} is {value}, must be {must}")]
    OutOfRange {
        /// The law.
        law: &'static str,
        /// The parameter, with its index if it is a list.
        parameter: String,
        /// What was given.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// A list has no elements.
    #[error("`{parameter}` of {law} is empty, must have at least one element")]
    EmptyList {
        /// The law.
        law: &'static str,
        /// The list.
        parameter: &'static str,
    },
    /// There are not as many weights as there are things to weigh.
    #[error("{law} has {weights} weights for {count} {parameter}, must be as many")]
    WeightsMismatch {
        /// The law.
        law: &'static str,
        /// How many weights.
        weights: usize,
        /// What they weigh.
        parameter: &'static str,
        /// How many of these.
        count: usize,
    },
    /// A matrix is not square.
    #[error(
        "row {row} of `{parameter}` of {law} has {columns} elements, must have {rows}, as many as there are rows"
    )]
    NotSquare {
        /// The law.
        law: &'static str,
        /// The matrix.
        parameter: &'static str,
        /// The row in question, from 0.
        row: usize,
        /// How many elements it has.
        columns: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A process that never ends takes no finite time.
    #[error(
        "{law} never ends from phase {phase}, a row with a negative sum must be reached from there"
    )]
    NeverEnds {
        /// The law.
        law: &'static str,
        /// The phase, from 0.
        phase: usize,
    },
    /// The weights add up to zero or to more than a float holds.
    #[error("the weights of {law} add up to {sum}, must add up to something positive and finite")]
    UselessWeights {
        /// The law.
        law: &'static str,
        /// Their sum.
        sum: f64,
    },
    /// The law can only be written as a table.
    #[error("{law} has no text form, write it as a table: {form}")]
    NoTextForm {
        /// The law.
        law: &'static str,
        /// An example.
        form: &'static str,
    },
    /// The law's values cannot be drawn by inversion.
    #[error("{law} cannot be drawn by inversion, which antithetic pairs need")]
    NoInverse {
        /// The law.
        law: &'static str,
    },
    /// A component of a mixture is at fault.
    #[error("law {index} of the mixture: {source}")]
    Component {
        /// Its place, from 0.
        index: usize,
        /// What is wrong with it.
        source: Box<LawError>,
    },
}
