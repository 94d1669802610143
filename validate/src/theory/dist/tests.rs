use super::*;
use crate::theory::numeric::quadrature::integrate;

fn laws() -> Vec<Dist> {
    vec![
        Dist::Exp { mean: 2.0 },
        Dist::Uniform { lo: 0.0, hi: 3.0 },
        Dist::Uniform { lo: 1.0, hi: 3.0 },
        Dist::Erlang { k: 4, mean: 1.5 },
        Dist::Hyperexp {
            p: vec![0.9, 0.1],
            rates: vec![2.0, 0.2],
        },
        Dist::Lognormal {
            mu: -0.5,
            sigma: 1.1,
        },
        Dist::BoundedPareto {
            alpha: 1.1,
            lo: 1.0,
            hi: 1000.0,
        },
        Dist::BoundedPareto {
            alpha: 2.0,
            lo: 0.5,
            hi: 40.0,
        },
    ]
}

fn close(value: f64, expected: f64, law: &Dist) {
    assert!(
        (value - expected).abs() < 1e-11 * expected.abs().max(1.0),
        "{value} is not {expected} for {law:?}"
    );
}

#[test]
fn moments_tails_and_transforms_are_integrals_of_the_density() {
    for law in laws() {
        let panels = law.panels();
        let integral =
            |f: &dyn Fn(f64) -> f64| integrate(&panels, |x| f(x) * law.density(x).unwrap());
        close(integral(&|_| 1.0), 1.0, &law);
        for n in [1, 2, 3] {
            let moment = integral(&|x| x.powi(n));
            close(law.moment(f64::from(n)) / moment, 1.0, &law);
        }
        close(
            law.variance(),
            integral(&|x| (x - law.mean()).powi(2)),
            &law,
        );
        close(law.transform(0.3), integral(&|x| (-0.3 * x).exp()), &law);
        if law.moment(-1.0).is_finite() {
            close(law.moment(-1.0), integral(&|x| 1.0 / x), &law);
        }
        // Cut at a panel's end, so that quadrature sees no jump.
        let cut = panels[panels.len() * 3 / 4];
        let below: Vec<f64> = panels.iter().copied().filter(|end| *end <= cut).collect();
        close(
            law.tail(cut),
            1.0 - integrate(&below, |x| law.density(x).unwrap()),
            &law,
        );
        for n in [1, 2, 3] {
            let part = integrate(&below, |x| x.powi(n as i32) * law.density(x).unwrap());
            close(law.partial_moment(n, cut).unwrap(), part, &law);
        }
    }
}

#[test]
fn atoms_have_their_moments_too() {
    let law = Dist::Geometric { mean: 2.5 };
    let p: f64 = 0.4;
    let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
        (1..400)
            .map(|n| f(f64::from(n)) * p * (1.0 - p).powi(n - 1))
            .sum()
    };
    for n in [1, 2, 3, -1] {
        close(law.moment(f64::from(n)), sum(&|x| x.powi(n)), &law);
    }
    close(law.transform(0.2), sum(&|x| (-0.2 * x).exp()), &law);
    close(law.tail(3.5), (1.0 - p).powi(3), &law);
    let law = Dist::Det { value: 0.7 };
    assert_eq!(
        (law.variance(), law.tail(0.6), law.tail(0.7)),
        (0.0, 1.0, 0.0)
    );
}

#[test]
fn exponentials_in_disguise_are_recognised() {
    assert_eq!(
        Dist::Erlang { k: 1, mean: 2.0 }.exponential_rate(),
        Some(0.5)
    );
    let law = Dist::Hyperexp {
        p: vec![0.5, 0.5],
        rates: vec![3.0, 3.0],
    };
    assert_eq!(law.exponential_rate(), Some(3.0));
    assert_eq!(Dist::Erlang { k: 2, mean: 2.0 }.exponential_rate(), None);
    assert_eq!(Dist::Erlang { k: 1, mean: 2.0 }.moment(-1.0), f64::INFINITY);
}
