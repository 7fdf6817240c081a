//! A second programme, open today, so that there is something to send in and to decide: at one grassroots union of Hà Nội.

use chrono::NaiveDate;
use entity::enums::Visibility;

use super::plan::{PlanAction, PlanInitiative, PlanPhase, PlanProgramme, PlanStep, PlanTarget, PlanUnit};
use super::programmes::Campaign;
use crate::error::{Error, Result};

const CODE: &str = "SK-MO";
const NAME: &str = "Sáng kiến thường xuyên";
const NAME_EN: &str = "Standing initiatives";

/// 1 December 2021, 00:00 in Vietnam: when it was written down.
const CREATED: i64 = 1_638_291_600_000;
/// 2 January 2024, 08:00 in Vietnam: when the targets were set.
const TARGETS_SET: i64 = 1_704_157_200_000;
/// 3 February 2025, 08:00 in Vietnam: the first submission.
const FIRST_SENT: i64 = 1_738_544_400_000;
const HOUR: i64 = 60 * 60 * 1000;

const PHASES: [PlanPhase; 1] = [PlanPhase {
    code: "1",
    name: "Giai đoạn 1",
    entered_from: day(2024, 1, 1),
    entered_to: day(2035, 12, 31),
    applied_from: day(2024, 1, 1),
    applied_to: day(2035, 12, 31),
}];

/// What the initiatives say: title, kind of solution, claim in VND (none: not computable). The last is a draft.
const TITLES: [(&str, &str, Option<i64>); 15] = [
    ("Lắp cảm biến tự tắt đèn hành lang khi không có người", "TECHNICAL", Some(18_500_000)),
    ("Số hóa phiếu đề nghị cấp vật tư, bỏ hẳn bản giấy", "TECHNOLOGY_APPLICATION", Some(42_000_000)),
    ("Sắp xếp lại kho theo tần suất sử dụng để giảm thời gian tìm kiếm", "OPERATIONAL", Some(27_300_000)),
    ("Bảng theo dõi tiến độ công việc tuần dùng chung cho các tổ", "MANAGEMENT", None),
    ("Tận dụng nước ngưng điều hòa để tưới cây xanh", "TECHNICAL", Some(6_400_000)),
    ("Quy trình bàn giao ca trong năm phút bằng danh mục kiểm tra", "OPERATIONAL", None),
    ("Tra cứu hồ sơ lưu trữ bằng mã QR", "TECHNOLOGY_APPLICATION", Some(35_000_000)),
    ("Hộp thư góp ý trực tuyến và lịch phản hồi hằng tháng", "MANAGEMENT", None),
    ("Cải tiến giá để dụng cụ giúp lấy đúng món ngay lần đầu", "TECHNICAL", Some(11_900_000)),
    ("Lịch bảo dưỡng định kỳ tự nhắc qua điện thoại", "TECHNOLOGY_APPLICATION", Some(58_000_000)),
    ("Gộp ba biểu mẫu báo cáo tháng thành một", "MANAGEMENT", Some(22_000_000)),
    ("Phân loại rác tại nguồn và bán phế liệu gây quỹ phúc lợi", "OPERATIONAL", Some(9_700_000)),
    ("Thay bóng đèn huỳnh quang bằng đèn LED theo khu vực", "TECHNICAL", Some(64_000_000)),
    ("Góc đọc sách dùng chung của công đoàn", "MANAGEMENT", None),
    ("Mẫu kế hoạch tự kiểm tra an toàn lao động theo quý", "MANAGEMENT", None),
];
/// So many await their decision; then come one approved, one returned and one draft, all the member's own.
const PENDING: usize = 12;

/// The programme's data.
pub(super) struct Standing {
    /// Index of the unit where it all happens.
    pub unit: usize,
    /// Index of Hà Nội's federation, above it.
    pub ha_noi: usize,
    pub targets: Vec<PlanTarget>,
    pub initiatives: Vec<PlanInitiative>,
    /// One that was never sent in.
    pub draft: PlanInitiative,
}

