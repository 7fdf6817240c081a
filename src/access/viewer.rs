//! Whose request it is, and by what he came in.

use entity::enums::Role;

use super::roles::Roles;
use crate::error::{Error, Result};
use crate::text::message;

/// Who asks. His grants are not kept here: each statement reads them as they are at that moment, through what his credential
/// carries of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    account: Option<i64>,
    pass: Pass,
}

/// What a viewer shows at the door, and how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pass {
    pub credential: Credential,
    /// Which of the account's roles it carries.
    pub roles: Roles,
    /// The unit that bounds it: nothing outside it and what is below it.
    pub within: Option<i64>,
    /// From when on it holds no more, milliseconds since the epoch.
    pub ends_at: i64,
}

/// By what a viewer came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// By nothing: nobody signed in, or the command line.
    None,
    /// An access token of a session.
    Session { session: i64, token: i64 },
    /// An API token (mã truy cập).
    Api { token: i64 },
    /// A token that the command line made with everything the account holds. It stands for the person: whoever has the command
    /// line may do anything.
    CommandLine { token: i64 },
    /// A token of the identity provider.
    Provider,
    /// The command line itself, in this person's name: it may do anything, whatever he holds.
    Shell,
}

impl Pass {
    const NONE: Pass = Pass { credential: Credential::None, roles: Roles::ALL, within: None, ends_at: i64::MAX };
}

impl Viewer {
    /// Nobody signed in.
    pub const ANONYMOUS: Viewer = Viewer { account: None, pass: Pass::NONE };

    /// The account with everything it holds, for the command line.
    pub fn of(account: i64) -> Viewer {
        Viewer { account: Some(account), pass: Pass::NONE }
    }

    /// The command line in the name of the account, for what an ADMIN and OPERATOR of the root may do. Made by `cli/` alone.
    pub fn at_the_command_line(account: i64) -> Viewer {
        Viewer { account: Some(account), pass: Pass { credential: Credential::Shell, ..Pass::NONE } }
    }

    /// The account as far as the pass goes.
    pub fn by(account: i64, pass: Pass) -> Viewer {
        Viewer { account: Some(account), pass }
    }

    pub fn account(self) -> Option<i64> {
        self.account
    }

    pub fn credential(self) -> Credential {
        self.pass.credential
    }

    /// From when on the credential holds no more, milliseconds since the epoch.
    pub fn ends_at(self) -> i64 {
        self.pass.ends_at
    }

    /// The unit that bounds the credential.
    pub fn within(self) -> Option<i64> {
        self.pass.within
    }

    pub fn roles(self) -> Roles {
        self.pass.roles
    }

    /// Whether the credential lets its bearer act by his authorship: that is a member's.
    pub fn may_author(self) -> bool {
        self.pass.roles.has(Role::Member)
    }

    /// The account id, or the error that asks to sign in.
    pub fn signed_in(self) -> Result<i64> {
        self.account.ok_or(Error::Unauthenticated)
    }

    /// The account id where the person himself is there, or the command line stands for him. A program with an API token changes
    /// nothing about the account.
    pub fn in_person(self) -> Result<i64> {
        let account = self.signed_in()?;
        match self.pass.credential {
            Credential::Api { .. } => Err(Error::Forbidden(message!(
                "an API token may not do this: sign in with a password or the identity provider"
            ))),
            _ => Ok(account),
        }
    }

    /// For conditions: no account has the id 0.
    pub fn id_or_zero(self) -> i64 {
        self.account.unwrap_or(0)
    }
}
