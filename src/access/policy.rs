//! The policy: a pure table of role, right and place.

#[cfg(test)]
mod snapshot;

use entity::enums::{Action, Role};
use sea_orm::Iterable;

/// Where a unit stands as seen from the unit of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The unit of the grant itself.
    Here,
    /// The unit of the grant itself, once it has ended.
    Ended,
    /// A unit below it.
    Below,
    /// A unit above it.
    Above,
    /// Another unit with the same parent.
    Beside,
    /// Any other unit.
    Elsewhere,
}

impl Place {
    pub const ALL: [Place; 6] =
        [Place::Here, Place::Ended, Place::Below, Place::Above, Place::Beside, Place::Elsewhere];

    /// Whether a grant covers units in that place.
    pub fn is_covered(self) -> bool {
        matches!(self, Place::Here | Place::Ended | Place::Below)
    }
}

/// What a grant may give at a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// That the unit exists, its code and its names.
    ReadFace,
    /// Measures, targets, rankings, the unit's own data.
    ReadAggregates,
    /// Initiatives in APPROVED.
    ReadApproved,
    /// Every initiative that has been submitted.
    ReadRecords,
    /// All grants on the unit, and the personal data of its people.
    ReadPeople,
    /// An action on the unit, or on an initiative of it.
    Do(Action),
    /// GUIDELINE targets of the unit.
    SetGuideline,
    /// New programmes, at the root.
    CreateProgramme,
    /// Giving the role at the unit to another person, and taking it away.
    Grant(Role),
    /// A new account for a person of the unit.
    Invite,
    /// A new way in for a person of the unit who lost his.
    Reset,
    /// Taking away the personal data of a person of the unit.
    Erase,
    /// Everything that is stored about a person of the unit.
    Export,
    /// The audit log of the unit and everything below it.
    ReadAudit,
    /// The addresses that anybody came from, in the audit log.
    ReadAddresses,
}

impl Right {
    /// Every right, for the table and its snapshot.
    pub const ALL: [Right; 32] = [
        Right::ReadFace,
        Right::ReadAggregates,
        Right::ReadApproved,
        Right::ReadRecords,
        Right::ReadPeople,
        Right::Do(Action::Draft),
        Right::Do(Action::Edit),
        Right::Do(Action::Submit),
        Right::Do(Action::Withdraw),
        Right::Do(Action::Return),
        Right::Do(Action::Approve),
        Right::Do(Action::Reject),
        Right::Do(Action::Revoke),
        Right::Do(Action::CreateUnit),
        Right::Do(Action::Rename),
        Right::Do(Action::Move),
        Right::Do(Action::SetTarget),
        Right::Do(Action::SetCluster),
        Right::Do(Action::Grant),
        Right::SetGuideline,
        Right::CreateProgramme,
        Right::Grant(Role::Member),
        Right::Grant(Role::Reviewer),
        Right::Grant(Role::Analyst),
        Right::Grant(Role::Admin),
        Right::Grant(Role::Operator),
        Right::Invite,
        Right::Reset,
        Right::Erase,
        Right::Export,
        Right::ReadAudit,
        Right::ReadAddresses,
    ];

    /// Whether it only reads.
    pub fn reads(self) -> bool {
        matches!(
            self,
            Right::ReadFace
                | Right::ReadAggregates
                | Right::ReadApproved
                | Right::ReadRecords
                | Right::ReadPeople
                | Right::ReadAudit
                | Right::ReadAddresses
        )
    }

    /// Whether the person himself must be there: no program with an API token rules over people, for what it gave away would
    /// outlive it.
    pub fn needs_the_person(self) -> bool {
        matches!(
            self,
            Right::Do(Action::Grant) | Right::Grant(_) | Right::Invite | Right::Reset | Right::Erase | Right::Export
        )
    }
}

/// Whether a grant of the role gives the right at a unit in that place. Being an author is decided elsewhere: EDIT and
/// WITHDRAW come from authorship alone. What programmes show to everybody is in [`super::aggregates`].
pub fn permits(role: Role, right: Right, place: Place) -> bool {
    if !place.is_covered() {
        // Whoever stands in a unit sees what it stands in.
        return right == Right::ReadFace && place == Place::Above;
    }
    // A grant on a unit that has ended goes on reading its past; who works on its records has a grant on its successor.
    if place == Place::Ended {
        return right.reads() && permits(role, right, Place::Here);
    }
    match right {
        Right::ReadFace | Right::ReadAggregates => true,
        Right::ReadApproved => role == Role::Member && place == Place::Here,
        Right::ReadRecords => matches!(role, Role::Reviewer | Role::Analyst | Role::Admin),
        Right::ReadPeople | Right::Invite | Right::Reset | Right::Erase | Right::Export => role == Role::Admin,
        Right::SetGuideline => match role {
            Role::Admin => place == Place::Below,
            // The root has no unit above it.
            Role::Operator => place == Place::Here,
            _ => false,
        },
        Right::Grant(given) => grants(role, given, place),
        Right::CreateProgramme | Right::ReadAddresses => role == Role::Operator,
        Right::ReadAudit => matches!(role, Role::Admin | Role::Operator),
        Right::Do(action) => permits_action(role, action, place),
    }
}

/// Who gives which role, and takes it away. An ADMIN rules over the roles of his unit and those below, ADMIN among them; he never
/// makes an OPERATOR: that would be more than he holds. OPERATORs appoint OPERATORs, at the root alone.
fn grants(role: Role, given: Role, place: Place) -> bool {
    match given {
        Role::Member | Role::Reviewer | Role::Analyst | Role::Admin => role == Role::Admin,
        Role::Operator => role == Role::Operator && place == Place::Here,
    }
}

fn permits_action(role: Role, action: Action, place: Place) -> bool {
    match action {
        Action::Draft | Action::Submit => role == Role::Member,
        Action::Edit | Action::Withdraw => false,
        Action::Return | Action::Approve | Action::Reject => role == Role::Reviewer,
        // By a reviewer of a unit above the initiative's.
        Action::Revoke => role == Role::Reviewer && place == Place::Below,
        Action::CreateUnit | Action::Rename | Action::SetTarget | Action::SetCluster | Action::Move => {
            role == Role::Admin
        }
        Action::Grant => Role::iter().any(|given| grants(role, given, place)),
    }
}
