//! Where arrival rates stop being stable.

/// Between which rates a system stops being stable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Boundary {
    /// No rate was stable.
    AllUnstable,
    /// No rate was unstable.
    AboveAll {
        /// The highest rate.
        stable_per_s: f64,
    },
    /// Some rates were stable though a lower one was not.
    Interleaved {
        /// The lowest unstable rate.
        unstable_per_s: f64,
    },
    /// Between two rates.
    Between {
        /// The highest stable rate.
        stable_per_s: f64,
        /// The lowest unstable rate.
        unstable_per_s: f64,
    },
}

impl Boundary {
    /// The middle of the boundary and half its width, per second; `None` if no rate was stable.
    #[must_use]
    pub fn rate_per_s(&self) -> Option<(f64, f64)> {
        match *self {
            Boundary::AllUnstable => None,
            Boundary::AboveAll { stable_per_s } => Some((stable_per_s, 0.0)),
            Boundary::Interleaved { unstable_per_s } => Some((unstable_per_s, 0.0)),
            Boundary::Between {
                stable_per_s: low,
                unstable_per_s: high,
            } => Some(((low + high) / 2.0, (high - low) / 2.0)),
        }
    }
}

/// The boundary that flags of rates, in any order, show: (rate, whether it is unstable). `None`
/// without rates.
#[must_use]
pub fn boundary(rates: &[(f64, bool)]) -> Option<Boundary> {
    let of = |unstable: bool| {
        let chosen = rates.iter().filter(move |rate| rate.1 == unstable);
        chosen.map(|rate| rate.0)
    };
    let stable = of(false).max_by(f64::total_cmp);
    let unstable = of(true).min_by(f64::total_cmp);
    Some(match (stable, unstable) {
        (None, None) => return None,
        (None, Some(_)) => Boundary::AllUnstable,
        (Some(stable_per_s), None) => Boundary::AboveAll { stable_per_s },
        (Some(stable), Some(unstable_per_s)) if stable > unstable_per_s => {
            Boundary::Interleaved { unstable_per_s }
        }
        (Some(stable_per_s), Some(unstable_per_s)) => Boundary::Between {
            stable_per_s,
            unstable_per_s,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_by_flags() {
        let found = |rates: &[(f64, bool)]| boundary(rates);
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[(1.0, true)]), Some(Boundary::AllUnstable));
        let between = found(&[(2.0, false), (3.0, true), (1.0, false), (4.0, true)]).unwrap();
        assert_eq!(between.rate_per_s(), Some((2.5, 0.5)));
        let above = found(&[(2.0, false), (1.0, false)]).unwrap();
        assert_eq!(above.rate_per_s(), Some((2.0, 0.0)));
        let interleaved = found(&[(1.0, false), (2.0, true), (3.0, false)]).unwrap();
        assert_eq!(interleaved.rate_per_s(), Some((2.0, 0.0)));
    }
}
