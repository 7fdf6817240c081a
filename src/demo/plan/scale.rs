//! How much of the programme there is.

/// The scale of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// A hundredth of the published counts, on a tree of some 2,900 units. Money is not scaled, so that benefits look as they do
    /// in reports.
    Small,
    /// The published counts themselves, on 126,000 grassroots unions.
    Full,
}

impl Scale {
    /// What is divided by this at the scale.
    pub fn divisor(self) -> usize {
        match self {
            Scale::Small => 100,
            Scale::Full => 1,
        }
    }

    /// A published count at the scale, rounded half up.
    pub fn of(self, count: usize) -> usize {
        (count + self.divisor() / 2) / self.divisor()
    }

    /// The same for a target.
    pub(super) fn target(self, value: i32) -> i32 {
        match self {
            Scale::Small => (value + 50) / 100,
            Scale::Full => value,
        }
    }
}
