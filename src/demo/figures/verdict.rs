//! Comparing what was computed with what was published.

use super::value::{Printed, Value};
use crate::error::Result;

/// How a figure was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    Exact,
    /// "hơn": nobody says so of a figure that reaches the next round one; here it lies at most a tenth above.
    MoreThan,
    /// "ít nhất".
    AtLeast,
    /// "khoảng": within a tenth.
    Approximately,
}

impl Qualifier {
    pub fn read(text: &str) -> Option<Qualifier> {
        match text {
            "EXACT" => Some(Qualifier::Exact),
            "MORE_THAN" => Some(Qualifier::MoreThan),
            "AT_LEAST" => Some(Qualifier::AtLeast),
            "APPROX" => Some(Qualifier::Approximately),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The figure itself; a percentage cut off where it was printed.
    Exact,
    /// As its qualifier says; at the small scale also: by less than one beside the hundredth.
    Within,
    /// The published figures contradict each other.
    Contradicted,
    /// The demo has nothing that it could be computed from.
    NotModelled,
    Wrong,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Exact => "EXACT",
            Verdict::Within => "WITHIN",
            Verdict::Contradicted => "CONTRADICTED",
            Verdict::NotModelled => "NOT_MODELLED",
            Verdict::Wrong => "WRONG",
        }
    }
}

/// `hundredth`: the database has a hundredth of what is counted.
pub fn judge(computed: Value, printed: &Printed, qualifier: Qualifier, hundredth: bool) -> Result<Verdict> {
    let published = match hundredth {
        true => Value { of: printed.value().of * 100, ..printed.value() },
        false => printed.value(),
    };
    let difference = computed.plus(published.negated());
    // Counts are whole, so of a hundredth each part may be rounded.
    let rounding = hundredth && difference.n.abs() < difference.of;
    let tenth = published.quotient(Value::whole(10), 1)?;
    let above = difference.n >= 0 && !is_more(difference, tenth);
    Ok(match qualifier {
        Qualifier::Exact if computed.cut(printed.decimals) == published.cut(printed.decimals) && !hundredth => {
            Verdict::Exact
        }
        Qualifier::Exact if hundredth && difference.n == 0 => Verdict::Exact,
        Qualifier::Exact if rounding => Verdict::Within,
        Qualifier::MoreThan if difference.n > 0 && (above || difference.n < difference.of) => Verdict::Within,
        Qualifier::AtLeast if difference.n >= 0 || rounding => Verdict::Within,
        Qualifier::Approximately if !is_more(absolute(difference), tenth) => Verdict::Within,
        _ => Verdict::Wrong,
    })
}

fn absolute(value: Value) -> Value {
    Value { n: value.n.abs(), ..value }
}

fn is_more(one: Value, other: Value) -> bool {
    one.n * other.of > other.n * one.of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(n: i128, of: i128, published: &str, qualifier: &str, hundredth: bool) -> Verdict {
        let printed = Printed::read(published).unwrap();
        judge(Value { n, of }, &printed, Qualifier::read(qualifier).unwrap(), hundredth).unwrap()
    }

    #[test]
    fn what_is_exact_is_exact() {
        assert_eq!(verdict(15_175, 1, "15175", "EXACT", false), Verdict::Exact);
        assert_eq!(verdict(15_176, 1, "15175", "EXACT", false), Verdict::Wrong);
        assert_eq!(verdict(15_174, 1, "15175", "EXACT", false), Verdict::Wrong);
    }

    #[test]
    fn percentages_are_cut_off() {
        assert_eq!(verdict(100 * 696_948, 1_000_000, "69.6", "EXACT", false), Verdict::Exact);
        assert_eq!(verdict(100 * 696_948, 1_000_000, "69.7", "EXACT", false), Verdict::Wrong);
        assert_eq!(verdict(100 * 819, 209, "392", "EXACT", false), Verdict::Wrong);
        assert_eq!(Value { n: 100 * 819, of: 209 }.shown(0), "391.86");
    }

    #[test]
    fn qualifiers_have_two_sides() {
        assert_eq!(verdict(133_000, 1, "133000", "MORE_THAN", false), Verdict::Wrong);
        assert_eq!(verdict(133_001, 1, "133000", "MORE_THAN", false), Verdict::Within);
        assert_eq!(verdict(146_301, 1, "133000", "MORE_THAN", false), Verdict::Wrong);
        assert_eq!(verdict(39, 10, "3", "MORE_THAN", false), Verdict::Within);
        assert_eq!(verdict(1, 1, "1", "AT_LEAST", false), Verdict::Within);
        assert_eq!(verdict(14, 1, "2", "AT_LEAST", false), Verdict::Within);
        assert_eq!(verdict(1, 1, "2", "AT_LEAST", false), Verdict::Wrong);
        assert_eq!(verdict(36_000, 1, "40000", "APPROX", false), Verdict::Within);
        assert_eq!(verdict(35_999, 1, "40000", "APPROX", false), Verdict::Wrong);
    }

    #[test]
    fn a_hundredth_may_be_rounded() {
        assert_eq!(verdict(152, 1, "15175", "EXACT", true), Verdict::Within);
        assert_eq!(verdict(153, 1, "15175", "EXACT", true), Verdict::Wrong);
        assert_eq!(verdict(151, 1, "15175", "EXACT", true), Verdict::Within);
        assert_eq!(verdict(150, 1, "15175", "EXACT", true), Verdict::Wrong);
        assert_eq!(verdict(1_300, 1, "130000", "EXACT", true), Verdict::Exact);
    }
}
