//! Inputs of the mutations of initiatives.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::graphql::enums::{RefusalReason, SolutionKind};
use crate::graphql::id::NodeId;
use crate::graphql::scalars::{BigInt, Date};
use crate::initiative::{CoAuthor, Draft, Edit, Patch, RecognitionInput as Recognition};

/// An author beside the caller.
#[derive(InputObject)]
pub struct AuthorInput {
    /// Id of the account, as its person hands it over (`viewer.account.id`) or as a record tells it; of any unit. One that is nobody's, an
    /// erased or an invited person's answers UNKNOWN_CODE.
    account: ID,
    /// Per cent, above 0, with at most two decimals; the caller has the rest of 100.
    share: f64,
}

impl From<AuthorInput> for CoAuthor {
    fn from(input: AuthorInput) -> CoAuthor {
        CoAuthor { account: NodeId::account(&input.account), share: input.share }
    }
}

/// The decision by which the unit recognised the initiative.
#[derive(InputObject)]
pub struct RecognitionInput {
    /// Number of the decision.
    number: Option<String>,
    /// Who decided.
    authority: Option<String>,
    /// The day.
    on: Option<Date>,
}

impl From<RecognitionInput> for Recognition {
    fn from(input: RecognitionInput) -> Recognition {
        Recognition { number: input.number, authority: input.authority, on: input.on.map(|day| day.0) }
    }
}

/// An initiative to be written down; the caller is its first author.
#[derive(InputObject)]
pub struct InitiativeDraftInput {
    /// Code of its unit.
    unit: String,
    /// Code of the programme.
    programme: String,
    /// Code of the phase.
    phase: String,
    /// Code of the participant group.
    group: String,
    /// Kind of solution.
    solution: SolutionKind,
    /// Title, one line, at most 500 characters.
    title: String,
    /// What it is about, at most 20,000 characters.
    summary: Option<String>,
    /// The day it was applied first.
    applied_on: Date,
    /// Claimed benefit, VND; needed for submission unless not computable.
    claimed_benefit: Option<BigInt>,
    /// The benefit cannot be computed; needs benefitNote for submission.
    benefit_not_computable: Option<bool>,
    /// The benefit in words.
    benefit_note: Option<String>,
    /// Authors beside the caller.
    co_authors: Option<Vec<AuthorInput>>,
    /// The decision by which the unit recognised it.
    recognition: Option<RecognitionInput>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

impl From<InitiativeDraftInput> for Draft {
    fn from(input: InitiativeDraftInput) -> Draft {
        Draft {
            unit: input.unit,
            programme: input.programme,
            phase: input.phase,
            group: input.group,
            solution: input.solution.into(),
            title: input.title,
            summary: input.summary,
            applied_on: input.applied_on.0,
            claimed_benefit: input.claimed_benefit.map(|benefit| benefit.0),
            benefit_not_computable: input.benefit_not_computable.unwrap_or(false),
            benefit_note: input.benefit_note,
            co_authors: input.co_authors.unwrap_or_default().into_iter().map(Into::into).collect(),
            recognition: input.recognition.map(Into::into),
        }
    }
}

/// Changes of a draft, or of what was returned; what is left out stays as it is.
#[derive(InputObject)]
pub struct InitiativeEditInput {
    /// Its id.
    id: ID,
    /// The version that the caller saw.
    version: i32,
    /// Code of its unit; drafts only.
    unit: Option<String>,
    /// Code of the programme; drafts only.
    programme: Option<String>,
    /// Code of the phase; drafts only.
    phase: Option<String>,
    /// Code of the participant group; drafts only.
    group: Option<String>,
    /// Kind of solution.
    solution: Option<SolutionKind>,
    /// Title.
    title: Option<String>,
    /// What it is about; null takes it away.
    summary: MaybeUndefined<String>,
    /// The day it was applied first.
    applied_on: Option<Date>,
    /// Claimed benefit, VND; null takes it away.
    claimed_benefit: MaybeUndefined<BigInt>,
    /// The benefit cannot be computed.
    benefit_not_computable: Option<bool>,
    /// The benefit in words; null takes it away.
    benefit_note: MaybeUndefined<String>,
    /// Authors beside the first one, in place of those named before.
    co_authors: Option<Vec<AuthorInput>>,
    /// The decision by which the unit recognised it; null takes it away.
    recognition: MaybeUndefined<RecognitionInput>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

fn patch<A, B>(value: MaybeUndefined<A>, make: impl Fn(A) -> B) -> Patch<B> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(make(value))),
    }
}

