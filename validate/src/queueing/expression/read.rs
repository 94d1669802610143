//! From text to formula.

use super::{ExpressionError, Function, Node, Operator};

/// Deepest nesting that is read.
const MAX_DEPTH: u32 = 64;

/// A text being read.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// Byte position; only ever moved over whole characters.
    at: usize,
    variable: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str, variable: &'a str) -> Reader<'a> {
        Reader {
            text,
            at: 0,
            variable,
            depth: 0,
        }
    }

    /// The formula that is the whole text.
    pub(super) fn whole(mut self) -> Result<Node, ExpressionError> {
        let root = self.sum()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.unexpected());
        }
        Ok(root)
    }

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
