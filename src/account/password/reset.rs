//! Resetting a password: by mail for whoever asks, or by a one-time token from an admin over all that the person holds.

use entity::enums::{AuditObject, OneTimePurpose};
use serde::Serialize;

use crate::access::{Caller, Right};
use crate::account::mail::{self, Letter};
use crate::account::secret::IssuedToken;
use crate::account::sign_in::{by_login, login_key};
use crate::account::throttle::{self, Trying};
use crate::account::trail::{refused, unit_of};
use crate::account::{find_for, one_time};
use crate::app::App;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, Result};
use crate::text::message;

/// `passwordResetRequest`: sends a one-time token to the person of the login. Whether there is one is not told: everything that
/// depends on it happens after the answer.
pub async fn request(app: &App, caller: &Caller, login: &str) -> Result<()> {
    let login = login_key(login);
    if let Err(error) = throttle::admit(app, Trying::Reset, &login, caller.address).await {
        return Err(refused(app, caller, "passwordResetRequest", None, error).await);
    }
    let place = app.mail_places.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
    let app = app.clone();
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = send(&app, &login).await {
            tracing::error!(%error, "a password's reset was not sent");
        }
    });
    Ok(())
}

async fn send(app: &App, login: &str) -> Result<()> {
    if app.config.identity.mail_command.is_none() {
        tracing::warn!("a password's reset was asked for, but no program sends mail: see --mail-command");
        return Ok(());
    }
    let tx = app.store.write().await?;
    let Some(known) = by_login(&tx, login).await? else { return Ok(()) };
    let purpose = OneTimePurpose::PasswordReset;
    let token = one_time::issue(app, &tx, known.id, purpose, None, app.config.identity.reset()).await?;
    let letter = Letter::to(app, &tx, known.id, purpose, &token).await?;
    tx.commit().await?;
    mail::send(app, &letter).await
}

/// `passwordResetIssue`: a one-time token for the admin to hand over.
#[derive(Serialize)]
pub struct PasswordResetIssue {
    /// None: the id is no account's.
    pub account: Option<i64>,
    /// Drawn beforehand: the answer shows it once.
    #[serde(skip)]
    pub token: IssuedToken,
}

impl PasswordResetIssue {
    pub fn new(app: &App, account: Option<i64>) -> PasswordResetIssue {
        PasswordResetIssue { account, token: one_time::draw(app, app.config.identity.reset()) }
    }
}

impl Command for PasswordResetIssue {
    const NAME: &'static str = "passwordResetIssue";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Account, self.account.unwrap_or(0))
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let maker = work.viewer.in_person()?;
        let account = self.account.ok_or_else(Error::id_not_found)?;
        if account == maker {
            return Err(Error::Forbidden(message!("nobody does this to himself")));
        }
        find_for(work, account, Right::Reset).await?;
        one_time::keep(work.app, work.tx, account, OneTimePurpose::PasswordReset, Some(maker), &self.token).await?;
        Ok(Done::of(AuditObject::Account, account, unit_of(work.tx, account).await?))
    }
}
