//! Inverts a tail.

/// How a tail changes with its argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// A distribution function.
    Lower,
    /// A survival function.
    Upper,
}

/// The x > 0 at which a tail is `p`, from a guess.
///
/// `tail` gives the probability and x times the density. Newton's method for the logarithm of the
/// tail over the logarithm of x, where power laws are straight and the laws here are concave, with
/// bisection wherever a step would leave what is known to enclose the solution.
pub(super) fn solve(kind: Tail, p: f64, guess: f64, tail: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut x = guess;
    // Bisection alone would enclose any double within a factor of 2^-52 in fewer steps.
    for _ in 0..2_200 {
        let (value, log_density) = tail(x);
        if (value < p) == (kind == Tail::Lower) {
            low = x;
        } else {
            high = x;
        }
        let step = (value / p).ln() * value / log_density;
        let step = if kind == Tail::Lower { -step } else { step };
        let mut next = x * step.exp();
        // Also where the tail or the density underflows and the step is not a number.
        if !(next > low && next < high) {
            if step.abs() < TOLERANCE {
                return x;
            }
            next = between(low, high);
        }
        // The error after a step is about the square of the step.
        if (next - x).abs() <= TOLERANCE * x {
            return next;
        }
        x = next;
    }
    x
}

const TOLERANCE: f64 = 1e-9;

/// The geometric mean, or a step out where an end is not known yet.
fn between(low: f64, high: f64) -> f64 {
    if low == 0.0 {
        high / 4.0
    } else if high == f64::INFINITY {
        low * 4.0
    } else {
        low.sqrt() * high.sqrt()
    }
}
