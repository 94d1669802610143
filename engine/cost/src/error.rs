//! Why a cost model cannot be built.

use kendall_kernel::TimeError;

/// Why a cost model cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CostError {
    /// A coefficient is not a time.
    #[error("{quantity}: {source}")]
    NotATime {
        /// What the coefficient is.
        quantity: &'static str,
        /// What is wrong with it.
        source: TimeError,
    },
    /// A positive coefficient is lost in fixed point.
    #[error("{quantity} is {seconds:e} s, which rounds to nothing at a resolution of 2^-32 ns")]
    RoundsToNothing {
        /// What the coefficient is.
        quantity: &'static str,
        /// Its value.
        seconds: f64,
    },
    /// A coefficient does not fit in fixed point.
    #[error("{quantity} is {seconds:e} s, above the largest coefficient of 4.29 s")]
    TooLarge {
        /// What the coefficient is.
        quantity: &'static str,
        /// Its value.
        seconds: f64,
    },
    /// A quantity that must be positive is not.
    #[error("{quantity} is {value}, must be above 0")]
    NotPositive {
        /// What it is.
        quantity: &'static str,
        /// Its value.
        value: f64,
    },
    /// The hardware has no rate for a precision.
    #[error("{hardware} has no {precision} rate, needed for the {purpose}")]
    NoRate {
        /// Name of the hardware.
        hardware: String,
        /// The precision.
        precision: &'static str,
        /// What is computed in it.
        purpose: &'static str,
    },
    /// The weights leave no room for a KV cache.
    #[error(
        "{model} needs {weights_gb:.1} GB for weights, {hardware} x {gpus} offers {memory_gb:.1} GB \
         at a utilisation of {utilisation}"
    )]
    DoesNotFit {
        /// Name of the model.
        model: String,
        /// Name of the hardware.
        hardware: String,
        /// GPUs of the instance.
        gpus: u32,
        /// Bytes of weights, in GB.
        weights_gb: f64,
        /// Usable memory, in GB.
        memory_gb: f64,
        /// Share of the memory that may be used.
        utilisation: f64,
    },
}
