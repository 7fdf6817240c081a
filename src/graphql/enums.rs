//! The enumerations of the API.

use async_graphql::Enum;

use crate::{error, initiative, rollup, unit};

/// Kind of unit (loại đơn vị).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::UnitKind")]
pub enum UnitKind {
    /// Tổng Liên đoàn Lao động Việt Nam: the root.
    NationalConfederation,
    /// Liên đoàn Lao động tỉnh, thành phố.
    ProvincialFederation,
    /// Công đoàn ngành trung ương.
    CentralSectorUnion,
    /// Công đoàn tập đoàn, tổng công ty trực thuộc Tổng Liên đoàn.
    CorporationUnion,
    /// Liên đoàn Lao động quận, huyện, thị xã, thành phố; ended on 30 June 2025.
    DistrictFederation,
    /// Công đoàn ngành địa phương; ended in 2025.
    LocalSectorUnion,
    /// Công đoàn các khu công nghiệp, khu chế xuất, khu kinh tế.
    ZoneUnion,
    /// Công đoàn tổng công ty.
    SuperiorCorporationUnion,
    /// Công đoàn cơ quan bộ, ban, ngành trung ương; ended in 2025.
    CentralAgencyUnion,
    /// Công đoàn giáo dục huyện; historical.
    DistrictEducationUnion,
    /// Công đoàn xã, phường, đặc khu; from 1 July 2025.
    CommuneUnion,
    /// Công đoàn cơ sở.
    GrassrootsUnion,
    /// Nghiệp đoàn cơ sở.
    OccupationalUnion,
    /// Công đoàn cơ sở thành viên.
    MemberGrassrootsUnion,
    /// Công đoàn bộ phận, nghiệp đoàn bộ phận.
    DepartmentalUnion,
    /// Tổ công đoàn, tổ nghiệp đoàn.
    UnionTeam,
}

/// What an account may be at a unit; a role covers the unit and everything below it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Role")]
pub enum Role {
    /// Has initiatives of his own, and reads the approved ones of the unit (đoàn viên).
    Member,
    /// Decides on initiatives (người xét duyệt).
    Reviewer,
    /// Reads records and roll-ups.
    Analyst,
    /// Manages units and targets; never decides by that alone (quản trị).
    Admin,
    /// At the root alone: programmes.
    Operator,
}

/// How far below a unit.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// Direct units.
    Children,
    /// Everything below.
    Descendants,
}

/// Order of units; names in Vietnamese order (a ă â b c d đ …, ma mà mả mã má mạ), ties by code.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "unit::UnitOrder")]
pub enum UnitOrder {
    /// By name.
    NameAsc,
    /// By name, backwards.
    NameDesc,
    /// By code.
    CodeAsc,
    /// By code, backwards.
    CodeDesc,
}

/// What was done, or may be done.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Action")]
pub enum Action {
    /// Write down a new initiative.
    Draft,
    /// Change a draft, or what was returned.
    Edit,
    /// Send in (gửi).
    Submit,
    /// Take back (rút).
    Withdraw,
    /// Give back to the authors (trả lại).
    Return,
    /// Approve (công nhận).
    Approve,
    /// Reject (từ chối).
    Reject,
    /// Take an approval away (hủy công nhận).
    Revoke,
    /// Found a unit below.
    CreateUnit,
    /// Give another name.
    Rename,
    /// Give another parent.
    Move,
    /// Set a target.
    SetTarget,
    /// Set up a cluster, change its name and members (cụm, khối thi đua).
    SetCluster,
    /// Invite people, give them roles and take these away (phân quyền).
    Grant,
}

/// A number that a unit is measured by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "rollup::Measure")]
pub enum Measure {
    /// Sent in and not withdrawn.
    Submitted,
    /// Waiting for a decision.
    Pending,
    /// Given back to the authors.
    Returned,
    /// Approved.
    Approved,
    /// Rejected.
    Rejected,
    /// Approval taken away.
    Revoked,
    /// Claimed benefit, VND.
    ClaimedBenefit,
    /// Verified benefit, VND.
    VerifiedBenefit,
    /// Distinct participants.
    Participants,
    /// Approved against the target.
    Completion,
}

/// What a breakdown goes by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "rollup::Dimension")]
pub enum Dimension {
    /// Direct units, and SELF for the unit's own records.
    Child,
    /// Level of the initiative's unit, 1 to 6 (cấp).
    Level,
    /// Kind of the initiative's unit (loại đơn vị).
    Kind,
    /// Phase (giai đoạn).
    Phase,
    /// Participant group (nhóm đối tượng).
    Group,
    /// Bloc of the initiative's unit (khối).
    Bloc,
    /// Sector of the initiative's unit (ngành).
    Sector,
    /// State of the initiative.
    State,
    /// Local day of first submission, such as 2022-04-13 (ngày).
    Day,
    /// ISO week of first submission, such as 2022-W15 (tuần).
    Week,
    /// Month of first submission, such as 2022-04 (tháng).
    Month,
}

