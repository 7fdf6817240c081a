//! The enumerations that the database stores as text.

use sea_orm::entity::prelude::*;

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$what])* $variant),+ }
    };
}

text_enum!(
    /// Kind of unit (loại đơn vị). Its level and legal parents are data, not code.
    UnitKind {
        NationalConfederation, ProvincialFederation, CentralSectorUnion, CorporationUnion, DistrictFederation,
        LocalSectorUnion, ZoneUnion, SuperiorCorporationUnion, CentralAgencyUnion, DistrictEducationUnion, CommuneUnion,
        GrassrootsUnion, OccupationalUnion, MemberGrassrootsUnion, DepartmentalUnion, UnionTeam,
    }
);
text_enum!(
    /// What an account may be at a unit.
    Role { Member, Reviewer, Analyst, Admin, Operator }
);
text_enum!(
    /// What a token is: the short-lived one of a session, or one for a program.
    TokenKind { Access, Api }
);
text_enum!(
    /// What a one-time token is for.
    OneTimePurpose { Invitation, PasswordReset }
);
text_enum!(
    /// Who set a target (chỉ tiêu): the unit above, or the unit itself as a commitment or as its plan.
    TargetKind { Guideline, Registered, Planned }
);
text_enum!(
    /// Is a target's value the number itself or the least of it.
    Bound { Exact, AtLeast }
);
text_enum!(
    /// Who sees a programme's aggregates outside his scope.
    Visibility { Public, Federation, Subtree }
);
text_enum!(
    /// Where an initiative stands in its life.
    InitiativeState { Draft, Submitted, Returned, Approved, Rejected, Withdrawn, Revoked }
);
text_enum!(
    /// Kind of solution (Decree 13/2012/NĐ-CP, article 3).
    SolutionKind { Technical, Management, Operational, TechnologyApplication }
);
text_enum!(
    /// Why an initiative was refused.
    RefusalReason { OutOfPeriod, NotRecognised, Duplicate, WrongUnit, NotNew, NoBenefit, PublicOrder, ProtectedIp, Other }
);
text_enum!(
    /// What was done, or may be done, to a unit or an initiative.
    Action {
        Draft, Edit, Submit, Withdraw, Return, Approve, Reject, Revoke, CreateUnit, Rename, Move, SetTarget, SetCluster, Grant,
    }
);
text_enum!(
    /// What became of an action that the audit log tells of.
    AuditOutcome {
        Done,
        /// Repeated with its idempotency key: answered, and done no second time.
        Repeated,
        /// Something in the input was wrong; nothing was changed.
        Refused,
        /// Not allowed, or not visible; nothing was changed.
        Denied,
        /// The server or its database could not; nothing was changed.
        Failed,
    }
);
text_enum!(
    /// By which way an action of the audit log came in.
    AuditSource { Api, CommandLine, Server }
);
text_enum!(
    /// By what an account came in.
    AuditCredential { Session, Token, Provider }
);
text_enum!(
    /// What an action of the audit log was done to.
    AuditObject { Unit, Programme, Target, Cluster, Initiative, Account, Grant, Token, Session, Database, Audit, Reorganisation }
);
text_enum!(
    /// Where a reorganisation stands.
    ReorganisationState {
        /// Being drawn up.
        Draft,
        /// Waits for a second person.
        Proposed,
        /// Waits for its instant.
        Scheduled,
        Applied,
        /// It no longer fitted when its instant came; nothing was changed.
        Failed,
        Undone,
        Discarded,
    }
);
text_enum!(
    /// What a step of a reorganisation does.
    Operation { Create, Move, Merge, Split, Rename, Recode, ChangeKind, Dissolve, Reestablish, Keep }
);
text_enum!(
    /// How sure the source of a step is.
    Certainty { High, Medium, Low, Unknown }
);
