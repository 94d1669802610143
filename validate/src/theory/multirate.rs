//! Loss system whose customers hold several units (Kaufman, Blocking in a shared resource
//! environment, IEEE Trans. Comm. 29, 1981; Roberts 1981).

use super::law::NumberLaw;

/// A class: offered load in customers, and units held by each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultirateClass {
    /// Arrival rate times mean holding time.
    pub load: f64,
    /// Units, from 1.
    pub units: u32,
}

/// The law of the number of units held among `units`.
#[must_use]
pub fn occupancy(units: u32, classes: &[MultirateClass]) -> NumberLaw {
    let mut weights = vec![1.0];
    for held in 1..=units {
        let fitting = classes.iter().filter(|class| class.units <= held);
        let sum: f64 = fitting
            .map(|class| {
                class.load * f64::from(class.units) * weights[(held - class.units) as usize]
            })
            .sum();
        let weight = sum / f64::from(held);
        weights.push(weight);
        if weight > 1e250 {
            weights.iter_mut().for_each(|weight| *weight *= 1e-250);
        }
    }
    NumberLaw::from_weights(weights)
}

/// Probability that a customer of this many units is lost.
#[must_use]
pub fn loss(law: &NumberLaw, units: u32) -> f64 {
    let free_from = law.p.len().saturating_sub(units as usize);
    law.p[free_from..].iter().sum()
}
