//! Exact fractions: counts, VND, percentages, months.

use crate::error::{Error, Result};

/// A fraction; `of` is more than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    pub n: i128,
    pub of: i128,
}

/// A decimal as it was printed: 232.3 is 2323 with one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printed {
    pub digits: i128,
    pub decimals: u32,
}

impl Value {
    pub fn whole(n: i128) -> Value {
        Value { n, of: 1 }
    }

    pub fn plus(self, other: Value) -> Value {
        Value { n: self.n * other.of + other.n * self.of, of: self.of * other.of }
    }

    pub fn negated(self) -> Value {
        Value { n: -self.n, ..self }
    }

    /// So many times the quotient.
    pub fn quotient(self, other: Value, times: i128) -> Result<Value> {
        if other.n <= 0 {
            return Err(Error::Internal("a published ratio has nothing to be divided by".to_owned()));
        }
        Ok(Value { n: times * self.n * other.of, of: self.of * other.n })
    }

    /// Cut off, not rounded, after so many decimals.
    pub fn cut(self, decimals: u32) -> i128 {
        (self.n * 10_i128.pow(decimals)).div_euclid(self.of)
    }

    /// With so many decimals, and two more where it is no whole number.
    pub fn shown(self, decimals: u32) -> String {
        let decimals = if self.n % self.of == 0 { decimals } else { decimals.max(2) };
        let digits = self.cut(decimals);
        let unit = 10_i128.pow(decimals);
        match decimals {
            0 => digits.to_string(),
            _ => format!("{}.{:0width$}", digits / unit, digits % unit, width = decimals as usize),
        }
    }
}

impl Printed {
    pub fn read(text: &str) -> Result<Printed> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{decimals}").parse();
        let digits = digits.map_err(|_| Error::Internal(format!("published-figures.csv: {text} is no number")))?;
        Ok(Printed { digits, decimals: u32::try_from(decimals.len()).unwrap_or(0) })
    }

    pub fn text(self) -> String {
        let unit = 10_i128.pow(self.decimals);
        match self.decimals {
            0 => self.digits.to_string(),
            decimals => format!("{}.{:0width$}", self.digits / unit, self.digits % unit, width = decimals as usize),
        }
    }

    pub fn value(self) -> Value {
        Value { n: self.digits, of: 10_i128.pow(self.decimals) }
    }
}