impl InitiativeEditInput {
    pub fn command(self) -> Edit {
        Edit {
            id: initiative(&self.id),
            version: self.version,
            unit: self.unit,
            programme: self.programme,
            phase: self.phase,
            group: self.group,
            solution: self.solution.map(Into::into),
            title: self.title,
            summary: patch(self.summary, |text| text),
            applied_on: self.applied_on.map(|day| day.0),
            claimed_benefit: patch(self.claimed_benefit, |benefit| benefit.0),
            benefit_not_computable: self.benefit_not_computable,
            benefit_note: patch(self.benefit_note, |text| text),
            co_authors: self.co_authors.map(|authors| authors.into_iter().map(Into::into).collect()),
            recognition: patch(self.recognition, Into::into),
        }
    }
}

/// The initiative that an id names; what names none is not found, as what is invisible.
pub fn initiative(id: &ID) -> i64 {
    NodeId::initiative(id).unwrap_or(0)
}

/// An initiative to be sent in.
#[derive(InputObject)]
pub struct InitiativeSubmitInput {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// An initiative to be taken back.
#[derive(InputObject)]
pub struct InitiativeWithdrawInput {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// Why.
    pub note: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// An initiative to be given back to its authors.
#[derive(InputObject)]
pub struct InitiativeReturnInput {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// What the authors should mend.
    pub note: String,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// An initiative to be approved.
#[derive(InputObject)]
pub struct InitiativeApproveInput {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// Verified benefit, VND; required unless not computable.
    pub verified_benefit: Option<BigInt>,
    /// More about the decision.
    pub note: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// An initiative to be rejected, for good.
#[derive(InputObject)]
pub struct InitiativeRejectInput {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// The reason.
    pub reason: RefusalReason,
    /// More about it; required for OTHER.
    pub note: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// An approval to be taken away, for good.
#[derive(InputObject)]
pub struct InitiativeRevokeInput {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// The reason.
    pub reason: RefusalReason,
    /// More about it; required for OTHER.
    pub note: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// Initiatives to be approved, each on its own.
#[derive(InputObject)]
pub struct InitiativesApproveInput {
    /// From 1 to 100.
    pub items: Vec<InitiativeApproveItem>,
    /// Makes a repeated mutation answer what the first one answered; at most 180 characters.
    pub idempotency_key: Option<String>,
}

/// One of many to be approved.
#[derive(InputObject)]
pub struct InitiativeApproveItem {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// Verified benefit, VND; required unless not computable.
    pub verified_benefit: Option<BigInt>,
    /// More about the decision.
    pub note: Option<String>,
}

/// Initiatives to be rejected, each on its own.
#[derive(InputObject)]
pub struct InitiativesRejectInput {
    /// From 1 to 100.
    pub items: Vec<InitiativeRejectItem>,
    /// Makes a repeated mutation answer what the first one answered; at most 180 characters.
    pub idempotency_key: Option<String>,
}

/// One of many to be rejected.
#[derive(InputObject)]
pub struct InitiativeRejectItem {
    /// Its id.
    pub id: ID,
    /// The version that the caller saw.
    pub version: i32,
    /// The reason.
    pub reason: RefusalReason,
    /// More about it; required for OTHER.
    pub note: Option<String>,
}