impl Standing {
    /// At this unit, where these people are, beside the member whose number comes after all others.
    pub fn of(unit: usize, colleagues: &[usize], member: usize, ha_noi: usize) -> Result<Standing> {
        let mut initiatives: Vec<_> = (0..TITLES.len()).map(|i| initiative(unit, member, colleagues, i)).collect();
        let draft = initiatives.pop().ok_or_else(|| Error::Internal("the demo has no titles".to_owned()))?;
        Ok(Standing { unit, ha_noi, targets: targets(unit, ha_noi), initiatives, draft })
    }

    pub fn campaign(like: &PlanProgramme) -> Campaign<'_> {
        Campaign {
            code: CODE,
            name: NAME,
            name_en: NAME_EN,
            created_at: CREATED,
            starts_on: PHASES[0].entered_from,
            plan_ends_on: PHASES[0].entered_to,
            visibility: Visibility::Federation,
            phases: &PHASES,
            groups: &like.groups,
            blocs: &like.blocs,
        }
    }
}

/// Whether it waits for a decision at the end.
pub(super) fn waits(initiative: &PlanInitiative) -> bool {
    initiative.steps.last().is_none_or(|step| step.action == PlanAction::Resubmit)
}

/// The grassroots union of Hà Nội where most initiatives await a decision; `waiting` says how many, for each unit.
pub(super) fn busiest(units: &[PlanUnit], waiting: &[usize], ha_noi: usize) -> Result<usize> {
    let below = |mut unit: usize| {
        while let Some(parent) = units[unit].parent {
            if parent == ha_noi {
                return true;
            }
            unit = parent;
        }
        false
    };
    let grassroots = (0..units.len()).filter(|unit| units[*unit].kind == "GRASSROOTS_UNION" && below(*unit));
    // Of equals the first.
    let busiest = grassroots.rev().max_by_key(|unit| waiting[*unit]);
    busiest.ok_or_else(|| Error::Internal("the demo's plan has no grassroots union in Hà Nội".to_owned()))
}

fn initiative(unit: usize, member: usize, colleagues: &[usize], i: usize) -> PlanInitiative {
    let (title, solution, claimed) = TITLES[i];
    let colleague = colleagues.get(i % colleagues.len().max(1)).copied();
    // Every third is the member's own, as are those that do not wait.
    let authors = match colleague {
        Some(colleague) if i < PENDING && !i.is_multiple_of(3) => match i % 4 {
            1 => vec![(colleague, 6_000), (member, 4_000)],
            _ => vec![(colleague, 10_000)],
        },
        _ => vec![(member, 10_000)],
    };
    let submitted_at = FIRST_SENT + i64::try_from(i).unwrap_or(0) * 53 * HOUR;
    let steps = match i.checked_sub(PENDING) {
        Some(0) => vec![PlanAction::Approve { verified: claimed }],
        Some(1) => {
            vec![PlanAction::Return { note: "Đề nghị bổ sung minh chứng áp dụng thực tế.".to_owned() }]
        }
        _ => Vec::new(),
    };
    PlanInitiative {
        unit,
        authors,
        phase: 0,
        group: i % 4,
        solution,
        title: title.to_owned(),
        summary: Some("Giải pháp mẫu, đã áp dụng tại đơn vị từ tháng 10 năm 2024.".to_owned()),
        applied_on: day(2024, 10, 1),
        claimed,
        not_computable: claimed.is_none(),
        benefit_note: claimed.is_none().then(|| "Cải thiện điều kiện làm việc, không tính được bằng tiền.".to_owned()),
        submitted_at,
        steps: steps.into_iter().map(|action| PlanStep { at: submitted_at + 30 * HOUR, action }).collect(),
    }
}

fn targets(unit: usize, ha_noi: usize) -> Vec<PlanTarget> {
    let target = |unit, kind, value| PlanTarget {
        unit,
        kind,
        phase: None,
        bloc: None,
        value,
        at_least: false,
        set_at: TARGETS_SET,
    };
    vec![
        target(0, "GUIDELINE", 1_000),
        target(ha_noi, "GUIDELINE", 60),
        target(ha_noi, "REGISTERED", 72),
        target(unit, "GUIDELINE", 10),
        target(unit, "REGISTERED", 12),
        target(unit, "PLANNED", 15),
    ]
}

/// A calendar day; a wrong one does not compile where it is used as a constant.
const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("no such day"),
    }
}
