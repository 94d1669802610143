//! Formulas in one variable, such as `10+5*sin(2*pi*t/24)` or `1/(n+1)`.
//!
//! Numbers, `pi`, `e`, one variable, + - * / ^ (also `**`), parentheses, sin, cos, exp, sqrt, abs;
//! a missing sign between factors is a product (`2 pi t`).

mod read;

use self::read::Reader;

/// A parsed formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Node,
}

/// Why a text is not a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Something that no formula contains, or that is out of place.
    #[error("unexpected text at character {at}")]
    Unexpected {
        /// Position, from 1.
        at: usize,
    },
    /// Parentheses nested deeper than any sensible formula.
    #[error("nested too deeply at character {at}")]
    TooDeep {
        /// Position, from 1.
        at: usize,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Variable,
    Negated(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(Function, Box<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Sin,
    Cos,
    Exp,
    Sqrt,
    Abs,
}

impl Expression {
    /// Reads a formula in the variable of the given name.
    ///
    /// # Errors
    /// Text that is no formula, with its position.
    pub fn parse(text: &str, variable: &str) -> Result<Expression, ExpressionError> {
        let root = Reader::new(text, variable).whole()?;
        Ok(Expression { root })
    }

    /// A constant.
    #[must_use]
    pub fn constant(value: f64) -> Expression {
        Expression {
            root: Node::Number(value),
        }
    }

    /// Its value at `x`.
    #[must_use]
    pub fn value(&self, x: f64) -> f64 {
        self.root.value(x)
    }

    /// Numbers that its values for arguments in [`lo`, `hi`] lie between (interval arithmetic: they
    /// need not be the closest ones).
    #[must_use]
    pub fn bounds(&self, lo: f64, hi: f64) -> (f64, f64) {
        self.root.bounds((lo, hi))
    }
}

impl Node {
    fn value(&self, x: f64) -> f64 {
        match self {
            Node::Number(value) => *value,
            Node::Variable => x,
            Node::Negated(part) => -part.value(x),
            Node::Binary(operator, left, right) => operator.apply(left.value(x), right.value(x)),
            Node::Call(function, part) => function.apply(part.value(x)),
        }
    }

    fn bounds(&self, x: (f64, f64)) -> (f64, f64) {
        match self {
            Node::Number(value) => (*value, *value),
            Node::Variable => x,
            Node::Negated(part) => {
                let (lo, hi) = part.bounds(x);
                (-hi, -lo)
            }
            Node::Binary(operator, left, right) => operator.bounds(left.bounds(x), right.bounds(x)),
            Node::Call(function, part) => function.bounds(part.bounds(x)),
        }
    }
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            Operator::Power => left.powf(right),
        }
    }

    fn bounds(self, left: (f64, f64), right: (f64, f64)) -> (f64, f64) {
        let everything = (f64::NEG_INFINITY, f64::INFINITY);
        match self {
            Operator::Add => (left.0 + right.0, left.1 + right.1),
            Operator::Subtract => (left.0 - right.1, left.1 - right.0),
            Operator::Divide if right.0 <= 0.0 && right.1 >= 0.0 => everything,
            Operator::Power if right.0 != right.1 && left.0 <= 0.0 => everything,
            Operator::Power if right.0 < 0.0 && left.0 <= 0.0 => everything,
            Operator::Multiply | Operator::Divide | Operator::Power => {
                let corners = [
                    (left.0, right.0),
                    (left.0, right.1),
                    (left.1, right.0),
                    (left.1, right.1),
                ];
                let values = corners.map(|(left, right)| self.apply(left, right));
                if values.iter().any(|value| value.is_nan()) {
                    return everything;
                }
                let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
                let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                // An even power of something that may be 0 has its minimum inside.
                if self == Operator::Power && left.0 < 0.0 && left.1 > 0.0 {
                    (lo.min(0.0), hi)
                } else {
                    (lo, hi)
                }
            }
        }
    }
}

impl Function {
    fn apply(self, x: f64) -> f64 {
        match self {
            Function::Sin => x.sin(),
            Function::Cos => x.cos(),
            Function::Exp => x.exp(),
            Function::Sqrt => x.sqrt(),
            Function::Abs => x.abs(),
        }
    }

    fn bounds(self, x: (f64, f64)) -> (f64, f64) {
        match self {
            Function::Sin | Function::Cos if x.0 == x.1 => (self.apply(x.0), self.apply(x.0)),
            Function::Sin | Function::Cos => (-1.0, 1.0),
            Function::Exp => (x.0.exp(), x.1.exp()),
            Function::Sqrt => (x.0.max(0.0).sqrt(), x.1.max(0.0).sqrt()),
            Function::Abs if x.0 <= 0.0 && x.1 >= 0.0 => (0.0, x.1.max(-x.0)),
            Function::Abs => (x.0.abs().min(x.1.abs()), x.0.abs().max(x.1.abs())),
        }
    }
}

#[cfg(test)]
mod tests;
