//! The enumerations of reorganisations.

use async_graphql::Enum;

/// Where a reorganisation stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::ReorganisationState")]
pub enum ReorganisationState {
    /// Being drawn up.
    Draft,
    /// Waits for a second person to confirm it.
    Proposed,
    /// Waits for its instant.
    Scheduled,
    /// Done.
    Applied,
    /// It no longer fitted when its instant came; nothing was changed.
    Failed,
    /// Done, and taken back.
    Undone,
    /// Given up.
    Discarded,
}

/// What a step of a reorganisation does.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "StepOperation", remote = "entity::enums::Operation")]
pub enum Operation {
    /// Found a unit (thành lập): code, name, kind, parent.
    Create,
    /// Give units another parent: units, parent.
    Move,
    /// Make one unit of several (sáp nhập, hợp nhất): units end, into follows them.
    Merge,
    /// Make several units of one (chia, tách): units names it, parts what others get, into who gets the rest.
    Split,
    /// Give a unit other names (đổi tên): units, name.
    Rename,
    /// Give a unit another code: units, code.
    Recode,
    /// Make a unit one of another kind: units, kind.
    ChangeKind,
    /// End units (giải thể): into follows them, or nothing is left of them.
    Dissolve,
    /// Let an ended unit live again (tái lập): units, parent.
    Reestablish,
    /// Nothing: a line of its source that is carried along.
    Keep,
}

/// How sure the source of a step is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Certainty")]
pub enum Certainty {
    /// Sure.
    High,
    /// Probable.
    Medium,
    /// Doubtful.
    Low,
    /// Not known.
    Unknown,
}

/// What becomes of targets where units become one.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::reorganisation::Targets")]
pub enum TargetsPassing {
    /// The successor's become the sums of its own and of those that end.
    AddUp,
    /// The successor keeps what it has; targetSet restates it.
    Keep,
}
