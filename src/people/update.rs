//! `accountUpdate`: what a person changes about himself.

use entity::account::Model;
use entity::enums::AuditObject;
use serde::Serialize;

use crate::access::Caller;
use crate::account::password::{Proof, prepared};
use crate::account::{self, Attempt, Trying, email_key, hold, phone_key};
use crate::app::App;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result};
use crate::store::{RowLock, Tx};
use crate::text::{self, message};

/// What is `None` stays; an address that is blank goes.
#[derive(Serialize)]
pub struct AccountUpdate {
    /// The account that asks.
    pub account: i64,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub consent: Option<bool>,
    /// The present password, for whoever has one and changes an address: a reset by mail goes there.
    #[serde(skip)]
    pub current_password: Option<String>,
    /// Held by whoever changes an address: see [`AccountUpdate::admitted`].
    #[serde(skip)]
    pub held: Held,
}

/// What changing an address was let in by.
#[derive(Default)]
pub struct Held {
    attempt: Option<Attempt>,
    proof: Option<Proof>,
}

impl Command for AccountUpdate {
    const NAME: &'static str = "accountUpdate";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Account, self.account)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let tx = work.tx;
        let me = work.viewer.in_person()?;
        let before = hold(tx, me, RowLock::Update).await?.ok_or(Error::Unauthenticated)?;
        let after = self.changed(&before)?;
        for (column, old, new) in [("email", &before.email, &after.email), ("phone", &before.phone, &after.phone)] {
            if let Some(new) = new.as_ref().filter(|new| old.as_ref() != Some(new)) {
                self.check_free(tx, column, new).await?;
            }
        }
        if before.email.is_some() | before.phone.is_some() && after.email.is_none() && after.phone.is_none() {
            self.check_other_way_in(tx, me).await?;
        }
        if moved(&before, &after) {
            Proof::check(work.app, tx, me, self.held.proof.as_ref()).await?;
        }
        self.write(tx, &after).await?;
        if let Some(attempt) = &self.held.attempt {
            account::settle(work.app, tx, attempt).await?;
        }
        Ok(Done::of(AuditObject::Account, me, after.unit_id)
            .personal(me, "displayName", Some(before.display_name), Some(after.display_name))
            .personal(me, "email", before.email, after.email)
            .personal(me, "phone", before.phone, after.phone)
            .field("consent", Some(before.consent), Some(after.consent)))
    }
}

impl AccountUpdate {
    /// The same, let in: that an address is taken says that somebody has it, and nobody shall try one after the other. And whoever
    /// has a password knows it: a session that somebody else holds for minutes must not move the address that resets go to.
    ///
    /// # Errors
    /// REQUIRED and WRONG_CREDENTIALS for `currentPassword`; neither is kept under an idempotency key.
    pub async fn admitted(mut self, app: &App, caller: &Caller) -> Result<AccountUpdate> {
        if self.email.is_some() || self.phone.is_some() {
            self.held = match self.hold(app, caller).await {
                Ok(held) => held,
                Err(error) => return Err(account::refused(app, caller, Self::NAME, Some(self.account), error).await),
            };
        }
        Ok(self)
    }

    async fn hold(&self, app: &App, caller: &Caller) -> Result<Held> {
        let Ok(me) = caller.viewer.in_person() else { return Ok(Held::default()) };
        let tx = app.store.read().await?;
        let before = account::with_contact(&tx, caller.viewer, &[me]).await?.remove(&me);
        drop(tx);
        // What is wrong with the addresses themselves is told by the command.
        let moves =
            before.is_some_and(|before| self.changed(&before.row).is_ok_and(|after| moved(&before.row, &after)));
        if !moves {
            return Ok(Held::default());
        }
        let attempt = account::admit(app, Trying::Address, &format!("account {me}"), caller.address).await?;
        let proof = Proof::of(app, caller, me, self.current_password.as_deref()).await?;
        Ok(Held { attempt: Some(attempt), proof })
    }

    /// The account as it would be.
    fn changed(&self, before: &Model) -> Result<Model> {
        let mut faults = Faults::default();
        let mut after = before.clone();
        if let Some(name) = &self.display_name {
            after.display_name = faults.take(text::line("displayName", name, 200)).unwrap_or_default();
        }
        let given = |text: &Option<String>| text.as_ref().filter(|text| !text.trim().is_empty()).cloned();
        if self.email.is_some() {
            after.email = faults.take(given(&self.email).map(|text| email_key(&text)).transpose()).flatten();
        }
        if self.phone.is_some() {
            after.phone = faults.take(given(&self.phone).map(|text| phone_key(&text)).transpose()).flatten();
        }
        after.consent = self.consent.unwrap_or(before.consent);
        // What no password can be is wrong, needed or not.
        if self.current_password.as_deref().is_some_and(|password| prepared(password).is_none()) {
            let message = message!("the present password is wrong");
            faults.add(ErrorCode::WrongCredentials, "currentPassword", message);
        }
        faults.finish()?;
        Ok(after)
    }

    async fn check_free(&self, tx: &Tx, column: &str, address: &str) -> Result<()> {
        let mut sql = tx.sql(format!("SELECT id FROM account WHERE {column} = "));
        let address = sql.bind(address);
        sql.push(&address);
        if tx.ids(sql).await?.is_empty() {
            return Ok(());
        }
        Err(Error::user(ErrorCode::CodeNotAvailable, column, message!("this address or number cannot be had")))
    }

    /// Whoever signs in with a password needs a name to sign in with.
    async fn check_other_way_in(&self, tx: &Tx, me: i64) -> Result<()> {
        let mut sql = tx.sql("SELECT account_id AS id FROM account_password WHERE account_id = ");
        let me = sql.bind(me);
        sql.push(&me);
        if tx.ids(sql).await?.is_empty() {
            return Ok(());
        }
        let message = message!("whoever signs in with a password keeps an e-mail address or a phone number");
        Err(Error::user(ErrorCode::Required, if self.email.is_some() { "email" } else { "phone" }, message))
    }

    async fn write(&self, tx: &Tx, after: &Model) -> Result<()> {
        tx.update::<entity::account::Entity>(after, &[]).await?;
        // What the inviter wrote down gives way to what the person says himself.
        for (column, said) in [("email", &self.email), ("phone", &self.phone)] {
            if said.is_some() {
                let mut sql = tx.sql(format!("UPDATE invitation SET {column} = NULL WHERE account_id = "));
                let me = sql.bind(after.id);
                sql.push(&me);
                tx.run(sql).await?;
            }
        }
        Ok(())
    }
}

/// Whether an address becomes another one, or goes.
fn moved(before: &Model, after: &Model) -> bool {
    before.email != after.email || before.phone != after.phone
}
