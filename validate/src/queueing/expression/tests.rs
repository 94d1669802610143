use super::*;

fn value(text: &str, x: f64) -> f64 {
    Expression::parse(text, "t").unwrap().value(x)
}

#[test]
fn precedence_signs_and_functions() {
    assert_eq!(value("1+2*3-4/2", 0.0), 5.0);
    assert_eq!(value("-2^2 + 2**3**2", 0.0), 508.0);
    assert_eq!(value("10 + 5*sin(2*pi*t/24)", 6.0), 15.0);
    assert_eq!(value("10 + 5 sin(2 pi t/24)", 6.0), 15.0);
    assert_eq!(value("3(t+1)", 2.0), 9.0);
    assert_eq!(value("1e-2*t + .5", 100.0), 1.5);
    assert_eq!(value("np.cos(0)*2", 1.0), 2.0);
    assert_eq!(Expression::parse("1/(n+1)", "n").unwrap().value(3.0), 0.25);
}

#[test]
fn what_is_no_formula_is_refused_with_its_place() {
    for (text, at) in [
        ("", 1),
        ("1+", 3),
        ("2*(t", 5),
        ("t $ 2", 3),
        ("x+1", 1),
        ("sin t", 5),
    ] {
        assert_eq!(
            Expression::parse(text, "t"),
            Err(ExpressionError::Unexpected { at }),
            "{text}"
        );
    }
    let deep = "(".repeat(100_000);
    assert!(matches!(
        Expression::parse(&deep, "t"),
        Err(ExpressionError::TooDeep { .. })
    ));
}

#[test]
fn bounds_enclose_the_values() {
    for text in [
        "10+5*sin(2*pi*t/24)",
        "t^2 - 3*t",
        "abs(t-3)/(t+1)",
        "exp(-t)*4",
        "sqrt(t)*cos(t)",
    ] {
        let formula = Expression::parse(text, "t").unwrap();
        let (lo, hi) = formula.bounds(0.0, 10.0);
        assert!(lo.is_finite() && hi.is_finite(), "{text}");
        for step in 0..=1000 {
            let value = formula.value(f64::from(step) / 100.0);
            assert!((lo..=hi).contains(&value), "{text}");
        }
    }
    assert_eq!(
        Expression::parse("1/t", "t").unwrap().bounds(-1.0, 1.0).1,
        f64::INFINITY
    );
}
