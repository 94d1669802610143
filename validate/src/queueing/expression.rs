//! Formulas in one variable, such as `10+5*sin(2*pi*t/24)` or `1/(n+1)`.
//!
//! Numbers, `pi`, `e`, one variable, + - * / ^ (also `**`), parentheses, sin, cos, exp, sqrt, abs;
//! a missing sign between factors is a product (`2 pi t`).

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

/// Deepest nesting that is read.
const MAX_DEPTH: u32 = 64;

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
        let mut reader = Reader {
            text,
            at: 0,
            variable,
            depth: 0,
        };
        let root = reader.sum()?;
        reader.skip_space();
        if reader.at < text.len() {
            return Err(reader.unexpected());
        }
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

struct Reader<'a> {
    text: &'a str,
    /// Byte position; only ever moved over whole characters.
    at: usize,
    variable: &'a str,
    depth: u32,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn unexpected(&self) -> ExpressionError {
        let at = self.text[..self.at].chars().count() + 1;
        ExpressionError::Unexpected { at }
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let at = self.text[..self.at].chars().count() + 1;
            return Err(ExpressionError::TooDeep { at });
        }
        let mut left = self.product()?;
        loop {
            let operator = if self.take("+") {
                Operator::Add
            } else if self.take("-") {
                Operator::Subtract
            } else {
                self.depth -= 1;
                return Ok(left);
            };
            left = Node::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.signed()?;
        loop {
            self.skip_space();
            let power = self.rest().starts_with("**");
            let operator = if !power && self.take("*") {
                Operator::Multiply
            } else if self.take("/") {
                Operator::Divide
            } else if self
                .rest()
                .starts_with(|c: char| c.is_alphanumeric() || c == '(' || c == '.')
            {
                Operator::Multiply
            } else {
                return Ok(left);
            };
            left = Node::Binary(operator, Box::new(left), Box::new(self.signed()?));
        }
    }

    fn signed(&mut self) -> Result<Node, ExpressionError> {
        let mut negative = false;
        loop {
            if self.take("-") {
                negative = !negative;
            } else if !self.take("+") {
                break;
            }
        }
        let part = self.power()?;
        Ok(if negative {
            Node::Negated(Box::new(part))
        } else {
            part
        })
    }

    fn power(&mut self) -> Result<Node, ExpressionError> {
        let base = self.atom()?;
        if !self.take("^") && !self.take("**") {
            return Ok(base);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unexpected());
        }
        let exponent = self.signed()?;
        self.depth -= 1;
        Ok(Node::Binary(
            Operator::Power,
            Box::new(base),
            Box::new(exponent),
        ))
    }

    fn atom(&mut self) -> Result<Node, ExpressionError> {
        if self.take("(") {
            let inner = self.sum()?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err(self.unexpected())
            };
        }
        self.skip_space();
        let rest = self.rest();
        let first = rest.chars().next().ok_or_else(|| self.unexpected())?;
        if first.is_ascii_digit() || first == '.' {
            let length = number_length(rest);
            let value = rest[..length].parse().map_err(|_| self.unexpected())?;
            self.at += length;
            return Ok(Node::Number(value));
        }
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
        let word = &rest[..length.unwrap_or(rest.len())];
        // `np.sin`, `math.pi` and the like.
        let name = word.rsplit('.').next().unwrap_or(word);
        let function = match name {
            "sin" => Some(Function::Sin),
            "cos" => Some(Function::Cos),
            "exp" => Some(Function::Exp),
            "sqrt" => Some(Function::Sqrt),
            "abs" => Some(Function::Abs),
            _ => None,
        };
        let constant = match name {
            "pi" | "π" => Some(Node::Number(std::f64::consts::PI)),
            "e" => Some(Node::Number(std::f64::consts::E)),
            name if name == self.variable => Some(Node::Variable),
            _ => None,
        };
        if let Some(constant) = constant {
            self.at += word.len();
            return Ok(constant);
        }
        let function = function.ok_or_else(|| self.unexpected())?;
        self.at += word.len();
        if !self.take("(") {
            return Err(self.unexpected());
        }
        let inner = self.sum()?;
        if self.take(")") {
            Ok(Node::Call(function, Box::new(inner)))
        } else {
            Err(self.unexpected())
        }
    }
}

/// Length of the number at the start: digits, a point, and an exponent if digits follow it.
fn number_length(text: &str) -> usize {
    let mantissa = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let Some(exponent) = text[mantissa..].strip_prefix(['e', 'E']) else {
        return mantissa;
    };
    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = unsigned
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(unsigned.len());
    if digits == 0 {
        mantissa
    } else {
        mantissa + 1 + (exponent.len() - unsigned.len()) + digits
    }
}

#[cfg(test)]
mod tests {
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
}
