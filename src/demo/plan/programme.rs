//! The programme of one million initiatives as it was announced: plan of the national confederation, December 2021.

use chrono::NaiveDate;

use super::calendar::{day, midnight};

/// Code of the programme.
pub const PROGRAMME_CODE: &str = "1M-SK";
/// Vietnamese name of the programme, as announced.
pub const PROGRAMME_NAME: &str =
    "01 triệu sáng kiến - nỗ lực vượt khó, sáng tạo, quyết tâm chiến thắng đại dịch COVID-19";
/// English name of the programme.
pub const PROGRAMME_NAME_EN: &str = "One million initiatives";
/// Codes of the phases, in order.
pub const PHASE_CODES: [&str; 2] = ["1", "2"];

/// Bloc of enterprises and non-public service units (khối doanh nghiệp, đơn vị sự nghiệp ngoài công lập).
pub(super) const ENTERPRISE: &str = "ENTERPRISE";
/// Bloc of public administration and service (khối cơ quan hành chính, sự nghiệp).
pub(super) const PUBLIC: &str = "PUBLIC";

/// Both.
pub(super) const BLOCS: [&str; 2] = [ENTERPRISE, PUBLIC];

/// Index of the group of party and state bodies.
pub(super) const PARTY_STATE_BODY: usize = 0;
/// Index of the group of public service units.
pub(super) const PUBLIC_SERVICE_UNIT: usize = 1;
/// Index of the group of enterprise workers.
pub(super) const ENTERPRISE_WORKER: usize = 2;
/// Index of the group of union officers.
pub(super) const UNION_OFFICER: usize = 3;
/// Index of the group of the new-rural movement.
pub(super) const NEW_RURAL_MOVEMENT: usize = 4;

/// The programme, ready to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanProgramme {
    /// As [`PROGRAMME_CODE`].
    pub code: &'static str,
    /// Vietnamese name.
    pub name: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// When it was written down, milliseconds since the epoch in UTC.
    pub created_at: i64,
    /// First local day.
    pub starts_on: NaiveDate,
    /// Last local day as planned.
    pub plan_ends_on: NaiveDate,
    /// The phases, in order; [`super::PlanInitiative::phase`] points here.
    pub phases: &'static [PlanPhase],
    /// The participant groups; [`super::PlanInitiative::group`] points here.
    pub groups: [PlanGroup; 5],
    /// Codes of the blocs that the programme names.
    pub blocs: [&'static str; 2],
}

/// A phase; both days of each period are inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanPhase {
    /// Code of the phase.
    pub code: &'static str,
    /// Vietnamese name.
    pub name: &'static str,
    /// First local day on which an initiative may be entered.
    pub entered_from: NaiveDate,
    /// Last local day on which an initiative may be entered.
    pub entered_to: NaiveDate,
    /// First local day of application that counts.
    pub applied_from: NaiveDate,
    /// Last local day of application that counts.
    pub applied_to: NaiveDate,
}

/// A participant group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanGroup {
    /// Code of the group.
    pub code: &'static str,
    /// Vietnamese name.
    pub name: &'static str,
}

/// The phases, in order.
pub(super) static PHASES: [PlanPhase; 2] = [
    PlanPhase {
        code: PHASE_CODES[0],
        name: "Giai đoạn 1",
        entered_from: day(2021, 12, 15),
        entered_to: day(2022, 5, 31),
        applied_from: day(2021, 1, 1),
        applied_to: day(2022, 5, 31),
    },
    PlanPhase {
        code: PHASE_CODES[1],
        name: "Giai đoạn 2",
        entered_from: day(2022, 6, 1),
        entered_to: day(2023, 8, 31),
        applied_from: day(2022, 1, 1),
        applied_to: day(2023, 8, 31),
    },
];

/// The programme with its phases, groups and blocs.
pub fn programme() -> PlanProgramme {
    PlanProgramme {
        code: PROGRAMME_CODE,
        name: PROGRAMME_NAME,
        name_en: PROGRAMME_NAME_EN,
        created_at: midnight(day(2021, 12, 1)),
        starts_on: day(2021, 12, 15),
        plan_ends_on: day(2023, 8, 31),
        phases: &PHASES,
        groups: groups(),
        blocs: BLOCS,
    }
}

/// The participant groups.
pub(super) fn groups() -> [PlanGroup; 5] {
    let group = |code, name| PlanGroup { code, name };
    [
        group("PARTY_STATE_BODY", "Cán bộ, công chức trong cơ quan Đảng, Nhà nước, tổ chức chính trị - xã hội"),
        group("PUBLIC_SERVICE_UNIT", "Viên chức, người lao động trong đơn vị sự nghiệp công lập"),
        group("ENTERPRISE_WORKER", "Công nhân, lao động trong doanh nghiệp sản xuất, kinh doanh"),
        group("UNION_OFFICER", "Cán bộ công đoàn các cấp"),
        group("NEW_RURAL_MOVEMENT", "Đoàn viên tham gia phong trào xây dựng nông thôn mới"),
    ]
}
