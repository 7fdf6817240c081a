//! What is wrong with a plan: all of it at once, each fault naming its step.

use crate::error::{Error, ErrorCode, Result, UserError};
use crate::text::Message;

/// So many are told; a plan with more has one fault many times.
const MOST: usize = 200;

#[derive(Default)]
pub struct PlanFaults(Vec<UserError>);

impl PlanFaults {
    /// A fault of the step at this place, from 1; 0: of the whole.
    pub fn add(&mut self, step: usize, field: &str, code: ErrorCode, message: Message) {
        let path = match (step, field) {
            (0, field) => field.to_owned(),
            (step, "") => format!("steps.{}", step - 1),
            (step, field) => format!("steps.{}.{field}", step - 1),
        };
        if self.0.len() < MOST {
            self.0.push(UserError::new(code, &path, message));
        }
    }

    /// A fault that a check of one value told.
    pub fn take<T>(&mut self, step: usize, parsed: std::result::Result<T, UserError>) -> Option<T> {
        parsed.map_err(|error| self.add(step, &error.field.join("."), error.code, error.message)).ok()
    }

    pub fn finish(mut self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|fault| fault.field.get(1).and_then(|place| place.parse::<usize>().ok()));
        Err(Error::User(self.0))
    }
}
