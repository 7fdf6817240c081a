//! The policy: a pure table of role, right and place.

use entity::enums::{Action, Role};

/// Where a unit stands as seen from the unit of a grant. Anywhere else no grant gives anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The unit of the grant itself.
    Here,
    /// A unit below it.
    Below,
}

/// What a grant may give at a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
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
}

impl Right {
    /// Every right, for the table and its snapshot.
    pub const ALL: [Right; 18] = [
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
        Right::SetGuideline,
        Right::CreateProgramme,
    ];
}

/// Whether a grant of the role gives the right at a unit in that place. Being an author is decided elsewhere: EDIT and
/// WITHDRAW come from authorship alone.
pub fn permits(role: Role, right: Right, place: Place) -> bool {
    match right {
        Right::ReadAggregates => true,
        Right::ReadApproved => role == Role::Member && place == Place::Here,
        Right::ReadRecords => matches!(role, Role::Reviewer | Role::Analyst | Role::Admin),
        Right::ReadPeople => role == Role::Admin,
        Right::SetGuideline => match role {
            Role::Admin => place == Place::Below,
            // The root has no unit above it.
            Role::Operator => place == Place::Here,
            _ => false,
        },
        Right::CreateProgramme => role == Role::Operator,
        Right::Do(action) => permits_action(role, action, place),
    }
}

fn permits_action(role: Role, action: Action, place: Place) -> bool {
    match action {
        Action::Draft | Action::Submit => role == Role::Member,
        Action::Edit | Action::Withdraw => false,
        Action::Return | Action::Approve | Action::Reject => role == Role::Reviewer,
        // By a reviewer of a unit above the initiative's.
        Action::Revoke => role == Role::Reviewer && place == Place::Below,
        Action::CreateUnit | Action::Rename | Action::SetTarget | Action::Move => role == Role::Admin,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    /// The whole table as text, committed beside this file and readable by anybody.
    #[test]
    fn the_policy_is_the_committed_table() {
        let mut table = String::from("right                role       here   below\n");
        for right in Right::ALL {
            for role in Role::iter() {
                let name = match right {
                    Right::Do(action) => action.to_value(),
                    other => format!("{other:?}"),
                };
                let yes = |place| if permits(role, right, place) { "yes" } else { "-" };
                table += &format!("{name:20} {:10} {:6} {}\n", role.to_value(), yes(Place::Here), yes(Place::Below));
            }
        }
        let committed = include_str!("policy.txt");
        assert!(
            table == committed,
            "the policy has changed; review it and put this into src/access/policy.txt:\n{table}"
        );
    }
}
