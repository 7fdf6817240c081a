//! Whose request it is.

use crate::error::{Error, Result};

/// Who asks. His grants are not kept here: each statement reads them as they are at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    account: Option<i64>,
}

impl Viewer {
    /// Nobody signed in.
    pub const ANONYMOUS: Viewer = Viewer { account: None };

    pub fn of(account: i64) -> Viewer {
        Viewer { account: Some(account) }
    }

    pub fn account(self) -> Option<i64> {
        self.account
    }

    /// The account id, or the error that asks to sign in.
    pub fn signed_in(self) -> Result<i64> {
        self.account.ok_or(Error::Unauthenticated)
    }

    /// For conditions: no account has the id 0.
    pub fn id_or_zero(self) -> i64 {
        self.account.unwrap_or(0)
    }
}
