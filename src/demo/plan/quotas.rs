//! The published figures as quotas that the schedule fills exactly, at full precision. At the small scale each is divided by a
//! hundred and rounded; what is not published is chosen so that the parts still add up there.

use super::programme::{ENTERPRISE_WORKER, NEW_RURAL_MOVEMENT, PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT, UNION_OFFICER};

/// Initiatives of each group by phase. Phase 1: F048-F051; the sum of both and the rates of approval: F055-F058.
pub(super) const GROUPS: [[usize; 5]; 2] =
    [[33_348, 380_656, 168_921, 110_976, 3_047], [120_000, 606_520, 704_599, 301_596, 4_000]];

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

/// Approved are the rest: 955,824 + 732,120 + 345,723 = 2,033,667.
pub(super) const CLASSES: [Class; 4] = [
    Class { groups: &[PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT], pending: 53_500, returned: 25_600, rejected: 105_600 },
    Class { groups: &[ENTERPRISE_WORKER], pending: 41_000, returned: 19_600, rejected: 80_800 },
    Class { groups: &[UNION_OFFICER], pending: 19_700, returned: 9_400, rejected: 37_749 },
    Class { groups: &[NEW_RURAL_MOVEMENT], pending: 800, returned: 400, rejected: 5_847 },
];

/// Initiatives that are submitted and taken back, beyond those that count.
pub(super) const WITHDRAWN: usize = 24_000;

/// A direct unit whose count in each window is given.
pub(super) struct Pinned {
    /// Code of the unit.
    pub code: &'static str,
    /// Counts in the first windows; in the others it falls out as for any unit.
    pub counts: &'static [usize],
}

/// Hà Nội: 15,175 on 13 April 2022, second behind Thanh Hóa (F009, F011, F012); 130,569 on 3 August 2023, fourth (F063,
/// F064); 200,000 at the end, second (F067). Hưng Yên: 1,260 on 10 May 2022 (F068).
pub(super) const PINNED: [Pinned; 5] = [
    Pinned { code: "P01", counts: &[15_175, 9_000, 200, 24_000, 15_000, 200, 66_994, 69_431] },
    Pinned { code: "P38", counts: &[19_000, 15_000, 300, 42_000, 30_000, 300, 63_400, 45_000] },
    Pinned { code: "P79", counts: &[14_000, 13_000, 300, 40_000, 30_000, 300, 62_400, 25_000] },
    Pinned { code: "P40", counts: &[9_000, 11_000, 200, 33_000, 25_000, 200, 61_600, 22_000] },
    Pinned { code: HUNG_YEN, counts: &[380, 880] },
];

/// Code of Hà Nội's federation.
pub(super) const HA_NOI: &str = "P01";
/// The direct unit that ends before the last count, and the one that it is merged into; inferred.
pub const MERGED: &str = "C09";
pub const MERGED_INTO: &str = "S05";
/// Code of Hưng Yên's federation.
pub(super) const HUNG_YEN: &str = "P33";
/// Of Hưng Yên's first 1,260, so many are approved by 10 May 2022 (F069); the others wait (F070).
pub(super) const HUNG_YEN_APPROVED: usize = 588;

/// Hà Nội's participants: 36,240 by 3 August 2023 (F065), 40,000 at the end (F066), and members who write nothing.
pub(super) const HA_NOI_WAVES: (usize, usize, usize) = (36_240, 3_760, 3_000);
/// No other direct unit has as many members: Hà Nội has the most participants.
pub(super) const MOST_ELSEWHERE: usize = 35_000;

/// Direct units commended after the first phase (F053): more active than their size says.
pub(super) const COMMENDED: [&str; 13] =
    ["P38", "P79", "P24", "P93", "P75", "P68", "P30", "P10", "C03", "P01", "P40", "S08", "C01"];

/// What is published of parts so small that they are there at full scale alone.
pub(super) mod fine {
    /// Hà Nội rose to the second place "from the tenth" (F010); the report does not say when it was tenth: here at the end of
    /// February 2022.
    pub const TENTH: (i32, u32, u32) = (2022, 3, 1);
    pub const PLACE: usize = 10;
    /// Of Hà Nội's first window, so many are of enterprise workers: more than 450 (F015).
    pub const ENTERPRISE: usize = 456;
    /// The education union of Bà Rịa - Vũng Tàu: what was sent in there (F072), and its target (F073).
    pub const LOCAL_UNION: &str = "P77-NGD";
    pub const ABOVE_IT: &str = "P77";
    pub const SUBMITTED_THERE: usize = 819;
    pub const TARGET_THERE: i32 = 209;
}
