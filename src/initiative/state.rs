//! The life of an initiative, as a pure function.

use entity::enums::{Action, InitiativeState as State};
use sea_orm::ActiveEnum;

use crate::text::{Message, message};

/// Why an action is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub state: State,
    pub action: Action,
}

impl Refusal {
    pub fn message(self) -> Message {
        let (action, state) = (self.action.to_value(), self.state.to_value());
        message!("{action} is impossible: the initiative is {state}", action, state)
    }
}

/// The state after the action, or why it cannot be done. REJECTED, WITHDRAWN and REVOKED are ends.
pub fn next(state: State, action: Action) -> Result<State, Refusal> {
    match (state, action) {
        (State::Draft, Action::Edit) => Ok(State::Draft),
        (State::Returned, Action::Edit) => Ok(State::Returned),
        (State::Draft | State::Returned, Action::Submit) => Ok(State::Submitted),
        (State::Submitted | State::Returned, Action::Withdraw) => Ok(State::Withdrawn),
        (State::Submitted, Action::Return) => Ok(State::Returned),
        (State::Submitted, Action::Approve) => Ok(State::Approved),
        (State::Submitted, Action::Reject) => Ok(State::Rejected),
        (State::Approved, Action::Revoke) => Ok(State::Revoked),
        _ => Err(Refusal { state, action }),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn the_life_cycle_is_the_designs() {
        let mut arrows = Vec::new();
        for state in State::iter() {
            for action in Action::iter() {
                if let Ok(after) = next(state, action) {
                    arrows.push(format!("{} {} {}", state.to_value(), action.to_value(), after.to_value()));
                }
            }
        }
        let expected = [
            "DRAFT EDIT DRAFT",
            "DRAFT SUBMIT SUBMITTED",
            "SUBMITTED WITHDRAW WITHDRAWN",
            "SUBMITTED RETURN RETURNED",
            "SUBMITTED APPROVE APPROVED",
            "SUBMITTED REJECT REJECTED",
            "RETURNED EDIT RETURNED",
            "RETURNED SUBMIT SUBMITTED",
            "RETURNED WITHDRAW WITHDRAWN",
            "APPROVED REVOKE REVOKED",
        ];
        assert_eq!(arrows, expected);
    }
}
