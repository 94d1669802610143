//! The laws against values computed with 40 digits, and against themselves.

use super::*;
use proptest::prelude::*;

fn assert_close(what: &str, actual: f64, expected: f64, relative: f64) {
    let error = (actual - expected).abs();
    assert!(
        error <= relative * expected.abs(),
        "{what}: {actual} instead of {expected}"
    );
}

#[test]
fn normal_probabilities_are_known() {
    for (z, expected) in [
        (-20.0, 2.7536241186062337e-89),
        (-8.0, 6.220960574271784e-16),
        (-5.0, 2.866515718791939e-7),
        (-3.0, 0.0013498980316300946),
        (-1.5, 0.06680720126885807),
        (-0.1, 0.460172162722971),
        (0.3, 0.6179114221889526),
        (1.2, 0.8849303297782918),
        (2.5, 0.993790334674224),
    ] {
        assert_close("cdf", normal::cdf(z), expected, 1e-13);
        assert_close("survival", normal::survival(-z), expected, 1e-13);
    }
    assert_eq!(normal::cdf(f64::INFINITY), 1.0);
    assert_eq!(normal::cdf(f64::NEG_INFINITY), 0.0);
}

#[test]
fn normal_quantiles_are_known() {
    for (p, expected) in [
        (1e-300, -37.0470962993612),
        (1e-20, -9.262340089798409),
        (1e-5, -4.264890793922825),
        (0.005, -2.575829303548901),
        (0.025, -1.9599639845400543),
        (0.05, -1.6448536269514726),
        (0.1, -1.2815515655446004),
        (0.3, -0.5244005127080409),
        (0.45, -0.125661346855074),
        (0.75, 0.6744897501960817),
        (0.975, 1.959963984540054),
        (0.9995, 3.290526731491926),
    ] {
        assert_close("quantile", normal::quantile(p), expected, 1e-13);
        assert_close("quantile", normal::upper_quantile(p), -expected, 1e-13);
    }
    assert_eq!(normal::quantile(0.5), 0.0);
    assert_eq!(normal::quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal::quantile(1.0), f64::INFINITY);
}

#[test]
fn student_probabilities_are_known() {
    for (t, df, expected) in [
        (0.5, 0.5, 0.3786590364647183),
        (2.0, 1.0, 0.14758361765043326),
        (12.706204736, 1.0, 0.025000000000342328),
        (1e6, 2.0, 4.9999999999925e-13),
        (0.01, 3.0, 0.496324555706426),
        (2.5, 5.0, 0.02724504967118812),
        (30.0, 9.0, 1.2418523520791312e-10),
        (1.96, 30.0, 0.02967115644802524),
        (4.0, 30.7, 0.00018505205779809658),
        (1.7, 100.0, 0.04611966350150963),
        (6.0, 500.0, 1.895221169239646e-9),
        (0.3, 999.0, 0.3821197832849058),
        (2.5, 999.0, 0.00628936379225461),
        // Beyond the change of method.
        (2.5, 1000.0, 0.006289283900545398),
        (0.3, 1000.0, 0.382119752083622),
        (3.0, 1e5, 0.0013502304420323595),
        (2.0, 1e9, 0.022750132083156623),
    ] {
        let what = format!("survival of t = {t}, {df} degrees of freedom");
        assert_close(&what, student_t::survival(t, df), expected, 1e-12);
        assert_close(&what, student_t::cdf(-t, df), expected, 1e-12);
        assert_close(&what, student_t::cdf(t, df), 1.0 - expected, 1e-12);
    }
    // Hill's expansion where its error is largest.
    let far = student_t::survival(10.0, 1000.0);
    assert_close("far tail", far, 8.335351479300033e-23, 1e-12);
}

#[test]
fn student_quantiles_are_known() {
    for (p, df, expected) in [
        (0.025, 1.0, 12.706204736174705),
        (0.025, 2.0, 4.302652729749464),
        (0.05, 3.0, 2.353363434801824),
        (0.025, 4.0, 2.7764451051977943),
        (0.005, 9.0, 3.2498355415921263),
        (1e-10, 9.0, 30.737330949971977),
        (0.025, 29.0, 2.0452296421327043),
        (0.4, 0.7, 0.3560313652346803),
        (1e-12, 0.5, 1.02849115631634e23),
        (0.025, 63.0, 1.9983405425207417),
        (0.025, 127.0, 1.978819534702854),
        (0.0005, 999.0, 3.3002924403987355),
        (0.025, 1e4, 1.9602012398906261),
    ] {
        let what = format!("quantile of {p}, {df} degrees of freedom");
        assert_close(&what, student_t::upper_quantile(p, df), expected, 1e-12);
        assert_close(&what, student_t::quantile(p, df), -expected, 1e-12);
    }
    assert_eq!(student_t::quantile(0.5, 3.0), 0.0);
    assert_eq!(student_t::quantile(1.0, 3.0), f64::INFINITY);
    assert_eq!(student_t::quantile(0.0, 3.0), f64::NEG_INFINITY);
}

#[test]
fn chi_square_probabilities_are_known() {
    for (x, df, below, above) in [
        (0.001, 1.0, 0.025227120630039613, 0.9747728793699604),
        (3.841458820694124, 1.0, 0.95, 0.05000000000000006),
        (0.3, 2.0, 0.1392920235749422, 0.8607079764250578),
        (100.0, 2.0, 1.0, 1.9287498479639178e-22),
        (1.0, 10.0, 0.00017211562995584078, 0.9998278843700442),
        (18.307, 10.0, 0.9499994109086018, 0.05000058909139812),
        (200.0, 100.0, 0.9999999882154993, 1.1784500720979422e-8),
        (60.0, 100.0, 0.0005188914625480343, 0.999481108537452),
        (1000.5, 1000.0, 0.51040550577002, 0.48959449422998),
        (1200.0, 1000.0, 0.9999877440576694, 1.2255942330622905e-5),
        (0.5, 0.3, 0.843950832903138, 0.15604916709686203),
        (1e6, 1e6, 0.5001880631966055, 0.4998119368033945),
    ] {
        let what = format!("{x} with {df} degrees of freedom");
        assert_close(&what, chi_square::cdf(x, df), below, 1e-12);
        assert_close(&what, chi_square::survival(x, df), above, 1e-12);
    }
    assert_eq!(chi_square::cdf(-1.0, 2.0), 0.0);
    assert_eq!(chi_square::survival(f64::INFINITY, 2.0), 0.0);
}