/// The tree by which initiatives are credited to units.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// The tree now, whatever the instant.
    Current,
    /// For each initiative the ancestors that its unit had when it was first submitted.
    AsReported,
    /// The tree of `structureAt`, as known today.
    At,
}

impl From<rollup::Lens> for Structure {
    fn from(lens: rollup::Lens) -> Structure {
        match lens {
            rollup::Lens::Current => Structure::Current,
            rollup::Lens::Reported => Structure::AsReported,
            rollup::Lens::At(_) => Structure::At,
        }
    }
}

/// Who set a target (chỉ tiêu).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::TargetKind")]
pub enum TargetKind {
    /// Set by the unit above (định hướng).
    Guideline,
    /// Committed to by the unit (đăng ký).
    Registered,
    /// The unit's own plan (phấn đấu).
    Planned,
}

/// How a target's value is meant.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Bound")]
pub enum Bound {
    /// The value itself.
    Exact,
    /// The value at least (ít nhất).
    AtLeast,
}

/// Who sees a programme's aggregates outside his scope.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Visibility")]
pub enum Visibility {
    /// Anybody, down to the public level.
    Public,
    /// Any account, down to the public level.
    Federation,
    /// Nobody.
    Subtree,
}

/// Where an initiative stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::InitiativeState")]
pub enum InitiativeState {
    /// Not sent in; its authors' alone (nháp).
    Draft,
    /// Sent in, waiting for a decision (chờ xét duyệt).
    Submitted,
    /// Given back to the authors (trả lại).
    Returned,
    /// Approved (được công nhận).
    Approved,
    /// Rejected, for good (không được công nhận).
    Rejected,
    /// Taken back by its author, for good (đã rút).
    Withdrawn,
    /// Approval taken away, for good (bị hủy công nhận).
    Revoked,
}

/// Order of initiatives, ties by code.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "initiative::InitiativeOrder")]
pub enum InitiativeOrder {
    /// Newest first submission first; the default.
    SubmittedAtDesc,
    /// Oldest first submission first.
    SubmittedAtAsc,
    /// Largest claim first.
    ClaimedBenefitDesc,
    /// Largest verified benefit first.
    VerifiedBenefitDesc,
    /// By title, Vietnamese order.
    TitleAsc,
}

/// Kind of solution (loại giải pháp; Decree 13/2012/NĐ-CP, article 3).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::SolutionKind")]
pub enum SolutionKind {
    /// Giải pháp kỹ thuật.
    Technical,
    /// Giải pháp quản lý.
    Management,
    /// Giải pháp tác nghiệp.
    Operational,
    /// Giải pháp ứng dụng tiến bộ kỹ thuật.
    TechnologyApplication,
}

/// Why an initiative was rejected or revoked.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::RefusalReason")]
pub enum RefusalReason {
    /// Applied or entered outside the phase's periods.
    OutOfPeriod,
    /// Not recognised by the unit's head or council.
    NotRecognised,
    /// Sent in before, by these or other authors.
    Duplicate,
    /// Sent in at a unit that it does not belong to.
    WrongUnit,
    /// Not new in its unit.
    NotNew,
    /// Without benefit.
    NoBenefit,
    /// Against public order or morals.
    PublicOrder,
    /// Protected as somebody's intellectual property.
    ProtectedIp,
    /// Another reason, in the text.
    Other,
}

/// Stable codes of user errors (docs/errors.md).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "error::ErrorCode")]
pub enum ErrorCode {
    /// A value is missing.
    Required,
    /// A text is too long.
    TooLong,
    /// A value has a form that is not allowed.
    Invalid,
    /// A number or day is outside its range.
    OutOfRange,
    /// A code or id that names nothing.
    UnknownCode,
    /// A code that cannot be had, whoever has it.
    CodeNotAvailable,
    /// The object has changed since the caller saw it.
    StaleVersion,
    /// The action is impossible in the present state.
    IllegalState,
    /// Outside the phase's periods.
    OutOfPeriod,
    /// Nobody decides on an initiative of his own.
    OwnInitiative,
    /// A kind of unit cannot stand below that one.
    IllegalParent,
    /// A unit would stand below itself.
    Cycle,
    /// Shares do not fit together.
    Shares,
    /// The one-time token is unknown, used or expired.
    TokenNotValid,
    /// Nobody gives a role to himself.
    OwnAccount,
    /// The last ADMIN of a unit, or the last OPERATOR, would go.
    LastAdmin,
    /// Login and password do not belong together.
    WrongCredentials,
    /// The session is over: sign in again.
    SessionEnded,
    /// The password is too short, too long, or one of the first that anybody would try.
    PasswordTooWeak,
    /// The idempotency key was used for another input.
    IdempotencyKeyReused,
    /// An item of a bulk mutation that does not exist, or is invisible.
    NotFound,
    /// An item of a bulk mutation that the caller may not do this to.
    Forbidden,
}

/// Into the domain's enumeration, for optional lists.
pub fn list<A, B: From<A>>(list: Option<Vec<A>>) -> Option<Vec<B>> {
    list.map(|list| list.into_iter().map(B::from).collect())
}
