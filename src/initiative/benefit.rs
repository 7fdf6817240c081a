//! Rules of benefits (giá trị làm lợi): whole VND up to a ceiling, or not computable with a description.

use crate::error::{ErrorCode, Faults};
use crate::text::message;

/// A claim as the authors state it; a draft may leave it open.
pub struct Claim<'a> {
    pub claimed: Option<i64>,
    pub not_computable: bool,
    pub note: Option<&'a str>,
}

impl Claim<'_> {
    /// What must hold at any time.
    pub fn check(&self, faults: &mut Faults, ceiling: i64) {
        if let Some(claimed) = self.claimed {
            amount(faults, "claimedBenefit", claimed, ceiling);
            if self.not_computable {
                let message = message!("a benefit is either an amount or not computable, not both");
                faults.add(ErrorCode::Invalid, "benefitNotComputable", message);
            }
        }
    }

    /// What must hold when it is sent in.
    pub fn check_complete(&self, faults: &mut Faults) {
        if self.not_computable {
            if self.note.is_none() {
                let message = message!("a benefit that is not computable needs a description in benefitNote");
                faults.add(ErrorCode::Required, "benefitNote", message);
            }
        } else if self.claimed.is_none() {
            let message = message!("state claimedBenefit, or benefitNotComputable with benefitNote");
            faults.add(ErrorCode::Required, "claimedBenefit", message);
        }
    }
}

/// What the reviewer verified: required unless not computable, and then there is none.
pub fn check_verified(faults: &mut Faults, verified: Option<i64>, not_computable: bool, ceiling: i64) {
    match verified {
        Some(_) if not_computable => {
            let message =
                message!("this benefit is not computable: leave verifiedBenefit out, or return the initiative");
            faults.add(ErrorCode::Invalid, "verifiedBenefit", message);
        }
        Some(verified) => amount(faults, "verifiedBenefit", verified, ceiling),
        None if !not_computable => {
            faults.add(ErrorCode::Required, "verifiedBenefit", message!("state the benefit you verified"))
        }
        None => {}
    }
}

fn amount(faults: &mut Faults, field: &str, amount: i64, ceiling: i64) {
    if !(0..=ceiling).contains(&amount) {
        faults.add(
            ErrorCode::OutOfRange,
            field,
            message!("{field} must be from 0 to {ceiling} VND, not {amount}", field, ceiling, amount),
        );
    }
}