#[test]
fn chi_square_quantiles_are_known() {
    for (p, df, expected) in [
        (0.025, 1.0, 0.000982069117175256),
        (0.975, 1.0, 5.023886187314887),
        (0.025, 10.0, 3.246972780236841),
        (0.975, 10.0, 20.483177350807395),
        (0.5, 4.0, 3.356693980033321),
        (1e-10, 3.0, 5.20939762143448e-7),
        (0.001, 200.0, 143.8427949900008),
        (0.999, 200.0, 267.5405278227572),
        (0.01, 0.2, 1.21460967248158e-20),
        (0.95, 5000.0, 5165.614518675803),
    ] {
        let what = format!("quantile of {p}, {df} degrees of freedom");
        assert_close(&what, chi_square::quantile(p, df), expected, 1e-12);
    }
    assert_eq!(chi_square::quantile(0.0, 3.0), 0.0);
    assert_eq!(chi_square::upper_quantile(0.0, 3.0), f64::INFINITY);
}

#[test]
fn binomial_probabilities_are_known() {
    for (n, p, k, expected) in [
        (20, 0.5, 5, 0.020694732666015625),
        (100, 0.99, 95, 0.003432321587754528),
        (1000, 0.9, 880, 0.021996144965794225),
        (1_000_000, 0.999, 998_900, 0.0009574669700286321),
    ] {
        let (at_most, more) = beta::binomial_tails(n, p, k);
        // 1 - p is rounded, which counts n times.
        assert_close("binomial", at_most, expected, 1e-10);
        assert_close("binomial", more, 1.0 - expected, 1e-10);
    }
    assert_eq!(beta::binomial_tails(7, 0.3, 7), (1.0, 0.0));
}

#[test]
fn one_and_two_degrees_of_freedom_have_closed_forms() {
    for t in [1e-9, 0.3, 1.0, 7.0, 1e5] {
        let cauchy = (1.0_f64 / t).atan() / std::f64::consts::PI;
        assert_close("Cauchy", student_t::survival(t, 1.0), cauchy, 1e-13);
        let x = t.min(700.0);
        let exponential = (-x / 2.0).exp();
        assert_close(
            "exponential",
            chi_square::survival(x, 2.0),
            exponential,
            1e-12,
        );
    }
}

proptest! {
    #[test]
    fn quantiles_invert(log_p in -40.0..-0.7_f64, log_df in -1.0..7.0_f64) {
        let (p, df) = (log_p.exp(), log_df.exp());
        let t = student_t::upper_quantile(p, df);
        let back = student_t::survival(t, df);
        prop_assert!((back / p - 1.0).abs() < 1e-10, "t {t}: {back} instead of {p}");
        let x = chi_square::upper_quantile(p, df);
        let back = chi_square::survival(x, df);
        prop_assert!((back / p - 1.0).abs() < 1e-10, "upper {x}: {back} instead of {p}");
        let x = chi_square::quantile(p, df);
        // Below the least normal number, the law has lost its places.
        if x > f64::MIN_POSITIVE {
            let back = chi_square::cdf(x, df);
            prop_assert!((back / p - 1.0).abs() < 1e-10, "lower {x}: {back} instead of {p}");
        }
        let z = normal::quantile(p);
        prop_assert!((normal::cdf(z) / p - 1.0).abs() < 1e-11);
    }

    #[test]
    fn student_is_between_cauchy_and_normal(t in 0.01..20.0_f64, df in 1.01..5000.0_f64) {
        let tail = student_t::survival(t, df);
        prop_assert!(tail < student_t::survival(t, 1.0));
        prop_assert!(tail > normal::survival(t));
    }
}

#[test]
fn extremes_are_defined() {
    for df in [0.5, 4.0, 999.0, 1000.0, 1e9] {
        for t in [f64::INFINITY, f64::MAX, 1e170] {
            let tail = student_t::survival(t, df);
            assert!(tail < 1e-80, "{df} degrees of freedom, {t}: {tail}");
            assert_eq!(student_t::cdf(t, df), 1.0);
        }
        assert_eq!(student_t::survival(0.0, df), 0.5);
        assert!(student_t::survival(f64::NAN, df).is_nan());
        assert!(chi_square::survival(f64::NAN, df).is_nan());
        assert_eq!(chi_square::survival(f64::MAX, df), 0.0);
        assert_eq!(chi_square::cdf(0.0, df), 0.0);
    }
    assert!(normal::cdf(f64::NAN).is_nan());
    let least = normal::quantile(f64::from_bits(1));
    assert!((-38.6..-38.3).contains(&least), "{least}");
    // Truly about 1e-6000.
    assert!(chi_square::quantile(1e-300, 0.1) <= f64::from_bits(1));
}

#[test]
#[should_panic(expected = "0 degrees of freedom")]
fn no_degrees_of_freedom_have_no_law() {
    let _ = student_t::quantile(0.9, 0.0);
}

#[test]
#[should_panic(expected = "probability 1.5")]
fn probabilities_are_probabilities() {
    let _ = normal::quantile(1.5);
}
