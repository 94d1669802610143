//! What batches add up.

/// The sum of a batch: `u128` for whole nanoseconds or tokens, exact, or `f64`.
pub trait Total: Copy + sealed::Sealed {
    /// The sum of nothing.
    const ZERO: Self;

    /// Both together.
    ///
    /// # Panics
    /// If an integer overflows.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The nearest double.
    fn to_f64(self) -> f64;

    /// Demands a number.
    ///
    /// # Panics
    /// If it is infinite or not a number.
    fn assert_finite(self);
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u128 {}
    impl Sealed for f64 {}
}

impl Total for u128 {
    const ZERO: u128 = 0;

    #[inline]
    fn plus(self, other: u128) -> u128 {
        self.checked_add(other).expect("a sum of 2^128 in a batch")
    }

    fn to_f64(self) -> f64 {
        self as f64
    }

    #[inline]
    fn assert_finite(self) {}
}

impl Total for f64 {
    const ZERO: f64 = 0.0;

    #[inline]
    fn plus(self, other: f64) -> f64 {
        self + other
    }

    fn to_f64(self) -> f64 {
        self
    }

    #[inline]
    fn assert_finite(self) {
        assert!(self.is_finite(), "an observation is {self}, must be finite");
    }
}
