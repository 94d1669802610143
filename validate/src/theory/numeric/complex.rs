//! Complex numbers, as far as they are needed.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f64,
    pub(crate) im: f64,
}

impl Complex {
    pub(crate) const ONE: Complex = Complex { re: 1.0, im: 0.0 };

    pub(crate) const fn new(re: f64, im: f64) -> Complex {
        Complex { re, im }
    }

    pub(crate) const fn real(re: f64) -> Complex {
        Complex { re, im: 0.0 }
    }

    /// The number with this modulus and argument.
    pub(crate) fn polar(modulus: f64, argument: f64) -> Complex {
        Complex::new(modulus * argument.cos(), modulus * argument.sin())
    }

    pub(crate) fn exp(self) -> Complex {
        Complex::polar(self.re.exp(), self.im)
    }

    pub(crate) fn scale(self, factor: f64) -> Complex {
        Complex::new(self.re * factor, self.im * factor)
    }

    pub(crate) fn norm(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(crate) fn powu(self, exponent: u32) -> Complex {
        let (mut base, mut power, mut left) = (self, Complex::ONE, exponent);
        while left > 0 {
            if left % 2 == 1 {
                power = power * base;
            }
            base = base * base;
            left /= 2;
        }
        power
    }
}

impl Add for Complex {
    type Output = Complex;
    fn add(self, other: Complex) -> Complex {
        Complex::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Complex;
    fn sub(self, other: Complex) -> Complex {
        Complex::new(self.re - other.re, self.im - other.im)
    }
}

impl Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex::new(
            self.re * other.re - self.im * other.im,
            self.re * other.im + self.im * other.re,
        )
    }
}

impl Div for Complex {
    type Output = Complex;
    fn div(self, other: Complex) -> Complex {
        let square = other.re * other.re + other.im * other.im;
        let conjugate = Complex::new(other.re, -other.im);
        (self * conjugate).scale(1.0 / square)
    }
}

impl Neg for Complex {
    type Output = Complex;
    fn neg(self) -> Complex {
        self.scale(-1.0)
    }
}
