//! The published figures at 1:100, as quotas that the schedule fills exactly.

use super::programme::{ENTERPRISE_WORKER, NEW_RURAL_MOVEMENT, PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT, UNION_OFFICER};

/// Initiatives of each group by phase. Phase 1: F048-F051; the sum of both and the rates of approval: F055-F058.
pub(super) const GROUPS: [[usize; 5]; 2] = [[333, 3_807, 1_689, 1_110, 30], [1_200, 6_065, 7_046, 3_016, 40]];

/// Groups whose results are published as one, and how many of them end otherwise than approved.
pub(super) struct Class {
    /// Indexes of the groups.
    pub groups: &'static [usize],
    /// Still waiting for a decision when the programme closes.
    pub pending: usize,
    /// Back with their authors when the programme closes.
    pub returned: usize,
    /// Refused.
    pub rejected: usize,
}

/// Approved are the rest: 9,558 + 7,321 + 3,458 = 20,337.
pub(super) const CLASSES: [Class; 4] = [
    Class { groups: &[PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT], pending: 535, returned: 256, rejected: 1_056 },
    Class { groups: &[ENTERPRISE_WORKER], pending: 410, returned: 196, rejected: 808 },
    Class { groups: &[UNION_OFFICER], pending: 197, returned: 94, rejected: 377 },
    Class { groups: &[NEW_RURAL_MOVEMENT], pending: 8, returned: 4, rejected: 58 },
];

/// Initiatives that are submitted and taken back, beyond those that count.
pub(super) const WITHDRAWN: usize = 240;

/// A direct unit whose count in each window is given.
pub(super) struct Pinned {
    /// Code of the unit.
    pub code: &'static str,
    /// Counts in the first windows; in the others it falls out as for any unit.
    pub counts: &'static [usize],
}

/// Hà Nội: 152 on 13 April 2022, second behind Thanh Hóa (F009, F011, F012); 1,306 on 3 August 2023, fourth (F063,
/// F064); about 2,000 at the end, second (F067). Hưng Yên: 13 on 10 May 2022 (F068).
pub(super) const PINNED: [Pinned; 5] = [
    Pinned { code: "P01", counts: &[152, 90, 2, 240, 150, 2, 670, 694] },
    Pinned { code: "P38", counts: &[190, 150, 3, 420, 300, 3, 634, 450] },
    Pinned { code: "P79", counts: &[140, 130, 3, 400, 300, 3, 624, 250] },
    Pinned { code: "P40", counts: &[90, 110, 2, 330, 250, 2, 616, 220] },
    Pinned { code: HUNG_YEN, counts: &[4, 9] },
];

/// Code of Hà Nội's federation.
pub(super) const HA_NOI: &str = "P01";
/// Code of Hưng Yên's federation.
pub(super) const HUNG_YEN: &str = "P33";
/// Of Hưng Yên's first thirteen, so many are approved by 10 May 2022 (F069); the others wait (F070).
pub(super) const HUNG_YEN_APPROVED: usize = 6;

/// Direct units commended after the first phase (F053): more active than their size says.
pub(super) const COMMENDED: [&str; 13] =
    ["P38", "P79", "P24", "P93", "P75", "P68", "P30", "P10", "C03", "P01", "P40", "S08", "C01"];
